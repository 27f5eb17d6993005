#include "connector/protocol/uniswap/v3_sqrt_price_math.hpp"

#include <optional>

#include "connector/protocol/uniswap/full_math.hpp"
#include "connector/protocol/uniswap/limbs.hpp"

namespace calypte::connector::uniswap {
namespace {

constexpr unsigned kResolution = 96;
constexpr unsigned kPriceBits = 160;

bool fits_price(const Uint256& value) noexcept { return (value >> kPriceBits) == 0; }

const Uint256& q96() noexcept {
  static const Uint256 value = Uint256(1) << kResolution;
  return value;
}

/// liquidity * 2^96, below 2^224.
Uint256 scaled(Uint128 liquidity) noexcept {
  const auto low = static_cast<std::uint64_t>(liquidity);
  const auto high = static_cast<std::uint64_t>(liquidity >> 64U);
  return limbs::to_uint256({0, low << 32U, (low >> 32U) | (high << 32U), high >> 32U});
}

/// The price after token0 was added to the range: L * P / (L + amount * P), up, so that the price is never too low for
/// what came in. Where the product does not fit, the contract computes L / (L / P + amount), which differs by rounding.
Outcome<Uint256> price_with_more_token0(const Uint256& price, Uint128 liquidity, const Uint256& amount) noexcept {
  const Uint256 numerator = scaled(liquidity);
  if (const auto product = mul_div(amount, price, Uint256(1))) {
    const Uint256 denominator = numerator + *product;
    if (denominator >= numerator) {
      const auto next = mul_div_up(numerator, price, denominator);
      return next ? Outcome<Uint256>(*next) : PoolError::overflow;
    }
  }
  const Uint256 denominator = *mul_div(numerator, Uint256(1), price) + amount;
  if (denominator < amount) return PoolError::overflow;
  return div_up(numerator, denominator);
}

/// The price after token0 was taken out of the range: L * P / (L - amount * P), up.
Outcome<Uint256> price_with_less_token0(const Uint256& price, Uint128 liquidity, const Uint256& amount) noexcept {
  const Uint256 numerator = scaled(liquidity);
  const auto product = mul_div(amount, price, Uint256(1));
  if (!product || numerator <= *product) return PoolError::not_enough_liquidity;
  const auto next = mul_div_up(numerator, price, numerator - *product);
  if (!next || !fits_price(*next)) return PoolError::not_enough_liquidity;
  return *next;
}

/// P + amount / L, down.
Outcome<Uint256> price_with_more_token1(const Uint256& price, Uint128 liquidity, const Uint256& amount) noexcept {
  const auto quotient = mul_div(amount, q96(), limbs::to_uint256(liquidity));
  if (!quotient || !fits_price(*quotient)) return PoolError::overflow;
  const Uint256 next = price + *quotient;
  return fits_price(next) ? Outcome<Uint256>(next) : PoolError::overflow;
}

/// P - amount / L, down.
Outcome<Uint256> price_with_less_token1(const Uint256& price, Uint128 liquidity, const Uint256& amount) noexcept {
  const auto quotient = mul_div_up(amount, q96(), limbs::to_uint256(liquidity));
  if (!quotient || price <= *quotient) return PoolError::not_enough_liquidity;
  return price - *quotient;
}

}  // namespace

Uint256 amount0_delta(const Uint256& sqrt_a, const Uint256& sqrt_b, Uint128 liquidity, bool round_up) noexcept {
  const Uint256& low = sqrt_a < sqrt_b ? sqrt_a : sqrt_b;
  const Uint256& high = sqrt_a < sqrt_b ? sqrt_b : sqrt_a;
  // L * 2^96 is below 2^224 and (high - low) / high below one: nothing can overflow.
  const Uint256 numerator = scaled(liquidity);
  const Uint256 difference = high - low;
  if (round_up) return div_up(*mul_div_up(numerator, difference, high), low);
  return *mul_div(*mul_div(numerator, difference, high), Uint256(1), low);
}

Uint256 amount1_delta(const Uint256& sqrt_a, const Uint256& sqrt_b, Uint128 liquidity, bool round_up) noexcept {
  const Uint256 difference = sqrt_a < sqrt_b ? sqrt_b - sqrt_a : sqrt_a - sqrt_b;
  // Below 2^128 * 2^160 / 2^96.
  const Uint256 l = limbs::to_uint256(liquidity);
  return round_up ? *mul_div_up(l, difference, q96()) : *mul_div(l, difference, q96());
}

Outcome<Uint256> next_sqrt_price_from_input(const Uint256& sqrt_price, Uint128 liquidity, const Uint256& amount,
                                            bool zero_for_one) noexcept {
  if (liquidity == 0 || sqrt_price == 0) return PoolError::no_liquidity;
  if (amount == 0) return sqrt_price;
  return zero_for_one ? price_with_more_token0(sqrt_price, liquidity, amount)
                      : price_with_more_token1(sqrt_price, liquidity, amount);
}

Outcome<Uint256> next_sqrt_price_from_output(const Uint256& sqrt_price, Uint128 liquidity, const Uint256& amount,
                                             bool zero_for_one) noexcept {
  if (liquidity == 0 || sqrt_price == 0) return PoolError::no_liquidity;
  if (amount == 0) return sqrt_price;
  return zero_for_one ? price_with_less_token1(sqrt_price, liquidity, amount)
                      : price_with_less_token0(sqrt_price, liquidity, amount);
}

}  // namespace calypte::connector::uniswap
