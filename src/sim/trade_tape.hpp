// The public trades of one instrument: the latest prints, minute candles and the 24-hour figures made from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/time.hpp"

#include "sim/matching_engine.hpp"

namespace calypte::sim {

struct PublicTrade {
  std::uint64_t id = 0;
  std::uint64_t match_id = 0;  ///< prints of one taker order share it
  Time time{};
  Decimal price;
  Decimal quantity;
  Side taker_side = Side::buy;
};

struct Candle {
  Time open_time{};
  Decimal open;
  Decimal high;
  Decimal low;
  Decimal close;
  Decimal volume;
  Decimal value;  ///< the sum of price times quantity
  Time last_update{};
  std::uint64_t trades = 0;  ///< how many
  Decimal taker_volume;      ///< of takers who bought
  Decimal taker_value;
  std::uint64_t first_trade = 0;  ///< ids of the prints
  std::uint64_t last_trade = 0;
};

struct DayFigures {
  std::optional<Decimal> high;
  std::optional<Decimal> low;
  std::optional<Decimal> last;
  std::optional<Decimal> first;  ///< the price 24 hours ago, or the first one known
  Decimal volume;
  Decimal value;
  std::uint64_t trades = 0;
  std::uint64_t first_trade = 0;  ///< ids of the prints; 0 for none
  std::uint64_t last_trade = 0;
  std::optional<Time> since;  ///< when the first minute in the figures began
};

class TradeTape {
 public:
  /// Bounds: the oldest prints and candles are forgotten beyond them.
  static constexpr std::size_t kMaxTrades = 5000;
  static constexpr std::size_t kMaxMinutes = 20000;

  void add(const PublicTrade& trade);
  /// Oldest first.
  [[nodiscard]] const std::deque<PublicTrade>& trades() const noexcept { return trades_; }
  /// At most `count` newest candles of this length, oldest first. `length` is a whole number of minutes.
  [[nodiscard]] std::vector<Candle> candles(Duration length, std::size_t count) const;
  /// Candles of any length, from the prints that are still known.
  [[nodiscard]] std::vector<Candle> short_candles(Duration length, std::size_t count) const;
  [[nodiscard]] DayFigures day(Time now) const;

 private:
  std::deque<PublicTrade> trades_;
  std::deque<Candle> minutes_;
};

}  // namespace calypte::sim
