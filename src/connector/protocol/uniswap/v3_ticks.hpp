// The initialised ticks of a V3 pool, and the walk from one to the next.
//
// The contract keeps one bit a tick in words of 256 and looks no further than the end of a word, so a swap also stops
// at word edges where no tick is initialised, and rounds there. A sorted vector holds the same facts: the next stop is
// the nearer of the next initialised tick and the edge of the word, and a walk moves an index instead of searching.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "connector/protocol/uniswap/pool_error.hpp"
#include "connector/protocol/uniswap/pool_types.hpp"

namespace calypte::connector::uniswap {

struct V3Tick {
  int tick = 0;
  Uint128 gross = 0;  ///< liquidity of all positions that begin or end here
  Int128 net = 0;     ///< added to the pool's liquidity when the price crosses upwards, taken off downwards
  friend bool operator==(const V3Tick&, const V3Tick&) = default;
};

/// Liquidity after the price crossed a tick upwards (net is added) or downwards (it is taken off). False, and nothing
/// changes, if the result is no uint128: such a tick cannot follow such liquidity.
[[nodiscard]] bool cross_tick(Uint128& liquidity, Int128 net, bool upwards) noexcept;

class V3Ticks {
 public:
  struct Stop {
    int tick = 0;
    bool initialized = false;
    std::size_t index = 0;  ///< of the tick in `all`, if it is initialised
  };

  /// Ticks in any order. `invalid_state`, and nothing changes, if the spacing is not in [1, 16383] or a tick is out of
  /// bounds, no multiple of the spacing, there twice, without liquidity, or with more net than gross.
  [[nodiscard]] PoolError assign(std::vector<V3Tick> ticks, int spacing);

  /// What a position that starts (`upper` false) or ends at the tick adds to it or takes from it. `contradiction`, and
  /// nothing changes, if more is taken than is there or 128 bits do not suffice; `invalid_state` if there can be no
  /// such tick. A tick whose gross liquidity becomes zero is gone.
  [[nodiscard]] PoolError add(int tick, Uint128 amount, bool upper);
  [[nodiscard]] PoolError remove(int tick, Uint128 amount, bool upper);

  /// Where a swap that is at `tick` stops next: downwards (`lte`) the greatest initialised tick that is not above it,
  /// upwards the smallest above it, each only within the word that the contract would read; else the word's edge.
  /// The edge may lie beyond kMinTick or kMaxTick.
  [[nodiscard]] Stop next_within_word(int tick, bool lte) const noexcept;

  /// The index of the first tick above this one.
  [[nodiscard]] std::size_t upper_bound(int tick) const noexcept;
  [[nodiscard]] std::span<const V3Tick> all() const noexcept { return ticks_; }
  [[nodiscard]] int spacing() const noexcept { return spacing_; }

  /// The same with the place in `all` known: `above` is the index of the first tick above `tick`.
  [[nodiscard]] Stop next_within_word(int tick, bool lte, std::size_t above) const noexcept;
  /// True if a tick could be initialised here.
  [[nodiscard]] bool possible(int tick) const noexcept;

 private:
  std::vector<V3Tick> ticks_;  // sorted by tick
  int spacing_ = 1;
};

}  // namespace calypte::connector::uniswap
