#include "sim/matching_engine.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>

#include "core/random.hpp"

namespace calypte::sim {
namespace {

EngineOrder limit(OrderId id, Side side, std::int64_t price, std::int64_t quantity, AccountId account = 0) {
  EngineOrder order;
  order.id = id;
  order.account = account;
  order.side = side;
  order.price = price;
  order.quantity = quantity;
  return order;
}

std::vector<Execution> executions(const MatchingEngine::Events& events) {
  std::vector<Execution> list;
  for (const EngineEvent& event : events) {
    if (const auto* each = std::get_if<Execution>(&event)) list.push_back(*each);
  }
  return list;
}

std::optional<Closed> closed(const MatchingEngine::Events& events, OrderId id) {
  for (const EngineEvent& event : events) {
    if (const auto* each = std::get_if<Closed>(&event); each != nullptr && each->order == id) return *each;
  }
  return std::nullopt;
}

TEST(MatchingEngine, best_price_first_then_the_oldest) {
  MatchingEngine engine;
  MatchingEngine::Events events;
  engine.submit(limit(1, Side::sell, 101, 5), events);
  engine.submit(limit(2, Side::sell, 100, 5), events);
  engine.submit(limit(3, Side::sell, 100, 5), events);
  events.clear();
  engine.submit(limit(4, Side::buy, 101, 12, 1), events);
  const auto list = executions(events);
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].maker, 2U);
  EXPECT_EQ(list[0].price, 100);
  EXPECT_EQ(list[1].maker, 3U);
  EXPECT_EQ(list[2].maker, 1U);
  EXPECT_EQ(list[2].price, 101);
  EXPECT_EQ(list[2].quantity, 2);
  EXPECT_EQ(list[2].maker_remaining, 3);
  EXPECT_EQ(list[2].taker_remaining, 0);
  EXPECT_EQ(closed(events, 4)->reason, CloseReason::filled);
  EXPECT_EQ(engine.best(Side::sell), 101);
  EXPECT_FALSE(engine.best(Side::buy).has_value());
}

TEST(MatchingEngine, a_remainder_rests_or_ends_by_its_time_in_force) {
  MatchingEngine engine;
  MatchingEngine::Events events;
  engine.submit(limit(1, Side::sell, 100, 5), events);
  EngineOrder ioc = limit(2, Side::buy, 100, 8);
  ioc.time_in_force = TimeInForce::immediate_or_cancel;
  engine.submit(ioc, events);
  EXPECT_EQ(closed(events, 2)->reason, CloseReason::not_filled);
  EXPECT_EQ(closed(events, 2)->remaining, 3);
  engine.submit(limit(3, Side::sell, 100, 5), events);
  engine.submit(limit(4, Side::buy, 100, 8), events);
  EXPECT_FALSE(closed(events, 4).has_value());
  EXPECT_TRUE(engine.rests(4));
  EXPECT_EQ(engine.best(Side::buy), 100);
}

TEST(MatchingEngine, fill_or_kill_fills_whole_or_leaves_the_book_untouched) {
  MatchingEngine engine;
  MatchingEngine::Events events;
  engine.submit(limit(1, Side::sell, 100, 5), events);
  engine.submit(limit(2, Side::sell, 102, 5), events);
  const std::uint64_t before = engine.version();
  events.clear();
  EngineOrder order = limit(3, Side::buy, 101, 6);
  order.time_in_force = TimeInForce::fill_or_kill;
  engine.submit(order, events);
  EXPECT_EQ(closed(events, 3)->reason, CloseReason::killed);
  EXPECT_EQ(engine.version(), before);
  order.id = 4;
  order.price = 102;
  events.clear();
  engine.submit(order, events);
  EXPECT_EQ(closed(events, 4)->reason, CloseReason::filled);
  EXPECT_EQ(executions(events).size(), 2U);
}

TEST(MatchingEngine, fill_or_kill_does_not_count_its_own_orders) {
  for (const auto rule : {SelfTradePrevention::cancel_maker, SelfTradePrevention::cancel_taker}) {
    MatchingEngine engine;
    MatchingEngine::Events events;
    engine.submit(limit(1, Side::sell, 100, 5, 7), events);
    engine.submit(limit(2, Side::sell, 100, 5, 8), events);
    EngineOrder order = limit(3, Side::buy, 100, 6, 7);
    order.time_in_force = TimeInForce::fill_or_kill;
    order.self_trade = rule;
    events.clear();
    engine.submit(order, events);
    EXPECT_EQ(closed(events, 3)->reason, CloseReason::killed);
    EXPECT_EQ(engine.order_count(), 2U);
  }
}

TEST(MatchingEngine, post_only_never_takes) {
  MatchingEngine engine;
  MatchingEngine::Events events;
  engine.submit(limit(1, Side::sell, 100, 5), events);
  EngineOrder order = limit(2, Side::buy, 100, 1);
  order.post_only = true;
  engine.submit(order, events);
  EXPECT_EQ(closed(events, 2)->reason, CloseReason::would_take);
  EXPECT_TRUE(executions(events).empty());
  order.id = 3;
  order.price = 99;
  engine.submit(order, events);
  EXPECT_TRUE(engine.rests(3));
}

TEST(MatchingEngine, self_trade_prevention_cancels_whom_it_names) {
  struct Row {
    SelfTradePrevention rule;
    bool maker_stays;
    bool taker_trades_on;
  };
  for (const Row& row :
       {Row{SelfTradePrevention::cancel_maker, false, true}, Row{SelfTradePrevention::cancel_taker, true, false},
        Row{SelfTradePrevention::cancel_both, false, false}}) {
    MatchingEngine engine;
    MatchingEngine::Events events;
    engine.submit(limit(1, Side::sell, 100, 5, 7), events);
    engine.submit(limit(2, Side::sell, 100, 5, 8), events);
    EngineOrder order = limit(3, Side::buy, 100, 5, 7);
    order.self_trade = row.rule;
    events.clear();
    engine.submit(order, events);
    EXPECT_EQ(engine.rests(1), row.maker_stays);
    EXPECT_EQ(executions(events).size(), row.taker_trades_on ? 1U : 0U);
    EXPECT_EQ(closed(events, 3)->reason, row.taker_trades_on ? CloseReason::filled : CloseReason::self_trade);
  }
}

TEST(MatchingEngine, a_budget_buys_whole_lots_only) {
  MatchingEngine engine;
  MatchingEngine::Events events;
  engine.submit(limit(1, Side::sell, 100, 3), events);
  engine.submit(limit(2, Side::sell, 110, 3), events);
  EngineOrder order = limit(3, Side::buy, 200, 1'000'000);
  order.time_in_force = TimeInForce::immediate_or_cancel;
  order.budget = 419;
  events.clear();
  engine.submit(order, events);
  const auto list = executions(events);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1].quantity, 1);  // 300 are spent, 119 buy one more at 110
  EXPECT_EQ(closed(events, 3)->reason, CloseReason::budget_spent);
}

TEST(MatchingEngine, only_a_reduction_keeps_the_place_in_the_queue) {
  MatchingEngine engine;
  MatchingEngine::Events events;
  engine.submit(limit(1, Side::sell, 100, 5), events);
  engine.submit(limit(2, Side::sell, 100, 5), events);
  EXPECT_TRUE(engine.amend(1, 100, 3, events));
  events.clear();
  engine.submit(limit(3, Side::buy, 100, 1), events);
  EXPECT_EQ(executions(events)[0].maker, 1U);
  EXPECT_TRUE(engine.amend(1, 100, 6, events));
  events.clear();
  engine.submit(limit(4, Side::buy, 100, 1), events);
  EXPECT_EQ(executions(events)[0].maker, 2U);
  EXPECT_FALSE(engine.amend(99, 100, 1, events));
}

/// The same market, written as plainly as possible: one list in the order of arrival, searched from front to end.
class NaiveBook {
 public:
  struct Row {
    OrderId id;
    Side side;
    std::int64_t price;
    std::int64_t remaining;
  };
  std::vector<Execution> submit(const EngineOrder& order) {
    std::vector<Execution> list;
    std::int64_t remaining = order.quantity;
    if (order.post_only && find(order) != rows_.end()) return list;
    if (order.time_in_force == TimeInForce::fill_or_kill && reachable(order) < order.quantity) return list;
    while (remaining > 0) {
      const auto maker = find(order);
      if (maker == rows_.end()) break;
      const std::int64_t quantity = std::min(remaining, maker->remaining);
      remaining -= quantity;
      maker->remaining -= quantity;
      list.push_back(
          Execution{maker->id, order.id, 0, 0, order.side, maker->price, quantity, maker->remaining, remaining});
      if (maker->remaining == 0) rows_.erase(maker);
    }
    if (remaining > 0 && order.time_in_force == TimeInForce::good_till_cancel) {
      rows_.push_back(Row{order.id, order.side, order.price, remaining});
    }
    return list;
  }
  bool cancel(OrderId id) {
    const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const Row& each) { return each.id == id; });
    if (row == rows_.end()) return false;
    rows_.erase(row);
    return true;
  }
  [[nodiscard]] std::map<std::int64_t, std::int64_t> depth(Side side) const {
    std::map<std::int64_t, std::int64_t> levels;
    for (const Row& row : rows_) {
      if (row.side == side) levels[row.price] += row.remaining;
    }
    return levels;
  }

 private:
  [[nodiscard]] static bool crosses(const EngineOrder& order, const Row& row) {
    return row.side != order.side && (order.side == Side::buy ? row.price <= order.price : row.price >= order.price);
  }
  std::vector<Row>::iterator find(const EngineOrder& order) {
    auto best = rows_.end();
    for (auto row = rows_.begin(); row != rows_.end(); ++row) {
      if (!crosses(order, *row)) continue;
      if (best == rows_.end() || (order.side == Side::buy ? row->price < best->price : row->price > best->price)) {
        best = row;
      }
    }
    return best;
  }
  [[nodiscard]] std::int64_t reachable(const EngineOrder& order) const {
    std::int64_t sum = 0;
    for (const Row& row : rows_) {
      if (crosses(order, row)) sum += row.remaining;
    }
    return sum;
  }
  std::vector<Row> rows_;
};

TEST(MatchingEngine, equals_the_naive_book_on_random_flows_and_is_never_crossed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    core::Random random(seed);
    MatchingEngine engine;
    NaiveBook naive;
    std::size_t trades = 0;
    for (OrderId id = 1; id <= 1000; ++id) {
      MatchingEngine::Events events;
      if (random.chance(1, 3)) {
        const OrderId target = 1 + random.below(id);
        ASSERT_EQ(engine.cancel(target, events), naive.cancel(target));
      } else {
        EngineOrder order =
            limit(id, random.chance(1, 2) ? Side::buy : Side::sell, 90 + static_cast<std::int64_t>(random.below(21)),
                  1 + static_cast<std::int64_t>(random.below(9)));
        order.post_only = random.chance(1, 8);
        if (random.chance(1, 6)) order.time_in_force = TimeInForce::immediate_or_cancel;
        if (random.chance(1, 6)) order.time_in_force = TimeInForce::fill_or_kill;
        engine.submit(order, events);
        const auto got = executions(events);
        const auto want = naive.submit(order);
        ASSERT_EQ(got.size(), want.size()) << "seed " << seed << " order " << id;
        for (std::size_t i = 0; i < got.size(); ++i) {
          ASSERT_EQ(got[i].maker, want[i].maker);
          ASSERT_EQ(got[i].price, want[i].price);
          ASSERT_EQ(got[i].quantity, want[i].quantity);
          ASSERT_EQ(got[i].maker_remaining, want[i].maker_remaining);
          ASSERT_EQ(got[i].taker_remaining, want[i].taker_remaining);
        }
        trades += got.size();
      }
      const auto bid = engine.best(Side::buy);
      const auto ask = engine.best(Side::sell);
      ASSERT_FALSE(bid && ask && *bid >= *ask);
    }
    EXPECT_GT(trades, 100U);
    for (const Side side : {Side::buy, Side::sell}) {
      std::vector<EngineLevel> levels;
      engine.levels(side, 1000, levels);
      std::map<std::int64_t, std::int64_t> depth;
      for (const EngineLevel& level : levels) depth[level.price] = level.quantity;
      EXPECT_EQ(depth, naive.depth(side));
    }
  }
}

}  // namespace
}  // namespace calypte::sim
