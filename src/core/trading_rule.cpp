#include "calypte/trading_rule.hpp"

#include "core/denied.hpp"

namespace calypte {
namespace {

bool supports(const TradingRule& rule, OrderType type) noexcept {
  switch (type) {
    case OrderType::market:
      return rule.supports_market_orders;
    case OrderType::limit:
    case OrderType::limit_maker:
      return rule.supports_limit_orders;
    case OrderType::amm_swap:
      return true;  // a protocol offers nothing else; spot venues do not list the type
  }
  return false;
}

Status check_amount(const TradingRule& rule, const Decimal& amount) {
  if (!amount.is_positive()) {
    return denied(FailureReason::invalid_amount, "amount " + amount.to_string() + " is not positive");
  }
  if (amount < rule.min_order_size) {
    return denied(FailureReason::below_min_order_size,
                  "amount " + amount.to_string() + " is below the minimum " + rule.min_order_size.to_string());
  }
  if (rule.max_order_size && amount > *rule.max_order_size) {
    return denied(FailureReason::above_max_order_size,
                  "amount " + amount.to_string() + " is above the maximum " + rule.max_order_size->to_string());
  }
  if (!amount.is_multiple_of(rule.min_base_amount_increment)) {
    return denied(FailureReason::invalid_amount,
                  "amount " + amount.to_string() + " is no multiple of " + rule.min_base_amount_increment.to_string());
  }
  return {};
}

/// The limits of a price that is sent to the venue; the price of a market order is none.
Status check_limit_price(const TradingRule& rule, const Decimal& price) {
  if (rule.min_price && price < *rule.min_price) {
    return denied(FailureReason::invalid_price,
                  "price " + price.to_string() + " is below the minimum " + rule.min_price->to_string());
  }
  if (rule.max_price && price > *rule.max_price) {
    return denied(FailureReason::invalid_price,
                  "price " + price.to_string() + " is above the maximum " + rule.max_price->to_string());
  }
  if (rule.max_price_significant_digits && price.significant_digits() > *rule.max_price_significant_digits) {
    return denied(FailureReason::too_many_significant_digits, "price " + price.to_string() + " has more than " +
                                                                  std::to_string(*rule.max_price_significant_digits) +
                                                                  " significant digits");
  }
  if (!price.is_multiple_of(rule.min_price_increment)) {
    return denied(FailureReason::invalid_price,
                  "price " + price.to_string() + " is no multiple of " + rule.min_price_increment.to_string());
  }
  return {};
}

Status check_notional(const TradingRule& rule, const Decimal& amount, const Decimal& price) {
  const std::optional<Decimal> notional = Decimal::checked_mul(amount, price);
  if (!notional) {
    return denied(FailureReason::above_max_notional,
                  "the notional of " + amount.to_string() + " at " + price.to_string() + " is not representable");
  }
  if (*notional < rule.min_notional_size) {
    return denied(FailureReason::below_min_notional,
                  "notional " + notional->to_string() + " is below the minimum " + rule.min_notional_size.to_string());
  }
  if (rule.max_notional_size && *notional > *rule.max_notional_size) {
    return denied(FailureReason::above_max_notional,
                  "notional " + notional->to_string() + " is above the maximum " + rule.max_notional_size->to_string());
  }
  return {};
}

}  // namespace

Status TradingRule::validate() const {
  const auto wrong = [this](const char* what) {
    return Status(StatusCode::malformed, "trading rule of " + trading_pair.to_string() + ": " + what);
  };
  if (!min_price_increment.is_positive()) return wrong("the price increment is not positive");
  if (!min_base_amount_increment.is_positive()) return wrong("the amount increment is not positive");
  if (min_quote_amount_increment.is_negative()) return wrong("the quote amount increment is negative");
  if (min_order_size.is_negative()) return wrong("the minimum order size is negative");
  if (min_notional_size.is_negative()) return wrong("the minimum notional is negative");
  if (min_price && min_price->is_negative()) return wrong("the minimum price is negative");
  if (max_order_size && *max_order_size < min_order_size) return wrong("the order size's minimum exceeds its maximum");
  if (max_notional_size && *max_notional_size < min_notional_size) {
    return wrong("the notional's minimum exceeds its maximum");
  }
  if (max_price && *max_price < min_price.value_or(0)) return wrong("the price's minimum exceeds its maximum");
  if (max_price_significant_digits && *max_price_significant_digits < 1)
    return wrong("no significant digit is allowed");
  return {};
}

Decimal TradingRule::quantize_price(const Decimal& price, TradeType side) const {
  const Rounding away_from_spread = side == TradeType::buy ? Rounding::floor : Rounding::ceiling;
  return price.checked_round_to_multiple(min_price_increment, away_from_spread).value_or(price);
}

Decimal TradingRule::quantize_amount(const Decimal& amount) const {
  return amount.checked_round_to_multiple(min_base_amount_increment, Rounding::toward_zero).value_or(amount);
}

Status TradingRule::check(OrderType type, const Decimal& amount, const std::optional<Decimal>& price) const {
  if (!tradable) {
    return denied(FailureReason::instrument_not_tradable, trading_pair.to_string() + " is not tradable now");
  }
  if (!supports(*this, type)) {
    return denied(FailureReason::unsupported_order_type,
                  std::string(to_string(type)) + " orders are not supported for " + trading_pair.to_string());
  }
  if (Status status = check_amount(*this, amount); !status.ok()) return status;
  const bool is_limit = type == OrderType::limit || type == OrderType::limit_maker;
  if (!price) return is_limit ? denied(FailureReason::invalid_price, "a limit order needs a price") : Status{};
  if (!price->is_positive()) {
    return denied(FailureReason::invalid_price, "price " + price->to_string() + " is not positive");
  }
  if (is_limit) {
    if (Status status = check_limit_price(*this, *price); !status.ok()) return status;
  }
  return check_notional(*this, amount, *price);
}

}  // namespace calypte
