// One accepted connection: TLS, unless its socket is bare (a server's never is, those of some tests are), then HTTP
// requests one after the other, or a WebSocket.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "transport/loop.hpp"
#include "venue/server_wire.hpp"

namespace calypte::transport {

class Socket;  // socket.hpp

/// What a session asks and tells. Called on the loop's thread, never from inside a call of the session.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  virtual venue::ServerReply on_request(const venue::ServerRequest& request) = 0;
  virtual bool on_upgrade(venue::ConnectionId id, const std::string& target) = 0;
  virtual void on_text(venue::ConnectionId id, venue::Bytes text) = 0;
  /// Last call; `was_upgraded` if `on_upgrade` had returned true.
  virtual void on_end(venue::ConnectionId id, bool was_upgraded) = 0;
};

class ServerSession {
 public:
  /// What a slow reader may leave waiting; more than that ends the connection.
  static constexpr std::size_t kMaxQueuedBytes = 64U << 20U;

  static std::shared_ptr<ServerSession> start(Loop& loop, Socket socket, venue::ConnectionId id,
                                              std::size_t max_frame_bytes, SessionOwner& owner);
  virtual ~ServerSession() = default;
  // For an upgraded connection; without effect on another one.
  virtual void send(std::string text) = 0;
  virtual void ping() = 0;
  virtual void close(std::uint16_t code) = 0;  ///< after what is queued; lets go after a second at most
  /// Closes the socket at once; the owner is not called again.
  virtual void drop() = 0;

 protected:
  ServerSession() = default;
};

/// "Sun, 06 Nov 1994 08:49:37 GMT": RFC 9110, IMF-fixdate.
[[nodiscard]] std::string http_date(Time now);

}  // namespace calypte::transport
