#include "connector/protocol/uniswap/uniswap_reverts.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "evm/revert_reason.hpp"

namespace calypte::connector::uniswap {
namespace {

struct RevertMeaning {
  std::string_view said;  ///< the whole text
  FailureReason reason;
  std::string_view meaning;
};

// Texts of SwapRouter02, of the pools of both versions with their libraries, and of common tokens. What reverts without
// a text is explained by nobody.
constexpr std::array kMeanings = {
    RevertMeaning{"Too little received", FailureReason::slippage, "less than the limit would have been received"},
    RevertMeaning{"Too much requested", FailureReason::slippage, "more than the limit would have been paid"},
    RevertMeaning{"UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT", FailureReason::slippage,
                  "less than the limit would have been received"},
    RevertMeaning{"UniswapV2Router: EXCESSIVE_INPUT_AMOUNT", FailureReason::slippage,
                  "more than the limit would have been paid"},
    RevertMeaning{"SPL", FailureReason::slippage, "the price is beyond the limit"},
    RevertMeaning{"Transaction too old", FailureReason::deadline, "it was mined after its deadline"},
    RevertMeaning{"UniswapV2Router: EXPIRED", FailureReason::deadline, "it was mined after its deadline"},
    RevertMeaning{"STF", FailureReason::insufficient_allowance,
                  "the token refused to pay the pool: the allowance or the balance is too small"},
    RevertMeaning{"TransferHelper: TRANSFER_FROM_FAILED", FailureReason::insufficient_allowance,
                  "the token refused to pay the pool: the allowance or the balance is too small"},
    RevertMeaning{"TransferHelper::transferFrom: transferFrom failed", FailureReason::insufficient_allowance,
                  "the token refused to pay the pool: the allowance or the balance is too small"},
    RevertMeaning{"ERC20: insufficient allowance", FailureReason::insufficient_allowance, "the allowance is too small"},
    RevertMeaning{"ERC20: transfer amount exceeds allowance", FailureReason::insufficient_allowance,
                  "the allowance is too small"},
    RevertMeaning{"ERC20InsufficientAllowance(address,uint256,uint256)", FailureReason::insufficient_allowance,
                  "the allowance is too small"},
    RevertMeaning{"ERC20: transfer amount exceeds balance", FailureReason::insufficient_balance,
                  "the balance is too small"},
    RevertMeaning{"ERC20InsufficientBalance(address,uint256,uint256)", FailureReason::insufficient_balance,
                  "the balance is too small"},
    RevertMeaning{"UniswapV2: INSUFFICIENT_LIQUIDITY", FailureReason::no_liquidity, "the pair cannot give that much"},
    RevertMeaning{"UniswapV2Library: INSUFFICIENT_LIQUIDITY", FailureReason::no_liquidity, "the pair is empty"},
    RevertMeaning{"UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT", FailureReason::invalid_amount,
                  "the amount is too small to give anything"},
    RevertMeaning{"INSUFFICIENT_OUTPUT_AMOUNT", FailureReason::invalid_amount, "the amount is zero"},
    RevertMeaning{"INSUFFICIENT_INPUT_AMOUNT", FailureReason::invalid_amount, "the amount is zero"},
    RevertMeaning{"UniswapV2: INSUFFICIENT_INPUT_AMOUNT", FailureReason::invalid_amount, "nothing was paid"},
    RevertMeaning{"AS", FailureReason::invalid_amount, "the amount is zero"},
    RevertMeaning{"UniswapV2: K", FailureReason::reverted, "the pair received less than was paid: a token takes a fee"},
    RevertMeaning{"IIA", FailureReason::reverted, "the pool received less than was paid: a token takes a fee"},
    RevertMeaning{"UniswapV2: OVERFLOW", FailureReason::invalid_amount, "the amount is more than the pair can count"},
    RevertMeaning{"UniswapV2: TRANSFER_FAILED", FailureReason::reverted, "the token refused to leave the pair"},
    RevertMeaning{"TF", FailureReason::reverted, "the token refused to leave the pool"},
    RevertMeaning{"ST", FailureReason::reverted, "the token refused to leave the router"},
    RevertMeaning{"LOK", FailureReason::reverted, "the pool is locked, or has no price yet"},
    RevertMeaning{"UniswapV2: LOCKED", FailureReason::reverted, "the pair is locked"},
};

constexpr std::array<std::string_view, 2> kTokenErrors = {"ERC20InsufficientAllowance(address,uint256,uint256)",
                                                          "ERC20InsufficientBalance(address,uint256,uint256)"};

std::string_view kind_text(evm::RevertReason::Kind kind) {
  switch (kind) {
    case evm::RevertReason::Kind::none:
      return "reverted without a reason";
    case evm::RevertReason::Kind::panic:
      return "a contract failed";
    default:
      return "reverted";
  }
}

}  // namespace

Status explain_uniswap_revert(evm::ByteView data) {
  const evm::RevertReason reason = evm::decode_revert(data, kTokenErrors);
  const bool named = reason.kind == evm::RevertReason::Kind::message || reason.kind == evm::RevertReason::Kind::custom;
  const auto* const found = std::find_if(kMeanings.begin(), kMeanings.end(),
                                         [&](const RevertMeaning& m) { return named && m.said == reason.text; });
  if (found != kMeanings.end()) {
    return {StatusCode::rejected, found->reason, std::string(found->meaning), reason.text};
  }
  std::string message(kind_text(reason.kind));
  if (!reason.text.empty()) message += ": " + reason.text;
  return {StatusCode::rejected, FailureReason::reverted, std::move(message), reason.text};
}

}  // namespace calypte::connector::uniswap
