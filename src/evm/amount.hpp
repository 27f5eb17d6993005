// Between the smallest units of a token, in which contracts count, and the `Decimal` that a strategy sees.
#pragma once

#include "calypte/decimal.hpp"
#include "calypte/result.hpp"

#include "evm/uint256.hpp"

namespace calypte::evm {

/// units / 10^decimals, exactly, with the scale `decimals` where it fits and with trailing zeros dropped where that
/// makes it fit. `unsupported` if the value has more than 38 significant digits, or if more than 38 places remain.
/// `decimals` is what a token says of itself, so a negative one is `malformed` and not a bug.
[[nodiscard]] Result<Decimal> to_decimal(const Uint256& units, int decimals);

/// amount * 10^decimals, exactly. `denied` with `invalid_amount` if the amount is negative, has more places than the
/// token, or does not fit: nothing is ever rounded here, the caller quantises before.
[[nodiscard]] Result<Uint256> to_units(const Decimal& amount, int decimals);

}  // namespace calypte::evm
