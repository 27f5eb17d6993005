#include "connector/exchange/binance/binance_exchange.hpp"

#include "connector/exchange/binance/binance_constants.hpp"

namespace calypte::connector::binance {

using venue::Records;
using venue::json::Value;

namespace {

bool add_instruments(Value root, Records& out) {
  const Value symbols = root.find("symbols");
  for (const Value item : symbols.elements()) {
    const auto spot = item.find("isSpotTradingAllowed").boolean();
    add_instrument(item, item.find("status").string() == "TRADING" && spot.value_or(true), out);
  }
  return symbols.is_array();
}

}  // namespace

const venue::VenueSpec& BinanceExchange::spec() const noexcept { return kSpec; }

std::string_view BinanceExchange::limit_id(const venue::Request& request) const noexcept {
  return path_of(kPaths, request);
}

Result<venue::WireRequest> BinanceExchange::encode(const venue::Request& request, const venue::Stamp&) {
  return encode_public(kPaths, request);
}

Status BinanceExchange::decode_reply(const venue::Request& asked, const venue::WireReply& reply, Records& out) {
  const auto root = document_.parse(reply.body);
  if (Status status = judge_query(reply, root ? *root : Value()); !status.ok()) return status;
  const Records::Mark mark = out.mark();
  bool understood = false;
  if (std::holds_alternative<venue::QueryInstruments>(asked)) understood = add_instruments(*root, out);
  if (std::holds_alternative<venue::QueryTickers>(asked)) understood = add_last_prices(*root, out);
  if (std::holds_alternative<venue::QueryServerTime>(asked)) understood = add_server_time(*root, out);
  if (const auto* depth = std::get_if<venue::QueryDepth>(&asked)) {
    symbol_ = depth->symbol.value;
    understood = add_depth_reply(*root, symbol_, kPaths.depth_limit, out);
  }
  if (understood) return {};
  out.restore(mark);
  return {StatusCode::malformed, "the reply to " + std::string(limit_id(asked)) + " was not understood"};
}

void BinanceExchange::subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                                venue::Frames& out) {
  subscribe_market(kStreams, kSpec.streams.max_channels_per_frame, subscriptions, on, id, out);
}

Status BinanceExchange::decode_frame(venue::StreamKind, venue::Bytes frame, Records& out) {
  const auto root = document_.parse(frame);
  if (!root) return root.status();
  return decode_market_frame(*root, out);
}

}  // namespace calypte::connector::binance
