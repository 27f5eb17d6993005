#include "evm/revert_reason.hpp"

#include <array>

#include "support.hpp"

namespace calypte::evm {
namespace {

using Kind = RevertReason::Kind;

// Made once with ethers 6.17.0: Interface.encodeErrorResult.
constexpr const char* kError =
    "0x08c379a0000000000000000000000000000000000000000000000000000000000000002000000000000000000000000000"
    "00000000000000000000000000000000000013546f6f206c6974746c65207265636569766564000000000000000000000000"
    "00";
constexpr const char* kPanic = "0x4e487b710000000000000000000000000000000000000000000000000000000000000011";
constexpr const char* kExpired =
    "0x4e9c5bbe000000000000000000000000000000000000000000000000000000000000000100000000000000000000000035"
    "35353535353535353535353535353535353535";

TEST(RevertReason, a_text_of_the_contract_is_told) {
  const auto reason = decode_revert(bytes(kError));
  EXPECT_EQ(reason.kind, Kind::message);
  EXPECT_EQ(reason.text, "Too little received");
  EXPECT_EQ(reason.data, bytes(kError));
}

TEST(RevertReason, panics_are_named) {
  const auto reason = decode_revert(bytes(kPanic));
  EXPECT_EQ(reason.kind, Kind::panic);
  EXPECT_EQ(reason.text, "arithmetic overflow (0x11)");
  ByteString other = bytes(kPanic);
  other[4] = 1;
  EXPECT_EQ(decode_revert(other).text, "panic 0x1" + std::string(60, '0') + "11");
}

TEST(RevertReason, custom_errors_are_named_if_they_are_known) {
  constexpr std::array<std::string_view, 2> kKnown{"Other()", "Expired(uint256,address)"};
  EXPECT_EQ(decode_revert(bytes(kExpired), kKnown).text, "Expired(uint256,address)");
  const auto unknown = decode_revert(bytes(kExpired));
  EXPECT_EQ(unknown.kind, Kind::custom);
  EXPECT_EQ(unknown.text, "error 0x4e9c5bbe");
}

TEST(RevertReason, nothing_is_nothing) {
  EXPECT_EQ(decode_revert({}).kind, Kind::none);
  EXPECT_EQ(decode_revert({}).text, "");
}

TEST(RevertReason, bytes_of_no_convention_are_shown_and_bounded) {
  EXPECT_EQ(decode_revert(bytes("0x0102")).kind, Kind::other);
  EXPECT_EQ(decode_revert(bytes("0x0102")).text, "0x0102");
  const auto cut = decode_revert(ByteView(bytes(kError)).first(50));
  EXPECT_EQ(cut.kind, Kind::other);
  const auto large = decode_revert(ByteString(100'000, 0xaa));
  EXPECT_LE(large.text.size(), 200U);
  EXPECT_EQ(large.data.size(), 4096U);
}

TEST(RevertReason, a_text_for_a_log_is_printable_and_short) {
  ByteString hostile = bytes(kError);
  hostile[4 + 64] = 0x1b;
  hostile[4 + 65] = '\n';
  EXPECT_EQ(decode_revert(hostile).text, "??o little received");
  EXPECT_EQ(printable(std::string(1000, 'a'), 10), "aaaaaaaaaa");
  EXPECT_EQ(printable("a\xc3\xbc~ "), "a??~ ");
}

}  // namespace
}  // namespace calypte::evm
