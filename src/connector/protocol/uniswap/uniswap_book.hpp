// The synthetic book of a trading pair: which route it shows, and for which amounts.
#pragma once

#include <span>
#include <vector>

#include "connector/protocol/uniswap/route.hpp"
#include "connector/protocol/uniswap/synthetic_book.hpp"
#include "connector/protocol/uniswap/uniswap_amounts.hpp"

namespace calypte::connector::uniswap {

/// The tokens of a pair and the pools that lead from one to the other.
struct Market {
  Address base;
  Address quote;
  std::span<const PoolRef> pools;
  PairScale scale;
};

/// The best way to sell a small amount of base: about a thousandth of what stands in the deepest pool at the present
/// price, or less where that cannot be sold.
[[nodiscard]] Outcome<BestRoute> small_sale(const Market& market);

struct TwoSides {
  std::vector<SyntheticLevel> bids;  ///< best first, as the asks
  std::vector<SyntheticLevel> asks;
};

/// Up to kBookLevels a side, in amounts that grow geometrically to where the price is kBookImpactPercent worse than for
/// a small amount. Each side shows one route of one version, the best one for a small amount, so that its levels get
/// worse and worse; where that would cross the sides (pools that disagree by more than their fees), both show the same
/// route. A side that no pool fills is empty. At most some hundred quotes.
[[nodiscard]] TwoSides book_of(const Market& market);

}  // namespace calypte::connector::uniswap
