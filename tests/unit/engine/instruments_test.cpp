#include "engine/instruments.hpp"

#include <gtest/gtest.h>

namespace calypte::engine {
namespace {

using Pairs = std::vector<TradingPair>;

venue::Instrument instrument(std::string_view symbol, std::string_view pair, Decimal tick = "0.01"_dec) {
  venue::Instrument entry;
  entry.symbol = Symbol(symbol);
  entry.rule.trading_pair = *TradingPair::parse(pair);
  entry.rule.min_price_increment = tick;
  entry.rule.min_base_amount_increment = "0.001"_dec;
  return entry;
}
const TradingPair kBtcUsdt = "BTC-USDT"_pair;
const TradingPair kEthUsdt = "ETH-USDT"_pair;

TEST(Instruments, name_pair_and_symbol_for_each_other) {
  Instruments instruments;
  EXPECT_TRUE(instruments.empty());
  EXPECT_EQ(instruments.find(kBtcUsdt), nullptr);
  EXPECT_EQ(instruments.pair_of("BTC_USDT"), nullptr);

  EXPECT_TRUE(instruments.replace({instrument("BTC_USDT", "BTC-USDT"), instrument("ETH_USDT", "ETH-USDT")}).empty());
  ASSERT_NE(instruments.find(kBtcUsdt), nullptr);
  EXPECT_EQ(instruments.find(kBtcUsdt)->symbol, Symbol("BTC_USDT"));
  EXPECT_EQ(instruments.find(kBtcUsdt)->rule.min_price_increment, "0.01"_dec);
  ASSERT_NE(instruments.pair_of("ETH_USDT"), nullptr);
  EXPECT_EQ(*instruments.pair_of("ETH_USDT"), kEthUsdt);
  EXPECT_EQ(instruments.pair_of("ETH"), nullptr);
}

TEST(Instruments, are_replaced_as_a_whole) {
  Instruments instruments;
  (void)instruments.replace({instrument("BTC_USDT", "BTC-USDT"), instrument("ETH_USDT", "ETH-USDT")});
  const auto* kept = instruments.find(kBtcUsdt);

  EXPECT_TRUE(instruments.replace({instrument("BTCUSDT", "BTC-USDT", "0.1"_dec)}).empty());
  EXPECT_EQ(instruments.find(kBtcUsdt), kept) << "what stays keeps its address";
  EXPECT_EQ(kept->symbol, Symbol("BTCUSDT"));
  EXPECT_EQ(kept->rule.min_price_increment, "0.1"_dec);
  EXPECT_EQ(instruments.find(kEthUsdt), nullptr);
  EXPECT_EQ(instruments.pair_of("ETH_USDT"), nullptr);
  EXPECT_EQ(instruments.pair_of("BTC_USDT"), nullptr) << "the old name is gone with the old list";
  EXPECT_EQ(instruments.tradable_pairs(), Pairs{kBtcUsdt});

  EXPECT_TRUE(instruments.replace({}).empty());
  EXPECT_TRUE(instruments.empty());
}

TEST(Instruments, a_rule_without_sense_is_left_out_and_named) {
  Instruments instruments;
  (void)instruments.replace({instrument("ETH_USDT", "ETH-USDT")});
  const auto problems =
      instruments.replace({instrument("BTC_USDT", "BTC-USDT"), instrument("ETH_USDT", "ETH-USDT", Decimal(0))});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].find("ETH_USDT: malformed"), 0U) << problems[0];
  EXPECT_NE(instruments.find(kBtcUsdt), nullptr);
  EXPECT_EQ(instruments.find(kEthUsdt), nullptr) << "nobody trades by the old rule";
  EXPECT_EQ(instruments.pair_of("ETH_USDT"), nullptr);
}

TEST(Instruments, a_second_instrument_of_a_pair_is_left_out_and_named) {
  Instruments instruments;
  const auto problems =
      instruments.replace({instrument("BTC_USDT", "BTC-USDT"), instrument("BTC_USDT_2", "BTC-USDT", "5"_dec)});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0], "BTC_USDT_2: a second instrument for BTC-USDT");
  EXPECT_EQ(instruments.find(kBtcUsdt)->symbol, Symbol("BTC_USDT"));
  EXPECT_EQ(instruments.find(kBtcUsdt)->rule.min_price_increment, "0.01"_dec);
  EXPECT_EQ(instruments.pair_of("BTC_USDT_2"), nullptr);
}

TEST(Instruments, a_symbol_that_stands_for_two_pairs_is_left_out_and_named) {
  Instruments instruments;
  const auto problems = instruments.replace({instrument("BTC_USDT", "BTC-USDT"), instrument("BTC_USDT", "ETH-USDT")});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].find("BTC_USDT: "), 0U) << problems[0];
  EXPECT_EQ(*instruments.pair_of("BTC_USDT"), kBtcUsdt);
  EXPECT_EQ(instruments.find(kEthUsdt), nullptr) << "its orders and fills would be told as those of BTC-USDT";
}

TEST(Instruments, what_is_listed_but_not_tradable_is_known) {
  Instruments instruments;
  auto halted = instrument("ETH_USDT", "ETH-USDT");
  halted.rule.tradable = false;
  (void)instruments.replace({instrument("BTC_USDT", "BTC-USDT"), halted});
  EXPECT_NE(instruments.find(kEthUsdt), nullptr);
  EXPECT_EQ(instruments.tradable_pairs(), Pairs{kBtcUsdt});
}

}  // namespace
}  // namespace calypte::engine
