// Drives connectors: one thread, their sockets, their timers, and the strategies that listen to them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/connector.hpp"
#include "calypte/credentials.hpp"
#include "calypte/derivative.hpp"
#include "calypte/log.hpp"
#include "calypte/strategy.hpp"

namespace calypte {

enum class Environment : std::uint8_t {
  live,     ///< the venue itself; real money
  testnet,  ///< the venue's own sandbox
  local,    ///< a simulated venue on this machine; only loopback addresses are accepted
};
[[nodiscard]] Result<Environment> parse_environment(std::string_view text);
[[nodiscard]] std::string_view to_string(Environment environment) noexcept;

/// Where a simulated venue listens: what `calypte venue NAME` prints.
struct LocalVenue {
  std::string rest_url;           ///< "https://localhost:41234/exchange/v1"
  std::string market_stream_url;  ///< "wss://localhost:41234/exchange/v1/market"
  std::string user_stream_url;
  std::string trade_stream_url = {};  ///< where the venue has a route of its own for trades
  std::string order_stream_url = {};  ///< where the venue takes orders by frames
  std::string ca_file = {};  ///< the CA that signed its certificate; there is no way to switch verification off
};

/// The way by which orders and cancels go to the venue. Queries always go by REST.
enum class OrderEntry : std::uint8_t {
  automatic,  ///< by the stream where the venue offers it, by REST while that stream is down
  rest,
};

/// When what was journalled is on the disk. The death of the process loses nothing with either.
enum class JournalSync : std::uint8_t {
  grouped,      ///< within some 20 ms: so much may be missing after a power failure
  before_send,  ///< before a request for an order leaves; costs a write to the disk each time
};

/// Where a connector writes down what it does, so that the next process knows. One journal belongs to one connector
/// (venue, account and client order id prefix) and to one process at a time.
struct JournalConfig {
  std::string folder = {};  ///< made if it is missing; empty: no journal, nothing survives the process
  JournalSync sync = JournalSync::grouped;
  /// The database that orders, fills, fees, funding and events are copied to, off the path: the path of a SQLite file,
  /// or a "postgresql://" connection string. Empty: `history.db` in the folder. "none": no history.
  std::string history = {};
};

struct ConnectorConfig {
  std::string venue;  ///< "crypto_com"; `calypte venues` lists them
  Environment environment = Environment::testnet;
  std::vector<TradingPair> trading_pairs = {};
  Credentials credentials = {};                    ///< may be empty if trading is not required
  bool trading_required = true;                    ///< false: market data only
  std::optional<LocalVenue> local = std::nullopt;  ///< required for, and only allowed in, `Environment::local`
  Decimal rate_limits_share = 1;                   ///< use at most this share of the venue's rate limits, in (0, 1]
  std::string client_order_id_prefix = "cal";
  bool cancel_on_stop = true;
  OrderEntry order_entry = OrderEntry::automatic;
  JournalConfig journal = {};
  /// If this process, its loop or its link is dead for so long, the venue itself is to cancel our open orders, where it
  /// has a means for that (docs/dead-man-switch.md). 0: off. Where it has none, run `calypte guard`.
  Duration dead_man = Duration::zero();
};

struct RuntimeOptions {
  Duration tick = std::chrono::seconds{1};
  bool spin = false;  ///< poll the sockets instead of sleeping: lowest latency, one core fully used
  Duration slow_callback_limit = std::chrono::milliseconds{50};  ///< a longer callback is reported
  Duration stop_time_limit = std::chrono::seconds{10};
  std::uint64_t seed = 0;        ///< for back-off jitter; 0: from the operating system
  bool stop_on_signals = false;  ///< SIGINT and SIGTERM stop it as `stop` does
  std::shared_ptr<LogSink> log = nullptr;
};

class Protocol;
struct ProtocolConfig;

class Runtime {
 public:
  explicit Runtime(RuntimeOptions options = {});
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Before `run`. A configuration that makes no sense is `denied`, with the reason. Of a venue of derivatives the
  /// object is a `Derivative` as well.
  Result<Exchange*> add_exchange(ConnectorConfig config);
  /// Likewise; `denied` for a venue that has no derivatives.
  Result<Derivative*> add_derivative(ConnectorConfig config);
  /// A protocol on a chain (calypte/protocol.hpp); likewise.
  Result<Protocol*> add_protocol(ProtocolConfig config);
  /// Connects everything and delivers events to `strategy` until `stop` is called; then cancels what is open (if so
  /// configured), closes and returns. May be called again: a restart keeps books, orders and balances.
  Status run(Strategy& strategy);
  /// From any thread, or from a signal handler's self-pipe. Returns at once.
  void stop();
  /// From any thread: runs `f` on the runtime's thread, in the order of the calls. `denied`, with the reason
  /// `queue_full`, if `kMaxPosted` functions wait already: then `f` will not run.
  Status post(std::function<void()> f);
  static constexpr std::size_t kMaxPosted = 65'536;
  [[nodiscard]] Time now() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace calypte
