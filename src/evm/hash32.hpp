// Thirty-two bytes: hashes of transactions and blocks, topics of events, words of storage.
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

struct Hash32 {
  std::array<std::uint8_t, 32> bytes{};

  /// "0x" and 64 digits of either case, otherwise `malformed`.
  [[nodiscard]] static Result<Hash32> parse(std::string_view text);
  /// "0x" and 64 lower-case digits.
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] bool is_zero() const noexcept { return *this == Hash32{}; }
  friend bool operator==(const Hash32&, const Hash32&) = default;
  friend auto operator<=>(const Hash32&, const Hash32&) = default;
};

}  // namespace calypte::evm

template <>
struct std::hash<calypte::evm::Hash32> {
  // Over all bytes: who chooses what is hashed must not be able to choose the buckets by a few of them.
  std::size_t operator()(const calypte::evm::Hash32& h) const noexcept {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(h.bytes.data()), h.bytes.size()});
  }
};
