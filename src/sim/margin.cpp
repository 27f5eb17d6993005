#include "sim/margin.hpp"

#include <algorithm>

#include "sim/positions.hpp"

namespace calypte::sim {

const Bracket& bracket_of(const ContractTerms& terms, const Decimal& notional) {
  const auto found = std::find_if(terms.brackets.begin(), terms.brackets.end(),
                                  [&](const Bracket& bracket) { return notional <= bracket.notional_cap; });
  return found == terms.brackets.end() ? terms.brackets.back() : *found;
}

Decimal max_notional_at(const ContractTerms& terms, std::uint32_t leverage) {
  Decimal cap;
  for (const Bracket& bracket : terms.brackets) {
    if (bracket.max_leverage >= leverage) cap = std::max(cap, bracket.notional_cap);
  }
  return cap;
}

Decimal maintenance_margin(const ContractTerms& terms, const Decimal& notional) {
  const Bracket& bracket = bracket_of(terms, notional);
  return (notional * bracket.maintenance_rate - bracket.maintenance_deduction)
      .rescaled(kMoneyPlaces, Rounding::ceiling)
      .normalized();
}

Decimal initial_margin(const Decimal& notional, std::uint32_t leverage) {
  return divide(notional, Decimal(leverage), kMoneyPlaces, Rounding::ceiling).normalized();
}

Decimal Exposure::worst() const {
  return std::max({position.abs(), (position + buys).abs(), (position - sells).abs()});
}

}  // namespace calypte::sim
