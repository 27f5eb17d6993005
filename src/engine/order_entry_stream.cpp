#include "engine/order_entry_stream.hpp"

#include <fmt/format.h>
#include <utility>
#include <variant>

#include "engine/login.hpp"

namespace calypte::engine {

OrderEntryStream::OrderEntryStream(venue::Venue& venue, RequestDesk& desk, ClockSync& clock, core::Random random,
                                   Actions& actions, LogSink& log)
    : venue_(venue),
      desk_(desk),
      clock_(clock),
      log_(log),
      session_({venue::StreamKind::orders, 0}, venue.spec().streams, venue.spec().streams.order_stream_login,
               Backoff({}, random), actions, log) {}

void OrderEntryStream::start(Time now) { session_.start(now); }

void OrderEntryStream::stop(Time now) {
  session_.stop(now);
  handle_signals(now);
}

void OrderEntryStream::on_stream_up(Time now) {
  session_.on_up(now);
  handle_signals(now);
}

void OrderEntryStream::on_stream_down(std::string_view reason, Time now) {
  session_.on_down(reason, now);
  handle_signals(now);
}

void OrderEntryStream::on_time(Time now) {
  session_.on_time(now);
  handle_signals(now);
}

void OrderEntryStream::take(std::string frame, venue::RequestId id, const venue::Request& request, Time now) {
  session_.send_request({.stream = {},
                         .text = std::move(frame),
                         .request = id,
                         .name = request_name(request),
                         .places_orders = places_orders(request)},
                        now);
}

void OrderEntryStream::handle_signals(Time now) {
  while (!session_.signals().empty()) {
    for (const auto signal : std::exchange(session_.signals(), {})) {
      switch (signal) {
        case Session::Signal::login_needed:
          send_login(session_, venue_, desk_, now);
          break;
        case Session::Signal::up:
          break;
        case Session::Signal::down:
          desk_.fail_frames(session_.down_reason(), now);
          break;
      }
    }
  }
}

void OrderEntryStream::on_frame(venue::Bytes frame, Time now) {
  session_.on_alive(now);
  ++counters_.frames;
  counters_.bytes += frame.size();
  records_.clear();
  const Status status = desk_.on_answer(frame, records_, now);
  if (!status.ok()) {
    ++counters_.unreadable;
    const auto channel = fmt::format("orders: {}", records_.channel().empty() ? "?" : records_.channel());
    log_.log(LogLevel::error, "orders", fmt::format("{} {}: {}", venue_.spec().name, channel, status.to_string()));
    events_.push_back(ConnectorErrorEvent{.timestamp = now, .channel = channel, .status = status});
  }
  for (const auto& record : records_.items()) apply_control(record, now);
  handle_signals(now);
}

void OrderEntryStream::apply_control(const venue::Record& record, Time now) {
  if (const auto* heartbeat = std::get_if<venue::HeartbeatRequest>(&record)) {
    session_.send_now(heartbeat->reply);
  } else if (const auto* time = std::get_if<venue::ServerTime>(&record)) {
    clock_.add_sample(time->time, now, now, time->resolution);
  } else if (const auto* login = std::get_if<venue::LoginResult>(&record)) {
    if (!login->status.ok()) {
      events_.push_back(ConnectorErrorEvent{.timestamp = now, .channel = "orders: login", .status = login->status});
    }
    session_.on_login(login->status, now);
  } else if (std::holds_alternative<venue::UserStreamExpired>(record)) {
    session_.reconnect("the session is over", now);
  } else if (const auto* notice = std::get_if<venue::VenueNotice>(&record)) {
    events_.push_back(
        ConnectorErrorEvent{.timestamp = now, .channel = "orders: " + notice->channel, .status = notice->status});
  }
}

}  // namespace calypte::engine
