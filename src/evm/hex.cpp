#include "evm/hex.hpp"

namespace calypte::evm {

std::string to_hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "0x";
  out.reserve(2 + 2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

bool from_hex(std::string_view text, std::span<std::uint8_t> out) noexcept {
  if (text.size() != 2 + 2 * out.size() || !text.starts_with("0x")) return false;
  text.remove_prefix(2);
  for (std::uint8_t& byte : out) {
    const int high = hex_digit(text[0]);
    const int low = hex_digit(text[1]);
    if (high < 0 || low < 0) return false;
    byte = static_cast<std::uint8_t>(high * 16 + low);
    text.remove_prefix(2);
  }
  return true;
}

Result<ByteString> from_hex(std::string_view text) {
  if (text.size() < 2 || text.size() % 2 != 0) {
    return Status(StatusCode::malformed, "not hexadecimal: neither \"0x\" nor whole bytes");
  }
  ByteString bytes(text.size() / 2 - 1);
  if (!from_hex(text, bytes)) return Status(StatusCode::malformed, "not hexadecimal");
  return bytes;
}

}  // namespace calypte::evm
