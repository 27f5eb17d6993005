#include "connector/protocol/uniswap/v2_pool.hpp"

#include "connector/protocol/uniswap/full_math.hpp"

namespace calypte::connector::uniswap {
namespace {

// 0.3 % of what goes in stays in the pair.
constexpr unsigned kFeeParts = 1000;
constexpr unsigned kFee = 3;
constexpr unsigned kAfterFee = kFeeParts - kFee;

}  // namespace

Outcome<V2Pool> V2Pool::make(const V2PoolKey& key) {
  if (!(key.token0 < key.token1)) return PoolError::invalid_state;
  V2Pool pool;
  pool.key_ = key;
  return pool;
}

PoolError V2Pool::apply(const V2SyncEvent& event) {
  if (event.reserve0 > kMaxUint112 || event.reserve1 > kMaxUint112) return PoolError::invalid_state;
  reserve0_ = static_cast<Uint128>(event.reserve0);
  reserve1_ = static_cast<Uint128>(event.reserve1);
  return PoolError::none;
}

Outcome<V2Quote> V2Pool::quote(SwapKind kind, bool zero_for_one, const Uint256& amount) const {
  if (amount == 0) return PoolError::zero_amount;
  if (reserve0_ == 0 || reserve1_ == 0) return PoolError::no_liquidity;
  const Uint256 reserve_in(zero_for_one ? reserve0_ : reserve1_);
  const Uint256 reserve_out(zero_for_one ? reserve1_ : reserve0_);
  V2Quote q;
  // Nothing here overflows 256 bits: reserves and amounts are below 2^112, and the largest product is two of them times
  // a thousand.
  if (kind == SwapKind::exact_in) {
    if (amount > kMaxUint112) return PoolError::overflow;
    q.amount_in = amount;
    const Uint256 after_fee = amount * kAfterFee;
    q.amount_out = after_fee * reserve_out / (reserve_in * kFeeParts + after_fee);
    if (q.amount_out == 0) return PoolError::zero_output;
  } else {
    if (amount >= reserve_out) return PoolError::not_enough_liquidity;
    q.amount_out = amount;
    // The router adds one whether or not the division is exact.
    q.amount_in = reserve_in * amount * kFeeParts / ((reserve_out - amount) * kAfterFee) + 1;
  }
  if (reserve_in + q.amount_in > kMaxUint112) return PoolError::overflow;
  q.fee = div_up(q.amount_in * kFee, Uint256(kFeeParts));
  return q;
}

bool V2Pool::keeps_product(bool zero_for_one, const Uint256& amount_in, const Uint256& amount_out) const {
  const Uint256 reserve_in(zero_for_one ? reserve0_ : reserve1_);
  const Uint256 reserve_out(zero_for_one ? reserve1_ : reserve0_);
  if (amount_in > kMaxUint112 || amount_out >= reserve_out || reserve_in + amount_in > kMaxUint112) return false;
  const Uint256 in_after = (reserve_in + amount_in) * kFeeParts - amount_in * kFee;
  const Uint256 out_after = (reserve_out - amount_out) * kFeeParts;
  return in_after * out_after >= reserve_in * reserve_out * (kFeeParts * kFeeParts);
}

}  // namespace calypte::connector::uniswap
