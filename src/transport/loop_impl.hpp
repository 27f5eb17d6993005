// What stands behind `Loop`, for the files of this room that own sockets.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "transport/loop.hpp"

namespace calypte::transport {

struct Loop::Impl {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  std::optional<boost::asio::signal_set> signals;
  std::function<void()> on_signal;
  std::atomic<bool> stop_requested = false;
  Time wall_at_start;
  std::chrono::steady_clock::time_point steady_at_start;
  /// A timer that fires all the time shows by its absence that nothing else was served either.
  boost::asio::steady_timer beat{context};
  bool beating = false;
  Time last_beat{};
  Duration lost{};

  [[nodiscard]] Time now() const noexcept {
    return wall_at_start + std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - steady_at_start);
  }
  /// The steady clock's reading at `when`; times before the start of the loop are "now".
  [[nodiscard]] std::chrono::steady_clock::time_point steady(Time when) const noexcept {
    return when <= wall_at_start ? steady_at_start : steady_at_start + (when - wall_at_start);
  }
  void wait_for_signal();
  void start_beat();
  void stop_beat();
  void note_gap(Time time) noexcept;
};

/// `now + limit` that does not overflow for a very large limit.
[[nodiscard]] inline Time deadline_after(Time now, Duration limit) noexcept {
  return limit >= kNever - now ? kNever : now + limit;
}

/// A read that begins now, of answers that lie in the socket already, ends within it.
inline constexpr Duration kCatchUpTime = std::chrono::seconds{1};

/// Calls `f` when the other side was listened to until `deadline` in vain: what the loop lost of that time (see
/// `Loop::lost_time`) is added. `f` holds what owns the timer. `waiting` says whether the wait still matters; if not,
/// the timer may serve another purpose already and is left alone.
template <typename Waiting, typename F>
void when_unanswered(Loop& loop, boost::asio::steady_timer& timer, Time deadline, Waiting waiting, F f) {
  timer.expires_at(loop.impl().steady(deadline));
  timer.async_wait([&loop, &timer, deadline, before = loop.lost_time(loop.now()), waiting = std::move(waiting),
                    f = std::move(f)](boost::system::error_code error) mutable {
    if (error || !waiting()) return;
    const Time now = loop.now();
    const Duration lost = loop.lost_time(now) - before;
    if (lost <= Duration::zero()) return f();
    const Time later = std::max(deadline_after(deadline, lost), now + kCatchUpTime);
    when_unanswered(loop, timer, later, std::move(waiting), std::move(f));
  });
}

}  // namespace calypte::transport
