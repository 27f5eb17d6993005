// Unsigned 256-bit intermediates for exact decimal arithmetic. Only what `Decimal` needs.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace calypte::core {

__extension__ using U128 = unsigned __int128;

struct U256 {
  U128 high = 0;
  U128 low = 0;
  friend constexpr bool operator==(const U256&, const U256&) = default;
  friend constexpr auto operator<=>(const U256&, const U256&) = default;  // high first
};

struct Division {
  U256 quotient;
  U128 remainder = 0;
};

constexpr std::uint64_t low_word(U128 v) noexcept { return static_cast<std::uint64_t>(v); }
constexpr std::uint64_t high_word(U128 v) noexcept { return static_cast<std::uint64_t>(v >> 64U); }

/// 10^0 to 10^38, all that fit.
inline constexpr std::array<U128, 39> kPow10 = [] {
  std::array<U128, 39> table{};
  table[0] = 1;
  for (std::size_t i = 1; i < table.size(); ++i) table[i] = table[i - 1] * 10U;
  return table;
}();
constexpr U128 pow10(int exponent) noexcept { return kPow10[static_cast<std::size_t>(exponent)]; }

constexpr U256 multiply(U128 a, U128 b) noexcept {
  const U128 low = static_cast<U128>(low_word(a)) * low_word(b);
  const U128 cross_a = static_cast<U128>(high_word(a)) * low_word(b);
  const U128 cross_b = static_cast<U128>(low_word(a)) * high_word(b);
  const U128 high = static_cast<U128>(high_word(a)) * high_word(b);
  const U128 middle = static_cast<U128>(high_word(low)) + low_word(cross_a) + low_word(cross_b);
  return {high + high_word(cross_a) + high_word(cross_b) + high_word(middle), (middle << 64U) | low_word(low)};
}

/// Modulo 2^256.
constexpr U256 add(const U256& a, const U256& b) noexcept {
  const U128 low = a.low + b.low;
  return {a.high + b.high + (low < a.low ? 1U : 0U), low};
}
/// Precondition: a >= b.
constexpr U256 subtract(const U256& a, const U256& b) noexcept {
  return {a.high - b.high - (a.low < b.low ? 1U : 0U), a.low - b.low};
}

/// Precondition: divisor is not 0. Long division in words of 64 bits; for a divisor of two words the estimate of each
/// quotient word is exact after correction, since the correction looks at the whole divisor (Knuth, TAOCP 4.3.1 D).
constexpr Division divide(const U256& dividend, U128 divisor) noexcept {
  if (dividend.high == 0) return {{0, dividend.low / divisor}, dividend.low % divisor};
  std::array<std::uint64_t, 5> u{low_word(dividend.low), high_word(dividend.low), low_word(dividend.high),
                                 high_word(dividend.high), 0};
  if (high_word(divisor) == 0) {
    std::uint64_t rest = 0;
    for (std::size_t i = 4; i-- > 0;) {
      const U128 part = (static_cast<U128>(rest) << 64U) | u[i];
      u[i] = low_word(part / divisor);
      rest = low_word(part % divisor);
    }
    return {{(static_cast<U128>(u[3]) << 64U) | u[2], (static_cast<U128>(u[1]) << 64U) | u[0]}, rest};
  }
  // Shift so that the divisor's top bit is set: then an estimate from its top word is at most two too large.
  const auto shift = static_cast<unsigned>(std::countl_zero(high_word(divisor)));
  const U128 scaled = divisor << shift;
  const std::uint64_t v1 = high_word(scaled);
  const std::uint64_t v0 = low_word(scaled);
  if (shift != 0) {
    for (std::size_t i = 4; i > 0; --i) u[i] = (u[i] << shift) | (u[i - 1] >> (64U - shift));
    u[0] <<= shift;
  }
  std::array<std::uint64_t, 3> q{};
  for (std::size_t j = 3; j-- > 0;) {
    const U128 top = (static_cast<U128>(u[j + 2]) << 64U) | u[j + 1];
    U128 estimate = top / v1;
    U128 rest = top % v1;
    while (high_word(estimate) != 0 || estimate * v0 > ((rest << 64U) | u[j])) {
      --estimate;
      rest += v1;
      if (high_word(rest) != 0) break;
    }
    const U128 remainder = ((rest << 64U) | u[j]) - estimate * v0;
    u[j + 1] = high_word(remainder);
    u[j] = low_word(remainder);
    q[j] = low_word(estimate);
  }
  return {{q[2], (static_cast<U128>(q[1]) << 64U) | q[0]}, ((static_cast<U128>(u[1]) << 64U) | u[0]) >> shift};
}

}  // namespace calypte::core
