// The program `calypte-conformance`: the test suite of this folder as a table for one venue. Without arguments of its
// own it is an ordinary GoogleTest program, which is how ctest runs it case by case.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace calypte::conformance {

struct Suite {
  std::vector<std::string> venues;  ///< those that the tests are instantiated over
  /// Of a test suite by its name ("DerivativeCases"): what a venue must have for it, in words ("a derivative").
  std::function<std::string(const std::string&)> needs;
  std::function<void(std::uint64_t)> set_seed;
  std::uint64_t seed = 0;  ///< unless the user names one
  /// Registers the cases that run over a recording, as tests over `venue`; empty text, or why it cannot be. May be
  /// empty.
  std::function<std::string(const std::string& recording, const std::string& venue)> register_recorded = {};
};

/// 0: every case passed or was skipped for a reason; 1: one failed; 2: it could not run, or nothing was to be run.
int run(int argc, char** argv, const Suite& suite);

}  // namespace calypte::conformance
