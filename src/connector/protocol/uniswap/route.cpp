#include "connector/protocol/uniswap/route.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>
#include <vector>

#include "connector/protocol/uniswap/full_math.hpp"

namespace calypte::connector::uniswap {
namespace {

const Address& token_into(const Hop& hop) { return hop.zero_for_one ? token0_of(hop.pool) : token1_of(hop.pool); }
const Address& token_out_of(const Hop& hop) { return hop.zero_for_one ? token1_of(hop.pool) : token0_of(hop.pool); }

Outcome<HopQuote> quote_hop(const Hop& hop, SwapKind kind, const Uint256& amount, int max_ticks_crossed,
                            V3Cursor* cursor) {
  if (const auto* const* pool = std::get_if<const V2Pool*>(&hop.pool)) {
    const auto q = (*pool)->quote(kind, hop.zero_for_one, amount);
    if (!q) return q.error();
    return HopQuote{q->amount_in, q->amount_out, q->fee, 0};
  }
  const auto q = std::get<const V3Pool*>(hop.pool)->quote(
      kind, hop.zero_for_one, amount, {.sqrt_price = {}, .ticks_crossed = max_ticks_crossed}, cursor);
  if (!q) return q.error();
  return HopQuote{q->amount_in, q->amount_out, q->fee, q->ticks_crossed};
}

/// The order in which equal routes are preferred.
bool comes_before(const Route& a, const Route& b) {
  if (a.hops().size() != b.hops().size()) return a.hops().size() < b.hops().size();
  for (std::size_t i = 0; i < a.hops().size(); ++i) {
    const Address& x = address_of(a.hops()[i].pool);
    const Address& y = address_of(b.hops()[i].pool);
    if (x != y) return x < y;
  }
  return false;
}

/// All routes, in no particular order.
Outcome<std::vector<Route>> candidates(std::span<const PoolRef> pools, const Address& in, const Address& out,
                                       const RouteChoice& choice) {
  if (in == out) return PoolError::wrong_token;
  if (pools.size() > kMaxRoutes) return PoolError::too_many_routes;
  const auto trades = [](const PoolRef& pool, const Address& token) {
    return token0_of(pool) == token || token1_of(pool) == token;
  };
  std::vector<Route> routes;
  const auto take = [&](std::span<const PoolRef> chain) {
    auto route = Route::make(chain, in, out);
    if (route) routes.push_back(*route);
    return routes.size() <= kMaxRoutes;
  };
  for (const PoolRef& first : pools) {
    if (!trades(first, in)) continue;
    if (trades(first, out)) {
      if (choice.max_hops >= 1 && !take({&first, 1})) return PoolError::too_many_routes;
      continue;
    }
    if (choice.max_hops < 2) continue;
    for (const PoolRef& second : pools) {
      if (!trades(second, out) || trades(second, in)) continue;
      if (!choice.mixed_versions && first.index() != second.index()) continue;
      const std::array<PoolRef, 2> chain{first, second};
      if (!take(chain)) return PoolError::too_many_routes;
    }
  }
  if (routes.empty()) return PoolError::no_route;
  return routes;
}

}  // namespace

const Address& address_of(const PoolRef& pool) noexcept {
  const auto* const* v2 = std::get_if<const V2Pool*>(&pool);
  return v2 != nullptr ? (*v2)->key().address : (*std::get_if<const V3Pool*>(&pool))->key().address;
}
const Address& token0_of(const PoolRef& pool) noexcept {
  const auto* const* v2 = std::get_if<const V2Pool*>(&pool);
  return v2 != nullptr ? (*v2)->key().token0 : (*std::get_if<const V3Pool*>(&pool))->key().token0;
}
const Address& token1_of(const PoolRef& pool) noexcept {
  const auto* const* v2 = std::get_if<const V2Pool*>(&pool);
  return v2 != nullptr ? (*v2)->key().token1 : (*std::get_if<const V3Pool*>(&pool))->key().token1;
}
const BlockTag& block_of(const PoolRef& pool) noexcept {
  const auto* const* v2 = std::get_if<const V2Pool*>(&pool);
  return v2 != nullptr ? (*v2)->block() : (*std::get_if<const V3Pool*>(&pool))->block();
}

Outcome<Route> Route::make(std::span<const PoolRef> pools, const Address& token_in, const Address& token_out) {
  if (pools.empty() || pools.size() > kMaxHops) return PoolError::no_route;
  if (token_in == token_out) return PoolError::wrong_token;
  Route route;
  Address token = token_in;
  for (const PoolRef& pool : pools) {
    const bool zero_for_one = token0_of(pool) == token;
    if (!zero_for_one && token1_of(pool) != token) return PoolError::wrong_token;
    route.hops_[route.size_++] = {pool, zero_for_one};
    token = zero_for_one ? token1_of(pool) : token0_of(pool);
  }
  if (token != token_out) return PoolError::wrong_token;
  return route;
}

const Address& Route::token_in() const noexcept {
  assert(size_ > 0);
  return token_into(hops_[0]);
}

const Address& Route::token_out() const noexcept {
  assert(size_ > 0);
  return token_out_of(hops_[size_ - 1]);
}

Route Route::reversed() const noexcept {
  Route route;
  for (std::size_t i = size_; i-- > 0;) route.hops_[route.size_++] = {hops_[i].pool, !hops_[i].zero_for_one};
  return route;
}

Outcome<RouteQuote> quote_route(const Route& route, SwapKind kind, const Uint256& amount, int max_ticks_crossed,
                                RouteCursor* cursor) {
  const std::span<const Hop> hops = route.hops();
  if (hops.empty()) return PoolError::no_route;
  RouteQuote result;
  Uint256 next = amount;
  for (std::size_t step = 0; step < hops.size(); ++step) {
    const std::size_t i = kind == SwapKind::exact_in ? step : hops.size() - 1 - step;
    auto q = quote_hop(hops[i], kind, next, max_ticks_crossed, cursor != nullptr ? &(*cursor)[i] : nullptr);
    if (!q) {
      // Between two pools an amount of zero is what the first one gave.
      return step > 0 && q.error() == PoolError::zero_amount ? PoolError::zero_output : q.error();
    }
    result.hops[i] = *q;
    next = kind == SwapKind::exact_in ? q->amount_out : q->amount_in;
  }
  result.amount_in = result.hops[0].amount_in;
  result.amount_out = result.hops[hops.size() - 1].amount_out;
  return result;
}

Decimal price_impact(const Route& route, const RouteQuote& quote) {
  // Two squares of prices, 320 bits each, and an amount, and 18 places: 956 bits.
  using Wide = boost::multiprecision::number<
      boost::multiprecision::cpp_int_backend<1024, 1024, boost::multiprecision::unsigned_magnitude,
                                             boost::multiprecision::unchecked, void>,
      boost::multiprecision::et_off>;
  Wide ideal(quote.amount_in);  // what the mid price would give, times `scale`
  Wide scale = 1;
  for (const Hop& hop : route.hops()) {
    Wide price0;  // token1 per token0 is price0 / price1
    Wide price1;
    if (const auto* const* v2 = std::get_if<const V2Pool*>(&hop.pool)) {
      price0 = Wide((*v2)->reserve1());
      price1 = Wide((*v2)->reserve0());
    } else {
      const Wide root(std::get<const V3Pool*>(hop.pool)->sqrt_price());
      price0 = root * root;
      price1 = Wide(1) << 192U;
    }
    ideal *= hop.zero_for_one ? price0 : price1;
    scale *= hop.zero_for_one ? price1 : price0;
  }
  const Wide real = Wide(quote.amount_out) * scale;
  if (real >= ideal) return Decimal::from_parts(0, 18);
  constexpr std::int64_t kOne = 1'000'000'000'000'000'000;
  const Wide fraction = ((ideal - real) * kOne + (ideal - 1)) / ideal;
  return Decimal::from_parts(static_cast<std::int64_t>(fraction), 18);
}

Outcome<BestRoute> best_route(std::span<const PoolRef> pools, const Address& token_in, const Address& token_out,
                              SwapKind kind, const Uint256& amount, const RouteChoice& choice) {
  auto routes = candidates(pools, token_in, token_out, choice);
  if (!routes) return routes.error();
  std::sort(routes->begin(), routes->end(), comes_before);
  std::optional<BestRoute> best;
  PoolError first_error = PoolError::none;
  for (const Route& route : *routes) {
    const auto quote = quote_route(route, kind, amount, choice.max_ticks_crossed);
    if (!quote) {
      if (first_error == PoolError::none) first_error = quote.error();
      continue;
    }
    // Only a better one replaces: of equal ones the first stays.
    const bool better = !best || (kind == SwapKind::exact_in ? quote->amount_out > best->quote.amount_out
                                                             : quote->amount_in < best->quote.amount_in);
    if (better) best = BestRoute{route, *quote};
  }
  if (!best) return first_error;
  return *best;
}

namespace {
constexpr std::uint32_t kBasisPoints = 10'000;
}

Outcome<Uint256> minimum_received(const Uint256& quoted_out, std::uint32_t slippage_bps) {
  if (slippage_bps > kBasisPoints) return PoolError::invalid_slippage;
  return *mul_div_up(quoted_out, Uint256(kBasisPoints - slippage_bps), Uint256(kBasisPoints));
}

Outcome<Uint256> maximum_paid(const Uint256& quoted_in, std::uint32_t slippage_bps) {
  if (slippage_bps > kBasisPoints) return PoolError::invalid_slippage;
  const auto limit = mul_div(quoted_in, Uint256(kBasisPoints + slippage_bps), Uint256(kBasisPoints));
  if (!limit) return PoolError::overflow;
  return *limit;
}

}  // namespace calypte::connector::uniswap
