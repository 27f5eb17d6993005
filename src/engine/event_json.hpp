// Events as JSON, without loss: decimals as texts, times as integers of nanoseconds since 1970, absent optionals left
// out. The form of the journal and of the history store.
#pragma once

#include <string>
#include <string_view>

#include "calypte/events.hpp"

namespace calypte::engine {

/// Is it numbered and written to the journal? Everything about orders, fills, funding, liquidations and the outcome of
/// settings is; books, public trades, balances, readiness, errors of the connector, and what a position, a margin or a
/// funding rate is now, are not: they are read anew after a restart.
[[nodiscard]] bool is_journalled(const Event& event) noexcept;

/// Of a journalled event; the name is not part of it (`event_name`).
[[nodiscard]] std::string event_to_json(const Event& event);
/// `malformed` for an unknown name, a missing member or one that cannot be read. Members that are not known are
/// ignored.
[[nodiscard]] Result<Event> event_from_json(std::string_view name, std::string_view json);

}  // namespace calypte::engine
