// Requests for market data.
#include <algorithm>

#include "sim/dialects/binance/house.hpp"

namespace calypte::sim::binance {
namespace {

constexpr std::int64_t kMaxTrades = 1000;

/// `limit`, its default, or the error.
std::variant<std::size_t, Answer> limit_of(const Parameters& parameters, std::int64_t fallback, std::int64_t most) {
  if (!parameters.has("limit")) return static_cast<std::size_t>(fallback);
  const auto limit = parameters.integer("limit");
  if (!limit) return illegal("limit", "^[0-9]{1,20}$");
  if (*limit < 1) return failure(code::kBadValue, "Data sent for parameter 'limit' is not valid.");
  return static_cast<std::size_t>(std::min(*limit, most));
}

std::string joined(const std::vector<std::string>& items) {
  std::string list;
  Writer out(list);
  out.begin_array();
  for (const std::string& item : items) out.raw(item);
  out.end_array();
  return list;
}

}  // namespace

std::variant<std::size_t, Answer> BinanceHouse::named_instrument(const Parameters& parameters) const {
  if (!parameters.has("symbol")) return mandatory("symbol");
  const auto instrument = exchange_.find_instrument(parameters.get("symbol"));
  if (!instrument) return invalid_symbol();
  return *instrument;
}

std::variant<std::vector<std::size_t>, Answer> BinanceHouse::named_instruments(const Parameters& parameters) const {
  std::vector<std::size_t> list;
  if (parameters.has("symbol") && parameters.has("symbols")) {
    return failure(code::kBadCombination, "Combination of optional parameters invalid.");
  }
  if (parameters.has("symbol")) {
    const auto one = named_instrument(parameters);
    if (const Answer* refused = std::get_if<Answer>(&one)) return *refused;
    list.push_back(std::get<std::size_t>(one));
    return list;
  }
  if (!parameters.has("symbols")) {
    for (std::size_t i = 0; i < exchange_.instruments().size(); ++i) list.push_back(i);
    return list;
  }
  const venue::PaddedBuffer buffer(parameters.get("symbols"));
  venue::json::Document document;
  const auto parsed = document.parse(buffer.bytes());
  if (!parsed || !parsed->is_array())
    return illegal("symbols", R"(^\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\]$)");
  for (const Value name : parsed->elements()) {
    const auto instrument = exchange_.find_instrument(name.string());
    if (!instrument) return invalid_symbol();
    list.push_back(*instrument);
  }
  return list;
}

Answer BinanceHouse::get_time(const Call& call) const {
  std::string text;
  Writer(text).begin_object().key("serverTime").integer(venue_ms(call.now)).end_object();
  return success(text);
}

Answer BinanceHouse::get_depth(const Call& call) {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  const auto limit = limit_of(call.parameters, static_cast<std::int64_t>(rules_.default_depth),
                              static_cast<std::int64_t>(rules_.max_depth));
  if (const Answer* refused = std::get_if<Answer>(&limit)) return *refused;
  note_shown(std::get<std::size_t>(instrument));
  return success(depth_snapshot(std::get<std::size_t>(instrument), std::get<std::size_t>(limit), call.now));
}

Answer BinanceHouse::get_trades(const Call& call) const {
  const auto named = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&named)) return *refused;
  const auto limit = limit_of(call.parameters, 500, kMaxTrades);
  if (const Answer* refused = std::get_if<Answer>(&limit)) return *refused;
  const std::size_t instrument = std::get<std::size_t>(named);
  const std::size_t count = std::get<std::size_t>(limit);
  const auto& trades = exchange_.tape(instrument).trades();
  auto first = trades.end() - static_cast<std::ptrdiff_t>(std::min(count, trades.size()));
  if (const auto from = call.parameters.integer("fromId")) {
    first = std::find_if(trades.begin(), trades.end(),
                         [&](const PublicTrade& trade) { return static_cast<std::int64_t>(trade.id) >= *from; });
  }
  std::vector<std::string> items;
  for (; first != trades.end() && items.size() < count; ++first) items.push_back(public_trade(instrument, *first));
  return success(joined(items));
}

Answer BinanceHouse::get_aggregated_trades(const Call& call) const {
  const auto named = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&named)) return *refused;
  const auto limit = limit_of(call.parameters, 500, kMaxTrades);
  if (const Answer* refused = std::get_if<Answer>(&limit)) return *refused;
  const auto from = call.parameters.integer("fromId");
  const auto start = call.parameters.integer("startTime");
  const auto end = call.parameters.integer("endTime");
  if (from && (start || end)) return failure(code::kBadCombination, "Combination of optional parameters invalid.");
  const std::size_t instrument = std::get<std::size_t>(named);
  const std::size_t count = std::get<std::size_t>(limit);
  std::vector<std::string> items;
  for (const AggregatedTrade& trade : markets_[instrument].aggregated) {
    const std::int64_t ms = venue_ms(trade.time);
    if ((from && static_cast<std::int64_t>(trade.id) < *from) || (start && ms < *start) || (end && ms > *end)) continue;
    items.push_back(aggregated_trade(instrument, trade));
    if ((from || start) && items.size() == count) break;
  }
  if (items.size() > count) items.erase(items.begin(), items.end() - static_cast<std::ptrdiff_t>(count));
  return success(joined(items));
}

std::vector<Candle> BinanceHouse::candles(std::size_t instrument, Duration length, std::size_t count, Time now) const {
  const TradeTape& tape = exchange_.tape(instrument);
  const auto known = length < 1min ? tape.short_candles(length, count) : tape.candles(length, count);
  std::vector<Candle> list;
  // An interval without trades has a candle too: the price stood still.
  const auto fill_up_to = [&](Time open) {
    if (list.empty()) return;
    Candle still;
    still.open = still.high = still.low = still.close = list.back().close;
    // A silence of more than the wanted number of candles needs no more of them than that.
    const Time first = open - length * static_cast<std::int64_t>(count);
    still.open_time = std::max(list.back().open_time + length, first);
    for (; still.open_time < open; still.open_time += length) list.push_back(still);
  };
  for (const Candle& candle : known) {
    fill_up_to(candle.open_time);
    list.push_back(candle);
  }
  fill_up_to(Time{(now.time_since_epoch() / length + 1) * length});
  if (list.size() > count) list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(count));
  return list;
}

Answer BinanceHouse::get_klines(const Call& call) const {
  const auto named = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&named)) return *refused;
  if (!call.parameters.has("interval")) return mandatory("interval");
  const std::string_view interval = call.parameters.get("interval");
  const auto length = kline_length(interval);
  if (!length || (interval == "1s" && !rules_.one_second_klines)) {
    return failure(code::kInvalidInterval, "Invalid interval.");
  }
  const auto limit = limit_of(call.parameters, 500, static_cast<std::int64_t>(rules_.max_klines));
  if (const Answer* refused = std::get_if<Answer>(&limit)) return *refused;
  const auto start = call.parameters.integer("startTime");
  const auto end = call.parameters.integer("endTime");
  const std::size_t instrument = std::get<std::size_t>(named);
  const std::size_t count = std::get<std::size_t>(limit);
  std::vector<std::string> items;
  const bool bounded = start || end;
  for (const Candle& candle : candles(instrument, *length, bounded ? TradeTape::kMaxMinutes : count, call.now)) {
    const std::int64_t ms = venue_ms(candle.open_time);
    if ((start && ms < *start) || (end && ms > *end)) continue;
    items.push_back(kline(instrument, *length, candle));
    if (start && items.size() == count) break;
  }
  if (items.size() > count) items.erase(items.begin(), items.end() - static_cast<std::ptrdiff_t>(count));
  return success(joined(items));
}

Answer BinanceHouse::list_by_symbol(const Parameters& parameters,
                                    const std::function<std::string(std::size_t)>& write) const {
  const auto named = named_instruments(parameters);
  if (const Answer* refused = std::get_if<Answer>(&named)) return *refused;
  const auto& list = std::get<std::vector<std::size_t>>(named);
  if (parameters.has("symbol")) return success(write(list.front()));
  std::vector<std::string> items;
  items.reserve(list.size());
  for (const std::size_t instrument : list) items.push_back(write(instrument));
  return success(joined(items));
}

Answer BinanceHouse::get_prices(const Call& call) const {
  return list_by_symbol(call.parameters, [this](std::size_t instrument) {
    const Instrument& spec = exchange_.instruments()[instrument];
    std::string text;
    Writer out(text);
    out.begin_object().field("symbol", spec.symbol);
    out.field("price", price_text(spec, exchange_.reference_price(instrument))).end_object();
    return text;
  });
}

Answer BinanceHouse::get_book_tickers(const Call& call) const {
  return list_by_symbol(call.parameters, [&](std::size_t instrument) { return book_ticker(instrument, call.now); });
}

Answer BinanceHouse::get_day_tickers(const Call& call) const {
  return list_by_symbol(call.parameters, [&](std::size_t instrument) { return day_ticker(instrument, call.now); });
}

}  // namespace calypte::sim::binance
