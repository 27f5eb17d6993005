#include "transport/http_pool.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <deque>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include "transport/dial.hpp"
#include "transport/http_text.hpp"
#include "transport/loop_impl.hpp"

namespace calypte::transport {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using venue::RequestOutcome;

constexpr std::uint32_t kMaxReplyHeader = 64U << 10U;
/// A reply's memory up to this size is kept for a later one.
constexpr std::size_t kKeptBody = 1U << 20U;

/// A request on its way to its outcome.
struct Exchange {
  Exchange(asio::io_context& context, venue::RequestId i, std::string t) : id(i), text(std::move(t)), timer(context) {}
  venue::RequestId id;
  std::string text;  ///< holds credentials: written to the socket and to nothing else
  asio::steady_timer timer;
};
using ExchangePtr = std::shared_ptr<Exchange>;

class Pool;

/// One connection. The read of the next reply is always under way, before a request as well: so a connection that the
/// server closes is noticed while it is idle, and a reply costs no further call.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Pool& pool, Loop& loop) : pool_(&pool), loop_(loop), idle_timer_(loop.impl().context) {}

  void open(std::shared_ptr<TlsContext> tls, const Url& url, Time deadline);
  /// Closes the socket; nothing is told. The pool forgets the connection before or after.
  void drop();
  void begin(ExchangePtr exchange);
  void become_idle(Duration limit);

  [[nodiscard]] bool is_ready() const { return socket_ != nullptr; }
  [[nodiscard]] bool is_free() const { return socket_ && !exchange_ && !writing_; }
  [[nodiscard]] const ExchangePtr& exchange() const { return exchange_; }
  /// False if the server has closed a connection that was used before, or has sent what nobody asked for: then it must
  /// not be written to. Looks at the socket itself, since the loop may not have come to its event yet.
  [[nodiscard]] bool is_still_good();

 private:
  friend class Pool;
  void read();
  void on_read(error_code error);

  Pool* pool_;  ///< null once the pool let go
  Loop& loop_;
  asio::steady_timer idle_timer_;
  std::shared_ptr<Dial> dial_;
  std::unique_ptr<Socket> socket_;
  ExchangePtr exchange_;  ///< its first byte may have left
  std::string writing_text_;
  bool writing_ = false;
  bool used_ = false;
  boost::beast::flat_buffer buffer_;
  std::optional<http::response_parser<http::string_body>> parser_;
  std::string body_;  ///< the memory of an earlier reply, for a later one
};
using ConnectionPtr = std::shared_ptr<Connection>;

class Pool final : public HttpPool, public std::enable_shared_from_this<Pool> {
 public:
  Pool(Loop& loop, std::shared_ptr<TlsContext> tls, const Url& base, HttpLimits limits, LogSink& log, Told told)
      : loop_(loop), tls_(std::move(tls)), base_(base), limits_(limits), log_(log), told_(std::move(told)) {}

  void send(venue::RequestId id, const venue::WireRequest& request, Duration limit) override {
    auto text = http_text(base_, request);
    if (!text) return tell_later(id, RequestOutcome::Kind::not_sent, text.status().message());
    if (is_shut_down_) return tell_later(id, RequestOutcome::Kind::not_sent, "the client is shut down");
    if (waiting_.size() >= kMaxWaiting) return tell_later(id, RequestOutcome::Kind::not_sent, "too many requests wait");
    auto exchange = std::make_shared<Exchange>(loop_.impl().context, id, std::move(*text));
    when_unanswered(
        loop_, exchange->timer, deadline_after(loop_.now(), limit),
        [weak = weak_from_this()] { return !weak.expired(); }, [this, exchange] { on_time_out(exchange); });
    waiting_.push_back(std::move(exchange));
    pump();
  }

  void shut_down() override {
    is_shut_down_ = true;
    for (const auto& exchange : std::exchange(waiting_, {})) {
      exchange->timer.cancel();
      tell_later(exchange->id, RequestOutcome::Kind::not_sent, "the client was shut down before it could be sent");
    }
    for (const auto& connection : std::exchange(connections_, {})) {
      if (const auto exchange = connection->exchange()) {
        exchange->timer.cancel();
        tell_later(exchange->id, RequestOutcome::Kind::unknown, at_place("read", "the client was shut down"));
      }
      connection->drop();
    }
  }

  void drop() override {
    told_ = nullptr;
    shut_down();
  }

  // What connections report. Each of these calls tells at most one outcome, and as the last thing it does before
  // `pump`: the callee may send further requests or destroy the pool.

  void on_dialled(const ConnectionPtr& connection) {
    connection->become_idle(limits_.idle_close);
    pump();
  }

  void on_dial_failed(const ConnectionPtr& connection, const std::string& failure) {
    forget(connection);
    log(LogLevel::warning, failure);
    // A request may still go over a connection that works; only if there is none did this failure decide about one.
    const bool others = std::any_of(connections_.begin(), connections_.end(), [](auto& c) { return c->is_ready(); });
    if (waiting_.empty() || others) return;
    const ExchangePtr exchange = waiting_.front();
    waiting_.pop_front();
    tell(exchange, {RequestOutcome::Kind::not_sent, {}, base_.place() + ": " + failure});
  }

  void on_replied(const ConnectionPtr& connection, const ExchangePtr& exchange, const RequestOutcome& outcome,
                  bool keep) {
    if (keep && !is_shut_down_) {
      connection->become_idle(limits_.idle_close);
    } else {
      forget(connection);
    }
    tell(exchange, outcome);
  }

  void on_broken(const ConnectionPtr& connection, const ExchangePtr& exchange, const std::string& phase,
                 const std::string& error) {
    forget(connection);
    if (!exchange) return pump();
    log(LogLevel::warning, phase + ": " + error);
    tell(exchange, {RequestOutcome::Kind::unknown, {}, at_place(phase, error)});
  }

  /// The reply came before the request was wholly written; only now is the connection free.
  void on_written() { pump(); }

  void forget(const ConnectionPtr& connection) {
    const ConnectionPtr kept = connection;
    std::erase(connections_, kept);
    kept->drop();
  }

  [[nodiscard]] const HttpLimits& limits() const { return limits_; }

 private:
  void pump() {
    while (!waiting_.empty()) {
      // The connection used last is the warmest, so the search begins at the back.
      const auto free = std::find_if(connections_.rbegin(), connections_.rend(), [](auto& c) { return c->is_free(); });
      if (free == connections_.rend()) break;
      const ConnectionPtr connection = *free;
      if (!connection->is_still_good()) {
        forget(connection);
        continue;
      }
      std::rotate(std::prev(free.base()), free.base(), connections_.end());
      const ExchangePtr exchange = waiting_.front();
      waiting_.pop_front();
      connection->begin(exchange);
    }
    auto dialling = static_cast<std::size_t>(
        std::count_if(connections_.begin(), connections_.end(), [](auto& c) { return !c->is_ready(); }));
    while (dialling < waiting_.size() && connections_.size() < limits_.max_connections) {
      ++dialling;
      connections_.push_back(std::make_shared<Connection>(*this, loop_));
      connections_.back()->open(tls_, base_, deadline_after(loop_.now(), limits_.connect_limit));
    }
  }

  void on_time_out(const ExchangePtr& exchange) {
    const std::string error = "no complete reply within the limit";
    for (const auto& connection : connections_) {
      if (connection->exchange() == exchange) return on_broken(ConnectionPtr(connection), exchange, "read", error);
    }
    if (std::erase(waiting_, exchange) == 0) return;
    tell(exchange, {RequestOutcome::Kind::not_sent, {}, at_place("connect", "no connection within the limit")});
  }

  void tell(const ExchangePtr& exchange, const RequestOutcome& outcome) {
    const auto self = shared_from_this();
    exchange->timer.cancel();
    // A copy, since the callee may destroy the client and with it what it was told through.
    if (const Told told = told_) told(exchange->id, outcome);
    pump();
  }

  void tell_later(venue::RequestId id, RequestOutcome::Kind kind, std::string error) {
    asio::post(loop_.impl().context, [weak = weak_from_this(), id, kind, error = std::move(error)] {
      const auto self = weak.lock();
      if (!self) return;
      if (const Told told = self->told_) told(id, {kind, {}, error});
    });
  }

  [[nodiscard]] std::string at_place(const std::string& phase, const std::string& error) const {
    return base_.place() + ": " + phase + ": " + error;
  }

  void log(LogLevel level, const std::string& what) {
    if (told_ && log_.enabled(level)) log_.log(level, "transport", base_.place() + ": " + what);
  }

  Loop& loop_;
  std::shared_ptr<TlsContext> tls_;
  Url base_;
  HttpLimits limits_;
  LogSink& log_;
  Told told_;
  std::deque<ExchangePtr> waiting_;
  std::vector<ConnectionPtr> connections_;
  bool is_shut_down_ = false;
};

void Connection::open(std::shared_ptr<TlsContext> tls, const Url& url, Time deadline) {
  dial_ = Dial::start(loop_, std::move(tls), url, deadline, [self = shared_from_this()](Dial::Dialled dialled) {
    self->dial_.reset();
    if (!self->pool_) return;
    if (!dialled.socket) return self->pool_->on_dial_failed(self, dialled.failure);
    self->socket_ = std::move(dialled.socket);
    self->read();
    self->pool_->on_dialled(self);
  });
}

void Connection::drop() {
  pool_ = nullptr;
  exchange_ = nullptr;
  idle_timer_.cancel();
  if (const auto dial = std::exchange(dial_, nullptr)) dial->cancel();
  if (socket_) {
    error_code ignored;
    socket_->next_layer().close(ignored);
  }
}

bool Connection::is_still_good() {
  if (!used_) return true;
  char byte = 0;
  const auto seen = ::recv(socket_->next_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void Connection::begin(ExchangePtr exchange) {
  idle_timer_.cancel();
  used_ = true;
  exchange_ = std::move(exchange);
  writing_ = true;
  writing_text_ = std::move(exchange_->text);
  // From here on a byte may have left: whatever goes wrong is `unknown`.
  asio::async_write(*socket_, asio::buffer(writing_text_), [self = shared_from_this()](error_code error, std::size_t) {
    self->writing_ = false;
    if (!self->pool_) return;
    const auto pool = self->pool_->shared_from_this();
    if (error) {
      const auto failed = std::exchange(self->exchange_, nullptr);
      return pool->on_broken(self, failed, "write", error.message());
    }
    if (!self->exchange_) pool->on_written();
  });
}

void Connection::become_idle(Duration limit) {
  idle_timer_.expires_at(loop_.impl().steady(deadline_after(loop_.now(), limit)));
  idle_timer_.async_wait([self = shared_from_this()](error_code error) {
    if (error || !self->pool_ || self->exchange_) return;
    const auto pool = self->pool_->shared_from_this();
    pool->on_broken(self, nullptr, "idle", "closed");
  });
}

void Connection::read() {
  parser_.emplace();
  parser_->header_limit(kMaxReplyHeader);
  parser_->body_limit(pool_->limits().max_reply_bytes);
  body_.clear();
  parser_->get().body() = std::move(body_);
  http::async_read(*socket_, buffer_, *parser_,
                   [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
}

void Connection::on_read(error_code error) {
  if (!pool_) return;
  const auto pool = pool_->shared_from_this();
  const ConnectionPtr self = shared_from_this();
  if (error) {
    const auto failed = std::exchange(exchange_, nullptr);
    return pool->on_broken(self, failed, "read", error.message());
  }
  auto& message = parser_->get();
  if (!exchange_) return pool->on_broken(self, nullptr, "read", "a reply that nobody asked for");
  if (http::to_status_class(message.result_int()) == http::status_class::informational) {
    // An interim answer; the reply is still to come. Any but these would change the protocol.
    if (message.result_int() != 101) return read();
    const auto failed = std::exchange(exchange_, nullptr);
    return pool->on_broken(self, failed, "read", "the server changed the protocol");
  }
  if (parser_->need_eof() && socket_->tls() == nullptr) {
    // Such a reply ends with the connection. TLS tells an end from a cut; bare TCP does not, where the process died.
    const auto failed = std::exchange(exchange_, nullptr);
    return pool->on_broken(self, failed, "read", "nothing says that the reply is whole");
  }
  RequestOutcome outcome;
  outcome.reply.http_status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    outcome.reply.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  std::string body = std::move(message.body());
  const std::size_t size = body.size();
  body.append(venue::kPadding, '\0');
  outcome.reply.body = venue::Bytes::promise_padded(body.data(), size);
  const bool keep = parser_->keep_alive();
  const auto exchange = std::exchange(exchange_, nullptr);
  if (keep) read();
  pool->on_replied(self, exchange, outcome, keep);
  if (body.capacity() <= kKeptBody) body_ = std::move(body);
}

}  // namespace

std::shared_ptr<HttpPool> HttpPool::create(Loop& loop, std::shared_ptr<TlsContext> tls, const Url& base,
                                           HttpLimits limits, LogSink& log, Told told) {
  return std::make_shared<Pool>(loop, std::move(tls), base, limits, log, std::move(told));
}

}  // namespace calypte::transport
