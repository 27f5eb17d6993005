// The client side: HTTPS with kept connections, and WebSocket over TLS. Certificates and host names are always
// verified. To the user's own node on this machine also without TLS, where the URL says so.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "calypte/log.hpp"
#include "calypte/result.hpp"
#include "calypte/runtime.hpp"

#include "transport/loop.hpp"
#include "venue/wire.hpp"

namespace calypte::transport {

/// Everything that a client may reach. A request or stream for any other host cannot be expressed. An empty URL is no
/// endpoint: its requests end as `not_sent`, its streams as down.
struct Endpoints {
  Environment environment = Environment::local;
  std::string rest_url;           ///< https://host[:port][/base]; the path may hold a key: it is never logged
  std::string market_stream_url;  ///< wss://host[:port]/path
  std::string user_stream_url;
  std::string trade_stream_url = {};
  std::string order_stream_url = {};
  std::string ca_file;  ///< empty: the system's certificate store
  /// The addresses are those of a node that the user chose, not rows of a venue's table: any host will do in every
  /// environment. On a loopback host, and on no other, a URL may be http:// or ws://; each URL says for itself.
  bool own_node = false;
};

/// What the client tells. Called on the loop's thread, never from inside a call of the client.
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  virtual void on_stream_up(venue::StreamId stream, Time now) = 0;
  /// Also after a connect that failed; not after `close_stream`. `reason` names host, phase and error, never a secret.
  virtual void on_stream_down(venue::StreamId stream, const std::string& reason, Time now) = 0;
  /// `frame` is valid during the call.
  virtual void on_frame(venue::StreamId stream, venue::Bytes frame, Time received) = 0;
  /// A pong, or a ping of the server (answered already): a sign of life.
  virtual void on_stream_alive(venue::StreamId stream, Time now) = 0;
  /// Exactly once for each request. `outcome.reply` is valid during the call.
  virtual void on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) = 0;
};

struct ClientOptions {
  Duration connect_limit = std::chrono::seconds{10};  ///< name look-up, TCP, TLS and handshake together
  /// A frame that the other side has not taken from us within this time, or twice of it, ends the stream.
  Duration write_limit = std::chrono::seconds{10};
  std::size_t max_frame_bytes = 16U << 20U;  ///< a larger frame ends the stream
  std::size_t max_reply_bytes = 64U << 20U;
  std::size_t max_http_connections = 8;
  std::size_t max_send_queue = 10'000;  ///< frames waiting on one stream; more end it
  Duration http_idle_close = std::chrono::seconds{30};
};

class Client {
 public:
  /// `denied` for a URL that is not https/wss or does not parse, for `local` with a host that is not a loopback name or
  /// address, for another environment with one that is (for these three, see `own_node`), and for a CA file that cannot
  /// be read. `loop`, `events` and `log` must outlive the client; after its destruction, which is allowed in any
  /// callback, nothing is told any more.
  static Result<std::unique_ptr<Client>> create(Loop& loop, Endpoints endpoints, ClientEvents& events,
                                                ClientOptions options = {}, LogSink& log = null_log());
  virtual ~Client() = default;

  /// A stream that is open already is closed first, as by `close_stream`. `target` is appended to the URL of this kind
  /// of stream and may hold a key: it is never logged. One with a character that no URL has ends as down.
  virtual void open_stream(venue::StreamId stream, const std::string& target) = 0;
  void open_stream(venue::StreamId stream) { open_stream(stream, {}); }
  virtual void close_stream(venue::StreamId stream) = 0;  ///< no further callback for it
  /// Before the stream is up the frame waits. False for a stream that is not open: the frame is dropped, and no byte of
  /// it left.
  virtual bool send_frame(venue::StreamId stream, std::string text) = 0;
  virtual void send_ping(venue::StreamId stream) = 0;
  /// Never re-sends: a request whose first byte may have left and that got no complete reply is `unknown`. A kept
  /// connection that the server closed before any byte was written may be replaced by a new one.
  virtual void send_request(venue::RequestId id, venue::WireRequest request, Duration limit) = 0;
  /// Closes everything; requests in flight end as `unknown` (or `not_sent`), still through `on_outcome`.
  virtual void shut_down() = 0;

 protected:
  Client() = default;
};

}  // namespace calypte::transport
