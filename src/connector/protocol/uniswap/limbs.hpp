// Fixed numbers of 64-bit limbs, least significant first: what stands behind full_math and the tick maths, where
// the general number type costs several times the arithmetic itself. Only .cpp files of this folder include it.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "connector/protocol/uniswap/pool_types.hpp"

namespace calypte::connector::uniswap::limbs {

template <std::size_t N>
using Limbs = std::array<std::uint64_t, N>;

static_assert(sizeof(boost::multiprecision::limb_type) == sizeof(std::uint64_t));

[[nodiscard]] inline Limbs<4> from(const Uint256& value) noexcept {
  Limbs<4> result{};
  const auto& backend = value.backend();
  const auto* source = backend.limbs();
  for (unsigned i = 0; i < backend.size(); ++i) result[i] = source[i];
  return result;
}

[[nodiscard]] inline Uint256 to_uint256(const Limbs<4>& value) noexcept {
  unsigned size = 4;
  while (size > 1 && value[size - 1] == 0) --size;
  Uint256 result;
  result.backend().resize(size, size);
  auto* target = result.backend().limbs();
  for (unsigned i = 0; i < size; ++i) target[i] = value[i];
  return result;
}

[[nodiscard]] inline Uint256 to_uint256(Uint128 value) noexcept {
  return to_uint256({static_cast<std::uint64_t>(value), static_cast<std::uint64_t>(value >> 64U), 0, 0});
}

/// How many limbs are used: the index of the highest one that is not zero, plus one.
template <std::size_t N>
[[nodiscard]] constexpr std::size_t used(const Limbs<N>& value) noexcept {
  std::size_t n = N;
  while (n > 0 && value[n - 1] == 0) --n;
  return n;
}

[[nodiscard]] constexpr Limbs<8> multiply(const Limbs<4>& a, const Limbs<4>& b) noexcept {
  Limbs<8> result{};
  const std::size_t a_used = used(a);
  const std::size_t b_used = used(b);
  for (std::size_t i = 0; i < a_used; ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < b_used; ++j) {
      const Uint128 t = static_cast<Uint128>(a[i]) * b[j] + result[i + j] + carry;
      result[i + j] = static_cast<std::uint64_t>(t);
      carry = static_cast<std::uint64_t>(t >> 64U);
    }
    result[i + b_used] = carry;
  }
  return result;
}

/// Quotient and whether something remained. Precondition: the divisor is not zero. Knuth, The Art of Computer
/// Programming, volume 2, section 4.3.1, algorithm D.
struct Division {
  Limbs<8> quotient{};
  bool exact = true;
};
[[nodiscard]] Division divide(const Limbs<8>& dividend, const Limbs<4>& divisor) noexcept;

/// a * b / 2^128, rounded down.
[[nodiscard]] constexpr Uint128 multiply_high(Uint128 a, Uint128 b) noexcept {
  const auto a0 = static_cast<std::uint64_t>(a);
  const auto a1 = static_cast<std::uint64_t>(a >> 64U);
  const auto b0 = static_cast<std::uint64_t>(b);
  const auto b1 = static_cast<std::uint64_t>(b >> 64U);
  const Uint128 low = static_cast<Uint128>(a0) * b0;
  const Uint128 middle1 = static_cast<Uint128>(a1) * b0 + (low >> 64U);
  const Uint128 middle2 = static_cast<Uint128>(a0) * b1 + static_cast<std::uint64_t>(middle1);
  return static_cast<Uint128>(a1) * b1 + (middle1 >> 64U) + (middle2 >> 64U);
}

}  // namespace calypte::connector::uniswap::limbs
