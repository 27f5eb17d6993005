#include "connector/protocol/uniswap/uniswap_protocol.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "uniswap_fake_chain.hpp"

namespace calypte::connector::uniswap {
namespace {

using testing::HasSubstr;

const TradingPair kMarket = TradingPair::from_assets("WETH", "USDC");
const Decimal kHalfPercent = Decimal::from_parts(5, 3);

/// One pair with 100 WETH and 250,000 USDC. What is expected of it was computed from the formula of the whitepaper.
class UniswapVenue : public testing::Test {
 protected:
  void SetUp() override { pair_ = chain_.add_v2(kWeth, kUsdc, units("100", 18), units("250000", 6)); }

  evm::ProtocolVenue& loaded() {
    if (!venue_) venue_ = make_or_fail();
    const Status status = chain_.load(*venue_);
    EXPECT_TRUE(status.ok()) << status.to_string();
    return *venue_;
  }
  static evm::SwapOrder order(TradeType side, const Decimal& amount) {
    evm::SwapOrder order;
    order.trading_pair = kMarket;
    order.side = side;
    order.amount = amount;
    order.slippage = kHalfPercent;
    order.deadline = 1893456000;
    order.account = kAccount;
    return order;
  }
  [[nodiscard]] static evm::rpc::Log sync(const Address& pool, const Uint256& reserve0, const Uint256& reserve1,
                                          std::uint64_t index = 0) {
    return make_log(pool, kSyncTopic, {}, {reserve0, reserve1}, index);
  }

  FakeChain chain_;
  std::unique_ptr<evm::ProtocolVenue> venue_;
  Address pair_;
};

TEST_F(UniswapVenue, quotes_a_sale_and_a_purchase) {
  const auto sale = loaded().quote(kMarket, TradeType::sell, 1, kHalfPercent);
  ASSERT_TRUE(sale.ok()) << sale.status().to_string();
  EXPECT_EQ(sale->trading_pair, kMarket);
  EXPECT_EQ(sale->side, TradeType::sell);
  EXPECT_EQ(sale->amount, Decimal(1));
  EXPECT_EQ(sale->quote_amount.to_string(), "2467.895085");
  EXPECT_EQ(sale->price.to_string(), "2467.895085");
  EXPECT_EQ(sale->limit_amount.to_string(), "2455.555610");
  EXPECT_EQ(sale->price_impact.normalized().to_string(), "0.012841966");
  EXPECT_EQ(sale->route, "WETH > USDC (v2 0.3%)");
  const auto purchase = venue_->quote(kMarket, TradeType::buy, 1, kHalfPercent);
  ASSERT_TRUE(purchase.ok());
  EXPECT_EQ(purchase->quote_amount.to_string(), "2532.851079");
  EXPECT_EQ(purchase->limit_amount.to_string(), "2545.515334");
  EXPECT_EQ(purchase->route, "USDC > WETH (v2 0.3%)");
  EXPECT_GT(purchase->price_impact, Decimal::from_parts(12, 3));
  EXPECT_LT(purchase->price_impact, Decimal::from_parts(14, 3));
}

TEST_F(UniswapVenue, rounds_the_price_of_odd_amounts_against_us) {
  const Decimal amount = Decimal::from_parts(3, 1);  // 0.3 WETH
  const auto sale = loaded().quote(kMarket, TradeType::sell, amount, 0);
  const auto purchase = venue_->quote(kMarket, TradeType::buy, amount, 0);
  ASSERT_TRUE(sale.ok() && purchase.ok());
  EXPECT_LE(sale->price * amount, sale->quote_amount);
  EXPECT_GE(purchase->price * amount, purchase->quote_amount);
  const Decimal increment = venue_->trading_rule(kMarket)->min_price_increment;
  EXPECT_GT((sale->price + increment) * amount, sale->quote_amount);
  EXPECT_LT((purchase->price - increment) * amount, purchase->quote_amount);
  EXPECT_TRUE(sale->price.is_multiple_of(increment));
}

TEST_F(UniswapVenue, has_the_rule_that_its_tokens_give) {
  const TradingRule* const rule = loaded().trading_rule(kMarket);
  ASSERT_NE(rule, nullptr);
  EXPECT_TRUE(rule->validate().ok());
  EXPECT_EQ(rule->min_base_amount_increment, Decimal::from_parts(1, 18));
  EXPECT_EQ(rule->min_order_size, Decimal::from_parts(1, 18));
  EXPECT_EQ(rule->min_quote_amount_increment, Decimal::from_parts(1, 6));
  EXPECT_EQ(rule->min_price_increment, Decimal::from_parts(1, 6)) << "ten digits of 2500";
  EXPECT_TRUE(rule->supports_limit_orders && rule->supports_market_orders);
  EXPECT_EQ(venue_->trading_rule(TradingPair::from_assets("DAI", "USDC")), nullptr);
  EXPECT_EQ(venue_->pool_fee(kMarket), Decimal::from_parts(3, 3));
}

TEST_F(UniswapVenue, refuses_what_it_cannot_quote) {
  const auto reason = [&](const TradingPair& pair, const Decimal& amount) {
    const auto quote = venue_->quote(pair, TradeType::buy, amount, kHalfPercent);
    EXPECT_EQ(quote.status().code(), StatusCode::denied);
    return quote.status().reason();
  };
  venue_ = make_or_fail();
  EXPECT_EQ(reason(kMarket, 1), FailureReason::not_ready);
  loaded();
  EXPECT_EQ(reason(TradingPair::from_assets("DAI", "USDC"), 1), FailureReason::unknown_trading_pair);
  EXPECT_EQ(reason(kMarket, 0), FailureReason::invalid_amount);
  EXPECT_EQ(reason(kMarket, -1), FailureReason::invalid_amount);
  EXPECT_EQ(reason(kMarket, Decimal::from_parts(1, 19)), FailureReason::invalid_amount);
  EXPECT_EQ(reason(kMarket, 100), FailureReason::no_liquidity);
  // A sale of a billionth of a billionth gives nothing.
  EXPECT_EQ(venue_->quote(kMarket, TradeType::sell, Decimal::from_parts(1, 18), 0).status().reason(),
            FailureReason::invalid_amount);
  EXPECT_EQ(venue_->quote(kMarket, TradeType::sell, 1, 1).status().reason(), FailureReason::invalid_price);
}

TEST_F(UniswapVenue, an_amount_that_gives_nothing_is_refused_before_it_becomes_no_limit) {
  // A V3 pool takes a unit of WETH for nothing; a limit of zero would let it.
  chain_.v2.clear();
  chain_.add_v3(kWeth, kUsdc, 500, 10, -198080, {{-199000, -197000, 30'000'000'000'000'000}});
  loaded();
  const Decimal unit = Decimal::from_parts(1, 18);
  EXPECT_EQ(venue_->quote(kMarket, TradeType::sell, unit, 0).status().reason(), FailureReason::invalid_amount);
  EXPECT_EQ(venue_->swap(order(TradeType::sell, unit)).status().reason(), FailureReason::invalid_amount);
  EXPECT_TRUE(venue_->swap(order(TradeType::buy, unit)).ok());
}

TEST_F(UniswapVenue, without_pools_there_is_no_liquidity) {
  chain_.v2.clear();
  EXPECT_EQ(loaded().quote(kMarket, TradeType::buy, 1, 0).status().reason(), FailureReason::no_liquidity);
  EXPECT_EQ(venue_->pool_fee(kMarket), Decimal(0));
  EXPECT_EQ(venue_->trading_rule(kMarket)->min_price_increment, Decimal::from_parts(1, 6));
  std::vector<evm::BookLevel> bids(1);
  std::vector<evm::BookLevel> asks(1);
  venue_->book(kMarket, bids, asks);
  EXPECT_TRUE(bids.empty() && asks.empty());
}

TEST_F(UniswapVenue, takes_the_way_over_a_third_token_where_that_is_better) {
  chain_.add_v2(kWeth, kDai, units("300", 18), units("750000", 18));
  chain_.add_v2(kUsdc, kDai, units("1000000", 6), units("1000000", 18));
  const auto sale = loaded().quote(kMarket, TradeType::sell, 1, 0);
  ASSERT_TRUE(sale.ok());
  EXPECT_EQ(sale->quote_amount.to_string(), "2470.671958");
  EXPECT_EQ(sale->route, "WETH > DAI (v2 0.3%) > USDC (v2 0.3%)");
  const auto purchase = venue_->quote(kMarket, TradeType::buy, 1, 0);
  ASSERT_TRUE(purchase.ok());
  EXPECT_EQ(purchase->quote_amount.to_string(), "2529.844227");
  EXPECT_EQ(purchase->route, "USDC > DAI (v2 0.3%) > WETH (v2 0.3%)");
}

TEST_F(UniswapVenue, buys_over_pools_of_one_version_only) {
  chain_.v2.clear();
  chain_.add_v2(kWeth, kDai, units("300", 18), units("750000", 18));
  // 1 DAI is 10^12 units for each unit of USDC: tick 276324.
  chain_.add_v3(kUsdc, kDai, 100, 1, 276324, {{276000, 276600, 1'000'000'000'000'000'000}});
  const auto sale = loaded().quote(kMarket, TradeType::sell, 1, 0);
  ASSERT_TRUE(sale.ok()) << sale.status().to_string();
  EXPECT_EQ(sale->route, "WETH > DAI (v2 0.3%) > USDC (v3 0.01%)");
  EXPECT_EQ(venue_->pool_fee(kMarket), Decimal::from_parts(30997, 7)) << "1 - 0.997 * 0.9999";
  EXPECT_EQ(venue_->quote(kMarket, TradeType::buy, 1, 0).status().reason(), FailureReason::no_liquidity);
}

TEST_F(UniswapVenue, a_market_order_carries_the_slippage_limit) {
  const auto sale = loaded().swap(order(TradeType::sell, 1));
  ASSERT_TRUE(sale.ok()) << sale.status().to_string();
  EXPECT_EQ(sale->to, address_at(kRouterText));
  EXPECT_EQ(sale->spender, address_at(kRouterText));
  EXPECT_EQ(sale->pays.symbol, "WETH");
  EXPECT_EQ(sale->pays_at_most, units("1", 18));
  EXPECT_EQ(sale->receives.symbol, "USDC");
  EXPECT_EQ(sale->receives_at_least, Uint256(2455555610));
  EXPECT_EQ(sale->quote.limit_amount.to_string(), "2455.555610");
  const auto purchase = venue_->swap(order(TradeType::buy, 1));
  ASSERT_TRUE(purchase.ok());
  EXPECT_EQ(purchase->pays.symbol, "USDC");
  EXPECT_EQ(purchase->pays_at_most, Uint256(2545515334));
  EXPECT_EQ(purchase->receives.symbol, "WETH");
  EXPECT_EQ(purchase->receives_at_least, units("1", 18));
  // swapTokensForExactTokens(10^18, 2545515334, [USDC, WETH], account) in multicall(deadline, ...): the two amounts
  // are the words behind the inner selector.
  const std::string data = evm::to_hex(purchase->data);
  EXPECT_EQ(data.substr(0, 10), "0x5ae401dc");
  const std::size_t inner = data.find("42712a67");
  ASSERT_NE(inner, std::string::npos);
  EXPECT_EQ(data.substr(inner + 8, 64), evm::to_hash32(units("1", 18)).to_string().substr(2));
  EXPECT_EQ(data.substr(inner + 72, 64), evm::to_hash32(Uint256(2545515334)).to_string().substr(2));
}

TEST_F(UniswapVenue, a_limit_order_carries_its_price) {
  evm::SwapOrder purchase = order(TradeType::buy, 1);
  purchase.limit_price = Decimal::from_parts(2600, 0);
  const auto bought = loaded().swap(purchase);
  ASSERT_TRUE(bought.ok());
  EXPECT_EQ(bought->pays_at_most, units("2600", 6));
  EXPECT_EQ(bought->quote.quote_amount.to_string(), "2532.851079");
  EXPECT_EQ(bought->quote.limit_amount, Decimal(2600));
  // To the unit.
  purchase.limit_price = Decimal::from_parts(2532851079, 6);
  EXPECT_TRUE(venue_->swap(purchase).ok());
  purchase.limit_price = Decimal::from_parts(2532851078, 6);
  const auto missed = venue_->swap(purchase);
  EXPECT_EQ(missed.status().code(), StatusCode::denied);
  EXPECT_EQ(missed.status().reason(), FailureReason::not_filled);
  EXPECT_THAT(missed.status().message(), HasSubstr("2532.851079"));
  evm::SwapOrder sale = order(TradeType::sell, 1);
  sale.limit_price = Decimal::from_parts(2467895085, 6);
  EXPECT_EQ(venue_->swap(sale)->receives_at_least, Uint256(2467895085));
  sale.limit_price = Decimal::from_parts(2467895086, 6);
  EXPECT_EQ(venue_->swap(sale).status().reason(), FailureReason::not_filled);
  for (const Decimal& nothing : {Decimal(0), Decimal(-1)}) {
    sale.limit_price = nothing;
    EXPECT_EQ(venue_->swap(sale).status().reason(), FailureReason::invalid_price);
  }
}

TEST_F(UniswapVenue, a_swap_needs_an_account_and_an_amount) {
  loaded();
  evm::SwapOrder nobody = order(TradeType::buy, 1);
  nobody.account = {};
  EXPECT_EQ(venue_->swap(nobody).status().code(), StatusCode::denied);
  EXPECT_EQ(venue_->swap(order(TradeType::buy, 0)).status().reason(), FailureReason::invalid_amount);
  EXPECT_EQ(venue_->swap(order(TradeType::buy, 1000)).status().reason(), FailureReason::no_liquidity);
}

TEST_F(UniswapVenue, logs_move_the_pools_they_are_of) {
  const Address pool = chain_.add_v3(kWeth, kUsdc, 3000, 60, -198080, {{-198180, -198000, 1000}});
  loaded();
  const Address stranger = address_at("0x00000000000000000000000000000000000000f9");
  const std::vector logs = {
      sync(stranger, 1, 1, 1),
      make_log(pool, kTransferTopic, {1, 2}, {3}, 2),  // no event of a pool
      sync(pair_, units("100", 18), units("300000", 6), 3),
  };
  ASSERT_TRUE(venue_->apply_logs(logs).ok());
  EXPECT_EQ(venue_->quote(kMarket, TradeType::sell, Decimal::from_parts(1, 2), 0)->price.to_string().substr(0, 4),
            "2990");
  // A position of much liquidity makes the other pool the better one, and its end the worse one again.
  const Uint256 lower = FakeChain::signed_word(-198180);
  const Uint256 upper = FakeChain::signed_word(-198000);
  ASSERT_TRUE(venue_
                  ->apply_logs(std::vector{sync(pair_, units("100", 18), units("200000", 6), 1),
                                           make_log(pool, kMintTopic, {5, lower, upper}, {9, units("1", 18), 1, 1}, 2)})
                  .ok());
  EXPECT_THAT(venue_->quote(kMarket, TradeType::sell, Decimal::from_parts(1, 2), 0)->route, HasSubstr("v3"));
  ASSERT_TRUE(
      venue_->apply_logs(std::vector{make_log(pool, kBurnTopic, {5, lower, upper}, {units("1", 18), 1, 1}, 7)}).ok());
  EXPECT_THAT(venue_->quote(kMarket, TradeType::sell, Decimal::from_parts(1, 2), 0)->route, HasSubstr("v2"));
  EXPECT_TRUE(venue_->loaded());
}

TEST_F(UniswapVenue, logs_that_cannot_follow_void_the_state) {
  const Address pool = chain_.add_v3(kWeth, kUsdc, 3000, 60, -198080, {{-198180, -198000, 1000}});
  evm::rpc::Log removed = sync(pair_, 1000, 1000);
  removed.removed = true;
  evm::rpc::Log cut = sync(pair_, 1000, 1000);
  cut.data.pop_back();
  evm::rpc::Log elsewhere = sync(pair_, 1000, 1000, 2);
  elsewhere.block_hash.bytes[0] = 1;
  const Uint256 price = sqrt_ratio_at_tick(-198060);
  const Uint256 tick = FakeChain::signed_word(-198060);
  const Uint256 lower = FakeChain::signed_word(-198180);
  const Uint256 upper = FakeChain::signed_word(-198000);
  const std::vector<std::vector<evm::rpc::Log>> cases = {
      {removed},
      {cut},
      {sync(pair_, Uint256(1) << 112U, 1)},
      {sync(pair_, 5, 5, 1), sync(pair_, 6, 6, 1)},
      {sync(pair_, 5, 5, 2), sync(pair_, 6, 6, 1)},
      {sync(pair_, 5, 5, 1), elsewhere},
      // The pool's liquidity between these ticks is 1000.
      {make_log(pool, kSwapTopic, {1, 2}, {5, 5, price, 999, tick})},
      {make_log(pool, kSwapTopic, {1, 2}, {5, 5, price, 1000, FakeChain::signed_word(-198059)})},
      {make_log(pool, kBurnTopic, {5, lower, upper}, {1001, 1, 1})},
      {make_log(pool, kMintTopic, {5, lower, Uint256(7)}, {9, 5, 1, 1})},
      {make_log(pool, kInitializeTopic, {}, {price, tick})},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    loaded();
    const Status status = venue_->apply_logs(cases[i]);
    EXPECT_EQ(status.code(), StatusCode::malformed) << i;
    EXPECT_FALSE(venue_->loaded()) << i;
    EXPECT_EQ(venue_->quote(kMarket, TradeType::sell, 1, 0).status().reason(), FailureReason::not_ready);
    EXPECT_NE(venue_->trading_rule(kMarket), nullptr) << "rules stay readable";
  }
  EXPECT_FALSE(venue_->apply_logs({}).ok()) << "there is no state to apply to";
}

TEST_F(UniswapVenue, a_new_pool_of_its_tokens_asks_for_a_new_loading) {
  loaded();
  const auto made = [&](const Address& a, const Address& b, int fee) {
    return std::vector{make_log(chain_.v3_factory, kPoolCreatedTopic,
                                {FakeChain::as_word(a), FakeChain::as_word(b), Uint256(fee)}, {60, 5})};
  };
  const Address other = address_at("0x00000000000000000000000000000000000000f9");
  EXPECT_TRUE(venue_->apply_logs(made(other, kUsdc, 3000)).ok());
  EXPECT_TRUE(venue_->apply_logs(made(kWeth, kUsdc, 2500)).ok()) << "a fee that is not looked for";
  EXPECT_EQ(venue_->apply_logs(made(kWeth, kDai, 3000)).code(), StatusCode::unavailable);
  EXPECT_FALSE(venue_->loaded());
  loaded();
  const std::vector pair_made = {
      make_log(chain_.v2_factory, kPairCreatedTopic, {FakeChain::as_word(kUsdc), FakeChain::as_word(kDai)}, {5, 6})};
  EXPECT_EQ(venue_->apply_logs(pair_made).code(), StatusCode::unavailable);
}

TEST_F(UniswapVenue, the_book_promises_what_the_pools_give) {
  chain_.add_v3(kWeth, kUsdc, 500, 10, -198080, {{-199000, -197000, 30'000'000'000'000'000}});
  loaded();
  std::vector<evm::BookLevel> bids;
  std::vector<evm::BookLevel> asks;
  venue_->book(kMarket, bids, asks);
  ASSERT_EQ(bids.size(), 20U);
  ASSERT_EQ(asks.size(), 20U);
  EXPECT_LT(bids[0].price, asks[0].price);
  const auto check = [&](const std::vector<evm::BookLevel>& levels, TradeType side) {
    Decimal amount = 0;
    Decimal worth = 0;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      if (i > 0) {
        EXPECT_TRUE(side == TradeType::sell ? levels[i].price < levels[i - 1].price
                                            : levels[i].price > levels[i - 1].price);
      }
      EXPECT_TRUE(levels[i].amount.is_positive());
      amount += levels[i].amount;
      worth += levels[i].amount * levels[i].price;
      const auto quote = venue_->quote(kMarket, side, amount, 0);
      ASSERT_TRUE(quote.ok()) << quote.status().to_string();
      EXPECT_TRUE(side == TradeType::sell ? quote->quote_amount >= worth : quote->quote_amount <= worth) << i;
    }
    // It reaches to a price that is a few percent worse, and not further.
    const Decimal ratio = divide(levels.back().price, levels.front().price, 4);
    EXPECT_GT((ratio - 1).abs(), Decimal::from_parts(2, 2));
    EXPECT_LT((ratio - 1).abs(), Decimal::from_parts(12, 2));
  };
  check(bids, TradeType::sell);
  check(asks, TradeType::buy);
}

TEST_F(UniswapVenue, the_sides_of_the_book_do_not_cross_where_pools_disagree) {
  // The pool asks 2500 and the pair bids 2600.
  chain_.v2[pair_].reserve1 = units("260000", 6);
  chain_.add_v3(kWeth, kUsdc, 500, 10, -198080, {{-199000, -197000, 30'000'000'000'000'000}});
  loaded();
  std::vector<evm::BookLevel> bids;
  std::vector<evm::BookLevel> asks;
  venue_->book(kMarket, bids, asks);
  ASSERT_FALSE(bids.empty() || asks.empty());
  EXPECT_LT(bids[0].price, asks[0].price);
  EXPECT_GT(bids[0].price, Decimal(2550)) << "the better bid is shown";
}

TEST_F(UniswapVenue, reads_fills_and_reverts_also_while_it_loads) {
  venue_ = make_or_fail();
  const Address pool = pair_;
  evm::rpc::Receipt receipt;
  receipt.logs = {
      make_log(kWeth, kTransferTopic, {FakeChain::as_word(kAccount), FakeChain::as_word(pool)}, {units("1", 18)}),
      make_log(kUsdc, kTransferTopic, {FakeChain::as_word(pool), FakeChain::as_word(kAccount)}, {2467895085})};
  EXPECT_EQ(venue_->fill_of(kMarket, TradeType::sell, kAccount, receipt).status().reason(), FailureReason::not_ready);
  loaded();
  static_cast<void>(venue_->begin_load());
  EXPECT_FALSE(venue_->loaded());
  const auto fill = venue_->fill_of(kMarket, TradeType::sell, kAccount, receipt);
  ASSERT_TRUE(fill.ok()) << fill.status().to_string();
  EXPECT_EQ(fill->quote_amount.to_string(), "2467.895085");
  EXPECT_EQ(
      venue_->fill_of(TradingPair::from_assets("DAI", "USDC"), TradeType::sell, kAccount, receipt).status().reason(),
      FailureReason::unknown_trading_pair);
  EXPECT_EQ(venue_->explain_revert({}).reason(), FailureReason::reverted);
  EXPECT_EQ(venue_->name(), "uniswap");
}

}  // namespace
}  // namespace calypte::connector::uniswap
