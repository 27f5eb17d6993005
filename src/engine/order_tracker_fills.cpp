// Fills: counted once, attributed by our id or by any of the venue's, held while nobody knows whose they are.
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/order_events.hpp"
#include "engine/order_tracker_state.hpp"
#include "engine/order_transitions.hpp"

namespace calypte::engine {

using State = OrderTracker::State;

std::string fill_key(const TradingPair& pair, TradeType side, const TradeId& id) {
  std::string key;
  key.reserve(pair.to_string().size() + id.value.size() + 2);
  key.append(pair.to_string()).append(side == TradeType::buy ? "+" : "-").append(id.value);
  return key;
}

void State::fill(const TradeUpdate& trade, TradeType side, Time now) {
  if (trade.trade_id.empty()) {
    log(LogLevel::error, "a fill carries no trade id and cannot be counted once; ignored");
    if (const TrackedOrder* entry = find(trade.client_order_id, trade.exchange_order_id, trade.trading_pair)) {
      ask(OrderQuestion::Kind::fills, entry->order.client_order_id());
    }
    return;
  }
  if (TrackedOrder* entry = find(trade.client_order_id, trade.exchange_order_id, trade.trading_pair)) {
    count_fill(*entry, trade, side, now);
  } else {
    hold_fill(trade, side, now);
  }
}

void State::count_fill(TrackedOrder& entry, const TradeUpdate& told, TradeType side, Time now) {
  InFlightOrder& order = entry.order;
  TradeUpdate trade = told;
  if (const PositionAction action = order.intent().position; action != PositionAction::nil) {
    // What a message says of the position does not tell opening from closing everywhere; the order does.
    TradeFeeSchema schema;
    schema.percent_fee_token = trade.fee.percent_token;
    trade.fee.kind = new_perpetual_fee(schema, action, {}).kind;
  }
  const ClientOrderId& id = order.client_order_id();
  if (order.order_fills().contains(trade.trade_id)) return;
  // Where a fill is the first sign of life, the order is created with the id that it names.
  if (!order.exchange_order_id()) learn_id(entry, trade.exchange_order_id, now);
  Evidence evidence{.kind = Evidence::Kind::fill,
                    .time = now,
                    .venue_time = trade.fill_time,
                    .amount = trade.fill_base_amount,
                    .text = trade.trade_id.value};
  const std::string key = fill_key(order.trading_pair(), order.trade_type(), trade.trade_id);
  if (counted_fills_.contains(key)) {
    evidence.kind = Evidence::Kind::note;
    evidence.text += " was counted for another order already";
    entry.evidence.add(std::move(evidence));
    return;
  }
  if (side != order.trade_type()) {
    log(LogLevel::warning, fmt::format("fill {} of {} is told as a {}; the order's side counts", trade.trade_id.value,
                                       id.value, to_string(side)));
  }
  if (!order.apply(trade)) {
    log(LogLevel::error, fmt::format("fill {} of {} has an impossible amount: {}", trade.trade_id.value, id.value,
                                     trade.fill_base_amount.to_string()));
    evidence.kind = Evidence::Kind::note;
    evidence.text += " has an impossible amount";
    entry.evidence.add(std::move(evidence));
    return;
  }
  counted_fills_.insert_silently(key);
  note_change(entry);
  if (keeps_changes_) entry.new_fills.push_back(trade.trade_id);
  entry.evidence.add(std::move(evidence));
  entry.not_found = 0;

  const bool late = entry.ended_told;
  if (!late) {
    OrderUpdate executed;
    executed.client_order_id = id;
    executed.new_state = OrderState::partially_filled;
    executed.receive_time = trade.fill_time;
    const OrderState before = order.state();
    order.apply(executed);
    settle(entry, now, trade.fill_time, before);
  }
  Event event = filled_event(order, trade, now, late);
  const bool overfill = order.executed_amount_base() > order.amount();
  events_.push_back(std::move(event));
  if (log_.enabled(LogLevel::info)) {
    log(LogLevel::info, fmt::format("the {} order {} has {} of {} executed{}{}", to_string(order.trade_type()),
                                    id.value, order.executed_amount_base().to_string(), order.amount().to_string(),
                                    late ? " (late)" : "", overfill ? ": more than was asked for" : ""));
  }
  if (overfill) ask(OrderQuestion::Kind::state, id);
  if (entry.completion) {
    complete_if_reached(entry, now);
  } else if (!late && order.is_filled() && entry.ask_state_at == kNever) {
    arm(entry, entry.ask_state_at, now + options_.completion_limit);
  }
}

void State::hold_fill(const TradeUpdate& trade, TradeType side, Time now) {
  std::string key = fill_key(trade.trading_pair, side, trade.trade_id);
  if (counted_fills_.contains(key) || unmatched_fills_.contains(key) || waiting_keys_.contains(key)) return;
  waiting_keys_.insert(key);
  waiting_fills_.push_back({trade, side, now + options_.unmatched_fill_limit, std::move(key)});
  while (waiting_fills_.size() > options_.unmatched_fill_count) {
    give_up(waiting_fills_.front(), now);
    waiting_fills_.pop_front();
  }
}

Time State::oldest_waiting_fill() const {
  Time oldest = kNever;
  for (const auto& waiting : waiting_fills_) oldest = std::min(oldest, waiting.trade.fill_time);
  return oldest;
}

void State::forget_waiting_fill(const std::string& key) {
  if (waiting_keys_.erase(key) == 0) return;
  std::erase_if(waiting_fills_, [&key](const WaitingFill& waiting) { return waiting.key == key; });
}

void State::attribute_waiting_fills(Time now) {
  attribution_is_due_ = false;
  std::deque<WaitingFill> matched;
  std::deque<WaitingFill> rest;
  for (WaitingFill& waiting : waiting_fills_) {
    const TradeUpdate& trade = waiting.trade;
    const bool known = find(trade.client_order_id, trade.exchange_order_id, trade.trading_pair) != nullptr;
    (known ? matched : rest).push_back(std::move(waiting));
  }
  waiting_fills_ = std::move(rest);
  for (const WaitingFill& waiting : matched) {
    waiting_keys_.erase(waiting.key);
    const TradeUpdate& trade = waiting.trade;
    // Counting one may evict ended orders from the cache, so each is looked up when its turn comes.
    if (TrackedOrder* entry = find(trade.client_order_id, trade.exchange_order_id, trade.trading_pair)) {
      count_fill(*entry, trade, waiting.side, now);
    }
  }
}

/// An order whose id at the venue is not known yet may be the one that was filled.
bool State::may_be_ours(const WaitingFill& waiting) const {
  const TradeUpdate& trade = waiting.trade;
  return std::ranges::any_of(active_, [&](const auto& item) {
    const InFlightOrder& order = item.second->order;
    return !order.exchange_order_id() && order.trade_type() == waiting.side &&
           (trade.trading_pair.empty() || order.trading_pair() == trade.trading_pair);
  });
}

void State::expire_waiting_fills(Time now) {
  constexpr Duration kLookAgain = std::chrono::seconds{1};
  std::erase_if(waiting_fills_, [&](WaitingFill& waiting) {
    if (waiting.due > now) return false;
    if (may_be_ours(waiting)) {
      waiting.due = now + kLookAgain;
      return false;
    }
    give_up(waiting, now);
    return true;
  });
}

void State::give_up(const WaitingFill& waiting, Time now) {
  waiting_keys_.erase(waiting.key);
  unmatched_fills_.insert(waiting.key);
  const TradeUpdate& trade = waiting.trade;
  log(LogLevel::warning, fmt::format("fill {} belongs to no order that is known", trade.trade_id.value));
  UnmatchedFillEvent event;
  event.timestamp = now;
  event.trading_pair = trade.trading_pair;
  event.trade_type = waiting.side;
  event.price = trade.fill_price;
  event.amount = trade.fill_base_amount;
  event.exchange_trade_id = trade.trade_id;
  event.client_order_id = trade.client_order_id;
  event.exchange_order_id = trade.exchange_order_id;
  events_.push_back(std::move(event));
}

}  // namespace calypte::engine
