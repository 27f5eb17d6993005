// Hexadecimal text: "0x" and two digits a byte, the form in which nodes and people write bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "calypte/result.hpp"

#include "evm/bytes.hpp"

namespace calypte::evm {

/// "0x" and lower-case digits; "0x" alone for no bytes.
[[nodiscard]] std::string to_hex(ByteView bytes);
/// Reads "0x" and an even number of digits of either case. Anything else is `malformed`; the text itself is not put
/// into the message, as it may be a secret in the wrong place.
[[nodiscard]] Result<ByteString> from_hex(std::string_view text);
/// The same into a place of known size, which the text must fill exactly. On false `out` is half written.
[[nodiscard]] bool from_hex(std::string_view text, std::span<std::uint8_t> out) noexcept;
/// The value of a digit, -1 if it is none.
[[nodiscard]] constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace calypte::evm
