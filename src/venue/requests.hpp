// Requests: what the engine can ask of a venue, in one vocabulary for all venues. `Venue::encode` turns them into
// bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "calypte/credentials.hpp"
#include "calypte/decimal.hpp"
#include "calypte/time.hpp"
#include "calypte/types.hpp"

namespace calypte::venue {

struct NewOrder {
  ClientOrderId client_order_id;
  Symbol symbol;
  TradeType side = TradeType::buy;
  OrderType type = OrderType::limit;
  TimeInForce time_in_force = TimeInForce::good_till_cancelled;
  Decimal amount;                               ///< base, fitted to the rule
  std::optional<Decimal> price = std::nullopt;  ///< quote, fitted to the rule
  PositionAction position = PositionAction::nil;
  PositionSide position_side = PositionSide::net;  ///< derivatives: the position that it changes
  bool reduce_only = false;                        ///< derivatives, one-way mode: may not open or turn a position
};
/// Several orders in one request, at most `OrderSpec::max_batch_create`. Each has an outcome of its own.
struct NewOrders {
  std::vector<NewOrder> orders;
};
/// Names an order of ours by whatever is known of it.
struct OrderRef {
  ClientOrderId client_order_id;
  std::optional<ExchangeOrderId> exchange_order_id = std::nullopt;
  Symbol symbol;
};
struct CancelOrder {
  OrderRef order;
};
/// Several orders of one symbol in one request, at most `OrderSpec::max_batch_cancel`; each with its own outcome.
struct CancelOrders {
  std::vector<OrderRef> orders;
};
struct CancelAllOrders {
  std::optional<Symbol> symbol = std::nullopt;  ///< empty: every symbol
};
struct QueryOrder {
  OrderRef order;
};
struct QueryOpenOrders {
  std::optional<Symbol> symbol = std::nullopt;
};
struct QueryFills {
  std::optional<Symbol> symbol = std::nullopt;
  std::optional<OrderRef> order = std::nullopt;  ///< where the venue can list the fills of one order
  Time start{};
  Time end{};
};
struct QueryBalances {};
struct QueryInstruments {};
struct QueryDepth {
  Symbol symbol;
};
struct QueryTickers {};
struct QueryServerTime {};
struct QueryFees {
  std::optional<Symbol> symbol = std::nullopt;  ///< must be there where `OrderSpec::fees_need_symbol`
};
/// Arms the venue's own dead-man switch (`VenueSpec::dead_man`), or disarms it.
struct ArmDeadMan {
  std::optional<Symbol> symbol = std::nullopt;  ///< of a countdown
  Duration after = Duration::zero();            ///< of a countdown; 0: disarmed
};

/// A fresh key for the private stream, and a longer life for it.
struct OpenUserStream {};
struct RenewUserStream {
  std::string key;
};

// --- Derivatives ---------------------------------------------------------------------------------------------------

struct QueryPositions {};
struct QueryFunding {
  Symbol symbol;
};
/// What was paid or received within [start, end], oldest first.
struct QueryFundingPayments {
  std::optional<Symbol> symbol = std::nullopt;
  Time start{};
  Time end{};
};
struct QueryPositionMode {};
struct SetPositionMode {
  PositionMode mode = PositionMode::one_way;
};
/// Leverage and margin type of one contract.
struct QueryLeverage {
  Symbol symbol;
};
struct SetLeverage {
  Symbol symbol;
  std::uint32_t leverage = 1;
};
struct SetMarginType {
  Symbol symbol;
  MarginType type = MarginType::cross;
};

using Request =
    std::variant<NewOrder, CancelOrder, CancelAllOrders, QueryOrder, QueryOpenOrders, QueryFills, QueryBalances,
                 QueryInstruments, QueryDepth, QueryTickers, QueryServerTime, QueryFees, NewOrders, CancelOrders,
                 OpenUserStream, RenewUserStream, QueryPositions, QueryFunding, QueryFundingPayments, QueryPositionMode,
                 SetPositionMode, QueryLeverage, SetLeverage, SetMarginType, ArmDeadMan>;
/// "private: new order" and the like, for logs and counters.
[[nodiscard]] std::string_view request_name(const Request& request) noexcept;
/// May an order come to be by it?
[[nodiscard]] inline bool places_orders(const Request& request) noexcept {
  return std::holds_alternative<NewOrder>(request) || std::holds_alternative<NewOrders>(request);
}

/// What a request is stamped with when it is encoded, right before it leaves.
struct Stamp {
  Time time{};                               ///< the venue's clock as we estimate it
  std::uint64_t nonce = 0;                   ///< strictly increasing, for venues that want one and for frame ids
  const Credentials* credentials = nullptr;  ///< null: an unsigned request
};

}  // namespace calypte::venue
