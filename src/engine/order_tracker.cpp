// The places of orders, their look-up, deadlines and storage.
#include "engine/order_tracker.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/order_tracker_state.hpp"
#include "engine/order_transitions.hpp"

namespace calypte::engine {
namespace {

constexpr std::size_t kIndexedIds = 64;
constexpr std::size_t kRememberedFills = 65536;

}  // namespace

using State = OrderTracker::State;

State::State(const OrderTrackerOptions& options, LogSink& log, Events& events, std::vector<OrderQuestion>& questions)
    : options_(options),
      log_(log),
      events_(events),
      questions_(questions),
      hub_(std::make_shared<detail::WaiterHub>()),
      counted_fills_(kRememberedFills, "counted_fill:"),
      unmatched_fills_(kRememberedFills, "unmatched_fill:") {}

State::~State() {
  const std::shared_ptr<detail::WaiterHub> hub = hub_;
  for (const auto* place : {&active_, &lost_, &cached_}) {
    for (const auto& [number, entry] : *place) {
      entry->order.waiters().fail(Status(StatusCode::denied, FailureReason::stopped, "the connector is gone"));
    }
  }
  hub->run();
}

State::Call::Call(State& state, Time now) : state_(state), now_(now), hub_(state.hub_) {
  hub_->set_now(now);
  if (state.attribution_is_due_) state.attribute_waiting_fills(now);
}

State::Call::~Call() {
  // Only here: while a fact is processed no entry goes away.
  state_.trim_cache(now_);
  const std::shared_ptr<detail::WaiterHub> hub = hub_;
  hub->run();
}

void State::log(LogLevel level, std::string_view message) const { log_.log(level, "order_tracker", message); }

void State::ask(OrderQuestion::Kind kind, const ClientOrderId& id) {
  const auto same = [&](const OrderQuestion& q) { return q.kind == kind && q.client_order_id == id; };
  if (std::none_of(questions_.begin(), questions_.end(), same)) questions_.push_back({kind, id});
}

// --- Places ---

TrackedOrder& State::add(InFlightOrder order) {
  auto owned = std::make_unique<TrackedOrder>(std::move(order));
  TrackedOrder& entry = *owned;
  entry.number = ++last_number_;
  entry.created_told = entry.order.is_acknowledged();
  entry.order.waiters().attach(hub_);
  entries_.emplace(entry.order.client_order_id(), std::move(owned));
  by_number_.emplace(entry.number, &entry);
  index_ids(entry);
  note_change(entry);
  return entry;
}

void State::note_change(TrackedOrder& entry) {
  if (!keeps_changes_ || entry.changed) return;
  entry.changed = true;
  changed_.push_back(entry.number);
}

Status State::start(InFlightOrder order) {
  const ClientOrderId id = order.client_order_id();
  if (entries_.contains(id)) {
    return Status(StatusCode::denied, FailureReason::duplicate_client_order_id, "the client order id is known already");
  }
  if (active_.size() + lost_.size() >= options_.order_limit) {
    return Status(StatusCode::denied, FailureReason::queue_full, "too many orders are tracked");
  }
  TrackedOrder& entry = add(std::move(order));
  active_.emplace(entry.number, &entry);
  attribution_is_due_ = attribution_is_due_ || !waiting_fills_.empty();
  return {};
}

void State::stop(const ClientOrderId& id, Time now) {
  TrackedOrder* entry = find(id);
  if (entry == nullptr || entry->place != Place::active) return;
  entry->evidence.add({.kind = Evidence::Kind::note, .time = now, .text = "tracking was stopped"});
  move_to_cache(*entry, Place::cached, now);
}

void State::leave_place(TrackedOrder& entry) {
  switch (entry.place) {
    case Place::active:
      active_.erase(entry.number);
      break;
    case Place::lost:
      lost_.erase(entry.number);
      break;
    case Place::cached:
    case Place::departed:
      cached_.erase(entry.cache_number);
      break;
  }
}

void State::move_to_cache(TrackedOrder& entry, Place place, Time now) {
  leave_place(entry);
  note_change(entry);
  entry.place = place;
  entry.cache_number = ++last_cache_number_;
  entry.cached_at = now;
  cached_.emplace(entry.cache_number, &entry);
}

void State::move_to_lost(TrackedOrder& entry) {
  leave_place(entry);
  note_change(entry);
  entry.place = Place::lost;
  lost_.emplace(entry.number, &entry);
}

void State::erase(TrackedOrder& entry) {
  if (entry.changed)
    left_behind_.emplace_back(entry.order.client_order_id(), stored_order_json(entry.order, entry, entry.new_fills));
  leave_place(entry);
  for (const ExchangeOrderId& id : entry.indexed_ids) unindex(id, entry);
  by_number_.erase(entry.number);
  const ClientOrderId id = entry.order.client_order_id();
  entries_.erase(id);
}

void State::trim_cache(Time now) {
  while (!cached_.empty()) {
    TrackedOrder& oldest = *cached_.begin()->second;
    if (cached_.size() <= options_.cache_size && now - oldest.cached_at < options_.cache_life) break;
    erase(oldest);
  }
}

bool State::forget_lost(const ClientOrderId& id) {
  TrackedOrder* entry = find(id);
  if (entry == nullptr || entry->place != Place::lost) return false;
  entry->evidence.add({.kind = Evidence::Kind::note, .time = hub_->now(), .text = "forgotten by an operator"});
  move_to_cache(*entry, Place::departed, hub_->now());
  trim_cache(hub_->now());
  return true;
}

// --- Look-up ---

TrackedOrder* State::find(const ClientOrderId& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.get();
}

TrackedOrder* State::find(const ExchangeOrderId& id, const TradingPair& pair) const {
  TrackedOrder* best = nullptr;
  const auto [begin, end] = by_venue_id_.equal_range(id);
  for (auto it = begin; it != end; ++it) {
    TrackedOrder* entry = it->second;
    // Some venues count order ids for each instrument, so the pair is part of the name where it is known.
    if (!pair.empty() && entry->order.trading_pair() != pair) continue;
    const auto rank = [](const TrackedOrder& e) { return std::pair(e.place == Place::active, e.number); };
    if (best == nullptr || rank(*entry) > rank(*best)) best = entry;
  }
  return best;
}

TrackedOrder* State::find(const std::optional<ClientOrderId>& client_order_id,
                          const std::optional<ExchangeOrderId>& exchange_order_id, const TradingPair& pair) const {
  if (client_order_id) {
    if (TrackedOrder* entry = find(*client_order_id)) return entry;
  }
  return exchange_order_id && !exchange_order_id->empty() ? find(*exchange_order_id, pair) : nullptr;
}

void State::index_ids(TrackedOrder& entry) {
  for (const ExchangeOrderId& id : entry.order.exchange_order_ids()) {
    if (std::find(entry.indexed_ids.begin(), entry.indexed_ids.end(), id) != entry.indexed_ids.end()) continue;
    entry.indexed_ids.push_back(id);
    by_venue_id_.emplace(id, &entry);
  }
  while (entry.indexed_ids.size() > kIndexedIds) {
    unindex(entry.indexed_ids.front(), entry);
    entry.indexed_ids.pop_front();
  }
}

void State::unindex(const ExchangeOrderId& id, const TrackedOrder& entry) {
  const auto [begin, end] = by_venue_id_.equal_range(id);
  const auto found = std::find_if(begin, end, [&](const auto& item) { return item.second == &entry; });
  if (found != end) by_venue_id_.erase(found);
}

std::vector<const InFlightOrder*> State::orders(std::initializer_list<Place> places) const {
  std::vector<const TrackedOrder*> found;
  for (const auto* place : {&active_, &cached_, &lost_}) {
    for (const auto& [number, entry] : *place) {
      if (std::find(places.begin(), places.end(), entry->place) != places.end()) found.push_back(entry);
    }
  }
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->number < b->number; });
  std::vector<const InFlightOrder*> result;
  result.reserve(found.size());
  for (const TrackedOrder* entry : found) result.push_back(&entry->order);
  return result;
}

// --- Deadlines ---

void State::arm(TrackedOrder& entry, Time& due, Time when) {
  if (due == when) return;
  due = when;
  timers_.emplace(when, entry.number);
}

void State::due(TrackedOrder& entry, Time now) {
  const ClientOrderId& id = entry.order.client_order_id();
  note_change(entry);
  if (entry.completion && entry.completion_deadline <= now) {
    log(LogLevel::warning, "the fills of " + id.value + " could not be obtained in time; it completes without them");
    const OrderUpdate filled = *entry.completion;
    entry.incomplete = true;
    complete(entry, filled, now);
  }
  if (entry.ask_fills_at <= now) {
    entry.ask_fills_at = kNever;
    ask_for_missing_fills(entry, now);
  }
  if (entry.ask_state_at <= now) {
    entry.ask_state_at = kNever;
    if (entry.place == Place::active) ask(OrderQuestion::Kind::state, id);
  }
}

void State::on_time(Time now) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const std::uint64_t number = timers_.begin()->second;
    timers_.erase(timers_.begin());
    const auto found = by_number_.find(number);
    if (found != by_number_.end()) due(*found->second, now);
  }
  expire_waiting_fills(now);
  hub_->expire();
}

Time State::next_wakeup() const {
  if (attribution_is_due_) return hub_->now();
  Time next = hub_->next_deadline();
  if (!timers_.empty()) next = std::min(next, timers_.begin()->first);
  for (const auto& waiting : waiting_fills_) next = std::min(next, waiting.due);
  if (!cached_.empty()) next = std::min(next, cached_.begin()->second->cached_at + options_.cache_life);
  return next;
}

// --- Storage ---

Status State::restore(std::span<const std::string> states, Time now) {
  std::string bad;
  const auto report_bad = [&](std::size_t index, std::string_view why) {
    bad += fmt::format("{}state {}: {}", bad.empty() ? "" : "; ", index, why);
  };
  for (std::size_t i = 0; i < states.size(); ++i) {
    auto order = InFlightOrder::from_json(states[i]);
    if (!order) {
      report_bad(i, order.status().message());
      continue;
    }
    for (const auto& [id, trade] : order->order_fills()) {
      counted_fills_.insert_silently(fill_key(order->trading_pair(), order->trade_type(), id));
    }
    const bool lost = order->state() == OrderState::failed;
    if (is_terminal(order->state()) && !lost) continue;
    const ClientOrderId id = order->client_order_id();
    if (const Status status = start(std::move(*order)); !status.ok()) {
      report_bad(i, status.message());
      continue;
    }
    TrackedOrder& entry = *find(id);
    entry.evidence.add({.kind = Evidence::Kind::note, .time = now, .text = "restored"});
    if (lost) {
      entry.ended_told = true;
      move_to_lost(entry);
    } else if (!entry.order.is_acknowledged()) {
      unknown(id, "restored before the venue had acknowledged it", now);
    } else {
      ask(OrderQuestion::Kind::state, id);
    }
  }
  return bad.empty() ? Status{} : Status(StatusCode::malformed, std::move(bad));
}

// --- The public face ---

OrderTracker::OrderTracker(OrderTrackerOptions options, LogSink& log)
    : options_(options), state_(std::make_unique<State>(options_, log, events_, questions_)) {}

OrderTracker::~OrderTracker() = default;

Status OrderTracker::start_tracking_order(InFlightOrder order) { return state_->start(std::move(order)); }

void OrderTracker::stop_tracking_order(const ClientOrderId& id, Time now) {
  const State::Call call(*state_, now);
  state_->stop(id, now);
}

void OrderTracker::process_order_update(const OrderUpdate& update, Time now) {
  const State::Call call(*state_, now);
  state_->report(update, now);
}

void OrderTracker::process_trade_update(const TradeUpdate& trade, TradeType side, Time now) {
  const State::Call call(*state_, now);
  state_->fill(trade, side, now);
}

void OrderTracker::forget_waiting_fill(const TradingPair& pair, TradeType side, const TradeId& id) {
  state_->forget_waiting_fill(fill_key(pair, side, id));
}

void OrderTracker::process_order_not_found(const ClientOrderId& id, Time now) {
  const State::Call call(*state_, now);
  state_->not_found(id, now);
}

void OrderTracker::process_order_refused(const ClientOrderId& id, const Status& status, Time now) {
  const State::Call call(*state_, now);
  state_->refused(id, status, now);
}

void OrderTracker::process_outcome_unknown(const ClientOrderId& id, std::string evidence, Time now) {
  const State::Call call(*state_, now);
  state_->unknown(id, std::move(evidence), now);
}

void OrderTracker::process_cancel_accepted(const ClientOrderId& id, Time now) {
  OrderUpdate update;
  update.client_order_id = id;
  update.new_state = OrderState::pending_cancel;
  update.receive_time = now;
  process_order_update(update, now);
}

void OrderTracker::process_cancel_failed(const ClientOrderId& id, const Status& status, Time now) {
  const State::Call call(*state_, now);
  state_->cancel_failed(id, status, now);
}

void OrderTracker::on_time(Time now) {
  const State::Call call(*state_, now);
  state_->on_time(now);
}

Time OrderTracker::next_wakeup() const { return state_->next_wakeup(); }

namespace {

const InFlightOrder* order_in(const TrackedOrder* entry, Place place) {
  return entry != nullptr && entry->place == place ? &entry->order : nullptr;
}

}  // namespace

const InFlightOrder* OrderTracker::fetch_order(const ClientOrderId& id) const {
  const TrackedOrder* entry = state_->find(id);
  return entry == nullptr ? nullptr : &entry->order;
}

const InFlightOrder* OrderTracker::fetch_order(const ExchangeOrderId& id) const {
  const TrackedOrder* entry = state_->find(id, TradingPair{});
  return entry == nullptr ? nullptr : &entry->order;
}

const InFlightOrder* OrderTracker::fetch_tracked_order(const ClientOrderId& id) const {
  return order_in(state_->find(id), Place::active);
}

const InFlightOrder* OrderTracker::fetch_cached_order(const ClientOrderId& id) const {
  return order_in(state_->find(id), Place::cached);
}

const InFlightOrder* OrderTracker::fetch_lost_order(const ClientOrderId& id) const {
  return order_in(state_->find(id), Place::lost);
}

std::vector<const InFlightOrder*> OrderTracker::active_orders() const { return state_->orders({Place::active}); }
std::vector<const InFlightOrder*> OrderTracker::cached_orders() const { return state_->orders({Place::cached}); }
std::vector<const InFlightOrder*> OrderTracker::lost_orders() const { return state_->orders({Place::lost}); }

std::vector<const InFlightOrder*> OrderTracker::all_fillable_orders() const {
  return state_->orders({Place::active, Place::cached, Place::lost});
}

std::vector<const InFlightOrder*> OrderTracker::all_updatable_orders() const {
  return state_->orders({Place::active, Place::lost});
}

bool OrderTracker::outcome_is_unknown(const ClientOrderId& id) const {
  const TrackedOrder* entry = state_->find(id);
  return entry != nullptr && entry->outcome_unknown;
}

bool OrderTracker::is_acknowledged(const ClientOrderId& id) const {
  const TrackedOrder* entry = state_->find(id);
  return entry != nullptr && entry->order.is_acknowledged();
}

std::uint32_t OrderTracker::not_found_count(const ClientOrderId& id) const {
  const TrackedOrder* entry = state_->find(id);
  return entry == nullptr ? 0 : entry->not_found;
}

std::vector<std::string> OrderTracker::evidence(const ClientOrderId& id) const {
  const TrackedOrder* entry = state_->find(id);
  return entry == nullptr ? std::vector<std::string>{} : entry->evidence.lines();
}

std::vector<std::string> OrderTracker::tracking_states() const {
  std::vector<std::string> states;
  for (const InFlightOrder* order : all_updatable_orders()) states.push_back(order->to_json());
  return states;
}

Status OrderTracker::restore_tracking_states(std::span<const std::string> states, Time now) {
  const State::Call call(*state_, now);
  return state_->restore(states, now);
}

Time OrderTracker::oldest_waiting_fill() const { return state_->oldest_waiting_fill(); }

void OrderTracker::keep_changes() { state_->keep_changes(); }

void OrderTracker::write_changes(RoundWriter& round) { state_->write_changes(round); }

void OrderTracker::write_all(const std::function<RoundWriter&()>& next) const { state_->write_all(next); }

void OrderTracker::restore(const Recovery& recovery, Time now) {
  const State::Call call(*state_, now);
  state_->restore(recovery, now);
}

bool OrderTracker::forget_lost_order(const ClientOrderId& id) { return state_->forget_lost(id); }

}  // namespace calypte::engine
