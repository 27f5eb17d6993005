// What a simulated venue lists, and the exact conversions between decimals and whole ticks and lots.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "calypte/decimal.hpp"

namespace calypte::sim {

enum class InstrumentKind : std::uint8_t { spot, perpetual };

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
};

/// value / step if that is a whole number of 64 bits.
[[nodiscard]] std::optional<std::int64_t> to_units(const Decimal& value, const Decimal& step) noexcept;
/// units times step, with the scale of the step.
[[nodiscard]] Decimal from_units(std::int64_t units, const Decimal& step) noexcept;
/// Decimal places after the point of a step: 0.010 has two.
[[nodiscard]] int places(const Decimal& step) noexcept;

}  // namespace calypte::sim
