// TLS, or bare TCP where both ends are on this machine, under one type: so HTTP and WebSocket are written, and
// compiled, once for both. Includes Asio's TLS: for the .cpp files of this room only.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <utility>
#include <variant>

namespace calypte::transport {

/// Which of the two it is, is said once, when it is made. A stream in the sense of Asio and Beast, for plain callbacks.
class Socket {
 public:
  using Tcp = boost::asio::ip::tcp::socket;
  using Tls = boost::asio::ssl::stream<Tcp>;
  using executor_type = Tcp::executor_type;
  using next_layer_type = Tcp;

  explicit Socket(Tcp bare) : either_(std::move(bare)) {}
  Socket(Tcp tcp, boost::asio::ssl::context& context) : either_(std::in_place_type<Tls>, std::move(tcp), context) {}

  /// Null for bare TCP. Nothing may be read or written before its handshake.
  [[nodiscard]] Tls* tls() noexcept { return std::get_if<Tls>(&either_); }
  [[nodiscard]] Tcp& next_layer() noexcept {
    auto* const secure = tls();
    return secure != nullptr ? secure->next_layer() : *std::get_if<Tcp>(&either_);
  }
  [[nodiscard]] executor_type get_executor() noexcept { return next_layer().get_executor(); }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (auto* const secure = tls()) {
      secure->async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      next_layer().async_read_some(buffers, std::forward<Handler>(handler));
    }
  }
  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (auto* const secure = tls()) {
      secure->async_write_some(buffers, std::forward<Handler>(handler));
    } else {
      next_layer().async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

 private:
  std::variant<Tcp, Tls> either_;
};

/// How Beast ends a WebSocket's connection; it finds this by its name.
template <typename Handler>
void async_teardown(boost::beast::role_type role, Socket& socket, Handler&& handler) {
  using boost::beast::websocket::async_teardown;
  if (auto* const secure = socket.tls()) {
    async_teardown(role, *secure, std::forward<Handler>(handler));
  } else {
    async_teardown(role, socket.next_layer(), std::forward<Handler>(handler));
  }
}

}  // namespace calypte::transport
