// What the simulated Binance markets have in common: everything but orders, accounts and the user's events.
//
// A venue derives from the house, registers its endpoints in its constructor (`add_rest`, `add_api`), begins with
// `open_market` as the last thing there, and overrides what its wire has different: how targets of WebSockets and names
// of streams are understood, how update ids run, how market data is written, and what its accounts are told.
//
// Sans I/O and deterministic: everything follows from the seed, the options and the calls with their times, which must
// not decrease. One thread. Built from the fact sheets of the venues, not from the connector.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "calypte/time.hpp"

#include "core/random.hpp"
#include "sim/dialects/binance/answer.hpp"
#include "sim/dialects/binance/feeds.hpp"
#include "sim/dialects/binance/options.hpp"
#include "sim/dialects/binance/parameters.hpp"
#include "sim/dialects/binance/rate_windows.hpp"
#include "sim/exchange.hpp"
#include "sim/order_flow.hpp"
#include "sim/simulated_venue.hpp"
#include "venue/json.hpp"
#include "venue/json_writer.hpp"
#include "venue/server_wire.hpp"

namespace calypte::sim::binance {

using venue::json::Value;
using venue::json::Writer;

class BinanceHouse : public SimulatedVenue {
 public:
  // --- venue::WireServer ---------------------------------------------------------------------------------------------
  venue::ServerReply on_request(const venue::ServerRequest& request, Time now) final;
  bool on_connect(venue::ConnectionId connection, const std::string& target, Time now) final;
  void on_text(venue::ConnectionId connection, venue::Bytes text, Time now) final;
  void on_disconnect(venue::ConnectionId connection, Time now) final;
  void on_time(Time now) final;
  [[nodiscard]] Time next_wakeup() const final;
  [[nodiscard]] std::vector<venue::ServerAction>& actions() final { return actions_; }

  // --- Control -------------------------------------------------------------------------------------------------------
  [[nodiscard]] FaultPlan& faults() noexcept { return faults_; }
  void close_all_sockets(std::uint16_t close_code, Time now);
  void close_sockets(std::uint16_t code, Time now) final { close_all_sockets(code, now); }
  void set_clock_offset(Duration offset) final { faults_.clock_offset = offset; }
  [[nodiscard]] Duration clock_offset() const final { return faults_.clock_offset; }
  /// Sends `serverShutdown` on every connection; they stay open until they are closed.
  void announce_shutdown(Time now);
  [[nodiscard]] OrderFlow* flow(std::string_view symbol) final;
  void by_hand(const std::function<void(Exchange&)>& act, Time now) final;

  // --- Oracle: what really happened, past the wire -----------------------------------------------------------------
  [[nodiscard]] const Exchange& exchange() const final { return exchange_; }
  [[nodiscard]] AccountId test_account() const final { return account(); }
  [[nodiscard]] const std::string& test_api_key() const final { return api_key(); }
  [[nodiscard]] const std::string& test_api_secret() const final { return api_secret(); }
  [[nodiscard]] std::string_view test_ed25519_api_key() const final { return ed25519_api_key(); }
  [[nodiscard]] std::string wire_order_id(OrderId id) const override { return std::to_string(id); }
  /// The number of the public trade, which both sides of it share.
  [[nodiscard]] std::string wire_trade_id(TradeId id) const final;
  [[nodiscard]] AccountId account(std::size_t index = 0) const { return accounts_.at(index).account; }
  [[nodiscard]] const std::string& api_key(std::size_t index = 0) const { return accounts_.at(index).api_key; }
  [[nodiscard]] const std::string& api_secret(std::size_t index = 0) const { return accounts_.at(index).api_secret; }
  [[nodiscard]] const std::string& ed25519_api_key(std::size_t index = 0) const {
    return accounts_.at(index).ed25519_api_key;
  }
  /// The update id that the book has now: `lastUpdateId` of a snapshot, `u` of an event that tells all of it.
  [[nodiscard]] std::uint64_t book_update_id(std::size_t instrument) const { return markets_.at(instrument).update_id; }
  /// Numbers the diff depth events of all feeds from 1, as `FaultPlan` counts them.
  [[nodiscard]] std::uint64_t depth_events_made() const noexcept { return depth_events_made_; }
  [[nodiscard]] std::size_t connection_count() const noexcept { return connections_.size(); }
  [[nodiscard]] std::int64_t used_weight(Time now) { return weight_.used(now); }

 protected:
  using ConnectionId = venue::ConnectionId;

  struct Account {
    std::string api_key;
    std::string api_secret;
    std::string ed25519_api_key;
    std::string ed25519_public_key;
    AccountId account = 0;
    std::vector<RateWindow> orders;  ///< as `HouseRules::orders`
  };

  // --- Requests ----------------------------------------------------------------------------------------------------
  /// What a caller must prove.
  enum class Security : std::uint8_t { none, key, signature };
  struct Call {
    const Parameters& parameters;
    std::size_t account = 0;      ///< index; meaningless with Security::none
    ConnectionId connection = 0;  ///< 0 over REST
    Time now{};
  };
  struct Endpoint {
    Security security = Security::none;
    std::function<std::uint32_t(const Parameters&)> weight;
    std::function<Answer(const Call&)> handler;
    bool free_if_successful = false;  ///< only failures cost the weight
    bool counts_as_order = false;     ///< takes a place in ORDERS
  };
  [[nodiscard]] static std::function<std::uint32_t(const Parameters&)> costs(std::uint32_t weight) {
    return [weight](const Parameters&) { return weight; };
  }
  /// One weight if a symbol is named, another one if all are asked for.
  [[nodiscard]] static std::function<std::uint32_t(const Parameters&)> costs(std::uint32_t one, std::uint32_t all);
  void add_rest(venue::HttpMethod method, std::string_view path, Endpoint endpoint);
  /// A method of the WebSocket API.
  void add_api(std::string_view method, Endpoint endpoint);
  /// Both, for what is the same on either.
  void add(venue::HttpMethod http, std::string_view path, std::string_view api_method, const Endpoint& endpoint);

  // --- Connections -------------------------------------------------------------------------------------------------
  /// Events of an account that a connection of the WebSocket API asked for.
  struct UserSubscription {
    std::uint32_t id = 0;
    std::size_t account = 0;
    bool by_logon = false;
  };
  struct Connection {
    enum class Kind : std::uint8_t { market, api };
    Kind kind = Kind::market;
    std::string route;  ///< whatever the venue's targets distinguish
    bool combined = false;
    bool return_rate_limits = true;
    Time since{};
    Time next_ping{};
    std::deque<Time> incoming;  ///< of the last second, bounded by the close at one too many
    std::vector<std::string> streams;
    // The WebSocket API.
    std::optional<std::size_t> session;  ///< index of the account that logged on
    Time authorized_since{};
    std::vector<UserSubscription> subscriptions;
    std::uint32_t next_subscription = 0;
    bool closed = false;
  };
  /// A target taken apart; `streams` are subscribed to at once.
  struct Opened {
    Connection::Kind kind = Connection::Kind::market;
    std::string route;
    bool combined = false;
    std::vector<std::string> streams;
  };

  BinanceHouse(VenueOptions options, HouseRules rules, ExchangeHabits habits,
               std::vector<Instrument> default_instruments,
               const std::vector<std::pair<std::string, Decimal>>& default_purse, Time start);
  /// Starts the background trading. To be called at the end of the constructor of the venue, because it reaches into
  /// what the venue overrides.
  void open_market(Time start);

  [[nodiscard]] virtual bool is_traded(std::size_t instrument) const;

  // --- What a venue may override
  // --------------------------------------------------------------------------------------
  /// What a WebSocket target means; nothing refuses it with 404.
  [[nodiscard]] virtual std::optional<Opened> open_target(std::string_view path, std::string_view query) const = 0;
  /// What a stream name means on a connection of this route. What has no meaning is acknowledged and stays silent.
  [[nodiscard]] virtual std::optional<FeedSpec> parse_stream(std::string_view name, std::string_view route) const;
  /// A stream name was subscribed to: for names that are no feeds of the market, such as listen keys.
  virtual void on_subscribed(ConnectionId, Connection&, const std::string& /*name*/, Time) {}
  /// The ids for a change of a book, whose id before it is `current`. The default numbers each change, one by one.
  [[nodiscard]] virtual UpdateIds next_update_ids(std::size_t instrument, std::uint64_t current, std::uint64_t changes);
  /// What happened to accounts, in order; public trades are dealt with already.
  virtual void tell_accounts(const std::vector<ExchangeEvent>& events, Time now) = 0;
  /// Called for each feed whose time has come; `next` is set already. Overrides handle their own kinds.
  virtual void publish(const std::string& name, Feed& feed, Time now);
  /// Own timers of the venue (funding, expiry of listen keys).
  [[nodiscard]] virtual Time next_venue_event() const { return kNever; }
  virtual void run_venue_events(Time) {}

  // How market data is written (market_words.cpp); the defaults are those of spot.
  [[nodiscard]] virtual std::string price_text(const Instrument& instrument, const Decimal& price) const;
  [[nodiscard]] virtual std::string quantity_text(const Instrument& instrument, const Decimal& quantity) const;
  /// Prices times quantities, fees.
  [[nodiscard]] virtual std::string value_text(const Decimal& value) const;
  [[nodiscard]] virtual std::string depth_snapshot(std::size_t instrument, std::size_t depth, Time now) const;
  [[nodiscard]] virtual std::string depth_event(const DepthEvent& event, Time now) const;
  [[nodiscard]] virtual std::string partial_depth_event(std::size_t instrument, const Feed& feed, Time now) const;
  [[nodiscard]] virtual std::string book_ticker_event(std::size_t instrument, Time now) const;
  [[nodiscard]] virtual std::string trade_event(std::size_t instrument, const PublicTrade& trade, Time now) const;
  [[nodiscard]] virtual std::string aggregated_trade_event(std::size_t instrument, const AggregatedTrade& trade,
                                                           Time now) const;
  [[nodiscard]] virtual std::string ticker_event(std::size_t instrument, bool mini, Time now) const;
  [[nodiscard]] virtual std::string kline_event(std::size_t instrument, const FeedSpec& spec, const Candle& candle,
                                                bool closed, Time now) const;
  [[nodiscard]] virtual std::string public_trade(std::size_t instrument, const PublicTrade& trade) const;
  [[nodiscard]] virtual std::string aggregated_trade(std::size_t instrument, const AggregatedTrade& trade) const;
  [[nodiscard]] virtual std::string book_ticker(std::size_t instrument, Time now) const;
  [[nodiscard]] virtual std::string day_ticker(std::size_t instrument, Time now) const;

  [[nodiscard]] std::string kline(std::size_t instrument, Duration length, const Candle& candle) const;

  // Pieces that these are made of.
  struct Touch {
    std::string bid;
    std::string bid_quantity;
    std::string ask;
    std::string ask_quantity;
  };
  struct DayTexts {
    std::string last, last_quantity, open, high, low, volume, value, change, change_percent, average;
    std::int64_t opened = 0;
    std::int64_t closed = 0;
    std::uint64_t trades = 0;
    std::uint64_t first_trade = 0;
    std::uint64_t last_trade = 0;
  };
  [[nodiscard]] Touch touch(std::size_t instrument) const;  ///< zeros where a side is empty
  [[nodiscard]] DayTexts day_texts(std::size_t instrument, Time now) const;
  void write_levels(Writer& out, std::size_t instrument, const std::vector<EngineLevel>& levels) const;
  void write_book(Writer& out, std::size_t instrument, std::size_t depth, std::string_view bids,
                  std::string_view asks) const;
  void write_aggregated(Writer& out, std::size_t instrument, const AggregatedTrade& trade) const;

  // --- Public endpoints that the markets share (market_data.cpp) ---------------------------------------------------
  Answer get_time(const Call& call) const;
  Answer get_depth(const Call& call);
  Answer get_trades(const Call& call) const;  ///< with `fromId`: historical trades
  Answer get_aggregated_trades(const Call& call) const;
  Answer get_klines(const Call& call) const;
  Answer get_prices(const Call& call) const;
  Answer get_book_tickers(const Call& call) const;
  Answer get_day_tickers(const Call& call) const;
  /// One object if `symbol` is named, a list otherwise.
  [[nodiscard]] Answer list_by_symbol(const Parameters& parameters,
                                      const std::function<std::string(std::size_t)>& write) const;
  /// The instruments that `symbol` or `symbols` names, all of them if neither is there, or the error.
  [[nodiscard]] std::variant<std::vector<std::size_t>, Answer> named_instruments(const Parameters& parameters) const;
  /// The instrument that the mandatory `symbol` names, or the error.
  [[nodiscard]] std::variant<std::size_t, Answer> named_instrument(const Parameters& parameters) const;
  /// The same where `symbol` may be left out.
  [[nodiscard]] std::variant<std::optional<std::size_t>, Answer> optional_instrument(
      const Parameters& parameters) const;

  // --- Orders that the markets read alike (house_orders.cpp) -------------------------------------------------------
  /// How a market shows an order.
  [[nodiscard]] virtual std::string order_object(const OrderRecord& order) const = 0;
  /// The order that `orderId` or `origClientOrderId` names on the account and the symbol, null, or an error.
  [[nodiscard]] std::variant<const OrderRecord*, Answer> find_order(const Call& call) const;
  Answer get_order(const Call& call) const;
  Answer get_open_orders(const Call& call) const;

  /// `rateLimits` as exchangeInfo shows them.
  void write_rate_rules(Writer& out, bool raw_requests) const;
  /// `rateLimits` with what is used up, as the WebSocket API and the order counters show them.
  void write_rate_limits(Writer& out, std::optional<std::size_t> account, bool weights, bool orders, Time now);
  /// Candles oldest first without holes, at most `count`, the last one that of `now`; none before the first trade.
  [[nodiscard]] std::vector<Candle> candles(std::size_t instrument, Duration length, std::size_t count, Time now) const;

  // --- WebSocket API: session and user streams (house_api.cpp) ------------------------------------------------------
  void add_session_methods();
  void add_user_subscriptions();
  /// Sends an event to every subscription of the account on the WebSocket API.
  void push_to_subscriptions(std::size_t account, std::string_view event);
  /// Runs `tell` now or after the delay of user events; faults may lose it or do it twice.
  void user_event(const std::function<void(Time)>& tell, Time now);

  // --- Services ----------------------------------------------------------------------------------------------------
  void advance(Time now);
  void collect(Time now);
  void schedule(Time at, std::function<void(Time)> task);
  void send(ConnectionId id, std::string text);
  /// To everybody who listens to this stream name, wrapped where a connection wants that. Faults may mute it.
  void publish_text(const std::string& name, const Feed& feed, const std::string& data);
  /// To one connection, wrapped with this stream name if it is combined.
  void send_data(ConnectionId id, const Connection& connection, std::string_view name, const std::string& data);
  void subscribe(ConnectionId id, Connection& connection, const std::string& name, Time now);
  void unsubscribe(ConnectionId id, Connection& connection, const std::string& name);
  void close(ConnectionId id, Connection& connection, std::uint16_t close_code);
  [[nodiscard]] std::optional<std::size_t> account_index(AccountId account) const;
  [[nodiscard]] Time venue_time(Time now) const { return now + faults_.clock_offset; }
  [[nodiscard]] std::int64_t venue_ms(Time now) const { return to_unix_ms(venue_time(now)); }
  /// Random text of the characters that ids and keys are made of.
  [[nodiscard]] std::string random_text(std::size_t size);
  /// An order that has begun to fill does not count in ORDERS any more.
  void give_order_count_back(std::size_t account, Time now);
  /// In lower case, as stream names have it.
  [[nodiscard]] std::optional<std::size_t> find_lower_symbol(std::string_view text) const;

  VenueOptions options_;
  HouseRules rules_;
  core::Random random_;
  Exchange exchange_;
  std::vector<Account> accounts_;
  FaultPlan faults_;
  std::map<ConnectionId, Connection> connections_;
  Feeds feeds_;
  Time now_{};

 private:
  struct Market {
    std::uint64_t version = 0;    ///< of the book, when its ids were given out last
    std::uint64_t update_id = 0;  ///< of the book as it is
    std::optional<EngineLevel> best_bid;
    std::optional<EngineLevel> best_ask;
    std::deque<AggregatedTrade> aggregated;  ///< bounded like the tape
    std::uint64_t last_aggregated = 0;
    std::string lower_symbol;
  };
  /// Whose key a request carries.
  struct Credential {
    std::size_t account = 0;
    bool ed25519 = false;
  };
  /// What of a request is needed to check it.
  struct Proof {
    std::string_view key;
    std::string_view signature;
    std::vector<std::string> payloads;   ///< any of which may be what was signed
    std::optional<std::size_t> session;  ///< the account that the connection is logged on for
  };
  struct Outcome {
    Answer answer;
    std::optional<std::size_t> account;  ///< once it is known
    std::optional<ReplyFault::Kind> fault;
  };

  // house.cpp
  void run_connections(Time now);
  void forget_closed();
  void print(std::size_t instrument, const std::vector<PublicTrade>& trades, Time now);
  void note_book_changes(Time now);
  // house_requests.cpp
  [[nodiscard]] std::optional<Answer> check_rates(Time now);
  [[nodiscard]] std::optional<Credential> find_key(std::string_view key) const;
  [[nodiscard]] std::optional<Answer> check_time(const Parameters& parameters, Time now) const;
  /// The account that the proof is of, or the error.
  [[nodiscard]] std::variant<std::size_t, Answer> authenticate(const Endpoint& endpoint, const Parameters& parameters,
                                                               const Proof& proof, Time now) const;
  [[nodiscard]] std::optional<ReplyFault::Kind> take_fault(std::string_view request, const Endpoint& endpoint);
  [[nodiscard]] std::optional<Answer> check_order_count(std::size_t account, Time now);
  [[nodiscard]] Outcome perform(std::string_view name, const Endpoint& endpoint, const Parameters& parameters,
                                const Proof& proof, ConnectionId connection, Time now);
  [[nodiscard]] venue::ServerReply answer_request(const venue::ServerRequest& request, Time now);
  // house_sockets.cpp
  void control(ConnectionId id, Connection& connection, Value frame, Time now);
  // house_api.cpp
  void call_api(ConnectionId id, Connection& connection, Value frame, Time now);
  void answer_invalid_api_frame(ConnectionId id);
  void answer_api(ConnectionId id, std::string_view request_id, const Answer& answer, const Connection* connection,
                  std::string_view rate_limits);
  [[nodiscard]] Answer log_on(const Call& call);
  [[nodiscard]] Answer log_out(const Call& call);
  [[nodiscard]] Answer session_state(const Connection& connection, Time now) const;
  [[nodiscard]] Answer subscribe_user(Connection& connection, std::size_t account, bool by_logon);
  [[nodiscard]] Answer unsubscribe_user(const Call& call);
  void end_subscription(ConnectionId id, const UserSubscription& subscription, Time now);
  // house_feeds.cpp
  void publish_depth(const std::string& name, Feed& feed, Time now);
  /// A snapshot shows the book as it is between two events of its feeds.
  void note_shown(std::size_t instrument);
  void publish_tickers(const std::string& name, Feed& feed, Time now);
  void publish_kline(const std::string& name, Feed& feed, Time now);

  std::vector<Market> markets_;
  std::vector<std::pair<std::size_t, std::unique_ptr<OrderFlow>>> flows_;
  std::map<std::string, Endpoint, std::less<>> rest_;
  std::map<std::string, Endpoint, std::less<>> api_;
  RateWindow weight_;
  RateWindow raw_requests_;
  std::uint32_t refusals_ = 0;  ///< for exceeding the weight, since the last ban or the last allowed request
  std::uint32_t bans_ = 0;
  Time banned_until_{};
  std::vector<venue::ServerAction> actions_;
  std::map<std::pair<Time, std::uint64_t>, std::function<void(Time)>> tasks_;  ///< by time, then as scheduled
  std::uint64_t task_sequence_ = 0;
  std::map<TradeId, std::uint64_t> public_ids_;  ///< of the fills of recorded accounts, kept like those
  std::uint64_t depth_events_made_ = 0;
};

/// The `id` of a frame as it is to be echoed; nothing if it is neither a whole number, a short string nor null.
[[nodiscard]] std::optional<std::string> request_id_of(Value frame);

}  // namespace calypte::sim::binance
