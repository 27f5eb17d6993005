#include "connector/protocol/uniswap/uniswap_amounts.hpp"

#include <algorithm>
#include <cassert>

namespace calypte::connector::uniswap {
namespace {

// Boundaries of what is computed here: an amount has 256 bits, a `Decimal` 127, and a power of ten up to 10^68 another
// 226. No product below has more than two of the first and the last, or all of the second: 512 bits hold them.
Uint512 unit_of(int exponent) {
  assert(exponent >= 0);
  return boost::multiprecision::pow(Uint512(10), static_cast<unsigned>(exponent));
}

Uint512 divide_rounded(const Uint512& dividend, const Uint512& divisor, bool up) {
  Uint512 quotient;
  Uint512 remainder;
  boost::multiprecision::divide_qr(dividend, divisor, quotient, remainder);
  return up && remainder != 0 ? Uint512(quotient + 1) : quotient;
}

std::optional<Uint256> narrowed(const Uint512& value) {
  if ((value >> 256U) != 0) return std::nullopt;
  return static_cast<Uint256>(value);
}

/// The coefficient of a Decimal that is not negative.
Uint512 coefficient_of(const Decimal& value) {
  assert(!value.is_negative());
  return Uint512(static_cast<Uint128>(value.coefficient()));
}

}  // namespace

std::optional<Decimal> price_of(const Uint256& quote, const Uint256& base, const PairScale& scale, TradeType side) {
  assert(base != 0);
  const int exponent = scale.price_scale + scale.base_decimals - scale.quote_decimals;
  const Uint512 dividend = exponent >= 0 ? Uint512(Uint512(quote) * unit_of(exponent)) : Uint512(quote);
  const Uint512 divisor = exponent >= 0 ? Uint512(base) : Uint512(Uint512(base) * unit_of(-exponent));
  const Uint512 coefficient = divide_rounded(dividend, divisor, side == TradeType::buy);
  if (coefficient >= unit_of(38)) return std::nullopt;
  return Decimal::from_parts(static_cast<Decimal::Int128>(static_cast<Uint128>(coefficient)), scale.price_scale);
}

std::optional<Uint256> quote_at_price(const Uint256& base, const Decimal& price, const PairScale& scale,
                                      TradeType side) {
  assert(price.is_positive());
  const int exponent = scale.quote_decimals - scale.base_decimals - price.scale();
  // 256 bits of the amount and 127 of the price leave room for 10^38 (127 bits): scales of tokens are below that.
  const Uint512 product = Uint512(base) * coefficient_of(price);
  const Uint512 dividend = exponent >= 0 ? Uint512(product * unit_of(exponent)) : product;
  const Uint512 divisor = exponent >= 0 ? Uint512(1) : unit_of(-exponent);
  return narrowed(divide_rounded(dividend, divisor, side == TradeType::sell));
}

Result<Uint256> quote_after_slippage(const Uint256& quote, const Decimal& slippage, TradeType side) {
  const bool too_much = side == TradeType::sell && slippage >= Decimal(1);
  if (slippage.is_negative() || too_much) {
    return Status(StatusCode::denied, FailureReason::invalid_price,
                  "a slippage limit of " + slippage.to_string() + " is no limit");
  }
  const Uint512 whole = unit_of(slippage.scale());
  const Uint512 factor =
      side == TradeType::buy ? Uint512(whole + coefficient_of(slippage)) : Uint512(whole - coefficient_of(slippage));
  const auto limit = narrowed(divide_rounded(Uint512(quote) * factor, whole, side == TradeType::sell));
  if (!limit) {
    return Status(StatusCode::denied, FailureReason::invalid_amount, "the amount needs more than 256 bits");
  }
  return *limit;
}

int scale_for_digits(const Uint256& quote, const Uint256& base, int base_decimals, int quote_decimals, int digits,
                     int most) {
  const Uint512 wanted = unit_of(digits - 1);
  for (int scale = 0; scale < most; ++scale) {
    const int exponent = scale + base_decimals - quote_decimals;
    const Uint512 dividend = exponent >= 0 ? Uint512(Uint512(quote) * unit_of(exponent)) : Uint512(quote);
    const Uint512 divisor = exponent >= 0 ? Uint512(base) : Uint512(Uint512(base) * unit_of(-exponent));
    if (dividend / divisor >= wanted) return scale;
  }
  return most;
}

}  // namespace calypte::connector::uniswap
