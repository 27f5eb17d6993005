#include "kit/case_name.hpp"

#include <array>
#include <gtest/gtest.h>

namespace calypte::conformance {
namespace {

using Ids = std::vector<std::string>;

TEST(CaseName, ids_and_words) {
  EXPECT_EQ(case_name("EX_03_EX_04_all_pairs").ids, (Ids{"EX-03", "EX-04"}));
  EXPECT_EQ(case_name("EX_03_EX_04_all_pairs").title, "all pairs");
  EXPECT_EQ(case_name("H_06_b_it_never_arrived").ids, Ids{"H-06"});
  EXPECT_EQ(case_name("H_06_b_it_never_arrived").title, "b it never arrived");
  EXPECT_EQ(case_name("N05_fills_count_once").ids, Ids{"N05"});
  EXPECT_EQ(case_name("market_orders_sweep").ids, Ids{});
  EXPECT_EQ(case_name("H_123_x").ids, Ids{}) << "two digits, no more";
  EXPECT_EQ(case_name("EX_01").title, "");
}

TEST(CaseName, the_longest_venue_counts) {
  const std::array<std::string, 2> venues = {"toy", "toy_two"};
  const auto name = test_name("Venues/OfOne", "N05_x/toy_two_rest", venues);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->full, "Venues/OfOne.N05_x/toy_two_rest");
  EXPECT_EQ(name->suite, "OfOne");
  EXPECT_EQ(name->test, "N05_x");
  EXPECT_EQ(name->venue, "toy_two");
  EXPECT_EQ(name->variant, "rest");
  EXPECT_EQ(test_name("Venues/OfOne", "N05_x/toy", venues)->variant, "");
  EXPECT_FALSE(test_name("Venues/OfOne", "N05_x/toys", venues));
  EXPECT_FALSE(test_name("CaseName", "of_no_venue", venues));
}

TEST(CaseName, what_a_user_may_mean) {
  const auto name = case_name("EX_02_H_06_fails");
  for (const auto* word : {"EX-02", "H-06", "h_06", "EX", "H", "fails"})
    EXPECT_TRUE(is_meant(name, "EX_02_H_06_fails", word)) << word;
  for (const auto* word : {"EX-03", "E", "H-0", "N", ""})
    EXPECT_FALSE(is_meant(name, "EX_02_H_06_fails", word)) << word;
}

}  // namespace
}  // namespace calypte::conformance
