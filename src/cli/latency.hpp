// Percentiles of the last few thousand durations, for a display.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "calypte/time.hpp"

namespace calypte::cli {

class Latency {
 public:
  void add(Duration sample) {
    if (samples_.size() < kKept) {
      samples_.push_back(sample);
    } else {
      samples_[next_] = sample;
      next_ = (next_ + 1) % kKept;
    }
  }
  [[nodiscard]] std::size_t count() const noexcept { return samples_.size(); }
  /// Nearest rank; empty without samples. `per_thousand` in [0, 1000].
  [[nodiscard]] std::optional<Duration> percentile(std::size_t per_thousand) const {
    if (samples_.empty()) return std::nullopt;
    auto sorted = samples_;
    const std::size_t rank = std::min(sorted.size() - 1, sorted.size() * per_thousand / 1000);
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank), sorted.end());
    return sorted[rank];
  }

 private:
  static constexpr std::size_t kKept = 4096;
  std::vector<Duration> samples_;
  std::size_t next_ = 0;
};

}  // namespace calypte::cli
