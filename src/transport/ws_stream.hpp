// One WebSocket, over TLS unless its URL is plain, from the dial to the end. It ends once and is not opened again: a
// reconnect is a new one.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "calypte/time.hpp"

#include "transport/loop.hpp"
#include "transport/tls_context.hpp"
#include "transport/url.hpp"
#include "venue/wire.hpp"

namespace calypte::transport {

/// Called on the loop's thread, never from inside a call of the stream.
class WsEvents {
 public:
  virtual ~WsEvents() = default;
  virtual void on_up(Time now) = 0;
  /// Last call. "read: Connection reset by peer"
  virtual void on_down(const std::string& reason, Time now) = 0;
  virtual void on_frame(venue::Bytes frame, Time received) = 0;
  virtual void on_alive(Time now) = 0;
};

struct WsLimits {
  Duration connect_limit{};
  Duration write_limit{};
  std::size_t max_frame_bytes = 0;
  std::size_t max_send_queue = 0;
};

class WsStream {
 public:
  /// Starts to connect. `events` must outlive the stream or its `close`/`drop`, after which it is not called again.
  static std::shared_ptr<WsStream> open(Loop& loop, std::shared_ptr<TlsContext> tls, const Url& url, WsLimits limits,
                                        WsEvents& events);
  virtual ~WsStream() = default;
  /// Frames given before the stream is up are sent when it is.
  virtual void send(std::string text) = 0;
  virtual void ping() = 0;
  /// Sends what is queued and a close frame, and lets go after a second at most.
  virtual void close() = 0;
  virtual void drop() = 0;  ///< closes the socket at once

 protected:
  WsStream() = default;
};

}  // namespace calypte::transport
