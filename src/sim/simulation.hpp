// One run of a connector against its simulated venue while everything goes wrong that may, from one seed.
//
// The connector is the one of production. It runs in virtual time with a strategy that does anything at random; faults
// strike for the length of the run and then end, and within a bounded time everything has to agree with the venue's
// ledger. The same options give the same run, bit for bit.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/fault_plan.hpp"
#include "sim/oracle.hpp"
#include "venue/venue.hpp"

namespace calypte::sim {

/// A bug that is planted from outside, to see that the run finds it.
enum class Mutation : std::uint8_t {
  none,
  skip_gap_check,           ///< the chain of book messages always seems to fit
  forget_trade_ids,         ///< a fill that is told again has another key
  completed_before_filled,  ///< the endings of a round come before its fills
  send_twice,               ///< an order whose answer is lost is sent again
  forget_journal_write,     ///< one round in a few is not written down
};

struct SimulationOptions {
  std::string venue = "crypto_com";
  std::uint64_t seed = 1;
  Duration length = std::chrono::minutes{6};  ///< of the time of faults; what follows is bounded by `quiet`
  Duration quiet = std::chrono::minutes{8};   ///< the longest that it may take until everything agrees
  bool deaths = true;
  FaultRates rates;
  Mutation mutation = Mutation::none;
  /// Makes the venue's connector; null for an unknown name.
  std::function<std::unique_ptr<venue::Venue>(std::string_view)> make_venue;
  LogSink* log = nullptr;
};

struct SimulationResult {
  std::string error;  ///< it could not run at all
  FaultCounts faults{};
  std::uint64_t fault_total = 0;
  std::uint64_t orders = 0;  ///< that the strategy placed
  std::uint64_t orders_at_venue = 0;
  std::uint64_t fills = 0;
  std::uint64_t events = 0;
  std::uint64_t books_compared = 0;
  Duration virtual_time{};
  Duration agreed_after{};   ///< the end of the faults
  std::uint64_t digest = 0;  ///< of all that the connector did and told
  std::vector<Violation> violations;
  [[nodiscard]] bool ok() const noexcept { return error.empty() && violations.empty(); }
};

[[nodiscard]] SimulationResult simulate(const SimulationOptions& options);
/// A violation for a person, with its time in the run.
[[nodiscard]] std::string explain(const Violation& violation);

}  // namespace calypte::sim
