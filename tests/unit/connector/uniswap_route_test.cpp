#include <algorithm>
#include <gtest/gtest.h>

#include "connector/protocol/uniswap/route.hpp"
#include "connector/protocol/uniswap/synthetic_book.hpp"
#include "support/uniswap_pools.hpp"

namespace calypte::connector::uniswap {
namespace {

using test::address;
using test::v2_pool;
using test::v3_pool;

constexpr std::uint64_t kRouteLiquidity = 1'000'000'000'000'000'000;
const Address kA = address(1);
const Address kB = address(2);
const Address kC = address(3);
const Uint256 kRouteAmount(1'000'000'000'000'000);

// --- V2 --------------------------------------------------------------------------------------------------------------

TEST(UniswapV2Pool, amounts_of_the_published_pair) {
  // 1 token in, against 5 and 10, with 18 decimals: the first case of the pair's own test.
  const V2Pool pool = v2_pool(5 * kRouteLiquidity, 10 * kRouteLiquidity);
  const auto in = pool.quote(SwapKind::exact_in, true, Uint256(kRouteLiquidity));
  ASSERT_TRUE(in.ok());
  EXPECT_EQ(in->amount_out, Uint256("1662497915624478906"));
  EXPECT_EQ(in->fee, Uint256("3000000000000000"));
  const auto out = pool.quote(SwapKind::exact_out, true, in->amount_out);
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(out->amount_in, Uint256(kRouteLiquidity));
  EXPECT_TRUE(pool.keeps_product(true, in->amount_in, in->amount_out));
  EXPECT_FALSE(pool.keeps_product(true, in->amount_in, in->amount_out + 1));
}

TEST(UniswapV2Pool, what_a_pair_refuses) {
  V2Pool pool = v2_pool(1000, 1000);
  EXPECT_EQ(pool.quote(SwapKind::exact_in, true, Uint256(0)).error(), PoolError::zero_amount);
  EXPECT_EQ(pool.quote(SwapKind::exact_in, true, Uint256(1)).error(), PoolError::zero_output);
  EXPECT_EQ(pool.quote(SwapKind::exact_out, true, Uint256(1000)).error(), PoolError::not_enough_liquidity);
  EXPECT_TRUE(pool.quote(SwapKind::exact_out, true, Uint256(999)).ok());
  EXPECT_EQ(pool.quote(SwapKind::exact_in, true, Uint256(kMaxUint112)).error(), PoolError::overflow);
  EXPECT_EQ(pool.quote(SwapKind::exact_in, true, Uint256(1) << 255U).error(), PoolError::overflow);
  EXPECT_TRUE(pool.quote(SwapKind::exact_in, true, Uint256(kMaxUint112 - 1000)).ok());
  EXPECT_EQ(pool.apply({Uint256(kMaxUint112) + 1, Uint256(5)}), PoolError::invalid_state);
  EXPECT_EQ(pool.reserve0(), 1000U);
  EXPECT_EQ(pool.apply({Uint256(0), Uint256(5)}), PoolError::none);
  EXPECT_EQ(pool.quote(SwapKind::exact_in, true, Uint256(1)).error(), PoolError::no_liquidity);
  EXPECT_EQ(V2Pool::make({address(9), kB, kA}).error(), PoolError::invalid_state);
}

// --- routes ----------------------------------------------------------------------------------------------------------

TEST(UniswapRoute, finds_its_directions_and_refuses_a_broken_chain) {
  const V3Pool ab = v3_pool(3000, 60, 0, {{-600, 600, kRouteLiquidity}});
  const V2Pool bc = v2_pool(kRouteLiquidity, kRouteLiquidity, 2, 3);
  const PoolRef chain[] = {&bc, &ab};
  const auto route = Route::make(chain, kC, kA);
  ASSERT_TRUE(route.ok());
  EXPECT_EQ(route->token_in(), kC);
  EXPECT_EQ(route->token_out(), kA);
  EXPECT_FALSE(route->hops()[0].zero_for_one);
  EXPECT_FALSE(route->hops()[1].zero_for_one);
  const Route back = route->reversed();
  EXPECT_EQ(back.token_in(), kA);
  EXPECT_EQ(back.token_out(), kC);
  EXPECT_TRUE(back.hops()[0].zero_for_one);
  EXPECT_EQ(Route::make(chain, kA, kC).error(), PoolError::wrong_token);
  EXPECT_EQ(Route::make(chain, kC, kB).error(), PoolError::wrong_token);
  EXPECT_EQ(Route::make(chain, kC, kC).error(), PoolError::wrong_token);
  EXPECT_EQ(Route::make({}, kA, kB).error(), PoolError::no_route);
  const PoolRef three[] = {&ab, &bc, &bc};
  EXPECT_EQ(Route::make(three, kA, kC).error(), PoolError::no_route);
}

TEST(UniswapRoute, two_hops_are_one_quote_after_the_other) {
  const V3Pool ab = v3_pool(3000, 60, 0, {{-600, 600, kRouteLiquidity}});
  const V2Pool bc = v2_pool(kRouteLiquidity, 2 * kRouteLiquidity, 2, 3);
  const PoolRef chain[] = {&ab, &bc};
  const Route route = *Route::make(chain, kA, kC);
  const auto forward = quote_route(route, SwapKind::exact_in, kRouteAmount);
  ASSERT_TRUE(forward.ok());
  const auto first = ab.quote(SwapKind::exact_in, true, kRouteAmount);
  const auto second = bc.quote(SwapKind::exact_in, true, first->amount_out);
  EXPECT_EQ(forward->amount_out, second->amount_out);
  EXPECT_EQ(forward->hops[0].fee, first->fee);
  EXPECT_EQ(forward->hops[1].fee, second->fee);
  const auto backward = quote_route(route, SwapKind::exact_out, forward->amount_out);
  ASSERT_TRUE(backward.ok());
  EXPECT_LE(backward->amount_in, kRouteAmount);
  EXPECT_EQ(backward->amount_out, forward->amount_out);
  EXPECT_EQ(backward->hops[0].amount_out, backward->hops[1].amount_in);
  // Nothing comes out of the first pool, so there is nothing to put into the second.
  EXPECT_EQ(quote_route(route, SwapKind::exact_in, Uint256(1)).error(), PoolError::zero_output);
}

TEST(UniswapRoute, price_impact_is_against_the_mid_price) {
  const V2Pool deep = v2_pool(kRouteLiquidity, 2 * kRouteLiquidity);
  const PoolRef chain[] = {&deep};
  const Route route = *Route::make(chain, kA, kB);
  // 1000 in at a mid price of 2 would be 2000. 1993 come out: 35 of 10,000 less.
  const auto tiny = quote_route(route, SwapKind::exact_in, Uint256(1000));
  EXPECT_EQ(tiny->amount_out, 1993);
  EXPECT_EQ(price_impact(route, *tiny).to_string(), "0.003500000000000000");
  // Half of the reserve in: 997 / (2000 + 997) of the other comes out instead of a half.
  const auto big = quote_route(route, SwapKind::exact_in, Uint256(kRouteLiquidity / 2));
  const Decimal impact = price_impact(route, *big);
  EXPECT_GT(impact, Decimal::parse("0.3345").value());
  EXPECT_LT(impact, Decimal::parse("0.3347").value());

  const V3Pool flat = v3_pool(3000, 60, 0, {{-600, 600, kRouteLiquidity}});
  const PoolRef both[] = {&deep, &flat};
  EXPECT_EQ(price_impact(*Route::make({&both[1], 1}, kA, kB), {Uint256(1000), Uint256(996), {}}).to_string(),
            "0.004000000000000000");
  const V3Pool up = v3_pool(3000, 60, 6000, {{-60, 12000, kRouteLiquidity}});  // a mid price of 1.0001^6000 = 1.8221...
  const PoolRef one[] = {&up};
  EXPECT_EQ(price_impact(*Route::make(one, kA, kB), {Uint256(1'000'000), Uint256(1'822'118), {}}),
            Decimal::from_parts(0, 18));
  EXPECT_EQ(price_impact(*Route::make(one, kB, kA), {Uint256(1'822'118), Uint256(500'000), {}})
                .rescaled(4, Rounding::half_even)
                .to_string(),
            "0.5000");
}

TEST(UniswapRoute, the_best_of_all_pools_whatever_their_order) {
  const V3Pool low = v3_pool(500, 10, 0, {{-6000, 6000, kRouteLiquidity}}, 1, 2, 10);
  const V3Pool medium = v3_pool(3000, 60, 0, {{-6000, 6000, 4 * kRouteLiquidity}}, 1, 2, 11);
  const V2Pool pair = v2_pool(kRouteLiquidity, kRouteLiquidity, 1, 2, 12);
  const V3Pool ac = v3_pool(100, 1, 0, {{-1000, 1000, 18 * kRouteLiquidity}}, 1, 3, 13);
  const V3Pool bc = v3_pool(100, 1, 0, {{-1000, 1000, 18 * kRouteLiquidity}}, 2, 3, 14);
  std::vector<PoolRef> pools = {&low, &medium, &pair, &ac, &bc};
  const auto best = [&](SwapKind kind, const Uint256& amount, const RouteChoice& choice = {}) {
    return best_route(pools, kA, kB, kind, amount, choice);
  };
  // Two pools of 0.01 % beat one of 0.05 %.
  const auto small = best(SwapKind::exact_in, kRouteAmount);
  ASSERT_TRUE(small.ok());
  EXPECT_EQ(small->route.hops().size(), 2U);
  const auto direct = best(SwapKind::exact_in, kRouteAmount, {.max_hops = 1});
  ASSERT_TRUE(direct.ok());
  EXPECT_EQ(address_of(direct->route.hops()[0].pool), address(10));
  EXPECT_GT(small->quote.amount_out, direct->quote.amount_out);
  // More than the cheapest pools hold: the deepest one.
  const auto large = best(SwapKind::exact_in, Uint256(kRouteLiquidity));
  ASSERT_TRUE(large.ok());
  EXPECT_EQ(address_of(large->route.hops()[0].pool), address(11));
  const auto bought = best(SwapKind::exact_out, kRouteAmount);
  ASSERT_TRUE(bought.ok());
  for (const SwapKind kind : {SwapKind::exact_in, SwapKind::exact_out}) {
    for (const Uint256& amount : {kRouteAmount, Uint256(kRouteLiquidity) / 2}) {
      const auto one = best(kind, amount);
      std::reverse(pools.begin(), pools.end());
      const auto other = best(kind, amount);
      ASSERT_TRUE(one.ok() && other.ok());
      ASSERT_EQ(one->route.hops().size(), other->route.hops().size());
      EXPECT_EQ(address_of(one->route.hops()[0].pool), address_of(other->route.hops()[0].pool));
      // Nothing else is better.
      for (const PoolRef& pool : pools) {
        const auto route = Route::make({&pool, 1}, kA, kB);
        if (!route) continue;
        const auto q = quote_route(*route, kind, amount);
        if (!q) continue;
        EXPECT_GE(one->quote.amount_out, q->amount_out);
        EXPECT_LE(one->quote.amount_in, q->amount_in);
      }
    }
  }
}

TEST(UniswapRoute, equal_routes_are_chosen_by_address) {
  const V2Pool x = v2_pool(kRouteLiquidity, kRouteLiquidity, 1, 2, 21);
  const V2Pool y = v2_pool(kRouteLiquidity, kRouteLiquidity, 1, 2, 20);
  for (const std::vector<PoolRef>& pools : {std::vector<PoolRef>{&x, &y}, std::vector<PoolRef>{&y, &x}}) {
    const auto best = best_route(pools, kA, kB, SwapKind::exact_in, kRouteAmount);
    ASSERT_TRUE(best.ok());
    EXPECT_EQ(address_of(best->route.hops()[0].pool), address(20));
  }
}

TEST(UniswapRoute, why_there_is_no_route) {
  const V2Pool empty = v2_pool(0, 0);
  const V2Pool shallow = v2_pool(1000, 1000, 1, 2, 60);
  const V2Pool far = v2_pool(kRouteLiquidity, kRouteLiquidity, 2, 3);
  const V3Pool ac = v3_pool(100, 1, 0, {{-1000, 1000, kRouteLiquidity}}, 1, 3, 13);
  const PoolRef pools[] = {&shallow, &empty};
  const PoolRef mixed[] = {&far, &ac};
  const auto error = [](std::span<const PoolRef> p, const Address& in, const Address& out, const RouteChoice& c = {}) {
    return best_route(p, in, out, SwapKind::exact_out, Uint256(5000), c).error();
  };
  EXPECT_EQ(error(pools, kA, kB), PoolError::no_liquidity) << "of the smaller address";
  EXPECT_EQ(error(pools, kA, kC), PoolError::no_route);
  EXPECT_EQ(error(pools, kA, kA), PoolError::wrong_token);
  EXPECT_EQ(error({}, kA, kB), PoolError::no_route);
  EXPECT_EQ(error(mixed, kA, kB), PoolError::none);
  EXPECT_EQ(error(mixed, kA, kB, {.mixed_versions = false}), PoolError::no_route);
  EXPECT_EQ(error(mixed, kA, kB, {.max_hops = 1}), PoolError::no_route);
  const std::vector<PoolRef> many(kMaxRoutes + 1, &far);
  EXPECT_EQ(error(many, kB, kC), PoolError::too_many_routes);
}

TEST(UniswapRoute, slippage_limits_hold_to_the_unit) {
  EXPECT_EQ(*minimum_received(Uint256(1000), 50), 995);
  EXPECT_EQ(*minimum_received(Uint256(1001), 50), 996) << "995.995: one less would break the limit";
  EXPECT_EQ(*maximum_paid(Uint256(1000), 50), 1005);
  EXPECT_EQ(*maximum_paid(Uint256(999), 50), 1003) << "1003.995: one more would break the limit";
  EXPECT_EQ(*minimum_received(Uint256(7), 0), 7);
  EXPECT_EQ(*maximum_paid(Uint256(7), 0), 7);
  EXPECT_EQ(*minimum_received(Uint256(7), 10'000), 0);
  EXPECT_EQ(minimum_received(Uint256(7), 10'001).error(), PoolError::invalid_slippage);
  EXPECT_EQ(maximum_paid(Uint256(7), 10'001).error(), PoolError::invalid_slippage);
  EXPECT_EQ(maximum_paid(~Uint256(0), 1).error(), PoolError::overflow);
  EXPECT_EQ(*minimum_received(~Uint256(0), 0), ~Uint256(0));
}

// --- the book --------------------------------------------------------------------------------------------------------

Decimal operator""_d(const char* text, std::size_t size) { return Decimal::parse({text, size}).value(); }

TEST(UniswapBook, levels_are_the_differences_of_quotes) {
  // token1 is the base with 18 decimals, token0 the quote with 6: 2,000 of quote for one of base.
  const V2Pool pool = v2_pool(2'000'000'000'000, 1000 * 1'000'000'000'000'000ULL);
  const PoolRef chain[] = {&pool};
  const Route sell = *Route::make(chain, kB, kA);
  const Uint256 sizes[] = {Uint256(1'000'000'000'000'000), Uint256(3'000'000'000'000'000)};
  const BookShape shape{.base_decimals = 18, .quote_decimals = 6, .price_scale = 2};
  const auto book = sample_book(sell, sizes, shape);
  ASSERT_TRUE(book.ok());
  EXPECT_EQ(book->asks_end, PoolError::none);
  EXPECT_EQ(book->bids_end, PoolError::none);
  ASSERT_EQ(book->asks.size(), 2U);
  ASSERT_EQ(book->bids.size(), 2U);
  EXPECT_EQ(book->asks[0].amount, "0.001"_d);
  EXPECT_EQ(book->asks[1].amount, "0.002"_d);
  const auto paid = quote_route(sell.reversed(), SwapKind::exact_out, sizes[0])->amount_in;  // in 10^-6
  const Decimal exact = Decimal::from_parts(static_cast<std::int64_t>(paid), 3);             // per 0.001 of base
  EXPECT_EQ(book->asks[0].price, exact.rescaled(2, Rounding::ceiling));
  const auto got = quote_route(sell, SwapKind::exact_in, sizes[0])->amount_out;
  EXPECT_EQ(book->bids[0].price, Decimal::from_parts(static_cast<std::int64_t>(got), 3).rescaled(2, Rounding::floor));
  EXPECT_LT(book->bids[0].price, book->asks[0].price);
}

TEST(UniswapBook, a_side_ends_where_liquidity_does_and_says_so) {
  const V3Pool pool = v3_pool(3000, 60, 0, {{-600, 600, kRouteLiquidity}});
  const PoolRef chain[] = {&pool};
  const Route sell = *Route::make(chain, kA, kB);
  const Uint256 sizes[] = {Uint256(kRouteLiquidity / 100), Uint256(kRouteLiquidity / 50), Uint256(kRouteLiquidity),
                           Uint256(kRouteLiquidity) * 2};
  const auto book = sample_book(sell, sizes, {.base_decimals = 18, .quote_decimals = 18, .price_scale = 8});
  ASSERT_TRUE(book.ok());
  EXPECT_EQ(book->asks.size(), 2U);
  EXPECT_EQ(book->bids.size(), 2U);
  EXPECT_EQ(book->asks_end, PoolError::not_enough_liquidity);
  EXPECT_EQ(book->bids_end, PoolError::not_enough_liquidity);
}

TEST(UniswapBook, sales_that_give_nothing_join_the_next_size) {
  const V2Pool pool = v2_pool(1'000'000'000, 1'000'000);  // 0.001 of quote for one of base
  const PoolRef chain[] = {&pool};
  const Uint256 sizes[] = {Uint256(10), Uint256(100), Uint256(100'000)};
  const auto book =
      sample_book(*Route::make(chain, kA, kB), sizes, {.base_decimals = 0, .quote_decimals = 0, .price_scale = 6});
  ASSERT_TRUE(book.ok());
  ASSERT_EQ(book->bids.size(), 1U);
  EXPECT_EQ(book->bids[0].amount, 100'000);
  EXPECT_EQ(book->bids[0].price, "0.00099"_d);
  EXPECT_EQ(book->bids_end, PoolError::none);
  const auto coarse =
      sample_book(*Route::make(chain, kA, kB), sizes, {.base_decimals = 0, .quote_decimals = 0, .price_scale = 2});
  ASSERT_TRUE(coarse.ok());
  EXPECT_TRUE(coarse->bids.empty()) << "no price above zero";
}

TEST(UniswapBook, sizes_and_shapes_are_checked) {
  const V2Pool pool = v2_pool(kRouteLiquidity, kRouteLiquidity);
  const PoolRef chain[] = {&pool};
  const Route sell = *Route::make(chain, kA, kB);
  const Uint256 falling[] = {Uint256(5), Uint256(5)};
  const Uint256 zero[] = {Uint256(0)};
  const Uint256 good[] = {Uint256(5000)};
  EXPECT_EQ(sample_book(sell, falling, {}).error(), PoolError::invalid_state);
  EXPECT_EQ(sample_book(sell, zero, {}).error(), PoolError::invalid_state);
  EXPECT_EQ(sample_book(sell, good, {.base_decimals = 39}).error(), PoolError::invalid_state);
  EXPECT_EQ(sample_book(sell, good, {.price_scale = -1}).error(), PoolError::invalid_state);
  EXPECT_EQ(sample_book(sell, good, {.base_decimals = 38, .quote_decimals = 0, .price_scale = 38}).error(),
            PoolError::not_representable);
  EXPECT_TRUE(sample_book(sell, {}, {}).ok());
}

}  // namespace
}  // namespace calypte::connector::uniswap
