// Orders, reports, fills and readings of events for the tests of orders.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "calypte/events.hpp"
#include "calypte/in_flight_order.hpp"

#include "engine/order_tracker.hpp"

namespace calypte::engine::order_test {

inline const TradingPair kPair = "COINALPHA-HBOT"_pair;
inline const ClientOrderId kId{"OID1"};
inline const ExchangeOrderId kVenueId{"EOID1"};

inline Time at(std::int64_t ms) { return from_unix_ms(1'640'001'112'000 + ms); }

inline InFlightOrder::Intent intent(std::string id = "OID1", TradeType side = TradeType::buy) {
  InFlightOrder::Intent i;
  i.client_order_id = ClientOrderId(std::move(id));
  i.trading_pair = kPair;
  i.order_type = OrderType::limit;
  i.trade_type = side;
  i.amount = 1000;
  i.price = "1.5"_dec;
  i.creation_time = at(0);
  return i;
}

/// An order that the venue acknowledged.
inline InFlightOrder open_order(std::string id = "OID1", std::string venue_id = "EOID1") {
  InFlightOrder order(intent(std::move(id)), OrderState::open);
  order.update_exchange_order_id(ExchangeOrderId(std::move(venue_id)));
  return order;
}

inline OrderUpdate report(OrderState state, std::int64_t ms = 1, std::optional<ExchangeOrderId> venue_id = kVenueId,
                          std::optional<ClientOrderId> id = kId) {
  OrderUpdate u;
  u.client_order_id = std::move(id);
  u.exchange_order_id = std::move(venue_id);
  u.trading_pair = kPair;
  u.new_state = state;
  u.venue_time = at(ms);
  u.receive_time = at(ms + 1);
  return u;
}

inline TradeUpdate trade(std::string trade_id, Decimal amount, std::int64_t ms = 2,
                         std::optional<ClientOrderId> id = kId, std::optional<ExchangeOrderId> venue_id = kVenueId) {
  TradeUpdate t;
  t.trade_id = TradeId(std::move(trade_id));
  t.client_order_id = std::move(id);
  t.exchange_order_id = std::move(venue_id);
  t.trading_pair = kPair;
  t.fill_time = at(ms);
  t.receive_time = at(ms + 1);
  t.fill_price = "1.5"_dec;
  t.fill_base_amount = amount;
  t.fill_quote_amount = amount * "1.5"_dec;
  t.fee.flat_fees = {{"HBOT", "0.25"_dec}};
  return t;
}

/// "Created Filled Completed": short names, in order; marks: late fills "~", overfills "+", incomplete completions "?".
inline std::string names(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) {
    if (!text.empty()) text += ' ';
    if (const auto* fill = std::get_if<OrderFilledEvent>(&event)) {
      text += std::string("Filled") + (fill->late ? "~" : "") + (fill->overfill ? "+" : "");
    } else if (const auto* buy = std::get_if<BuyOrderCompletedEvent>(&event)) {
      text += std::string("Completed") + (buy->incomplete ? "?" : "");
    } else if (const auto* sell = std::get_if<SellOrderCompletedEvent>(&event)) {
      text += std::string("Completed") + (sell->incomplete ? "?" : "");
    } else if (std::holds_alternative<BuyOrderCreatedEvent>(event) ||
               std::holds_alternative<SellOrderCreatedEvent>(event)) {
      text += "Created";
    } else if (std::holds_alternative<OrderCancelledEvent>(event)) {
      text += "Cancelled";
    } else if (std::holds_alternative<OrderExpiredEvent>(event)) {
      text += "Expired";
    } else if (std::holds_alternative<MarketOrderFailureEvent>(event)) {
      text += "Failure";
    } else if (std::holds_alternative<OrderCancelFailedEvent>(event)) {
      text += "CancelFailed";
    } else if (std::holds_alternative<OrderOutcomeUnknownEvent>(event)) {
      text += "Unknown";
    } else if (std::holds_alternative<OrderOutcomeResolvedEvent>(event)) {
      text += "Resolved";
    } else if (std::holds_alternative<UnmatchedFillEvent>(event)) {
      text += "Unmatched";
    } else {
      text += "?";
    }
  }
  return text;
}

template <typename E>
const E* first(const std::vector<Event>& events) {
  for (const Event& event : events) {
    if (const auto* found = std::get_if<E>(&event)) return found;
  }
  return nullptr;
}

struct Line {
  LogLevel level;
  std::string text;
};
class LinesLog : public LogSink {
 public:
  void log(LogLevel level, std::string_view, std::string_view message) override {
    lines.push_back({level, std::string(message)});
  }
  bool enabled(LogLevel) const noexcept override { return true; }
  [[nodiscard]] int count(LogLevel level) const {
    int n = 0;
    for (const Line& line : lines) n += line.level == level ? 1 : 0;
    return n;
  }
  std::vector<Line> lines;
};

inline int count_questions(OrderTracker& tracker, OrderQuestion::Kind kind) {
  int n = 0;
  for (const OrderQuestion& q : tracker.questions()) n += q.kind == kind ? 1 : 0;
  return n;
}

}  // namespace calypte::engine::order_test
