// Integers as bytes and as the text of the node's interface.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "evm/bytes.hpp"
#include "evm/hash32.hpp"
#include "evm/uint256.hpp"

namespace calypte::evm {

/// A "quantity" of the Ethereum JSON-RPC specification: "0x" and the digits without leading zeros; "0x0" is zero.
[[nodiscard]] std::string to_quantity(const Uint256& value);
[[nodiscard]] std::string to_quantity(std::uint64_t value);
/// Empty for anything that is not a quantity, or does not fit.
[[nodiscard]] std::optional<Uint256> parse_quantity(std::string_view text) noexcept;
[[nodiscard]] std::optional<std::uint64_t> parse_quantity_64(std::string_view text) noexcept;

using Word = std::array<std::uint8_t, 32>;

/// Big-endian, padded with zeros at the front.
[[nodiscard]] Word to_word(const Uint256& value) noexcept;
/// Two's complement. Precondition: -2^255 <= value < 2^255.
[[nodiscard]] Word to_word(const Int256& value) noexcept;
[[nodiscard]] inline Hash32 to_hash32(const Uint256& value) noexcept { return {to_word(value)}; }
/// Big-endian, at most 32 bytes; more is our bug.
[[nodiscard]] Uint256 from_big_endian(ByteView bytes) noexcept;
/// Of a whole word in two's complement; `bytes` must be 32.
[[nodiscard]] Int256 from_twos_complement(ByteView bytes) noexcept;
/// How many bits the value needs; 0 for zero.
[[nodiscard]] unsigned bit_length(const Uint256& value) noexcept;
/// Empty if it does not fit.
[[nodiscard]] std::optional<std::uint64_t> to_uint64(const Uint256& value) noexcept;

}  // namespace calypte::evm
