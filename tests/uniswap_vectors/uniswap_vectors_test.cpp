// Our pool maths against what the published SDKs computed for the same inputs (generate.mjs), to the last digit.
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "connector/protocol/uniswap/full_math.hpp"
#include "connector/protocol/uniswap/v2_pool.hpp"
#include "connector/protocol/uniswap/v3_pool.hpp"
#include "connector/protocol/uniswap/v3_sqrt_price_math.hpp"
#include "connector/protocol/uniswap/v3_swap_math.hpp"
#include "connector/protocol/uniswap/v3_tick_math.hpp"
#include "venue/json.hpp"

namespace calypte::connector::uniswap {
namespace {

using venue::json::Value;

Uint256 number(Value v) { return Uint256(std::string(v.scalar())); }
Uint128 narrow(const Uint256& v) { return static_cast<Uint128>(v); }
int integer(Value v) { return static_cast<int>(v.integer().value()); }
SwapKind kind(Value v) { return v.find("exact_in").boolean().value() ? SwapKind::exact_in : SwapKind::exact_out; }

Int128 signed_number(Value v) {
  std::string text(v.scalar());
  const bool negative = text.front() == '-';
  const auto magnitude = static_cast<Int128>(narrow(Uint256(negative ? text.substr(1) : text)));
  return negative ? -magnitude : magnitude;
}

/// Reads the vectors once; each test goes through those of its kind and must find as many as were written.
class Vectors : public ::testing::Test {
 protected:
  template <typename F>
  static void each(const std::string& wanted, F&& check) {
    const char* path = std::getenv("CALYPTE_UNISWAP_VECTORS");
    ASSERT_NE(path, nullptr) << "CALYPTE_UNISWAP_VECTORS names the file that generate.mjs wrote";
    std::ifstream in(path);
    ASSERT_TRUE(in.is_open()) << path;
    std::int64_t seen = 0;
    std::int64_t written = -1;
    std::string line;
    while (std::getline(in, line)) {
      venue::json::Document document;
      const venue::PaddedBuffer padded(line);
      const auto v = document.parse(padded.bytes());
      ASSERT_TRUE(v.ok()) << line;
      const auto name = v->find("kind").string();
      if (name == "end") written = v->find("counts").find(wanted).integer().value_or(-2);
      // Quotes need their pool, which stands before them.
      if (name != wanted && !(wanted == "quote" && name == "pool")) continue;
      if (name == wanted) ++seen;
      check(*v);
      ASSERT_FALSE(HasFailure()) << line;
    }
    EXPECT_EQ(seen, written);
    EXPECT_GT(seen, 50);
  }
};

TEST_F(Vectors, prices_of_ticks) {
  each("ratio", [](Value v) { EXPECT_EQ(sqrt_ratio_at_tick(integer(v.find("tick"))), number(v.find("ratio"))); });
}

TEST_F(Vectors, ticks_of_prices) {
  each("tick", [](Value v) { EXPECT_EQ(tick_at_sqrt_ratio(number(v.find("ratio"))), integer(v.find("tick"))); });
}

TEST_F(Vectors, products_divided) {
  each("mul_div", [](Value v) {
    EXPECT_EQ(mul_div_up(number(v.find("a")), number(v.find("b")), number(v.find("divisor"))), number(v.find("up")));
  });
}

TEST_F(Vectors, amounts_between_prices) {
  each("delta", [](Value v) {
    const Uint256 a = number(v.find("a"));
    const Uint256 b = number(v.find("b"));
    const Uint128 liquidity = narrow(number(v.find("liquidity")));
    const bool up = v.find("up").boolean().value();
    EXPECT_EQ(amount0_delta(a, b, liquidity, up), number(v.find("amount0")));
    EXPECT_EQ(amount1_delta(b, a, liquidity, up), number(v.find("amount1")));
  });
}

TEST_F(Vectors, swap_steps) {
  each("step", [](Value v) {
    const auto step =
        compute_swap_step(number(v.find("price")), number(v.find("target")), narrow(number(v.find("liquidity"))),
                          kind(v), number(v.find("remaining")), static_cast<std::uint32_t>(integer(v.find("fee"))));
    const Value result = v.find("result");
    ASSERT_EQ(step.ok(), !result.is_null());
    if (!step) return;
    EXPECT_EQ(step->sqrt_price, number(result[0]));
    EXPECT_EQ(step->amount_in, number(result[1]));
    EXPECT_EQ(step->amount_out, number(result[2]));
    EXPECT_EQ(step->fee, number(result[3]));
  });
}

V3Pool pool_of(Value v) {
  V3PoolKey key;
  key.token0.bytes[19] = 1;
  key.token1.bytes[19] = 2;
  key.fee_pips = static_cast<std::uint32_t>(integer(v.find("fee")));
  key.tick_spacing = integer(v.find("spacing"));
  auto pool = V3Pool::make(key);
  EXPECT_TRUE(pool.ok());
  V3Snapshot snapshot;
  snapshot.sqrt_price = number(v.find("price"));
  snapshot.tick = integer(v.find("tick"));
  snapshot.liquidity = narrow(number(v.find("liquidity")));
  for (const Value t : v.find("ticks").elements()) {
    snapshot.ticks.push_back({integer(t[0]), narrow(number(t[2])), signed_number(t[1])});
  }
  EXPECT_EQ(pool->reset(std::move(snapshot)), PoolError::none);
  return *pool;
}

TEST_F(Vectors, quotes_of_v3_pools) {
  V3Pool pool;
  int complete = 0;
  int partial = 0;
  int whole_at_limit = 0;
  int crossing = 0;
  each("quote", [&](Value v) {
    if (v.find("kind").string() == "pool") {
      pool = pool_of(v);
      return;
    }
    V3Limits limits;
    limits.ticks_crossed = 100'000;
    if (!v.find("limit").is_null()) limits.sqrt_price = number(v.find("limit"));
    const Uint256 amount = number(v.find("amount"));
    const bool zero_for_one = v.find("zero_for_one").boolean().value();
    const auto q = pool.simulate(kind(v), zero_for_one, amount, limits);
    ASSERT_TRUE(q.ok()) << to_string(q.error());
    EXPECT_EQ(kind(v) == SwapKind::exact_in ? q->amount_out : q->amount_in, number(v.find("other")));
    EXPECT_EQ(q->sqrt_price_after, number(v.find("price")));
    EXPECT_EQ(q->liquidity_after, narrow(number(v.find("liquidity"))));
    EXPECT_EQ(q->tick_after, integer(v.find("tick")));
    // The SDK does not say whether the whole amount was exchanged. It was, unless the swap stopped at its limit; and
    // even there the last of a tiny amount may have gone into the fee.
    const bool at_limit = v.find("at_limit").boolean().value();
    const bool whole = q->remaining == 0;
    EXPECT_TRUE(whole || at_limit);
    if (at_limit) ++(whole ? whole_at_limit : partial);
    const auto quoted = pool.quote(kind(v), zero_for_one, amount, limits);
    EXPECT_EQ(quoted.error(), whole               ? PoolError::none
                              : limits.sqrt_price ? PoolError::price_limit_reached
                                                  : PoolError::not_enough_liquidity);
    if (whole) ++complete;
    if (q->ticks_crossed > 0) ++crossing;
  });
  // So that a change of the generator cannot quietly leave out what matters.
  EXPECT_GT(complete, 3000);
  EXPECT_GT(partial, 500);
  EXPECT_GT(crossing, 1500);
  EXPECT_LT(whole_at_limit, 20);
}

TEST_F(Vectors, quotes_of_v2_pairs) {
  int refused = 0;
  each("pair", [&](Value v) {
    V2PoolKey key;
    key.token1.bytes[19] = 1;
    auto pool = V2Pool::make(key);
    ASSERT_TRUE(pool.ok());
    ASSERT_EQ(pool->apply({number(v.find("reserves")[0]), number(v.find("reserves")[1])}), PoolError::none);
    const auto q = pool->quote(kind(v), v.find("zero_for_one").boolean().value(), number(v.find("amount")));
    const auto error = v.find("error").string();
    if (error == "reserves") {
      EXPECT_EQ(q.error(), PoolError::not_enough_liquidity);
    } else if (error == "input") {
      EXPECT_EQ(q.error(), PoolError::zero_output);
    } else if (q.error() == PoolError::overflow) {
      // The SDK does not know that the pair keeps its reserves in 112 bits.
      const Uint256 in = kind(v) == SwapKind::exact_in ? number(v.find("amount")) : number(v.find("other"));
      const bool zero_for_one = v.find("zero_for_one").boolean().value();
      EXPECT_GT(number(v.find("reserves")[zero_for_one ? 0 : 1]) + in, Uint256(kMaxUint112));
    } else {
      ASSERT_TRUE(q.ok()) << to_string(q.error());
      EXPECT_EQ(kind(v) == SwapKind::exact_in ? q->amount_out : q->amount_in, number(v.find("other")));
      EXPECT_TRUE(pool->keeps_product(v.find("zero_for_one").boolean().value(), q->amount_in, q->amount_out));
      return;
    }
    ++refused;
  });
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace calypte::connector::uniswap
