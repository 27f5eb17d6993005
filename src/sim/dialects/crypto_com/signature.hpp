// The digital signature as the venue checks it: computed from the request as it was received.
//
// Written from the venue's rules and independent of the connector, so that the two check each other.
#pragma once

#include <string>
#include <string_view>

#include "venue/json.hpp"

namespace calypte::sim::crypto_com {

/// method + id + api_key + parameters + nonce; keys sorted, keys and values run together, lists in order.
[[nodiscard]] std::string signature_payload(venue::json::Value request);
/// Whether `sig` of the request is the HMAC-SHA256 of the payload in hex, of either case.
[[nodiscard]] bool signature_is_valid(venue::json::Value request, std::string_view secret);

}  // namespace calypte::sim::crypto_com
