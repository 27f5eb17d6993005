#include "engine/cancel_alls.hpp"

#include <algorithm>

#include "engine/excuse.hpp"
#include "engine/order_tracker.hpp"

namespace calypte::engine {

void CancelAlls::begin(std::span<const ClientOrderId> ids, Time deadline, ConnectorBase::CancelAllDone done) {
  Waiting waiting{.deadline = deadline, .done = std::move(done), .orders = {}};
  for (const auto& id : ids) waiting.orders.emplace_back(id, std::nullopt);
  waiting_.push_back(std::move(waiting));
}

void CancelAlls::note(const ClientOrderId& id, CancellationOutcome outcome) {
  for (auto& waiting : waiting_) {
    for (auto& [order_id, known] : waiting.orders) {
      if (order_id == id && known != CancellationOutcome::succeeded) known = outcome;
    }
  }
}

void CancelAlls::settle(const OrderTracker& orders, Time now) {
  std::vector<Waiting> finished;
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    bool decided = true;
    for (auto& [id, outcome] : it->orders) {
      // Seen to have ended counts as well as an answer. A cancel that was refused stays refused, also where the order
      // ended by itself: a fill is no success of a cancel.
      if (orders.fetch_tracked_order(id) == nullptr && orders.fetch_lost_order(id) == nullptr) {
        if (outcome != CancellationOutcome::failed) outcome = CancellationOutcome::succeeded;
      }
      decided = decided && outcome && *outcome != CancellationOutcome::unknown;
    }
    if (!decided && now < it->deadline) {
      ++it;
      continue;
    }
    finished.push_back(std::move(*it));
    it = waiting_.erase(it);
  }
  for (auto& all : finished) {
    std::vector<CancellationResult> results;
    for (const auto wanted :
         {CancellationOutcome::succeeded, CancellationOutcome::failed, CancellationOutcome::unknown}) {
      for (const auto& [id, outcome] : all.orders) {
        if (outcome.value_or(CancellationOutcome::unknown) == wanted) results.push_back({id, wanted});
      }
    }
    if (all.done) all.done(std::move(results));
  }
}

void CancelAlls::excuse(Duration lost, Time now) {
  for (auto& waiting : waiting_) waiting.deadline = excused(waiting.deadline, lost, now);
}

Time CancelAlls::next_wakeup() const {
  Time next = kNever;
  for (const auto& waiting : waiting_) next = std::min(next, waiting.deadline);
  return next;
}

}  // namespace calypte::engine
