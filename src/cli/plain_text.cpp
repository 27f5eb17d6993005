#include "cli/plain_text.hpp"

#include <fmt/format.h>

namespace calypte::cli {

namespace {

std::string duration_text(std::optional<Duration> duration) {
  if (!duration) return "-";
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(*duration).count();
  if (us < 10'000) return fmt::format("{} us", us);
  return fmt::format("{}.{} ms", us / 1000, us % 1000 / 100);
}

}  // namespace

std::string plain_line(const LogLine& line) {
  const std::int64_t ms_of_day = to_unix_ms(line.time) % 86'400'000;
  return fmt::format("{:02}:{:02}:{:02}.{:03} {}", ms_of_day / 3'600'000, ms_of_day / 60'000 % 60,
                     ms_of_day / 1000 % 60, ms_of_day % 1000, line.text);
}

std::string percentiles(const Latency& latency) {
  return fmt::format("{:>9} {:>9}", duration_text(latency.percentile(500)), duration_text(latency.percentile(990)));
}

}  // namespace calypte::cli
