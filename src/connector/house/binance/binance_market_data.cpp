#include "connector/house/binance/binance_market_data.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "venue/json_writer.hpp"
#include "venue/query_string.hpp"

namespace calypte::connector::binance {

using venue::Channel;
using venue::Records;
using venue::Request;
using venue::json::Value;

namespace {

bool add_book_side(Value side, Records& out, std::uint32_t& count) {
  for (const Value level : side.elements()) {
    venue::DepthLevel& read = out.levels().emplace_back();
    if (!level[0].wire_number(read.price) || !level[1].wire_number(read.amount)) return false;
    ++count;
  }
  return side.is_array();
}

bool add_levels(Value bids, Value asks, Records& out, venue::LevelRange& range) {
  range.begin = static_cast<std::uint32_t>(out.levels().size());
  return add_book_side(bids, out, range.bid_count) && add_book_side(asks, out, range.ask_count);
}

bool add_depth_update(Value data, Records& out) {
  venue::DepthDiff diff;
  diff.symbol = data.find("s").string();
  diff.ids.first = data.find("U").unsigned_integer();
  diff.ids.last = data.find("u").unsigned_integer();
  diff.ids.prev = data.find("pu").unsigned_integer();  // derivatives only
  diff.venue_time = read_ms(data.find("E"));
  if (diff.symbol.empty() || !diff.ids.first || !diff.ids.last) return false;
  if (!add_levels(data.find("b"), data.find("a"), out, diff.levels)) return false;
  out.add(diff);
  return true;
}

bool add_book_ticker(Value data, Records& out) {
  venue::BestBidAsk best;
  best.symbol = data.find("s").string();
  best.update_id = data.find("u").unsigned_integer();
  best.venue_time = read_ms(data.find("E"));
  venue::DepthLevel& bid = best.bid.emplace();
  venue::DepthLevel& ask = best.ask.emplace();
  if (best.symbol.empty() || !best.update_id) return false;
  if (!data.find("b").wire_number(bid.price) || !data.find("B").wire_number(bid.amount)) return false;
  if (!data.find("a").wire_number(ask.price) || !data.find("A").wire_number(ask.amount)) return false;
  out.add(best);
  return true;
}

bool add_trade(Value data, std::string_view id_key, Records& out) {
  // Derivatives also print what the insurance fund and the deleveraging do; that is no trade of the market.
  if (const Value kind = data.find("X"); kind.exists() && kind.string() != "MARKET") return true;
  venue::PublicTrade trade;
  const auto time = read_ms(data.find("T"));
  const auto buyer_is_maker = data.find("m").boolean();
  trade.symbol = data.find("s").string();
  trade.trade_id = data.find(id_key).scalar();
  if (!time || !buyer_is_maker || trade.symbol.empty() || trade.trade_id.empty()) return false;
  if (!data.find("p").wire_number(trade.price) || !data.find("q").wire_number(trade.amount)) return false;
  trade.taker_side = *buyer_is_maker ? TradeType::sell : TradeType::buy;
  trade.venue_time = *time;
  out.add(trade);
  return true;
}

/// The answer to one of our frames: a result, or an error in one of two forms.
void add_frame_answer(Value root, Records& out) {
  const Value error = root.find("error").is_object() ? root.find("error") : root;
  const Value code = error.find("code");
  Status status;
  if (code.exists()) {
    status = {StatusCode::rejected, FailureReason::rejected_by_venue, std::string(error.find("msg").string()),
              std::string(code.scalar())};
  }
  if (const auto id = root.find("id").unsigned_integer()) {
    out.add(venue::SubscriptionResult{*id, {}, std::move(status)});
  } else if (!status.ok()) {
    out.add(venue::VenueNotice{std::move(status), {}});
  }
}

/// False if it should have been understood.
bool add_event(std::string_view stream, std::string_view channel, Value data, Records& out) {
  const std::string_view event = data.find("e").string();
  if (event == "depthUpdate") {
    // Streams of the best few levels look the same and are told apart by the name of the stream alone.
    if (!stream.empty() && channel != "depth" && !channel.starts_with("depth@")) return true;
    return add_depth_update(data, out);
  }
  // On the spot market this event has no type.
  const bool untyped_ticker = event.empty() && data.find("B").exists() && data.find("A").exists();
  if (event == "bookTicker" || untyped_ticker) return add_book_ticker(data, out);
  if (event == "trade") return add_trade(data, "t", out);
  if (event == "aggTrade") return add_trade(data, "a", out);
  if (event == "serverShutdown") {
    out.add(venue::VenueNotice{{StatusCode::unavailable, "the server is about to close the connection"}, {}});
    return true;
  }
  return !event.empty() || !stream.empty();
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

std::string stream_name(const StreamNames& names, const venue::Subscription& subscription) {
  std::string name = lower(subscription.symbol.value);
  switch (subscription.channel) {
    case Channel::depth:
      return name.append(names.depth);
    case Channel::trades:
      return name.append(names.trades);
    case Channel::ticker:
      return name.append(names.ticker);
    case Channel::funding:
      return names.funding.empty() ? std::string() : name.append(names.funding);
    case Channel::user_orders:
    case Channel::user_fills:
    case Channel::user_balances:
      break;
  }
  return {};
}

/// 0 switches a limit off.
std::optional<Decimal> limit_of(Value value) {
  auto limit = value.decimal();
  if (limit && limit->is_zero()) limit.reset();
  return limit;
}

void read_filters(Value filters, TradingRule& rule) {
  for (const Value filter : filters.elements()) {
    const std::string_view type = filter.find("filterType").string();
    if (type == "PRICE_FILTER") {
      rule.min_price_increment = filter.find("tickSize").decimal().value_or(Decimal(0));
      rule.min_price = limit_of(filter.find("minPrice"));
      rule.max_price = limit_of(filter.find("maxPrice"));
    } else if (type == "LOT_SIZE") {
      rule.min_base_amount_increment = filter.find("stepSize").decimal().value_or(Decimal(0));
      rule.min_order_size = filter.find("minQty").decimal().value_or(Decimal(0));
      rule.max_order_size = limit_of(filter.find("maxQty"));
    } else if (type == "NOTIONAL" || type == "MIN_NOTIONAL") {
      const Value minimum = filter.find("minNotional").exists() ? filter.find("minNotional") : filter.find("notional");
      rule.min_notional_size = minimum.decimal().value_or(Decimal(0));
      rule.max_notional_size = limit_of(filter.find("maxNotional"));
    }
  }
}

}  // namespace

std::optional<Time> read_ms(Value value) noexcept {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 1'000'000;  // beyond, ns do not fit
  const auto ms = value.integer();
  if (!ms || *ms <= 0 || *ms > kMax) return std::nullopt;
  return from_unix_ms(*ms);
}

std::string_view path_of(const PublicPaths& paths, const Request& request) noexcept {
  if (std::holds_alternative<venue::QueryInstruments>(request)) return paths.instruments;
  if (std::holds_alternative<venue::QueryDepth>(request)) return paths.depth;
  if (std::holds_alternative<venue::QueryTickers>(request)) return paths.prices;
  if (std::holds_alternative<venue::QueryServerTime>(request)) return paths.time;
  return {};
}

Result<venue::WireRequest> encode_public(const PublicPaths& paths, const Request& request) {
  const std::string_view path = path_of(paths, request);
  if (path.empty()) return Status(StatusCode::unsupported, "only market data is offered by this connector so far");
  venue::QueryString query;
  if (const auto* depth = std::get_if<venue::QueryDepth>(&request)) {
    query.add("symbol", depth->symbol.value).add("limit", std::to_string(paths.depth_limit));
  }
  venue::WireRequest wire;
  wire.target = query.behind(path);
  return wire;
}

bool add_depth_reply(Value root, std::string_view symbol, std::uint32_t depth, Records& out) {
  venue::DepthSnapshot book;
  book.symbol = symbol;
  book.ids.last = root.find("lastUpdateId").unsigned_integer();
  book.venue_time = read_ms(root.find("E"));
  book.depth = depth;
  if (!book.ids.last || !add_levels(root.find("bids"), root.find("asks"), out, book.levels)) return false;
  out.add(book);
  return true;
}

bool add_last_prices(Value root, Records& out) {
  for (const Value item : root.elements()) {
    const std::string_view symbol = item.find("symbol").string();
    const auto price = item.find("price").decimal();
    if (symbol.empty() || !price) return false;
    out.add(venue::LastPrice{Symbol(symbol), *price});
  }
  return root.is_array();
}

bool add_server_time(Value root, Records& out) {
  const auto time = read_ms(root.find("serverTime"));
  if (time) out.add(venue::ServerTime{*time, std::chrono::milliseconds{1}});
  return time.has_value();
}

void add_instrument(Value symbol, bool tradable, Records& out) {
  venue::Instrument instrument{Symbol(symbol.find("symbol").string()), {}};
  const auto pair = TradingPair::parse(std::string(symbol.find("baseAsset").string()) + "-" +
                                       std::string(symbol.find("quoteAsset").string()));
  Status status = pair.status();
  if (status.ok()) {
    instrument.rule.trading_pair = *pair;
    instrument.rule.tradable = tradable;
    read_filters(symbol.find("filters"), instrument.rule);
    status = instrument.rule.validate();
  }
  if (status.ok() && !instrument.symbol.empty()) {
    out.add(std::move(instrument));
  } else {
    out.add(venue::BadInstrument{instrument.symbol.value, status.ok() ? "there is no symbol" : status.message()});
  }
}

Status decode_market_frame(Value root, Records& out) {
  const std::string_view stream = root.find("stream").string();
  const std::string_view channel = stream.substr(stream.find('@') + 1);  // all of it where there is no '@'
  const Value data = stream.empty() ? root : root.find("data");
  out.set_channel(stream.empty() ? data.find("e").string() : channel);
  if (stream.empty() && !root.find("e").exists() && !root.find("u").exists() &&
      (root.find("id").exists() || root.find("code").exists() || root.find("error").exists())) {
    out.set_channel("answer");
    add_frame_answer(root, out);
    return {};
  }
  if (data.is_array()) return {};  // streams of all symbols at once
  const Records::Mark mark = out.mark();
  if (data.is_object() && add_event(stream, channel, data, out)) return {};
  out.restore(mark);
  return {StatusCode::malformed, "a message of " + std::string(out.channel()) + " was not understood"};
}

void subscribe_market(const StreamNames& names, std::uint32_t per_frame,
                      std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                      venue::Frames& out) {
  while (!subscriptions.empty()) {
    const auto part = subscriptions.first(std::min<std::size_t>(subscriptions.size(), per_frame));
    subscriptions = subscriptions.subspan(part.size());
    std::string frame;
    venue::json::Writer writer(frame);
    writer.begin_object().field("method", on ? "SUBSCRIBE" : "UNSUBSCRIBE").key("params").begin_array();
    std::size_t count = 0;
    for (const auto& subscription : part) {
      const std::string name = stream_name(names, subscription);
      if (name.empty()) continue;
      writer.string(name);
      ++count;
    }
    if (count == 0) continue;
    writer.end_array().key("id").integer(id++).end_object();
    out.push_back(std::move(frame));
  }
}

}  // namespace calypte::connector::binance
