#include "kit/kit.hpp"
#include "kit/recorded.hpp"
#include "support/venue_world.hpp"

int main(int argc, char** argv) {
  return calypte::conformance::run(argc, argv,
                                   {.venues = calypte::test::simulated_venues(),
                                    .needs = [](const std::string& suite) -> std::string {
                                      return suite == "DerivativeCases" ? "a derivative"
                                                                        : "what this venue does not have";
                                    },
                                    .set_seed = [](std::uint64_t seed) { calypte::test::world_seed = seed; },
                                    .seed = calypte::test::world_seed,
                                    .register_recorded = &calypte::conformance::register_recorded});
}
