// Counting in fixed windows of the calendar: a window of ten seconds begins at :00, :10 and so on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "calypte/time.hpp"

#include "sim/dialects/binance/options.hpp"

namespace calypte::sim::binance {

class RateWindow {
 public:
  explicit RateWindow(RateRule rule) : rule_(std::move(rule)) {}

  void add(std::uint32_t amount, Time now) { used_ = used(now) + amount; }
  /// Gives one back, if the window that it was counted in may still be running.
  void give_back(Time now) { used_ = std::max<std::int64_t>(used(now) - 1, 0); }
  [[nodiscard]] std::int64_t used(Time now) {
    const std::int64_t index = now.time_since_epoch() / rule_.length();
    if (index != index_) {
      index_ = index;
      used_ = 0;
    }
    return used_;
  }
  [[nodiscard]] bool full(Time now) { return used(now) >= rule_.limit; }
  [[nodiscard]] Time ends(Time now) const {
    return Time{(now.time_since_epoch() / rule_.length() + 1) * rule_.length()};
  }
  [[nodiscard]] const RateRule& rule() const noexcept { return rule_; }

 private:
  RateRule rule_;
  std::int64_t index_ = -1;
  std::int64_t used_ = 0;
};

}  // namespace calypte::sim::binance
