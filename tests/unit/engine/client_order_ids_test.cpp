#include "engine/client_order_ids.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace calypte::engine {
namespace {

using namespace std::chrono_literals;

constexpr Time kIdsStart = from_unix_us(1'700'000'000'123'456);

ClientOrderIds make_ids(std::uint64_t instance, std::uint32_t max_length = 36, Time started = kIdsStart,
                        std::string prefix = "cal") {
  auto ids = ClientOrderIds::create(std::move(prefix), max_length, started, instance);
  EXPECT_TRUE(ids.ok()) << ids.status().to_string();
  return std::move(*ids);
}

bool all_distinct(std::vector<std::string>& ids) {
  std::ranges::sort(ids);
  return std::ranges::adjacent_find(ids) == ids.end();
}

bool allowed(const std::string& id) {
  return id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
}

TEST(ClientOrderIds, H_46_a_million_ids_of_two_processes_and_a_restart_never_repeat) {
  // Two processes and a restart in the same microsecond, and a restart after the clock stepped back ten seconds.
  std::vector<ClientOrderIds> makers;
  makers.push_back(make_ids(1));
  makers.push_back(make_ids(2));
  makers.push_back(make_ids(0xFEDC'BA98'7654'3210));
  makers.push_back(make_ids(3, 36, kIdsStart - 10s));
  std::vector<std::string> ids;
  ids.reserve(1'000'000);
  for (int i = 0; i < 250'000; ++i) {
    for (ClientOrderIds& maker : makers) {
      ids.push_back(maker.next(i % 2 == 0 ? TradeType::buy : TradeType::sell).value);
    }
  }
  for (const std::string& id : ids) {
    ASSERT_EQ(id.size(), 29U) << id;
    ASSERT_TRUE(allowed(id)) << id;
  }
  EXPECT_TRUE(all_distinct(ids));
}

TEST(ClientOrderIds, H_46_a_counter_that_runs_through_goes_on_without_repeating) {
  // The shortest form has four digits of counter: 1 679 616 ids, then a carry.
  ClientOrderIds maker = make_ids(1, 3 + 15);
  constexpr int kCounted = 36 * 36 * 36 * 36;
  const std::string first = maker.next(TradeType::buy).value;
  std::vector<std::string> around;
  for (int i = 1; i < kCounted + 100; ++i) {
    std::string id = maker.next(TradeType::buy).value;
    if (i < 100 || i >= kCounted) around.push_back(std::move(id));
  }
  around.push_back(first);
  EXPECT_TRUE(all_distinct(around));
  for (const std::string& id : around) EXPECT_EQ(id.size(), 18U);
}

TEST(ClientOrderIds, starts_in_one_second_differ_even_without_randomness) {
  std::vector<std::string> ids;
  for (int i = 0; i < 1000; ++i)
    ids.push_back(make_ids(0, 36, kIdsStart + std::chrono::microseconds{i}).next(TradeType::buy).value);
  EXPECT_TRUE(all_distinct(ids));
  std::vector<std::string> instances;
  for (std::uint64_t i = 0; i < 1000; ++i) instances.push_back(make_ids(i, 36).next(TradeType::buy).value);
  EXPECT_TRUE(all_distinct(instances));
}

TEST(ClientOrderIds, CU_01_prefix_side_and_length) {
  const std::string with = make_ids(1).next(TradeType::buy).value;
  EXPECT_TRUE(with.starts_with("calB")) << with;
  EXPECT_EQ(with.size(), 29U);
  EXPECT_TRUE(make_ids(1).next(TradeType::sell).value.starts_with("calS"));
  const std::string without = make_ids(1, 36, kIdsStart, "").next(TradeType::buy).value;
  EXPECT_EQ(without.size(), 26U);
  EXPECT_EQ(without, with.substr(3));
}

TEST(ClientOrderIds, CU_02_a_smaller_bound_shortens_or_refuses) {
  for (std::uint32_t bound = 18; bound <= 64; ++bound) {
    const std::string id = make_ids(5, bound).next(TradeType::buy).value;
    EXPECT_EQ(id.size(), std::min(bound, 29U));
    EXPECT_TRUE(id.starts_with("calB"));
    // The time part stays whatever the bound.
    EXPECT_EQ(id.substr(4, 6), make_ids(5).next(TradeType::buy).value.substr(4, 6));
  }
  EXPECT_EQ(make_ids(5, 20).next(TradeType::buy).value.size(), 20U);
  const auto refused = ClientOrderIds::create("cal", 17, kIdsStart, 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), StatusCode::malformed);
  EXPECT_FALSE(ClientOrderIds::create("", 14, kIdsStart, 1).ok());
  EXPECT_TRUE(ClientOrderIds::create("", 15, kIdsStart, 1).ok());
  EXPECT_FALSE(ClientOrderIds::create(std::string(30, 'x'), 36, kIdsStart, 1).ok());
  EXPECT_FALSE(ClientOrderIds::create("cal", 0, kIdsStart, 1).ok());
}

TEST(ClientOrderIds, a_prefix_outside_the_alphabet_is_refused) {
  for (const char* prefix : {"a b", "c.", "$", "\xC3\xA4", "a/b", "a\n"}) {
    EXPECT_FALSE(ClientOrderIds::create(prefix, 36, kIdsStart, 1).ok()) << prefix;
  }
  EXPECT_TRUE(ClientOrderIds::create("my_Bot-7", 36, kIdsStart, 1).ok());
}

TEST(ClientOrderIds, recognises_ids_with_its_prefix_only) {
  ClientOrderIds mine = make_ids(1);
  ClientOrderIds other = make_ids(2, 20);
  EXPECT_TRUE(mine.has_prefix(mine.next(TradeType::buy)));
  EXPECT_TRUE(mine.has_prefix(other.next(TradeType::sell)));
  EXPECT_FALSE(mine.has_prefix(make_ids(1, 36, kIdsStart, "bot").next(TradeType::buy)));
  EXPECT_FALSE(mine.has_prefix(ClientOrderId{}));
  EXPECT_FALSE(mine.has_prefix(ClientOrderId{"cal"}));
  EXPECT_FALSE(mine.has_prefix(ClientOrderId{"calendar-spread-0001"}));
  EXPECT_FALSE(mine.has_prefix(ClientOrderId{"calB0000000000-0000"}));
}

TEST(ClientOrderIds, works_before_2020_and_after_2088) {
  for (const Time start :
       {Time{}, from_unix_ms(-1), from_unix_ms(1'500'000'000'000), from_unix_ms(4'000'000'000'000)}) {
    EXPECT_EQ(make_ids(1, 36, start).next(TradeType::buy).value.size(), 29U);
  }
}

}  // namespace
}  // namespace calypte::engine
