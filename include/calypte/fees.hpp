// Trade fees: how a venue charges for a fill, in whichever asset.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/types.hpp"

namespace calypte {

struct TokenAmount {
  std::string token;
  Decimal amount;
  [[nodiscard]] std::string to_json() const;
  [[nodiscard]] static Result<TokenAmount> from_json(std::string_view json);
  friend bool operator==(const TokenAmount&, const TokenAmount&) = default;
};

/// Answers "how much `quote` is one `base` worth", or nothing if it does not know.
using RateSource = std::function<std::optional<Decimal>(std::string_view base, std::string_view quote)>;

struct TradeFee {
  enum class Kind : std::uint8_t {
    added_to_cost,          ///< paid on top of what the trade costs
    deducted_from_returns,  ///< taken from what the trade returns
  };
  Kind kind = Kind::added_to_cost;
  Decimal percent;                     ///< a fraction: 0.001 is ten basis points
  std::string percent_token;           ///< set only where the percentage is charged in a third token
  std::vector<TokenAmount> flat_fees;  ///< a negative amount is a rebate

  /// The whole fee expressed in `token`, for a fill of `amount` base at `price` of `pair`. A part that is zero needs
  /// no rate. A part in a token that has no known rate to `token` makes the result a failure; it is never guessed.
  [[nodiscard]] Result<Decimal> fee_amount_in_token(const TradingPair& pair, const Decimal& price,
                                                    const Decimal& amount, std::string_view token,
                                                    const RateSource& rates = {}) const;
  [[nodiscard]] std::string to_json() const;
  [[nodiscard]] static Result<TradeFee> from_json(std::string_view json);
  friend bool operator==(const TradeFee&, const TradeFee&) = default;
};

/// A venue's or an account's fee schedule. Fractions, not percent.
struct TradeFeeSchema {
  std::string percent_fee_token;  ///< empty: charged in the asset of the trade
  Decimal maker_percent_fee;
  Decimal taker_percent_fee;
  bool buy_percent_fee_deducted_from_returns = false;
  std::vector<TokenAmount> maker_fixed_fees;
  std::vector<TokenAmount> taker_fixed_fees;

  /// A fee token excludes a deduction from returns; `malformed` says so.
  [[nodiscard]] Status validate() const;
};

/// The kind rule for spot: a buy is added to cost unless the schema deducts it (and has no fee token); a sell is
/// always deducted from returns.
[[nodiscard]] TradeFee new_spot_fee(const TradeFeeSchema& schema, TradeType trade_type, const Decimal& percent,
                                    std::string percent_token = {}, std::vector<TokenAmount> flat_fees = {});
/// The kind rule for perpetuals: opening adds to cost; closing is deducted from returns unless a fee token is set.
[[nodiscard]] TradeFee new_perpetual_fee(const TradeFeeSchema& schema, PositionAction action, const Decimal& percent,
                                         std::string percent_token = {}, std::vector<TokenAmount> flat_fees = {});
/// The rate from a source; a failure that names both tokens where it has none.
[[nodiscard]] Result<Decimal> exchange_rate(const RateSource& rates, std::string_view base, std::string_view quote);

}  // namespace calypte
