#include "core/random.hpp"

#include <array>
#include <gtest/gtest.h>
#include <set>

namespace calypte::core {
namespace {

TEST(Random, is_split_mix_64) {
  // The first outputs for seed 1234567, as the reference implementation gives them.
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317U);
  EXPECT_EQ(random.next(), 3203168211198807973U);
  EXPECT_EQ(random.next(), 9817491932198370423U);
}

TEST(Random, one_seed_gives_one_run) {
  Random a(42);
  Random b(42);
  Random c(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const auto value = a.next();
    EXPECT_EQ(value, b.next());
    differs = differs || value != c.next();
  }
  EXPECT_TRUE(differs);
}

TEST(Random, below_stays_below_and_reaches_everything_evenly) {
  Random random(7);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100'000; ++i) {
    const auto value = random.below(10);
    ASSERT_LT(value, 10U);
    ++counts[value];
  }
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);  // five standard deviations
  EXPECT_EQ(random.below(0), 0U);
  EXPECT_EQ(random.below(1), 0U);
  EXPECT_LT(random.below((1ULL << 63U) + 1), (1ULL << 63U) + 1);
}

TEST(Random, chance_has_its_probability) {
  Random random(9);
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) hits += random.chance(1, 4) ? 1 : 0;
  EXPECT_NEAR(hits, 25'000, 700);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(random.chance(1, 1));
    EXPECT_FALSE(random.chance(0, 5));
  }
}

TEST(Random, split_generators_do_not_repeat_each_other) {
  Random parent(5);
  Random first = parent.split();
  Random second = parent.split();
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(parent.next());
    seen.insert(first.next());
    seen.insert(second.next());
  }
  EXPECT_EQ(seen.size(), 3000U);
}

}  // namespace
}  // namespace calypte::core
