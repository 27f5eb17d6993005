// Requests on their way out and answers on their way in, by REST and by the WebSocket API: what stands around the words
// of a market. Both ways end in the same reader of the market's replies.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "connector/house/binance/binance_auth.hpp"
#include "connector/house/binance/binance_errors.hpp"
#include "venue/json.hpp"
#include "venue/records.hpp"
#include "venue/spec.hpp"
#include "venue/venue.hpp"

namespace calypte::connector::binance {

// Rows that the table of a market must have to hear of their use: weight of the address, orders of the account.
inline constexpr std::string_view kWeightPool = "weight";
inline constexpr std::string_view kOrdersPer10s = "orders_10s";
inline constexpr std::string_view kOrdersPerMinute = "orders_1m";
inline constexpr std::string_view kOrdersPerDay = "orders_1d";

/// What a request needs as proof of who asks.
enum class Proof : std::uint8_t { none, key, signature };
/// Where a request goes.
struct Endpoint {
  std::string_view name;  ///< of its row of limits; where it can go by frame also the method there
  venue::HttpMethod method = venue::HttpMethod::get;
  std::string_view path;
  Proof proof = Proof::signature;
  bool by_frame = false;
};

/// All parameters go into the query.
[[nodiscard]] Result<venue::WireRequest> encode_call(const Endpoint& endpoint, const Parameters& parameters,
                                                     BinanceAuth& auth, const venue::Stamp& stamp);
/// The frame for the order entry stream, with recvWindow; `unsupported` where the endpoint goes by REST only.
[[nodiscard]] Result<std::string> encode_call_frame(const Endpoint& endpoint, Parameters parameters, BinanceAuth& auth,
                                                    const venue::Stamp& stamp);

/// What differs between the markets when an answer is read.
struct Reading {
  Market market = Market::spot;
  std::span<const venue::RateLimit> limits;  ///< the market's table: use is told of its rows alone
  /// Appends the records of a positive reply; false if it cannot be understood. `reply` is the body, or `result` of a
  /// frame.
  bool (*add_reply)(const venue::Request& asked, venue::json::Value reply, venue::Records& out);
};
/// A REST reply whose body was parsed to `root` (missing where that failed). Appends how much of the limits is used,
/// also with a failure.
[[nodiscard]] Status read_reply(const Reading& reading, const venue::Request& asked, const venue::WireReply& reply,
                                venue::json::Value root, venue::Records& out);
/// A frame of the order entry stream, as `Venue::decode_answer` wants it.
[[nodiscard]] Result<std::optional<venue::Answer>> read_answer(const Reading& reading, venue::json::Value root,
                                                               const venue::AskedRequests& asked, venue::Records& out);
/// The list `rateLimits` of a frame.
void add_used_limits(std::span<const venue::RateLimit> limits, venue::json::Value list, venue::Records& out);

}  // namespace calypte::connector::binance
