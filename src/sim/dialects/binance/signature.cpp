#include "sim/dialects/binance/signature.hpp"

#include <algorithm>
#include <charconv>

#include "venue/crypto.hpp"
#include "venue/ed25519.hpp"
#include "venue/query_string.hpp"

namespace calypte::sim::binance {
namespace {

constexpr std::string_view kSignature = "signature=";

/// Empty if it is not hexadecimal.
std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    if (error != std::errc{} || end != text.data() + i + 2) return {};
    bytes += static_cast<char>(value);
  }
  return bytes;
}

}  // namespace

std::string without_signature(std::string_view encoded) {
  std::string kept;
  while (!encoded.empty()) {
    const std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(encoded.size(), pair.size() + 1));
    if (pair.substr(0, kSignature.size()) == kSignature) continue;
    if (!kept.empty()) kept += '&';
    kept += pair;
  }
  return kept;
}

std::string sorted_payload(const Parameters& parameters, bool percent_encoded) {
  std::string payload;
  for (const auto& [name, value] : parameters.all()) {
    if (name == "signature") continue;
    if (!payload.empty()) payload += '&';
    payload += name;
    payload += '=';
    if (percent_encoded) {
      venue::append_percent_encoded(payload, value);
    } else {
      payload += value;
    }
  }
  return payload;
}

bool hmac_matches(std::string_view secret, std::string_view payload, std::string_view signature) {
  venue::HmacSha256 hmac;
  const auto digest = hmac.sign(Secret(std::string(secret)), payload);
  if (!digest) return false;
  std::string lower(signature);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower == venue::to_hex(*digest);
}

bool ed25519_matches(std::string_view public_key_hex, std::string_view payload, std::string_view signature) {
  const auto raw = venue::from_base64(signature);
  return raw && venue::ed25519_verify(from_hex(public_key_hex), payload, *raw);
}

}  // namespace calypte::sim::binance
