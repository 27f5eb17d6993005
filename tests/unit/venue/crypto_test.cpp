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
