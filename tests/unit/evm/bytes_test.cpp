#include <unordered_set>

#include "evm/keccak.hpp"
#include "support.hpp"

namespace calypte::evm {
namespace {

TEST(Hex, bytes_are_written_in_lower_case_and_read_in_both) {
  EXPECT_EQ(to_hex(bytes("0x00ABcdEf")), "0x00abcdef");
  EXPECT_EQ(to_hex({}), "0x");
  EXPECT_EQ(from_hex("0x").value(), ByteString{});
}

TEST(Hex, what_is_not_whole_bytes_behind_the_prefix_is_refused) {
  for (const char* text : {"", "0", "0x0", "00", "0X00", "0x0g", "0x 0", "x000", "0x00 ", "0x-1"}) {
    const auto parsed = from_hex(text);
    EXPECT_EQ(parsed.status().code(), StatusCode::malformed) << text;
  }
}

TEST(Hex, a_text_in_the_wrong_place_is_not_repeated_in_the_message) {
  const auto parsed = from_hex("my secret");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.status().message().find("secret"), std::string::npos);
}

TEST(Hash32, only_thirty_two_bytes_are_one) {
  const std::string text = "0x" + std::string(62, '0') + "1f";
  EXPECT_EQ(hash32(text).to_string(), text);
  EXPECT_FALSE(hash32(text).is_zero());
  EXPECT_FALSE(Hash32::parse(text.substr(0, 64)).ok());
  EXPECT_FALSE(Hash32::parse(text + "00").ok());
  EXPECT_TRUE(Hash32{}.is_zero());
}

TEST(Keccak, the_empty_text_has_the_published_hash) {
  EXPECT_EQ(keccak256("").to_string(), "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
}

// The examples of EIP-55.
constexpr const char* kChecksummed[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"};

TEST(Address, the_examples_of_eip_55_are_read_and_written) {
  for (const char* text : kChecksummed) EXPECT_EQ(address(text).to_string(), text);
}

TEST(Address, digits_of_one_case_need_no_checksum) {
  const Address expected = address(kChecksummed[4]);
  EXPECT_EQ(address("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), expected);
  EXPECT_EQ(address("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"), expected);
  EXPECT_EQ(expected.to_hex(), "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");
}

TEST(Address, a_mistyped_digit_or_case_is_found) {
  EXPECT_FALSE(Address::parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD").ok());
  EXPECT_FALSE(Address::parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee").ok());
  EXPECT_FALSE(Address::parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe").ok());
  EXPECT_FALSE(Address::parse("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").ok());
  EXPECT_FALSE(Address::parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed00").ok());
}

TEST(Address, addresses_have_the_order_of_their_bytes_and_a_hash) {
  const Address low = address("0x00000000000000000000000000000000000000ff");
  const Address high = address("0x0100000000000000000000000000000000000000");
  EXPECT_LT(low, high);
  EXPECT_TRUE(Address{}.is_zero());
  EXPECT_FALSE(low.is_zero());
  std::unordered_set<Address> set{low, high, low};
  EXPECT_EQ(set.size(), 2U);
}

TEST(Address, the_published_pool_of_usdc_and_ether_is_found_by_create2) {
  // Factory, init-code hash and pool (fee 0.3 %) as they are on the main chain.
  ByteString key;
  for (const char* word : {"0x000000000000000000000000a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
                           "0x000000000000000000000000c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",
                           "0x0000000000000000000000000000000000000000000000000000000000000bb8"}) {
    append(key, bytes(word));
  }
  EXPECT_EQ(create2_address(address("0x1F98431c8aD98523631AE4a59f267346ea31F984"), keccak256(key),
                            hash32("0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54")),
            address("0x8ad599c3A0ff1De082011EFDDc58f1908eb6e6D8"));
}

}  // namespace
}  // namespace calypte::evm
