// Public REST methods, and the market objects that the market channels share with them.
#include <algorithm>
#include <charconv>

#include "sim/dialects/crypto_com/crypto_com_venue.hpp"

namespace calypte::sim::crypto_com {
namespace {

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Times are accepted in milliseconds, in microseconds as some clients send them, or in nanoseconds, by their size.
Time time_of(std::int64_t value) {
  if (value > 100'000'000'000'000'000) return from_unix_ns(value);
  if (value > 100'000'000'000'000) return from_unix_us(value);
  return from_unix_ms(value);
}

std::string rate_text(const Decimal& value, int scale) {
  return value.rescaled(scale, Rounding::half_even).to_string();
}

}  // namespace

std::optional<Duration> candle_length(std::string_view text) {
  struct Row {
    std::string_view name;
    std::string_view old_name;
    std::chrono::minutes length;
  };
  static constexpr Row kRows[] = {
      {"1m", "M1", std::chrono::minutes{1}},       {"5m", "M5", std::chrono::minutes{5}},
      {"15m", "M15", std::chrono::minutes{15}},    {"30m", "M30", std::chrono::minutes{30}},
      {"1h", "H1", std::chrono::minutes{60}},      {"2h", "H2", std::chrono::minutes{120}},
      {"4h", "H4", std::chrono::minutes{240}},     {"12h", "H12", std::chrono::minutes{720}},
      {"1D", "D1", std::chrono::minutes{1440}},    {"7D", "D7", std::chrono::minutes{10080}},
      {"14D", "D14", std::chrono::minutes{20160}},
  };
  for (const Row& row : kRows) {
    if (text == row.name || text == row.old_name) return row.length;
  }
  return std::nullopt;
}

std::optional<CryptoComVenue::Answer> CryptoComVenue::call_public(const std::string& method, const Query& query,
                                                                  Time now) {
  if (method == "public/get-instruments") {
    Answer answer;
    Writer out(answer.result);
    out.begin_object().key("data").begin_array();
    for (const Instrument& instrument : exchange_.instruments()) write_instrument(out, instrument);
    out.end_array().end_object();
    return answer;
  }
  if (method == "public/get-book") return get_book(query, now);
  if (method == "public/get-tickers") return get_tickers(query, now);
  if (method == "public/get-trades") return get_public_trades(query);
  if (method == "public/get-candlestick") return get_candlestick(query);
  if (method == "public/get-risk-parameters") return get_risk_parameters(now);
  if (method == "public/get-valuations") return get_valuations(query, now);
  return std::nullopt;
}

CryptoComVenue::Answer CryptoComVenue::get_book(const Query& query, Time now) {
  const auto name = query.find("instrument_name");
  if (name == query.end()) return {code::kBadArgument, {}, "Missing instrument_name"};
  const auto instrument = exchange_.find_instrument(name->second);
  if (!instrument) return {code::kInvalidRequest, {}, "Unknown symbol"};
  std::int64_t depth = 50;
  if (const auto given = query.find("depth"); given != query.end()) depth = integer_of(given->second).value_or(0);
  if (depth < 1 || depth > 150) return {code::kBadArgument, {}, "Invalid depth"};
  const Instrument& spec = exchange_.instruments()[*instrument];
  Answer answer;
  Writer out(answer.result);
  std::vector<EngineLevel> levels;
  out.begin_object().key("depth").integer(depth).key("data").begin_array().begin_object();
  exchange_.book(*instrument).levels(Side::buy, static_cast<std::size_t>(depth), levels);
  out.key("bids");
  write_levels(out, levels, spec);
  exchange_.book(*instrument).levels(Side::sell, static_cast<std::size_t>(depth), levels);
  out.key("asks");
  write_levels(out, levels, spec);
  out.key("t").integer(venue_ms(now)).end_object().end_array();
  out.field("instrument_name", spec.symbol).end_object();
  return answer;
}

std::string CryptoComVenue::ticker_object(std::size_t instrument, bool with_sizes, Time now) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  const DayFigures day = exchange_.tape(instrument).day(now);
  std::string text;
  Writer out(text);
  const auto price = [&](std::string_view key, const std::optional<Decimal>& value) {
    out.key(key);
    if (value) {
      out.string(at_least_places(*value, spec.tick));
    } else {
      out.null();
    }
  };
  out.begin_object().field("i", spec.symbol);
  price("h", day.high);
  price("l", day.low);
  price("a", day.last);
  out.field("v", at_least_places(day.volume, spec.lot));
  out.field("vv", rate_text(day.value, 2));
  const bool has_change = day.first && day.last && !day.first->is_zero();
  out.field("c", has_change ? divide(*day.last - *day.first, *day.first, 4).to_string() : "0.0000");
  for (const Side side : {Side::buy, Side::sell}) {
    std::vector<EngineLevel> best;
    exchange_.book(instrument).levels(side, 1, best);
    const std::string_view key = side == Side::buy ? "b" : "k";
    price(key, best.empty() ? std::optional<Decimal>{} : from_units(best.front().price, spec.tick));
    if (!with_sizes) continue;
    out.key(std::string(key) + "s");
    if (best.empty()) {
      out.null();
    } else {
      out.string(from_units(best.front().quantity, spec.lot).to_string());
    }
  }
  out.key("oi");
  if (spec.kind == InstrumentKind::perpetual) {
    out.string("0");
  } else {
    out.null();
  }
  out.key("t").integer(venue_ms(now)).end_object();
  return text;
}

CryptoComVenue::Answer CryptoComVenue::get_tickers(const Query& query, Time now) {
  std::optional<std::size_t> only;
  if (const auto name = query.find("instrument_name"); name != query.end()) {
    only = exchange_.find_instrument(name->second);
    if (!only) return {code::kInvalidRequest, {}, "Unknown symbol"};
  }
  Answer answer;
  Writer out(answer.result);
  out.begin_object().key("data").begin_array();
  for (std::size_t i = 0; i < exchange_.instruments().size(); ++i) {
    if (!only || *only == i) out.raw(ticker_object(i, false, now));
  }
  out.end_array().end_object();
  return answer;
}

CryptoComVenue::Answer CryptoComVenue::get_public_trades(const Query& query) {
  const auto name = query.find("instrument_name");
  if (name == query.end()) return {code::kBadArgument, {}, "Missing instrument_name"};
  const auto instrument = exchange_.find_instrument(name->second);
  if (!instrument) return {code::kInvalidRequest, {}, "Unknown symbol"};
  std::int64_t count = 25;
  if (const auto given = query.find("count"); given != query.end()) count = integer_of(given->second).value_or(0);
  if (count < 1) return {code::kBadArgument, {}, "Invalid count"};
  count = std::min<std::int64_t>(count, 150);
  Time from{};
  Time until = kNever;
  if (const auto given = query.find("start_ts"); given != query.end()) {
    from = time_of(integer_of(given->second).value_or(0)) - faults_.clock_offset;
  }
  if (const auto given = query.find("end_ts"); given != query.end()) {
    until = time_of(integer_of(given->second).value_or(0)) - faults_.clock_offset;
  }
  const Instrument& spec = exchange_.instruments()[*instrument];
  Answer answer;
  Writer out(answer.result);
  out.begin_object().key("data").begin_array();
  const auto& trades = exchange_.tape(*instrument).trades();
  for (auto trade = trades.rbegin(); trade != trades.rend() && count > 0; ++trade) {
    if (trade->time < from || trade->time >= until) continue;
    const Time time = venue_time(trade->time);
    out.begin_object().field("d", std::to_string(trade->id)).key("t").integer(to_unix_ms(time));
    out.key("tn").integer(to_unix_ns(time));
    out.field("q", trade->quantity.to_string()).field("p", trade->price.to_string());
    // Lower case here and upper case on the socket: so the venue does it.
    out.field("s", trade->taker_side == Side::buy ? "buy" : "sell");
    out.field("i", spec.symbol).field("m", std::to_string(trade->match_id)).end_object();
    --count;
  }
  out.end_array().end_object();
  return answer;
}

CryptoComVenue::Answer CryptoComVenue::get_candlestick(const Query& query) {
  const auto name = query.find("instrument_name");
  if (name == query.end()) return {code::kBadArgument, {}, "Missing instrument_name"};
  const auto instrument = exchange_.find_instrument(name->second);
  if (!instrument) return {code::kInvalidRequest, {}, "Unknown symbol"};
  const auto frame = query.find("timeframe");
  const auto length = candle_length(frame == query.end() ? std::string_view("5m") : frame->second);
  if (!length) return {code::kBadArgument, {}, "Invalid timeframe"};
  std::int64_t count = 25;
  if (const auto given = query.find("count"); given != query.end()) count = integer_of(given->second).value_or(0);
  if (count < 1) return {code::kBadArgument, {}, "Invalid count"};
  count = std::min<std::int64_t>(count, 300);
  Time from{};
  Time until = kNever;
  if (const auto given = query.find("start_ts"); given != query.end())
    from = time_of(integer_of(given->second).value_or(0));
  if (const auto given = query.find("end_ts"); given != query.end())
    until = time_of(integer_of(given->second).value_or(0));
  const Instrument& spec = exchange_.instruments()[*instrument];
  std::vector<Candle> candles = exchange_.tape(*instrument).candles(*length, TradeTape::kMaxMinutes);
  candles.erase(std::remove_if(candles.begin(), candles.end(),
                               [&](const Candle& candle) {
                                 return venue_time(candle.open_time) < from || venue_time(candle.open_time) >= until;
                               }),
                candles.end());
  const auto wanted = static_cast<std::size_t>(count);
  if (candles.size() > wanted) {
    candles.erase(candles.begin(), candles.begin() + static_cast<std::ptrdiff_t>(candles.size() - wanted));
  }
  Answer answer;
  Writer out(answer.result);
  out.begin_object().field("interval", frame == query.end() ? "5m" : frame->second).key("data").begin_array();
  for (const Candle& candle : candles) {
    out.begin_object();
    out.field("o", candle.open.to_string()).field("h", candle.high.to_string()).field("l", candle.low.to_string());
    out.field("c", candle.close.to_string()).field("v", at_least_places(candle.volume, spec.lot));
    out.key("t").integer(venue_ms(candle.open_time)).end_object();
  }
  out.end_array().field("instrument_name", spec.symbol).end_object();
  return answer;
}

CryptoComVenue::Answer CryptoComVenue::get_risk_parameters(Time now) {
  Answer answer;
  Writer out(answer.result);
  out.begin_object();
  out.field("default_max_product_leverage_for_perps", "20.0").field("default_unit_margin_rate", "0.05");
  out.key("update_timestamp_ms").integer(venue_ms(now)).key("base_currency_config").begin_array();
  std::set<std::string> seen;
  for (const Instrument& instrument : exchange_.instruments()) {
    if (!seen.insert(instrument.base).second) continue;
    out.begin_object().field("instrument_name", instrument.base).field("minimum_haircut", "0");
    out.field("unit_margin_rate", "0.00025");
    out.field("max_order_notional_usd", at_least_places(instrument.max_notional, Decimal::from_parts(1, 1)));
    out.field("min_order_notional_usd", at_least_places(instrument.min_notional, Decimal::from_parts(1, 1)));
    out.end_object();
  }
  out.end_array().end_object();
  return answer;
}

CryptoComVenue::Answer CryptoComVenue::get_valuations(const Query& query, Time now) {
  const auto name = query.find("instrument_name");
  if (name == query.end()) return {code::kBadArgument, {}, "Missing instrument_name"};
  const auto type = query.find("valuation_type");
  if (type == query.end()) return {code::kBadArgument, {}, "Missing valuation_type"};
  std::string_view symbol = name->second;
  const bool index = type->second == "index_price";
  constexpr std::string_view kIndex = "-INDEX";
  const bool named_index = symbol.size() > kIndex.size() && symbol.substr(symbol.size() - kIndex.size()) == kIndex;
  if (index != named_index) return {code::kInvalidRequest, {}, "Unsupported instrument"};
  Decimal value;
  if (index || type->second == "mark_price") {
    const std::string perpetual =
        index ? std::string(symbol.substr(0, symbol.size() - kIndex.size())) + "-PERP" : std::string(symbol);
    const auto instrument = exchange_.find_instrument(perpetual);
    if (!instrument) return {code::kInvalidRequest, {}, "Unknown symbol"};
    const Instrument& spec = exchange_.instruments()[*instrument];
    const auto spot = exchange_.find_instrument(spec.base + "_" + spec.quote);
    value = exchange_.reference_price(spot.value_or(*instrument));
  } else if (type->second == "funding_rate" || type->second == "estimated_funding_rate" ||
             type->second == "funding_hist") {
    if (!exchange_.find_instrument(symbol)) return {code::kInvalidRequest, {}, "Unknown symbol"};
    value = Decimal::from_parts(1250, 8);
  } else {
    return {code::kBadArgument, {}, "Invalid valuation_type"};
  }
  Answer answer;
  Writer out(answer.result);
  out.begin_object().key("data").begin_array().begin_object();
  out.field("v", plain(value)).key("t").integer(venue_ms(now)).end_object().end_array();
  out.field("instrument_name", symbol).end_object();
  return answer;
}

}  // namespace calypte::sim::crypto_com
