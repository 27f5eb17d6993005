// Kept HTTPS connections to one host (for a plain URL: HTTP), one request at a time on each. Knows for each request
// whether a byte of it may have left.
#pragma once

#include <functional>
#include <memory>

#include "calypte/log.hpp"
#include "calypte/time.hpp"

#include "transport/loop.hpp"
#include "transport/tls_context.hpp"
#include "transport/url.hpp"
#include "venue/wire.hpp"

namespace calypte::transport {

struct HttpLimits {
  Duration connect_limit{};
  Duration idle_close{};
  std::size_t max_reply_bytes = 0;
  std::size_t max_connections = 0;
};

class HttpPool {
 public:
  /// Called once for each request, on the loop's thread, never from inside a call of the pool.
  using Told = std::function<void(venue::RequestId, const venue::RequestOutcome&)>;

  /// At most this many requests wait for a connection; a further one is `not_sent`.
  static constexpr std::size_t kMaxWaiting = 10'000;

  /// `base.path` is the prefix of every target. `log` and `told` are not used after the pool is destroyed.
  static std::shared_ptr<HttpPool> create(Loop& loop, std::shared_ptr<TlsContext> tls, const Url& base,
                                          HttpLimits limits, LogSink& log, Told told);
  virtual ~HttpPool() = default;
  /// A request that would not be well-formed HTTP, or that sets a header which belongs to the transport, is `not_sent`.
  virtual void send(venue::RequestId id, const venue::WireRequest& request, Duration limit) = 0;
  /// Ends every request, those that wait as `not_sent` and those that are written as `unknown`; further ones are
  /// `not_sent`.
  virtual void shut_down() = 0;
  /// Ends everything without telling.
  virtual void drop() = 0;

 protected:
  HttpPool() = default;
};

}  // namespace calypte::transport
