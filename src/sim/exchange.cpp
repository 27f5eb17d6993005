#include "sim/exchange.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace calypte::sim {
namespace {

Decimal bps(std::uint32_t basis_points) { return Decimal::from_parts(basis_points, 4); }

}  // namespace

Exchange::Exchange(std::vector<Instrument> instruments, ExchangeLimits limits, std::uint64_t seed,
                   ExchangeHabits habits)
    : instruments_(std::move(instruments)),
      markets_(instruments_.size()),
      limits_(limits),
      habits_(habits),
      random_(seed),
      // Nineteen digits, as at real venues, so that whoever reads an id as a floating-point number is found out.
      last_order_id_(5755600460000000000ULL + random_.below(1000000) * 1000000),
      last_trade_id_(4755600460000000000ULL + random_.below(1000000) * 1000000),
      last_match_id_(4611686018000000000ULL + random_.below(100000000)),
      last_payment_id_(9'000'000'000ULL) {
  if (habits_.first_order_id > 0) last_order_id_ = habits_.first_order_id;
  std::set<std::string> assets;
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    const Instrument& spec = instruments_[i];
    if (spec.kind != InstrumentKind::perpetual || !spec.contract) continue;
    markets_[i].prices.emplace(*spec.contract, spec.start_price);
    assets.insert(spec.quote);
  }
  if (assets.empty()) return;
  insurance_ = accounts_.open("insurance fund", FeeRates{}, FeePolicy{}, Accounts::Options{.recorded = false});
  rounding_ = accounts_.open("rounding of funding", FeeRates{}, FeePolicy{}, Accounts::Options{.recorded = false});
  for (const std::string& asset : assets) accounts_.deposit(insurance_, asset, 1'000'000'000, Time{});
}

std::optional<std::size_t> Exchange::find_instrument(std::string_view symbol) const {
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    if (instruments_[i].symbol == symbol) return i;
  }
  return std::nullopt;
}

Decimal Exchange::reference_price(std::size_t instrument) const {
  const Market& market = markets_.at(instrument);
  const Instrument& spec = instruments_[instrument];
  if (!market.tape.trades().empty()) return market.tape.trades().back().price;
  const auto bid = market.engine.best(Side::buy);
  const auto ask = market.engine.best(Side::sell);
  if (bid && ask) return from_units((*bid + *ask) / 2, spec.tick);
  return spec.start_price;
}

std::optional<Decimal> Exchange::band_price(const OrderRequest& request) const {
  const Instrument& spec = instruments_[request.instrument];
  const auto touch = markets_[request.instrument].engine.best(opposite(request.side));
  if (!touch) return std::nullopt;
  const Decimal price = from_units(*touch, spec.tick);
  const Decimal width = price * bps(limits_.market_band_bps);
  if (request.side == Side::buy) return (price + width).round_to_multiple(spec.tick, Rounding::floor);
  return std::max((price - width).round_to_multiple(spec.tick, Rounding::ceiling), spec.tick);
}

Refusal Exchange::check_price(const OrderRequest& request, const Decimal& price) const {
  const Instrument& spec = instruments_[request.instrument];
  const auto ticks = to_units(price, spec.tick);
  if (!ticks || *ticks <= 0) return Refusal::invalid_price;
  if (request.market) return Refusal::none;
  const Decimal reference = is_contract(request.instrument) ? markets_[request.instrument].prices->mark()
                                                            : reference_price(request.instrument);
  const bool above = price > reference;
  const bool aggressive = above == (request.side == Side::buy);
  const auto limit = aggressive ? limits_.max_aggressive_bps : limits_.max_passive_bps;
  if (limit && (price - reference).abs() > reference * bps(*limit)) return Refusal::too_far;
  return Refusal::none;
}

Refusal Exchange::check(const OrderRequest& request, const Decimal& price) const {
  const Instrument& spec = instruments_[request.instrument];
  if (const Refusal refusal = check_price(request, price); refusal != Refusal::none) return refusal;
  Decimal notional;
  if (request.notional) {
    if (!request.market || request.side != Side::buy || !request.notional->is_positive()) {
      return Refusal::invalid_quantity;
    }
    notional = *request.notional;
  } else {
    const auto lots = to_units(request.quantity, spec.lot);
    if (!lots || *lots <= 0) return Refusal::invalid_quantity;
    const auto product =
        Decimal::checked_mul(request.market ? reference_price(request.instrument) : price, request.quantity);
    if (!product) return Refusal::invalid_quantity;
    notional = *product;
  }
  if (notional < spec.min_notional && !request.reduce_only) return Refusal::below_min_notional;
  if (notional > spec.max_notional) return Refusal::above_max_notional;
  return Refusal::none;
}

Decimal Exchange::hold_for(const OrderRequest& request, const Decimal& price, const Decimal& quantity) const {
  if (request.side == Side::sell) return quantity;
  const Decimal cost = request.notional ? *request.notional : price * quantity;
  if (accounts_.policy(request.account).charge != FeePolicy::Charge::quote) return cost;
  const FeeRates& rates = accounts_.rates(request.account);
  const Decimal rate = std::max({rates.maker, rates.taker, Decimal{0}});
  return cost + cost * rate;
}

const std::string& Exchange::hold_asset(const OrderRequest& request) const {
  const Instrument& spec = instruments_[request.instrument];
  return request.side == Side::buy ? spec.quote : spec.base;
}

bool Exchange::client_id_is_taken(const Owner& who, std::string_view client_id) const {
  const auto found = who.client_ids.find(client_id);
  if (client_id.empty() || found == who.client_ids.end()) return false;
  return !habits_.reuse_client_ids || !is_closed(orders_.at(found->second).state);
}

void Exchange::set_client_id(OrderId id, std::string client_id) {
  OrderRecord& record = orders_.at(id);
  Owner& who = owner(record.request.account);
  if (!client_id.empty()) who.client_ids.insert_or_assign(client_id, id);
  record.request.client_id = std::move(client_id);
}

Exchange::Owner& Exchange::owner(AccountId account) {
  if (owners_.size() <= account) owners_.resize(account + 1);
  return owners_[account];
}

Refusal Exchange::examine(OrderRequest& request, Decimal& price) const {
  if (request.instrument >= instruments_.size()) return Refusal::unknown_instrument;
  const Instrument& spec = instruments_[request.instrument];
  const bool contract = is_contract(request.instrument);
  if (!spec.tradable || (spec.kind != InstrumentKind::spot && !contract)) return Refusal::not_tradable;
  const Owner* who = find_owner(request.account);
  if (who != nullptr && client_id_is_taken(*who, request.client_id)) return Refusal::duplicate_client_id;
  price = request.price;
  if (request.market) {
    const auto band = band_price(request);
    if (!band && !habits_.enter_empty_books) return Refusal::no_liquidity;
    price = band.value_or(reference_price(request.instrument));
  }
  if (contract) {
    if (const Refusal refusal = check_contract(request, 0); refusal != Refusal::none) return refusal;
  }
  if (const Refusal refusal = check(request, price); refusal != Refusal::none) return refusal;
  if (!accounts_.recorded(request.account)) return Refusal::none;
  if (who != nullptr) {
    if (who->open.size() >= limits_.max_open_per_account) return Refusal::too_many_orders;
    const auto here = std::count_if(who->open.begin(), who->open.end(), [&](OrderId id) {
      return orders_.at(id).request.instrument == request.instrument;
    });
    if (static_cast<std::size_t>(here) >= limits_.max_open_per_instrument) return Refusal::too_many_orders;
  }
  return contract ? check_margin(request, price, 0) : Refusal::none;
}

Refusal Exchange::can_accept(const OrderRequest& wanted) const {
  OrderRequest request = wanted;
  Decimal price;
  return examine(request, price);
}

Exchange::Accepted Exchange::accept(const OrderRequest& wanted, Time now) {
  OrderRequest request = wanted;
  Decimal price;
  if (const Refusal refusal = examine(request, price); refusal != Refusal::none) {
    if (refusal == Refusal::duplicate_client_id) ++duplicates_refused_;
    return {0, refusal};
  }
  const Instrument& spec = instruments_[request.instrument];
  const bool contract = is_contract(request.instrument);
  Owner& who = owner(request.account);
  const bool recorded = accounts_.recorded(request.account);

  OrderRecord record;
  record.id = last_order_id_ += 1 + random_.below(64);
  record.request = request;
  if (request.market) record.request.time_in_force = TimeInForce::immediate_or_cancel;
  record.band_price = request.market ? price : Decimal{};
  record.created = record.updated = now;
  const FeePolicy& policy = accounts_.policy(request.account);
  record.fee_asset = policy.charge == FeePolicy::Charge::received && request.side == Side::buy ? spec.base : spec.quote;
  if (policy.charge == FeePolicy::Charge::token) record.fee_asset = policy.token;
  if (contract) record.fee_asset = spec.quote;

  Status held;  // Margin is not held but computed from orders and positions whenever it is asked for.
  if (!contract) {
    const Decimal amount = hold_for(request, price, request.quantity);
    held = accounts_.hold(request.account, record.id, hold_asset(request), amount, now);
  }
  if (!held.ok() && !habits_.record_unfunded) return {0, Refusal::insufficient_balance};
  if (!held.ok()) {
    record.state = OrderState::rejected;
    record.refusal = Refusal::insufficient_balance;
    record.close_reason = CloseReason::refused;
  } else {
    who.open.insert(record.id);
    if (recorded && !contract) events_.emplace_back(BalanceChanged{request.account});
  }
  if (recorded) {
    if (!request.client_id.empty()) who.client_ids.insert_or_assign(request.client_id, record.id);
    who.orders.push_back(record.id);
    changed(record);
  }
  const Accepted accepted{record.id, record.refusal};
  if (recorded || held.ok()) orders_.emplace(record.id, std::move(record));
  return accepted;
}

void Exchange::enter(OrderId id, Time now) {
  const auto found = orders_.find(id);
  if (found == orders_.end() || found->second.state != OrderState::pending) return;
  OrderRecord& record = found->second;
  const OrderRequest& request = record.request;
  record.state = OrderState::active;
  record.updated = now;
  MatchingEngine& engine = markets_[request.instrument].engine;
  const EngineOrder order = engine_order(id, request, request.market ? record.band_price : request.price);
  const MatchingEngine::ReduceLimit limit = reduce_limit(request.instrument);
  if (order.reduce_only && limit(order, engine_events_) <= 0) {
    engine_events_.emplace_back(Closed{id, order.quantity, CloseReason::reduce_only});
  } else {
    engine.submit(order, engine_events_, limit);
  }
  apply(request.instrument, now);
}

EngineOrder Exchange::engine_order(OrderId id, const OrderRequest& request, const Decimal& price) const {
  const Instrument& spec = instruments_[request.instrument];
  EngineOrder order;
  order.id = id;
  order.account = request.account;
  order.side = request.side;
  order.price = to_units(price, spec.tick).value();
  order.time_in_force = request.time_in_force;
  order.post_only = request.post_only;
  order.reduce_only = request.reduce_only;
  order.self_trade = request.self_trade;
  if (request.notional) {
    const Decimal unit = (spec.tick * spec.lot).normalized();
    order.budget = to_units(request.notional->round_to_multiple(unit, Rounding::floor), unit).value_or(0);
    order.quantity = std::max<std::int64_t>(*order.budget, 1);  // The budget is what ends it.
  } else {
    order.quantity = to_units(request.quantity, spec.lot).value();
  }
  return order;
}

bool Exchange::would_take(const OrderRequest& request) const {
  const auto ticks = to_units(request.price, instruments_.at(request.instrument).tick);
  return ticks && markets_[request.instrument].engine.would_take(request.side, *ticks);
}

bool Exchange::would_fill(const OrderRequest& request) const {
  const Instrument& spec = instruments_.at(request.instrument);
  if (request.market || request.notional || !to_units(request.price, spec.tick) ||
      !to_units(request.quantity, spec.lot)) {
    return false;
  }
  // What limits reduce-only orders is left aside: the order has no id yet. The book decides when it enters.
  return markets_[request.instrument].engine.can_fill_whole(engine_order(0, request, request.price));
}

Exchange::Accepted Exchange::place(const OrderRequest& request, Time now) {
  const Accepted accepted = accept(request, now);
  if (accepted.refusal == Refusal::none) enter(accepted.id, now);
  return accepted;
}

Refusal Exchange::can_cancel(OrderId id) const {
  const auto found = orders_.find(id);
  if (found == orders_.end()) return Refusal::unknown_order;
  return is_closed(found->second.state) ? Refusal::closed_order : Refusal::none;
}

Refusal Exchange::cancel(OrderId id, Time now) {
  const Refusal refusal = can_cancel(id);
  if (refusal != Refusal::none) return refusal;
  const std::size_t instrument = orders_.at(id).request.instrument;
  if (!markets_[instrument].engine.cancel(id, engine_events_)) {
    engine_events_.emplace_back(Closed{id, 0, CloseReason::cancelled});  // Not at the book yet, and never will be.
  }
  apply(instrument, now);
  return Refusal::none;
}

Refusal Exchange::accept_amendment(OrderId id, const Decimal& price, const Decimal& quantity, Time now) {
  const Refusal refusal = can_cancel(id);
  if (refusal != Refusal::none) return refusal;
  const OrderRecord& record = orders_.at(id);
  if (record.request.market || quantity <= record.filled) return Refusal::invalid_quantity;
  OrderRequest wanted = record.request;
  wanted.price = price;
  wanted.quantity = quantity;
  if (const Refusal bad = check(wanted, price); bad != Refusal::none) return bad;
  if (is_contract(wanted.instrument)) {
    wanted.quantity = quantity - record.filled;
    if (const Refusal bad = check_contract(wanted, id); bad != Refusal::none) return bad;
    return accounts_.recorded(wanted.account) ? check_margin(wanted, price, id) : Refusal::none;
  }
  // Until the amendment reaches the book the old terms may still fill, so the larger of the two amounts stays bound.
  const Decimal amount = std::max(hold_for(wanted, price, quantity - record.filled), accounts_.held_for(id));
  if (!accounts_.change_hold(id, amount, now).ok()) return Refusal::insufficient_balance;
  return Refusal::none;
}

void Exchange::enter_amendment(OrderId id, const Decimal& price, const Decimal& quantity, std::string client_id,
                               Time now) {
  if (can_cancel(id) != Refusal::none) return;
  OrderRecord& record = orders_.at(id);
  const Instrument& spec = instruments_[record.request.instrument];
  if (!client_id.empty() && client_id != record.request.client_id) {
    owner(record.request.account).client_ids.emplace(client_id, id);
    record.request.client_id = std::move(client_id);
  }
  const Decimal remaining = quantity - record.filled;
  MatchingEngine& engine = markets_[record.request.instrument].engine;
  if (!remaining.is_positive()) {  // Filled beyond the new quantity while the amendment was under way.
    cancel(id, now);
    return;
  }
  OrderRequest wanted = record.request;
  wanted.price = price;
  wanted.quantity = quantity;
  const bool contract = is_contract(wanted.instrument);
  if (!contract && !accounts_.change_hold(id, hold_for(wanted, price, remaining), now).ok()) {
    // The old terms filled at a worse price in between, and what is left cannot pay for the new ones.
    cancel(id, now);
    return;
  }
  record.request = std::move(wanted);
  record.updated = now;
  if (!contract && accounts_.recorded(record.request.account)) {
    events_.emplace_back(BalanceChanged{record.request.account});
  }
  const auto ticks = to_units(price, spec.tick).value();
  const auto lots = to_units(remaining, spec.lot).value();
  const std::size_t instrument = record.request.instrument;
  if (engine.amend(id, ticks, lots, engine_events_, reduce_limit(instrument))) apply(instrument, now);
}

Leg Exchange::leg_for(OrderRecord& record, bool maker, const Decimal& price, const Decimal& quantity) {
  const OrderRequest& request = record.request;
  const Instrument& spec = instruments_[request.instrument];
  const FeeRates& rates = accounts_.rates(request.account);
  const Decimal& rate = maker ? rates.maker : rates.taker;
  const Decimal value = price * quantity;
  const bool buys = request.side == Side::buy;
  Leg leg;
  leg.account = request.account;
  leg.order = record.id;
  leg.trade = last_trade_id_ += 1 + random_.below(64);
  leg.gives = buys ? spec.quote : spec.base;
  leg.gives_amount = buys ? value : quantity;
  leg.gets = buys ? spec.base : spec.quote;
  leg.gets_amount = buys ? quantity : value;
  leg.fee_asset = leg.gets;
  leg.fee = (leg.gets_amount * rate).normalized();
  const FeePolicy& policy = accounts_.policy(request.account);
  if (policy.charge == FeePolicy::Charge::quote) {
    leg.fee_asset = spec.quote;
    leg.fee = (value * rate).normalized();
  } else if (policy.charge == FeePolicy::Charge::token) {
    const Decimal in_token = (value * rate).normalized();
    if (accounts_.balance(request.account, policy.token).available() >= in_token) {
      leg.fee_asset = policy.token;
      leg.fee = in_token;
    }
  }
  if (request.notional) {
    leg.hold_used = policy.charge == FeePolicy::Charge::quote ? value + std::max(leg.fee, Decimal{0}) : value;
  } else {
    leg.hold_used = hold_for(request, request.market ? record.band_price : request.price, quantity);
  }
  record.filled += quantity;
  record.filled_value += value;
  if (record.fee_asset != leg.fee_asset && record.fee.is_zero()) record.fee_asset = leg.fee_asset;
  if (record.fee_asset == leg.fee_asset) record.fee += leg.fee;
  return leg;
}

void Exchange::apply(std::size_t instrument, Time now) {
  Market& market = markets_[instrument];
  market.changed = now;
  if (book_watcher_) book_watcher_(instrument);
  std::uint64_t match_id = 0;
  // Moved out and back, so that the vector keeps its memory and a nested call would not disturb the loop.
  MatchingEngine::Events list = std::exchange(engine_events_, {});
  for (const EngineEvent& event : list) {
    if (const auto* execution = std::get_if<Execution>(&event)) {
      if (match_id == 0) match_id = ++last_match_id_;
      apply_execution(instrument, *execution, match_id, now);
    } else if (const auto* closed = std::get_if<Closed>(&event)) {
      apply_closed(*closed, now);
    } else if (const auto* rested = std::get_if<Rested>(&event)) {
      changed(orders_.at(rested->order));
    } else if (const auto* amended = std::get_if<Amended>(&event)) {
      changed(orders_.at(amended->order));
    }
  }
  list.clear();
  engine_events_ = std::move(list);
  while (!reduced_.empty()) {
    const auto [account, key] = *reduced_.begin();
    reduced_.erase(reduced_.begin());
    end_reduce_only(account, key, now);
  }
}

std::uint64_t Exchange::next_public_id(std::size_t instrument, Time now) {
  if (habits_.number_trades_by_market) return ++markets_[instrument].last_public_id;
  const auto ns = static_cast<std::uint64_t>(to_unix_ns(now));
  return last_public_id_ = std::max(last_public_id_ + 1, ns);
}

void Exchange::apply_execution(std::size_t instrument, const Execution& execution, std::uint64_t match_id, Time now) {
  const Instrument& spec = instruments_[instrument];
  const Decimal price = from_units(execution.price, spec.tick);
  const Decimal quantity = from_units(execution.quantity, spec.lot);
  OrderRecord& maker = orders_.at(execution.maker);
  OrderRecord& taker = orders_.at(execution.taker);
  struct Outcome {
    TradeId trade = 0;
    Decimal fee;
    std::string fee_asset;
    Decimal realized;
  };
  Outcome of_maker;
  Outcome of_taker;
  const bool contract = is_contract(instrument);
  if (contract) {
    const Settled makes = settle_contract(maker, true, price, quantity, now);
    const Settled takes = settle_contract(taker, false, price, quantity, now);
    of_maker = {makes.trade, makes.fee, spec.quote, makes.realized};
    of_taker = {takes.trade, takes.fee, spec.quote, takes.realized};
  } else {
    const Leg maker_leg = leg_for(maker, true, price, quantity);
    const Leg taker_leg = leg_for(taker, false, price, quantity);
    const bool bought = execution.taker_side == Side::buy;
    accounts_.settle(bought ? taker_leg : maker_leg, bought ? maker_leg : taker_leg, now);
    of_maker = {maker_leg.trade, maker_leg.fee, std::string(maker_leg.fee_asset), {}};
    of_taker = {taker_leg.trade, taker_leg.fee, std::string(taker_leg.fee_asset), {}};
  }

  PublicTrade trade;
  trade.id = next_public_id(instrument, now);
  trade.match_id = match_id;
  trade.time = now;
  trade.price = price;
  trade.quantity = quantity;
  trade.taker_side = execution.taker_side;
  events_.emplace_back(Printed{instrument, trade});

  const auto report = [&](OrderRecord& record, const Outcome& outcome, bool is_maker) {
    record.updated = now;
    const AccountId account = record.request.account;
    if (!accounts_.recorded(account)) return;
    FillRecord fill;
    fill.id = outcome.trade;
    fill.match_id = match_id;
    fill.public_id = trade.id;
    fill.order = record.id;
    fill.account = account;
    fill.instrument = instrument;
    fill.client_id = record.request.client_id;
    fill.side = record.request.side;
    fill.maker = is_maker;
    fill.price = price;
    fill.quantity = quantity;
    fill.fee = outcome.fee;
    fill.fee_asset = outcome.fee_asset;
    fill.position_side = record.request.position_side;
    fill.realized = outcome.realized;
    fill.origin = record.request.origin;
    fill.order_filled = record.filled;
    fill.order_value = record.filled_value;
    fill.time = now;
    owner(account).fills.push_back(fill);
    events_.emplace_back(std::move(fill));
    if (contract) {
      position_changed(account, {instrument, record.request.position_side}, PositionChanged::Cause::fill);
    } else {
      events_.emplace_back(BalanceChanged{account});
    }
    // A fill that completes the order is reported with the `Closed` that follows it.
    if ((is_maker ? execution.maker_remaining : execution.taker_remaining) > 0) changed(record);
  };
  report(maker, of_maker, true);
  report(taker, of_taker, false);
  markets_[instrument].tape.add(trade);
}

void Exchange::apply_closed(const Closed& closed, Time now) {
  const auto found = orders_.find(closed.order);
  assert(found != orders_.end() && !is_closed(found->second.state));
  OrderRecord& record = found->second;
  record.close_reason = closed.reason;
  record.updated = now;
  const bool filled =
      closed.reason == CloseReason::filled || (closed.reason == CloseReason::budget_spent && !record.filled.is_zero());
  record.state = filled ? OrderState::filled : OrderState::cancelled;
  if (record.request.notional) record.request.quantity = record.filled;
  const bool contract = is_contract(record.request.instrument);
  if (!contract) {
    const Status released = accounts_.release(record.id, now);
    assert(released.ok());
    (void)released;
  }
  const AccountId account = record.request.account;
  owner(account).open.erase(record.id);
  if (!accounts_.recorded(account)) {
    orders_.erase(found);
    return;
  }
  changed(record);
  if (!contract) events_.emplace_back(BalanceChanged{account});
}

void Exchange::changed(const OrderRecord& record) {
  if (accounts_.recorded(record.request.account)) events_.emplace_back(OrderChanged{record});
}

const OrderRecord* Exchange::order(OrderId id) const {
  const auto found = orders_.find(id);
  return found == orders_.end() ? nullptr : &found->second;
}

std::optional<OrderId> Exchange::find_client_id(AccountId account, std::string_view client_id) const {
  if (account >= owners_.size()) return std::nullopt;
  const auto found = owners_[account].client_ids.find(client_id);
  if (found == owners_[account].client_ids.end()) return std::nullopt;
  return found->second;
}

std::vector<OrderId> Exchange::open_orders(AccountId account) const {
  if (account >= owners_.size()) return {};
  return {owners_[account].open.begin(), owners_[account].open.end()};
}

const std::vector<OrderId>& Exchange::orders(AccountId account) const {
  static const std::vector<OrderId> kNone;
  return account < owners_.size() ? owners_[account].orders : kNone;
}

const std::vector<FillRecord>& Exchange::fills(AccountId account) const {
  static const std::vector<FillRecord> kNone;
  return account < owners_.size() ? owners_[account].fills : kNone;
}

}  // namespace calypte::sim
