// WebSockets: connections, the frames that control market streams, and their ends.
#include <algorithm>
#include <iterator>

#include "sim/dialects/binance/house.hpp"

namespace calypte::sim::binance {
namespace {

constexpr std::size_t kLongestId = 36;

/// Codes of the control frames.
constexpr int kUnknownProperty = 0;
constexpr int kBadValueType = 1;
constexpr int kInvalidRequest = 2;
constexpr int kInvalidJson = 3;

std::string control_answer(std::string_view id, std::string_view result) {
  std::string text;
  Writer(text).begin_object().key("result").raw(result).key("id").raw(id).end_object();
  return text;
}

std::string control_error(std::string_view id, int error, std::string_view message) {
  std::string text;
  Writer out(text);
  out.begin_object().key("code").integer(std::int64_t{error}).field("msg", message).key("id").raw(id).end_object();
  return text;
}

}  // namespace

std::optional<std::string> request_id_of(Value frame) {
  const Value id = frame.find("id");
  if (id.is_null()) return "null";
  if (id.is_number() && id.integer()) return std::string(id.text());
  if (!id.is_string() || id.string().size() > kLongestId) return std::nullopt;
  std::string text;
  Writer(text).string(id.string());
  return text;
}

bool BinanceHouse::on_connect(ConnectionId id, const std::string& target, Time now) {
  advance(now);
  if (faults_.refuse_connections) return false;
  const std::string_view whole = target;
  const std::size_t mark = whole.find('?');
  const std::string_view query = mark == std::string_view::npos ? std::string_view{} : whole.substr(mark + 1);
  const std::optional<Opened> opened = open_target(whole.substr(0, mark), query);
  if (!opened) return false;
  Connection connection;
  connection.kind = opened->kind;
  connection.route = opened->route;
  connection.combined = opened->combined;
  connection.since = now;
  connection.next_ping = now + rules_.ping;
  if (opened->kind == Connection::Kind::api) {
    Parameters parameters;
    parameters.add_encoded(query);
    connection.return_rate_limits = parameters.get("returnRateLimits") != "false";
    weight_.add(rules_.socket_api_connect_weight, now);
  }
  Connection& kept = connections_.insert_or_assign(id, std::move(connection)).first->second;
  for (const std::string& name : opened->streams) subscribe(id, kept, name, now);
  return true;
}

void BinanceHouse::on_disconnect(ConnectionId id, Time now) {
  advance(now);
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  found->second.closed = true;
  forget_closed();
}

void BinanceHouse::close(ConnectionId id, Connection& connection, std::uint16_t close_code) {
  if (connection.closed) return;
  actions_.emplace_back(venue::CloseConnection{id, close_code});
  connection.closed = true;
}

void BinanceHouse::forget_closed() {
  for (auto connection = connections_.begin(); connection != connections_.end();) {
    if (!connection->second.closed) {
      ++connection;
      continue;
    }
    const std::vector<std::string> names = connection->second.streams;
    for (const std::string& name : names) unsubscribe(connection->first, connection->second, name);
    connection = connections_.erase(connection);
  }
}

void BinanceHouse::close_all_sockets(std::uint16_t close_code, Time now) {
  advance(now);
  for (auto& [id, connection] : connections_) close(id, connection, close_code);
  forget_closed();
}

void BinanceHouse::announce_shutdown(Time now) {
  advance(now);
  std::string event;
  Writer(event).begin_object().field("e", "serverShutdown").key("E").integer(venue_ms(now)).end_object();
  for (const auto& [id, connection] : connections_) {
    if (connection.kind == Connection::Kind::market) {
      send_data(id, connection, "!serverShutdown", event);
    } else {
      send(id, "{\"event\":" + event + "}");
    }
  }
}

void BinanceHouse::send(ConnectionId id, std::string text) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.closed) return;
  actions_.emplace_back(venue::SendText{id, std::move(text)});
}

void BinanceHouse::on_text(ConnectionId id, venue::Bytes text, Time now) {
  advance(now);
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  const bool market = connection.kind == Connection::Kind::market;
  if (market) {
    auto& incoming = connection.incoming;
    while (!incoming.empty() && incoming.front() + 1s <= now) incoming.pop_front();
    incoming.push_back(now);
    if (incoming.size() > rules_.incoming_per_second) {
      close(id, connection, 1008);
      forget_closed();
      return;
    }
  }
  venue::json::Document document;
  const auto parsed = document.parse(text);
  if (!parsed || !parsed->is_object()) {
    if (market) {
      send(id, control_error("null", kInvalidJson, "Invalid JSON: expected value"));
    } else {
      answer_invalid_api_frame(id);
    }
    return;
  }
  if (market) {
    control(id, connection, *parsed, now);
  } else {
    call_api(id, connection, *parsed, now);
  }
  collect(now);
  forget_closed();
}

void BinanceHouse::control(ConnectionId id, Connection& connection, Value frame, Time now) {
  const auto request_id = request_id_of(frame);
  if (!request_id) {
    send(id, control_error("null", kInvalidRequest, "Invalid request: request ID must be an integer or a string"));
    return;
  }
  const std::string_view method = frame.find("method").string();
  const Value params = frame.find("params");
  if (method == "SUBSCRIBE" || method == "UNSUBSCRIBE") {
    std::vector<std::string> names;
    bool strings = params.is_array();
    for (const Value name : params.elements()) {
      strings = strings && name.is_string();
      names.emplace_back(name.string());
    }
    if (!strings) {
      send(id, control_error(*request_id, kInvalidRequest, "Invalid request: params must be an array of strings"));
      return;
    }
    if (method == "SUBSCRIBE" && connection.streams.size() + names.size() > rules_.streams_per_connection) {
      send(id, control_error(*request_id, kInvalidRequest, "Invalid request: too many streams"));
      return;
    }
    // A stream that does not exist is acknowledged like any other.
    send(id, control_answer(*request_id, "null"));
    for (const std::string& name : names) {
      if (method == "SUBSCRIBE") {
        subscribe(id, connection, name, now);
      } else {
        unsubscribe(id, connection, name);
      }
    }
    return;
  }
  if (method == "LIST_SUBSCRIPTIONS") {
    std::string list;
    Writer out(list);
    out.begin_array();
    for (const std::string& name : connection.streams) out.string(name);
    out.end_array();
    send(id, control_answer(*request_id, list));
    return;
  }
  if (method != "SET_PROPERTY" && method != "GET_PROPERTY") {
    send(id, control_error(*request_id, kInvalidRequest, "Invalid request: unknown method"));
    return;
  }
  if (params[0].string() != "combined") {
    send(id, control_error(*request_id, kUnknownProperty, "Unknown property"));
  } else if (method == "GET_PROPERTY") {
    send(id, control_answer(*request_id, connection.combined ? "true" : "false"));
  } else if (const auto wanted = params[1].boolean()) {
    connection.combined = *wanted;
    send(id, control_answer(*request_id, "null"));
  } else {
    send(id, control_error(*request_id, kBadValueType, "Invalid value type: expected Boolean"));
  }
}

}  // namespace calypte::sim::binance
