// Signs for Binance, every market: the parameters of a request in both forms that the venue takes, and the signer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "venue/auth.hpp"
#include "venue/crypto.hpp"

namespace calypte::connector::binance {

/// How long the venue accepts a request after its time stamp.
inline constexpr std::int64_t kReceiveWindowMs = 5000;

/// The parameters of one request, in the order in which they were added. Names must be constants.
class Parameters {
 public:
  Parameters& add(std::string_view name, std::string_view text) {
    list_.push_back({name, std::string(text), false});
    return *this;
  }
  Parameters& add_integer(std::string_view name, std::int64_t value) { return add_digits(name, std::to_string(value)); }
  /// An integer that is a text already. Precondition: it is one.
  Parameters& add_digits(std::string_view name, std::string_view digits) {
    list_.push_back({name, std::string(digits), true});
    return *this;
  }

  /// "name=value&name=value", percent-encoded: for a URL, and what is signed there.
  [[nodiscard]] std::string query() const;
  /// {"name":"value","name":7}: for frames and for lists of orders.
  [[nodiscard]] std::string json() const;
  /// What is signed in a frame: sorted by name, not encoded.
  [[nodiscard]] std::string payload() const;

 private:
  struct Parameter {
    std::string_view name;
    std::string value;
    bool integer = false;
  };
  std::vector<Parameter> list_;
};

/// One thread. Keeps the prepared key of the credentials that it saw last. The kind of key is told by the secret: a
/// text in PEM is an Ed25519 key (RSA is refused), anything else the secret of an HMAC key. All functions give
/// `denied` without credentials or with a key that cannot be used.
class BinanceAuth : public venue::Auth {
 public:
  /// `login_method` opens the private stream of the market; empty: the market has no login frame.
  explicit BinanceAuth(std::string_view login_method = {}) noexcept : login_method_(login_method) {}

  /// Appends recvWindow, timestamp and, last, the signature: to the body if there is one, else to the query. What is
  /// signed is the query, directly followed by the body. Adds the header with the key.
  Status sign(venue::WireRequest& request, const venue::Stamp& stamp) override;
  /// Adds the header alone, for requests that want a key and no signature.
  static Status add_key(venue::WireRequest& request, const venue::Stamp& stamp);
  /// The frame {"id":..,"method":..,"params":{..}} with apiKey, timestamp and signature.
  Result<std::string> frame(std::uint64_t id, std::string_view method, Parameters parameters,
                            const venue::Stamp& stamp);
  Result<std::string> login_frame(std::uint64_t id, const venue::Stamp& stamp) override;

  /// HMAC-SHA-256 in hex, or Ed25519 in base64.
  Result<std::string> signature(std::string_view payload, const Credentials& credentials);

 private:
  std::string_view login_method_;
  venue::HmacSha256 mac_;
  venue::Ed25519 ed25519_;
};

}  // namespace calypte::connector::binance
