// Calling contracts: the encoding of arguments (Solidity's "Contract ABI Specification").
//
//   static const abi::Function kApprove("approve(address,uint256)");
//   Result<ByteString> data = kApprove.call(abi::Encoder().address(router).uint(amount));
//
// An encoder remembers the types that were put into it and `call` asserts that they are the function's: a slip of ours
// is found by the first test that makes the call, instead of by a contract that reads the words as something else.
// Values that do not fit their type come from outside and are errors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/result.hpp"

#include "evm/address.hpp"
#include "evm/bytes.hpp"
#include "evm/hash32.hpp"
#include "evm/uint256.hpp"

namespace calypte::evm::abi {

using Selector = std::array<std::uint8_t, 4>;

/// The first four bytes of the hash of a canonical signature: "transfer(address,uint256)", without names and spaces.
[[nodiscard]] Selector selector(std::string_view signature);

/// The arguments of a call, the members of a tuple, or the elements of an array, in order.
class Encoder {
 public:
  /// uintN; `bits` is a multiple of 8 up to 256.
  Encoder& uint(const Uint256& value, unsigned bits = 256);
  /// intN.
  Encoder& integer(const Int256& value, unsigned bits = 256);
  Encoder& address(const Address& value);
  Encoder& boolean(bool value);
  /// bytesN with N = value.size(), 1 to 32.
  Encoder& fixed_bytes(ByteView value);
  Encoder& bytes(ByteView value);
  Encoder& string(std::string_view value);
  /// A tuple, static or dynamic as its members are.
  Encoder& tuple(const Encoder& members);
  /// An array of any length. `element_type` is canonical ("address", "(int24,uint128)"); every element of `elements`
  /// must be of it.
  Encoder& array(std::string_view element_type, const Encoder& elements);

  /// "address,uint256"
  [[nodiscard]] const std::string& types() const noexcept { return types_; }
  /// Number of values at the top level.
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  /// Heads, then tails. `denied` with `invalid_amount` if a value did not fit its type.
  [[nodiscard]] Result<ByteString> encode() const;

 private:
  struct Offset {
    std::size_t place;   ///< in `head_`, where the word of the offset stands
    std::size_t target;  ///< in `tail_`
  };
  Encoder& word(const std::array<std::uint8_t, 32>& value, std::string_view type);
  Encoder& dynamic(ByteView tail, std::string_view type);
  void name(std::string_view type);
  [[nodiscard]] bool is_dynamic() const noexcept { return !offsets_.empty(); }
  [[nodiscard]] ByteString body() const;

  ByteString head_;
  ByteString tail_;
  std::vector<Offset> offsets_;
  std::string types_;
  std::size_t count_ = 0;
  bool out_of_range_ = false;
};

class Function {
 public:
  /// From a canonical signature; anything without a name and brackets asserts.
  explicit Function(std::string_view signature);
  [[nodiscard]] const std::string& signature() const noexcept { return signature_; }
  [[nodiscard]] const Selector& selector() const noexcept { return selector_; }
  /// Selector and arguments. The failure of `Encoder::encode`.
  [[nodiscard]] Result<ByteString> call(const Encoder& arguments = {}) const;
  /// True if `data`, of a transaction, calls this function; its arguments are what stands behind the selector.
  [[nodiscard]] bool is_called_by(ByteView data) const noexcept;

 private:
  std::string signature_;
  Selector selector_{};
};

/// An event of a contract. Its first topic is the hash of its signature, then come its indexed arguments.
class Event {
 public:
  Event(std::string_view signature, std::size_t indexed);
  [[nodiscard]] const Hash32& topic() const noexcept { return topic_; }
  /// True if a log with these topics is this event.
  [[nodiscard]] bool matches(const std::vector<Hash32>& topics) const noexcept {
    return topics.size() == indexed_ + 1 && topics.front() == topic_;
  }
  /// The indexed arguments as words one behind the other, for a `Decoder`; empty if the log is not of this event.
  /// Valid as long as `topics`.
  [[nodiscard]] ByteView indexed(const std::vector<Hash32>& topics) const noexcept;

 private:
  Hash32 topic_;
  std::size_t indexed_;
};

}  // namespace calypte::evm::abi
