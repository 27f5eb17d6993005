// What the name of a test says: which cases of the conformance list it is, and what it shows in words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace calypte::conformance {

struct CaseName {
  std::vector<std::string> ids;  ///< "EX-03", "H-06", "N05"; empty: the case stands in no list
  std::string title;             ///< "all trading pairs are the valid ones"
};
/// Of "EX_03_EX_04_all_trading_pairs_are_the_valid_ones". A letter behind the number ("H_06_b_it_never_arrived") stays
/// with the title.
[[nodiscard]] CaseName case_name(std::string_view test);

/// The full name of a test over venues, "Venues/Hardening.H_05_x/crypto_com", taken apart.
struct TestName {
  std::string full;
  std::string suite;    ///< "Hardening"
  std::string test;     ///< "H_05_x"
  std::string venue;    ///< one of the venues that were given
  std::string variant;  ///< what stands behind the venue: "rest" of "crypto_com_rest"; mostly empty
  CaseName name;
};
/// Empty if the test is not over one of these venues.
[[nodiscard]] std::optional<TestName> test_name(std::string_view suite, std::string_view test,
                                                std::span<const std::string> venues);

/// Whether a test is meant by a word of the user: an id ("H-06", "h_06"), a group ("EX", "N") or part of the test's own
/// name.
[[nodiscard]] bool is_meant(const CaseName& name, std::string_view test, std::string_view wanted);

}  // namespace calypte::conformance
