// Amounts between two prices of one range of constant liquidity, and the price that an amount leads to. Formulas of the
// V3 whitepaper, section 6.2: dx = L * d(1/sqrtP), dy = L * d(sqrtP); every rounding is in the pool's favour, in the
// places where the contract rounds.
//
// Prices are Q64.96 square roots below 2^160, amounts are in units of the token.
#pragma once

#include "connector/protocol/uniswap/pool_error.hpp"
#include "connector/protocol/uniswap/pool_types.hpp"

namespace calypte::connector::uniswap {

/// Token0 between the two prices, in either order. Precondition: neither price is zero.
[[nodiscard]] Uint256 amount0_delta(const Uint256& sqrt_a, const Uint256& sqrt_b, Uint128 liquidity,
                                    bool round_up) noexcept;
/// Token1 between the two prices, in either order.
[[nodiscard]] Uint256 amount1_delta(const Uint256& sqrt_a, const Uint256& sqrt_b, Uint128 liquidity,
                                    bool round_up) noexcept;

/// The price after `amount` of token0 (zero_for_one) or token1 went in, fee already taken off. Never goes past where
/// the amount really leads. `no_liquidity` if liquidity or price is zero, `overflow` if the price would leave 160 bits.
[[nodiscard]] Outcome<Uint256> next_sqrt_price_from_input(const Uint256& sqrt_price, Uint128 liquidity,
                                                          const Uint256& amount, bool zero_for_one) noexcept;
/// The price after `amount` of token1 (zero_for_one) or token0 came out. Goes at least as far as the amount needs.
/// `no_liquidity` as above, `not_enough_liquidity` if this liquidity does not hold the amount at any price.
[[nodiscard]] Outcome<Uint256> next_sqrt_price_from_output(const Uint256& sqrt_price, Uint128 liquidity,
                                                           const Uint256& amount, bool zero_for_one) noexcept;

}  // namespace calypte::connector::uniswap
