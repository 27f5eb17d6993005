// What is asked about orders and fills: the parameters of requests.
#include <algorithm>
#include <string>
#include <utility>

#include "connector/house/binance/binance_orders.hpp"

namespace calypte::connector::binance {

namespace {

Status denied(FailureReason reason, std::string message) { return {StatusCode::denied, reason, std::move(message)}; }

bool is_number(std::string_view text) noexcept {
  // It is written as a number of JSON, which does not begin with a zero.
  return !text.empty() && text.size() <= 19 && text.front() != '0' &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_client_order_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxClientOrderId && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == ':' ||
           c == '/' || c == '_' || c == '-';
  });
}

std::string_view word_of(TimeInForce time_in_force) noexcept {
  switch (time_in_force) {
    case TimeInForce::good_till_cancelled:
      return "GTC";
    case TimeInForce::immediate_or_cancel:
      return "IOC";
    case TimeInForce::fill_or_kill:
      return "FOK";
  }
  return {};
}

}  // namespace

Status write_new_order(Market market, const venue::NewOrder& order, Parameters& out) {
  const bool at_market = order.type == OrderType::market;
  const bool post_only = order.type == OrderType::limit_maker;
  const bool spot = market == Market::spot;
  if (order.type == OrderType::amm_swap) {
    return {StatusCode::unsupported, FailureReason::unsupported_order_type, "an order type of on-chain venues"};
  }
  if (post_only && order.time_in_force != TimeInForce::good_till_cancelled) {
    return {StatusCode::unsupported, FailureReason::unsupported_order_type, "a post-only order must be GTC here"};
  }
  if (spot && (order.reduce_only || order.position_side != PositionSide::net)) {
    return denied(FailureReason::invalid_position_action, "a spot order changes no position");
  }
  if (order.reduce_only && order.position_side != PositionSide::net) {
    return denied(FailureReason::invalid_position_action,
                  "with two positions the side says which one is reduced, and reduce-only is forbidden");
  }
  if (!order.amount.is_positive()) return denied(FailureReason::invalid_amount, "the amount is not positive");
  if (!at_market && !order.price) return denied(FailureReason::invalid_price, "a limit order needs a price");
  if (!is_client_order_id(order.client_order_id.value)) {
    return denied(FailureReason::duplicate_client_order_id,
                  "the client order id must be 1 to 36 letters, digits or one of .:/_-");
  }
  out.add("symbol", order.symbol.value).add("side", order.side == TradeType::buy ? "BUY" : "SELL");
  if (!spot && order.position_side != PositionSide::net) {
    out.add("positionSide", order.position_side == PositionSide::long_side ? "LONG" : "SHORT");
  }
  out.add("type", at_market ? "MARKET" : post_only && spot ? "LIMIT_MAKER" : "LIMIT");
  // On spot LIMIT_MAKER has none; on USD-M post-only is one.
  if (!at_market && !(post_only && spot)) out.add("timeInForce", post_only ? "GTX" : word_of(order.time_in_force));
  out.add("quantity", order.amount.normalized().to_string());
  if (!at_market) out.add("price", order.price->normalized().to_string());
  if (order.reduce_only) out.add("reduceOnly", "true");
  out.add("newClientOrderId", order.client_order_id.value);
  // On USD-M RESULT waits for the end of an order that does not rest; of one that rests it would say no more than ACK.
  const bool rests = !at_market && order.time_in_force == TimeInForce::good_till_cancelled;
  out.add("newOrderRespType", spot ? "FULL" : rests ? "ACK" : "RESULT");
  // The default is told differently in different places on USD-M; on spot each symbol has a list of what it allows, so
  // the symbol's own default is the only mode that is never refused.
  if (!spot) out.add("selfTradePreventionMode", "EXPIRE_MAKER");
  return {};
}

Status write_order_name(const venue::OrderRef& order, Parameters& out) {
  out.add("symbol", order.symbol.value);
  if (order.exchange_order_id && is_number(order.exchange_order_id->value)) {
    out.add_digits("orderId", order.exchange_order_id->value);
  } else if (!order.client_order_id.empty()) {
    out.add("origClientOrderId", order.client_order_id.value);
  } else {
    return denied(FailureReason::none, "an order without any id cannot be named to the venue");
  }
  return {};
}

bool names_order(const venue::QueryFills& query) noexcept {
  return query.order && query.order->exchange_order_id && is_number(query.order->exchange_order_id->value);
}

Status write_fills_query(const venue::QueryFills& query, Duration window, Parameters& out) {
  const Symbol symbol = query.symbol ? *query.symbol : query.order ? query.order->symbol : Symbol();
  if (symbol.empty()) return {StatusCode::unsupported, "fills are listed by symbol here"};
  out.add("symbol", symbol.value);
  if (names_order(query)) {
    out.add_digits("orderId", query.order->exchange_order_id->value);
  } else {
    out.add_integer("startTime", to_unix_ms(query.start));
    out.add_integer("endTime", to_unix_ms(std::min(query.end, query.start + window)));
  }
  out.add_integer("limit", kFillsPerPage);
  return {};
}

}  // namespace calypte::connector::binance
