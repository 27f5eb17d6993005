// The least that a test needs to talk to a JSON-RPC server on loopback: one connection, kept open, one request at a
// time. The transport of the library is not used, since it is among what is tested.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace calypte::test {

class LocalHttp {
 public:
  explicit LocalHttp(std::uint16_t port) : port_(port) {}
  ~LocalHttp();
  LocalHttp(const LocalHttp&) = delete;
  LocalHttp& operator=(const LocalHttp&) = delete;

  /// The body of the answer to a POST of JSON. Throws `std::runtime_error` if there is none within a minute.
  std::string post(std::string_view body);

 private:
  void connect();
  void disconnect() noexcept;
  void send(std::string_view text);
  std::string receive();

  std::uint16_t port_;
  int socket_ = -1;
};

}  // namespace calypte::test
