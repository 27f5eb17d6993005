// Recoverable ECDSA signatures over secp256k1. The library stays behind this header.
#pragma once

#include <cstdint>

#include "calypte/result.hpp"

#include "evm/address.hpp"
#include "evm/hash32.hpp"

namespace calypte::evm {

struct Signature {
  Hash32 r;
  Hash32 s;
  bool y_parity = false;  ///< of the point whose x is r
  friend bool operator==(const Signature&, const Signature&) = default;
};

/// True if s is not in the upper half of the group, which EIP-2 demands of transactions.
[[nodiscard]] bool has_low_s(const Signature& signature) noexcept;

/// Whose key signed the digest. `malformed` if r or s is out of range or no such key exists; a signature with a high s
/// is refused as well, as it is the second form of another one.
[[nodiscard]] Result<Address> recover_signer(const Hash32& digest, const Signature& signature);

}  // namespace calypte::evm
