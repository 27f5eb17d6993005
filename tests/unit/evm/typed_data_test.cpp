#include "evm/typed_data.hpp"

#include "evm/keccak.hpp"
#include "evm/signer.hpp"
#include "support.hpp"

namespace calypte::evm {
namespace {

// The example of EIP-712: the mail from Cow to Bob, signed by the key keccak256("cow").
constexpr std::string_view kMail = "Mail(Person from,Person to,string contents)Person(string name,address wallet)";

Hash32 person(std::string_view name, std::string_view wallet) {
  return StructHasher("Person(string name,address wallet)").string(name).address(address(wallet)).hash();
}

Hash32 mail_digest() {
  TypedDataDomain domain;
  domain.name = "Ether Mail";
  domain.version = "1";
  domain.chain_id = 1;
  domain.verifying_contract = address("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC");
  EXPECT_EQ(domain.separator().to_string(), "0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
  const Hash32 mail = StructHasher(kMail)
                          .word(person("Cow", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"))
                          .word(person("Bob", "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"))
                          .string("Hello, Bob!")
                          .hash();
  EXPECT_EQ(mail.to_string(), "0xc52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
  return typed_data_digest(domain.separator(), mail);
}

TEST(TypedData, the_published_mail_has_its_digest) {
  EXPECT_EQ(mail_digest().to_string(), "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
}

TEST(TypedData, the_published_mail_has_its_signature) {
  const auto signer = Signer::make(Secret(keccak256("cow").to_string()), std::array<std::uint8_t, 32>{1});
  ASSERT_TRUE(signer.ok());
  EXPECT_EQ(signer->address().to_string(), "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826");
  const auto signature = signer->sign(mail_digest());
  ASSERT_TRUE(signature.ok());
  EXPECT_EQ(signature->r.to_string(), "0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d");
  EXPECT_EQ(signature->s.to_string(), "0x07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562");
  EXPECT_TRUE(signature->y_parity);
}

// Made once with ethers 6.17.0: TypedDataEncoder.hash, hashDomain.
TEST(TypedData, a_permit_is_that_of_ethers) {
  TypedDataDomain domain;
  domain.name = "USD Coin";
  domain.version = "2";
  domain.chain_id = 1;
  domain.verifying_contract = address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48");
  EXPECT_EQ(domain.separator().to_string(), "0x06c37168a7db5138defc7866392bb87a741f9b3d104deb5094588ce041cae335");
  Permit permit;
  permit.owner = address("0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
  permit.spender = address("0x3535353535353535353535353535353535353535");
  permit.value = 123456789;
  permit.nonce = 4;
  permit.deadline = 1'700'000'000;
  EXPECT_EQ(typed_data_digest(domain.separator(), permit.hash()).to_string(),
            "0x30c218f783fb8f7167ffa08758d2102f4a2b65d6ee7d2835d1975aa181d3fd8b");
}

TEST(TypedData, every_member_of_a_permit_counts) {
  const Hash32 base = Permit{}.hash();
  const auto differs = [&base](auto change) {
    Permit permit;
    change(permit);
    return permit.hash() != base;
  };
  EXPECT_TRUE(differs([](Permit& p) { p.owner.bytes[0] = 1; }));
  EXPECT_TRUE(differs([](Permit& p) { p.spender.bytes[0] = 1; }));
  EXPECT_TRUE(differs([](Permit& p) { p.value = 1; }));
  EXPECT_TRUE(differs([](Permit& p) { p.nonce = 1; }));
  EXPECT_TRUE(differs([](Permit& p) { p.deadline = 1; }));
}

TEST(TypedData, the_other_types_are_those_of_ethers) {
  TypedDataDomain domain;
  domain.name = "X";
  domain.salt.emplace().bytes.fill(7);
  EXPECT_EQ(domain.separator().to_string(), "0x4df21f2681b2daa9bc7de650e8b6c23a50405edc323ac7003c14350b923d3415");
  Hash32 nines;
  nines.bytes.fill(9);
  const Hash32 hash = StructHasher("T(int256 a,bool b,bytes c,bytes32 d)")
                          .integer(-5)
                          .boolean(true)
                          .bytes(bytes("0xdeadbeef"))
                          .word(nines)
                          .hash();
  EXPECT_EQ(typed_data_digest(domain.separator(), hash).to_string(),
            "0x06839183605b6e6a125409d7b1875e5d9021d0a4b79c511b45b69cdecacbb772");
}

}  // namespace
}  // namespace calypte::evm
