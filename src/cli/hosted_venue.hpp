// A simulated venue behind real TLS sockets on this machine, on a thread and a loop of its own.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "calypte/credentials.hpp"
#include "calypte/log.hpp"
#include "calypte/result.hpp"
#include "calypte/runtime.hpp"

#include "sim/simulated_venue.hpp"
#include "transport/loop.hpp"
#include "transport/server.hpp"

namespace calypte::cli {

struct HostedVenueOptions {
  std::string name;
  sim::SimulatedVenueOptions venue = {};
  std::uint16_t port = 0;    ///< 0: a free one
  std::string ca_file = {};  ///< where to write the CA certificate; empty: a new file in the folder for temporary files
};

class HostedVenue {
 public:
  static Result<std::unique_ptr<HostedVenue>> create(HostedVenueOptions options, LogSink& log);
  ~HostedVenue();
  HostedVenue(const HostedVenue&) = delete;
  HostedVenue& operator=(const HostedVenue&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const LocalVenue& addresses() const noexcept { return addresses_; }
  [[nodiscard]] Credentials credentials() const;
  /// One line of JSON: everything that a client needs. It holds the test account's secret, which protects nothing.
  [[nodiscard]] std::string to_json() const;

  /// Serves on a thread of its own until `stop`.
  void start();
  /// From now on SIGINT and SIGTERM end `run`, also one that comes before it.
  void stop_on_signals();
  /// Serves on this thread until a signal or `stop`.
  void run();
  void stop();
  /// The truth; only while it is not serving.
  [[nodiscard]] const sim::SimulatedVenue& venue() const noexcept { return *venue_; }

 private:
  HostedVenue() = default;

  std::string name_;
  transport::Loop loop_;
  std::unique_ptr<sim::SimulatedVenue> venue_;
  std::unique_ptr<transport::Server> server_;
  LocalVenue addresses_;
  bool owns_ca_file_ = false;
  std::thread thread_;
};

}  // namespace calypte::cli
