// Crypto.com Exchange, spot, as data: hosts, limits, methods, and what the error codes mean. README.md has the sources.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "calypte/result.hpp"

#include "venue/spec.hpp"

namespace calypte::connector::crypto_com {

using namespace std::chrono_literals;

// --- Methods; each is the path below the REST host and the name of its rate limit. ---------------------------------

inline constexpr std::string_view kCreateOrder = "private/create-order";
inline constexpr std::string_view kCancelOrder = "private/cancel-order";
inline constexpr std::string_view kCancelAllOrders = "private/cancel-all-orders";
inline constexpr std::string_view kGetOrderDetail = "private/get-order-detail";
inline constexpr std::string_view kGetOpenOrders = "private/get-open-orders";
inline constexpr std::string_view kGetTrades = "private/get-trades";
inline constexpr std::string_view kUserBalance = "private/user-balance";
inline constexpr std::string_view kGetFeeRate = "private/get-fee-rate";
inline constexpr std::string_view kGetInstruments = "public/get-instruments";
inline constexpr std::string_view kGetBook = "public/get-book";
inline constexpr std::string_view kGetTickers = "public/get-tickers";
inline constexpr std::string_view kSetCancelOnDisconnect = "private/set-cancel-on-disconnect";
inline constexpr std::string_view kAuth = "public/auth";
inline constexpr std::string_view kHeartbeat = "public/heartbeat";
inline constexpr std::string_view kRespondHeartbeat = "public/respond-heartbeat";

/// The venue has no clock request; any small public reply has a Date header. Its instrument need not exist.
inline constexpr std::string_view kClockInstrument = "BTC_USD";
inline constexpr std::uint32_t kBookDepth = 50;
inline constexpr std::uint32_t kFillsPerPage = 100;
inline constexpr std::size_t kMaxClientOrderId = 36;

// --- Errors --------------------------------------------------------------------------------------------------------

/// What a code says about a request that it answers, or, as the `reason` of an order, about the end of that order.
/// `outcome_unknown` stands for orders; the same code leaves a query merely unanswered (`unavailable`).
struct ErrorRow {
  std::int64_t code;
  StatusCode status;
  FailureReason reason;
};

inline constexpr std::array kErrors = {
    // The venue itself, the key, the clock.
    ErrorRow{40001, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{40002, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{40003, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{40004, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{40005, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{40006, StatusCode::outcome_unknown, FailureReason::none},  // the same request arrived before
    ErrorRow{40101, StatusCode::unauthenticated, FailureReason::authentication},
    ErrorRow{40102, StatusCode::clock_skew, FailureReason::authentication},
    ErrorRow{40103, StatusCode::unauthenticated, FailureReason::authentication},
    ErrorRow{40104, StatusCode::unauthenticated, FailureReason::authentication},
    ErrorRow{40107, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{40401, StatusCode::order_not_found, FailureReason::none},
    ErrorRow{40801, StatusCode::outcome_unknown, FailureReason::none},
    ErrorRow{42901, StatusCode::rate_limited, FailureReason::rate_limited},
    ErrorRow{50001, StatusCode::outcome_unknown, FailureReason::none},
    ErrorRow{9010001, StatusCode::unavailable, FailureReason::none},
    // Orders. With 204 the first attempt is in, so the order may well live.
    ErrorRow{204, StatusCode::outcome_unknown, FailureReason::duplicate_client_order_id},
    ErrorRow{206, StatusCode::rejected, FailureReason::instrument_not_tradable},
    ErrorRow{208, StatusCode::rejected, FailureReason::instrument_not_tradable},
    ErrorRow{209, StatusCode::rejected, FailureReason::instrument_not_tradable},
    ErrorRow{309, StatusCode::rejected, FailureReason::instrument_not_tradable},
    ErrorRow{212, StatusCode::order_not_found, FailureReason::none},
    ErrorRow{307, StatusCode::order_not_found, FailureReason::none},
    ErrorRow{316, StatusCode::order_not_found, FailureReason::none},
    ErrorRow{213, StatusCode::rejected, FailureReason::invalid_amount},
    ErrorRow{218, StatusCode::rejected, FailureReason::unsupported_order_type},
    ErrorRow{219, StatusCode::rejected, FailureReason::unsupported_order_type},
    ErrorRow{221, StatusCode::rejected, FailureReason::unsupported_order_type},
    ErrorRow{306, StatusCode::rejected, FailureReason::insufficient_balance},
    ErrorRow{308, StatusCode::rejected, FailureReason::invalid_price},
    ErrorRow{312, StatusCode::rejected, FailureReason::invalid_price},
    ErrorRow{313, StatusCode::rejected, FailureReason::invalid_price},
    ErrorRow{315, StatusCode::rejected, FailureReason::invalid_price},
    ErrorRow{314, StatusCode::rejected, FailureReason::above_max_order_size},
    ErrorRow{415, StatusCode::rejected, FailureReason::below_min_order_size},
    // Positions, margin, risk and the state of the account: refusals that spot orders share, some of them behind HTTP
    // 500.
    ErrorRow{201, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{202, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{220, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{301, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{302, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{303, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{304, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{305, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{317, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{318, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{319, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{320, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{321, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{325, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{401, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{406, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{408, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{411, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{412, StatusCode::rejected, FailureReason::rejected_by_venue},
    ErrorRow{1110, StatusCode::rejected, FailureReason::rejected_by_venue},
    // Mostly as the reason of an order that ended.
    ErrorRow{43003, StatusCode::rejected, FailureReason::not_filled},
    ErrorRow{43004, StatusCode::rejected, FailureReason::not_filled},
    ErrorRow{43005, StatusCode::rejected, FailureReason::would_take},
    ErrorRow{43012, StatusCode::rejected, FailureReason::self_trade},
};

/// Null for a code that is not in the table. What the venue refuses by such a code it refuses for certain, unless a 5xx
/// carries it.
[[nodiscard]] constexpr const ErrorRow* find_error(std::int64_t code) noexcept {
  const auto* row = std::find_if(kErrors.begin(), kErrors.end(), [&](const ErrorRow& r) { return r.code == code; });
  return row != kErrors.end() ? row : nullptr;
}

// --- The table of the venue ----------------------------------------------------------------------------------------

inline constexpr std::array kEnvironments = {
    venue::EnvironmentSpec{Environment::live, "https://api.crypto.com/exchange/v1",
                           "wss://stream.crypto.com/exchange/v1/market", "wss://stream.crypto.com/exchange/v1/user", "",
                           "wss://stream.crypto.com/exchange/v1/user"},
    venue::EnvironmentSpec{Environment::testnet, "https://uat-api.3ona.co/exchange/v1",
                           "wss://uat-stream.3ona.co/exchange/v1/market", "wss://uat-stream.3ona.co/exchange/v1/user",
                           "", "wss://uat-stream.3ona.co/exchange/v1/user"},
    venue::EnvironmentSpec{Environment::local, "", "", ""},
};

/// Per key and method, per address for the public ones. The venue reports no usage and no time to wait.
inline constexpr std::array kLimits = {
    venue::RateLimit{.id = kCreateOrder, .limit = 15, .interval = 100ms, .linked = {}},
    venue::RateLimit{.id = kCancelOrder, .limit = 15, .interval = 100ms, .linked = {}},
    venue::RateLimit{.id = kCancelAllOrders, .limit = 15, .interval = 100ms, .linked = {}},
    venue::RateLimit{.id = kSetCancelOnDisconnect, .limit = 3, .interval = 100ms, .linked = {}},
    venue::RateLimit{.id = kGetOrderDetail, .limit = 30, .interval = 100ms, .linked = {}},
    venue::RateLimit{.id = kGetTrades, .limit = 1, .interval = 1s, .linked = {}},
    venue::RateLimit{.id = kGetOpenOrders, .limit = 3, .interval = 100ms, .linked = {}},
    venue::RateLimit{.id = kUserBalance, .limit = 3, .interval = 100ms, .linked = {}},
    venue::RateLimit{.id = kGetFeeRate, .limit = 3, .interval = 100ms, .linked = {}},
    venue::RateLimit{.id = kGetInstruments, .limit = 100, .interval = 1s, .linked = {}},
    venue::RateLimit{.id = kGetBook, .limit = 100, .interval = 1s, .linked = {}},
    venue::RateLimit{.id = kGetTickers, .limit = 100, .interval = 1s, .linked = {}},
};

inline constexpr std::array kOrderTypes = {OrderType::limit, OrderType::limit_maker, OrderType::market};

inline constexpr venue::VenueSpec kSpec{
    .name = "crypto_com",
    .kind = ConnectorKind::exchange,
    .environments = kEnvironments,
    .book = {.continuity = venue::Continuity::prev_link,
             .bootstrap = venue::Bootstrap::stream_snapshot,
             .resync = venue::Resync::resubscribe,
             .checksum = venue::ChecksumKind::none,  // `cs` follows no layout that anybody found
             .stale_after = 15s},                    // an idle book says so every 5 s
    .streams = {.user_stream = venue::UserStreamStyle::login_frame,
                .order_stream_login = true,
                .settle_after_connect = 1s,  // the frame budget of the second of connecting is a fraction
                .idle_limit = 45s,           // the server speaks at least every 30 s
                .max_channels_per_connection = 400,
                .max_channels_per_frame = 50,
                .max_frames_per_second = 50},
    .orders = {.types = kOrderTypes,
               .max_client_order_id_length = kMaxClientOrderId,
               .cancel_is_final = false,
               .cancel_by_client_order_id = true,
               .query_by_client_order_id = true,
               .fills_by_order = false,
               .balances_in_real_time = true},
    .dead_man = {.kind = venue::DeadManKind::on_disconnect},
    .limits = kLimits,
};

}  // namespace calypte::connector::crypto_com
