#include "sim/instrument.hpp"

#include <limits>

namespace calypte::sim {

std::vector<Bracket> default_brackets() {
  struct Row {
    std::int64_t cap;
    std::uint32_t leverage;
    std::int64_t rate_e4;
  };
  constexpr Row kRows[] = {{50'000, 125, 40},      {600'000, 100, 50},       {3'000'000, 75, 65},
                           {12'000'000, 50, 100},  {70'000'000, 25, 200},    {100'000'000, 20, 250},
                           {230'000'000, 10, 500}, {480'000'000, 5, 1000},   {600'000'000, 4, 1250},
                           {800'000'000, 3, 1500}, {1'200'000'000, 2, 2500}, {1'800'000'000, 1, 5000}};
  std::vector<Bracket> brackets;
  for (const Row& row : kRows) {
    const Decimal rate = Decimal::from_parts(row.rate_e4, 4);
    Decimal deduction;
    if (!brackets.empty()) {
      const Bracket& below = brackets.back();
      deduction = below.maintenance_deduction + below.notional_cap * (rate - below.maintenance_rate);
    }
    brackets.push_back(Bracket{row.cap, row.leverage, rate, deduction.normalized()});
  }
  return brackets;
}

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
