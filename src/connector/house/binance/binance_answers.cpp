#include "connector/house/binance/binance_answers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "venue/http_date.hpp"

namespace calypte::connector::binance {

using venue::Records;
using venue::json::Value;

namespace {

/// One window of use, and its three names.
struct Window {
  std::string_view limit_id;
  std::string_view header;
  std::string_view type;
  std::string_view interval;
  std::int64_t count;
};
constexpr std::array kWindows = {
    Window{kWeightPool, "X-MBX-USED-WEIGHT-1M", "REQUEST_WEIGHT", "MINUTE", 1},
    Window{kOrdersPer10s, "X-MBX-ORDER-COUNT-10S", "ORDERS", "SECOND", 10},
    Window{kOrdersPerMinute, "X-MBX-ORDER-COUNT-1M", "ORDERS", "MINUTE", 1},
    Window{kOrdersPerDay, "X-MBX-ORDER-COUNT-1D", "ORDERS", "DAY", 1},
};

void add_used(std::span<const venue::RateLimit> limits, std::string_view limit_id, std::optional<std::int64_t> used,
              Records& out) {
  // The venue writes -1 where it did not count.
  if (!used || *used < 0 || *used > std::numeric_limits<std::uint32_t>::max()) return;
  if (std::ranges::find(limits, limit_id, &venue::RateLimit::id) == limits.end()) return;
  out.add(venue::UsedWeight{limit_id, static_cast<std::uint32_t>(*used)});
}

std::optional<std::int64_t> read_count(std::string_view text) noexcept {
  std::int64_t count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return count;
}

/// True unless the venue says by a code that there was nothing to do: then there are no records either.
bool has_content(Value root) { return !root.find("code").exists() || root.find("code").integer().value_or(0) >= 0; }

Status read_records(const Reading& reading, const venue::Request& asked, Value reply, Records& out) {
  const Records::Mark mark = out.mark();
  if (reading.add_reply(asked, reply, out)) return {};
  out.restore(mark);
  return {StatusCode::malformed, "the reply to " + std::string(request_name(asked)) + " was not understood"};
}

}  // namespace

Result<venue::WireRequest> encode_call(const Endpoint& endpoint, const Parameters& parameters, BinanceAuth& auth,
                                       const venue::Stamp& stamp) {
  venue::WireRequest wire;
  wire.method = endpoint.method;
  wire.target = endpoint.path;
  if (const std::string query = parameters.query(); !query.empty()) wire.target.append("?").append(query);
  Status status;
  if (endpoint.proof == Proof::key) status = BinanceAuth::add_key(wire, stamp);
  if (endpoint.proof == Proof::signature) status = auth.sign(wire, stamp);
  if (!status.ok()) return status;
  return wire;
}

Result<std::string> encode_call_frame(const Endpoint& endpoint, Parameters parameters, BinanceAuth& auth,
                                      const venue::Stamp& stamp) {
  if (!endpoint.by_frame) return Status(StatusCode::unsupported, "this request goes by REST");
  parameters.add_integer("recvWindow", kReceiveWindowMs);
  return auth.frame(stamp.nonce, endpoint.name, std::move(parameters), stamp);
}

Status read_reply(const Reading& reading, const venue::Request& asked, const venue::WireReply& reply, Value root,
                  Records& out) {
  // Also of a refusal: one for a wrong time stamp (-1021) is what the clock has to be set by.
  const bool asked_for = std::holds_alternative<venue::QueryServerTime>(asked);
  if (const auto time = venue::server_time_of(reply); time && !asked_for) out.add(*time);
  for (const Window& window : kWindows) {
    add_used(reading.limits, window.limit_id, read_count(venue::header(reply.headers, window.header)), out);
  }
  if (Status status = judge_reply(reading.market, asked, reply, root); !status.ok()) return status;
  return has_content(root) ? read_records(reading, asked, root, out) : Status();
}

Result<std::optional<venue::Answer>> read_answer(const Reading& reading, Value root, const venue::AskedRequests& asked,
                                                 Records& out) {
  if (!root.is_object()) return Status(StatusCode::malformed, "a frame of the order stream is no object");
  if (const Value event = root.find("event"); event.exists()) {
    const bool shutdown = event.find("e").string() == "serverShutdown";
    if (shutdown)
      out.add(venue::VenueNotice{{StatusCode::unavailable, "the server is about to close the connection"}, {}});
    return std::optional<venue::Answer>();
  }
  if (!root.find("status").integer()) return Status(StatusCode::malformed, "a frame of the order stream has no status");
  add_used_limits(reading.limits, root.find("rateLimits"), out);
  const auto id = root.find("id").unsigned_integer();
  const venue::Request* request = id ? asked.find(*id) : nullptr;
  if (request == nullptr) {
    // Without an id the venue speaks of the connection or the key.
    if (Status status = judge_frame(reading.market, venue::QueryOpenOrders{}, root); !id && !status.ok()) {
      out.add(venue::VenueNotice{std::move(status), {}});
    }
    return std::optional<venue::Answer>();
  }
  Status status = judge_frame(reading.market, *request, root);
  if (status.ok() && !root.find("error").exists()) status = read_records(reading, *request, root.find("result"), out);
  return std::optional<venue::Answer>({*id, std::move(status)});
}

void add_used_limits(std::span<const venue::RateLimit> limits, Value list, Records& out) {
  for (const Value limit : list.elements()) {
    for (const Window& window : kWindows) {
      if (limit.find("rateLimitType").string() != window.type || limit.find("interval").string() != window.interval ||
          limit.find("intervalNum").integer() != window.count) {
        continue;
      }
      add_used(limits, window.limit_id, limit.find("count").integer(), out);
    }
  }
}

}  // namespace calypte::connector::binance
