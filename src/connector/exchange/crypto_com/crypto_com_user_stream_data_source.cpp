// Frames of either stream: what belongs to the connection, and the private channels.
#include "connector/exchange/crypto_com/crypto_com_constants.hpp"
#include "connector/exchange/crypto_com/crypto_com_exchange.hpp"
#include "connector/exchange/crypto_com/crypto_com_utils.hpp"

namespace calypte::connector::crypto_com {

using venue::Records;
using venue::json::Value;

namespace {

/// The server closes a connection that leaves its third heartbeat unanswered. Its id is its clock.
void add_heartbeat(Value id, Records& out) {
  std::string reply = R"({"id":)";
  reply.append(id.is_string() ? "\"" : "").append(id.text()).append(id.is_string() ? "\"" : "");
  reply.append(R"(,"method":")").append(kRespondHeartbeat).append("\"}");
  out.add(venue::HeartbeatRequest{std::move(reply)});
  if (const auto time = read_ms(id)) out.add(venue::ServerTime{*time, 1ms});
}

constexpr std::int64_t kTooManySubscriptions = 40107;

}  // namespace

bool add_user_data(Value result, Records& out) {
  const std::string_view channel = result.find("channel").string();
  const Value data = result.find("data");
  if (channel == "user.order") return add_orders(data, out);
  if (channel == "user.trade") return add_fills(data, out);
  if (channel == "user.balance") return add_balances(data, out);
  return true;
}

Status CryptoComExchange::decode_frame(venue::StreamKind, venue::Bytes frame, Records& out) {
  const auto parsed = document_.parse(frame);
  if (!parsed) return parsed.status();
  const Records::Mark mark = out.mark();
  Status status = decode_any_frame(*parsed, out);
  if (!status.ok()) out.restore(mark);
  return status;
}

Status CryptoComExchange::decode_any_frame(Value root, Records& out) {
  const std::string_view method = root.find("method").string();
  out.set_channel(method);
  if (method == kHeartbeat) {
    if (root.find("id").scalar().empty()) return {StatusCode::malformed, "a heartbeat without id"};
    add_heartbeat(root.find("id"), out);
    return {};
  }
  // Frames of retired and unknown kinds may have no code; those that we act on have one.
  const auto code = root.find("code").integer();
  const std::int64_t id = root.find("id").integer().value_or(-1);
  if (method.empty() || !code) return {StatusCode::malformed, "a frame without method or code"};
  Status status = status_of(*code, root.find("message").string());

  if (method == kAuth) {
    out.add(venue::LoginResult{static_cast<std::uint64_t>(std::max<std::int64_t>(id, 0)), std::move(status)});
    return {};
  }
  const Value result = root.find("result");
  const Value named = result.find("subscription").exists() ? result.find("subscription") : root.find("channel");
  const bool subscription = method == "subscribe" || method == "unsubscribe";
  // The refusal of a channel too many may be repeated and may carry the id of another request, so it settles nothing.
  if (!status.ok() && (!subscription || id < 0 || *code == kTooManySubscriptions)) {
    out.add(venue::VenueNotice{std::move(status), std::string(named.string())});
    return {};
  }
  if (!subscription) return {};
  if (result.is_object()) out.set_channel(result.find("channel").string());
  // Answers to our own frames carry their id. Some channels answer with their first data instead of a bare
  // acknowledgement; that first push is history (trades) or the present state (orders), later ones have id -1.
  const bool answer = id >= 0;
  if (answer) {
    out.add(venue::SubscriptionResult{static_cast<std::uint64_t>(id), std::string(named.string()), status});
  }
  if (!status.ok() || !result.is_object()) return {};
  if (add_market_data(result, answer, out) && add_user_data(result, out)) return {};
  return {StatusCode::malformed,
          "a message of " + std::string(result.find("channel").string()) + " was not understood"};
}

}  // namespace calypte::connector::crypto_com
