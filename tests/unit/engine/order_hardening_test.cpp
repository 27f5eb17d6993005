// Annex H of the conformance cases, as far as the tracker alone decides them.
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

#include "support/event_sequence.hpp"
#include "unit/engine/order_test_support.hpp"

namespace calypte::engine::order_test {
namespace {

using S = OrderState;

class OrderHardening : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(tracker.start_tracking_order(InFlightOrder(intent())).ok()); }
  void TearDown() override {
    EXPECT_EQ(test_support::check_event_sequence(tracker.events()), std::vector<std::string>{});
  }
  void reported(S state, std::int64_t ms, std::optional<Decimal> executed = std::nullopt) {
    OrderUpdate u = report(state, ms);
    u.executed_amount_base = executed;
    tracker.process_order_update(u, at(ms));
  }
  void filled(std::string id, Decimal amount, std::int64_t ms) {
    tracker.process_trade_update(trade(std::move(id), amount, ms), TradeType::buy, at(ms));
  }
  [[nodiscard]] std::string heard() { return names(tracker.events()); }
  [[nodiscard]] const InFlightOrder& order() const { return *tracker.fetch_order(kId); }
  [[nodiscard]] bool evidence_has(std::string_view text) const {
    for (const std::string& line : tracker.evidence(kId)) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }

  OrderTracker tracker;
};

TEST_F(OrderHardening, H_01_terminal_states_absorb) {
  for (const S end : {S::canceled, S::failed, S::expired, S::filled}) {
    OrderTracker own;
    ASSERT_TRUE(own.start_tracking_order(InFlightOrder(intent())).ok());
    own.process_order_update(report(S::open, 1), at(1));
    if (end == S::filled) own.process_trade_update(trade("1", 1000, 2), TradeType::buy, at(2));
    own.process_order_update(report(end, 3), at(3));
    const std::string before = names(own.events());
    for (const S late : {S::open, S::partially_filled, S::pending_cancel, end, S::canceled, S::filled, S::failed}) {
      own.process_order_update(report(late, 4), at(4));
      EXPECT_EQ(own.fetch_order(kId)->state(), end);
    }
    EXPECT_EQ(names(own.events()), before);
    EXPECT_EQ(test_support::check_event_sequence(own.events()), std::vector<std::string>{});
  }
  reported(S::open, 1);
}

TEST_F(OrderHardening, H_02_late_acknowledgement) {
  tracker.process_trade_update(trade("1", 1000, 1, kId, std::nullopt), TradeType::buy, at(1));
  tracker.process_order_update(report(S::filled, 2, std::nullopt), at(2));
  EXPECT_EQ(heard(), "Created Filled Completed");
  tracker.process_order_update(report(S::open, 1), at(3));
  reported(S::filled, 4);
  EXPECT_EQ(heard(), "Created Filled Completed");
  EXPECT_EQ(order().exchange_order_id(), kVenueId);
  EXPECT_EQ(tracker.fetch_order(kVenueId), &order());
}

TEST_F(OrderHardening, H_03_late_fill_after_cancel) {
  reported(S::open, 1);
  reported(S::canceled, 2);
  filled("1", 400, 3);
  reported(S::filled, 4);
  EXPECT_EQ(heard(), "Created Cancelled Filled~");
  EXPECT_EQ(order().state(), S::canceled);
  EXPECT_EQ(order().executed_amount_base(), Decimal(400));
  EXPECT_TRUE(evidence_has("conflict FILLED"));
}

TEST_F(OrderHardening, H_04_cancel_races_a_waiting_completion) {
  reported(S::open, 1);
  reported(S::filled, 2);
  reported(S::canceled, 3);
  EXPECT_EQ(heard(), "Created");
  filled("1", 600, 4);
  filled("2", 400, 5);
  EXPECT_EQ(heard(), "Created Filled Filled Completed");
  EXPECT_TRUE(evidence_has("conflict CANCELED"));
  EXPECT_EQ(order().executed_amount_base(), Decimal(1000));
}

TEST_F(OrderHardening, H_06_unknown_outcome_is_resolved_by_acceptance) {
  tracker.process_outcome_unknown(kId, "time-out after 10 s", at(1));
  tracker.process_outcome_unknown(kId, "HTTP 502", at(2));
  EXPECT_EQ(heard(), "Unknown");
  EXPECT_TRUE(tracker.outcome_is_unknown(kId));
  EXPECT_EQ(count_questions(tracker, OrderQuestion::Kind::state), 1);
  reported(S::open, 3);
  EXPECT_EQ(heard(), "Unknown Resolved Created");
  EXPECT_EQ(first<OrderOutcomeResolvedEvent>(tracker.events())->state, S::open);
  EXPECT_FALSE(tracker.outcome_is_unknown(kId));
  tracker.process_outcome_unknown(kId, "late doubt", at(4));
  EXPECT_EQ(heard(), "Unknown Resolved Created") << "an acknowledged order is not in doubt";
}

TEST_F(OrderHardening, H_06_unknown_outcome_ends_as_never_arrived) {
  tracker.process_outcome_unknown(kId, "cut", at(0));
  for (const int second : {1, 2, 3, 4, 5}) tracker.process_order_not_found(kId, at(second * 1000));
  EXPECT_EQ(heard(), "Unknown") << "above the limit, but within the span";
  tracker.process_order_not_found(kId, at(11'000));
  ASSERT_EQ(heard(), "Unknown Resolved Failure");
  const auto* failure = first<MarketOrderFailureEvent>(tracker.events());
  EXPECT_EQ(failure->reason, FailureReason::never_arrived);
  EXPECT_EQ(failure->code, StatusCode::order_not_found);
  EXPECT_TRUE(tracker.lost_orders().empty());
  reported(S::open, 12'000);
  EXPECT_EQ(heard(), "Unknown Resolved Failure");
  EXPECT_NE(tracker.fetch_lost_order(kId), nullptr) << "it lives after all: exposure that must not be forgotten";
}

TEST_F(OrderHardening, H_07_not_found_count_is_consecutive) {
  reported(S::open, 1);
  tracker.set_not_found_limit(3);
  for (int i = 1; i <= 3; ++i) tracker.process_order_not_found(kId, at(i * 10'000));
  EXPECT_EQ(tracker.not_found_count(kId), 3U);
  reported(S::open, 35'000);
  EXPECT_EQ(tracker.not_found_count(kId), 0U);
  for (int i = 4; i <= 6; ++i) tracker.process_order_not_found(kId, at(i * 10'000));
  EXPECT_NE(tracker.fetch_tracked_order(kId), nullptr);
  tracker.process_order_not_found(kId, at(70'000));
  EXPECT_EQ(heard(), "Created Failure");
  EXPECT_EQ(tracker.lost_orders().size(), 1U);
}

TEST_F(OrderHardening, an_order_whose_fills_are_complete_is_not_lost_when_the_venue_forgets_it) {
  reported(S::open, 1);
  filled("1", 1000, 2);
  for (int i = 1; i <= 5; ++i) tracker.process_order_not_found(kId, at(i * 10'000));
  EXPECT_EQ(heard(), "Created Filled Completed");
}

TEST_F(OrderHardening, H_08_lost_orders_stay) {
  reported(S::open, 1);
  for (int i = 1; i <= 4; ++i) tracker.process_order_not_found(kId, at(i * 10'000));
  ASSERT_NE(tracker.fetch_lost_order(kId), nullptr);
  tracker.process_cancel_failed(kId, Status(StatusCode::outcome_unknown, "time-out"), at(50'000));
  tracker.process_cancel_failed(kId, Status(StatusCode::unavailable, "503"), at(50'001));
  tracker.process_cancel_accepted(kId, at(50'002));
  tracker.process_outcome_unknown(kId, "cut", at(50'003));
  EXPECT_NE(tracker.fetch_lost_order(kId), nullptr);
  EXPECT_EQ(heard(), "Created Failure");
  EXPECT_TRUE(tracker.forget_lost_order(kId));
  EXPECT_FALSE(tracker.forget_lost_order(kId));
  EXPECT_TRUE(tracker.all_updatable_orders().empty());
}

TEST_F(OrderHardening, H_09_fill_known_only_by_venue_id) {
  tracker.process_trade_update(trade("1", 400, 1, std::nullopt), TradeType::buy, at(1));
  tracker.process_trade_update(trade("1", 400, 1, std::nullopt), TradeType::buy, at(2));
  EXPECT_TRUE(tracker.events().empty());
  reported(S::open, 3);
  EXPECT_EQ(heard(), "Created Filled");
  EXPECT_EQ(order().executed_amount_base(), Decimal(400));
  EXPECT_EQ(order().state(), S::partially_filled);
}

TEST_F(OrderHardening, H_09_fill_comes_before_the_ending_that_brings_the_id) {
  tracker.process_trade_update(trade("1", 400, 1, std::nullopt), TradeType::buy, at(1));
  reported(S::canceled, 3);
  EXPECT_EQ(heard(), "Created Filled Cancelled");
}

TEST_F(OrderHardening, H_09_unmatched_fill_is_reported_once_after_the_limit) {
  const TradeUpdate foreign = trade("9", 5, 1, ClientOrderId("web"), ExchangeOrderId("E9"));
  tracker.process_trade_update(foreign, TradeType::sell, at(1000));
  EXPECT_EQ(tracker.next_wakeup(), at(31'000));
  tracker.on_time(at(30'999));
  EXPECT_TRUE(tracker.events().empty());
  tracker.on_time(at(31'000));
  ASSERT_EQ(heard(), "Unmatched");
  const auto& unmatched = std::get<UnmatchedFillEvent>(tracker.events()[0]);
  EXPECT_EQ(unmatched.trade_type, TradeType::sell);
  EXPECT_EQ(unmatched.exchange_trade_id, TradeId("9"));
  EXPECT_EQ(unmatched.client_order_id, ClientOrderId("web"));
  tracker.process_trade_update(foreign, TradeType::sell, at(32'000));
  tracker.on_time(at(99'000));
  EXPECT_EQ(heard(), "Unmatched");
  ASSERT_TRUE(tracker.start_tracking_order(InFlightOrder(intent("web", TradeType::sell))).ok());
  tracker.process_trade_update(foreign, TradeType::sell, at(100'000));
  EXPECT_EQ(heard(), "Unmatched Created Filled") << "told again once its order is known";
}

TEST(OrderHardeningBounds, H_09_waiting_fills_are_bounded) {
  OrderTracker tracker({.unmatched_fill_count = 2});
  for (int i = 0; i < 3; ++i) {
    tracker.process_trade_update(trade(std::to_string(i), 1, 1, std::nullopt), TradeType::buy, at(i));
  }
  ASSERT_EQ(names(tracker.events()), "Unmatched");
  EXPECT_EQ(std::get<UnmatchedFillEvent>(tracker.events()[0]).exchange_trade_id, TradeId("0"));
}

TEST(OrderHardeningBounds, fill_that_came_before_tracking_is_attributed_by_our_id) {
  OrderTracker tracker;
  tracker.process_trade_update(trade("1", 10), TradeType::buy, at(1));
  ASSERT_TRUE(tracker.start_tracking_order(InFlightOrder(intent())).ok());
  EXPECT_EQ(tracker.next_wakeup(), at(1));
  tracker.on_time(at(1));
  EXPECT_EQ(names(tracker.events()), "Created Filled");
}

TEST(OrderHardeningBounds, an_empty_cache_forgets_at_once_and_harms_nothing) {
  OrderTracker tracker({.cache_size = 0});
  ASSERT_TRUE(tracker.start_tracking_order(InFlightOrder(intent())).ok());
  tracker.process_order_update(report(S::filled, 1), at(1));
  tracker.process_trade_update(trade("1", 1000), TradeType::buy, at(2));
  EXPECT_EQ(names(tracker.events()), "Created Filled Completed");
  EXPECT_EQ(tracker.fetch_order(kId), nullptr);
}

TEST_F(OrderHardening, H_10_overfill) {
  reported(S::open, 1);
  filled("1", 1000, 2);
  filled("2", 5, 3);
  EXPECT_EQ(heard(), "Created Filled Filled+");
  EXPECT_EQ(count_questions(tracker, OrderQuestion::Kind::state), 1);
}

TEST_F(OrderHardening, H_11_created_once_and_first) {
  const std::vector<std::vector<S>> sequences{{S::pending_cancel, S::open},
                                              {S::pending_cancel, S::partially_filled, S::open},
                                              {S::partially_filled, S::open},
                                              {S::open, S::open},
                                              {S::filled},
                                              {S::filled, S::open}};
  for (const auto& sequence : sequences) {
    for (std::size_t fill_at = 0; fill_at <= sequence.size(); ++fill_at) {
      OrderTracker own;
      ASSERT_TRUE(own.start_tracking_order(InFlightOrder(intent())).ok());
      for (std::size_t i = 0; i <= sequence.size(); ++i) {
        if (i == fill_at) own.process_trade_update(trade("1", 10), TradeType::buy, at(9));
        if (i < sequence.size()) own.process_order_update(report(sequence[i], 1), at(9));
      }
      EXPECT_EQ(names(own.events()), "Created Filled");
    }
  }
  for (const S end : {S::canceled, S::expired, S::failed}) {
    OrderTracker own;
    ASSERT_TRUE(own.start_tracking_order(InFlightOrder(intent())).ok());
    own.process_order_update(report(end, 1), at(1));
    EXPECT_EQ(own.events().size(), 1U) << "no evidence of acceptance: only the ending";
    OrderTracker executed;
    ASSERT_TRUE(executed.start_tracking_order(InFlightOrder(intent())).ok());
    OrderUpdate u = report(end, 1);
    u.executed_amount_base = Decimal(1);
    executed.process_order_update(u, at(1));
    EXPECT_EQ(executed.events().size(), 2U) << "it executed, so it was accepted";
  }
}

TEST_F(OrderHardening, H_12_completion_counts_what_the_venue_executed) {
  reported(S::filled, 1, Decimal(900));
  filled("1", 500, 2);
  EXPECT_EQ(heard(), "Created Filled");
  filled("2", 400, 3);
  EXPECT_EQ(heard(), "Created Filled Filled Completed");
  EXPECT_TRUE(order().is_completely_filled());
}

TEST_F(OrderHardening, H_12_missing_fill_makes_the_completion_incomplete_and_comes_late) {
  reported(S::open, 0);
  filled("1", 500, 1);
  reported(S::filled, 2, Decimal(1000));
  tracker.on_time(at(5002));
  EXPECT_EQ(heard(), "Created Filled Completed?");
  filled("2", 500, 9000);
  EXPECT_EQ(heard(), "Created Filled Completed? Filled~");
  EXPECT_EQ(order().executed_amount_base(), Decimal(1000));
}

TEST_F(OrderHardening, H_13_refusal_is_one_failure_with_its_reason) {
  tracker.process_order_refused(
      kId, Status(StatusCode::rejected, FailureReason::insufficient_balance, "not enough", "306"), at(1));
  ASSERT_EQ(heard(), "Failure");
  const auto& failure = std::get<MarketOrderFailureEvent>(tracker.events()[0]);
  EXPECT_EQ(failure.code, StatusCode::rejected);
  EXPECT_EQ(failure.reason, FailureReason::insufficient_balance);
  EXPECT_EQ(failure.venue_code, "306");
  EXPECT_EQ(failure.error_message, "not enough");
  EXPECT_TRUE(tracker.active_orders().empty());
  tracker.process_order_refused(kId, Status(StatusCode::rejected, "again"), at(2));
  EXPECT_EQ(heard(), "Failure");
}

TEST_F(OrderHardening, refusal_of_a_living_order_and_of_an_uncertain_outcome_end_nothing) {
  tracker.process_order_refused(kId, Status(StatusCode::outcome_unknown, "502"), at(1));
  EXPECT_EQ(heard(), "Unknown");
  reported(S::open, 2);
  tracker.questions().clear();
  tracker.process_order_refused(kId, Status(StatusCode::rejected, "duplicate"), at(3));
  EXPECT_EQ(heard(), "Unknown Resolved Created");
  EXPECT_EQ(count_questions(tracker, OrderQuestion::Kind::state), 1);
  EXPECT_TRUE(evidence_has("conflict"));
}

TEST_F(OrderHardening, H_17_cancel_failure_is_told_and_the_state_asked_for) {
  reported(S::open, 1);
  tracker.process_cancel_accepted(kId, at(2));
  EXPECT_EQ(order().state(), S::pending_cancel);
  tracker.process_cancel_failed(kId, Status(StatusCode::rejected, FailureReason::none, "too late", "316"), at(3));
  EXPECT_EQ(heard(), "Created CancelFailed");
  EXPECT_EQ(first<OrderCancelFailedEvent>(tracker.events())->status.venue_code(), "316");
  EXPECT_EQ(order().state(), S::open);
  EXPECT_EQ(count_questions(tracker, OrderQuestion::Kind::state), 1);
  tracker.process_cancel_failed(ClientOrderId("unknown"), Status(StatusCode::rejected, "x"), at(4));
  reported(S::canceled, 5);
  tracker.process_cancel_failed(kId, Status(StatusCode::rejected, "ended"), at(6));
  EXPECT_EQ(heard(), "Created CancelFailed Cancelled");
}

TEST_F(OrderHardening, H_17_doubtful_cancel_failure_leaves_the_cancel_pending) {
  reported(S::open, 1);
  tracker.process_cancel_accepted(kId, at(2));
  tracker.process_cancel_failed(kId, Status(StatusCode::outcome_unknown, "time-out"), at(3));
  EXPECT_EQ(order().state(), S::pending_cancel);
}

TEST(OrderHardeningBounds, H_18_H_19_restore) {
  InFlightOrder::Intent market = intent("market");
  market.price.reset();
  market.order_type = OrderType::market;
  InFlightOrder part = open_order("part", "E2");
  ASSERT_TRUE(part.apply(trade("T", 10, 1, ClientOrderId("part"))));
  const std::vector<std::string> states{InFlightOrder(market).to_json(), "{broken", part.to_json()};
  OrderTracker tracker;
  const Status status = tracker.restore_tracking_states(states, at(5));
  EXPECT_EQ(status.code(), StatusCode::malformed);
  EXPECT_NE(status.message().find("state 1"), std::string::npos);
  ASSERT_EQ(tracker.active_orders().size(), 2U);
  EXPECT_FALSE(tracker.fetch_tracked_order(ClientOrderId("market"))->price());
  EXPECT_TRUE(tracker.outcome_is_unknown(ClientOrderId("market")));
  EXPECT_EQ(count_questions(tracker, OrderQuestion::Kind::state), 2);
  EXPECT_EQ(names(tracker.events()), "Unknown");
  tracker.process_trade_update(trade("T", 10, 1, ClientOrderId("part")), TradeType::buy, at(6));
  EXPECT_EQ(names(tracker.events()), "Unknown") << "H-51: counted before the restart";
}

TEST_F(OrderHardening, H_47_venue_id_replaced) {
  reported(S::open, 1);
  tracker.process_order_update(report(S::open, 2, ExchangeOrderId("NEW")), at(2));
  EXPECT_EQ(order().exchange_order_id(), ExchangeOrderId("NEW"));
  tracker.process_trade_update(trade("1", 10, 3, std::nullopt, kVenueId), TradeType::buy, at(3));
  tracker.process_trade_update(trade("2", 20, 4, std::nullopt, ExchangeOrderId("NEW")), TradeType::buy, at(4));
  tracker.process_order_update(report(S::canceled, 5, kVenueId, std::nullopt), at(5));
  EXPECT_EQ(heard(), "Created Filled Filled Cancelled");
  EXPECT_EQ(order().executed_amount_base(), Decimal(30));
  EXPECT_EQ(order().exchange_order_id(), ExchangeOrderId("NEW"));
}

TEST_F(OrderHardening, H_48_expiry) {
  reported(S::open, 1);
  filled("1", 400, 2);
  reported(S::expired, 3);
  reported(S::expired, 3);
  EXPECT_EQ(heard(), "Created Filled Expired");
  EXPECT_EQ(order().executed_amount_base(), Decimal(400));
  EXPECT_TRUE(order().is_expired());
}

TEST_F(OrderHardening, H_49_pending_cancel_is_not_regressed) {
  reported(S::open, 1);
  reported(S::pending_cancel, 10);
  reported(S::open, 5);
  reported(S::open, 10);
  OrderUpdate timeless = report(S::open, 0);
  timeless.venue_time.reset();
  tracker.process_order_update(timeless, at(11));
  EXPECT_EQ(order().state(), S::pending_cancel);
  EXPECT_EQ(heard(), "Created");
  reported(S::open, 12);
  EXPECT_EQ(order().state(), S::open);
  EXPECT_EQ(heard(), "Created CancelFailed");
  reported(S::pending_cancel, 10);
  EXPECT_EQ(order().state(), S::open) << "an old acceptance is no news either";
}

TEST_F(OrderHardening, H_49_a_cancel_without_venue_time_is_not_undone_by_a_report_of_the_same_moment) {
  reported(S::open, 1);
  tracker.process_cancel_accepted(kId, at(10));
  reported(S::open, 11);  // on its way already, or stamped by a clock that runs ahead of ours
  EXPECT_EQ(order().state(), S::pending_cancel);
  EXPECT_EQ(heard(), "Created");
  reported(S::open, 6000);
  EXPECT_EQ(order().state(), S::open);
  EXPECT_EQ(heard(), "Created CancelFailed");
}

TEST_F(OrderHardening, H_51_duplicates_from_all_sources_count_once) {
  reported(S::open, 1);
  filled("1", 10, 2);
  tracker.process_trade_update(trade("1", 10, 2, std::nullopt), TradeType::buy, at(3));
  tracker.process_trade_update(trade("1", 10, 2, kId, std::nullopt), TradeType::buy, at(4));
  TradeUpdate no_pair = trade("1", 10, 2);
  no_pair.trading_pair = {};
  tracker.process_trade_update(no_pair, TradeType::buy, at(5));
  EXPECT_EQ(heard(), "Created Filled");
  // The same trade told for another order of the same side is the same trade.
  ASSERT_TRUE(tracker.start_tracking_order(InFlightOrder(intent("OID2"))).ok());
  tracker.process_trade_update(trade("1", 10, 2, ClientOrderId("OID2"), std::nullopt), TradeType::buy, at(6));
  EXPECT_EQ(heard(), "Created Filled");
  // Of the other side it is a trade of ours with ourselves: two executions.
  ASSERT_TRUE(tracker.start_tracking_order(InFlightOrder(intent("OID3", TradeType::sell))).ok());
  tracker.process_trade_update(trade("1", 10, 2, ClientOrderId("OID3"), std::nullopt), TradeType::sell, at(7));
  EXPECT_EQ(heard(), "Created Filled Created Filled");
}

TEST_F(OrderHardening, H_52_equal_fills_with_different_ids_are_two) {
  reported(S::open, 1);
  filled("1", 10, 2);
  filled("2", 10, 2);
  EXPECT_EQ(heard(), "Created Filled Filled");
  EXPECT_EQ(order().executed_amount_base(), Decimal(20));
}

TEST_F(OrderHardening, a_fill_without_trade_id_is_not_counted_but_asked_for) {
  reported(S::open, 1);
  filled("", 10, 2);
  EXPECT_EQ(heard(), "Created");
  EXPECT_EQ(count_questions(tracker, OrderQuestion::Kind::fills), 1);
}

TEST_F(OrderHardening, H_53_partial_fill_then_cancel_in_both_orders) {
  reported(S::open, 1);
  filled("1", 300, 2);
  reported(S::canceled, 4, Decimal(400));
  EXPECT_EQ(count_questions(tracker, OrderQuestion::Kind::fills), 1) << "the venue executed more than we know";
  filled("2", 100, 5);
  EXPECT_EQ(heard(), "Created Filled Cancelled Filled~");

  OrderTracker other;
  ASSERT_TRUE(other.start_tracking_order(InFlightOrder(intent())).ok());
  other.process_order_update(report(S::open, 1), at(1));
  other.process_trade_update(trade("1", 300, 2), TradeType::buy, at(2));
  other.process_trade_update(trade("2", 100, 3), TradeType::buy, at(3));
  OrderUpdate end = report(S::canceled, 4);
  end.executed_amount_base = Decimal(400);
  other.process_order_update(end, at(4));
  EXPECT_EQ(names(other.events()), "Created Filled Filled Cancelled");
  EXPECT_EQ(count_questions(other, OrderQuestion::Kind::fills), 0);
  EXPECT_EQ(other.fetch_order(kId)->executed_amount_base(), order().executed_amount_base());
  EXPECT_EQ(other.fetch_order(kId)->executed_amount_quote(), order().executed_amount_quote());
  EXPECT_EQ(other.fetch_order(kId)->state(), order().state());
}

TEST_F(OrderHardening, H_55_cancel_before_acknowledgement) {
  EXPECT_FALSE(tracker.is_acknowledged(kId));
  tracker.process_cancel_accepted(kId, at(1));
  EXPECT_EQ(order().state(), S::pending_cancel);
  EXPECT_TRUE(tracker.events().empty());
  reported(S::canceled, 2);
  EXPECT_EQ(heard(), "Cancelled");

  OrderTracker refused;
  ASSERT_TRUE(refused.start_tracking_order(InFlightOrder(intent())).ok());
  refused.process_order_refused(kId, Status(StatusCode::not_sent, "no connection"), at(1));
  refused.process_cancel_failed(kId, Status(StatusCode::order_not_found, "?"), at(2));
  EXPECT_EQ(names(refused.events()), "Failure");
  EXPECT_EQ(first<MarketOrderFailureEvent>(refused.events())->reason, FailureReason::connection);
}

TEST_F(OrderHardening, H_56_fill_and_acknowledgement_of_one_message) {
  filled("1", 10, 1);
  reported(S::open, 1);
  EXPECT_EQ(heard(), "Created Filled");
}

TEST(EventSequence, checker_finds_each_breach) {
  const auto check = [](std::vector<Event> events) { return test_support::check_event_sequence(events).empty(); };
  const ClientOrderId id("a");
  BuyOrderCreatedEvent created;
  created.order_id = id;
  OrderFilledEvent fill;
  fill.order_id = id;
  fill.amount = 1;
  fill.exchange_trade_id = TradeId("1");
  OrderFilledEvent late = fill;
  late.late = true;
  BuyOrderCompletedEvent completed;
  completed.order_id = id;
  completed.base_asset_amount = 1;
  OrderCancelledEvent cancelled;
  cancelled.order_id = id;
  const OrderOutcomeUnknownEvent unknown{{}, id, ""};
  const OrderOutcomeResolvedEvent resolved{{}, id, S::open};
  EXPECT_TRUE(check({created, fill, completed}));
  EXPECT_TRUE(check({unknown, resolved, created, cancelled, late}));
  EXPECT_FALSE(check({created, created}));
  EXPECT_FALSE(check({fill, created}));
  EXPECT_FALSE(check({created, fill, fill}));
  EXPECT_FALSE(check({created, late}));
  EXPECT_FALSE(check({created, cancelled, fill}));
  EXPECT_FALSE(check({created, completed}));
  EXPECT_FALSE(check({created, fill, completed, cancelled}));
  EXPECT_FALSE(check({created, cancelled, created}));
  EXPECT_FALSE(check({unknown, created}));
  EXPECT_FALSE(check({resolved}));
  OrderCancelledEvent early = cancelled;
  created.timestamp = at(1);
  EXPECT_FALSE(check({created, early})) << "time steps back";
}

}  // namespace
}  // namespace calypte::engine::order_test
