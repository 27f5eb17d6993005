// Time in which we did not listen is no silence of the venue's.
//
// Everything runs on one thread: while a callback of the strategy holds it (or the machine sleeps), answers lie unread
// in the sockets, and the clock goes on. A wait for the venue that is judged by the clock right afterwards would call a
// venue dead that has answered long ago. So whoever drives the engine measures such a pause and says so before anything
// else (`ExchangeEngine::excuse`): each wait for the venue becomes longer by the pause, and none ends before there was
// time to read what has arrived. Deadlines of our own (renewals, pings, sweeps, back-offs) stay where they are: they
// are late already.
#pragma once

#include <algorithm>

#include "calypte/time.hpp"

namespace calypte::engine {

/// Enough to read what the sockets hold; a wait that the pause used up ends this much after it.
inline constexpr Duration kCatchUpTime = std::chrono::seconds{1};

/// When a wait ends that would have ended at `deadline`, after a pause of `lost` which ends `now`.
[[nodiscard]] inline Time excused(Time deadline, Duration lost, Time now) noexcept {
  return deadline == kNever ? kNever : std::max(deadline + lost, now + kCatchUpTime);
}

}  // namespace calypte::engine
