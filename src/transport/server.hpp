// The server side: HTTPS and WebSocket over TLS on one loopback port, in front of a `venue::WireServer`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "calypte/log.hpp"
#include "calypte/result.hpp"

#include "transport/loop.hpp"
#include "venue/server_wire.hpp"

namespace calypte::transport {

/// A throw-away certificate authority and a server certificate for localhost, 127.0.0.1 and ::1, made at run time.
/// The CA's certificate is written to a file for clients; the keys stay in memory.
class TestCertificates {
 public:
  struct Options {
    Duration valid_for = std::chrono::hours{24};
    Duration valid_from_offset = -std::chrono::hours{1};  ///< from now; tests make expired and future ones
    std::string host_name = "localhost";                  ///< tests make wrong ones
  };
  static Result<TestCertificates> create(const std::string& ca_file, Options options);
  static Result<TestCertificates> create(const std::string& ca_file) { return create(ca_file, Options{}); }

  std::string ca_file;
  std::string certificate_pem;
  std::string private_key_pem;
};

struct ServerOptions {
  std::uint16_t port = 0;  ///< 0: a free one
  std::size_t max_frame_bytes = 1U << 20U;
};

class Server {
 public:
  /// Listens on 127.0.0.1 (and ::1 where the machine has it) and serves until destroyed, which calls
  /// `wire` no more. A reader for which more than 64 MiB wait is dropped. `denied` if it cannot listen.
  static Result<std::unique_ptr<Server>> create(Loop& loop, venue::WireServer& wire,
                                                const TestCertificates& certificates, ServerOptions options = {},
                                                LogSink& log = null_log());
  virtual ~Server() = default;
  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;
  /// Carries out what `wire.actions()` holds; called by the server itself after each of its own calls into `wire`, and
  /// by an owner that called `wire` directly.
  virtual void flush() = 0;

 protected:
  Server() = default;
};

}  // namespace calypte::transport
