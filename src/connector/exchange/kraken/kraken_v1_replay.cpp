#include "connector/exchange/kraken/kraken_v1_replay.hpp"

#include <array>
#include <limits>

#include "connector/exchange/kraken/kraken_constants.hpp"
#include "connector/exchange/kraken/kraken_exchange.hpp"
#include "connector/exchange/kraken/kraken_utils.hpp"

namespace calypte::connector::kraken {

using venue::Records;
using venue::json::Value;

namespace {

constexpr venue::BookSpec v1_book() {
  venue::BookSpec book = kBook;
  book.truncate_depth = kV1BookDepth;
  return book;
}

constexpr venue::VenueSpec kV1Spec{
    .name = "kraken_v1",
    .kind = ConnectorKind::exchange,
    .environments = {},
    .book = v1_book(),
    .streams = {.user_stream = venue::UserStreamStyle::none},
    .orders = {.types = {}},
    .limits = {},
    .market_data_only = true,
};

/// [price, volume, time, "r" if it is told again]
bool add_v1_side(Value side, Records& out, std::uint32_t& count) {
  for (const Value level : side.elements()) {
    venue::DepthLevel& read = out.levels().emplace_back();
    if (!level[0].wire_number(read.price) || !level[1].wire_number(read.amount)) return false;
    ++count;
  }
  return side.is_null() || side.is_array();
}

/// A message is [channel id, payload, channel, pair]. Where both sides of a book change there are two payloads, one a
/// side, and the checksum is in the second.
struct Message {
  std::array<Value, 2> payloads;
  std::string_view channel;
  std::string_view pair;
};

std::optional<Message> take_apart(Value root) {
  const std::size_t size = root.size();
  if (size != 4 && size != 5) return std::nullopt;
  Message message;
  message.payloads[0] = root[1];
  if (size == 5) message.payloads[1] = root[2];
  message.channel = root[size - 2].string();
  message.pair = root[size - 1].string();
  if (message.channel.empty() || message.pair.empty()) return std::nullopt;
  return message;
}

bool add_book(const Message& message, Records& out) {
  const bool snapshot = message.payloads[0].find("as").exists() || message.payloads[0].find("bs").exists();
  venue::LevelRange levels;
  levels.begin = static_cast<std::uint32_t>(out.levels().size());
  for (const Value payload : message.payloads) {
    if (!add_v1_side(payload.find(snapshot ? "bs" : "b"), out, levels.bid_count)) return false;
  }
  for (const Value payload : message.payloads) {
    if (!add_v1_side(payload.find(snapshot ? "as" : "a"), out, levels.ask_count)) return false;
  }
  if (snapshot) {
    out.add(venue::DepthSnapshot{
        .symbol = message.pair, .ids = {}, .levels = levels, .checksum = {}, .venue_time = {}, .depth = kV1BookDepth});
    return true;
  }
  std::optional<std::uint64_t> checksum;
  for (const Value payload : message.payloads) {
    if (const Value crc = payload.find("c"); crc.exists()) checksum = crc.unsigned_integer();
  }
  if (!checksum || *checksum > std::numeric_limits<std::uint32_t>::max()) return false;
  out.add(venue::DepthDiff{.symbol = message.pair,
                           .ids = {},
                           .levels = levels,
                           .checksum = static_cast<std::uint32_t>(*checksum),
                           .venue_time = {}});
  return true;
}

/// [price, volume, time, side, order type, miscellaneous]; there are no ids.
bool add_trades(const Message& message, Records& out) {
  for (const Value item : message.payloads[0].elements()) {
    venue::PublicTrade trade;
    const std::string_view side = item[3].string();
    const auto time = parse_seconds(item[2].string());
    trade.symbol = message.pair;
    if (!time || (side != "b" && side != "s")) return false;
    if (!item[0].wire_number(trade.price) || !item[1].wire_number(trade.amount)) return false;
    trade.taker_side = side == "b" ? TradeType::buy : TradeType::sell;
    trade.venue_time = *time;
    out.add(trade);
  }
  return message.payloads[0].is_array();
}

bool add_ticker(const Message& message, Records& out) {
  const Value ticker = message.payloads[0];
  venue::BestBidAsk best;
  best.symbol = message.pair;
  venue::DepthLevel& bid = best.bid.emplace();
  venue::DepthLevel& ask = best.ask.emplace();
  // [price, volume in whole lots, volume]
  if (!ticker.find("b")[0].wire_number(bid.price) || !ticker.find("b")[2].wire_number(bid.amount)) return false;
  if (!ticker.find("a")[0].wire_number(ask.price) || !ticker.find("a")[2].wire_number(ask.amount)) return false;
  if (!ticker.find("c")[0].wire_number(best.last_price.emplace())) return false;
  out.add(best);
  return true;
}

bool add_event(Value root, Records& out) {
  const std::string_view event = root.find("event").string();
  if (event == "heartbeat") out.add(venue::HeartbeatSeen{});
  return !event.empty();
}

bool add_message(const Message& message, Records& out) {
  if (message.channel == "book-1000") return add_book(message, out);
  if (message.channel.starts_with("book-")) return false;
  if (message.channel == "trade") return add_trades(message, out);
  if (message.channel == "ticker") return add_ticker(message, out);
  return true;
}

}  // namespace

const venue::VenueSpec& KrakenV1Replay::spec() const noexcept { return kV1Spec; }

std::string_view KrakenV1Replay::limit_id(const venue::Request&) const noexcept { return {}; }

Result<venue::WireRequest> KrakenV1Replay::encode(const venue::Request&, const venue::Stamp&) {
  return Status(StatusCode::unsupported, "version 1 of the streams is for recordings only");
}

Status KrakenV1Replay::decode_reply(const venue::Request& asked, const venue::WireReply& reply, Records& out) {
  if (!std::holds_alternative<venue::QueryInstruments>(asked)) {
    return {StatusCode::unsupported, "only the instruments can be read"};
  }
  const auto root = document_.parse(reply.body);
  if (Status status = judge_query(reply, root ? *root : Value()); !status.ok()) return status;
  const Records::Mark mark = out.mark();
  if (add_instruments(*root, SymbolStyle::v1, out)) return {};
  out.restore(mark);
  return {StatusCode::malformed, "no list of instruments"};
}

void KrakenV1Replay::subscribe(std::span<const venue::Subscription>, bool, std::uint64_t, venue::Frames&) {}

Status KrakenV1Replay::decode_frame(venue::StreamKind, venue::Bytes frame, Records& out) {
  const auto root = document_.parse(frame);
  if (!root) return root.status();
  const Records::Mark mark = out.mark();
  if ((*root).is_object()) {
    out.set_channel((*root).find("event").string());
    if (add_event(*root, out)) return {};
  } else if (const auto message = take_apart(*root)) {
    out.set_channel(message->channel);
    if (add_message(*message, out)) return {};
  }
  out.restore(mark);
  return {StatusCode::malformed, "a message of " + std::string(out.channel()) + " was not understood"};
}

}  // namespace calypte::connector::kraken
