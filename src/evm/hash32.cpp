#include "evm/hash32.hpp"

#include "evm/hex.hpp"

namespace calypte::evm {

Result<Hash32> Hash32::parse(std::string_view text) {
  Hash32 hash;
  if (!from_hex(text, hash.bytes)) return Status(StatusCode::malformed, "not 32 bytes in hexadecimal");
  return hash;
}

std::string Hash32::to_string() const { return to_hex(bytes); }

}  // namespace calypte::evm
