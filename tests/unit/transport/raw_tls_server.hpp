// A server that misbehaves as it is told: it knows no HTTP, only where a request's head ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "transport/loop.hpp"
#include "transport/server.hpp"

namespace calypte::transport::testing {

struct RawScript {
  bool plain = false;         ///< without TLS
  bool handshake = true;      ///< false: accepts TCP and stays silent
  int answers = 1'000'000;    ///< how many requests a connection answers before it does what comes last
  std::string answer = {};    ///< the bytes of a whole or half reply
  bool web_socket = false;    ///< the answer is a valid upgrade, followed by `answer`
  bool reads_on = true;       ///< false: nothing is read any more after the last answer
  bool close_at_end = true;   ///< after the last answer: cut the connection; false: stay silent
  bool polite_close = false;  ///< with TLS's notice of the end
};

class RawTlsServer {
 public:
  RawTlsServer(Loop& loop, const TestCertificates& certificates, RawScript script);
  ~RawTlsServer();
  RawTlsServer(const RawTlsServer&) = delete;
  RawTlsServer& operator=(const RawTlsServer&) = delete;
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] int connections() const;  ///< accepted
  [[nodiscard]] int closed_by_peer() const;
  [[nodiscard]] const std::string& received() const;  ///< decrypted, of all connections
  void cut_all();                                     ///< closes what is open

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

/// A port of 127.0.0.1 on which nothing listens.
[[nodiscard]] std::uint16_t closed_port();

}  // namespace calypte::transport::testing
