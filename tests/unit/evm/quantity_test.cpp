#include "evm/quantity.hpp"

#include "support.hpp"

namespace calypte::evm {
namespace {

TEST(Quantity, numbers_are_written_without_leading_zeros) {
  EXPECT_EQ(to_quantity(std::uint64_t{0}), "0x0");
  EXPECT_EQ(to_quantity(std::uint64_t{1024}), "0x400");
  EXPECT_EQ(to_quantity(~std::uint64_t{0}), "0xffffffffffffffff");
  EXPECT_EQ(to_quantity(Uint256(0)), "0x0");
  EXPECT_EQ(to_quantity(Uint256(65)), "0x41");
  EXPECT_EQ(to_quantity(largest()), "0x" + std::string(64, 'f'));
  EXPECT_EQ(to_quantity(Uint256(Uint256(1) << 64U)), "0x10000000000000000");
}

TEST(Quantity, what_is_written_is_read_again) {
  for (unsigned bit = 0; bit < 256; ++bit) {
    const Uint256 value = (Uint256(1) << bit) + bit;
    EXPECT_EQ(parse_quantity(to_quantity(value)), value) << bit;
  }
  EXPECT_EQ(parse_quantity_64("0xFf"), 255U);
  EXPECT_EQ(parse_quantity_64("0xffffffffffffffff"), ~std::uint64_t{0});
}

TEST(Quantity, junk_is_refused) {
  for (const char* text : {"", "0x", "0", "12", "0x00", "0x01", "0X1", "0xg", "-0x1", "0x-1", " 0x1", "0x1 ", "1x0"}) {
    EXPECT_FALSE(parse_quantity(text)) << text;
    EXPECT_FALSE(parse_quantity_64(text)) << text;
  }
  EXPECT_FALSE(parse_quantity("0x1" + std::string(64, '0')));
  EXPECT_FALSE(parse_quantity_64("0x10000000000000000"));
}

TEST(Quantity, words_are_big_endian_and_twos_complement) {
  EXPECT_EQ(to_hex(to_word(Uint256(0x0102))), "0x" + std::string(60, '0') + "0102");
  EXPECT_EQ(to_hex(to_word(Int256(-2))), "0x" + std::string(63, 'f') + "e");
  const Int256 lowest = -(Int256(1) << 255U);
  EXPECT_EQ(to_hex(to_word(lowest)), "0x8" + std::string(63, '0'));
  for (const Int256& value : {lowest, Int256(lowest + 1), Int256(-1), Int256(0), Int256(1), Int256(-(lowest + 1))}) {
    EXPECT_EQ(from_twos_complement(to_word(value)), value) << value;
  }
  for (unsigned bit = 0; bit < 256; ++bit) {
    const Uint256 value = Uint256(largest() >> bit) - bit % 3;
    EXPECT_EQ(from_big_endian(to_word(value)), value) << bit;
  }
  EXPECT_EQ(from_big_endian(bytes("0x0100")), 256);
  EXPECT_EQ(from_big_endian({}), 0);
}

TEST(Quantity, lengths_in_bits_and_narrow_numbers) {
  EXPECT_EQ(bit_length(0), 0U);
  EXPECT_EQ(bit_length(1), 1U);
  EXPECT_EQ(bit_length(255), 8U);
  EXPECT_EQ(bit_length(256), 9U);
  EXPECT_EQ(bit_length(largest()), 256U);
  EXPECT_EQ(to_uint64(Uint256(~std::uint64_t{0})), ~std::uint64_t{0});
  EXPECT_FALSE(to_uint64(Uint256(Uint256(1) << 64U)));
}

}  // namespace
}  // namespace calypte::evm
