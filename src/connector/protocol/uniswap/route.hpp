// From one token to another over one or two pools of either version, and which way is best.
//
// Pools are borrowed: whoever asks keeps them alive and unchanged while a Route or a quote's cursor refers to them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "calypte/decimal.hpp"

#include "connector/protocol/uniswap/pool_error.hpp"
#include "connector/protocol/uniswap/pool_types.hpp"
#include "connector/protocol/uniswap/v2_pool.hpp"
#include "connector/protocol/uniswap/v3_pool.hpp"

namespace calypte::connector::uniswap {

using PoolRef = std::variant<const V2Pool*, const V3Pool*>;

[[nodiscard]] const Address& address_of(const PoolRef& pool) noexcept;
[[nodiscard]] const Address& token0_of(const PoolRef& pool) noexcept;
[[nodiscard]] const Address& token1_of(const PoolRef& pool) noexcept;
[[nodiscard]] const BlockTag& block_of(const PoolRef& pool) noexcept;

struct Hop {
  PoolRef pool;
  bool zero_for_one = true;
};

class Route {
 public:
  static constexpr std::size_t kMaxHops = 2;

  /// Finds the direction of each hop from the token that goes in. `wrong_token` if the pools do not form a chain from
  /// token_in to token_out or lead to where they came from, `no_route` for no pool or more than kMaxHops.
  [[nodiscard]] static Outcome<Route> make(std::span<const PoolRef> pools, const Address& token_in,
                                           const Address& token_out);

  [[nodiscard]] std::span<const Hop> hops() const noexcept { return {hops_.data(), size_}; }
  [[nodiscard]] const Address& token_in() const noexcept;
  [[nodiscard]] const Address& token_out() const noexcept;
  /// The same pools the other way.
  [[nodiscard]] Route reversed() const noexcept;

 private:
  std::array<Hop, kMaxHops> hops_{};
  std::size_t size_ = 0;
};

struct HopQuote {
  Uint256 amount_in;  ///< fee included
  Uint256 amount_out;
  Uint256 fee;            ///< in the token that goes in
  int ticks_crossed = 0;  ///< initialised ones; 0 for V2
};

struct RouteQuote {
  Uint256 amount_in;
  Uint256 amount_out;
  std::array<HopQuote, Route::kMaxHops> hops;  ///< as many as the route has
};

/// One cursor a hop; see V3Cursor for what may be asked with it.
using RouteCursor = std::array<V3Cursor, Route::kMaxHops>;

/// Exactly `amount` in, forwards over the hops, or exactly `amount` out, backwards. Errors of the pools, unchanged.
[[nodiscard]] Outcome<RouteQuote> quote_route(const Route& route, SwapKind kind, const Uint256& amount,
                                              int max_ticks_crossed = V3Limits{}.ticks_crossed,
                                              RouteCursor* cursor = nullptr);

/// How much worse the quote is than the mid price before it, as a fraction of the mid price: 0.0031 is 31 basis points.
/// Fees and rounding count. From exact integers, rounded up at 18 places; in [0, 1].
[[nodiscard]] Decimal price_impact(const Route& route, const RouteQuote& quote);

struct RouteChoice {
  std::size_t max_hops = Route::kMaxHops;
  bool mixed_versions = true;  ///< whether the two pools of a route may be of different versions
  int max_ticks_crossed = V3Limits{}.ticks_crossed;
};

struct BestRoute {
  Route route;
  RouteQuote quote;
};

/// The route that gives most (exact_in) or asks least (exact_out). Equal ones: fewer hops first, then the smaller
/// addresses of the pools, so that the order of `pools` does not matter. If no route can do it, the error of the one
/// that would come first; `no_route` if there is none, `too_many_routes` above kMaxRoutes.
inline constexpr std::size_t kMaxRoutes = 256;
[[nodiscard]] Outcome<BestRoute> best_route(std::span<const PoolRef> pools, const Address& token_in,
                                            const Address& token_out, SwapKind kind, const Uint256& amount,
                                            const RouteChoice& choice = {});

/// The limits that a transaction carries. `slippage_bps` is how many ten-thousandths worse than the quote is still
/// accepted. The limit holds to the unit: what is received is at least quote * (1 - slippage), so it is rounded up, and
/// what is paid at most quote * (1 + slippage), so that is rounded down. A limit of 0 accepts the quote itself only.
/// `invalid_slippage` above 10000, `overflow` if 256 bits do not suffice.
[[nodiscard]] Outcome<Uint256> minimum_received(const Uint256& quoted_out, std::uint32_t slippage_bps);
[[nodiscard]] Outcome<Uint256> maximum_paid(const Uint256& quoted_in, std::uint32_t slippage_bps);

}  // namespace calypte::connector::uniswap
