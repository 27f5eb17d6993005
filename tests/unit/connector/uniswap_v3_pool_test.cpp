#include <gtest/gtest.h>

#include "support/uniswap_pools.hpp"

namespace calypte::connector::uniswap {
namespace {

using test::v3_pool;

constexpr std::uint64_t kL = 1'000'000'000'000'000'000;
const Uint256 kSome(1'000'000'000'000);
const Uint256 kPlenty = Uint256(1) << 200U;

V3Pool two_ranges() { return v3_pool(3000, 60, 0, {{-600, 600, kL}, {-1200, -600, kL}}); }

V3SwapEvent event_of(const V3Quote& q) { return {q.sqrt_price_after, q.liquidity_after, q.tick_after}; }

void expect_same_state(const V3Pool& a, const V3Pool& b) {
  EXPECT_EQ(a.sqrt_price(), b.sqrt_price());
  EXPECT_EQ(a.tick(), b.tick());
  EXPECT_EQ(a.liquidity(), b.liquidity());
  EXPECT_TRUE(std::equal(a.ticks().begin(), a.ticks().end(), b.ticks().begin(), b.ticks().end()));
}

TEST(UniswapV3Pool, keys_that_no_pool_has_are_refused) {
  const auto key = [](std::uint8_t t0, std::uint8_t t1, std::uint32_t fee, int spacing) {
    return V3Pool::make({test::address(9), test::address(t0), test::address(t1), fee, spacing}).error();
  };
  EXPECT_EQ(key(1, 2, 3000, 60), PoolError::none);
  EXPECT_EQ(key(2, 1, 3000, 60), PoolError::invalid_state);
  EXPECT_EQ(key(1, 1, 3000, 60), PoolError::invalid_state);
  EXPECT_EQ(key(1, 2, 1'000'000, 60), PoolError::invalid_state);
  EXPECT_EQ(key(1, 2, 3000, 0), PoolError::invalid_state);
}

TEST(UniswapV3Pool, a_quote_is_complete_or_an_error) {
  const V3Pool pool = two_ranges();
  EXPECT_EQ(pool.quote(SwapKind::exact_in, true, Uint256(0)).error(), PoolError::zero_amount);
  EXPECT_EQ(pool.quote(SwapKind::exact_in, true, Uint256(1) << 255U).error(), PoolError::overflow);
  EXPECT_EQ(pool.quote(SwapKind::exact_in, true, kPlenty).error(), PoolError::not_enough_liquidity);
  EXPECT_EQ(pool.quote(SwapKind::exact_out, false, kPlenty).error(), PoolError::not_enough_liquidity);
  const auto partial = pool.simulate(SwapKind::exact_in, true, kPlenty);
  ASSERT_TRUE(partial.ok());
  EXPECT_EQ(partial->remaining, kPlenty - partial->amount_in);
  EXPECT_EQ(partial->liquidity_after, 0U);
  EXPECT_EQ(partial->sqrt_price_after, min_sqrt_ratio() + 1);
  EXPECT_EQ(partial->ticks_crossed, 2);
  const auto whole = pool.quote(SwapKind::exact_in, true, partial->amount_in);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->amount_out, partial->amount_out);
  EXPECT_EQ(whole->remaining, 0);
}

TEST(UniswapV3Pool, price_limits_stop_a_swap) {
  const V3Pool pool = two_ranges();
  V3Limits limits;
  limits.sqrt_price = sqrt_ratio_at_tick(-100);
  EXPECT_EQ(pool.quote(SwapKind::exact_in, true, Uint256(kL), limits).error(), PoolError::price_limit_reached);
  EXPECT_TRUE(pool.quote(SwapKind::exact_in, true, kSome, limits).ok());
  const auto stopped = pool.simulate(SwapKind::exact_in, true, Uint256(kL), limits);
  EXPECT_EQ(stopped->sqrt_price_after, *limits.sqrt_price);
  EXPECT_EQ(stopped->tick_after, -100);
  EXPECT_GT(stopped->remaining, 0);
  EXPECT_EQ(pool.quote(SwapKind::exact_in, false, kSome, limits).error(), PoolError::bad_price_limit);
  limits.sqrt_price = min_sqrt_ratio();
  EXPECT_EQ(pool.quote(SwapKind::exact_in, true, kSome, limits).error(), PoolError::bad_price_limit);
  limits.sqrt_price = max_sqrt_ratio();
  EXPECT_EQ(pool.quote(SwapKind::exact_in, false, kSome, limits).error(), PoolError::bad_price_limit);
}

TEST(UniswapV3Pool, the_number_of_crossed_ticks_is_bounded) {
  const V3Pool pool = two_ranges();
  // Beyond -600 in the second range.
  const auto q = pool.quote(SwapKind::exact_in, true, Uint256(kL) / 25);
  ASSERT_TRUE(q.ok());
  EXPECT_EQ(q->ticks_crossed, 1);
  V3Limits none;
  none.ticks_crossed = 0;
  EXPECT_EQ(pool.quote(SwapKind::exact_in, true, Uint256(kL) / 25, none).error(), PoolError::too_many_ticks);
  EXPECT_TRUE(pool.quote(SwapKind::exact_in, true, kSome, none).ok());
}

TEST(UniswapV3Pool, the_fee_is_part_of_what_goes_in) {
  const auto q = two_ranges().quote(SwapKind::exact_in, true, Uint256(1'000'000));
  EXPECT_EQ(q->fee, 3000);
  EXPECT_EQ(q->amount_in, 1'000'000);
  EXPECT_LT(q->amount_out, 997'000);
  EXPECT_GE(q->amount_out, 996'998);
}

TEST(UniswapV3Pool, a_gap_without_liquidity_is_crossed) {
  // Nothing between 600 and 30000: several words.
  const V3Pool pool = v3_pool(3000, 60, 0, {{-600, 600, kL}, {30000, 30600, kL}});
  const auto q = pool.quote(SwapKind::exact_out, true, Uint256(1000));
  ASSERT_TRUE(q.ok());
  const auto up = pool.quote(SwapKind::exact_in, false, Uint256(kL) / 20);
  ASSERT_TRUE(up.ok());
  EXPECT_EQ(up->ticks_crossed, 2);
  EXPECT_GT(up->tick_after, 30000);
  EXPECT_EQ(up->liquidity_after, kL);
}

TEST(UniswapV3Pool, a_swap_event_moves_the_state_to_where_the_quote_said) {
  core::Random random(5);
  int crossed = 0;
  for (int i = 0; i < 300; ++i) {
    V3Pool pool = test::random_v3_pool(random);
    for (int step = 0; step < 5; ++step) {
      const auto q = pool.simulate(random.chance(1, 2) ? SwapKind::exact_in : SwapKind::exact_out, random.chance(1, 2),
                                   test::bits(random, 66), {.sqrt_price = {}, .ticks_crossed = 100});
      if (!q || q->tick_after < -800000 || q->tick_after > 800000) break;
      ASSERT_EQ(pool.apply(event_of(*q)), PoolError::none);
      EXPECT_EQ(pool.liquidity(), q->liquidity_after);
      EXPECT_EQ(pool.tick(), q->tick_after);
      EXPECT_EQ(pool.sqrt_price(), q->sqrt_price_after);
      crossed += q->ticks_crossed;
    }
  }
  EXPECT_GT(crossed, 200);
}

TEST(UniswapV3Pool, events_that_cannot_follow_change_nothing) {
  const V3Pool before = two_ranges();
  V3Pool pool = before;
  const Uint256 price = sqrt_ratio_at_tick(100);
  EXPECT_EQ(pool.apply(V3SwapEvent{price, kL, 101}), PoolError::contradiction);
  EXPECT_EQ(pool.apply(V3SwapEvent{price + 1, kL, 99}), PoolError::contradiction);
  EXPECT_EQ(pool.apply(V3SwapEvent{price, kL + 1, 100}), PoolError::contradiction);
  EXPECT_EQ(pool.apply(V3SwapEvent{sqrt_ratio_at_tick(700), kL, 700}), PoolError::contradiction);
  EXPECT_EQ(pool.apply(V3SwapEvent{Uint256(0), kL, 0}), PoolError::contradiction);
  EXPECT_EQ(pool.apply(V3InitializeEvent{price, 100}), PoolError::contradiction);
  EXPECT_EQ(pool.burn({-600, 600, kL + 1}), PoolError::contradiction);
  EXPECT_EQ(pool.burn({-660, 600, 1}), PoolError::contradiction);
  EXPECT_EQ(pool.burn({-600, 660, 1}), PoolError::contradiction) << "the lower tick must be as it was";
  EXPECT_EQ(pool.mint({600, -600, 1}), PoolError::contradiction);
  EXPECT_EQ(pool.mint({-601, 600, 1}), PoolError::contradiction);
  EXPECT_EQ(pool.mint({-600, 600, kMaxUint128}), PoolError::contradiction);
  EXPECT_EQ(pool.mint({1200, 1260, kMaxUint128}), PoolError::contradiction);
  expect_same_state(pool, before);
}

TEST(UniswapV3Pool, liquidity_counts_where_the_price_is) {
  V3Pool pool = two_ranges();
  EXPECT_EQ(pool.liquidity(), kL);
  EXPECT_EQ(pool.mint({-60, 0, 5}), PoolError::none);
  EXPECT_EQ(pool.liquidity(), kL) << "the upper tick does not belong to the range";
  EXPECT_EQ(pool.mint({0, 60, 5}), PoolError::none);
  EXPECT_EQ(pool.liquidity(), kL + 5);
  EXPECT_EQ(pool.burn({0, 60, 2}), PoolError::none);
  EXPECT_EQ(pool.liquidity(), kL + 3);
  EXPECT_EQ(pool.burn({120, 180, 0}), PoolError::none) << "asking for the fees";
  EXPECT_EQ(pool.burn({0, 60, 3}), PoolError::none);
  EXPECT_EQ(pool.burn({-60, 0, 5}), PoolError::none);
  expect_same_state(pool, two_ranges());
}

TEST(UniswapV3Pool, a_price_exactly_on_a_tick_may_belong_to_the_tick_below) {
  V3Pool pool = two_ranges();
  const auto all =
      pool.simulate(SwapKind::exact_in, true, kPlenty, {.sqrt_price = sqrt_ratio_at_tick(-600), .ticks_crossed = 5});
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->tick_after, -601);
  EXPECT_EQ(all->sqrt_price_after, sqrt_ratio_at_tick(-600));
  EXPECT_EQ(pool.apply(event_of(*all)), PoolError::none);
  EXPECT_EQ(pool.tick(), -601);
  // And upwards the same tick is crossed again.
  const auto back = pool.quote(SwapKind::exact_in, false, kSome);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->ticks_crossed, 1);
}

TEST(UniswapV3Pool, snapshots_that_do_not_fit_together_are_refused) {
  const V3Pool source = two_ranges();
  V3Snapshot good{source.sqrt_price(),
                  source.tick(),
                  source.liquidity(),
                  {source.ticks().begin(), source.ticks().end()},
                  kMinTick,
                  kMaxTick,
                  {.number = 7, .hash = {}}};
  V3Pool pool = *V3Pool::make(source.key());
  EXPECT_EQ(pool.quote(SwapKind::exact_in, true, kSome).error(), PoolError::not_initialized);
  EXPECT_EQ(pool.apply(V3SwapEvent{}), PoolError::not_initialized);
  ASSERT_EQ(pool.reset(good), PoolError::none);
  expect_same_state(pool, source);
  EXPECT_EQ(pool.block().number, 7U);
  const auto refused = [&](auto change) {
    V3Snapshot bad = good;
    change(bad);
    V3Pool victim = source;
    EXPECT_EQ(victim.reset(bad), PoolError::invalid_state);
    expect_same_state(victim, source);
  };
  refused([](V3Snapshot& s) { s.tick = 1; });
  refused([](V3Snapshot& s) { s.liquidity += 1; });
  refused([](V3Snapshot& s) { s.ticks.pop_back(); });
  refused([](V3Snapshot& s) { s.ticks[0].tick += 1; });
  refused([](V3Snapshot& s) { s.known_lower = 0; });
  refused([](V3Snapshot& s) { s.known_upper = kMaxTick + 1; });
  refused([](V3Snapshot& s) { s.sqrt_price = 0; });
}

TEST(UniswapV3Pool, a_quote_does_not_leave_the_known_ticks) {
  const V3Pool whole = two_ranges();
  V3Snapshot part{whole.sqrt_price(), whole.tick(), whole.liquidity(), {}, -300, 300, {}};
  V3Pool pool = *V3Pool::make(whole.key());
  ASSERT_EQ(pool.reset(part), PoolError::none);
  for (const bool down : {true, false}) {
    const auto inside = pool.quote(SwapKind::exact_in, down, Uint256(kL) / 100);
    ASSERT_TRUE(inside.ok());
    EXPECT_EQ(inside->amount_out, whole.quote(SwapKind::exact_in, down, Uint256(kL) / 100)->amount_out);
    EXPECT_EQ(pool.quote(SwapKind::exact_in, down, Uint256(kL) / 60).error(), PoolError::unknown_ticks);
    EXPECT_TRUE(whole.quote(SwapKind::exact_in, down, Uint256(kL) / 60).ok());
  }
  EXPECT_EQ(pool.apply(V3SwapEvent{sqrt_ratio_at_tick(400), kL, 400}), PoolError::unknown_ticks);
  // Ticks outside need not be kept, liquidity in range counts nevertheless.
  EXPECT_EQ(pool.mint({-600, 600, 5}), PoolError::none);
  EXPECT_EQ(pool.liquidity(), kL + 5);
  EXPECT_TRUE(pool.ticks().empty());
}

TEST(UniswapV3Pool, a_cursor_changes_nothing_but_the_time_it_takes) {
  core::Random random(6);
  int crossed = 0;
  for (int i = 0; i < 200; ++i) {
    const V3Pool pool = test::random_v3_pool(random);
    for (const SwapKind kind : {SwapKind::exact_in, SwapKind::exact_out}) {
      for (const bool down : {true, false}) {
        V3Cursor cursor;
        Uint256 amount = test::bits(random, 40);
        for (int step = 0; step < 12; ++step) {
          const auto fresh = pool.quote(kind, down, amount);
          const auto resumed = pool.quote(kind, down, amount, {}, &cursor);
          ASSERT_EQ(fresh.error(), resumed.error());
          if (!fresh) break;
          ASSERT_EQ(fresh->amount_in, resumed->amount_in);
          ASSERT_EQ(fresh->amount_out, resumed->amount_out);
          ASSERT_EQ(fresh->fee, resumed->fee);
          ASSERT_EQ(fresh->sqrt_price_after, resumed->sqrt_price_after);
          ASSERT_EQ(fresh->tick_after, resumed->tick_after);
          ASSERT_EQ(fresh->ticks_crossed, resumed->ticks_crossed);
          crossed += fresh->ticks_crossed;
          amount += random.chance(1, 8) ? Uint256(0) : amount * random.below(20) + random.below(3);
        }
      }
    }
  }
  EXPECT_GT(crossed, 500);
}

}  // namespace
}  // namespace calypte::connector::uniswap
