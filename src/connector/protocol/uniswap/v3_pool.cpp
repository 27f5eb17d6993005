#include "connector/protocol/uniswap/v3_pool.hpp"

#include <cassert>
#include <utility>

#include "connector/protocol/uniswap/v3_swap_math.hpp"

namespace calypte::connector::uniswap {
namespace {

/// After a swap that ends downwards exactly on a tick where it stopped, the contract stands below that tick although
/// the price is the tick's own.
bool tick_fits_price(int tick, const Uint256& sqrt_price) {
  const auto at = tick_at_sqrt_ratio(sqrt_price);
  if (!at) return false;
  return *at == tick || (*at == tick + 1 && sqrt_ratio_at_tick(*at) == sqrt_price);
}

}  // namespace

Outcome<V3Pool> V3Pool::make(const V3PoolKey& key) {
  V3Pool pool;
  if (!(key.token0 < key.token1) || key.fee_pips >= kPips) return PoolError::invalid_state;
  if (const PoolError e = pool.ticks_.assign({}, key.tick_spacing); e != PoolError::none) return e;
  pool.key_ = key;
  return pool;
}

PoolError V3Pool::reset(V3Snapshot snapshot) {
  V3Ticks ticks;
  if (const PoolError e = ticks.assign(std::move(snapshot.ticks), key_.tick_spacing); e != PoolError::none) return e;
  const int lower = snapshot.known_lower;
  const int upper = snapshot.known_upper;
  if (lower < kMinTick || upper > kMaxTick || lower > upper) return PoolError::invalid_state;
  if (!ticks.all().empty() && (ticks.all().front().tick < lower || ticks.all().back().tick > upper)) {
    return PoolError::invalid_state;
  }
  const bool initialized = snapshot.sqrt_price != 0;
  if (!initialized) {
    if (snapshot.liquidity != 0 || !ticks.all().empty()) return PoolError::invalid_state;
  } else {
    if (!tick_fits_price(snapshot.tick, snapshot.sqrt_price)) return PoolError::invalid_state;
    // Below the lowest tick stands a pool whose price is the lowest price after a swap down to it.
    if (snapshot.tick < lower - 1 || snapshot.tick > upper) return PoolError::invalid_state;
  }
  if (lower == kMinTick && upper == kMaxTick) {
    Uint128 sum = 0;
    Uint128 at_price = 0;
    for (const V3Tick& t : ticks.all()) {
      if (!cross_tick(sum, t.net, true)) return PoolError::invalid_state;
      if (t.tick <= snapshot.tick) at_price = sum;
    }
    if (sum != 0 || at_price != snapshot.liquidity) return PoolError::invalid_state;
  }
  ticks_ = std::move(ticks);
  sqrt_price_ = snapshot.sqrt_price;
  liquidity_ = snapshot.liquidity;
  tick_ = snapshot.tick;
  known_lower_ = lower;
  known_upper_ = upper;
  initialized_ = initialized;
  block_ = snapshot.block;
  return PoolError::none;
}

PoolError V3Pool::apply(const V3InitializeEvent& event) {
  if (initialized_ || tick_at_sqrt_ratio(event.sqrt_price) != event.tick) return PoolError::contradiction;
  sqrt_price_ = event.sqrt_price;
  tick_ = event.tick;
  initialized_ = true;
  return PoolError::none;
}

PoolError V3Pool::apply(const V3SwapEvent& event) {
  if (!initialized_) return PoolError::not_initialized;
  if (!tick_fits_price(event.tick, event.sqrt_price)) return PoolError::contradiction;
  if (!known(event.tick)) return PoolError::unknown_ticks;
  // Liquidity follows from the ticks between the two; another figure means that an event was missed.
  Uint128 liquidity = liquidity_;
  const std::size_t from = ticks_.upper_bound(tick_);
  const std::size_t to = ticks_.upper_bound(event.tick);
  for (std::size_t i = from; i < to; ++i) {
    if (!cross_tick(liquidity, ticks()[i].net, true)) return PoolError::contradiction;
  }
  for (std::size_t i = from; i > to; --i) {
    if (!cross_tick(liquidity, ticks()[i - 1].net, false)) return PoolError::contradiction;
  }
  if (liquidity != event.liquidity) return PoolError::contradiction;
  sqrt_price_ = event.sqrt_price;
  tick_ = event.tick;
  liquidity_ = liquidity;
  return PoolError::none;
}

PoolError V3Pool::mint(const V3LiquidityEvent& event) { return change_liquidity(event, true); }
PoolError V3Pool::burn(const V3LiquidityEvent& event) { return change_liquidity(event, false); }

PoolError V3Pool::change_liquidity(const V3LiquidityEvent& event, bool add) {
  if (!initialized_) return PoolError::not_initialized;
  if (event.tick_lower >= event.tick_upper || !ticks_.possible(event.tick_lower) ||
      !ticks_.possible(event.tick_upper)) {
    return PoolError::contradiction;
  }
  const bool in_range = event.tick_lower <= tick_ && tick_ < event.tick_upper;
  Uint128 liquidity = liquidity_;
  if (in_range) {
    if (add ? event.amount > kMaxUint128 - liquidity : event.amount > liquidity) return PoolError::contradiction;
    liquidity = add ? liquidity + event.amount : liquidity - event.amount;
  }
  const auto change = [&](int tick, bool upper, bool adds) {
    if (!known(tick)) return PoolError::none;
    return adds ? ticks_.add(tick, event.amount, upper) : ticks_.remove(tick, event.amount, upper);
  };
  if (const PoolError e = change(event.tick_lower, false, add); e != PoolError::none) return e;
  if (const PoolError e = change(event.tick_upper, true, add); e != PoolError::none) {
    // What was done to the lower tick a moment ago can be undone.
    [[maybe_unused]] const PoolError undone = change(event.tick_lower, false, !add);
    assert(undone == PoolError::none);
    return e;
  }
  liquidity_ = liquidity;
  return PoolError::none;
}

Outcome<V3Quote> V3Pool::quote(SwapKind kind, bool zero_for_one, const Uint256& amount, const V3Limits& limits,
                               V3Cursor* cursor) const {
  auto result = simulate(kind, zero_for_one, amount, limits, cursor);
  if (result.ok() && result->remaining != 0) {
    return limits.sqrt_price ? PoolError::price_limit_reached : PoolError::not_enough_liquidity;
  }
  return result;
}

}  // namespace calypte::connector::uniswap
