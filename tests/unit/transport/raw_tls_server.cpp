#include "unit/transport/raw_tls_server.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/write.hpp>
#include <openssl/evp.h>
#include <utility>
#include <vector>

#include "transport/loop_impl.hpp"
#include "transport/socket.hpp"

namespace calypte::transport::testing {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// RFC 6455, 4.2.2: the answer to the key of a WebSocket's handshake.
std::string accept_word(const std::string& head) {
  const std::string name = "Sec-WebSocket-Key: ";
  const auto at = head.find(name);
  if (at == std::string::npos) return {};
  const auto from = at + name.size();
  const std::string text = head.substr(from, head.find("\r\n", from) - from) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 32> base64{};
  const int size = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(size)};
}

}  // namespace

struct RawTlsServer::Impl : std::enable_shared_from_this<RawTlsServer::Impl> {
  struct Connection {
    explicit Connection(Socket socket) : stream(std::move(socket)) {}
    Socket stream;
    std::string head;
    std::string answer;
    int answered = 0;
  };
  using ConnectionPtr = std::shared_ptr<Connection>;

  Impl(Loop& loop, const TestCertificates& certificates, RawScript s)
      : script(std::move(s)), acceptor(loop.impl().context, {asio::ip::address_v4::loopback(), 0}) {
    tls.use_certificate_chain(asio::buffer(certificates.certificate_pem));
    tls.use_private_key(asio::buffer(certificates.private_key_pem), asio::ssl::context::pem);
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (error) return;
      ++self->connections;
      const auto connection = std::make_shared<Connection>(self->script.plain ? Socket(std::move(socket))
                                                                              : Socket(std::move(socket), self->tls));
      self->open.push_back(connection);
      self->accept();
      if (!self->script.handshake) return;
      auto* const secure = connection->stream.tls();
      if (secure == nullptr) return self->read(connection);
      secure->async_handshake(asio::ssl::stream_base::server, [self, connection](error_code failed) {
        if (!failed) self->read(connection);
      });
    });
  }

  void read(const ConnectionPtr& connection) {
    asio::async_read_until(connection->stream, asio::dynamic_buffer(connection->head), "\r\n\r\n",
                           [self = shared_from_this(), connection](error_code error, std::size_t size) {
                             self->received += connection->head;
                             if (error) {
                               ++self->closed_by_peer;
                               return;
                             }
                             self->answer(connection, size);
                           });
  }

  void answer(const ConnectionPtr& connection, std::size_t size) {
    const std::string head = connection->head.substr(0, size);
    connection->head.erase(0, size);
    if (connection->answered++ >= script.answers) return last(connection);
    connection->answer = script.answer;
    if (script.web_socket) {
      connection->answer =
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: " +
          accept_word(head) + "\r\n\r\n" + script.answer;
    }
    asio::async_write(connection->stream, asio::buffer(connection->answer),
                      [self = shared_from_this(), connection](error_code error, std::size_t) {
                        if (error) return;
                        if (connection->answered >= self->script.answers) return self->last(connection);
                        self->read(connection);
                      });
  }

  void last(const ConnectionPtr& connection) {
    if (!script.reads_on) return;
    if (!script.close_at_end) return read(connection);
    if (auto* const secure = connection->stream.tls(); secure != nullptr && script.polite_close) {
      secure->async_shutdown([connection](error_code) { cut(*connection); });
      return;
    }
    cut(*connection);
  }

  static void cut(Connection& connection) {
    error_code ignored;
    connection.stream.next_layer().close(ignored);
  }

  RawScript script;
  asio::ssl::context tls{asio::ssl::context::tls_server};
  tcp::acceptor acceptor;
  std::vector<ConnectionPtr> open;
  int connections = 0;
  int closed_by_peer = 0;
  std::string received;
};

RawTlsServer::RawTlsServer(Loop& loop, const TestCertificates& certificates, RawScript script)
    : impl_(std::make_shared<Impl>(loop, certificates, std::move(script))) {
  impl_->accept();
}

RawTlsServer::~RawTlsServer() {
  error_code ignored;
  impl_->acceptor.close(ignored);
  cut_all();
}

std::uint16_t RawTlsServer::port() const { return impl_->acceptor.local_endpoint().port(); }
int RawTlsServer::connections() const { return impl_->connections; }
int RawTlsServer::closed_by_peer() const { return impl_->closed_by_peer; }
const std::string& RawTlsServer::received() const { return impl_->received; }
void RawTlsServer::cut_all() {
  for (const auto& connection : std::exchange(impl_->open, {})) Impl::cut(*connection);
}

std::uint16_t closed_port() {
  asio::io_context context;
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  return acceptor.local_endpoint().port();
}

}  // namespace calypte::transport::testing
