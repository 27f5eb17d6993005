#include "connector/protocol/uniswap/uniswap_reverts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "uniswap_fake_chain.hpp"

namespace calypte::connector::uniswap {
namespace {

/// Error(string), put together by hand: selector, offset, length, text.
evm::ByteString error_text(std::string_view text) {
  evm::ByteString data = {0x08, 0xc3, 0x79, 0xa0};
  evm::append(data, evm::to_word(Uint256(32)));
  evm::append(data, evm::to_word(Uint256(text.size())));
  evm::append(data, evm::as_bytes(text));
  data.resize(data.size() + (32 - text.size() % 32) % 32);
  return data;
}

TEST(UniswapReverts, texts_of_the_contracts_have_their_reasons) {
  const std::vector<std::pair<std::string_view, FailureReason>> cases = {
      {"Too little received", FailureReason::slippage},
      {"Too much requested", FailureReason::slippage},
      {"SPL", FailureReason::slippage},
      {"UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT", FailureReason::slippage},
      {"Transaction too old", FailureReason::deadline},
      {"UniswapV2Router: EXPIRED", FailureReason::deadline},
      {"STF", FailureReason::insufficient_allowance},
      {"TransferHelper: TRANSFER_FROM_FAILED", FailureReason::insufficient_allowance},
      {"ERC20: transfer amount exceeds allowance", FailureReason::insufficient_allowance},
      {"ERC20: insufficient allowance", FailureReason::insufficient_allowance},
      {"ERC20: transfer amount exceeds balance", FailureReason::insufficient_balance},
      {"UniswapV2: INSUFFICIENT_LIQUIDITY", FailureReason::no_liquidity},
      {"INSUFFICIENT_OUTPUT_AMOUNT", FailureReason::invalid_amount},
      {"AS", FailureReason::invalid_amount},
      {"UniswapV2: K", FailureReason::reverted},
      {"IIA", FailureReason::reverted},
      {"TF", FailureReason::reverted},
  };
  for (const auto& [text, reason] : cases) {
    const Status status = explain_uniswap_revert(error_text(text));
    EXPECT_EQ(status.code(), StatusCode::rejected) << text;
    EXPECT_EQ(status.reason(), reason) << text;
    EXPECT_EQ(status.venue_code(), text);
    EXPECT_FALSE(status.message().empty());
    EXPECT_NE(status.message(), "reverted: " + std::string(text)) << "is explained";
  }
}

TEST(UniswapReverts, errors_of_newer_tokens_are_known_by_their_signature) {
  // ERC20InsufficientAllowance(address,uint256,uint256) is 0xfb8f41b2, ERC20InsufficientBalance 0xe450d38c.
  evm::ByteString data = {0xfb, 0x8f, 0x41, 0xb2};
  data.resize(4 + 96);
  EXPECT_EQ(explain_uniswap_revert(data).reason(), FailureReason::insufficient_allowance);
  data[0] = 0xe4;
  data[1] = 0x50;
  data[2] = 0xd3;
  data[3] = 0x8c;
  EXPECT_EQ(explain_uniswap_revert(data).reason(), FailureReason::insufficient_balance);
}

TEST(UniswapReverts, what_is_not_known_keeps_its_text) {
  const Status paused = explain_uniswap_revert(error_text("PAUSED"));
  EXPECT_EQ(paused.code(), StatusCode::rejected);
  EXPECT_EQ(paused.reason(), FailureReason::reverted);
  EXPECT_THAT(paused.message(), testing::HasSubstr("PAUSED"));
  EXPECT_EQ(explain_uniswap_revert({}).reason(), FailureReason::reverted);
  EXPECT_THAT(explain_uniswap_revert({}).message(), testing::HasSubstr("without a reason"));
  // A contract cannot pretend a reason by a text that only begins like one.
  EXPECT_EQ(explain_uniswap_revert(error_text("STF, said the token")).reason(), FailureReason::reverted);
  const evm::ByteString rubbish = {1, 2, 3};
  EXPECT_EQ(explain_uniswap_revert(rubbish).reason(), FailureReason::reverted);
}

}  // namespace
}  // namespace calypte::connector::uniswap
