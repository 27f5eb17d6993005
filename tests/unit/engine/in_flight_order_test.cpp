#include "calypte/in_flight_order.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "engine/order_id_waiters.hpp"
#include "unit/engine/order_test_support.hpp"

namespace calypte::engine::order_test {
namespace {

InFlightOrder new_order() { return InFlightOrder(intent()); }

struct Answers {
  std::vector<std::string> texts;
};

Task await_id(const InFlightOrder& order, Duration limit, std::string name, std::shared_ptr<Answers> answers) {
  auto awaitable = order.get_exchange_order_id(limit);
  auto id = co_await awaitable;
  answers->texts.push_back(name + "=" + (id ? id->value : std::string(to_string(id.status().code()))));
}

TEST(InFlightOrder, IF_01_states_and_their_flags) {
  using S = OrderState;
  for (const S live : {S::pending_create, S::open, S::partially_filled, S::pending_cancel}) {
    const InFlightOrder order(intent(), live);
    EXPECT_TRUE(order.is_open()) << to_string(live);
    EXPECT_FALSE(order.is_done()) << to_string(live);
    EXPECT_FALSE(order.is_failure()) << to_string(live);
  }
  for (const S end : {S::canceled, S::failed, S::filled, S::expired}) {
    const InFlightOrder order(intent(), end);
    EXPECT_FALSE(order.is_open()) << to_string(end);
    EXPECT_TRUE(order.is_done()) << to_string(end);
    EXPECT_EQ(order.is_filled(), end == S::filled);
    EXPECT_EQ(order.is_cancelled(), end == S::canceled);
    EXPECT_EQ(order.is_expired(), end == S::expired);
    EXPECT_EQ(order.is_failure(), end != S::filled);
  }
  InFlightOrder order = new_order();
  EXPECT_FALSE(order.get_exchange_order_id().await_ready());
  order.update_exchange_order_id(kVenueId);
  EXPECT_TRUE(order.get_exchange_order_id().await_ready());
}

TEST(InFlightOrder, IF_02_average_executed_price) {
  InFlightOrder order = new_order();
  EXPECT_FALSE(order.average_executed_price());
  TradeUpdate t = trade("1", 100);
  t.fill_price = "0.5"_dec;
  ASSERT_TRUE(order.apply(t));
  EXPECT_EQ(order.average_executed_price(), "0.5"_dec);
  t = trade("2", 300);
  t.fill_price = "1"_dec;
  ASSERT_TRUE(order.apply(t));
  EXPECT_EQ(order.average_executed_price(), "0.875"_dec);
}

TEST(InFlightOrder, average_price_of_long_numbers_does_not_overflow) {
  InFlightOrder order = new_order();
  TradeUpdate t = trade("1", 1);
  t.fill_price = "12345.123456789012345678"_dec;
  t.fill_base_amount = "0.123456789012345678"_dec;
  ASSERT_TRUE(order.apply(t));
  const auto mean = order.average_executed_price();
  ASSERT_TRUE(mean);
  EXPECT_LT((*mean - t.fill_price).abs(), "0.0000001"_dec);
}

TEST(InFlightOrder, cumulative_fee_is_the_sum_or_a_failure) {
  InFlightOrder order = new_order();
  ASSERT_TRUE(order.apply(trade("1", 10)));
  ASSERT_TRUE(order.apply(trade("2", 20)));
  const auto fee = order.cumulative_fee_paid("HBOT");
  ASSERT_TRUE(fee.ok());
  EXPECT_EQ(*fee, "0.5"_dec);
  TradeUpdate foreign = trade("3", 1);
  foreign.fee.flat_fees = {{"XYZ", 1}};
  ASSERT_TRUE(order.apply(foreign));
  EXPECT_FALSE(order.cumulative_fee_paid("HBOT").ok());
}

TEST(InFlightOrder, IF_03_venue_id_wakes_all_waiters_in_order) {
  auto answers = std::make_shared<Answers>();
  {
    OrderTracker tracker;
    ASSERT_TRUE(tracker.start_tracking_order(new_order()).ok());
    tracker.on_time(at(0));
    await_id(*tracker.fetch_order(kId), std::chrono::milliseconds{50}, "short", answers);
    await_id(*tracker.fetch_order(kId), std::chrono::seconds{10}, "long", answers);
    EXPECT_EQ(tracker.next_wakeup(), at(50));
    tracker.on_time(at(49));
    EXPECT_TRUE(answers->texts.empty());
    tracker.on_time(at(50));
    EXPECT_EQ(answers->texts, std::vector<std::string>{"short=outcome unknown"});
    tracker.process_order_update(report(OrderState::open), at(60));
    EXPECT_EQ(answers->texts.back(), "long=EOID1");
    await_id(*tracker.fetch_order(kId), std::chrono::seconds{10}, "after", answers);
    EXPECT_EQ(answers->texts.back(), "after=EOID1");
    tracker.on_time(at(20'000));
  }
  EXPECT_EQ(answers->texts.size(), 3U);
}

TEST(InFlightOrder, IF_03_outside_a_tracker_the_update_wakes) {
  InFlightOrder order = new_order();
  auto answers = std::make_shared<Answers>();
  await_id(order, std::chrono::seconds{1}, "a", answers);
  const InFlightOrder copy = order;
  await_id(copy, std::chrono::seconds{1}, "b", answers);
  EXPECT_TRUE(answers->texts.empty());
  order.update_exchange_order_id(kVenueId);
  EXPECT_EQ(answers->texts, (std::vector<std::string>{"a=EOID1", "b=EOID1"}));
}

TEST(InFlightOrder, waiters_hear_of_the_end_of_the_order_and_of_the_tracker) {
  auto answers = std::make_shared<Answers>();
  {
    OrderTracker tracker;
    ASSERT_TRUE(tracker.start_tracking_order(new_order()).ok());
    ASSERT_TRUE(tracker.start_tracking_order(InFlightOrder(intent("OID2"))).ok());
    await_id(*tracker.fetch_order(kId), std::chrono::seconds{10}, "failed", answers);
    await_id(*tracker.fetch_order(ClientOrderId("OID2")), std::chrono::seconds{10}, "stopped", answers);
    tracker.process_order_refused(kId, Status(StatusCode::rejected, "no"), at(1));
    EXPECT_EQ(answers->texts, std::vector<std::string>{"failed=rejected"});
  }
  EXPECT_EQ(answers->texts.back(), "stopped=denied");
}

TEST(InFlightOrder, a_waiter_outlives_the_order_and_a_destroyed_waiter_is_forgotten) {
  auto answers = std::make_shared<Answers>();
  auto order = std::make_unique<InFlightOrder>(intent());
  await_id(*order, std::chrono::seconds{10}, "a", answers);
  {
    const auto awaitable = std::make_unique<ExchangeOrderIdAwaitable>(order->waiters().wait(), std::chrono::seconds{1});
    awaitable->await_suspend(std::noop_coroutine());
  }
  order.reset();
  EXPECT_EQ(answers->texts, std::vector<std::string>{"a=denied"});
}

/// A strategy that acts inside its continuation: the tracker has finished the fact by then.
Task cancel_when_known(OrderTracker& tracker, std::shared_ptr<Answers> answers) {
  auto awaitable = tracker.fetch_order(kId)->get_exchange_order_id(std::chrono::seconds{1});
  auto id = co_await awaitable;
  answers->texts.push_back(names(tracker.events()));
  tracker.process_cancel_accepted(kId, at(5));
  answers->texts.push_back(std::string(to_string(tracker.fetch_order(kId)->state())));
}

TEST(InFlightOrder, waiters_resume_after_the_fact_and_may_call_the_tracker) {
  OrderTracker tracker;
  ASSERT_TRUE(tracker.start_tracking_order(new_order()).ok());
  auto answers = std::make_shared<Answers>();
  cancel_when_known(tracker, answers);
  await_id(*tracker.fetch_order(kId), std::chrono::seconds{1}, "second", answers);
  tracker.process_order_update(report(OrderState::open), at(2));
  EXPECT_EQ(answers->texts, (std::vector<std::string>{"Created", "PENDING_CANCEL", "second=EOID1"}));
}

TEST(InFlightOrder, IF_08_to_limit_order) {
  InFlightOrder order = new_order();
  ASSERT_TRUE(order.apply(trade("1", 250)));
  const LimitOrder limit = order.to_limit_order();
  EXPECT_EQ(limit.client_order_id, kId);
  EXPECT_EQ(limit.trading_pair, kPair);
  EXPECT_TRUE(limit.is_buy);
  EXPECT_EQ(limit.base_currency, "COINALPHA");
  EXPECT_EQ(limit.quote_currency, "HBOT");
  EXPECT_EQ(limit.price, "1.5"_dec);
  EXPECT_EQ(limit.quantity, Decimal(1000));
  EXPECT_EQ(limit.filled_quantity, Decimal(250));
  EXPECT_EQ(limit.creation_timestamp_us, 1'640'001'112'000'000);
  EXPECT_EQ(limit.status, LimitOrderStatus::unknown);
}

TEST(InFlightOrder, IF_09_update_of_another_order_is_rejected) {
  InFlightOrder order = open_order();
  const InFlightOrder before = order;
  EXPECT_FALSE(order.apply(report(OrderState::canceled, 1, ExchangeOrderId("other"), ClientOrderId("other"))));
  EXPECT_FALSE(order.apply(report(OrderState::canceled, 1, std::nullopt, std::nullopt)));
  EXPECT_FALSE(order.apply(trade("1", 1, 2, ClientOrderId("other"), ExchangeOrderId("other"))));
  EXPECT_EQ(order, before);
  EXPECT_TRUE(order.apply(report(OrderState::canceled, 1, kVenueId, ClientOrderId("other")))) << "one id suffices";
}

TEST(InFlightOrder, IF_10_open_update) {
  InFlightOrder order = new_order();
  EXPECT_TRUE(order.apply(report(OrderState::open, 77)));
  EXPECT_EQ(order.state(), OrderState::open);
  EXPECT_TRUE(order.is_open());
  EXPECT_EQ(order.executed_amount_base(), Decimal(0));
  EXPECT_EQ(order.executed_amount_quote(), Decimal(0));
  EXPECT_EQ(order.last_update_time(), at(77));
  EXPECT_FALSE(order.apply(report(OrderState::open, 78))) << "repeated";
}

TEST(InFlightOrder, IF_11_status_updates_leave_fills_alone) {
  InFlightOrder order = new_order();
  OrderUpdate partial = report(OrderState::partially_filled);
  partial.executed_amount_base = Decimal(400);
  EXPECT_TRUE(order.apply(partial));
  EXPECT_TRUE(order.is_open());
  EXPECT_EQ(order.executed_amount_base(), Decimal(0));
  EXPECT_EQ(order.venue_executed_amount_base(), Decimal(400));
  EXPECT_TRUE(order.apply(report(OrderState::filled, 2)));
  EXPECT_TRUE(order.is_done());
  EXPECT_TRUE(order.order_fills().empty());
  EXPECT_EQ(order.executed_amount_base(), Decimal(0));
}

TEST(InFlightOrder, IF_12_update_brings_the_venue_id) {
  InFlightOrder order = new_order();
  auto answers = std::make_shared<Answers>();
  await_id(order, std::chrono::seconds{1}, "a", answers);
  EXPECT_TRUE(order.apply(report(OrderState::pending_create)));
  EXPECT_EQ(order.exchange_order_id(), kVenueId);
  EXPECT_EQ(answers->texts, std::vector<std::string>{"a=EOID1"});
  EXPECT_TRUE(order.order_fills().empty());
}

TEST(InFlightOrder, IF_13_fill_with_a_percentage_fee) {
  InFlightOrder order = new_order();
  TradeUpdate t = trade("T1", 500, 9);
  t.fee = TradeFee{};
  t.fee.percent = "0.01"_dec;
  t.fee.percent_token = "HBOT";
  EXPECT_TRUE(order.apply(t));
  EXPECT_EQ(order.executed_amount_base(), Decimal(500));
  EXPECT_EQ(order.executed_amount_quote(), Decimal(750));
  EXPECT_EQ(order.last_update_time(), at(9));
  ASSERT_TRUE(order.order_fills().contains(TradeId("T1")));
  EXPECT_EQ(order.order_fills().at(TradeId("T1")), t);
}

TEST(InFlightOrder, IF_14_duplicate_fill) {
  InFlightOrder order = new_order();
  EXPECT_TRUE(order.apply(trade("T1", 500)));
  EXPECT_FALSE(order.apply(trade("T1", 500)));
  EXPECT_EQ(order.executed_amount_base(), Decimal(500));
  EXPECT_FALSE(order.apply(trade("T2", 0)));
  EXPECT_FALSE(order.apply(trade("T3", -1)));
}

TEST(InFlightOrder, IF_15_two_fills_complete_the_amount_not_the_state) {
  InFlightOrder order = new_order();
  ASSERT_TRUE(order.apply(trade("T1", 500)));
  EXPECT_FALSE(order.is_filled());
  TradeUpdate second = trade("T2", 500);
  second.fill_price = "0.5"_dec;
  second.fill_quote_amount = Decimal(250);
  ASSERT_TRUE(order.apply(second));
  EXPECT_EQ(order.executed_amount_base(), order.amount());
  EXPECT_EQ(order.executed_amount_quote(), Decimal(1000));
  EXPECT_TRUE(order.is_filled());
  EXPECT_TRUE(order.is_completely_filled());
  EXPECT_EQ(order.state(), OrderState::pending_create);
  EXPECT_EQ(order.average_executed_price(), Decimal(1));
}

TEST(InFlightOrder, IF_16_fill_does_not_change_the_venue_id) {
  InFlightOrder order = new_order();
  EXPECT_TRUE(order.apply(trade("T1", 500)));
  EXPECT_FALSE(order.exchange_order_id());
}

TEST(InFlightOrder, id_history_is_bounded) {
  InFlightOrder order = new_order();
  for (int i = 0; i < 100; ++i) order.update_exchange_order_id(ExchangeOrderId(std::to_string(i)));
  EXPECT_EQ(order.exchange_order_ids().size(), 64U);
  EXPECT_EQ(order.exchange_order_id(), ExchangeOrderId("99"));
}

}  // namespace
}  // namespace calypte::engine::order_test
