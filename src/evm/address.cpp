#include "evm/address.hpp"

#include <algorithm>

#include "evm/hash32.hpp"
#include "evm/hex.hpp"
#include "evm/keccak.hpp"

namespace calypte::evm {

Result<Address> Address::parse(std::string_view text) {
  Address address;
  if (!evm::from_hex(text, address.bytes)) {
    return Status(StatusCode::malformed, "not an address: \"0x\" and 40 hexadecimal digits expected");
  }
  const std::string_view digits = text.substr(2);
  const bool lower = std::any_of(digits.begin(), digits.end(), [](char c) { return c >= 'a' && c <= 'f'; });
  const bool upper = std::any_of(digits.begin(), digits.end(), [](char c) { return c >= 'A' && c <= 'F'; });
  if (lower && upper && address.to_string() != text) {
    return Status(StatusCode::malformed, "the checksum of the address is wrong (EIP-55): a digit is mistyped");
  }
  return address;
}

std::string Address::to_hex() const { return evm::to_hex(bytes); }

std::string Address::to_string() const {
  std::string text = to_hex();
  const Hash32 hash = keccak256(std::string_view(text).substr(2));
  for (std::size_t i = 0; i < 40; ++i) {
    const unsigned nibble = i % 2 == 0 ? hash.bytes[i / 2] >> 4U : hash.bytes[i / 2] & 15U;
    char& c = text[2 + i];
    if (nibble >= 8 && c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

Address create2_address(const Address& deployer, const Hash32& salt, const Hash32& init_code_hash) {
  ByteString bytes{0xff};
  append(bytes, deployer.bytes);
  append(bytes, salt.bytes);
  append(bytes, init_code_hash.bytes);
  const Hash32 hash = keccak256(bytes);
  Address address;
  std::copy(hash.bytes.begin() + 12, hash.bytes.end(), address.bytes.begin());
  return address;
}

}  // namespace calypte::evm
