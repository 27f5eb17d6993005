// The swap loop of a V3 pool, step by step as the contract takes it.
#include <algorithm>
#include <cassert>

#include "connector/protocol/uniswap/v3_pool.hpp"
#include "connector/protocol/uniswap/v3_swap_math.hpp"

namespace calypte::connector::uniswap {
Outcome<V3Quote> V3Pool::simulate(SwapKind kind, bool zero_for_one, const Uint256& amount, const V3Limits& limits,
                                  V3Cursor* cursor) const {
  if (!initialized_) return PoolError::not_initialized;
  if (amount == 0) return PoolError::zero_amount;
  // The contract takes a signed amount.
  if ((amount >> 255U) != 0) return PoolError::overflow;
  const Uint256 limit =
      limits.sqrt_price ? *limits.sqrt_price : (zero_for_one ? min_sqrt_ratio() + 1 : max_sqrt_ratio() - 1);
  if (zero_for_one ? limit >= sqrt_price_ || limit <= min_sqrt_ratio()
                   : limit <= sqrt_price_ || limit >= max_sqrt_ratio()) {
    // Without a limit of the caller's the pool is at its last price and has nothing to give in this direction.
    return limits.sqrt_price ? PoolError::bad_price_limit : PoolError::not_enough_liquidity;
  }

  V3Quote q;
  const bool exact_in = kind == SwapKind::exact_in;
  // Of the same amount no resumption: the cursor may stand beyond a stretch without liquidity, where it would not go.
  if (cursor != nullptr && cursor->set && amount > (exact_in ? cursor->so_far.amount_in : cursor->so_far.amount_out)) {
    q = cursor->so_far;
  } else {
    q.sqrt_price_after = sqrt_price_;
    q.liquidity_after = liquidity_;
    q.tick_after = tick_;
  }
  q.remaining = amount - (exact_in ? q.amount_in : q.amount_out);
  std::size_t above = ticks_.upper_bound(q.tick_after);

  while (q.remaining != 0 && q.sqrt_price_after != limit) {
    V3Ticks::Stop stop = ticks_.next_within_word(q.tick_after, zero_for_one, above);
    if (q.liquidity_after == 0 && !stop.initialized && !limits.sqrt_price) {
      // Nothing is exchanged until the next initialised tick, so nothing is rounded at the edges before it.
      const bool any = zero_for_one ? above > 0 : above < ticks().size();
      if (any) {
        const std::size_t index = zero_for_one ? above - 1 : above;
        stop = {ticks()[index].tick, true, index};
      } else {
        stop = {zero_for_one ? kMinTick : kMaxTick, false, 0};
      }
    }
    stop.tick = std::clamp(stop.tick, kMinTick, kMaxTick);
    const Uint256 stop_price = sqrt_ratio_at_tick(stop.tick);
    const bool limit_first = zero_for_one ? stop_price < limit : stop_price > limit;
    const Uint256& target = limit_first ? limit : stop_price;

    const auto step =
        compute_swap_step(q.sqrt_price_after, target, q.liquidity_after, kind, q.remaining, key_.fee_pips);
    if (!step) return step.error();
    if (!known(stop.tick)) {
      // Beyond the known ticks there may be one where liquidity changes.
      if (zero_for_one ? step->sqrt_price < sqrt_ratio_at_tick(known_lower_)
                       : step->sqrt_price > sqrt_ratio_at_tick(known_upper_)) {
        return PoolError::unknown_ticks;
      }
    }
    const bool moved = step->sqrt_price != q.sqrt_price_after;
    q.sqrt_price_after = step->sqrt_price;
    q.amount_in += step->amount_in + step->fee;
    q.amount_out += step->amount_out;
    q.fee += step->fee;
    // The fee of a step is rounded up, yet never beyond what remains of an exact input.
    assert(amount >= (exact_in ? q.amount_in : q.amount_out));
    q.remaining = amount - (exact_in ? q.amount_in : q.amount_out);

    if (q.sqrt_price_after == stop_price) {
      if (stop.initialized) {
        if (++q.ticks_crossed > limits.ticks_crossed) return PoolError::too_many_ticks;
        if (!cross_tick(q.liquidity_after, ticks()[stop.index].net, !zero_for_one)) return PoolError::contradiction;
        above = zero_for_one ? stop.index : stop.index + 1;
      }
      q.tick_after = zero_for_one ? stop.tick - 1 : stop.tick;
    } else if (moved) {
      q.tick_after = *tick_at_sqrt_ratio(q.sqrt_price_after);
    }
    // Only a step that left something over would be the same for a larger amount.
    if (cursor != nullptr && q.remaining != 0 && q.sqrt_price_after == stop_price) *cursor = {q, true};
  }
  // Amounts are signed in the contract, too.
  if ((q.amount_in >> 255U) != 0) return PoolError::overflow;
  return q;
}

}  // namespace calypte::connector::uniswap
