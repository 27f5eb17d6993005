// The private stream: the answer to the login, and what happens to the account.
#include "connector/exchange/binance/binance_constants.hpp"
#include "connector/exchange/binance/binance_exchange.hpp"
#include "connector/house/binance/binance_errors.hpp"
#include "connector/house/binance/binance_orders.hpp"

namespace calypte::connector::binance {

using venue::Records;
using venue::json::Value;

namespace {

/// Only the assets that may have changed, but each as it is.
bool add_position(Value event, Records& out) {
  const Value assets = event.find("B");
  const auto time = read_ms(event.find("u"));
  for (const Value item : assets.elements()) {
    if (!add_balance(item.find("a"), item.find("f"), item.find("l"), time, out)) return false;
  }
  return assets.is_array();
}

/// False if it should have been understood. Unknown events are of no interest: the venue keeps adding some.
bool add_event(Value event, Records& out) {
  const std::string_view type = event.find("e").string();
  if (type == "executionReport") return add_execution(Market::spot, event, out);
  if (type == "outboundAccountPosition") return add_position(event, out);
  if (type == "eventStreamTerminated") {
    out.add(venue::UserStreamExpired{});
    return true;
  }
  if (type == "serverShutdown") {
    out.add(venue::VenueNotice{{StatusCode::unavailable, "the server is about to close the connection"}, {}});
    return true;
  }
  // `balanceUpdate` and `externalLockUpdate` are changes, and an `outboundAccountPosition` with the result follows
  // them; `listStatus` speaks of lists of orders, whose orders report by themselves.
  return !type.empty();
}

/// The only request on this stream is the login. An error without id is about the key: the stream stays up and silent.
Status add_answer(Value root, Records& out) {
  add_used_limits(kLimits, root.find("rateLimits"), out);
  Status status = judge_frame(Market::spot, venue::QueryOpenOrders{}, root);
  if (const auto id = root.find("id").unsigned_integer()) {
    if (status.ok() && !root.find("result").find("subscriptionId").exists()) {
      return {StatusCode::malformed, "the answer to the login names no subscription"};
    }
    out.add(venue::LoginResult{*id, std::move(status)});
  } else if (!status.ok()) {
    const bool over = status.code() == StatusCode::unauthenticated;
    out.add(venue::VenueNotice{std::move(status), {}});
    if (over) out.add(venue::UserStreamExpired{});
  }
  return {};
}

Status decode(Value root, Records& out) {
  const Value event = root.find("event");
  if (event.is_object()) {
    out.set_channel(event.find("e").string());
    if (add_event(event, out)) return {};
    return {StatusCode::malformed, "an event of type " + std::string(out.channel()) + " was not understood"};
  }
  if (!root.find("status").integer()) return {StatusCode::malformed, "a frame without event or status"};
  out.set_channel("answer");
  return add_answer(root, out);
}

}  // namespace

Status decode_user_frame(Value root, Records& out) {
  const Records::Mark mark = out.mark();
  Status status = decode(root, out);
  if (!status.ok()) out.restore(mark);
  return status;
}

}  // namespace calypte::connector::binance
