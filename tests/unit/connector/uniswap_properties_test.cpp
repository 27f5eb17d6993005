// What holds for every pool and every amount, on seeded pools.
#include <gtest/gtest.h>

#include "connector/protocol/uniswap/synthetic_book.hpp"
#include "support/uniswap_pools.hpp"

namespace calypte::connector::uniswap {
namespace {

using test::bits;

V2Pool random_v2_pool(core::Random& random) {
  auto pool = V2Pool::make({test::address(50), test::address(1), test::address(2)});
  EXPECT_EQ(pool->apply({bits(random, 90), bits(random, 90)}), PoolError::none);
  return *pool;
}

/// The pool after a swap as its event would leave it.
V3Pool after(V3Pool pool, const V3Quote& q, bool) {
  EXPECT_EQ(pool.apply(V3SwapEvent{q.sqrt_price_after, q.liquidity_after, q.tick_after}), PoolError::none);
  return pool;
}
V2Pool after(V2Pool pool, const V2Quote& q, bool zero_for_one) {
  const Uint256 r0(pool.reserve0());
  const Uint256 r1(pool.reserve1());
  EXPECT_EQ(pool.apply(zero_for_one ? V2SyncEvent{r0 + q.amount_in, r1 - q.amount_out}
                                    : V2SyncEvent{r0 - q.amount_out, r1 + q.amount_in}),
            PoolError::none);
  return pool;
}

template <typename Pool>
struct Make;
template <>
struct Make<V3Pool> {
  static V3Pool random(core::Random& r) { return test::random_v3_pool(r); }
};
template <>
struct Make<V2Pool> {
  static V2Pool random(core::Random& r) { return random_v2_pool(r); }
};

template <typename Pool>
class UniswapProperties : public ::testing::Test {
 protected:
  static constexpr int kPools = 1500;
  /// Calls `check(pool, zero_for_one, amount)` for seeded cases; it says whether the case told anything.
  template <typename F>
  static void each(std::uint64_t seed, F&& check) {
    core::Random random(seed);
    int told = 0;
    for (int i = 0; i < kPools; ++i) {
      const Pool pool = Make<Pool>::random(random);
      for (int j = 0; j < 4; ++j) {
        if (check(pool, random.chance(1, 2), bits(random, 68))) ++told;
        ASSERT_FALSE(::testing::Test::HasFailure()) << "pool " << i;
      }
    }
    EXPECT_GT(told, kPools);
  }
};
using Pools = ::testing::Types<V2Pool, V3Pool>;
TYPED_TEST_SUITE(UniswapProperties, Pools);

TYPED_TEST(UniswapProperties, what_exact_input_gives_costs_no_more_than_that_input) {
  this->each(11, [](const auto& pool, bool down, const Uint256& amount) {
    const auto sold = pool.quote(SwapKind::exact_in, down, amount);
    if (!sold || sold->amount_out == 0) return false;
    const auto bought = pool.quote(SwapKind::exact_out, down, sold->amount_out);
    EXPECT_TRUE(bought.ok());
    if (bought) {
      EXPECT_LE(bought->amount_in, amount);
    }
    return true;
  });
}

TYPED_TEST(UniswapProperties, what_exact_output_costs_gives_no_less_than_that_output) {
  this->each(12, [](const auto& pool, bool down, const Uint256& amount) {
    const auto bought = pool.quote(SwapKind::exact_out, down, amount);
    if (!bought) return false;
    const auto sold = pool.quote(SwapKind::exact_in, down, bought->amount_in);
    EXPECT_TRUE(sold.ok());
    if (sold) {
      EXPECT_GE(sold->amount_out, amount);
    }
    return true;
  });
}

TYPED_TEST(UniswapProperties, there_and_back_never_gains) {
  this->each(13, [](const auto& pool, bool down, const Uint256& amount) {
    const auto there = pool.quote(SwapKind::exact_in, down, amount);
    if (!there || there->amount_out == 0) return false;
    const auto back = after(pool, *there, down).quote(SwapKind::exact_in, !down, there->amount_out);
    if (!back) return false;
    EXPECT_LE(back->amount_out, amount);
    return true;
  });
}

TYPED_TEST(UniswapProperties, more_gives_and_costs_more) {
  core::Random more(140);
  this->each(14, [&](const auto& pool, bool down, const Uint256& amount) {
    const Uint256 larger = amount + bits(more, more.chance(1, 2) ? 3 : 66);
    bool told = false;
    for (const SwapKind kind : {SwapKind::exact_in, SwapKind::exact_out}) {
      const auto a = pool.quote(kind, down, amount);
      const auto b = pool.quote(kind, down, larger);
      if (b && a.error() != PoolError::zero_output) {
        EXPECT_TRUE(a.ok()) << "the larger amount was possible";
      }
      if (!a || !b) continue;
      EXPECT_LE(a->amount_in, b->amount_in);
      EXPECT_LE(a->amount_out, b->amount_out);
      told = true;
    }
    return told;
  });
}

TYPED_TEST(UniswapProperties, a_sale_in_two_parts_gives_no_more_than_the_whole) {
  core::Random part(150);
  this->each(15, [&](const auto& pool, bool down, const Uint256& amount) {
    const Uint256 first = amount / (2 + part.below(20));
    if (first == 0) return false;
    const auto whole = pool.quote(SwapKind::exact_in, down, amount);
    const auto one = pool.quote(SwapKind::exact_in, down, first);
    if (!whole || !one) return false;
    const auto two = after(pool, *one, down).quote(SwapKind::exact_in, down, amount - first);
    if (!two) return false;
    EXPECT_LE(one->amount_out + two->amount_out, whole->amount_out);
    return true;
  });
}

TYPED_TEST(UniswapProperties, a_book_never_promises_more_than_the_pool_gives) {
  core::Random random(16);
  int levels = 0;
  int between_samples = 0;
  for (int i = 0; i < 300; ++i) {
    const TypeParam pool = Make<TypeParam>::random(random);
    const PoolRef chain[] = {&pool};
    const bool token0_is_base = random.chance(1, 2);
    const Route sell =
        *Route::make(chain, test::address(token0_is_base ? 1 : 2), test::address(token0_is_base ? 2 : 1));
    std::vector<Uint256> sizes;
    Uint256 size = bits(random, 60);
    for (int k = 0; k < 12; ++k, size += size / 2 + 1 + random.below(5)) sizes.push_back(size);
    const BookShape shape{.base_decimals = 6, .quote_decimals = 8, .price_scale = test::between(random, 6, 12)};
    const auto book = sample_book(sell, sizes, shape);
    if (book.error() == PoolError::not_representable) continue;
    ASSERT_TRUE(book.ok()) << to_string(book.error());

    for (const bool asks : {true, false}) {
      const auto& side = asks ? book->asks : book->bids;
      Uint256 base = 0;
      Uint512 promised = 0;  // quote in 10^-(8 + 12 + 6)
      for (std::size_t l = 0; l < side.size(); ++l, ++levels) {
        if (l > 0) {
          ASSERT_TRUE(asks ? side[l - 1].price < side[l].price : side[l - 1].price > side[l].price);
        }
        const Uint256 amount(static_cast<Uint128>(side[l].amount.rescaled(6, Rounding::floor).coefficient()));
        const Uint512 price(static_cast<Uint128>(side[l].price.rescaled(12, Rounding::floor).coefficient()));
        // At the end of each level, and somewhere within it.
        for (const Uint256& part : {Uint256(1 + amount / 3), amount}) {
          if (part > amount) continue;
          const auto q = asks ? quote_route(sell.reversed(), SwapKind::exact_out, base + part)
                              : quote_route(sell, SwapKind::exact_in, base + part);
          if (!q && q.error() == PoolError::zero_output) continue;
          ASSERT_TRUE(q.ok()) << to_string(q.error());
          const Uint512 total = promised + price * Uint512(part);
          const bool within = part != amount;
          // Base units of 10^-6 times a price in 10^-12, against quote units of 10^-8.
          const Uint512 real = Uint512(asks ? q->amount_in : q->amount_out) * 10'000'000'000U;
          // Within a level the pool's own rounding may show: a few units of either token.
          const Uint512 tolerance = within ? 3 * (price + 10'000'000'000U) : Uint512(0);
          if (asks) {
            ASSERT_GE(total + tolerance, real) << "level " << l;
          } else {
            ASSERT_LE(total, real + tolerance) << "level " << l;
          }
          if (within) ++between_samples;
        }
        base += amount;
        promised += price * Uint512(amount);
      }
    }
    if (!book->asks.empty() && !book->bids.empty()) {
      EXPECT_LT(book->bids[0].price, book->asks[0].price);
    }
  }
  EXPECT_GT(levels, 1000);
  EXPECT_GT(between_samples, 500);
}

}  // namespace
}  // namespace calypte::connector::uniswap
