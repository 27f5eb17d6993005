// What Binance signs, and whether a signature is right.
#pragma once

#include <string>
#include <string_view>

#include "sim/dialects/binance/parameters.hpp"

namespace calypte::sim::binance {

/// A query string or form body without its `signature` parameter, otherwise byte for byte as received.
[[nodiscard]] std::string without_signature(std::string_view encoded);
/// What is signed of a WebSocket API request: all parameters but the signature, sorted by name. Values are taken as
/// they are, or percent-encoded as the venue's own client library signs them.
[[nodiscard]] std::string sorted_payload(const Parameters& parameters, bool percent_encoded);
/// Hexadecimal in either case.
[[nodiscard]] bool hmac_matches(std::string_view secret, std::string_view payload, std::string_view signature);
/// Base64; the public key is 32 bytes in hex.
[[nodiscard]] bool ed25519_matches(std::string_view public_key_hex, std::string_view payload,
                                   std::string_view signature);

}  // namespace calypte::sim::binance
