// The spot market: what it lists, its paths and its endpoints.
#include "sim/dialects/binance/spot_venue.hpp"

#include <algorithm>

#include "sim/dialects/binance/order_words.hpp"

namespace calypte::sim::binance {
namespace {

constexpr std::size_t kMaxOpenOrders = 200;

HouseRules with_spot_limits(HouseRules rules) {
  rules.limits.max_open_per_instrument = kMaxOpenOrders;
  return rules;
}

ExchangeHabits spot_habits() {
  ExchangeHabits habits;
  habits.reuse_client_ids = true;
  habits.record_unfunded = false;
  habits.enter_empty_books = true;
  habits.number_trades_by_market = true;
  habits.first_order_id = 52'000'000'000;
  return habits;
}

/// Enough of everything to try things out.
std::vector<std::pair<std::string, Decimal>> purse() {
  return {{"BTC", 10}, {"ETH", 200}, {"BNB", 1000}, {"USDT", 500000}, {"USDC", 500000}};
}

std::uint32_t depth_weight(const Parameters& parameters) {
  const std::int64_t limit = parameters.integer("limit").value_or(100);
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1000 ? 50 : 250;
}

std::vector<std::string> split_at(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

}  // namespace

Decimal max_quantity(const Instrument&) { return 100'000; }

std::vector<Instrument> default_spot_instruments() {
  const auto decimal = [](std::int64_t coefficient, int scale) { return Decimal::from_parts(coefficient, scale); };
  const auto spot = [](std::string base, std::string quote, Decimal tick, Decimal lot, Decimal price) {
    Instrument instrument;
    instrument.symbol = base + quote;
    instrument.base = std::move(base);
    instrument.quote = std::move(quote);
    instrument.tick = tick;
    instrument.lot = lot;
    instrument.start_price = price;
    instrument.min_notional = 5;
    instrument.max_notional = 9'000'000;
    return instrument;
  };
  std::vector<Instrument> list;
  list.push_back(spot("BTC", "USDT", decimal(1, 2), decimal(1, 5), decimal(6293527, 2)));
  list.push_back(spot("ETH", "USDT", decimal(1, 2), decimal(1, 4), decimal(274961, 2)));
  list.push_back(spot("BNB", "USDT", decimal(1, 2), decimal(1, 3), decimal(61240, 2)));
  list.push_back(spot("BTC", "USDC", decimal(1, 2), decimal(1, 5), decimal(6291010, 2)));
  Instrument halted = spot("LUNA", "USDT", decimal(1, 4), decimal(1, 2), decimal(5000, 4));
  halted.tradable = false;
  list.push_back(halted);
  return list;
}

BinanceSpotVenue::BinanceSpotVenue(VenueOptions options, HouseRules rules, Time start)
    : BinanceHouse(std::move(options), with_spot_limits(std::move(rules)), spot_habits(), default_spot_instruments(),
                   purse(), start) {
  add_endpoints();
  add_private_endpoints();
  open_market(start);
}

VenuePaths BinanceSpotVenue::paths() const {
  VenuePaths paths;
  paths.market_stream = "/stream";
  paths.user_stream = "/ws-api/v3";
  paths.order_stream = "/ws-api/v3";
  return paths;
}

std::optional<BinanceHouse::Opened> BinanceSpotVenue::open_target(std::string_view path, std::string_view query) const {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  Opened opened;
  if (path == "/ws-api/v3") {
    opened.kind = Connection::Kind::api;
    return opened;
  }
  constexpr std::string_view kRaw = "/ws";
  if (path == "/stream") {
    opened.combined = true;
    Parameters parameters;
    parameters.add_encoded(query);
    opened.streams = split_at(parameters.get("streams"), '/');
    return opened;
  }
  if (path != kRaw && path.substr(0, kRaw.size() + 1) != "/ws/") return std::nullopt;
  opened.streams = split_at(decode_percent(path.substr(kRaw.size())), '/');
  return opened;
}

void BinanceSpotVenue::add_endpoints() {
  using venue::HttpMethod;
  const auto open = [this](std::string_view path, std::string_view method, const auto& weight, const auto handler) {
    const Endpoint endpoint{Security::none, weight,
                            [this, handler](const Call& call) { return (this->*handler)(call); }, false, false};
    add(HttpMethod::get, path, method, endpoint);
  };
  add(HttpMethod::get, "/api/v3/ping", "ping",
      {Security::none, costs(1), [](const Call&) { return success("{}"); }, false, false});
  open("/api/v3/time", "time", costs(1), &BinanceSpotVenue::get_time);
  open("/api/v3/exchangeInfo", "exchangeInfo", costs(20), &BinanceSpotVenue::exchange_info);
  open("/api/v3/depth", "depth", depth_weight, &BinanceSpotVenue::get_depth);
  open("/api/v3/trades", "trades.recent", costs(25), &BinanceSpotVenue::get_trades);
  open("/api/v3/historicalTrades", "trades.historical", costs(25), &BinanceSpotVenue::get_trades);
  open("/api/v3/aggTrades", "trades.aggregate", costs(4), &BinanceSpotVenue::get_aggregated_trades);
  open("/api/v3/klines", "klines", costs(2), &BinanceSpotVenue::get_klines);
  open("/api/v3/ticker/price", "ticker.price", costs(2, 4), &BinanceSpotVenue::get_prices);
  open("/api/v3/ticker/bookTicker", "ticker.book", costs(2, 4), &BinanceSpotVenue::get_book_tickers);
  open("/api/v3/ticker/24hr", "ticker.24hr", costs(2, 80), &BinanceSpotVenue::get_day_tickers);
  // What client libraries ask for around the spot market as soon as they have keys; there is no margin trading here.
  for (const std::string_view path : {"/sapi/v1/capital/config/getall", "/sapi/v1/margin/allPairs",
                                      "/sapi/v1/margin/isolated/allPairs", "/sapi/v1/margin/allAssets"}) {
    add_rest(HttpMethod::get, path,
             {Security::none, costs(1), [](const Call&) { return success("[]"); }, false, false});
  }
  add_session_methods();
  add_user_subscriptions();
}

void BinanceSpotVenue::add_private_endpoints() {
  using venue::HttpMethod;
  const auto read = [this](std::string_view path, std::string_view method, const auto& weight,
                           Answer (BinanceSpotVenue::*handler)(const Call&) const) {
    const Endpoint endpoint{Security::signature, weight,
                            [this, handler](const Call& call) { return (this->*handler)(call); }, false, false};
    add(HttpMethod::get, path, method, endpoint);
  };
  read("/api/v3/order", "order.status", costs(4), &BinanceSpotVenue::get_order);
  read("/api/v3/openOrders", "openOrders.status", costs(6, 80), &BinanceSpotVenue::get_open_orders);
  read("/api/v3/allOrders", "allOrders", costs(20), &BinanceSpotVenue::get_all_orders);
  const auto trades_weight = [](const Parameters& parameters) { return parameters.has("orderId") ? 5U : 20U; };
  read("/api/v3/myTrades", "myTrades", trades_weight, &BinanceSpotVenue::get_my_trades);
  read("/api/v3/account", "account.status", costs(20), &BinanceSpotVenue::get_account);
  read("/api/v3/account/commission", "account.commission", costs(20), &BinanceSpotVenue::get_commission);
  add_rest(HttpMethod::get, "/sapi/v1/asset/tradeFee",
           {Security::signature, costs(1), [this](const Call& call) { return get_trade_fees(call); }, false, false});
  add(HttpMethod::get, "/api/v3/rateLimit/order", "account.rateLimits.orders",
      {Security::signature, costs(40), [this](const Call& call) { return get_order_counts(call); }, false, false});
  // Successful commands cost no weight.
  const auto command = [this](HttpMethod http, std::string_view path, std::string_view method, bool counts,
                              Answer (BinanceSpotVenue::*handler)(const Call&)) {
    const Endpoint endpoint{Security::signature, costs(1),
                            [this, handler](const Call& call) { return (this->*handler)(call); }, true, counts};
    add(http, path, method, endpoint);
  };
  command(HttpMethod::post, "/api/v3/order", "order.place", true, &BinanceSpotVenue::place_order);
  command(HttpMethod::del, "/api/v3/order", "order.cancel", false, &BinanceSpotVenue::cancel_order);
  command(HttpMethod::del, "/api/v3/openOrders", "openOrders.cancelAll", false, &BinanceSpotVenue::cancel_open_orders);
  add(HttpMethod::post, "/api/v3/order/test", "order.test",
      {Security::signature, costs(1), [this](const Call& call) { return test_order(call); }, false, false});
}

void BinanceSpotVenue::write_symbol(Writer& out, const Instrument& instrument) const {
  const auto filter = [&](std::string_view type, const std::vector<std::pair<std::string_view, std::string>>& fields) {
    out.begin_object().field("filterType", type);
    for (const auto& [name, value] : fields) out.field(name, value);
  };
  const std::string zero = quantity_text(instrument, {});
  const std::string most = quantity_text(instrument, max_quantity(instrument));
  out.begin_object().field("symbol", instrument.symbol).field("status", instrument.tradable ? "TRADING" : "BREAK");
  out.field("baseAsset", instrument.base).key("baseAssetPrecision").integer(std::int64_t{8});
  out.field("quoteAsset", instrument.quote).key("quotePrecision").integer(std::int64_t{8});
  out.key("quoteAssetPrecision").integer(std::int64_t{8});
  out.key("baseCommissionPrecision").integer(std::int64_t{8}).key("quoteCommissionPrecision").integer(std::int64_t{8});
  out.key("orderTypes").begin_array().string("LIMIT").string("LIMIT_MAKER").string("MARKET").end_array();
  for (const std::string_view no : {"icebergAllowed", "ocoAllowed", "otoAllowed", "opoAllowed"}) {
    out.key(no).boolean(false);
  }
  out.key("quoteOrderQtyMarketAllowed").boolean(true);
  for (const std::string_view no :
       {"allowTrailingStop", "cancelReplaceAllowed", "amendAllowed", "pegInstructionsAllowed"}) {
    out.key(no).boolean(false);
  }
  out.key("isSpotTradingAllowed").boolean(true).key("isMarginTradingAllowed").boolean(false);
  out.key("filters").begin_array();
  const std::string tick = price_text(instrument, instrument.tick);
  filter("PRICE_FILTER", {{"minPrice", tick}, {"maxPrice", price_text(instrument, 1'000'000)}, {"tickSize", tick}});
  out.end_object();
  const std::string lot = quantity_text(instrument, instrument.lot);
  filter("LOT_SIZE", {{"minQty", lot}, {"maxQty", most}, {"stepSize", lot}});
  out.end_object();
  filter("MARKET_LOT_SIZE", {{"minQty", zero}, {"maxQty", most}, {"stepSize", zero}});
  out.end_object();
  filter("NOTIONAL", {{"minNotional", value_text(instrument.min_notional)}});
  out.key("applyMinToMarket").boolean(true).field("maxNotional", value_text(instrument.max_notional));
  out.key("applyMaxToMarket").boolean(false).key("avgPriceMins").integer(std::int64_t{5}).end_object();
  filter(
      "PERCENT_PRICE_BY_SIDE",
      {{"bidMultiplierUp", "5"}, {"bidMultiplierDown", "0.2"}, {"askMultiplierUp", "5"}, {"askMultiplierDown", "0.2"}});
  out.key("avgPriceMins").integer(std::int64_t{5}).end_object();
  filter("MAX_NUM_ORDERS", {});
  out.key("maxNumOrders").integer(static_cast<std::int64_t>(rules_.limits.max_open_per_instrument)).end_object();
  out.end_array();
  out.key("permissions").begin_array().end_array();
  out.key("permissionSets").begin_array().begin_array().string("SPOT").end_array().end_array();
  out.field("defaultSelfTradePreventionMode", "NONE");
  out.key("allowedSelfTradePreventionModes").begin_array();
  for (const auto mode : {SelfTradePrevention::none, SelfTradePrevention::cancel_taker,
                          SelfTradePrevention::cancel_maker, SelfTradePrevention::cancel_both}) {
    out.string(self_trade_word(mode));
  }
  out.end_array().end_object();
}

Answer BinanceSpotVenue::exchange_info(const Call& call) const {
  const auto named = named_instruments(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&named)) return *refused;
  const std::string_view status = call.parameters.get("symbolStatus");
  std::string text;
  Writer out(text);
  out.begin_object().field("timezone", "UTC").key("serverTime").integer(venue_ms(call.now)).key("rateLimits");
  write_rate_rules(out, true);
  out.key("exchangeFilters").begin_array().end_array().key("symbols").begin_array();
  for (const std::size_t index : std::get<std::vector<std::size_t>>(named)) {
    const Instrument& instrument = exchange_.instruments()[index];
    if (!status.empty() && status != (instrument.tradable ? "TRADING" : "BREAK")) continue;
    write_symbol(out, instrument);
  }
  out.end_array().end_object();
  return success(text);
}

}  // namespace calypte::sim::binance
