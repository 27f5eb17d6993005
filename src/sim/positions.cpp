#include "sim/positions.hpp"

namespace calypte::sim {

Decimal Position::entry_price() const {
  return amount.is_zero() ? Decimal{} : divide(cost, amount, kMoneyPlaces).normalized();
}

Decimal apply_fill(Position& position, const Decimal& quantity, const Decimal& price) {
  const Decimal before = position.amount;
  const Decimal cost_before = position.cost;
  position.amount = (position.amount + quantity).normalized();
  position.cost += quantity * price;
  Decimal realized;
  if (before.is_negative() == quantity.is_negative() || before.is_zero()) {
    realized = 0;
  } else if (position.amount.is_zero()) {
    realized = -position.cost;
  } else if (position.amount.is_negative() != before.is_negative()) {
    // Turned around: what is open now was opened at this price.
    realized = position.amount * price - position.cost;
  } else {
    const Decimal scaled = cost_before * position.amount - position.cost * before;
    realized = divide(scaled, before, kMoneyPlaces, Rounding::half_even);
  }
  position.cost = (position.cost + realized).normalized();
  position.realized = (position.realized + realized).normalized();
  return realized.normalized();
}

}  // namespace calypte::sim
