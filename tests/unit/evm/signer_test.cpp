#include "evm/signer.hpp"

#include "evm/keccak.hpp"
#include "support.hpp"

namespace calypte::evm {
namespace {

constexpr std::array<std::uint8_t, 32> kBlinding{1, 2, 3};
/// Of the example of EIP-155.
std::string example_key() {
  std::string key;
  for (int i = 0; i < 32; ++i) key += "46";
  return key;
}

TEST(Signer, the_address_is_that_of_the_key) {
  for (const std::string& text : {example_key(), "0x" + example_key()}) {
    const auto signer = Signer::make(Secret(text), kBlinding);
    ASSERT_TRUE(signer.ok());
    EXPECT_EQ(signer->address().to_string(), "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
  }
}

TEST(Signer, keys_that_are_none_are_refused_without_being_repeated) {
  const std::string order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
  for (const std::string& text :
       {std::string(), std::string("0x"), std::string(64, '0'), order, std::string(64, 'f'), example_key() + "46",
        example_key().substr(2), "0x" + example_key().substr(2), example_key().substr(1) + "g", " " + example_key()}) {
    const auto signer = Signer::make(Secret(text), kBlinding);
    ASSERT_FALSE(signer.ok()) << text;
    EXPECT_EQ(signer.status().code(), StatusCode::denied);
    EXPECT_EQ(signer.status().reason(), FailureReason::authentication);
    EXPECT_EQ(signer.status().to_string().find("46"), std::string::npos);
  }
  EXPECT_TRUE(Signer::make(Secret("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"), kBlinding).ok());
}

TEST(Signer, signatures_do_not_depend_on_the_blinding_and_name_their_signer) {
  const auto one = Signer::make(Secret(example_key()), kBlinding);
  const auto other = Signer::make(Secret(example_key()), std::array<std::uint8_t, 32>{9});
  ASSERT_TRUE(one.ok() && other.ok());
  for (int i = 0; i < 100; ++i) {
    const Hash32 digest = keccak256(std::to_string(i));
    const auto signature = one->sign(digest);
    ASSERT_TRUE(signature.ok());
    EXPECT_EQ(*signature, other->sign(digest).value());
    EXPECT_TRUE(has_low_s(*signature));
    EXPECT_EQ(recover_signer(digest, *signature).value(), one->address());
    EXPECT_NE(recover_signer(keccak256("other"), *signature).value(), one->address());
  }
}

TEST(Signer, a_moved_signer_signs) {
  auto made = Signer::make(Secret(example_key()), kBlinding);
  ASSERT_TRUE(made.ok());
  const Signer signer = std::move(made).value();
  EXPECT_TRUE(signer.sign(keccak256("")).ok());
}

TEST(Signature, what_no_key_made_is_refused) {
  const Hash32 digest = keccak256("");
  const Hash32 one = hash32("0x" + std::string(63, '0') + "1");
  const Hash32 order = hash32("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
  const Hash32 half = hash32("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
  const Hash32 above_half = hash32("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1");
  EXPECT_EQ(recover_signer(digest, {Hash32{}, one, false}).status().code(), StatusCode::malformed);
  EXPECT_FALSE(recover_signer(digest, {one, Hash32{}, false}).ok());
  EXPECT_FALSE(recover_signer(digest, {order, one, false}).ok());
  EXPECT_FALSE(recover_signer(digest, {one, above_half, false}).ok());
  EXPECT_TRUE(recover_signer(digest, {one, half, false}).ok());
  EXPECT_TRUE(has_low_s({one, half, false}));
  EXPECT_FALSE(has_low_s({one, above_half, false}));
}

}  // namespace
}  // namespace calypte::evm
