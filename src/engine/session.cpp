#include "engine/session.hpp"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <utility>

#include "engine/excuse.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

Session::Session(venue::StreamId stream, const venue::StreamSpec& spec, bool needs_login, Backoff backoff,
                 Actions& actions, LogSink& log)
    : stream_(stream), spec_(spec), needs_login_(needs_login), backoff_(backoff), actions_(actions), log_(log) {}

void Session::enter(State state, Time now) {
  state_ = state;
  since_ = now;
  deadline_ = kNever;
  switch (state) {
    case State::connecting:
      deadline_ = now + spec_.connect_limit;
      break;
    case State::settling:
      deadline_ = now + spec_.settle_after_connect;
      break;
    case State::logging_in:
      deadline_ = now + spec_.login_limit;
      signals_.push_back(Signal::login_needed);
      break;
    case State::up:
      up_since_ = now;
      signals_.push_back(Signal::up);
      break;
    case State::stopped:
    case State::waiting:
      break;
  }
}

void Session::start(Time now) {
  if (state_ != State::stopped) return;
  backoff_.reset();
  enter(State::connecting, now);
  actions_.emplace_back(OpenStream{stream_, target_});
}

void Session::stop(Time now) {
  if (state_ == State::stopped) return;
  const bool was_up = state_ == State::up;
  if (state_ != State::waiting) actions_.emplace_back(CloseStream{stream_});
  queue_.clear();
  next_ping_ = kNever;
  down_reason_ = "stopped";
  enter(State::stopped, now);
  if (was_up) signals_.push_back(Signal::down);
}

void Session::on_up(Time now) {
  if (state_ != State::connecting) return;
  ++connects_;
  last_alive_ = now;
  silence_excused_ = {};
  sent_.clear();
  next_ping_ = spec_.ping_every > 0s ? now + spec_.ping_every : kNever;
  log_.log(LogLevel::info, to_string(stream_), "connected");
  if (spec_.settle_after_connect > 0s) {
    enter(State::settling, now);
  } else {
    enter(needs_login_ ? State::logging_in : State::up, now);
  }
}

void Session::on_down(std::string_view reason, Time now) {
  if (state_ == State::stopped || state_ == State::waiting) return;
  go_down(reason, false, now);
}

void Session::reconnect(std::string_view reason, Time now) {
  if (state_ == State::stopped || state_ == State::waiting) return;
  go_down(reason, true, now);
}

void Session::go_down(std::string_view reason, bool close, Time now) {
  const bool was_up = state_ == State::up;
  if (close) actions_.emplace_back(CloseStream{stream_});
  if (was_up) backoff_.on_lived(up_since_, now);
  queue_.clear();
  next_ping_ = kNever;
  down_reason_ = reason;
  enter(State::waiting, now);
  const Duration delay = backoff_.next();
  deadline_ = now + delay;
  log_.log(LogLevel::warning, to_string(stream_),
           fmt::format("down: {}; connecting again in {} ms", reason,
                       std::chrono::duration_cast<std::chrono::milliseconds>(delay).count()));
  if (was_up) signals_.push_back(Signal::down);
}

void Session::on_login(const Status& status, Time now) {
  if (state_ != State::logging_in) return;
  if (status.ok()) {
    enter(State::up, now);
  } else {
    go_down("login refused: " + status.to_string(), true, now);
  }
}

void Session::on_time(Time now) {
  if (now >= deadline_) {
    switch (state_) {
      case State::waiting:
        enter(State::connecting, now);
        actions_.emplace_back(OpenStream{stream_, target_});
        break;
      case State::connecting:
        go_down("no connection within the limit", true, now);
        break;
      case State::settling:
        enter(needs_login_ ? State::logging_in : State::up, now);
        break;
      case State::logging_in:
        go_down("no answer to the login within the limit", true, now);
        break;
      case State::stopped:
      case State::up:
        break;
    }
  }
  if (connected() && now >= silent_at()) {
    go_down(fmt::format("silent for {} s", std::chrono::duration_cast<std::chrono::seconds>(now - last_alive_).count()),
            true, now);
  }
  if (connected() && now >= next_ping_) {
    actions_.emplace_back(SendPing{stream_});
    next_ping_ = now + spec_.ping_every;
  }
  flush(now);
}

void Session::excuse(Duration lost, Time now) {
  // Settling and backing off wait for nobody.
  if (state_ == State::connecting || state_ == State::logging_in) deadline_ = excused(deadline_, lost, now);
  if (connected()) silence_excused_ = excused(silent_at(), lost, now);
}

Time Session::next_wakeup() const {
  Time next = std::min(deadline_, next_ping_);
  if (connected()) next = std::min(next, silent_at());
  if (!queue_.empty() && !sent_.empty()) next = std::min(next, sent_.front() + 1s);
  return next;
}

bool Session::send(std::string text, Time now) {
  if (state_ != State::up && state_ != State::logging_in) return false;
  if (queue_.size() >= kMaxQueuedFrames) return false;
  queue_.push_back(std::move(text));
  flush(now);
  return true;
}

void Session::send_now(std::string text) {
  if (!connected()) return;
  note_sent(last_alive_);  // what it answers has just come
  actions_.emplace_back(SendFrame{stream_, std::move(text)});
}

void Session::send_request(SendFrame request, Time now) {
  assert(can_send(now));
  request.stream = stream_;
  actions_.emplace_back(std::move(request));
  note_sent(now);
}

void Session::note_sent(Time now) {
  sent_.push_back(now);
  if (sent_.size() > spec_.max_frames_per_second) sent_.pop_front();
}

bool Session::within_pace(Time now) const {
  // The second slides: of any more frames than allowed the first and the last are at least one apart.
  return sent_.size() < spec_.max_frames_per_second || (!sent_.empty() && now - sent_.front() >= 1s);
}

void Session::flush(Time now) {
  while (!queue_.empty() && within_pace(now)) {
    actions_.emplace_back(SendFrame{stream_, std::move(queue_.front())});
    queue_.pop_front();
    note_sent(now);
  }
}

}  // namespace calypte::engine
