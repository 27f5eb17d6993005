// What a venue accepts for one trading pair, and how prices and amounts are fitted to it.
#pragma once

#include <optional>
#include <string>

#include "calypte/decimal.hpp"
#include "calypte/types.hpp"

namespace calypte {

struct TradingRule {
  TradingPair trading_pair;
  Decimal min_order_size;                    ///< base; 0: no minimum
  std::optional<Decimal> max_order_size;     ///< base
  Decimal min_price_increment;               ///< quote; must be positive
  Decimal min_base_amount_increment;         ///< base; must be positive
  Decimal min_quote_amount_increment;        ///< quote; 0: none. Of amounts given in quote; ours are in base
  Decimal min_notional_size;                 ///< quote; 0: no minimum
  std::optional<Decimal> max_notional_size;  ///< quote
  std::optional<Decimal> min_price;          ///< quote
  std::optional<Decimal> max_price;          ///< quote
  std::optional<int> max_price_significant_digits;
  bool supports_limit_orders = true;
  bool supports_market_orders = true;
  bool tradable = true;
  std::string buy_order_collateral_token;   ///< empty: the quote
  std::string sell_order_collateral_token;  ///< empty: the quote for derivatives, unused for spot

  /// `malformed` if an increment is not positive, a limit is negative, or a minimum exceeds its maximum.
  [[nodiscard]] Status validate() const;

  /// Fits a price to the increment without giving an edge away: a buy rounds down, a sell rounds up, so neither ever
  /// moves towards or across the spread. Unchanged if it cannot be fitted (a rule that does not validate, a price near
  /// 10^38): `check` denies it then.
  [[nodiscard]] Decimal quantize_price(const Decimal& price, TradeType side) const;
  /// Fits an amount to the increment, towards zero. An amount below the minimum is not raised.
  [[nodiscard]] Decimal quantize_amount(const Decimal& amount) const;

  /// Every limit of the rule, and that price and amount are positive multiples of their increments, each with its own
  /// `FailureReason`; `denied` on the first that is broken. `price` is the limit price, or for a market order the price
  /// that the notional is to be judged at (may be empty: not judged).
  [[nodiscard]] Status check(OrderType type, const Decimal& amount, const std::optional<Decimal>& price) const;

  friend bool operator==(const TradingRule&, const TradingRule&) = default;
};

}  // namespace calypte
