// What a strategy can do with a connector, and what it can read.
//
// `ConnectorBase` is what every kind shares; `Exchange` adds order books and trading rules; derivatives and protocols
// add theirs. The interfaces are abstract so that a strategy can be tested against a double; the engine implements
// them.
//
// Threading: all functions are called on the thread of the `Runtime` that owns the connector, from a strategy's
// callback or from a function handed to `Runtime::post`. None of them blocks. References stay valid until the next
// callback unless stated otherwise.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/events.hpp"
#include "calypte/in_flight_order.hpp"
#include "calypte/limit_order.hpp"
#include "calypte/order_book.hpp"
#include "calypte/trading_rule.hpp"
#include "calypte/types.hpp"

namespace calypte {

enum class ConnectorKind : std::uint8_t { exchange, derivative, protocol };

/// One named condition of readiness.
struct ReadinessCondition {
  std::string name;          ///< "order_books_initialized", ...
  bool initialized = false;  ///< has held at least once since start; does not flap on a reconnect
  bool live = false;         ///< holds right now
  Time since{};              ///< of the current value of `live`
  std::string detail;        ///< what is missing, for a person
};

struct ConnectorStatus {
  std::vector<ReadinessCondition> conditions;
  [[nodiscard]] bool ready() const noexcept;  ///< every condition is initialized and live
};

struct Balance {
  Decimal total;
  Decimal available;  ///< as the venue says, or derived where the venue does not push it in real time
  std::optional<Time> venue_time;
  Time update_time{};
  friend bool operator==(const Balance&, const Balance&) = default;
};

/// The bounds of one swap; what is empty is as the connector was configured.
struct SwapLimits {
  std::optional<Decimal> slippage = std::nullopt;         ///< of a market order: a fraction of the quoted price
  std::optional<Duration> time_limit = std::nullopt;      ///< the chain refuses it afterwards
  std::optional<Decimal> max_network_fee = std::nullopt;  ///< in the chain's coin
};

/// Options of an order beyond price and amount.
struct OrderOptions {
  TimeInForce time_in_force = TimeInForce::good_till_cancelled;
  PositionAction position = PositionAction::nil;
  SwapLimits swap = {};  ///< protocols
};

/// Several orders may be placed or cancelled at once; where the venue has a request for that, fewer messages leave.
struct OrderIntent {
  TradingPair trading_pair;
  TradeType side = TradeType::buy;
  Decimal amount;
  OrderType type = OrderType::limit;
  std::optional<Decimal> price = std::nullopt;
  OrderOptions options = {};
};

class ConnectorBase {
 public:
  virtual ~ConnectorBase() = default;
  ConnectorBase(const ConnectorBase&) = delete;
  ConnectorBase& operator=(const ConnectorBase&) = delete;

  [[nodiscard]] virtual std::string_view name() const noexcept = 0;  ///< "crypto_com"
  [[nodiscard]] virtual ConnectorKind kind() const noexcept = 0;
  [[nodiscard]] virtual Time current_time() const noexcept = 0;
  [[nodiscard]] virtual ConnectorStatus status() const = 0;
  [[nodiscard]] bool ready() const { return status().ready(); }

  /// Places an order. Returns its client order id at once and never blocks, waits or throws: whatever is wrong with the
  /// order is told by one `MarketOrderFailureEvent` after the call has returned. `price` is empty for market orders.
  /// Price and amount are fitted to the trading rule first (`TradingRule::quantize_price`, `quantize_amount`).
  virtual ClientOrderId buy(const TradingPair& pair, const Decimal& amount, OrderType type,
                            const std::optional<Decimal>& price = std::nullopt, const OrderOptions& options = {}) = 0;
  virtual ClientOrderId sell(const TradingPair& pair, const Decimal& amount, OrderType type,
                             const std::optional<Decimal>& price = std::nullopt, const OrderOptions& options = {}) = 0;
  /// Asks the venue to cancel. `denied` if the order is not known or has ended; otherwise the answer comes as an event.
  /// Before the acknowledgement the cancel is remembered and sent as soon as the order can be named to the venue.
  virtual Status cancel(const ClientOrderId& id) = 0;
  /// As one call of `buy`, `sell` or `cancel` each, in this order; each order has its own outcome.
  virtual std::vector<ClientOrderId> place_orders(std::span<const OrderIntent> orders) = 0;
  virtual std::vector<Status> cancel_orders(std::span<const ClientOrderId> ids) = 0;
  /// Cancels every order that has not ended. `done` is called once, on the connector's thread, when each has an outcome
  /// or `time_limit` is over: then the rest is `unknown`, and what succeeded is still reported as such.
  using CancelAllDone = std::function<void(std::vector<CancellationResult>)>;
  virtual void cancel_all(Duration time_limit, CancelAllDone done) = 0;

  /// The order, tracked or recently ended; null if it is not known.
  [[nodiscard]] virtual const InFlightOrder* order(const ClientOrderId& id) const = 0;
  /// Orders that have not ended, oldest first.
  [[nodiscard]] virtual std::vector<const InFlightOrder*> in_flight_orders() const = 0;
  [[nodiscard]] virtual std::vector<LimitOrder> limit_orders() const = 0;
  /// What has been learned about an order, line by line, for a person.
  [[nodiscard]] virtual std::string explain(const ClientOrderId& id) const = 0;
  /// The state of the orders that have not ended or are lost, as `InFlightOrder::to_json` texts; and back.
  [[nodiscard]] virtual std::vector<std::string> tracking_states() const = 0;
  virtual Status restore_tracking_states(std::span<const std::string> states) = 0;

  /// Inside a callback: the number of the event that is being told. Numbers grow by one and go on over restarts, as the
  /// journal does. 0 for an event that is not journalled (books, trades, balances, readiness, errors of the connector,
  /// what a position or funding rate is now), without a journal, and outside of a callback.
  [[nodiscard]] virtual std::uint64_t event_number() const noexcept = 0;

  /// Zero for an asset that is not known.
  [[nodiscard]] virtual Decimal balance(std::string_view asset) const = 0;
  [[nodiscard]] virtual Decimal available_balance(std::string_view asset) const = 0;
  [[nodiscard]] virtual std::vector<std::pair<std::string, Balance>> balances() const = 0;

 protected:
  ConnectorBase() = default;
};

enum class PriceType : std::uint8_t { best_bid, best_ask, mid_price, last_trade };

class Exchange : public ConnectorBase {
 public:
  [[nodiscard]] virtual std::span<const OrderType> supported_order_types() const noexcept = 0;
  /// The pairs that this connector was asked to follow.
  [[nodiscard]] virtual std::vector<TradingPair> trading_pairs() const = 0;
  /// Every tradable pair of the venue; empty until the instruments were loaded.
  [[nodiscard]] virtual std::vector<TradingPair> all_trading_pairs() const = 0;
  /// Null for a pair that is not known (yet).
  [[nodiscard]] virtual const TradingRule* trading_rule(const TradingPair& pair) const = 0;
  /// Null for a pair that is not followed. The object lives as long as the connector.
  [[nodiscard]] virtual const OrderBook* order_book(const TradingPair& pair) const = 0;
  /// Empty if the book is not live or has no such price.
  [[nodiscard]] virtual std::optional<Decimal> price(const TradingPair& pair, PriceType type) const = 0;
  /// The fee to expect.
  [[nodiscard]] virtual TradeFee fee(const TradingPair& pair, OrderType type, TradeType side, const Decimal& amount,
                                     const std::optional<Decimal>& price) const = 0;

  /// Follows one more pair, or one less, while running. `denied` if there is nothing to do.
  virtual Status add_trading_pair(const TradingPair& pair) = 0;
  virtual Status remove_trading_pair(const TradingPair& pair) = 0;

  /// Last traded prices from the venue's ticker, for any of its pairs.
  using LastTradedPricesDone = std::function<void(Result<std::vector<std::pair<TradingPair, Decimal>>>)>;
  virtual void last_traded_prices(std::span<const TradingPair> pairs, LastTradedPricesDone done) = 0;
};

}  // namespace calypte
