#include "evm/abi.hpp"

#include <algorithm>
#include <cassert>

#include "evm/keccak.hpp"
#include "evm/quantity.hpp"

namespace calypte::evm::abi {
namespace {

constexpr std::size_t kWord = 32;

/// The bytes, padded with zeros at the end to whole words.
void append_padded(ByteString& out, ByteView bytes) {
  append(out, bytes);
  out.resize(out.size() + (kWord - bytes.size() % kWord) % kWord);
}

/// "T,T,T"
std::string repeated(std::string_view type, std::size_t count) {
  std::string types;
  for (std::size_t i = 0; i < count; ++i) types.append(i > 0 ? "," : "").append(type);
  return types;
}

void append_number(ByteString& out, std::size_t value) { append(out, to_word(Uint256(value))); }

}  // namespace

Selector selector(std::string_view signature) {
  const Hash32 hash = keccak256(signature);
  Selector selector{};
  std::copy_n(hash.bytes.begin(), selector.size(), selector.begin());
  return selector;
}

void Encoder::name(std::string_view type) {
  if (count_++ > 0) types_ += ',';
  types_ += type;
}

Encoder& Encoder::word(const std::array<std::uint8_t, 32>& value, std::string_view type) {
  append(head_, value);
  name(type);
  return *this;
}

Encoder& Encoder::dynamic(ByteView tail, std::string_view type) {
  offsets_.push_back({head_.size(), tail_.size()});
  head_.resize(head_.size() + kWord);
  append(tail_, tail);
  name(type);
  return *this;
}

Encoder& Encoder::uint(const Uint256& value, unsigned bits) {
  assert(bits > 0 && bits <= 256 && bits % 8 == 0);
  if (bit_length(value) > bits) out_of_range_ = true;
  return word(to_word(value), "uint" + std::to_string(bits));
}

Encoder& Encoder::integer(const Int256& value, unsigned bits) {
  assert(bits > 0 && bits <= 256 && bits % 8 == 0);
  // A negative number has one more value than a positive one.
  const auto magnitude = static_cast<Uint256>(value >= 0 ? value : Int256(-(value + 1)));
  const bool fits = bit_length(magnitude) < bits;
  if (!fits) out_of_range_ = true;
  return word(fits ? to_word(value) : Word{}, "int" + std::to_string(bits));
}

Encoder& Encoder::address(const Address& value) {
  Word padded{};
  std::copy(value.bytes.begin(), value.bytes.end(), padded.begin() + 12);
  return word(padded, "address");
}

Encoder& Encoder::boolean(bool value) {
  Word padded{};
  padded.back() = value ? 1 : 0;
  return word(padded, "bool");
}

Encoder& Encoder::fixed_bytes(ByteView value) {
  assert(!value.empty() && value.size() <= kWord);
  Word padded{};
  std::copy(value.begin(), value.end(), padded.begin());
  return word(padded, "bytes" + std::to_string(value.size()));
}

Encoder& Encoder::bytes(ByteView value) {
  ByteString tail;
  append_number(tail, value.size());
  append_padded(tail, value);
  return dynamic(tail, "bytes");
}

Encoder& Encoder::string(std::string_view value) {
  ByteString tail;
  append_number(tail, value.size());
  append_padded(tail, as_bytes(value));
  return dynamic(tail, "string");
}

Encoder& Encoder::tuple(const Encoder& members) {
  if (members.out_of_range_) out_of_range_ = true;
  const std::string type = "(" + members.types_ + ")";
  if (members.is_dynamic()) return dynamic(members.body(), type);
  append(head_, members.head_);
  name(type);
  return *this;
}

Encoder& Encoder::array(std::string_view element_type, const Encoder& elements) {
  if (elements.out_of_range_) out_of_range_ = true;
  assert(elements.types_ == repeated(element_type, elements.count_) && "an element of another type");
  ByteString tail;
  append_number(tail, elements.count_);
  append(tail, elements.body());
  return dynamic(tail, std::string(element_type) + "[]");
}

ByteString Encoder::body() const {
  ByteString out = head_;
  for (const Offset& offset : offsets_) {
    const Word word = to_word(Uint256(head_.size() + offset.target));
    std::copy(word.begin(), word.end(), out.begin() + static_cast<std::ptrdiff_t>(offset.place));
  }
  append(out, tail_);
  return out;
}

Result<ByteString> Encoder::encode() const {
  if (out_of_range_) {
    return Status(StatusCode::denied, FailureReason::invalid_amount, "a number does not fit its type in a call");
  }
  return body();
}

Function::Function(std::string_view signature) : signature_(signature), selector_(abi::selector(signature)) {
  assert(signature.find('(') != 0 && signature.find('(') != std::string_view::npos && signature.ends_with(')'));
}

Result<ByteString> Function::call(const Encoder& arguments) const {
  assert(std::string_view(signature_).substr(signature_.find('(')) == "(" + arguments.types() + ")");
  const Result<ByteString> body = arguments.encode();
  if (!body) return body;
  ByteString data(selector_.begin(), selector_.end());
  append(data, *body);
  return data;
}

bool Function::is_called_by(ByteView data) const noexcept {
  return data.size() >= selector_.size() && std::equal(selector_.begin(), selector_.end(), data.begin());
}

Event::Event(std::string_view signature, std::size_t indexed) : topic_(keccak256(signature)), indexed_(indexed) {
  assert(signature.ends_with(')') && indexed <= 3);
}

ByteView Event::indexed(const std::vector<Hash32>& topics) const noexcept {
  if (!matches(topics)) return {};
  static_assert(sizeof(Hash32) == kWord);
  return {reinterpret_cast<const std::uint8_t*>(topics.data()) + kWord, indexed_ * kWord};
}

}  // namespace calypte::evm::abi
