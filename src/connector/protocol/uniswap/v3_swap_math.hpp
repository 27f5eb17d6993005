// One step of a V3 swap: from a price towards a target within one range of constant liquidity.
#pragma once

#include <cstdint>

#include "connector/protocol/uniswap/pool_error.hpp"
#include "connector/protocol/uniswap/pool_types.hpp"

namespace calypte::connector::uniswap {

/// Fees are in hundredths of a basis point ("pips"): 3000 is 0.3 %.
inline constexpr std::uint32_t kPips = 1'000'000;

struct SwapStep {
  Uint256 sqrt_price;  ///< afterwards; the target if the amount suffices
  Uint256 amount_in;   ///< without the fee
  Uint256 amount_out;
  Uint256 fee;  ///< on top of amount_in, in the token that goes in
};

/// The direction follows from the prices: a target that is not above `sqrt_price` means token0 for token1. `remaining`
/// is what is still to go in (fee included) or to come out. Precondition: fee_pips < kPips, prices not zero. With zero
/// liquidity the target is reached for nothing.
[[nodiscard]] Outcome<SwapStep> compute_swap_step(const Uint256& sqrt_price, const Uint256& target, Uint128 liquidity,
                                                  SwapKind kind, const Uint256& remaining,
                                                  std::uint32_t fee_pips) noexcept;

}  // namespace calypte::connector::uniswap
