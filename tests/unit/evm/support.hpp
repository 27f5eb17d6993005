// What the tests of this room share.
#pragma once

#include <gtest/gtest.h>
#include <string_view>

#include "evm/address.hpp"
#include "evm/bytes.hpp"
#include "evm/hash32.hpp"
#include "evm/hex.hpp"
#include "evm/uint256.hpp"
#include "venue/json.hpp"
#include "venue/wire.hpp"

namespace calypte::evm {

/// A literal that is no hexadecimal text fails the test that has it.
inline ByteString bytes(std::string_view text) {
  auto parsed = from_hex(text);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed ? *parsed : ByteString{};
}
inline Address address(std::string_view text) {
  auto parsed = Address::parse(text);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed ? *parsed : Address{};
}
inline Hash32 hash32(std::string_view text) {
  auto parsed = Hash32::parse(text);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed ? *parsed : Hash32{};
}
/// 10^n
inline Uint256 power_of_ten(unsigned n) { return boost::multiprecision::pow(Uint256(10), n); }
inline Uint256 largest() { return ~Uint256(0); }

/// A JSON text that is kept as long as its values are looked at.
class Json {
 public:
  explicit Json(std::string_view text) : buffer_(text) {
    auto parsed = document_.parse(buffer_.bytes());
    EXPECT_TRUE(parsed.ok()) << text;
    if (parsed) value_ = *parsed;
  }
  operator venue::json::Value() const { return value_; }  // NOLINT(google-explicit-constructor)

 private:
  venue::PaddedBuffer buffer_;
  venue::json::Document document_;
  venue::json::Value value_;
};

}  // namespace calypte::evm
