#include "cli/command_replay.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <vector>

#include "cli/replay/recording.hpp"
#include "cli/replay/replayer.hpp"
#include "cli/replay/report.hpp"

namespace calypte::cli {

int run_replay(const ReplayOptions& options) {
  std::error_code error;
  if (!std::filesystem::is_directory(options.folder, error)) {
    fmt::print(stderr, "calypte replay: {} is no folder\n", options.folder);
    return 2;
  }
  const auto found = find_recordings(options.folder);
  if (found.empty()) {
    fmt::print(stderr, "calypte replay: there is no recording in {}\n", options.folder);
    return 2;
  }
  std::vector<ReplayResult> results;
  if (!options.json) fmt::print("{}", report_head());
  for (const auto& one : found) {
    results.push_back(replay_file(one));
    if (!options.json) fmt::print("{}", report_row(results.back()));
    std::fflush(stdout);
  }
  if (options.json) {
    fmt::print("{}\n", report_json(results));
  } else {
    fmt::print("{}", report_end(results));
  }
  const bool fine = std::all_of(results.begin(), results.end(), [](const auto& r) { return r.faults.empty(); });
  return options.check && !fine ? 1 : 0;
}

}  // namespace calypte::cli
