// What a node's refusal of a transaction means, and how sure it is. Codes and texts differ between nodes and are not
// specified; the table is in send_error.cpp.
#pragma once

#include <cstdint>
#include <string_view>

#include "calypte/result.hpp"

#include "evm/json_rpc.hpp"

namespace calypte::evm::rpc {

enum class SendError : std::uint8_t {
  already_known,            ///< this very transaction is in the pool: it is there
  nonce_too_low,            ///< the nonce is spent, by this transaction or by another
  nonce_too_high,           ///< the pool takes no gap
  replacement_underpriced,  ///< another transaction with this nonce waits, and this one does not offer enough more
  underpriced,              ///< below what the pool takes at all
  fee_cap_below_base_fee,
  fee_cap_too_high,  ///< above the node's own limit on what a transaction may cost
  priority_fee_above_fee_cap,
  insufficient_funds,  ///< for the value and the most that the gas can cost
  intrinsic_gas_too_low,
  gas_limit_too_high,  ///< more than a block, or than the node lets a transaction have
  wrong_chain,
  invalid_transaction,  ///< unreadable, badly signed, of a type that is not known, too large
  sender_refused,       ///< a contract, a blocked account, too many waiting
  pool_full,
  rate_limited,
  not_supported,  ///< the node does not offer the method
  unknown,        ///< anything else: the outcome is open
};
[[nodiscard]] std::string_view to_string(SendError error) noexcept;

struct SendFailure {
  SendError error = SendError::unknown;
  /// `status.certainly_without_effect()` says whether *this submission* has put nothing anywhere: an earlier one of the
  /// same bytes keeps what it left open. It is not certain for `already_known` (the transaction is there), for
  /// `nonce_too_low` (a gateway that repeats a request behind our back says so of a transaction that it has just
  /// brought into a block: look for its receipt), and for `unknown`.
  Status status;
};

/// Of the error that answers eth_sendRawTransaction.
[[nodiscard]] SendFailure classify_send_error(const Error& error);

}  // namespace calypte::evm::rpc
