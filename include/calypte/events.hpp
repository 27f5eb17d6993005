// Everything that a connector tells a strategy, one plain struct each, and the order that can be relied on:
//
//   Created, then any number of Filled, then exactly one of Completed, Cancelled, Expired, Failure.
//   An order that never lived at the venue has only its ending. A fill that arrives after the ending is reported as
//   Filled with `late` set and is followed by no second ending.
//
// `timestamp` is when we learned it, `venue_time` when the venue says that it happened, if it said so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/fees.hpp"
#include "calypte/result.hpp"
#include "calypte/time.hpp"
#include "calypte/types.hpp"

namespace calypte {

/// The venue has the order.
struct OrderCreatedEvent {
  Time timestamp{};
  OrderType type = OrderType::limit;
  TradingPair trading_pair;
  Decimal amount;
  std::optional<Decimal> price;
  ClientOrderId order_id;
  Time creation_timestamp{};
  std::optional<ExchangeOrderId> exchange_order_id;
  Decimal leverage = 1;
  PositionAction position = PositionAction::nil;
  std::optional<Time> venue_time;
};
struct BuyOrderCreatedEvent : OrderCreatedEvent {};
struct SellOrderCreatedEvent : OrderCreatedEvent {};

/// One execution, reported once whatever the number of sources that tell of it.
struct OrderFilledEvent {
  Time timestamp{};
  ClientOrderId order_id;
  TradingPair trading_pair;
  TradeType trade_type = TradeType::buy;
  OrderType order_type = OrderType::limit;
  Decimal price;
  Decimal amount;  ///< base
  Decimal quote_amount;
  TradeFee trade_fee;
  TradeId exchange_trade_id;
  std::optional<ExchangeOrderId> exchange_order_id;
  Decimal leverage = 1;
  PositionAction position = PositionAction::nil;
  Time venue_time{};
  bool is_taker = true;
  bool late = false;      ///< the order had ended before this fill was known
  bool overfill = false;  ///< the known fills now exceed the amount asked for; a reconciliation follows
  std::optional<Decimal> realized_profit = std::nullopt;  ///< derivatives: before fees, as the venue told
};

/// Executed in full. Amounts are the executed totals, gross of fees.
struct OrderCompletedEvent {
  Time timestamp{};
  ClientOrderId order_id;
  std::string base_asset;
  std::string quote_asset;
  Decimal base_asset_amount;
  Decimal quote_asset_amount;
  OrderType order_type = OrderType::limit;
  std::optional<ExchangeOrderId> exchange_order_id;
  std::optional<Time> venue_time;
  bool incomplete = false;  ///< the venue says filled, yet some fills could not be obtained; they may follow as late
};
struct BuyOrderCompletedEvent : OrderCompletedEvent {};
struct SellOrderCompletedEvent : OrderCompletedEvent {};

struct OrderCancelledEvent {
  Time timestamp{};
  ClientOrderId order_id;
  std::optional<ExchangeOrderId> exchange_order_id;
  std::optional<Time> venue_time;
  FailureReason reason = FailureReason::none;  ///< e.g. would_take, self_trade, where the venue says why
  std::string message;
};

/// Its time was over. Not a failure and not a cancellation.
struct OrderExpiredEvent {
  Time timestamp{};
  ClientOrderId order_id;
  std::optional<ExchangeOrderId> exchange_order_id;
  std::optional<Time> venue_time;
};

/// The order ended without being accepted, or was lost. `code` is `denied` if we refused it and nothing left.
struct MarketOrderFailureEvent {
  Time timestamp{};
  ClientOrderId order_id;
  OrderType order_type = OrderType::limit;
  StatusCode code = StatusCode::rejected;
  FailureReason reason = FailureReason::rejected_by_venue;
  std::string error_message;
  std::string venue_code;
  std::optional<Time> venue_time;
};

/// The venue did not cancel. The order's true state is being asked for.
struct OrderCancelFailedEvent {
  Time timestamp{};
  ClientOrderId order_id;
  Status status;
};

/// A request for this order was sent and its outcome is not known; the venue is being asked.
struct OrderOutcomeUnknownEvent {
  Time timestamp{};
  ClientOrderId order_id;
  std::string evidence;  ///< "time-out after 10 s", "HTTP 502", ...
};
/// The unknown outcome is known now; the events that follow from it come next.
struct OrderOutcomeResolvedEvent {
  Time timestamp{};
  ClientOrderId order_id;
  OrderState state = OrderState::open;
};
/// A fill of this account that belongs to no order that we know of.
struct UnmatchedFillEvent {
  Time timestamp{};
  TradingPair trading_pair;
  TradeType trade_type = TradeType::buy;
  Decimal price;
  Decimal amount;
  TradeId exchange_trade_id;
  std::optional<ClientOrderId> client_order_id;
  std::optional<ExchangeOrderId> exchange_order_id;
};

/// The venue lists an open order of this account that is not one of ours: another client's, or one whose memory was
/// lost. It is neither tracked nor touched. Told once for each order and run.
struct ExternalOrderEvent {
  Time timestamp{};
  TradingPair trading_pair;
  std::optional<ClientOrderId> client_order_id;
  std::optional<ExchangeOrderId> exchange_order_id;
  std::optional<TradeType> trade_type;  ///< this and the following as far as the venue says
  std::optional<OrderType> order_type;
  std::optional<Decimal> amount;  ///< base
  std::optional<Decimal> price;
  std::optional<Decimal> executed_amount;
};

struct BalanceEvent {
  Time timestamp{};
  std::string asset;
  Decimal total;
  Decimal available;
  std::optional<Time> venue_time;
};

/// A public trade.
struct TradeEvent {
  Time timestamp{};
  TradingPair trading_pair;
  TradeType type = TradeType::buy;  ///< the taker's side
  Decimal price;
  Decimal amount;
  TradeId trade_id;
  Time venue_time{};
};

enum class OrderBookState : std::uint8_t {
  unsynced,   ///< never had a snapshot since the stream came up
  buffering,  ///< diffs are held back until a snapshot bridges them
  live,       ///< gap-free as far as anybody can know
  stale,      ///< was live; `reason` says what happened
};
[[nodiscard]] std::string_view to_string(OrderBookState state) noexcept;

/// A book changed its state. Level changes are told by `Strategy::on_order_book` instead.
struct OrderBookStateEvent {
  Time timestamp{};
  TradingPair trading_pair;
  OrderBookState state = OrderBookState::unsynced;
  std::string reason;
};

/// `ready` changed, or a condition behind it.
struct ReadyEvent {
  Time timestamp{};
  bool ready = false;
};
/// Something went wrong that belongs to no single order: an unreadable message, a refused subscription.
struct ConnectorErrorEvent {
  Time timestamp{};
  std::string channel;  ///< e.g. "market: book.update", "private/user-balance"
  Status status;
};

// --- Derivatives ---------------------------------------------------------------------------------------------------

/// A position is now what this says; amount 0: it is closed.
struct PositionChangedEvent {
  Time timestamp{};
  TradingPair trading_pair;
  PositionSide side = PositionSide::net;
  Decimal amount;  ///< base; negative: short
  Decimal entry_price;
  Decimal unrealized_profit;
  Decimal leverage = 1;
  std::optional<Time> venue_time;
};
/// What the known fills add up to is not what the venue holds, and it was so twice in a row: somebody else trades on
/// this account, or something was missed. The venue's amount counts from now on.
struct PositionMismatchEvent {
  Time timestamp{};
  TradingPair trading_pair;
  PositionSide side = PositionSide::net;
  Decimal amount_by_fills;
  Decimal amount_at_venue;
};
/// The venue traded on this account by itself.
struct LiquidationEvent {
  enum class Kind : std::uint8_t { liquidation, deleveraging, settlement };
  Time timestamp{};
  Kind kind = Kind::liquidation;
  TradingPair trading_pair;
  PositionSide side = PositionSide::net;
  TradeType trade_type = TradeType::buy;
  Decimal price;
  Decimal amount;
  TradeId exchange_trade_id;
  TradeFee trade_fee;
  std::optional<Decimal> realized_profit;
  Time venue_time{};
};
/// The venue warns that a position may be liquidated.
struct MarginCallEvent {
  Time timestamp{};
  TradingPair trading_pair;
  PositionSide side = PositionSide::net;
  Decimal amount;
  std::optional<Decimal> mark_price;
  std::optional<Decimal> maintenance_margin;
};
/// Mark price, index price or funding rate moved.
struct FundingInfoEvent {
  Time timestamp{};
  TradingPair trading_pair;
  Decimal index_price;
  Decimal mark_price;
  Decimal rate;
  Time next_funding_time{};
};
/// Funding was paid (negative) or received (positive). Told once for each payment, over restarts as well if the state
/// of tracking was restored.
struct FundingPaymentCompletedEvent {
  Time timestamp{};
  TradingPair trading_pair;
  Decimal amount;
  std::string asset;
  std::optional<Decimal> rate;
  std::string payment_id;  ///< the venue's
  Time venue_time{};
};
/// The outcome of a change of the position mode, or a change that somebody else made. With a failure the mode is what
/// it was, or not known if the status is `outcome_unknown`.
struct PositionModeChangedEvent {
  Time timestamp{};
  PositionMode mode = PositionMode::one_way;  ///< that was asked for or told
  Status status;
};
struct LeverageChangedEvent {
  Time timestamp{};
  TradingPair trading_pair;
  std::uint32_t leverage = 1;
  Status status;
};
struct MarginTypeChangedEvent {
  Time timestamp{};
  TradingPair trading_pair;
  MarginType type = MarginType::cross;
  Status status;
};

// --- Protocols -----------------------------------------------------------------------------------------------------

/// The outcome of `Protocol::approve`: with a failure the allowance is what it was.
struct TokenApprovalEvent {
  Time timestamp{};
  ClientOrderId order_id;
  std::string token;
  std::string spender;            ///< the address of the contract that may take the token
  std::optional<Decimal> amount;  ///< empty: without a limit
  std::optional<ExchangeOrderId> transaction;
  Status status;
};
/// A mined transaction that exchanged nothing has cost this: it reverted, it took a nonce back, or it approved a token.
/// What a swap cost is in the fee of its fill.
struct NetworkFeeEvent {
  Time timestamp{};
  ClientOrderId order_id;
  ExchangeOrderId transaction;
  std::string asset;
  Decimal amount;
};
/// A fill that was told is no longer part of the chain, which was reorganised deeper than the confirmations waited for;
/// or, `reinstated`, it is part of it again. The order is watched on.
struct OrderFillRevokedEvent {
  Time timestamp{};
  ClientOrderId order_id;
  TradingPair trading_pair;
  TradeId exchange_trade_id;
  Decimal amount;  ///< base
  Decimal quote_amount;
  bool reinstated = false;
};

using Event =
    std::variant<BuyOrderCreatedEvent, SellOrderCreatedEvent, OrderFilledEvent, BuyOrderCompletedEvent,
                 SellOrderCompletedEvent, OrderCancelledEvent, OrderExpiredEvent, MarketOrderFailureEvent,
                 OrderCancelFailedEvent, OrderOutcomeUnknownEvent, OrderOutcomeResolvedEvent, UnmatchedFillEvent,
                 BalanceEvent, TradeEvent, OrderBookStateEvent, ReadyEvent, ConnectorErrorEvent, PositionChangedEvent,
                 PositionMismatchEvent, LiquidationEvent, MarginCallEvent, FundingInfoEvent,
                 FundingPaymentCompletedEvent, PositionModeChangedEvent, LeverageChangedEvent, MarginTypeChangedEvent,
                 ExternalOrderEvent, TokenApprovalEvent, NetworkFeeEvent, OrderFillRevokedEvent>;

/// "OrderFilledEvent" and so on.
[[nodiscard]] std::string_view event_name(const Event& event) noexcept;
/// The order or approval of ours that it tells of; null if it tells of none. Valid as long as the event.
[[nodiscard]] const ClientOrderId* order_of(const Event& event) noexcept;
/// Is it the end of an order: completed, cancelled, expired or failed? Only late fills follow,
/// and on a chain what a reorganisation changes.
[[nodiscard]] bool ends_order(const Event& event) noexcept;
/// One line for a person or a talk: the name and the fields that matter. Holds no secret.
[[nodiscard]] std::string describe(const Event& event);

}  // namespace calypte
