#include "transport/ws_stream.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstring>
#include <deque>
#include <optional>
#include <utility>

#include "transport/dial.hpp"
#include "transport/loop_impl.hpp"

namespace calypte::transport {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

/// How long a close may take until the socket is closed regardless.
constexpr auto kFarewellLimit = std::chrono::seconds{1};
/// The buffer's first size: most frames fit without growing it.
constexpr std::size_t kFirstBuffer = 64U << 10U;

std::string printable(std::string_view text) {
  std::string clean(text.substr(0, 123));
  std::replace_if(clean.begin(), clean.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return clean;
}

class WsStreamImpl final : public WsStream, public std::enable_shared_from_this<WsStreamImpl> {
 public:
  WsStreamImpl(Loop& loop, const Url& url, WsLimits limits, WsEvents& events)
      : loop_(loop),
        url_(url),
        limits_(limits),
        events_(&events),
        timer_(loop.impl().context),
        write_timer_(loop.impl().context) {
    buffer_.reserve(kFirstBuffer);
  }

  void start(std::shared_ptr<TlsContext> tls) {
    const Time deadline = deadline_after(loop_.now(), limits_.connect_limit);
    dial_ = Dial::start(loop_, std::move(tls), url_, deadline,
                        [self = shared_from_this(), deadline](Dial::Dialled dialled) {
                          self->dial_.reset();
                          if (!dialled.socket) return self->end(dialled.failure);
                          self->handshake(std::move(*dialled.socket), deadline);
                        });
  }

  void send(std::string text) override {
    if (phase_ == Phase::ended || closing_) return;
    if (queue_.size() >= limits_.max_send_queue) return end("write: too many frames wait to be sent");
    queue_.push_back(std::move(text));
    if (phase_ == Phase::up && !writing_) write();
  }

  void ping() override {
    // One ping under way proves as much as two, and Beast allows only one.
    if (phase_ != Phase::up || closing_ || pinging_) return;
    pinging_ = true;
    ws_->async_ping({}, [self = shared_from_this()](error_code error) {
      self->pinging_ = false;
      if (error) self->end("write: " + error.message());
    });
  }

  void close() override {
    events_ = nullptr;
    if (phase_ != Phase::up) return drop();
    closing_ = true;
    limit_close();
    if (!writing_) send_close();
  }

  void drop() override {
    events_ = nullptr;
    end({});
  }

 private:
  enum class Phase : std::uint8_t { connecting, up, ended };

  void handshake(Socket&& socket, Time deadline) {
    if (phase_ == Phase::ended) return;
    ws_.emplace(std::move(socket));
    when_unanswered(
        loop_, timer_, deadline, [self = shared_from_this()] { return self->phase_ == Phase::connecting; },
        [this] { end("handshake: no answer within the limit"); });
    ws_->set_option(websocket::stream_base::decorator(
        [](websocket::request_type& request) { request.set(beast::http::field::user_agent, "calypte"); }));
    websocket::permessage_deflate deflate;
    deflate.client_enable = false;
    ws_->set_option(deflate);
    ws_->read_message_max(limits_.max_frame_bytes);
    ws_->auto_fragment(false);
    ws_->text(true);
    // The callback runs inside Beast's read, where the stream must not be touched: everything is posted. It holds the
    // stream weakly, because the stream holds it.
    ws_->control_callback([weak = weak_from_this()](websocket::frame_type type, beast::string_view) {
      const auto self = weak.lock();
      if (!self || !self->events_) return;
      asio::post(self->loop_.impl().context, [self, type] { self->on_control(type); });
    });
    ws_->async_handshake(response_, url_.host_header(), url_.path.empty() ? "/" : url_.path,
                         [self = shared_from_this()](error_code error) { self->on_handshake(error); });
  }

  void on_handshake(error_code error) {
    if (phase_ == Phase::ended) return;
    timer_.cancel();
    if (error == websocket::error::upgrade_declined) {
      return end("handshake: HTTP status " + std::to_string(response_.result_int()));
    }
    if (error) return end("handshake: " + error.message());
    phase_ = Phase::up;
    response_ = {};
    // Only Beast's wait for the end of a closing handshake is limited by this from here on.
    ws_->set_option(websocket::stream_base::timeout{kFarewellLimit, websocket::stream_base::none(), false});
    if (events_) events_->on_up(loop_.now());
    if (phase_ == Phase::ended) return;
    if (!queue_.empty() && !writing_) write();
    if (!closing_) read();
  }

  void on_control(websocket::frame_type type) {
    if (phase_ == Phase::ended) return;
    if (type != websocket::frame_type::close) {
      if (events_) events_->on_alive(loop_.now());
      return;
    }
    // Beast now answers the close and waits for the server to close its side, which may take for ever. The strategy
    // learns of the end at once; the socket gets its second.
    const auto code = ws_->reason();
    std::string reason = "read: closed by server with code " + std::to_string(code.code);
    if (!code.reason.empty()) reason += " (" + printable({code.reason.data(), code.reason.size()}) + ")";
    closing_ = true;
    drop_waiting();
    limit_close();
    tell_down(reason);
  }

  void read() {
    ws_->async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
  }

  void on_read(error_code error) {
    const Time received = loop_.now();
    if (phase_ == Phase::ended) return;
    if (error) {
      // The posted callback for a close frame may still be waiting in the queue; it knows the code, so it tells.
      if (error == websocket::error::closed) on_control(websocket::frame_type::close);
      return end("read: " + error.message());
    }
    if (closing_) return;
    const std::size_t size = buffer_.size();
    std::memset(buffer_.prepare(venue::kPadding).data(), 0, venue::kPadding);
    if (events_)
      events_->on_frame(venue::Bytes::promise_padded(static_cast<const char*>(buffer_.data().data()), size), received);
    buffer_.consume(size);
    if (phase_ == Phase::up && !closing_) read();
  }

  /// One timer for many writes: it looks whether the write that was under way when it was set still is.
  void watch_writes() {
    watched_ = true;
    when_unanswered(
        loop_, write_timer_, deadline_after(loop_.now(), limits_.write_limit),
        [self = shared_from_this()] { return self->phase_ != Phase::ended; },
        [this, seen = writes_] {
          watched_ = false;
          if (!writing_) return;
          if (writes_ == seen) return end("write: the other side takes nothing");
          watch_writes();
        });
  }

  void write() {
    writing_ = true;
    ++writes_;
    if (!watched_) watch_writes();
    ws_->async_write(asio::buffer(queue_.front()), [self = shared_from_this()](error_code error, std::size_t) {
      self->writing_ = false;
      if (self->phase_ == Phase::ended) return;
      if (error) return self->end("write: " + error.message());
      if (!self->queue_.empty()) self->queue_.pop_front();
      if (!self->queue_.empty()) return self->write();
      if (self->closing_) self->send_close();
    });
  }

  void send_close() {
    if (ws_->reason().code != websocket::close_code::none) return;
    ws_->async_close(websocket::close_code::normal, [self = shared_from_this()](error_code) { self->end({}); });
  }

  void limit_close() {
    timer_.expires_after(kFarewellLimit);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->end({});
    });
  }

  /// Closes everything and tells, the first time.
  void end(const std::string& reason) {
    if (phase_ == Phase::ended) return;
    phase_ = Phase::ended;
    timer_.cancel();
    write_timer_.cancel();
    if (const auto dial = std::exchange(dial_, nullptr)) dial->cancel();
    if (ws_) {
      error_code ignored;
      ws_->next_layer().next_layer().close(ignored);
    }
    drop_waiting();
    tell_down(reason);
  }

  /// Forgets the frames that wait; the one that is being written must stay where it is.
  void drop_waiting() { queue_.resize(std::min<std::size_t>(queue_.size(), writing_ ? 1 : 0)); }

  void tell_down(const std::string& reason) {
    if (!events_ || told_) return;
    told_ = true;
    asio::post(loop_.impl().context, [self = shared_from_this(), reason] {
      if (auto* const events = std::exchange(self->events_, nullptr)) events->on_down(reason, self->loop_.now());
    });
  }

  Loop& loop_;
  Url url_;
  WsLimits limits_;
  WsEvents* events_;  ///< null when nobody is to be told any more
  asio::steady_timer timer_;
  asio::steady_timer write_timer_;
  std::shared_ptr<Dial> dial_;
  websocket::response_type response_;
  std::optional<websocket::stream<Socket>> ws_;
  beast::flat_buffer buffer_;
  std::deque<std::string> queue_;  ///< the front is being written while `writing_`
  Phase phase_ = Phase::connecting;
  bool writing_ = false;
  bool watched_ = false;      // the timer for writes runs
  std::uint64_t writes_ = 0;  // begun
  bool pinging_ = false;
  bool closing_ = false;
  bool told_ = false;
};

}  // namespace

std::shared_ptr<WsStream> WsStream::open(Loop& loop, std::shared_ptr<TlsContext> tls, const Url& url, WsLimits limits,
                                         WsEvents& events) {
  auto stream = std::make_shared<WsStreamImpl>(loop, url, limits, events);
  stream->start(std::move(tls));
  return stream;
}

}  // namespace calypte::transport
