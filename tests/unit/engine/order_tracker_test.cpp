#include "engine/order_tracker.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "support/event_sequence.hpp"
#include "unit/engine/order_test_support.hpp"

namespace calypte::engine::order_test {
namespace {

using S = OrderState;

class OrderTrackerTest : public ::testing::Test {
 protected:
  static OrderTrackerOptions options() { return {.not_found_span = Duration::zero()}; }
  void track(InFlightOrder order) { ASSERT_TRUE(tracker.start_tracking_order(std::move(order)).ok()); }
  void lose() {
    tracker.set_not_found_limit(1);
    tracker.process_order_not_found(kId, at(10));
    tracker.process_order_not_found(kId, at(11));
    ASSERT_NE(tracker.fetch_lost_order(kId), nullptr);
  }
  void TearDown() override { EXPECT_EQ(breaches(), std::vector<std::string>{}); }
  std::vector<std::string> breaches() { return test_support::check_event_sequence(tracker.events(), created_before); }

  LinesLog log;
  OrderTracker tracker{options(), log};
  std::set<ClientOrderId> created_before;
};

TEST_F(OrderTrackerTest, CT_01_start_tracking) {
  track(InFlightOrder(intent()));
  ASSERT_EQ(tracker.active_orders().size(), 1U);
  EXPECT_EQ(tracker.active_orders().front()->client_order_id(), kId);
  EXPECT_EQ(tracker.start_tracking_order(InFlightOrder(intent())).code(), StatusCode::denied);
}

TEST_F(OrderTrackerTest, CT_02_stop_tracking) {
  track(InFlightOrder(intent()));
  tracker.stop_tracking_order(kId, at(1));
  EXPECT_TRUE(tracker.active_orders().empty());
  EXPECT_NE(tracker.fetch_cached_order(kId), nullptr);
  EXPECT_TRUE(tracker.events().empty());
}

TEST_F(OrderTrackerTest, CT_03_cache_is_bounded_by_count) {
  for (int i = 0; i < 1001; ++i) {
    track(InFlightOrder(intent("o" + std::to_string(i))));
    tracker.stop_tracking_order(ClientOrderId("o" + std::to_string(i)), at(i));
  }
  EXPECT_EQ(tracker.cached_orders().size(), 1000U);
  EXPECT_EQ(tracker.fetch_order(ClientOrderId("o0")), nullptr);
  EXPECT_NE(tracker.fetch_order(ClientOrderId("o1")), nullptr);
}

TEST(OrderTracker, CT_04_and_CT_05_cache_is_bounded_by_life) {
  OrderTracker tracker({.cache_life = std::chrono::milliseconds{100}});
  ASSERT_TRUE(tracker.start_tracking_order(InFlightOrder(intent())).ok());
  tracker.stop_tracking_order(kId, at(0));
  EXPECT_EQ(tracker.next_wakeup(), at(100));
  tracker.on_time(at(99));
  EXPECT_NE(tracker.fetch_cached_order(kId), nullptr);
  tracker.on_time(at(200));
  EXPECT_EQ(tracker.fetch_cached_order(kId), nullptr);
  EXPECT_EQ(tracker.next_wakeup(), kNever);
}

TEST_F(OrderTrackerTest, CT_06_nothing_tracked_nothing_fetched) {
  EXPECT_EQ(tracker.fetch_tracked_order(kId), nullptr);
}

TEST_F(OrderTrackerTest, CT_07_a_tracked_order_is_fetched) {
  track(open_order());
  ASSERT_NE(tracker.fetch_tracked_order(kId), nullptr);
  EXPECT_EQ(*tracker.fetch_tracked_order(kId), open_order());
}

TEST_F(OrderTrackerTest, CT_08_an_active_order_is_not_in_the_cache) {
  EXPECT_EQ(tracker.fetch_cached_order(kId), nullptr);
  track(open_order());
  EXPECT_EQ(tracker.fetch_cached_order(kId), nullptr);
}

TEST_F(OrderTrackerTest, CT_09_a_stopped_order_is_in_the_cache) {
  track(open_order());
  tracker.stop_tracking_order(kId, at(1));
  ASSERT_NE(tracker.fetch_cached_order(kId), nullptr);
  EXPECT_EQ(*tracker.fetch_cached_order(kId), open_order());
  EXPECT_EQ(tracker.fetch_tracked_order(kId), nullptr);
}

TEST_F(OrderTrackerTest, CT_10_fetch_by_client_order_id) {
  track(open_order());
  EXPECT_EQ(tracker.fetch_order(kId), tracker.fetch_tracked_order(kId));
}

TEST_F(OrderTrackerTest, CT_11_fetch_by_exchange_order_id) {
  track(open_order());
  ASSERT_NE(tracker.fetch_order(kVenueId), nullptr);
  EXPECT_EQ(tracker.fetch_order(kVenueId), tracker.fetch_tracked_order(kId));
}

TEST_F(OrderTrackerTest, CT_12_an_absent_id_matches_nothing) {
  track(InFlightOrder(intent("OID2")));
  EXPECT_EQ(tracker.fetch_order(ClientOrderId("unknown")), nullptr);
  EXPECT_EQ(tracker.fetch_order(ExchangeOrderId("")), nullptr);
}

TEST_F(OrderTrackerTest, CT_13_report_without_ids) {
  track(InFlightOrder(intent()));
  tracker.process_order_update(report(S::canceled, 1, std::nullopt, std::nullopt), at(1));
  EXPECT_EQ(log.count(LogLevel::error), 1);
  EXPECT_TRUE(tracker.events().empty());
  EXPECT_EQ(tracker.fetch_tracked_order(kId)->state(), S::pending_create);
}

TEST_F(OrderTrackerTest, CT_14_report_for_an_unknown_order) {
  tracker.process_order_update(report(S::open), at(1));
  ASSERT_EQ(log.lines.size(), 1U);
  EXPECT_EQ(log.lines[0].level, LogLevel::debug);
  EXPECT_NE(log.lines[0].text.find("not tracked"), std::string::npos);
  EXPECT_TRUE(tracker.events().empty());
}

TEST_F(OrderTrackerTest, CT_15_creation_event) {
  track(InFlightOrder(intent()));
  tracker.process_order_update(report(S::open, 5), at(7));
  EXPECT_EQ(tracker.fetch_tracked_order(kId)->state(), S::open);
  ASSERT_EQ(names(tracker.events()), "Created");
  const auto& created = std::get<BuyOrderCreatedEvent>(tracker.events()[0]);
  EXPECT_EQ(created.timestamp, at(7));
  EXPECT_EQ(created.venue_time, at(5));
  EXPECT_EQ(created.amount, Decimal(1000));
  EXPECT_EQ(created.price, "1.5"_dec);
  EXPECT_EQ(created.trading_pair, kPair);
  EXPECT_EQ(created.type, OrderType::limit);
  EXPECT_EQ(created.order_id, kId);
  EXPECT_EQ(created.exchange_order_id, kVenueId);
  EXPECT_EQ(created.creation_timestamp, at(0));
  EXPECT_EQ(log.count(LogLevel::info), 1);
}

TEST_F(OrderTrackerTest, CT_16_creation_event_by_venue_id_only) {
  InFlightOrder order(intent("OID1", TradeType::sell));
  order.update_exchange_order_id(kVenueId);
  track(std::move(order));
  tracker.process_order_update(report(S::open, 1, kVenueId, std::nullopt), at(2));
  EXPECT_EQ(tracker.fetch_tracked_order(kId)->state(), S::open);
  ASSERT_EQ(names(tracker.events()), "Created");
  const auto& created = std::get<SellOrderCreatedEvent>(tracker.events()[0]);
  EXPECT_EQ(created.order_id, kId);
  EXPECT_EQ(created.exchange_order_id, kVenueId);
}

TEST_F(OrderTrackerTest, CT_17_pending_report_is_no_creation) {
  track(InFlightOrder(intent()));
  tracker.process_order_update(report(S::pending_create), at(1));
  EXPECT_EQ(tracker.fetch_tracked_order(kId)->exchange_order_id(), kVenueId);
  EXPECT_EQ(tracker.fetch_tracked_order(kId)->state(), S::pending_create);
  EXPECT_TRUE(tracker.events().empty());
  EXPECT_FALSE(tracker.is_acknowledged(kId));
}

TEST_F(OrderTrackerTest, CT_18_cancelled) {
  created_before = {kId};
  track(open_order());
  tracker.process_order_update(report(S::canceled), at(1));
  EXPECT_TRUE(tracker.active_orders().empty());
  EXPECT_EQ(tracker.cached_orders().size(), 1U);
  ASSERT_EQ(names(tracker.events()), "Cancelled");
  const auto& cancelled = std::get<OrderCancelledEvent>(tracker.events()[0]);
  EXPECT_EQ(cancelled.order_id, kId);
  EXPECT_EQ(cancelled.exchange_order_id, kVenueId);
  EXPECT_EQ(log.count(LogLevel::info), 1);
}

TEST_F(OrderTrackerTest, CT_19_failed) {
  created_before = {kId};
  track(open_order());
  OrderUpdate failed = report(S::failed);
  failed.reason = FailureReason::would_take;
  failed.message = "post only";
  tracker.process_order_update(failed, at(1));
  EXPECT_TRUE(tracker.active_orders().empty());
  EXPECT_EQ(tracker.cached_orders().size(), 1U);
  ASSERT_EQ(names(tracker.events()), "Failure");
  const auto& failure = std::get<MarketOrderFailureEvent>(tracker.events()[0]);
  EXPECT_EQ(failure.order_id, kId);
  EXPECT_EQ(failure.order_type, OrderType::limit);
  EXPECT_EQ(failure.reason, FailureReason::would_take);
  EXPECT_EQ(failure.error_message, "post only");
  EXPECT_EQ(log.count(LogLevel::info), 1);
}

TEST_F(OrderTrackerTest, CT_20_filled_without_fills_completes_incomplete_after_the_limit) {
  created_before = {kId};
  track(open_order());
  tracker.process_order_update(report(S::partially_filled), at(1));
  tracker.process_order_update(report(S::filled, 2), at(1000));
  EXPECT_TRUE(tracker.events().empty());
  EXPECT_EQ(count_questions(tracker, OrderQuestion::Kind::fills), 1) << "asked at once";
  tracker.questions().clear();
  EXPECT_EQ(tracker.next_wakeup(), at(3500));
  tracker.on_time(at(3500));
  EXPECT_EQ(count_questions(tracker, OrderQuestion::Kind::fills), 1) << "asked again at half of the limit";
  EXPECT_EQ(tracker.next_wakeup(), at(6000));
  tracker.on_time(at(5999));
  EXPECT_TRUE(tracker.events().empty());
  tracker.on_time(at(6000));
  ASSERT_EQ(names(tracker.events()), "Completed?");
  EXPECT_EQ(tracker.fetch_cached_order(kId)->state(), S::filled);
  EXPECT_EQ(std::get<BuyOrderCompletedEvent>(tracker.events()[0]).base_asset_amount, Decimal(0));
}

TEST_F(OrderTrackerTest, CT_21_fill_with_a_flat_fee) {
  created_before = {kId};
  track(open_order());
  log.lines.clear();
  tracker.process_trade_update(trade("T1", 500, 3), TradeType::buy, at(9));
  ASSERT_EQ(names(tracker.events()), "Filled");
  const auto& filled = std::get<OrderFilledEvent>(tracker.events()[0]);
  EXPECT_EQ(filled.order_id, kId);
  EXPECT_EQ(filled.price, "1.5"_dec);
  EXPECT_EQ(filled.amount, Decimal(500));
  EXPECT_EQ(filled.quote_amount, Decimal(750));
  EXPECT_EQ(filled.trade_fee.flat_fees, (std::vector<TokenAmount>{{"HBOT", "0.25"_dec}}));
  EXPECT_EQ(filled.timestamp, at(9));
  EXPECT_EQ(filled.venue_time, at(3));
  EXPECT_EQ(filled.exchange_trade_id, TradeId("T1"));
  EXPECT_EQ(log.count(LogLevel::info), 1);
}

TEST_F(OrderTrackerTest, CT_22_full_fill_does_not_end_tracking) {
  created_before = {kId};
  track(open_order());
  tracker.process_trade_update(trade("T1", 1000), TradeType::buy, at(2));
  EXPECT_EQ(names(tracker.events()), "Filled");
  ASSERT_NE(tracker.fetch_tracked_order(kId), nullptr);
  EXPECT_TRUE(tracker.fetch_tracked_order(kId)->is_filled());
  EXPECT_EQ(count_questions(tracker, OrderQuestion::Kind::state), 0);
  tracker.on_time(at(5002));
  EXPECT_EQ(count_questions(tracker, OrderQuestion::Kind::state), 1) << "no status came: ask for it";
  tracker.process_order_update(report(S::filled, 6000), at(6000));
  EXPECT_EQ(names(tracker.events()), "Filled Completed");
  EXPECT_TRUE(tracker.active_orders().empty());
}

TEST_F(OrderTrackerTest, CT_23_open_then_full_fill) {
  track(InFlightOrder(intent()));
  tracker.process_order_update(report(S::open), at(1));
  EXPECT_EQ(tracker.fetch_tracked_order(kId)->state(), S::open);
  EXPECT_TRUE(tracker.fetch_tracked_order(kId)->order_fills().empty());
  tracker.process_trade_update(trade("T1", 1000), TradeType::buy, at(2));
  EXPECT_EQ(tracker.active_orders().size(), 1U);
  EXPECT_TRUE(tracker.cached_orders().empty());
  EXPECT_EQ(names(tracker.events()), "Created Filled");
}

TEST_F(OrderTrackerTest, CT_24_not_found_of_an_unknown_order) {
  tracker.process_order_not_found(kId, at(1));
  ASSERT_EQ(log.lines.size(), 1U);
  EXPECT_EQ(log.lines[0].level, LogLevel::debug);
  EXPECT_TRUE(tracker.events().empty());
}

TEST_F(OrderTrackerTest, CT_25_not_found_below_the_limit) {
  track(open_order());
  tracker.process_order_not_found(kId, at(1));
  EXPECT_NE(tracker.fetch_tracked_order(kId), nullptr);
  EXPECT_EQ(tracker.not_found_count(kId), 1U);
}

TEST_F(OrderTrackerTest, CT_26_not_found_above_the_limit) {
  created_before = {kId};
  track(open_order());
  lose();
  EXPECT_EQ(tracker.fetch_tracked_order(kId), nullptr);
  ASSERT_EQ(names(tracker.events()), "Failure");
  const auto& failure = std::get<MarketOrderFailureEvent>(tracker.events()[0]);
  EXPECT_EQ(failure.reason, FailureReason::lost);
  EXPECT_EQ(failure.code, StatusCode::order_not_found);
}

TEST_F(OrderTrackerTest, CT_27_restore_registers_open_orders_and_lost_ones) {
  std::vector<std::string> states;
  for (const S s : {S::open, S::canceled, S::filled, S::failed}) {
    states.push_back(InFlightOrder(intent("o" + std::to_string(static_cast<int>(s))), s).to_json());
  }
  EXPECT_TRUE(tracker.restore_tracking_states(states, at(1)).ok());
  ASSERT_EQ(tracker.active_orders().size(), 1U);
  EXPECT_EQ(tracker.active_orders()[0]->client_order_id(), ClientOrderId("o1"));
  EXPECT_TRUE(tracker.cached_orders().empty());
  ASSERT_EQ(tracker.lost_orders().size(), 1U);
  EXPECT_EQ(tracker.lost_orders()[0]->client_order_id(), ClientOrderId("o6"));
  EXPECT_EQ(tracker.tracking_states().size(), 2U);
  EXPECT_TRUE(tracker.events().empty());
}

TEST_F(OrderTrackerTest, CT_28_completion_waits_for_the_fills) {
  track(InFlightOrder(intent()));
  tracker.process_order_update(report(S::filled, 2), at(2));
  tracker.process_order_update(report(S::open, 1), at(3));
  ASSERT_NE(tracker.fetch_tracked_order(kId), nullptr);
  EXPECT_FALSE(tracker.fetch_tracked_order(kId)->is_done());
  EXPECT_FALSE(tracker.fetch_tracked_order(kId)->is_filled());
  EXPECT_EQ(names(tracker.events()), "Created");
  tracker.process_trade_update(trade("T1", 1000, 2), TradeType::buy, at(40));
  ASSERT_EQ(names(tracker.events()), "Created Filled Completed");
  EXPECT_EQ(std::get<OrderFilledEvent>(tracker.events()[1]).venue_time, at(2));
  const auto& completed = std::get<BuyOrderCompletedEvent>(tracker.events()[2]);
  EXPECT_EQ(completed.base_asset_amount, Decimal(1000));
  EXPECT_EQ(completed.quote_asset_amount, Decimal(1500));
  EXPECT_EQ(completed.base_asset, "COINALPHA");
  EXPECT_EQ(completed.exchange_order_id, kVenueId);
  EXPECT_EQ(tracker.fetch_cached_order(kId)->state(), S::filled);
  tracker.on_time(at(10'000));
  EXPECT_EQ(tracker.events().size(), 3U);
}

TEST_F(OrderTrackerTest, CT_29_lost_orders) {
  created_before = {kId};
  track(open_order());
  tracker.set_not_found_limit(1);
  tracker.process_order_not_found(kId, at(1));
  EXPECT_TRUE(tracker.lost_orders().empty());
  tracker.process_order_not_found(kId, at(2));
  ASSERT_EQ(tracker.lost_orders().size(), 1U);
  EXPECT_TRUE(tracker.lost_orders()[0]->is_failure());
}

TEST_F(OrderTrackerTest, CT_30_CT_31_lost_orders_are_fillable_and_updatable) {
  created_before = {kId};
  track(open_order());
  lose();
  EXPECT_EQ(tracker.all_fillable_orders().size(), 1U);
  EXPECT_EQ(tracker.all_updatable_orders().size(), 1U);
  EXPECT_TRUE(tracker.cached_orders().empty());
  EXPECT_EQ(tracker.tracking_states().size(), 1U);
}

TEST_F(OrderTrackerTest, CT_32_CT_33_terminal_report_removes_a_lost_order_silently) {
  created_before = {kId};
  for (const S end : {S::filled, S::canceled, S::expired, S::failed}) {
    OrderTracker own(options());
    ASSERT_TRUE(own.start_tracking_order(open_order()).ok());
    own.set_not_found_limit(1);
    own.process_order_not_found(kId, at(1));
    own.process_order_not_found(kId, at(2));
    ASSERT_EQ(names(own.events()), "Failure");
    own.process_order_update(report(end, 3), at(3));
    EXPECT_TRUE(own.lost_orders().empty()) << to_string(end);
    EXPECT_TRUE(own.all_fillable_orders().empty());
    EXPECT_EQ(own.fetch_order(kId)->state(), S::failed);
    EXPECT_EQ(names(own.events()), "Failure");
  }
}

TEST_F(OrderTrackerTest, CT_34_live_reports_leave_it_lost) {
  created_before = {kId};
  track(open_order());
  lose();
  for (const S live : {S::open, S::partially_filled, S::pending_cancel}) {
    tracker.process_order_update(report(live, 20), at(20));
    ASSERT_NE(tracker.fetch_lost_order(kId), nullptr) << to_string(live);
    EXPECT_EQ(tracker.fetch_lost_order(kId)->state(), S::failed);
  }
  EXPECT_EQ(names(tracker.events()), "Failure");
}

TEST_F(OrderTrackerTest, CT_35_limit_reads_back) {
  tracker.set_not_found_limit(1);
  EXPECT_EQ(tracker.not_found_limit(), 1U);
  tracker.set_not_found_limit(2);
  EXPECT_EQ(tracker.not_found_limit(), 2U);
}

TEST_F(OrderTrackerTest, EX_34_EX_39_lost_order_fills_late_and_leaves_when_filled) {
  created_before = {kId};
  track(open_order());
  lose();
  tracker.process_trade_update(trade("T1", 1000, 20), TradeType::buy, at(20));
  EXPECT_EQ(names(tracker.events()), "Failure Filled~");
  EXPECT_NE(tracker.fetch_lost_order(kId), nullptr);
  tracker.process_order_update(report(S::filled, 21), at(21));
  EXPECT_EQ(tracker.fetch_lost_order(kId), nullptr);
  EXPECT_TRUE(tracker.fetch_order(kId)->is_filled());
  EXPECT_TRUE(tracker.fetch_order(kId)->is_failure());
  EXPECT_EQ(names(tracker.events()), "Failure Filled~");
}

TEST_F(OrderTrackerTest, EX_37_lost_order_that_is_not_found_again_is_settled) {
  created_before = {kId};
  track(open_order());
  lose();
  tracker.process_order_not_found(kId, at(12));
  EXPECT_TRUE(tracker.lost_orders().empty());
  EXPECT_TRUE(tracker.all_fillable_orders().empty());
  EXPECT_TRUE(tracker.fetch_order(kId)->is_failure());
  tracker.process_trade_update(trade("T1", 10, 13), TradeType::buy, at(13));
  EXPECT_EQ(names(tracker.events()), "Failure Filled~") << "a fill is a fill, whatever was said before";
}

TEST_F(OrderTrackerTest, order_limit_is_denied_not_dropped) {
  OrderTracker small({.order_limit = 1});
  EXPECT_TRUE(small.start_tracking_order(InFlightOrder(intent("a"))).ok());
  const Status status = small.start_tracking_order(InFlightOrder(intent("b")));
  EXPECT_EQ(status.code(), StatusCode::denied);
  EXPECT_EQ(status.reason(), FailureReason::queue_full);
  EXPECT_EQ(small.fetch_order(ClientOrderId("b")), nullptr);
}

TEST_F(OrderTrackerTest, evidence_is_bounded_and_keeps_the_beginning) {
  track(InFlightOrder(intent()));
  for (int i = 0; i < 500; ++i) tracker.process_order_update(report(S::open, i), at(i));
  const auto lines = tracker.evidence(kId);
  ASSERT_EQ(lines.size(), 65U);
  EXPECT_EQ(lines[0], "1640001112.000 reported OPEN, venue time 1640001112.000");
  EXPECT_EQ(lines[8], "(436 pieces are not kept)");
  EXPECT_EQ(lines.back(), "1640001112.499 reported OPEN, venue time 1640001112.499");
}

TEST_F(OrderTrackerTest, venue_ids_that_repeat_between_pairs_are_told_apart) {
  created_before = {kId, ClientOrderId("OID2")};
  track(open_order("OID1", "7"));
  InFlightOrder::Intent other = intent("OID2");
  other.trading_pair = "ETH-HBOT"_pair;
  InFlightOrder second(other, S::open);
  second.update_exchange_order_id(ExchangeOrderId("7"));
  track(std::move(second));
  OrderUpdate end = report(S::canceled, 1, ExchangeOrderId("7"), std::nullopt);
  tracker.process_order_update(end, at(1));
  EXPECT_EQ(tracker.fetch_tracked_order(kId), nullptr);
  EXPECT_NE(tracker.fetch_tracked_order(ClientOrderId("OID2")), nullptr);
}

}  // namespace
}  // namespace calypte::engine::order_test
