// Quotes from the local models of Uniswap pools, and the book that is sampled from them at each block.
#include <array>
#include <benchmark/benchmark.h>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "connector/protocol/uniswap/synthetic_book.hpp"
#include "connector/protocol/uniswap/v3_pool.hpp"
#include "connector/protocol/uniswap/v3_tick_math.hpp"
#include "core/random.hpp"

namespace calypte::connector::uniswap {
namespace {

constexpr std::size_t kCount = 1024;  // a power of two
constexpr std::uint64_t kLiquidity = 1'000'000'000'000'000'000;

evm::Address address(std::uint8_t last) {
  evm::Address result;
  result.bytes[19] = last;
  return result;
}

/// A pool of 0.3 % with a position on every tick of the spacing for two words around the price, as large ones have.
V3Pool make_pool() {
  auto pool = V3Pool::make({address(9), address(1), address(2), 3000, 60});
  if (!pool || pool->apply(V3InitializeEvent{sqrt_ratio_at_tick(30), 30}) != PoolError::none)
    throw std::logic_error("pool");
  for (int i = -256; i < 256; ++i) {
    if (pool->mint({i * 60, (i + 3) * 60, kLiquidity}) != PoolError::none) throw std::logic_error("position");
  }
  return *pool;
}

void uniswap_v3_sqrt_ratio_at_tick(benchmark::State& state) {
  core::Random random(1);
  std::array<int, kCount> ticks{};
  for (int& tick : ticks) tick = static_cast<int>(random.below(1'700'000)) - 850'000;
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(sqrt_ratio_at_tick(ticks[i++ % kCount]));
}
BENCHMARK(uniswap_v3_sqrt_ratio_at_tick);

void uniswap_v3_tick_at_sqrt_ratio(benchmark::State& state) {
  core::Random random(2);
  std::vector<Uint256> prices;
  for (std::size_t i = 0; i < kCount; ++i) {
    prices.push_back(sqrt_ratio_at_tick(static_cast<int>(random.below(1'700'000)) - 850'000) + random.below(1'000'000));
  }
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(tick_at_sqrt_ratio(prices[i++ % kCount]));
}
BENCHMARK(uniswap_v3_tick_at_sqrt_ratio);

/// Argument: initialised ticks that the swap crosses.
void uniswap_v3_quote(benchmark::State& state) {
  const V3Pool pool = make_pool();
  const auto wanted = static_cast<int>(state.range(0));
  core::Random random(3);
  std::vector<Uint256> amounts;
  // Into the middle of the range behind the last tick.
  V3Limits limits;
  limits.sqrt_price = sqrt_ratio_at_tick(wanted > 0 ? 30 - wanted * 60 : 15);
  const Uint256 middle = pool.simulate(SwapKind::exact_in, true, Uint256(1) << 200U, limits)->amount_in;
  for (std::size_t i = 0; i < kCount; ++i) amounts.push_back(middle + random.below(1'000'000));
  if (pool.quote(SwapKind::exact_in, true, middle)->ticks_crossed != wanted) throw std::logic_error("ticks crossed");
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(pool.quote(SwapKind::exact_in, true, amounts[i++ % kCount]));
}
BENCHMARK(uniswap_v3_quote)->ArgName("ticks_crossed")->Arg(0)->Arg(5);

/// Twenty levels a side over one pool; the last sizes cross some ten ticks.
void uniswap_book_of_20_levels(benchmark::State& state) {
  const V3Pool pool = make_pool();
  const PoolRef chain[] = {&pool};
  const Route sell = *Route::make(chain, address(1), address(2));
  std::vector<Uint256> sizes;
  for (std::uint64_t i = 1; i <= 20; ++i) sizes.push_back(Uint256(kLiquidity) / 200 * i);
  for (auto _ : state) {
    auto book = sample_book(sell, sizes, {.base_decimals = 18, .quote_decimals = 18, .price_scale = 8});
    if (!book || book->asks.size() != 20 || book->bids.size() != 20) state.SkipWithError("the book is not whole");
    benchmark::DoNotOptimize(book);
  }
}
BENCHMARK(uniswap_book_of_20_levels);

}  // namespace
}  // namespace calypte::connector::uniswap
