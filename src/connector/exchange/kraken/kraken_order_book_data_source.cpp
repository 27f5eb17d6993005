// Public channels of version 2: what is subscribed to, and what their frames mean.
#include <algorithm>
#include <array>
#include <limits>

#include "connector/exchange/kraken/kraken_constants.hpp"
#include "connector/exchange/kraken/kraken_exchange.hpp"
#include "connector/exchange/kraken/kraken_utils.hpp"
#include "venue/json_writer.hpp"

namespace calypte::connector::kraken {

using venue::Channel;
using venue::Records;
using venue::json::Value;

namespace {

/// Prices and amounts are JSON numbers whose trailing zeros count for the checksum.
bool add_side(Value side, Records& out, std::uint32_t& count) {
  for (const Value level : side.elements()) {
    venue::DepthLevel& read = out.levels().emplace_back();
    if (!level.find("price").wire_number(read.price) || !level.find("qty").wire_number(read.amount)) return false;
    ++count;
  }
  return side.is_array();
}

bool add_book(Value item, bool snapshot, Records& out) {
  const std::string_view symbol = item.find("symbol").string();
  const auto checksum = item.find("checksum").unsigned_integer();
  // It is the only thing that proves this book, so a message without is not understood.
  if (symbol.empty() || !checksum || *checksum > std::numeric_limits<std::uint32_t>::max()) return false;
  venue::LevelRange levels;
  levels.begin = static_cast<std::uint32_t>(out.levels().size());
  if (!add_side(item.find("bids"), out, levels.bid_count)) return false;
  if (!add_side(item.find("asks"), out, levels.ask_count)) return false;
  const auto crc = static_cast<std::uint32_t>(*checksum);
  const auto time = parse_timestamp(item.find("timestamp").string());
  if (snapshot) {
    out.add(venue::DepthSnapshot{
        .symbol = symbol, .ids = {}, .levels = levels, .checksum = crc, .venue_time = time, .depth = kBookDepth});
  } else {
    out.add(venue::DepthDiff{.symbol = symbol, .ids = {}, .levels = levels, .checksum = crc, .venue_time = time});
  }
  return true;
}

bool add_trade(Value item, bool backfill, Records& out) {
  venue::PublicTrade trade;
  const std::string_view side = item.find("side").string();
  const auto time = parse_timestamp(item.find("timestamp").string());
  trade.symbol = item.find("symbol").string();
  trade.trade_id = item.find("trade_id").scalar();
  if (!time || trade.symbol.empty() || (side != "buy" && side != "sell")) return false;
  if (!item.find("price").wire_number(trade.price) || !item.find("qty").wire_number(trade.amount)) return false;
  trade.taker_side = side == "buy" ? TradeType::buy : TradeType::sell;
  trade.venue_time = *time;
  trade.backfill = backfill;
  out.add(trade);
  return true;
}

bool add_ticker(Value item, Records& out) {
  venue::BestBidAsk best;
  best.symbol = item.find("symbol").string();
  venue::DepthLevel& bid = best.bid.emplace();
  venue::DepthLevel& ask = best.ask.emplace();
  if (best.symbol.empty()) return false;
  if (!item.find("bid").wire_number(bid.price) || !item.find("bid_qty").wire_number(bid.amount)) return false;
  if (!item.find("ask").wire_number(ask.price) || !item.find("ask_qty").wire_number(ask.amount)) return false;
  if (const Value last = item.find("last"); !last.is_null() && !last.wire_number(best.last_price.emplace())) {
    return false;
  }
  out.add(best);
  return true;
}

std::string_view channel_word(Channel channel) noexcept {
  switch (channel) {
    case Channel::depth:
      return "book";
    case Channel::trades:
      return "trade";
    case Channel::ticker:
      return "ticker";
    case Channel::funding:
    case Channel::user_orders:
    case Channel::user_fills:
    case Channel::user_balances:
      break;
  }
  return {};
}

}  // namespace

bool add_market_data(Value root, Records& out) {
  const std::string_view channel = root.find("channel").string();
  const bool snapshot = root.find("type").string() == "snapshot";
  const Value data = root.find("data");
  if (channel == "status") {
    const std::string_view system = data[0].find("system").string();
    if (!system.empty() && system != "online") {
      out.add(venue::VenueNotice{{StatusCode::unavailable, "the venue is in " + std::string(system)}, "status"});
    }
    return data.is_array();
  }
  if (channel != "book" && channel != "trade" && channel != "ticker") return true;
  for (const Value item : data.elements()) {
    if (channel == "book" && !add_book(item, snapshot, out)) return false;
    if (channel == "trade" && !add_trade(item, snapshot, out)) return false;
    if (channel == "ticker" && !add_ticker(item, out)) return false;
  }
  return data.is_array();
}

void KrakenExchange::subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                               venue::Frames& out) {
  for (const Channel channel : {Channel::depth, Channel::trades, Channel::ticker}) {
    std::size_t at = 0;
    while (at < subscriptions.size()) {
      std::string frame;
      venue::json::Writer writer(frame);
      std::uint32_t count = 0;
      for (; at < subscriptions.size() && count < kSpec.streams.max_channels_per_frame; ++at) {
        if (subscriptions[at].channel != channel) continue;
        if (count++ == 0) {
          writer.begin_object().field("method", on ? "subscribe" : "unsubscribe").key("params").begin_object();
          writer.field("channel", channel_word(channel)).key("symbol").begin_array();
        }
        writer.string(subscriptions[at].symbol.value);
      }
      if (count == 0) continue;
      writer.end_array();
      if (channel == Channel::depth) writer.key("depth").integer(std::uint64_t{kBookDepth});
      if (channel == Channel::ticker && on) writer.field("event_trigger", "bbo");
      if (on) writer.key("snapshot").boolean(true);
      writer.end_object().key("req_id").integer(id++).end_object();
      out.push_back(std::move(frame));
    }
  }
}

}  // namespace calypte::connector::kraken
