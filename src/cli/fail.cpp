#include "cli/fail.hpp"

#include <cstdio>
#include <fmt/format.h>

namespace calypte::cli {

int fail(std::string_view command, const Status& status) {
  fmt::print(stderr, "calypte {}: {}\n", command, status.message());
  return 2;
}

}  // namespace calypte::cli
