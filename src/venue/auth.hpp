// Signing.
#pragma once

#include <string>

#include "calypte/result.hpp"

#include "venue/requests.hpp"
#include "venue/wire.hpp"

namespace calypte::venue {

/// Adds what a venue wants as proof of who asks. Pure: the stamp brings time, nonce and keys. An implementation may
/// keep a prepared key context for the credentials it saw last.
class Auth {
 public:
  virtual ~Auth() = default;
  Auth(const Auth&) = delete;
  Auth& operator=(const Auth&) = delete;
  /// Signs a REST request in place: its target, headers or body.
  virtual Status sign(WireRequest& request, const Stamp& stamp) = 0;
  /// The frame that logs a user stream in; `unsupported` where the venue has none.
  virtual Result<std::string> login_frame(std::uint64_t id, const Stamp& stamp) = 0;

 protected:
  Auth() = default;
};

}  // namespace calypte::venue
