// What open orders hold and what is left; declared in balances.hpp.
#include <map>
#include <string>

#include "engine/balances.hpp"

namespace calypte::engine {
namespace {

Status too_large() { return {StatusCode::malformed, "a balance does not fit into a decimal number"}; }

/// What an order holds of which asset. Throws `DecimalOverflow`; normalized, so that a price written with many zeros
/// does not cost digits.
std::pair<std::string_view, Decimal> hold_of(const OrderHold& order) {
  if (order.side == TradeType::sell) return {order.trading_pair.base(), order.unfilled};
  if (!order.price) return {order.trading_pair.quote(), Decimal{}};
  const Decimal cost = (order.unfilled.normalized() * order.price->normalized()).normalized();
  return {order.trading_pair.quote(), cost + cost * order.fee_percent.normalized()};
}

Decimal held(std::string_view asset, std::span<const OrderHold> orders) {
  Decimal sum;
  for (const OrderHold& order : orders) {
    const auto [of, amount] = hold_of(order);
    if (of == asset) sum += amount;
  }
  return sum;
}

Decimal effect_of(std::string_view asset, const FillEffect& fill) {
  const bool buy = fill.side == TradeType::buy;
  Decimal sum;
  if (asset == fill.trading_pair.base()) sum += buy ? fill.base_amount : -fill.base_amount;
  if (asset == fill.trading_pair.quote()) sum += buy ? -fill.quote_amount : fill.quote_amount;
  for (const TokenAmount& fee : fill.fees) {
    if (fee.token == asset) sum -= fee.amount;
  }
  return sum;
}

}  // namespace

Result<std::map<std::string, Decimal>> in_flight_asset_balances(std::span<const OrderHold> orders) try {
  std::map<std::string, Decimal> result;
  for (const OrderHold& order : orders) {
    const auto [asset, amount] = hold_of(order);
    if (!amount.is_zero()) result[std::string(asset)] += amount;
  }
  return result;
} catch (const DecimalOverflow&) {
  return too_large();
}

Result<AvailableEstimate> estimate_available_balance(std::string_view asset, const Decimal& registered,
                                                     Time snapshot_time, std::span<const OrderHold> at_snapshot,
                                                     std::span<const OrderHold> now,
                                                     std::span<const FillEffect> fills) try {
  Decimal sum = registered + held(asset, at_snapshot) - held(asset, now);
  for (const FillEffect& fill : fills) {
    if (fill.time > snapshot_time) sum += effect_of(asset, fill);
  }
  if (sum.is_negative()) return AvailableEstimate{Decimal{}, -sum};
  return AvailableEstimate{sum, Decimal{}};
} catch (const DecimalOverflow&) {
  return too_large();
}

}  // namespace calypte::engine
