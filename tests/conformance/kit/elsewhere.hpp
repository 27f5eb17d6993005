// Cases of the conformance list that no connector can be run against, and which program runs them instead.
#pragma once

#include <span>
#include <string_view>

namespace calypte::conformance {

struct Elsewhere {
  std::string_view ids;
  std::string_view title;
  std::string_view why;
};
[[nodiscard]] std::span<const Elsewhere> cases_elsewhere() noexcept;

}  // namespace calypte::conformance
