#include "calypte/events.hpp"

#include <gtest/gtest.h>
#include <set>

namespace calypte {
namespace {

template <std::size_t... I>
std::vector<Event> one_of_each(std::index_sequence<I...>) {
  return {Event(std::in_place_index<I>)...};
}
const auto kAll = one_of_each(std::make_index_sequence<std::variant_size_v<Event>>());

TEST(Events, every_event_has_its_own_name_and_a_line_that_begins_with_it) {
  std::set<std::string_view> names;
  for (const Event& e : kAll) {
    names.insert(event_name(e));
    EXPECT_EQ(describe(e).rfind(std::string(event_name(e)) + " ", 0), 0U) << describe(e);
  }
  EXPECT_EQ(names.size(), std::variant_size_v<Event>);
  EXPECT_EQ(event_name(OrderFilledEvent{}), "OrderFilledEvent");
  EXPECT_EQ(event_name(BuyOrderCreatedEvent{}), "BuyOrderCreatedEvent");
}

TEST(Events, say_of_which_order_they_are_and_whether_they_end_it) {
  OrderCancelledEvent cancelled;
  cancelled.order_id = ClientOrderId("cal-7");
  const Event event = cancelled;
  ASSERT_NE(order_of(event), nullptr);
  EXPECT_EQ(order_of(event)->value, "cal-7");
  EXPECT_EQ(order_of(Event(BalanceEvent{})), nullptr);
  EXPECT_EQ(order_of(Event(UnmatchedFillEvent{})), nullptr) << "whose it is is not known";
  std::set<std::string_view> endings;
  for (const Event& e : kAll) {
    if (ends_order(e)) endings.insert(event_name(e));
  }
  EXPECT_EQ(endings,
            (std::set<std::string_view>{"BuyOrderCompletedEvent", "SellOrderCompletedEvent", "OrderCancelledEvent",
                                        "OrderExpiredEvent", "MarketOrderFailureEvent"}));
}

TEST(Events, fill_is_described) {
  OrderFilledEvent e;
  e.order_id = ClientOrderId("cal-1");
  e.trading_pair = "BTC-USDT"_pair;
  e.trade_type = TradeType::sell;
  e.price = "43250.10"_dec;
  e.amount = "0.5"_dec;
  e.trade_fee.flat_fees = {{"USDT", "0.01"_dec}};
  e.exchange_trade_id = TradeId("t9");
  EXPECT_EQ(describe(e),
            "OrderFilledEvent id=cal-1 price=43250.10 amount=0.5 side=SELL pair=BTC-USDT trade=t9 fee=0.01:USDT "
            "role=taker");
  e.is_taker = false;
  e.late = true;
  e.overfill = true;
  e.leverage = 5;
  e.position = PositionAction::close;
  e.trade_fee = {
      .kind = TradeFee::Kind::added_to_cost, .percent = "0.001"_dec, .percent_token = "BNB", .flat_fees = {}};
  EXPECT_EQ(describe(e),
            "OrderFilledEvent id=cal-1 price=43250.10 amount=0.5 side=SELL pair=BTC-USDT trade=t9 fee_fraction=0.001 "
            "fee_token=BNB role=maker position=CLOSE leverage=5 late overfill");
}

TEST(Events, order_events_are_described) {
  BuyOrderCreatedEvent created;
  created.order_id = ClientOrderId("c1");
  created.trading_pair = "BTC-USDT"_pair;
  created.amount = 2;
  EXPECT_EQ(describe(created), "BuyOrderCreatedEvent id=c1 amount=2 type=LIMIT pair=BTC-USDT");
  created.price = 100;
  created.exchange_order_id = ExchangeOrderId("77");
  EXPECT_EQ(describe(created), "BuyOrderCreatedEvent id=c1 price=100 amount=2 type=LIMIT pair=BTC-USDT exchange_id=77");

  SellOrderCompletedEvent completed;
  completed.order_id = ClientOrderId("c1");
  completed.base_asset = "BTC";
  completed.quote_asset = "USDT";
  completed.base_asset_amount = 2;
  completed.quote_asset_amount = 200;
  completed.incomplete = true;
  EXPECT_EQ(describe(completed),
            "SellOrderCompletedEvent id=c1 base_amount=2 quote_amount=200 base=BTC quote=USDT incomplete");

  OrderCancelledEvent cancelled;
  cancelled.order_id = ClientOrderId("c1");
  EXPECT_EQ(describe(cancelled), "OrderCancelledEvent id=c1");
  cancelled.reason = FailureReason::would_take;
  cancelled.message = "POST_ONLY";
  EXPECT_EQ(describe(cancelled), "OrderCancelledEvent id=c1 reason=would_take message=POST_ONLY");

  MarketOrderFailureEvent failure;
  failure.order_id = ClientOrderId("c1");
  failure.venue_code = "306";
  failure.error_message = "no \"funds\"";
  EXPECT_EQ(describe(failure),
            "MarketOrderFailureEvent id=c1 code=rejected reason=rejected_by_venue venue_code=306 "
            "message=\"no \\\"funds\\\"\"");

  OrderOutcomeUnknownEvent unknown{.order_id = ClientOrderId("c1"), .evidence = "HTTP 502"};
  EXPECT_EQ(describe(unknown), "OrderOutcomeUnknownEvent id=c1 evidence=\"HTTP 502\"");
  EXPECT_EQ(describe(OrderOutcomeResolvedEvent{.order_id = ClientOrderId("c1"), .state = OrderState::canceled}),
            "OrderOutcomeResolvedEvent id=c1 state=CANCELED");
}

TEST(Events, other_events_are_described) {
  EXPECT_EQ(describe(BalanceEvent{.asset = "BTC", .total = 2, .available = 1, .venue_time = {}}),
            "BalanceEvent asset=BTC total=2 available=1");
  EXPECT_EQ(describe(OrderBookStateEvent{
                .trading_pair = "A-B"_pair, .state = OrderBookState::stale, .reason = "gap after 7"}),
            "OrderBookStateEvent pair=A-B state=stale reason=\"gap after 7\"");
  EXPECT_EQ(describe(ReadyEvent{.ready = true}), "ReadyEvent ready=true");
  EXPECT_EQ(describe(ConnectorErrorEvent{.channel = "market: book", .status = Status(StatusCode::malformed, "bad")}),
            "ConnectorErrorEvent channel=\"market: book\" status=\"malformed: bad\"");
}

TEST(Events, a_line_stays_one_line_of_printable_characters) {
  OrderCancelledEvent e;
  e.order_id = ClientOrderId("a\nb\x01\x7f");
  e.message = "line\r\ntwo \xc3\xa9";
  EXPECT_EQ(describe(e), "OrderCancelledEvent id=\"a b  \" message=\"line  two \xc3\xa9\"");
}

TEST(Events, book_states_have_names) {
  EXPECT_EQ(to_string(OrderBookState::unsynced), "unsynced");
  EXPECT_EQ(to_string(OrderBookState::buffering), "buffering");
  EXPECT_EQ(to_string(OrderBookState::live), "live");
  EXPECT_EQ(to_string(OrderBookState::stale), "stale");
}

}  // namespace
}  // namespace calypte
