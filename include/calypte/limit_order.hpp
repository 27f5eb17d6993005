// Plain values that describe orders to a strategy: what it asked for, without the machinery that tracks it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/time.hpp"
#include "calypte/types.hpp"

namespace calypte {

enum class LimitOrderStatus : std::uint8_t { unknown, created, open, canceling, canceled, completed, failed };

struct LimitOrder {
  ClientOrderId client_order_id;
  TradingPair trading_pair;
  bool is_buy = true;
  std::string base_currency;
  std::string quote_currency;
  Decimal price;
  Decimal quantity;
  std::optional<Decimal> filled_quantity;  ///< empty: not known
  std::int64_t creation_timestamp_us = 0;  ///< microseconds since the Unix epoch; 0: not known
  LimitOrderStatus status = LimitOrderStatus::unknown;
  PositionAction position = PositionAction::nil;

  /// Whole seconds since creation; -1 if the creation time is not known or after `now`.
  [[nodiscard]] std::int64_t age_s(Time now) const noexcept;

  friend bool operator==(const LimitOrder&, const LimitOrder&) = default;
  /// By price, then by client order id.
  friend std::strong_ordering order_by_price(const LimitOrder& a, const LimitOrder& b) noexcept;
};

struct MarketOrder {
  ClientOrderId client_order_id;
  TradingPair trading_pair;
  bool is_buy = true;
  std::string base_currency;
  std::string quote_currency;
  Decimal amount;
  Time creation_time{};
  PositionAction position = PositionAction::nil;
  friend bool operator==(const MarketOrder&, const MarketOrder&) = default;
};

/// One row of a table of orders for a person.
struct OrderTableRow {
  std::string order_id;  ///< the last four characters of the client order id
  std::string type;      ///< "buy" or "sell"
  Decimal price;
  std::string spread;  ///< distance from mid as a percentage with two decimals, "0.50%"; "n/a" without a mid price
  Decimal amount;
  std::string age;      ///< "hh:mm:ss", or "n/a"
  std::string hanging;  ///< "yes", "no" or "n/a"
};
/// Sells before buys, each by falling price. `hanging` is "n/a" without a list of hanging ids.
[[nodiscard]] std::vector<OrderTableRow> order_table(
    const std::vector<LimitOrder>& orders, const Decimal& mid_price, Time now,
    const std::optional<std::vector<ClientOrderId>>& hanging_order_ids = std::nullopt);

enum class CancellationOutcome : std::uint8_t {
  succeeded,  ///< the venue accepted the cancel, or the order is seen to have ended
  failed,     ///< the venue refused
  unknown,    ///< no answer within the time limit
};
struct CancellationResult {
  ClientOrderId client_order_id;
  CancellationOutcome outcome = CancellationOutcome::unknown;
  friend bool operator==(const CancellationResult&, const CancellationResult&) = default;
};

}  // namespace calypte
