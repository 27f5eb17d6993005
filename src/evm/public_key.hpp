// From a public key to an address; for signature.cpp and signer.cpp.
#pragma once

#include <array>
#include <cstdint>

#include "evm/address.hpp"

namespace calypte::evm {

/// Of an uncompressed key (0x04, x, y): the last 20 bytes of the hash of x and y.
[[nodiscard]] Address address_of(const std::array<std::uint8_t, 65>& public_key);

}  // namespace calypte::evm
