#include "connector/exchange/kraken/kraken_exchange.hpp"

#include "connector/exchange/kraken/kraken_constants.hpp"
#include "connector/exchange/kraken/kraken_utils.hpp"

namespace calypte::connector::kraken {

using venue::Records;
using venue::json::Value;

Status judge_query(const venue::WireReply& reply, Value root) {
  const std::string status = "HTTP " + std::to_string(reply.http_status);
  if (reply.http_status == 429) return {StatusCode::rate_limited, FailureReason::rate_limited, status};
  if (reply.http_status >= 300) return {StatusCode::unavailable, status};  // gateways; the venue itself says 200
  if (!root.is_object()) return {StatusCode::malformed, "the body is no JSON object"};
  for (const Value item : root.find("error").elements()) {
    const std::string_view error = item.string();
    if (error.starts_with("W")) continue;  // a warning
    const std::string text(error);
    if (error.starts_with("EAPI:Rate limit") || error.starts_with("EGeneral:Too many requests") ||
        error.starts_with("EGeneral:Temporary lockout")) {
      return {StatusCode::rate_limited, FailureReason::rate_limited, text, text};
    }
    if (error.starts_with("EService:") || error.starts_with("EGeneral:Internal")) {
      return {StatusCode::unavailable, FailureReason::none, text, text};
    }
    return {StatusCode::rejected, FailureReason::rejected_by_venue, text, text};
  }
  return {};
}

namespace {

bool add_server_time(Value root, Records& out) {
  const auto seconds = root.find("result").find("unixtime").integer();
  if (!seconds || *seconds <= 0 || *seconds > 7'000'000'000) return false;
  out.add(venue::ServerTime{Time{std::chrono::seconds{*seconds}}, std::chrono::seconds{1}});
  return true;
}

/// The answer to a subscribe or unsubscribe frame; there is one for each symbol of the frame.
void add_request_answer(Value root, Records& out) {
  const Value result = root.find("result");
  // A refusal names its symbol beside the error, if at all.
  const std::string_view symbol = result.is_object() ? result.find("symbol").string() : root.find("symbol").string();
  std::string channel(result.find("channel").string());
  if (!symbol.empty()) channel.append(":").append(symbol);
  Status status;
  if (root.find("success").boolean() != true) {
    status = {StatusCode::rejected, FailureReason::rejected_by_venue, std::string(root.find("error").string())};
  }
  if (const auto id = root.find("req_id").unsigned_integer()) {
    out.add(venue::SubscriptionResult{*id, std::move(channel), std::move(status)});
  } else if (!status.ok()) {
    out.add(venue::VenueNotice{std::move(status), std::move(channel)});
  }
}

}  // namespace

const venue::VenueSpec& KrakenExchange::spec() const noexcept { return kSpec; }

std::string_view KrakenExchange::limit_id(const venue::Request& request) const noexcept {
  if (std::holds_alternative<venue::QueryInstruments>(request)) return kAssetPairs;
  if (std::holds_alternative<venue::QueryServerTime>(request)) return kServerTime;
  return {};
}

Result<venue::WireRequest> KrakenExchange::encode(const venue::Request& request, const venue::Stamp&) {
  const std::string_view path = limit_id(request);
  if (path.empty()) return Status(StatusCode::unsupported, "only market data is offered by this connector so far");
  venue::WireRequest wire;
  wire.target = path;
  return wire;
}

Status KrakenExchange::decode_reply(const venue::Request& asked, const venue::WireReply& reply, Records& out) {
  const auto root = document_.parse(reply.body);
  if (Status status = judge_query(reply, root ? *root : Value()); !status.ok()) return status;
  const Records::Mark mark = out.mark();
  if (std::holds_alternative<venue::QueryInstruments>(asked) && add_instruments(*root, SymbolStyle::v2, out)) return {};
  if (std::holds_alternative<venue::QueryServerTime>(asked) && add_server_time(*root, out)) return {};
  out.restore(mark);
  return {StatusCode::malformed, "the reply to " + std::string(limit_id(asked)) + " was not understood"};
}

Status KrakenExchange::decode_frame(venue::StreamKind, venue::Bytes frame, Records& out) {
  if (frame.view().starts_with("CloudFlare")) {  // the gateway's farewell is plain text
    out.set_channel("gateway");
    out.add(venue::VenueNotice{{StatusCode::unavailable, std::string(frame.view().substr(0, 100))}, {}});
    return {};
  }
  const auto root = document_.parse(frame);
  if (!root) return root.status();
  const std::string_view channel = (*root).find("channel").string();
  const std::string_view method = (*root).find("method").string();
  out.set_channel(!channel.empty() ? channel : method);
  if (channel == "heartbeat" || method == "pong") {
    out.add(venue::HeartbeatSeen{});
    return {};
  }
  if (method == "subscribe" || method == "unsubscribe") {
    add_request_answer(*root, out);
    return {};
  }
  const Records::Mark mark = out.mark();
  if (!channel.empty() ? add_market_data(*root, out) : !method.empty()) return {};
  out.restore(mark);
  return {StatusCode::malformed, "a message of " + std::string(out.channel()) + " was not understood"};
}

}  // namespace calypte::connector::kraken
