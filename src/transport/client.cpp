#include "transport/client.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "transport/http_pool.hpp"
#include "transport/tls_context.hpp"
#include "transport/url.hpp"
#include "transport/ws_stream.hpp"

namespace calypte::transport {

namespace {

constexpr std::string_view kComponent = "transport";

Status in_place(std::string_view which, const Status& status) {
  return {status.code(), std::string(which) + ": " + status.message()};
}

/// Reads one URL and holds it against the environment. An empty one is no endpoint, which is allowed.
Result<std::optional<Url>> read_endpoint(std::string_view which, const std::string& text, std::string_view scheme,
                                         const Endpoints& whole) {
  if (text.empty()) return std::optional<Url>{};
  const auto plain = scheme.substr(0, scheme.size() - 1);  // "http", "ws"
  auto url = parse_url(text, whole.own_node && text.find(':') == plain.size() ? plain : scheme);
  if (!url) return in_place(which, url.status());
  if (whole.own_node) return std::optional<Url>(std::move(*url));
  if (whole.environment == Environment::local && !is_loopback(*url)) {
    return Status(StatusCode::denied, std::string(which) + ": a local venue must be on this machine, not " + url->host);
  }
  if (whole.environment != Environment::local && names_this_machine(*url)) {
    return Status(StatusCode::denied, std::string(which) + ": " + url->host + " is this machine, not a venue");
  }
  return std::optional<Url>(std::move(*url));
}

class ClientImpl final : public Client {
 public:
  struct Places {
    std::optional<Url> rest;
    std::optional<Url> market;
    std::optional<Url> user;
    std::optional<Url> trades;
    std::optional<Url> orders;
  };

  ClientImpl(Loop& loop, Places places, std::shared_ptr<TlsContext> tls, ClientEvents& events,
             const ClientOptions& options, LogSink& log)
      : loop_(loop), places_(std::move(places)), tls_(std::move(tls)), events_(events), options_(options), log_(log) {
    if (places_.rest) {
      const HttpLimits limits{.connect_limit = options.connect_limit,
                              .idle_close = options.http_idle_close,
                              .max_reply_bytes = options.max_reply_bytes,
                              .max_connections = std::max<std::size_t>(options.max_http_connections, 1)};
      pool_ = HttpPool::create(
          loop, tls_, *places_.rest, limits, log,
          [this](venue::RequestId id, const venue::RequestOutcome& outcome) { tell_outcome(id, outcome); });
    }
  }

  ~ClientImpl() override {
    for (auto& [id, slot] : slots_) {
      if (slot->ws) slot->ws->drop();
    }
    if (pool_) pool_->drop();
  }
  ClientImpl(const ClientImpl&) = delete;
  ClientImpl& operator=(const ClientImpl&) = delete;

  void open_stream(venue::StreamId id, const std::string& target) override {
    close_stream(id);
    const auto& base = base_of(id.kind);
    auto slot = std::make_shared<Slot>(*this, id, base ? base->place() : std::string("no host"));
    auto url =
        base ? append_target(*base, target) : Result<Url>(Status(StatusCode::denied, "no endpoint is configured"));
    if (!url || is_shut_down_) {
      const auto reason = is_shut_down_ ? "connect: the client is shut down" : "resolve: " + url.status().message();
      loop_.post([this, weak = std::weak_ptr(slot), reason] {
        if (const auto live = weak.lock()) live->on_down(reason, loop_.now());
      });
      slots_.emplace(id, std::move(slot));
      return;
    }
    log(LogLevel::info, "connect to", url->place());
    const WsLimits limits{.connect_limit = options_.connect_limit,
                          .write_limit = options_.write_limit,
                          .max_frame_bytes = options_.max_frame_bytes,
                          .max_send_queue = options_.max_send_queue};
    slot->ws = WsStream::open(loop_, tls_, *url, limits, *slot);
    slots_.emplace(id, std::move(slot));
  }

  void close_stream(venue::StreamId id) override {
    const auto found = slots_.find(id);
    if (found == slots_.end()) return;
    if (found->second->ws) found->second->ws->close();
    slots_.erase(found);
  }

  bool send_frame(venue::StreamId id, std::string text) override {
    auto* const ws = find(id);
    if (ws == nullptr) return false;
    ws->send(std::move(text));
    return true;
  }

  void send_ping(venue::StreamId id) override {
    if (auto* const ws = find(id)) ws->ping();
  }

  void send_request(venue::RequestId id, venue::WireRequest request, Duration limit) override {
    if (pool_) {
      pool_->send(id, request, limit);
      return;
    }
    loop_.post([this, id, alive = std::weak_ptr<int>(alive_)] {
      if (alive.expired()) return;
      tell_outcome(id, {venue::RequestOutcome::Kind::not_sent, {}, "no endpoint is configured"});
    });
  }

  void shut_down() override {
    is_shut_down_ = true;
    while (!slots_.empty()) close_stream(slots_.begin()->first);
    if (pool_) pool_->shut_down();
  }

 private:
  /// One open stream. Taken out of the map when it is closed or down, so that what comes late finds nobody.
  struct Slot final : WsEvents {
    Slot(ClientImpl& c, venue::StreamId i, std::string p) : client(c), id(i), place(std::move(p)) {}
    void on_up(Time now) override {
      client.log(LogLevel::info, "connected to", place);
      client.events_.on_stream_up(id, now);
    }
    void on_frame(venue::Bytes frame, Time received) override { client.events_.on_frame(id, frame, received); }
    void on_alive(Time now) override { client.events_.on_stream_alive(id, now); }
    void on_down(const std::string& reason, Time now) override {
      // Taking the slot out destroys `this`.
      auto& owner = client;
      const auto stream = id;
      const std::string text = place + ": " + reason;
      owner.slots_.erase(stream);
      owner.log(LogLevel::warning, "stream down", text);
      owner.events_.on_stream_down(stream, text, now);
    }
    ClientImpl& client;
    venue::StreamId id;
    std::string place;
    std::shared_ptr<WsStream> ws;
  };

  [[nodiscard]] const std::optional<Url>& base_of(venue::StreamKind kind) const {
    switch (kind) {
      case venue::StreamKind::user:
        return places_.user;
      case venue::StreamKind::trades:
        return places_.trades;
      case venue::StreamKind::orders:
        return places_.orders;
      case venue::StreamKind::market:
        break;
    }
    return places_.market;
  }

  WsStream* find(venue::StreamId id) {
    const auto found = slots_.find(id);
    return found == slots_.end() ? nullptr : found->second->ws.get();
  }

  void tell_outcome(venue::RequestId id, const venue::RequestOutcome& outcome) {
    events_.on_outcome(id, outcome, loop_.now());
  }

  void log(LogLevel level, std::string_view what, std::string_view place) {
    if (log_.enabled(level)) log_.log(level, kComponent, std::string(what) + " " + std::string(place));
  }

  Loop& loop_;
  Places places_;
  std::shared_ptr<TlsContext> tls_;
  ClientEvents& events_;
  ClientOptions options_;
  LogSink& log_;
  std::shared_ptr<HttpPool> pool_;
  std::map<venue::StreamId, std::shared_ptr<Slot>> slots_;
  bool is_shut_down_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace

Result<std::unique_ptr<Client>> Client::create(Loop& loop, Endpoints endpoints, ClientEvents& events,
                                               ClientOptions options, LogSink& log) {
  auto rest = read_endpoint("rest_url", endpoints.rest_url, "https", endpoints);
  if (!rest) return rest.status();
  auto market = read_endpoint("market_stream_url", endpoints.market_stream_url, "wss", endpoints);
  if (!market) return market.status();
  auto user = read_endpoint("user_stream_url", endpoints.user_stream_url, "wss", endpoints);
  if (!user) return user.status();
  auto trades = read_endpoint("trade_stream_url", endpoints.trade_stream_url, "wss", endpoints);
  if (!trades) return trades.status();
  auto orders = read_endpoint("order_stream_url", endpoints.order_stream_url, "wss", endpoints);
  if (!orders) return orders.status();
  if (*rest) {
    auto& path = (*rest)->path;
    if (path.find('?') != std::string::npos) return Status(StatusCode::denied, "rest_url: a base path has no query");
    if (path.ends_with('/')) path.pop_back();
  }
  auto tls = make_client_tls(endpoints.ca_file);
  if (!tls) return tls.status();
  ClientImpl::Places places{std::move(*rest), std::move(*market), std::move(*user), std::move(*trades),
                            std::move(*orders)};
  return std::unique_ptr<Client>(
      std::make_unique<ClientImpl>(loop, std::move(places), std::move(*tls), events, options, log));
}

}  // namespace calypte::transport
