#include <cstdio>
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/hosted_venue.hpp"
#include "connector/registry.hpp"
#include "runtime/logging.hpp"

namespace calypte::cli {

int run_venue(const VenueOptions& options) {
  const auto log = runtime::make_log(LogLevel::warning);
  auto hosted = HostedVenue::create({.name = options.name,
                                     .venue = {.seed = options.seed, .orders_per_second = options.orders_per_second},
                                     .port = options.port,
                                     .ca_file = options.ca_file},
                                    *log);
  if (!hosted.ok()) {
    fmt::print(stderr, "calypte venue: {}\n", hosted.status().message());
    return 2;
  }
  // Before the line is out: whoever has read it may end us at once.
  (*hosted)->stop_on_signals();
  fmt::print("{}\n", (*hosted)->to_json());
  std::fflush(stdout);
  (*hosted)->run();
  return 0;
}

int run_venues() {
  for (const auto& row : connector::venues()) {
    const char* kind = row.kind == ConnectorKind::exchange     ? "exchange"
                       : row.kind == ConnectorKind::derivative ? "derivative"
                                                               : "protocol";
    const auto venue = row.make();
    const char* extent = row.replay_only                  ? "recordings only"
                         : venue->spec().market_data_only ? "market data only"
                                                          : "trading";
    fmt::print("{:<20} {:<11} {}\n", row.name, kind, extent);
  }
  for (const auto& row : connector::protocols()) fmt::print("{:<20} {:<11} {}\n", row.name, "protocol", "trading");
  return 0;
}

}  // namespace calypte::cli
