#include "evm/revert_reason.hpp"

#include <algorithm>
#include <array>

#include "evm/abi.hpp"
#include "evm/abi_decoder.hpp"
#include "evm/hex.hpp"
#include "evm/quantity.hpp"

namespace calypte::evm {
namespace {

constexpr std::size_t kMaxData = 4096;
constexpr abi::Selector kError{0x08, 0xc3, 0x79, 0xa0};  // Error(string)
constexpr abi::Selector kPanic{0x4e, 0x48, 0x7b, 0x71};  // Panic(uint256)

struct PanicCode {
  std::uint64_t code;
  std::string_view meaning;
};
/// "Panic via assert and Error via require" of the Solidity documentation.
constexpr std::array kPanicCodes{
    PanicCode{0x00, "generic panic"},         PanicCode{0x01, "assertion failed"},
    PanicCode{0x11, "arithmetic overflow"},   PanicCode{0x12, "division by zero"},
    PanicCode{0x21, "bad enum value"},        PanicCode{0x22, "badly encoded storage bytes"},
    PanicCode{0x31, "pop of an empty array"}, PanicCode{0x32, "array index out of bounds"},
    PanicCode{0x41, "out of memory"},         PanicCode{0x51, "call of an empty function"},
};

std::string panic_text(const Uint256& code) {
  for (const PanicCode& known : kPanicCodes) {
    if (code == known.code) return std::string(known.meaning) + " (" + to_quantity(code) + ")";
  }
  return "panic " + to_quantity(code);
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string out(text.substr(0, limit));
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

RevertReason decode_revert(ByteView data, std::span<const std::string_view> known) {
  using Kind = RevertReason::Kind;
  RevertReason reason;
  if (data.empty()) return reason;
  reason.data.assign(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(std::min(data.size(), kMaxData)));
  const auto starts_with = [data](const abi::Selector& selector) {
    return data.size() >= selector.size() && std::equal(selector.begin(), selector.end(), data.begin());
  };
  if (starts_with(kError)) {
    abi::Decoder in(data.subspan(4));
    const std::string_view text = in.string();
    if (in.ok()) {
      reason.kind = Kind::message;
      reason.text = printable(text);
      return reason;
    }
  } else if (starts_with(kPanic)) {
    abi::Decoder in(data.subspan(4));
    const Uint256 code = in.uint();
    if (in.ok()) {
      reason.kind = Kind::panic;
      reason.text = panic_text(code);
      return reason;
    }
  } else if (data.size() % 32 == 4) {
    reason.kind = Kind::custom;
    for (const std::string_view signature : known) {
      if (!starts_with(abi::selector(signature))) continue;
      reason.text = signature;
      return reason;
    }
    reason.text = "error " + to_hex(data.first(4));
    return reason;
  }
  reason.kind = Kind::other;
  reason.text = to_hex(data.first(std::min<std::size_t>(data.size(), 99)));
  return reason;
}

}  // namespace calypte::evm
