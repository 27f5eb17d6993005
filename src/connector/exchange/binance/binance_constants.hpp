// Binance, spot, as data: hosts, limits, paths. README.md has the sources.
#pragma once

#include <array>
#include <string_view>

#include "connector/house/binance/binance_answers.hpp"
#include "connector/house/binance/binance_market_data.hpp"
#include "connector/house/binance/binance_orders.hpp"
#include "venue/spec.hpp"

namespace calypte::connector::binance {

using namespace std::chrono_literals;

inline constexpr PublicPaths kPaths{.instruments = "/api/v3/exchangeInfo",
                                    .depth = "/api/v3/depth",
                                    .prices = "/api/v3/ticker/price",
                                    .time = "/api/v3/time",
                                    .depth_limit = 1000};
inline constexpr StreamNames kStreams{.depth = "@depth@100ms", .trades = "@trade", .ticker = "@bookTicker"};

// --- Private requests ----------------------------------------------------------------------------------------------

using venue::HttpMethod;

inline constexpr Endpoint kPlace{"order.place", HttpMethod::post, "/api/v3/order", Proof::signature, true};
inline constexpr Endpoint kCancel{"order.cancel", HttpMethod::del, "/api/v3/order", Proof::signature, true};
inline constexpr Endpoint kCancelAll{"openOrders.cancelAll", HttpMethod::del, "/api/v3/openOrders"};
inline constexpr Endpoint kOrder{"order.status", HttpMethod::get, "/api/v3/order"};
inline constexpr Endpoint kOpenOrders{"openOrders.status", HttpMethod::get, "/api/v3/openOrders"};
inline constexpr Endpoint kAllOpenOrders{"openOrders.status, all symbols", HttpMethod::get, "/api/v3/openOrders"};
inline constexpr Endpoint kFills{"myTrades", HttpMethod::get, "/api/v3/myTrades"};
inline constexpr Endpoint kFillsOfOrder{"myTrades, one order", HttpMethod::get, "/api/v3/myTrades"};
inline constexpr Endpoint kAccount{"account.status", HttpMethod::get, "/api/v3/account"};

/// Opens the private stream on the connection that it is sent on, for every kind of key.
inline constexpr std::string_view kLogin = "userDataStream.subscribe.signature";

/// The venue refuses lists of fills that span more than a day.
inline constexpr Duration kFillsWindow = 24h;

// --- The table of the venue ----------------------------------------------------------------------------------------

/// On `/stream` every frame is wrapped with the name of its stream. The private stream and order entry are both
/// connections to the WebSocket API.
inline constexpr std::array kEnvironments = {
    venue::EnvironmentSpec{.environment = Environment::live,
                           .rest_url = "https://api.binance.com",
                           .market_stream_url = "wss://stream.binance.com:9443/stream",
                           .user_stream_url = "wss://ws-api.binance.com:443/ws-api/v3",
                           .order_stream_url = "wss://ws-api.binance.com:443/ws-api/v3"},
    venue::EnvironmentSpec{.environment = Environment::testnet,
                           .rest_url = "https://testnet.binance.vision",
                           .market_stream_url = "wss://stream.testnet.binance.vision/stream",
                           .user_stream_url = "wss://ws-api.testnet.binance.vision/ws-api/v3",
                           .order_stream_url = "wss://ws-api.testnet.binance.vision/ws-api/v3"},
    venue::EnvironmentSpec{Environment::local, "", "", ""},
};

/// Pools: weight by address, unfilled orders by account. What a request weighs is charged to the pool. Orders and
/// cancels weigh nothing where they succeed; they share no pool, so that the end of one never holds the other up.
/// (There is a limit of 1,000 requests a second as well, which is the row of the cancels.)
inline constexpr std::array kWeigh80 = {venue::LinkedLimit{kWeightPool, 80}};
inline constexpr std::array kWeigh50 = {venue::LinkedLimit{kWeightPool, 50}};
inline constexpr std::array kWeigh20 = {venue::LinkedLimit{kWeightPool, 20}};
inline constexpr std::array kWeigh6 = {venue::LinkedLimit{kWeightPool, 6}};
inline constexpr std::array kWeigh5 = {venue::LinkedLimit{kWeightPool, 5}};
inline constexpr std::array kWeigh4 = {venue::LinkedLimit{kWeightPool, 4}};
inline constexpr std::array kWeigh1 = {venue::LinkedLimit{kWeightPool, 1}};
inline constexpr std::array kCountOrder = {venue::LinkedLimit{kOrdersPer10s, 1}, venue::LinkedLimit{kOrdersPerDay, 1}};
inline constexpr std::array kLimits = {
    venue::RateLimit{.id = kWeightPool, .limit = 6000, .interval = 60s, .linked = {}},
    venue::RateLimit{.id = kOrdersPer10s, .limit = 100, .interval = 10s, .linked = {}},
    venue::RateLimit{.id = kOrdersPerDay, .limit = 200'000, .interval = 24h, .linked = {}},
    venue::RateLimit{.id = kPaths.instruments, .limit = 300, .interval = 60s, .linked = kWeigh20},
    venue::RateLimit{.id = kPaths.depth, .limit = 120, .interval = 60s, .linked = kWeigh50},
    venue::RateLimit{.id = kPaths.prices, .limit = 1500, .interval = 60s, .linked = kWeigh4},
    venue::RateLimit{.id = kPaths.time, .limit = 6000, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kPlace.name, .limit = 100, .interval = 10s, .linked = kCountOrder},
    venue::RateLimit{.id = kCancel.name, .limit = 1000, .interval = 1s, .linked = {}},
    venue::RateLimit{.id = kCancelAll.name, .limit = 1000, .interval = 1s, .linked = {}},
    venue::RateLimit{.id = kOrder.name, .limit = 1500, .interval = 60s, .linked = kWeigh4},
    venue::RateLimit{.id = kOpenOrders.name, .limit = 1000, .interval = 60s, .linked = kWeigh6},
    venue::RateLimit{.id = kAllOpenOrders.name, .limit = 75, .interval = 60s, .linked = kWeigh80},
    venue::RateLimit{.id = kFills.name, .limit = 300, .interval = 60s, .linked = kWeigh20},
    venue::RateLimit{.id = kFillsOfOrder.name, .limit = 1200, .interval = 60s, .linked = kWeigh5},
    venue::RateLimit{.id = kAccount.name, .limit = 300, .interval = 60s, .linked = kWeigh20},
};

inline constexpr std::array kOrderTypes = {OrderType::limit, OrderType::limit_maker, OrderType::market};

inline constexpr venue::VenueSpec kSpec{
    .name = "binance",
    .kind = ConnectorKind::exchange,
    .environments = kEnvironments,
    .book = {.continuity = venue::Continuity::range,
             .bootstrap = venue::Bootstrap::rest_snapshot,
             .bridge = venue::BridgeRule::next,
             .resync = venue::Resync::refetch_snapshot,
             .stale_after = 5min},  // a book that nobody changes says nothing, and there is no sign of life
    .streams = {.user_stream = venue::UserStreamStyle::login_frame,
                .order_stream_login = false,  // every frame is signed
                .idle_limit = 60s,            // the server pings every 20 s
                .max_channels_per_connection = 1000,
                .max_channels_per_frame = 100,
                .max_frames_per_second = 3},  // five, pings and pongs included, or the connection is cut
    .orders = {.types = kOrderTypes,
               .max_client_order_id_length = kMaxClientOrderId,
               .cancel_is_final = true,
               .cancel_by_client_order_id = true,
               .query_by_client_order_id = true,
               .fills_by_order = true,
               .fills_need_symbol = true,
               .balances_in_real_time = true,
               .fills_history = 23h},  // with room for the margin that is asked beyond the present
    .limits = kLimits,
};

}  // namespace calypte::connector::binance
