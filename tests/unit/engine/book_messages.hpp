// Book messages written as text, for the tests of the order books.
#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calypte/order_book.hpp"

#include "engine/order_book_tracker.hpp"
#include "venue/records.hpp"

namespace calypte::engine::test {

using namespace std::chrono_literals;

/// {price, amount} as the venue would write them.
using Texts = std::vector<std::pair<std::string, std::string>>;

inline venue::WireNumber number(std::string_view text) {
  venue::WireNumber n;
  EXPECT_TRUE(venue::parse_wire_number(text, n)) << text;
  return n;
}
inline std::vector<venue::DepthLevel> levels(const Texts& texts) {
  std::vector<venue::DepthLevel> out;
  for (const auto& [price, amount] : texts) out.push_back({number(price), number(amount)});
  return out;
}
inline Time at(std::int64_t ms) { return from_unix_ms(1'700'000'000'000 + ms); }

/// "100.5x2 100x1 | 101x3": bids from the best, then asks from the best.
inline std::string picture(const BookLevels& book) {
  std::string text;
  const auto add = [&text](const OrderBookRow& row) {
    text += row.price.normalized().to_string() + "x" + row.amount.normalized().to_string() + " ";
  };
  for (const auto& row : book.bids()) add(row);
  text += "|";
  for (const auto& row : book.asks()) {
    text += " ";
    add(row);
    text.pop_back();
  }
  return text;
}

inline venue::SequenceIds ids_range(std::uint64_t first, std::uint64_t last) { return {first, last, {}}; }
inline venue::SequenceIds ids_link(std::uint64_t prev, std::uint64_t last) { return {{}, last, prev}; }
inline venue::SequenceIds ids_last(std::uint64_t last) { return {{}, last, {}}; }

/// A tracker of one venue with the pairs BTC-USDT ("BTCUSDT") and, if asked for, more.
struct TrackerFixture {
  explicit TrackerFixture(venue::BookSpec spec, OrderBookTrackerOptions options = {}) : tracker(spec, options) {
    add("BTC-USDT", "BTCUSDT");
  }
  void add(std::string_view pair, std::string_view symbol) {
    EXPECT_TRUE(tracker.add_trading_pair(*TradingPair::parse(pair), Symbol(symbol), now));
  }
  void snapshot(const venue::SequenceIds& ids, const Texts& bids, const Texts& asks,
                std::optional<std::uint32_t> checksum = {}, std::string_view symbol = "BTCUSDT") {
    const auto range = fill(bids, asks);
    tracker.on_snapshot({.symbol = symbol, .ids = ids, .levels = range, .checksum = checksum, .venue_time = venue_time},
                        records, now);
  }
  void diff(const venue::SequenceIds& ids, const Texts& bids, const Texts& asks,
            std::optional<std::uint32_t> checksum = {}, std::string_view symbol = "BTCUSDT") {
    const auto range = fill(bids, asks);
    tracker.on_diff({.symbol = symbol, .ids = ids, .levels = range, .checksum = checksum, .venue_time = venue_time},
                    records, now);
  }
  void bbo(std::uint64_t id, const Texts& bid, const Texts& ask) {
    venue::BestBidAsk record;
    record.symbol = "BTCUSDT";
    record.update_id = id;
    record.bid = levels(bid).at(0);
    record.ask = levels(ask).at(0);
    tracker.on_best_bid_ask(record, now);
  }
  /// Moves time on, with a wake-up whenever the tracker wants one.
  void pass(Duration duration) {
    const Time end = now + duration;
    for (int i = 0; i < 100'000 && tracker.next_wakeup() <= end; ++i) {
      now = std::max(now, tracker.next_wakeup());
      tracker.on_time(now);
    }
    now = end;
    tracker.on_time(now);
  }
  [[nodiscard]] const OrderBook& book(std::string_view pair = "BTC-USDT") const {
    return *tracker.order_book(*TradingPair::parse(pair));
  }
  [[nodiscard]] BookCounters counters(std::string_view pair = "BTC-USDT") const {
    return tracker.counters(*TradingPair::parse(pair));
  }
  /// "snapshot BTCUSDT" and the like; drains.
  std::vector<std::string> requests() {
    std::vector<std::string> out;
    for (const auto& r : std::exchange(tracker.requests(), {})) {
      out.push_back((r.kind == BookRequest::Kind::snapshot ? "snapshot " : "resubscribe ") + r.symbol.value);
    }
    return out;
  }
  /// The states that were told, in order; drains all events.
  std::vector<OrderBookState> states() {
    std::vector<OrderBookState> out;
    for (const auto& event : std::exchange(tracker.events(), {})) {
      if (const auto* e = std::get_if<OrderBookStateEvent>(&event)) out.push_back(e->state);
    }
    return out;
  }

  venue::LevelRange fill(const Texts& bids, const Texts& asks) {
    records.clear();
    for (const auto& level : levels(bids)) records.levels().push_back(level);
    for (const auto& level : levels(asks)) records.levels().push_back(level);
    return {0, static_cast<std::uint32_t>(bids.size()), static_cast<std::uint32_t>(asks.size())};
  }

  Time now = at(0);
  std::optional<Time> venue_time;
  venue::Records records;
  OrderBookTracker tracker;
};

using List = std::vector<std::string>;
using States = std::vector<OrderBookState>;

// The schemes of real venues.
inline venue::BookSpec binance_spot() {
  return {.continuity = venue::Continuity::range,
          .bootstrap = venue::Bootstrap::rest_snapshot,
          .bridge = venue::BridgeRule::next,
          .resync = venue::Resync::refetch_snapshot};
}
inline venue::BookSpec binance_perpetual() {
  return {.continuity = venue::Continuity::prev_link,
          .bootstrap = venue::Bootstrap::rest_snapshot,
          .bridge = venue::BridgeRule::covering,
          .resync = venue::Resync::refetch_snapshot};
}
inline venue::BookSpec crypto_com() { return {.continuity = venue::Continuity::prev_link}; }
inline venue::BookSpec okx() {
  return {.continuity = venue::Continuity::prev_link,
          .checksum = venue::ChecksumKind::crc32_top25_interleaved,
          .allow_decreasing_reset = true};
}
inline venue::BookSpec bybit() { return {.continuity = venue::Continuity::range}; }
inline venue::BookSpec kraken(std::uint32_t depth = 10) {
  return {.continuity = venue::Continuity::unsequenced,
          .checksum = venue::ChecksumKind::crc32_top10_stripped,
          .truncate_depth = depth};
}
inline venue::BookSpec hyperliquid() {
  return {.continuity = venue::Continuity::unsequenced, .bootstrap = venue::Bootstrap::every_message};
}

}  // namespace calypte::engine::test
