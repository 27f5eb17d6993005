// The cases that a recording of a real venue can decide: the bytes are read, and the books are right.
#pragma once

#include <string>

namespace calypte::conformance {

/// Registers them with GoogleTest, as tests over `venue`. Empty text, or why the recording cannot be used.
[[nodiscard]] std::string register_recorded(const std::string& recording, const std::string& venue);

}  // namespace calypte::conformance
