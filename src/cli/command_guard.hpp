// `calypte guard`: a second process that cancels the open orders of one connector when that is dead.
// docs/dead-man-switch.md says what it covers.
#pragma once

#include <cstdint>
#include <string>

#include "cli/command_keys.hpp"

namespace calypte::cli {

struct GuardCommandOptions {
  std::string journal;
  std::string venue;
  std::string environment = "testnet";
  std::string local_venue;  ///< a file with the line that `calypte venue` prints
  std::string key_name;     ///< in the store of keys
  std::string prefix;
  std::uint32_t after_seconds = 15;
  bool keep = false;
};
/// 0: it stopped cleanly, or the guard was ended while it lived; 2: could not run; 3: it died, nothing was open; 4: it
/// died, its orders were cancelled and none is left; 5: ended before that was certain.
int run_guard(const KeysOptions& keys, const GuardCommandOptions& options);

}  // namespace calypte::cli
