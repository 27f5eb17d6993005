// What a simulated venue lists, and the exact conversions between decimals and whole ticks and lots.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/time.hpp"

namespace calypte::sim {

enum class InstrumentKind : std::uint8_t { spot, perpetual };

/// A step of the ladder by which a bigger position may be leveraged less and must keep more.
struct Bracket {
  Decimal notional_cap;  ///< in quote; positions up to here belong to this bracket
  std::uint32_t max_leverage = 1;
  Decimal maintenance_rate;       ///< part of the notional that must be kept
  Decimal maintenance_deduction;  ///< taken off that product, so that it does not jump at the foot of the bracket
};
/// Twelve brackets from 125 down to 1, as big contracts have them.
[[nodiscard]] std::vector<Bracket> default_brackets();

/// What a perpetual contract adds to an instrument: one unit of base is one contract, margin and profit are in quote.
struct ContractTerms {
  std::vector<Bracket> brackets = default_brackets();  ///< never empty, ascending caps
  Duration funding_interval = std::chrono::hours{8};   ///< settled at whole multiples of it since the Unix epoch
  Decimal interest_rate = Decimal::from_parts(1, 4);   ///< for eight hours
  Decimal funding_cap = Decimal::from_parts(2, 2);     ///< the rate stays between the cap and its negative
  Duration price_interval = std::chrono::seconds{1};   ///< how often index, mark and margins are computed anew
};

struct Instrument {
  std::string symbol;
  InstrumentKind kind = InstrumentKind::spot;
  std::string base;
  std::string quote;
  Decimal tick;
  Decimal lot;
  Decimal start_price;  ///< where the background flow begins
  bool tradable = true;
  Decimal min_notional = 1;         ///< in quote
  Decimal max_notional = 10000000;  ///< in quote
  /// A perpetual without terms is listed but cannot be traded.
  std::optional<ContractTerms> contract = std::nullopt;
};

/// value / step if that is a whole number of 64 bits.
[[nodiscard]] std::optional<std::int64_t> to_units(const Decimal& value, const Decimal& step) noexcept;
/// units times step, with the scale of the step.
[[nodiscard]] Decimal from_units(std::int64_t units, const Decimal& step) noexcept;
/// Decimal places after the point of a step: 0.010 has two.
[[nodiscard]] int places(const Decimal& step) noexcept;

}  // namespace calypte::sim
