// Compares what a connector told its strategy with the venue's own ledger: every order, fill, fee and balance.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "calypte/calypte.hpp"

#include "cli/demo_strategy.hpp"
#include "sim/simulated_venue.hpp"

namespace calypte::cli {

struct Reconciliation {
  std::size_t orders = 0;
  std::size_t fills = 0;
  std::size_t balances = 0;
  std::map<std::string, std::size_t> endings;  ///< by event name
  std::map<std::string, Decimal> fees;         ///< by asset, as the connector saw them
  Decimal bought;                              ///< base
  Decimal sold;                                ///< base
  std::vector<std::string> rows;               ///< the table, for a person
  std::vector<std::string> differences;        ///< each in one sentence; empty: everything agrees
};

[[nodiscard]] Reconciliation reconcile(const std::map<ClientOrderId, HeardOrder>& heard,
                                       const std::vector<std::pair<std::string, Balance>>& balances,
                                       const sim::SimulatedVenue& venue);

}  // namespace calypte::cli
