// Transactions: what is signed, what is sent, and the hash by which it is known before it is sent.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "calypte/result.hpp"

#include "evm/address.hpp"
#include "evm/bytes.hpp"
#include "evm/hash32.hpp"
#include "evm/signature.hpp"
#include "evm/uint256.hpp"

namespace calypte::evm {

class Signer;

enum class TransactionType : std::uint8_t {
  legacy = 0,       ///< with the chain in the signature (EIP-155)
  access_list = 1,  ///< EIP-2930
  dynamic_fee = 2,  ///< EIP-1559
};

struct AccessListEntry {
  Address address;
  std::vector<Hash32> storage_keys;
  friend bool operator==(const AccessListEntry&, const AccessListEntry&) = default;
};

struct Transaction {
  TransactionType type = TransactionType::dynamic_fee;
  std::uint64_t chain_id = 0;
  std::uint64_t nonce = 0;
  Uint256 gas_price = 0;                 ///< wei a gas; types 0 and 1
  Uint256 max_fee_per_gas = 0;           ///< wei a gas; type 2
  Uint256 max_priority_fee_per_gas = 0;  ///< wei a gas; type 2
  std::uint64_t gas_limit = 0;
  std::optional<Address> to;  ///< none creates a contract
  Uint256 value = 0;          ///< wei
  ByteString data;
  std::vector<AccessListEntry> access_list;  ///< types 1 and 2

  /// The most that a gas can cost.
  [[nodiscard]] const Uint256& fee_cap() const noexcept {
    return type == TransactionType::dynamic_fee ? max_fee_per_gas : gas_price;
  }
  friend bool operator==(const Transaction&, const Transaction&) = default;
};

struct SignedTransaction {
  Transaction transaction;
  Signature signature;
  ByteString raw;  ///< for eth_sendRawTransaction
  Hash32 hash;
};

/// The bytes whose Keccak hash is signed. `denied` for a transaction that no node would take: without a chain, with a
/// field of another type set, a priority fee above the maximum fee (EIP-1559), a nonce of 2^64-1 (EIP-2681), or data
/// beyond 128 KiB.
[[nodiscard]] Result<ByteString> signing_payload(const Transaction& transaction);
[[nodiscard]] Result<Hash32> signing_digest(const Transaction& transaction);

/// Joins a transaction and its signature. `denied` as above, or if s is high.
[[nodiscard]] Result<SignedTransaction> assemble(Transaction transaction, const Signature& signature);
/// Signs and joins.
[[nodiscard]] Result<SignedTransaction> sign_transaction(Transaction transaction, const Signer& signer);

/// Reads raw bytes of one of the three types back. `malformed` for anything else, any form but the canonical one, and
/// a legacy transaction without a chain. What it returns encodes to `raw` again. Says nothing about the sender.
[[nodiscard]] Result<SignedTransaction> decode_transaction(ByteView raw);

/// Who signed it.
[[nodiscard]] Result<Address> sender_of(const SignedTransaction& transaction);

}  // namespace calypte::evm
