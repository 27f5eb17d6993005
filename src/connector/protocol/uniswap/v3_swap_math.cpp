#include "connector/protocol/uniswap/v3_swap_math.hpp"

#include <cassert>

#include "connector/protocol/uniswap/full_math.hpp"
#include "connector/protocol/uniswap/v3_sqrt_price_math.hpp"

namespace calypte::connector::uniswap {

Outcome<SwapStep> compute_swap_step(const Uint256& sqrt_price, const Uint256& target, Uint128 liquidity, SwapKind kind,
                                    const Uint256& remaining, std::uint32_t fee_pips) noexcept {
  assert(fee_pips < kPips);
  const bool zero_for_one = sqrt_price >= target;
  const bool exact_in = kind == SwapKind::exact_in;
  const auto amount_in_to = [&](const Uint256& price) {
    return zero_for_one ? amount0_delta(price, sqrt_price, liquidity, true)
                        : amount1_delta(sqrt_price, price, liquidity, true);
  };
  const auto amount_out_to = [&](const Uint256& price) {
    return zero_for_one ? amount1_delta(price, sqrt_price, liquidity, false)
                        : amount0_delta(sqrt_price, price, liquidity, false);
  };

  SwapStep step;
  bool reaches_target = false;
  if (exact_in) {
    const Uint256 without_fee = *mul_div(remaining, Uint256(kPips - fee_pips), Uint256(kPips));
    step.amount_in = amount_in_to(target);
    reaches_target = without_fee >= step.amount_in;
    if (!reaches_target) {
      auto next = next_sqrt_price_from_input(sqrt_price, liquidity, without_fee, zero_for_one);
      if (!next) return next.error();
      step.sqrt_price = *next;
    }
  } else {
    step.amount_out = amount_out_to(target);
    reaches_target = remaining >= step.amount_out;
    if (!reaches_target) {
      auto next = next_sqrt_price_from_output(sqrt_price, liquidity, remaining, zero_for_one);
      if (!next) return next.error();
      step.sqrt_price = *next;
    }
  }
  // Rounding can lead to the target although the amount was short of it: the contract then takes that for reaching it.
  if (reaches_target) step.sqrt_price = target;
  const bool at_target = reaches_target || step.sqrt_price == target;
  if (!(at_target && exact_in)) step.amount_in = amount_in_to(step.sqrt_price);
  if (!(at_target && !exact_in)) step.amount_out = amount_out_to(step.sqrt_price);
  if (!exact_in && step.amount_out > remaining) step.amount_out = remaining;

  if (exact_in && !at_target) {
    // What the range could not use up is the fee: nothing of an exact input is given back.
    step.fee = remaining - step.amount_in;
  } else {
    const auto fee = mul_div_up(step.amount_in, Uint256(fee_pips), Uint256(kPips - fee_pips));
    if (!fee) return PoolError::overflow;
    step.fee = *fee;
  }
  return step;
}

}  // namespace calypte::connector::uniswap
