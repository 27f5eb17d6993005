// A V3 pool as we know it: quotes by the exact integer maths of the contract, kept up to date by the pool's events.
//
// A plain value without a thread of its own; copying it takes a snapshot. The owner feeds events in the order of the
// chain (block, log index) and sets the block that the state is then true for. An event that cannot follow our state
// is a `contradiction`, changes nothing, and means that events were missed: fetch the state again and `reset`.
// Collect, Flash and changes of the protocol's share move neither price nor liquidity and need not be fed.
//
// The state may cover a part of the ticks only, [known_lower, known_upper]; a quote that would leave it is an error.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "connector/protocol/uniswap/pool_error.hpp"
#include "connector/protocol/uniswap/pool_types.hpp"
#include "connector/protocol/uniswap/v3_tick_math.hpp"
#include "connector/protocol/uniswap/v3_ticks.hpp"

namespace calypte::connector::uniswap {

/// What never changes about a pool. token0 is the smaller address.
struct V3PoolKey {
  Address address;
  Address token0;
  Address token1;
  std::uint32_t fee_pips = 0;  ///< 3000 is 0.3 %
  int tick_spacing = 0;
};

/// What is read from the chain to begin with: slot0, liquidity, and the initialised ticks.
struct V3Snapshot {
  Uint256 sqrt_price;  ///< Q64.96; zero for a pool that is not initialised
  int tick = 0;
  Uint128 liquidity = 0;
  std::vector<V3Tick> ticks;   ///< all initialised ones in [known_lower, known_upper], in any order
  int known_lower = kMinTick;  ///< inclusive
  int known_upper = kMaxTick;  ///< inclusive
  BlockTag block;
};

struct V3InitializeEvent {
  Uint256 sqrt_price;
  int tick = 0;
};
struct V3SwapEvent {
  Uint256 sqrt_price;  ///< after the swap, as the other fields
  Uint128 liquidity = 0;
  int tick = 0;
};
/// Mint and Burn. A Burn of zero (a holder makes the pool count his fees) is common and changes nothing.
struct V3LiquidityEvent {
  int tick_lower = 0;
  int tick_upper = 0;
  Uint128 amount = 0;
};

/// How far a swap may go.
struct V3Limits {
  /// Not beyond this price (Q64.96). Without it, as the routers do, to the last price there is.
  std::optional<Uint256> sqrt_price;
  /// Initialised ticks; each costs the trader gas and us time. More is `too_many_ticks`.
  int ticks_crossed = 512;
};

struct V3Quote {
  Uint256 amount_in;  ///< fee included
  Uint256 amount_out;
  Uint256 remaining;  ///< of the fixed amount; always zero in what `quote` returns
  Uint256 fee;        ///< the part of amount_in that goes to the pool's holders
  Uint256 sqrt_price_after;
  Uint128 liquidity_after = 0;
  int tick_after = 0;
  int ticks_crossed = 0;  ///< initialised ones
};

/// How far earlier quotes of one direction and kind have walked, so that the next one, of a larger amount, need not
/// walk there again. Exact: steps that reach their target are the same for every larger amount. It belongs to one
/// state of one pool: use a fresh one after any event.
struct V3Cursor {
  V3Quote so_far;
  bool set = false;
};

class V3Pool {
 public:
  V3Pool() = default;
  /// A pool without a price. `invalid_state` if the tokens are not in order, the fee is not below 100 % or the spacing
  /// is not in [1, 16383].
  [[nodiscard]] static Outcome<V3Pool> make(const V3PoolKey& key);

  [[nodiscard]] const V3PoolKey& key() const noexcept { return key_; }
  [[nodiscard]] bool initialized() const noexcept { return initialized_; }
  [[nodiscard]] const Uint256& sqrt_price() const noexcept { return sqrt_price_; }
  [[nodiscard]] int tick() const noexcept { return tick_; }
  [[nodiscard]] Uint128 liquidity() const noexcept { return liquidity_; }
  [[nodiscard]] std::span<const V3Tick> ticks() const noexcept { return ticks_.all(); }
  [[nodiscard]] int known_lower() const noexcept { return known_lower_; }
  [[nodiscard]] int known_upper() const noexcept { return known_upper_; }
  [[nodiscard]] const BlockTag& block() const noexcept { return block_; }
  void set_block(const BlockTag& block) noexcept { block_ = block; }

  /// Replaces the whole state. `invalid_state`, and nothing changes, if the parts do not fit together: a tick that is
  /// not the price's, ticks that cannot be, a current tick outside the known range, or (where all ticks are known)
  /// liquidity that is not the sum of the ticks below.
  [[nodiscard]] PoolError reset(V3Snapshot snapshot);

  /// Events of the pool. `contradiction` and nothing changed if it cannot follow the state; `not_initialized` for a
  /// swap before there is a price.
  [[nodiscard]] PoolError apply(const V3InitializeEvent& event);
  [[nodiscard]] PoolError apply(const V3SwapEvent& event);
  [[nodiscard]] PoolError mint(const V3LiquidityEvent& event);
  [[nodiscard]] PoolError burn(const V3LiquidityEvent& event);

  /// What a swap of exactly `amount` (of what goes in, or of what comes out) would do now, and nothing less than that:
  /// if a part would remain it is `not_enough_liquidity`, or `price_limit_reached` if the caller's limit is the cause.
  /// zero_for_one: token0 goes in, token1 comes out. Amounts up to 2^255 - 1 (`overflow`). With a cursor
  /// direction, kind and limits must stay the same; an amount that is not greater than before starts afresh.
  [[nodiscard]] Outcome<V3Quote> quote(SwapKind kind, bool zero_for_one, const Uint256& amount,
                                       const V3Limits& limits = {}, V3Cursor* cursor = nullptr) const;

  /// The same as the contract does it: stops at the limit or where liquidity ends and says what remains.
  [[nodiscard]] Outcome<V3Quote> simulate(SwapKind kind, bool zero_for_one, const Uint256& amount,
                                          const V3Limits& limits = {}, V3Cursor* cursor = nullptr) const;

 private:
  [[nodiscard]] PoolError change_liquidity(const V3LiquidityEvent& event, bool add);
  [[nodiscard]] bool known(int tick) const noexcept { return tick >= known_lower_ && tick <= known_upper_; }

  V3PoolKey key_;
  V3Ticks ticks_;
  Uint256 sqrt_price_;
  Uint128 liquidity_ = 0;
  int tick_ = 0;
  int known_lower_ = kMinTick;
  int known_upper_ = kMaxTick;
  bool initialized_ = false;
  BlockTag block_;
};

}  // namespace calypte::connector::uniswap
