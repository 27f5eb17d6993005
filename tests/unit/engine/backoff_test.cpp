#include "engine/backoff.hpp"

#include <gtest/gtest.h>
#include <set>

namespace calypte::engine {
namespace {

using namespace std::chrono_literals;

Backoff make(std::uint64_t seed, Backoff::Options options = {}) { return Backoff(options, core::Random(seed)); }

TEST(Backoff, H_50_delays_grow_to_the_cap_with_jitter) {
  std::set<Duration> first;
  std::set<Duration> capped;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Backoff backoff = make(seed);
    Duration step = 500ms;
    for (int i = 0; i < 12; ++i) {
      const Duration delay = backoff.next();
      EXPECT_GE(delay, step / 2) << "attempt " << i;
      EXPECT_LE(delay, step) << "attempt " << i;
      if (i == 0) first.insert(delay);
      if (i == 11) capped.insert(delay);
      step = std::min<Duration>(step * 2, 30s);
    }
  }
  // Nanoseconds drawn from a quarter of a second and more: two equal ones would be a broken generator.
  EXPECT_EQ(first.size(), 200U);
  EXPECT_EQ(capped.size(), 200U);
  EXPECT_LT(*capped.begin(), 17s);
  EXPECT_GT(*capped.rbegin(), 28s);
}

TEST(Backoff, H_50_five_minutes_of_refusal_stay_under_the_connect_limit) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Backoff backoff = make(seed);
    Duration spent{0};
    int attempts = 0;
    int in_first_second = 0;
    while (spent < 5min) {
      spent += backoff.next();
      ++attempts;
      if (spent <= 1s) ++in_first_second;
    }
    // 500 ms doubled six times is more than the cap; after these seven it is 15 to 30 s an attempt.
    EXPECT_LE(attempts, 27);
    EXPECT_GE(attempts, 14);
    EXPECT_LE(in_first_second, 2);
  }
}

TEST(Backoff, H_50_only_a_stable_life_resets) {
  Backoff backoff = make(1);
  const Time up = from_unix_ms(1'000'000);
  for (int i = 0; i < 5; ++i) (void)backoff.next();
  backoff.on_lived(up, up + 60s - 1ns);
  EXPECT_EQ(backoff.attempt(), 5U);
  EXPECT_GE(backoff.next(), 8s);
  backoff.on_lived(up, up + 60s);
  EXPECT_EQ(backoff.attempt(), 0U);
  EXPECT_LE(backoff.next(), 500ms);
}

TEST(Backoff, reset_starts_over_and_one_seed_gives_one_run) {
  Backoff a = make(7);
  Backoff b = make(7);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(a.next(), b.next());
  EXPECT_EQ(a.attempt(), 20U);
  a.reset();
  EXPECT_EQ(a.attempt(), 0U);
  EXPECT_LE(a.next(), 500ms);
}

TEST(Backoff, is_never_zero_and_never_beyond_the_cap) {
  Backoff tiny = make(3, {.first = 0ns, .max = 0ns, .stable_after = 1s});
  Backoff swapped = make(3, {.first = 10s, .max = 1s, .stable_after = 1s});
  Backoff huge = make(3, {.first = 1h, .max = Duration::max(), .stable_after = 1s});
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(tiny.next(), 1ns);
    EXPECT_LE(swapped.next(), 1s);
    EXPECT_GE(huge.next(), 30min);
  }
}

}  // namespace
}  // namespace calypte::engine
