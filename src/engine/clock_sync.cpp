#include "engine/clock_sync.hpp"

#include <algorithm>
#include <array>

#include "calypte/decimal.hpp"

namespace calypte::engine {

void ClockSync::add_sample(Time server, Time sent, Time received, Duration resolution) {
  if (received < sent) return;
  const Time middle = sent + (received - sent) / 2;
  samples_.push_back(server + resolution / 2 - middle);
  if (samples_.size() > kSamples) samples_.pop_front();
}

Duration ClockSync::offset() const {
  const std::size_t n = samples_.size();
  if (n == 0) return Duration{0};

  std::array<Duration, kSamples> sorted{};
  const auto end = std::ranges::copy(samples_, sorted.begin()).out;
  std::sort(sorted.begin(), end);
  // Twice the median: the two in the middle, or the one in the middle twice.
  using Wide = Decimal::Int128;
  const Wide medians = Wide{sorted[(n - 1) / 2].count()} + sorted[n / 2].count();

  Wide weighted = 0;
  Wide weights = 0;
  Wide weight = 1;
  for (const Duration sample : samples_) {
    weighted += weight * sample.count();
    weights += weight;
    weight += 2;
  }
  // (medians / 2 + weighted / weights) / 2 in one division, rounded to the nearest nanosecond, halves away from zero.
  const Wide numerator = medians * weights + 2 * weighted;
  const Wide denominator = 4 * weights;
  const Wide half = numerator < 0 ? -denominator / 2 : denominator / 2;
  return Duration{static_cast<Duration::rep>((numerator + half) / denominator)};
}

}  // namespace calypte::engine
