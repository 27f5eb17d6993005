// What a strategy waits for: a diff applied to a book of 1,000 levels a side, and the best price read from it.
#include <benchmark/benchmark.h>
#include <cstdint>
#include <vector>

#include "calypte/order_book.hpp"

#include "core/random.hpp"
#include "engine/book_levels_editor.hpp"
#include "engine/order_book_tracker.hpp"
#include "venue/records.hpp"

namespace calypte::engine {
namespace {

constexpr std::int64_t kTouch = 6'500'000;  // 65,000.00
constexpr std::int64_t kDepth = 1'000;

struct Side {
  std::vector<venue::DepthLevel> bids;
  std::vector<venue::DepthLevel> asks;
};

Side full_book() {
  Side side;
  for (std::int64_t i = 1; i <= kDepth; ++i) {
    side.bids.push_back({{kTouch - 2 * i, 2}, {100'000 + i, 5}});
    side.asks.push_back({{kTouch + 2 * i, 2}, {100'000 + i, 5}});
  }
  return side;
}

/// Messages of eight levels; nine in ten changes are among the ten best levels, a third of them inserts or deletes.
std::vector<Side> messages() {
  core::Random random(7);
  std::vector<Side> out(1024);
  for (auto& message : out) {
    for (int i = 0; i < 8; ++i) {
      const auto near = static_cast<std::int64_t>(1 + random.below(20));
      const auto far = static_cast<std::int64_t>(21 + random.below(2 * kDepth - 21));
      const std::int64_t distance = random.chance(9, 10) ? near : far;
      const std::int64_t amount = random.chance(1, 6) ? 0 : static_cast<std::int64_t>(1 + random.below(1'000'000));
      const bool is_bid = random.chance(1, 2);
      auto& side = is_bid ? message.bids : message.asks;
      side.push_back({{is_bid ? kTouch - distance : kTouch + distance, 2}, {amount, 5}});
    }
  }
  return out;
}

void apply_level(benchmark::State& state) {
  BookLevels book;
  const Side full = full_book();
  BookLevelsEditor::replace(book, full.bids, full.asks, 1);
  const auto all = messages();
  std::uint64_t id = 1;
  for (auto _ : state) {
    const auto& message = all[id % all.size()];
    benchmark::DoNotOptimize(BookLevelsEditor::apply(book, message.bids, message.asks, ++id));
  }
  state.SetItemsProcessed(state.iterations() * 8);
}
BENCHMARK(apply_level);

void track_diff(benchmark::State& state) {
  OrderBookTracker tracker({.continuity = venue::Continuity::range, .stale_after = Duration::zero()});
  Time now = from_unix_ms(1'700'000'000'000);
  tracker.add_trading_pair(TradingPair::from_assets("BTC", "USDT"), Symbol("BTCUSDT"), now);
  tracker.on_subscribed("BTCUSDT", now);
  venue::Records records;
  const auto put = [&records](const Side& side) {
    records.clear();
    auto& levels = records.levels();
    levels.insert(levels.end(), side.bids.begin(), side.bids.end());
    levels.insert(levels.end(), side.asks.begin(), side.asks.end());
    return venue::LevelRange{0, static_cast<std::uint32_t>(side.bids.size()),
                             static_cast<std::uint32_t>(side.asks.size())};
  };
  std::uint64_t id = 1;
  const auto range = put(full_book());
  tracker.on_snapshot({"BTCUSDT", {{}, id, {}}, range, {}, {}, 0}, records, now);
  const auto all = messages();
  for (auto _ : state) {
    ++id;
    now += std::chrono::milliseconds{1};
    const auto levels = put(all[id % all.size()]);
    tracker.on_diff({"BTCUSDT", {id, id, {}}, levels, {}, {}}, records, now);
    tracker.changed().clear();
  }
  if (!tracker.all_live()) state.SkipWithError("the book was lost");
  state.SetItemsProcessed(state.iterations() * 8);
}
BENCHMARK(track_diff);

void best_bid(benchmark::State& state) {
  BookLevels book;
  const Side full = full_book();
  BookLevelsEditor::replace(book, full.bids, full.asks, 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(&book);
    benchmark::DoNotOptimize(book.best_bid());
  }
}
BENCHMARK(best_bid);

void raw_best_bid(benchmark::State& state) {
  BookLevels book;
  const Side full = full_book();
  BookLevelsEditor::replace(book, full.bids, full.asks, 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(&book);
    benchmark::DoNotOptimize(book.raw_bids().back().price);
  }
}
BENCHMARK(raw_best_bid);

}  // namespace
}  // namespace calypte::engine
