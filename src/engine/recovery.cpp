#include "engine/recovery.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "engine/event_json.hpp"

namespace calypte::engine {

Status Recovery::apply(RecordKind kind, std::string_view payload) {
  switch (kind) {
    case RecordKind::connector: {
      auto identity = connector_identity_from_json(payload);
      if (!identity) return identity.status();
      if (identity_ && *identity_ != *identity) {
        return {StatusCode::malformed,
                fmt::format("journal: it is that of {} {} with the prefix {}, and then of {} {} {}", identity_->venue,
                            identity_->environment, identity_->prefix, identity->venue, identity->environment,
                            identity->prefix)};
      }
      identity_ = std::move(*identity);
      // A process that died while it wrote a checkpoint has not finished it.
      checkpoint_.reset();
      return {};
    }
    case RecordKind::round:
      return apply_round(checkpoint_ ? *checkpoint_ : state_, payload);
    case RecordKind::told:
      // What was told has been numbered, though the event itself may lie before a checkpoint.
      state_.told = std::max(state_.told, read_told(payload));
      state_.last_event = std::max(state_.last_event, state_.told);
      return {};
    case RecordKind::checkpoint_begin:
      checkpoint_.emplace();
      return {};
    case RecordKind::checkpoint_end:
      if (!checkpoint_) return {StatusCode::malformed, "journal: a checkpoint ends that has not begun"};
      checkpoint_->last_event = std::max(checkpoint_->last_event, state_.last_event);
      checkpoint_->told = std::max(checkpoint_->told, state_.told);
      state_ = std::move(*checkpoint_);
      checkpoint_.reset();
      return {};
  }
  return {StatusCode::malformed, "journal: a record of a kind that is not known"};
}

Status Recovery::apply_round(RecoveredState& state, std::string_view payload) {
  Status trouble;
  const auto note = [&trouble](const Status& status) {
    if (trouble.ok()) trouble = status;
  };
  const Status read = read_round(payload, [&](const EntryView& entry) {
    switch (entry.kind) {
      case EntryKind::order: {
        auto order = StoredOrder::from_json(entry.text);
        if (!order) return note(order.status());
        const auto earlier = state.orders.find(entry.key);
        if (earlier == state.orders.end()) {
          order->number = state.next_place++;
          state.orders.emplace(std::string(entry.key), std::move(*order));
        } else {
          order->number = earlier->second.number;
          order->order.add_fills_of(earlier->second.order);
          earlier->second = std::move(*order);
        }
        return;
      }
      case EntryKind::memo:
        state.memos.insert_or_assign(std::string(entry.key), std::string(entry.text));
        return;
      case EntryKind::event: {
        state.last_event = std::max(state.last_event, entry.number);
        auto event = event_from_json(entry.key, entry.text);
        if (!event) return note(event.status());
        state.events.insert_or_assign(entry.number, std::move(*event));
        return;
      }
    }
  });
  note(read);
  return trouble;
}

std::vector<const StoredOrder*> Recovery::orders() const {
  std::vector<const StoredOrder*> orders;
  orders.reserve(state_.orders.size());
  for (const auto& [id, order] : state_.orders) orders.push_back(&order);
  std::ranges::sort(orders, {}, [](const StoredOrder* order) { return order->number; });
  return orders;
}

std::vector<std::pair<std::uint64_t, Event>> Recovery::events_to_tell(std::optional<std::uint64_t> seen) const {
  const auto first = state_.events.upper_bound(seen.value_or(state_.told));
  return {first, state_.events.end()};
}

}  // namespace calypte::engine
