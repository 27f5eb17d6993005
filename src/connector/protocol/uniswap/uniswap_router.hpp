// Calls of the published SwapRouter02.
#pragma once

#include <cstdint>

#include "calypte/result.hpp"

#include "connector/protocol/uniswap/route.hpp"
#include "evm/bytes.hpp"

namespace calypte::connector::uniswap {

/// One swap as a transaction has it.
struct RouterSwap {
  Route route;
  SwapKind kind = SwapKind::exact_in;
  Uint256 amount;              ///< what is fixed: goes in or comes out
  Uint256 limit;               ///< the least that comes out, or the most that goes in
  std::uint64_t deadline = 0;  ///< Unix seconds
  Address account;             ///< who receives
};

/// Whether the router can do it in one call: exactly out over pools of both versions it cannot.
[[nodiscard]] bool router_can(const Route& route, SwapKind kind) noexcept;

/// The call data: `multicall(deadline, calls)`, because the single swaps of this router have no deadline.
/// Preconditions: `router_can`, and no amount is zero (the router would read that as "all that you have").
[[nodiscard]] Result<evm::ByteString> encode_swap(const RouterSwap& swap);

}  // namespace calypte::connector::uniswap
