// `calypte simulate`: seeded runs of connectors against their simulated venues, with everything going wrong.
#pragma once

#include <cstdint>
#include <string>

namespace calypte::cli {

struct SimulateOptions {
  std::string venue = "all";
  std::uint64_t seed = 1;
  std::uint64_t seeds = 1;    ///< how many, one after the other; 0: as many as fit into `seconds`
  std::uint32_t seconds = 0;  ///< of real time; 0: no limit
  std::uint32_t virtual_minutes = 6;
  std::uint32_t jobs = 1;
  bool no_deaths = false;
  bool json = false;  ///< one line with the totals, for tools
};
/// 0 if nothing was violated, 1 if anything was, 2 if it could not run.
int run_simulate(const SimulateOptions& options);

}  // namespace calypte::cli
