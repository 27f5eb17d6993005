// What the two versions of the stream share: names, times and the list of instruments.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "calypte/time.hpp"

#include "venue/json.hpp"
#include "venue/records.hpp"

namespace calypte::connector::kraken {

/// The venue's old names of two assets, XBT and XDG, in the words of the rest of the world.
[[nodiscard]] std::string_view common_asset(std::string_view asset) noexcept;

/// "2024-10-03T02:46:57.050170Z", with up to nine places; empty for anything else.
[[nodiscard]] std::optional<Time> parse_timestamp(std::string_view text) noexcept;
/// "1618678133.365913", seconds since the epoch.
[[nodiscard]] std::optional<Time> parse_seconds(std::string_view text) noexcept;

/// How version 1 and 2 write a symbol: "XBT/USD" or "BTC/USD".
enum class SymbolStyle : std::uint8_t { v1, v2 };
/// The reply of AssetPairs. Entries without a name on the streams are passed over.
[[nodiscard]] bool add_instruments(venue::json::Value root, SymbolStyle style, venue::Records& out);

}  // namespace calypte::connector::kraken
