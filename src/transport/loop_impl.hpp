// What stands behind `Loop`, for the files of this room that own sockets.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <functional>
#include <optional>

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

  [[nodiscard]] Time now() const noexcept {
    return wall_at_start + std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - steady_at_start);
  }
  /// The steady clock's reading at `when`; times before the start of the loop are "now".
  [[nodiscard]] std::chrono::steady_clock::time_point steady(Time when) const noexcept {
    return when <= wall_at_start ? steady_at_start : steady_at_start + (when - wall_at_start);
  }
  void wait_for_signal();
};

/// `now + limit` that does not overflow for a very large limit.
[[nodiscard]] inline Time deadline_after(Time now, Duration limit) noexcept {
  return limit >= kNever - now ? kNever : now + limit;
}

}  // namespace calypte::transport
