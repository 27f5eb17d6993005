// The methods of a node that we use (the Ethereum JSON-RPC specification), with their parameters.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "evm/address.hpp"
#include "evm/bytes.hpp"
#include "evm/hash32.hpp"
#include "evm/json_rpc.hpp"
#include "evm/uint256.hpp"

namespace calypte::evm::rpc {

enum class BlockTag : std::uint8_t { latest, pending, safe, finalized, earliest };
[[nodiscard]] std::string_view to_string(BlockTag tag) noexcept;

/// A block by its tag, its number, or its hash (EIP-1898), which is the only way that cannot mean another block after a
/// reorganisation.
using Block = std::variant<BlockTag, std::uint64_t, Hash32>;

/// A message to a contract that is not sent as a transaction.
struct CallMessage {
  std::optional<Address> from;
  std::optional<Address> to;
  std::optional<std::uint64_t> gas;
  std::optional<Uint256> max_fee_per_gas;
  std::optional<Uint256> max_priority_fee_per_gas;
  std::optional<Uint256> value;
  ByteString data;
};

/// Either a range of blocks, both ends included, or one block by its hash.
struct LogFilter {
  std::optional<Block> from_block;  ///< tag or number
  std::optional<Block> to_block;    ///< tag or number
  std::optional<Hash32> block_hash;
  std::vector<Address> addresses;  ///< empty: any
  /// For each place the topics of which one must stand there; an empty place: any.
  std::vector<std::vector<Hash32>> topics;
};

[[nodiscard]] Call chain_id();
[[nodiscard]] Call block_number();
/// The header with the hashes of its transactions.
[[nodiscard]] Call get_block(const Block& block);
[[nodiscard]] Call get_transaction_count(const Address& account, const Block& block);
[[nodiscard]] Call get_transaction(const Hash32& hash);
[[nodiscard]] Call get_receipt(const Hash32& transaction_hash);
[[nodiscard]] Call get_logs(const LogFilter& filter);
[[nodiscard]] Call get_balance(const Address& account, const Block& block);
[[nodiscard]] Call get_code(const Address& account, const Block& block);
[[nodiscard]] Call call(const CallMessage& message, const Block& block);
[[nodiscard]] Call estimate_gas(const CallMessage& message, const Block& block);
/// `percentiles` in ascending order, 0 to 100.
[[nodiscard]] Call fee_history(std::uint64_t blocks, const Block& newest, std::span<const unsigned> percentiles);
[[nodiscard]] Call gas_price();
[[nodiscard]] Call max_priority_fee_per_gas();
[[nodiscard]] Call send_raw_transaction(ByteView raw);
[[nodiscard]] Call subscribe_new_heads();
/// Only addresses and topics of the filter count.
[[nodiscard]] Call subscribe_logs(const LogFilter& filter);
[[nodiscard]] Call unsubscribe(std::string_view subscription);

}  // namespace calypte::evm::rpc
