#include "connector/exchange/crypto_com/crypto_com_v2_replay.hpp"

#include "connector/exchange/crypto_com/crypto_com_constants.hpp"
#include "connector/exchange/crypto_com/crypto_com_utils.hpp"

namespace calypte::connector::crypto_com {

using venue::Records;
using venue::json::Value;

namespace {

constexpr venue::VenueSpec kV2Spec{
    .name = "crypto_com_v2",
    .kind = ConnectorKind::exchange,
    .environments = {},
    .book = {.continuity = venue::Continuity::increasing, .bootstrap = venue::Bootstrap::every_message},
    .streams = {.user_stream = venue::UserStreamStyle::none},
    .orders = {.types = {}},
    .limits = {},
    .market_data_only = true,
};

bool add_books(Value result, Records& out) {
  const std::string_view symbol = result.find("instrument_name").string();
  const auto depth = result.find("depth").unsigned_integer().value_or(0);
  for (const Value item : result.find("data").elements()) {
    const auto time = read_ms(item.find("t"));
    venue::LevelRange levels;
    if (symbol.empty() || !time || !add_levels(item, out, levels)) return false;
    out.add(venue::DepthSnapshot{.symbol = symbol,
                                 .ids = {.first = {}, .last = item.find("t").unsigned_integer(), .prev = {}},
                                 .levels = levels,
                                 .checksum = {},
                                 .venue_time = time,
                                 .depth = static_cast<std::uint32_t>(depth)});
  }
  return result.find("data").is_array();
}

bool add_channel(Value result, Records& out) {
  const std::string_view channel = result.find("channel").string();
  if (channel == "book") return add_books(result, out);
  if (channel == "trade") return add_trades(result.find("data"), false, out);
  if (channel == "ticker") return add_tickers(result.find("data"), out);
  return true;
}

/// 10^-decimals.
std::optional<Decimal> step_of(Value decimals) {
  const auto scale = decimals.integer();
  if (!scale || *scale < 0 || *scale > Decimal::kMaxScale) return std::nullopt;
  return Decimal::from_parts(1, static_cast<int>(*scale));
}

void add_instrument(Value item, Records& out) {
  const std::string_view symbol = item.find("instrument_name").string();
  const auto pair = TradingPair::parse(std::string(item.find("base_currency").string()) + "-" +
                                       std::string(item.find("quote_currency").string()));
  const auto tick = step_of(item.find("price_decimals"));
  const auto step = step_of(item.find("quantity_decimals"));
  if (symbol.empty() || !pair || !tick || !step) {
    out.add(venue::BadInstrument{std::string(symbol), "symbol, currencies or decimals are missing"});
    return;
  }
  venue::Instrument instrument{Symbol(symbol), {}};
  instrument.rule.trading_pair = *pair;
  instrument.rule.min_order_size = *step;
  instrument.rule.min_price_increment = *tick;
  instrument.rule.min_base_amount_increment = *step;
  out.add(std::move(instrument));
}

}  // namespace

const venue::VenueSpec& CryptoComV2Replay::spec() const noexcept { return kV2Spec; }

std::string_view CryptoComV2Replay::limit_id(const venue::Request&) const noexcept { return {}; }

Result<venue::WireRequest> CryptoComV2Replay::encode(const venue::Request&, const venue::Stamp&) {
  return Status(StatusCode::unsupported, "the v2 API is retired");
}

Status CryptoComV2Replay::decode_reply(const venue::Request& asked, const venue::WireReply& reply, Records& out) {
  if (!std::holds_alternative<venue::QueryInstruments>(asked)) {
    return {StatusCode::unsupported, "only the instruments of the v2 API can be read"};
  }
  const auto root = document_.parse(reply.body);
  if (!root) return root.status();
  const Value list = (*root).find("result").find("instruments");
  if (!list.is_array()) return {StatusCode::malformed, "no list of instruments"};
  for (const Value item : list.elements()) add_instrument(item, out);
  return {};
}

void CryptoComV2Replay::subscribe(std::span<const venue::Subscription>, bool, std::uint64_t, venue::Frames&) {}

Status CryptoComV2Replay::decode_frame(venue::StreamKind, venue::Bytes frame, Records& out) {
  const auto root = document_.parse(frame);
  if (!root) return root.status();
  const Value result = (*root).find("result");
  out.set_channel(result.is_object() ? result.find("channel").string() : (*root).find("method").string());
  const Records::Mark mark = out.mark();
  if (add_channel(result, out)) return {};
  out.restore(mark);
  return {StatusCode::malformed, "a message of " + std::string(out.channel()) + " was not understood"};
}

}  // namespace calypte::connector::crypto_com
