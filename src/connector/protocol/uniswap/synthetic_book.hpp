// A book of levels for what has no book: quotes for growing amounts of base, and the differences between them.
//
// The book never promises more than the pools give. Asks are rounded up and bids down, so the sum over the first levels
// is at least what buying, at most what selling that amount exchanges. It holds within a level, too, but for a few
// units of either token in which the pools round: what a route asks grows ever faster and what it gives ever slower, so
// a straight line between two samples is on the worse side of it. Each side is strictly ordered by price; samples
// between which rounding turned the order around, or whose price is the same, form one level.
#pragma once

#include <span>
#include <vector>

#include "calypte/decimal.hpp"

#include "connector/protocol/uniswap/pool_error.hpp"
#include "connector/protocol/uniswap/pool_types.hpp"
#include "connector/protocol/uniswap/route.hpp"

namespace calypte::connector::uniswap {

struct SyntheticLevel {
  Decimal price;   ///< quote per base, at the asked scale
  Decimal amount;  ///< base, exact
  friend bool operator==(const SyntheticLevel&, const SyntheticLevel&) = default;
};

struct SyntheticBook {
  std::vector<SyntheticLevel> asks;  ///< best first, as the bids
  std::vector<SyntheticLevel> bids;
  /// Why a side has fewer samples than sizes: none, or what the first size that could not be quoted met.
  PoolError asks_end = PoolError::none;
  PoolError bids_end = PoolError::none;
};

struct BookShape {
  int base_decimals = 18;   ///< of the base token, 0 to 38
  int quote_decimals = 18;  ///< of the quote token, 0 to 38
  int price_scale = 18;     ///< decimals of a price, 0 to 38
  int max_ticks_crossed = V3Limits{}.ticks_crossed;
};

/// `sell` leads from base to quote. `sizes` are cumulative amounts in units of base, each greater than the one before
/// it (`invalid_state` otherwise, and for a shape out of range). `not_representable` if a level has more digits than a
/// Decimal. Bids whose price would be zero at the scale are left out.
[[nodiscard]] Outcome<SyntheticBook> sample_book(const Route& sell, std::span<const Uint256> sizes,
                                                 const BookShape& shape);

}  // namespace calypte::connector::uniswap
