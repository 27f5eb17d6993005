#include "evm/abi_decoder.hpp"

#include "support.hpp"

namespace calypte::evm::abi {
namespace {

/// Words from hexadecimal digits, each padded at the front.
ByteString words(std::initializer_list<std::string_view> digits) {
  std::string text = "0x";
  for (const std::string_view word : digits) text.append(64 - word.size(), '0').append(word);
  return bytes(text);
}

const std::string kOnes(64, 'f');

template <typename Read>
void expect_malformed(const ByteString& data, Read read) {
  Decoder in(data);
  read(in);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.status().code(), StatusCode::malformed);
  EXPECT_FALSE(in.status().message().empty());
  // What comes after a failure is nothing, and the failure stays.
  const Status first = in.status();
  EXPECT_EQ(in.uint(), 0);
  EXPECT_TRUE(in.address().is_zero());
  EXPECT_EQ(in.array().count(), 0U);
  EXPECT_TRUE(in.bytes().empty());
  EXPECT_EQ(in.status(), first);
}

TEST(AbiDecoder, too_little_data_is_a_failure) {
  expect_malformed({}, [](Decoder& in) { EXPECT_EQ(in.uint(), 0); });
  expect_malformed(ByteString(31), [](Decoder& in) { EXPECT_FALSE(in.boolean()); });
  expect_malformed(words({"1"}), [](Decoder& in) {
    EXPECT_EQ(in.uint(), 1);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.uint(), 0);
  });
}

TEST(AbiDecoder, numbers_beyond_their_types_are_failures) {
  expect_malformed(words({"100"}), [](Decoder& in) { (void)in.uint(8); });
  expect_malformed(words({"100"}), [](Decoder& in) { (void)in.uint_64(8); });
  expect_malformed(words({"10000000000000000"}), [](Decoder& in) { (void)in.uint_64(); });
  expect_malformed(words({"80"}), [](Decoder& in) { (void)in.integer(8); });
  expect_malformed(words({"80"}), [](Decoder& in) { (void)in.integer_64(8); });
  expect_malformed(words({"ff80"}), [](Decoder& in) { (void)in.integer(8); });
  expect_malformed(words({"ffffffffffffff80"}), [](Decoder& in) { (void)in.integer_64(8); });
  expect_malformed(words({std::string(62, 'f') + "7f"}), [](Decoder& in) { (void)in.integer(8); });
  expect_malformed(words({std::string(62, 'f') + "7f"}), [](Decoder& in) { (void)in.integer_64(8); });
  expect_malformed(words({"2"}), [](Decoder& in) { (void)in.boolean(); });
  expect_malformed(words({"1" + std::string(40, '0')}), [](Decoder& in) { (void)in.address(); });
}

TEST(AbiDecoder, the_borders_of_types_are_read) {
  const ByteString data = words({std::string(62, 'f') + "80", std::string(62, 'f') + "80", "7f", "7f", kOnes, kOnes,
                                 "8000000000000000", std::string(48, 'f') + "8000000000000000", "ffffffffffffffff"});
  Decoder in(data);
  EXPECT_EQ(in.integer(8), -128);
  EXPECT_EQ(in.integer_64(8), -128);
  EXPECT_EQ(in.integer(8), 127);
  EXPECT_EQ(in.integer_64(8), 127);
  EXPECT_EQ(in.integer(256), -1);
  EXPECT_EQ(in.uint(), largest());
  EXPECT_EQ(in.integer(72), Int256(1) << 63U);
  EXPECT_EQ(in.integer_64(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(in.uint_64(), ~std::uint64_t{0});
  EXPECT_TRUE(in.ok());
}

TEST(AbiDecoder, offsets_and_lengths_beyond_the_data_are_failures) {
  const auto read_bytes = [](Decoder& in) { EXPECT_TRUE(in.bytes().empty()); };
  expect_malformed(words({"21"}), read_bytes);
  expect_malformed(words({"20"}), read_bytes);
  expect_malformed(words({kOnes}), read_bytes);
  expect_malformed(words({"10000000000000020", "0"}), read_bytes);
  expect_malformed(words({"20", "1"}), read_bytes);
  expect_malformed(words({"20", kOnes, "0"}), read_bytes);
  expect_malformed(words({"20", "ffffffffffffffe0", "0"}), read_bytes);
  const auto read_array = [](Decoder& in) { EXPECT_EQ(in.array(2).count(), 0U); };
  expect_malformed(words({"20", "2", "0", "0", "0"}), read_array);
  expect_malformed(words({"20", "8000000000000000", "0", "0"}), read_array);
  expect_malformed(words({"40"}), [](Decoder& in) { (void)in.tuple().uint(); });
}

TEST(AbiDecoder, a_part_shares_the_failure_of_the_whole) {
  const ByteString data = words({"20", "1", "2"});
  Decoder in(data);
  Decoder flags = in.array();
  ASSERT_EQ(flags.count(), 1U);
  EXPECT_FALSE(flags.boolean());
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(flags.count(), 0U);
  EXPECT_FALSE(flags.status().ok());
}

TEST(AbiDecoder, bytes_need_no_padding_at_the_end) {
  ByteString data = words({"20", "3"});
  append(data, as_bytes("abc"));
  Decoder in(data);
  EXPECT_EQ(in.string(), "abc");
  EXPECT_TRUE(in.ok());
}

TEST(AbiDecoder, shared_parts_do_not_make_much_out_of_little) {
  // A list of texts that are all the same long one.
  constexpr std::size_t kCount = 100;
  ByteString data = words({"20", "64"});
  for (std::size_t i = 0; i < kCount; ++i) append(data, words({"c80"}));
  append(data, words({"3e8"}));
  data.resize(data.size() + 1000);
  Decoder in(data);
  Decoder texts = in.array();
  ASSERT_EQ(texts.count(), kCount);
  std::size_t total = 0;
  for (std::size_t i = 0; i < kCount; ++i) total += texts.bytes().size();
  EXPECT_FALSE(in.ok());
  EXPECT_GE(total, 1000U);  // the first one is its own
  EXPECT_LE(total, data.size());
}

TEST(AbiDecoder, a_text_that_points_at_itself_ends) {
  const ByteString data = words({"0", "1"});
  Decoder in(data);
  Decoder part = in.array();
  for (int depth = 0; depth < 10 && part.ok(); ++depth) (void)part.array();
  EXPECT_EQ(in.tuple().uint(), 0);
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace calypte::evm::abi
