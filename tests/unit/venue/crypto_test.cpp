#include "venue/crypto.hpp"

#include <gtest/gtest.h>

#include "venue/query_string.hpp"

namespace calypte::venue {
namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string hmac(HmacSha256& mac, const std::string& key, std::string_view message) {
  const auto digest = mac.sign(Secret(key), message);
  return digest ? to_hex(*digest) : "no digest";
}

// RFC 4231, test cases 1 to 4, 6 and 7, all with one object so that the kept key is replaced each time.
TEST(HmacSha256, vectors_of_rfc_4231) {
  HmacSha256 mac;
  EXPECT_EQ(hmac(mac, std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac(mac, "Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac(mac, std::string(20, '\xaa'), std::string(50, '\xdd')),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  std::string counting;
  for (char c = 1; c <= 25; ++c) counting += c;
  EXPECT_EQ(hmac(mac, counting, std::string(50, '\xcd')),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
  EXPECT_EQ(hmac(mac, std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, the_kept_key_signs_again_and_an_empty_key_is_a_key) {
  HmacSha256 mac;
  constexpr std::string_view kJefe = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(hmac(mac, "Jefe", "what do ya want for nothing?"), kJefe);
  EXPECT_EQ(hmac(mac, "", ""), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  EXPECT_EQ(hmac(mac, "Jefe", "what do ya want for nothing?"), kJefe);
}

// RFC 8032, section 7.1, tests 1 and 2, each key behind the constant head of its PKCS#8 form.
constexpr std::string_view kPem1 =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view kPem2 =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
    "-----END PRIVATE KEY-----\n";

std::string ed25519(Ed25519& signer, std::string_view pem, std::string_view message) {
  const auto signature = signer.sign(Secret(std::string(pem)), message);
  return signature.ok() ? to_hex(*signature) : signature.status().to_string();
}

TEST(Ed25519, vectors_of_rfc_8032) {
  Ed25519 signer;
  constexpr std::string_view kOne =
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
      "6"
      "55141438e7a100b";
  EXPECT_EQ(ed25519(signer, kPem1, ""), kOne);
  EXPECT_EQ(
      ed25519(signer, kPem2, "\x72"),
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302"
      "aeeb00d291612bb0c00");
  EXPECT_EQ(ed25519(signer, kPem1, ""), kOne) << "the first key again";
}

TEST(Ed25519, refuses_what_is_no_such_key_and_goes_on) {
  Ed25519 signer;
  for (const std::string_view text : {"", "secret", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                                      // Encrypted: there is no password to ask for.
                                      "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                      "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjjLfFU3J+t1wICCAAw\n"
                                      "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPWTOd5dgLTGT58Mdi990vMEQFK4\n"
                                      "nqAwt1lwqHs866RCStNlv1ltqXcw1CAhk11CQz1wv4CPPKjSU73Q46VVi338Lil+\n"
                                      "gIrTutyQsIjTUlTNzV4=\n"
                                      "-----END ENCRYPTED PRIVATE KEY-----\n",
                                      // Elliptic, and not this curve.
                                      "-----BEGIN PRIVATE KEY-----\n"
                                      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdqMyaqhkbdUVWNry\n"
                                      "QReM5V9/NGsVdd/JEah7k96/G3ShRANCAASQj72w/3N/pzfMNfBg1vB1TRtoybzk\n"
                                      "XR88vckDmzGL0kAbWFAnZXOUR+f2Rvx9cRLDBhRMJ/RcFprCER2UQ7Hd\n"
                                      "-----END PRIVATE KEY-----\n"}) {
    const auto signature = signer.sign(Secret(std::string(text)), "x");
    ASSERT_FALSE(signature.ok()) << text;
    EXPECT_EQ(signature.status().code(), StatusCode::denied);
    EXPECT_EQ(signature.status().reason(), FailureReason::authentication);
  }
  EXPECT_EQ(ed25519(signer, kPem1, "").substr(0, 8), "e5564300");
}

TEST(Ed25519, says_that_rsa_is_not_supported) {
  Ed25519 signer;
  const auto signature =
      signer.sign(Secret(std::string("-----BEGIN PRIVATE KEY-----\n"
                                     "MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEAtIyURH0mmA1geZK2\n"
                                     "rQFdR0aew5ejZca1k/wENjKEh15cJwANGz/3oA7NszPNzQ0CUI345aNYnVEmIIqz\n"
                                     "tgZF6QIDAQABAkBY6vMKV+ht8giVVyAITCe4NptyEHg0Y4yBeRhJ6M9EKuyC2FKt\n"
                                     "lurMd/zZu8WeH8MI/Lh4sTCKlOK1n9qrtngBAiEA4n1+l3SgwEfAeeQ3/tdKbd6t\n"
                                     "k6Nwn+6beqitaTZAIcECIQDMErxEpnNeBjUwjAEcpI+2m7Gei5FqMXlxY5pIWFxe\n"
                                     "KQIhAIoL5YHY4zXvReDFel/IxyPKas+m+blxTLDpaLDNES/BAiEAmbZzAPKva18Z\n"
                                     "qVuLatu5ND7J5zYRbf+eDf6MM3n6+SECIAgB215XBwB23d1Cxy72m/Ge/HU34cef\n"
                                     "qBxl5tz0h4U6\n"
                                     "-----END PRIVATE KEY-----\n")),
                  "x");
  ASSERT_FALSE(signature.ok());
  EXPECT_NE(signature.status().message().find("RSA"), std::string::npos);
}

TEST(Base64, vectors_of_rfc_4648) {
  const std::array<std::pair<std::string_view, std::string_view>, 7> vectors{{{"", ""},
                                                                              {"f", "Zg=="},
                                                                              {"fo", "Zm8="},
                                                                              {"foo", "Zm9v"},
                                                                              {"foob", "Zm9vYg=="},
                                                                              {"fooba", "Zm9vYmE="},
                                                                              {"foobar", "Zm9vYmFy"}}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(to_base64(bytes(plain)), encoded);
    EXPECT_EQ(from_base64(encoded), plain);
  }
  EXPECT_EQ(to_base64(bytes("\xfb\xff\xfe")), "+//+");
  EXPECT_EQ(from_base64("+//+"), "\xfb\xff\xfe");
}

TEST(Base64, refuses_what_is_none) {
  for (const std::string_view text : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm9v\n", "Z-9v"}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
}

TEST(Hex, is_lower_case_and_keeps_leading_zeros) { EXPECT_EQ(to_hex(bytes("\x01\xAB\xff")), "01abff"); }

TEST(QueryString, encodes_everything_but_unreserved_characters) {
  QueryString query;
  EXPECT_EQ(query.behind("/a"), "/a");
  query.add("symbol", "BTC_USD-x.y~").add("a b", "1+1=2&\xC3\xA9/%");
  EXPECT_EQ(query.text(), "symbol=BTC_USD-x.y~&a%20b=1%2B1%3D2%26%C3%A9%2F%25");
  EXPECT_EQ(query.behind("/a"), "/a?" + query.text());
}

}  // namespace
}  // namespace calypte::venue
