// The venue's words and objects, shared by REST, the streams and the replay of the retired v2 API.
//
// The `add_*` functions append records for the elements of a `data` array. They return false if an element cannot be
// understood; what they appended until then is taken back by the caller.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "calypte/result.hpp"
#include "calypte/types.hpp"

#include "venue/json.hpp"
#include "venue/records.hpp"

namespace calypte::connector::crypto_com {

/// "BUY" on the streams, "buy" in the list of public trades.
[[nodiscard]] std::optional<TradeType> parse_side(std::string_view word) noexcept;

/// What an answer with this code and message says; ok for code 0. The message is the venue's alone: the `original`
/// request that some answers repeat holds the key.
[[nodiscard]] Status status_of(std::int64_t code, std::string_view message);

/// Bids and asks, as [price, amount, ...] with the numbers as strings or as numbers; an absent side is empty.
[[nodiscard]] bool add_levels(venue::json::Value sides, venue::Records& out, venue::LevelRange& range);
/// Public trades, appended oldest first, whichever way the venue lists them.
[[nodiscard]] bool add_trades(venue::json::Value data, bool backfill, venue::Records& out);
[[nodiscard]] bool add_tickers(venue::json::Value data, venue::Records& out);

/// One order object, of any source.
[[nodiscard]] bool add_order(venue::json::Value order, venue::Records& out);
[[nodiscard]] bool add_orders(venue::json::Value data, venue::Records& out);
/// Our executions; other entries of the journal are passed over.
[[nodiscard]] bool add_fills(venue::json::Value data, venue::Records& out);
/// The assets of `data[0].position_balances`.
[[nodiscard]] bool add_balances(venue::json::Value data, venue::Records& out);

/// A time in milliseconds; empty if it is absent or none.
[[nodiscard]] std::optional<Time> read_ms(venue::json::Value value) noexcept;
/// When an order or a fill came to be, in nanoseconds where the venue says so.
[[nodiscard]] std::optional<Time> read_created(venue::json::Value item) noexcept;

}  // namespace calypte::connector::crypto_com
