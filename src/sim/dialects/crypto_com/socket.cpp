// The WebSocket side: connections, frames, logins, heartbeats and orders over the user socket.
#include <algorithm>
#include <iterator>

#include "sim/dialects/crypto_com/crypto_com_venue.hpp"

namespace calypte::sim::crypto_com {

bool CryptoComVenue::on_connect(ConnectionId id, const std::string& target, Time now) {
  advance(now);
  if (faults_.refuse_connections) return false;
  const std::string path = target.substr(0, target.find('?'));
  const bool user = path == "/exchange/v1/user";
  if (!user && path != "/exchange/v1/market") return false;
  Connection connection;
  connection.user = user;
  connection.since = now;
  connection.next_heartbeat = now + options_.timing.heartbeat;
  connection.next_ping = now + options_.timing.ping;
  connections_.insert_or_assign(id, std::move(connection));
  return true;
}

void CryptoComVenue::on_disconnect(ConnectionId id, Time now) {
  advance(now);
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  if (found->second.cancel_on_disconnect && found->second.account) {
    for (const OrderId order : exchange_.open_orders(accounts_[*found->second.account].account)) {
      if (exchange_.order(order)->request.tag == id) cancel_later(order, now);
    }
  }
  connections_.erase(found);
}

void CryptoComVenue::close(ConnectionId id, Connection& connection, std::uint16_t close_code) {
  actions_.emplace_back(venue::CloseConnection{id, close_code});
  connection.closed = true;
  if (!connection.cancel_on_disconnect || !connection.account) return;
  for (const OrderId order : exchange_.open_orders(accounts_[*connection.account].account)) {
    if (exchange_.order(order)->request.tag == id) cancel_later(order, now_);
  }
}

void CryptoComVenue::close_all_sockets(std::uint16_t close_code, Time now) {
  advance(now);
  for (auto& [id, connection] : connections_) close(id, connection, close_code);
  forget_closed();
}

void CryptoComVenue::send(ConnectionId id, std::string text) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.closed) return;
  actions_.emplace_back(venue::SendText{id, std::move(text)});
}

void CryptoComVenue::send_data(ConnectionId id, const std::string& channel, std::string text) {
  if (faults_.mute_data || faults_.muted_channels.count(channel) > 0) return;
  send(id, std::move(text));
}

bool CryptoComVenue::within_frame_rate(Connection& connection, Time now) {
  if (!options_.rate_limits.sockets) return true;
  const auto full =
      connection.user ? options_.rate_limits.user_frames_per_second : options_.rate_limits.market_frames_per_second;
  const Time second = std::chrono::floor<std::chrono::seconds>(now);
  const std::int64_t index = to_unix_ms(second);
  if (connection.second != index) {
    connection.second = index;
    connection.frames_in_second = 0;
  }
  // In the calendar second of connecting only the part of the allowance for what was left of it is granted.
  std::int64_t allowed = full;
  if (connection.since >= second) {
    const std::int64_t left_ms =
        1000 - std::chrono::duration_cast<std::chrono::milliseconds>(connection.since - second).count();
    allowed = (full * left_ms + 999) / 1000;
  }
  return ++connection.frames_in_second <= allowed;
}

void CryptoComVenue::on_text(ConnectionId id, venue::Bytes text, Time now) {
  advance(now);
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  venue::json::Document document;
  const auto parsed = document.parse(text);
  if (!parsed || !parsed->is_object()) return;  // What is not JSON is ignored silently, as the venue does.
  const Value frame = *parsed;
  if (!within_frame_rate(connection, now)) {
    send(id, envelope(id_of(frame), frame.find("method").string(), code::kTooManyRequests, {}, {}));
    return;
  }
  handle(id, connection, frame, now);
  collect(now);
  forget_closed();
}

void CryptoComVenue::handle(ConnectionId id, Connection& connection, Value frame, Time now) {
  const std::string_view method = frame.find("method").string();
  if (method == "public/respond-heartbeat") {
    const std::int64_t beat = id_of(frame);
    auto& unanswered = connection.unanswered;
    // An answer to a heartbeat answers for the earlier ones too: the client is alive.
    const auto place = std::find(unanswered.begin(), unanswered.end(), beat);
    if (place != unanswered.end()) unanswered.erase(unanswered.begin(), std::next(place));
  } else if (method == "subscribe") {
    subscribe(id, connection, frame, now);
  } else if (method == "unsubscribe") {
    unsubscribe(id, connection, frame);
  } else if (method == "public/auth" && connection.user) {
    handle_auth(id, connection, frame, now);
  } else if (works_on_socket(method) && connection.user) {
    handle_private(id, connection, frame, now);
  } else {
    send(id, envelope(id_of(frame), method.empty() ? "ERROR" : method, code::kUnknownMethod, {}, {}));
  }
}

void CryptoComVenue::handle_auth(ConnectionId id, Connection& connection, Value frame, Time now) {
  const std::int64_t request_id = id_of(frame);
  if (faults_.reject_auths > 0) {
    --faults_.reject_auths;
    send(id, envelope(request_id, "public/auth", code::kUnauthorized, {}, {}));
    return;
  }
  const auto who = authenticate(frame, now);
  if (const int* refused = std::get_if<int>(&who)) {
    send(id, envelope(request_id, "public/auth", *refused, {}, {}));
    return;
  }
  connection.account = std::get<std::size_t>(who);
  send(id, envelope(request_id, "public/auth", 0, {}, {}));
}

void CryptoComVenue::handle_private(ConnectionId id, Connection& connection, Value frame, Time now) {
  const std::string method(frame.find("method").string());
  const std::int64_t request_id = id_of(frame);
  const auto answer_with = [&](std::string text) {
    if (options_.timing.socket_ack == Duration{0}) {
      send(id, std::move(text));
    } else {
      schedule(now + options_.timing.socket_ack, 0, [this, id, late = std::move(text)](Time) { send(id, late); });
    }
  };
  if (!connection.account) {
    answer_with(envelope(request_id, method, code::kUnauthorized, {}, {}));
    return;
  }
  const Value params = frame.find("params");
  if (method == "private/set-cancel-on-disconnect") {
    const std::string_view scope = params.find("scope").string();
    const bool known =
        scope == "CONNECTION" || (scope == "ACCOUNT" && options_.quirks.account_scope_cancel_on_disconnect);
    if (known) connection.cancel_on_disconnect = true;
    std::string result;
    Writer(result).begin_object().field("scope", scope).end_object();
    answer_with(envelope(request_id, method, known ? 0 : code::kBadArgument, {}, known ? result : std::string()));
    return;
  }
  if (method == "private/get-cancel-on-disconnect") {
    answer_with(
        envelope(request_id, method, 0, {}, connection.cancel_on_disconnect ? R"({"scope":"CONNECTION"})" : "{}"));
    return;
  }
  std::string_view nonce = frame.find("nonce").scalar();
  const std::string fallback = std::to_string(venue_ms(now));
  if (nonce.empty()) nonce = fallback;
  const Answer answer = call_private(method, params, nonce, *connection.account, id, now);
  answer_with(envelope(request_id, method, answer.code, answer.message, answer.result));
}

}  // namespace calypte::sim::crypto_com
