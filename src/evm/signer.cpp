#include "evm/signer.hpp"

#include <algorithm>
#include <array>
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <string>
#include <utility>

#include "evm/hex.hpp"
#include "evm/public_key.hpp"

namespace calypte::evm {
namespace {

constexpr std::size_t kKeySize = 32;

const std::uint8_t* bytes_of(const Secret& key) noexcept {
  return reinterpret_cast<const std::uint8_t*>(key.reveal().data());
}

/// The raw key; empty if the text is not 64 digits. The only copy is in the result: a text of this size lives on the
/// heap, so moving it into the secret leaves nothing behind.
Secret raw_key(std::string_view digits) {
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  if (digits.size() != 2 * kKeySize) return {};
  std::string raw(kKeySize, '\0');
  bool good = true;
  for (std::size_t i = 0; i < kKeySize; ++i) {
    const int high = hex_digit(digits[2 * i]);
    const int low = hex_digit(digits[2 * i + 1]);
    good = good && high >= 0 && low >= 0;
    raw[i] = static_cast<char>(high * 16 + low);
  }
  Secret key(std::move(raw));
  return good ? std::move(key) : Secret();
}

Status refuse() {
  return {StatusCode::denied, FailureReason::authentication,
          "the private key is not 64 hexadecimal digits of a number in the range of the curve"};
}

}  // namespace

struct Signer::Context {
  Context() : library(secp256k1_context_create(SECP256K1_CONTEXT_NONE)) {}
  ~Context() { secp256k1_context_destroy(library); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  secp256k1_context* library;
  Secret key;  ///< 32 raw bytes
};

Signer::Signer(std::unique_ptr<Context> context, const Address& address) noexcept
    : context_(std::move(context)), address_(address) {}
Signer::Signer(Signer&&) noexcept = default;
Signer& Signer::operator=(Signer&&) noexcept = default;
Signer::~Signer() = default;

Result<Signer> Signer::make(const Secret& key, std::span<const std::uint8_t, 32> blinding) {
  auto context = std::make_unique<Context>();
  context->key = raw_key(key.reveal());
  if (context->key.empty() || secp256k1_ec_seckey_verify(context->library, bytes_of(context->key)) == 0) {
    return refuse();
  }
  secp256k1_pubkey public_key;
  if (secp256k1_context_randomize(context->library, blinding.data()) == 0 ||
      secp256k1_ec_pubkey_create(context->library, &public_key, bytes_of(context->key)) == 0) {
    return refuse();
  }
  std::array<std::uint8_t, 65> serialized{};
  std::size_t size = serialized.size();
  secp256k1_ec_pubkey_serialize(context->library, serialized.data(), &size, &public_key, SECP256K1_EC_UNCOMPRESSED);
  return Signer(std::move(context), address_of(serialized));
}

Result<Signature> Signer::sign(const Hash32& digest) const {
  secp256k1_ecdsa_recoverable_signature made;
  if (secp256k1_ecdsa_sign_recoverable(context_->library, &made, digest.bytes.data(), bytes_of(context_->key), nullptr,
                                       nullptr) == 0) {
    return Status(StatusCode::denied, FailureReason::authentication, "the transaction could not be signed");
  }
  std::array<std::uint8_t, 64> compact{};
  int recovery_id = 0;
  secp256k1_ecdsa_recoverable_signature_serialize_compact(context_->library, compact.data(), &recovery_id, &made);
  if (recovery_id > 1) {
    // The x of the point did not fit the group's order: one of 2^127 digests, and no transaction can say it.
    return Status(StatusCode::denied, FailureReason::authentication, "the transaction could not be signed");
  }
  Signature signature;
  std::copy_n(compact.begin(), 32, signature.r.bytes.begin());
  std::copy_n(compact.begin() + 32, 32, signature.s.bytes.begin());
  signature.y_parity = recovery_id == 1;
  return signature;
}

}  // namespace calypte::evm
