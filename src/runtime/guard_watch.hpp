// Judges from outside whether a connector lives: by the lock of its journal, its heartbeat and its last word. Pure:
// what is seen and when enters as arguments.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "calypte/time.hpp"

#include "runtime/heartbeat.hpp"

namespace calypte::runtime {

class GuardWatch {
 public:
  enum class Verdict : std::uint8_t {
    absent,   ///< it has never lived here
    alive,    ///< also while it is silent for not long enough
    stopped,  ///< it said that it stops and leaves nothing behind
    dead,     ///< `reason` says how
  };

  /// `after`: how long it must be silent. Less than three of its beats does not count.
  explicit GuardWatch(Duration after) : after_(after) {}

  /// `lock_held` is asked for only while the heartbeat stands still. Times never decrease.
  template <typename LockHeld>
  Verdict look(const std::optional<LastBeat>& beat, LockHeld lock_held, Time now) {
    if (!beat) return Verdict::absent;
    if (!last_ || beat->count != last_->count) changed_ = now;
    last_ = beat;
    if (beat->stopped_cleanly) return Verdict::stopped;
    const Duration limit = std::max(after_, 3 * beat->every);
    if (now - changed_ >= limit) {
      gone_since_ = changed_;
      reason_ = lock_held() ? "the process lives, but its loop has stood still" : "the process is gone";
      return Verdict::dead;
    }
    // Both by its own clock, so the two clocks need not agree.
    if (beat->at - beat->link_good >= limit) {
      gone_since_ = now;
      reason_ = "the process lives, but its link to the venue is dead";
      return Verdict::dead;
    }
    return Verdict::alive;
  }

  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  /// When it can have sent its last order, if it is dead.
  [[nodiscard]] Time gone_since() const noexcept { return gone_since_; }

 private:
  Duration after_;
  std::optional<LastBeat> last_;
  Time changed_{};
  Time gone_since_{};
  std::string reason_;
};

}  // namespace calypte::runtime
