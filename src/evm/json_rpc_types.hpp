// What a node answers, as values. Every decoder takes the `result` of an answer and is strict: a member that is missing
// or is not exactly what the Ethereum JSON-RPC specification says makes the whole answer `malformed`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "calypte/result.hpp"

#include "evm/address.hpp"
#include "evm/bytes.hpp"
#include "evm/hash32.hpp"
#include "evm/uint256.hpp"
#include "venue/json.hpp"

namespace calypte::evm::rpc {

struct BlockHeader {
  std::uint64_t number = 0;
  Hash32 hash;
  Hash32 parent_hash;
  std::uint64_t timestamp = 0;  ///< Unix seconds
  std::uint64_t gas_limit = 0;
  std::uint64_t gas_used = 0;
  std::optional<Uint256> base_fee_per_gas;  ///< none before EIP-1559
};

struct Log {
  Address address;
  std::vector<Hash32> topics;  ///< at most four
  ByteString data;
  Hash32 block_hash;
  std::uint64_t block_number = 0;
  Hash32 transaction_hash;
  std::uint64_t transaction_index = 0;
  std::uint64_t log_index = 0;  ///< in the block
  bool removed = false;         ///< taken back by a reorganisation
};

/// Where a transaction stands.
struct BlockPosition {
  Hash32 block_hash;
  std::uint64_t block_number = 0;
  std::uint64_t transaction_index = 0;
  friend bool operator==(const BlockPosition&, const BlockPosition&) = default;
};

struct TransactionInfo {
  Hash32 hash;
  Address from;
  std::optional<Address> to;
  std::uint64_t nonce = 0;
  Uint256 value = 0;
  ByteString input;
  std::uint64_t gas_limit = 0;
  std::optional<Uint256> gas_price;
  std::optional<Uint256> max_fee_per_gas;
  std::optional<Uint256> max_priority_fee_per_gas;
  std::optional<BlockPosition> position;  ///< none while it waits
};

struct Receipt {
  Hash32 transaction_hash;
  BlockPosition position;
  Address from;
  std::optional<Address> to;
  bool succeeded = false;  ///< false: reverted, and paid for
  std::uint64_t gas_used = 0;
  Uint256 effective_gas_price = 0;  ///< wei a gas
  std::optional<Uint256> l1_fee;    ///< wei on top of the gas, on roll-ups that charge it
  std::vector<Log> logs;            ///< of this transaction and this block, in the order of the block

  /// What the sender paid, in wei. `malformed` if it does not fit, which only an untrue receipt can bring about.
  [[nodiscard]] Result<Uint256> fee_paid() const;
};

struct FeeHistory {
  std::uint64_t oldest_block = 0;
  /// One more than blocks: the last is that of the block to come.
  std::vector<Uint256> base_fee_per_gas;
  /// A row a block, a column a percentile that was asked for; empty if none was.
  std::vector<std::vector<Uint256>> rewards;
};

/// eth_blockNumber, eth_chainId, eth_getTransactionCount, eth_estimateGas.
[[nodiscard]] Result<std::uint64_t> decode_uint64(venue::json::Value result);
/// eth_gasPrice, eth_maxPriorityFeePerGas, eth_getBalance.
[[nodiscard]] Result<Uint256> decode_uint256(venue::json::Value result);
/// eth_sendRawTransaction. That it is the hash we computed is the caller's to compare.
[[nodiscard]] Result<Hash32> decode_hash(venue::json::Value result);
/// eth_call, eth_getCode.
[[nodiscard]] Result<ByteString> decode_bytes(venue::json::Value result);
/// eth_subscribe.
[[nodiscard]] Result<std::string> decode_subscription(venue::json::Value result);
/// newHeads, and eth_getBlockBy... where the block exists.
[[nodiscard]] Result<BlockHeader> decode_header(venue::json::Value result);
/// eth_getBlockBy...: null is a block that the node does not know.
[[nodiscard]] Result<std::optional<BlockHeader>> decode_block(venue::json::Value result);
/// Null is a transaction that this node does not know: never read as one that is gone.
[[nodiscard]] Result<std::optional<TransactionInfo>> decode_transaction(venue::json::Value result);
/// Null is a transaction that is not mined in the chain that this node follows now.
[[nodiscard]] Result<std::optional<Receipt>> decode_receipt(venue::json::Value result);
/// The notification "logs". A log of a pending block, which has no place yet, is `malformed`.
[[nodiscard]] Result<Log> decode_log(venue::json::Value result);
[[nodiscard]] Result<std::vector<Log>> decode_logs(venue::json::Value result);
[[nodiscard]] Result<FeeHistory> decode_fee_history(venue::json::Value result);

}  // namespace calypte::evm::rpc
