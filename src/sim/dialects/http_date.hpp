// The one clock that every HTTP server shows.
#pragma once

#include <string>

#include "calypte/time.hpp"

namespace calypte::sim {

/// RFC 9110: "Sat, 21 Nov 2026 06:20:00 GMT"
[[nodiscard]] std::string http_date(Time time);

}  // namespace calypte::sim
