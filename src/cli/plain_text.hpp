// How times and durations are written for a person.
#pragma once

#include <string>

#include "cli/demo_strategy.hpp"
#include "cli/latency.hpp"

namespace calypte::cli {

/// "12:34:56.789 BuyOrderCreatedEvent ..."
[[nodiscard]] std::string plain_line(const LogLine& line);
/// Median and 99th percentile in microseconds or milliseconds, "-" without samples.
[[nodiscard]] std::string percentiles(const Latency& latency);

}  // namespace calypte::cli
