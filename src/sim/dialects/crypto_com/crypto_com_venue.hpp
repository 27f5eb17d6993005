// A simulated Crypto.com Exchange, API v1, seen from its wire.
//
// Sans I/O and deterministic: everything follows from the seed, the options and the calls with their times, which must
// not decrease. One thread. It runs in memory under virtual time, or behind real sockets with transport's server.
// Built from the fact sheet of the venue, not from the connector, so that the two check each other.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "calypte/time.hpp"

#include "core/random.hpp"
#include "sim/dialects/crypto_com/options.hpp"
#include "sim/dialects/crypto_com/rate_windows.hpp"
#include "sim/dialects/crypto_com/wire_words.hpp"
#include "sim/exchange.hpp"
#include "sim/order_flow.hpp"
#include "sim/simulated_venue.hpp"
#include "venue/json.hpp"
#include "venue/server_wire.hpp"

namespace calypte::sim::crypto_com {

/// BTC_USDT, ETH_USDT, CRO_USDT and BTC_USD; a perpetual and a delisted pair, which clients must not offer.
[[nodiscard]] std::vector<Instrument> default_instruments();

class CryptoComVenue final : public SimulatedVenue {
 public:
  CryptoComVenue(VenueOptions options, Time start);

  // --- venue::WireServer ---------------------------------------------------------------------------------------------
  venue::ServerReply on_request(const venue::ServerRequest& request, Time now) override;
  bool on_connect(venue::ConnectionId connection, const std::string& target, Time now) override;
  void on_text(venue::ConnectionId connection, venue::Bytes text, Time now) override;
  void on_disconnect(venue::ConnectionId connection, Time now) override;
  void on_time(Time now) override;
  [[nodiscard]] Time next_wakeup() const override;
  [[nodiscard]] std::vector<venue::ServerAction>& actions() override { return actions_; }

  // --- Control -------------------------------------------------------------------------------------------------------
  [[nodiscard]] FaultPlan& faults() noexcept { return faults_; }
  void close_all_sockets(std::uint16_t close_code, Time now);
  void close_sockets(std::uint16_t code, Time now) override { close_all_sockets(code, now); }
  void set_clock_offset(Duration offset) override { faults_.clock_offset = offset; }
  [[nodiscard]] Duration clock_offset() const override { return faults_.clock_offset; }
  [[nodiscard]] OrderFlow* flow(std::string_view symbol) override;
  void by_hand(const std::function<void(Exchange&)>& act, Time now) override;

  // --- Oracle: what really happened, past the wire -----------------------------------------------------------------
  [[nodiscard]] const Exchange& exchange() const override { return exchange_; }
  [[nodiscard]] VenuePaths paths() const override;
  [[nodiscard]] AccountId test_account() const override { return account(); }
  [[nodiscard]] const std::string& test_api_key() const override { return api_key(); }
  [[nodiscard]] const std::string& test_api_secret() const override { return api_secret(); }
  [[nodiscard]] std::string wire_order_id(OrderId id) const override { return std::to_string(id); }
  [[nodiscard]] std::string wire_trade_id(TradeId id) const override { return std::to_string(id); }
  [[nodiscard]] AccountId account(std::size_t index = 0) const { return accounts_.at(index).account; }
  [[nodiscard]] const std::string& api_key(std::size_t index = 0) const { return accounts_.at(index).api_key; }
  [[nodiscard]] const std::string& api_secret(std::size_t index = 0) const { return accounts_.at(index).api_secret; }
  /// Numbers the book deltas of all streams from 1, as `FaultPlan` counts them.
  [[nodiscard]] std::uint64_t deltas_made() const noexcept { return deltas_made_; }
  [[nodiscard]] std::size_t connection_count() const noexcept { return connections_.size(); }

 private:
  using Value = venue::json::Value;
  using ConnectionId = venue::ConnectionId;

  struct Account {
    std::string api_key;
    std::string api_secret;
    AccountId account = 0;
    AccountIds ids;
    bool balance_push_pending = false;
  };

  enum class ChannelKind : std::uint8_t {
    book,
    trade,
    ticker,
    candlestick,
    user_order,
    user_trade,
    user_balance,
    user_positions
  };
  struct Channel {
    ChannelKind kind = ChannelKind::book;
    std::optional<std::size_t> instrument;  ///< none: all of them, on user channels
    Time next = kNever;                     ///< when it has something to publish
    // Books.
    std::size_t depth = 0;
    bool deltas = false;
    Duration every{0};
    bool started = false;
    std::vector<EngineLevel> bids;
    std::vector<EngineLevel> asks;
    std::uint64_t last_update = 0;
    Time last_sent{};
    // Tickers and candles.
    std::string interval;
    Duration candle_length{0};
    std::string last_text;
  };
  struct Connection {
    bool user = false;
    Time since{};
    std::optional<std::size_t> account;  ///< index, after public/auth
    bool cancel_on_disconnect = false;
    Time next_heartbeat{};
    Time next_ping{};
    std::vector<std::int64_t> unanswered;  ///< heartbeat ids, bounded by the close at the third
    std::int64_t second = -1;
    std::uint32_t frames_in_second = 0;
    std::map<std::string, Channel> channels;
    bool closed = false;
  };
  /// The outcome of a method, before its envelope.
  struct Answer {
    int code = 0;
    std::string result;   ///< JSON; empty: none
    std::string message;  ///< empty: the code's own words, for errors
  };
  using Task = std::function<void(Time)>;

  // Time (crypto_com_venue.cpp).
  void advance(Time now);
  void schedule(Time at, int rank, Task task);
  void run_connection(ConnectionId id, Connection& connection, Time now);
  void collect(Time now);
  void forget_closed();
  [[nodiscard]] Time venue_time(Time now) const { return now + faults_.clock_offset; }
  [[nodiscard]] std::int64_t venue_ms(Time now) const { return to_unix_ms(venue_time(now)); }

  // REST (rest.cpp, public_methods.cpp).
  venue::ServerReply answer_request(const venue::ServerRequest& request, Time now);
  venue::ServerReply answer_private(const std::string& method, const venue::ServerRequest& request, Time now);
  using Query = std::map<std::string, std::string, std::less<>>;
  std::optional<Answer> call_public(const std::string& method, const Query& query, Time now);
  Answer get_book(const Query& query, Time now);
  Answer get_tickers(const Query& query, Time now);
  Answer get_public_trades(const Query& query);
  Answer get_candlestick(const Query& query);
  Answer get_risk_parameters(Time now);
  Answer get_valuations(const Query& query, Time now);

  // Private methods, over REST and the socket (private_methods.cpp, private_reads.cpp).
  /// Key, nonce and signature; the account's index, or the code of the refusal.
  [[nodiscard]] std::variant<std::size_t, int> authenticate(Value request, Time now) const;
  [[nodiscard]] static bool is_private_method(std::string_view method);
  [[nodiscard]] static bool works_on_socket(std::string_view method);
  Answer call_private(std::string_view method, Value params, std::string_view nonce, std::size_t account,
                      ConnectionId from, Time now);
  Answer create_order(Value params, std::string_view nonce, std::size_t account, ConnectionId from, Time now);
  Answer cancel_order(Value params, std::size_t account, Time now);
  Answer cancel_all(Value params, std::size_t account, Time now);
  Answer amend_order(Value params, std::size_t account, Time now);
  Answer order_list(Value params, bool create, std::string_view nonce, std::size_t account, ConnectionId from,
                    Time now);
  Answer open_orders(Value params, std::size_t account) const;
  Answer order_detail(Value params, std::size_t account) const;
  Answer order_history(Value params, std::size_t account, Time now) const;
  Answer private_trades(Value params, std::size_t account, Time now) const;
  Answer user_balance(std::size_t account) const;
  Answer fee_rate(std::size_t account) const;
  Answer instrument_fee_rate(Value params, std::size_t account) const;
  Answer get_accounts(std::size_t account) const;
  Answer currency_networks(Time now) const;
  [[nodiscard]] std::string balance_object(std::size_t account) const;
  [[nodiscard]] const OrderRecord* find_order(Value params, std::string_view id_key, std::string_view client_key,
                                              std::size_t account) const;
  void cancel_later(OrderId id, Time now);

  // Sockets (socket.cpp).
  void handle(ConnectionId id, Connection& connection, Value frame, Time now);
  void handle_auth(ConnectionId id, Connection& connection, Value frame, Time now);
  void handle_private(ConnectionId id, Connection& connection, Value frame, Time now);
  [[nodiscard]] bool within_frame_rate(Connection& connection, Time now);
  void send(ConnectionId id, std::string text);
  /// Data, which faults may mute.
  void send_data(ConnectionId id, const std::string& channel, std::string text);
  void close(ConnectionId id, Connection& connection, std::uint16_t close_code);

  // Channels (channels.cpp, user_channels.cpp).
  void subscribe(ConnectionId id, Connection& connection, Value frame, Time now);
  void unsubscribe(ConnectionId id, Connection& connection, Value frame);
  /// What the channel's name and the parameters mean; or an error's code and message.
  [[nodiscard]] std::variant<Channel, Answer> parse_channel(const Connection& connection, std::string_view name,
                                                            Value params) const;
  [[nodiscard]] std::variant<Channel, Answer> parse_book_channel(std::string_view rest, Value params) const;
  void start_channel(ConnectionId id, Connection& connection, const std::string& name, std::int64_t request_id,
                     Time now);
  void publish(ConnectionId id, const std::string& name, Channel& channel, Time now);
  void publish_book(ConnectionId id, const std::string& name, Channel& channel, Time now);
  void publish_delta(ConnectionId id, const std::string& name, Channel& channel, Time now);
  [[nodiscard]] std::string ticker_object(std::size_t instrument, bool with_sizes, Time now) const;
  [[nodiscard]] std::string candles_array(const Channel& channel, std::size_t count) const;
  [[nodiscard]] std::uint64_t update_id(std::size_t instrument);
  void push_trades(std::size_t instrument, const std::vector<PublicTrade>& trades);
  void push_order(const OrderRecord& order);
  void push_fill(const FillRecord& fill);
  void push_balance(std::size_t account, Time now);
  [[nodiscard]] std::optional<std::size_t> account_index(AccountId account) const;

  VenueOptions options_;
  core::Random random_;
  Exchange exchange_;
  std::vector<Account> accounts_;
  std::vector<std::pair<std::size_t, std::unique_ptr<OrderFlow>>> flows_;
  FaultPlan faults_;
  RateWindows windows_;
  std::map<ConnectionId, Connection> connections_;
  std::vector<venue::ServerAction> actions_;
  struct TaskKey {
    Time at{};
    int rank = 0;
    std::uint64_t sequence = 0;
    friend auto operator<=>(const TaskKey&, const TaskKey&) = default;
  };
  std::map<TaskKey, Task> tasks_;
  std::uint64_t task_sequence_ = 0;
  struct UpdateId {
    std::uint64_t version = 0;
    std::uint64_t id = 0;
  };
  std::vector<UpdateId> update_ids_;
  std::map<OrderId, std::uint32_t> pending_order_pushes_;  ///< for conflation
  std::uint64_t deltas_made_ = 0;
  Time now_{};
};

/// {"id":N,"method":M,"code":C and the opening of what follows; the caller ends the object.
void begin_envelope(Writer& out, std::int64_t id, std::string_view method, int code);
/// The whole reply for an answer.
[[nodiscard]] std::string envelope(std::int64_t id, std::string_view method, int code, std::string_view message,
                                   std::string_view result);
/// "1m", "M1", ... "14D"; empty for anything else.
[[nodiscard]] std::optional<Duration> candle_length(std::string_view text);
/// The `id` of a request as the number that is echoed; -1 if it had none.
[[nodiscard]] std::int64_t id_of(venue::json::Value request);

}  // namespace calypte::sim::crypto_com
