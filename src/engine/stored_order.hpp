// An order as the journal keeps it: the order itself and what the tracker knows about it beyond that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/in_flight_order.hpp"

namespace calypte::engine {

struct StoredOrder {
  /// As in the tracker: the venue may act on it; it ended; it was given up without a word of the venue; it was given up
  /// and is settled.
  enum class Place : std::uint8_t { active, cached, lost, departed };
  explicit StoredOrder(InFlightOrder value) : order(std::move(value)) {}

  InFlightOrder order;
  Place place = Place::active;
  bool created_told = false;  ///< the event was given out, and is in the journal
  bool ended_told = false;
  bool outcome_unknown = false;
  bool end_is_inference = false;
  bool incomplete = false;
  std::uint64_t number = 0;  ///< the place in the order of first appearance; set by `Recovery`

  /// With these fills only: those that no earlier text of this order has.
  [[nodiscard]] std::string to_json(const std::vector<TradeId>& fills) const;
  [[nodiscard]] static Result<StoredOrder> from_json(std::string_view json);
  /// Takes over the fills of an earlier text of the same order.
  void add_fills_of(const StoredOrder& earlier);
};

}  // namespace calypte::engine
