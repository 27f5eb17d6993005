// Opens one verified TLS connection: look-up, TCP, handshake. The only place where a client's socket is made, so the
// only place where a peer's identity is checked. Includes Asio's TLS: for the .cpp files of this room only.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/loop.hpp"
#include "transport/tls_context.hpp"
#include "transport/url.hpp"

namespace calypte::transport {

using TlsSocket = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

struct TlsContext {
  boost::asio::ssl::context ssl{boost::asio::ssl::context::tls_client};
  /// Names are not looked up: "localhost" is 127.0.0.1 and ::1, and nothing but loopback addresses is connected to.
  bool loopback_only = false;
};

/// One attempt. It ends with exactly one call of `done`, unless `cancel` came first; never from inside `start`.
class TlsDial : public std::enable_shared_from_this<TlsDial> {
 public:
  struct Dialled {
    std::unique_ptr<TlsSocket> socket;  ///< empty: the attempt failed
    std::string failure;                ///< "tls: certificate verify failed (...)": phase and error
  };
  using Done = std::function<void(Dialled)>;

  static std::shared_ptr<TlsDial> start(Loop& loop, std::shared_ptr<TlsContext> tls, const Url& url, Time deadline,
                                        Done done);
  void cancel();

 private:
  using tcp = boost::asio::ip::tcp;
  TlsDial(Loop& loop, std::shared_ptr<TlsContext> tls, const Url& url, Done done);
  void resolve();
  void connect(std::vector<tcp::endpoint> endpoints);
  void handshake();
  void finish(Dialled dialled);
  void fail(const std::string& error);

  std::shared_ptr<TlsContext> tls_;
  Url url_;
  Done done_;
  const char* phase_ = "resolve";
  tcp::resolver resolver_;
  boost::asio::steady_timer timer_;
  std::vector<tcp::endpoint> endpoints_;
  std::unique_ptr<TlsSocket> socket_;
};

}  // namespace calypte::transport
