// The life of one stream connection: back off, connect, settle, log in, up, and back again. No stream is reconnected
// anywhere else.
//
//   stopped -> waiting -> connecting -> settling -> logging_in -> up
//                 ^___________|____________|___________|__________|   (down, time limit, silence, refused login)
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calypte/log.hpp"
#include "calypte/time.hpp"

#include "engine/actions.hpp"
#include "engine/backoff.hpp"
#include "venue/spec.hpp"

namespace calypte::engine {

class Session {
 public:
  enum class State : std::uint8_t { stopped, waiting, connecting, settling, logging_in, up };
  /// What the owner has to react to, drained after every call.
  enum class Signal : std::uint8_t {
    login_needed,  ///< send the login frame with `send`, then report the answer by `on_login`
    up,            ///< subscribe
    down,          ///< everything that the connection carried is out of sync
  };

  Session(venue::StreamId stream, const venue::StreamSpec& spec, bool needs_login, Backoff backoff, Actions& actions,
          LogSink& log);

  /// What is appended to the URL from the next connect on.
  void set_target(std::string target) { target_ = std::move(target); }
  void start(Time now);
  void stop(Time now);
  void on_up(Time now);
  void on_down(std::string_view reason, Time now);
  /// Any frame, ping or pong of the server.
  void on_alive(Time now) { last_alive_ = now; }
  void on_login(const Status& status, Time now);
  /// Gives the connection up and begins anew after a back-off.
  void reconnect(std::string_view reason, Time now);
  void on_time(Time now);
  /// We did not listen for `lost` until now (engine/excuse.hpp).
  void excuse(Duration lost, Time now);
  [[nodiscard]] Time next_wakeup() const;

  /// Queues a frame; frames leave in order and not faster than the venue allows. False at the bound: the caller must
  /// treat the frame as not sent.
  bool send(std::string text, Time now);
  /// Would a frame leave at once?
  [[nodiscard]] bool can_send(Time now) const { return is_up() && queue_.empty() && within_pace(now); }
  /// A request that goes as a frame: it never waits in a queue, so that it is known whether it was handed over. Only
  /// where `can_send`; the stream is filled in.
  void send_request(SendFrame request, Time now);
  /// For answers to the venue's heartbeat: leaves at once.
  void send_now(std::string text);

  [[nodiscard]] std::vector<Signal>& signals() noexcept { return signals_; }
  [[nodiscard]] venue::StreamId stream() const noexcept { return stream_; }
  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] bool is_up() const noexcept { return state_ == State::up; }
  /// Of the last frame, ping or pong; the epoch without a connection.
  [[nodiscard]] Time last_alive() const noexcept { return connected() ? last_alive_ : Time{}; }
  [[nodiscard]] const std::string& down_reason() const noexcept { return down_reason_; }
  [[nodiscard]] std::uint64_t connects() const noexcept { return connects_; }

 private:
  static constexpr std::size_t kMaxQueuedFrames = 10'000;

  [[nodiscard]] bool connected() const noexcept { return state_ >= State::settling; }
  [[nodiscard]] Time silent_at() const noexcept { return std::max(last_alive_ + spec_.idle_limit, silence_excused_); }
  void enter(State state, Time now);
  void go_down(std::string_view reason, bool close, Time now);
  void flush(Time now);
  [[nodiscard]] bool within_pace(Time now) const;
  void note_sent(Time now);

  venue::StreamId stream_;
  const venue::StreamSpec& spec_;
  bool needs_login_;
  Backoff backoff_;
  Actions& actions_;
  LogSink& log_;
  State state_ = State::stopped;
  Time since_{};            // of the state
  Time deadline_ = kNever;  // of the state
  Time up_since_{};
  Time last_alive_{};
  Time silence_excused_{};  // silence is not judged before
  Time next_ping_ = kNever;
  std::deque<std::string> queue_;
  std::deque<Time> sent_;  // when the newest frames left, as many as may leave within a second
  std::string down_reason_;
  std::string target_;
  std::uint64_t connects_ = 0;
  std::vector<Signal> signals_;
};

}  // namespace calypte::engine
