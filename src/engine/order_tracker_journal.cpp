// What the tracker leaves to be remembered over the end of the process, and takes over from one that has ended.
#include <fmt/format.h>
#include <utility>

#include "engine/order_tracker_state.hpp"

namespace calypte::engine {

using State = OrderTracker::State;

namespace {

/// Memos whose names begin so name a fill; their texts are empty.
constexpr std::string_view kUnmatchedFill = "unmatched_fill:";
constexpr std::string_view kCountedFill = "counted_fill:";
/// A restart asks for fills from a little before the last comparison on: far fewer than these.
constexpr std::size_t kKeysOfCheckpoint = 10'000;

void write_keys(const RecentKeys& keys, std::string_view prefix, const std::function<RoundWriter&()>& next) {
  const auto& all = keys.keys();
  const std::size_t skipped = all.size() > kKeysOfCheckpoint ? all.size() - kKeysOfCheckpoint : 0;
  for (std::size_t i = skipped; i < all.size(); ++i) next().memo(std::string(prefix) + all[i], {});
}

void read_keys(const Recovery& recovery, std::string_view prefix, RecentKeys& keys) {
  const auto& memos = recovery.memos();
  for (auto it = memos.lower_bound(prefix); it != memos.end() && it->first.starts_with(prefix); ++it) {
    keys.insert(it->first.substr(prefix.size()));
  }
}

}  // namespace

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
  for (const auto& key : std::exchange(new_unmatched_, {})) round.memo(std::string(kUnmatchedFill) + key, {});
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
  write_keys(counted_fills_, kCountedFill, next);
  write_keys(unmatched_fills_, kUnmatchedFill, next);
}

void State::restore(const Recovery& recovery, Time now) {
  read_keys(recovery, kCountedFill, counted_fills_);
  read_keys(recovery, kUnmatchedFill, unmatched_fills_);
  for (const StoredOrder* stored : recovery.orders()) restore(*stored, now);
}

void State::restore(const StoredOrder& stored, Time now) {
  const ClientOrderId& id = stored.order.client_order_id();
  for (const auto& [trade, fill] : stored.order.order_fills()) {
    counted_fills_.insert(fill_key(stored.order.trading_pair(), stored.order.trade_type(), trade));
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
