#include "engine/positions.hpp"

#include <gtest/gtest.h>

namespace calypte::engine {
namespace {

using namespace std::chrono_literals;

const TradingPair kBtcContract = "BTC-USDT"_pair;
constexpr auto kNet = PositionSide::net;

Time time_after(Duration since) { return from_unix_ms(1'700'000'000'000) + since; }

venue::PositionReport report(const Decimal& amount, const Decimal& entry = 100, std::optional<Time> venue_time = {},
                             PositionSide side = kNet) {
  venue::PositionReport r;
  r.side = side;
  r.amount = amount;
  r.entry_price = entry;
  r.venue_time = venue_time;
  return r;
}

struct PositionsTest : ::testing::Test {
  void list(std::vector<venue::PositionReport> reports, Time asked, Duration took = 10ms, bool complete = true) {
    std::vector<Positions::Report> with_pair;
    for (auto& r : reports) with_pair.push_back({kBtcContract, r});
    positions.apply_rest(with_pair, complete, asked, asked + took);
  }
  void fill(std::string_view id, TradeType side, const Decimal& amount, Time happened, PositionSide of = kNet) {
    positions.add_fill(kBtcContract, of, side, TradeId(id), amount, happened);
  }
  template <typename T>
  std::vector<T> take() {
    std::vector<T> result;
    for (const auto& event : positions.events()) {
      if (const auto* found = std::get_if<T>(&event)) result.push_back(*found);
    }
    positions.events().clear();
    return result;
  }
  [[nodiscard]] Decimal amount(PositionSide side = kNet) const {
    const auto* position = positions.find(kBtcContract, side);
    return position == nullptr ? Decimal() : position->amount;
  }
  Positions positions;
};

TEST_F(PositionsTest, PT_01_a_fresh_account_has_no_positions) {
  EXPECT_TRUE(positions.all().empty());
  EXPECT_FALSE(positions.initialized());
  EXPECT_EQ(positions.amount_by_fills(kBtcContract, kNet), std::nullopt) << "not known is not zero";
}

TEST_F(PositionsTest, PT_02_a_position_is_found_by_its_pair) {
  positions.apply_stream(kBtcContract, report(-2, 90), time_after(0s));
  ASSERT_NE(positions.find(kBtcContract, kNet), nullptr);
  EXPECT_EQ(positions.find(kBtcContract, kNet)->amount, Decimal(-2));
  EXPECT_EQ(positions.find(kBtcContract, kNet)->entry_price, Decimal(90));
  EXPECT_EQ(positions.find("ETH-USDT"_pair, kNet), nullptr);
  EXPECT_TRUE(positions.holds(kBtcContract));
}

TEST_F(PositionsTest, PT_03_hedge_mode_keeps_both_sides_apart) {
  positions.apply_stream(kBtcContract, report(2, 100, {}, PositionSide::long_side), time_after(0s));
  positions.apply_stream(kBtcContract, report(-1, 110, {}, PositionSide::short_side), time_after(0s));
  EXPECT_EQ(amount(PositionSide::long_side), Decimal(2));
  EXPECT_EQ(amount(PositionSide::short_side), Decimal(-1));
  EXPECT_EQ(positions.all().size(), 2U);
  EXPECT_EQ(positions.find(kBtcContract, kNet), nullptr);
}

TEST_F(PositionsTest, tells_a_change_of_amount_or_entry_price_and_not_of_profit_alone) {
  positions.apply_stream(kBtcContract, report(1), time_after(0s));
  EXPECT_EQ(take<PositionChangedEvent>().size(), 1U);
  auto same = report(1);
  same.unrealized_profit = 7;
  positions.apply_stream(kBtcContract, same, time_after(1s));
  EXPECT_TRUE(take<PositionChangedEvent>().empty());
  EXPECT_EQ(positions.find(kBtcContract, kNet)->unrealized_profit, Decimal(7)) << "but it is known";
  positions.apply_stream(kBtcContract, report(1, 101), time_after(2s));
  EXPECT_EQ(take<PositionChangedEvent>().size(), 1U);
  positions.apply_stream(kBtcContract, report(0, 0), time_after(3s));
  const auto closed = take<PositionChangedEvent>();
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].amount, Decimal(0));
  EXPECT_EQ(positions.find(kBtcContract, kNet), nullptr);
}

TEST_F(PositionsTest, an_older_report_of_the_venue_changes_nothing) {
  positions.apply_stream(kBtcContract, report(2, 100, time_after(5s)), time_after(6s));
  positions.apply_stream(kBtcContract, report(1, 100, time_after(4s)), time_after(7s));
  EXPECT_EQ(amount(), Decimal(2));
  list({report(3, 100, time_after(3s))}, time_after(8s));
  EXPECT_EQ(amount(), Decimal(2)) << "a list from a part of the venue that lags behind";
}

TEST_F(PositionsTest, a_list_that_was_asked_for_before_a_push_does_not_undo_it) {
  positions.apply_stream(kBtcContract, report(2), time_after(5s));
  list({report(1)}, time_after(4s), 2s);
  EXPECT_EQ(amount(), Decimal(2));
  list({}, time_after(5s), 2s);
  EXPECT_EQ(amount(), Decimal(2)) << "nor does its absence from one that was asked for at the same moment";
  list({}, time_after(6s));
  EXPECT_EQ(amount(), Decimal(0));
  list({report(9)}, time_after(3s));
  EXPECT_EQ(amount(), Decimal(0)) << "an answer that comes late";
}

TEST_F(PositionsTest, a_list_that_is_not_complete_closes_nothing) {
  list({report(2)}, time_after(0s));
  list({}, time_after(1s), 10ms, false);
  EXPECT_EQ(amount(), Decimal(2));
  EXPECT_EQ(take<PositionChangedEvent>().size(), 1U);
}

TEST_F(PositionsTest, a_list_refreshes_the_profit_although_its_venue_time_is_that_of_the_last_trade) {
  positions.apply_stream(kBtcContract, report(2, 100, time_after(5s)), time_after(5s));
  auto listed = report(2, 100, time_after(4s));
  listed.unrealized_profit = 33;
  list({listed}, time_after(60s));
  EXPECT_EQ(positions.find(kBtcContract, kNet)->unrealized_profit, Decimal(33));
}

TEST_F(PositionsTest, leverage_belongs_to_the_contract) {
  positions.set_leverage(kBtcContract, 5);
  positions.apply_stream(kBtcContract, report(1), time_after(0s));
  EXPECT_EQ(positions.find(kBtcContract, kNet)->leverage, Decimal(5));
  positions.set_leverage(kBtcContract, 7);
  EXPECT_EQ(positions.find(kBtcContract, kNet)->leverage, Decimal(7));
}

TEST_F(PositionsTest, fills_add_up_from_the_first_list_and_count_once) {
  list({report(5)}, time_after(0s));
  fill("T1", TradeType::buy, 2, time_after(10s));
  fill("T1", TradeType::buy, 2, time_after(10s));
  fill("T2", TradeType::sell, 1, time_after(11s));
  EXPECT_EQ(positions.amount_by_fills(kBtcContract, kNet), Decimal(6));
  list({report(6)}, time_after(60s));
  list({report(6)}, time_after(120s));
  EXPECT_TRUE(take<PositionMismatchEvent>().empty());
}

TEST_F(PositionsTest, a_fill_from_before_the_first_list_is_in_it) {
  list({report(5)}, time_after(60s));
  fill("T1", TradeType::buy, 5, time_after(10s));
  EXPECT_EQ(positions.amount_by_fills(kBtcContract, kNet), Decimal(5));
}

TEST_F(PositionsTest, a_fill_of_the_very_moment_of_the_base_makes_the_next_list_the_base) {
  list({report(5)}, time_after(60s));
  fill("T1", TradeType::buy, 5, time_after(60s) + 5ms);
  EXPECT_EQ(positions.amount_by_fills(kBtcContract, kNet), std::nullopt) << "nobody knows whether the list holds it";
  list({report(10)}, time_after(120s));
  list({report(10)}, time_after(180s));
  EXPECT_EQ(positions.amount_by_fills(kBtcContract, kNet), Decimal(10));
  EXPECT_TRUE(take<PositionMismatchEvent>().empty());
}

TEST_F(PositionsTest, a_difference_that_two_sweeps_show_alike_is_a_mismatch_told_once) {
  list({}, time_after(0s));
  fill("T1", TradeType::buy, 1, time_after(30s));
  list({report(3)}, time_after(60s));
  EXPECT_TRUE(take<PositionMismatchEvent>().empty()) << "a fill may be on its way";
  list({report(3)}, time_after(120s));
  const auto told = take<PositionMismatchEvent>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].amount_by_fills, Decimal(1));
  EXPECT_EQ(told[0].amount_at_venue, Decimal(3));
  list({report(3)}, time_after(180s));
  list({report(3)}, time_after(240s));
  EXPECT_TRUE(take<PositionMismatchEvent>().empty()) << "the venue's amount counts from now on";
  EXPECT_EQ(positions.amount_by_fills(kBtcContract, kNet), Decimal(3));
}

TEST_F(PositionsTest, a_difference_with_something_heard_in_between_is_looked_at_once_more) {
  list({}, time_after(0s));
  list({report(3)}, time_after(60s));
  fill("T1", TradeType::buy, 3, time_after(50s));
  list({report(3)}, time_after(120s));
  EXPECT_TRUE(take<PositionMismatchEvent>().empty());
  EXPECT_EQ(positions.amount_by_fills(kBtcContract, kNet), Decimal(3));

  list({report(4)}, time_after(180s));
  positions.apply_stream(kBtcContract, report(5), time_after(190s));
  positions.apply_stream(kBtcContract, report(4), time_after(200s));
  list({report(4)}, time_after(240s));
  EXPECT_TRUE(take<PositionMismatchEvent>().empty()) << "the same difference, but the position moved";
  list({report(4)}, time_after(300s));
  EXPECT_EQ(take<PositionMismatchEvent>().size(), 1U);
}

TEST_F(PositionsTest, a_position_that_was_pushed_while_the_list_was_under_way_is_compared_by_the_next) {
  list({}, time_after(0s));
  list({report(1)}, time_after(60s));
  positions.apply_stream(kBtcContract, report(1), time_after(120s));
  list({report(1)}, time_after(119s), 2s);
  EXPECT_TRUE(take<PositionMismatchEvent>().empty());
}

TEST_F(PositionsTest, more_positions_than_there_is_room_for_are_dropped) {
  for (std::size_t i = 0; i <= Positions::kMaxPositions; ++i) {
    positions.apply_stream(TradingPair::from_assets("C" + std::to_string(i), "USDT"), report(1), time_after(0s));
  }
  EXPECT_EQ(positions.all().size(), Positions::kMaxPositions);
}

}  // namespace
}  // namespace calypte::engine
