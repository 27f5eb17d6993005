// The engine of exchanges and, extended, of derivatives.
//
// It owns the parts (order book tracker, user stream tracker, order tracker, balances, request desk) and holds the
// flows between them; no part knows the others.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/connector.hpp"
#include "calypte/credentials.hpp"
#include "calypte/log.hpp"
#include "calypte/runtime.hpp"

#include "engine/actions.hpp"
#include "engine/balances.hpp"
#include "engine/cancel_alls.hpp"
#include "engine/client_order_ids.hpp"
#include "engine/clock_sync.hpp"
#include "engine/dead_man.hpp"
#include "engine/engine.hpp"
#include "engine/instruments.hpp"
#include "engine/journal_record.hpp"
#include "engine/order_book_tracker.hpp"
#include "engine/order_book_tracker_data_source.hpp"
#include "engine/order_entry_stream.hpp"
#include "engine/order_tracker.hpp"
#include "engine/readiness.hpp"
#include "engine/recovery.hpp"
#include "engine/request_desk.hpp"
#include "engine/user_stream_tracker.hpp"
#include "engine/user_stream_tracker_data_source.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

struct ExchangeEngineOptions {
  std::vector<TradingPair> trading_pairs;
  bool trading_required = true;
  Decimal rate_limits_share = 1;
  OrderEntry order_entry = OrderEntry::automatic;
  std::string client_order_id_prefix = "cal";
  std::uint64_t seed = 1;      ///< jitter
  std::uint64_t instance = 1;  ///< distinguishes processes in client order ids
  Duration instruments_refresh = std::chrono::minutes{30};
  Duration fees_refresh = std::chrono::hours{12};
  Duration dead_man = Duration::zero();  ///< engine/dead_man.hpp; 0: off
  UserStreamOptions user_stream;
  OrderTrackerOptions orders;
  OrderBookTrackerOptions books;
};

class ExchangeEngine : public Engine {
 public:
  /// Fails on a configuration that makes no sense: no pairs, trading without credentials, a prefix that does not fit,
  /// trading on a derivative (engine/derivative_engine.hpp). `make_engine` makes the right one for any venue.
  static Result<std::unique_ptr<ExchangeEngine>> create(std::unique_ptr<venue::Venue> venue, Credentials credentials,
                                                        ExchangeEngineOptions options, LogSink& log, Time now);
  ~ExchangeEngine() override;

  // --- engine/engine.hpp ---

  void start(Time now) override;
  void stop(Time now) override;
  void on_stream_up(venue::StreamId stream, Time now) override;
  void on_stream_down(venue::StreamId stream, std::string_view reason, Time now) override;
  void on_stream_alive(venue::StreamId stream, Time now) override;
  void on_frame(venue::StreamId stream, venue::Bytes frame, Time now) override;
  void on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) override;
  void on_time(Time now) override;
  void excuse(Duration lost, Time now) override;
  bool settle() override;
  [[nodiscard]] std::vector<const OrderBook*>& changed_books() noexcept override { return book_tracker_.changed(); }
  [[nodiscard]] Time next_wakeup() const override;
  void set_durable(bool durable, std::string_view reason) override;
  void keep_changes() override;
  void write_changes(RoundWriter& round) override;
  void write_all(const std::function<RoundWriter&()>& next) const override;
  void restore(const Recovery& recovery, Time now) override;
  [[nodiscard]] bool account_live() const noexcept override { return user_tracker_.live(); }
  bool sweep_soon() override;
  [[nodiscard]] std::uint64_t sweeps() const noexcept override { return user_tracker_.sweeps(); }
  bool disarm_dead_man(Time now) override;
  [[nodiscard]] bool dead_man_disarmed() const override { return dead_man_.disarmed(); }
  /// Now while the private stream is up, else the time of the last answer.
  [[nodiscard]] Time last_contact() const override {
    return user_source_.session().is_up() ? now_ : desk_.last_answer();
  }

  // --- Commands and reads: calypte/connector.hpp ---

  [[nodiscard]] std::string_view name() const noexcept override { return venue_->spec().name; }
  [[nodiscard]] ConnectorKind kind() const noexcept override { return venue_->spec().kind; }
  [[nodiscard]] Time current_time() const noexcept override { return now_; }
  [[nodiscard]] ConnectorStatus status() const override;
  ClientOrderId buy(const TradingPair& pair, const Decimal& amount, OrderType type, const std::optional<Decimal>& price,
                    const OrderOptions& options) override;
  ClientOrderId sell(const TradingPair& pair, const Decimal& amount, OrderType type,
                     const std::optional<Decimal>& price, const OrderOptions& options) override;
  Status cancel(const ClientOrderId& id) override;
  std::vector<ClientOrderId> place_orders(std::span<const OrderIntent> orders) override;
  std::vector<Status> cancel_orders(std::span<const ClientOrderId> ids) override;
  void cancel_all(Duration time_limit, CancelAllDone done) override;
  [[nodiscard]] const InFlightOrder* order(const ClientOrderId& id) const override;
  [[nodiscard]] std::vector<const InFlightOrder*> in_flight_orders() const override;
  [[nodiscard]] std::vector<LimitOrder> limit_orders() const override;
  [[nodiscard]] std::string explain(const ClientOrderId& id) const override;
  [[nodiscard]] std::vector<std::string> tracking_states() const override;
  Status restore_tracking_states(std::span<const std::string> states) override;
  [[nodiscard]] Decimal balance(std::string_view asset) const override;
  [[nodiscard]] Decimal available_balance(std::string_view asset) const override;
  [[nodiscard]] std::vector<std::pair<std::string, Balance>> balances() const override;
  [[nodiscard]] std::span<const OrderType> supported_order_types() const noexcept override {
    return venue_->spec().orders.types;
  }
  [[nodiscard]] std::vector<TradingPair> trading_pairs() const override;
  [[nodiscard]] std::vector<TradingPair> all_trading_pairs() const override { return instruments_.tradable_pairs(); }
  [[nodiscard]] const TradingRule* trading_rule(const TradingPair& pair) const override;
  [[nodiscard]] const OrderBook* order_book(const TradingPair& pair) const override;
  [[nodiscard]] std::optional<Decimal> price(const TradingPair& pair, PriceType type) const override;
  [[nodiscard]] TradeFee fee(const TradingPair& pair, OrderType type, TradeType side, const Decimal& amount,
                             const std::optional<Decimal>& price) const override;
  Status add_trading_pair(const TradingPair& pair) override;
  Status remove_trading_pair(const TradingPair& pair) override;
  void last_traded_prices(std::span<const TradingPair> pairs, LastTradedPricesDone done) override;

  // --- For the driver, tests and people ---

  [[nodiscard]] const OrderTracker& orders() const noexcept { return order_tracker_; }
  [[nodiscard]] OrderTracker& orders() noexcept { return order_tracker_; }
  [[nodiscard]] const OrderBookTracker& books() const noexcept { return book_tracker_; }
  [[nodiscard]] const UserStreamTracker& user_stream() const noexcept { return user_tracker_; }
  [[nodiscard]] const ClockSync& clock_sync() const noexcept { return clock_; }
  [[nodiscard]] const RequestDesk& requests() const noexcept { return desk_; }
  [[nodiscard]] const DeadMan& dead_man() const noexcept { return dead_man_; }
  [[nodiscard]] const FrameCounters& market_frames() const noexcept { return book_source_.counters(); }
  [[nodiscard]] const FrameCounters& user_frames() const noexcept { return user_source_.counters(); }
  /// Down for ever where orders go by REST alone.
  [[nodiscard]] const OrderEntryStream& order_entry() const noexcept { return order_stream_; }
  /// Does the venue answer at all? From the last request's outcome.
  [[nodiscard]] bool connected() const noexcept { return desk_.reachable(); }

 protected:
  /// What was checked and made of a configuration before there is an engine.
  struct Blueprint {
    std::unique_ptr<venue::Venue> venue;
    Credentials credentials;
    ExchangeEngineOptions options;
    Throttle throttle;
    ClientOrderIds ids;
  };
  static Result<Blueprint> check_configuration(std::unique_ptr<venue::Venue> venue, Credentials credentials,
                                               ExchangeEngineOptions options, Time now);
  ExchangeEngine(Blueprint blueprint, LogSink& log, Time now);

  // --- What a derivative adds. None of it is called by the constructor; `now_` is set. ---

  /// The instruments are known, and reading the account begins; again after each restart.
  virtual void on_account_started() {}
  /// A pair is followed from now on; called again, without harm, whenever the instruments were read anew.
  virtual void on_pair_followed(const TradingPair& /*pair*/, const Symbol& /*symbol*/) {}
  virtual void on_pair_dropped(const TradingPair& /*pair*/) {}
  virtual void on_stopping() {}
  /// Its own deadlines; called in each round of `settle` while the connector is running.
  virtual void advance() {}
  [[nodiscard]] virtual Time next_own_wakeup() const { return kNever; }
  /// Sees the events of orders before the strategy does, then appends its own to `events`.
  virtual void add_events(std::span<const Event> /*order_events*/, std::vector<Event>& /*events*/) {}
  virtual void add_conditions(ConnectorStatus& /*status*/) const {}
  /// What an order does to a position, as far as it can be judged before it is sent.
  [[nodiscard]] virtual Status check_position_action(TradeType side, const TradingPair& pair,
                                                     const OrderOptions& options) const;
  struct PositionTerms {
    Decimal leverage = 1;
    PositionSide side = PositionSide::net;
    bool reduce_only = false;
  };
  /// Of an order that `check_position_action` let pass.
  [[nodiscard]] virtual PositionTerms position_terms(TradeType /*side*/, const TradingPair& /*pair*/,
                                                     const OrderOptions& /*options*/) const {
    return {};
  }
  [[nodiscard]] virtual Status check_funds(TradeType side, const TradingPair& pair, const Decimal& amount,
                                           const Decimal& price, OrderType type, const OrderOptions& options) const;

  [[nodiscard]] const TradeFeeSchema& fee_schema(const TradingPair& pair) const;
  [[nodiscard]] const Readiness& readiness() const noexcept { return readiness_; }

  // The parts, in the order in which they are made.
  LogSink& log_;
  std::unique_ptr<venue::Venue> venue_;
  Credentials credentials_;
  ExchangeEngineOptions options_;
  Time now_;
  bool running_ = false;
  bool user_started_ = false;
  std::string not_durable_;  // why nothing can be written down; empty: it can
  bool dirty_ = true;        // something besides market data happened since the last settle
  core::Random random_;
  ClockSync clock_;
  RequestDesk desk_;
  Instruments instruments_;
  OrderTracker order_tracker_;
  Balances balances_;
  OrderBookTracker book_tracker_;
  OrderBookTrackerDataSource book_source_;
  UserStreamTracker user_tracker_;
  UserStreamTrackerDataSource user_source_;
  OrderEntryStream order_stream_;
  DeadMan dead_man_;
  ClientOrderIds ids_;
  std::set<TradingPair> wanted_pairs_;

 private:
  /// What the account's orders held when its balances were last told: with it, and the fills since, availability can be
  /// projected to now (engine/balances.hpp).
  struct FundsSnapshot {
    Time time{};
    std::vector<OrderHold> holds;
    std::vector<FillEffect> fills_since;
    bool told_full = false;  // more fills than are kept
  };
  static constexpr std::size_t kMaxFillsSince = 10'000;

  // exchange_orders.cpp
  ClientOrderId place(TradeType side, const TradingPair& pair, const Decimal& amount, OrderType type,
                      const std::optional<Decimal>& price, const OrderOptions& options);
  void deny(const ClientOrderId& id, OrderType type, const Status& status);
  [[nodiscard]] Status check_order(TradeType side, const TradingPair& pair, const Decimal& amount, OrderType type,
                                   const std::optional<Decimal>& price, const OrderOptions& options) const;
  struct PreparedOrder {
    ClientOrderId id;
    std::optional<venue::NewOrder> request;  // tracked and ready to leave; empty if it was denied
  };
  PreparedOrder prepare(TradeType side, const TradingPair& pair, const Decimal& amount, OrderType type,
                        const std::optional<Decimal>& price, const OrderOptions& options);
  void submit_orders(std::vector<venue::NewOrder> orders);
  /// True if it had not left: then it never will.
  bool take_back(const ClientOrderId& id);
  void on_order_placed(const ClientOrderId& id, const Reply& reply);
  void on_orders_placed(const Reply& reply);
  void send_cancel(const ClientOrderId& id);
  void send_cancels(const Symbol& symbol, std::span<const ClientOrderId> ids);
  void on_cancel_answered(const ClientOrderId& id, const Status& status);
  void on_cancels_answered(const Reply& reply);
  void send_waiting_cancels();
  [[nodiscard]] std::vector<OrderHold> holds() const;
  [[nodiscard]] Decimal projected_balance(std::string_view asset) const;
  void note_funds(std::span<const Event> order_events);

  // exchange_refresh.cpp
  void refresh_instruments();
  void refresh_fees();
  void ask_fees(venue::QueryFees request, const TradingPair* pair);
  void apply_instruments(const Reply& reply);
  void follow_wanted_pairs();

  void start_user_stream();
  void collect_events();
  [[nodiscard]] bool initialized() const;

  std::map<TradingPair, TradeFeeSchema> fees_;
  std::map<TradingPair, Time> fees_due_;  // of the followed pairs, where the venue wants to be asked for each
  TradeFeeSchema default_fees_;
  Time next_instruments_ = kNever;
  Time next_fees_ = kNever;
  std::uint32_t instrument_failures_ = 0;
  std::map<ClientOrderId, RequestDesk::Ticket> submitting_;  // orders whose request has no answer yet
  std::set<ClientOrderId> cancel_wanted_;                    // asked to be cancelled before they could be named
  std::set<ClientOrderId> canceling_;                        // a cancel request has no answer yet
  CancelAlls cancel_alls_;
  FundsSnapshot funds_;
  Readiness readiness_;
};

}  // namespace calypte::engine
