#include "evm/signature.hpp"

#include <algorithm>
#include <array>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "evm/keccak.hpp"
#include "evm/public_key.hpp"

namespace calypte::evm {
namespace {

/// Half of the order of the group, rounded down (SEC 2, section 2.4.1).
constexpr std::array<std::uint8_t, 32> kHalfOrder{0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                  0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4,
                                                  0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

/// The library asks for its self-test before this context is used.
const secp256k1_context* public_context() {
  static const secp256k1_context* const kContext = [] {
    secp256k1_selftest();
    return secp256k1_context_static;
  }();
  return kContext;
}

}  // namespace

Address address_of(const std::array<std::uint8_t, 65>& public_key) {
  const Hash32 hash = keccak256(ByteView(public_key).subspan(1));
  Address address;
  std::copy(hash.bytes.begin() + 12, hash.bytes.end(), address.bytes.begin());
  return address;
}

bool has_low_s(const Signature& signature) noexcept { return signature.s.bytes <= kHalfOrder; }

Result<Address> recover_signer(const Hash32& digest, const Signature& signature) {
  if (!has_low_s(signature)) return Status(StatusCode::malformed, "a signature with a high s (EIP-2)");
  std::array<std::uint8_t, 64> compact{};
  std::copy(signature.r.bytes.begin(), signature.r.bytes.end(), compact.begin());
  std::copy(signature.s.bytes.begin(), signature.s.bytes.end(), compact.begin() + 32);
  const secp256k1_context* context = public_context();
  secp256k1_ecdsa_recoverable_signature parsed;
  secp256k1_pubkey key;
  if (secp256k1_ecdsa_recoverable_signature_parse_compact(context, &parsed, compact.data(),
                                                          signature.y_parity ? 1 : 0) == 0 ||
      secp256k1_ecdsa_recover(context, &key, &parsed, digest.bytes.data()) == 0) {
    return Status(StatusCode::malformed, "a signature of nobody");
  }
  std::array<std::uint8_t, 65> serialized{};
  std::size_t size = serialized.size();
  secp256k1_ec_pubkey_serialize(context, serialized.data(), &size, &key, SECP256K1_EC_UNCOMPRESSED);
  return address_of(serialized);
}

}  // namespace calypte::evm
