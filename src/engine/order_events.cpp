#include "engine/order_events.hpp"

#include <string>
#include <utility>

namespace calypte::engine {
namespace {

/// The buy's or the sell's variant of an event whose contents are the same.
template <typename Buy, typename Sell, typename Body>
Event sided(TradeType side, Body body) {
  if (side == TradeType::buy) return Buy{std::move(body)};
  return Sell{std::move(body)};
}

Event failure_event(const InFlightOrder& order, Time now, std::optional<Time> venue_time, const Status& refusal) {
  MarketOrderFailureEvent event;
  event.timestamp = now;
  event.order_id = order.client_order_id();
  event.order_type = order.order_type();
  event.reason = order.end_reason() == FailureReason::none ? FailureReason::rejected_by_venue : order.end_reason();
  event.error_message = order.end_message();
  event.venue_time = venue_time;
  if (!refusal.ok()) {
    event.code = refusal.code();
    event.venue_code = refusal.venue_code();
  }
  return event;
}

}  // namespace

Event created_event(const InFlightOrder& order, Time now, std::optional<Time> venue_time) {
  OrderCreatedEvent event;
  event.timestamp = now;
  event.type = order.order_type();
  event.trading_pair = order.trading_pair();
  event.amount = order.amount();
  event.price = order.price();
  event.order_id = order.client_order_id();
  event.creation_timestamp = order.creation_time();
  event.exchange_order_id = order.exchange_order_id();
  event.leverage = order.intent().leverage;
  event.position = order.intent().position;
  event.venue_time = venue_time;
  return sided<BuyOrderCreatedEvent, SellOrderCreatedEvent>(order.trade_type(), std::move(event));
}

Event filled_event(const InFlightOrder& order, const TradeUpdate& trade, Time now, bool late) {
  OrderFilledEvent event;
  event.timestamp = now;
  event.order_id = order.client_order_id();
  event.trading_pair = order.trading_pair();
  event.trade_type = order.trade_type();
  event.order_type = order.order_type();
  event.price = trade.fill_price;
  event.amount = trade.fill_base_amount;
  event.quote_amount = trade.fill_quote_amount;
  event.trade_fee = trade.fee;
  event.exchange_trade_id = trade.trade_id;
  event.exchange_order_id = trade.exchange_order_id ? trade.exchange_order_id : order.exchange_order_id();
  event.leverage = order.intent().leverage;
  event.position = order.intent().position;
  event.venue_time = trade.fill_time;
  event.is_taker = trade.is_taker;
  event.late = late;
  event.overfill = order.executed_amount_base() > order.amount();
  event.realized_profit = trade.realized_profit;
  return event;
}

Event completed_event(const InFlightOrder& order, Time now, std::optional<Time> venue_time, bool incomplete) {
  OrderCompletedEvent event;
  event.timestamp = now;
  event.order_id = order.client_order_id();
  event.base_asset = std::string(order.base_asset());
  event.quote_asset = std::string(order.quote_asset());
  event.base_asset_amount = order.executed_amount_base();
  event.quote_asset_amount = order.executed_amount_quote();
  event.order_type = order.order_type();
  event.exchange_order_id = order.exchange_order_id();
  event.venue_time = venue_time;
  event.incomplete = incomplete;
  return sided<BuyOrderCompletedEvent, SellOrderCompletedEvent>(order.trade_type(), std::move(event));
}

std::optional<Event> ending_event(const InFlightOrder& order, Time now, std::optional<Time> venue_time, bool incomplete,
                                  const Status& refusal) {
  switch (order.state()) {
    case OrderState::filled:
      return completed_event(order, now, venue_time, incomplete);
    case OrderState::canceled: {
      OrderCancelledEvent event;
      event.timestamp = now;
      event.order_id = order.client_order_id();
      event.exchange_order_id = order.exchange_order_id();
      event.venue_time = venue_time;
      event.reason = order.end_reason();
      event.message = order.end_message();
      return event;
    }
    case OrderState::expired: {
      OrderExpiredEvent event;
      event.timestamp = now;
      event.order_id = order.client_order_id();
      event.exchange_order_id = order.exchange_order_id();
      event.venue_time = venue_time;
      return event;
    }
    case OrderState::failed:
      return failure_event(order, now, venue_time, refusal);
    default:
      return std::nullopt;
  }
}

FailureReason reason_of(const Status& refusal) noexcept {
  if (refusal.reason() != FailureReason::none) return refusal.reason();
  switch (refusal.code()) {
    case StatusCode::not_sent:
      return FailureReason::connection;
    case StatusCode::unauthenticated:
      return FailureReason::authentication;
    case StatusCode::rate_limited:
      return FailureReason::rate_limited;
    default:
      return FailureReason::rejected_by_venue;
  }
}

}  // namespace calypte::engine
