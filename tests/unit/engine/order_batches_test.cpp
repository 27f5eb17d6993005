// Several orders, or cancels, in one request: each has an outcome of its own.
#include <gtest/gtest.h>

#include "perpetual_world.hpp"

namespace calypte::engine {
namespace {

using namespace perpetual_test;
using Kind = venue::RequestOutcome::Kind;
using Ids = std::vector<ClientOrderId>;

struct BatchWorld : World {
  BatchWorld() {
    venue->table.orders.max_batch_create = 3;
    venue->table.orders.max_batch_cancel = 3;
    venue->table.orders.cancel_is_final = true;
    account.available["USDT"] = Decimal(1'000'000);
    start();
    pass(1s);
    EXPECT_TRUE(engine->ready());
    account.asked.clear();
  }
  static OrderIntent intent(const Decimal& amount = 1) {
    return {.trading_pair = kBtc,
            .side = TradeType::buy,
            .amount = amount,
            .type = OrderType::limit,
            .price = Decimal(100),
            .options = {.position = PositionAction::open}};
  }
  Ids place(std::size_t count) {
    const std::vector<OrderIntent> intents(count, intent());
    return engine->place_orders(intents);
  }
  /// The sizes of the batches that were asked for, 1 for an order on its own.
  [[nodiscard]] std::vector<std::size_t> sizes() const {
    std::vector<std::size_t> result;
    for (const auto& request : account.asked) {
      if (const auto* batch = std::get_if<venue::NewOrders>(&request)) result.push_back(batch->orders.size());
      if (const auto* batch = std::get_if<venue::CancelOrders>(&request)) result.push_back(batch->orders.size());
      if (std::holds_alternative<venue::NewOrder>(request) || std::holds_alternative<venue::CancelOrder>(request)) {
        result.push_back(1);
      }
    }
    return result;
  }
  template <typename E>
  [[nodiscard]] bool heard(const ClientOrderId& id) const {
    const auto all = told<E>();
    return std::any_of(all.begin(), all.end(), [&](const E& event) { return event.order_id == id; });
  }
};

TEST(OrderBatches, orders_placed_together_share_requests_as_large_as_the_venue_takes) {
  BatchWorld w;
  const auto ids = w.place(5);
  ASSERT_EQ(ids.size(), 5U);
  EXPECT_TRUE(w.account.asked.empty());
  w.run();
  EXPECT_EQ(w.sizes(), (std::vector<std::size_t>{3, 2}));
  const auto& first = std::get<venue::NewOrders>(w.account.asked[0]).orders;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(first[i].client_order_id, ids[i]);
  for (const auto& id : ids) EXPECT_TRUE(w.heard<BuyOrderCreatedEvent>(id));
}

TEST(OrderBatches, what_is_denied_is_left_out_and_one_that_is_left_goes_alone) {
  BatchWorld w;
  const std::vector<OrderIntent> intents{BatchWorld::intent(), BatchWorld::intent(Decimal(-1)), BatchWorld::intent(),
                                         BatchWorld::intent(), BatchWorld::intent()};
  const auto ids = w.engine->place_orders(intents);
  w.run();
  EXPECT_EQ(w.sizes(), (std::vector<std::size_t>{3, 1}));
  EXPECT_TRUE(w.heard<MarketOrderFailureEvent>(ids[1]));
  for (const auto i : {0U, 2U, 3U, 4U}) EXPECT_TRUE(w.heard<BuyOrderCreatedEvent>(ids[i])) << i;
}

TEST(OrderBatches, a_venue_without_such_a_request_gets_each_alone) {
  BatchWorld w;
  w.venue->table.orders.max_batch_create = 1;
  (void)w.place(3);
  w.run();
  EXPECT_EQ(w.sizes(), (std::vector<std::size_t>{1, 1, 1}));
}

TEST(OrderBatches, each_order_has_its_own_outcome_and_one_that_is_not_named_is_unknown) {
  BatchWorld w;
  w.account.place_batch = [](const venue::NewOrders& r, venue::Records& out) {
    venue::OrderReport report;
    report.symbol = r.orders[0].symbol;
    report.update.client_order_id = r.orders[0].client_order_id;
    report.update.exchange_order_id = ExchangeOrderId("V1");
    report.update.new_state = OrderState::open;
    out.add(report);
    out.add(venue::OrderOutcome{r.orders[1].client_order_id, Status(StatusCode::rejected, "no margin")});
  };
  const auto ids = w.place(3);
  w.hold = [](std::string_view name) { return name == "private: query order"; };
  w.run();
  EXPECT_TRUE(w.heard<BuyOrderCreatedEvent>(ids[0]));
  EXPECT_TRUE(w.heard<MarketOrderFailureEvent>(ids[1]));
  EXPECT_TRUE(w.heard<OrderOutcomeUnknownEvent>(ids[2]));
  EXPECT_FALSE(w.heard<MarketOrderFailureEvent>(ids[2]));
  EXPECT_FALSE(w.heard<OrderOutcomeUnknownEvent>(ids[0]));
}

TEST(OrderBatches, a_batch_whose_outcome_is_unknown_leaves_each_unknown_and_one_that_failed_for_certain_fails_each) {
  for (const auto kind : {Kind::unknown, Kind::not_sent}) {
    BatchWorld w;
    w.hold = [](std::string_view) { return true; };
    const auto ids = w.place(3);
    w.run();
    ASSERT_EQ(w.held.size(), 1U);
    w.release(kind);
    for (const auto& id : ids) {
      EXPECT_EQ(w.heard<OrderOutcomeUnknownEvent>(id), kind == Kind::unknown);
      EXPECT_EQ(w.heard<MarketOrderFailureEvent>(id), kind == Kind::not_sent);
    }
  }
}

TEST(OrderBatches, an_order_can_be_taken_out_of_a_batch_that_has_not_left) {
  BatchWorld w;
  auto ids = w.place(3);
  EXPECT_TRUE(w.engine->cancel(ids[1]).ok());
  w.run();
  ASSERT_EQ(w.sizes(), (std::vector<std::size_t>{2}));
  const auto& sent = std::get<venue::NewOrders>(w.account.asked[0]).orders;
  EXPECT_EQ(sent[0].client_order_id, ids[0]);
  EXPECT_EQ(sent[1].client_order_id, ids[2]);
  EXPECT_TRUE(w.heard<OrderCancelledEvent>(ids[1]));
  EXPECT_FALSE(w.heard<OrderCancelledEvent>(ids[0]));

  w.account.asked.clear();
  ids = w.place(2);
  for (const auto& id : ids) EXPECT_TRUE(w.engine->cancel(id).ok());
  w.run();
  EXPECT_TRUE(w.sizes().empty()) << "nothing is left to be sent";
  for (const auto& id : ids) EXPECT_TRUE(w.heard<OrderCancelledEvent>(id));
}

TEST(OrderBatches, a_cancel_of_an_order_in_a_batch_on_its_way_waits_for_the_answer) {
  BatchWorld w;
  w.hold = [](std::string_view) { return true; };
  const auto ids = w.place(2);
  w.run();
  EXPECT_TRUE(w.engine->cancel(ids[0]).ok());
  w.run();
  EXPECT_EQ(w.held.size(), 1U) << "a cancel never overtakes its order";
  w.release();
  ASSERT_EQ(w.held.size(), 1U);
  EXPECT_EQ(w.held[0].second, "private: cancel order");
}

TEST(OrderBatches, cancels_of_one_symbol_share_a_request_and_each_has_its_own_outcome) {
  BatchWorld w;
  const auto ids = w.place(5);
  w.run();
  w.account.asked.clear();
  w.hold = [](std::string_view name) { return name == "private: cancel order" || name == "private: query order"; };
  w.account.cancel_batch = [](const venue::CancelOrders& r, venue::Records& out) {
    ASSERT_EQ(r.orders.size(), 3U);
    EXPECT_TRUE(r.orders[0].exchange_order_id);
    venue::OrderReport report;
    report.symbol = r.orders[0].symbol;
    report.update.exchange_order_id = r.orders[0].exchange_order_id;
    report.update.new_state = OrderState::canceled;
    out.add(report);
    out.add(venue::OrderOutcome{r.orders[1].client_order_id, Status(StatusCode::rejected, "no")});
  };
  for (const auto& status : w.engine->cancel_orders(Ids(ids.begin(), ids.begin() + 4))) EXPECT_TRUE(status.ok());
  w.run();
  EXPECT_EQ(w.sizes(), (std::vector<std::size_t>{3}));
  ASSERT_FALSE(w.held.empty());
  EXPECT_EQ(w.held[0].second, "private: cancel order") << "the fourth goes alone";
  EXPECT_TRUE(w.heard<OrderCancelledEvent>(ids[0]));
  EXPECT_TRUE(w.heard<OrderCancelFailedEvent>(ids[1]));
  EXPECT_TRUE(w.heard<OrderCancelFailedEvent>(ids[2])) << "not named in the answer";
  EXPECT_FALSE(w.engine->order(ids[1])->is_done());
  EXPECT_FALSE(w.engine->order(ids[2])->is_done());
  EXPECT_FALSE(w.heard<OrderCancelledEvent>(ids[3]));
  EXPECT_TRUE(w.engine->order(ids[4])->is_open());
}

TEST(OrderBatches, cancel_all_uses_batches_and_reports_each) {
  BatchWorld w;
  const auto ids = w.place(3);
  w.run();
  w.account.asked.clear();
  w.account.cancel_batch = [](const venue::CancelOrders& r, venue::Records& out) {
    for (const auto& order : r.orders) out.add(venue::OrderOutcome{order.client_order_id, Status()});
  };
  std::vector<CancellationResult> results;
  w.engine->cancel_all(10s, [&](auto r) { results = std::move(r); });
  w.run();
  EXPECT_EQ(w.sizes(), (std::vector<std::size_t>{3}));
  ASSERT_EQ(results.size(), 3U);
  for (const auto& result : results) EXPECT_EQ(result.outcome, CancellationOutcome::succeeded);
  for (const auto& id : ids) EXPECT_TRUE(w.heard<OrderCancelledEvent>(id));
}

// --- Fills by symbol
// --------------------------------------------------------------------------------------------------

TEST(FillsBySymbol, a_sweep_asks_for_each_followed_pair_and_each_pair_with_orders) {
  World w({kBtc});
  w.venue->table.orders.fills_need_symbol = true;
  w.start();
  w.pass(1s);
  ASSERT_TRUE(w.engine->ready());
  const auto symbols = [&] {
    std::vector<std::string> result;
    for (const auto& request : w.account.asked) {
      if (const auto* fills = std::get_if<venue::QueryFills>(&request)) {
        result.push_back(fills->symbol ? fills->symbol->value : "none");
      }
    }
    return result;
  };
  for (const auto& symbol : symbols()) EXPECT_EQ(symbol, "BTCUSDT");
  ASSERT_FALSE(symbols().empty());
  EXPECT_TRUE(w.engine->add_trading_pair(kEth).ok());
  w.run();
  w.account.asked.clear();
  w.pass(10s);
  EXPECT_TRUE(w.engine->sweep_soon());
  w.run();
  EXPECT_EQ(symbols(), (std::vector<std::string>{"BTCUSDT", "ETHUSDT"}));
  const auto* fills = w.account.last<venue::QueryFills>();
  ASSERT_NE(fills, nullptr);
  EXPECT_EQ(fills->start, at(0s) - 60s) << "of a symbol that was never asked for, from our start on";
  // From now on each symbol is known until its own last answer.
  w.pass(10min);
  w.account.asked.clear();
  w.account.failing["private: query fills"] = Status(StatusCode::unavailable, "down");
  EXPECT_TRUE(w.engine->sweep_soon());
  w.run();
  EXPECT_EQ(symbols(), (std::vector<std::string>{"BTCUSDT"})) << "the others wait for the next sweep";
}

}  // namespace
}  // namespace calypte::engine
