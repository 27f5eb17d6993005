// Signs requests for Crypto.com: hex(HMAC-SHA-256(secret, method + id + key + parameters + nonce)).
#pragma once

#include "venue/auth.hpp"
#include "venue/crypto.hpp"
#include "venue/json.hpp"

namespace calypte::connector::crypto_com {

/// The parameters as the venue signs them: keys in ascending order, each followed by its value, lists element by
/// element, nothing between. Missing parameters give an empty text. False if they nest deeper than the venue's rule is
/// defined for.
[[nodiscard]] bool append_parameters(venue::json::Value parameters, std::string& out);

/// One thread. Keeps the prepared key of the credentials that it saw last.
class CryptoComAuth : public venue::Auth {
 public:
  /// Adds api_key, nonce and sig to the body, which holds id, method and perhaps params. The nonce is the stamp's time
  /// in milliseconds: the venue accepts 60 s to both sides and does not ask that it increases. `denied` without
  /// credentials.
  Status sign(venue::WireRequest& request, const venue::Stamp& stamp) override;
  Result<std::string> login_frame(std::uint64_t id, const venue::Stamp& stamp) override;

 private:
  Status sign_body(std::string& body, const venue::Stamp& stamp);

  venue::HmacSha256 mac_;
  venue::json::Document document_;
  venue::PaddedBuffer buffer_;
  std::string payload_;
};

}  // namespace calypte::connector::crypto_com
