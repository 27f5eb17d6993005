// The process that is killed: a strategy that places and cancels orders without a pause, with a journal.
#pragma once

#include <string>

#include "calypte/runtime.hpp"

namespace calypte::test {

struct CrashTraderOptions {
  std::string folder;  ///< holds the journal and the record
  std::string venue;
  LocalVenue local;
  Credentials credentials;
  bool finish = false;  ///< places nothing: cancels what is open, waits for every end, and stops
};

/// The exit code of the process.
int run_crash_trader(CrashTraderOptions options);

}  // namespace calypte::test
