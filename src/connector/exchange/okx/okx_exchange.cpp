#include "connector/exchange/okx/okx_exchange.hpp"

#include <algorithm>
#include <array>

#include "connector/exchange/okx/okx_constants.hpp"
#include "venue/query_string.hpp"

namespace calypte::connector::okx {

using venue::Records;
using venue::json::Value;

namespace {

constexpr venue::VenueSpec unnumbered() {
  venue::VenueSpec spec = kSpec;
  spec.name = "okx_2022";
  spec.environments = {};
  spec.limits = {};
  spec.book.continuity = venue::Continuity::unsequenced;
  spec.book.allow_decreasing_reset = false;
  return spec;
}
constexpr venue::VenueSpec kUnnumberedSpec = unnumbered();

Status judge(const venue::WireReply& reply, Value root) {
  const std::string_view code = root.find("code").scalar();
  std::string text = root.find("msg").string().empty() ? "HTTP " + std::to_string(reply.http_status)
                                                       : std::string(root.find("msg").string());
  const std::string venue_code(code == "0" ? "" : code);
  if (reply.http_status == 429 || code == "50011" || code == "50061") {
    return {StatusCode::rate_limited, FailureReason::rate_limited, std::move(text), venue_code};
  }
  if (code == "50102") return {StatusCode::clock_skew, FailureReason::none, std::move(text), venue_code};
  constexpr std::array kBusy = {"50001", "50004", "50005", "50013", "50026"};
  const bool busy = std::find(kBusy.begin(), kBusy.end(), code) != kBusy.end();
  if (busy || reply.http_status >= 500 || (code.empty() && reply.http_status >= 300)) {
    return {StatusCode::unavailable, FailureReason::none, std::move(text), venue_code};
  }
  if (code.empty()) return {StatusCode::malformed, "the reply has no code"};
  if (code != "0") {
    return {StatusCode::rejected, FailureReason::rejected_by_venue, std::move(text), venue_code};
  }
  return {};
}

/// Spot only; absent numbers are empty texts.
void add_instrument(Value item, Records& out) {
  if (item.find("instType").string() != "SPOT") return;
  venue::Instrument instrument{Symbol(item.find("instId").string()), {}};
  const auto pair = TradingPair::parse(std::string(item.find("baseCcy").string()) + "-" +
                                       std::string(item.find("quoteCcy").string()));
  const auto tick = item.find("tickSz").decimal();
  const auto step = item.find("lotSz").decimal();
  Status status = pair.status();
  if (status.ok() && (!tick || !step || instrument.symbol.empty())) {
    status = {StatusCode::malformed, "symbol, tick or lot is missing"};
  }
  if (status.ok()) {
    instrument.rule.trading_pair = *pair;
    instrument.rule.min_price_increment = *tick;
    instrument.rule.min_base_amount_increment = *step;
    instrument.rule.min_order_size = item.find("minSz").decimal().value_or(*step);
    instrument.rule.max_order_size = item.find("maxLmtSz").decimal();
    instrument.rule.tradable = item.find("state").string() == "live";
    status = instrument.rule.validate();
  }
  if (status.ok()) {
    out.add(std::move(instrument));
  } else {
    out.add(venue::BadInstrument{instrument.symbol.value, status.message()});
  }
}

bool add_last_prices(Value data, Records& out) {
  for (const Value item : data.elements()) {
    if (item.find("last").string().empty()) continue;  // never traded
    const auto price = item.find("last").decimal();
    const std::string_view symbol = item.find("instId").string();
    if (!price || symbol.empty()) return false;
    out.add(venue::LastPrice{Symbol(symbol), *price});
  }
  return true;
}

bool add_server_time(Value data, Records& out) {
  const auto ms = data[0].find("ts").integer();
  if (!ms || *ms <= 0 || *ms > 9'000'000'000'000) return false;
  out.add(venue::ServerTime{from_unix_ms(*ms), std::chrono::milliseconds{1}});
  return true;
}

/// "subscribe", "error", "notice" and the like.
void add_event(Value root, std::string_view event, Records& out) {
  const Value arg = root.find("arg");
  std::string channel(arg.find("channel").string());
  if (const auto symbol = arg.find("instId").string(); !symbol.empty()) channel.append(":").append(symbol);
  const auto id = root.find("id").unsigned_integer();
  const std::string_view code = root.find("code").scalar();
  const std::string text(root.find("msg").string());
  if (event == "subscribe" || event == "unsubscribe") {
    if (id) out.add(venue::SubscriptionResult{*id, std::move(channel), {}});
  } else if (event == "error") {
    Status status(code == "60014" ? StatusCode::rate_limited : StatusCode::rejected,
                  code == "60014" ? FailureReason::rate_limited : FailureReason::rejected_by_venue, text,
                  std::string(code));
    if (id) {
      out.add(venue::SubscriptionResult{*id, std::move(channel), std::move(status)});
    } else {
      out.add(venue::VenueNotice{std::move(status), std::move(channel)});
    }
  } else if (event == "notice") {
    out.add(venue::VenueNotice{{StatusCode::unavailable, FailureReason::none, text, std::string(code)}, {}});
  }
}

}  // namespace

const venue::VenueSpec& OkxExchange::spec() const noexcept { return kSpec; }
const venue::VenueSpec& OkxUnnumberedReplay::spec() const noexcept { return kUnnumberedSpec; }

std::string_view OkxExchange::limit_id(const venue::Request& request) const noexcept {
  if (std::holds_alternative<venue::QueryInstruments>(request)) return kInstruments;
  if (std::holds_alternative<venue::QueryDepth>(request)) return kBooks;
  if (std::holds_alternative<venue::QueryTickers>(request)) return kTickers;
  if (std::holds_alternative<venue::QueryServerTime>(request)) return kServerTime;
  return {};
}

Result<venue::WireRequest> OkxExchange::encode(const venue::Request& request, const venue::Stamp&) {
  const std::string_view path = limit_id(request);
  if (path.empty()) return Status(StatusCode::unsupported, "only market data is offered by this connector so far");
  venue::QueryString query;
  if (const auto* depth = std::get_if<venue::QueryDepth>(&request)) {
    query.add("instId", depth->symbol.value).add("sz", std::to_string(kBookDepth));
  } else if (path != kServerTime) {
    query.add("instType", "SPOT");
  }
  venue::WireRequest wire;
  wire.target = query.behind(path);
  return wire;
}

Status OkxExchange::decode_reply(const venue::Request& asked, const venue::WireReply& reply, Records& out) {
  const auto root = document_.parse(reply.body);
  if (Status status = judge(reply, root ? *root : Value()); !status.ok()) return status;
  const Value data = (*root).find("data");
  const Records::Mark mark = out.mark();
  bool understood = false;
  if (std::holds_alternative<venue::QueryInstruments>(asked)) {
    for (const Value item : data.elements()) add_instrument(item, out);
    understood = true;
  } else if (std::holds_alternative<venue::QueryTickers>(asked)) {
    understood = add_last_prices(data, out);
  } else if (std::holds_alternative<venue::QueryServerTime>(asked)) {
    understood = add_server_time(data, out);
  } else if (const auto* depth = std::get_if<venue::QueryDepth>(&asked)) {
    symbol_ = depth->symbol.value;
    understood = add_depth_reply(data, symbol_, out);
  }
  if (understood && data.is_array()) return {};
  out.restore(mark);
  return {StatusCode::malformed, "the reply to " + std::string(limit_id(asked)) + " was not understood"};
}

Status OkxExchange::decode_frame(venue::StreamKind, venue::Bytes frame, Records& out) {
  if (frame.view() == "pong" || frame.view() == "ping") {  // plain texts
    out.set_channel(frame.view());
    if (frame.view() == "ping") {
      out.add(venue::HeartbeatRequest{"pong"});
    } else {
      out.add(venue::HeartbeatSeen{});
    }
    return {};
  }
  const auto root = document_.parse(frame);
  if (!root) return root.status();
  const Value event = (*root).find("event");
  if (event.is_string()) {
    out.set_channel(event.string());
    add_event(*root, event.string(), out);
    return {};
  }
  const Records::Mark mark = out.mark();
  std::string channel((*root).find("arg").find("channel").string());
  if (const auto action = (*root).find("action").string(); !action.empty()) channel.append("/").append(action);
  out.set_channel(channel);
  if (add_market_data(*root, out)) return {};
  out.restore(mark);
  return {StatusCode::malformed, "a message of " + channel + " was not understood"};
}

}  // namespace calypte::connector::okx
