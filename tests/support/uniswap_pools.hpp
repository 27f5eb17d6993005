// Pools of Uniswap for tests: made from positions, or seeded.
#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <vector>

#include "connector/protocol/uniswap/v2_pool.hpp"
#include "connector/protocol/uniswap/v3_pool.hpp"
#include "connector/protocol/uniswap/v3_tick_math.hpp"
#include "core/random.hpp"

namespace calypte::test {

namespace uniswap = connector::uniswap;

inline evm::Address address(std::uint8_t last) {
  evm::Address result;
  result.bytes[19] = last;
  return result;
}

struct Position {
  int lower = 0;
  int upper = 0;
  std::uint64_t liquidity = 0;
};

/// A pool of tokens 1 and 2, initialised at the price of `tick`, with these positions.
inline uniswap::V3Pool v3_pool(std::uint32_t fee, int spacing, int tick, const std::vector<Position>& positions,
                               std::uint8_t token0 = 1, std::uint8_t token1 = 2, std::uint8_t own = 100) {
  auto pool = uniswap::V3Pool::make({address(own), address(token0), address(token1), fee, spacing});
  EXPECT_TRUE(pool.ok());
  EXPECT_EQ(pool->apply(uniswap::V3InitializeEvent{uniswap::sqrt_ratio_at_tick(tick), tick}), uniswap::PoolError::none);
  for (const Position& p : positions) {
    EXPECT_EQ(pool->mint({p.lower, p.upper, p.liquidity}), uniswap::PoolError::none);
  }
  return *pool;
}

inline uniswap::V2Pool v2_pool(std::uint64_t reserve0, std::uint64_t reserve1, std::uint8_t token0 = 1,
                               std::uint8_t token1 = 2, std::uint8_t own = 50) {
  auto pool = uniswap::V2Pool::make({address(own), address(token0), address(token1)});
  EXPECT_TRUE(pool.ok());
  EXPECT_EQ(pool->apply({evm::Uint256(reserve0), evm::Uint256(reserve1)}), uniswap::PoolError::none);
  return *pool;
}

inline int between(core::Random& random, int low, int high) {
  return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

/// Uniform in the number of bits; at least 1.
inline evm::Uint256 bits(core::Random& random, unsigned most) {
  const auto size = static_cast<unsigned>(between(random, 1, static_cast<int>(most)));
  evm::Uint256 value = 0;
  for (int i = 0; i < 4; ++i) value = (value << 64U) | random.next();
  return (value >> (256U - size)) | (evm::Uint256(1) << (size - 1));
}

/// A few overlapping positions around a price that stands on a tick or between two, some ends at the edges of words.
inline uniswap::V3Pool random_v3_pool(core::Random& random) {
  struct Tier {
    std::uint32_t fee;
    int spacing;
  };
  constexpr Tier kTiers[] = {{100, 1}, {500, 10}, {3000, 60}, {10000, 200}};
  const Tier tier = kTiers[random.below(4)];
  const int s = tier.spacing;
  const int centre = between(random, -1000, 1000);  // in spacings
  std::vector<Position> positions = {{-4000 * s, 4000 * s, 1 + random.next() / 16}};
  for (int i = between(random, 0, 12); i > 0; --i) {
    int lower = centre + between(random, -600, 500);
    if (random.chance(1, 4)) lower = lower / 256 * 256;
    positions.push_back({lower * s, (lower + between(random, 1, 300)) * s, 1 + random.next() / 16});
  }
  return v3_pool(tier.fee, s, centre * s + between(random, 0, s - 1), positions);
}

}  // namespace calypte::test
