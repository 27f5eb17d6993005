#include "venue/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <utility>

namespace calypte::venue {

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

namespace {
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8U | (k < count ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += k <= count ? kBase64[group >> (18U - 6U * k) & 63U] : '=';
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const bool filler = i + k >= text.size() - padding;
      const std::size_t value = filler ? 0 : kBase64.find(text[i + k]);
      if (value == std::string_view::npos) return std::nullopt;
      group = group << 6U | static_cast<std::uint32_t>(value);
    }
    const std::size_t count = i + 4 == text.size() ? 3 - padding : 3;
    for (std::size_t k = 0; k < count; ++k) out += static_cast<char>(group >> (16U - 8U * k) & 255U);
    // Bits behind the last byte must be zero, so that every text has one form.
    if (count < 3 && (group & ((1U << 8U * (3 - count)) - 1)) != 0) return std::nullopt;
  }
  return out;
}

struct HmacSha256::Context {
  EVP_MAC* mac = nullptr;
  EVP_MAC_CTX* context = nullptr;
  Secret key;
  bool prepared = false;

  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
  }
  bool prepare(const Secret& new_key) {
    if (prepared && key.reveal() == new_key.reveal()) return EVP_MAC_init(context, nullptr, 0, nullptr) == 1;
    prepared = false;
    if (mac == nullptr) mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    if (mac == nullptr) return false;
    if (context == nullptr) context = EVP_MAC_CTX_new(mac);
    if (context == nullptr) return false;
    std::array<char, 7> digest{"SHA256"};
    const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                            OSSL_PARAM_construct_end()};
    // A null key would mean "the key before", so an empty one needs an address.
    const std::string_view text = new_key.reveal();
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.empty() ? "" : text.data());
    if (EVP_MAC_init(context, bytes, text.size(), params.data()) != 1) return false;
    key = new_key.clone();
    prepared = true;
    return true;
  }
};

HmacSha256::HmacSha256() : context_(std::make_unique<Context>()) {}
HmacSha256::~HmacSha256() = default;

std::optional<Sha256Digest> HmacSha256::sign(const Secret& key, std::string_view message) {
  Sha256Digest digest{};
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  if (!context_->prepare(key) || EVP_MAC_update(context_->context, bytes, message.size()) != 1 ||
      EVP_MAC_final(context_->context, digest.data(), &size, digest.size()) != 1 || size != digest.size()) {
    context_->prepared = false;
    return std::nullopt;
  }
  return digest;
}

struct Ed25519::Context {
  EVP_PKEY* key = nullptr;
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  Secret pem;

  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    EVP_MD_CTX_free(digest);
    EVP_PKEY_free(key);
  }

  static Status unusable(std::string_view why) {
    return {StatusCode::denied, FailureReason::authentication, std::string(why)};
  }

  Status prepare(const Secret& new_pem) {
    const std::string_view text = new_pem.reveal();
    if (key != nullptr && pem.reveal() == text) return {};
    EVP_PKEY_free(std::exchange(key, nullptr));
    BIO* memory = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
    // Without a callback of ours the library would ask at the terminal for the password of an encrypted key.
    const auto no_password = [](char*, int, int, void*) { return -1; };
    EVP_PKEY* read = memory == nullptr ? nullptr : PEM_read_bio_PrivateKey(memory, nullptr, no_password, nullptr);
    BIO_free(memory);
    if (read == nullptr) return unusable("the private key is no readable, unencrypted PKCS#8 PEM");
    if (EVP_PKEY_get_id(read) != EVP_PKEY_ED25519) {
      EVP_PKEY_free(read);
      return unusable("the private key is no Ed25519 key; RSA keys are not supported");
    }
    key = read;
    pem = new_pem.clone();
    return {};
  }
};

Ed25519::Ed25519() : context_(std::make_unique<Context>()) {}
Ed25519::~Ed25519() = default;

Result<Ed25519Signature> Ed25519::sign(const Secret& pem, std::string_view message) {
  Context& context = *context_;
  Status status = context.prepare(pem);
  Ed25519Signature signature{};
  std::size_t size = signature.size();
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  if (status.ok() && (context.digest == nullptr || EVP_MD_CTX_reset(context.digest) != 1 ||
                      EVP_DigestSignInit(context.digest, nullptr, nullptr, nullptr, context.key) != 1 ||
                      EVP_DigestSign(context.digest, signature.data(), &size, bytes, message.size()) != 1 ||
                      size != signature.size())) {
    status = Context::unusable("the message could not be signed");
  }
  // Failures queue up in the library for this thread, where the next TLS read would take them for its own.
  ERR_clear_error();
  if (!status.ok()) return status;
  return signature;
}

}  // namespace calypte::venue
