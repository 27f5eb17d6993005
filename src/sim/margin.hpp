// What positions and orders in contracts bind: leverage brackets, initial and maintenance margin.
#pragma once

#include <cstdint>
#include <vector>

#include "calypte/decimal.hpp"

#include "sim/instrument.hpp"

namespace calypte::sim {

enum class MarginType : std::uint8_t { cross, isolated };

/// What an account has chosen for one contract.
struct ContractSettings {
  std::uint32_t leverage = 20;
  MarginType margin = MarginType::cross;
};

/// The bracket of a notional; the last one beyond all caps.
[[nodiscard]] const Bracket& bracket_of(const ContractTerms& terms, const Decimal& notional);
/// How big a position may be at this leverage; zero if no bracket offers it.
[[nodiscard]] Decimal max_notional_at(const ContractTerms& terms, std::uint32_t leverage);
/// Of a positive notional, rounded up to the places of money.
[[nodiscard]] Decimal maintenance_margin(const ContractTerms& terms, const Decimal& notional);
[[nodiscard]] Decimal initial_margin(const Decimal& notional, std::uint32_t leverage);

/// A position with the open orders that would make it bigger, as values; the orders that only reduce bind nothing.
struct Exposure {
  Decimal position;  ///< at the mark price, negative: short
  Decimal buys;
  Decimal sells;
  /// The biggest value that the position can come to if only one side of the orders fills.
  [[nodiscard]] Decimal worst() const;
};

/// An account in one margin asset.
struct MarginSummary {
  Decimal wallet;            ///< all of it
  Decimal cross_wallet;      ///< without what isolated positions have set aside
  Decimal unrealized;        ///< of all positions
  Decimal cross_unrealized;  ///< of the cross ones
  Decimal position_margin;   ///< initial margin of all positions
  Decimal order_margin;      ///< what open orders bind beyond that
  Decimal maintenance;       ///< of all positions
  Decimal cross_maintenance;
  Decimal available;  ///< for new orders; may be negative
  [[nodiscard]] Decimal cross_balance() const { return cross_wallet + cross_unrealized; }
};

}  // namespace calypte::sim
