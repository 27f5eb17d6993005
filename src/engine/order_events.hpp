// Builds the events that tell a strategy of an order.
#pragma once

#include <optional>

#include "calypte/events.hpp"
#include "calypte/in_flight_order.hpp"

namespace calypte::engine {

[[nodiscard]] Event created_event(const InFlightOrder& order, Time now, std::optional<Time> venue_time);
[[nodiscard]] Event filled_event(const InFlightOrder& order, const TradeUpdate& trade, Time now, bool late);
[[nodiscard]] Event completed_event(const InFlightOrder& order, Time now, std::optional<Time> venue_time,
                                    bool incomplete);

/// The event for the state that the order ended in; nothing for the ends of a protocol's approval. `refusal` is the
/// refused request's status where that is what ended it.
[[nodiscard]] std::optional<Event> ending_event(const InFlightOrder& order, Time now, std::optional<Time> venue_time,
                                                bool incomplete, const Status& refusal);

/// The reason of a refusal; where the status names none, the one that its code implies.
[[nodiscard]] FailureReason reason_of(const Status& refusal) noexcept;

}  // namespace calypte::engine
