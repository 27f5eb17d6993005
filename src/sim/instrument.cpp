#include "sim/instrument.hpp"

#include <limits>

namespace calypte::sim {

std::optional<std::int64_t> to_units(const Decimal& value, const Decimal& step) noexcept {
  Decimal plain = value.normalized();
  const Decimal unit = step.normalized();
  // A unit of scale 0 (1, 10, 100) can normalise to a smaller scale than a value that is a multiple of it, never the
  // other way round: a value with more places than its unit is no multiple.
  if (plain.scale() > unit.scale()) return std::nullopt;
  Decimal::Int128 coefficient = plain.coefficient();
  for (int scale = plain.scale(); scale < unit.scale(); ++scale) {
    if (__builtin_mul_overflow(coefficient, static_cast<Decimal::Int128>(10), &coefficient)) return std::nullopt;
  }
  if (unit.coefficient() <= 0 || coefficient % unit.coefficient() != 0) return std::nullopt;
  const Decimal::Int128 units = coefficient / unit.coefficient();
  if (units > std::numeric_limits<std::int64_t>::max() || units < std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(units);
}

Decimal from_units(std::int64_t units, const Decimal& step) noexcept {
  return Decimal::from_parts(step.coefficient() * units, step.scale());
}

int places(const Decimal& step) noexcept { return step.normalized().scale(); }

}  // namespace calypte::sim
