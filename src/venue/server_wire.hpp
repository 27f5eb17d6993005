// The other side of the line: what a simulated venue receives and answers. Sans I/O, like the rest of this room, so
// that the same simulated venue runs in memory and virtual time or behind real TLS sockets.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "calypte/time.hpp"

#include "venue/wire.hpp"

namespace calypte::venue {

using ConnectionId = std::uint64_t;

struct ServerRequest {
  HttpMethod method = HttpMethod::get;
  std::string target;  ///< path and query as received
  std::vector<Header> headers;
  std::string body;
};
struct ServerReply {
  int http_status = 200;
  std::vector<Header> headers;  ///< Content-Type defaults to application/json; Date and Content-Length are added
  std::string body;
  bool cut_connection = false;  ///< send nothing and cut the connection instead: the answer is lost on the way
};

/// What a server does with its connections, in order.
struct SendText {
  ConnectionId connection = 0;
  std::string text;
};
struct SendPing {
  ConnectionId connection = 0;
};
struct CloseConnection {
  ConnectionId connection = 0;
  std::uint16_t code = 1000;
};
using ServerAction = std::variant<SendText, SendPing, CloseConnection>;

/// A venue seen from its wire. One thread; no clock of its own.
class WireServer {
 public:
  virtual ~WireServer() = default;
  WireServer(const WireServer&) = delete;
  WireServer& operator=(const WireServer&) = delete;

  virtual ServerReply on_request(const ServerRequest& request, Time now) = 0;
  /// A WebSocket was asked for at `target`; false refuses it with HTTP 404.
  virtual bool on_connect(ConnectionId connection, const std::string& target, Time now) = 0;
  virtual void on_text(ConnectionId connection, Bytes text, Time now) = 0;
  virtual void on_disconnect(ConnectionId connection, Time now) = 0;
  virtual void on_time(Time now) = 0;
  [[nodiscard]] virtual Time next_wakeup() const = 0;
  /// Drained after every call.
  [[nodiscard]] virtual std::vector<ServerAction>& actions() = 0;

 protected:
  WireServer() = default;
};

}  // namespace calypte::venue
