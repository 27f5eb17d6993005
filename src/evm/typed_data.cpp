#include "evm/typed_data.hpp"

#include "evm/keccak.hpp"
#include "evm/quantity.hpp"

namespace calypte::evm {

StructHasher::StructHasher(std::string_view type) { word(keccak256(type)); }

StructHasher& StructHasher::uint(const Uint256& value) {
  append(words_, to_word(value));
  return *this;
}

StructHasher& StructHasher::integer(const Int256& value) {
  append(words_, to_word(value));
  return *this;
}

StructHasher& StructHasher::address(const Address& value) {
  words_.insert(words_.end(), 12, 0);
  append(words_, value.bytes);
  return *this;
}

StructHasher& StructHasher::boolean(bool value) { return uint(value ? 1 : 0); }

StructHasher& StructHasher::word(const Hash32& value) {
  append(words_, value.bytes);
  return *this;
}

StructHasher& StructHasher::bytes(ByteView value) { return word(keccak256(value)); }
StructHasher& StructHasher::string(std::string_view value) { return word(keccak256(value)); }
Hash32 StructHasher::hash() const { return keccak256(words_); }

Hash32 TypedDataDomain::separator() const {
  std::string type = "EIP712Domain(";
  const auto member = [&type](bool present, std::string_view text) {
    if (present) type.append(type.ends_with('(') ? "" : ",").append(text);
  };
  member(name.has_value(), "string name");
  member(version.has_value(), "string version");
  member(chain_id.has_value(), "uint256 chainId");
  member(verifying_contract.has_value(), "address verifyingContract");
  member(salt.has_value(), "bytes32 salt");
  StructHasher hasher(type + ")");
  if (name) hasher.string(*name);
  if (version) hasher.string(*version);
  if (chain_id) hasher.uint(*chain_id);
  if (verifying_contract) hasher.address(*verifying_contract);
  if (salt) hasher.word(*salt);
  return hasher.hash();
}

Hash32 typed_data_digest(const Hash32& domain_separator, const Hash32& struct_hash) {
  ByteString bytes{0x19, 0x01};
  append(bytes, domain_separator.bytes);
  append(bytes, struct_hash.bytes);
  return keccak256(bytes);
}

Hash32 Permit::hash() const {
  return StructHasher("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
      .address(owner)
      .address(spender)
      .uint(value)
      .uint(nonce)
      .uint(deadline)
      .hash();
}

}  // namespace calypte::evm
