#include "transport/server_session.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstring>
#include <deque>
#include <optional>
#include <utility>

#include "transport/loop_impl.hpp"
#include "transport/socket.hpp"

namespace calypte::transport {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr auto kHandshakeLimit = std::chrono::seconds{10};
constexpr auto kIdleLimit = std::chrono::seconds{120};
constexpr auto kCloseLimit = std::chrono::seconds{1};
constexpr std::uint32_t kMaxRequestHeader = 64U << 10U;
constexpr std::uint64_t kMaxRequestBody = 8U << 20U;

std::optional<venue::HttpMethod> method_of(http::verb verb) {
  if (verb == http::verb::get) return venue::HttpMethod::get;
  if (verb == http::verb::post) return venue::HttpMethod::post;
  if (verb == http::verb::put) return venue::HttpMethod::put;
  if (verb == http::verb::delete_) return venue::HttpMethod::del;
  return std::nullopt;
}

class Session final : public ServerSession, public std::enable_shared_from_this<Session> {
 public:
  Session(Loop& loop, Socket socket, venue::ConnectionId id, std::size_t max_frame_bytes, SessionOwner& owner)
      : loop_(loop),
        id_(id),
        max_frame_bytes_(max_frame_bytes),
        owner_(&owner),
        timer_(loop.impl().context),
        ws_(std::move(socket)) {}

  void start() {
    error_code ignored;
    ws_.next_layer().next_layer().set_option(tcp::no_delay(true), ignored);
    auto* const tls = ws_.next_layer().tls();
    if (tls == nullptr) return read_request();
    limit(kHandshakeLimit);
    tls->async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](error_code error) {
      if (error) return self->end();
      self->read_request();
    });
  }

  void send(std::string text) override {
    if (!is_upgraded_ || is_ended_ || is_closing_) return;
    queued_bytes_ += text.size();
    if (queued_bytes_ > kMaxQueuedBytes) return end();
    queue_.push_back(std::move(text));
    if (is_up_ && !is_writing_) write();
  }

  void ping() override {
    if (!is_up_ || is_ended_ || is_closing_ || is_pinging_) return;
    is_pinging_ = true;
    ws_.async_ping({}, [self = shared_from_this()](error_code error) {
      self->is_pinging_ = false;
      if (error) self->end();
    });
  }

  void close(std::uint16_t code) override {
    if (!is_upgraded_ || is_ended_ || is_closing_) return;
    is_closing_ = true;
    close_code_ = code;
    limit(kCloseLimit);
    if (is_up_ && !is_writing_) send_close();
  }

  void drop() override {
    owner_ = nullptr;
    end();
  }

 private:
  void limit(Duration duration) {
    timer_.expires_after(duration);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->end();
    });
  }

  void read_request() {
    if (is_ended_) return;
    limit(kIdleLimit);
    parser_.emplace();
    parser_->header_limit(kMaxRequestHeader);
    parser_->body_limit(kMaxRequestBody);
    http::async_read(ws_.next_layer(), buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
      if (self->is_ended_) return;
      if (error) return self->end();
      if (websocket::is_upgrade(self->parser_->get())) return self->upgrade();
      self->answer();
    });
  }

  void answer() {
    const auto& message = parser_->get();
    venue::ServerReply reply;
    if (const auto method = method_of(message.method())) {
      venue::ServerRequest request{*method, std::string(message.target()), {}, message.body()};
      for (const auto& field : message) {
        request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
      }
      if (owner_ == nullptr) return;
      reply = owner_->on_request(request);
      if (is_ended_) return;
    } else {
      reply.http_status = 405;
    }
    write_reply(std::move(reply));
  }

  void write_reply(venue::ServerReply reply) {
    response_ = {};
    response_.version(11);
    response_.result(static_cast<unsigned>(reply.http_status));
    response_.set(http::field::date, http_date(loop_.now()));
    response_.set(http::field::content_type, "application/json");
    for (const auto& header : reply.headers) response_.set(header.name, header.value);
    response_.body() = std::move(reply.body);
    response_.keep_alive(parser_->get().keep_alive());
    response_.prepare_payload();
    http::async_write(ws_.next_layer(), response_, [self = shared_from_this()](error_code error, std::size_t) {
      if (self->is_ended_) return;
      if (error || !self->response_.keep_alive()) return self->end();
      self->read_request();
    });
  }

  void upgrade() {
    if (owner_ == nullptr) return;
    const std::string target(parser_->get().target());
    // Set before the call, in which the owner may already send; the frames wait until the upgrade is answered.
    is_upgraded_ = true;
    if (!owner_->on_upgrade(id_, target)) {
      is_upgraded_ = false;
      return write_reply({.http_status = 404, .headers = {}, .body = {}});
    }
    if (is_ended_) return;
    if (!is_closing_) limit(kHandshakeLimit);
    ws_.read_message_max(max_frame_bytes_);
    ws_.auto_fragment(false);
    ws_.text(true);
    ws_.async_accept(parser_->get(), [self = shared_from_this()](error_code error) {
      if (self->is_ended_) return;
      if (error) return self->end();
      self->on_accepted();
    });
  }

  void on_accepted() {
    is_up_ = true;
    ws_.set_option(websocket::stream_base::timeout{kCloseLimit, websocket::stream_base::none(), false});
    if (!is_closing_) timer_.cancel();
    if (!queue_.empty()) {
      write();
    } else if (is_closing_) {
      send_close();
    }
    read();
  }

  void read() {
    ws_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
      if (self->is_ended_) return;
      if (error) return self->end();
      // While it closes, the other side may still talk; nobody listens.
      if (!self->is_closing_) self->deliver();
      self->buffer_.consume(self->buffer_.size());
      if (!self->is_ended_ && !self->is_closing_) self->read();
    });
  }

  void deliver() {
    const std::size_t size = buffer_.size();
    std::memset(buffer_.prepare(venue::kPadding).data(), 0, venue::kPadding);
    if (owner_ == nullptr) return;
    owner_->on_text(id_, venue::Bytes::promise_padded(static_cast<const char*>(buffer_.data().data()), size));
  }

  void write() {
    is_writing_ = true;
    ws_.async_write(asio::buffer(queue_.front()), [self = shared_from_this()](error_code error, std::size_t) {
      self->is_writing_ = false;
      if (self->is_ended_) return;
      if (error) return self->end();
      self->queued_bytes_ -= self->queue_.front().size();
      self->queue_.pop_front();
      if (!self->queue_.empty()) return self->write();
      if (self->is_closing_) self->send_close();
    });
  }

  void send_close() {
    ws_.async_close(static_cast<websocket::close_code>(close_code_),
                    [self = shared_from_this()](error_code) { self->end(); });
  }

  void end() {
    if (is_ended_) return;
    is_ended_ = true;
    timer_.cancel();
    error_code ignored;
    ws_.next_layer().next_layer().close(ignored);
    if (owner_ == nullptr) return;
    asio::post(loop_.impl().context, [self = shared_from_this()] {
      if (auto* const owner = std::exchange(self->owner_, nullptr)) owner->on_end(self->id_, self->is_upgraded_);
    });
  }

  Loop& loop_;
  venue::ConnectionId id_;
  std::size_t max_frame_bytes_;
  SessionOwner* owner_;  ///< null once it let go
  asio::steady_timer timer_;
  websocket::stream<Socket> ws_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  std::deque<std::string> queue_;  ///< the front is being written while `is_writing_`
  std::size_t queued_bytes_ = 0;
  std::uint16_t close_code_ = 0;
  bool is_upgraded_ = false;
  bool is_up_ = false;
  bool is_writing_ = false;
  bool is_pinging_ = false;
  bool is_closing_ = false;
  bool is_ended_ = false;
};

}  // namespace

std::shared_ptr<ServerSession> ServerSession::start(Loop& loop, Socket socket, venue::ConnectionId id,
                                                    std::size_t max_frame_bytes, SessionOwner& owner) {
  auto session = std::make_shared<Session>(loop, std::move(socket), id, max_frame_bytes, owner);
  session->start();
  return session;
}

}  // namespace calypte::transport
