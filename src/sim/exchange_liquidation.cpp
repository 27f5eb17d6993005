// Contracts: margin calls and liquidations.
//
// An account whose margin balance falls below its maintenance margin is taken over: its orders end, then each position
// is offered to the book by an immediate-or-cancel order of the venue at the price at which the balance would be gone.
// What the book does not take goes to the insurance account at that same price. What is then still owing, by fees and
// by rounding to ticks, the insurance fund pays. An isolated position answers with its own margin only; cross positions
// go one by one, the one that needs most first, until the rest is safe.
#include <algorithm>
#include <limits>
#include <utility>

#include "sim/exchange.hpp"

namespace calypte::sim {
namespace {

/// A call is made when four fifths of the balance must be kept.
bool is_call(const Decimal& balance, const Decimal& maintenance) { return balance * 4 < maintenance * 5; }

}  // namespace

void Exchange::check_margins(Time now) {
  for (AccountId account = 0; account < owners_.size(); ++account) {
    if (!accounts_.recorded(account) || owners_[account].positions.empty()) continue;
    check_isolated(account, now);
    std::set<std::string> assets;
    for (const auto& [key, held] : owners_[account].positions) {
      if (held.is_open()) assets.insert(margin_asset(key.instrument));
    }
    for (const std::string& asset : assets) check_cross(account, asset, now);
  }
}

void Exchange::check_isolated(AccountId account, Time now) {
  std::vector<PositionKey> keys;
  for (const auto& [key, held] : owners_[account].positions) {
    if (held.is_open() && contract_settings(account, key.instrument).margin == MarginType::isolated) {
      keys.push_back(key);
    }
  }
  for (const PositionKey& key : keys) {
    const Position& held = owners_[account].positions[key];
    const Decimal& mark = markets_[key.instrument].prices->mark();
    const Decimal balance = held.isolated_wallet + held.unrealized_at(mark);
    const Decimal kept = maintenance_margin(*instruments_[key.instrument].contract, held.value_at(mark).abs());
    std::set<PositionKey>& calls = owners_[account].isolated_calls;
    if (!is_call(balance, kept)) {
      calls.erase(key);
      continue;
    }
    const std::string& asset = margin_asset(key.instrument);
    if (calls.insert(key).second) {
      events_.emplace_back(MarginCall{account, asset, {key}, cross_wallet(account, asset), kept});
    }
    if (balance < kept) take_over(account, key, balance, now);
  }
}

void Exchange::check_cross(AccountId account, const std::string& asset, Time now) {
  for (;;) {
    const MarginSummary sum = margin_of(account, asset, {});  // Orders bind nothing that counts here.
    auto& calls = owners_[account].cross_calls;
    if (sum.cross_maintenance.is_zero() || !is_call(sum.cross_balance(), sum.cross_maintenance)) {
      calls.erase(asset);
      return;
    }
    std::vector<std::pair<Decimal, PositionKey>> by_need;
    std::vector<PositionKey> keys;
    for (const auto& [key, held] : owners_[account].positions) {
      if (!held.is_open() || margin_asset(key.instrument) != asset) continue;
      if (contract_settings(account, key.instrument).margin == MarginType::isolated) continue;
      const Decimal value = held.value_at(markets_[key.instrument].prices->mark()).abs();
      by_need.emplace_back(maintenance_margin(*instruments_[key.instrument].contract, value), key);
      keys.push_back(key);
    }
    if (calls.insert(asset).second) {
      events_.emplace_back(MarginCall{account, asset, keys, sum.cross_wallet, sum.cross_maintenance});
    }
    if (sum.cross_balance() >= sum.cross_maintenance) return;
    // Each turn closes one position completely, so this ends.
    take_over(account, std::max_element(by_need.begin(), by_need.end())->second, sum.cross_balance(), now);
  }
}

bool Exchange::liquidate(AccountId account, const PositionKey& key, Time now) {
  const Position* held = position(account, key);
  if (held == nullptr || !held->is_open()) return false;
  const std::string& asset = margin_asset(key.instrument);
  const bool isolated = contract_settings(account, key.instrument).margin == MarginType::isolated;
  const MarginSummary sum = margin(account, asset);
  const Decimal unrealized = held->unrealized_at(markets_[key.instrument].prices->mark());
  events_.emplace_back(MarginCall{account, asset, {key}, sum.cross_wallet, sum.maintenance});
  take_over(account, key, isolated ? held->isolated_wallet + unrealized : sum.cross_balance(), now);
  return true;
}

OrderId Exchange::place_for_venue(OrderRequest request, Time now) {
  OrderRecord record;
  record.id = last_order_id_ += 1 + random_.below(64);
  record.request = std::move(request);
  record.fee_asset = margin_asset(record.request.instrument);
  record.created = record.updated = now;
  Owner& who = owner(record.request.account);
  who.open.insert(record.id);
  who.orders.push_back(record.id);
  who.client_ids.emplace(record.request.client_id, record.id);
  const OrderId id = record.id;
  changed(record);
  orders_.emplace(id, std::move(record));
  return id;
}

void Exchange::take_over(AccountId account, const PositionKey& key, const Decimal& balance, Time now) {
  const Instrument& spec = instruments_[key.instrument];
  const std::string& asset = margin_asset(key.instrument);
  const bool isolated = contract_settings(account, key.instrument).margin == MarginType::isolated;
  // Orders bind margin that the position needs, and might open anew what is being closed.
  std::map<std::size_t, std::vector<OrderId>> ended;
  for (const OrderId id : owner(account).open) {
    const OrderRequest& request = orders_.at(id).request;
    if (!is_contract(request.instrument) || margin_asset(request.instrument) != asset) continue;
    if (!isolated || request.instrument == key.instrument) ended[request.instrument].push_back(id);
  }
  for (const auto& [instrument, ids] : ended) end_orders(ids, instrument, CloseReason::liquidation, now);

  const Position held = owner(account).positions[key];
  const Decimal wallet_before = accounts_.balance(account, asset).total;
  const Decimal& mark = markets_[key.instrument].prices->mark();
  const bool sells = held.amount.is_positive();
  Decimal bankruptcy = (mark - divide(balance, held.amount, kMoneyPlaces))
                           .round_to_multiple(spec.tick, sells ? Rounding::ceiling : Rounding::floor);
  bankruptcy = std::max(bankruptcy, spec.tick);

  OrderRequest request;
  request.account = account;
  request.instrument = key.instrument;
  request.side = sells ? Side::sell : Side::buy;
  request.price = bankruptcy;
  request.quantity = held.amount.abs();
  request.time_in_force = TimeInForce::immediate_or_cancel;
  request.position_side = key.side;
  request.reduce_only = true;
  request.origin = OrderOrigin::liquidation;
  std::int64_t ms = to_unix_ms(now);
  const auto name = [&] { return "autoclose-" + std::to_string(ms); };
  while (owner(account).client_ids.count(name()) > 0) ++ms;
  request.client_id = name();
  enter(place_for_venue(std::move(request), now), now);
  if (owner(account).positions[key].is_open()) deleverage(account, key, bankruptcy, now);

  // An isolated position can lose its margin and no more; a cross account its wallet, once nothing can make it good.
  if (isolated) {
    const Decimal lost = wallet_before - accounts_.balance(account, asset).total - held.isolated_wallet;
    cover(account, key, lost, now);
    owners_[account].isolated_calls.erase(key);
  } else if (margin_of(account, asset, {}).cross_maintenance.is_zero()) {
    cover(account, key, -cross_wallet(account, asset), now);
  }
}

void Exchange::deleverage(AccountId account, const PositionKey& key, const Decimal& price, Time now) {
  const Decimal amount = owner(account).positions[key].amount;
  OrderRequest request;
  request.account = account;
  request.instrument = key.instrument;
  request.client_id = "adl_autoclose";
  request.side = amount.is_positive() ? Side::sell : Side::buy;
  request.price = price;
  request.quantity = amount.abs();
  request.time_in_force = TimeInForce::immediate_or_cancel;
  request.position_side = key.side;
  request.reduce_only = true;
  request.origin = OrderOrigin::deleveraging;
  const OrderId id = place_for_venue(std::move(request), now);
  OrderRecord& record = orders_.at(id);
  record.state = OrderState::active;

  FillRecord fill;
  fill.id = last_trade_id_ += 1 + random_.below(64);
  fill.match_id = ++last_match_id_;
  fill.public_id = next_public_id(key.instrument, now);  // A number of its own, though it is not printed.
  fill.order = id;
  fill.account = account;
  fill.instrument = key.instrument;
  fill.client_id = record.request.client_id;
  fill.side = record.request.side;
  fill.price = price;
  fill.quantity = amount.abs();
  fill.fee_asset = record.fee_asset;
  fill.position_side = key.side;
  fill.origin = OrderOrigin::deleveraging;
  fill.realized = settle_position(account, key, -amount, price, id, fill.id, now);
  settle_position(insurance_, {key.instrument, PositionSide::net}, amount, price, 0, fill.id, now);
  record.filled = fill.order_filled = fill.quantity;
  record.filled_value = fill.order_value = price * fill.quantity;
  record.realized = fill.realized;
  fill.time = now;
  owner(account).fills.push_back(fill);
  events_.emplace_back(std::move(fill));
  position_changed(account, key, PositionChanged::Cause::fill);
  engine_events_.emplace_back(Closed{id, 0, CloseReason::filled});
  apply(key.instrument, now);
}

void Exchange::cover(AccountId account, const PositionKey& key, const Decimal& owed, Time now) {
  if (!owed.is_positive()) return;
  const std::string& asset = margin_asset(key.instrument);
  accounts_.book(account, LedgerEntry::Kind::insurance, asset, owed, 0, 0, now);
  accounts_.book(insurance_, LedgerEntry::Kind::insurance, asset, -owed, 0, 0, now);
  position_changed(account, key, PositionChanged::Cause::insurance);
}

std::optional<Decimal> Exchange::liquidation_price(AccountId account, const PositionKey& key) const {
  const Position* held = position(account, key);
  if (held == nullptr || !held->is_open()) return std::nullopt;
  const ContractTerms& terms = *instruments_[key.instrument].contract;
  const Decimal& mark = markets_[key.instrument].prices->mark();
  const Decimal value = held->value_at(mark).abs();
  const Bracket& bracket = bracket_of(terms, value);
  Decimal wallet = held->isolated_wallet;
  Decimal others;
  if (contract_settings(account, key.instrument).margin == MarginType::cross) {
    const MarginSummary sum = margin(account, margin_asset(key.instrument));
    wallet = sum.cross_wallet + sum.cross_unrealized - held->unrealized_at(mark);
    others = sum.cross_maintenance - maintenance_margin(terms, value);
  }
  // wallet + amount * p - cost == |amount| * p * rate - deduction + others, solved for p.
  const Decimal rate = held->amount.is_negative() ? -bracket.maintenance_rate : bracket.maintenance_rate;
  const Decimal price = divide(others - bracket.maintenance_deduction + held->cost - wallet,
                               held->amount * (Decimal(1) - rate), kMoneyPlaces);
  if (!price.is_positive()) return std::nullopt;
  return price.normalized();
}

}  // namespace calypte::sim
