// Hashes and text encodings that signatures are made of. OpenSSL stays behind this header.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "calypte/credentials.hpp"
#include "calypte/result.hpp"

namespace calypte::venue {

/// Lower case.
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);
/// RFC 4648 with padding.
[[nodiscard]] std::string to_base64(std::span<const std::uint8_t> bytes);
/// Empty if the text is not RFC 4648 base64 with padding.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

using Sha256Digest = std::array<std::uint8_t, 32>;

/// HMAC-SHA-256 (RFC 2104) with a context that keeps the prepared key: four times as fast as starting anew. One thread.
class HmacSha256 {
 public:
  HmacSha256();
  ~HmacSha256();
  HmacSha256(const HmacSha256&) = delete;
  HmacSha256& operator=(const HmacSha256&) = delete;

  /// Empty if the library fails, which it does only without memory. The key is prepared again only if it changed.
  [[nodiscard]] std::optional<Sha256Digest> sign(const Secret& key, std::string_view message);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

using Ed25519Signature = std::array<std::uint8_t, 64>;

/// Ed25519 (RFC 8032) with a private key in the text form of PKCS#8 ("-----BEGIN PRIVATE KEY-----"), which is read
/// again only if it changed. One thread.
class Ed25519 {
 public:
  Ed25519();
  ~Ed25519();
  Ed25519(const Ed25519&) = delete;
  Ed25519& operator=(const Ed25519&) = delete;

  /// `denied` with the reason `authentication` for a text that is no such key: unreadable, encrypted, or of another
  /// kind.
  [[nodiscard]] Result<Ed25519Signature> sign(const Secret& pem, std::string_view message);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace calypte::venue
