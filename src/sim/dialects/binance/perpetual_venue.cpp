// The perpetual market: what it lists, its paths, its endpoints and its clock.
#include "sim/dialects/binance/perpetual_venue.hpp"

#include <algorithm>

namespace calypte::sim::binance {
namespace {

HouseRules perpetual_rules() {
  HouseRules rules;
  rules.limits.max_aggressive_bps = 1500;
  rules.limits.max_open_per_instrument = 200;
  rules.limits.refuse_oversized_reduce_only = true;
  rules.weight = {"MINUTE", 1, 2400};
  rules.orders = {{"MINUTE", 1, 1200}, {"SECOND", 10, 300}};
  rules.depth_speeds = {{"", 250ms}, {"@500ms", 500ms}, {"@100ms", 100ms}};
  rules.ticker_period = 2s;
  rules.kline_period = 250ms;
  rules.one_second_klines = false;
  rules.max_klines = 1500;
  rules.default_depth = 500;
  rules.max_depth = 1000;
  rules.ping = 3min;
  rules.incoming_per_second = 10;
  rules.socket_api_connect_weight = 5;
  return rules;
}

ExchangeHabits perpetual_habits(const PerpetualQuirks& quirks) {
  ExchangeHabits habits;
  habits.reuse_client_ids = true;
  habits.record_unfunded = false;
  habits.enter_empty_books = true;
  habits.number_trades_by_market = true;
  habits.first_order_id = quirks.huge_order_ids ? 8'389'765'739'703'625'592ULL : 215'456'450'616ULL;
  return habits;
}

VenueOptions with_accounts(VenueOptions options) {
  if (!options.accounts.empty()) return options;
  AccountOptions account;
  account.rates = FeeRates{Decimal::from_parts(2, 4), Decimal::from_parts(5, 4)};
  options.accounts.assign(2, account);
  options.accounts.front().ed25519_public_key = kTestPublicKey;
  return options;
}

std::vector<Instrument> listed(const VenueOptions& options) {
  auto list = default_perpetual_instruments();
  if (options.price_interval > 0ns) {
    for (auto& instrument : list) instrument.contract->price_interval = options.price_interval;
  }
  return list;
}

/// Update ids begin above those that the house gives its books.
constexpr std::uint64_t kFirstUpdate = 4'000'000'000'000;

constexpr std::string_view kPublic = "public";
constexpr std::string_view kMarket = "market";
constexpr std::string_view kPrivate = "private";

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

bool starts_with(std::string_view text, std::string_view begin) { return text.substr(0, begin.size()) == begin; }

}  // namespace

std::vector<Instrument> default_perpetual_instruments() {
  const auto decimal = [](std::int64_t coefficient, int scale) { return Decimal::from_parts(coefficient, scale); };
  const auto contract = [](std::string base, std::string quote, Decimal tick, Decimal lot, Decimal price) {
    Instrument instrument;
    instrument.symbol = base + quote;
    instrument.kind = InstrumentKind::perpetual;
    instrument.base = std::move(base);
    instrument.quote = std::move(quote);
    instrument.tick = tick;
    instrument.lot = lot;
    instrument.start_price = price;
    instrument.min_notional = 5;
    instrument.max_notional = 1'000'000'000'000;  // The venue bounds quantities and positions, not values of orders.
    instrument.contract.emplace();
    return instrument;
  };
  std::vector<Instrument> list;
  list.push_back(contract("BTC", "USDT", decimal(1, 1), decimal(1, 3), decimal(629352, 1)));
  list.push_back(contract("ETH", "USDT", decimal(1, 2), decimal(1, 3), decimal(274961, 2)));
  list.push_back(contract("SOL", "USDT", decimal(1, 2), decimal(1, 2), decimal(14273, 2)));
  list.push_back(contract("1000SHIB", "USDT", decimal(1, 6), 1, decimal(12345, 6)));
  list.push_back(contract("BTC", "USDC", decimal(1, 1), decimal(1, 3), decimal(629110, 1)));
  list[2].contract->funding_interval = 4h;
  Instrument settled = contract("LUNA", "USDT", decimal(1, 4), 1, decimal(5000, 4));
  settled.tradable = false;
  list.push_back(settled);
  return list;
}

BinancePerpetualVenue::BinancePerpetualVenue(const VenueOptions& options, PerpetualQuirks quirks, Time start)
    : BinanceHouse(with_accounts(options), perpetual_rules(), perpetual_habits(quirks), listed(options),
                   {{"USDT", 500'000}, {"USDC", 100'000}}, start),
      perpetual_quirks_(quirks),
      last_update_(kFirstUpdate) {
  add_public_endpoints();
  add_order_endpoints();
  add_account_endpoints();
  exchange_.on_time(start);
  open_market(start);
}

VenuePaths BinancePerpetualVenue::paths() const {
  VenuePaths paths;
  paths.market_stream = "/public/stream";
  paths.trade_stream = "/market/stream";
  paths.user_stream = "/private/ws";
  paths.order_stream = "/ws-fapi/v1";
  return paths;
}

// --- Streams ---------------------------------------------------------------------------------------------------------

std::optional<BinanceHouse::Opened> BinancePerpetualVenue::open_target(std::string_view path,
                                                                       std::string_view query) const {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  Opened opened;
  if (path == "/ws-fapi/v1") {
    opened.kind = Connection::Kind::api;
    return opened;
  }
  opened.route = kPublic;  // What names no route is taken for this one.
  for (const std::string_view route : {kPublic, kMarket, kPrivate}) {
    const std::string prefix = "/" + std::string(route) + "/";
    if (!starts_with(path, prefix)) continue;
    opened.route = route;
    path.remove_prefix(prefix.size() - 1);
  }
  if (path == "/stream") {
    opened.combined = true;
  } else if (starts_with(path, "/ws/")) {
    opened.streams = split(decode_percent(path.substr(4)), '/');
  } else if (path != "/ws") {
    return std::nullopt;
  }
  std::string events;
  for (const std::string& pair : split(query, '&')) {
    const std::size_t mark = pair.find('=');
    if (mark == std::string::npos) continue;
    const std::string_view name = std::string_view(pair).substr(0, mark);
    const std::string value = decode_percent(std::string_view(pair).substr(mark + 1));
    if (name == "streams" && opened.combined) {
      for (std::string& stream : split(value, '/')) opened.streams.push_back(std::move(stream));
    } else if (name == "listenKey") {
      opened.streams.push_back(value);
    } else if (name == "events") {
      events += "/" + value;
    }
  }
  // Which events are wanted is remembered with the route: "private/ORDER_TRADE_UPDATE/ACCOUNT_UPDATE".
  if (opened.route == kPrivate) opened.route += events;
  return opened;
}

std::optional<FeedSpec> BinancePerpetualVenue::parse_stream(std::string_view name, std::string_view route) const {
  FeedSpec spec;
  const auto mark_price = [&](std::string_view speed) -> std::optional<FeedSpec> {
    if (route != kMarket || (!speed.empty() && speed != "@1s")) return std::nullopt;
    spec.kind = FeedKind::other;
    spec.every = std::max<Duration>(speed.empty() ? 3s : 1s, options_.price_interval);
    spec.word = "markPrice";
    return spec;
  };
  constexpr std::string_view kAllMarks = "!markPrice@arr";
  if (starts_with(name, kAllMarks)) return mark_price(name.substr(kAllMarks.size()));
  if (name == "!bookTicker") {
    spec.kind = FeedKind::book_ticker;
    return route == kPublic ? std::optional(spec) : std::nullopt;
  }
  if (name == "!ticker@arr" || name == "!miniTicker@arr") {
    spec.kind = name == "!ticker@arr" ? FeedKind::ticker : FeedKind::mini_ticker;
    spec.every = 1s;
    return route == kMarket ? std::optional(spec) : std::nullopt;
  }
  const std::size_t at = name.find('@');
  constexpr std::string_view kMark = "markPrice";
  if (at != std::string_view::npos && starts_with(name.substr(at + 1), kMark)) {
    spec.instrument = find_lower_symbol(name.substr(0, at));
    if (!spec.instrument) return std::nullopt;
    return mark_price(name.substr(at + 1 + kMark.size()));
  }
  const auto parsed = BinanceHouse::parse_stream(name, route);
  if (!parsed) return std::nullopt;
  const FeedKind kind = parsed->kind;
  const bool book = kind == FeedKind::depth || kind == FeedKind::partial_depth || kind == FeedKind::book_ticker ||
                    kind == FeedKind::trade;
  return route == (book ? kPublic : kMarket) ? parsed : std::nullopt;
}

UpdateIds BinancePerpetualVenue::next_update_ids(std::size_t, std::uint64_t, std::uint64_t changes) {
  // What happens in other books leaves gaps.
  const std::uint64_t first = last_update_ + 1 + random_.below(50);
  last_update_ = first + changes * (1 + random_.below(3)) - 1;
  return {first, last_update_};
}

// --- Time ------------------------------------------------------------------------------------------------------------

Time BinancePerpetualVenue::next_venue_event() const {
  Time next = exchange_.next_due();
  for (const auto& [account, key] : listen_keys_) next = std::min(next, key.ends);
  for (const auto& [what, when] : countdowns_) next = std::min(next, when);
  return next;
}

void BinancePerpetualVenue::run_venue_events(Time now) {
  for (std::size_t i = 0; i < exchange_.instruments().size(); ++i) {
    const Instrument& spec = exchange_.instruments()[i];
    if (const OrderFlow* background = flow(spec.symbol)) {
      exchange_.set_fair_price(i, from_units(background->fair_price_ticks(), spec.tick));
    }
  }
  exchange_.on_time(now);
  const auto keys = listen_keys_;
  for (const auto& [account, key] : keys) {
    if (key.ends <= now) expire(account, now);
  }
  const auto countdowns = countdowns_;
  for (const auto& [what, when] : countdowns) {
    if (when > now) continue;
    countdowns_.erase(what);
    cancel_all(what.first, what.second, now);
  }
}

void BinancePerpetualVenue::expire_user_streams(Time now) {
  advance(now);
  const auto keys = listen_keys_;
  for (const auto& [account, key] : keys) expire(account, now);
}

// --- Endpoints -------------------------------------------------------------------------------------------------------

void BinancePerpetualVenue::add_public_endpoints() {
  using venue::HttpMethod;
  const auto open = [this](std::string_view path, const auto& weight, const auto handler) {
    const Endpoint endpoint{Security::none, weight,
                            [this, handler](const Call& call) { return (this->*handler)(call); }, false, false};
    add_rest(HttpMethod::get, path, endpoint);
    return endpoint;
  };
  const Endpoint ping{Security::none, costs(1), [](const Call&) { return success("{}"); }, false, false};
  add(HttpMethod::get, "/fapi/v1/ping", "ping", ping);
  add_api("time", open("/fapi/v1/time", costs(1), &BinancePerpetualVenue::get_time));
  open("/fapi/v1/exchangeInfo", costs(1), &BinancePerpetualVenue::exchange_info);
  const auto depth_weight = [](const Parameters& parameters) {
    const std::int64_t limit = parameters.integer("limit").value_or(500);
    return limit <= 50 ? 2U : limit <= 100 ? 5U : limit <= 500 ? 10U : 20U;
  };
  add_api("depth", open("/fapi/v1/depth", depth_weight, &BinancePerpetualVenue::get_checked_depth));
  open("/fapi/v1/trades", costs(5), &BinancePerpetualVenue::get_trades);
  open("/fapi/v1/aggTrades", costs(20), &BinancePerpetualVenue::get_aggregated_trades);
  const auto kline_weight = [](const Parameters& parameters) {
    const std::int64_t limit = parameters.integer("limit").value_or(500);
    return limit < 100 ? 1U : limit < 500 ? 2U : limit <= 1000 ? 5U : 10U;
  };
  open("/fapi/v1/klines", kline_weight, &BinancePerpetualVenue::get_klines);
  open("/fapi/v1/premiumIndex", costs(1, 10), &BinancePerpetualVenue::get_premium_index);
  open("/fapi/v1/fundingRate", costs(0), &BinancePerpetualVenue::get_funding_rates);
  open("/fapi/v1/fundingInfo", costs(0), &BinancePerpetualVenue::get_funding_info);
  open("/fapi/v1/ticker/price", costs(1, 2), &BinancePerpetualVenue::get_prices);
  add_api("ticker.price", open("/fapi/v2/ticker/price", costs(1, 2), &BinancePerpetualVenue::get_prices));
  add_api("ticker.book", open("/fapi/v1/ticker/bookTicker", costs(2, 5), &BinancePerpetualVenue::get_book_tickers));
  open("/fapi/v1/ticker/24hr", costs(1, 40), &BinancePerpetualVenue::get_day_tickers);
  open("/fapi/v1/openInterest", costs(1), &BinancePerpetualVenue::get_open_interest);
  // What client libraries ask for around the market as soon as they have keys; none of it is simulated.
  for (const std::string_view path : {"/sapi/v1/capital/config/getall", "/sapi/v1/margin/allPairs",
                                      "/sapi/v1/margin/isolated/allPairs", "/sapi/v1/margin/allAssets"}) {
    add_rest(HttpMethod::get, path,
             {Security::none, costs(1), [](const Call&) { return success("[]"); }, false, false});
  }
  add_session_methods();
  const auto listen = [this](HttpMethod http, std::string_view method,
                             Answer (BinancePerpetualVenue::*handler)(const Call&)) {
    Endpoint endpoint{Security::key, costs(1), [this, handler](const Call& call) { return (this->*handler)(call); },
                      false, false};
    add_rest(http, "/fapi/v1/listenKey", endpoint);
    endpoint.weight = costs(5);
    add_api(method, endpoint);
  };
  listen(HttpMethod::post, "userDataStream.start", &BinancePerpetualVenue::start_listening);
  listen(HttpMethod::put, "userDataStream.ping", &BinancePerpetualVenue::keep_listening);
  listen(HttpMethod::del, "userDataStream.stop", &BinancePerpetualVenue::stop_listening);
}

void BinancePerpetualVenue::add_order_endpoints() {
  using venue::HttpMethod;
  const auto command = [this](HttpMethod http, std::string_view path, std::uint32_t weight, bool counts,
                              Answer (BinancePerpetualVenue::*handler)(const Call&)) {
    const Endpoint endpoint{Security::signature, costs(weight),
                            [this, handler](const Call& call) { return (this->*handler)(call); }, false, counts};
    add_rest(http, path, endpoint);
    return endpoint;
  };
  add_api("order.place", command(HttpMethod::post, "/fapi/v1/order", 0, true, &BinancePerpetualVenue::place_order));
  add_api("order.modify", command(HttpMethod::put, "/fapi/v1/order", 0, true, &BinancePerpetualVenue::modify_order));
  add_api("order.cancel", command(HttpMethod::del, "/fapi/v1/order", 1, false, &BinancePerpetualVenue::cancel_order));
  command(HttpMethod::post, "/fapi/v1/batchOrders", 5, true, &BinancePerpetualVenue::place_batch);
  command(HttpMethod::del, "/fapi/v1/batchOrders", 1, false, &BinancePerpetualVenue::cancel_batch);
  command(HttpMethod::del, "/fapi/v1/allOpenOrders", 1, false, &BinancePerpetualVenue::cancel_open_orders);
  command(HttpMethod::post, "/fapi/v1/countdownCancelAll", 10, false, &BinancePerpetualVenue::set_countdown);
  const auto read = [this](std::string_view path, const auto& weight,
                           Answer (BinancePerpetualVenue::*handler)(const Call&) const) {
    const Endpoint endpoint{Security::signature, weight,
                            [this, handler](const Call& call) { return (this->*handler)(call); }, false, false};
    add_rest(HttpMethod::get, path, endpoint);
    return endpoint;
  };
  add_rest(HttpMethod::post, "/fapi/v1/order/test",
           {Security::signature, costs(0), [this](const Call& call) { return test_order(call); }, false, false});
  add_api("order.status", read("/fapi/v1/order", costs(1), &BinancePerpetualVenue::get_order));
  read("/fapi/v1/openOrder", costs(1), &BinancePerpetualVenue::get_open_order);
  read("/fapi/v1/openOrders", costs(1, 40), &BinancePerpetualVenue::get_open_orders);
  read("/fapi/v1/allOrders", costs(5), &BinancePerpetualVenue::get_all_orders);
  read("/fapi/v1/userTrades", costs(5), &BinancePerpetualVenue::get_user_trades);
  add_rest(HttpMethod::get, "/fapi/v1/rateLimit/order",
           {Security::signature, costs(1), [this](const Call& call) { return get_order_counts(call); }, false, false});
}

void BinancePerpetualVenue::add_account_endpoints() {
  using venue::HttpMethod;
  const auto read = [this](std::string_view path, std::uint32_t weight, std::function<Answer(const Call&)> handler) {
    const Endpoint endpoint{Security::signature, costs(weight), std::move(handler), false, false};
    add_rest(HttpMethod::get, path, endpoint);
    return endpoint;
  };
  const auto balance = [this](const Call& call) { return get_balance(call); };
  add_api("account.balance", read("/fapi/v2/balance", 5, balance));
  add_api("v2/account.balance", read("/fapi/v3/balance", 5, balance));
  add_api("account.status", read("/fapi/v2/account", 5, [this](const Call& call) { return get_account(call, true); }));
  add_api("v2/account.status",
          read("/fapi/v3/account", 5, [this](const Call& call) { return get_account(call, false); }));
  add_api("account.position",
          read("/fapi/v2/positionRisk", 5, [this](const Call& call) { return get_positions(call, true); }));
  add_api("v2/account.position",
          read("/fapi/v3/positionRisk", 5, [this](const Call& call) { return get_positions(call, false); }));
  read("/fapi/v1/positionSide/dual", 30, [this](const Call& call) { return get_position_mode(call); });
  read("/fapi/v1/multiAssetsMargin", 30, [](const Call&) { return success(R"({"multiAssetsMargin":false})"); });
  read("/fapi/v1/symbolConfig", 5, [this](const Call& call) { return get_symbol_config(call); });
  read("/fapi/v1/accountConfig", 5, [this](const Call& call) { return get_account_config(call); });
  read("/fapi/v1/leverageBracket", 1, [this](const Call& call) { return get_leverage_brackets(call); });
  read("/fapi/v1/commissionRate", 20, [this](const Call& call) { return get_commission_rate(call); });
  read("/fapi/v1/income", 30, [this](const Call& call) { return get_income(call); });
  const auto set = [this](std::string_view path, Answer (BinancePerpetualVenue::*handler)(const Call&)) {
    add_rest(HttpMethod::post, path,
             {Security::signature, costs(1), [this, handler](const Call& call) { return (this->*handler)(call); },
              false, false});
  };
  set("/fapi/v1/positionSide/dual", &BinancePerpetualVenue::set_position_mode);
  set("/fapi/v1/marginType", &BinancePerpetualVenue::set_margin_type);
  set("/fapi/v1/leverage", &BinancePerpetualVenue::set_leverage);
}

}  // namespace calypte::sim::binance
