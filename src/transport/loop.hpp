// The event loop: the only place where time passes. Hides Asio; includes nothing heavy.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "calypte/time.hpp"

namespace calypte::transport {

/// One thread runs it. Everything but `post`, `stop` and `now` is called on that thread. Must outlive its timers and
/// every client and server on it.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// The wall clock as read at construction plus the steady clock's advance: never steps back. Any thread.
  [[nodiscard]] Time now() const noexcept;
  /// Runs until `stop`. With `spin` it polls instead of sleeping.
  void run(bool spin = false);
  /// Runs what is ready and due, waiting at most `limit` for the first thing. For tests.
  void run_for(Duration limit);
  /// Any thread. A stop while nothing runs ends the next `run` at once.
  void stop();
  void post(std::function<void()> f);  ///< any thread
  /// For how long, in all, nothing that arrived was handed over although `run` was on: something held the thread (a
  /// callback of the strategy, a slow disk) or the process did not run at all. Whoever judges the silence of another
  /// side by the clock reads it first, with the present time. Interruptions of less than a quarter of a second do not
  /// count.
  [[nodiscard]] Duration lost_time(Time now) noexcept;

  /// A timer that can be re-armed; re-arming or destroying it cancels what was armed.
  class Timer {
   public:
    explicit Timer(Loop& loop);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    void arm(Time when, std::function<void()> f);  ///< `kNever` disarms
    void disarm();

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };
  /// Calls `f` when SIGINT or SIGTERM arrives, on the loop's thread.
  void on_termination_signal(std::function<void()> f);

  struct Impl;
  [[nodiscard]] Impl& impl() noexcept { return *impl_; }  ///< for the other files of this room

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace calypte::transport
