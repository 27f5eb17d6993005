#include "evm/abi_decoder.hpp"

#include <algorithm>
#include <cassert>

#include "evm/quantity.hpp"

namespace calypte::evm::abi {
namespace {

constexpr std::size_t kWordSize = 32;
constexpr std::uint64_t kAll = ~std::uint64_t{0};

bool all_are(ByteView bytes, std::uint8_t value) noexcept {
  return std::all_of(bytes.begin(), bytes.end(), [value](std::uint8_t byte) { return byte == value; });
}

std::uint64_t last_64(ByteView word) noexcept {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : word.last(8)) value = value << 8U | byte;
  return value;
}

}  // namespace

Decoder::Decoder(ByteView data) noexcept
    : frame_(data), own_budget_(data.size()), failure_(&own_failure_), budget_(&own_budget_) {}

Decoder::Decoder(Decoder& parent, ByteView frame, std::size_t count) noexcept
    : frame_(frame), count_(count), failure_(parent.failure_), budget_(parent.budget_) {}

Status Decoder::status() const {
  if (failure_->empty()) return {};
  return {StatusCode::malformed, "data of a contract: " + *failure_};
}

void Decoder::fail(std::string_view what) {
  if (failure_->empty()) *failure_ = what;
}

bool Decoder::charge(std::size_t bytes) {
  if (bytes > *budget_) {
    fail("parts that share their bytes");
    return false;
  }
  *budget_ -= bytes;
  return true;
}

ByteView Decoder::next() {
  if (!ok()) return {};
  if (frame_.size() - place_ < kWordSize) {
    fail(frame_.empty() ? "there is none" : "it is too short");
    return {};
  }
  if (!charge(kWordSize)) return {};
  const ByteView word = frame_.subspan(place_, kWordSize);
  place_ += kWordSize;
  return word;
}

std::size_t Decoder::length(ByteView word, std::size_t limit) {
  if (word.empty()) return 0;
  const std::uint64_t value = last_64(word);
  if (!all_are(word.first(24), 0) || value > limit) {
    fail("an offset or a length beyond its end");
    return 0;
  }
  return value;
}

ByteView Decoder::follow() {
  const std::size_t offset = length(next(), frame_.size());
  return ok() ? frame_.subspan(offset) : ByteView{};
}

Uint256 Decoder::uint(unsigned bits) {
  assert(bits > 0 && bits <= 256 && bits % 8 == 0);
  const ByteView word = next();
  if (word.empty()) return 0;
  if (!all_are(word.first(kWordSize - bits / 8), 0)) {
    fail("a number beyond its type");
    return 0;
  }
  return from_big_endian(word);
}

std::uint64_t Decoder::uint_64(unsigned bits) {
  assert(bits > 0 && bits <= 64 && bits % 8 == 0);
  const ByteView word = next();
  if (word.empty()) return 0;
  const std::uint64_t value = last_64(word);
  if (!all_are(word.first(24), 0) || (bits < 64 && value >> bits != 0)) {
    fail("a number beyond its type");
    return 0;
  }
  return value;
}

Int256 Decoder::integer(unsigned bits) {
  assert(bits > 0 && bits <= 256 && bits % 8 == 0);
  const ByteView word = next();
  if (word.empty()) return 0;
  const std::size_t first = kWordSize - bits / 8;
  const bool negative = (word[first] & 0x80U) != 0;
  if (!all_are(word.first(first), negative ? 0xff : 0)) {
    fail("a number beyond its type");
    return 0;
  }
  return from_twos_complement(word);
}

std::int64_t Decoder::integer_64(unsigned bits) {
  assert(bits > 0 && bits <= 64 && bits % 8 == 0);
  const ByteView word = next();
  if (word.empty()) return 0;
  const std::uint64_t value = last_64(word);
  const bool negative = (value >> (bits - 1) & 1U) != 0;
  const std::uint64_t above = bits < 64 ? value >> bits : 0;
  const std::uint64_t extension = bits < 64 ? kAll >> bits : 0;
  if (!all_are(word.first(24), negative ? 0xff : 0) || above != (negative ? extension : 0)) {
    fail("a number beyond its type");
    return 0;
  }
  return static_cast<std::int64_t>(value);
}

Address Decoder::address() {
  const ByteView word = next();
  Address address;
  if (word.empty()) return address;
  if (!all_are(word.first(12), 0)) {
    fail("an address of more than 20 bytes");
    return address;
  }
  std::copy(word.begin() + 12, word.end(), address.bytes.begin());
  return address;
}

bool Decoder::boolean() {
  const std::uint64_t value = uint_64(8);
  if (value > 1) fail("a truth value that is neither");
  return ok() && value == 1;
}

Hash32 Decoder::word() {
  const ByteView word = next();
  Hash32 hash;
  if (!word.empty()) std::copy(word.begin(), word.end(), hash.bytes.begin());
  return hash;
}

ByteView Decoder::bytes() {
  Decoder part(*this, follow(), 0);
  const ByteView size = part.next();
  const std::size_t bytes = part.length(size, part.frame_.size() - part.place_);
  if (!ok() || !charge(bytes)) return {};
  return part.frame_.subspan(kWordSize, bytes);
}

std::string_view Decoder::string() { return as_text(bytes()); }

Decoder Decoder::tuple() {
  const ByteView frame = follow();
  return Decoder(*this, frame, 0);
}

Decoder Decoder::array(std::size_t element_words) {
  Decoder part(*this, follow(), 0);
  const ByteView size = part.next();
  const std::size_t rest = part.frame_.size() - part.place_;
  const std::size_t count = part.length(size, rest / kWordSize / std::max<std::size_t>(element_words, 1));
  const ByteView frame = ok() ? part.frame_.subspan(kWordSize) : ByteView{};
  return Decoder(*this, frame, count);
}

}  // namespace calypte::evm::abi
