#include "evm/quantity.hpp"

#include <algorithm>
#include <cassert>

#include "evm/hex.hpp"

namespace calypte::evm {
namespace {

/// The digits behind "0x" if the text is a quantity of at most `most` digits, else empty.
std::string_view quantity_digits(std::string_view text, std::size_t most) noexcept {
  if (!text.starts_with("0x")) return {};
  text.remove_prefix(2);
  if (text.empty() || text.size() > most || (text.front() == '0' && text.size() > 1)) return {};
  return std::all_of(text.begin(), text.end(), [](char c) { return hex_digit(c) >= 0; }) ? text : std::string_view{};
}

std::uint64_t from_digits(std::string_view digits) noexcept {
  std::uint64_t value = 0;
  for (const char c : digits) value = value << 4U | static_cast<std::uint64_t>(hex_digit(c));
  return value;
}

std::uint64_t load_64(const std::uint8_t* bytes) noexcept {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8U | bytes[i];
  return value;
}

}  // namespace

std::string to_quantity(const Uint256& value) {
  if (value == 0) return "0x0";
  std::string text = to_hex(to_word(value));
  text.erase(2, text.find_first_not_of('0', 2) - 2);
  return text;
}

std::string to_quantity(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  do {
    digits += kDigits[value & 15U];
    value >>= 4U;
  } while (value != 0);
  digits += "x0";
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::optional<std::uint64_t> parse_quantity_64(std::string_view text) noexcept {
  const std::string_view digits = quantity_digits(text, 16);
  if (digits.empty()) return std::nullopt;
  return from_digits(digits);
}

std::optional<Uint256> parse_quantity(std::string_view text) noexcept {
  std::string_view digits = quantity_digits(text, 64);
  if (digits.empty()) return std::nullopt;
  Uint256 value = 0;
  while (!digits.empty()) {
    const std::size_t size = digits.size() % 16 == 0 ? 16 : digits.size() % 16;
    value <<= 4U * static_cast<unsigned>(size);
    value |= from_digits(digits.substr(0, size));
    digits.remove_prefix(size);
  }
  return value;
}

Word to_word(const Uint256& value) noexcept {
  constexpr std::uint64_t kLow = ~std::uint64_t{0};
  Word word{};
  for (unsigned limb = 0; limb < 4; ++limb) {
    auto bits = static_cast<std::uint64_t>((value >> (64 * limb)) & kLow);
    for (std::size_t i = 0; i < 8; ++i) {
      word[31 - 8 * limb - i] = static_cast<std::uint8_t>(bits);
      bits >>= 8U;
    }
  }
  return word;
}

Word to_word(const Int256& value) noexcept {
  if (value >= 0) return to_word(static_cast<Uint256>(value));
  // ~(|value| - 1) is the two's complement; the magnitude of -2^255 fits, too.
  Word word = to_word(static_cast<Uint256>(Int256(-(value + 1))));
  for (std::uint8_t& byte : word) byte = static_cast<std::uint8_t>(~byte);
  return word;
}

Uint256 from_big_endian(ByteView bytes) noexcept {
  assert(bytes.size() <= 32);
  Word word{};
  std::copy(bytes.begin(), bytes.end(), word.end() - static_cast<std::ptrdiff_t>(bytes.size()));
  Uint256 value = 0;
  for (std::size_t i = 0; i < 32; i += 8) {
    const std::uint64_t limb = load_64(word.data() + i);
    if (value != 0) value <<= 64U;
    if (limb != 0) value |= limb;
  }
  return value;
}

Int256 from_twos_complement(ByteView bytes) noexcept {
  assert(bytes.size() == 32);
  if ((bytes[0] & 0x80U) == 0) return static_cast<Int256>(from_big_endian(bytes));
  Word word{};
  std::transform(bytes.begin(), bytes.end(), word.begin(),
                 [](std::uint8_t byte) { return static_cast<std::uint8_t>(~byte); });
  Int256 value = -static_cast<Int256>(from_big_endian(word));
  value -= 1;
  return value;
}

unsigned bit_length(const Uint256& value) noexcept {
  return value == 0 ? 0 : static_cast<unsigned>(boost::multiprecision::msb(value)) + 1;
}

std::optional<std::uint64_t> to_uint64(const Uint256& value) noexcept {
  if (bit_length(value) > 64) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

}  // namespace calypte::evm
