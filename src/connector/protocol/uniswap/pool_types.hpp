// Words that pools of both versions, routes and books share.
#pragma once

#include <cstdint>

#include "evm/address.hpp"
#include "evm/hash32.hpp"
#include "evm/uint256.hpp"

namespace calypte::connector::uniswap {

using evm::Address;
using evm::Uint256;
using evm::Uint512;

// Builtins of both supported compilers; `__extension__` keeps -Wpedantic quiet. Liquidity is a uint128 of the contract,
// its change at a tick an int128, and reserves of a V2 pair are uint112.
__extension__ using Uint128 = unsigned __int128;
__extension__ using Int128 = __int128;
inline constexpr Uint128 kMaxUint128 = ~Uint128{0};
inline constexpr Uint128 kMaxUint112 = (Uint128{1} << 112U) - 1;

/// Which amount of a swap is fixed: what goes in, or what comes out. A sell of base is `exact_in`, a buy `exact_out`.
enum class SwapKind : std::uint8_t { exact_in, exact_out };

/// The block whose end a state is true for. Set by whoever feeds the state; the maths only carries it along, so that
/// a figure can be recognised as stale when its block is reorganised away.
struct BlockTag {
  std::uint64_t number = 0;
  evm::Hash32 hash;
  friend bool operator==(const BlockTag&, const BlockTag&) = default;
};

}  // namespace calypte::connector::uniswap
