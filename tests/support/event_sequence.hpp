// Whether what a strategy heard of its orders keeps the promise of calypte/events.hpp. For tests of every room.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "calypte/events.hpp"

namespace calypte::test_support {

namespace detail {

struct HeardOfOrder {
  bool created = false;
  bool ended = false;
  bool unknown = false;
  Time last{};
  Decimal executed;
  std::set<TradeId> trades;
};

}  // namespace detail

/// Every breach found, in words; empty if the sequence is legal:
///   - the time stamps of an order never step back;
///   - outcome unknown comes before acceptance and is resolved before anything else follows;
///   - Created at most once, before each Filled that is not late, never after an ending;
///   - a trade is told once; a Filled is late if and only if the order had ended;
///   - one ending at most, and behind it only late fills;
///   - Completed comes after Created and, unless marked incomplete, carries the sum of the fills, which is not zero;
///   - Expired of an order may come without Created, as Cancelled and Failure may.
/// `known_before` are orders that were created before the events begin (restored ones).
inline std::vector<std::string> check_event_sequence(std::span<const Event> events,
                                                     const std::set<ClientOrderId>& known_before = {}) {
  std::vector<std::string> breaches;
  std::map<ClientOrderId, detail::HeardOfOrder> orders;
  for (const ClientOrderId& id : known_before) orders[id].created = true;

  for (const Event& event : events) {
    const ClientOrderId* id = order_of(event);
    if (id == nullptr) continue;
    const auto visit = [&](const auto& e) {
      using E = std::decay_t<decltype(e)>;
      constexpr bool kCreated = std::is_base_of_v<OrderCreatedEvent, E>;
      constexpr bool kCompleted = std::is_base_of_v<OrderCompletedEvent, E>;
      constexpr bool kFilled = std::is_same_v<E, OrderFilledEvent>;
      detail::HeardOfOrder& order = orders[*id];
      const auto breach = [&](const std::string& what) {
        breaches.push_back(id->value + ": " + std::string(event_name(event)) + " " + what);
      };
      if (e.timestamp < order.last) breach("steps back in time");
      order.last = e.timestamp;
      if (order.unknown && !std::is_same_v<E, OrderOutcomeResolvedEvent> &&
          !std::is_same_v<E, OrderCancelFailedEvent>) {
        breach("while the outcome is unknown");
      }
      if constexpr (std::is_same_v<E, OrderOutcomeUnknownEvent>) {
        if (order.created) breach("after Created");
        order.unknown = true;
      }
      if constexpr (std::is_same_v<E, OrderOutcomeResolvedEvent>) {
        if (!order.unknown) breach("without an unknown outcome");
        order.unknown = false;
      }
      if constexpr (kCreated) {
        if (order.created) breach("twice");
        order.created = true;
      }
      if constexpr (kFilled) {
        if (!order.trades.insert(e.exchange_trade_id).second) breach("twice for trade " + e.exchange_trade_id.value);
        if (!order.created && !order.ended) breach("before Created");
        if (e.late != order.ended) breach(e.late ? "is late before the ending" : "after the ending is not late");
        order.executed += e.amount;
      } else if (order.ended) {
        breach("after the ending");
      }
      if constexpr (kCompleted) {
        if (!order.created) breach("without Created");
        if (e.base_asset_amount != order.executed && known_before.empty()) breach("differs from the sum of the fills");
        if (!e.incomplete && e.base_asset_amount.is_zero()) breach("of nothing");
      }
      if (ends_order(event)) order.ended = true;
    };
    std::visit(visit, event);
  }
  return breaches;
}

}  // namespace calypte::test_support
