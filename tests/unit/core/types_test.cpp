#include "calypte/types.hpp"

#include <gtest/gtest.h>
#include <unordered_set>

#include "calypte/connector.hpp"
#include "calypte/log.hpp"
#include "calypte/runtime.hpp"

namespace calypte {
namespace {

TEST(TradingPair, parses_base_and_quote) {
  const auto pair = TradingPair::parse("BTC-USDT");
  ASSERT_TRUE(pair.ok());
  EXPECT_EQ(pair->base(), "BTC");
  EXPECT_EQ(pair->quote(), "USDT");
  EXPECT_EQ(pair->to_string(), "BTC-USDT");
  for (const char* text : {"1INCH-USD", "USDC.E-USDT", "$WEN-USD", "A:B_C-Q", "X-Y"}) {
    EXPECT_TRUE(TradingPair::parse(text).ok()) << text;
  }
}

TEST(TradingPair, refuses_everything_else) {
  for (const char* text : {"", "-", "BTC", "BTC-", "-USDT", "BTC--USDT", "BTC-USDT-PERP", "btc-USDT", "BTC-usdt",
                           "BTC/USDT", "BTC_USDT", "BTC -USDT", "BTC-USDT ", "B\xc3\x84-USDT"}) {
    const auto pair = TradingPair::parse(text);
    EXPECT_FALSE(pair.ok()) << text;
    EXPECT_EQ(pair.status().code(), StatusCode::malformed);
  }
  EXPECT_TRUE(TradingPair::parse(std::string(255, 'A') + "-Q").ok());
  EXPECT_FALSE(TradingPair::parse(std::string(256, 'A') + "-Q").ok());
}

TEST(TradingPair, from_assets_is_upper_case) {
  const TradingPair pair = TradingPair::from_assets("btc", "usDt");
  EXPECT_EQ(pair, "BTC-USDT"_pair);
  EXPECT_EQ(pair.base(), "BTC");
  EXPECT_EQ(pair.quote(), "USDT");
}

TEST(TradingPair, the_empty_pair_has_no_assets) {
  const TradingPair none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.base(), "");
  EXPECT_EQ(none.quote(), "");
}

TEST(TradingPair, orders_and_hashes) {
  EXPECT_LT("A-B"_pair, "A-C"_pair);
  EXPECT_NE("A-B"_pair, "B-A"_pair);
  const std::unordered_set<TradingPair> set = {"A-B"_pair, "A-B"_pair, "B-A"_pair};
  EXPECT_EQ(set.size(), 2U);
  EXPECT_THROW((void)"A/B"_pair, std::invalid_argument);
}

TEST(Types, words_are_read_back) {
  for (const auto type : {OrderType::market, OrderType::limit, OrderType::limit_maker, OrderType::amm_swap}) {
    EXPECT_EQ(*parse_order_type(to_string(type)), type);
  }
  for (const auto type : {TradeType::buy, TradeType::sell}) EXPECT_EQ(*parse_trade_type(to_string(type)), type);
  for (const auto action : {PositionAction::nil, PositionAction::open, PositionAction::close}) {
    EXPECT_EQ(*parse_position_action(to_string(action)), action);
  }
  for (const auto environment : {Environment::live, Environment::testnet, Environment::local}) {
    EXPECT_EQ(*parse_environment(to_string(environment)), environment);
  }
  EXPECT_FALSE(parse_order_type("limit").ok());
  EXPECT_FALSE(parse_trade_type("").ok());
  EXPECT_FALSE(parse_position_action("BOTH").ok());
  EXPECT_FALSE(parse_environment("LIVE").ok());
}

TEST(Types, words_are_the_stored_ones) {
  EXPECT_EQ(to_string(OrderType::limit_maker), "LIMIT_MAKER");
  EXPECT_EQ(to_string(TradeType::buy), "BUY");
  EXPECT_EQ(to_string(PositionAction::nil), "NIL");
  EXPECT_EQ(to_string(TimeInForce::good_till_cancelled), "GTC");
  EXPECT_EQ(to_string(TimeInForce::immediate_or_cancel), "IOC");
  EXPECT_EQ(to_string(TimeInForce::fill_or_kill), "FOK");
  std::unordered_set<std::string_view> states;
  for (int i = 0; i <= 11; ++i) states.insert(to_string(static_cast<OrderState>(i)));
  EXPECT_EQ(states.size(), 12U);
  EXPECT_EQ(states.count("?"), 0U);
  EXPECT_EQ(to_string(OrderState::pending_create), "PENDING_CREATE");
  EXPECT_EQ(to_string(OrderState::expired), "EXPIRED");
}

TEST(ConnectorStatus, is_ready_if_every_condition_holds) {
  ConnectorStatus status;
  status.conditions.resize(2);
  EXPECT_FALSE(status.ready());
  for (auto& c : status.conditions) c.initialized = c.live = true;
  EXPECT_TRUE(status.ready());
  status.conditions[1].live = false;
  EXPECT_FALSE(status.ready());
  status.conditions[1].live = true;
  status.conditions[0].initialized = false;
  EXPECT_FALSE(status.ready());
}

TEST(NullLog, is_enabled_for_nothing) {
  EXPECT_FALSE(null_log().enabled(LogLevel::error));
  null_log().log(LogLevel::error, "test", "swallowed");
}

}  // namespace
}  // namespace calypte
