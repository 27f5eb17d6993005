// One order from before its request leaves until long after its end: everything known about it, and nothing guessed.
//
// An `InFlightOrder` is a value. It changes only through `apply` (facts from the venue) and `update_exchange_order_id`;
// `engine/order_tracker.hpp` decides which events follow. The order states and their transitions are one table,
// `engine/order_transitions.hpp`; docs/order-lifecycle.md is drawn from it.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/fees.hpp"
#include "calypte/limit_order.hpp"
#include "calypte/result.hpp"
#include "calypte/time.hpp"
#include "calypte/types.hpp"

namespace calypte {

/// What a source said about the state of an order. An absent field was not said.
struct OrderUpdate {
  std::optional<ClientOrderId> client_order_id;
  std::optional<ExchangeOrderId> exchange_order_id;
  TradingPair trading_pair;  ///< may be empty
  OrderState new_state = OrderState::open;
  std::optional<Decimal> executed_amount_base;   ///< cumulative, as the venue says
  std::optional<Decimal> executed_amount_quote;  ///< cumulative, as the venue says
  std::optional<Time> venue_time;                ///< the venue's time of this state; orders stale reports
  Time receive_time{};
  FailureReason reason = FailureReason::none;  ///< for failed, canceled, expired: why, if the venue said so
  std::string message;                         ///< the venue's own code and text
};

/// One execution.
struct TradeUpdate {
  TradeId trade_id;
  std::optional<ClientOrderId> client_order_id;
  std::optional<ExchangeOrderId> exchange_order_id;
  TradingPair trading_pair;
  Time fill_time{};     ///< the venue's
  Time receive_time{};  ///< ours
  Decimal fill_price;
  Decimal fill_base_amount;
  Decimal fill_quote_amount;
  TradeFee fee;
  bool is_taker = true;
  std::optional<Decimal> realized_profit = std::nullopt;  ///< derivatives: what it realized, before fees, as told

  [[nodiscard]] std::string to_json() const;
  [[nodiscard]] static Result<TradeUpdate> from_json(std::string_view json);
  friend bool operator==(const TradeUpdate&, const TradeUpdate&) = default;
};

class ExchangeOrderIdWaiters;
class ExchangeOrderIdAwaitable;
namespace detail {
struct ExchangeOrderIdWait;
}

class InFlightOrder {
 public:
  /// What was asked for, fixed at creation.
  struct Intent {
    ClientOrderId client_order_id;
    TradingPair trading_pair;
    OrderType order_type = OrderType::limit;
    TradeType trade_type = TradeType::buy;
    TimeInForce time_in_force = TimeInForce::good_till_cancelled;
    Decimal amount;                ///< base
    std::optional<Decimal> price;  ///< quote; empty for a market order
    Time creation_time{};
    Decimal leverage = 1;
    PositionAction position = PositionAction::nil;
    friend bool operator==(const Intent&, const Intent&) = default;
  };

  explicit InFlightOrder(Intent intent, OrderState initial_state = OrderState::pending_create);

  [[nodiscard]] const Intent& intent() const noexcept { return intent_; }
  [[nodiscard]] const ClientOrderId& client_order_id() const noexcept { return intent_.client_order_id; }
  /// The newest id that the venue gave; empty until it gave one.
  [[nodiscard]] const std::optional<ExchangeOrderId>& exchange_order_id() const noexcept { return exchange_order_id_; }
  /// Every id that the venue ever gave this order, oldest first (an amended order may get a new one).
  [[nodiscard]] const std::vector<ExchangeOrderId>& exchange_order_ids() const noexcept { return exchange_order_ids_; }
  [[nodiscard]] const TradingPair& trading_pair() const noexcept { return intent_.trading_pair; }
  [[nodiscard]] std::string_view base_asset() const noexcept { return intent_.trading_pair.base(); }
  [[nodiscard]] std::string_view quote_asset() const noexcept { return intent_.trading_pair.quote(); }
  [[nodiscard]] OrderType order_type() const noexcept { return intent_.order_type; }
  [[nodiscard]] TradeType trade_type() const noexcept { return intent_.trade_type; }
  [[nodiscard]] const Decimal& amount() const noexcept { return intent_.amount; }
  [[nodiscard]] const std::optional<Decimal>& price() const noexcept { return intent_.price; }
  [[nodiscard]] Time creation_time() const noexcept { return intent_.creation_time; }
  [[nodiscard]] OrderState state() const noexcept { return state_; }
  [[nodiscard]] Time last_update_time() const noexcept { return last_update_time_; }
  [[nodiscard]] const Decimal& executed_amount_base() const noexcept { return executed_amount_base_; }
  [[nodiscard]] const Decimal& executed_amount_quote() const noexcept { return executed_amount_quote_; }
  /// The largest cumulative amount that the venue ever reported; may be ahead of the fills that we know.
  [[nodiscard]] const Decimal& venue_executed_amount_base() const noexcept { return venue_executed_amount_base_; }
  [[nodiscard]] const std::map<TradeId, TradeUpdate>& order_fills() const noexcept { return fills_; }
  /// Amount-weighted mean price of the known fills, to 18 places; empty without fills.
  [[nodiscard]] std::optional<Decimal> average_executed_price() const;
  /// Whether the venue showed that it has, or had, the order: it reported it open or executed, or a fill is known. A
  /// venue id alone does not count, a refusal may carry one.
  [[nodiscard]] bool is_acknowledged() const noexcept { return acknowledged_; }
  /// Why it ended, where that is known: the reason and the text of the report that ended it.
  [[nodiscard]] FailureReason end_reason() const noexcept { return end_reason_; }
  [[nodiscard]] const std::string& end_message() const noexcept { return end_message_; }
  /// Sum of the fees of the known fills in `token`; a failure if one of them cannot be converted.
  [[nodiscard]] Result<Decimal> cumulative_fee_paid(std::string_view token, const RateSource& rates = {}) const;

  /// The venue may still act on it.
  [[nodiscard]] bool is_open() const noexcept;
  /// It has ended: completed, cancelled, expired, rejected, or filled in full by amount.
  [[nodiscard]] bool is_done() const noexcept;
  [[nodiscard]] bool is_filled() const noexcept;
  [[nodiscard]] bool is_cancelled() const noexcept { return state_ == OrderState::canceled; }
  [[nodiscard]] bool is_expired() const noexcept { return state_ == OrderState::expired; }
  /// True for every end before completion: cancelled, expired, rejected.
  [[nodiscard]] bool is_failure() const noexcept;
  /// The known fills sum up to the amount that the venue reported or that was asked for.
  [[nodiscard]] bool is_completely_filled() const noexcept;

  /// Stores a further venue id and wakes everyone who awaits one. An id that is known already is ignored. The newest 64
  /// are kept.
  void update_exchange_order_id(const ExchangeOrderId& id);
  /// `co_await order.get_exchange_order_id(deadline)` gives the id, or the reason why there is none: the order ended
  /// without one, or the deadline passed (`outcome_unknown`). Any number of coroutines may wait at once; they resume on
  /// the connector's thread, in the order in which they began to wait, after the fact that woke them was processed. The
  /// limit runs in the connector's time; an order outside any connector has no clock and waits until it gets an id,
  /// ends, or its last copy is destroyed. A connector that is destroyed wakes its waiters with `denied` and `stopped`.
  [[nodiscard]] ExchangeOrderIdAwaitable get_exchange_order_id(Duration time_limit = std::chrono::seconds{10}) const;

  /// Applies a report. False if it changed nothing: another order, a stale or repeated report, an ended order. (A
  /// report that comes after the end may still bring a venue id or a larger executed amount; that is a change.)
  bool apply(const OrderUpdate& update);
  /// Applies a fill. False if it changed nothing: another order, a trade id that is known already, an amount that is
  /// not positive or does not fit. Never changes the state: only a report does.
  bool apply(const TradeUpdate& trade);
  /// The venue refused to cancel: an order that awaits its cancellation is what it was before.
  void apply_cancel_refused();
  /// True if the ids of a report or fill name this order: our id, or else any id that the venue ever gave it.
  [[nodiscard]] bool is_named_by(const std::optional<ClientOrderId>& client_order_id,
                                 const std::optional<ExchangeOrderId>& exchange_order_id) const noexcept;

  [[nodiscard]] LimitOrder to_limit_order() const;
  [[nodiscard]] std::string to_json() const;
  /// With these of its fills only, for a record that has the others already; `add_fills_of` puts them together again.
  [[nodiscard]] std::string to_json(std::span<const TradeId> fills) const;
  /// Takes over those fills of an earlier state of this order that it lacks; nothing else changes.
  void add_fills_of(const InFlightOrder& earlier);
  /// Reads what `to_json` wrote; fields that older versions did not have get their defaults.
  [[nodiscard]] static Result<InFlightOrder> from_json(std::string_view json);

  /// Everything except the waiters, which all copies of an order share and which are not part of the value.
  friend bool operator==(const InFlightOrder& a, const InFlightOrder& b);

  /// For the tracker: who waits for the venue's id.
  [[nodiscard]] ExchangeOrderIdWaiters& waiters() const noexcept { return *waiters_; }

 private:
  bool remember_id(const ExchangeOrderId& id);
  bool apply_state(const OrderUpdate& update);
  [[nodiscard]] bool has_executed() const noexcept;
  /// Wakes waiters where the change gave them their answer. The last step of a change: it may run a strategy's code.
  void end_of_change();

  Intent intent_;
  std::optional<ExchangeOrderId> exchange_order_id_;
  std::vector<ExchangeOrderId> exchange_order_ids_;
  OrderState state_;
  Time last_update_time_{};
  std::optional<Time> last_venue_time_;  ///< the newest time that a live report, or an accepted cancel, spoke of
  bool acknowledged_ = false;
  FailureReason end_reason_ = FailureReason::none;
  std::string end_message_;
  Decimal executed_amount_base_;
  Decimal executed_amount_quote_;
  Decimal venue_executed_amount_base_;
  std::map<TradeId, TradeUpdate> fills_;
  std::shared_ptr<ExchangeOrderIdWaiters> waiters_;
};

/// Result of `InFlightOrder::get_exchange_order_id`; awaited once. It may outlive the order, and a coroutine that is
/// destroyed while it waits is forgotten.
class ExchangeOrderIdAwaitable {
 public:
  ExchangeOrderIdAwaitable(std::shared_ptr<detail::ExchangeOrderIdWait> wait, Duration time_limit);
  ExchangeOrderIdAwaitable(const ExchangeOrderIdAwaitable&) = delete;
  ExchangeOrderIdAwaitable& operator=(const ExchangeOrderIdAwaitable&) = delete;
  ~ExchangeOrderIdAwaitable();
  [[nodiscard]] bool await_ready() const noexcept;
  void await_suspend(std::coroutine_handle<> handle);
  [[nodiscard]] Result<ExchangeOrderId> await_resume();

 private:
  std::shared_ptr<detail::ExchangeOrderIdWait> wait_;
  Duration time_limit_;
  std::uint64_t ticket_ = 0;
};

/// A coroutine that a strategy starts and forgets: `calypte::Task hedge(const InFlightOrder&) { co_await ...; }`. It
/// runs at once until its first wait. An exception that leaves it ends the program, as it would in a thread.
struct Task {
  struct promise_type {
    Task get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

}  // namespace calypte
