#include "evm/amount.hpp"

#include <string>

namespace calypte::evm {
namespace {

Uint256 wide(Decimal::Int128 value) {
  Uint256 result = static_cast<std::uint64_t>(value >> 64);
  result <<= 64U;
  result |= static_cast<std::uint64_t>(value);
  return result;
}

const Uint256& coefficient_limit() {
  static const Uint256 kLimit = wide(Decimal::kCoefficientLimit);
  return kLimit;
}

}  // namespace

Result<Decimal> to_decimal(const Uint256& units, int decimals) {
  if (decimals < 0 || decimals > 255) return Status(StatusCode::malformed, "decimals of a token are a byte");
  Uint256 rest = units;
  int scale = rest == 0 ? 0 : decimals;
  // Zeros at the end are dropped only where the value does not fit otherwise.
  while (rest >= coefficient_limit() || scale > Decimal::kMaxScale) {
    if (scale == 0 || rest % 10 != 0) {
      return Status(StatusCode::unsupported, "an amount of more than 38 digits: " + units.str() + " units");
    }
    rest /= 10;
    --scale;
  }
  if (units == 0) scale = decimals > Decimal::kMaxScale ? Decimal::kMaxScale : decimals;
  const auto high = static_cast<std::uint64_t>(rest >> 64U);
  const auto low = static_cast<std::uint64_t>(rest & ~std::uint64_t{0});
  return Decimal::from_parts(static_cast<Decimal::Int128>(high) << 64U | low, scale);
}

Result<Uint256> to_units(const Decimal& amount, int decimals) {
  if (decimals < 0 || decimals > 255) return Status(StatusCode::malformed, "decimals of a token are a byte");
  const auto refuse = [&amount](const char* why) {
    return Status(StatusCode::denied, FailureReason::invalid_amount, amount.to_string() + why);
  };
  if (amount.is_negative()) return refuse(" is negative");
  const Decimal exact = amount.normalized();
  if (exact.is_zero()) return Uint256(0);
  if (exact.scale() > decimals) return refuse(" has more places than the token");
  Uint512 units = static_cast<Uint512>(wide(exact.coefficient()));
  const Uint512 limit = Uint512(1) << 256U;
  for (int i = exact.scale(); i < decimals; ++i) {
    units *= 10;
    if (units >= limit) return refuse(" does not fit 256 bits");
  }
  return static_cast<Uint256>(units);
}

}  // namespace calypte::evm
