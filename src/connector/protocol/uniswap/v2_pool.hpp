// A V2 pair as we know it: two reserves and the constant product, 0.3 % taken from what goes in. Formulas of the V2
// whitepaper, section 3.2.1, with the roundings of the published router and pair.
//
// A plain value without a thread of its own. Its one event that matters is Sync, which carries the whole state.
#pragma once

#include "connector/protocol/uniswap/pool_error.hpp"
#include "connector/protocol/uniswap/pool_types.hpp"

namespace calypte::connector::uniswap {

/// What never changes about a pair. token0 is the smaller address.
struct V2PoolKey {
  Address address;
  Address token0;
  Address token1;
};

/// Both numbers as the event or getReserves gives them.
struct V2SyncEvent {
  Uint256 reserve0;
  Uint256 reserve1;
};

struct V2Quote {
  Uint256 amount_in;  ///< fee included
  Uint256 amount_out;
  Uint256 fee;  ///< 0.3 % of amount_in, rounded up
};

class V2Pool {
 public:
  V2Pool() = default;
  /// A pair without reserves. `invalid_state` if the tokens are not in order.
  [[nodiscard]] static Outcome<V2Pool> make(const V2PoolKey& key);

  [[nodiscard]] const V2PoolKey& key() const noexcept { return key_; }
  [[nodiscard]] Uint128 reserve0() const noexcept { return reserve0_; }
  [[nodiscard]] Uint128 reserve1() const noexcept { return reserve1_; }
  [[nodiscard]] const BlockTag& block() const noexcept { return block_; }
  void set_block(const BlockTag& block) noexcept { block_ = block; }

  /// The state at the beginning and after every change. `invalid_state`, and nothing changes, above 112 bits.
  [[nodiscard]] PoolError apply(const V2SyncEvent& event);

  /// What a swap of exactly `amount` would do now. `zero_amount`; `no_liquidity` if a reserve is zero;
  /// `not_enough_liquidity` if as much as the reserve or more shall come out; `zero_output` if nothing would come out;
  /// `overflow` if the reserve would leave 112 bits, where the pair reverts.
  [[nodiscard]] Outcome<V2Quote> quote(SwapKind kind, bool zero_for_one, const Uint256& amount) const;

  /// The pair's own condition for a swap: the product of the reserves, the fee taken off what came in, does not fall.
  /// False also where reserves would leave their range.
  [[nodiscard]] bool keeps_product(bool zero_for_one, const Uint256& amount_in, const Uint256& amount_out) const;

 private:
  V2PoolKey key_;
  Uint128 reserve0_ = 0;
  Uint128 reserve1_ = 0;
  BlockTag block_;
};

}  // namespace calypte::connector::uniswap
