#include "connector/protocol/uniswap/uniswap_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "uniswap_fake_chain.hpp"

namespace calypte::connector::uniswap {
namespace {

using testing::HasSubstr;

/// The reason why this configuration is refused; empty if it is not.
std::string refusal(const ProtocolConfig& config) {
  const auto made = make_uniswap(config);
  if (made) return {};
  EXPECT_EQ(made.status().code(), StatusCode::denied);
  return made.status().message();
}

ProtocolConfig mainnet_config() {
  ProtocolConfig config;
  config.chain_id = 1;
  config.trading_pairs = {TradingPair::from_assets("WETH", "USDC")};
  config.tokens = {{"USDC", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"}};
  return config;
}

TEST(UniswapConfig, knows_the_contracts_and_the_wrapped_coin_of_the_main_chain) {
  const auto setup = read_setup(mainnet_config());
  ASSERT_TRUE(setup.ok()) << setup.status().to_string();
  EXPECT_EQ(setup->v2_factory->to_string(), "0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f");
  EXPECT_EQ(setup->v3_factory->to_string(), "0x1F98431c8aD98523631AE4a59f267346ea31F984");
  EXPECT_EQ(setup->router.to_string(), "0x68b3465833fb72A70ecDF485E0e4C7bD8665Fc45");
  ASSERT_EQ(setup->tokens.size(), 2U);
  EXPECT_EQ(setup->tokens[1].symbol, "WETH");
  EXPECT_EQ(setup->tokens[1].address.to_string(), "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2");
  EXPECT_EQ(setup->wrapped, setup->tokens[1].address);
  EXPECT_EQ(setup->pairs[0].base, 1U);
  EXPECT_EQ(setup->pairs[0].quote, 0U);
}

TEST(UniswapConfig, lets_a_known_contract_be_replaced_and_a_version_be_left_out) {
  ProtocolConfig config = mainnet_config();
  config.contracts = {{"router", kRouterText}, {"v2_factory", "0x0000000000000000000000000000000000000000"}};
  const auto setup = read_setup(config);
  ASSERT_TRUE(setup.ok());
  EXPECT_EQ(setup->router.to_hex(), kRouterText);
  EXPECT_FALSE(setup->v2_factory.has_value());
  EXPECT_TRUE(setup->v3_factory.has_value());
}

TEST(UniswapConfig, an_unknown_chain_needs_a_router_and_a_factory) {
  ProtocolConfig config = test_config();
  config.contracts = {{"v3_factory", kV3FactoryText}};
  EXPECT_THAT(refusal(config), HasSubstr("configure the router"));
  config.contracts = {{"router", kRouterText}};
  EXPECT_THAT(refusal(config), HasSubstr("v3_factory"));
  config.contracts = {{"router", kRouterText}, {"v2_factory", kV2FactoryText}};
  EXPECT_EQ(refusal(config), "");
  config.contracts = {{"router", kRouterText}, {"v3_factory", kV3FactoryText}};
  EXPECT_EQ(refusal(config), "");
}

TEST(UniswapConfig, refuses_roles_and_addresses_that_mean_nothing) {
  ProtocolConfig config = test_config();
  config.contracts.push_back({"v4_factory", kV3FactoryText});
  EXPECT_THAT(refusal(config), HasSubstr("v4_factory"));
  config = test_config();
  config.contracts.push_back({"router", kRouterText});
  EXPECT_THAT(refusal(config), HasSubstr("twice"));
  config = test_config();
  config.contracts[0].address = "0x1234";
  EXPECT_THAT(refusal(config), HasSubstr("router"));
  config = test_config();
  // One letter's case is wrong: the checksum finds the typing error.
  config.tokens[1].address = "0xa0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48";
  EXPECT_THAT(refusal(config), HasSubstr("USDC"));
  config = test_config();
  config.tokens[2].address = "0x0000000000000000000000000000000000000000";
  EXPECT_THAT(refusal(config), HasSubstr("zero address"));
}

TEST(UniswapConfig, refuses_tokens_that_are_there_twice_or_not_at_all) {
  ProtocolConfig config = test_config();
  config.tokens.push_back({"WETH", "0x4000000000000000000000000000000000000004"});
  EXPECT_THAT(refusal(config), HasSubstr("WETH is configured twice"));
  config = test_config();
  config.tokens.push_back({"ETHER", kWethText});
  EXPECT_THAT(refusal(config), HasSubstr("WETH and ETHER are the same"));
  config = test_config();
  config.tokens.push_back({"we-th", "0x4000000000000000000000000000000000000004"});
  EXPECT_THAT(refusal(config), HasSubstr("we-th"));
  config = test_config();
  config.trading_pairs.push_back(TradingPair::from_assets("WETH", "WBTC"));
  EXPECT_THAT(refusal(config), HasSubstr("WBTC of WETH-WBTC is not configured"));
}

TEST(UniswapConfig, refuses_trading_pairs_that_are_none) {
  ProtocolConfig config = test_config();
  config.trading_pairs.clear();
  EXPECT_THAT(refusal(config), HasSubstr("no trading pair"));
  config.trading_pairs = {TradingPair{}};
  EXPECT_THAT(refusal(config), HasSubstr("empty"));
  config.trading_pairs = {TradingPair::from_assets("WETH", "WETH")};
  EXPECT_THAT(refusal(config), HasSubstr("one token twice"));
  config.trading_pairs = {TradingPair::from_assets("WETH", "USDC"), TradingPair::from_assets("WETH", "USDC")};
  EXPECT_THAT(refusal(config), HasSubstr("configured twice"));
}

TEST(UniswapConfig, asks_for_pools_along_routes_only) {
  ProtocolConfig config = test_config();
  config.tokens.push_back({"WBTC", "0x4000000000000000000000000000000000000004"});
  const auto setup = read_setup(config);
  ASSERT_TRUE(setup.ok());
  // Of the six combinations of four tokens, DAI-WBTC leads nowhere between WETH and USDC.
  const std::vector<std::pair<std::size_t, std::size_t>> expected = {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}};
  EXPECT_EQ(useful_combinations(*setup), expected);
}

}  // namespace
}  // namespace calypte::connector::uniswap
