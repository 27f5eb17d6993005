// Signing structured data (EIP-712).
//
//   const Hash32 person = StructHasher("Person(string name,address wallet)").string(name).address(wallet).hash();
//
// The members are put in the order of the type. A member that is a struct enters as its hash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "evm/address.hpp"
#include "evm/bytes.hpp"
#include "evm/hash32.hpp"
#include "evm/uint256.hpp"

namespace calypte::evm {

class StructHasher {
 public:
  /// `type` is "encodeType" of EIP-712: the type, then the types it refers to in alphabetical order.
  explicit StructHasher(std::string_view type);
  StructHasher& uint(const Uint256& value);
  /// Precondition: -2^255 <= value < 2^255.
  StructHasher& integer(const Int256& value);
  StructHasher& address(const Address& value);
  StructHasher& boolean(bool value);
  /// A bytes32, or a member that is hashed already: a struct, an array.
  StructHasher& word(const Hash32& value);
  StructHasher& bytes(ByteView value);
  StructHasher& string(std::string_view value);
  [[nodiscard]] Hash32 hash() const;

 private:
  ByteString words_;
};

/// Only the members that are set are part of the domain's type.
struct TypedDataDomain {
  std::optional<std::string> name;
  std::optional<std::string> version;
  std::optional<Uint256> chain_id;
  std::optional<Address> verifying_contract;
  std::optional<Hash32> salt;

  [[nodiscard]] Hash32 separator() const;
};

/// What is signed.
[[nodiscard]] Hash32 typed_data_digest(const Hash32& domain_separator, const Hash32& struct_hash);

/// The message of EIP-2612: an allowance by signature.
struct Permit {
  Address owner;
  Address spender;
  Uint256 value = 0;
  Uint256 nonce = 0;     ///< of the token contract for this owner
  Uint256 deadline = 0;  ///< Unix seconds

  [[nodiscard]] Hash32 hash() const;
};

}  // namespace calypte::evm
