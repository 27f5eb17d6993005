#include "cli/fail.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace calypte::cli {

int fail(std::string_view command, const Status& status) {
  fmt::print(stderr, "calypte {}: {}\n", command, status.message());
  return 2;
}

}  // namespace calypte::cli
