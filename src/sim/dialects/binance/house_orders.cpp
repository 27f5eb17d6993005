// How orders are found and listed, which both markets do alike.
#include "sim/dialects/binance/house.hpp"

namespace calypte::sim::binance {

std::variant<std::optional<std::size_t>, Answer> BinanceHouse::optional_instrument(const Parameters& parameters) const {
  if (!parameters.has("symbol")) return std::optional<std::size_t>();
  auto named = named_instrument(parameters);
  if (Answer* refused = std::get_if<Answer>(&named)) return std::move(*refused);
  return std::optional(std::get<std::size_t>(named));
}

std::variant<const OrderRecord*, Answer> BinanceHouse::find_order(const Call& call) const {
  const auto instrument = named_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&instrument)) return *refused;
  const bool by_id = call.parameters.has("orderId");
  const bool by_client_id = call.parameters.has("origClientOrderId");
  if (!by_id && !by_client_id) {
    return failure(code::kMandatoryParameter,
                   "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
  }
  const AccountId account = accounts_[call.account].account;
  const OrderRecord* none = nullptr;
  const OrderRecord* order = nullptr;
  if (by_id) {
    const auto id = call.parameters.integer("orderId");
    if (!id) return illegal("orderId", "^[0-9]{1,20}$");
    order = exchange_.order(static_cast<OrderId>(*id));
  } else if (const auto id = exchange_.find_client_id(account, call.parameters.get("origClientOrderId"))) {
    order = exchange_.order(*id);
  }
  if (order == nullptr || order->request.account != account ||
      order->request.instrument != std::get<std::size_t>(instrument)) {
    return none;
  }
  // The exchange knows an order by its former names too; the venue does not.
  if (by_client_id && order->request.client_id != call.parameters.get("origClientOrderId")) return none;
  return order;
}

Answer BinanceHouse::get_order(const Call& call) const {
  const auto found = find_order(call);
  if (const Answer* refused = std::get_if<Answer>(&found)) return *refused;
  const OrderRecord* order = std::get<const OrderRecord*>(found);
  if (order == nullptr) return failure(code::kNoSuchOrder, "Order does not exist.");
  return success(order_object(*order));
}

Answer BinanceHouse::get_open_orders(const Call& call) const {
  const auto symbol = optional_instrument(call.parameters);
  if (const Answer* refused = std::get_if<Answer>(&symbol)) return *refused;
  const auto only = std::get<std::optional<std::size_t>>(symbol);
  std::string list;
  Writer out(list);
  out.begin_array();
  for (const OrderId id : exchange_.open_orders(accounts_[call.account].account)) {
    const OrderRecord& order = *exchange_.order(id);
    if (!only || order.request.instrument == *only) out.raw(order_object(order));
  }
  out.end_array();
  return success(list);
}

}  // namespace calypte::sim::binance
