// The base of a strategy: override what you want to hear. All callbacks run on the runtime's thread, one at a time, and
// run to completion; they may call any function of the connector, whose effects follow after the callback has returned.
#pragma once

#include "calypte/connector.hpp"
#include "calypte/events.hpp"

namespace calypte {

class Strategy {
 public:
  virtual ~Strategy() = default;

  /// Asked once for each connector with a journal, before the first event of a run: the number
  /// (`ConnectorBase::event_number`) of the last event that this strategy has in a durable record of its own. What came
  /// after it is told first. Without an answer the journal's own mark counts, which is set when a callback has
  /// returned: an event in whose callback the process died is then told once more.
  virtual std::optional<std::uint64_t> last_event_seen(const Exchange&) { return std::nullopt; }

  /// Every condition of readiness holds for the first time since start. Orders sent earlier are denied.
  virtual void on_ready(Exchange&) {}
  /// At a regular interval, one second unless configured otherwise.
  virtual void on_tick(Exchange&, Time) {}
  /// The levels of a live book changed. Called once for each applied message, not for each level.
  virtual void on_order_book(Exchange&, const OrderBook&) {}
  /// Once, when the connector is about to stop; its orders are cancelled afterwards if so configured.
  virtual void on_stop(Exchange&) {}

  /// Every event, before the callback of its own. The order is that of events.hpp.
  virtual void on_event(Exchange&, const Event&) {}

  virtual void on_buy_order_created(Exchange&, const BuyOrderCreatedEvent&) {}
  virtual void on_sell_order_created(Exchange&, const SellOrderCreatedEvent&) {}
  virtual void on_order_filled(Exchange&, const OrderFilledEvent&) {}
  virtual void on_buy_order_completed(Exchange&, const BuyOrderCompletedEvent&) {}
  virtual void on_sell_order_completed(Exchange&, const SellOrderCompletedEvent&) {}
  virtual void on_order_cancelled(Exchange&, const OrderCancelledEvent&) {}
  virtual void on_order_expired(Exchange&, const OrderExpiredEvent&) {}
  virtual void on_order_failure(Exchange&, const MarketOrderFailureEvent&) {}
  virtual void on_trade(Exchange&, const TradeEvent&) {}
  virtual void on_balance(Exchange&, const BalanceEvent&) {}

  // Derivatives. `dynamic_cast<Derivative&>` of the connector is valid in these.
  virtual void on_position_changed(Exchange&, const PositionChangedEvent&) {}
  virtual void on_liquidation(Exchange&, const LiquidationEvent&) {}
  virtual void on_margin_call(Exchange&, const MarginCallEvent&) {}
  virtual void on_funding_info(Exchange&, const FundingInfoEvent&) {}
  virtual void on_funding_payment(Exchange&, const FundingPaymentCompletedEvent&) {}

  // Protocols. `dynamic_cast<Protocol&>` of the connector is valid in these.
  virtual void on_token_approval(Exchange&, const TokenApprovalEvent&) {}
  virtual void on_order_fill_revoked(Exchange&, const OrderFillRevokedEvent&) {}
};

/// Calls `on_event` and then the callback of the event's own type.
void deliver(Strategy& strategy, Exchange& connector, const Event& event);

}  // namespace calypte
