#include "engine/order_inquiries.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr Duration kFirstPause = 500ms;
constexpr Duration kLongestPause = 10s;
/// Clocks differ and venues stamp fills on their own; a minute on either side costs nothing.
constexpr Duration kFillMargin = 60s;
constexpr std::uint32_t kMaxFillAttempts = 20;
constexpr std::uint32_t kCancelPatience = 4;  // about ten seconds after the cancel

Duration pause(std::uint32_t attempt) {
  return std::min<Duration>(kLongestPause, kFirstPause * (1LL << std::min<std::uint32_t>(attempt, 6)));
}

/// The venue has said that more was executed than the known fills sum up to.
bool lacks_fills(const InFlightOrder& order) {
  return order.venue_executed_amount_base() > order.executed_amount_base();
}
/// It has said how much was executed, and all of it is known.
bool has_all_fills(const InFlightOrder& order) {
  return order.venue_executed_amount_base().is_positive() && !lacks_fills(order);
}

}  // namespace

void OrderInquiries::ask(OrderQuestion::Kind kind, const ClientOrderId& id, Time due) {
  auto [it, added] = open_.try_emplace(Key{id, kind}, Inquiry{.due = due});
  if (!added && !it->second.asked) it->second.due = std::min(it->second.due, due);
}

void OrderInquiries::on_time(Time now) {
  std::vector<Key> due;
  for (const auto& [key, inquiry] : open_) {
    if (!inquiry.asked && now >= inquiry.due) due.push_back(key);
  }
  for (const auto& key : due) send(key, open_.at(key), now);
}

Time OrderInquiries::next_wakeup() const {
  Time next = kNever;
  for (const auto& [key, inquiry] : open_) {
    if (!inquiry.asked) next = std::min(next, inquiry.due);
  }
  return next;
}

void OrderInquiries::send(const Key& key, Inquiry& inquiry, Time now) {
  const InFlightOrder* order = orders_.fetch_order(key.id);
  // An order that ended in the meantime has nothing left to ask, unless fills of it are missing.
  const bool of_interest =
      order != nullptr && (orders_.fetch_tracked_order(key.id) != nullptr ||
                           orders_.fetch_lost_order(key.id) != nullptr || key.kind == OrderQuestion::Kind::fills);
  // What was missing may have come by the stream meanwhile.
  if (!of_interest || (key.kind == OrderQuestion::Kind::fills && has_all_fills(*order))) {
    open_.erase(key);
    return;
  }
  const auto* instrument = instruments_.find(order->trading_pair());
  if (instrument == nullptr) {
    // Not loaded yet, or gone for the moment: the question stays open.
    inquiry.due = now + kLongestPause;
    if (instruments_.empty()) inquiry.due = now + kFirstPause;
    return;
  }
  const venue::OrderRef ref{key.id, order->exchange_order_id(), instrument->symbol};
  if (!ref.exchange_order_id && !spec_.orders.query_by_client_order_id) {
    // Only the list of open orders and the fills can tell; the sweeps of the user stream tracker look there.
    open_.erase(key);
    return;
  }
  inquiry.asked = true;
  venue::Request request = venue::QueryOrder{ref};
  if (key.kind == OrderQuestion::Kind::fills) {
    venue::QueryFills fills{
        .symbol = instrument->symbol,
        // The venue stamps fills with its own clock, which may be far from ours.
        .start = clock_.venue_time(std::max(order->creation_time() - kFillMargin, now - spec_.orders.fills_history)),
        .end = clock_.venue_time(now + kFillMargin)};
    if (spec_.orders.fills_by_order) fills.order = ref;
    request = fills;
  }
  desk_.submit(std::move(request), Lane::query, spec_.orders.request_limit,
               [this, key](const Reply& reply) { answered(key, reply); });
}

void OrderInquiries::answered(const Key& key, const Reply& reply) {
  const auto it = open_.find(key);
  const bool awaited = it != open_.end() && it->second.asked;
  const std::uint32_t attempt = awaited ? it->second.attempt : 0;
  if (awaited) open_.erase(it);
  // What the venue says is so, also if the question was dropped meanwhile.
  apply_(reply);
  if (!awaited) return;
  if (key.kind == OrderQuestion::Kind::state && reply.status.code() == StatusCode::order_not_found) {
    orders_.process_order_not_found(key.id, reply.received);
  }

  const bool active = orders_.fetch_tracked_order(key.id) != nullptr;
  const auto* order = orders_.fetch_order(key.id);
  const bool cancel_open = key.kind == OrderQuestion::Kind::state && reply.status.ok() && order != nullptr &&
                           order->state() == OrderState::pending_cancel;
  if (cancel_open && attempt >= kCancelPatience) {
    // Asked again and again after the venue accepted the cancel, it still says that the order lives.
    orders_.process_cancel_failed(
        key.id, Status(StatusCode::rejected, "the venue accepted the cancel and yet reports the order alive"),
        reply.received);
    return;
  }
  const bool wants_fills = key.kind == OrderQuestion::Kind::fills && order != nullptr && lacks_fills(*order);
  const bool settled = reply.status.ok() && !orders_.outcome_is_unknown(key.id) && !wants_fills && !cancel_open;
  if (settled || (!active && !wants_fills && orders_.fetch_lost_order(key.id) == nullptr)) return;
  if (wants_fills && attempt >= kMaxFillAttempts) return;  // the sweeps go on looking
  // Questions of the tracker about this order may have re-opened the inquiry while the reply was applied.
  open_.try_emplace(key, Inquiry{.due = reply.received + pause(attempt), .attempt = attempt + 1});
}

}  // namespace calypte::engine
