// Opens one connection: look-up, TCP, and for all but a plain URL the TLS handshake. The only place where a client's
// socket is made, so the only place where a peer's identity is checked. Includes Asio's TLS: for the .cpp files of this
// room only.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/loop.hpp"
#include "transport/socket.hpp"
#include "transport/tls_context.hpp"
#include "transport/url.hpp"

namespace calypte::transport {

struct TlsContext {
  boost::asio::ssl::context ssl{boost::asio::ssl::context::tls_client};
};

/// One attempt. "localhost" is not looked up: it is 127.0.0.1 and ::1, whatever a resolver says. The attempt ends with
/// exactly one call of `done`, unless `cancel` came first; never from inside `start`.
class Dial : public std::enable_shared_from_this<Dial> {
 public:
  struct Dialled {
    std::unique_ptr<Socket> socket;  ///< empty: the attempt failed
    std::string failure;             ///< "tls: certificate verify failed (...)": phase and error
  };
  using Done = std::function<void(Dialled)>;

  static std::shared_ptr<Dial> start(Loop& loop, std::shared_ptr<TlsContext> tls, const Url& url, Time deadline,
                                     Done done);
  void cancel();

 private:
  using tcp = boost::asio::ip::tcp;
  Dial(Loop& loop, std::shared_ptr<TlsContext> tls, const Url& url, Done done);
  void resolve();
  void connect(std::vector<tcp::endpoint> endpoints);
  void handshake(Socket::Tls& tls);
  void finish(Dialled dialled);
  void fail(const std::string& error);

  std::shared_ptr<TlsContext> tls_;
  Url url_;
  Done done_;
  const char* phase_ = "resolve";
  tcp::resolver resolver_;
  boost::asio::steady_timer timer_;
  std::vector<tcp::endpoint> endpoints_;
  std::unique_ptr<Socket> socket_;
};

}  // namespace calypte::transport
