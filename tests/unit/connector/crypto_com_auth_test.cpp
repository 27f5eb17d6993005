#include "connector/exchange/crypto_com/crypto_com_auth.hpp"

#include <gtest/gtest.h>

#include "support/test_data.hpp"

namespace calypte::connector::crypto_com {
namespace {

using venue::json::Document;
using venue::json::Value;

Credentials token() { return {Secret("token"), Secret("secretKey"), {}}; }

TEST(CryptoComAuth, signs_as_the_venue_does) {
  Document document;
  venue::PaddedBuffer buffer(test::read_test_data("venues/crypto_com/sign_vectors.json"));
  const auto vectors = document.parse(buffer.bytes());
  ASSERT_TRUE(vectors.ok());
  ASSERT_EQ((*vectors).size(), 6U);
  const Credentials credentials = token();
  CryptoComAuth auth;
  for (const Value vector : (*vectors).elements()) {
    SCOPED_TRACE(vector.find("name").string());
    venue::WireRequest request;
    request.body = vector.find("request").text();
    const venue::Stamp stamp{from_unix_ms(*vector.find("nonce").integer()), 1, &credentials};
    ASSERT_TRUE(auth.sign(request, stamp).ok());
    Document signed_document;
    venue::PaddedBuffer signed_buffer(request.body);
    const auto body = signed_document.parse(signed_buffer.bytes());
    ASSERT_TRUE(body.ok()) << request.body;
    EXPECT_EQ((*body).find("sig").string(), vector.find("sig").string());
    EXPECT_EQ((*body).find("api_key").string(), "token");
    EXPECT_EQ((*body).find("nonce").text(), vector.find("nonce").text());
    EXPECT_EQ((*body).find("params").text(), vector.find("request").find("params").text());
  }
}

TEST(CryptoComAuth, logs_in_with_one_frame) {
  const Credentials credentials = token();
  CryptoComAuth auth;
  const auto frame = auth.login_frame(11, {from_unix_ms(1589594102779), 1, &credentials});
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(*frame, R"({"id":11,"method":"public/auth","api_key":"token","nonce":1589594102779,)"
                    R"("sig":"9dcebf6eeec155f829227ee447dee73120e0aead42fab74d38ed5d8271793dc8"})");
}

TEST(CryptoComAuth, another_key_signs_otherwise_and_the_first_again_the_same) {
  const Credentials first = token();
  const Credentials second{Secret("token"), Secret("another"), {}};
  CryptoComAuth auth;
  const auto one = auth.login_frame(11, {from_unix_ms(1), 1, &first});
  const auto two = auth.login_frame(11, {from_unix_ms(1), 1, &second});
  const auto three = auth.login_frame(11, {from_unix_ms(1), 1, &first});
  ASSERT_TRUE(one.ok() && two.ok() && three.ok());
  EXPECT_NE(*one, *two);
  EXPECT_EQ(*one, *three);
}

TEST(CryptoComAuth, without_credentials_nothing_is_signed) {
  CryptoComAuth auth;
  const Credentials empty;
  EXPECT_EQ(auth.login_frame(1, {}).status().code(), StatusCode::denied);
  EXPECT_EQ(auth.login_frame(1, {from_unix_ms(1), 1, &empty}).status().code(), StatusCode::denied);
}

TEST(CryptoComAuth, keys_are_ordered_by_their_bytes_and_nesting_is_bounded) {
  const auto text_of = [](std::string_view json) {
    Document document;
    venue::PaddedBuffer buffer(json);
    const auto root = document.parse(buffer.bytes());
    std::string out;
    return root.ok() && append_parameters(*root, out) ? out : "refused";
  };
  EXPECT_EQ(text_of(R"({"b":"2","a":"1","B":"3","ab":"4"})"), "B3a1ab4b2");
  EXPECT_EQ(text_of(R"({"x":true,"y":null,"z":[1,"2",[3]]})"), "xtrueynullz123");
  EXPECT_EQ(text_of(R"({"a":{"b":{"c":"d"}}})"), "abcd");
  EXPECT_EQ(text_of(R"({"a":{"b":{"c":{"d":"e"}}}})"), "refused");
}

}  // namespace
}  // namespace calypte::connector::crypto_com
