// Recursive Length Prefix (appendix B of the Ethereum yellow paper): the form of transactions on the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "calypte/result.hpp"

#include "evm/bytes.hpp"
#include "evm/uint256.hpp"

namespace calypte::evm::rlp {

/// Appends one string item.
void append_bytes(ByteString& out, ByteView bytes);
/// Appends an integer: big-endian without leading zeros, zero is the empty string.
void append_integer(ByteString& out, const Uint256& value);
void append_integer(ByteString& out, std::uint64_t value);
/// Appends a list whose items, already encoded one behind the other, are `payload`.
void append_list(ByteString& out, ByteView payload);

/// Longer texts are `malformed`: no pool takes a transaction beyond 128 KiB.
inline constexpr std::size_t kMaxSize = std::size_t{1} << 20U;
/// Deeper lists are `malformed`: an access list nests three deep.
inline constexpr std::size_t kMaxDepth = 16;

/// A decoded item, a view into the text that was decoded.
class Item {
 public:
  Item() = default;
  [[nodiscard]] bool is_list() const noexcept { return is_list_; }
  /// The string, or the encoded items of the list.
  [[nodiscard]] ByteView payload() const noexcept { return payload_; }
  /// The items of a list in order; `malformed` if it is a string.
  [[nodiscard]] Result<std::vector<Item>> items() const;
  /// The integer in a string of at most 32 bytes without a leading zero, otherwise `malformed`.
  [[nodiscard]] Result<Uint256> integer() const;
  [[nodiscard]] Result<std::uint64_t> integer_64() const;

 private:
  friend Result<Item> decode(ByteView text);
  friend struct Reader;
  Item(bool is_list, ByteView payload) noexcept : is_list_(is_list), payload_(payload) {}
  bool is_list_ = false;
  ByteView payload_;
};

/// Reads exactly one item and checks everything inside it. `malformed` for anything but the one shortest form: a byte
/// with a needless prefix, a long length that would have been short, a leading zero in a length, bytes left over.
[[nodiscard]] Result<Item> decode(ByteView text);

}  // namespace calypte::evm::rlp
