// Binance USD-M perpetual futures, as data. README.md has the sources.
#pragma once

#include <array>
#include <string_view>

#include "connector/house/binance/binance_market_data.hpp"
#include "venue/spec.hpp"

namespace calypte::connector::binance_perpetual {

using namespace std::chrono_literals;

inline constexpr binance::PublicPaths kPaths{.instruments = "/fapi/v1/exchangeInfo",
                                             .depth = "/fapi/v1/depth",
                                             .prices = "/fapi/v1/ticker/price",
                                             .time = "/fapi/v1/time",
                                             .depth_limit = 1000};
inline constexpr binance::StreamNames kStreams{.depth = "@depth@100ms", .trades = "@aggTrade", .ticker = "@bookTicker"};

/// Books and best prices come by the route `/public`; trades come by `/market` only.
inline constexpr std::array kEnvironments = {
    venue::EnvironmentSpec{Environment::live, "https://fapi.binance.com", "wss://fstream.binance.com/public/stream",
                           ""},
    venue::EnvironmentSpec{Environment::testnet, "https://demo-fapi.binance.com",
                           "wss://fstream.binancefuture.com/public/stream", ""},
    venue::EnvironmentSpec{Environment::local, "", "", ""},
};

/// One pool of weight an address; what a request weighs is charged to it.
inline constexpr std::string_view kWeightPool = "weight";
inline constexpr std::array kWeigh20 = {venue::LinkedLimit{kWeightPool, 20}};
inline constexpr std::array kWeigh2 = {venue::LinkedLimit{kWeightPool, 2}};
inline constexpr std::array kWeigh1 = {venue::LinkedLimit{kWeightPool, 1}};
inline constexpr std::array kLimits = {
    venue::RateLimit{.id = kWeightPool, .limit = 2400, .interval = 60s, .linked = {}},
    venue::RateLimit{.id = kPaths.instruments, .limit = 2400, .interval = 60s, .linked = kWeigh1},
    venue::RateLimit{.id = kPaths.depth, .limit = 120, .interval = 60s, .linked = kWeigh20},
    venue::RateLimit{.id = kPaths.prices, .limit = 1200, .interval = 60s, .linked = kWeigh2},
    venue::RateLimit{.id = kPaths.time, .limit = 2400, .interval = 60s, .linked = kWeigh1},
};

inline constexpr venue::VenueSpec kSpec{
    .name = "binance_perpetual",
    .kind = ConnectorKind::derivative,
    .environments = kEnvironments,
    .book = {.continuity = venue::Continuity::prev_link,
             .bootstrap = venue::Bootstrap::rest_snapshot,
             .bridge = venue::BridgeRule::covering,
             .resync = venue::Resync::refetch_snapshot,
             .stale_after = 5min},  // a book that nobody changes says nothing, and there is no sign of life
    .streams = {.user_stream = venue::UserStreamStyle::none,
                .max_channels_per_connection = 200,
                .max_channels_per_frame = 100,
                .max_frames_per_second = 5},
    .orders = {.types = {}},
    .limits = kLimits,
    .market_data_only = true,
};

}  // namespace calypte::connector::binance_perpetual
