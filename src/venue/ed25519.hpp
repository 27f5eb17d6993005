// Checking Ed25519 signatures (RFC 8032) against raw public keys, as a simulated venue does. OpenSSL stays behind it.
#pragma once

#include <string_view>

namespace calypte::venue {

/// True if `signature` (64 raw bytes) is that of `message` under the raw public key. Anything malformed is false.
[[nodiscard]] bool ed25519_verify(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace calypte::venue
