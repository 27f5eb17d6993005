#include "evm/send_error.hpp"

#include <array>
#include <string>

#include "evm/lower_case.hpp"

namespace calypte::evm::rpc {
namespace {

/// A part of a text, in lower case, and what it stands for. The first that fits counts, so that a text that contains
/// another stands before it. From go-ethereum, reth, anvil, Erigon, Nethermind (older versions answer with the names of
/// their results), Besu, OpenEthereum and Hardhat.
struct Rule {
  std::string_view part;
  SendError error;
};
constexpr std::array kRules{
    // What a contract says when it reverts may contain anything, and a chain that mines at once has mined it.
    Rule{"revert", SendError::unknown},

    Rule{"unknown transaction", SendError::invalid_transaction},
    Rule{"already known", SendError::already_known},
    Rule{"alreadyknown", SendError::already_known},
    Rule{"known transaction", SendError::already_known},
    Rule{"already imported", SendError::already_known},
    Rule{"existing tx with same hash", SendError::already_known},
    Rule{"already in mempool", SendError::already_known},
    Rule{"already in the pool", SendError::already_known},

    Rule{"nonce too low", SendError::nonce_too_low},
    Rule{"nonce is too low", SendError::nonce_too_low},
    Rule{"oldnonce", SendError::nonce_too_low},
    Rule{"nonce already used", SendError::nonce_too_low},
    Rule{"noncealreadyused", SendError::nonce_too_low},
    Rule{"nonce has already been used", SendError::nonce_too_low},
    Rule{"nonce too high", SendError::nonce_too_high},
    Rule{"nonce too far", SendError::nonce_too_high},
    Rule{"nonce gap", SendError::nonce_too_high},
    Rule{"noncegap", SendError::nonce_too_high},
    Rule{"gapped-nonce", SendError::nonce_too_high},

    Rule{"replacement transaction underpriced", SendError::replacement_underpriced},
    Rule{"replacementnotallowed", SendError::replacement_underpriced},
    Rule{"could not replace existing", SendError::replacement_underpriced},
    Rule{"another transaction with same nonce", SendError::replacement_underpriced},

    Rule{"priority fee per gas higher than max fee", SendError::priority_fee_above_fee_cap},
    Rule{"priority fee per gas exceeds max fee", SendError::priority_fee_above_fee_cap},
    Rule{"tip higher than fee cap", SendError::priority_fee_above_fee_cap},
    Rule{"greater than `max_fee_per_gas`", SendError::priority_fee_above_fee_cap},
    Rule{"less than block base fee", SendError::fee_cap_below_base_fee},
    Rule{"fee cap less than base fee", SendError::fee_cap_below_base_fee},
    Rule{"below current base fee", SendError::fee_cap_below_base_fee},
    Rule{"exceeds the configured cap", SendError::fee_cap_too_high},
    Rule{"fee cap exceeded", SendError::fee_cap_too_high},

    Rule{"pool is full", SendError::pool_full},
    Rule{"too many transactions in the queue", SendError::pool_full},
    Rule{"feetoolowtocompete", SendError::pool_full},
    Rule{"future transaction tries to replace pending", SendError::pool_full},

    Rule{"underpriced", SendError::underpriced},
    Rule{"fee too low", SendError::underpriced},
    Rule{"feetoolow", SendError::underpriced},
    Rule{"gas price is too low", SendError::underpriced},
    Rule{"gas price below", SendError::underpriced},

    Rule{"insufficient funds", SendError::insufficient_funds},
    Rule{"insufficientfunds", SendError::insufficient_funds},
    Rule{"upfront cost exceeds", SendError::insufficient_funds},
    Rule{"have enough funds", SendError::insufficient_funds},

    Rule{"intrinsic gas too high", SendError::gas_limit_too_high},
    Rule{"intrinsic gas", SendError::intrinsic_gas_too_low},
    Rule{"intrinsicgas", SendError::intrinsic_gas_too_low},
    Rule{"floor data gas", SendError::intrinsic_gas_too_low},
    Rule{"exceeds block gas limit", SendError::gas_limit_too_high},
    Rule{"gaslimitexceeded", SendError::gas_limit_too_high},
    Rule{"gas limit too high", SendError::gas_limit_too_high},
    Rule{"gas limit reached", SendError::gas_limit_too_high},
    Rule{"gas uint64 overflow", SendError::gas_limit_too_high},
    Rule{"exceeds block's gas limit", SendError::gas_limit_too_high},

    Rule{"invalid chain id", SendError::wrong_chain},
    Rule{"invalid chainid", SendError::wrong_chain},
    Rule{"signed for another chain", SendError::wrong_chain},
    Rule{"wrong chain", SendError::wrong_chain},
    Rule{"chainid not supported", SendError::wrong_chain},

    Rule{"sender not an eoa", SendError::sender_refused},
    Rule{"senderiscontract", SendError::sender_refused},
    Rule{"sender disallowed", SendError::sender_refused},
    Rule{"not authorized to send transactions", SendError::sender_refused},
    Rule{"in-flight transaction limit", SendError::sender_refused},

    Rule{"invalid sender", SendError::invalid_transaction},
    Rule{"failedtoresolvesender", SendError::invalid_transaction},
    Rule{"invalid signature", SendError::invalid_transaction},
    Rule{"invalid transaction v, r, s", SendError::invalid_transaction},
    Rule{"transaction type not supported", SendError::invalid_transaction},
    Rule{"unsupported transaction type", SendError::invalid_transaction},
    Rule{"notsupportedtxtype", SendError::invalid_transaction},
    Rule{"invalid transaction type", SendError::invalid_transaction},
    Rule{"only replay-protected", SendError::invalid_transaction},
    Rule{"failed to decode signed transaction", SendError::invalid_transaction},
    Rule{"failed to decode transaction", SendError::invalid_transaction},
    Rule{"typed transaction too short", SendError::invalid_transaction},
    Rule{"rlp: ", SendError::invalid_transaction},
    Rule{"rlptoolong", SendError::invalid_transaction},
    Rule{"oversized data", SendError::invalid_transaction},
    Rule{"initcode", SendError::invalid_transaction},
};

/// What each error is in the words of a status: by place in the enumeration.
struct Meaning {
  std::string_view name;
  StatusCode code;
  FailureReason reason;
};
constexpr std::array kMeanings{
    Meaning{"already_known", StatusCode::outcome_unknown, FailureReason::none},
    Meaning{"nonce_too_low", StatusCode::outcome_unknown, FailureReason::none},
    Meaning{"nonce_too_high", StatusCode::rejected, FailureReason::rejected_by_venue},
    Meaning{"replacement_underpriced", StatusCode::rejected, FailureReason::rejected_by_venue},
    Meaning{"underpriced", StatusCode::rejected, FailureReason::rejected_by_venue},
    Meaning{"fee_cap_below_base_fee", StatusCode::rejected, FailureReason::rejected_by_venue},
    Meaning{"fee_cap_too_high", StatusCode::rejected, FailureReason::rejected_by_venue},
    Meaning{"priority_fee_above_fee_cap", StatusCode::rejected, FailureReason::rejected_by_venue},
    Meaning{"insufficient_funds", StatusCode::rejected, FailureReason::insufficient_balance},
    Meaning{"intrinsic_gas_too_low", StatusCode::rejected, FailureReason::rejected_by_venue},
    Meaning{"gas_limit_too_high", StatusCode::rejected, FailureReason::rejected_by_venue},
    Meaning{"wrong_chain", StatusCode::rejected, FailureReason::rejected_by_venue},
    Meaning{"invalid_transaction", StatusCode::rejected, FailureReason::rejected_by_venue},
    Meaning{"sender_refused", StatusCode::rejected, FailureReason::account_restricted},
    Meaning{"pool_full", StatusCode::rejected, FailureReason::rejected_by_venue},
    Meaning{"rate_limited", StatusCode::rate_limited, FailureReason::rate_limited},
    Meaning{"not_supported", StatusCode::unsupported, FailureReason::rejected_by_venue},
    Meaning{"unknown", StatusCode::outcome_unknown, FailureReason::none},
};
static_assert(kMeanings.size() == static_cast<std::size_t>(SendError::unknown) + 1);

const Meaning& meaning(SendError error) noexcept { return kMeanings[static_cast<std::size_t>(error)]; }

SendError find_error(const Error& error) {
  const std::string text = lower_case(error.message);
  for (const Rule& rule : kRules) {
    if (text.find(rule.part) != std::string::npos) return rule.error;
  }
  if (error.is_rate_limit()) return SendError::rate_limited;
  if (error.code == -32601) return SendError::not_supported;
  // Neither the request nor the transaction in it was understood.
  if (error.code == -32602 || error.code == -32600 || error.code == -32700) return SendError::invalid_transaction;
  return SendError::unknown;
}

}  // namespace

std::string_view to_string(SendError error) noexcept { return meaning(error).name; }

SendFailure classify_send_error(const Error& error) {
  const SendError found = find_error(error);
  const Meaning& means = meaning(found);
  return {found, Status(means.code, means.reason, error.message.empty() ? "without a text" : error.message,
                        std::to_string(error.code))};
}

}  // namespace calypte::evm::rpc
