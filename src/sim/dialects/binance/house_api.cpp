// The WebSocket API: requests in frames, sessions, and the subscriptions to an account's events.
#include <algorithm>

#include "sim/dialects/binance/house.hpp"
#include "sim/dialects/binance/signature.hpp"

namespace calypte::sim::binance {
namespace {

/// Ids that one connection may use up.
constexpr std::uint32_t kMaxSubscriptions = 65535;

}  // namespace

void BinanceHouse::answer_invalid_api_frame(ConnectionId id) {
  answer_api(id, "null", failure(code::kInvalidJson, "Invalid JSON Request"), {}, {});
}

void BinanceHouse::answer_api(ConnectionId id, std::string_view request_id, const Answer& answer,
                              const Connection* connection, std::string_view rate_limits) {
  std::string text;
  Writer out(text);
  out.begin_object().key("id").raw(request_id).key("status").integer(std::int64_t{answer.status});
  if (answer.ok()) {
    out.key("result").raw(answer.body);
  } else {
    out.key("error").raw(error_body(answer));
  }
  if (connection != nullptr && connection->return_rate_limits && !rate_limits.empty()) {
    out.key("rateLimits").raw(rate_limits);
  }
  out.end_object();
  send(id, std::move(text));
}

void BinanceHouse::call_api(ConnectionId id, Connection& connection, Value frame, Time now) {
  const auto request_id = request_id_of(frame);
  if (!request_id) {
    answer_api(id, "null", failure(code::kIllegalCharacters, "Invalid 'id' in JSON request"), nullptr, {});
    return;
  }
  std::string_view method = frame.find("method").string();
  constexpr std::string_view kVersion = "v3/";
  if (method.substr(0, kVersion.size()) == kVersion) method.remove_prefix(kVersion.size());
  const auto endpoint = api_.find(method);
  if (endpoint == api_.end()) {
    answer_api(id, *request_id, failure(code::kUnknown, "Unknown method."), nullptr, {});
    return;
  }
  Parameters parameters;
  parameters.add_members(frame.find("params"));
  Proof proof;
  proof.key = parameters.get("apiKey");
  proof.signature = parameters.get("signature");
  proof.session = connection.session;
  proof.payloads = {sorted_payload(parameters, false), sorted_payload(parameters, true)};
  const Outcome outcome = perform(method, endpoint->second, parameters, proof, id, now);
  using Kind = ReplyFault::Kind;
  if (outcome.fault == Kind::cut_after_acting || outcome.fault == Kind::cut_before_acting ||
      outcome.fault == Kind::bad_gateway_after || outcome.fault == Kind::bad_gateway_before) {
    close(id, connection, 1001);
    return;
  }
  std::string limits;
  if (parameters.get("returnRateLimits") != "false") {
    Writer out(limits);
    write_rate_limits(out, outcome.account, true, endpoint->second.counts_as_order, now);
  }
  answer_api(id, *request_id, outcome.answer, &connection, limits);
}

Answer BinanceHouse::session_state(const Connection& connection, Time now) const {
  std::string text;
  Writer out(text);
  out.begin_object();
  if (connection.session) {
    out.field("apiKey", accounts_[*connection.session].ed25519_api_key);
    out.key("authorizedSince").integer(venue_ms(connection.authorized_since));
  } else {
    out.key("apiKey").null().key("authorizedSince").null();
  }
  out.key("connectedSince").integer(venue_ms(connection.since));
  out.key("returnRateLimits").boolean(connection.return_rate_limits);
  out.key("serverTime").integer(venue_ms(now));
  const auto& all = connection.subscriptions;
  out.key("userDataStream").boolean(std::any_of(all.begin(), all.end(), [](const auto& s) { return s.by_logon; }));
  out.end_object();
  return success(text);
}

Answer BinanceHouse::log_on(const Call& call) {
  const auto who = find_key(call.parameters.get("apiKey"));
  if (!who || !who->ed25519) {
    return failure(code::kKeyTypeNotSupported, "HMAC_SHA256 API key is not supported.");
  }
  Connection& connection = connections_.at(call.connection);
  connection.session = who->account;
  connection.authorized_since = call.now;
  return session_state(connection, call.now);
}

Answer BinanceHouse::log_out(const Call& call) {
  Connection& connection = connections_.at(call.connection);
  auto& all = connection.subscriptions;
  for (const UserSubscription& subscription : all) {
    if (subscription.by_logon) end_subscription(call.connection, subscription, call.now);
  }
  all.erase(std::remove_if(all.begin(), all.end(), [](const auto& s) { return s.by_logon; }), all.end());
  connection.session.reset();
  return session_state(connection, call.now);
}

void BinanceHouse::add_session_methods() {
  const auto method = [this](std::string_view name, Security security, std::function<Answer(const Call&)> handler) {
    add_api(name, Endpoint{security, costs(2), std::move(handler), false, false});
  };
  method("session.logon", Security::signature, [this](const Call& call) { return log_on(call); });
  method("session.logout", Security::none, [this](const Call& call) { return log_out(call); });
  method("session.status", Security::none,
         [this](const Call& call) { return session_state(connections_.at(call.connection), call.now); });
}

void BinanceHouse::add_user_subscriptions() {
  const auto method = [this](std::string_view name, Security security, std::function<Answer(const Call&)> handler) {
    add_api(name, Endpoint{security, costs(2), std::move(handler), false, false});
  };
  method("userDataStream.subscribe", Security::none, [this](const Call& call) {
    Connection& connection = connections_.at(call.connection);
    if (!connection.session) {
      return failure(code::kRejectedKey, "Invalid API-key, IP, or permissions for action.", 401);
    }
    return subscribe_user(connection, *connection.session, true);
  });
  method("userDataStream.subscribe.signature", Security::signature,
         [this](const Call& call) { return subscribe_user(connections_.at(call.connection), call.account, false); });
  method("userDataStream.unsubscribe", Security::none, [this](const Call& call) { return unsubscribe_user(call); });
  method("session.subscriptions", Security::none, [this](const Call& call) {
    std::string list;
    Writer out(list);
    out.begin_array();
    for (const UserSubscription& each : connections_.at(call.connection).subscriptions) {
      out.begin_object().key("subscriptionId").integer(std::int64_t{each.id}).end_object();
    }
    out.end_array();
    return success(list);
  });
}

Answer BinanceHouse::subscribe_user(Connection& connection, std::size_t account, bool by_logon) {
  auto& all = connection.subscriptions;
  if (std::any_of(all.begin(), all.end(), [&](const auto& each) { return each.account == account; })) {
    return failure(code::kAlreadySubscribed, "User Data Stream subscription already active.");
  }
  if (connection.next_subscription >= kMaxSubscriptions) {
    return failure(code::kNoMoreSubscriptions, "No more subscription ids.");
  }
  const UserSubscription subscription{connection.next_subscription++, account, by_logon};
  all.push_back(subscription);
  std::string text;
  Writer(text).begin_object().key("subscriptionId").integer(std::int64_t{subscription.id}).end_object();
  return success(text);
}

Answer BinanceHouse::unsubscribe_user(const Call& call) {
  auto& all = connections_.at(call.connection).subscriptions;
  const auto wanted = call.parameters.integer("subscriptionId");
  const auto ends = [&](const UserSubscription& each) { return !wanted || std::int64_t{each.id} == *wanted; };
  if (std::none_of(all.begin(), all.end(), ends)) {
    return failure(code::kNotSubscribed, "User Data Stream subscription not active.");
  }
  for (const UserSubscription& each : all) {
    if (ends(each)) end_subscription(call.connection, each, call.now);
  }
  all.erase(std::remove_if(all.begin(), all.end(), ends), all.end());
  return success("{}");
}

void BinanceHouse::end_subscription(ConnectionId id, const UserSubscription& subscription, Time now) {
  // Behind the answer to the request that ends it.
  schedule(now, [this, id, number = subscription.id](Time at) {
    std::string text;
    Writer out(text);
    out.begin_object().key("subscriptionId").integer(std::int64_t{number}).key("event").begin_object();
    out.field("e", "eventStreamTerminated").key("E").integer(venue_ms(at)).end_object().end_object();
    send(id, std::move(text));
  });
}

void BinanceHouse::push_to_subscriptions(std::size_t account, std::string_view event) {
  if (faults_.mute_data) return;
  for (const auto& [id, connection] : connections_) {
    for (const UserSubscription& each : connection.subscriptions) {
      if (each.account != account) continue;
      std::string text;
      Writer(text)
          .begin_object()
          .key("subscriptionId")
          .integer(std::int64_t{each.id})
          .key("event")
          .raw(event)
          .end_object();
      send(id, std::move(text));
    }
  }
}

void BinanceHouse::user_event(const std::function<void(Time)>& tell, Time now) {
  if (faults_.lose_user_events > 0) {
    --faults_.lose_user_events;
    return;
  }
  const bool twice = faults_.duplicate_user_events > 0;
  if (twice) --faults_.duplicate_user_events;
  const Duration delay = options_.timing.user_push;
  for (int i = 0; i < (twice ? 2 : 1); ++i) {
    if (delay == Duration{0}) {
      tell(now);
    } else {
      schedule(now + delay, tell);
    }
  }
}

}  // namespace calypte::sim::binance
