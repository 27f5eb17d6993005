#include "connector/protocol/uniswap/v3_tick_math.hpp"

#include <array>
#include <bit>
#include <cassert>
#include <cstdint>

#include "connector/protocol/uniswap/limbs.hpp"

namespace calypte::connector::uniswap {
namespace {

constexpr Uint128 wide(std::uint64_t high, std::uint64_t low) { return (Uint128{high} << 64U) | low; }

/// 2^128 / sqrt(1.0001)^(2^i), rounded to the nearest integer.
constexpr std::array<Uint128, 20> kFactors = {
    wide(0xfffcb933bd6fad37, 0xaa2d162d1a594001), wide(0xfff97272373d4132, 0x59a46990580e213a),
    wide(0xfff2e50f5f656932, 0xef12357cf3c7fdcc), wide(0xffe5caca7e10e4e6, 0x1c3624eaa0941cd0),
    wide(0xffcb9843d60f6159, 0xc9db58835c926644), wide(0xff973b41fa98c081, 0x472e6896dfb254c0),
    wide(0xff2ea16466c96a38, 0x43ec78b326b52861), wide(0xfe5dee046a99a2a8, 0x11c461f1969c3053),
    wide(0xfcbe86c7900a88ae, 0xdcffc83b479aa3a4), wide(0xf987a7253ac41317, 0x6f2b074cf7815e54),
    wide(0xf3392b0822b70005, 0x940c7a398e4b70f3), wide(0xe7159475a2c29b74, 0x43b29c7fa6e889d9),
    wide(0xd097f3bdfd2022b8, 0x845ad8f792aa5825), wide(0xa9f746462d870fdf, 0x8a65dc1f90e061e5),
    wide(0x70d869a156d2a1b8, 0x90bb3df62baf32f7), wide(0x31be135f97d08fd9, 0x81231505542fcfa6),
    wide(0x09aa508b5b7a84e1, 0xc677de54f3e99bc9), wide(0x005d6af8dedb8119, 0x6699c329225ee604),
    wide(0x00002216e584f5fa, 0x1ea926041bedfe98), wide(0x00000000048a1703, 0x91f7dc42444e8fa2),
};

/// 2^20 / log2(sqrt(1.0001)): how many ticks a doubling of the square root is.
constexpr std::int64_t kTicksPerDoubling = 14537076765;
constexpr unsigned kLogBits = 20;

/// log2(value / 2^96) in 2^-20, at most one such unit and a hair below the truth. Precondition: not zero.
std::int64_t log2_of_ratio(const Uint256& value) noexcept {
  const limbs::Limbs<4> v = limbs::from(value);
  const std::size_t top = limbs::used(v) - 1;
  const auto zeros = static_cast<unsigned>(std::countl_zero(v[top]));
  std::uint64_t mantissa = v[top] << zeros;
  if (zeros > 0 && top > 0) mantissa |= v[top - 1] >> (64U - zeros);
  auto result = static_cast<std::int64_t>(64 * top + 63 - zeros) - 96;
  // Each squaring of a number in [1, 2) doubles its logarithm and so brings out one bit of it.
  for (unsigned i = 0; i < kLogBits; ++i) {
    const Uint128 square = static_cast<Uint128>(mantissa) * mantissa;
    const auto bit = static_cast<unsigned>(square >> 127U);
    mantissa = static_cast<std::uint64_t>(square >> (63U + bit));
    result = result * 2 + bit;
  }
  return result;
}

}  // namespace

const Uint256& min_sqrt_ratio() noexcept {
  static const Uint256 ratio = sqrt_ratio_at_tick(kMinTick);
  return ratio;
}

const Uint256& max_sqrt_ratio() noexcept {
  static const Uint256 ratio = sqrt_ratio_at_tick(kMaxTick);
  return ratio;
}

Uint256 sqrt_ratio_at_tick(int tick) noexcept {
  assert(tick >= kMinTick && tick <= kMaxTick);
  const auto magnitude = static_cast<unsigned>(tick < 0 ? -tick : tick);
  // 2^128 / sqrt(1.0001)^magnitude as a product over the bits of the magnitude. One itself needs 129 bits and is zero
  // here until the first factor replaces it.
  Uint128 ratio = 0;
  for (unsigned bits = magnitude; bits != 0; bits &= bits - 1) {
    const Uint128 factor = kFactors[static_cast<std::size_t>(std::countr_zero(bits))];
    ratio = ratio == 0 ? factor : limbs::multiply_high(ratio, factor);
  }
  limbs::Limbs<4> q128{static_cast<std::uint64_t>(ratio), static_cast<std::uint64_t>(ratio >> 64U), 0, 0};
  if (magnitude == 0) q128 = {0, 0, 1, 0};
  if (tick > 0) {
    constexpr std::uint64_t kOnes = ~std::uint64_t{0};
    const auto quotient = limbs::divide({kOnes, kOnes, kOnes, kOnes, 0, 0, 0, 0}, q128).quotient;
    q128 = {quotient[0], quotient[1], quotient[2], quotient[3]};
  }
  // From Q128 to Q96, rounded up, so that the tick of the result is the tick again.
  const bool round_up = static_cast<std::uint32_t>(q128[0]) != 0;
  limbs::Limbs<4> q96{};
  for (std::size_t i = 0; i < 4; ++i) q96[i] = (q128[i] >> 32U) | (i < 3 ? q128[i + 1] << 32U : 0);
  if (round_up) {
    for (std::size_t i = 0; i < 4 && ++q96[i] == 0; ++i) {
    }
  }
  return limbs::to_uint256(q96);
}

std::optional<int> tick_at_sqrt_ratio(const Uint256& sqrt_ratio) noexcept {
  if (sqrt_ratio < min_sqrt_ratio() || sqrt_ratio >= max_sqrt_ratio()) return std::nullopt;
  // The estimate is less than 0.014 ticks below the truth; the bounds around it leave room for the roundings of the
  // table. Only where a whole tick lies between them its price decides.
  const std::int64_t estimate = log2_of_ratio(sqrt_ratio) * kTicksPerDoubling;
  constexpr unsigned kScale = 2 * kLogBits;
  constexpr std::int64_t kHundredth = (std::int64_t{1} << kScale) / 100;
  const auto low = static_cast<int>((estimate - kHundredth) >> kScale);
  const auto high = static_cast<int>((estimate + 3 * kHundredth) >> kScale);
  if (low == high) return low;
  return sqrt_ratio_at_tick(high) <= sqrt_ratio ? high : low;
}

}  // namespace calypte::connector::uniswap
