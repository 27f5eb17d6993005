#include "engine/order_reads.hpp"

#include <fmt/format.h>

namespace calypte::engine {

std::vector<LimitOrder> limit_orders_of(const OrderTracker& orders) {
  std::vector<LimitOrder> result;
  for (const auto* order : orders.active_orders()) {
    if (order->order_type() != OrderType::market) result.push_back(order->to_limit_order());
  }
  return result;
}

std::string explain_order(const OrderTracker& orders, const ClientOrderId& id) {
  const auto* order = orders.fetch_order(id);
  if (order == nullptr) return id.value + ": not known";
  std::string text =
      fmt::format("{}: {} {} {} {} at {}, state {}, executed {} of {}{}\n", id.value, to_string(order->order_type()),
                  to_string(order->trade_type()), order->amount().to_string(), order->trading_pair().to_string(),
                  order->price() ? order->price()->to_string() : "market", to_string(order->state()),
                  order->executed_amount_base().to_string(), order->amount().to_string(),
                  orders.outcome_is_unknown(id) ? ", OUTCOME UNKNOWN" : "");
  for (const auto& line : orders.evidence(id)) text += "  " + line + "\n";
  return text;
}

std::optional<Decimal> price_of(const OrderBook* book, PriceType type) {
  if (book == nullptr) return std::nullopt;
  if (type == PriceType::last_trade) return book->last_trade_price();
  const auto* levels = book->live();
  if (levels == nullptr) return std::nullopt;
  if (type == PriceType::mid_price) return levels->mid_price();
  const auto row = type == PriceType::best_bid ? levels->best_bid() : levels->best_ask();
  return row ? std::optional(row->price) : std::nullopt;
}

}  // namespace calypte::engine
