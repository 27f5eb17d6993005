// Balances, positions and settings of an account on the perpetual market.
#include <algorithm>
#include <fmt/format.h>

#include "sim/dialects/binance/perpetual_venue.hpp"

namespace calypte::sim::binance {
namespace {

constexpr int kMarginInsufficient = -2019;
constexpr int kMaxPosition = -2027;
constexpr int kInvalidLeverage = -4028;
constexpr int kMarginTypeSet = -4046;
constexpr int kMarginTypeOrders = -4047;
constexpr int kMarginTypePosition = -4048;
constexpr int kPositionModeSet = -4059;
constexpr int kPositionModeOrders = -4067;
constexpr int kPositionModePosition = -4068;
constexpr int kLeverageReduction = -4161;

constexpr std::int64_t kDefaultIncome = 100;
constexpr std::int64_t kMaxIncome = 1000;
constexpr std::int64_t kWeekMs = 7LL * 24 * 60 * 60 * 1000;

Answer done() { return success(R"({"code":200,"msg":"success"})"); }

std::string_view margin_word(MarginType margin) { return margin == MarginType::isolated ? "ISOLATED" : "CROSSED"; }

std::string not_negative(const Decimal& value) { return perpetual::money(std::max(value, Decimal{})); }

}  // namespace

BinancePerpetualVenue::View BinancePerpetualVenue::view(AccountId account, const PositionKey& key) const {
  const Instrument& spec = exchange_.instruments()[key.instrument];
  View view;
  view.settings = exchange_.contract_settings(account, key.instrument);
  view.mark = exchange_.prices(key.instrument)->mark();
  if (const Position* held = exchange_.position(account, key)) view.held = *held;
  const auto exposures = exchange_.exposures(account, spec.quote);
  if (const auto found = exposures.find(key); found != exposures.end()) view.exposure = found->second;
  view.notional = view.held.value_at(view.mark);
  view.unrealized = view.held.is_open() ? view.held.unrealized_at(view.mark) : Decimal{};
  view.position_margin = initial_margin(view.notional.abs(), view.settings.leverage);
  view.order_margin = initial_margin(view.exposure.worst(), view.settings.leverage) - view.position_margin;
  if (view.held.is_open()) view.maintenance = maintenance_margin(*spec.contract, view.notional.abs());
  view.liquidation = exchange_.liquidation_price(account, key);
  return view;
}

std::vector<PositionKey> BinancePerpetualVenue::position_keys(AccountId account, bool all,
                                                              std::optional<std::size_t> only) const {
  std::vector<PositionKey> keys;
  const bool hedge = exchange_.hedge_mode(account);
  for (std::size_t i = 0; i < exchange_.instruments().size(); ++i) {
    if (only && *only != i) continue;
    for (const PositionSide side : {PositionSide::net, PositionSide::long_side, PositionSide::short_side}) {
      const PositionKey key{i, side};
      const bool of_mode = (side == PositionSide::net) != hedge;
      if (all && (of_mode || side == PositionSide::net)) keys.push_back(key);
      if (all || !of_mode) continue;
      const Position* held = exchange_.position(account, key);
      const auto exposures = exchange_.exposures(account, exchange_.instruments()[i].quote);
      if ((held != nullptr && held->is_open()) || exposures.count(key) > 0) keys.push_back(key);
    }
  }
  return keys;
}

Answer BinancePerpetualVenue::get_balance(const Call& call) const {
  const AccountId account = accounts_[call.account].account;
  std::string text;
  Writer out(text);
  out.begin_array();
  for (const auto& [asset, balance] : exchange_.accounts().balances(account)) {
    const MarginSummary sum = exchange_.margin(account, asset);
    out.begin_object().field("accountAlias", "SgsR").field("asset", asset);
    out.field("balance", perpetual::money(sum.wallet)).field("crossWalletBalance", perpetual::money(sum.cross_wallet));
    out.field("crossUnPnl", perpetual::money(sum.cross_unrealized));
    out.field("availableBalance", not_negative(sum.available));
    out.field("maxWithdrawAmount", not_negative(std::min(sum.available, sum.cross_wallet)));
    out.key("marginAvailable").boolean(true).key("updateTime").integer(venue_ms(call.now)).end_object();
  }
  out.end_array();
  return success(text);
}

void BinancePerpetualVenue::write_account_asset(Writer& out, AccountId account, const std::string& asset,
                                                Time now) const {
  const MarginSummary sum = exchange_.margin(account, asset);
  out.begin_object().field("asset", asset).field("walletBalance", perpetual::money(sum.wallet));
  out.field("unrealizedProfit", perpetual::money(sum.unrealized));
  out.field("marginBalance", perpetual::money(sum.wallet + sum.unrealized));
  out.field("maintMargin", perpetual::money(sum.maintenance));
  out.field("initialMargin", perpetual::money(sum.position_margin + sum.order_margin));
  out.field("positionInitialMargin", perpetual::money(sum.position_margin));
  out.field("openOrderInitialMargin", perpetual::money(sum.order_margin));
  out.field("crossWalletBalance", perpetual::money(sum.cross_wallet));
  out.field("crossUnPnl", perpetual::money(sum.cross_unrealized));
  out.field("availableBalance", not_negative(sum.available));
  out.field("maxWithdrawAmount", not_negative(std::min(sum.available, sum.cross_wallet)));
  out.key("marginAvailable").boolean(true).key("updateTime").integer(venue_ms(now)).end_object();
}

Answer BinancePerpetualVenue::get_account(const Call& call, bool all) const {
  const AccountId account = accounts_[call.account].account;
  MarginSummary total;
  for (const auto& [asset, balance] : exchange_.accounts().balances(account)) {
    // The assets are dollars; each counts as one.
    const MarginSummary sum = exchange_.margin(account, asset);
    total.wallet += sum.wallet;
    total.cross_wallet += sum.cross_wallet;
    total.unrealized += sum.unrealized;
    total.cross_unrealized += sum.cross_unrealized;
    total.position_margin += sum.position_margin;
    total.order_margin += sum.order_margin;
    total.maintenance += sum.maintenance;
    total.available += std::max(sum.available, Decimal{});
  }
  std::string text;
  Writer out(text);
  out.begin_object();
  if (all) {
    out.key("feeTier").integer(std::int64_t{0}).key("canTrade").boolean(true).key("canDeposit").boolean(true);
    out.key("canWithdraw").boolean(true).key("multiAssetsMargin").boolean(false);
    out.key("updateTime").integer(std::int64_t{0});
  }
  out.field("totalInitialMargin", perpetual::money(total.position_margin + total.order_margin));
  out.field("totalMaintMargin", perpetual::money(total.maintenance));
  out.field("totalWalletBalance", perpetual::money(total.wallet));
  out.field("totalUnrealizedProfit", perpetual::money(total.unrealized));
  out.field("totalMarginBalance", perpetual::money(total.wallet + total.unrealized));
  out.field("totalPositionInitialMargin", perpetual::money(total.position_margin));
  out.field("totalOpenOrderInitialMargin", perpetual::money(total.order_margin));
  out.field("totalCrossWalletBalance", perpetual::money(total.cross_wallet));
  out.field("totalCrossUnPnl", perpetual::money(total.cross_unrealized));
  out.field("availableBalance", perpetual::money(total.available));
  out.field("maxWithdrawAmount", perpetual::money(total.available));
  out.key("assets").begin_array();
  for (const auto& [asset, balance] : exchange_.accounts().balances(account)) {
    write_account_asset(out, account, asset, call.now);
  }
  out.end_array().key("positions").begin_array();
  for (const PositionKey& key : position_keys(account, all, std::nullopt)) {
    const Instrument& spec = exchange_.instruments()[key.instrument];
    const View shown = view(account, key);
    out.begin_object().field("symbol", spec.symbol);
    out.field("positionSide", perpetual::position_side_word(key.side));
    out.field("positionAmt", quantity_text(spec, shown.held.amount));
    out.field("unrealizedProfit", perpetual::money(shown.unrealized));
    out.field("isolatedWallet", perpetual::plain(shown.held.isolated_wallet));
    out.field("notional", perpetual::plain(shown.notional));
    out.field("initialMargin", perpetual::plain(shown.position_margin + shown.order_margin));
    out.field("maintMargin", perpetual::plain(shown.maintenance));
    const bool isolated = shown.settings.margin == MarginType::isolated;
    out.field("isolatedMargin", perpetual::plain(isolated ? shown.held.isolated_wallet + shown.unrealized : Decimal{}));
    if (all) {
      out.field("positionInitialMargin", perpetual::plain(shown.position_margin));
      out.field("openOrderInitialMargin", perpetual::plain(shown.order_margin));
      out.field("leverage", std::to_string(shown.settings.leverage)).key("isolated").boolean(isolated);
      out.field("entryPrice", perpetual::plain(shown.held.entry_price()));
      out.field("breakEvenPrice", perpetual::plain(shown.held.entry_price()));
      out.field("maxNotional", perpetual::plain(max_notional_at(*spec.contract, shown.settings.leverage)));
      out.field("bidNotional", perpetual::plain(shown.exposure.buys));
      out.field("askNotional", perpetual::plain(shown.exposure.sells));
    }
    out.key("updateTime").integer(shown.held.updated == Time{} ? 0 : venue_ms(shown.held.updated)).end_object();
  }
  out.end_array().end_object();
  return success(text);
}

Answer BinancePerpetualVenue::get_positions(const Call& call, bool all) const {
  std::optional<std::size_t> only;
  if (call.parameters.has("symbol")) {
    const auto instrument = named_instrument(call.parameters);
    if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
    only = std::get<std::size_t>(instrument);
  }
  const AccountId account = accounts_[call.account].account;
  std::string text;
  Writer out(text);
  out.begin_array();
  for (const PositionKey& key : position_keys(account, all, only)) {
    const Instrument& spec = exchange_.instruments()[key.instrument];
    const View shown = view(account, key);
    const bool isolated = shown.settings.margin == MarginType::isolated;
    const std::string isolated_margin =
        perpetual::plain(isolated ? shown.held.isolated_wallet + shown.unrealized : Decimal{});
    out.begin_object().field("symbol", spec.symbol);
    out.field("positionSide", perpetual::position_side_word(key.side));
    out.field("positionAmt", quantity_text(spec, shown.held.amount));
    out.field("entryPrice", perpetual::plain(shown.held.entry_price()));
    out.field("breakEvenPrice", perpetual::plain(shown.held.entry_price()));
    out.field("markPrice", perpetual::money(shown.mark));
    out.field("unRealizedProfit", perpetual::money(shown.unrealized));
    out.field("liquidationPrice", perpetual::plain(shown.liquidation.value_or(Decimal{})));
    out.field("isolatedMargin", isolated_margin).field("notional", perpetual::plain(shown.notional));
    out.field("isolatedWallet", perpetual::plain(shown.held.isolated_wallet));
    if (all) {
      out.field("leverage", std::to_string(shown.settings.leverage));
      out.field("maxNotionalValue", perpetual::plain(max_notional_at(*spec.contract, shown.settings.leverage)));
      out.field("marginType", isolated ? "isolated" : "cross").field("isAutoAddMargin", "false");
    } else {
      out.field("marginAsset", spec.quote);
      out.field("initialMargin", perpetual::plain(shown.position_margin + shown.order_margin));
      out.field("maintMargin", perpetual::plain(shown.maintenance));
      out.field("positionInitialMargin", perpetual::plain(shown.position_margin));
      out.field("openOrderInitialMargin", perpetual::plain(shown.order_margin));
      out.key("adl").integer(std::int64_t{0});
      out.field("bidNotional", perpetual::plain(shown.exposure.buys));
      out.field("askNotional", perpetual::plain(shown.exposure.sells));
    }
    out.key("updateTime").integer(shown.held.updated == Time{} ? 0 : venue_ms(shown.held.updated)).end_object();
  }
  out.end_array();
  return success(text);
}

// --- Settings --------------------------------------------------------------------------------------------------------

Answer BinancePerpetualVenue::get_position_mode(const Call& call) const {
  const bool hedge = exchange_.hedge_mode(accounts_[call.account].account);
  return success(hedge ? R"({"dualSidePosition":true})" : R"({"dualSidePosition":false})");
}

Answer BinancePerpetualVenue::set_position_mode(const Call& call) {
  const std::string_view word = call.parameters.get("dualSidePosition");
  if (word.empty()) return mandatory("dualSidePosition");
  if (word != "true" && word != "false") {
    return failure(code::kBadValue, "Data sent for parameter 'dualSidePosition' is not valid.");
  }
  switch (exchange_.set_hedge_mode(accounts_[call.account].account, word == "true")) {
    case Refusal::none:
      return done();
    case Refusal::no_change:
      return failure(kPositionModeSet, "No need to change position side.");
    case Refusal::open_orders_exist:
      return failure(kPositionModeOrders, "Position side cannot be changed if there exists open orders.");
    case Refusal::positions_exist:
      return failure(kPositionModePosition, "Position side cannot be changed if there exists position.");
    default:
      return failure(code::kUnknown, "An unknown error occurred while processing the request.");
  }
}

Answer BinancePerpetualVenue::set_margin_type(const Call& call) {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  const std::string_view word = call.parameters.get("marginType");
  if (word.empty()) return mandatory("marginType");
  if (word != "ISOLATED" && word != "CROSSED") {
    return failure(code::kBadValue, "Data sent for parameter 'marginType' is not valid.");
  }
  const MarginType wanted = word == "ISOLATED" ? MarginType::isolated : MarginType::cross;
  switch (exchange_.set_margin_type(accounts_[call.account].account, std::get<std::size_t>(instrument), wanted)) {
    case Refusal::none:
      return done();
    case Refusal::no_change:
      return failure(kMarginTypeSet, "No need to change margin type.");
    case Refusal::open_orders_exist:
      return failure(kMarginTypeOrders, "Margin type cannot be changed if there exists open orders.");
    case Refusal::positions_exist:
      return failure(kMarginTypePosition, "Margin type cannot be changed if there exists position.");
    default:
      return failure(code::kUnknown, "An unknown error occurred while processing the request.");
  }
}

Answer BinancePerpetualVenue::set_leverage(const Call& call) {
  const auto named = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&named)) return *refused;
  if (!call.parameters.has("leverage")) return mandatory("leverage");
  const auto wanted = call.parameters.integer("leverage");
  if (!wanted) return illegal("leverage", "^[0-9]{1,20}$");
  const Answer invalid = failure(kInvalidLeverage, fmt::format("Leverage {} is not valid", *wanted));
  if (*wanted < 1 || *wanted > 125) return invalid;
  const std::size_t instrument = std::get<std::size_t>(named);
  const auto leverage = static_cast<std::uint32_t>(*wanted);
  switch (exchange_.set_leverage(accounts_[call.account].account, instrument, leverage)) {
    case Refusal::none:
      break;
    case Refusal::invalid_leverage:
      return invalid;
    case Refusal::max_position:
      return failure(kMaxPosition, "Exceeded the maximum allowable position at current leverage.");
    case Refusal::leverage_reduction:
      return failure(kLeverageReduction,
                     "Leverage reduction is not supported in Isolated Margin Mode with open positions.");
    case Refusal::insufficient_margin:
      return failure(kMarginInsufficient, "Margin is insufficient.");
    default:
      return failure(code::kUnknown, "An unknown error occurred while processing the request.");
  }
  const Instrument& spec = exchange_.instruments()[instrument];
  std::string text;
  Writer out(text);
  out.begin_object().key("leverage").integer(std::int64_t{leverage});
  out.field("maxNotionalValue", perpetual::plain(max_notional_at(*spec.contract, leverage)));
  out.field("symbol", spec.symbol).end_object();
  return success(text);
}

Answer BinancePerpetualVenue::get_symbol_config(const Call& call) const {
  const auto named = named_instruments(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&named)) return *refused;
  std::string text;
  Writer out(text);
  out.begin_array();
  for (const std::size_t instrument : std::get<std::vector<std::size_t>>(named)) {
    const Instrument& spec = exchange_.instruments()[instrument];
    const ContractSettings settings = exchange_.contract_settings(accounts_[call.account].account, instrument);
    out.begin_object().field("symbol", spec.symbol).field("marginType", margin_word(settings.margin));
    out.key("isAutoAddMargin").boolean(false).key("leverage").integer(std::int64_t{settings.leverage});
    out.field("maxNotionalValue", perpetual::plain(max_notional_at(*spec.contract, settings.leverage))).end_object();
  }
  out.end_array();
  return success(text);
}

Answer BinancePerpetualVenue::get_account_config(const Call& call) const {
  std::string text;
  Writer out(text);
  out.begin_object().key("feeTier").integer(std::int64_t{0}).key("canTrade").boolean(true);
  out.key("canDeposit").boolean(true).key("canWithdraw").boolean(true);
  out.key("dualSidePosition").boolean(exchange_.hedge_mode(accounts_[call.account].account));
  out.key("updateTime").integer(std::int64_t{0}).key("multiAssetsMargin").boolean(false);
  out.key("tradeGroupId").integer(std::int64_t{-1}).end_object();
  return success(text);
}

Answer BinancePerpetualVenue::get_leverage_brackets(const Call& call) const {
  const auto write = [&](std::size_t instrument) {
    const Instrument& spec = exchange_.instruments()[instrument];
    std::string text;
    Writer out(text);
    out.begin_object().field("symbol", spec.symbol).key("brackets").begin_array();
    Decimal floor;
    std::int64_t number = 0;
    for (const Bracket& bracket : spec.contract->brackets) {
      // Numbers here, not strings as everywhere else.
      out.begin_object().key("bracket").integer(++number);
      out.key("initialLeverage").integer(std::int64_t{bracket.max_leverage});
      out.key("notionalCap").raw(perpetual::plain(bracket.notional_cap));
      out.key("notionalFloor").raw(perpetual::plain(floor));
      out.key("maintMarginRatio").raw(perpetual::plain(bracket.maintenance_rate));
      out.key("cum").raw(perpetual::plain(bracket.maintenance_deduction)).end_object();
      floor = bracket.notional_cap;
    }
    out.end_array().end_object();
    return text;
  };
  return list_by_symbol(call.parameters, write);
}

Answer BinancePerpetualVenue::get_commission_rate(const Call& call) const {
  const auto named = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&named)) return *refused;
  const FeeRates& rates = exchange_.accounts().rates(accounts_[call.account].account);
  std::string text;
  Writer out(text);
  out.begin_object().field("symbol", exchange_.instruments()[std::get<std::size_t>(named)].symbol);
  out.field("makerCommissionRate", perpetual::plain(rates.maker));
  out.field("takerCommissionRate", perpetual::plain(rates.taker));
  out.field("rpiCommissionRate", perpetual::plain(rates.maker)).end_object();
  return success(text);
}

Answer BinancePerpetualVenue::get_income(const Call& call) const {
  const Parameters& parameters = call.parameters;
  std::string_view symbol = parameters.get("symbol");
  if (!symbol.empty() && !exchange_.find_instrument(symbol)) return invalid_symbol();
  for (const std::string_view name : {"startTime", "endTime", "limit", "page"}) {
    if (parameters.has(name) && !parameters.integer(name)) return illegal(name, "^[0-9]{1,20}$");
  }
  const auto start = parameters.integer("startTime");
  const std::int64_t end = parameters.integer("endTime").value_or(venue_ms(call.now));
  const std::int64_t begin = start.value_or(end - kWeekMs);
  const auto limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(parameters.integer("limit").value_or(kDefaultIncome), 1, kMaxIncome));
  const auto page = static_cast<std::size_t>(std::max<std::int64_t>(parameters.integer("page").value_or(1), 1));

  const AccountId account = accounts_[call.account].account;
  std::map<TradeId, const FillRecord*> fills;
  for (const FillRecord& fill : exchange_.fills(account)) fills.emplace(fill.id, &fill);
  std::map<TradeId, const FundingPayment*> payments;
  for (const FundingPayment& payment : exchange_.funding_payments(account)) payments.emplace(payment.id, &payment);

  std::vector<std::string> items;
  for (const LedgerEntry& entry : exchange_.accounts().ledger(account)) {
    const std::int64_t ms = venue_ms(entry.time);
    if (ms < begin || ms > end || entry.total_change.is_zero()) continue;
    std::string_view type;
    std::string_view of_symbol;
    std::string trade;
    std::uint64_t id = entry.sequence;
    switch (entry.kind) {
      case LedgerEntry::Kind::realized:
      case LedgerEntry::Kind::fee: {
        type = entry.kind == LedgerEntry::Kind::fee ? "COMMISSION" : "REALIZED_PNL";
        const FillRecord& fill = *fills.at(entry.trade);
        of_symbol = exchange_.instruments()[fill.instrument].symbol;
        trade = std::to_string(fill.public_id);
        break;
      }
      case LedgerEntry::Kind::funding:
        type = "FUNDING_FEE";
        id = entry.trade;
        of_symbol = exchange_.instruments()[payments.at(entry.trade)->position.instrument].symbol;
        break;
      case LedgerEntry::Kind::insurance:
        type = "INSURANCE_CLEAR";
        break;
      case LedgerEntry::Kind::deposit:
        type = "TRANSFER";
        break;
      case LedgerEntry::Kind::hold:
      case LedgerEntry::Kind::release:
      case LedgerEntry::Kind::trade:
        continue;
    }
    if (!symbol.empty() && of_symbol != symbol) continue;
    if (parameters.has("incomeType") && parameters.get("incomeType") != type) continue;
    std::string text;
    Writer out(text);
    out.begin_object().field("symbol", of_symbol).field("incomeType", type);
    out.field("income", perpetual::money(entry.total_change)).field("asset", entry.asset);
    out.field("info", trade.empty() ? type : std::string_view(trade)).key("time").integer(ms);
    out.key("tranId").integer(id).field("tradeId", trade).end_object();
    items.push_back(std::move(text));
  }
  // With a beginning the pages run from there; without one the last so many are meant.
  std::size_t first = (page - 1) * limit;
  if (!start && !parameters.has("page") && items.size() > limit) first = items.size() - limit;
  std::string list;
  Writer out(list);
  out.begin_array();
  for (std::size_t i = first; i < items.size() && i < first + limit; ++i) out.raw(items[i]);
  out.end_array();
  return success(list);
}

}  // namespace calypte::sim::binance
