#include "sim/world.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

namespace calypte::sim {

namespace {

constexpr std::uint64_t kMaxStepsAtOneTime = 100'000;

template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace

World::World(engine::ExchangeEngine& engine, venue::WireServer& server, Paths paths, Time start)
    : engine_(engine), server_(server), paths_(std::move(paths)), now_(start) {}

void World::at(Time when, std::function<void()> what) { queue_.push({when, next_number_++, std::move(what)}); }

void World::start() {
  engine_.start(now_);
  settle();
}

void World::stop() {
  engine_.stop(now_);
  settle();
}

void World::settle() {
  // The same round as the runtime's: settle, carry out, tell; until nothing is left.
  for (;;) {
    engine_.settle();
    auto actions = std::exchange(engine_.actions(), {});
    auto events = std::exchange(engine_.events(), {});
    auto books = std::exchange(engine_.changed_books(), {});
    if (actions.empty() && events.empty() && books.empty()) return;
    for (auto& action : actions) carry_out(action);
    for (const auto& event : events) {
      events_.push_back(event);
      if (on_event) on_event(event);
    }
    for (const auto* book : books) {
      if (on_order_book) on_order_book(*book);
    }
  }
}

void World::flush_server() {
  for (auto& action : std::exchange(server_.actions(), {})) {
    std::visit(Overloaded{
                   [&](venue::SendText& text) {
                     const auto stream = connection_stream_.find(text.connection);
                     if (network.mute_streams || stream == connection_stream_.end()) return;
                     std::optional<std::string> passed = std::move(text.text);
                     if (network.on_the_way) passed = network.on_the_way(stream->second, std::move(*passed));
                     if (!passed) return;
                     at(now_ + network.latency, [this, connection = text.connection, body = std::move(*passed)] {
                       const auto it = connection_stream_.find(connection);
                       if (it == connection_stream_.end()) return;
                       engine_.on_frame(it->second, buffer_.assign(body), now_);
                     });
                   },
                   [&](venue::SendPing& ping) {
                     if (network.mute_streams) return;
                     at(now_ + network.latency, [this, connection = ping.connection] {
                       const auto it = connection_stream_.find(connection);
                       if (it != connection_stream_.end()) engine_.on_stream_alive(it->second, now_);
                     });
                   },
                   [&](venue::CloseConnection& close) {
                     if (network.mute_streams) return;
                     at(now_ + network.latency, [this, connection = close.connection, code = close.code] {
                       const auto it = connection_stream_.find(connection);
                       if (it == connection_stream_.end()) return;
                       const auto stream = it->second;
                       connection_stream_.erase(it);
                       stream_connection_.erase(stream);
                       engine_.on_stream_down(stream, fmt::format("closed by the server with code {}", code), now_);
                     });
                   },
               },
               action);
  }
}

const std::string& World::path_of(venue::StreamKind kind) const {
  switch (kind) {
    case venue::StreamKind::user:
      return paths_.user_stream;
    case venue::StreamKind::trades:
      return paths_.trade_stream;
    case venue::StreamKind::orders:
      return paths_.order_stream;
    case venue::StreamKind::market:
      break;
  }
  return paths_.market_stream;
}

void World::carry_out(engine::Action& action) {
  std::visit(Overloaded{
                 [&](engine::OpenStream& open) {
                   const auto stream = open.stream;
                   sent_.push_back(to_string(stream) + " open");
                   const venue::ConnectionId connection = next_connection_++;
                   stream_connection_[stream] = connection;
                   if (network.refuse_connections) {
                     at(now_ + network.latency, [this, stream, connection] {
                       if (stream_connection_[stream] != connection) return;
                       stream_connection_.erase(stream);
                       engine_.on_stream_down(stream, "connection refused", now_);
                     });
                     return;
                   }
                   at(now_ + network.latency * 2, [this, stream, connection, target = open.target] {
                     // Closed again by the client before it was up?
                     const auto it = stream_connection_.find(stream);
                     if (it == stream_connection_.end() || it->second != connection) return;
                     const auto& path = path_of(stream.kind);
                     if (path.empty() || !server_.on_connect(connection, path + target, now_)) {
                       stream_connection_.erase(it);
                       engine_.on_stream_down(stream, "refused with HTTP 404", now_);
                       return;
                     }
                     connection_stream_[connection] = stream;
                     engine_.on_stream_up(stream, now_);
                     flush_server();
                   });
                 },
                 [&](engine::CloseStream& close) {
                   sent_.push_back(to_string(close.stream) + " close");
                   const auto it = stream_connection_.find(close.stream);
                   if (it == stream_connection_.end()) return;
                   const auto connection = it->second;
                   stream_connection_.erase(it);
                   if (connection_stream_.erase(connection) == 0) return;
                   at(now_ + network.latency, [this, connection] {
                     server_.on_disconnect(connection, now_);
                     flush_server();
                   });
                 },
                 [&](engine::SendFrame& frame) { frame.request == 0 ? send(frame) : send_order_frame(frame); },
                 [&](engine::SendPing& ping) {
                   const auto it = stream_connection_.find(ping.stream);
                   if (it == stream_connection_.end() || network.mute_streams) return;
                   at(now_ + network.latency * 2, [this, connection = it->second] {
                     const auto found = connection_stream_.find(connection);
                     if (found != connection_stream_.end()) engine_.on_stream_alive(found->second, now_);
                   });
                 },
                 [&](engine::SendRequest& request) { send(request); },
             },
             action);
}

void World::send(engine::SendFrame& frame) {
  sent_.push_back(to_string(frame.stream) + "> " + frame.text);
  const auto it = stream_connection_.find(frame.stream);
  if (it == stream_connection_.end()) return;
  at(now_ + network.latency, [this, connection = it->second, text = std::move(frame.text)] {
    if (!connection_stream_.contains(connection)) return;
    server_.on_text(connection, buffer_.assign(text), now_);
    flush_server();
  });
}

void World::send_order_frame(engine::SendFrame& frame) {
  sent_.push_back(fmt::format("frame {}", frame.name));
  const auto it = stream_connection_.find(frame.stream);
  const RequestFault fault = it == stream_connection_.end() ? RequestFault::refuse
                             : network.request_fault        ? network.request_fault(frame.name)
                                                            : RequestFault::none;
  if (fault == RequestFault::stall) return;
  if (fault == RequestFault::refuse) {
    at(now_, [this, id = frame.request] {
      engine_.on_outcome(
          id, {.kind = venue::RequestOutcome::Kind::not_sent, .reply = {}, .error = "the stream is not open"}, now_);
    });
    return;
  }
  at(now_ + network.latency, [this, connection = it->second, fault, text = std::move(frame.text)] {
    if (!connection_stream_.contains(connection)) return;
    const bool arrives = fault != RequestFault::lose_request && fault != RequestFault::gateway_error;
    if (arrives) {
      server_.on_text(connection, buffer_.assign(text), now_);
      flush_server();
    }
    if (fault != RequestFault::none) cut(connection, "connection reset");
  });
}

void World::cut(venue::ConnectionId connection, std::string_view reason) {
  const auto found = connection_stream_.find(connection);
  if (found == connection_stream_.end()) return;
  const auto stream = found->second;
  connection_stream_.erase(found);  // nothing arrives any more, in either direction
  server_.on_disconnect(connection, now_);
  flush_server();
  at(now_ + network.latency, [this, stream, connection, reason = std::string(reason)] {
    const auto it = stream_connection_.find(stream);
    if (it == stream_connection_.end() || it->second != connection) return;
    stream_connection_.erase(it);
    engine_.on_stream_down(stream, reason, now_);
  });
}

void World::send(engine::SendRequest& request) {
  const auto id = request.id;
  sent_.push_back(fmt::format("request {}", request.name));
  const RequestFault fault = network.refuse_connections ? RequestFault::refuse
                             : network.request_fault    ? network.request_fault(request.name)
                                                        : RequestFault::none;
  unanswered_[id] = true;
  at(now_ + request.limit, [this, id] {
    answer(id, {.kind = venue::RequestOutcome::Kind::unknown, .reply = {}, .error = "no answer within the limit"});
  });
  switch (fault) {
    case RequestFault::refuse:
      at(now_ + network.latency, [this, id] {
        answer(id, {.kind = venue::RequestOutcome::Kind::not_sent, .reply = {}, .error = "connection refused"});
      });
      return;
    case RequestFault::lose_request:
      at(now_ + network.latency, [this, id] {
        answer(id, {.kind = venue::RequestOutcome::Kind::unknown, .reply = {}, .error = "connection reset"});
      });
      return;
    case RequestFault::gateway_error:
      at(now_ + network.latency * 2, [this, id] { answer_with_page(id); });
      return;
    case RequestFault::stall:
      return;
    case RequestFault::gateway_error_after:
    case RequestFault::lose_reply:
    case RequestFault::none:
      break;
  }
  venue::ServerRequest arriving{.method = request.request.method,
                                .target = paths_.rest + request.request.target,
                                .headers = std::move(request.request.headers),
                                .body = std::move(request.request.body)};
  at(now_ + network.latency, [this, id, fault, name = request.name, arriving = std::move(arriving)] {
    auto reply = server_.on_request(arriving, now_);
    flush_server();
    if (fault == RequestFault::gateway_error_after) {
      at(now_ + network.latency, [this, id] { answer_with_page(id); });
      return;
    }
    if (network.reply_on_the_way) network.reply_on_the_way(name, reply);
    if (fault == RequestFault::lose_reply || reply.cut_connection) {
      at(now_ + network.latency, [this, id] {
        answer(id, {.kind = venue::RequestOutcome::Kind::unknown, .reply = {}, .error = "connection reset"});
      });
      return;
    }
    at(now_ + network.latency, [this, id, reply = std::move(reply)] {
      venue::PaddedBuffer body(reply.body);
      venue::RequestOutcome outcome;
      outcome.reply.http_status = reply.http_status;
      outcome.reply.headers = reply.headers;
      outcome.reply.body = body.bytes();
      answer(id, outcome);
    });
  });
}

void World::answer_with_page(venue::RequestId id) {
  venue::PaddedBuffer body("<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>");
  venue::RequestOutcome outcome;
  outcome.reply.http_status = 502;
  outcome.reply.headers = {{"Content-Type", "text/html"}};
  outcome.reply.body = body.bytes();
  answer(id, outcome);
}

void World::answer(venue::RequestId id, const venue::RequestOutcome& outcome) {
  if (unanswered_.erase(id) == 0) return;
  engine_.on_outcome(id, outcome, now_);
}

void World::cut_streams(std::string_view reason) {
  for (const auto& [connection, stream] : std::exchange(connection_stream_, {})) {
    stream_connection_.erase(stream);
    server_.on_disconnect(connection, now_);
    engine_.on_stream_down(stream, reason, now_);
  }
  flush_server();
  settle();
}

Time World::next_time() const {
  Time next = std::min(engine_.next_wakeup(), server_.next_wakeup());
  if (!queue_.empty()) next = std::min(next, queue_.top().at);
  return std::max(next, now_);
}

void World::step(Time until) {
  ++steps_;
  const Time next = next_time();
  if (next > until) {
    // What is commanded from outside happens now, not when the engine last had something to do.
    now_ = until;
    engine_.on_time(now_);
    settle();
    return;
  }
  // Something that asks to be woken now, for ever, is a bug of the engine or of the venue; say so instead of hanging.
  steps_at_this_time_ = next == now_ ? steps_at_this_time_ + 1 : 0;
  if (steps_at_this_time_ > kMaxStepsAtOneTime) throw std::logic_error("virtual time stands still");
  now_ = next;
  if (!queue_.empty() && queue_.top().at <= now_) {
    const auto what = queue_.top().what;
    queue_.pop();
    what();
  } else if (server_.next_wakeup() <= now_) {
    server_.on_time(now_);
    flush_server();
  } else {
    engine_.on_time(now_);
  }
  settle();
}

void World::run_for(Duration duration) {
  settle();
  const Time end = now_ + duration;
  while (now_ < end) step(end);
}

bool World::run_until(const std::function<bool()>& condition, Duration limit) {
  settle();
  const Time end = now_ + limit;
  while (!condition()) {
    if (now_ >= end) return false;
    step(end);
  }
  return true;
}

}  // namespace calypte::sim
