// How a command ends that could not do what it was asked for.
#pragma once

#include <string_view>

#include "calypte/result.hpp"

namespace calypte::cli {

/// Says why on stderr, behind the command's name; returns the exit code.
int fail(std::string_view command, const Status& status);

}  // namespace calypte::cli
