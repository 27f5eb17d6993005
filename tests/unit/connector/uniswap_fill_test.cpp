#include "connector/protocol/uniswap/uniswap_fill.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "uniswap_fake_chain.hpp"

namespace calypte::connector::uniswap {
namespace {

const evm::Token kBase{"WETH", kWeth, 18};
const evm::Token kQuote{"USDC", kUsdc, 6};
const Address kPool = address_at("0x00000000000000000000000000000000000000f1");

evm::rpc::Log transfer(const Address& token, const Address& from, const Address& to, const Uint256& amount) {
  return make_log(token, kTransferTopic, {FakeChain::as_word(from), FakeChain::as_word(to)}, {amount});
}

evm::rpc::Receipt receipt_with(std::vector<evm::rpc::Log> logs) {
  evm::rpc::Receipt receipt;
  receipt.succeeded = true;
  receipt.logs = std::move(logs);
  return receipt;
}

TEST(UniswapFill, amounts_are_those_of_the_transfers) {
  const auto buy = read_fill(
      kBase, kQuote, TradeType::buy, kAccount,
      receipt_with({transfer(kWeth, kPool, kAccount, units("15", 17)), transfer(kUsdc, kAccount, kPool, 3751234567)}));
  ASSERT_TRUE(buy.ok()) << buy.status().to_string();
  EXPECT_EQ(buy->base_amount.normalized().to_string(), "1.5");
  EXPECT_EQ(buy->quote_amount.to_string(), "3751.234567");
  const auto sell = read_fill(
      kBase, kQuote, TradeType::sell, kAccount,
      receipt_with({transfer(kUsdc, kPool, kAccount, 2400000001), transfer(kWeth, kAccount, kPool, units("1", 18))}));
  ASSERT_TRUE(sell.ok());
  EXPECT_EQ(sell->base_amount, Decimal(1));
  EXPECT_EQ(sell->quote_amount.to_string(), "2400.000001");
}

TEST(UniswapFill, what_a_token_takes_for_itself_is_not_received) {
  // The pool sends 100 and the token burns one of them; and what comes back of a payment was not paid.
  const auto fill =
      read_fill(kBase, kQuote, TradeType::buy, kAccount,
                receipt_with({transfer(kWeth, kPool, kAccount, units("99", 18)),
                              transfer(kWeth, kPool, Address{}, units("1", 18)), transfer(kUsdc, kAccount, kPool, 1000),
                              transfer(kUsdc, kPool, kAccount, 1)}));
  ASSERT_TRUE(fill.ok());
  EXPECT_EQ(fill->base_amount, Decimal(99));
  EXPECT_EQ(fill->quote_amount, Decimal::from_parts(999, 6));
}

TEST(UniswapFill, other_tokens_accounts_and_events_do_not_count) {
  const Address other = address_at("0x00000000000000000000000000000000000000b0");
  evm::rpc::Log approval = transfer(kWeth, kAccount, kPool, units("7", 18));
  approval.topics[0].bytes[0] ^= 1;
  evm::rpc::Log collectible = transfer(kWeth, kPool, kAccount, 0);
  collectible.topics.push_back(evm::to_hash32(Uint256(5)));  // ERC-721 has the same event with a fourth topic
  collectible.data.clear();
  const auto fill =
      read_fill(kBase, kQuote, TradeType::buy, kAccount,
                receipt_with({approval, collectible, transfer(kDai, kPool, kAccount, 77),
                              transfer(kWeth, kPool, other, units("9", 18)), transfer(kWeth, kAccount, kAccount, 5),
                              transfer(kWeth, kPool, kAccount, units("2", 18)), transfer(kUsdc, kAccount, other, 3)}));
  ASSERT_TRUE(fill.ok());
  EXPECT_EQ(fill->base_amount, Decimal(2));
  EXPECT_EQ(fill->quote_amount, Decimal::from_parts(3, 6));
}

TEST(UniswapFill, a_receipt_that_shows_no_exchange_is_malformed) {
  const evm::rpc::Log received = transfer(kWeth, kPool, kAccount, 5);
  const evm::rpc::Log paid = transfer(kUsdc, kAccount, kPool, 7);
  evm::rpc::Log broken = paid;
  broken.data.push_back(0);
  const std::vector<std::vector<evm::rpc::Log>> cases = {
      {}, {received}, {paid}, {received, broken}, {received, transfer(kUsdc, kPool, kAccount, 7)}};
  for (const auto& logs : cases) {
    const auto fill = read_fill(kBase, kQuote, TradeType::buy, kAccount, receipt_with(logs));
    EXPECT_EQ(fill.status().code(), StatusCode::malformed);
  }
  EXPECT_TRUE(read_fill(kBase, kQuote, TradeType::buy, kAccount, receipt_with({received, paid})).ok());
  // The same logs are no sale.
  EXPECT_FALSE(read_fill(kBase, kQuote, TradeType::sell, kAccount, receipt_with({received, paid})).ok());
}

}  // namespace
}  // namespace calypte::connector::uniswap
