#include "connector/protocol/uniswap/uniswap_book.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <variant>

#include "connector/protocol/uniswap/uniswap_constants.hpp"

namespace calypte::connector::uniswap {
namespace {

// The book offers what one call of the router can do on both sides.
constexpr RouteChoice kBookRoutes{.mixed_versions = false};

/// How much of the token a V2 pair would hold with this pool's price and liquidity at the price.
struct DepthAtPrice {
  const Address& token;
  Uint256 operator()(const V2Pool* pool) const {
    return Uint256(pool->key().token0 == token ? pool->reserve0() : pool->reserve1());
  }
  Uint256 operator()(const V3Pool* pool) const {
    if (!pool->initialized()) return 0;
    const Uint512 liquidity(pool->liquidity());
    const Uint512 sqrt_price(pool->sqrt_price());
    const Uint512 depth = pool->key().token0 == token ? Uint512((liquidity << 96U) / sqrt_price)
                                                      : Uint512((liquidity * sqrt_price) >> 96U);
    return static_cast<Uint256>(depth);
  }
};

Uint256 first_size(const Market& market) {
  Uint256 deepest = 0;
  for (const PoolRef& pool : market.pools) {
    if (token0_of(pool) != market.base && token1_of(pool) != market.base) continue;
    deepest = std::max(deepest, std::visit(DepthAtPrice{market.base}, pool));
  }
  // No liquidity at any price of now, but perhaps beside it: a whole token to begin with.
  if (deepest == 0) return boost::multiprecision::pow(Uint256(10), static_cast<unsigned>(market.scale.base_decimals));
  return std::max(Uint256(deepest / 1000), Uint256(1));
}

/// The best route for about `size` of base; as often as it cannot be exchanged, a sixteenth of it is tried.
Outcome<BestRoute> try_sizes(const Market& market, SwapKind kind, Uint256 size, const RouteChoice& choice) {
  const bool sell = kind == SwapKind::exact_in;
  PoolError first_error = PoolError::none;
  for (int tries = 0; tries < 16 && size != 0; ++tries, size >>= 4U) {
    auto best = best_route(market.pools, sell ? market.base : market.quote, sell ? market.quote : market.base, kind,
                           size, choice);
    if (best) return best;
    if (first_error == PoolError::none) first_error = best.error();
  }
  return first_error == PoolError::none ? PoolError::zero_amount : first_error;
}

/// True if the price of `large` is at most kBookImpactPercent worse than that of `small`.
bool is_near(const RouteQuote& small, const RouteQuote& large, SwapKind kind) {
  if (kind == SwapKind::exact_in) {
    return Uint512(Uint512(large.amount_out) * small.amount_in) * 100 >=
           Uint512(Uint512(small.amount_out) * large.amount_in) * (100 - kBookImpactPercent);
  }
  return Uint512(Uint512(large.amount_in) * small.amount_out) * 100 <=
         Uint512(Uint512(small.amount_in) * large.amount_out) * (100 + kBookImpactPercent);
}

Uint256 largest_size(const BestRoute& small, SwapKind kind) {
  Uint256 size = kind == SwapKind::exact_in ? small.quote.amount_in : small.quote.amount_out;
  RouteCursor cursor;
  for (int doublings = 0; doublings < 24; ++doublings) {
    const Uint256 twice = size << 1U;
    const auto quote = quote_route(small.route, kind, twice, V3Limits{}.ticks_crossed, &cursor);
    if (!quote || !is_near(small.quote, *quote, kind)) break;
    size = twice;
  }
  return size;
}

/// Down to `digits` significant digits: a book is for reading, and its figures are multiplied by prices.
Uint256 shortened(const Uint256& size, unsigned digits) {
  Uint256 unit = 1;
  const Uint256 limit = boost::multiprecision::pow(Uint256(10), digits);
  while (size / unit >= limit) unit *= 10;
  return size / unit * unit;
}

std::vector<Uint256> cumulative_sizes(const Uint256& largest) {
  std::vector<Uint256> sizes;
  Uint256 size = largest;
  while (sizes.size() < kBookLevels && size != 0) {
    const Uint256 rounded = shortened(size, 5);
    if (sizes.empty() || rounded < sizes.back()) sizes.push_back(rounded);
    size = size * 2 / 3;
  }
  std::reverse(sizes.begin(), sizes.end());
  return sizes;
}

/// Levels of both sides of the route of `small`; `sell` leads from base to quote.
std::optional<SyntheticBook> sample(const BestRoute& small, SwapKind kind, const Route& sell, const PairScale& scale) {
  BookShape shape;
  shape.base_decimals = scale.base_decimals;
  shape.quote_decimals = scale.quote_decimals;
  shape.price_scale = scale.price_scale;
  auto book = sample_book(sell, cumulative_sizes(largest_size(small, kind)), shape);
  if (!book) return std::nullopt;
  return std::move(*book);
}

}  // namespace

Outcome<BestRoute> small_sale(const Market& market) {
  return try_sizes(market, SwapKind::exact_in, first_size(market), RouteChoice{});
}

TwoSides book_of(const Market& market) {
  const Uint256 size = first_size(market);
  const auto sale = try_sizes(market, SwapKind::exact_in, size, kBookRoutes);
  const auto purchase = try_sizes(market, SwapKind::exact_out, size, kBookRoutes);
  TwoSides sides;
  std::optional<SyntheticBook> by_sale;
  std::optional<SyntheticBook> by_purchase;
  if (sale) by_sale = sample(*sale, SwapKind::exact_in, sale->route, market.scale);
  if (purchase) by_purchase = sample(*purchase, SwapKind::exact_out, purchase->route.reversed(), market.scale);
  if (by_sale) sides.bids = std::move(by_sale->bids);
  if (by_purchase) sides.asks = std::move(by_purchase->asks);
  const bool crossed = !sides.bids.empty() && !sides.asks.empty() && sides.bids[0].price >= sides.asks[0].price;
  if (crossed) sides.asks = std::move(by_sale->asks);
  return sides;
}

}  // namespace calypte::connector::uniswap
