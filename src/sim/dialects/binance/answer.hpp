// What a request comes to: a JSON result, or an error with its code, before either is dressed for REST or the socket.
#pragma once

#include <string>
#include <string_view>

#include "calypte/time.hpp"

namespace calypte::sim::binance {

namespace code {
inline constexpr int kUnknown = -1000;
inline constexpr int kTooManyRequests = -1003;
inline constexpr int kTimeout = -1007;
inline constexpr int kOverloaded = -1008;
inline constexpr int kFilter = -1013;
inline constexpr int kTooManyOrders = -1015;
inline constexpr int kTimestamp = -1021;
inline constexpr int kInvalidSignature = -1022;
inline constexpr int kIllegalCharacters = -1100;
inline constexpr int kTooManyParameters = -1101;
inline constexpr int kMandatoryParameter = -1102;
inline constexpr int kUnreadParameter = -1104;
inline constexpr int kParameterNotRequired = -1106;
inline constexpr int kPrecision = -1111;
inline constexpr int kInvalidTimeInForce = -1115;
inline constexpr int kInvalidType = -1116;
inline constexpr int kInvalidSide = -1117;
inline constexpr int kInvalidInterval = -1120;
inline constexpr int kInvalidSymbol = -1121;
inline constexpr int kTooLongAgo = -1127;
inline constexpr int kBadCombination = -1128;
inline constexpr int kBadValue = -1130;
inline constexpr int kBadReceiveWindow = -1131;
inline constexpr int kInvalidJson = -1135;
inline constexpr int kNewOrderRejected = -2010;
inline constexpr int kCancelRejected = -2011;
inline constexpr int kNoSuchOrder = -2013;
inline constexpr int kBadKeyFormat = -2014;
inline constexpr int kRejectedKey = -2015;
inline constexpr int kAlreadySubscribed = -2035;
inline constexpr int kNotSubscribed = -2036;
inline constexpr int kClientIdMismatch = -2039;
inline constexpr int kNoMoreSubscriptions = -2042;
inline constexpr int kKeyTypeNotSupported = -4056;
}  // namespace code

struct Answer {
  int status = 200;
  int code = 0;         ///< 0: a success
  std::string body;     ///< JSON, of a success
  std::string message;  ///< of an error
  std::string data;     ///< of an error: JSON, empty for none
  Time retry_at{};      ///< of a refusal that says when to come again
  [[nodiscard]] bool ok() const noexcept { return code == 0; }
};

[[nodiscard]] Answer success(std::string body);
/// With HTTP status 400 unless another one is named.
[[nodiscard]] Answer failure(int code, std::string message, int status = 400);
[[nodiscard]] Answer mandatory(std::string_view parameter);
[[nodiscard]] Answer illegal(std::string_view parameter, std::string_view legal_range);
[[nodiscard]] Answer invalid_symbol();
[[nodiscard]] Answer not_required(std::string_view parameter);
[[nodiscard]] Answer bad_value(std::string_view parameter);
[[nodiscard]] Answer unknown_order();  ///< of a cancel
/// {"code":C,"msg":M}, with "data" where there is some.
[[nodiscard]] std::string error_body(const Answer& answer);

}  // namespace calypte::sim::binance
