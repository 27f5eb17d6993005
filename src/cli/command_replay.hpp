// `calypte replay`: recorded traffic of real venues through the decoders and the order books that run live.
#pragma once

#include <string>

namespace calypte::cli {

struct ReplayOptions {
  std::string folder;
  bool check = false;  ///< say by the exit code whether everything is as it should be
  bool json = false;
};
/// Replays every recording below the folder and prints a row for each. 2 if there is nothing to replay; with `check` 1
/// if a file cannot be read or a row has a fault; else 0. A recording of a venue without a decoder is no fault.
int run_replay(const ReplayOptions& options);

}  // namespace calypte::cli
