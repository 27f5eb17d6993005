// The venue-neutral heart of a simulated venue: instruments, order books, accounts and the life of every order.
//
// An order is taken in two steps, as real venues do: `accept` checks it, binds the funds and gives it an id; `enter`
// brings it to the book, now or later, where it trades, rests or ends. A dialect (sim/dialects/<venue>) decides when
// the second step happens and how all of it looks on the wire. What happened is appended to `events()` in order; the
// reads at the end are the oracle. A fill of a spot instrument exchanges base and quote; one of a contract settles into
// positions, whose margins, funding and liquidations live here too (exchange_contracts.cpp and its neighbours).
// Deterministic, one thread, no clock: the caller names the time, which must not decrease. Everything of a recorded
// account is kept for the life of the exchange; of the others only what rests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/time.hpp"

#include "core/random.hpp"
#include "sim/accounts.hpp"
#include "sim/funding.hpp"
#include "sim/instrument.hpp"
#include "sim/margin.hpp"
#include "sim/matching_engine.hpp"
#include "sim/positions.hpp"
#include "sim/trade_tape.hpp"

namespace calypte::sim {

/// Why an order, a cancel, an amendment or a change of settings was refused on the spot.
enum class Refusal : std::uint8_t {
  none,
  unknown_instrument,
  not_tradable,
  invalid_price,
  invalid_quantity,
  below_min_notional,
  above_max_notional,
  too_far,
  insufficient_balance,
  duplicate_client_id,
  too_many_orders,
  no_liquidity,
  unknown_order,
  closed_order,
  // Contracts only.
  insufficient_margin,
  position_side_mismatch,  ///< the side is not one of the account's position mode
  reduce_only_rejected,    ///< there is nothing to reduce, or less than the order's quantity
  max_position,            ///< bigger than the leverage allows
  invalid_leverage,
  leverage_reduction,  ///< with an isolated position
  open_orders_exist,
  positions_exist,
  no_change,  ///< it is set so already
};

/// Who wanted an order.
enum class OrderOrigin : std::uint8_t {
  user,
  liquidation,   ///< the venue closes a position against the book
  deleveraging,  ///< the venue takes over what the book did not take
};

enum class OrderState : std::uint8_t { pending, active, filled, cancelled, rejected };
[[nodiscard]] constexpr bool is_closed(OrderState state) noexcept { return state >= OrderState::filled; }

struct OrderRequest {
  AccountId account = 0;
  std::size_t instrument = 0;
  std::string client_id;  ///< unique per account for ever, unless `ExchangeHabits` say less; empty: none
  Side side = Side::buy;
  bool market = false;
  Decimal price;                                              ///< limit orders
  Decimal quantity;                                           ///< base; ignored where `notional` is set
  std::optional<Decimal> notional;                            ///< market buys only: how much quote to spend
  TimeInForce time_in_force = TimeInForce::good_till_cancel;  ///< market orders are immediate-or-cancel
  bool post_only = false;
  SelfTradePrevention self_trade = SelfTradePrevention::none;
  PositionSide position_side = PositionSide::net;  ///< contracts only, as the next two
  bool reduce_only = false;                        ///< set by the exchange for orders that close in hedge mode
  OrderOrigin origin = OrderOrigin::user;
  std::uint64_t tag = 0;  ///< the caller's own mark, for example the connection it came over
};

struct OrderRecord {
  OrderId id = 0;
  OrderRequest request;  ///< price and quantity as last amended
  OrderState state = OrderState::pending;
  CloseReason close_reason = CloseReason::cancelled;  ///< if closed by the book
  Refusal refusal = Refusal::none;                    ///< if rejected
  Decimal band_price;                                 ///< market orders: the worst price they may pay
  Decimal filled;
  Decimal filled_value;
  Decimal fee;  ///< in `fee_asset`; a sum of charges, negative for rebates
  std::string fee_asset;
  Decimal realized;  ///< contracts: what its fills have realised
  Time created{};
  Time updated{};
};

struct FillRecord {
  TradeId id = 0;  ///< unique per side of a trade
  std::uint64_t match_id = 0;
  std::uint64_t public_id = 0;
  OrderId order = 0;
  AccountId account = 0;
  std::size_t instrument = 0;
  std::string client_id;
  Side side = Side::buy;
  bool maker = false;
  Decimal price;
  Decimal quantity;
  Decimal fee;  ///< positive: charged
  std::string fee_asset;
  PositionSide position_side = PositionSide::net;
  Decimal realized;  ///< contracts: booked by this fill
  OrderOrigin origin = OrderOrigin::user;
  Decimal order_filled;  ///< of the whole order, this fill included
  Decimal order_value;
  Time time{};
};

/// Something changed in an order of a recorded account: how it was right after the change.
struct OrderChanged {
  OrderRecord order;
};
struct BalanceChanged {
  AccountId account = 0;
};
struct Printed {
  std::size_t instrument = 0;
  PublicTrade trade;
};
/// A position and the wallet of its margin asset, as they were right after the change.
struct PositionChanged {
  enum class Cause : std::uint8_t { fill, funding, insurance };
  AccountId account = 0;
  PositionKey key;
  Cause cause = Cause::fill;
  Position position;
  Decimal wallet;
  Decimal cross_wallet;
};
/// Followed by a `PositionChanged` if the position is an isolated one, whose margin pays.
struct FundingPaid {
  FundingPayment payment;
  Decimal wallet;
  Decimal cross_wallet;
};
/// The margin is nearly used up; comes before any liquidation, and again only after it has recovered.
struct MarginCall {
  AccountId account = 0;
  std::string asset;
  std::vector<PositionKey> positions;
  Decimal cross_wallet;
  Decimal maintenance;
};
struct SettingChanged {
  AccountId account = 0;
  std::optional<std::size_t> instrument;  ///< none: the position mode
  bool hedge_mode = false;
  ContractSettings settings;
  bool leverage = false;  ///< which of the settings of the contract: the leverage, else the margin type
};
using ExchangeEvent = std::variant<OrderChanged, FillRecord, BalanceChanged, Printed, PositionChanged, FundingPaid,
                                   MarginCall, SettingChanged>;

struct ExchangeLimits {
  /// Limit prices farther than this from the reference (last trade, else mid) are refused; empty: no such check.
  std::optional<std::uint32_t> max_aggressive_bps;
  std::optional<std::uint32_t> max_passive_bps;
  std::uint32_t market_band_bps = 500;  ///< how far behind the touch a market order may trade
  std::size_t max_open_per_instrument = 200;
  std::size_t max_open_per_account = 1000;
  /// Contracts: whether a reduce-only order of more than the position is refused; else it ends when that has filled.
  bool refuse_oversized_reduce_only = true;
};

/// How venues differ in what they number, remember and let in.
struct ExchangeHabits {
  bool reuse_client_ids = false;         ///< an id is free again once its order has ended; it finds the latest order
  bool record_unfunded = true;           ///< an order without funds leaves a rejected record
  bool enter_empty_books = false;        ///< a market order that finds nobody is accepted and ends unfilled
  bool number_trades_by_market = false;  ///< public trade ids are 1, 2, 3, ... in each market
  OrderId first_order_id = 0;            ///< 0: nineteen digits from the seed
};

class Exchange {
 public:
  Exchange(std::vector<Instrument> instruments, ExchangeLimits limits, std::uint64_t seed, ExchangeHabits habits = {});

  struct Accepted {
    OrderId id = 0;  ///< set also for a refused order that leaves a record
    Refusal refusal = Refusal::none;
  };
  /// A refusal for want of funds leaves a rejected record with an id; every other refusal leaves nothing.
  Accepted accept(const OrderRequest& request, Time now);
  /// Brings an accepted order to the book. Nothing happens if it was cancelled meanwhile.
  void enter(OrderId id, Time now);
  /// Both steps at once.
  Accepted place(const OrderRequest& request, Time now);

  /// Whether a cancel of this order would be accepted now.
  [[nodiscard]] Refusal can_cancel(OrderId id) const;
  Refusal cancel(OrderId id, Time now);
  /// Whether the amendment is valid and affordable now; binds the funds for it. `quantity` is the whole quantity,
  /// what is filled included.
  Refusal accept_amendment(OrderId id, const Decimal& price, const Decimal& quantity, Time now);
  /// Carries an accepted amendment out. Nothing happens if the order has ended meanwhile.
  void enter_amendment(OrderId id, const Decimal& price, const Decimal& quantity, std::string client_id, Time now);

  /// What `accept` would say, except for what a spot order binds.
  [[nodiscard]] Refusal can_accept(const OrderRequest& request) const;
  /// The venue stops or resumes trading in an instrument; what rests there stays.
  void set_tradable(std::size_t instrument, bool tradable) { instruments_.at(instrument).tradable = tradable; }

  /// Whether a post-only order would be refused by the book now, and whether a fill-or-kill order would fill whole.
  [[nodiscard]] bool would_take(const OrderRequest& request) const;
  [[nodiscard]] bool would_fill(const OrderRequest& request) const;

  // --- Contracts (exchange_contracts.cpp, exchange_funding.cpp, exchange_liquidation.cpp) ----------------------------
  // Only recorded accounts have margins: the others trade and are paid like everybody, and are never liquidated.

  /// The settings of an account. Refused by `no_change`, `open_orders_exist`, `positions_exist` as venues do; a change
  /// of leverage also by `invalid_leverage`, `max_position`, `leverage_reduction` and `insufficient_margin`.
  [[nodiscard]] bool hedge_mode(AccountId account) const;
  Refusal set_hedge_mode(AccountId account, bool hedge);
  [[nodiscard]] ContractSettings contract_settings(AccountId account, std::size_t instrument) const;
  Refusal set_leverage(AccountId account, std::size_t instrument, std::uint32_t leverage);
  Refusal set_margin_type(AccountId account, std::size_t instrument, MarginType margin);

  /// Null where there is none, or it is flat and was never open.
  [[nodiscard]] const Position* position(AccountId account, const PositionKey& key) const;
  /// Every one that was ever open.
  [[nodiscard]] const std::map<PositionKey, Position>& positions(AccountId account) const;
  [[nodiscard]] MarginSummary margin(AccountId account, std::string_view asset) const;
  /// Position and open orders of one contract; one entry in one-way mode, one a side in hedge mode.
  [[nodiscard]] std::map<PositionKey, Exposure> exposures(AccountId account, std::string_view asset) const;
  /// The mark price at which the position would be taken over if nothing else moved; empty if there is none.
  [[nodiscard]] std::optional<Decimal> liquidation_price(AccountId account, const PositionKey& key) const;

  /// Null for spot instruments.
  [[nodiscard]] const ContractPrices* prices(std::size_t instrument) const;
  /// What the index follows from the next sample on.
  void set_fair_price(std::size_t instrument, const Decimal& price);
  /// When `on_time` has something to do: samples of prices, funding.
  [[nodiscard]] Time next_due() const;
  /// Carries out what is due, each at its own time. The first call starts the clocks.
  void on_time(Time now);
  /// Tests: holds mark and index at a price (until released by an empty one) and looks at the margins at once.
  void pin_mark_price(std::size_t instrument, const std::optional<Decimal>& price, Time now);
  /// Tests: holds the funding rate; changes the interval; settles now, whatever the time.
  void fix_funding_rate(std::size_t instrument, const std::optional<Decimal>& rate);
  void set_funding_interval(std::size_t instrument, Duration interval, Time now);
  void settle_funding(std::size_t instrument, Time now);
  /// Tests: takes a position over although its margin suffices; false if it is flat.
  bool liquidate(AccountId account, const PositionKey& key, Time now);

  [[nodiscard]] const std::vector<FundingPayment>& funding_payments(AccountId account) const;
  [[nodiscard]] const std::vector<FundingSettlement>& funding_history(std::size_t instrument) const;
  /// The sum of one side's positions in base: what is open.
  [[nodiscard]] Decimal open_interest(std::size_t instrument) const;
  /// The sum of all positions' costs in a margin asset; see sim/positions.hpp.
  [[nodiscard]] Decimal cost_basis(std::string_view asset) const;
  /// Pays what liquidations leave owing, and takes positions over that the book did not take.
  [[nodiscard]] AccountId insurance_account() const noexcept { return insurance_; }
  /// Where the rounding of funding payments goes.
  [[nodiscard]] AccountId rounding_account() const noexcept { return rounding_; }

  /// Gives a recorded order another client id. It is found under its old one too, until another order takes that; its
  /// record says which one counts. Tells nobody.
  void set_client_id(OrderId id, std::string client_id);

  /// Called after each change of a book, before anybody is told of it; for whoever keeps its history.
  void watch_books(std::function<void(std::size_t instrument)> watcher) { book_watcher_ = std::move(watcher); }
  /// How often an order was refused because its client id was in use: somebody has sent an order twice.
  [[nodiscard]] std::uint64_t duplicates_refused() const noexcept { return duplicates_refused_; }

  /// Drained by the owner after each call: only recorded accounts and public trades appear.
  [[nodiscard]] std::vector<ExchangeEvent>& events() noexcept { return events_; }

  // --- Reads -------------------------------------------------------------------------------------------------------
  [[nodiscard]] const std::vector<Instrument>& instruments() const noexcept { return instruments_; }
  [[nodiscard]] std::optional<std::size_t> find_instrument(std::string_view symbol) const;
  [[nodiscard]] const MatchingEngine& book(std::size_t instrument) const { return markets_.at(instrument).engine; }
  [[nodiscard]] const TradeTape& tape(std::size_t instrument) const { return markets_.at(instrument).tape; }
  [[nodiscard]] Time last_book_change(std::size_t instrument) const { return markets_.at(instrument).changed; }
  /// The last trade, else the middle of the book, else the start price.
  [[nodiscard]] Decimal reference_price(std::size_t instrument) const;

  [[nodiscard]] Accounts& accounts() noexcept { return accounts_; }
  [[nodiscard]] const Accounts& accounts() const noexcept { return accounts_; }
  [[nodiscard]] const OrderRecord* order(OrderId id) const;
  [[nodiscard]] std::optional<OrderId> find_client_id(AccountId account, std::string_view client_id) const;
  /// In the order of creation.
  [[nodiscard]] std::vector<OrderId> open_orders(AccountId account) const;
  /// Every order and fill of a recorded account, oldest first.
  [[nodiscard]] const std::vector<OrderId>& orders(AccountId account) const;
  [[nodiscard]] const std::vector<FillRecord>& fills(AccountId account) const;

 private:
  struct Market {
    MatchingEngine engine;
    TradeTape tape;
    Time changed{};
    std::uint64_t last_public_id = 0;  ///< where trades are numbered by market
    std::optional<ContractPrices> prices = std::nullopt;
    std::vector<FundingSettlement> funding = {};
  };
  struct Owner {
    std::set<OrderId> open;
    std::map<std::string, OrderId, std::less<>> client_ids;
    std::vector<OrderId> orders;
    std::vector<FillRecord> fills;
    bool hedge = false;
    std::map<std::size_t, ContractSettings> settings;
    std::map<PositionKey, Position> positions;
    std::set<PositionKey> isolated_calls;  ///< margin calls that stand
    std::set<std::string, std::less<>> cross_calls;
    std::vector<FundingPayment> payments;
  };
  using Exposures = std::map<PositionKey, Exposure>;

  /// Everything that `accept` checks before funds are bound; sets what the order binds at and its flags.
  [[nodiscard]] Refusal examine(OrderRequest& request, Decimal& price) const;
  [[nodiscard]] Refusal check(const OrderRequest& request, const Decimal& price) const;
  [[nodiscard]] bool client_id_is_taken(const Owner& who, std::string_view client_id) const;
  [[nodiscard]] Refusal check_price(const OrderRequest& request, const Decimal& price) const;
  [[nodiscard]] std::optional<Decimal> band_price(const OrderRequest& request) const;
  /// What an order must bind for `quantity` at `price`, and in which asset.
  [[nodiscard]] Decimal hold_for(const OrderRequest& request, const Decimal& price, const Decimal& quantity) const;
  [[nodiscard]] const std::string& hold_asset(const OrderRequest& request) const;
  [[nodiscard]] Owner& owner(AccountId account);
  void apply(std::size_t instrument, Time now);
  void apply_execution(std::size_t instrument, const Execution& execution, std::uint64_t match_id, Time now);
  void apply_closed(const Closed& closed, Time now);
  [[nodiscard]] Leg leg_for(OrderRecord& record, bool maker, const Decimal& price, const Decimal& quantity);
  void changed(const OrderRecord& record);
  [[nodiscard]] std::uint64_t next_public_id(std::size_t instrument, Time now);
  [[nodiscard]] EngineOrder engine_order(OrderId id, const OrderRequest& request, const Decimal& price) const;

  // Contracts.
  [[nodiscard]] bool is_contract(std::size_t instrument) const { return markets_[instrument].prices.has_value(); }
  [[nodiscard]] const std::string& margin_asset(std::size_t instrument) const { return instruments_[instrument].quote; }
  [[nodiscard]] const Owner* find_owner(AccountId account) const;
  /// The checks that only contracts have, and the flag of orders that close.
  [[nodiscard]] Refusal check_contract(OrderRequest& request, OrderId replaces) const;
  [[nodiscard]] Refusal check_margin(const OrderRequest& request, const Decimal& price, OrderId replaces) const;
  [[nodiscard]] Exposures exposures_without(AccountId account, std::string_view asset, OrderId without) const;
  [[nodiscard]] MarginSummary margin_of(AccountId account, std::string_view asset, const Exposures& exposures) const;
  [[nodiscard]] Decimal price_of(const OrderRecord& record) const;
  /// How many lots a reduce-only order may still trade, given executions that are not in the positions yet.
  [[nodiscard]] std::int64_t reducible_lots(const EngineOrder& order, const MatchingEngine::Events& pending) const;
  [[nodiscard]] MatchingEngine::ReduceLimit reduce_limit(std::size_t instrument) const;
  struct Settled {
    TradeId trade = 0;
    Decimal fee;
    Decimal realized;
  };
  Settled settle_contract(OrderRecord& record, bool maker, const Decimal& price, const Decimal& quantity, Time now);
  Decimal settle_position(AccountId account, const PositionKey& key, const Decimal& quantity, const Decimal& price,
                          OrderId order, TradeId trade, Time now);
  [[nodiscard]] Decimal cross_wallet(AccountId account, std::string_view asset) const;
  void position_changed(AccountId account, const PositionKey& key, PositionChanged::Cause cause);
  /// Ends the reduce-only orders that have nothing left to reduce.
  void end_reduce_only(AccountId account, const PositionKey& key, Time now);
  void end_orders(const std::vector<OrderId>& ids, std::size_t instrument, CloseReason reason, Time now);
  void sample_prices(std::size_t instrument);
  void check_margins(Time now);
  void check_isolated(AccountId account, Time now);
  void check_cross(AccountId account, const std::string& asset, Time now);
  void take_over(AccountId account, const PositionKey& key, const Decimal& balance, Time now);
  void deleverage(AccountId account, const PositionKey& key, const Decimal& price, Time now);
  void cover(AccountId account, const PositionKey& key, const Decimal& owed, Time now);
  /// Enters an order of the venue itself, past all checks.
  OrderId place_for_venue(OrderRequest request, Time now);

  std::vector<Instrument> instruments_;
  std::vector<Market> markets_;
  ExchangeLimits limits_;
  ExchangeHabits habits_;
  Accounts accounts_;
  std::vector<Owner> owners_;
  std::unordered_map<OrderId, OrderRecord> orders_;  ///< looked up only
  std::vector<ExchangeEvent> events_;
  MatchingEngine::Events engine_events_;
  core::Random random_;
  OrderId last_order_id_;
  TradeId last_trade_id_;
  std::uint64_t last_match_id_;
  std::uint64_t last_public_id_ = 0;
  std::uint64_t last_payment_id_;
  std::function<void(std::size_t)> book_watcher_;
  std::uint64_t duplicates_refused_ = 0;
  AccountId insurance_ = 0;
  AccountId rounding_ = 0;
  bool clocks_started_ = false;
  std::set<std::pair<AccountId, PositionKey>> reduced_;  ///< positions that a fill under way made smaller
};

}  // namespace calypte::sim
