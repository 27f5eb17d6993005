// What reports, refusals and absences do to an order, and the events that follow.
#include <fmt/format.h>
#include <utility>

#include "engine/order_events.hpp"
#include "engine/order_tracker_state.hpp"
#include "engine/order_transitions.hpp"

namespace calypte::engine {

using State = OrderTracker::State;

namespace {

Evidence evidence_of(Evidence::Kind kind, const OrderUpdate& update, Time now) {
  return {.kind = kind,
          .time = now,
          .reported = update.new_state,
          .venue_time = update.venue_time,
          .amount = update.executed_amount_base,
          .text = update.message};
}

/// The report without what it says about the state, except that the venue has the order.
OrderUpdate merely_alive(const OrderUpdate& update) {
  OrderUpdate alive = update;
  alive.new_state = OrderState::partially_filled;
  alive.venue_time.reset();
  return alive;
}

}  // namespace

void State::report(const OrderUpdate& update, Time now) {
  if (!update.client_order_id && !update.exchange_order_id) {
    log(LogLevel::error, "an order report carries neither a client order id nor an exchange order id; ignored");
    return;
  }
  TrackedOrder* entry = find(update.client_order_id, update.exchange_order_id, update.trading_pair);
  if (entry == nullptr) {
    if (log_.enabled(LogLevel::debug)) {
      log(LogLevel::debug,
          fmt::format(
              "a report of state {} is for an order that is not tracked (client order id {}, exchange order id {})",
              to_string(update.new_state), update.client_order_id ? update.client_order_id->value : "-",
              update.exchange_order_id ? update.exchange_order_id->value : "-"));
    }
    return;
  }
  entry->not_found = 0;
  note_change(*entry);
  learn_id(*entry, update.exchange_order_id, now);
  if (entry->place == Place::lost || entry->place == Place::departed) {
    report_lost(*entry, update, now);
  } else if (is_terminal(entry->order.state())) {
    report_after_end(*entry, update, now);
  } else {
    report_live(*entry, update, now);
  }
}

/// First of all, because fills that waited for the id come before what the report or fill itself brings.
void State::learn_id(TrackedOrder& entry, const std::optional<ExchangeOrderId>& id, Time now) {
  if (!id || id->empty()) return;
  const std::size_t known = entry.order.exchange_order_ids().size();
  const auto newest = entry.order.exchange_order_id();
  entry.order.update_exchange_order_id(*id);
  if (entry.order.exchange_order_ids().size() == known && entry.order.exchange_order_id() == newest) return;
  index_ids(entry);
  attribute_waiting_fills(now);
}

void State::report_live(TrackedOrder& entry, const OrderUpdate& update, Time now) {
  InFlightOrder& order = entry.order;
  const OrderState before = order.state();
  if (entry.completion) {
    const bool filled = update.new_state == OrderState::filled;
    const bool contradiction = is_terminal(update.new_state) && !filled;
    entry.evidence.add(evidence_of(contradiction ? Evidence::Kind::conflict : Evidence::Kind::report, update, now));
    if (contradiction) {
      log(LogLevel::warning, fmt::format("{} is reported {} while its completion waits for fills; it was filled",
                                         order.client_order_id().value, to_string(update.new_state)));
    }
    order.apply(merely_alive(update));
    if (filled && update.executed_amount_base) entry.completion = update;
    return complete_if_reached(entry, now);
  }
  const bool conflict = verdict(before, update.new_state) == Verdict::conflict;
  entry.evidence.add(evidence_of(conflict ? Evidence::Kind::conflict : Evidence::Kind::report, update, now));
  if (update.new_state == OrderState::filled && !conflict) return begin_completion(entry, update, now);
  order.apply(update);
  settle(entry, now, update.venue_time, before);
}

/// It ended as far as the strategy knows. A report can still show fills that are missing, or that the ending, if it was
/// our inference, was wrong.
void State::report_after_end(TrackedOrder& entry, const OrderUpdate& update, Time now) {
  InFlightOrder& order = entry.order;
  const bool conflict = verdict(order.state(), update.new_state) == Verdict::conflict;
  entry.evidence.add(evidence_of(conflict ? Evidence::Kind::conflict : Evidence::Kind::report, update, now));
  if (conflict) {
    log(LogLevel::warning,
        fmt::format("{} ended as {} and is reported {} now; the ending stands", order.client_order_id().value,
                    to_string(order.state()), to_string(update.new_state)));
  }
  const Decimal known = order.venue_executed_amount_base();
  order.apply(update);
  if (order.venue_executed_amount_base() > known || conflict) ask_for_missing_fills(entry, now);
  if (entry.end_is_inference && entry.place == Place::cached && !is_terminal(update.new_state) &&
      update.new_state != OrderState::pending_create) {
    log(LogLevel::error, fmt::format("{} was given up ({}) and is alive at the venue; it is kept as a lost order",
                                     order.client_order_id().value, to_string(order.end_reason())));
    move_to_lost(entry);
  }
}

void State::report_lost(TrackedOrder& entry, const OrderUpdate& update, Time now) {
  entry.evidence.add(evidence_of(Evidence::Kind::report, update, now));
  const Decimal known = entry.order.venue_executed_amount_base();
  entry.order.apply(update);
  if (entry.order.venue_executed_amount_base() > known) ask_for_missing_fills(entry, now);
  if (entry.place != Place::lost || !is_terminal(update.new_state)) return;
  log(LogLevel::info, fmt::format("the lost order {} is settled: the venue reports {}",
                                  entry.order.client_order_id().value, to_string(update.new_state)));
  ask_for_missing_fills(entry, now);
  move_to_cache(entry, Place::departed, now);
}

// --- Completion ---

void State::begin_completion(TrackedOrder& entry, const OrderUpdate& update, Time now) {
  InFlightOrder& order = entry.order;
  const OrderState before = order.state();
  order.apply(merely_alive(update));
  settle(entry, now, update.venue_time, before);
  entry.completion = update;
  entry.completion_deadline = now + options_.completion_limit;
  complete_if_reached(entry, now);
  if (!entry.completion) return;
  timers_.emplace(entry.completion_deadline, entry.number);
  ask(OrderQuestion::Kind::fills, order.client_order_id());
  arm(entry, entry.ask_fills_at, now + options_.completion_limit / 2);
}

void State::complete_if_reached(TrackedOrder& entry, Time now) {
  const InFlightOrder& order = entry.order;
  const auto& reported = entry.completion->executed_amount_base;
  // What the venue says that it executed counts, also where it is less than was asked for (an order in quote units).
  const Decimal& target = reported && reported->is_positive() ? order.venue_executed_amount_base() : order.amount();
  if (order.executed_amount_base() < target) return;
  const OrderUpdate filled = *entry.completion;
  complete(entry, filled, now);
}

void State::complete(TrackedOrder& entry, const OrderUpdate& update, Time now) {
  const OrderState before = entry.order.state();
  OrderUpdate filled = update;
  filled.new_state = OrderState::filled;
  entry.order.apply(filled);
  settle(entry, now, update.venue_time, before);
}

void State::ask_for_missing_fills(TrackedOrder& entry, Time now) {
  const InFlightOrder& order = entry.order;
  const bool missing = entry.completion || order.venue_executed_amount_base() > order.executed_amount_base() ||
                       (order.state() == OrderState::filled && order.executed_amount_base() < order.amount());
  if (!missing) return;
  entry.evidence.add({.kind = Evidence::Kind::note, .time = now, .text = "fills are missing; asked for"});
  ask(OrderQuestion::Kind::fills, order.client_order_id());
}

// --- What follows from a change ---

void State::settle(TrackedOrder& entry, Time now, std::optional<Time> venue_time, OrderState before) {
  const InFlightOrder& order = entry.order;
  const ClientOrderId& id = order.client_order_id();
  const OrderState state = order.state();
  const bool terminal = is_terminal(state);
  if (entry.outcome_unknown && (order.is_acknowledged() || terminal)) {
    entry.outcome_unknown = false;
    events_.emplace_back(OrderOutcomeResolvedEvent{now, id, state});
  }
  if (order.is_acknowledged() && !entry.created_told) {
    entry.created_told = true;
    events_.push_back(created_event(order, now, venue_time));
    if (log_.enabled(LogLevel::info)) {
      log(LogLevel::info,
          fmt::format("created {} {} order {} for {} {}", to_string(order.order_type()), to_string(order.trade_type()),
                      id.value, order.amount().to_string(), order.trading_pair().to_string()));
    }
  }
  if (before == OrderState::pending_cancel && !terminal && state != before) {
    events_.emplace_back(OrderCancelFailedEvent{
        now, id, Status(StatusCode::rejected, "the venue reports the order alive after it had accepted the cancel")});
  }
  if (terminal && !entry.ended_told) end(entry, now, venue_time);
}

void State::end(TrackedOrder& entry, Time now, std::optional<Time> venue_time) {
  InFlightOrder& order = entry.order;
  entry.ended_told = true;
  entry.completion.reset();
  entry.completion_deadline = kNever;
  entry.ask_state_at = kNever;
  if (auto event = ending_event(order, now, venue_time, entry.incomplete, entry.refusal)) {
    events_.push_back(std::move(*event));
  }
  if (log_.enabled(LogLevel::info)) {
    log(LogLevel::info,
        fmt::format("{} ended as {} with {} of {} executed{}{}", order.client_order_id().value,
                    to_string(order.state()), order.executed_amount_base().to_string(), order.amount().to_string(),
                    order.end_message().empty() ? "" : ": ", order.end_message()));
  }
  if (entry.incomplete || order.venue_executed_amount_base() > order.executed_amount_base()) {
    ask_for_missing_fills(entry, now);
    arm(entry, entry.ask_fills_at, now + options_.completion_limit / 2);
  }
  if (order.end_reason() == FailureReason::lost) {
    move_to_lost(entry);
  } else if (entry.place == Place::active) {
    move_to_cache(entry, Place::cached, now);
  }
}

// --- Absence, refusal, doubt ---

void State::not_found(const ClientOrderId& id, Time now) {
  TrackedOrder* entry = find(id);
  if (entry == nullptr) {
    if (log_.enabled(LogLevel::debug)) log(LogLevel::debug, "not found, and not tracked: " + id.value);
    return;
  }
  entry->evidence.add({.kind = Evidence::Kind::not_found, .time = now});
  note_change(*entry);
  if (entry->place == Place::lost) {
    log(LogLevel::info, "the lost order " + id.value + " is settled: the venue does not know it");
    move_to_cache(*entry, Place::departed, now);
    return;
  }
  // An order that the venue reported as filled is not absent, and an ended one need not be there.
  if (entry->place != Place::active || entry->completion) return;
  if (entry->not_found++ == 0) entry->first_not_found = now;
  if (entry->not_found > options_.not_found_limit && now - entry->first_not_found >= options_.not_found_span) {
    end_as_absent(*entry, now);
  }
}

void State::end_as_absent(TrackedOrder& entry, Time now) {
  InFlightOrder& order = entry.order;
  OrderUpdate update;
  update.client_order_id = order.client_order_id();
  update.receive_time = now;
  if (order.is_filled()) {  // venues forget filled orders; the fills are the evidence
    update.new_state = OrderState::filled;
    return complete(entry, update, now);
  }
  const bool was_there = order.is_acknowledged();
  update.new_state = OrderState::failed;
  update.reason = was_there ? FailureReason::lost : FailureReason::never_arrived;
  update.message = fmt::format("the venue answered {} times in a row that it does not know the order", entry.not_found);
  log(LogLevel::warning, order.client_order_id().value + ": " + update.message);
  entry.refusal = Status(StatusCode::order_not_found, update.reason, update.message);
  entry.end_is_inference = true;
  const OrderState before = order.state();
  order.apply(update);
  settle(entry, now, std::nullopt, before);
}

void State::refused(const ClientOrderId& id, const Status& status, Time now) {
  if (!status.certainly_without_effect()) return unknown(id, status.to_string(), now);
  TrackedOrder* entry = find(id);
  if (entry == nullptr) {
    if (log_.enabled(LogLevel::debug)) log(LogLevel::debug, "refused, and not tracked: " + id.value);
    return;
  }
  note_change(*entry);
  InFlightOrder& order = entry->order;
  const bool contradiction = order.is_acknowledged();
  entry->evidence.add({.kind = contradiction ? Evidence::Kind::conflict : Evidence::Kind::refused,
                       .time = now,
                       .reported = OrderState::failed,
                       .text = status.to_string()});
  if (is_terminal(order.state())) return;
  if (contradiction) {
    log(LogLevel::warning, fmt::format("the request for {} was refused ({}), yet the venue has the order; asking",
                                       id.value, status.to_string()));
    ask(OrderQuestion::Kind::state, id);
    return;
  }
  entry->refusal = status;
  entry->end_is_inference = true;
  OrderUpdate update;
  update.client_order_id = id;
  update.new_state = OrderState::failed;
  update.receive_time = now;
  update.reason = reason_of(status);
  update.message = status.message();
  const OrderState before = order.state();
  order.apply(update);
  settle(*entry, now, std::nullopt, before);
}

void State::unknown(const ClientOrderId& id, std::string evidence, Time now) {
  TrackedOrder* entry = find(id);
  if (entry == nullptr) return;
  note_change(*entry);
  entry->evidence.add({.kind = Evidence::Kind::outcome_unknown, .time = now, .text = evidence});
  if (entry->place != Place::active || is_terminal(entry->order.state())) return;
  ask(OrderQuestion::Kind::state, id);
  if (entry->outcome_unknown || entry->order.is_acknowledged()) return;
  entry->outcome_unknown = true;
  log(LogLevel::warning, "the outcome of " + id.value + " is unknown: " + evidence);
  events_.emplace_back(OrderOutcomeUnknownEvent{now, id, std::move(evidence)});
}

void State::cancel_failed(const ClientOrderId& id, const Status& status, Time now) {
  TrackedOrder* entry = find(id);
  log(LogLevel::warning, "cancelling " + id.value + " failed: " + status.to_string());
  if (entry == nullptr) return;
  note_change(*entry);
  entry->evidence.add({.kind = Evidence::Kind::cancel_failed, .time = now, .text = status.to_string()});
  // After the end the ending was the answer; of a lost order the strategy hears nothing but fills.
  if (entry->ended_told || is_terminal(entry->order.state())) return;
  if (status.code() == StatusCode::rejected) entry->order.apply_cancel_refused();
  events_.emplace_back(OrderCancelFailedEvent{now, id, status});
  ask(OrderQuestion::Kind::state, id);
}

}  // namespace calypte::engine
