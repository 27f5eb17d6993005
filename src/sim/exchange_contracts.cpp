// Contracts: the settings of an account, what orders need, and how fills settle into positions.
#include <algorithm>
#include <utility>

#include "sim/exchange.hpp"

namespace calypte::sim {
namespace {

Side closing_side(PositionSide side) noexcept { return side == PositionSide::long_side ? Side::sell : Side::buy; }

/// How much of a position an order of this side can reduce.
Decimal reducible(const Decimal& amount, Side side) {
  const bool reduces = side == Side::sell ? amount.is_positive() : amount.is_negative();
  return reduces ? amount.abs() : Decimal{};
}

}  // namespace

const Exchange::Owner* Exchange::find_owner(AccountId account) const {
  return account < owners_.size() ? &owners_[account] : nullptr;
}

// --- Settings --------------------------------------------------------------------------------------------------------

bool Exchange::hedge_mode(AccountId account) const {
  const Owner* who = find_owner(account);
  return who != nullptr && who->hedge;
}

Refusal Exchange::set_hedge_mode(AccountId account, bool hedge) {
  Owner& who = owner(account);
  if (who.hedge == hedge) return Refusal::no_change;
  const bool orders = std::any_of(who.open.begin(), who.open.end(),
                                  [&](OrderId id) { return is_contract(orders_.at(id).request.instrument); });
  if (orders) return Refusal::open_orders_exist;
  const bool open =
      std::any_of(who.positions.begin(), who.positions.end(), [](const auto& entry) { return entry.second.is_open(); });
  if (open) return Refusal::positions_exist;
  who.hedge = hedge;
  events_.emplace_back(SettingChanged{account, std::nullopt, hedge, {}, false});
  return Refusal::none;
}

ContractSettings Exchange::contract_settings(AccountId account, std::size_t instrument) const {
  const Owner* who = find_owner(account);
  if (who == nullptr) return {};
  const auto found = who->settings.find(instrument);
  return found == who->settings.end() ? ContractSettings{} : found->second;
}

Refusal Exchange::set_leverage(AccountId account, std::size_t instrument, std::uint32_t leverage) {
  if (instrument >= instruments_.size() || !is_contract(instrument)) return Refusal::unknown_instrument;
  const ContractTerms& terms = *instruments_[instrument].contract;
  if (leverage == 0 || max_notional_at(terms, leverage).is_zero()) return Refusal::invalid_leverage;
  Owner& who = owner(account);
  const ContractSettings before = contract_settings(account, instrument);
  if (leverage == before.leverage) return Refusal::none;
  const std::string& asset = margin_asset(instrument);
  for (const auto& [key, exposure] : exposures(account, asset)) {
    if (key.instrument != instrument) continue;
    if (exposure.worst() > max_notional_at(terms, leverage)) return Refusal::max_position;
    const Position* held = position(account, key);
    const bool isolated = before.margin == MarginType::isolated && held != nullptr && held->is_open();
    if (isolated && leverage < before.leverage) return Refusal::leverage_reduction;
  }
  ContractSettings& settings = who.settings[instrument];
  settings.leverage = leverage;
  if (leverage < before.leverage && margin(account, asset).available.is_negative()) {
    settings = before;
    return Refusal::insufficient_margin;
  }
  events_.emplace_back(SettingChanged{account, instrument, who.hedge, settings, true});
  return Refusal::none;
}

Refusal Exchange::set_margin_type(AccountId account, std::size_t instrument, MarginType margin) {
  if (instrument >= instruments_.size() || !is_contract(instrument)) return Refusal::unknown_instrument;
  Owner& who = owner(account);
  if (contract_settings(account, instrument).margin == margin) return Refusal::no_change;
  for (const OrderId id : who.open) {
    if (orders_.at(id).request.instrument == instrument) return Refusal::open_orders_exist;
  }
  for (const auto& [key, held] : who.positions) {
    if (key.instrument == instrument && held.is_open()) return Refusal::positions_exist;
  }
  ContractSettings& settings = who.settings[instrument];
  settings.margin = margin;
  events_.emplace_back(SettingChanged{account, instrument, who.hedge, settings, false});
  return Refusal::none;
}

// --- What orders and positions bind ----------------------------------------------------------------------------------

Decimal Exchange::price_of(const OrderRecord& record) const {
  return record.request.market ? record.band_price : record.request.price;
}

Exchange::Exposures Exchange::exposures_without(AccountId account, std::string_view asset, OrderId without) const {
  Exposures all;
  const Owner* who = find_owner(account);
  if (who == nullptr) return all;
  for (const auto& [key, held] : who->positions) {
    if (!held.is_open() || margin_asset(key.instrument) != asset) continue;
    all[key].position = held.value_at(markets_[key.instrument].prices->mark());
  }
  for (const OrderId id : who->open) {
    const OrderRecord& record = orders_.at(id);
    const OrderRequest& request = record.request;
    if (id == without || request.reduce_only || !is_contract(request.instrument)) continue;
    if (margin_asset(request.instrument) != asset) continue;
    Exposure& exposure = all[{request.instrument, request.position_side}];
    const Decimal remaining = request.quantity - record.filled;
    if (request.side == Side::buy) {
      exposure.buys += remaining * price_of(record);
    } else {
      exposure.sells += remaining * std::max(price_of(record), markets_[request.instrument].prices->mark());
    }
  }
  return all;
}

std::map<PositionKey, Exposure> Exchange::exposures(AccountId account, std::string_view asset) const {
  return exposures_without(account, asset, 0);
}

Decimal Exchange::cross_wallet(AccountId account, std::string_view asset) const {
  Decimal wallet = accounts_.balance(account, asset).total;
  if (const Owner* who = find_owner(account)) {
    for (const auto& [key, held] : who->positions) {
      if (margin_asset(key.instrument) == asset) wallet -= held.isolated_wallet;
    }
  }
  return wallet;
}

MarginSummary Exchange::margin_of(AccountId account, std::string_view asset, const Exposures& exposures) const {
  MarginSummary sum;
  sum.wallet = accounts_.balance(account, asset).total;
  sum.cross_wallet = cross_wallet(account, asset);
  Decimal bound;
  if (const Owner* who = find_owner(account)) {
    for (const auto& [key, held] : who->positions) {
      if (!held.is_open() || margin_asset(key.instrument) != asset) continue;
      const Decimal& mark = markets_[key.instrument].prices->mark();
      const Decimal unrealized = held.unrealized_at(mark);
      const Decimal kept = maintenance_margin(*instruments_[key.instrument].contract, held.value_at(mark).abs());
      sum.unrealized += unrealized;
      sum.maintenance += kept;
      if (contract_settings(account, key.instrument).margin == MarginType::isolated) continue;
      sum.cross_unrealized += unrealized;
      sum.cross_maintenance += kept;
    }
  }
  for (const auto& [key, exposure] : exposures) {
    const ContractSettings settings = contract_settings(account, key.instrument);
    const Decimal of_position = initial_margin(exposure.position.abs(), settings.leverage);
    const Decimal of_orders = initial_margin(exposure.worst(), settings.leverage) - of_position;
    sum.position_margin += of_position;
    sum.order_margin += of_orders;
    bound += settings.margin == MarginType::cross ? of_position + of_orders : of_orders;
  }
  sum.available = sum.cross_balance() - bound;
  return sum;
}

MarginSummary Exchange::margin(AccountId account, std::string_view asset) const {
  return margin_of(account, asset, exposures(account, asset));
}

Refusal Exchange::check_contract(OrderRequest& request, OrderId replaces) const {
  if (request.notional) return Refusal::invalid_quantity;
  if (hedge_mode(request.account) == (request.position_side == PositionSide::net)) {
    return Refusal::position_side_mismatch;
  }
  if (request.position_side != PositionSide::net && request.side == closing_side(request.position_side)) {
    request.reduce_only = true;
  }
  if (!request.reduce_only) return Refusal::none;
  const Position* held = position(request.account, {request.instrument, request.position_side});
  const Decimal left = held == nullptr ? Decimal{} : reducible(held->amount, request.side);
  if (left.is_zero()) return Refusal::reduce_only_rejected;
  if (limits_.refuse_oversized_reduce_only && replaces == 0 && request.quantity > left) {
    return Refusal::reduce_only_rejected;
  }
  return Refusal::none;
}

Refusal Exchange::check_margin(const OrderRequest& request, const Decimal& price, OrderId replaces) const {
  if (request.reduce_only) return Refusal::none;
  const std::string& asset = margin_asset(request.instrument);
  const PositionKey key{request.instrument, request.position_side};
  const Exposures before = exposures(request.account, asset);
  Exposures after = exposures_without(request.account, asset, replaces);
  Exposure& exposure = after[key];
  if (request.side == Side::buy) {
    exposure.buys += request.quantity * price;
  } else {
    exposure.sells += request.quantity * std::max(price, markets_[request.instrument].prices->mark());
  }
  const auto found = before.find(key);
  if (found != before.end() && exposure.worst() <= found->second.worst()) return Refusal::none;
  const ContractTerms& terms = *instruments_[request.instrument].contract;
  const std::uint32_t leverage = contract_settings(request.account, request.instrument).leverage;
  if (exposure.worst() > max_notional_at(terms, leverage)) return Refusal::max_position;
  if (margin_of(request.account, asset, after).available.is_negative()) return Refusal::insufficient_margin;
  return Refusal::none;
}

// --- Reduce-only orders ----------------------------------------------------------------------------------------------

std::int64_t Exchange::reducible_lots(const EngineOrder& order, const MatchingEngine::Events& pending) const {
  const OrderRequest& request = orders_.at(order.id).request;
  const Position* held = position(request.account, {request.instrument, request.position_side});
  std::int64_t lots = held == nullptr ? 0 : to_units(held->amount, instruments_[request.instrument].lot).value_or(0);
  const auto touches = [&](OrderId id, AccountId account) {
    return account == request.account && orders_.at(id).request.position_side == request.position_side;
  };
  for (const EngineEvent& event : pending) {
    const auto* execution = std::get_if<Execution>(&event);
    if (execution == nullptr) continue;
    const std::int64_t bought = execution->taker_side == Side::buy ? execution->quantity : -execution->quantity;
    if (touches(execution->taker, execution->taker_account)) lots += bought;
    if (touches(execution->maker, execution->maker_account)) lots -= bought;
  }
  return std::max<std::int64_t>(0, request.side == Side::sell ? lots : -lots);
}

MatchingEngine::ReduceLimit Exchange::reduce_limit(std::size_t instrument) const {
  if (!is_contract(instrument)) return {};
  return [this](const EngineOrder& order, const MatchingEngine::Events& pending) {
    return reducible_lots(order, pending);
  };
}

void Exchange::end_reduce_only(AccountId account, const PositionKey& key, Time now) {
  const Position* held = position(account, key);
  const Decimal amount = held == nullptr ? Decimal{} : held->amount;
  std::vector<OrderId> ended;
  for (const OrderId id : owner(account).open) {
    const OrderRequest& request = orders_.at(id).request;
    if (!request.reduce_only || PositionKey{request.instrument, request.position_side} != key) continue;
    if (reducible(amount, request.side).is_zero()) ended.push_back(id);
  }
  end_orders(ended, key.instrument, CloseReason::reduce_only, now);
}

void Exchange::end_orders(const std::vector<OrderId>& ids, std::size_t instrument, CloseReason reason, Time now) {
  if (ids.empty()) return;
  for (const OrderId id : ids) {
    if (!markets_[instrument].engine.cancel(id, engine_events_, reason)) {
      engine_events_.emplace_back(Closed{id, 0, reason});
    }
  }
  apply(instrument, now);
}

// --- Positions -------------------------------------------------------------------------------------------------------

Exchange::Settled Exchange::settle_contract(OrderRecord& record, bool maker, const Decimal& price,
                                            const Decimal& quantity, Time now) {
  const OrderRequest& request = record.request;
  const FeeRates& rates = accounts_.rates(request.account);
  Settled settled;
  settled.trade = last_trade_id_ += 1 + random_.below(64);
  const Decimal value = price * quantity;
  settled.realized =
      settle_position(request.account, {request.instrument, request.position_side},
                      request.side == Side::buy ? quantity : -quantity, price, record.id, settled.trade, now);
  settled.fee = (value * (maker ? rates.maker : rates.taker)).rescaled(kMoneyPlaces, Rounding::half_even).normalized();
  accounts_.charge(request.account, margin_asset(request.instrument), settled.fee, record.id, settled.trade, now);
  record.filled += quantity;
  record.filled_value += value;
  record.fee += settled.fee;
  record.realized += settled.realized;
  return settled;
}

Decimal Exchange::settle_position(AccountId account, const PositionKey& key, const Decimal& quantity,
                                  const Decimal& price, OrderId order, TradeId trade, Time now) {
  Position& held = owner(account).positions[key];
  const Decimal before = held.amount;
  const Decimal realized = apply_fill(held, quantity, price);
  held.updated = now;
  accounts_.book(account, LedgerEntry::Kind::realized, margin_asset(key.instrument), realized, order, trade, now);
  const bool turned = !before.is_zero() && before.is_negative() != held.amount.is_negative();
  const bool smaller = held.amount.abs() < before.abs();
  if (!accounts_.recorded(account)) return realized;
  const ContractSettings settings = contract_settings(account, key.instrument);
  if (settings.margin == MarginType::isolated) {
    if (held.amount.is_zero()) {
      held.isolated_wallet = 0;
    } else if (turned) {
      held.isolated_wallet = initial_margin((held.amount * price).abs(), settings.leverage);
    } else if (smaller) {
      // What the part that was closed had set aside is free again; its profit or loss is the cross wallet's.
      held.isolated_wallet = divide(held.isolated_wallet * held.amount, before, kMoneyPlaces).normalized();
    } else {
      held.isolated_wallet += initial_margin((quantity * price).abs(), settings.leverage);
    }
  }
  if (turned || smaller) reduced_.emplace(account, key);
  return realized;
}

void Exchange::position_changed(AccountId account, const PositionKey& key, PositionChanged::Cause cause) {
  if (!accounts_.recorded(account)) return;
  const std::string& asset = margin_asset(key.instrument);
  events_.emplace_back(PositionChanged{account, key, cause, owner(account).positions[key],
                                       accounts_.balance(account, asset).total, cross_wallet(account, asset)});
}

const Position* Exchange::position(AccountId account, const PositionKey& key) const {
  const Owner* who = find_owner(account);
  if (who == nullptr) return nullptr;
  const auto found = who->positions.find(key);
  return found == who->positions.end() ? nullptr : &found->second;
}

const std::map<PositionKey, Position>& Exchange::positions(AccountId account) const {
  static const std::map<PositionKey, Position> kNone;
  const Owner* who = find_owner(account);
  return who == nullptr ? kNone : who->positions;
}

Decimal Exchange::open_interest(std::size_t instrument) const {
  Decimal sum;
  for (const Owner& who : owners_) {
    for (const auto& [key, held] : who.positions) {
      if (key.instrument == instrument && held.amount.is_positive()) sum += held.amount;
    }
  }
  return sum;
}

Decimal Exchange::cost_basis(std::string_view asset) const {
  Decimal sum;
  for (const Owner& who : owners_) {
    for (const auto& [key, held] : who.positions) {
      if (margin_asset(key.instrument) == asset) sum += held.cost;
    }
  }
  return sum;
}

}  // namespace calypte::sim
