#include "evm/send_error.hpp"

#include "support.hpp"

namespace calypte::evm::rpc {
namespace {

struct Case {
  std::int64_t code;
  const char* text;
  SendError expected;
};

SendFailure classified(std::int64_t code, std::string text) { return classify_send_error({code, std::move(text), {}}); }

// What anvil 1.7.1 answered when each of these was sent to it.
TEST(SendError, anvils_refusals_are_known) {
  for (const Case& c :
       {Case{-32003, "transaction already imported", SendError::already_known},
        Case{-32003, "replacement transaction underpriced", SendError::replacement_underpriced},
        Case{-32003, "nonce too low", SendError::nonce_too_low},
        Case{-32003, "Insufficient funds for gas * price + value", SendError::insufficient_funds},
        Case{-32000, "intrinsic gas too low", SendError::intrinsic_gas_too_low},
        Case{-32000, "intrinsic gas too high -- tx.gas_limit > env.block.gas_limit", SendError::gas_limit_too_high},
        Case{-32003, "max fee per gas less than block base fee", SendError::fee_cap_below_base_fee},
        Case{-32003, "invalid chain id for signer", SendError::wrong_chain},
        Case{-32602, "Failed to decode transaction", SendError::invalid_transaction},
        Case{-32602, "invalid value: string \"zz\", expected a valid hex string", SendError::invalid_transaction},
        Case{-32601, "Method not found", SendError::not_supported}}) {
    EXPECT_EQ(classified(c.code, c.text).error, c.expected) << c.text;
  }
}

TEST(SendError, refusals_of_other_nodes_are_known) {
  for (const Case& c :
       {Case{-32000, "already known", SendError::already_known},
        Case{-32000, "nonce too low: next nonce 5, tx nonce 3", SendError::nonce_too_low},
        Case{-32000, "insufficient funds for gas * price + value: balance 0, tx cost 1, overshot 1",
             SendError::insufficient_funds},
        Case{-32000, "transaction underpriced: gas tip cap 0, minimum needed 1", SendError::underpriced},
        Case{-32000, "transaction gas price below minimum: gas tip cap 0, minimum needed 1", SendError::underpriced},
        Case{-32000, "insufficient gas for floor data gas cost: gas 21000, minimum needed 21040",
             SendError::intrinsic_gas_too_low},
        Case{-32000, "max priority fee per gas higher than max fee per gas", SendError::priority_fee_above_fee_cap},
        Case{-32000, "tx fee (12.00 ether) exceeds the configured cap (1.00 ether)", SendError::fee_cap_too_high},
        Case{-32000, "exceeds block gas limit", SendError::gas_limit_too_high},
        Case{-32000, "transaction gas limit too high (cap: 16777216, tx: 20000000)", SendError::gas_limit_too_high},
        Case{-32000, "txpool is full", SendError::pool_full},
        Case{-32000, "invalid sender", SendError::invalid_transaction},
        Case{-32000, "transaction type not supported", SendError::invalid_transaction},
        Case{-32000, "unknown transaction type", SendError::invalid_transaction},
        Case{-32000, "sender not an eoa: address 0x35", SendError::sender_refused},
        Case{-32000, "INTERNAL_ERROR: existing tx with same hash", SendError::already_known},
        Case{-32000, "INTERNAL_ERROR: could not replace existing tx", SendError::replacement_underpriced},
        Case{-32000, "fee too low", SendError::underpriced},
        Case{-32000, "baseFee sub-pool is full", SendError::pool_full},
        Case{-32000, "fee cap less than base fee", SendError::fee_cap_below_base_fee},
        Case{-32010, "AlreadyKnown", SendError::already_known},
        Case{-32010, "OldNonce, Current nonce: 6, nonce of rejected tx: 5.", SendError::nonce_too_low},
        Case{-32010, "FeeTooLowToCompete", SendError::pool_full},
        Case{-32010, "FeeTooLow, EffectivePriorityFeePerGas too low 1 < 2", SendError::underpriced},
        Case{-32010, "NonceGap, Future nonce.", SendError::nonce_too_high},
        Case{-32010, "ReplacementNotAllowed", SendError::replacement_underpriced},
        Case{-32000, "Known transaction", SendError::already_known},
        Case{-32001, "Nonce too low", SendError::nonce_too_low},
        Case{-32003, "Intrinsic gas exceeds gas limit", SendError::intrinsic_gas_too_low},
        Case{-32004, "Upfront cost exceeds account balance", SendError::insufficient_funds},
        Case{-32005, "Transaction gas limit exceeds block gas limit", SendError::gas_limit_too_high},
        Case{-32009, "Gas price below current base fee", SendError::fee_cap_below_base_fee},
        Case{-32009, "Gas price below configured minimum gas price", SendError::underpriced},
        Case{-32000, "Transaction fee cap exceeded", SendError::fee_cap_too_high},
        Case{-32010, "There is another transaction with same nonce in the queue.", SendError::replacement_underpriced},
        Case{-32005, "daily request count exceeded, request rate limited", SendError::rate_limited},
        Case{429, "busy", SendError::rate_limited}}) {
    EXPECT_EQ(classified(c.code, c.text).error, c.expected) << c.text;
  }
}

TEST(SendError, what_is_not_known_leaves_the_outcome_open) {
  for (const char* text : {"", "timeout", "internal error", "upstream connection reset", "transaction",
                           "failed to decode response of the backend", "context deadline exceeded"}) {
    const auto failure = classified(-32603, text);
    EXPECT_EQ(failure.error, SendError::unknown) << text;
    EXPECT_EQ(failure.status.code(), StatusCode::outcome_unknown);
    EXPECT_FALSE(failure.status.certainly_without_effect());
  }
}

TEST(SendError, what_a_contract_says_is_no_refusal_by_the_node) {
  EXPECT_EQ(classified(3, "execution reverted: nonce too low").error, SendError::unknown);
  EXPECT_EQ(classified(-32000, "VM Exception: reverted with reason string 'insufficient funds'").error,
            SendError::unknown);
}

TEST(SendError, only_definite_refusals_are_without_effect) {
  const auto certain = [](std::int64_t code, const char* text) {
    return classified(code, text).status.certainly_without_effect();
  };
  EXPECT_FALSE(certain(-32000, "already known"));
  EXPECT_FALSE(certain(-32000, "nonce too low"));
  EXPECT_FALSE(certain(-32000, "?"));
  EXPECT_TRUE(certain(-32000, "replacement transaction underpriced"));
  EXPECT_TRUE(certain(-32000, "transaction underpriced"));
  EXPECT_TRUE(certain(-32000, "insufficient funds for gas"));
  EXPECT_TRUE(certain(-32000, "intrinsic gas too low"));
  EXPECT_TRUE(certain(-32000, "fee cap less than base fee"));
  EXPECT_TRUE(certain(-32000, "invalid sender"));
  EXPECT_TRUE(certain(-32601, "no such method"));
  EXPECT_TRUE(certain(429, "too many requests"));
}

TEST(SendError, the_status_tells_the_nodes_own_words) {
  const auto failure = classified(-32000, "insufficient funds for transfer");
  EXPECT_EQ(failure.status.reason(), FailureReason::insufficient_balance);
  EXPECT_EQ(failure.status.to_string(), "rejected (-32000) [insufficient_balance]: insufficient funds for transfer");
  EXPECT_EQ(to_string(failure.error), "insufficient_funds");
  EXPECT_EQ(to_string(SendError::already_known), "already_known");
  EXPECT_EQ(to_string(SendError::unknown), "unknown");
  EXPECT_EQ(classified(429, "busy").status.code(), StatusCode::rate_limited);
}

}  // namespace
}  // namespace calypte::evm::rpc
