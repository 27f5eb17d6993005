// What the published contracts computed, in their own test run and on the main chain, against our pool maths.
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>
#include <zlib.h>

#include "connector/protocol/uniswap/v3_pool.hpp"
#include "connector/protocol/uniswap/v3_tick_math.hpp"
#include "support/test_data.hpp"

namespace calypte::connector::uniswap {
namespace {

const std::string kFolder = "uniswap_v3/";

V3PoolKey key_of(std::uint32_t fee, int spacing) {
  V3PoolKey key;
  key.token1.bytes[19] = 1;
  key.fee_pips = fee;
  key.tick_spacing = spacing;
  return key;
}

/// One entry of a snapshot file: its name, and its text between the back quotes.
using Snapshot = std::map<std::string, std::string>;
Snapshot read_snapshot(const std::filesystem::path& file) {
  Snapshot entries;
  const std::string text = test::read_file(file);
  for (std::size_t at = 0; (at = text.find("exports[`", at)) != std::string::npos;) {
    const std::size_t name = at + 9;
    const std::size_t name_end = text.find("`] = `", name);
    const std::size_t end = text.find("`;", name_end);
    entries[text.substr(name, name_end - name)] = text.substr(name_end + 6, end - name_end - 6);
    at = end;
  }
  return entries;
}

/// "key": "value" or "key": value of an entry; empty if it has no such key.
std::string field(const std::string& entry, const std::string& name) {
  const std::string wanted = '"' + name + "\": ";
  std::size_t at = entry.find(wanted);
  if (at == std::string::npos) return {};
  at += wanted.size();
  if (entry[at] == '"') return entry.substr(at + 1, entry.find('"', at + 1) - at - 1);
  return entry.substr(at, entry.find(',', at) - at);
}

TEST(UniswapV3Snapshots, prices_of_ticks) {
  const auto file = test::recording(kFolder + "v3core_snapshots/TickMath.spec.ts.snap");
  if (!file) GTEST_SKIP() << "no recordings";
  const std::string before = "TickMath #getSqrtRatioAtTick tick ";
  int compared = 0;
  for (const auto& [name, text] : read_snapshot(*file)) {
    if (name.rfind(before, 0) != 0 || name.find(" result") == std::string::npos) continue;
    const int tick = std::stoi(name.substr(before.size()));
    const Uint256 ratio(text.substr(1, text.size() - 2));
    EXPECT_EQ(sqrt_ratio_at_tick(tick), ratio) << name;
    if (tick < kMaxTick) {
      EXPECT_EQ(tick_at_sqrt_ratio(ratio), tick) << name;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 28);
}

TEST(UniswapV3Snapshots, ticks_of_prices) {
  const auto file = test::recording(kFolder + "v3core_snapshots/TickMath.spec.ts.snap");
  if (!file) GTEST_SKIP() << "no recordings";
  const std::string before = "TickMath #getTickAtSqrtRatio ratio ";
  int compared = 0;
  for (const auto& [name, text] : read_snapshot(*file)) {
    // Names carry the ratio itself only where it is a plain number.
    if (name.rfind(before, 0) != 0 || name.find(" result") == std::string::npos) continue;
    const std::string ratio = name.substr(before.size(), name.find(' ', before.size()) - before.size());
    if (ratio.find_first_not_of("0123456789") != std::string::npos) continue;
    EXPECT_EQ(tick_at_sqrt_ratio(Uint256(ratio)), std::stoi(text)) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 13);
}

/// The pools of the contracts' own test of swaps: the facts that its snapshots do not hold.
struct Range {
  int lower;
  int upper;
};
struct PoolCase {
  std::uint32_t fee = 3000;
  int spacing = 60;
  std::string price = "79228162514264337593543950336";  // 1
  std::vector<Range> positions;
  std::string liquidity = "2000000000000000000";
};
std::map<std::string, PoolCase> pool_cases() {
  const std::vector<Range> full60 = {{-887220, 887220}};
  const std::string sqrt_10 = "250541448375047931186413801569";
  const std::string sqrt_tenth = "25054144837504793118641380156";
  return {
      {"low fee, 1:1 price, 2e18 max range liquidity", {.fee = 500, .spacing = 10, .positions = {{-887270, 887270}}}},
      {"medium fee, 1:1 price, 2e18 max range liquidity", {.positions = full60}},
      {"high fee, 1:1 price, 2e18 max range liquidity",
       {.fee = 10000, .spacing = 200, .positions = {{-887200, 887200}}}},
      {"medium fee, 10:1 price, 2e18 max range liquidity", {.price = sqrt_10, .positions = full60}},
      {"medium fee, 1:10 price, 2e18 max range liquidity", {.price = sqrt_tenth, .positions = full60}},
      {"medium fee, 1:1 price, 0 liquidity, all liquidity around current price",
       {.positions = {{-887220, -60}, {60, 887220}}}},
      {"medium fee, 1:1 price, additional liquidity around current price",
       {.positions = {{-887220, 887220}, {-887220, -60}, {60, 887220}}}},
      {"low fee, large liquidity around current price (stable swap)",
       {.fee = 500, .spacing = 10, .positions = {{-10, 10}}}},
      {"medium fee, token0 liquidity only", {.positions = {{0, 120000}}}},
      {"medium fee, token1 liquidity only", {.positions = {{-120000, 0}}}},
      {"close to max price", {.price = "1033437718471923706666374484006904511252097097914", .positions = full60}},
      {"close to min price", {.price = "6085630636", .positions = full60}},
      {"max full range liquidity at 1:1 price with default fee",
       {.positions = full60, .liquidity = "11505743598341114571880798222544994"}},
      {"initialized at the max ratio",
       {.price = "1461446703485210103287273052203988822378723970341", .positions = full60}},
      {"initialized at the min ratio", {.price = "4295128739", .positions = full60}},
  };
}

V3Pool make_pool(const PoolCase& c) {
  auto pool = V3Pool::make(key_of(c.fee, c.spacing));
  EXPECT_TRUE(pool.ok());
  const Uint256 price(c.price);
  EXPECT_EQ(pool->apply(V3InitializeEvent{price, *tick_at_sqrt_ratio(price)}), PoolError::none);
  for (const Range& r : c.positions) {
    EXPECT_EQ(pool->mint({r.lower, r.upper, static_cast<Uint128>(Uint256(c.liquidity))}), PoolError::none);
  }
  return *pool;
}

/// What the name of a case asks for.
struct SwapCase {
  SwapKind kind = SwapKind::exact_in;
  bool zero_for_one = true;
  Uint256 amount;
  V3Limits limits;
};
SwapCase swap_case(std::string name) {
  const std::map<std::string, std::string> prices = {{"0.50000", "56022770974786139918731938227"},
                                                     {"2.0000", "112045541949572279837463876454"},
                                                     {"2.5000", "125270724187523965593206900784"},
                                                     {"0.40000", "50108289675009586237282760313"}};
  SwapCase result;
  if (const auto at = name.find(" to price "); at != std::string::npos) {
    result.limits.sqrt_price = Uint256(prices.at(name.substr(at + 10)));
    name.resize(at);
  }
  const auto exactly = name.find("exactly ");
  if (exactly == std::string::npos) {
    result.zero_for_one = name == "swap token0 for token1";
    // What the test's contract asks for is as much as there can be: the price ends the swap.
    result.amount = (Uint256(1) << 255U) - 1;
    return result;
  }
  const bool small = name.find("0.0000000000000010000") != std::string::npos;
  result.amount = small ? Uint256(1000) : Uint256(1'000'000'000'000'000'000);
  const bool exact_in = name.rfind("swap exactly", 0) == 0;
  result.kind = exact_in ? SwapKind::exact_in : SwapKind::exact_out;
  result.zero_for_one =
      exact_in ? name.find("token0 for token1") != std::string::npos : name.rfind("swap token0", 0) == 0;
  return result;
}

TEST(UniswapV3Snapshots, swaps_of_the_contracts_own_test) {
  const auto file = test::recording(kFolder + "v3core_snapshots/UniswapV3Pool.swaps.spec.ts.snap");
  if (!file) GTEST_SKIP() << "no recordings";
  const auto cases = pool_cases();
  int swaps = 0;
  int refused = 0;
  for (const auto& [name, entry] : read_snapshot(*file)) {
    const std::string prefix = "UniswapV3Pool swap tests ";
    const std::size_t swap_at =
        std::min(name.find(" swap exactly "), std::min(name.find(" swap token0 for"), name.find(" swap token1 for")));
    const auto found = cases.find(name.substr(prefix.size(), swap_at - prefix.size()));
    ASSERT_NE(found, cases.end()) << name;
    // The name ends with the number of the snapshot: " 1".
    const SwapCase asked = swap_case(name.substr(swap_at + 1, name.size() - swap_at - 3));
    const V3Pool pool = make_pool(found->second);
    EXPECT_EQ(pool.tick(), std::stoi(field(entry, "tickBefore"))) << name;
    const auto swap = pool.simulate(asked.kind, asked.zero_for_one, asked.amount, asked.limits);
    if (!field(entry, "swapError").empty()) {
      EXPECT_EQ(swap.error(), asked.limits.sqrt_price ? PoolError::bad_price_limit : PoolError::not_enough_liquidity)
          << name;
      ++refused;
      continue;
    }
    ASSERT_TRUE(swap.ok()) << name << ": " << to_string(swap.error());
    const Uint256& amount0 = asked.zero_for_one ? swap->amount_in : swap->amount_out;
    const Uint256& amount1 = asked.zero_for_one ? swap->amount_out : swap->amount_in;
    const auto with_sign = [](const Uint256& amount, bool in) { return (in || amount == 0 ? "" : "-") + amount.str(); };
    EXPECT_EQ(with_sign(amount0, asked.zero_for_one), field(entry, "amount0Delta")) << name;
    EXPECT_EQ(with_sign(amount1, !asked.zero_for_one), field(entry, "amount1Delta")) << name;
    EXPECT_EQ(swap->tick_after, std::stoi(field(entry, "tickAfter"))) << name;
    ++swaps;
  }
  EXPECT_EQ(swaps, 190);
  EXPECT_EQ(refused, 50);
}

// --- a day of a real pool --------------------------------------------------------------------------------------------

Uint256 word(const std::string& data, std::size_t index) { return Uint256("0x" + data.substr(2 + index * 64, 64)); }
/// Two's complement: the amount and whether it is negative.
std::pair<Uint256, bool> signed_word(const Uint256& w) {
  const bool negative = (w >> 255U) != 0;
  return {negative ? Uint256(Uint256(0) - w) : w, negative};
}
int tick_word(const Uint256& w) {
  const auto [magnitude, negative] = signed_word(w);
  return negative ? -static_cast<int>(magnitude) : static_cast<int>(magnitude);
}

struct Log {
  std::vector<std::string> topics;
  std::string data;
};
std::vector<Log> read_logs(const std::filesystem::path& file) {
  std::vector<Log> logs;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> gz(gzopen(file.c_str(), "rb"), &gzclose);
  std::vector<char> line(65536);
  while (gzgets(gz.get(), line.data(), static_cast<int>(line.size())) != nullptr) {
    const std::string text(line.data());
    Log log;
    for (std::size_t at = text.find('['); (at = text.find("'0x", at)) != std::string::npos; at += 68) {
      log.topics.push_back(text.substr(at + 1, 66));
    }
    if (log.topics.empty()) continue;  // the header
    log.data = text.substr(text.find("]\",0x") + 3);
    logs.push_back(std::move(log));
  }
  return logs;
}

/// A pool of the recorded kind with this liquidity everywhere but beyond one tick, where it is `beyond`.
V3Pool pool_before(const Uint256& price, int tick, Uint128 liquidity, std::optional<std::pair<int, Uint128>> crossed) {
  auto pool = V3Pool::make(key_of(3000, 60));
  V3Snapshot s;
  s.sqrt_price = price;
  s.tick = tick;
  s.liquidity = liquidity;
  const auto signed_of = [](Uint128 v) { return static_cast<Int128>(v); };
  if (!crossed) {
    s.ticks = {{-887220, liquidity, signed_of(liquidity)}, {887220, liquidity, -signed_of(liquidity)}};
  } else {
    const auto [at, beyond] = *crossed;
    const bool upwards = at > tick;
    const Uint128 below = upwards ? liquidity : beyond;
    const Uint128 above = upwards ? beyond : liquidity;
    s.ticks = {{-887220, below, signed_of(below)},
               {at, above > below ? above - below : below - above, signed_of(above) - signed_of(below)},
               {887220, above, -signed_of(above)}};
  }
  EXPECT_EQ(pool->reset(std::move(s)), PoolError::none);
  return *pool;
}

/// As what kind of swap the pool gives exactly the recorded figures. The log does not say what the trader asked for: an
/// amount, or (programs that trade between pools do) as much as moves the price to a limit.
enum class Reproduced : std::uint8_t { no, by_amount, by_price_limit };
Reproduced reproduced(const V3Pool& pool, bool zero_for_one, const Uint256& in, const Uint256& out,
                      const V3SwapEvent& after) {
  const auto same = [&](const Outcome<V3Quote>& q) {
    return q && q->amount_in == in && q->amount_out == out && q->sqrt_price_after == after.sqrt_price &&
           q->tick_after == after.tick && q->liquidity_after == after.liquidity;
  };
  if (same(pool.quote(SwapKind::exact_in, zero_for_one, in))) return Reproduced::by_amount;
  if (same(pool.quote(SwapKind::exact_out, zero_for_one, out))) return Reproduced::by_amount;
  const Uint256 plenty = (Uint256(1) << 255U) - 1;
  V3Limits limits;
  limits.sqrt_price = after.sqrt_price;
  return same(pool.simulate(SwapKind::exact_in, zero_for_one, plenty, limits)) ? Reproduced::by_price_limit
                                                                               : Reproduced::no;
}

struct Day {
  int swaps = 0;
  int tick_is_that_of_the_price = 0;
  int without_predecessor = 0;
  int single_range = 0;
  std::map<Reproduced, int> single_range_exact;
  int one_tick_crossed = 0;
  std::map<Reproduced, int> one_tick_crossed_exact;
  int events_applied = 0;
};

TEST(UniswapV3Day, usdc_weth_of_20240105) {
  const auto file = test::recording(
      kFolder + "demeterfetch_ethereum_0x8ad599c3a0ff1de082011efddc58f1908eb6e6d8_2024-01-05.raw.csv.gz");
  if (!file) GTEST_SKIP() << "no recordings";
  const std::string swap_topic = "0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67";
  const std::string mint_topic = "0x7a53080ba414158be7ec69b987b5fb7d07dee101fe85488f0853ae16239d0bde";
  const std::string burn_topic = "0x0c396cd989a39f4459b5fa1aed6a9a8dcdbc45908acfd67e028cd568da98982c";

  // The state between two logs: what the last Swap said, and what Mint and Burn in range changed since.
  std::optional<V3SwapEvent> now;
  Day day;
  const auto logs = read_logs(*file);
  EXPECT_EQ(logs.size(), 304U);
  for (const Log& log : logs) {
    if (log.topics[0] == mint_topic || log.topics[0] == burn_topic) {
      const bool mint = log.topics[0] == mint_topic;
      const V3LiquidityEvent event{tick_word(Uint256(log.topics[2])), tick_word(Uint256(log.topics[3])),
                                   static_cast<Uint128>(word(log.data, mint ? 1 : 0))};
      ++day.events_applied;
      if (now && event.tick_lower <= now->tick && now->tick < event.tick_upper) {
        now->liquidity = mint ? now->liquidity + event.amount : now->liquidity - event.amount;
      }
      continue;
    }
    if (log.topics[0] != swap_topic) continue;  // Collect
    ++day.swaps;
    const auto [amount0, negative0] = signed_word(word(log.data, 0));
    const auto [amount1, negative1] = signed_word(word(log.data, 1));
    EXPECT_NE(negative0, negative1);
    const bool zero_for_one = negative1;
    const Uint256& in = zero_for_one ? amount0 : amount1;
    const Uint256& out = zero_for_one ? amount1 : amount0;
    const V3SwapEvent after{word(log.data, 2), static_cast<Uint128>(word(log.data, 3)), tick_word(word(log.data, 4))};
    if (tick_at_sqrt_ratio(after.sqrt_price) == after.tick) ++day.tick_is_that_of_the_price;

    if (!now) {
      ++day.without_predecessor;
    } else if (now->liquidity == after.liquidity) {
      ++day.single_range;
      V3Pool pool = pool_before(now->sqrt_price, now->tick, now->liquidity, std::nullopt);
      ++day.single_range_exact[reproduced(pool, zero_for_one, in, out, after)];
      // And the event can follow this state.
      EXPECT_EQ(pool.apply(after), PoolError::none);
    } else {
      // Liquidity changed on the way. If there is just one tick where that can have been, the state was this one.
      const int low = std::min(now->tick, after.tick);
      const int high = std::max(now->tick, after.tick);
      const int first = (low / 60 + 1) * 60;  // all ticks of this day are positive
      if (first <= high && first + 60 > high) {
        ++day.one_tick_crossed;
        V3Pool pool = pool_before(now->sqrt_price, now->tick, now->liquidity, std::pair(first, after.liquidity));
        ++day.one_tick_crossed_exact[reproduced(pool, zero_for_one, in, out, after)];
        EXPECT_EQ(pool.apply(after), PoolError::none);
      }
    }
    now = after;
  }
  EXPECT_EQ(day.swaps, 267);
  EXPECT_EQ(day.tick_is_that_of_the_price, 267);
  EXPECT_EQ(day.without_predecessor, 1);
  EXPECT_EQ(day.single_range, 244);
  EXPECT_EQ(day.single_range_exact,
            (std::map<Reproduced, int>{{Reproduced::by_amount, 223}, {Reproduced::by_price_limit, 21}}));
  EXPECT_EQ(day.one_tick_crossed, 22);
  EXPECT_EQ(day.one_tick_crossed_exact,
            (std::map<Reproduced, int>{{Reproduced::by_amount, 20}, {Reproduced::by_price_limit, 2}}));
  EXPECT_EQ(day.events_applied, 21);
}

}  // namespace
}  // namespace calypte::connector::uniswap
