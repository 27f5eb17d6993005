// Products of 256-bit numbers divided with the whole 512-bit product in between: what the contracts' mulDiv computes.
//
// Checked: empty where the contract reverts, that is if the divisor is zero or the result needs more than 256 bits.
#pragma once

#include <optional>

#include "connector/protocol/uniswap/pool_types.hpp"

namespace calypte::connector::uniswap {

/// floor(a * b / divisor)
[[nodiscard]] std::optional<Uint256> mul_div(const Uint256& a, const Uint256& b, const Uint256& divisor) noexcept;
/// ceil(a * b / divisor)
[[nodiscard]] std::optional<Uint256> mul_div_up(const Uint256& a, const Uint256& b, const Uint256& divisor) noexcept;
/// ceil(a / divisor). Precondition: the divisor is not zero.
[[nodiscard]] Uint256 div_up(const Uint256& a, const Uint256& divisor) noexcept;

}  // namespace calypte::connector::uniswap
