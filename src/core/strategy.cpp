#include "calypte/strategy.hpp"

namespace calypte {
namespace {

/// Events that are not in this list have `on_event` only. Every type of `Event` must appear, so that a new one is
/// thought about here.
struct Callback {
  Strategy& strategy;
  Exchange& connector;

  void operator()(const BuyOrderCreatedEvent& e) const { strategy.on_buy_order_created(connector, e); }
  void operator()(const SellOrderCreatedEvent& e) const { strategy.on_sell_order_created(connector, e); }
  void operator()(const OrderFilledEvent& e) const { strategy.on_order_filled(connector, e); }
  void operator()(const BuyOrderCompletedEvent& e) const { strategy.on_buy_order_completed(connector, e); }
  void operator()(const SellOrderCompletedEvent& e) const { strategy.on_sell_order_completed(connector, e); }
  void operator()(const OrderCancelledEvent& e) const { strategy.on_order_cancelled(connector, e); }
  void operator()(const OrderExpiredEvent& e) const { strategy.on_order_expired(connector, e); }
  void operator()(const MarketOrderFailureEvent& e) const { strategy.on_order_failure(connector, e); }
  void operator()(const TradeEvent& e) const { strategy.on_trade(connector, e); }
  void operator()(const BalanceEvent& e) const { strategy.on_balance(connector, e); }
  void operator()(const OrderCancelFailedEvent&) const {}
  void operator()(const OrderOutcomeUnknownEvent&) const {}
  void operator()(const OrderOutcomeResolvedEvent&) const {}
  void operator()(const UnmatchedFillEvent&) const {}
  void operator()(const OrderBookStateEvent&) const {}
  void operator()(const ReadyEvent&) const {}  // `on_ready` is called by the runtime, once
  void operator()(const ConnectorErrorEvent&) const {}
  void operator()(const PositionChangedEvent& e) const { strategy.on_position_changed(connector, e); }
  void operator()(const LiquidationEvent& e) const { strategy.on_liquidation(connector, e); }
  void operator()(const MarginCallEvent& e) const { strategy.on_margin_call(connector, e); }
  void operator()(const FundingInfoEvent& e) const { strategy.on_funding_info(connector, e); }
  void operator()(const FundingPaymentCompletedEvent& e) const { strategy.on_funding_payment(connector, e); }
  void operator()(const PositionMismatchEvent&) const {}
  void operator()(const PositionModeChangedEvent&) const {}
  void operator()(const LeverageChangedEvent&) const {}
  void operator()(const MarginTypeChangedEvent&) const {}
  void operator()(const ExternalOrderEvent&) const {}
  void operator()(const TokenApprovalEvent& e) const { strategy.on_token_approval(connector, e); }
  void operator()(const NetworkFeeEvent&) const {}
  void operator()(const OrderFillRevokedEvent& e) const { strategy.on_order_fill_revoked(connector, e); }
};

}  // namespace

void deliver(Strategy& strategy, Exchange& connector, const Event& event) {
  strategy.on_event(connector, event);
  std::visit(Callback{strategy, connector}, event);
}

}  // namespace calypte
