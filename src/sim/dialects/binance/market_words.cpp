// How market data is written, in the words of the spot market.
#include <algorithm>
#include <array>

#include "sim/dialects/binance/house.hpp"

namespace calypte::sim::binance {
namespace {

constexpr int kPlaces = 8;

/// With eight decimals, or more where the value has more: nothing is rounded.
std::string eight(const Decimal& value) {
  const Decimal plain = value.normalized();
  return plain.scale() >= kPlaces ? plain.to_string() : plain.rescaled(kPlaces, Rounding::toward_zero).to_string();
}

std::string quotient(const Decimal& a, const Decimal& b, int scale) {
  return (b.is_zero() ? Decimal{} : divide(a, b, scale)).rescaled(scale, Rounding::half_even).to_string();
}

}  // namespace

std::string BinanceHouse::price_text(const Instrument&, const Decimal& price) const { return eight(price); }
std::string BinanceHouse::quantity_text(const Instrument&, const Decimal& quantity) const { return eight(quantity); }
std::string BinanceHouse::value_text(const Decimal& value) const { return eight(value); }

void BinanceHouse::write_levels(Writer& out, std::size_t instrument, const std::vector<EngineLevel>& levels) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  out.begin_array();
  for (const EngineLevel& level : levels) {
    out.begin_array();
    out.string(price_text(spec, from_units(level.price, spec.tick)));
    out.string(quantity_text(spec, from_units(level.quantity, spec.lot)));
    out.end_array();
  }
  out.end_array();
}

void BinanceHouse::write_book(Writer& out, std::size_t instrument, std::size_t depth, std::string_view bids,
                              std::string_view asks) const {
  std::vector<EngineLevel> levels;
  exchange_.book(instrument).levels(Side::buy, depth, levels);
  write_levels(out.key(bids), instrument, levels);
  exchange_.book(instrument).levels(Side::sell, depth, levels);
  write_levels(out.key(asks), instrument, levels);
}

BinanceHouse::Touch BinanceHouse::touch(std::size_t instrument) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  const MatchingEngine& book = exchange_.book(instrument);
  Touch touch{price_text(spec, {}), quantity_text(spec, {}), price_text(spec, {}), quantity_text(spec, {})};
  std::vector<EngineLevel> level;
  book.levels(Side::buy, 1, level);
  if (!level.empty()) {
    touch.bid = price_text(spec, from_units(level[0].price, spec.tick));
    touch.bid_quantity = quantity_text(spec, from_units(level[0].quantity, spec.lot));
  }
  book.levels(Side::sell, 1, level);
  if (!level.empty()) {
    touch.ask = price_text(spec, from_units(level[0].price, spec.tick));
    touch.ask_quantity = quantity_text(spec, from_units(level[0].quantity, spec.lot));
  }
  return touch;
}

std::string BinanceHouse::depth_snapshot(std::size_t instrument, std::size_t depth, Time) const {
  std::string text;
  Writer out(text);
  out.begin_object().key("lastUpdateId").integer(book_update_id(instrument));
  write_book(out, instrument, depth, "bids", "asks");
  out.end_object();
  return text;
}

std::string BinanceHouse::partial_depth_event(std::size_t instrument, const Feed& feed, Time now) const {
  return depth_snapshot(instrument, feed.spec.depth, now);
}

std::string BinanceHouse::depth_event(const DepthEvent& event, Time now) const {
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "depthUpdate").key("E").integer(venue_ms(now));
  out.field("s", exchange_.instruments()[event.instrument].symbol);
  out.key("U").integer(event.first_id).key("u").integer(event.last_id);
  write_levels(out.key("b"), event.instrument, event.bids);
  write_levels(out.key("a"), event.instrument, event.asks);
  out.end_object();
  return text;
}

std::string BinanceHouse::book_ticker_event(std::size_t instrument, Time) const {
  const Touch best = touch(instrument);
  std::string text;
  Writer out(text);
  out.begin_object().key("u").integer(book_update_id(instrument));
  out.field("s", exchange_.instruments()[instrument].symbol);
  out.field("b", best.bid).field("B", best.bid_quantity).field("a", best.ask).field("A", best.ask_quantity);
  out.end_object();
  return text;
}

std::string BinanceHouse::trade_event(std::size_t instrument, const PublicTrade& trade, Time now) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "trade").key("E").integer(venue_ms(now)).field("s", spec.symbol);
  out.key("t").integer(trade.id);
  out.field("p", price_text(spec, trade.price)).field("q", quantity_text(spec, trade.quantity));
  out.key("T").integer(venue_ms(trade.time)).key("m").boolean(trade.taker_side == Side::sell);
  out.key("M").boolean(true).end_object();
  return text;
}

void BinanceHouse::write_aggregated(Writer& out, std::size_t instrument, const AggregatedTrade& trade) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  out.key("a").integer(trade.id);
  out.field("p", price_text(spec, trade.price)).field("q", quantity_text(spec, trade.quantity));
  out.key("f").integer(trade.first_trade).key("l").integer(trade.last_trade);
  out.key("T").integer(venue_ms(trade.time)).key("m").boolean(trade.taker_side == Side::sell);
}

std::string BinanceHouse::aggregated_trade_event(std::size_t instrument, const AggregatedTrade& trade, Time now) const {
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "aggTrade").key("E").integer(venue_ms(now));
  out.field("s", exchange_.instruments()[instrument].symbol);
  write_aggregated(out, instrument, trade);
  out.key("M").boolean(true).end_object();
  return text;
}

std::string BinanceHouse::aggregated_trade(std::size_t instrument, const AggregatedTrade& trade) const {
  std::string text;
  Writer out(text);
  out.begin_object();
  write_aggregated(out, instrument, trade);
  out.key("M").boolean(true).end_object();
  return text;
}

std::string BinanceHouse::public_trade(std::size_t instrument, const PublicTrade& trade) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  std::string text;
  Writer out(text);
  out.begin_object().key("id").integer(trade.id);
  out.field("price", price_text(spec, trade.price)).field("qty", quantity_text(spec, trade.quantity));
  out.field("quoteQty", value_text(trade.price * trade.quantity)).key("time").integer(venue_ms(trade.time));
  out.key("isBuyerMaker").boolean(trade.taker_side == Side::sell).key("isBestMatch").boolean(true).end_object();
  return text;
}

std::string BinanceHouse::book_ticker(std::size_t instrument, Time) const {
  const Touch best = touch(instrument);
  std::string text;
  Writer out(text);
  out.begin_object().field("symbol", exchange_.instruments()[instrument].symbol);
  out.field("bidPrice", best.bid).field("bidQty", best.bid_quantity);
  out.field("askPrice", best.ask).field("askQty", best.ask_quantity).end_object();
  return text;
}

BinanceHouse::DayTexts BinanceHouse::day_texts(std::size_t instrument, Time now) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  const DayFigures day = exchange_.tape(instrument).day(now);
  const Decimal last = day.last.value_or(Decimal{});
  const Decimal open = day.first.value_or(last);
  DayTexts texts;
  texts.last = price_text(spec, last);
  texts.open = price_text(spec, open);
  texts.high = price_text(spec, day.high.value_or(last));
  texts.low = price_text(spec, day.low.value_or(last));
  texts.volume = quantity_text(spec, day.volume);
  texts.value = value_text(day.value);
  texts.change = price_text(spec, last - open);
  texts.change_percent = quotient((last - open) * 100, open, 3);
  texts.average = quotient(day.value, day.volume, kPlaces);
  const auto& trades = exchange_.tape(instrument).trades();
  texts.last_quantity = quantity_text(spec, trades.empty() ? Decimal{} : trades.back().quantity);
  texts.opened = venue_ms(now - std::chrono::hours{24});
  texts.closed = venue_ms(now);
  texts.trades = day.trades;
  texts.first_trade = day.first_trade;
  texts.last_trade = day.last_trade;
  return texts;
}

std::string BinanceHouse::ticker_event(std::size_t instrument, bool mini, Time now) const {
  const DayTexts day = day_texts(instrument, now);
  std::string text;
  Writer out(text);
  out.begin_object().field("e", mini ? "24hrMiniTicker" : "24hrTicker").key("E").integer(venue_ms(now));
  out.field("s", exchange_.instruments()[instrument].symbol);
  if (mini) {
    out.field("c", day.last).field("o", day.open).field("h", day.high).field("l", day.low);
    out.field("v", day.volume).field("q", day.value).end_object();
    return text;
  }
  const Touch best = touch(instrument);
  out.field("p", day.change).field("P", day.change_percent).field("w", day.average).field("x", day.open);
  out.field("c", day.last).field("Q", day.last_quantity);
  out.field("b", best.bid).field("B", best.bid_quantity).field("a", best.ask).field("A", best.ask_quantity);
  out.field("o", day.open).field("h", day.high).field("l", day.low).field("v", day.volume).field("q", day.value);
  out.key("O").integer(day.opened).key("C").integer(day.closed);
  out.key("F").integer(day.first_trade).key("L").integer(day.last_trade).key("n").integer(day.trades).end_object();
  return text;
}

std::string BinanceHouse::day_ticker(std::size_t instrument, Time now) const {
  const DayTexts day = day_texts(instrument, now);
  const Touch best = touch(instrument);
  std::string text;
  Writer out(text);
  out.begin_object().field("symbol", exchange_.instruments()[instrument].symbol);
  out.field("priceChange", day.change).field("priceChangePercent", day.change_percent);
  out.field("weightedAvgPrice", day.average).field("prevClosePrice", day.open);
  out.field("lastPrice", day.last).field("lastQty", day.last_quantity);
  out.field("bidPrice", best.bid).field("bidQty", best.bid_quantity);
  out.field("askPrice", best.ask).field("askQty", best.ask_quantity);
  out.field("openPrice", day.open).field("highPrice", day.high).field("lowPrice", day.low);
  out.field("volume", day.volume).field("quoteVolume", day.value);
  out.key("openTime").integer(day.opened).key("closeTime").integer(day.closed);
  out.key("firstId").integer(day.first_trade).key("lastId").integer(day.last_trade);
  out.key("count").integer(day.trades).end_object();
  return text;
}

std::string BinanceHouse::kline_event(std::size_t instrument, const FeedSpec& feed, const Candle& candle, bool closed,
                                      Time now) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "kline").key("E").integer(venue_ms(now)).field("s", spec.symbol);
  out.key("k").begin_object();
  out.key("t").integer(venue_ms(candle.open_time));
  out.key("T").integer(venue_ms(candle.open_time + feed.interval_length) - 1);
  out.field("s", spec.symbol).field("i", feed.interval);
  const auto trade_id = [&](std::uint64_t id) { return candle.trades == 0 ? -1 : static_cast<std::int64_t>(id); };
  out.key("f").integer(trade_id(candle.first_trade)).key("L").integer(trade_id(candle.last_trade));
  out.field("o", price_text(spec, candle.open)).field("c", price_text(spec, candle.close));
  out.field("h", price_text(spec, candle.high)).field("l", price_text(spec, candle.low));
  out.field("v", quantity_text(spec, candle.volume)).key("n").integer(candle.trades).key("x").boolean(closed);
  out.field("q", value_text(candle.value)).field("V", quantity_text(spec, candle.taker_volume));
  out.field("Q", value_text(candle.taker_value)).field("B", "0").end_object().end_object();
  return text;
}

std::string BinanceHouse::kline(std::size_t instrument, Duration length, const Candle& candle) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  std::string text;
  Writer out(text);
  out.begin_array().integer(venue_ms(candle.open_time));
  for (const Decimal& price : {candle.open, candle.high, candle.low, candle.close}) out.string(price_text(spec, price));
  out.string(quantity_text(spec, candle.volume)).integer(venue_ms(candle.open_time + length) - 1);
  out.string(value_text(candle.value)).integer(candle.trades);
  out.string(quantity_text(spec, candle.taker_volume)).string(value_text(candle.taker_value)).string("0").end_array();
  return text;
}

}  // namespace calypte::sim::binance
