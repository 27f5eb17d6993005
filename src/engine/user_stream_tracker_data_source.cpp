#include "engine/user_stream_tracker_data_source.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

#include "engine/login.hpp"

namespace calypte::engine {

using venue::Channel;

UserStreamTrackerDataSource::UserStreamTrackerDataSource(venue::Venue& venue, RequestDesk& desk, ClockSync& clock,
                                                         core::Random random, Actions& actions, LogSink& log)
    : venue_(venue),
      desk_(desk),
      clock_(clock),
      log_(log),
      session_({venue::StreamKind::user, 0}, venue.spec().streams,
               venue.spec().streams.user_stream == venue::UserStreamStyle::login_frame, Backoff({}, random.split()),
               actions, log),
      subscriptions_(venue, session_, log),
      key_(venue.spec(), desk, random.split(),
           {.opened =
                [this](const std::string& target, Time now) {
                  session_.set_target(target);
                  session_.start(now);
                },
            .lost =
                [this](std::string_view, Time now) {
                  session_.stop(now);
                  handle_signals(now);
                },
            .trouble =
                [this](const Status& status, Time now) {
                  events_.push_back(ConnectorErrorEvent{.timestamp = now, .channel = "user: key", .status = status});
                }},
           log) {}

void UserStreamTrackerDataSource::start(Time now) {
  for (const auto channel : {Channel::user_orders, Channel::user_fills, Channel::user_balances}) {
    subscriptions_.want({channel, {}}, now);
  }
  if (uses_key()) {
    key_.start(now);
  } else {
    session_.start(now);
  }
}

void UserStreamTrackerDataSource::stop(Time now) {
  key_.stop();
  session_.stop(now);
  handle_signals(now);
}

void UserStreamTrackerDataSource::on_stream_up(Time now) {
  session_.on_up(now);
  handle_signals(now);
}

void UserStreamTrackerDataSource::on_stream_down(std::string_view reason, Time now) {
  const auto before = session_.state();
  session_.on_down(reason, now);
  handle_signals(now);
  doubt_key(before, now);
}

void UserStreamTrackerDataSource::doubt_key(Session::State before, Time now) {
  if (!uses_key() || before != Session::State::connecting || session_.state() != Session::State::waiting) return;
  const std::string reason = session_.down_reason();
  key_.replace(reason, now);
}

void UserStreamTrackerDataSource::handle_signals(Time now) {
  while (!session_.signals().empty()) {
    for (const auto signal : std::exchange(session_.signals(), {})) {
      switch (signal) {
        case Session::Signal::login_needed:
          send_login(session_, venue_, desk_, now);
          break;
        case Session::Signal::up:
          subscriptions_.on_session_up(now);
          break;
        case Session::Signal::down:
          subscriptions_.on_session_down();
          break;
      }
    }
  }
  for (const auto& outcome : std::exchange(subscriptions_.outcomes(), {})) {
    if (outcome.kind == Subscriptions::Outcome::Kind::refused) {
      events_.push_back(
          ConnectorErrorEvent{.timestamp = now, .channel = "user: subscription", .status = outcome.status});
    }
  }
}

void UserStreamTrackerDataSource::on_frame(venue::Bytes frame, Time now) {
  session_.on_alive(now);
  ++counters_.frames;
  counters_.bytes += frame.size();
  records_.clear();
  const Status status = venue_.decode_frame(venue::StreamKind::user, frame, records_);
  if (!status.ok()) {
    ++counters_.unreadable;
    const auto channel = fmt::format("user: {}", records_.channel().empty() ? "?" : records_.channel());
    log_.log(LogLevel::error, "user", fmt::format("{} {}: {}", venue_.spec().name, channel, status.to_string()));
    events_.push_back(ConnectorErrorEvent{.timestamp = now, .channel = channel, .status = status});
  }
  for (const auto& record : records_.items()) {
    if (const auto* heartbeat = std::get_if<venue::HeartbeatRequest>(&record)) {
      session_.send_now(heartbeat->reply);
    } else if (const auto* time = std::get_if<venue::ServerTime>(&record)) {
      clock_.add_sample(time->time, now, now, time->resolution);
    } else if (const auto* login = std::get_if<venue::LoginResult>(&record)) {
      if (!login->status.ok()) {
        events_.push_back(ConnectorErrorEvent{.timestamp = now, .channel = "user: login", .status = login->status});
      }
      session_.on_login(login->status, now);
    } else if (const auto* result = std::get_if<venue::SubscriptionResult>(&record)) {
      subscriptions_.on_result(*result, now);
    } else if (std::holds_alternative<venue::UsedWeight>(record)) {
      desk_.note_used(records_, now);
    } else if (std::holds_alternative<venue::UserStreamExpired>(record)) {
      if (uses_key()) {
        key_.replace("expired", now);
      } else {
        session_.reconnect("the session of the private stream is over", now);
      }
    } else if (const auto* notice = std::get_if<venue::VenueNotice>(&record)) {
      events_.push_back(
          ConnectorErrorEvent{.timestamp = now, .channel = "user: " + notice->channel, .status = notice->status});
    }
  }
  handle_signals(now);
}

void UserStreamTrackerDataSource::on_time(Time now) {
  const auto before = session_.state();
  session_.on_time(now);
  subscriptions_.on_time(now);
  handle_signals(now);
  doubt_key(before, now);
  key_.on_time(now);
}

void UserStreamTrackerDataSource::excuse(Duration lost, Time now) {
  session_.excuse(lost, now);
  subscriptions_.excuse(lost, now);
}

Time UserStreamTrackerDataSource::next_wakeup() const {
  return std::min({session_.next_wakeup(), subscriptions_.next_wakeup(), key_.next_wakeup()});
}

}  // namespace calypte::engine
