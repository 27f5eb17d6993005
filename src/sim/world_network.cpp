// What travels between the two sides: streams, frames, requests and answers.
#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

#include "sim/world.hpp"

namespace calypte::sim {

namespace {

using Kind = venue::RequestOutcome::Kind;

/// How late a request arrives of which the client believes that it was lost. Shorter than the time for which the
/// engine keeps asking, as is the life of a signed request at most venues.
constexpr Duration kLate = std::chrono::milliseconds{2500};

template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace

Time World::arrival(Link& link, Way way) {
  Time& last = way == Way::to_venue ? link.to_venue : link.to_client;
  last = std::max(last, now_ + delay(way));
  return last;
}

std::vector<venue::ConnectionId> World::connections() const {
  std::vector<venue::ConnectionId> ids;
  for (const auto& [id, link] : links_) {
    if (link.client) ids.push_back(id);
  }
  return ids;
}

std::optional<venue::StreamId> World::stream_of(venue::ConnectionId connection) const {
  const auto found = links_.find(connection);
  return found == links_.end() ? std::nullopt : std::optional(found->second.stream);
}

World::Link* World::link_of(venue::StreamId stream) {
  const auto connection = stream_connection_.find(stream);
  if (connection == stream_connection_.end()) return nullptr;
  const auto found = links_.find(connection->second);
  return found == links_.end() ? nullptr : &found->second;
}

World::Link* World::heard_by_client(venue::ConnectionId connection) {
  const auto found = links_.find(connection);
  return found == links_.end() || !found->second.client || found->second.silent ? nullptr : &found->second;
}

void World::forget(venue::ConnectionId connection) { links_.erase(connection); }

/// The client learns that its connection is over.
void World::client_lost(venue::ConnectionId connection, std::string_view reason) {
  const auto found = links_.find(connection);
  if (found == links_.end() || !found->second.client) return;
  const venue::StreamId stream = found->second.stream;
  forget(connection);
  stream_connection_.erase(stream);
  if (engine_ != nullptr) engine_->on_stream_down(stream, reason, now_);
}

void World::server_lost(venue::ConnectionId connection) {
  links_.at(connection).server = false;
  server_.on_disconnect(connection, now_);
  flush_server();
}

void World::cut(venue::ConnectionId connection, std::string_view reason) {
  const auto found = links_.find(connection);
  if (found == links_.end()) return;
  Link& link = found->second;
  if (link.server) server_lost(connection);
  if (!link.client) {
    forget(connection);
    return;
  }
  link.silent = true;  // nothing of it arrives any more, in either direction
  at(now_ + network.latency, [this, connection, reason = std::string(reason)] { client_lost(connection, reason); });
}

void World::silence(venue::ConnectionId connection) {
  const auto found = links_.find(connection);
  if (found != links_.end()) found->second.silent = true;
}

void World::hold_up(venue::ConnectionId connection, Time until) {
  const auto found = links_.find(connection);
  if (found == links_.end()) return;
  found->second.to_client = std::max(found->second.to_client, until);
  found->second.to_venue = std::max(found->second.to_venue, until);
}

void World::cut_streams(std::string_view reason) {
  for (const auto connection : connections()) {
    Link& link = links_.at(connection);
    if (!link.server) continue;
    server_.on_disconnect(connection, now_);
    client_lost(connection, reason);
  }
  flush_server();
  settle();
}

void World::push_in_order(venue::ConnectionId connection, std::string text, bool cut_behind) {
  Link& link = links_.at(connection);
  at(arrival(link, Way::from_venue), [this, connection, cut_behind, body = std::move(text)] {
    const Link* found = heard_by_client(connection);
    if (found == nullptr || engine_ == nullptr) return;
    engine_->on_frame(found->stream, buffer_.assign(body), now_);
    if (cut_behind) cut(connection, "connection reset");
  });
}

void World::push(venue::ConnectionId connection, std::string text) {
  const auto found = links_.find(connection);
  if (found == links_.end() || !found->second.client || found->second.silent) return;
  Link& link = found->second;
  std::optional<std::string> passed = std::move(text);
  if (network.on_the_way) passed = network.on_the_way(link.stream, std::move(*passed));
  if (!passed) return;
  const FrameFault fault = network.frame_fault ? network.frame_fault(link.stream, *passed) : FrameFault::none;
  if (fault == FrameFault::drop) return;
  if (fault == FrameFault::cut_before) {
    // Also in between two frames that the venue has written at once.
    at(arrival(link, Way::from_venue), [this, connection] { cut(connection, "connection reset"); });
    return;
  }
  if (fault == FrameFault::swap_with_next && !link.swapped) {
    link.swapped = std::move(passed);
    return;
  }
  auto swapped = std::exchange(link.swapped, std::nullopt);
  if (fault == FrameFault::twice) push_in_order(connection, *passed, false);
  push_in_order(connection, std::move(*passed), fault == FrameFault::cut_after);
  if (swapped) push_in_order(connection, std::move(*swapped), false);
}

void World::flush_server() {
  for (auto& action : std::exchange(server_.actions(), {})) {
    std::visit(Overloaded{
                   [&](venue::SendText& text) {
                     if (!network.mute_streams) push(text.connection, std::move(text.text));
                   },
                   [&](venue::SendPing& ping) {
                     if (network.mute_streams) return;
                     const auto link = links_.find(ping.connection);
                     if (link == links_.end()) return;
                     at(arrival(link->second, Way::from_venue), [this, connection = ping.connection] {
                       const Link* found = heard_by_client(connection);
                       if (found != nullptr && engine_ != nullptr) engine_->on_stream_alive(found->stream, now_);
                     });
                   },
                   [&](venue::CloseConnection& close) {
                     const auto link = links_.find(close.connection);
                     if (link == links_.end()) return;
                     link->second.server = false;
                     if (network.mute_streams) return;
                     at(arrival(link->second, Way::from_venue),
                        [this, connection = close.connection, code = close.code] {
                          if (heard_by_client(connection) == nullptr) return;
                          client_lost(connection, fmt::format("closed by the server with code {}", code));
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
                 [&](engine::OpenStream& each) { open(each); },
                 [&](engine::CloseStream& each) { close(each); },
                 [&](engine::SendFrame& frame) { frame.request == 0 ? send(frame) : send_order_frame(frame); },
                 [&](engine::SendPing& each) { ping(each); },
                 [&](engine::SendRequest& request) { send(request); },
             },
             action);
}

void World::open(const engine::OpenStream& action) {
  const auto stream = action.stream;
  note_sent(to_string(stream) + " open");
  const venue::ConnectionId connection = next_connection_++;
  stream_connection_[stream] = connection;
  Link& link = links_.emplace(connection, Link{.stream = stream}).first->second;
  if (network.refuse_connections) {
    at(now_ + delay(Way::connect), [this, connection] { client_lost(connection, "connection refused"); });
    return;
  }
  at(arrival(link, Way::to_venue) + delay(Way::connect), [this, connection, target = action.target] {
    // Closed again by the client, or cut, before it was up?
    Link* found = heard_by_client(connection);
    if (found == nullptr || engine_ == nullptr) return;
    const auto& path = path_of(found->stream.kind);
    if (network.refuse_streams) {
      client_lost(connection, "refused with HTTP 503");
      return;
    }
    if (path.empty() || !server_.on_connect(connection, path + target, now_)) {
      client_lost(connection, "refused with HTTP 404");
      return;
    }
    found->server = true;
    engine_->on_stream_up(found->stream, now_);
    flush_server();
  });
}

void World::close(const engine::CloseStream& action) {
  note_sent(to_string(action.stream) + " close");
  const auto it = stream_connection_.find(action.stream);
  if (it == stream_connection_.end()) return;
  const auto connection = it->second;
  stream_connection_.erase(it);
  const auto found = links_.find(connection);
  if (found == links_.end()) return;
  if (!found->second.server) {
    forget(connection);
    return;
  }
  found->second.client = false;
  found->second.silent = true;
  at(now_ + network.latency, [this, connection] {
    const auto link = links_.find(connection);
    if (link == links_.end()) return;
    if (link->second.server) server_lost(connection);
    forget(connection);
  });
}

void World::ping(const engine::SendPing& action) {
  const auto it = stream_connection_.find(action.stream);
  if (it == stream_connection_.end() || network.mute_streams) return;
  Link* link = heard_by_client(it->second);
  if (link == nullptr || !link->server) return;
  at(arrival(*link, Way::to_venue), [this, connection = it->second] {
    Link* there = heard_by_client(connection);
    if (there == nullptr) return;
    at(arrival(*there, Way::from_venue), [this, connection] {
      const Link* found = heard_by_client(connection);
      if (found != nullptr && engine_ != nullptr) engine_->on_stream_alive(found->stream, now_);
    });
  });
}

void World::send(engine::SendFrame& frame) {
  note_sent(to_string(frame.stream) + "> " + frame.text);
  Link* link = link_of(frame.stream);
  if (link == nullptr) return;
  at(arrival(*link, Way::to_venue),
     [this, connection = stream_connection_[frame.stream], text = std::move(frame.text)] {
       const auto found = links_.find(connection);
       if (found == links_.end() || !found->second.server || found->second.silent) return;
       server_.on_text(connection, buffer_.assign(text), now_);
       flush_server();
     });
}

void World::send_order_frame(engine::SendFrame& frame) {
  note_sent(fmt::format("frame {}", frame.name));
  Link* link = link_of(frame.stream);
  const RequestFault fault = link == nullptr         ? RequestFault::refuse
                             : network.request_fault ? network.request_fault(frame.name)
                                                     : RequestFault::none;
  if (fault == RequestFault::stall) return;
  if (fault == RequestFault::refuse) {
    answer_after(Duration{0}, frame.request, Kind::not_sent, "the stream is not open");
    unanswered_.insert(frame.request);
    return;
  }
  at(arrival(*link, Way::to_venue),
     [this, connection = stream_connection_[frame.stream], fault, text = std::move(frame.text)] {
       const auto found = links_.find(connection);
       if (found == links_.end() || !found->second.server || found->second.silent) return;
       const bool arrives =
           fault != RequestFault::lose_request && fault != RequestFault::gateway_error && fault != RequestFault::late;
       if (arrives) {
         server_.on_text(connection, buffer_.assign(text), now_);
         if (fault == RequestFault::resend) server_.on_text(connection, buffer_.assign(text), now_);
         flush_server();
       }
       if (fault != RequestFault::none) cut(connection, "connection reset");
     });
}

void World::answer_after(Duration delay, venue::RequestId id, Kind kind, std::string_view error) {
  at(now_ + delay, [this, id, kind, life = life_, text = std::string(error)] {
    if (life == life_) answer(id, {.kind = kind, .reply = {}, .error = text});
  });
}

void World::send(engine::SendRequest& request) {
  const auto id = request.id;
  note_sent(fmt::format("request {}", request.name));
  const RequestFault fault = network.refuse_connections ? RequestFault::refuse
                             : network.request_fault    ? network.request_fault(request.name)
                                                        : RequestFault::none;
  unanswered_.insert(id);
  answer_after(request.limit, id, Kind::unknown, "no answer within the limit");
  Duration way_there = delay(Way::request);
  switch (fault) {
    case RequestFault::refuse:
      answer_after(way_there, id, Kind::not_sent, "connection refused");
      return;
    case RequestFault::lose_request:
      answer_after(way_there, id, Kind::unknown, "connection reset");
      return;
    case RequestFault::gateway_error:
      at(now_ + way_there + delay(Way::reply), [this, id, life = life_] {
        if (life == life_) answer_with_page(id);
      });
      return;
    case RequestFault::stall:
      return;
    case RequestFault::late:
      answer_after(way_there, id, Kind::unknown, "connection reset");
      way_there += kLate;
      break;
    case RequestFault::gateway_error_after:
    case RequestFault::lose_reply:
    case RequestFault::resend:
    case RequestFault::none:
      break;
  }
  venue::ServerRequest arriving{.method = request.request.method,
                                .target = paths_.rest + request.request.target,
                                .headers = std::move(request.request.headers),
                                .body = std::move(request.request.body)};
  at(now_ + way_there, [this, id, fault, name = request.name, life = life_, arriving = std::move(arriving)] {
    // One whose sender has died goes on all the same; its answer finds nobody.
    arrive(life == life_ ? id : 0, fault, name, arriving);
  });
}

void World::arrive(venue::RequestId id, RequestFault fault, std::string_view name,
                   const venue::ServerRequest& arriving) {
  std::optional<venue::ServerReply> instead;
  if (network.reply_instead) instead = network.reply_instead(name);
  venue::ServerReply reply = instead ? std::move(*instead) : server_.on_request(arriving, now_);
  if (fault == RequestFault::resend && !instead) (void)server_.on_request(arriving, now_);
  flush_server();
  if (fault == RequestFault::gateway_error_after) {
    at(now_ + delay(Way::reply), [this, id, life = life_] {
      if (life == life_) answer_with_page(id);
    });
    return;
  }
  if (network.replied && !instead) network.replied(name, arriving, reply);
  if (network.reply_on_the_way) network.reply_on_the_way(name, reply);
  if (fault == RequestFault::lose_reply || fault == RequestFault::late || fault == RequestFault::resend ||
      reply.cut_connection) {
    answer_after(delay(Way::reply), id, Kind::unknown, "connection reset");
    return;
  }
  at(now_ + delay(Way::reply), [this, id, life = life_, reply = std::move(reply)] {
    if (life == life_) answer_with(id, reply);
  });
}

void World::answer_with(venue::RequestId id, const venue::ServerReply& reply) {
  venue::PaddedBuffer body(reply.body);
  venue::RequestOutcome outcome;
  outcome.reply.http_status = reply.http_status;
  outcome.reply.headers = reply.headers;
  outcome.reply.body = body.bytes();
  answer(id, outcome);
}

void World::answer_with_page(venue::RequestId id) {
  venue::ServerReply page;
  page.http_status = 502;
  page.headers = {{"Content-Type", "text/html"}};
  page.body = "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>";
  answer_with(id, page);
}

void World::answer(venue::RequestId id, const venue::RequestOutcome& outcome) {
  if (unanswered_.erase(id) == 0 || engine_ == nullptr) return;
  engine_->on_outcome(id, outcome, now_);
}

}  // namespace calypte::sim
