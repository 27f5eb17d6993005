// From the integers of contracts to the prices of traders and back, exactly; where something has to be rounded, it is
// rounded against us.
#pragma once

#include <optional>

#include "calypte/decimal.hpp"
#include "calypte/result.hpp"
#include "calypte/types.hpp"

#include "connector/protocol/uniswap/pool_types.hpp"

namespace calypte::connector::uniswap {

/// How amounts and prices of a trading pair are counted.
struct PairScale {
  int base_decimals = 0;
  int quote_decimals = 0;
  int price_scale = 0;  ///< decimals of a price
};

/// quote / base at the pair's scale: a buy is rounded up, a sell down. Empty if it has more digits than a `Decimal`.
/// Precondition: base is not zero.
[[nodiscard]] std::optional<Decimal> price_of(const Uint256& quote, const Uint256& base, const PairScale& scale,
                                              TradeType side);

/// What may be paid at most, or must be received at least, for `base` at this average price: a buy is rounded down, a
/// sell up. Empty if it needs more than 256 bits. Precondition: the price is positive.
[[nodiscard]] std::optional<Uint256> quote_at_price(const Uint256& base, const Decimal& price, const PairScale& scale,
                                                    TradeType side);

/// The same for a quoted amount that may get worse by the fraction `slippage`. `denied` with `invalid_price` if the
/// fraction is negative, or not below 1 for a sell, which would accept anything.
[[nodiscard]] Result<Uint256> quote_after_slippage(const Uint256& quote, const Decimal& slippage, TradeType side);

/// The scale at which a price of quote / base has `digits` significant digits; in [0, most]. Precondition: none is
/// zero.
[[nodiscard]] int scale_for_digits(const Uint256& quote, const Uint256& base, int base_decimals, int quote_decimals,
                                   int digits, int most);

}  // namespace calypte::connector::uniswap
