// The life of an order on a real chain: every scenario ends with what the chain says.
#include <filesystem>
#include <gmock/gmock.h>

#include "chain/trader.hpp"
#include "evm/amount.hpp"

namespace calypte::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kFailure = "MarketOrderFailureEvent";
constexpr std::string_view kCompleted = "BuyOrderCompletedEvent";
constexpr std::string_view kLife = "BuyOrderCreatedEvent OrderFilledEvent BuyOrderCompletedEvent";
const evm::Uint256 kPlenty = evm::Uint256(1) << 100U;
constexpr std::uint64_t kGwei = 1'000'000'000;

class ChainOrders : public ChainTest, public testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    ChainTest::SetUp();
    for (const auto symbol : {"WETH", "USDC"}) {
      chain().approve(symbol, owner(), chain().contract("swap_router_02"), kPlenty);
    }
  }
  static const std::string& owner() { return Trader::owner(chain()).address; }
  /// What the connector says it holds is what the chain says, and every fill that counts is in it.
  void expect_same_as_chain(Trader& trader) {
    ASSERT_TRUE(trader.catch_up());
    const auto decimal = [](const evm::Uint256& units, int decimals) {
      return evm::to_decimal(units, decimals).value();
    };
    const auto coins = decimal(chain().coins(owner()), 18);
    const auto weth = decimal(chain().balance("WETH", owner()), 18);
    const auto usdc = decimal(chain().balance("USDC", owner()), 6);
    EXPECT_TRUE(trader.wait([&](Protocol& p) {
      return p.balance("ETH") == coins && p.balance("WETH") == weth && p.balance("USDC") == usdc;
    })) << "ETH "
        << coins.to_string() << " WETH " << weth.to_string() << " USDC " << usdc.to_string();
  }
  /// Somebody with more to offer buys WETH first, so that it is dearer in the same block.
  void buy_before_others(std::uint64_t usdc) {
    const auto& other = chain().account(5).address;
    chain().send(other, chain().contract("swap_router_02"),
                 chain_call("0x04e45aaf", {chain().token("USDC").address, chain().token("WETH").address, 500, other,
                                           evm::Uint256(usdc) * 1'000'000, 0, 0}),
                 {.gas = 5'000'000, .max_fee = 900 * kGwei, .tip = 500 * kGwei});
  }
};

TEST_P(ChainOrders, GB_01_GB_07_GB_08_a_buy_is_filled_when_its_block_is_deep_enough_with_what_the_chain_exchanged) {
  chain().set_mining(false);
  Trader trader(chain());
  trader.begin_trading();
  const auto weth_before = chain().balance("WETH", owner());
  const auto usdc_before = chain().balance("USDC", owner());
  const auto id = trader.buy("0.5"_dec);
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  EXPECT_EQ(trader.story(id), "BuyOrderCreatedEvent");
  chain().mine();
  ASSERT_TRUE(trader.catch_up());
  EXPECT_EQ(trader.story(id), "BuyOrderCreatedEvent") << "one block is not two";
  chain().mine();
  ASSERT_TRUE(trader.wait_for_story(id, kCompleted)) << trader.trouble();
  EXPECT_EQ(trader.story(id), kLife);
  const auto fills = trader.heard<OrderFilledEvent>();
  ASSERT_THAT(fills, SizeIs(1));
  EXPECT_EQ(fills[0].amount, "0.5"_dec);
  EXPECT_EQ(evm::to_units(fills[0].amount, 18).value(), chain().balance("WETH", owner()) - weth_before);
  EXPECT_EQ(evm::to_units(fills[0].quote_amount, 6).value(), usdc_before - chain().balance("USDC", owner()));
  const auto receipt = chain().receipt(trader.transaction_of(id));
  ASSERT_TRUE(receipt);
  ASSERT_THAT(fills[0].trade_fee.flat_fees, SizeIs(1));
  EXPECT_EQ(fills[0].trade_fee.flat_fees[0].token, "ETH");
  EXPECT_EQ(evm::to_units(fills[0].trade_fee.flat_fees[0].amount, 18).value(), receipt->gas_used * receipt->gas_price);
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, GB_02_a_sell_and_a_limit_order_carry_their_bounds_to_the_chain) {
  Trader trader(chain(), [](ProtocolConfig& c) { c.confirmations = 1; });
  trader.begin_trading();
  const auto sold = trader.sell("1.25"_dec);
  ASSERT_TRUE(trader.wait_for_story(sold, "SellOrderCompletedEvent")) << trader.trouble();
  const auto quote = trader.call([](Protocol& p) { return p.quote(Trader::pair(), TradeType::buy, "0.1"_dec); });
  ASSERT_TRUE(quote.ok());
  const auto good = trader.call(
      [&](Protocol& p) { return p.buy(Trader::pair(), "0.1"_dec, OrderType::limit, quote->price * "1.01"_dec); });
  const auto bad = trader.call(
      [&](Protocol& p) { return p.buy(Trader::pair(), "0.1"_dec, OrderType::limit, quote->price * "0.9"_dec); });
  ASSERT_TRUE(trader.wait_for_story(good, kCompleted)) << trader.trouble();
  ASSERT_TRUE(trader.wait_for_story(bad, kFailure));
  EXPECT_EQ(trader.story(bad), kFailure) << "nothing is signed for a price that the quote does not reach";
  EXPECT_EQ(trader.heard<MarketOrderFailureEvent>().back().code, StatusCode::denied);
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, N33_slippage_fails_the_order_with_its_reason_and_the_fee_that_was_paid) {
  chain().set_mining(false);
  chain().approve("USDC", chain().account(5).address, chain().contract("swap_router_02"), kPlenty);
  Trader trader(chain());
  trader.begin_trading();
  const auto id = trader.buy("0.5"_dec, {.swap = {.slippage = "0.001"_dec}});
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  buy_before_others(3'000'000);
  chain().mine(2);
  ASSERT_TRUE(trader.wait_for_story(id, kFailure)) << trader.trouble();
  const auto failure = trader.heard<MarketOrderFailureEvent>().back();
  EXPECT_EQ(failure.reason, FailureReason::slippage) << failure.error_message;
  const auto fees = trader.heard<NetworkFeeEvent>();
  ASSERT_THAT(fees, SizeIs(1));
  const auto receipt = chain().receipt(fees[0].transaction.value);
  ASSERT_TRUE(receipt);
  EXPECT_FALSE(receipt->succeeded);
  EXPECT_EQ(evm::to_units(fees[0].amount, 18).value(), receipt->gas_used * receipt->gas_price);
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, an_order_whose_time_is_over_when_it_is_mined_has_expired) {
  chain().set_mining(false);
  Trader trader(chain());
  trader.begin_trading();
  const auto id = trader.buy("0.5"_dec, {.swap = {.time_limit = 30s}});
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  chain().set_next_timestamp(chain().block_timestamp() + 3600);
  chain().mine(2);
  ASSERT_TRUE(trader.wait_for_story(id, "OrderExpiredEvent")) << trader.trouble();
  EXPECT_THAT(trader.heard<NetworkFeeEvent>(), SizeIs(1));
  EXPECT_THAT(trader.heard<OrderFilledEvent>(), IsEmpty());
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, N31_an_order_that_is_never_mined_expires_and_its_nonce_is_taken_back) {
  chain().set_mining(false);
  Trader trader(chain());
  trader.begin_trading();
  const auto nonce = chain().nonce(owner());
  const auto id = trader.buy("0.5"_dec, {.swap = {.time_limit = 30s}});
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  ASSERT_TRUE(chain().drop(trader.transaction_of(id)));
  chain().set_next_timestamp(chain().block_timestamp() + 3600);
  chain().mine(2);
  ASSERT_TRUE(trader.wait_for_story(id, "OrderExpiredEvent")) << trader.trouble();
  // What takes the nonce back goes out by itself.
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (chain().nonce(owner()) == nonce && std::chrono::steady_clock::now() < deadline) chain().mine();
  EXPECT_EQ(chain().nonce(owner()), nonce + 1);
  EXPECT_THAT(trader.heard<OrderFilledEvent>(), IsEmpty());
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, a_cancellation_takes_the_nonce_and_costs_its_fee) {
  chain().set_mining(false);
  Trader trader(chain());
  trader.begin_trading();
  const auto id = trader.buy("0.5"_dec);
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  const auto swap = trader.transaction_of(id);
  EXPECT_TRUE(trader.call([&](Protocol& p) { return p.cancel(id); }).ok());
  EXPECT_TRUE(trader.wait(
      [&](Protocol&) { return chain().request("eth_getTransactionByHash", "[\"" + swap + "\"]") == "null"; }));
  chain().mine(2);
  ASSERT_TRUE(trader.wait_for_story(id, "OrderCancelledEvent")) << trader.trouble();
  EXPECT_THAT(trader.heard<NetworkFeeEvent>(), SizeIs(1));
  EXPECT_THAT(trader.heard<OrderFilledEvent>(), IsEmpty());
  expect_same_as_chain(trader);

  // The chain changes its mind: the cancellation is gone, and the swap is mined instead.
  // (The node has forgotten the swap; its bytes come from who signed it.)
}

TEST_P(ChainOrders, H_53_filled_after_it_was_cancelled) {
  chain().set_mining(false);
  Trader trader(chain(), [](ProtocolConfig& c) { c.confirmations = 1; });
  trader.begin_trading();
  const auto id = trader.buy("0.5"_dec);
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  const std::string raw = chain().raw_transaction(trader.transaction_of(id));
  EXPECT_TRUE(trader.call([&](Protocol& p) { return p.cancel(id); }).ok());
  std::this_thread::sleep_for(200ms);
  chain().mine();
  ASSERT_TRUE(trader.wait_for_story(id, "OrderCancelledEvent")) << trader.trouble();
  chain().reorganise(1, {{raw, 0}});
  ASSERT_TRUE(trader.wait_for_story(id, "OrderFilledEvent")) << trader.trouble();
  const auto fills = trader.heard<OrderFilledEvent>();
  ASSERT_THAT(fills, SizeIs(1));
  EXPECT_TRUE(fills[0].late);
  EXPECT_EQ(trader.story(id), "BuyOrderCreatedEvent NetworkFeeEvent OrderCancelledEvent OrderFilledEvent");
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, a_cancellation_that_comes_too_late_changes_nothing) {
  Trader trader(chain());
  trader.begin_trading();
  const auto id = trader.buy("0.5"_dec);
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  const auto mined = [&](Protocol& p) { return p.explain(id).find("in block") != std::string::npos; };
  ASSERT_TRUE(trader.wait(mined)) << trader.trouble();
  EXPECT_EQ(trader.call([&](Protocol& p) { return p.cancel(id); }).code(), StatusCode::denied);
  chain().mine();
  ASSERT_TRUE(trader.wait_for_story(id, kCompleted)) << trader.trouble();
  EXPECT_EQ(trader.call([&](Protocol& p) { return p.cancel(id); }).code(), StatusCode::denied);
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, H_40_a_dearer_copy_is_the_same_order) {
  chain().set_mining(false);
  Trader trader(chain());
  trader.begin_trading();
  const auto nonce = chain().nonce(owner());
  const auto id = trader.buy("0.5"_dec);
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  const auto first = trader.transaction_of(id);
  EXPECT_TRUE(trader.call([&](Protocol& p) { return p.speed_up(id); }).ok());
  std::this_thread::sleep_for(200ms);
  chain().mine(2);
  ASSERT_TRUE(trader.wait_for_story(id, kCompleted)) << trader.trouble();
  EXPECT_EQ(trader.story(id), kLife);
  EXPECT_FALSE(chain().receipt(first)) << "the first one was replaced";
  EXPECT_EQ(chain().nonce(owner()), nonce + 1);
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, H_40_N32_one_that_the_node_dropped_is_given_to_it_again) {
  chain().set_mining(false);
  Trader trader(chain());
  trader.begin_trading();
  const auto id = trader.buy("0.5"_dec);
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  ASSERT_TRUE(chain().drop(trader.transaction_of(id)));
  chain().mine(3);
  ASSERT_TRUE(trader.catch_up());
  EXPECT_EQ(trader.story(id), "BuyOrderCreatedEvent") << "not seen is not gone";
  const auto waiting = [&] { return chain().nonce(owner(), true) > chain().nonce(owner()); };
  EXPECT_TRUE(trader.wait([&](Protocol&) { return waiting(); }, 20s));
  chain().mine(2);
  ASSERT_TRUE(trader.wait_for_story(id, kCompleted)) << trader.trouble();
  EXPECT_EQ(trader.story(id), kLife);
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, H_41_N31_several_in_flight_have_nonces_and_receipts_of_their_own) {
  chain().set_mining(false);
  Trader trader(chain());
  trader.begin_trading();
  const auto nonce = chain().nonce(owner());
  std::vector<ClientOrderId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(trader.buy("0.1"_dec));
  for (const auto& id : ids) ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  EXPECT_EQ(chain().nonce(owner(), true), nonce + 5);
  chain().mine(2);
  for (const auto& id : ids) ASSERT_TRUE(trader.wait_for_story(id, kCompleted)) << trader.trouble();
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, N31_a_nonce_that_a_stranger_spent_fails_the_order_once_that_is_deep_enough) {
  chain().set_mining(false);
  Trader trader(chain());
  trader.begin_trading();
  const auto nonce = chain().nonce(owner());
  const auto id = trader.buy("0.5"_dec);
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  chain().send(owner(), owner(), "0x", {.gas = 21'000, .max_fee = 900 * kGwei, .tip = 500 * kGwei, .nonce = nonce});
  chain().mine(4);
  ASSERT_TRUE(trader.wait_for_story(id, kFailure)) << trader.trouble();
  EXPECT_EQ(trader.heard<MarketOrderFailureEvent>().back().reason, FailureReason::replaced);
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, N32_a_fill_that_a_reorganisation_takes_back_is_told_and_so_is_its_return) {
  chain().set_mining(false);
  Trader trader(chain(), [](ProtocolConfig& c) { c.confirmations = 1; });
  trader.begin_trading();
  const auto id = trader.buy("0.5"_dec);
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  const std::string raw = chain().raw_transaction(trader.transaction_of(id));
  chain().mine();
  ASSERT_TRUE(trader.wait_for_story(id, kCompleted)) << trader.trouble();
  chain().reorganise(1);
  ASSERT_TRUE(trader.wait_for_story(id, "OrderFillRevokedEvent")) << trader.trouble();
  expect_same_as_chain(trader);
  chain().reorganise(1, {{raw, 0}});
  ASSERT_TRUE(trader.wait([&](Protocol&) { return true; }));
  ASSERT_TRUE(trader.wait_for_story(id, "OrderFillRevokedEvent"));
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (trader.heard<OrderFillRevokedEvent>().size() < 2 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(20ms);
  }
  const auto revoked = trader.heard<OrderFillRevokedEvent>();
  ASSERT_THAT(revoked, SizeIs(2)) << trader.trouble();
  EXPECT_FALSE(revoked[0].reinstated);
  EXPECT_TRUE(revoked[1].reinstated);
  EXPECT_EQ(revoked[0].amount, "0.5"_dec);
  EXPECT_THAT(trader.heard<OrderFilledEvent>(), SizeIs(1)) << "the fill is told once";
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, GB_06_N32_a_fill_that_a_reorganisation_moves_before_it_was_deep_enough_is_told_once) {
  chain().set_mining(false);
  Trader trader(chain());
  trader.begin_trading();
  const auto id = trader.buy("0.5"_dec);
  ASSERT_TRUE(trader.wait_for_story(id, "BuyOrderCreatedEvent")) << trader.trouble();
  const std::string raw = chain().raw_transaction(trader.transaction_of(id));
  chain().mine();
  ASSERT_TRUE(trader.catch_up());
  chain().reorganise(1);
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(trader.story(id), "BuyOrderCreatedEvent");
  chain().mine();
  chain().reorganise(1, {{raw, 0}});
  chain().mine(2);
  ASSERT_TRUE(trader.wait_for_story(id, kCompleted)) << trader.trouble();
  EXPECT_EQ(trader.story(id), kLife);
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, blocks_by_the_clock) {
  chain().set_mining(false);
  chain().set_block_time(1s);
  Trader trader(chain());
  trader.begin_trading();
  const auto id = trader.buy("0.5"_dec);
  ASSERT_TRUE(trader.wait_for_story(id, kCompleted)) << trader.trouble();
  chain().set_block_time(0s);
  EXPECT_EQ(trader.story(id), kLife);
  expect_same_as_chain(trader);
}

TEST_P(ChainOrders, H_18_H_40_a_new_process_finds_its_transactions_and_sends_nothing_twice) {
  chain().set_mining(false);
  const auto folder = std::filesystem::temp_directory_path() / ("calypte-chain-" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  const auto journalled = [&](ProtocolConfig& c) { c.journal = {.folder = folder.string(), .history = "none"}; };
  const auto nonce = chain().nonce(owner());
  ClientOrderId mined_meanwhile;
  ClientOrderId still_waiting;
  {
    Trader trader(chain(), journalled);
    trader.begin_trading();
    mined_meanwhile = trader.buy("0.5"_dec);
    ASSERT_TRUE(trader.wait_for_story(mined_meanwhile, "BuyOrderCreatedEvent")) << trader.trouble();
  }
  chain().mine();
  {
    Trader trader(chain(), journalled);
    trader.begin_trading();
    still_waiting = trader.buy("0.25"_dec);
    ASSERT_TRUE(trader.wait_for_story(still_waiting, "BuyOrderCreatedEvent")) << trader.trouble();
    EXPECT_EQ(trader.story(mined_meanwhile), "") << "one block is not two";
  }
  chain().mine(2);
  Trader trader(chain(), journalled);
  trader.begin_trading();
  ASSERT_TRUE(trader.wait_for_story(mined_meanwhile, kCompleted)) << trader.trouble();
  ASSERT_TRUE(trader.wait_for_story(still_waiting, kCompleted)) << trader.trouble();
  EXPECT_EQ(trader.story(mined_meanwhile), "OrderFilledEvent BuyOrderCompletedEvent");
  EXPECT_EQ(trader.story(still_waiting), "OrderFilledEvent BuyOrderCompletedEvent");
  EXPECT_EQ(chain().nonce(owner(), true), nonce + 2);
  expect_same_as_chain(trader);
  trader.end();
  std::filesystem::remove_all(folder);
}

TEST_P(ChainOrders, N31_a_gap_in_front_of_a_transaction_is_closed_by_the_one_that_is_missing) {
  chain().set_mining(false);
  Trader trader(chain());
  trader.begin_trading();
  const auto first = trader.buy("0.1"_dec);
  ASSERT_TRUE(trader.wait_for_story(first, "BuyOrderCreatedEvent")) << trader.trouble();
  const auto second = trader.buy("0.2"_dec);
  ASSERT_TRUE(trader.wait_for_story(second, "BuyOrderCreatedEvent")) << trader.trouble();
  ASSERT_TRUE(chain().drop(trader.transaction_of(first)));
  chain().mine(3);
  ASSERT_TRUE(trader.catch_up());
  EXPECT_EQ(trader.story(first), "BuyOrderCreatedEvent");
  EXPECT_EQ(trader.story(second), "BuyOrderCreatedEvent") << "the chain waits for the nonce before";
  const auto mined = [&] { return chain().nonce(owner()); };
  const auto before = mined();
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (mined() < before + 2 && std::chrono::steady_clock::now() < deadline) {
    chain().mine();
    std::this_thread::sleep_for(200ms);
  }
  chain().mine(2);
  ASSERT_TRUE(trader.wait_for_story(first, kCompleted)) << trader.trouble();
  ASSERT_TRUE(trader.wait_for_story(second, kCompleted)) << trader.trouble();
  expect_same_as_chain(trader);
}

INSTANTIATE_TEST_SUITE_P(Venues, ChainOrders, testing::Values("uniswap"), [](const auto& test) { return test.param; });

}  // namespace
}  // namespace calypte::test
