#include "evm/abi.hpp"

#include "evm/abi_decoder.hpp"
#include "support.hpp"

namespace calypte::evm::abi {
namespace {

// Made once with ethers 6.17.0: Interface.encodeFunctionData, AbiCoder.encode.
constexpr const char* kMulticall =
    "0x5ae401dc000000000000000000000000000000000000000000000000000000006553f10000000000000000000000000000"
    "0000000000000000000000000000000000004000000000000000000000000000000000000000000000000000000000000000"
    "0300000000000000000000000000000000000000000000000000000000000000600000000000000000000000000000000000"
    "0000000000000000000000000000a000000000000000000000000000000000000000000000000000000000000000c0000000"
    "0000000000000000000000000000000000000000000000000000000002123400000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000002111111111111111111111111111111111111111111111111111"
    "111111111111111100000000000000000000000000000000000000000000000000000000000000";
constexpr const char* kExactInputSingle =
    "0x04e45aaf0000000000000000000000003535353535353535353535353535353535353535000000000000000000000000ab"
    "ababababababababababababababababababab0000000000000000000000000000000000000000000000000000000000000b"
    "b800000000000000000000000035353535353535353535353535353535353535350000000000000000000000000000000000"
    "000000000000000de0b6b3a76400000000000000000000000000000000000000000000000000000000000000000005000000"
    "0000000000000000000000000000000000000000000000000000000000";
constexpr const char* kExactInput =
    "0xb858183f000000000000000000000000000000000000000000000000000000000000002000000000000000000000000000"
    "0000000000000000000000000000000000008000000000000000000000000035353535353535353535353535353535353535"
    "3500000000000000000000000000000000000000000000000000000000000000070000000000000000000000000000000000"
    "000000000000000000000000000008000000000000000000000000000000000000000000000000000000000000002baaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa00000000000000000000"
    "0000000000000000000000";
constexpr const char* kMixed =
    "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffff2764c0000000000000000000000000000000000"
    "0000000000000000000000000000016162630000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000000000000000000000000000e0000000000000000000000000000000000000000000"
    "0000000000000000000120000000000000000000000000000000000000000000000000000000000000018080000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00000000000007556e6973776170000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000020000000000000000000000000000000000000000000000000000000000"
    "0000010000000000000000000000000000000000000000000000000000000000000002000000000000000000000000000000"
    "0000000000000000000000000000000002ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc400"
    "0000000000000000000000000000000000000000000000000000000000000500000000000000000000000000000000000000"
    "0000000000000000000000003c00000000000000000000000000000000ffffffffffffffffffffffffffffffff";
constexpr const char* kEmpty =
    "0x00000000000000000000000000000000000000000000000000000000000000400000000000000000000000000000000000"
    "0000000000000000000000000000600000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000";

const Address kAccount = address("0x3535353535353535353535353535353535353535");

std::string encoded(const Encoder& encoder) {
  const auto made = encoder.encode();
  return made ? to_hex(*made) : made.status().to_string();
}
std::string called(std::string_view signature, const Encoder& arguments) {
  const auto made = Function(signature).call(arguments);
  return made ? to_hex(*made) : made.status().to_string();
}
std::string word(std::string_view digits) { return std::string(64 - digits.size(), '0').append(digits); }

// The examples of Solidity's "Contract ABI Specification".
TEST(Abi, the_published_examples_are_encoded) {
  EXPECT_EQ(called("baz(uint32,bool)", Encoder().uint(69, 32).boolean(true)), "0xcdcd77c0" + word("45") + word("1"));
  Encoder numbers;
  numbers.uint(1).uint(2).uint(3);
  EXPECT_EQ(
      called("sam(bytes,bool,uint256[])", Encoder().bytes(as_bytes("dave")).boolean(true).array("uint256", numbers)),
      "0xa5643bf2" + word("60") + word("1") + word("a0") + word("4") + "64617665" + std::string(56, '0') + word("3") +
          word("1") + word("2") + word("3"));
  Encoder small;
  small.uint(0x456, 32).uint(0x789, 32);
  EXPECT_EQ(called("f(uint256,uint32[],bytes10,bytes)", Encoder()
                                                            .uint(0x123)
                                                            .array("uint32", small)
                                                            .fixed_bytes(as_bytes("1234567890"))
                                                            .bytes(as_bytes("Hello, world!"))),
            "0x8be65246" + word("123") + word("80") + "31323334353637383930" + std::string(44, '0') + word("e0") +
                word("2") + word("456") + word("789") + word("d") + "48656c6c6f2c20776f726c6421" +
                std::string(38, '0'));
}

TEST(Abi, arrays_of_arrays_and_of_texts_are_encoded) {
  Encoder first;
  first.uint(1).uint(2);
  Encoder second;
  second.uint(3);
  Encoder rows;
  rows.array("uint256", first).array("uint256", second);
  Encoder texts;
  texts.string("one").string("two").string("three");
  EXPECT_EQ(called("g(uint256[][],string[])", Encoder().array("uint256[]", rows).array("string", texts)),
            "0x2289b18c" + word("40") + word("140") + word("2") + word("40") + word("a0") + word("2") + word("1") +
                word("2") + word("1") + word("3") + word("3") + word("60") + word("a0") + word("e0") + word("3") +
                "6f6e65" + std::string(58, '0') + word("3") + "74776f" + std::string(58, '0') + word("5") +
                "7468726565" + std::string(54, '0'));
}

TEST(Abi, calls_of_the_routers_are_those_of_ethers) {
  Encoder calls;
  calls.bytes(bytes("0x1234")).bytes({}).bytes(ByteString(33, 0x11));
  EXPECT_EQ(called("multicall(uint256,bytes[])", Encoder().uint(1'700'000'000).array("bytes", calls)), kMulticall);

  Encoder single;
  single.address(kAccount)
      .address(address("0xabababababababababababababababababababab"))
      .uint(3000, 24)
      .address(kAccount)
      .uint(power_of_ten(18))
      .uint(5)
      .uint(0, 160);
  EXPECT_EQ(
      called("exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))", Encoder().tuple(single)),
      kExactInputSingle);

  Encoder path;
  path.bytes(ByteString(43, 0xaa)).address(kAccount).uint(7).uint(8);
  EXPECT_EQ(called("exactInput((bytes,address,uint256,uint256))", Encoder().tuple(path)), kExactInput);
}

Encoder mixed() {
  Encoder numbers;
  numbers.uint(1).uint(2);
  Encoder ticks;
  ticks.tuple(Encoder().integer(-60, 24).uint(5, 128));
  ticks.tuple(Encoder().integer(60, 24).uint((Uint256(1) << 128U) - 1, 128));
  return Encoder()
      .integer(-887220, 24)
      .boolean(true)
      .fixed_bytes(as_bytes("abc"))
      .string("Uniswap")
      .array("uint256", numbers)
      .array("(int24,uint128)", ticks)
      .integer(-(Int256(1) << 255U));
}

TEST(Abi, all_types_at_once_are_those_of_ethers) {
  EXPECT_EQ(encoded(mixed()), kMixed);
  EXPECT_EQ(encoded(Encoder().array("address", {}).bytes({})), kEmpty);
}

TEST(Abi, what_is_encoded_is_decoded) {
  const ByteString data = bytes(kMixed);
  Decoder in(data);
  EXPECT_EQ(in.integer_64(24), -887220);
  EXPECT_TRUE(in.boolean());
  EXPECT_EQ(in.word().to_string().substr(0, 10), "0x61626300");
  EXPECT_EQ(in.string(), "Uniswap");
  Decoder numbers = in.array();
  ASSERT_EQ(numbers.count(), 2U);
  EXPECT_EQ(numbers.uint(), 1);
  EXPECT_EQ(numbers.uint_64(), 2U);
  Decoder ticks = in.array(2);
  ASSERT_EQ(ticks.count(), 2U);
  EXPECT_EQ(ticks.integer(24), -60);
  EXPECT_EQ(ticks.uint(128), 5);
  EXPECT_EQ(ticks.integer_64(24), 60);
  EXPECT_EQ(ticks.uint(128), (Uint256(1) << 128U) - 1);
  EXPECT_EQ(in.integer(), -(Int256(1) << 255U));
  EXPECT_TRUE(in.status().ok()) << in.status().to_string();

  const ByteString call = bytes(kMulticall);
  EXPECT_TRUE(Function("multicall(uint256,bytes[])").is_called_by(call));
  EXPECT_FALSE(Function("multicall(bytes[])").is_called_by(call));
  Decoder arguments(ByteView(call).subspan(4));
  EXPECT_EQ(arguments.uint_64(), 1'700'000'000U);
  Decoder calls = arguments.array();
  ASSERT_EQ(calls.count(), 3U);
  EXPECT_EQ(to_hex(calls.bytes()), "0x1234");
  EXPECT_TRUE(calls.bytes().empty());
  EXPECT_EQ(calls.bytes().size(), 33U);
  EXPECT_TRUE(arguments.status().ok());

  const ByteString route = bytes(kExactInput);
  Decoder outer(ByteView(route).subspan(4));
  Decoder members = outer.tuple();
  EXPECT_EQ(members.bytes().size(), 43U);
  EXPECT_EQ(members.address(), kAccount);
  EXPECT_EQ(members.uint(), 7);
  EXPECT_EQ(members.uint(), 8);
  EXPECT_TRUE(outer.status().ok());
}

TEST(Abi, numbers_beyond_their_types_are_refused_before_anything_is_signed) {
  const auto refused = [](const Encoder& encoder) {
    return encoder.encode().status().reason() == FailureReason::invalid_amount;
  };
  EXPECT_TRUE(refused(Encoder().uint(256, 8)));
  EXPECT_FALSE(refused(Encoder().uint(255, 8)));
  EXPECT_TRUE(refused(Encoder().integer(128, 8)));
  EXPECT_FALSE(refused(Encoder().integer(127, 8)));
  EXPECT_FALSE(refused(Encoder().integer(-128, 8)));
  EXPECT_TRUE(refused(Encoder().integer(-129, 8)));
  EXPECT_TRUE(refused(Encoder().integer(Int256(1) << 255U)));
  Encoder bad;
  bad.uint(Uint256(1) << 160U, 160);
  EXPECT_TRUE(refused(Encoder().tuple(bad)));
  EXPECT_TRUE(refused(Encoder().array("uint160", bad)));
  EXPECT_EQ(Function("f(uint160)").call(bad).status().code(), StatusCode::denied);
}

TEST(AbiDeathTest, arguments_of_another_function_assert) {
  const Function approve("approve(address,uint256)");
  EXPECT_DEATH((void)approve.call(Encoder().uint(1).address(kAccount)), "");
  EXPECT_DEATH((void)Encoder().array("uint256", Encoder().address(kAccount)), "");
}

TEST(Abi, events_are_known_by_their_topics) {
  const Event transfer("Transfer(address,address,uint256)", 2);
  EXPECT_EQ(transfer.topic().to_string(), "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
  const std::vector<Hash32> topics{transfer.topic(), hash32("0x" + word("3535353535353535353535353535353535353535")),
                                   hash32("0x" + word("01"))};
  ASSERT_TRUE(transfer.matches(topics));
  Decoder in(transfer.indexed(topics));
  EXPECT_EQ(in.address(), kAccount);
  EXPECT_EQ(in.address().bytes.back(), 1);
  EXPECT_TRUE(in.status().ok());
  EXPECT_FALSE(transfer.matches({}));
  EXPECT_FALSE(transfer.matches({topics[0], topics[1]}));
  EXPECT_FALSE(transfer.matches({topics[1], topics[1], topics[2]}));
  EXPECT_TRUE(transfer.indexed({topics[0]}).empty());
}

}  // namespace
}  // namespace calypte::evm::abi
