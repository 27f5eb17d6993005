// The address of an account or a contract.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "calypte/result.hpp"

namespace calypte::evm {

struct Hash32;

struct Address {
  std::array<std::uint8_t, 20> bytes{};

  /// "0x" and 40 digits, otherwise `malformed`. Digits of one case are taken as they are; a mixture of cases must be
  /// the checksum of EIP-55, which finds a mistyped digit.
  [[nodiscard]] static Result<Address> parse(std::string_view text);
  /// With the checksum of EIP-55.
  [[nodiscard]] std::string to_string() const;
  /// Lower case, as nodes write it.
  [[nodiscard]] std::string to_hex() const;
  [[nodiscard]] bool is_zero() const noexcept { return *this == Address{}; }
  friend bool operator==(const Address&, const Address&) = default;
  /// The order in which exchanges sort the two tokens of a pool.
  friend auto operator<=>(const Address&, const Address&) = default;
};

/// The address of a contract that `deployer` creates by CREATE2 (EIP-1014): how the pools of a factory are found.
[[nodiscard]] Address create2_address(const Address& deployer, const Hash32& salt, const Hash32& init_code_hash);

}  // namespace calypte::evm

template <>
struct std::hash<calypte::evm::Address> {
  // Over all bytes: the first ones of an address are cheap to choose.
  std::size_t operator()(const calypte::evm::Address& a) const noexcept {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(a.bytes.data()), a.bytes.size()});
  }
};
