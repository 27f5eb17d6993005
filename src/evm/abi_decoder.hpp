// Reading what contracts return and log (Solidity's "Contract ABI Specification"). The bytes come from a node that is
// not trusted.
//
//   abi::Decoder in(data);
//   const Uint256 amount = in.uint();
//   const Address owner = in.address();
//   if (Status s = in.status(); !s.ok()) return s;
//
// Values are read in the order of the signature. The first failure is kept and everything read after it is zero or
// empty, so that one look at the end is enough. What is read from one decoder, all parts together, is never more than
// the bytes that came: offsets that share their target, which no compiler writes, cannot make much out of little.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "calypte/result.hpp"

#include "evm/address.hpp"
#include "evm/bytes.hpp"
#include "evm/hash32.hpp"
#include "evm/uint256.hpp"

namespace calypte::evm::abi {

/// Views that it gives are valid as long as the data. A part (of a tuple, of an array) must not outlive the decoder it
/// was taken from, whose failure it shares.
class Decoder {
 public:
  explicit Decoder(ByteView data) noexcept;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// uintN; a value beyond it is a failure.
  Uint256 uint(unsigned bits = 256);
  /// For uintN up to 64.
  std::uint64_t uint_64(unsigned bits = 64);
  /// intN; a word that is not its sign extension is a failure.
  Int256 integer(unsigned bits = 256);
  /// For intN up to 64, ticks for example.
  std::int64_t integer_64(unsigned bits = 64);
  Address address();
  bool boolean();
  /// bytes32.
  Hash32 word();
  ByteView bytes();
  /// The bytes as they came: not checked for UTF-8.
  std::string_view string();
  /// The members of a dynamic tuple. The members of a static one stand in line: read them from this decoder.
  Decoder tuple();
  /// The elements of a dynamic array, to be read `count()` times in order. `element_words` is how many words an element
  /// has at least in its head: 1, or the number of members of a static tuple. The count is checked against the bytes.
  Decoder array(std::size_t element_words = 1);

  /// Of an array: how many elements it has; 0 after a failure.
  [[nodiscard]] std::size_t count() const noexcept { return failure_->empty() ? count_ : 0; }
  [[nodiscard]] bool ok() const noexcept { return failure_->empty(); }
  /// `malformed` with what was wrong.
  [[nodiscard]] Status status() const;

 private:
  Decoder(Decoder& parent, ByteView frame, std::size_t count) noexcept;
  void fail(std::string_view what);
  bool charge(std::size_t bytes);
  /// The next word of the head; empty view after a failure.
  ByteView next();
  /// What stands from the offset in the next word of the head to the end of the frame.
  ByteView follow();
  /// A 64-bit number in a word that must not be larger than `limit`.
  std::size_t length(ByteView word, std::size_t limit);

  ByteView frame_;
  std::size_t place_ = 0;
  std::size_t count_ = 0;
  std::string own_failure_;
  std::size_t own_budget_ = 0;
  std::string* failure_;
  std::size_t* budget_;
};

}  // namespace calypte::evm::abi
