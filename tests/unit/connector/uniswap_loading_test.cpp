#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/protocol/uniswap/uniswap_constants.hpp"
#include "connector/protocol/uniswap/uniswap_loader.hpp"
#include "uniswap_fake_chain.hpp"

namespace calypte::connector::uniswap {
namespace {

using testing::HasSubstr;

const TradingPair kPair = TradingPair::from_assets("WETH", "USDC");
const Decimal kNoSlippage = 0;

/// 100 WETH and 250,000 USDC in a pair, and a pool at about the same price: 2500 * 10^6 / 10^18 is 1.0001^-198080.
FakeChain usual_chain() {
  FakeChain chain;
  chain.add_v2(kWeth, kUsdc, units("100", 18), units("250000", 6));
  chain.add_v3(kWeth, kUsdc, 500, 10, -198080, {{-199000, -197000, 1'000'000'000'000'000}});
  return chain;
}

Status load_once(FakeChain& chain, const ProtocolConfig& config = test_config()) {
  const auto venue = make_or_fail(config);
  const Status status = chain.load(*venue);
  EXPECT_EQ(venue->loaded(), status.ok());
  return status;
}

evm::ReadResult reverted() {
  evm::ReadResult result;
  result.status = Status(StatusCode::rejected, "execution reverted");
  return result;
}

TEST(UniswapLoading, reads_contracts_pools_bitmaps_and_ticks_in_five_steps) {
  FakeChain chain = usual_chain();
  const auto venue = make_or_fail();
  EXPECT_FALSE(venue->loaded());
  EXPECT_EQ(venue->token("WETH"), nullptr);
  EXPECT_EQ(venue->trading_rule(kPair), nullptr);
  ASSERT_EQ(chain.load(*venue).to_string(), Status{}.to_string());
  EXPECT_TRUE(venue->loaded());
  // 3 answers of the router and 3 decimals; 3 combinations of tokens with a pair and four fees each; 2 numbers of the
  // pair and 4 of the pool; the words -347 to 346 of its bitmap; 2 ticks.
  EXPECT_EQ(chain.steps, 5U);
  EXPECT_EQ(chain.calls, 6U + 15U + 6U + 694U + 2U);
  ASSERT_NE(venue->token("WETH"), nullptr);
  EXPECT_EQ(venue->token("WETH")->decimals, 18);
  EXPECT_EQ(venue->token("WETH")->address, kWeth);
  EXPECT_EQ(venue->token("DAI"), nullptr) << "is only on the way";
  EXPECT_EQ(venue->log_sources().size(), 4U);
  EXPECT_EQ(venue->spender(), address_at(kRouterText));
}

TEST(UniswapLoading, nothing_is_asked_of_a_version_that_is_not_used) {
  FakeChain chain = usual_chain();
  ProtocolConfig config = test_config();
  config.contracts = {{"router", kRouterText}, {"v2_factory", kV2FactoryText}};
  chain.v3_factory = kDai;  // not compared either
  EXPECT_TRUE(load_once(chain, config).ok());
  EXPECT_EQ(chain.calls, 5U + 3U + 2U);
}

TEST(UniswapLoading, gives_the_calls_of_a_large_step_in_slices) {
  ProtocolConfig config = test_config();
  config.tokens.push_back({"WBTC", "0x4000000000000000000000000000000000000004"});
  const evm::Address wbtc = address_at(config.tokens.back().address);
  FakeChain chain;
  chain.decimals[wbtc] = 8;
  for (const auto& [a, b] : {std::pair{kWeth, kUsdc}, std::pair{kWeth, kDai}, std::pair{kUsdc, kDai},
                             std::pair{kWeth, wbtc}, std::pair{kUsdc, wbtc}}) {
    for (const FeeTier& tier : kFeeTiers) {
      chain.add_v3(a, b, tier.fee_pips, tier.tick_spacing, 0, {{-6000, 6000, 1'000'000'000}});
    }
  }
  const auto venue = make_or_fail(config);
  std::vector<std::size_t> sizes;
  for (std::vector<evm::ReadCall> next = venue->begin_load(); !next.empty();) {
    sizes.push_back(next.size());
    std::vector<evm::ReadResult> answers;
    for (const evm::ReadCall& call : next) answers.push_back(chain.answer(call));
    auto more = venue->continue_load(answers);
    ASSERT_TRUE(more.ok()) << more.status().to_string();
    next = std::move(*more);
  }
  // Five times 129, 694, 116 and 36 words of bitmaps are 4,875.
  EXPECT_EQ(sizes, (std::vector<std::size_t>{7, 25, 80, 4096, 779, 40}));
  EXPECT_TRUE(venue->quote(kPair, TradeType::sell, Decimal::from_parts(1, 12), kNoSlippage).ok());
}

TEST(UniswapLoading, a_router_of_other_factories_is_the_wrong_one) {
  FakeChain chain = usual_chain();
  const std::map<std::string, std::string> answers = {{"c45a0155", "V3 factory"}, {"68e0d4e1", "V2 factory"}};
  for (const auto& [selector, name] : answers) {
    chain.instead = {{{address_at(kRouterText), selector}, FakeChain::words({FakeChain::as_word(kDai)})}};
    const Status status = load_once(chain);
    EXPECT_EQ(status.code(), StatusCode::denied);
    EXPECT_EQ(status.reason(), FailureReason::wrong_contract);
    EXPECT_THAT(status.message(), HasSubstr("wrong router"));
    EXPECT_THAT(status.message(), HasSubstr(name));
  }
  for (const auto& wrong : {evm::ReadResult{}, reverted()}) {
    chain.instead = {{{address_at(kRouterText), "4aa4a4fc"}, wrong}};
    const Status status = load_once(chain);
    EXPECT_EQ(status.reason(), FailureReason::wrong_contract);
    EXPECT_THAT(status.message(), HasSubstr("no SwapRouter02"));
  }
}

TEST(UniswapLoading, the_router_must_name_the_wrapped_coin_of_a_known_chain) {
  ProtocolConfig config = test_config();
  config.chain_id = 1;
  config.tokens[0].address = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2";
  FakeChain chain;
  chain.decimals[address_at(config.tokens[0].address)] = 18;
  EXPECT_THAT(load_once(chain, config).message(), HasSubstr("wrapped coin"));
  chain.wrapped = address_at(config.tokens[0].address);
  EXPECT_TRUE(load_once(chain, config).ok());
}

TEST(UniswapLoading, what_is_no_token_is_refused_by_its_name) {
  for (const auto& wrong : {evm::ReadResult{}, reverted(), FakeChain::words({256}), FakeChain::words({18, 0})}) {
    FakeChain chain = usual_chain();
    chain.instead = {{{kUsdc, "313ce567"}, wrong}};
    const Status status = load_once(chain);
    EXPECT_EQ(status.code(), StatusCode::denied);
    EXPECT_EQ(status.reason(), FailureReason::wrong_contract);
    EXPECT_THAT(status.message(), HasSubstr("the token USDC"));
  }
  FakeChain chain = usual_chain();
  chain.decimals[kDai] = 31;
  EXPECT_THAT(load_once(chain).message(), HasSubstr("31 decimals"));
}

TEST(UniswapLoading, a_factory_without_code_or_with_other_pools_is_refused) {
  FakeChain chain = usual_chain();
  for (const auto& wrong : {evm::ReadResult{}, reverted(), FakeChain::words({FakeChain::as_word(kDai)})}) {
    for (const auto& [factory, selector] :
         {std::pair{chain.v2_factory, "e6a43905"}, std::pair{chain.v3_factory, "1698ee82"}}) {
      chain.instead = {{{factory, selector}, wrong}};
      const Status status = load_once(chain);
      EXPECT_EQ(status.code(), StatusCode::denied);
      EXPECT_EQ(status.reason(), FailureReason::wrong_contract);
      EXPECT_THAT(status.message(), HasSubstr(factory.to_string()));
    }
  }
}

TEST(UniswapLoading, answers_that_no_pool_gives_are_malformed) {
  const FakeChain chain = usual_chain();
  const evm::Address pair = chain.v2.begin()->first;
  const evm::Address pool = chain.v3.begin()->first;
  const Uint256 price = chain.v3.begin()->second.sqrt_price;
  const Uint256 tick = FakeChain::signed_word(-198080);
  const Uint256 all_bits = ~Uint256(0);
  const std::vector<std::pair<std::pair<evm::Address, std::string>, evm::ReadResult>> cases = {
      {{pair, "0dfe1681"}, FakeChain::words({FakeChain::as_word(kDai)})},
      {{pair, "0902f1ac"}, FakeChain::words({1, 2})},
      {{pair, "0902f1ac"}, FakeChain::words({Uint256(1) << 112U, 2, 3})},
      {{pair, "0902f1ac"}, {}},
      {{pool, "0dfe1681"}, FakeChain::words({FakeChain::as_word(kUsdc)})},
      {{pool, "3850c7bd"}, FakeChain::words({price, tick, 0, 1, 1, 0})},
      {{pool, "3850c7bd"}, FakeChain::words({Uint256(1) << 160U, tick, 0, 1, 1, 0, 1})},
      {{pool, "3850c7bd"}, FakeChain::words({price, Uint256(887273), 0, 1, 1, 0, 1})},
      {{pool, "3850c7bd"}, FakeChain::words({price, FakeChain::signed_word(-198079), 0, 1, 1, 0, 1})},
      {{pool, "1a686502"}, FakeChain::words({Uint256(1) << 128U})},
      {{pool, "1a686502"}, FakeChain::words({7})},  // not what the ticks add up to
      {{pool, "d0c93a7c"}, FakeChain::words({60})},
      {{pool, "5339c296"}, FakeChain::words({all_bits})},  // also beyond the last tick
      {{pool, "5339c296"}, reverted()},
      {{pool, "f30dba93"}, FakeChain::words(std::vector<Uint256>(8))},
      {{pool, "f30dba93"}, FakeChain::words({5, 5, 0, 0, 0, 0, 0, 0})},
      {{pool, "f30dba93"}, FakeChain::words({5, 5, 0, 0, 0, 0, 0, 2})},
      {{pool, "f30dba93"}, FakeChain::words({5, 6, 0, 0, 0, 0, 0, 1})},  // more net than gross
      {{pool, "f30dba93"}, reverted()},
  };
  for (const auto& [question, answer] : cases) {
    FakeChain wrong = chain;
    wrong.instead = {{question, answer}};
    const Status status = load_once(wrong);
    EXPECT_EQ(status.code(), StatusCode::malformed) << question.second << " " << evm::to_hex(answer.data);
    EXPECT_THAT(status.message(), HasSubstr(question.first.to_string()));
  }
}

TEST(UniswapLoading, answers_must_be_as_many_as_calls) {
  FakeChain chain = usual_chain();
  const auto venue = make_or_fail();
  EXPECT_FALSE(venue->continue_load({}).ok()) << "nothing was asked";
  const auto calls = venue->begin_load();
  std::vector<evm::ReadResult> answers;
  for (const evm::ReadCall& call : calls) answers.push_back(chain.answer(call));
  answers.pop_back();
  EXPECT_EQ(venue->continue_load(answers).status().code(), StatusCode::malformed);
  EXPECT_FALSE(venue->continue_load({}).ok()) << "the loading has ended";
  EXPECT_TRUE(chain.load(*venue).ok()) << "and another can begin";
}

TEST(UniswapLoading, a_pool_with_a_spacing_of_one_is_read_around_its_price) {
  FakeChain chain;
  // At the price of 1; far out on both sides the liquidity goes on, but that is not read.
  chain.add_v3(kUsdc, kDai, 100, 1, 100, {{-20000, 20000, 1'000'000'000'000}, {-50, 300, 5'000'000'000'000}});
  chain.decimals[kUsdc] = 18;
  ProtocolConfig config = test_config();
  config.trading_pairs = {TradingPair::from_assets("USDC", "DAI")};
  config.tokens = {{"USDC", kUsdcText}, {"DAI", kDaiText}};
  const auto venue = make_or_fail(config);
  ASSERT_EQ(chain.load(*venue).to_string(), Status{}.to_string());
  EXPECT_EQ(chain.calls, 5U + 5U + 4U + 129U + 2U) << "the words -64 to 64, and not the ticks at -20000 and 20000";
  const TradingPair pair = config.trading_pairs[0];
  EXPECT_TRUE(venue->quote(pair, TradeType::sell, Decimal::from_parts(1, 6), kNoSlippage).ok());
  // 10^12 of liquidity holds about 1.3 * 10^12 units to the end of the window at -16384.
  const auto beyond = venue->quote(pair, TradeType::sell, Decimal::from_parts(2, 6), kNoSlippage);
  EXPECT_EQ(beyond.status().code(), StatusCode::denied);
  EXPECT_EQ(beyond.status().reason(), FailureReason::not_ready);
  EXPECT_THAT(beyond.status().message(), HasSubstr("leaves the ticks that are known"));
}

TEST(UniswapLoading, a_price_near_the_end_of_the_window_asks_for_a_new_loading) {
  FakeChain chain;
  const evm::Address pool = chain.add_v3(kUsdc, kDai, 100, 1, 0, {{-880000, 880000, 1'000'000'000'000}});
  ProtocolConfig config = test_config();
  config.trading_pairs = {TradingPair::from_assets("USDC", "DAI")};
  const auto venue = make_or_fail(config);
  ASSERT_TRUE(chain.load(*venue).ok());
  const auto swap_to = [&](int tick) {
    return make_log(
        pool, kSwapTopic, {1, 2},
        {5, FakeChain::signed_word(-5), sqrt_ratio_at_tick(tick), 1'000'000'000'000, FakeChain::signed_word(tick)});
  };
  // The window ends at 65 * 256 - 1 = 16639, and 8 words before it the margin begins.
  EXPECT_TRUE(venue->apply_logs(std::vector{swap_to(14591)}).ok());
  Status status = venue->apply_logs(std::vector{swap_to(14592)});
  EXPECT_EQ(status.code(), StatusCode::unavailable);
  EXPECT_FALSE(venue->loaded());
  // On the other side it ends at -64 * 256.
  ASSERT_TRUE(chain.load(*venue).ok());
  EXPECT_TRUE(venue->apply_logs(std::vector{swap_to(-14336)}).ok());
  status = venue->apply_logs(std::vector{swap_to(-14337)});
  EXPECT_EQ(status.code(), StatusCode::unavailable);
  chain.v3[pool].tick = 14592;
  chain.v3[pool].sqrt_price = sqrt_ratio_at_tick(14592);
  ASSERT_TRUE(chain.load(*venue).ok());
  EXPECT_TRUE(venue->apply_logs(std::vector{swap_to(16700)}).ok()) << "the window lies around the new price";
}

TEST(UniswapLoading, a_pool_stuffed_with_ticks_is_left_out) {
  FakeChain chain = usual_chain();
  const evm::Address stuffed = chain.add_v3(kWeth, kUsdc, 100, 1, 0, {});
  // All bits of the 129 words that are read: 33,024.
  chain.instead = {{{stuffed, "5339c296"}, FakeChain::words({~Uint256(0)})}};
  const auto venue = make_or_fail();
  ASSERT_EQ(chain.load(*venue).to_string(), Status{}.to_string());
  EXPECT_EQ(venue->log_sources().size(), 4U) << "a pair, a pool, two factories";
  EXPECT_TRUE(venue->quote(kPair, TradeType::sell, 1, kNoSlippage).ok());
}

TEST(UniswapLoading, a_pool_without_a_price_is_kept_and_can_get_one) {
  FakeChain chain;
  const evm::Address pool = chain.add_v3(kWeth, kUsdc, 3000, 60, 0, {});
  chain.v3[pool].sqrt_price = 0;
  const auto venue = make_or_fail();
  ASSERT_TRUE(chain.load(*venue).ok());
  EXPECT_EQ(venue->quote(kPair, TradeType::sell, 1, kNoSlippage).status().reason(), FailureReason::no_liquidity);
  const std::vector logs = {
      make_log(pool, kInitializeTopic, {}, {sqrt_ratio_at_tick(-198080), FakeChain::signed_word(-198080)}, 1),
      make_log(pool, kMintTopic, {7, FakeChain::signed_word(-198120), FakeChain::signed_word(-198000)},
               {9, units("1", 18), 5, 6}, 2)};
  ASSERT_EQ(venue->apply_logs(logs).to_string(), Status{}.to_string());
  EXPECT_TRUE(venue->quote(kPair, TradeType::sell, Decimal::from_parts(1, 3), kNoSlippage).ok());
}

TEST(UniswapLoading, a_token_that_changes_its_decimals_is_refused) {
  FakeChain chain = usual_chain();
  const auto venue = make_or_fail();
  ASSERT_TRUE(chain.load(*venue).ok());
  chain.decimals[kUsdc] = 8;
  EXPECT_EQ(chain.load(*venue).reason(), FailureReason::wrong_contract);
  EXPECT_FALSE(venue->loaded());
  EXPECT_EQ(venue->token("USDC")->decimals, 6);
}

}  // namespace
}  // namespace calypte::connector::uniswap
