#include "sim/dialects/crypto_com/signature.hpp"

#include <algorithm>
#include <map>

#include "venue/crypto.hpp"

namespace calypte::sim::crypto_com {
namespace {

using venue::json::Kind;
using venue::json::Value;

constexpr int kMaxLevel = 3;  ///< deeper values are taken as their text

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxLevel.
void append_value(std::string& out, Value value, int level) {
  switch (value.kind()) {
    case Kind::object: {
      if (level >= kMaxLevel) break;
      std::map<std::string, Value> sorted;
      for (const auto& [key, member] : value.members()) sorted.emplace(key, member);
      for (const auto& [key, member] : sorted) {
        out += key;
        append_value(out, member, level + 1);
      }
      return;
    }
    case Kind::array:
      if (level >= kMaxLevel) break;
      for (const Value element : value.elements()) append_value(out, element, level + 1);
      return;
    case Kind::string:
      out += value.string();
      return;
    case Kind::missing:
      return;
    case Kind::null:
    case Kind::boolean:
    case Kind::number:
      break;
  }
  out += value.text();
}

}  // namespace

std::string signature_payload(Value request) {
  std::string payload(request.find("method").string());
  payload += request.find("id").scalar();
  payload += request.find("api_key").string();
  const Value params = request.find("params");
  if (params.is_object()) append_value(payload, params, 0);
  payload += request.find("nonce").scalar();
  return payload;
}

bool signature_is_valid(Value request, std::string_view secret) {
  std::string given(request.find("sig").string());
  std::transform(given.begin(), given.end(), given.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  venue::HmacSha256 hmac;
  const auto digest = hmac.sign(Secret(std::string(secret)), signature_payload(request));
  return digest && venue::to_hex(*digest) == given;
}

}  // namespace calypte::sim::crypto_com
