// How the simulated Crypto.com writes what the exchange knows.
#pragma once

#include <string>
#include <string_view>

#include "calypte/decimal.hpp"
#include "calypte/time.hpp"

#include "sim/exchange.hpp"
#include "venue/json_writer.hpp"

namespace calypte::sim::crypto_com {

using venue::json::Writer;

/// Reason codes of the API.
namespace code {
inline constexpr int kOk = 0;
inline constexpr int kDuplicateClientId = 204;
inline constexpr int kNotTradable = 208;
inline constexpr int kInvalidInstrument = 209;
inline constexpr int kInvalidOrderId = 212;
inline constexpr int kInvalidQuantity = 213;
inline constexpr int kInvalidOrderType = 218;
inline constexpr int kInvalidExecInst = 219;
inline constexpr int kInvalidSide = 220;
inline constexpr int kInvalidTimeInForce = 221;
inline constexpr int kInsufficientBalance = 306;
inline constexpr int kInvalidPrice = 308;
inline constexpr int kMarketNotOpen = 309;
inline constexpr int kTooLarge = 314;
inline constexpr int kFarAway = 315;
inline constexpr int kNoActiveOrder = 316;
inline constexpr int kTooManyOrders = 318;
inline constexpr int kTooSmall = 415;
inline constexpr int kBadRequest = 40001;
inline constexpr int kUnknownMethod = 40002;
inline constexpr int kInvalidRequest = 40003;
inline constexpr int kBadArgument = 40004;
inline constexpr int kUnauthorized = 40101;
inline constexpr int kInvalidNonce = 40102;
inline constexpr int kTooManyChannels = 40107;
inline constexpr int kNotFound = 40401;
inline constexpr int kTimeout = 40801;
inline constexpr int kTooManyRequests = 42901;
inline constexpr int kFillOrKill = 43003;
inline constexpr int kImmediateOrCancel = 43004;
inline constexpr int kPostOnly = 43005;
inline constexpr int kSelfTrade = 43012;
inline constexpr int kInternal = 50001;
}  // namespace code

[[nodiscard]] std::string_view message_of(int code) noexcept;
[[nodiscard]] int http_status_of(int code) noexcept;
[[nodiscard]] int code_of(Refusal refusal) noexcept;
/// Why an order ended, as its `reason`; 0 for none.
[[nodiscard]] int reason_of(const OrderRecord& order) noexcept;

[[nodiscard]] std::string_view side_word(Side side) noexcept;  // "BUY"
[[nodiscard]] std::string_view time_in_force_word(TimeInForce value) noexcept;
[[nodiscard]] std::string_view status_word(OrderState state) noexcept;
/// "2026-11-21"
[[nodiscard]] std::string date_of(Time time);
/// With exactly the places of `step`, or more where the value has more.
[[nodiscard]] std::string at_least_places(const Decimal& value, const Decimal& step);
[[nodiscard]] std::string plain(const Decimal& value);  ///< without trailing zeros

/// The ids that an account shows on the wire.
struct AccountIds {
  std::string account_id;
  std::string user_id;
};
enum class OrderForm : std::uint8_t {
  open,     ///< in a list of open orders
  history,  ///< detail and history: with `reason`
  push,     ///< user.order: with transaction times
};
void write_order(Writer& out, const OrderRecord& order, const Instrument& instrument, const AccountIds& ids,
                 const FeeRates& rates, OrderForm form, Duration clock_offset);
/// REST get-trades adds transact_time_ns.
void write_fill(Writer& out, const FillRecord& fill, const Instrument& instrument, const AccountIds& ids, bool rest,
                Duration clock_offset);
void write_instrument(Writer& out, const Instrument& instrument);
/// Price, size and count of at most `depth` levels.
void write_levels(Writer& out, const std::vector<EngineLevel>& levels, const Instrument& instrument);

}  // namespace calypte::sim::crypto_com
