// The commands of the program: each takes its options and returns the exit code.
#pragma once

#include <cstdint>
#include <string>

namespace calypte::cli {

struct VenueOptions {
  std::string name;
  std::uint64_t seed = 1;
  std::uint32_t orders_per_second = 50;
  std::uint16_t port = 0;
  std::string ca_file;
};
/// Prints one JSON line once it listens; ends with 0 on SIGTERM or SIGINT.
int run_venue(const VenueOptions& options);

struct DemoOptions {
  std::string venue = "crypto_com";
  std::string pair = "BTC-USDT";
  std::uint32_t seconds = 30;
  bool plain = false;
  std::uint64_t seed = 0;  ///< 0: another one each time
};
/// 0 if everything was reconciled, 1 if anything differs, 2 if it could not run.
int run_demo(const DemoOptions& options);

struct ProtocolDemoOptions {
  std::string protocol;
  std::string chain_tools;  ///< the folder tools/chain of the sources
};
/// The same on a real chain of one's own; the chain is the judge.
int run_protocol_demo(const ProtocolDemoOptions& options);

/// Lists the connectors.
int run_venues();

}  // namespace calypte::cli
