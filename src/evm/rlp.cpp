#include "evm/rlp.hpp"

#include <algorithm>

#include "evm/quantity.hpp"

namespace calypte::evm::rlp {
namespace {

constexpr std::uint8_t kString = 0x80;
constexpr std::uint8_t kList = 0xc0;
/// Longer payloads have their length in bytes of its own.
constexpr std::size_t kLongest = 55;

Status malformed(const char* what) { return {StatusCode::malformed, std::string("RLP: ") + what}; }

void append_head(ByteString& out, std::uint8_t kind, std::size_t size) {
  if (size <= kLongest) {
    out.push_back(static_cast<std::uint8_t>(kind + size));
    return;
  }
  unsigned bytes = 1;
  while (bytes < sizeof(size) && (size >> (8 * bytes)) != 0) ++bytes;
  out.push_back(static_cast<std::uint8_t>(kind + kLongest + bytes));
  while (bytes-- > 0) out.push_back(static_cast<std::uint8_t>(size >> (8 * bytes)));
}

}  // namespace

void append_bytes(ByteString& out, ByteView bytes) {
  if (bytes.size() != 1 || bytes[0] >= kString) append_head(out, kString, bytes.size());
  append(out, bytes);
}

void append_integer(ByteString& out, const Uint256& value) {
  const Word word = to_word(value);
  const auto first = std::find_if(word.begin(), word.end(), [](std::uint8_t byte) { return byte != 0; });
  append_bytes(out, ByteView(first, word.end()));
}

void append_integer(ByteString& out, std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  std::size_t first = bytes.size();
  for (; value != 0; value >>= 8U) bytes[--first] = static_cast<std::uint8_t>(value);
  append_bytes(out, ByteView(bytes).subspan(first));
}

void append_list(ByteString& out, ByteView payload) {
  append_head(out, kList, payload.size());
  append(out, payload);
}

/// Takes items off the front of a text.
struct Reader {
  ByteView rest;

  Result<Item> next() {
    const std::uint8_t prefix = rest[0];
    if (prefix < kString) return take(false, 0, 1);
    const bool is_list = prefix >= kList;
    const std::size_t code = is_list ? prefix - std::size_t{kList} : prefix - std::size_t{kString};
    if (code <= kLongest) {
      if (!is_list && code == 1 && rest.size() > 1 && rest[1] < kString) {
        return malformed("a single byte with a needless prefix");
      }
      return take(is_list, 1, code);
    }
    const std::size_t bytes = code - kLongest;
    if (bytes >= rest.size()) return malformed("the text ends inside a length");
    if (rest[1] == 0) return malformed("a length with a leading zero");
    if (bytes > 4) return malformed("a length beyond every bound");
    std::size_t size = 0;
    for (std::size_t i = 1; i <= bytes; ++i) size = size << 8U | rest[i];
    if (size <= kLongest) return malformed("a long form of a short length");
    return take(is_list, 1 + bytes, size);
  }

  Result<Item> take(bool is_list, std::size_t head, std::size_t size) {
    if (size > rest.size() - head) return malformed("the text ends inside an item");
    const Item item(is_list, rest.subspan(head, size));
    rest = rest.subspan(head + size);
    return item;
  }

  /// Everything inside a list, too. Depth is bounded by `kMaxDepth`.
  static Status check(const Item& list, std::size_t depth) {
    if (depth > kMaxDepth) return malformed("lists nest too deep");
    Reader reader{list.payload()};
    while (!reader.rest.empty()) {
      const Result<Item> item = reader.next();
      if (!item) return item.status();
      if (!item->is_list()) continue;
      if (Status status = check(*item, depth + 1); !status.ok()) return status;
    }
    return {};
  }
};

Result<Item> decode(ByteView text) {
  if (text.empty()) return malformed("no text");
  if (text.size() > kMaxSize) return malformed("the text is too long");
  Reader reader{text};
  Result<Item> item = reader.next();
  if (!item) return item;
  if (!reader.rest.empty()) return malformed("bytes behind the end");
  if (item->is_list()) {
    if (Status status = Reader::check(*item, 1); !status.ok()) return status;
  }
  return item;
}

Result<std::vector<Item>> Item::items() const {
  if (!is_list_) return malformed("a list expected");
  std::vector<Item> items;
  Reader reader{payload_};
  while (!reader.rest.empty()) {
    Result<Item> item = reader.next();
    if (!item) return item.status();
    items.push_back(*item);
  }
  return items;
}

Result<Uint256> Item::integer() const {
  if (is_list_) return malformed("an integer expected");
  if (payload_.size() > 32) return malformed("an integer of more than 256 bits");
  if (!payload_.empty() && payload_[0] == 0) return malformed("an integer with a leading zero");
  return from_big_endian(payload_);
}

Result<std::uint64_t> Item::integer_64() const {
  const Result<Uint256> value = integer();
  if (!value) return value.status();
  const auto narrow = to_uint64(*value);
  if (!narrow) return malformed("an integer of more than 64 bits");
  return *narrow;
}

}  // namespace calypte::evm::rlp
