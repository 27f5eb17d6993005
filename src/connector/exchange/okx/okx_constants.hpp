// OKX, spot, as data. README.md has the sources.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "venue/spec.hpp"

namespace calypte::connector::okx {

using namespace std::chrono_literals;

inline constexpr std::string_view kInstruments = "/api/v5/public/instruments";
inline constexpr std::string_view kBooks = "/api/v5/market/books";
inline constexpr std::string_view kTickers = "/api/v5/market/tickers";
inline constexpr std::string_view kServerTime = "/api/v5/public/time";
inline constexpr std::uint32_t kBookDepth = 400;

/// The hosts of the demo environment want a header of their own on REST; its streams have hosts of their own.
inline constexpr std::array kEnvironments = {
    venue::EnvironmentSpec{Environment::live, "https://www.okx.com", "wss://ws.okx.com:8443/ws/v5/public",
                           "wss://ws.okx.com:8443/ws/v5/private"},
    venue::EnvironmentSpec{Environment::testnet, "https://www.okx.com", "wss://wspap.okx.com:8443/ws/v5/public",
                           "wss://wspap.okx.com:8443/ws/v5/private"},
    venue::EnvironmentSpec{Environment::local, "", "", ""},
};

inline constexpr std::array kLimits = {
    venue::RateLimit{.id = kInstruments, .limit = 20, .interval = 2s, .linked = {}},
    venue::RateLimit{.id = kBooks, .limit = 40, .interval = 2s, .linked = {}},
    venue::RateLimit{.id = kTickers, .limit = 20, .interval = 2s, .linked = {}},
    venue::RateLimit{.id = kServerTime, .limit = 10, .interval = 2s, .linked = {}},
};

inline constexpr venue::VenueSpec kSpec{
    .name = "okx",
    .kind = ConnectorKind::exchange,
    .environments = kEnvironments,
    .book = {.continuity = venue::Continuity::prev_link,
             .bootstrap = venue::Bootstrap::stream_snapshot,
             .resync = venue::Resync::resubscribe,
             .checksum = venue::ChecksumKind::crc32_top25_interleaved,  // 0, that is absent, since 2026
             .allow_decreasing_reset = true,                            // after maintenance
             .stale_after = 90s},                                       // an idle book says so every 60 s
    .streams = {.user_stream = venue::UserStreamStyle::none,
                .idle_limit = 30s,
                .max_channels_per_connection = 30,
                .max_channels_per_frame = 50,
                .max_frames_per_second = 3},
    .orders = {.types = {}},
    .limits = kLimits,
    .market_data_only = true,
};

}  // namespace calypte::connector::okx
