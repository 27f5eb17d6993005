// What only derivatives have: positions, their settings, mark prices and funding. Pure functions over a parsed text.
//
// The `add_*` functions append records. They return false if something cannot be understood; what they appended until
// then is taken back by the caller.
#pragma once

#include <optional>
#include <string_view>

#include "calypte/types.hpp"

#include "venue/json.hpp"
#include "venue/records.hpp"
#include "venue/requests.hpp"

namespace calypte::connector::binance_perpetual {

/// "BOTH", "LONG", "SHORT".
[[nodiscard]] std::optional<PositionSide> parse_position_side(std::string_view word) noexcept;
/// "CROSSED" in replies and warnings, "cross" on the user stream; likewise for isolated.
[[nodiscard]] std::optional<MarginType> parse_margin_type(std::string_view word) noexcept;
/// Reads a decimal that may be absent, null or empty. False if it is there and none.
[[nodiscard]] bool read_optional(venue::json::Value value, std::optional<Decimal>& out);

// --- Replies -------------------------------------------------------------------------------------------------------

[[nodiscard]] bool add_balances(venue::json::Value root, venue::Records& out);
[[nodiscard]] bool add_positions(venue::json::Value root, venue::Records& out);
[[nodiscard]] bool add_position_mode(venue::json::Value root, venue::Records& out);
/// Of the settings of one contract, or of several.
[[nodiscard]] bool add_leverage(venue::json::Value root, venue::Records& out);
/// `premiumIndex` of one contract. The record is a view into the text.
[[nodiscard]] bool add_funding(venue::json::Value root, venue::Records& out);
/// One page of payments, oldest first, and where the next one starts.
[[nodiscard]] bool add_funding_payments(const venue::QueryFundingPayments& asked, venue::json::Value root,
                                        venue::Records& out);

// --- Frames --------------------------------------------------------------------------------------------------------

/// A mark price, or a list of the mark prices of all contracts. Those of the coin-margined market, which shares the
/// streams, are passed over. The records are views into the text.
[[nodiscard]] bool add_mark_prices(venue::json::Value data, venue::Records& out);
/// Balances and positions after a change, and that funding was booked.
[[nodiscard]] bool add_account_update(venue::json::Value event, venue::Records& out);
[[nodiscard]] bool add_config_update(venue::json::Value event, venue::Records& out);
[[nodiscard]] bool add_margin_calls(venue::json::Value event, venue::Records& out);

}  // namespace calypte::connector::binance_perpetual
