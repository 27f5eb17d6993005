// What cannot work is said before anything is signed, with its reason; the account is as it was.
#include <gmock/gmock.h>

#include "chain/trader.hpp"
#include "evm/amount.hpp"

namespace calypte::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ChainBadInput : public ChainTest, public testing::WithParamInterface<std::string> {
 protected:
  static const std::string& owner() { return Trader::owner(chain()).address; }
  static std::string router() { return chain().contract("swap_router_02"); }
  static void allow(std::string_view symbol) { chain().approve(symbol, owner(), router(), evm::Uint256(1) << 100U); }
  /// A pair of its own, by symbols.
  static Trader::Configure trading(const std::string& base, const std::string& quote) {
    return [base, quote](ProtocolConfig& c) {
      c.confirmations = 1;
      c.trading_pairs = {TradingPair::from_assets(base, quote)};
      c.tokens.clear();
      for (const auto& symbol : {base, quote}) c.tokens.push_back({symbol, chain().token(symbol).address});
    };
  }
  /// Buys and waits for the failure; the nonce shows that nothing was sent.
  static MarketOrderFailureEvent failure_of(Trader& trader, const TradingPair& pair, TradeType side,
                                            const Decimal& amount, const OrderOptions& options = {}) {
    const auto nonce = chain().nonce(owner(), true);
    const auto id = trader.call([&](Protocol& p) {
      return side == TradeType::buy ? p.buy(pair, amount, OrderType::market, std::nullopt, options)
                                    : p.sell(pair, amount, OrderType::market, std::nullopt, options);
    });
    EXPECT_TRUE(trader.wait_for_story(id, "MarketOrderFailureEvent")) << trader.trouble();
    EXPECT_EQ(trader.story(id), "MarketOrderFailureEvent");
    EXPECT_EQ(chain().nonce(owner(), true), nonce) << "nothing was sent";
    const auto failures = trader.heard<MarketOrderFailureEvent>();
    return failures.empty() ? MarketOrderFailureEvent{} : failures.back();
  }
};

TEST_P(ChainBadInput, a_node_on_another_chain) {
  Trader trader(chain(), [](ProtocolConfig& c) { c.chain_id = 1; });
  trader.begin();
  ASSERT_TRUE(trader.wait([&](Protocol& p) {
    const auto conditions = p.status().conditions;
    return !conditions.empty() && conditions.front().detail.find("chain 31337") != std::string::npos;
  })) << trader.trouble();
  EXPECT_FALSE(trader.call([](Protocol& p) { return p.ready(); }));
  const auto failure = failure_of(trader, Trader::pair(), TradeType::buy, "0.1"_dec);
  EXPECT_EQ(failure.reason, FailureReason::not_ready);
  EXPECT_THAT(failure.error_message, HasSubstr("chain 31337"));
  const auto errors = trader.heard<ConnectorErrorEvent>();
  ASSERT_THAT(errors, testing::Not(IsEmpty()));
  EXPECT_EQ(errors.front().status.reason(), FailureReason::wrong_chain);
}

TEST_P(ChainBadInput, a_router_that_is_none) {
  for (const auto& [role, address] : {std::pair{std::string("router"), chain().contract("weth")},
                                      std::pair{std::string("router"), chain().account(3).address},
                                      std::pair{std::string("v3_factory"), chain().contract("v2_factory")}}) {
    Trader trader(chain(), [&](ProtocolConfig& c) {
      for (auto& contract : c.contracts) {
        if (contract.role == role) contract.address = address;
      }
    });
    trader.begin();
    ASSERT_TRUE(trader.wait([](Protocol& p) { return !p.status().conditions.front().detail.empty(); }));
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (trader.heard<ConnectorErrorEvent>().empty() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(10ms);
    }
    const auto errors = trader.heard<ConnectorErrorEvent>();
    ASSERT_THAT(errors, testing::Not(IsEmpty())) << role << " " << address;
    EXPECT_EQ(errors.front().status.code(), StatusCode::denied) << errors.front().status.to_string();
    EXPECT_FALSE(trader.call([](Protocol& p) { return p.ready(); }));
  }
}

TEST_P(ChainBadInput, GB_10_GB_11_a_token_that_is_none) {
  Trader trader(chain(), [&](ProtocolConfig& c) { c.tokens.front().address = chain().account(3).address; });
  trader.begin();
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (trader.heard<ConnectorErrorEvent>().empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(10ms);
  }
  ASSERT_THAT(trader.heard<ConnectorErrorEvent>(), testing::Not(IsEmpty()));
  EXPECT_EQ(trader.heard<ConnectorErrorEvent>().front().status.code(), StatusCode::denied);
}

TEST_P(ChainBadInput, GB_09_amounts_that_make_no_sense) {
  allow("USDC");
  allow("WETH");
  Trader trader(chain());
  trader.begin_trading();
  const auto pair = Trader::pair();
  EXPECT_EQ(failure_of(trader, pair, TradeType::buy, 0).reason, FailureReason::invalid_amount);
  EXPECT_EQ(failure_of(trader, pair, TradeType::buy, -1).reason, FailureReason::invalid_amount);
  EXPECT_EQ(failure_of(trader, pair, TradeType::sell, "0.0000000000000000001"_dec).reason,
            FailureReason::invalid_amount);
  EXPECT_EQ(failure_of(trader, pair, TradeType::sell, "90000000"_dec).code, StatusCode::denied);
  EXPECT_EQ(failure_of(trader, TradingPair::from_assets("DAI", "USDC"), TradeType::sell, 1).reason,
            FailureReason::unknown_trading_pair);
}

TEST_P(ChainBadInput, more_than_the_account_holds) {
  allow("WETH");
  const auto held = evm::to_decimal(chain().balance("WETH", owner()), 18).value();
  chain().execute(owner(), chain().token("WETH").address,
                  chain_call("0xa9059cbb", {chain().account(4).address, evm::to_units(held - 1, 18).value()}));
  Trader trader(chain());
  trader.begin_trading();
  EXPECT_EQ(failure_of(trader, Trader::pair(), TradeType::sell, "1.5"_dec).reason, FailureReason::insufficient_balance);
}

TEST_P(ChainBadInput, GB_03_GB_05_H_42_without_an_allowance_and_with_one_that_is_exact) {
  Trader trader(chain(), [](ProtocolConfig& c) { c.confirmations = 1; });
  trader.begin_trading();
  EXPECT_EQ(failure_of(trader, Trader::pair(), TradeType::sell, "0.5"_dec).reason,
            FailureReason::insufficient_allowance);
  const auto approval = trader.call([](Protocol& p) { return p.approve("WETH", "0.5"_dec); });
  ASSERT_TRUE(trader.wait_for_story(approval, "TokenApprovalEvent")) << trader.trouble();
  EXPECT_TRUE(trader.heard<TokenApprovalEvent>().back().status.ok());
  EXPECT_EQ(chain().allowance("WETH", owner(), router()), evm::to_units("0.5"_dec, 18).value()) << "exactly";
  ASSERT_TRUE(trader.wait([](Protocol& p) { return p.allowance("WETH") == "0.5"_dec; }));
  const auto id = trader.sell("0.5"_dec);
  ASSERT_TRUE(trader.wait_for_story(id, "SellOrderCompletedEvent")) << trader.trouble();
  ASSERT_TRUE(trader.wait([](Protocol& p) { return p.allowance("WETH") == Decimal(0); }));
  const auto unlimited = trader.call([](Protocol& p) { return p.approve_unlimited("USDC"); });
  ASSERT_TRUE(trader.wait_for_story(unlimited, "TokenApprovalEvent"));
  EXPECT_FALSE(trader.heard<TokenApprovalEvent>().back().amount) << "asked for, and told as what it is";
}

TEST_P(ChainBadInput, a_token_that_wants_its_allowance_taken_back_first) {
  Trader trader(chain(), trading("STEP", "USDC"));
  trader.begin_trading();
  const auto first = trader.call([](Protocol& p) { return p.approve("STEP", 5); });
  ASSERT_TRUE(trader.wait_for_story(first, "TokenApprovalEvent")) << trader.trouble();
  ASSERT_TRUE(trader.heard<TokenApprovalEvent>().back().status.ok());
  const auto second = trader.call([](Protocol& p) { return p.approve("STEP", 6); });
  ASSERT_TRUE(trader.wait_for_story(second, "TokenApprovalEvent"));
  EXPECT_FALSE(trader.heard<TokenApprovalEvent>().back().status.ok()) << "found before it was signed";
  const auto zero = trader.call([](Protocol& p) { return p.approve("STEP", 0); });
  ASSERT_TRUE(trader.wait_for_story(zero, "TokenApprovalEvent"));
  EXPECT_TRUE(trader.heard<TokenApprovalEvent>().back().status.ok());
  const auto third = trader.call([](Protocol& p) { return p.approve("STEP", 6); });
  ASSERT_TRUE(trader.wait_for_story(third, "TokenApprovalEvent"));
  EXPECT_TRUE(trader.heard<TokenApprovalEvent>().back().status.ok()) << trader.trouble();
}

TEST_P(ChainBadInput, a_token_that_answers_false) {
  Trader trader(chain(), trading("REFUSE", "USDC"));
  trader.begin_trading();
  const auto nonce = chain().nonce(owner(), true);
  const auto approval = trader.call([](Protocol& p) { return p.approve("REFUSE", 5); });
  ASSERT_TRUE(trader.wait_for_story(approval, "TokenApprovalEvent")) << trader.trouble();
  EXPECT_FALSE(trader.heard<TokenApprovalEvent>().back().status.ok());
  EXPECT_EQ(chain().nonce(owner(), true), nonce);
  allow("USDC");
  ASSERT_TRUE(trader.catch_up());
  ASSERT_TRUE(trader.wait([](Protocol& p) { return p.allowance("USDC") > Decimal(1000); }));
  EXPECT_EQ(failure_of(trader, TradingPair::from_assets("REFUSE", "USDC"), TradeType::buy, 5).code,
            StatusCode::rejected);
}

TEST_P(ChainBadInput, a_token_that_keeps_a_part_of_each_transfer) {
  allow("USDC");
  allow("TAX");
  Trader trader(chain(), trading("TAX", "USDC"));
  trader.begin_trading();
  const auto pair = TradingPair::from_assets("TAX", "USDC");
  const auto failure = failure_of(trader, pair, TradeType::sell, 5);
  EXPECT_EQ(failure.code, StatusCode::rejected) << failure.error_message;
}

TEST_P(ChainBadInput, tokens_older_than_the_standard_answer_nothing_and_work) {
  allow("USDC");
  Trader trader(chain(), trading("MUTE", "USDC"));
  trader.begin_trading();
  const auto approval = trader.call([](Protocol& p) { return p.approve("MUTE", 5); });
  ASSERT_TRUE(trader.wait_for_story(approval, "TokenApprovalEvent")) << trader.trouble();
  EXPECT_TRUE(trader.heard<TokenApprovalEvent>().back().status.ok());
  const auto id =
      trader.call([](Protocol& p) { return p.buy(TradingPair::from_assets("MUTE", "USDC"), 3, OrderType::market); });
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCompletedEvent")) << trader.trouble();
}

TEST_P(ChainBadInput, N33_a_network_fee_above_its_limit) {
  allow("WETH");
  Trader trader(chain());
  trader.begin_trading();
  const auto failure =
      failure_of(trader, Trader::pair(), TradeType::sell, "0.5"_dec, {.swap = {.max_network_fee = "0.0000001"_dec}});
  EXPECT_EQ(failure.reason, FailureReason::network_fee_too_high);
}

TEST_P(ChainBadInput, GB_13_GB_14_what_an_order_would_cost_is_known_before) {
  allow("WETH");
  Trader trader(chain());
  trader.begin_trading();
  std::promise<Result<Protocol::NetworkFee>> told;
  trader.call([&](Protocol& p) {
    p.estimate_network_fee(Trader::pair(), TradeType::sell, "0.5"_dec,
                           [&](const Result<Protocol::NetworkFee>& fee) { told.set_value(fee); });
  });
  const auto fee = told.get_future().get();
  ASSERT_TRUE(fee.ok()) << fee.status().to_string();
  EXPECT_GT(fee->gas, 60'000U);
  EXPECT_LT(fee->gas, 400'000U);
  EXPECT_GT(fee->at_most, fee->expected);
  const auto usual =
      trader.call([](Protocol& p) { return p.fee(Trader::pair(), OrderType::market, TradeType::sell, 1, {}); });
  EXPECT_TRUE(usual.percent.is_zero()) << "the fees of the pools are part of the price";
  ASSERT_THAT(usual.flat_fees, SizeIs(1));
  EXPECT_EQ(usual.flat_fees[0].token, "ETH");
}

TEST_P(ChainBadInput, configurations_that_make_no_sense) {
  const auto reason = [](const Trader::Configure& configure) {
    Trader trader(chain(), configure);
    EXPECT_EQ(trader.status().code(), StatusCode::denied);
    return trader.status().message();
  };
  EXPECT_THAT(reason([](ProtocolConfig& c) { c.chain_id = 0; }), HasSubstr("chain_id"));
  EXPECT_THAT(reason([](ProtocolConfig& c) { c.venue = "sushi"; }), HasSubstr("sushi"));
  EXPECT_THAT(reason([](ProtocolConfig& c) { c.credentials.api_secret = Secret("12"); }),
              testing::Not(HasSubstr("12")));
  EXPECT_THAT(reason([](ProtocolConfig& c) { c.credentials = {}; }), HasSubstr("key"));
  EXPECT_THAT(reason([](ProtocolConfig& c) { c.slippage_limit = 2; }), HasSubstr("slippage_limit"));
  EXPECT_THAT(reason([](ProtocolConfig& c) { c.trading_pairs.clear(); }), HasSubstr("pair"));
  EXPECT_THAT(reason([](ProtocolConfig& c) { c.tokens.pop_back(); }), HasSubstr("USDC"));
  EXPECT_THAT(reason([](ProtocolConfig& c) { c.confirmations = 0; }), HasSubstr("confirmations"));
}

INSTANTIATE_TEST_SUITE_P(Venues, ChainBadInput, testing::Values("uniswap"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace calypte::test
