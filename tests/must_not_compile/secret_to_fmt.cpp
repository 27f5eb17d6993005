// expect: (fallback_formatter<calypte::Secret|Cannot format an argument)
#include <fmt/format.h>

#include "calypte/credentials.hpp"

std::string log(const calypte::Secret& secret) { return fmt::format("{}", secret); }
