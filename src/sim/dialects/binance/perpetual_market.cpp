// How the perpetual market writes market data, and what it may be asked about contracts.
#include <algorithm>

#include "sim/dialects/binance/perpetual_venue.hpp"

namespace calypte::sim::binance {
namespace {

constexpr int kUsdMargined = 1;  ///< `st`
constexpr int kBadDepthLimit = -4021;
constexpr std::int64_t kFarFuture = 4'133'404'800'000;

std::string at_scale(const Decimal& value, const Decimal& step) {
  const Decimal plain = value.normalized();
  const int scale = places(step);
  return plain.scale() >= scale ? plain.to_string() : plain.rescaled(scale, Rounding::toward_zero).to_string();
}

}  // namespace

std::string BinancePerpetualVenue::price_text(const Instrument& instrument, const Decimal& price) const {
  return at_scale(price, instrument.tick);
}
std::string BinancePerpetualVenue::quantity_text(const Instrument& instrument, const Decimal& quantity) const {
  return at_scale(quantity, instrument.lot);
}

// --- Streams ---------------------------------------------------------------------------------------------------------

void BinancePerpetualVenue::publish(const std::string& name, Feed& feed, Time now) {
  if (feed.spec.word != "markPrice") {
    BinanceHouse::publish(name, feed, now);
    return;
  }
  if (feed.spec.instrument) {
    publish_text(name, feed, mark_price_event(*feed.spec.instrument, now));
    return;
  }
  std::string list;
  Writer out(list);
  out.begin_array();
  for (std::size_t i = 0; i < exchange_.instruments().size(); ++i) out.raw(mark_price_event(i, now));
  out.end_array();
  publish_text(name, feed, list);
}

std::string BinancePerpetualVenue::mark_price_event(std::size_t instrument, Time now) const {
  const ContractPrices& prices = *exchange_.prices(instrument);
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "markPriceUpdate").key("E").integer(venue_ms(now));
  out.field("s", exchange_.instruments()[instrument].symbol).field("p", perpetual::money(prices.mark()));
  out.field("ap", perpetual::money(prices.mark())).field("P", perpetual::money(prices.index()));
  out.field("i", perpetual::money(prices.index())).field("r", perpetual::money(prices.rate()));
  out.key("T").integer(venue_ms(prices.next_funding())).key("st").integer(std::int64_t{kUsdMargined}).end_object();
  return text;
}

std::string BinancePerpetualVenue::depth_snapshot(std::size_t instrument, std::size_t depth, Time now) const {
  std::string text;
  Writer out(text);
  out.begin_object().key("lastUpdateId").integer(book_update_id(instrument));
  out.key("E").integer(venue_ms(now)).key("T").integer(venue_ms(exchange_.last_book_change(instrument)));
  write_book(out, instrument, depth, "bids", "asks");
  out.end_object();
  return text;
}

std::string BinancePerpetualVenue::depth_event(const DepthEvent& event, Time now) const {
  const std::string& symbol = exchange_.instruments()[event.instrument].symbol;
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "depthUpdate").key("E").integer(venue_ms(now));
  out.key("T").integer(venue_ms(exchange_.last_book_change(event.instrument))).field("s", symbol);
  out.key("U").integer(event.first_id).key("u").integer(event.last_id).key("pu").integer(event.previous_id);
  write_levels(out.key("b"), event.instrument, event.bids);
  write_levels(out.key("a"), event.instrument, event.asks);
  out.field("ps", symbol).key("st").integer(std::int64_t{kUsdMargined}).end_object();
  return text;
}

std::string BinancePerpetualVenue::partial_depth_event(std::size_t instrument, const Feed& feed, Time now) const {
  const std::string& symbol = exchange_.instruments()[instrument].symbol;
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "depthUpdate").key("E").integer(venue_ms(now));
  out.key("T").integer(venue_ms(exchange_.last_book_change(instrument))).field("s", symbol);
  out.key("U").integer(book_update_id(instrument)).key("u").integer(book_update_id(instrument));
  out.key("pu").integer(feed.last_id);
  write_book(out, instrument, feed.spec.depth, "b", "a");
  out.field("ps", symbol).key("st").integer(std::int64_t{kUsdMargined}).end_object();
  return text;
}

std::string BinancePerpetualVenue::book_ticker_event(std::size_t instrument, Time now) const {
  const std::string& symbol = exchange_.instruments()[instrument].symbol;
  const Touch best = touch(instrument);
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "bookTicker").key("u").integer(book_update_id(instrument));
  out.key("E").integer(venue_ms(now)).key("T").integer(venue_ms(exchange_.last_book_change(instrument)));
  out.field("s", symbol).field("b", best.bid).field("B", best.bid_quantity);
  out.field("a", best.ask).field("A", best.ask_quantity);
  out.field("ps", symbol).key("st").integer(std::int64_t{kUsdMargined}).end_object();
  return text;
}

std::string BinancePerpetualVenue::trade_event(std::size_t instrument, const PublicTrade& trade, Time now) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "trade").key("E").integer(venue_ms(now)).key("T").integer(venue_ms(trade.time));
  out.field("s", spec.symbol).key("t").integer(trade.id).field("p", price_text(spec, trade.price));
  out.field("q", quantity_text(spec, trade.quantity)).field("X", "MARKET");
  out.key("m").boolean(trade.taker_side == Side::sell).end_object();
  return text;
}

std::string BinancePerpetualVenue::aggregated_trade_event(std::size_t instrument, const AggregatedTrade& trade,
                                                          Time now) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "aggTrade").key("E").integer(venue_ms(now)).field("s", spec.symbol);
  write_aggregated(out, instrument, trade);
  out.field("nq", quantity_text(spec, trade.quantity)).key("st").integer(std::int64_t{kUsdMargined}).end_object();
  return text;
}

std::string BinancePerpetualVenue::ticker_event(std::size_t instrument, bool mini, Time now) const {
  if (mini) return BinanceHouse::ticker_event(instrument, true, now);
  const DayTexts day = day_texts(instrument, now);
  std::string text;
  Writer out(text);
  out.begin_object().field("e", "24hrTicker").key("E").integer(venue_ms(now));
  out.field("s", exchange_.instruments()[instrument].symbol);
  out.field("p", day.change).field("P", day.change_percent).field("w", day.average);
  out.field("c", day.last).field("Q", day.last_quantity);
  out.field("o", day.open).field("h", day.high).field("l", day.low).field("v", day.volume).field("q", day.value);
  out.key("O").integer(day.opened).key("C").integer(day.closed);
  out.key("F").integer(day.first_trade).key("L").integer(day.last_trade).key("n").integer(day.trades);
  out.key("st").integer(std::int64_t{kUsdMargined}).end_object();
  return text;
}

// --- Requests --------------------------------------------------------------------------------------------------------

std::string BinancePerpetualVenue::public_trade(std::size_t instrument, const PublicTrade& trade) const {
  const Instrument& spec = exchange_.instruments()[instrument];
  std::string text;
  Writer out(text);
  out.begin_object().key("id").integer(trade.id).field("price", price_text(spec, trade.price));
  out.field("qty", quantity_text(spec, trade.quantity));
  out.field("quoteQty", perpetual::plain(trade.price * trade.quantity)).key("time").integer(venue_ms(trade.time));
  out.key("isBuyerMaker").boolean(trade.taker_side == Side::sell).key("isRPITrade").boolean(false).end_object();
  return text;
}

std::string BinancePerpetualVenue::aggregated_trade(std::size_t instrument, const AggregatedTrade& trade) const {
  std::string text;
  Writer out(text);
  out.begin_object();
  write_aggregated(out, instrument, trade);
  out.end_object();
  return text;
}

std::string BinancePerpetualVenue::book_ticker(std::size_t instrument, Time) const {
  const Touch best = touch(instrument);
  std::string text;
  Writer out(text);
  out.begin_object().field("symbol", exchange_.instruments()[instrument].symbol);
  out.field("bidPrice", best.bid).field("bidQty", best.bid_quantity);
  out.field("askPrice", best.ask).field("askQty", best.ask_quantity);
  out.key("time").integer(venue_ms(exchange_.last_book_change(instrument)));
  out.key("lastUpdateId").integer(book_update_id(instrument)).end_object();
  return text;
}

std::string BinancePerpetualVenue::day_ticker(std::size_t instrument, Time now) const {
  const DayTexts day = day_texts(instrument, now);
  std::string text;
  Writer out(text);
  out.begin_object().field("symbol", exchange_.instruments()[instrument].symbol);
  out.field("priceChange", day.change).field("priceChangePercent", day.change_percent);
  out.field("weightedAvgPrice", day.average).field("lastPrice", day.last).field("lastQty", day.last_quantity);
  out.field("openPrice", day.open).field("highPrice", day.high).field("lowPrice", day.low);
  out.field("volume", day.volume).field("quoteVolume", day.value);
  out.key("openTime").integer(day.opened).key("closeTime").integer(day.closed);
  out.key("firstId").integer(day.first_trade).key("lastId").integer(day.last_trade);
  out.key("count").integer(day.trades).end_object();
  return text;
}

Answer BinancePerpetualVenue::get_checked_depth(const Call& call) {
  if (call.parameters.has("limit")) {
    const std::int64_t limit = call.parameters.integer("limit").value_or(0);
    constexpr std::int64_t kLimits[] = {5, 10, 20, 50, 100, 500, 1000};
    if (std::find(std::begin(kLimits), std::end(kLimits), limit) == std::end(kLimits)) {
      return failure(kBadDepthLimit, "Invalid depth limit.");
    }
  }
  return get_depth(call);
}

Answer BinancePerpetualVenue::get_premium_index(const Call& call) const {
  return list_by_symbol(call.parameters, [&](std::size_t instrument) {
    const ContractPrices& prices = *exchange_.prices(instrument);
    std::string text;
    Writer out(text);
    out.begin_object().field("symbol", exchange_.instruments()[instrument].symbol);
    out.field("markPrice", perpetual::money(prices.mark())).field("indexPrice", perpetual::money(prices.index()));
    out.field("estimatedSettlePrice", perpetual::money(prices.index()));
    out.field("lastFundingRate", perpetual::money(prices.rate()));
    out.field("interestRate", perpetual::money(prices.interest_rate()));
    out.key("nextFundingTime").integer(venue_ms(prices.next_funding())).key("time").integer(venue_ms(call.now));
    out.end_object();
    return text;
  });
}

Answer BinancePerpetualVenue::get_funding_rates(const Call& call) const {
  const auto named = named_instruments(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&named)) return *refused;
  const auto start = call.parameters.integer("startTime");
  const auto end = call.parameters.integer("endTime");
  const auto limit =
      static_cast<std::size_t>(std::clamp<std::int64_t>(call.parameters.integer("limit").value_or(100), 1, 1000));
  std::multimap<std::int64_t, std::string> items;  // Of one moment in the order of the list.
  for (const std::size_t instrument : std::get<std::vector<std::size_t>>(named)) {
    for (const FundingSettlement& settled : exchange_.funding_history(instrument)) {
      const std::int64_t ms = venue_ms(settled.time);
      if ((start && ms < *start) || (end && ms > *end)) continue;
      std::string text;
      Writer out(text);
      out.begin_object().field("symbol", exchange_.instruments()[instrument].symbol);
      out.field("fundingRate", perpetual::money(settled.rate)).key("fundingTime").integer(ms);
      out.field("markPrice", perpetual::money(settled.mark)).end_object();
      items.emplace(ms, std::move(text));
    }
  }
  while (items.size() > limit) items.erase(start ? std::prev(items.end()) : items.begin());
  std::string list;
  Writer out(list);
  out.begin_array();
  for (const auto& [ms, item] : items) out.raw(item);
  out.end_array();
  return success(list);
}

Answer BinancePerpetualVenue::get_funding_info(const Call&) const {
  std::string list;
  Writer out(list);
  out.begin_array();
  for (std::size_t i = 0; i < exchange_.instruments().size(); ++i) {
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(exchange_.prices(i)->interval()).count();
    if (hours == 8) continue;  // Only what was adjusted is listed.
    const Instrument& spec = exchange_.instruments()[i];
    out.begin_object().field("symbol", spec.symbol);
    out.field("adjustedFundingRateCap", perpetual::money(spec.contract->funding_cap));
    out.field("adjustedFundingRateFloor", perpetual::money(-spec.contract->funding_cap));
    out.key("fundingIntervalHours").integer(std::int64_t{hours}).key("disclaimer").boolean(false).end_object();
  }
  out.end_array();
  return success(list);
}

Answer BinancePerpetualVenue::get_open_interest(const Call& call) const {
  const auto named = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&named)) return *refused;
  const std::size_t instrument = std::get<std::size_t>(named);
  const Instrument& spec = exchange_.instruments()[instrument];
  std::string text;
  Writer out(text);
  out.begin_object().field("openInterest", quantity_text(spec, exchange_.open_interest(instrument)));
  out.field("symbol", spec.symbol).key("time").integer(venue_ms(call.now)).end_object();
  return success(text);
}

void BinancePerpetualVenue::write_symbol(Writer& out, const Instrument& instrument) const {
  const auto filter = [&](std::string_view type, const std::vector<std::pair<std::string_view, std::string>>& fields) {
    out.begin_object().field("filterType", type);
    for (const auto& [name, value] : fields) out.field(name, value);
  };
  const std::string tick = perpetual::plain(instrument.tick);
  const std::string lot = perpetual::plain(instrument.lot);
  const std::string most = perpetual::plain(perpetual::max_quantity(instrument));
  out.begin_object().field("symbol", instrument.symbol).field("pair", instrument.symbol);
  out.field("contractType", "PERPETUAL").key("deliveryDate").integer(kFarFuture);
  out.key("onboardDate").integer(std::int64_t{1'569'398'400'000});
  out.field("status", instrument.tradable ? "TRADING" : "SETTLING");
  out.field("maintMarginPercent", "2.5000").field("requiredMarginPercent", "5.0000");
  out.field("baseAsset", instrument.base).field("quoteAsset", instrument.quote).field("marginAsset", instrument.quote);
  out.key("pricePrecision").integer(std::int64_t{places(instrument.tick)} + 1);
  out.key("quantityPrecision").integer(std::int64_t{places(instrument.lot)});
  out.key("baseAssetPrecision").integer(std::int64_t{8}).key("quotePrecision").integer(std::int64_t{8});
  out.field("underlyingType", "COIN").key("underlyingSubType").begin_array().string("PoW").end_array();
  out.key("settlePlan").integer(std::int64_t{0}).field("triggerProtect", "0.0500");
  out.key("filters").begin_array();
  filter("PRICE_FILTER",
         {{"minPrice", tick}, {"maxPrice", perpetual::plain(perpetual::max_price(instrument))}, {"tickSize", tick}});
  out.end_object();
  filter("LOT_SIZE", {{"minQty", lot}, {"maxQty", most}, {"stepSize", lot}});
  out.end_object();
  filter("MARKET_LOT_SIZE", {{"minQty", lot}, {"maxQty", most}, {"stepSize", lot}});
  out.end_object();
  filter("MAX_NUM_ORDERS", {});
  out.key("limit").integer(static_cast<std::int64_t>(rules_.limits.max_open_per_instrument)).end_object();
  filter("MIN_NOTIONAL", {{"notional", perpetual::plain(instrument.min_notional)}});
  out.end_object();
  filter("PERCENT_PRICE", {{"multiplierUp", "1.1500"}, {"multiplierDown", "0.8500"}, {"multiplierDecimal", "4"}});
  out.end_object().end_array();
  out.key("orderTypes").begin_array();
  for (const std::string_view type :
       {"LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"}) {
    out.string(type);
  }
  out.end_array().key("timeInForce").begin_array();
  for (const std::string_view word : {"GTC", "IOC", "FOK", "GTX"}) out.string(word);
  out.end_array().field("liquidationFee", "0.010000").field("marketTakeBound", "0.05").end_object();
}

Answer BinancePerpetualVenue::exchange_info(const Call& call) const {
  std::string text;
  Writer out(text);
  out.begin_object().key("exchangeFilters").begin_array().end_array().key("rateLimits");
  write_rate_rules(out, false);
  out.key("serverTime").integer(venue_ms(call.now)).key("assets").begin_array();
  std::set<std::string> assets;
  for (const Instrument& instrument : exchange_.instruments()) assets.insert(instrument.quote);
  for (const std::string& asset : assets) {
    out.begin_object().field("asset", asset).key("marginAvailable").boolean(true).field("autoAssetExchange", "0");
    out.end_object();
  }
  out.end_array().key("symbols").begin_array();
  for (const Instrument& instrument : exchange_.instruments()) write_symbol(out, instrument);
  out.end_array().field("timezone", "UTC").end_object();
  return success(text);
}

}  // namespace calypte::sim::binance
