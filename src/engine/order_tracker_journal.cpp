// What the tracker leaves to be remembered over the end of the process, and takes over from one that has ended.
#include <fmt/format.h>
#include <utility>

#include "engine/order_tracker_state.hpp"

namespace calypte::engine {

using State = OrderTracker::State;

void State::keep_changes() noexcept {
  keeps_changes_ = true;
  unmatched_fills_.keep_changes();
}

void State::write_changes(RoundWriter& round) {
  for (const auto& [id, text] : std::exchange(left_behind_, {})) round.order(id.value, text);
  for (const std::uint64_t number : changed_) {
    const auto found = by_number_.find(number);
    if (found == by_number_.end()) continue;
    TrackedOrder& entry = *found->second;
    round.order(entry.order.client_order_id().value, stored_order_json(entry.order, entry, entry.new_fills));
    entry.changed = false;
    entry.new_fills.clear();
  }
  changed_.clear();
  unmatched_fills_.write_changes(round);
}

void State::write_all(const std::function<RoundWriter&()>& next) const {
  std::map<std::uint64_t, const TrackedOrder*> entries;
  for (const auto* place : {&active_, &lost_, &cached_}) {
    for (const auto& [number, entry] : *place) entries.emplace(entry->number, entry);
  }
  for (const auto& [number, entry] : entries) {
    std::vector<TradeId> fills;
    fills.reserve(entry->order.order_fills().size());
    for (const auto& [id, fill] : entry->order.order_fills()) fills.push_back(id);
    next().order(entry->order.client_order_id().value, stored_order_json(entry->order, *entry, fills));
  }
  counted_fills_.write_all(next);
  unmatched_fills_.write_all(next);
}

void State::restore(const Recovery& recovery, Time now) {
  counted_fills_.restore(recovery);
  unmatched_fills_.restore(recovery);
  for (const StoredOrder* stored : recovery.orders()) restore(*stored, now);
}

void State::restore(const StoredOrder& stored, Time now) {
  const ClientOrderId& id = stored.order.client_order_id();
  for (const auto& [trade, fill] : stored.order.order_fills()) {
    counted_fills_.insert_silently(fill_key(stored.order.trading_pair(), stored.order.trade_type(), trade));
  }
  if (const Status status = start(stored.order); !status.ok()) {
    log(LogLevel::error, fmt::format("{} of the journal cannot be tracked: {}", id.value, status.to_string()));
    return;
  }
  TrackedOrder& entry = *find(id);
  entry.evidence.add({.kind = Evidence::Kind::note, .time = now, .text = "restored from the journal"});
  static_cast<OrderMarks&>(entry) = stored.marks;
  entry.place = Place::active;  // where `start` has put it
  switch (stored.marks.place) {
    case Place::active:
      if (!entry.order.is_acknowledged())
        return unknown(id, "the process ended before the venue had acknowledged it", now);
      return ask(OrderQuestion::Kind::state, id);
    case Place::lost:
      return move_to_lost(entry);
    case Place::cached:
    case Place::departed:
      move_to_cache(entry, stored.marks.place, now);
      return ask_for_missing_fills(entry, now);
  }
}

}  // namespace calypte::engine
