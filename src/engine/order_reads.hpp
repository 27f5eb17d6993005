// What every kind of connector says of its orders and books in the same words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "calypte/connector.hpp"

#include "engine/order_tracker.hpp"

namespace calypte::engine {

[[nodiscard]] std::vector<LimitOrder> limit_orders_of(const OrderTracker& orders);
/// What is known of an order and by which evidence, line by line.
[[nodiscard]] std::string explain_order(const OrderTracker& orders, const ClientOrderId& id);
/// Empty if there is no such book, it is not live, or it has no such price.
[[nodiscard]] std::optional<Decimal> price_of(const OrderBook* book, PriceType type);

}  // namespace calypte::engine
