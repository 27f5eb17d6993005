#include "evm/keccak.hpp"

#include <cryptopp/keccak.h>

namespace calypte::evm {

Hash32 keccak256(ByteView bytes) {
  Hash32 hash;
  CryptoPP::Keccak_256 keccak;
  keccak.CalculateDigest(hash.bytes.data(), bytes.data(), bytes.size());
  return hash;
}

}  // namespace calypte::evm
