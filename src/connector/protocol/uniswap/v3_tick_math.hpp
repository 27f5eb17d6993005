// Ticks and prices of V3. A price is kept as its square root, times 2^96 ("Q64.96"), of token1 units per token0 unit:
// sqrt_ratio(tick) = sqrt(1.0001^tick) * 2^96. The whitepaper gives the formula; which of the neighbouring integers it
// is was fixed by the deployed contract's fixed-point steps, which are followed to the bit.
#pragma once

#include <optional>

#include "connector/protocol/uniswap/pool_types.hpp"

namespace calypte::connector::uniswap {

inline constexpr int kMinTick = -887272;
inline constexpr int kMaxTick = 887272;

/// The prices at kMinTick and kMaxTick. A pool's price is at least the first and below the second.
[[nodiscard]] const Uint256& min_sqrt_ratio() noexcept;
[[nodiscard]] const Uint256& max_sqrt_ratio() noexcept;

/// Precondition: kMinTick <= tick <= kMaxTick.
[[nodiscard]] Uint256 sqrt_ratio_at_tick(int tick) noexcept;
/// The greatest tick whose price is not above this one; empty outside [min_sqrt_ratio, max_sqrt_ratio).
[[nodiscard]] std::optional<int> tick_at_sqrt_ratio(const Uint256& sqrt_ratio) noexcept;

}  // namespace calypte::connector::uniswap
