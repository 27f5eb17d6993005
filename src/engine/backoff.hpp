// Exponential back-off with jitter from a seeded generator.
#pragma once

#include <cstdint>

#include "calypte/time.hpp"

#include "core/random.hpp"

namespace calypte::engine {

class Backoff {
 public:
  struct Options {
    Duration first = std::chrono::milliseconds{500};
    Duration max = std::chrono::seconds{30};
    Duration stable_after = std::chrono::seconds{60};  ///< a connection that lived this long resets the growth
  };
  Backoff(Options options, core::Random random) : options_(options), random_(random) {}

  /// The next delay: uniform in [half, whole] of the current step, which then doubles up to `max`. Never zero.
  [[nodiscard]] Duration next();
  /// What was waited for lived from `up` to `down`; long enough resets.
  void on_lived(Time up, Time down) noexcept;
  void reset() noexcept { attempt_ = 0; }
  [[nodiscard]] std::uint32_t attempt() const noexcept { return attempt_; }

 private:
  Options options_;
  core::Random random_;
  std::uint32_t attempt_ = 0;
};

}  // namespace calypte::engine
