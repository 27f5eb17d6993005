// Keccak-256 as the virtual machine uses it (the padding of the competition, not of FIPS 202).
// Crypto++ stays behind this header.
#pragma once

#include <string_view>

#include "evm/bytes.hpp"
#include "evm/hash32.hpp"

namespace calypte::evm {

[[nodiscard]] Hash32 keccak256(ByteView bytes);
[[nodiscard]] inline Hash32 keccak256(std::string_view text) { return keccak256(as_bytes(text)); }

}  // namespace calypte::evm
