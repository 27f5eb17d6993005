#include "engine/derivative_engine.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

#include "engine/order_tracker.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

/// The memo of the journal.
constexpr std::string_view kFundingPayments = "funding_payments";

}  // namespace

Result<std::unique_ptr<DerivativeEngine>> DerivativeEngine::create(std::unique_ptr<venue::Venue> venue,
                                                                   Credentials credentials,
                                                                   ExchangeEngineOptions options, LogSink& log,
                                                                   Time now) {
  if (venue->spec().kind != ConnectorKind::derivative) {
    return Status(StatusCode::denied, fmt::format("{} is not a venue of derivatives", venue->spec().name));
  }
  auto blueprint = check_configuration(std::move(venue), std::move(credentials), std::move(options), now);
  if (!blueprint.ok()) return blueprint.status();
  return std::unique_ptr<DerivativeEngine>(new DerivativeEngine(std::move(*blueprint), log, now));
}

DerivativeEngine::DerivativeEngine(Blueprint blueprint, LogSink& log, Time now)
    : ExchangeEngine(std::move(blueprint), log, now),
      positions_(log_),
      settings_(venue_->spec(), desk_, log_),
      funding_(desk_, clock_, log_),
      payments_(venue_->spec(), desk_, clock_, instruments_, log_),
      venue_trades_(kVenueTradeMemory, "venue_trade:") {
  user_tracker_.extend(*this);
  book_source_.set_funding_sink(
      [this](const venue::FundingReport& report, Time received) { funding_.on_report(report, received); });
}

DerivativeEngine::~DerivativeEngine() = default;

// --- What the engine tells -----------------------------------------------------------------------------------------

void DerivativeEngine::on_account_started() {
  settings_.start(now_);
  payments_.start(now_);
}

void DerivativeEngine::on_pair_followed(const TradingPair& pair, const Symbol& symbol) {
  funding_.follow(pair, symbol, now_);
  if (options_.trading_required) settings_.follow(pair, symbol, now_);
}

void DerivativeEngine::on_pair_dropped(const TradingPair& pair) {
  funding_.drop(pair);
  if (!positions_.holds(pair)) settings_.drop(pair);
}

void DerivativeEngine::on_stopping() {
  funding_.stop();
  settings_.stop();
  payments_.stop();
  infos_started_ = false;
  subscribed_ = false;
  balances_due_ = kNever;
}

void DerivativeEngine::advance() {
  if (!std::exchange(infos_started_, true)) funding_.start(now_);
  const bool subscribed = user_started_ && user_source_.subscribed();
  if (subscribed && !subscribed_) {
    // Nobody told of what was changed and booked while the stream was down.
    settings_.start(now_);
    payments_.ask(now_);
  }
  subscribed_ = subscribed;
  funding_.on_time(now_);
  for (const auto& [pair, time] : std::exchange(funding_.come(), {})) {
    payments_.expect(pair, time, positions_.holds(pair), now_);
  }
  settings_.on_time(now_);
  payments_.on_time(now_);
  know_leverages();
  if (user_started_ && !balances_asked_ && now_ >= balances_due_) ask_balances();
}

Time DerivativeEngine::next_own_wakeup() const {
  const Time balances = user_started_ && !balances_asked_ ? balances_due_ : kNever;
  return std::min({funding_.next_wakeup(), settings_.next_wakeup(), payments_.next_wakeup(), balances});
}

void DerivativeEngine::know_leverages() {
  for (const auto& pair : settings_.contracts()) {
    if (const auto setting = settings_.leverage(pair); setting.value) positions_.set_leverage(pair, *setting.value);
  }
}

void DerivativeEngine::add_events(std::span<const Event> order_events, std::vector<Event>& events) {
  for (const auto& event : order_events) {
    const bool ended = std::holds_alternative<OrderCancelledEvent>(event) ||
                       std::holds_alternative<OrderExpiredEvent>(event) ||
                       std::holds_alternative<MarketOrderFailureEvent>(event);
    const bool filled = std::holds_alternative<OrderFilledEvent>(event);
    const bool created =
        std::holds_alternative<BuyOrderCreatedEvent>(event) || std::holds_alternative<SellOrderCreatedEvent>(event);
    if (ended || filled) last_freed_ = now_;
    if (ended || filled || created) ask_balances_soon();
    const auto* failure = std::get_if<MarketOrderFailureEvent>(&event);
    if (failure != nullptr && failure->reason == FailureReason::position_mode) settings_.doubt_position_mode(now_);
  }
  know_leverages();
  for (auto* from :
       {&own_events_, &positions_.events(), &settings_.events(), &funding_.events(), &payments_.events()}) {
    std::move(from->begin(), from->end(), std::back_inserter(events));
    from->clear();
  }
}

void DerivativeEngine::add_conditions(ConnectorStatus& status) const {
  std::string without_funding;
  std::string without_leverage;
  bool leverage_live = true;
  const bool trading = options_.trading_required;
  const auto name_pair = [](std::string& text, const TradingPair& pair) {
    text += (text.empty() ? "" : ", ") + pair.to_string();
  };
  for (const auto& pair : wanted_pairs_) {
    if (!funding_info(pair)) name_pair(without_funding, pair);
    const auto setting = settings_.leverage(pair);
    if (!setting.value) name_pair(without_leverage, pair);
    leverage_live = leverage_live && setting.state != AccountSetting<std::uint32_t>::State::unknown;
  }
  const bool funding = without_funding.empty();
  readiness().add(status, "funding_info", funding, funding, "not known of: " + without_funding);
  // A change that is under way was asked for by the strategy: no reason to call the connector unready.
  const auto mode = settings_.position_mode();
  readiness().add(status, "position_mode", !trading || mode.value.has_value(),
                  !trading || mode.state != AccountSetting<PositionMode>::State::unknown,
                  "the position mode of the account is not known");
  readiness().add(
      status, "leverage", !trading || without_leverage.empty(), !trading || leverage_live,
      without_leverage.empty() ? "what became of a change is not known" : "not known of: " + without_leverage);
}

// --- What the account tells ----------------------------------------------------------------------------------------

const TradingPair* DerivativeEngine::known_pair(const Symbol& symbol) {
  const auto* pair = instruments_.pair_of(symbol.value);
  if (pair == nullptr && unknown_symbols_.insert(symbol.value)) {
    log_.log(LogLevel::error, venue_->spec().name,
             fmt::format("the account holds {}, which is no instrument that is known", symbol.value));
  }
  return pair;
}

bool DerivativeEngine::take_fill(const venue::Fill& fill, const TradingPair* pair, Time now) {
  const TradeUpdate& trade = fill.trade;
  const TradingPair trading_pair = pair == nullptr ? TradingPair() : *pair;
  if (pair != nullptr) {
    positions_.add_fill(trading_pair, fill.position_side, fill.trade_type, trade.trade_id, trade.fill_base_amount,
                        trade.fill_time - clock_.offset());
  }
  const std::string key = fill_key(trading_pair, fill.trade_type, trade.trade_id);
  if (fill.origin == venue::FillOrigin::order) return venue_trades_.contains(key);
  if (trade.trade_id.empty() || !venue_trades_.insert(key)) return true;
  order_tracker_.forget_waiting_fill(trading_pair, fill.trade_type, trade.trade_id);
  using Origin = LiquidationEvent::Kind;
  const Origin kind = fill.origin == venue::FillOrigin::liquidation    ? Origin::liquidation
                      : fill.origin == venue::FillOrigin::deleveraging ? Origin::deleveraging
                                                                       : Origin::settlement;
  log_.log(LogLevel::warning, venue_->spec().name,
           fmt::format("the venue itself traded {} {} at {}", trade.fill_base_amount.to_string(),
                       trading_pair.to_string(), trade.fill_price.to_string()));
  own_events_.emplace_back(LiquidationEvent{.timestamp = now,
                                            .kind = kind,
                                            .trading_pair = trading_pair,
                                            .side = fill.position_side,
                                            .trade_type = fill.trade_type,
                                            .price = trade.fill_price,
                                            .amount = trade.fill_base_amount,
                                            .exchange_trade_id = trade.trade_id,
                                            .trade_fee = trade.fee,
                                            .realized_profit = trade.realized_profit,
                                            .venue_time = trade.fill_time});
  last_freed_ = now;
  ask_balances_soon();
  return true;
}

void DerivativeEngine::on_stream_records(const venue::Records& records, Time now) {
  for (const auto& record : records.items()) {
    if (const auto* report = std::get_if<venue::PositionReport>(&record)) {
      const auto* pair = known_pair(report->symbol);
      if (pair == nullptr) continue;
      positions_.apply_stream(*pair, *report, now);
      settings_.follow(*pair, report->symbol, now);
      last_freed_ = now;
      ask_balances_soon();
    } else if (std::holds_alternative<venue::FundingBooked>(record)) {
      payments_.on_booked(now);
    } else if (const auto* payment = std::get_if<venue::FundingPayment>(&record)) {
      payments_.on_payment(*payment, now);
    } else if (const auto* mode = std::get_if<venue::PositionModeReport>(&record)) {
      settings_.on_report(*mode, now);
    } else if (const auto* leverage = std::get_if<venue::LeverageReport>(&record)) {
      settings_.on_report(*leverage, now);
    } else if (const auto* call = std::get_if<venue::MarginCall>(&record)) {
      const auto* pair = known_pair(call->symbol);
      log_.log(LogLevel::warning, venue_->spec().name, fmt::format("margin call for {}", call->symbol.value));
      own_events_.emplace_back(MarginCallEvent{.timestamp = now,
                                               .trading_pair = pair == nullptr ? TradingPair() : *pair,
                                               .side = call->side,
                                               .amount = call->amount,
                                               .mark_price = call->mark_price,
                                               .maintenance_margin = call->maintenance_margin});
    } else if (std::holds_alternative<venue::BalanceReport>(record)) {
      last_freed_ = now;  // a total moved, and what is available with it
      ask_balances_soon();
    }
  }
}

void DerivativeEngine::on_positions(const Reply& reply) {
  if (!reply.status.ok()) return;
  std::vector<Positions::Report> reports;
  bool complete = false;
  for (const auto& record : reply.records.items()) {
    if (const auto* report = std::get_if<venue::PositionReport>(&record)) {
      if (report->amount.is_zero() && instruments_.pair_of(report->symbol.value) == nullptr) continue;
      const auto* pair = known_pair(report->symbol);
      if (pair == nullptr) continue;
      reports.push_back({*pair, *report});
      // The leverage of a position is worth knowing also where the pair is not followed.
      if (!report->amount.is_zero()) settings_.follow(*pair, report->symbol, reply.received);
    }
    complete = complete || std::holds_alternative<venue::PositionsComplete>(record);
  }
  positions_.apply_rest(reports, complete, reply.sent, reply.received);
}

void DerivativeEngine::on_swept(Time now) { payments_.on_swept(now); }

// --- Balances ------------------------------------------------------------------------------------------------------

void DerivativeEngine::ask_balances_soon() {
  constexpr Duration kAfterEvent = 300ms;  // the venue's own books follow the trade
  constexpr Duration kAtMostEvery = 2s;
  Time due = now_ + kAfterEvent;
  if (last_balances_ != Time::min()) due = std::max(due, last_balances_ + kAtMostEvery);
  balances_due_ = std::min(balances_due_, due);
}

void DerivativeEngine::ask_balances() {
  static constexpr Duration kRetry = 5s;
  balances_asked_ = true;
  balances_due_ = kNever;
  last_balances_ = now_;
  desk_.submit(venue::QueryBalances{}, Lane::query, venue_->spec().orders.request_limit, [this](const Reply& reply) {
    balances_asked_ = false;
    user_tracker_.apply_balances(reply);
    if (!reply.status.ok() && running_) balances_due_ = std::min(balances_due_, reply.received + kRetry);
  });
}

Decimal DerivativeEngine::margin(const TradingPair& pair, const Decimal& notional, const Decimal& leverage,
                                 OrderType type) const {
  constexpr int kPlaces = 18;
  const auto part = Decimal::checked_div(notional, leverage, kPlaces, Rounding::toward_zero);
  Decimal sum = part ? *part : notional;
  const TradeFee expected = fee(pair, type, TradeType::buy, {}, {});
  if (expected.percent_token.empty()) sum += notional * expected.percent;
  return sum;
}

Decimal DerivativeEngine::margin_since(std::string_view asset, Time since) const {
  Decimal sum;
  const auto add = [&](const InFlightOrder& order, const Decimal& amount) {
    if (order.creation_time() < since || order.intent().position != PositionAction::open || amount <= 0) return;
    if (collateral_token(order.trading_pair(), order.trade_type()) != asset) return;
    std::optional<Decimal> at = order.price() ? order.price() : order.average_executed_price();
    if (!at) {
      at =
          price(order.trading_pair(), order.trade_type() == TradeType::buy ? PriceType::best_ask : PriceType::best_bid);
    }
    if (at) sum += margin(order.trading_pair(), *at * amount, order.intent().leverage, order.order_type());
  };
  for (const auto* order : order_tracker_.active_orders()) add(*order, order->amount());
  for (const auto* order : order_tracker_.cached_orders()) add(*order, order->executed_amount_base());
  return sum;
}

Decimal DerivativeEngine::available_balance(std::string_view asset) const try {
  const auto* entry = balances_.find(asset);
  if (entry == nullptr) return {};
  const Decimal since = balances_.last_asked() ? margin_since(asset, *balances_.last_asked()) : Decimal();
  return std::max(entry->available - since, std::min(entry->available, Decimal()));
} catch (const DecimalOverflow&) {
  return {};
}

Status DerivativeEngine::check_funds(TradeType side, const TradingPair& pair, const Decimal& amount,
                                     const Decimal& price, OrderType type, const OrderOptions& options) const try {
  if (options.position == PositionAction::close) return {};
  Decimal opening = amount;
  const auto mode = settings_.position_mode();
  const auto* held = mode.value == PositionMode::one_way ? positions_.find(pair, PositionSide::net) : nullptr;
  if (held != nullptr && held->amount.is_negative() == (side == TradeType::buy)) {
    // It reduces the position first, and a position as large on the other side needs no more margin than this one.
    opening -= held->amount.abs() + held->amount.abs();
  }
  if (opening <= 0) return {};
  const Decimal set(settings_.leverage(pair).value.value_or(1));
  const std::string asset = collateral_token(pair, side);
  const Decimal needed = margin(pair, price * opening, set, type);
  // Only a picture that nothing can have improved since may refuse what the venue would take. What was opened since is
  // not taken off either: if it is too much the venue refuses for certain.
  if (!balances_.last_asked() || last_freed_ >= *balances_.last_asked()) return {};
  const auto* entry = balances_.find(asset);
  const Decimal available = entry == nullptr ? Decimal() : entry->available;
  if (needed <= available) return {};
  return {StatusCode::denied, FailureReason::insufficient_balance,
          fmt::format("needs {} {} of margin, {} available", needed.normalized().to_string(), asset,
                      available.to_string())};
} catch (const DecimalOverflow&) {
  return {StatusCode::denied, FailureReason::invalid_amount, "the margin does not fit into a decimal number"};
}

TradeFee DerivativeEngine::fee(const TradingPair& pair, OrderType type, TradeType /*side*/, const Decimal& /*amount*/,
                               const std::optional<Decimal>& /*price*/) const {
  const auto& schema = fee_schema(pair);
  const bool maker = type == OrderType::limit_maker;
  return new_perpetual_fee(schema, PositionAction::open, maker ? schema.maker_percent_fee : schema.taker_percent_fee,
                           schema.percent_fee_token, maker ? schema.maker_fixed_fees : schema.taker_fixed_fees);
}

// --- Orders --------------------------------------------------------------------------------------------------------

Status DerivativeEngine::check_position_action(TradeType /*side*/, const TradingPair& pair,
                                               const OrderOptions& options) const {
  const auto deny = [](FailureReason reason, std::string message) {
    return Status(StatusCode::denied, reason, std::move(message));
  };
  if (options.position == PositionAction::nil) {
    return deny(FailureReason::invalid_position_action, "an order on a derivative opens or closes a position");
  }
  if (settings_.position_mode().state != AccountSetting<PositionMode>::State::confirmed) {
    return deny(FailureReason::not_ready, "the position mode of the account is not confirmed");
  }
  const auto set = settings_.leverage(pair);
  if (!set.value) return deny(FailureReason::not_ready, "the leverage of " + pair.to_string() + " is not known");
  // Closing must be possible at any time; it does not depend on the leverage.
  if (options.position == PositionAction::open && set.state != AccountSetting<std::uint32_t>::State::confirmed) {
    return deny(FailureReason::not_ready, "the leverage of " + pair.to_string() + " is not confirmed");
  }
  return {};
}

ExchangeEngine::PositionTerms DerivativeEngine::position_terms(TradeType side, const TradingPair& pair,
                                                               const OrderOptions& options) const {
  const PositionMode mode = settings_.position_mode().value.value_or(PositionMode::one_way);
  return {.leverage = Decimal(settings_.leverage(pair).value.value_or(1)),
          .side = position_side_of(mode, side, options.position),
          .reduce_only = mode == PositionMode::one_way && options.position == PositionAction::close};
}

// --- Settings ------------------------------------------------------------------------------------------------------

std::span<const PositionMode> DerivativeEngine::supported_position_modes() const noexcept {
  return settings_.position_modes();
}

AccountSetting<PositionMode> DerivativeEngine::position_mode() const { return settings_.position_mode(); }
AccountSetting<std::uint32_t> DerivativeEngine::leverage(const TradingPair& pair) const {
  return settings_.leverage(pair);
}
AccountSetting<MarginType> DerivativeEngine::margin_type(const TradingPair& pair) const {
  return settings_.margin_type(pair);
}

Status DerivativeEngine::check_change() const {
  if (!running_) return {StatusCode::denied, FailureReason::stopped, "the connector is not running"};
  if (!options_.trading_required) {
    return {StatusCode::denied, FailureReason::not_ready, "this connector was started without trading"};
  }
  if (!user_started_) return {StatusCode::denied, FailureReason::not_ready, "the instruments are not loaded yet"};
  return {};
}

Status DerivativeEngine::set_position_mode(PositionMode mode) {
  dirty_ = true;
  if (const Status status = check_change(); !status.ok()) return status;
  return settings_.set_position_mode(mode, now_);
}

Status DerivativeEngine::set_leverage(const TradingPair& pair, std::uint32_t leverage) {
  dirty_ = true;
  if (const Status status = check_change(); !status.ok()) return status;
  const auto* instrument = instruments_.find(pair);
  if (instrument == nullptr) {
    return {StatusCode::denied, FailureReason::unknown_trading_pair, "no such instrument: " + pair.to_string()};
  }
  return settings_.set_leverage(pair, instrument->symbol, leverage, now_);
}

Status DerivativeEngine::set_margin_type(const TradingPair& pair, MarginType type) {
  dirty_ = true;
  if (const Status status = check_change(); !status.ok()) return status;
  const auto* instrument = instruments_.find(pair);
  if (instrument == nullptr) {
    return {StatusCode::denied, FailureReason::unknown_trading_pair, "no such instrument: " + pair.to_string()};
  }
  return settings_.set_margin_type(pair, instrument->symbol, type, now_);
}

// --- Reads ---------------------------------------------------------------------------------------------------------

const Position* DerivativeEngine::position(const TradingPair& pair, PositionSide side) const {
  return positions_.find(pair, side);
}

std::optional<FundingInfo> DerivativeEngine::funding_info(const TradingPair& pair) const {
  const auto* info = funding_.find(pair);
  return info == nullptr ? std::nullopt : *info;
}

std::string DerivativeEngine::collateral_token(const TradingPair& pair, TradeType side) const {
  const auto* rule = trading_rule(pair);
  if (rule != nullptr) {
    const auto& token = side == TradeType::buy ? rule->buy_order_collateral_token : rule->sell_order_collateral_token;
    if (!token.empty()) return token;
  }
  return std::string(pair.quote());
}

std::string DerivativeEngine::buy_collateral_token(const TradingPair& pair) const {
  return collateral_token(pair, TradeType::buy);
}

std::string DerivativeEngine::sell_collateral_token(const TradingPair& pair) const {
  return collateral_token(pair, TradeType::sell);
}

std::vector<std::string> DerivativeEngine::tracking_states() const {
  auto states = ExchangeEngine::tracking_states();
  if (auto state = payments_.state(); !state.empty()) states.push_back(std::move(state));
  return states;
}

Status DerivativeEngine::restore_tracking_states(std::span<const std::string> states) {
  std::vector<std::string> orders;
  Status status;
  for (const auto& text : states) {
    if (FundingPayments::is_state(text)) {
      const Status restored = payments_.restore(text, now_);
      if (status.ok()) status = restored;
    } else {
      orders.push_back(text);
    }
  }
  const Status restored = ExchangeEngine::restore_tracking_states(orders);
  return restored.ok() ? status : restored;
}

void DerivativeEngine::keep_changes() {
  ExchangeEngine::keep_changes();
  venue_trades_.keep_changes();
}

void DerivativeEngine::write_changes(RoundWriter& round) {
  ExchangeEngine::write_changes(round);
  venue_trades_.write_changes(round);
  if (!payments_.take_changed()) return;
  if (const auto state = payments_.state(); !state.empty()) round.memo(kFundingPayments, state);
}

void DerivativeEngine::write_all(const std::function<RoundWriter&()>& next) const {
  ExchangeEngine::write_all(next);
  venue_trades_.write_all(next);
  if (const auto state = payments_.state(); !state.empty()) next().memo(kFundingPayments, state);
}

void DerivativeEngine::restore(const Recovery& recovery, Time now) {
  ExchangeEngine::restore(recovery, now);
  venue_trades_.restore(recovery);
  const auto memo = recovery.memos().find(kFundingPayments);
  if (memo == recovery.memos().end()) return;
  if (const Status status = payments_.restore(memo->second, now); !status.ok()) {
    log_.log(LogLevel::error, venue_->spec().name, status.to_string());
  }
}

}  // namespace calypte::engine
