// The members of every journalled event, each named once, for writing and for reading. `members(event, visit)` calls
// `visit(name, member)` for all of them in order; members of a const event are const. Names are part of the stored
// form and never change.
#pragma once

#include <concepts>
#include <type_traits>

#include "calypte/events.hpp"

namespace calypte::engine {

template <typename T, typename Base>
concept IsA = std::derived_from<std::remove_const_t<T>, Base>;

void members(IsA<OrderCreatedEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("order_type", e.type);
  visit("trading_pair", e.trading_pair);
  visit("amount", e.amount);
  visit("price", e.price);
  visit("order_id", e.order_id);
  visit("creation_timestamp", e.creation_timestamp);
  visit("exchange_order_id", e.exchange_order_id);
  visit("leverage", e.leverage);
  visit("position", e.position);
  visit("venue_time", e.venue_time);
}

void members(IsA<OrderFilledEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("order_id", e.order_id);
  visit("trading_pair", e.trading_pair);
  visit("trade_type", e.trade_type);
  visit("order_type", e.order_type);
  visit("price", e.price);
  visit("amount", e.amount);
  visit("quote_amount", e.quote_amount);
  visit("trade_fee", e.trade_fee);
  visit("exchange_trade_id", e.exchange_trade_id);
  visit("exchange_order_id", e.exchange_order_id);
  visit("leverage", e.leverage);
  visit("position", e.position);
  visit("venue_time", e.venue_time);
  visit("is_taker", e.is_taker);
  visit("late", e.late);
  visit("overfill", e.overfill);
  visit("realized_profit", e.realized_profit);
}

void members(IsA<OrderCompletedEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("order_id", e.order_id);
  visit("base_asset", e.base_asset);
  visit("quote_asset", e.quote_asset);
  visit("base_asset_amount", e.base_asset_amount);
  visit("quote_asset_amount", e.quote_asset_amount);
  visit("order_type", e.order_type);
  visit("exchange_order_id", e.exchange_order_id);
  visit("venue_time", e.venue_time);
  visit("incomplete", e.incomplete);
}

void members(IsA<OrderCancelledEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("order_id", e.order_id);
  visit("exchange_order_id", e.exchange_order_id);
  visit("venue_time", e.venue_time);
  visit("reason", e.reason);
  visit("message", e.message);
}

void members(IsA<OrderExpiredEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("order_id", e.order_id);
  visit("exchange_order_id", e.exchange_order_id);
  visit("venue_time", e.venue_time);
}

void members(IsA<MarketOrderFailureEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("order_id", e.order_id);
  visit("order_type", e.order_type);
  visit("code", e.code);
  visit("reason", e.reason);
  visit("error_message", e.error_message);
  visit("venue_code", e.venue_code);
  visit("venue_time", e.venue_time);
}

void members(IsA<OrderCancelFailedEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("order_id", e.order_id);
  visit("status", e.status);
}

void members(IsA<OrderOutcomeUnknownEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("order_id", e.order_id);
  visit("evidence", e.evidence);
}

void members(IsA<OrderOutcomeResolvedEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("order_id", e.order_id);
  visit("state", e.state);
}

void members(IsA<UnmatchedFillEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("trading_pair", e.trading_pair);
  visit("trade_type", e.trade_type);
  visit("price", e.price);
  visit("amount", e.amount);
  visit("exchange_trade_id", e.exchange_trade_id);
  visit("client_order_id", e.client_order_id);
  visit("exchange_order_id", e.exchange_order_id);
}

void members(IsA<ExternalOrderEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("trading_pair", e.trading_pair);
  visit("client_order_id", e.client_order_id);
  visit("exchange_order_id", e.exchange_order_id);
  visit("trade_type", e.trade_type);
  visit("order_type", e.order_type);
  visit("amount", e.amount);
  visit("price", e.price);
  visit("executed_amount", e.executed_amount);
}

void members(IsA<LiquidationEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("kind", e.kind);
  visit("trading_pair", e.trading_pair);
  visit("side", e.side);
  visit("trade_type", e.trade_type);
  visit("price", e.price);
  visit("amount", e.amount);
  visit("exchange_trade_id", e.exchange_trade_id);
  visit("trade_fee", e.trade_fee);
  visit("realized_profit", e.realized_profit);
  visit("venue_time", e.venue_time);
}

void members(IsA<FundingPaymentCompletedEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("trading_pair", e.trading_pair);
  visit("amount", e.amount);
  visit("asset", e.asset);
  visit("rate", e.rate);
  visit("payment_id", e.payment_id);
  visit("venue_time", e.venue_time);
}

void members(IsA<PositionModeChangedEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("mode", e.mode);
  visit("status", e.status);
}

void members(IsA<LeverageChangedEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("trading_pair", e.trading_pair);
  visit("leverage", e.leverage);
  visit("status", e.status);
}

void members(IsA<MarginTypeChangedEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("trading_pair", e.trading_pair);
  visit("type", e.type);
  visit("status", e.status);
}

void members(IsA<TokenApprovalEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("order_id", e.order_id);
  visit("token", e.token);
  visit("spender", e.spender);
  visit("amount", e.amount);
  visit("transaction", e.transaction);
  visit("status", e.status);
}

void members(IsA<NetworkFeeEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("order_id", e.order_id);
  visit("transaction", e.transaction);
  visit("asset", e.asset);
  visit("amount", e.amount);
}

void members(IsA<OrderFillRevokedEvent> auto& e, auto&& visit) {
  visit("timestamp", e.timestamp);
  visit("order_id", e.order_id);
  visit("trading_pair", e.trading_pair);
  visit("exchange_trade_id", e.exchange_trade_id);
  visit("amount", e.amount);
  visit("quote_amount", e.quote_amount);
  visit("reinstated", e.reinstated);
}

}  // namespace calypte::engine
