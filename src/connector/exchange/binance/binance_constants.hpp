// Binance, spot, as data. README.md has the sources.
#pragma once

#include <array>
#include <string_view>

#include "connector/house/binance/binance_market_data.hpp"
#include "venue/spec.hpp"

namespace calypte::connector::binance {

using namespace std::chrono_literals;

inline constexpr PublicPaths kPaths{.instruments = "/api/v3/exchangeInfo",
                                    .depth = "/api/v3/depth",
                                    .prices = "/api/v3/ticker/price",
                                    .time = "/api/v3/time",
                                    .depth_limit = 1000};
inline constexpr StreamNames kStreams{.depth = "@depth@100ms", .trades = "@trade", .ticker = "@bookTicker"};

/// On `/stream` every frame is wrapped with the name of its stream.
inline constexpr std::array kEnvironments = {
    venue::EnvironmentSpec{Environment::live, "https://api.binance.com", "wss://stream.binance.com:9443/stream", ""},
    venue::EnvironmentSpec{Environment::testnet, "https://testnet.binance.vision",
                           "wss://stream.testnet.binance.vision/stream", ""},
    venue::EnvironmentSpec{Environment::local, "", "", ""},
};

/// One pool of weight an address; what a request weighs is charged to it.
inline constexpr std::string_view kWeightPool = "weight";
inline constexpr std::array kWeigh20 = {venue::LinkedLimit{kWeightPool, 20}};
inline constexpr std::array kWeigh50 = {venue::LinkedLimit{kWeightPool, 50}};
inline constexpr std::array kWeigh4 = {venue::LinkedLimit{kWeightPool, 4}};
inline constexpr std::array kWeigh1 = {venue::LinkedLimit{kWeightPool, 1}};
inline constexpr std::array kLimits = {
    venue::RateLimit{.id = kWeightPool, .limit = 6000, .interval = 60s, .linked = {}},
    venue::RateLimit{.id = kPaths.instruments, .limit = 300, .interval = 60s, .linked = kWeigh20},
    venue::RateLimit{.id = kPaths.depth, .limit = 120, .interval = 60s, .linked = kWeigh50},
    venue::RateLimit{.id = kPaths.prices, .limit = 1500, .interval = 60s, .linked = kWeigh4},
    venue::RateLimit{.id = kPaths.time, .limit = 6000, .interval = 60s, .linked = kWeigh1},
};

inline constexpr venue::VenueSpec kSpec{
    .name = "binance",
    .kind = ConnectorKind::exchange,
    .environments = kEnvironments,
    .book = {.continuity = venue::Continuity::range,
             .bootstrap = venue::Bootstrap::rest_snapshot,
             .bridge = venue::BridgeRule::next,
             .resync = venue::Resync::refetch_snapshot,
             .stale_after = 5min},  // a book that nobody changes says nothing, and there is no sign of life
    .streams = {.user_stream = venue::UserStreamStyle::none,
                .idle_limit = 60s,  // the server pings every 20 s
                .max_channels_per_connection = 1000,
                .max_channels_per_frame = 100,
                .max_frames_per_second = 3},  // five, pings and pongs included, or the connection is cut
    .orders = {.types = {}},
    .limits = kLimits,
    .market_data_only = true,
};

}  // namespace calypte::connector::binance
