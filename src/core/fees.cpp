#include "calypte/fees.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace calypte {
namespace {

/// Places of a fee that had to be divided.
constexpr int kFeePlaces = 18;

/// Tokens that are redeemed one for one: a chain's coin and its wrapped or bridged form.
using TokenPair = std::pair<std::string_view, std::string_view>;
constexpr std::array<TokenPair, 10> kInterchangeable = {{
    {"ETH", "WETH"},
    {"BNB", "WBNB"},
    {"POL", "WPOL"},
    {"AVAX", "WAVAX"},
    {"ONE", "WONE"},
    {"USDC", "USDC.E"},
    {"BTC", "WBTC"},
    {"SOL", "USOL"},
    {"ETH", "UETH"},
    {"BTC", "UBTC"},
}};

bool interchangeable(std::string_view a, std::string_view b) noexcept {
  return a == b ||
         std::find(kInterchangeable.begin(), kInterchangeable.end(), TokenPair{a, b}) != kInterchangeable.end() ||
         std::find(kInterchangeable.begin(), kInterchangeable.end(), TokenPair{b, a}) != kInterchangeable.end();
}

Status fee_too_large() { return {StatusCode::malformed, "the fee is not representable"}; }

Result<Decimal> or_too_large(const std::optional<Decimal>& value) {
  if (!value) return fee_too_large();
  return *value;
}

/// `amount` of token `from` in token `to`. The trade's own price serves between its base and quote.
Result<Decimal> convert(const Decimal& amount, std::string_view from, std::string_view to, const TradingPair& pair,
                        const Decimal& price, const RateSource& rates) {
  if (amount.is_zero() || interchangeable(from, to)) return amount;
  if (interchangeable(from, pair.base()) && interchangeable(to, pair.quote())) {
    return or_too_large(Decimal::checked_mul(amount, price));
  }
  if (interchangeable(from, pair.quote()) && interchangeable(to, pair.base()) && price.is_positive()) {
    return or_too_large(Decimal::checked_div(amount, price, kFeePlaces, Rounding::half_even));
  }
  const Result<Decimal> rate = exchange_rate(rates, from, to);
  if (!rate) return rate;
  return or_too_large(Decimal::checked_mul(amount, *rate));
}

}  // namespace

Result<Decimal> exchange_rate(const RateSource& rates, std::string_view base, std::string_view quote) {
  if (rates) {
    if (const std::optional<Decimal> rate = rates(base, quote)) return *rate;
  }
  return Status(StatusCode::unavailable,
                std::string("no exchange rate from ").append(base).append(" to ").append(quote));
}

Result<Decimal> TradeFee::fee_amount_in_token(const TradingPair& pair, const Decimal& price, const Decimal& amount,
                                              std::string_view token, const RateSource& rates) const {
  Decimal sum = 0;
  if (!percent.is_zero()) {
    const auto base_part = Decimal::checked_mul(amount, percent);
    if (!base_part) return fee_too_large();
    if (interchangeable(token, pair.base())) {
      sum = *base_part;  // by way of the quote it would be the same, but divided by what it was multiplied with
    } else {
      const auto quote_part = Decimal::checked_mul(*base_part, price);
      if (!quote_part) return fee_too_large();
      const Result<Decimal> part = convert(*quote_part, pair.quote(), token, pair, price, rates);
      if (!part) return part;
      sum = *part;
    }
  }
  for (const TokenAmount& flat : flat_fees) {
    const Result<Decimal> part = convert(flat.amount, flat.token, token, pair, price, rates);
    if (!part) return part;
    const auto total = Decimal::checked_add(sum, *part);
    if (!total) return fee_too_large();
    sum = *total;
  }
  return sum;
}

Status TradeFeeSchema::validate() const {
  if (!percent_fee_token.empty() && buy_percent_fee_deducted_from_returns) {
    return {StatusCode::malformed,
            "a fee that is charged in " + percent_fee_token + " cannot be deducted from the returns of a buy order"};
  }
  return {};
}

TradeFee new_spot_fee(const TradeFeeSchema& schema, TradeType trade_type, const Decimal& percent,
                      std::string percent_token, std::vector<TokenAmount> flat_fees) {
  const bool deducted = trade_type == TradeType::sell ||
                        (schema.buy_percent_fee_deducted_from_returns && schema.percent_fee_token.empty());
  return {.kind = deducted ? TradeFee::Kind::deducted_from_returns : TradeFee::Kind::added_to_cost,
          .percent = percent,
          .percent_token = std::move(percent_token),
          .flat_fees = std::move(flat_fees)};
}

TradeFee new_perpetual_fee(const TradeFeeSchema& schema, PositionAction action, const Decimal& percent,
                           std::string percent_token, std::vector<TokenAmount> flat_fees) {
  const bool deducted = action == PositionAction::close && schema.percent_fee_token.empty();
  return {.kind = deducted ? TradeFee::Kind::deducted_from_returns : TradeFee::Kind::added_to_cost,
          .percent = percent,
          .percent_token = std::move(percent_token),
          .flat_fees = std::move(flat_fees)};
}

}  // namespace calypte
