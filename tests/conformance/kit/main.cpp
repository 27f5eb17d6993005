#include "kit/kit.hpp"
#include "kit/recorded.hpp"
#include "support/venue_world.hpp"

int main(int argc, char** argv) {
  auto venues = calypte::test::simulated_venues();
  venues.emplace_back("uniswap");  // on a chain of its own
  return calypte::conformance::run(argc, argv,
                                   {.venues = venues,
                                    .needs = [](const std::string& suite) -> std::string {
                                      if (suite == "DerivativeCases") return "a derivative";
                                      if (suite.starts_with("Chain")) return "a protocol on a chain";
                                      return "orders that rest at the venue, and its streams";
                                    },
                                    .set_seed = [](std::uint64_t seed) { calypte::test::world_seed = seed; },
                                    .seed = calypte::test::world_seed,
                                    .register_recorded = &calypte::conformance::register_recorded});
}
