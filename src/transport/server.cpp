#include "transport/server.hpp"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <openssl/ssl.h>
#include <utility>
#include <vector>

#include "transport/loop_impl.hpp"
#include "transport/server_session.hpp"
#include "transport/socket.hpp"

namespace calypte::transport {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// More connections than this are closed as soon as they are accepted.
constexpr std::size_t kMaxSessions = 1024;
/// How often a free port of one address family is tried on the other.
constexpr int kPortAttempts = 20;
/// The pause after an accept that failed, for want of descriptors for example.
constexpr auto kAcceptPause = std::chrono::milliseconds{100};

error_code listen(tcp::acceptor& acceptor, const tcp::endpoint& at) {
  error_code error;
  acceptor.open(at.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && at.protocol() == tcp::v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(at, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    error_code ignored;
    acceptor.close(ignored);
  }
  return error;
}

class ServerImpl final : public Server, private SessionOwner {
 public:
  ServerImpl(Loop& loop, venue::WireServer& wire, const ServerOptions& options, LogSink& log)
      : loop_(loop), wire_(wire), options_(options), log_(log), wakeup_(loop) {}

  ~ServerImpl() override {
    *alive_ = false;
    for (auto& [id, session] : sessions_) session->drop();
  }
  ServerImpl(const ServerImpl&) = delete;
  ServerImpl& operator=(const ServerImpl&) = delete;

  Status open(const TestCertificates& certificates) {
    error_code error;
    tls_.use_certificate_chain(asio::buffer(certificates.certificate_pem), error);
    if (!error) tls_.use_private_key(asio::buffer(certificates.private_key_pem), asio::ssl::context::pem, error);
    if (!error && SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_2_VERSION) != 1) {
      error = asio::error::operation_not_supported;
    }
    if (error) return {StatusCode::denied, "the server's certificate cannot be used: " + error.message()};

    // A port that is free on 127.0.0.1 may be taken on ::1; then another one is tried, if any will do.
    for (int attempt = 0; attempt < (options_.port == 0 ? kPortAttempts : 1); ++attempt) {
      error = listen(acceptors_[0], {asio::ip::address_v4::loopback(), options_.port});
      if (error) break;
      port_ = acceptors_[0].local_endpoint(error).port();
      error = listen(acceptors_[1], {asio::ip::address_v6::loopback(), port_});
      if (error != asio::error::address_in_use) break;
      error_code ignored;
      acceptors_[0].close(ignored);
    }
    if (!acceptors_[0].is_open()) {
      return {StatusCode::denied,
              "cannot listen on 127.0.0.1:" + std::to_string(options_.port) + ": " + error.message()};
    }
    for (auto& acceptor : acceptors_) {
      if (acceptor.is_open()) accept(acceptor);
    }
    arm();
    return {};
  }

  [[nodiscard]] std::uint16_t port() const noexcept override { return port_; }

  void flush() override {
    // A call from within is served by the loop below.
    if (is_flushing_) return;
    is_flushing_ = true;
    while (!wire_.actions().empty()) {
      batch_.clear();
      batch_.swap(wire_.actions());
      for (auto& action : batch_) std::visit([this](auto& a) { carry_out(a); }, action);
    }
    is_flushing_ = false;
    arm();
  }

 private:
  void accept(tcp::acceptor& acceptor) {
    acceptor.async_accept([this, &acceptor, alive = alive_](error_code error, tcp::socket socket) {
      if (!*alive) return;
      if (error) {
        auto pause = std::make_shared<asio::steady_timer>(loop_.impl().context, kAcceptPause);
        pause->async_wait([this, &acceptor, alive, pause](error_code) {
          if (*alive) accept(acceptor);
        });
        return;
      }
      if (sessions_.size() < kMaxSessions) {
        const auto id = ++last_id_;
        sessions_.emplace(id,
                          ServerSession::start(loop_, {std::move(socket), tls_}, id, options_.max_frame_bytes, *this));
      } else if (log_.enabled(LogLevel::warning)) {
        log_.log(LogLevel::warning, "server", "a connection was refused: there are too many");
      }
      accept(acceptor);
    });
  }

  void carry_out(venue::SendText& action) {
    if (auto* const session = find(action.connection)) session->send(std::move(action.text));
  }
  void carry_out(const venue::SendPing& action) {
    if (auto* const session = find(action.connection)) session->ping();
  }
  void carry_out(const venue::CloseConnection& action) {
    if (auto* const session = find(action.connection)) session->close(action.code);
  }
  ServerSession* find(venue::ConnectionId id) {
    const auto found = sessions_.find(id);
    return found == sessions_.end() ? nullptr : found->second.get();
  }

  venue::ServerReply on_request(const venue::ServerRequest& request) override {
    auto reply = wire_.on_request(request, loop_.now());
    flush();
    return reply;
  }
  bool on_upgrade(venue::ConnectionId id, const std::string& target) override {
    const bool accepted = wire_.on_connect(id, target, loop_.now());
    flush();
    return accepted;
  }
  void on_text(venue::ConnectionId id, venue::Bytes text) override {
    wire_.on_text(id, text, loop_.now());
    flush();
  }
  void on_end(venue::ConnectionId id, bool was_upgraded) override {
    sessions_.erase(id);
    if (!was_upgraded) return;
    wire_.on_disconnect(id, loop_.now());
    flush();
  }

  void arm() {
    wakeup_.arm(wire_.next_wakeup(), [this] {
      wire_.on_time(loop_.now());
      flush();
    });
  }

  Loop& loop_;
  venue::WireServer& wire_;
  ServerOptions options_;
  LogSink& log_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  std::array<tcp::acceptor, 2> acceptors_{tcp::acceptor(loop_.impl().context), tcp::acceptor(loop_.impl().context)};
  Loop::Timer wakeup_;
  std::map<venue::ConnectionId, std::shared_ptr<ServerSession>> sessions_;
  std::vector<venue::ServerAction> batch_;
  venue::ConnectionId last_id_ = 0;
  std::uint16_t port_ = 0;
  bool is_flushing_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

Result<std::unique_ptr<Server>> Server::create(Loop& loop, venue::WireServer& wire,
                                               const TestCertificates& certificates, ServerOptions options,
                                               LogSink& log) {
  auto server = std::make_unique<ServerImpl>(loop, wire, options, log);
  if (const Status opened = server->open(certificates); !opened.ok()) return opened;
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace calypte::transport
