#include <gtest/gtest.h>

#include "connector/protocol/uniswap/full_math.hpp"
#include "connector/protocol/uniswap/v3_sqrt_price_math.hpp"
#include "connector/protocol/uniswap/v3_swap_math.hpp"
#include "connector/protocol/uniswap/v3_tick_math.hpp"
#include "connector/protocol/uniswap/v3_ticks.hpp"
#include "support/uniswap_pools.hpp"

namespace calypte::connector::uniswap {
namespace {

using test::bits;

const Uint256 kMax256 = ~Uint256(0);
const Uint256 kQ96 = Uint256(1) << 96U;

/// Limbs that are mostly all zeros or all ones: there the estimates of a long division are wrong.
Uint256 awkward(core::Random& random) {
  Uint256 value = 0;
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t limbs[] = {0, ~std::uint64_t{0}, std::uint64_t{1} << 63U, 1, random.next()};
    value = (value << 64U) | limbs[random.below(5)];
  }
  return value >> static_cast<unsigned>(64 * random.below(4));
}

TEST(UniswapFullMath, agrees_with_a_general_division) {
  core::Random random(1);
  int overflows = 0;
  for (int i = 0; i < 40000; ++i) {
    const Uint256 a = i % 2 == 0 ? awkward(random) : bits(random, 256);
    const Uint256 b = i % 2 == 0 ? awkward(random) : bits(random, 256);
    const Uint256 d = i % 2 == 0 ? awkward(random) : bits(random, 256);
    const auto down = mul_div(a, b, d);
    const auto up = mul_div_up(a, b, d);
    if (d == 0) {
      EXPECT_FALSE(down || up);
      continue;
    }
    const Uint512 product = Uint512(a) * Uint512(b);
    const Uint512 floor = product / Uint512(d);
    const Uint512 ceiling = floor + (product % Uint512(d) == 0 ? 0 : 1);
    ASSERT_EQ(down.has_value(), floor <= Uint512(kMax256));
    ASSERT_EQ(up.has_value(), ceiling <= Uint512(kMax256));
    if (down) {
      ASSERT_EQ(Uint512(*down), floor);
    }
    if (up) {
      ASSERT_EQ(Uint512(*up), ceiling);
    }
    if (!down) ++overflows;
    ASSERT_EQ(div_up(a, d), (a / d) + (a % d == 0 ? 0 : 1));
  }
  EXPECT_GT(overflows, 1000);
}

TEST(UniswapFullMath, rounding_up_past_the_largest_number_overflows) {
  // (2^256 - 1) * (2^256 - 1) / (2^256 - 1) is exact; the product of these leaves a remainder on top of the maximum.
  EXPECT_EQ(mul_div_up(kMax256, kMax256, kMax256), kMax256);
  const Uint256 a("535006138814359");
  const Uint256 b("432862656469423142931042426214547535783388063929571229938474969");
  EXPECT_EQ(mul_div(a, b, Uint256(2)), kMax256);
  EXPECT_FALSE(mul_div_up(a, b, Uint256(2)));
}

TEST(UniswapTickMath, bounds_are_the_published_ones) {
  EXPECT_EQ(min_sqrt_ratio(), Uint256("4295128739"));
  EXPECT_EQ(max_sqrt_ratio(), Uint256("1461446703485210103287273052203988822378723970342"));
  EXPECT_EQ(sqrt_ratio_at_tick(0), kQ96);
  EXPECT_EQ(tick_at_sqrt_ratio(min_sqrt_ratio()), kMinTick);
  EXPECT_EQ(tick_at_sqrt_ratio(max_sqrt_ratio() - 1), kMaxTick - 1);
  EXPECT_FALSE(tick_at_sqrt_ratio(min_sqrt_ratio() - 1));
  EXPECT_FALSE(tick_at_sqrt_ratio(max_sqrt_ratio()));
  EXPECT_FALSE(tick_at_sqrt_ratio(Uint256(0)));
  EXPECT_FALSE(tick_at_sqrt_ratio(kMax256));
}

TEST(UniswapTickMath, a_tick_holds_from_its_price_to_just_below_the_next) {
  core::Random random(2);
  for (int i = 0; i < 20000; ++i) {
    const int tick = i < 100   ? kMinTick + i
                     : i < 200 ? kMaxTick - 1 - (i - 100)
                               : test::between(random, kMinTick, kMaxTick - 1);
    const Uint256 price = sqrt_ratio_at_tick(tick);
    const Uint256 next = sqrt_ratio_at_tick(tick + 1);
    ASSERT_LT(price, next) << tick;
    ASSERT_EQ(tick_at_sqrt_ratio(price), tick);
    ASSERT_EQ(tick_at_sqrt_ratio(next - 1), tick);
    if (tick > kMinTick) {
      ASSERT_EQ(tick_at_sqrt_ratio(price - 1), tick - 1);
    }
  }
}

TEST(UniswapSqrtPriceMath, no_liquidity_moves_no_price) {
  EXPECT_EQ(next_sqrt_price_from_input(kQ96, 0, Uint256(1), true).error(), PoolError::no_liquidity);
  EXPECT_EQ(next_sqrt_price_from_output(Uint256(0), 1, Uint256(1), true).error(), PoolError::no_liquidity);
  EXPECT_EQ(*next_sqrt_price_from_input(kQ96, 1, Uint256(0), true), kQ96);
  EXPECT_EQ(*next_sqrt_price_from_output(kQ96, 1, Uint256(0), false), kQ96);
}

TEST(UniswapSqrtPriceMath, more_than_the_range_holds_is_an_error) {
  // At a root of 256 a liquidity of 1024 holds 4 units of token0 and 262144 of token1, and no price reaches the last.
  const Uint256 price("20282409603651670423947251286016");  // 256 * 2^96
  EXPECT_EQ(next_sqrt_price_from_output(price, 1024, Uint256(4), false).error(), PoolError::not_enough_liquidity);
  EXPECT_EQ(next_sqrt_price_from_output(price, 1024, Uint256(5), false).error(), PoolError::not_enough_liquidity);
  EXPECT_EQ(next_sqrt_price_from_output(price, 1024, Uint256(262144), true).error(), PoolError::not_enough_liquidity);
  EXPECT_EQ(*next_sqrt_price_from_output(price, 1024, Uint256(262143), true), Uint256("77371252455336267181195264"));
  EXPECT_EQ(next_sqrt_price_from_input((Uint256(1) << 160U) - 1, 1024, Uint256(1024), false).error(),
            PoolError::overflow);
}

TEST(UniswapSqrtPriceMath, an_input_too_large_for_the_product_still_has_a_price) {
  // amount * price does not fit 256 bits: the other formula of the contract.
  EXPECT_EQ(*next_sqrt_price_from_input(kQ96, 1, Uint256(1) << 254U, true), Uint256(1));
  EXPECT_EQ(next_sqrt_price_from_input(kQ96, 1, kMax256, true).error(), PoolError::overflow);
}

TEST(UniswapSwapMath, without_liquidity_the_target_is_reached_for_nothing) {
  const auto step = compute_swap_step(kQ96, kQ96 * 2, 0, SwapKind::exact_in, Uint256(5), 3000);
  ASSERT_TRUE(step.ok());
  EXPECT_EQ(step->sqrt_price, kQ96 * 2);
  EXPECT_EQ(step->amount_in + step->amount_out + step->fee, 0);
}

TEST(UniswapTicks, the_walk_stops_at_ticks_and_at_word_edges) {
  V3Ticks ticks;
  ASSERT_EQ(ticks.assign({{.tick = 600, .gross = 1, .net = 1}, {.tick = -600, .gross = 1, .net = -1}}, 10),
            PoolError::none);
  const auto stop = [&](int tick, bool lte) {
    const auto s = ticks.next_within_word(tick, lte);
    return std::pair(s.tick, s.initialized);
  };
  // A word holds 256 multiples of the spacing: 0 to 2550, -2560 to -10.
  EXPECT_EQ(stop(700, true), std::pair(600, true));
  EXPECT_EQ(stop(600, true), std::pair(600, true));
  EXPECT_EQ(stop(599, true), std::pair(0, false));
  EXPECT_EQ(stop(0, true), std::pair(0, false));
  EXPECT_EQ(stop(-1, true), std::pair(-600, true));
  EXPECT_EQ(stop(-601, true), std::pair(-2560, false));
  EXPECT_EQ(stop(0, false), std::pair(600, true));
  EXPECT_EQ(stop(599, false), std::pair(600, true));
  EXPECT_EQ(stop(600, false), std::pair(2550, false));
  EXPECT_EQ(stop(2549, false), std::pair(2550, false));
  EXPECT_EQ(stop(2550, false), std::pair(5110, false));
  EXPECT_EQ(stop(-700, false), std::pair(-600, true));
  EXPECT_EQ(stop(-600, false), std::pair(-10, false));
  EXPECT_EQ(stop(-11, false), std::pair(-10, false));
  EXPECT_EQ(stop(-10, false), std::pair(600, true));
}

TEST(UniswapTicks, impossible_ticks_are_refused_as_a_whole) {
  V3Ticks ticks;
  ASSERT_EQ(ticks.assign({{.tick = 60, .gross = 5, .net = 5}}, 60), PoolError::none);
  for (const V3Tick& bad : {V3Tick{61, 1, 1}, V3Tick{887280, 1, 1}, V3Tick{120, 0, 0}, V3Tick{120, 1, 2},
                            V3Tick{120, 1, -2}, V3Tick{0, 3, static_cast<Int128>(Uint128{1} << 127U)}}) {
    EXPECT_EQ(ticks.assign({{.tick = 0, .gross = 1, .net = 1}, bad}, 60), PoolError::invalid_state);
  }
  EXPECT_EQ(ticks.assign({{60, 1, 1}, {60, 1, 1}}, 60), PoolError::invalid_state);
  EXPECT_EQ(ticks.assign({}, 0), PoolError::invalid_state);
  EXPECT_EQ(ticks.assign({}, 16384), PoolError::invalid_state);
  ASSERT_EQ(ticks.all().size(), 1U);
  EXPECT_EQ(ticks.all()[0], (V3Tick{60, 5, 5}));
}

TEST(UniswapTicks, positions_come_and_go) {
  V3Ticks ticks;
  ASSERT_EQ(ticks.assign({}, 10), PoolError::none);
  EXPECT_EQ(ticks.add(20, 7, false), PoolError::none);
  EXPECT_EQ(ticks.add(20, 5, true), PoolError::none);
  EXPECT_EQ(ticks.all()[0], (V3Tick{20, 12, 2}));
  EXPECT_EQ(ticks.remove(20, 13, false), PoolError::contradiction);
  // Only five of the twelve end here.
  EXPECT_EQ(ticks.remove(20, 8, true), PoolError::contradiction);
  EXPECT_EQ(ticks.remove(30, 1, true), PoolError::contradiction);
  EXPECT_EQ(ticks.add(20, kMaxUint128, true), PoolError::contradiction);
  EXPECT_EQ(ticks.add(25, 1, true), PoolError::invalid_state);
  EXPECT_EQ(ticks.all()[0], (V3Tick{20, 12, 2}));
  EXPECT_EQ(ticks.remove(20, 7, false), PoolError::none);
  EXPECT_EQ(ticks.remove(20, 5, true), PoolError::none);
  EXPECT_TRUE(ticks.all().empty());
}

}  // namespace
}  // namespace calypte::connector::uniswap
