// Public channels: what is subscribed to, and what their frames and the depth reply mean.
#include <algorithm>
#include <limits>

#include "connector/exchange/okx/okx_constants.hpp"
#include "connector/exchange/okx/okx_exchange.hpp"
#include "venue/json_writer.hpp"

namespace calypte::connector::okx {

using venue::Channel;
using venue::Records;
using venue::json::Value;

namespace {

std::optional<Time> read_ms(Value value) noexcept {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 1'000'000;  // beyond, ns do not fit
  const auto ms = value.integer();
  if (!ms || *ms <= 0 || *ms > kMax) return std::nullopt;
  return from_unix_ms(*ms);
}

/// [price, size, nothing, number of orders]
bool add_side(Value side, Records& out, std::uint32_t& count) {
  for (const Value level : side.elements()) {
    venue::DepthLevel& read = out.levels().emplace_back();
    if (!level[0].wire_number(read.price) || !level[1].wire_number(read.amount)) return false;
    ++count;
  }
  return side.is_array();
}

bool add_levels(Value item, Records& out, venue::LevelRange& levels) {
  levels.begin = static_cast<std::uint32_t>(out.levels().size());
  return add_side(item.find("bids"), out, levels.bid_count) && add_side(item.find("asks"), out, levels.ask_count);
}

/// A signed number on the wire; empty if it is absent. False if it is there and none.
bool read_checksum(Value value, std::optional<std::uint32_t>& out) {
  if (value.is_null()) return true;
  const auto number = value.integer();
  if (!number || *number < std::numeric_limits<std::int32_t>::min() ||
      *number > std::numeric_limits<std::int32_t>::max()) {
    return false;
  }
  out = static_cast<std::uint32_t>(static_cast<std::int32_t>(*number));
  return true;
}

bool add_book(Value item, std::string_view symbol, std::string_view action, Records& out) {
  venue::LevelRange levels;
  std::optional<std::uint32_t> checksum;
  if (symbol.empty() || !add_levels(item, out, levels) || !read_checksum(item.find("checksum"), checksum)) return false;
  // -1 before a snapshot reads as none.
  const venue::SequenceIds ids{
      .first = {}, .last = item.find("seqId").unsigned_integer(), .prev = item.find("prevSeqId").unsigned_integer()};
  const auto time = read_ms(item.find("ts"));
  if (action == "snapshot") {
    out.add(venue::DepthSnapshot{
        .symbol = symbol, .ids = ids, .levels = levels, .checksum = checksum, .venue_time = time, .depth = kBookDepth});
  } else if (action == "update") {
    out.add(venue::DepthDiff{.symbol = symbol, .ids = ids, .levels = levels, .checksum = checksum, .venue_time = time});
  } else {
    return false;
  }
  return true;
}

bool add_trade(Value item, Records& out) {
  venue::PublicTrade trade;
  const std::string_view side = item.find("side").string();
  const auto time = read_ms(item.find("ts"));
  trade.symbol = item.find("instId").string();
  trade.trade_id = item.find("tradeId").scalar();
  if (!time || trade.symbol.empty() || (side != "buy" && side != "sell")) return false;
  if (!item.find("px").wire_number(trade.price) || !item.find("sz").wire_number(trade.amount)) return false;
  trade.taker_side = side == "buy" ? TradeType::buy : TradeType::sell;
  trade.venue_time = *time;
  out.add(trade);
  return true;
}

bool add_ticker(Value item, Records& out) {
  // An empty side has empty texts.
  const auto level = [](Value price, Value amount, std::optional<venue::DepthLevel>& to) {
    if (price.scalar().empty() || amount.scalar().empty()) return true;
    to.emplace();
    return price.wire_number(to->price) && amount.wire_number(to->amount);
  };
  venue::BestBidAsk best;
  best.symbol = item.find("instId").string();
  best.venue_time = read_ms(item.find("ts"));
  if (best.symbol.empty()) return false;
  if (!level(item.find("bidPx"), item.find("bidSz"), best.bid)) return false;
  if (!level(item.find("askPx"), item.find("askSz"), best.ask)) return false;
  if (const Value last = item.find("last"); !last.scalar().empty()) {
    if (!last.wire_number(best.last_price.emplace())) return false;
  }
  out.add(best);
  return true;
}

std::string_view channel_word(Channel channel) noexcept {
  switch (channel) {
    case Channel::depth:
      return "books";
    case Channel::trades:
      return "trades";
    case Channel::ticker:
      return "tickers";
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
  const Value arg = root.find("arg");
  const std::string_view channel = arg.find("channel").string();
  const Value data = root.find("data");
  if (channel.empty() || !data.is_array()) return false;
  for (const Value item : data.elements()) {
    if (channel == "books" && !add_book(item, arg.find("instId").string(), root.find("action").string(), out)) {
      return false;
    }
    if (channel == "trades" && !add_trade(item, out)) return false;
    if (channel == "tickers" && !add_ticker(item, out)) return false;
  }
  return true;
}

bool add_depth_reply(Value data, std::string_view symbol, Records& out) {
  const Value item = data[0];
  venue::DepthSnapshot book;
  book.symbol = symbol;
  book.ids.last = item.find("seqId").unsigned_integer();
  book.venue_time = read_ms(item.find("ts"));
  book.depth = kBookDepth;
  if (!item.is_object() || !add_levels(item, out, book.levels)) return false;
  out.add(book);
  return true;
}

void OkxExchange::subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                            venue::Frames& out) {
  while (!subscriptions.empty()) {
    const auto part =
        subscriptions.first(std::min<std::size_t>(subscriptions.size(), kSpec.streams.max_channels_per_frame));
    subscriptions = subscriptions.subspan(part.size());
    std::string frame;
    venue::json::Writer writer(frame);
    std::size_t count = 0;
    writer.begin_object().field("id", std::to_string(id)).field("op", on ? "subscribe" : "unsubscribe");
    writer.key("args").begin_array();
    for (const auto& subscription : part) {
      const std::string_view word = channel_word(subscription.channel);
      if (word.empty()) continue;
      writer.begin_object().field("channel", word).field("instId", subscription.symbol.value).end_object();
      ++count;
    }
    if (count == 0) continue;
    writer.end_array().end_object();
    out.push_back(std::move(frame));
    ++id;
  }
}

}  // namespace calypte::connector::okx
