#include "connector/house/binance/binance_errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>
#include <variant>

#include "venue/http_date.hpp"

namespace calypte::connector::binance {

using venue::json::Value;

namespace {

/// `outcome_unknown` stands for what has an effect; the same code leaves a query merely unanswered. `ok`: nothing was
/// to be changed. A row with words counts for messages that hold them; the first row that fits wins.
struct ErrorRow {
  std::int64_t code;
  StatusCode status;
  FailureReason reason;
  std::string_view words = {};
};

constexpr auto kRejected = StatusCode::rejected;
constexpr auto kUnknown = StatusCode::outcome_unknown;
constexpr auto kByVenue = FailureReason::rejected_by_venue;

constexpr std::array kBoth = {
    // The venue itself, the key, the clock.
    ErrorRow{-1000, kUnknown, FailureReason::none},
    ErrorRow{-1001, kUnknown, FailureReason::none},
    ErrorRow{-1002, StatusCode::unauthenticated, FailureReason::authentication},
    ErrorRow{-1003, StatusCode::rate_limited, FailureReason::rate_limited},
    ErrorRow{-1006, kUnknown, FailureReason::none},
    ErrorRow{-1007, kUnknown, FailureReason::none},
    ErrorRow{-1008, StatusCode::rate_limited, FailureReason::rate_limited},  // overloaded, and not processed
    ErrorRow{-1015, StatusCode::rate_limited, FailureReason::rate_limited},
    ErrorRow{-1016, StatusCode::unavailable, FailureReason::none},
    ErrorRow{-1021, StatusCode::clock_skew, FailureReason::authentication},
    ErrorRow{-1022, StatusCode::unauthenticated, FailureReason::authentication},
    ErrorRow{-2014, StatusCode::unauthenticated, FailureReason::authentication},
    ErrorRow{-2015, StatusCode::unauthenticated, FailureReason::authentication},
    ErrorRow{-2017, StatusCode::unauthenticated, FailureReason::authentication},
    // Orders.
    ErrorRow{-1111, kRejected, FailureReason::too_many_significant_digits},
    ErrorRow{-1115, kRejected, FailureReason::unsupported_order_type},
    ErrorRow{-1116, kRejected, FailureReason::unsupported_order_type},
    ErrorRow{-1121, kRejected, FailureReason::instrument_not_tradable},
    ErrorRow{-2011, kRejected, kByVenue, "cancel restrictions"},
    ErrorRow{-2011, StatusCode::order_not_found, FailureReason::none},
    ErrorRow{-2013, StatusCode::order_not_found, FailureReason::none},
};

constexpr std::array kSpot = {
    ErrorRow{-1013, kRejected, FailureReason::invalid_price, "PRICE_FILTER"},
    ErrorRow{-1013, kRejected, FailureReason::invalid_price, "PERCENT_PRICE"},
    ErrorRow{-1013, kRejected, FailureReason::invalid_amount, "LOT_SIZE"},
    ErrorRow{-1013, kRejected, FailureReason::below_min_notional, "NOTIONAL"},
    ErrorRow{-1013, kRejected, FailureReason::above_max_order_size, "MAX_POSITION"},
    // One code for whatever the matching engine refuses. With a duplicate the first attempt is in.
    ErrorRow{-2010, kUnknown, FailureReason::duplicate_client_order_id, "Duplicate order"},
    ErrorRow{-2010, kRejected, FailureReason::insufficient_balance, "insufficient balance"},
    ErrorRow{-2010, kRejected, FailureReason::would_take, "immediately match"},
    ErrorRow{-2010, kRejected, FailureReason::instrument_not_tradable, "Market is closed"},
    ErrorRow{-2010, kRejected, FailureReason::instrument_not_tradable, "not permitted for this account"},
    ErrorRow{-2026, StatusCode::order_not_found, FailureReason::none},  // ended unfilled long ago
};

constexpr std::array kUsdM = {
    ErrorRow{-2018, kRejected, FailureReason::insufficient_balance},
    ErrorRow{-2019, kRejected, FailureReason::insufficient_balance},
    ErrorRow{-2020, kRejected, FailureReason::not_filled},
    ErrorRow{-2022, kRejected, FailureReason::reduce_only},
    ErrorRow{-2023, kRejected, FailureReason::account_restricted},
    ErrorRow{-2024, kRejected, FailureReason::reduce_only},
    ErrorRow{-2026, kRejected, FailureReason::reduce_only},
    ErrorRow{-2027, kRejected, FailureReason::invalid_leverage},
    ErrorRow{-2028, kRejected, FailureReason::invalid_leverage},
    ErrorRow{-4001, kRejected, FailureReason::invalid_price},
    ErrorRow{-4002, kRejected, FailureReason::invalid_price},
    ErrorRow{-4003, kRejected, FailureReason::invalid_amount},
    ErrorRow{-4004, kRejected, FailureReason::below_min_order_size},
    ErrorRow{-4005, kRejected, FailureReason::above_max_order_size},
    ErrorRow{-4013, kRejected, FailureReason::invalid_price},
    ErrorRow{-4014, kRejected, FailureReason::invalid_price},
    ErrorRow{-4016, kRejected, FailureReason::invalid_price},
    ErrorRow{-4022, kRejected, FailureReason::instrument_not_tradable},
    ErrorRow{-4023, kRejected, FailureReason::invalid_amount},
    ErrorRow{-4024, kRejected, FailureReason::invalid_price},
    ErrorRow{-4028, kRejected, FailureReason::invalid_leverage},
    ErrorRow{-4046, StatusCode::ok, FailureReason::none},  // the margin type is what it should become
    ErrorRow{-4050, kRejected, FailureReason::insufficient_balance},
    ErrorRow{-4051, kRejected, FailureReason::insufficient_balance},
    ErrorRow{-4059, StatusCode::ok, FailureReason::none},  // the position mode, likewise
    ErrorRow{-4061, kRejected, FailureReason::position_mode},
    ErrorRow{-4062, kRejected, FailureReason::reduce_only},
    ErrorRow{-4067, kRejected, FailureReason::position_mode},
    ErrorRow{-4068, kRejected, FailureReason::position_mode},
    ErrorRow{-4087, kRejected, FailureReason::account_restricted},
    ErrorRow{-4088, kRejected, FailureReason::account_restricted},
    ErrorRow{-4105, kRejected, FailureReason::account_restricted},
    ErrorRow{-4106, kRejected, FailureReason::account_restricted},
    ErrorRow{-4107, kRejected, FailureReason::account_restricted},
    ErrorRow{-4116, kUnknown, FailureReason::duplicate_client_order_id},  // the first attempt is in
    ErrorRow{-4118, kRejected, FailureReason::reduce_only},
    ErrorRow{-4120, kRejected, FailureReason::unsupported_order_type},
    ErrorRow{-4131, kRejected, FailureReason::invalid_price},
    ErrorRow{-4140, kRejected, FailureReason::instrument_not_tradable},
    ErrorRow{-4141, kRejected, FailureReason::instrument_not_tradable},
    ErrorRow{-4161, kRejected, FailureReason::invalid_leverage},  // less is not possible with an isolated position
    ErrorRow{-4164, kRejected, FailureReason::below_min_notional},
    ErrorRow{-4171, StatusCode::ok, FailureReason::none},  // the multi-assets mode, likewise
    ErrorRow{-4189, kRejected, FailureReason::account_restricted},
    ErrorRow{-4192, kRejected, FailureReason::account_restricted},
    ErrorRow{-4400, kRejected, FailureReason::account_restricted},
    ErrorRow{-4401, kRejected, FailureReason::account_restricted},
    ErrorRow{-4402, kRejected, FailureReason::account_restricted},
    ErrorRow{-4403, kRejected, FailureReason::account_restricted},
    ErrorRow{-4531, kRejected, FailureReason::position_mode},  // the coin-margined market shares the mode
    ErrorRow{-5021, kRejected, FailureReason::not_filled},
    ErrorRow{-5022, kRejected, FailureReason::would_take},
    ErrorRow{-5028, StatusCode::clock_skew, FailureReason::authentication},
};

const ErrorRow* find_row(std::span<const ErrorRow> rows, std::int64_t code, std::string_view message) noexcept {
  const auto row = std::ranges::find_if(rows, [&](const ErrorRow& r) {
    return r.code == code && (r.words.empty() || message.find(r.words) != std::string_view::npos);
  });
  return row == rows.end() ? nullptr : &*row;
}

const ErrorRow* find_row(Market market, std::int64_t code, std::string_view message) noexcept {
  const auto own = market == Market::spot ? std::span<const ErrorRow>(kSpot) : std::span<const ErrorRow>(kUsdM);
  const ErrorRow* row = find_row(own, code, message);
  return row != nullptr ? row : find_row(kBoth, code, message);
}

/// What the manual of USD-M calls a definite failure in spite of its status 503.
bool refused_behind_503(Market market, const Verdict& answer) noexcept {
  if (market != Market::usd_m || answer.http_status != 503) return false;
  return answer.code == -1001 || answer.message.starts_with("Service Unavailable") ||
         answer.message.starts_with("Internal error; unable to process your request");
}

/// "... IP banned until 1659146400000. ...": said also where there is no header.
std::optional<Time> banned_until(std::string_view message) noexcept {
  constexpr std::string_view kWords = "banned until ";
  const auto at = message.find(kWords);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = message.substr(at + kWords.size());
  std::int64_t ms = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), ms);
  if (read.ec != std::errc{} || ms <= 0 || ms > 9'000'000'000'000) return std::nullopt;
  return from_unix_ms(ms);
}

/// `Retry-After` counts seconds from the reply on.
std::optional<Time> retry_after(const venue::WireReply& reply) {
  const std::string_view seconds = venue::header(reply.headers, "Retry-After");
  std::uint32_t wait = 0;
  const auto read = std::from_chars(seconds.data(), seconds.data() + seconds.size(), wait);
  const auto now = venue::server_time_of(reply);
  if (!now || read.ec != std::errc{} || seconds.empty()) return std::nullopt;
  return now->time + now->resolution + std::chrono::seconds{wait};
}

}  // namespace

bool has_effect(const venue::Request& request) noexcept {
  return std::holds_alternative<venue::NewOrder>(request) || std::holds_alternative<venue::NewOrders>(request) ||
         std::holds_alternative<venue::CancelOrder>(request) || std::holds_alternative<venue::CancelOrders>(request) ||
         std::holds_alternative<venue::CancelAllOrders>(request) ||
         std::holds_alternative<venue::SetPositionMode>(request) ||
         std::holds_alternative<venue::SetLeverage>(request) || std::holds_alternative<venue::SetMarginType>(request);
}

Status judge(Market market, const venue::Request& asked, const Verdict& answer) {
  const bool good = answer.http_status / 100 == 2;
  const bool failed = answer.code ? *answer.code != 0 && *answer.code != 200 : !good;
  if (good && !failed) return {};
  std::string text = answer.code ? std::string(answer.message) : "HTTP " + std::to_string(answer.http_status);
  const std::string code = answer.code ? std::to_string(*answer.code) : std::string();
  // Nobody knows. A query that was not answered may be repeated; of an order the venue must be asked.
  const auto in_doubt = [&](FailureReason reason) {
    return Status(has_effect(asked) ? kUnknown : StatusCode::unavailable, reason, text, code);
  };

  const ErrorRow* row = answer.code ? find_row(market, *answer.code, answer.message) : nullptr;
  const bool limited = row != nullptr && row->status == StatusCode::rate_limited;
  // 403 is the firewall in front of the venue: too fast, or a request that looks like an attack.
  const bool firewall = answer.http_status == 403 && !answer.code;
  if (limited || firewall || answer.http_status == 429 || answer.http_status == 418) {
    Status status(StatusCode::rate_limited, FailureReason::rate_limited, text, code);
    if (const auto until = answer.retry_at ? answer.retry_at : banned_until(answer.message))
      status.set_retry_at(*until);
    return status;
  }
  if (refused_behind_503(market, answer)) {
    return {has_effect(asked) ? kRejected : StatusCode::unavailable, kByVenue, text, code};
  }
  // A status of failure with a code of success, or without a code: nobody whom we know spoke.
  if (!answer.code || !failed) return in_doubt(FailureReason::none);
  if (answer.http_status >= 500 || answer.http_status == 408) return in_doubt(FailureReason::none);
  if (row == nullptr) return {kRejected, kByVenue, text, code};
  if (row->status == StatusCode::ok) return {};
  if (row->status == kUnknown) return in_doubt(row->reason);
  // With nothing to cancel, everything is cancelled.
  if (row->status == StatusCode::order_not_found && std::holds_alternative<venue::CancelAllOrders>(asked)) return {};
  return {row->status, row->reason, text, code};
}

Status judge_reply(Market market, const venue::Request& asked, const venue::WireReply& reply, Value root) {
  const Status status = judge(market, asked,
                              {.http_status = reply.http_status,
                               .code = root.find("code").integer(),
                               .message = root.find("msg").string(),
                               .retry_at = retry_after(reply)});
  if (status.ok() && !root.exists()) return {StatusCode::malformed, "the body is no JSON"};
  return status;
}

Status judge_frame(Market market, const venue::Request& asked, Value root) {
  const Value error = root.find("error");
  Verdict answer{
      .http_status = static_cast<int>(std::clamp<std::int64_t>(root.find("status").integer().value_or(0), 0, 999)),
      .code = error.find("code").integer(),
      .message = error.find("msg").string(),
      .retry_at = std::nullopt};
  const auto retry_ms = error.find("data").find("retryAfter").integer();
  if (retry_ms && *retry_ms > 0 && *retry_ms <= 9'000'000'000'000) answer.retry_at = from_unix_ms(*retry_ms);
  return judge(market, asked, answer);
}

}  // namespace calypte::connector::binance
