// The venue-neutral heart of a simulated venue: instruments, order books, accounts and the life of every order.
//
// An order is taken in two steps, as real venues do: `accept` checks it, binds the funds and gives it an id; `enter`
// brings it to the book, now or later, where it trades, rests or ends. A dialect (sim/dialects/<venue>) decides when
// the second step happens and how all of it looks on the wire. What happened is appended to `events()` in order; the
// reads at the end are the oracle. Deterministic, one thread, no clock: the caller names the time, which must not
// decrease. Everything of a recorded account is kept for the life of the exchange; of the others only what rests.
#pragma once

#include <cstddef>
#include <cstdint>
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
#include "sim/instrument.hpp"
#include "sim/matching_engine.hpp"
#include "sim/trade_tape.hpp"

namespace calypte::sim {

/// Why an order, a cancel or an amendment was refused on the spot.
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
using ExchangeEvent = std::variant<OrderChanged, FillRecord, BalanceChanged, Printed>;

struct ExchangeLimits {
  /// Limit prices farther than this from the reference (last trade, else mid) are refused; empty: no such check.
  std::optional<std::uint32_t> max_aggressive_bps;
  std::optional<std::uint32_t> max_passive_bps;
  std::uint32_t market_band_bps = 500;  ///< how far behind the touch a market order may trade
  std::size_t max_open_per_instrument = 200;
  std::size_t max_open_per_account = 1000;
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

  /// Gives a recorded order another client id, by which alone it is found from now on. Tells nobody.
  void set_client_id(OrderId id, std::string client_id);

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
  };
  struct Owner {
    std::set<OrderId> open;
    std::map<std::string, OrderId, std::less<>> client_ids;
    std::vector<OrderId> orders;
    std::vector<FillRecord> fills;
  };

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
};

}  // namespace calypte::sim
