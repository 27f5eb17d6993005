// Kraken, spot, as data. README.md has the sources.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "venue/spec.hpp"

namespace calypte::connector::kraken {

using namespace std::chrono_literals;

inline constexpr std::string_view kAssetPairs = "/0/public/AssetPairs";
inline constexpr std::string_view kServerTime = "/0/public/Time";

/// Levels a side that we subscribe to. The checksum proves the best ten; what lies far behind them nobody proves, so
/// the book is kept short.
inline constexpr std::uint32_t kBookDepth = 25;
/// The only depth of which there are recordings in the form of version 1.
inline constexpr std::uint32_t kV1BookDepth = 1000;

/// There is no test environment: the venue's beta hosts trade for real.
inline constexpr std::array kEnvironments = {
    venue::EnvironmentSpec{Environment::live, "https://api.kraken.com", "wss://ws.kraken.com/v2",
                           "wss://ws-auth.kraken.com/v2"},
    venue::EnvironmentSpec{Environment::local, "", "", ""},
};

/// About one public request a second and address.
inline constexpr std::string_view kPublicPool = "public";
inline constexpr std::array kPublic = {venue::LinkedLimit{kPublicPool, 1}};
inline constexpr std::array kLimits = {
    venue::RateLimit{.id = kPublicPool, .limit = 1, .interval = 1s, .linked = {}},
    venue::RateLimit{.id = kAssetPairs, .limit = 1, .interval = 1s, .linked = kPublic},
    venue::RateLimit{.id = kServerTime, .limit = 1, .interval = 1s, .linked = kPublic},
};

inline constexpr venue::BookSpec kBook{
    .continuity = venue::Continuity::unsequenced,
    .bootstrap = venue::Bootstrap::stream_snapshot,
    .resync = venue::Resync::resubscribe,
    .checksum = venue::ChecksumKind::crc32_top10_stripped,
    .truncate_depth = kBookDepth,  // no delete comes for a level that falls out of the window
    .stale_after = 5min};          // quiet pairs are silent for long; the connection says that it lives once a second

inline constexpr venue::VenueSpec kSpec{
    .name = "kraken",
    .kind = ConnectorKind::exchange,
    .environments = kEnvironments,
    .book = kBook,
    .streams = {.user_stream = venue::UserStreamStyle::none,
                .idle_limit = 10s,  // a heartbeat comes every second
                .max_channels_per_connection = 200,
                .max_channels_per_frame = 50,
                .max_frames_per_second = 10},
    .orders = {.types = {}},
    .limits = kLimits,
    .market_data_only = true,
};

}  // namespace calypte::connector::kraken
