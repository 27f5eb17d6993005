// A fixed set of seeds over every simulated venue, and bugs planted to see that these very seeds find them.
#include "sim/simulation.hpp"

#include <gtest/gtest.h>
#include <string>
#include <tuple>
#include <vector>

#include "connector/registry.hpp"
#include "sim/simulated_venue.hpp"

namespace calypte::test {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> venues() {
  std::vector<std::string> names;
  for (const auto name : sim::simulated_venue_names()) names.emplace_back(name);
  return names;
}

sim::SimulationOptions options_of(const std::string& venue, std::uint64_t seed) {
  sim::SimulationOptions options;
  options.venue = venue;
  options.seed = seed;
  options.make_venue = connector::make_venue;
  return options;
}

std::string text_of(const sim::SimulationResult& result) {
  std::string text = result.error;
  for (const auto& violation : result.violations) text += "\n" + sim::explain(violation);
  return text;
}

class Simulation : public testing::TestWithParam<std::string> {};

TEST_P(Simulation, whatever_goes_wrong_everything_agrees_with_the_ledger_afterwards) {
  std::uint64_t faults = 0;
  std::uint64_t fills = 0;
  for (std::uint64_t seed = 1; seed <= CALYPTE_SEEDS; ++seed) {
    const auto result = sim::simulate(options_of(GetParam(), seed));
    ASSERT_TRUE(result.ok()) << "calypte simulate " << GetParam() << " --seed " << seed << text_of(result);
    faults += result.fault_total;
    fills += result.fills;
    EXPECT_GT(result.books_compared, 100U);
  }
  // A run in which nothing happens proves nothing.
  EXPECT_GE(faults, std::uint64_t{100} * CALYPTE_SEEDS);
  EXPECT_GE(fills, std::uint64_t{20} * CALYPTE_SEEDS);
}

TEST_P(Simulation, every_kind_of_fault_is_injected) {
  sim::FaultCounts sum{};
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const auto result = sim::simulate(options_of(GetParam(), seed));
    for (std::size_t i = 0; i < sim::kFaultKinds; ++i) sum[i] += result.faults[i];
  }
  for (std::size_t i = 0; i < sim::kFaultKinds; ++i) {
    const auto fault = static_cast<sim::Fault>(i);
    // Books that come by the stream alone have no snapshot that could be stale, and not every private stream wants a
    // key.
    if (fault == sim::Fault::stale_snapshot && GetParam() == "crypto_com") continue;
    if (fault == sim::Fault::expired_user_stream && GetParam() != "binance_perpetual") continue;
    EXPECT_GT(sum[i], 0U) << sim::to_string(fault);
  }
}

TEST_P(Simulation, a_seed_gives_the_same_run_again) {
  const auto first = sim::simulate(options_of(GetParam(), 5));
  const auto again = sim::simulate(options_of(GetParam(), 5));
  const auto other = sim::simulate(options_of(GetParam(), 6));
  EXPECT_EQ(first.digest, again.digest);
  EXPECT_EQ(first.events, again.events);
  EXPECT_EQ(first.faults, again.faults);
  EXPECT_NE(first.digest, other.digest);
}

INSTANTIATE_TEST_SUITE_P(Venues, Simulation, testing::ValuesIn(venues()), [](const auto& test) { return test.param; });

// --- The simulation is held to what it claims: a bug in the connector is found by these seeds. ---

struct Planted {
  std::string name;
  sim::Mutation mutation;
};

class PlantedBug : public testing::TestWithParam<std::tuple<std::string, Planted>> {};

TEST_P(PlantedBug, is_found) {
  const auto& [venue, planted] = GetParam();
  for (std::uint64_t seed = 1; seed <= CALYPTE_SEEDS; ++seed) {
    auto options = options_of(venue, seed);
    options.mutation = planted.mutation;
    options.quiet = 30s;  // what is wrong stays wrong
    const auto result = sim::simulate(options);
    ASSERT_EQ(result.error, "");
    // Without the bug the same seed passes, which the test above shows.
    if (!result.violations.empty()) return;
  }
  FAIL() << "not found by " << CALYPTE_SEEDS << " seeds";
}

INSTANTIATE_TEST_SUITE_P(
    Venues, PlantedBug,
    testing::Combine(testing::ValuesIn(venues()),
                     testing::Values(Planted{"skip_gap_check", sim::Mutation::skip_gap_check},
                                     Planted{"forget_trade_ids", sim::Mutation::forget_trade_ids},
                                     Planted{"completed_before_filled", sim::Mutation::completed_before_filled},
                                     Planted{"send_twice", sim::Mutation::send_twice},
                                     Planted{"forget_journal_write", sim::Mutation::forget_journal_write})),
    [](const auto& test) { return std::get<0>(test.param) + "_" + std::get<1>(test.param).name; });

}  // namespace
}  // namespace calypte::test
