// Orders and fills as both markets write them: parameters of requests, objects of replies, events of the user stream.
//
// The `add_*` readers return false if something cannot be understood; what they appended until then is taken back by
// the caller.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "calypte/result.hpp"
#include "calypte/time.hpp"

#include "connector/house/binance/binance_auth.hpp"
#include "connector/house/binance/binance_errors.hpp"
#include "venue/json.hpp"
#include "venue/records.hpp"
#include "venue/requests.hpp"

namespace calypte::connector::binance {

inline constexpr std::size_t kMaxClientOrderId = 36;
/// The longest page of fills that the venue gives.
inline constexpr std::uint32_t kFillsPerPage = 1000;

// --- Parameters. Failures are `denied` or `unsupported`. -----------------------------------------------------------

/// A new order of either market. Spot: LIMIT, MARKET, LIMIT_MAKER. USD-M: post-only is GTX; positionSide, reduceOnly.
[[nodiscard]] Status write_new_order(Market market, const venue::NewOrder& order, Parameters& out);
/// Symbol and id, the venue's where it is known.
[[nodiscard]] Status write_order_name(const venue::OrderRef& order, Parameters& out);
/// Whether the fills of one order are asked for. By its id at the venue alone: fills do not carry ours.
[[nodiscard]] bool names_order(const venue::QueryFills& query) noexcept;
/// Fills of one symbol, at most `window` from the start (what the venue allows between the two times); all of one order
/// if one is named, for the venue takes no times with it.
[[nodiscard]] Status write_fills_query(const venue::QueryFills& query, Duration window, Parameters& out);

// --- Objects of replies --------------------------------------------------------------------------------------------

/// One order object of a list or query, by REST or by frame.
[[nodiscard]] bool add_order(venue::json::Value order, venue::Records& out);
[[nodiscard]] bool add_orders(venue::json::Value list, venue::Records& out);
/// The reply to a new order, in any of its lengths, with the `fills` of the spot market. It is told under our ids.
[[nodiscard]] bool add_new_order_reply(Market market, const venue::NewOrder& asked, venue::json::Value order,
                                       venue::Records& out);
/// The order that a reply to a cancel or a query is about. It may carry the id of a cancel instead of ours, so the id
/// that was asked with is told. False if the venue speaks of another order.
[[nodiscard]] bool add_named_order(const venue::OrderRef& asked, venue::json::Value order, venue::Records& out);
/// A page of own trades, oldest first, and its `FillsPage`.
[[nodiscard]] bool add_fills_page(Market market, const venue::QueryFills& asked, Duration window,
                                  venue::json::Value list, venue::Records& out);

/// A balance of an asset that is partly locked by orders.
[[nodiscard]] bool add_balance(venue::json::Value asset, venue::json::Value free, venue::json::Value locked,
                               std::optional<Time> venue_time, venue::Records& out);

// --- The user stream -----------------------------------------------------------------------------------------------

/// The order object of an event: `executionReport` itself on spot, `o` of ORDER_TRADE_UPDATE on USD-M. A fill stands
/// before the report that it leads to.
[[nodiscard]] bool add_execution(Market market, venue::json::Value order, venue::Records& out);

}  // namespace calypte::connector::binance
