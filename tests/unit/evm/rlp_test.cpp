#include "evm/rlp.hpp"

#include "support.hpp"

namespace calypte::evm {
namespace {

std::string encoded(std::string_view text) {
  ByteString out;
  rlp::append_bytes(out, as_bytes(text));
  return to_hex(out);
}
std::string encoded(const Uint256& value) {
  ByteString wide;
  rlp::append_integer(wide, value);
  if (value <= ~std::uint64_t{0}) {
    ByteString narrow;
    rlp::append_integer(narrow, static_cast<std::uint64_t>(value));
    EXPECT_EQ(narrow, wide);
  }
  return to_hex(wide);
}
ByteString list(std::initializer_list<ByteString> items) {
  ByteString payload;
  for (const ByteString& item : items) append(payload, item);
  ByteString out;
  rlp::append_list(out, payload);
  return out;
}

// The examples of the specification.
TEST(Rlp, the_published_examples_are_encoded) {
  EXPECT_EQ(encoded("dog"), "0x83646f67");
  EXPECT_EQ(encoded(""), "0x80");
  EXPECT_EQ(encoded(Uint256(0)), "0x80");
  EXPECT_EQ(encoded(std::string_view("\0", 1)), "0x00");
  EXPECT_EQ(encoded(Uint256(15)), "0x0f");
  EXPECT_EQ(encoded(Uint256(1024)), "0x820400");
  EXPECT_EQ(to_hex(list({bytes("0x83636174"), bytes("0x83646f67")})), "0xc88363617483646f67");
  EXPECT_EQ(to_hex(list({})), "0xc0");
  const ByteString one = list({list({})});
  EXPECT_EQ(to_hex(list({list({}), one, list({list({}), one})})), "0xc7c0c1c0c3c0c1c0");
  EXPECT_EQ(encoded("Lorem ipsum dolor sit amet, consectetur adipisicing elit"),
            "0xb8384c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572206164697069736963696e"
            "6720656c6974");
}

TEST(Rlp, sizes_around_the_borders_of_the_forms_come_back) {
  for (const std::size_t size : {0U, 1U, 2U, 54U, 55U, 56U, 57U, 255U, 256U, 257U, 65535U, 65536U}) {
    ByteString text(size, 0x90);
    ByteString out;
    rlp::append_bytes(out, text);
    const auto item = rlp::decode(out);
    ASSERT_TRUE(item.ok()) << size;
    EXPECT_FALSE(item->is_list());
    EXPECT_EQ(ByteString(item->payload().begin(), item->payload().end()), text);
    const ByteString wrapped = list({out, bytes("0x05")});
    const auto outer = rlp::decode(wrapped);
    ASSERT_TRUE(outer.ok()) << size;
    const auto items = outer->items();
    ASSERT_TRUE(items.ok());
    ASSERT_EQ(items->size(), 2U);
    EXPECT_EQ((*items)[0].payload().size(), size);
    EXPECT_EQ((*items)[1].integer_64().value(), 5U);
  }
}

TEST(Rlp, integers_come_back) {
  for (unsigned bit = 0; bit < 256; ++bit) {
    ByteString out;
    const Uint256 value = Uint256(1) << bit;
    rlp::append_integer(out, value);
    EXPECT_EQ(rlp::decode(out)->integer().value(), value);
    EXPECT_EQ(rlp::decode(out)->integer_64().ok(), bit < 64);
  }
}

TEST(Rlp, only_the_shortest_form_is_read) {
  const std::string long_text = "0xb900" + std::string("38") + std::string(112, '1');
  for (const std::string& text : {
           std::string("0x"),
           std::string("0x8100"),    // a byte that is its own encoding
           std::string("0x817f"),    //
           std::string("0xb80100"),  // a long form of a short text
           std::string("0xb837") + std::string(110, '1'),
           long_text,                // a length with a leading zero
           std::string("0xb800"),    //
           std::string("0xf80180"),  // a long form of a short list
           std::string("0x0000"),    // two items
           std::string("0x83646f"),  // cut short
           std::string("0xc883636174"),
           std::string("0xb8"),
           std::string("0xb938"),
           std::string("0xbfffffffffffffffff"),
           std::string("0xffffffffffffffffff"),
           std::string("0xc28100"),  // the same inside a list
           std::string("0xc3c28100"),
           std::string("0xc183"),
       }) {
    EXPECT_EQ(rlp::decode(bytes(text)).status().code(), StatusCode::malformed) << text;
  }
  EXPECT_TRUE(rlp::decode(bytes("0xb838" + std::string(112, '1'))).ok());
}

TEST(Rlp, integers_with_leading_zeros_or_too_many_bytes_are_refused) {
  EXPECT_FALSE(rlp::decode(bytes("0x820001"))->integer().ok());
  EXPECT_FALSE(rlp::decode(bytes("0x00"))->integer().ok());
  EXPECT_FALSE(rlp::decode(bytes("0xc0"))->integer().ok());
  EXPECT_FALSE(rlp::decode(bytes("0xa101" + std::string(64, '0')))->integer().ok());
  EXPECT_FALSE(rlp::decode(bytes("0x80"))->items().ok());
}

TEST(Rlp, depth_and_size_are_bounded) {
  const auto nested = [](std::size_t depth) {
    ByteString text = bytes("0xc0");
    for (std::size_t i = 1; i < depth; ++i) text = list({text});
    return text;
  };
  EXPECT_TRUE(rlp::decode(nested(rlp::kMaxDepth)).ok());
  EXPECT_FALSE(rlp::decode(nested(rlp::kMaxDepth + 1)).ok());
  EXPECT_FALSE(rlp::decode(nested(10'000)).ok());
  ByteString text;
  rlp::append_bytes(text, ByteString(rlp::kMaxSize, 1));
  EXPECT_FALSE(rlp::decode(text).ok());
}

}  // namespace
}  // namespace calypte::evm
