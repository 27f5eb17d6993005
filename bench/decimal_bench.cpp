// Decimal, one operation at a time. Values are read through an array of different ones, so that neither the compiler
// nor the branch predictor can learn a single case by heart.
#include <array>
#include <benchmark/benchmark.h>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "calypte/decimal.hpp"

#include "core/random.hpp"

namespace calypte {
namespace {

constexpr std::size_t kCount = 1024;  // a power of two

/// Numbers of `whole` digits before and `places` behind the point.
std::vector<std::string> texts(std::size_t whole, std::size_t places) {
  core::Random random(whole * 100 + places);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < kCount; ++i) {
    std::string text(1, static_cast<char>('1' + random.below(9)));
    while (text.size() < whole) text += static_cast<char>('0' + random.below(10));
    if (places > 0) text += '.';
    for (std::size_t p = 0; p < places; ++p) text += static_cast<char>('0' + random.below(10));
    result.push_back(std::move(text));
  }
  return result;
}

std::vector<Decimal> values(std::size_t whole, std::size_t places) {
  std::vector<Decimal> result;
  for (const std::string& text : texts(whole, places)) result.push_back(*Decimal::parse(text));
  return result;
}

/// Arguments: digits before and behind the point.
void shapes(benchmark::internal::Benchmark* b) { b->Args({5, 2})->Args({5, 8})->Args({11, 18}); }

std::size_t digits(const benchmark::State& state, std::size_t argument) {
  return static_cast<std::size_t>(state.range(argument));
}

void decimal_parse(benchmark::State& state) {
  const auto input = texts(digits(state, 0), digits(state, 1));
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(Decimal::parse(input[i++ % kCount]));
}
BENCHMARK(decimal_parse)->Apply(shapes);

/// What to compare with, in the same run: the figures of a shared machine drift, their ratio does not.
void ruler_double_parse(benchmark::State& state) {
  const auto input = texts(digits(state, 0), digits(state, 1));
  std::size_t i = 0;
  for (auto _ : state) {
    const std::string& text = input[i++ % kCount];
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    benchmark::DoNotOptimize(value);
  }
}
BENCHMARK(ruler_double_parse)->Apply(shapes);

void ruler_int64_format(benchmark::State& state) {
  const auto input = values(5, 8);
  std::array<char, Decimal::kMaxTextSize> buffer{};
  std::size_t i = 0;
  for (auto _ : state) {
    const auto value = static_cast<std::int64_t>(input[i++ % kCount].coefficient());
    benchmark::DoNotOptimize(std::to_chars(buffer.data(), buffer.data() + buffer.size(), value));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(ruler_int64_format);

void decimal_format(benchmark::State& state) {
  const auto input = values(digits(state, 0), digits(state, 1));
  std::array<char, Decimal::kMaxTextSize> buffer{};
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(input[i++ % kCount].write_to(buffer.data()));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(decimal_format)->Apply(shapes);

void decimal_to_string(benchmark::State& state) {
  const auto input = values(digits(state, 0), digits(state, 1));
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(input[i++ % kCount].to_string());
}
BENCHMARK(decimal_to_string)->Apply(shapes);

/// Pairs of values: of one scale, of two, and too long for 64 bits.
struct Pairs {
  std::vector<Decimal> a;
  std::vector<Decimal> b;
};
Pairs pairs_of(const benchmark::State& state) {
  switch (state.range(0)) {
    case 0:
      return {values(5, 8), values(6, 8)};
    case 1:
      return {values(5, 2), values(6, 8)};
    default:
      return {values(18, 2), values(11, 18)};
  }
}
void kinds(benchmark::internal::Benchmark* b) { b->ArgName("like_unlike_long")->DenseRange(0, 2); }

void decimal_add(benchmark::State& state) {
  const Pairs pairs = pairs_of(state);
  std::size_t i = 0;
  for (auto _ : state) {
    const std::size_t at = i++ % kCount;
    benchmark::DoNotOptimize(pairs.a[at] + pairs.b[at]);
  }
}
BENCHMARK(decimal_add)->Apply(kinds);

void decimal_compare(benchmark::State& state) {
  const Pairs pairs = pairs_of(state);
  std::size_t i = 0;
  for (auto _ : state) {
    const std::size_t at = i++ % kCount;
    benchmark::DoNotOptimize(pairs.a[at] < pairs.b[at]);
  }
}
BENCHMARK(decimal_compare)->Apply(kinds);

void decimal_multiply(benchmark::State& state) {
  const Pairs pairs = pairs_of(state);
  std::size_t i = 0;
  for (auto _ : state) {
    const std::size_t at = i++ % kCount;
    benchmark::DoNotOptimize(Decimal::checked_mul(pairs.a[at], pairs.b[at]));
  }
}
BENCHMARK(decimal_multiply)->Apply(kinds);

void decimal_divide(benchmark::State& state) {
  const Pairs pairs = pairs_of(state);
  std::size_t i = 0;
  for (auto _ : state) {
    const std::size_t at = i++ % kCount;
    benchmark::DoNotOptimize(Decimal::checked_div(pairs.a[at], pairs.b[at], 18, Rounding::half_even));
  }
}
BENCHMARK(decimal_divide)->Apply(kinds);

void decimal_round_to_tick(benchmark::State& state) {
  const auto input = values(5, 8);
  const Decimal tick = Decimal::from_parts(1, 2);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(input[i++ % kCount].checked_round_to_multiple(tick, Rounding::floor));
  }
}
BENCHMARK(decimal_round_to_tick);

}  // namespace
}  // namespace calypte
