#include "calypte/budget_checker.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "core/denied.hpp"

namespace calypte {
namespace {

/// Places of what had to be divided.
constexpr int kPlaces = 18;
/// A fee that depends on the amount in steps may need more than one scaling. After so many, nothing is affordable.
constexpr int kMaxScalings = 8;

Status too_large() { return denied(FailureReason::invalid_amount, "the value of the order is not representable"); }

std::string market(std::string_view base, std::string_view quote) {
  return std::string(base).append("-").append(quote);
}

OrderCandidate without_results(const OrderCandidate& candidate) {
  return {.trading_pair = candidate.trading_pair,
          .is_maker = candidate.is_maker,
          .type = candidate.type,
          .side = candidate.side,
          .amount = candidate.amount,
          .price = candidate.price,
          .from_total_balances = candidate.from_total_balances,
          .leverage = candidate.leverage,
          .position_close = candidate.position_close};
}

OrderCandidate failed(const OrderCandidate& candidate, Status why) {
  OrderCandidate zero = without_results(candidate);
  zero.resized = !candidate.amount.is_zero();
  zero.amount = 0;
  zero.status = std::move(why);
  return zero;
}

/// Works out the results of one candidate: a step a function, in the order of `run`. A step that fails ends it.
class Reckoning {
 public:
  Reckoning(const Exchange& exchange, const Derivative* derivative, OrderCandidate& candidate)
      : exchange_(exchange), derivative_(derivative), candidate_(candidate), pair_(candidate.trading_pair) {}

  Status run() {
    if (Status status = prepare(); !status.ok()) return status;
    if (Status status = order_collateral(); !status.ok()) return status;
    if (Status status = potential_returns(); !status.ok()) return status;
    if (Status status = percent_fee(); !status.ok()) return status;
    return fixed_fees();
  }

 private:
  Status prepare() {
    if (!candidate_.amount.is_positive()) {
      return denied(FailureReason::invalid_amount, "amount " + candidate_.amount.to_string() + " is not positive");
    }
    if (!candidate_.price.is_positive()) {
      return denied(FailureReason::invalid_price, "price " + candidate_.price.to_string() + " is not positive");
    }
    const TradingRule* rule = exchange_.trading_rule(pair_);
    if (rule == nullptr) {
      return denied(FailureReason::unknown_trading_pair, "no trading rule of " + pair_.to_string() + " is known");
    }
    const bool is_limit = candidate_.type == OrderType::limit || candidate_.type == OrderType::limit_maker;
    price_ = is_limit ? rule->quantize_price(candidate_.price, candidate_.side) : candidate_.price;
    const auto value = Decimal::checked_mul(candidate_.amount, price_);
    if (!value) return too_large();
    value_ = *value;
    return derivative_ == nullptr ? prepare_spot() : prepare_derivative();
  }

  Status prepare_spot() {
    if (candidate_.position_close) {
      return denied(FailureReason::invalid_position_action, "there are no positions on a spot market");
    }
    if (candidate_.leverage) return denied(FailureReason::invalid_leverage, "there is no leverage on a spot market");
    collateral_token_ = candidate_.side == TradeType::buy ? pair_.quote() : pair_.base();
    fee_ = expected_fee();
    return {};
  }

  Status prepare_derivative() {
    collateral_token_ = candidate_.side == TradeType::buy ? derivative_->buy_collateral_token(pair_)
                                                          : derivative_->sell_collateral_token(pair_);
    if (collateral_token_.empty()) collateral_token_ = pair_.quote();
    fee_ = expected_fee();
    // The exchange is asked without the position action, so which kind of fee it is follows from the rule for
    // perpetuals here.
    const bool deducted = candidate_.position_close && fee_.percent_token.empty();
    fee_.kind = deducted ? TradeFee::Kind::deducted_from_returns : TradeFee::Kind::added_to_cost;
    if (candidate_.position_close) return {};  // the leverage of a position that exists binds nothing more
    if (candidate_.leverage) {
      leverage_ = *candidate_.leverage;
    } else {
      const AccountSetting<std::uint32_t> setting = derivative_->leverage(pair_);
      if (setting.state != AccountSetting<std::uint32_t>::State::confirmed || !setting.value) {
        return denied(FailureReason::not_ready, "the leverage of " + pair_.to_string() + " is not confirmed");
      }
      leverage_ = *setting.value;
    }
    if (leverage_ == 0) return denied(FailureReason::invalid_leverage, "a leverage of 0");
    return {};
  }

  [[nodiscard]] TradeFee expected_fee() const {
    const OrderType type = candidate_.is_maker ? OrderType::limit_maker : candidate_.type;
    return exchange_.fee(pair_, type, candidate_.side, candidate_.amount, price_);
  }

  Status order_collateral() {
    if (candidate_.position_close) return {};  // what is closed is its own collateral
    const Result<Decimal> value = order_value_in(collateral_token_);
    if (!value) return value.status();
    Decimal bound = *value;
    if (leverage_ != 1) {
      const auto share = Decimal::checked_div(*value, leverage_, kPlaces, Rounding::ceiling);
      if (!share) return too_large();
      bound = share->normalized();
    }
    candidate_.order_collateral = TokenAmount{collateral_token_, bound};
    return {};
  }

  Status potential_returns() {
    if (derivative_ == nullptr) {
      const bool buys = candidate_.side == TradeType::buy;
      candidate_.potential_returns =
          TokenAmount{std::string(buys ? pair_.base() : pair_.quote()), buys ? candidate_.amount : value_};
    } else if (candidate_.position_close) {
      const Result<Decimal> value = order_value_in(collateral_token_);
      if (!value) return value.status();
      candidate_.potential_returns = TokenAmount{collateral_token_, *value};
    }
    return {};
  }

  Status percent_fee() {
    if (fee_.percent.is_zero()) return {};
    if (fee_.kind == TradeFee::Kind::deducted_from_returns) return deduct();
    const std::string& token = fee_.percent_token.empty() ? collateral_token_ : fee_.percent_token;
    const Result<Decimal> value = order_value_in(token);
    if (!value) return value.status();
    const auto fee = Decimal::checked_mul(*value, fee_.percent);
    if (!fee) return too_large();
    candidate_.percent_fee_value = TokenAmount{token, *fee};
    if (fee->is_positive()) candidate_.percent_fee_collateral = candidate_.percent_fee_value;
    return {};
  }

  Status deduct() {
    if (!candidate_.potential_returns) return {};
    TokenAmount& returns = *candidate_.potential_returns;
    const auto fee = Decimal::checked_mul(returns.amount, fee_.percent);
    const auto rest = fee ? Decimal::checked_sub(returns.amount, *fee) : std::nullopt;
    if (!rest) return too_large();
    if (derivative_ == nullptr) candidate_.percent_fee_value = TokenAmount{returns.token, *fee};
    returns.amount = *rest;
    return {};
  }

  Status fixed_fees() {
    std::vector<TokenAmount>& sums = candidate_.fixed_fee_collaterals;
    for (const TokenAmount& flat : fee_.flat_fees) {
      auto it = std::find_if(sums.begin(), sums.end(), [&](const TokenAmount& sum) { return sum.token == flat.token; });
      if (it == sums.end()) it = sums.insert(sums.end(), TokenAmount{flat.token, 0});
      const auto sum = Decimal::checked_add(it->amount, flat.amount);
      if (!sum) return too_large();
      it->amount = *sum;
    }
    std::erase_if(sums, [](const TokenAmount& sum) { return !sum.amount.is_positive(); });
    return {};
  }

  /// What the order is worth in `token`; exact if that is one of the pair's, otherwise by an order book.
  [[nodiscard]] Result<Decimal> order_value_in(std::string_view token) const {
    if (token == pair_.quote()) return value_;
    if (token == pair_.base()) return candidate_.amount;
    std::optional<Decimal> rate = ask_price(pair_.quote(), token);
    const Decimal* size = &value_;
    if (!rate) {
      rate = ask_price(pair_.base(), token);
      size = &candidate_.amount;
    }
    if (!rate) {
      return Status(StatusCode::unavailable, "no market that is followed gives the worth of " +
                                                 std::string(pair_.quote()) + " or " + std::string(pair_.base()) +
                                                 " in " + std::string(token) + " now");
    }
    const auto worth = Decimal::checked_mul(*size, *rate);
    if (!worth) return too_large();
    return *worth;
  }

  /// How much `quote` one `base` costs. A market noted the other way round is asked for its bid, which is the same
  /// side.
  [[nodiscard]] std::optional<Decimal> ask_price(std::string_view base, std::string_view quote) const {
    if (const Result<TradingPair> direct = TradingPair::parse(market(base, quote))) {
      const std::optional<Decimal> ask = exchange_.price(*direct, PriceType::best_ask);
      if (ask && ask->is_positive()) return ask;
    }
    if (const Result<TradingPair> inverse = TradingPair::parse(market(quote, base))) {
      const std::optional<Decimal> bid = exchange_.price(*inverse, PriceType::best_bid);
      if (bid && bid->is_positive()) {
        const auto rate = Decimal::checked_div(1, *bid, kPlaces, Rounding::ceiling);
        if (rate) return rate->normalized();
      }
    }
    return std::nullopt;
  }

  const Exchange& exchange_;
  const Derivative* derivative_;
  OrderCandidate& candidate_;
  const TradingPair& pair_;
  Decimal price_;
  Decimal value_;  // of the whole order in quote, not divided by the leverage
  Decimal leverage_ = 1;
  std::string collateral_token_;
  TradeFee fee_;
};

/// What a candidate binds of one token: a part that shrinks with the amount, and one that does not.
struct Need {
  std::string_view token;
  Decimal scaling = 0;
  Decimal fixed = 0;
};

/// Throws `DecimalOverflow` where a sum does not fit.
std::vector<Need> needs_of(const OrderCandidate& candidate) {
  std::vector<Need> needs;
  const auto of = [&needs](std::string_view token) -> Need& {
    const auto it = std::find_if(needs.begin(), needs.end(), [&](const Need& need) { return need.token == token; });
    return it != needs.end() ? *it : needs.emplace_back(Need{.token = token});
  };
  if (candidate.order_collateral) of(candidate.order_collateral->token).scaling += candidate.order_collateral->amount;
  if (candidate.percent_fee_collateral) {
    of(candidate.percent_fee_collateral->token).scaling += candidate.percent_fee_collateral->amount;
  }
  for (const TokenAmount& fee : candidate.fixed_fee_collaterals) of(fee.token).fixed += fee.amount;
  return needs;
}

/// The largest amount of the whole that `free` of the token pays for, at the scale of the trading rule.
Result<Decimal> payable(const Decimal& amount, const Need& need, const Decimal& free, const TradingRule& rule) {
  const Decimal rest = free - need.fixed;
  if (!rest.is_positive()) return Decimal(0);
  const int scale = rule.min_base_amount_increment.scale();
  std::optional<Decimal> result;
  if (const auto product = Decimal::checked_mul(amount, rest)) {
    result = Decimal::checked_div(*product, need.scaling, scale, Rounding::toward_zero);
  } else if (const auto share = Decimal::checked_div(rest, need.scaling, kPlaces, Rounding::toward_zero)) {
    result = Decimal::checked_mul(amount, *share);
  }
  if (!result) return too_large();
  return rule.quantize_amount(*result);
}

/// Whether what is left after scaling can still be ordered.
Status check_minimum(const OrderCandidate& candidate, const Decimal& amount, const TradingRule& rule) {
  if (amount < rule.min_order_size) {
    return denied(FailureReason::below_min_order_size, "what can be paid for, " + amount.to_string() +
                                                           ", is below the minimum " + rule.min_order_size.to_string());
  }
  const bool is_limit = candidate.type == OrderType::limit || candidate.type == OrderType::limit_maker;
  const Decimal price = is_limit ? rule.quantize_price(candidate.price, candidate.side) : candidate.price;
  const auto notional = Decimal::checked_mul(amount, price);
  if (!notional) return too_large();
  if (*notional < rule.min_notional_size) {
    return denied(FailureReason::below_min_notional, "the notional of what can be paid for, " + notional->to_string() +
                                                         ", is below the minimum " +
                                                         rule.min_notional_size.to_string());
  }
  return {};
}

}  // namespace

BudgetChecker::BudgetChecker(const Exchange& exchange)
    : exchange_(&exchange), derivative_(dynamic_cast<const Derivative*>(&exchange)) {}

OrderCandidate BudgetChecker::populate_collateral(const OrderCandidate& candidate) const {
  OrderCandidate populated = without_results(candidate);
  Status status = Reckoning(*exchange_, derivative_, populated).run();
  return status.ok() ? populated : failed(candidate, std::move(status));
}

OrderCandidate BudgetChecker::adjust_candidate(const OrderCandidate& candidate, bool all_or_none) const try {
  OrderCandidate adjusted = populate_collateral(candidate);
  Status shortage;
  for (int scalings = 0; adjusted.status.ok(); ++scalings) {
    const TradingRule& rule = *exchange_->trading_rule(candidate.trading_pair);  // populated, so there is one
    Decimal affordable = adjusted.amount;
    for (const Need& need : needs_of(adjusted)) {
      const Decimal free = free_balance(need.token, candidate.from_total_balances);
      if (need.scaling + need.fixed <= free) continue;
      const Result<Decimal> bearable = payable(adjusted.amount, need, free, rule);
      if (!bearable) return failed(candidate, bearable.status());
      affordable = std::min(affordable, *bearable);
      shortage = denied(FailureReason::insufficient_balance, (need.scaling + need.fixed).normalized().to_string() +
                                                                 " " + std::string(need.token) + " needed, " +
                                                                 free.normalized().to_string() + " available");
    }
    if (affordable == adjusted.amount) break;
    if (all_or_none || affordable.is_zero() || scalings == kMaxScalings) return failed(candidate, shortage);
    if (Status status = check_minimum(candidate, affordable, rule); !status.ok()) return failed(candidate, status);
    OrderCandidate smaller = without_results(candidate);
    smaller.amount = affordable;
    adjusted = populate_collateral(smaller);
    adjusted.resized = true;
  }
  return adjusted;
} catch (const DecimalOverflow&) {
  return failed(candidate, too_large());
}

OrderCandidate BudgetChecker::adjust_candidate_and_lock(const OrderCandidate& candidate, bool all_or_none) try {
  OrderCandidate adjusted = adjust_candidate(candidate, all_or_none);
  auto locked = locked_;  // none of the sums is kept if one of them does not fit
  for (const Need& need : needs_of(adjusted)) locked[std::string(need.token)] += need.scaling + need.fixed;
  locked_ = std::move(locked);
  return adjusted;
} catch (const DecimalOverflow&) {
  return failed(candidate, too_large());
}

std::vector<OrderCandidate> BudgetChecker::adjust_candidates(std::span<const OrderCandidate> candidates,
                                                             bool all_or_none) {
  reset_locked_collateral();
  std::vector<OrderCandidate> adjusted;
  adjusted.reserve(candidates.size());
  for (const OrderCandidate& candidate : candidates) {
    adjusted.push_back(adjust_candidate_and_lock(candidate, all_or_none));
  }
  reset_locked_collateral();
  return adjusted;
}

Decimal BudgetChecker::free_balance(std::string_view token, bool from_total_balances) const {
  Decimal free = from_total_balances ? exchange_->balance(token) : exchange_->available_balance(token);
  if (const auto it = locked_.find(token); it != locked_.end()) free -= it->second;
  return free;
}

}  // namespace calypte
