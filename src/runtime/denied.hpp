// The error of what the user asked for and cannot have: nothing was done.
#pragma once

#include <string>
#include <utility>

#include "calypte/result.hpp"

namespace calypte::runtime {

inline Status denied(std::string message) { return {StatusCode::denied, std::move(message)}; }

}  // namespace calypte::runtime
