// The offset between our clock and the venue's.
#pragma once

#include <cstdint>
#include <deque>

#include "calypte/time.hpp"

namespace calypte::engine {

/// Keeps the last five samples. The offset is the mean of their median and of their average weighted 1, 3, 5, 7, 9 with
/// the newest heaviest, exact and then rounded to the nanosecond; without samples it is zero.
class ClockSync {
 public:
  static constexpr std::size_t kSamples = 5;

  /// The venue's clock showed `server` somewhere between our `sent` and `received`; the middle is assumed. A sample
  /// from a clock that shows whole units of `resolution` is taken at the middle of that unit.
  /// Ignored if it was received before it was sent.
  void add_sample(Time server, Time sent, Time received, Duration resolution = Duration{0});
  [[nodiscard]] Duration offset() const;
  /// The venue's time at our `now`.
  [[nodiscard]] Time venue_time(Time now) const { return now + offset(); }
  [[nodiscard]] bool synchronized() const noexcept { return !samples_.empty(); }
  void clear() noexcept { samples_.clear(); }

 private:
  std::deque<Duration> samples_;  // oldest first
};

}  // namespace calypte::engine
