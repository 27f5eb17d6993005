#include "connector/derivative/binance_perpetual/binance_perpetual_derivative.hpp"

#include "connector/derivative/binance_perpetual/binance_perpetual_constants.hpp"

namespace calypte::connector::binance_perpetual {

using venue::Records;
using venue::json::Value;

namespace {

bool add_instruments(Value root, Records& out) {
  const Value symbols = root.find("symbols");
  for (const Value item : symbols.elements()) {
    // The same list holds futures with an expiry, and contracts on things that are traded at hours of their own.
    if (item.find("contractType").string() != "PERPETUAL") continue;
    binance::add_instrument(item, item.find("status").string() == "TRADING", out);
  }
  return symbols.is_array();
}

}  // namespace

const venue::VenueSpec& BinancePerpetualDerivative::spec() const noexcept { return kSpec; }

std::string_view BinancePerpetualDerivative::limit_id(const venue::Request& request) const noexcept {
  return binance::path_of(kPaths, request);
}

Result<venue::WireRequest> BinancePerpetualDerivative::encode(const venue::Request& request, const venue::Stamp&) {
  return binance::encode_public(kPaths, request);
}

Status BinancePerpetualDerivative::decode_reply(const venue::Request& asked, const venue::WireReply& reply,
                                                Records& out) {
  const auto root = document_.parse(reply.body);
  if (Status status = binance::judge_query(reply, root ? *root : Value()); !status.ok()) return status;
  const Records::Mark mark = out.mark();
  bool understood = false;
  if (std::holds_alternative<venue::QueryInstruments>(asked)) understood = add_instruments(*root, out);
  if (std::holds_alternative<venue::QueryTickers>(asked)) understood = binance::add_last_prices(*root, out);
  if (std::holds_alternative<venue::QueryServerTime>(asked)) understood = binance::add_server_time(*root, out);
  if (const auto* depth = std::get_if<venue::QueryDepth>(&asked)) {
    symbol_ = depth->symbol.value;
    understood = binance::add_depth_reply(*root, symbol_, kPaths.depth_limit, out);
  }
  if (understood) return {};
  out.restore(mark);
  return {StatusCode::malformed, "the reply to " + std::string(limit_id(asked)) + " was not understood"};
}

void BinancePerpetualDerivative::subscribe(std::span<const venue::Subscription> subscriptions, bool on,
                                           std::uint64_t id, venue::Frames& out) {
  binance::subscribe_market(kStreams, kSpec.streams.max_channels_per_frame, subscriptions, on, id, out);
}

Status BinancePerpetualDerivative::decode_frame(venue::StreamKind, venue::Bytes frame, Records& out) {
  const auto root = document_.parse(frame);
  if (!root) return root.status();
  return binance::decode_market_frame(*root, out);
}

}  // namespace calypte::connector::binance_perpetual
