#include "connector/house/binance/binance_auth.hpp"

#include <gtest/gtest.h>

#include "support/test_data.hpp"
#include "venue/json.hpp"
#include "venue/query_string.hpp"

namespace calypte::connector::binance {
namespace {

using venue::json::Document;
using venue::json::Value;

/// The vectors, and how each of them comes to be: as a request, as a frame, or as a text alone.
class BinanceSigns : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto root = document_.parse(buffer_.assign(test::read_test_data("venues/binance/sign_vectors.json")));
    ASSERT_TRUE(root.ok());
    root_ = *root;
    ASSERT_EQ(root_.find("vectors").size(), 13U);
  }
  Credentials credentials(std::string_view name) const {
    const Value keys = root_.find("keys").find(name);
    return {Secret(std::string(keys.find("key").string())), Secret(std::string(keys.find("secret").string())), {}};
  }
  Credentials credentials(Value vector) const { return credentials(vector.find("keys").string()); }
  static venue::Stamp stamp(Value vector, const Credentials& credentials) {
    return {from_unix_ms(vector.find("timestamp").integer().value_or(1)), 7, &credentials};
  }

  Document document_;
  venue::PaddedBuffer buffer_;
  Value root_;
  BinanceAuth auth_;
};

TEST_F(BinanceSigns, every_published_text) {
  for (const Value vector : root_.find("vectors").elements()) {
    SCOPED_TRACE(vector.find("name").string());
    const auto signature = auth_.signature(vector.find("payload").string(), credentials(vector));
    ASSERT_TRUE(signature.ok()) << signature.status().to_string();
    EXPECT_EQ(*signature, vector.find("signature").string());
  }
}

TEST_F(BinanceSigns, every_request_over_query_and_body) {
  int count = 0;
  for (const Value vector : root_.find("vectors").elements()) {
    if (!vector.find("target").exists()) continue;
    SCOPED_TRACE(vector.find("name").string());
    ++count;
    const Credentials keys = credentials(vector);
    venue::WireRequest request;
    request.target = vector.find("target").string();
    request.body = vector.find("body").string();
    ASSERT_TRUE(auth_.sign(request, stamp(vector, keys)).ok());
    const std::string tail = "&recvWindow=5000&timestamp=" + std::string(vector.find("timestamp").text()) +
                             "&signature=" + std::string(vector.find("signature").string());
    const bool body = !vector.find("body").string().empty();
    EXPECT_EQ(request.target, std::string(vector.find("target").string()) + (body ? "" : tail));
    EXPECT_EQ(request.body, body ? std::string(vector.find("body").string()) + tail : "");
    ASSERT_EQ(request.headers.size(), 1U);
    EXPECT_EQ(request.headers[0].name, "X-MBX-APIKEY");
    EXPECT_EQ(request.headers[0].value, keys.api_key.reveal());
  }
  EXPECT_EQ(count, 5);
}

TEST_F(BinanceSigns, every_frame_over_its_sorted_parameters) {
  int count = 0;
  for (const Value vector : root_.find("vectors").elements()) {
    if (!vector.find("method").exists()) continue;
    SCOPED_TRACE(vector.find("name").string());
    ++count;
    Parameters parameters;
    for (const auto [name, value] : vector.find("params").members()) {
      if (value.is_number()) {
        parameters.add_digits(name, value.text());
      } else {
        parameters.add(name, value.string());
      }
    }
    const Credentials keys = credentials(vector);
    const auto text = auth_.frame(7, vector.find("method").string(), parameters, stamp(vector, keys));
    ASSERT_TRUE(text.ok());
    Document read;
    venue::PaddedBuffer buffer(*text);
    const auto frame = read.parse(buffer.bytes());
    ASSERT_TRUE(frame.ok()) << *text;
    EXPECT_EQ((*frame).find("id").text(), "7");
    EXPECT_EQ((*frame).find("method").string(), vector.find("method").string());
    const Value params = (*frame).find("params");
    EXPECT_EQ(params.find("signature").string(), vector.find("signature").string());
    EXPECT_EQ(params.find("apiKey").string(), keys.api_key.reveal());
    EXPECT_TRUE(params.find("timestamp").is_number());
    EXPECT_EQ(params.find("timestamp").text(), vector.find("timestamp").text());
    EXPECT_EQ(params.size(), vector.find("params").size() + 3);
    for (const auto [name, value] : vector.find("params").members()) {
      EXPECT_EQ(params.find(name).string(), value.string()) << name;
      EXPECT_EQ(params.find(name).kind(), value.kind()) << name;
      if (value.is_number()) {
        EXPECT_EQ(params.find(name).text(), value.text()) << name;
      }
    }
  }
  EXPECT_EQ(count, 7);
}

TEST_F(BinanceSigns, the_login_frame) {
  BinanceAuth auth("userDataStream.subscribe.signature");
  const Credentials keys = credentials("spot");
  const auto frame = auth.login_frame(11, {from_unix_ms(1747385641636), 1, &keys});
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(*frame, R"({"id":11,"method":"userDataStream.subscribe.signature","params":{"apiKey":)"
                    R"("vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A","timestamp":1747385641636,)"
                    R"("signature":"681110a6057ad58657af22f5640fab9dd17418834cdfccdc81be8b0f7b2cde3e"}})");
  EXPECT_EQ(BinanceAuth().login_frame(11, {from_unix_ms(1), 1, &keys}).status().code(), StatusCode::unsupported);
}

TEST_F(BinanceSigns, a_signature_in_base64_is_encoded_in_a_query) {
  const Credentials keys = credentials("ed25519");
  venue::WireRequest request;
  request.target = "/api/v3/account";
  ASSERT_TRUE(auth_.sign(request, {from_unix_ms(1668481559918), 1, &keys}).ok());
  const std::string payload = "recvWindow=5000&timestamp=1668481559918";
  const auto signature = auth_.signature(payload, keys);
  ASSERT_TRUE(signature.ok());
  std::string encoded;
  venue::append_percent_encoded(encoded, *signature);
  EXPECT_EQ(request.target, "/api/v3/account?" + payload + "&signature=" + encoded);
  EXPECT_TRUE(encoded.ends_with("%3D%3D"));
}

TEST_F(BinanceSigns, with_the_key_of_each_request) {
  const Credentials hmac = credentials("spot");
  const Credentials other = credentials("usd_m");
  const Credentials pem = credentials("ed25519");
  const auto first = auth_.signature("a=1", hmac);
  const auto second = auth_.signature("a=1", other);
  const auto third = auth_.signature("a=1", pem);
  const auto again = auth_.signature("a=1", hmac);
  ASSERT_TRUE(first.ok() && second.ok() && third.ok() && again.ok());
  EXPECT_NE(*first, *second);
  EXPECT_EQ(third->size(), 88U);
  EXPECT_EQ(*first, *again);
}

TEST_F(BinanceSigns, nothing_without_a_key_that_it_can_use) {
  const auto judged = [&](const Credentials* keys) {
    venue::WireRequest request;
    request.target = "/api/v3/account";
    const Status rest = auth_.sign(request, {from_unix_ms(1), 1, keys});
    const auto frame = auth_.frame(1, "order.place", {}, {from_unix_ms(1), 1, keys});
    EXPECT_EQ(rest.code(), frame.status().code());
    EXPECT_EQ(rest.reason(), FailureReason::authentication);
    EXPECT_EQ(request.target.find("signature"), std::string::npos);
    return rest;
  };
  EXPECT_EQ(judged(nullptr).code(), StatusCode::denied);
  const Credentials none;
  EXPECT_EQ(judged(&none).code(), StatusCode::denied);
  const Credentials broken{Secret("key"), Secret("-----BEGIN PRIVATE KEY-----\nMC4\n-----END PRIVATE KEY-----\n"), {}};
  const Status status = judged(&broken);
  EXPECT_EQ(status.code(), StatusCode::denied);
  EXPECT_EQ(status.to_string().find("MC4"), std::string::npos) << "a key was shown";
}

TEST(BinanceParameters, are_encoded_for_a_url_and_plain_in_what_a_frame_signs) {
  Parameters parameters;
  parameters.add("symbol", "\xEF\xBC\x91X").add_integer("limit", 5).add("a", "[\"x y\"]");
  EXPECT_EQ(parameters.query(), "symbol=%EF%BC%91X&limit=5&a=%5B%22x%20y%22%5D");
  EXPECT_EQ(parameters.payload(), "a=[\"x y\"]&limit=5&symbol=\xEF\xBC\x91X");
  EXPECT_EQ(parameters.json(), "{\"symbol\":\"\xEF\xBC\x91X\",\"limit\":5,\"a\":\"[\\\"x y\\\"]\"}");
  EXPECT_EQ(Parameters().query(), "");
  EXPECT_EQ(Parameters().json(), "{}");
}

}  // namespace
}  // namespace calypte::connector::binance
