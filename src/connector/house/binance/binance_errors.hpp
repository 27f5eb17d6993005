// What the error codes of Binance mean, and what an answer says of the request that it answers.
//
// The rule behind it all: a 4xx is a refusal; behind a 5xx or 408, and with some codes, nobody knows whether an order
// took effect, except where the manual of the market says that it certainly did not.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "calypte/result.hpp"

#include "venue/json.hpp"
#include "venue/requests.hpp"
#include "venue/wire.hpp"

namespace calypte::connector::binance {

/// The same code may mean different things on the two.
enum class Market : std::uint8_t { spot, usd_m };

/// A request that changes something, so that a missing answer leaves its outcome in doubt.
[[nodiscard]] bool has_effect(const venue::Request& request) noexcept;

/// An answer, by whatever way it came. `code` is absent where the venue did not speak (a page of a gateway).
struct Verdict {
  int http_status = 200;
  std::optional<std::int64_t> code;
  std::string_view message;
  std::optional<Time> retry_at;
};

/// An element of the reply to a batch is judged with status 200. ok for no code, 0 or 200, and where the venue says
/// that there was nothing to change.
[[nodiscard]] Status judge(Market market, const venue::Request& asked, const Verdict& answer);
/// A REST reply; `root` is missing where its body is no JSON.
[[nodiscard]] Status judge_reply(Market market, const venue::Request& asked, const venue::WireReply& reply,
                                 venue::json::Value root);
/// A frame {"id","status","result"|"error"} of the WebSocket API.
[[nodiscard]] Status judge_frame(Market market, const venue::Request& asked, venue::json::Value root);

}  // namespace calypte::connector::binance
