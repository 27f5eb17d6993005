// The streams of market data: what a stream name means, and who listens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/time.hpp"

#include "sim/exchange.hpp"
#include "venue/server_wire.hpp"

namespace calypte::sim::binance {

enum class FeedKind : std::uint8_t {
  depth,          ///< differences of the book
  partial_depth,  ///< the best levels, whole
  book_ticker,    ///< the best price and quantity of both sides; of every symbol if none is named
  trade,
  aggregated_trade,  ///< the prints of one taker order at one price
  ticker,            ///< figures of 24 hours
  mini_ticker,
  kline,
  other,  ///< what only one market has: `publish` of its venue knows it
};

struct FeedSpec {
  FeedKind kind = FeedKind::other;
  std::optional<std::size_t> instrument;  ///< none: all
  Duration every{0};                      ///< zero: as it happens
  std::size_t depth = 0;
  std::string interval;  ///< of klines
  Duration interval_length{0};
  std::string word;  ///< of `other`: whatever its venue wants to remember
};

/// One stream name with everybody who listens to it. It lives as long as somebody does.
struct Feed {
  FeedSpec spec;
  std::set<venue::ConnectionId> listeners;
  Time next = kNever;
  // Differences of the book: what was told last.
  std::vector<EngineLevel> bids;
  std::vector<EngineLevel> asks;
  /// Prices that a snapshot has shown otherwise in the meantime: they are told again, also if nothing is left of that.
  std::set<std::int64_t> shown_bids;
  std::set<std::int64_t> shown_asks;
  std::uint64_t last_id = 0;   ///< u of the last event, or the book's id when the feed began
  std::uint64_t first_id = 0;  ///< U of the next event; 0: nothing has changed since
  std::string last_text;
};
using Feeds = std::map<std::string, Feed, std::less<>>;

/// The update ids that a change of a book takes up.
struct UpdateIds {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// The prints of one taker order at one price.
struct AggregatedTrade {
  std::uint64_t id = 0;
  Decimal price;
  Decimal quantity;
  std::uint64_t first_trade = 0;
  std::uint64_t last_trade = 0;
  Time time{};
  Side taker_side = Side::buy;
};

/// A difference of the book, ready to be written.
struct DepthEvent {
  std::size_t instrument = 0;
  std::uint64_t first_id = 0;     ///< U
  std::uint64_t last_id = 0;      ///< u
  std::uint64_t previous_id = 0;  ///< pu: the u of the event before
  std::vector<EngineLevel> bids;  ///< quantity 0 removes
  std::vector<EngineLevel> asks;
};

/// The first whole multiple of `every` after `now`.
[[nodiscard]] constexpr Time next_beat(Duration every, Time now) noexcept {
  return Time{(now.time_since_epoch() / every + 1) * every};
}
/// "1m", "4h", "1d", ... as a length; weeks and months are not simulated. Empty for anything else.
[[nodiscard]] std::optional<Duration> kline_length(std::string_view interval);
/// What leads from one side of a book to another, both best first.
[[nodiscard]] std::vector<EngineLevel> difference(const std::vector<EngineLevel>& before,
                                                  const std::vector<EngineLevel>& after, Side side);

}  // namespace calypte::sim::binance
