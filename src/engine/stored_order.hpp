// An order as the journal keeps it: the order itself and what the tracker knows about it beyond that.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "calypte/in_flight_order.hpp"

namespace calypte::engine {

/// What the tracker knows about an order beyond the order itself.
struct OrderMarks {
  enum class Place : std::uint8_t {
    active,    ///< the venue may act on it
    cached,    ///< ended, remembered
    lost,      ///< ended for the strategy, but the venue never said so
    departed,  ///< was lost, is settled; remembered only so that a late fill still finds it
  };
  Place place = Place::active;
  bool created_told = false;
  bool ended_told = false;
  bool outcome_unknown = false;
  bool end_is_inference = false;  ///< no report of the venue's ended it: a live report makes it lost
  bool incomplete = false;
};

/// With these of its fills only: those that no earlier text of this order has.
[[nodiscard]] std::string stored_order_json(const InFlightOrder& order, const OrderMarks& marks,
                                            std::span<const TradeId> fills);

struct StoredOrder {
  InFlightOrder order;
  OrderMarks marks;
  std::uint64_t number = 0;  ///< the place in the order of first appearance; set by `Recovery`

  [[nodiscard]] static Result<StoredOrder> from_json(std::string_view json);
};

}  // namespace calypte::engine
