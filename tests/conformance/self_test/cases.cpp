// Cases that end in every way there is, over two venues of which one's name begins like the other's. `judge.py` knows
// what the program must make of them.
#include <gtest/gtest.h>

#include "kit/kit.hpp"

namespace calypte::conformance {
namespace {

std::uint64_t seed = 7;

class Neutral : public testing::TestWithParam<std::string> {};
TEST_P(Neutral, EX_01_passes) { SUCCEED(); }
TEST_P(Neutral, EX_02_H_06_fails_where_the_seed_is_thirteen) { EXPECT_NE(seed, 13U) << "an unlucky number"; }
TEST_P(Neutral, H_07_is_left_out) { GTEST_SKIP() << "needs a stream for orders"; }
TEST_P(Neutral, stands_in_no_list) { SUCCEED(); }
INSTANTIATE_TEST_SUITE_P(Venues, Neutral, testing::Values("toy", "toy_two"),
                         [](const auto& test) { return test.param; });

class OfOne : public testing::TestWithParam<std::string> {};
TEST_P(OfOne, N05_applies_to_one_of_them) { SUCCEED(); }
INSTANTIATE_TEST_SUITE_P(Venues, OfOne, testing::Values("toy_two_rest", "toy_two_stream"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace calypte::conformance

int main(int argc, char** argv) {
  return calypte::conformance::run(argc, argv,
                                   {.venues = {"toy", "toy_two"},
                                    .needs = [](const std::string& suite) { return "what " + suite + " is about"; },
                                    .set_seed = [](std::uint64_t wanted) { calypte::conformance::seed = wanted; },
                                    .seed = 7});
}
