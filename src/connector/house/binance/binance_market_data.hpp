// What the markets of Binance share on the public side: the words of streams and replies. The markets differ in hosts,
// paths, weights and in how book messages are chained, which is data of their own folders.
//
// Pure functions over a parsed text. The `add_*` functions return false if something cannot be understood; what they
// appended until then is taken back by the caller.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "calypte/result.hpp"
#include "calypte/time.hpp"
#include "calypte/trading_rule.hpp"

#include "venue/json.hpp"
#include "venue/records.hpp"
#include "venue/requests.hpp"
#include "venue/spec.hpp"

namespace calypte::connector::binance {

/// The public requests of one market.
struct PublicPaths {
  std::string_view instruments;
  std::string_view depth;
  std::string_view prices;
  std::string_view time;
  std::uint32_t depth_limit = 1000;  ///< levels a side
};

/// The path of a public request, which is the name of its rate limit as well; empty for any other request.
[[nodiscard]] std::string_view path_of(const PublicPaths& paths, const venue::Request& request) noexcept;
/// A time in milliseconds; empty if it is absent or none.
[[nodiscard]] std::optional<Time> read_ms(venue::json::Value value) noexcept;

/// `unsupported` for what is not public.
[[nodiscard]] Result<venue::WireRequest> encode_public(const PublicPaths& paths, const venue::Request& request);

/// The reply to a book request. The venue does not repeat the symbol, so `symbol` must live as long as the records.
[[nodiscard]] bool add_depth_reply(venue::json::Value root, std::string_view symbol, std::uint32_t depth,
                                   venue::Records& out);
[[nodiscard]] bool add_last_prices(venue::json::Value root, venue::Records& out);
[[nodiscard]] bool add_server_time(venue::json::Value root, venue::Records& out);
/// One entry of the instrument list, which becomes an `Instrument` or a `BadInstrument`.
void add_instrument(venue::json::Value symbol, bool tradable, venue::Records& out);

/// One frame of the market streams, with or without the wrapper that names its stream.
[[nodiscard]] Status decode_market_frame(venue::json::Value root, venue::Records& out);

/// The streams of one market: what is appended to the lower-case symbol.
struct StreamNames {
  std::string_view depth;
  std::string_view trades;
  std::string_view ticker;
  std::string_view funding = {};  ///< mark price and funding rate; empty: the market has none
};
void subscribe_market(const StreamNames& names, std::uint32_t per_frame,
                      std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                      venue::Frames& out);

}  // namespace calypte::connector::binance
