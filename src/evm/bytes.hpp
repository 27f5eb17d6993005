// The two byte types of this room. `ByteString` owns, `ByteView` looks on and is valid as long as what it looks at.
// (`venue::Bytes` is something else: received text with padding behind it.)
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace calypte::evm {

using ByteString = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// The bytes of a text, not copied.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
/// Bytes as a text, not copied and not checked for any encoding.
[[nodiscard]] inline std::string_view as_text(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline void append(ByteString& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

}  // namespace calypte::evm
