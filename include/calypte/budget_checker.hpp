// Whether an order can be paid for, and how much of it: what it binds, what it costs, what it brings.
//
// A candidate is an order that was not placed. The checker says what the order would bind at this connector now, and
// shrinks it to what the balances bear. Several candidates share the balances by locks that the checker keeps for
// itself: neither the venue nor the connector sees them.
//
// It is made of what the public interface tells, and never guesses: a rate, a trading rule or a leverage that is not
// known makes the candidate's `status` a failure that names what is missing. Whatever fails has an amount of 0 and no
// entries, so that a caller who looks at the amount alone does not trade on it either.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/connector.hpp"
#include "calypte/decimal.hpp"
#include "calypte/derivative.hpp"
#include "calypte/fees.hpp"
#include "calypte/result.hpp"
#include "calypte/types.hpp"

namespace calypte {

struct OrderCandidate {
  TradingPair trading_pair;
  bool is_maker = true;  ///< which of the venue's fees to expect; a `limit_maker` order always is one
  OrderType type = OrderType::limit;
  TradeType side = TradeType::buy;
  Decimal amount = 0;                ///< base
  Decimal price = 0;                 ///< quote; of a market order the price to reckon with
  bool from_total_balances = false;  ///< as if no order of ours bound anything now
  /// Derivatives only. Empty: what the venue has confirmed for the pair. A value is a question "what if": the venue
  /// reckons with its own.
  std::optional<std::uint32_t> leverage = std::nullopt;
  /// Derivatives only: the order reduces a position. It binds nothing; whether there is such a position is not judged.
  bool position_close = false;

  // What the checker says. No entry: nothing of that kind.
  std::optional<TokenAmount> order_collateral = std::nullopt;
  std::optional<TokenAmount> percent_fee_collateral = std::nullopt;  ///< on top of the order's, perhaps in its token
  std::optional<TokenAmount> percent_fee_value = std::nullopt;       ///< negative: a rebate, which pays for nothing
  std::vector<TokenAmount> fixed_fee_collaterals = {};               ///< one a token, positive
  /// Net of what the fee deducts. Spot: base of a buy, quote of a sell. A derivative's order returns something only if
  /// it closes: the value of what is closed, at `price`, in the collateral token.
  std::optional<TokenAmount> potential_returns = std::nullopt;
  bool resized = false;  ///< the amount is not the one that was asked for
  Status status = {};    ///< why the amount is 0; ok otherwise

  friend bool operator==(const OrderCandidate&, const OrderCandidate&) = default;
};

/// Used on the thread of its connector, which must outlive it. A `Derivative` is recognised as such.
class BudgetChecker {
 public:
  explicit BudgetChecker(const Exchange& exchange);

  /// The candidate with its results for the amount as it stands; balances are not looked at.
  ///
  /// The price is fitted to the trading rule as `buy` and `sell` do it, so that the results are those of the order that
  /// would be sent. A fee in a third token is converted by the best ask from the quote, or the base, to that token, or
  /// by the bid of the market that is noted the other way round.
  [[nodiscard]] OrderCandidate populate_collateral(const OrderCandidate& candidate) const;

  /// The same, and shrunk to what is available and not locked here. If that is less than the whole, `all_or_none` makes
  /// the amount 0; otherwise it is scaled, fitted to the trading rule, and 0 if the rest is below the venue's minimum
  /// size or notional. Locks nothing.
  [[nodiscard]] OrderCandidate adjust_candidate(const OrderCandidate& candidate, bool all_or_none = true) const;

  /// The same, and locks what the result binds until `reset_locked_collateral`.
  [[nodiscard]] OrderCandidate adjust_candidate_and_lock(const OrderCandidate& candidate, bool all_or_none = true);

  /// One after the other, each leaving what it binds to none behind it. Earlier locks are dropped, and none remain.
  [[nodiscard]] std::vector<OrderCandidate> adjust_candidates(std::span<const OrderCandidate> candidates,
                                                              bool all_or_none = true);

  void reset_locked_collateral() noexcept { locked_.clear(); }

 private:
  [[nodiscard]] Decimal free_balance(std::string_view token, bool from_total_balances) const;

  const Exchange* exchange_;
  const Derivative* derivative_;                        // the same object, or null
  std::map<std::string, Decimal, std::less<>> locked_;  // as many tokens as the candidates since the last reset name
};

}  // namespace calypte
