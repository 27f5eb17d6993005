// The vectors of the fact sheets, and what is signed of a request.
#include "binance_harness.hpp"

namespace calypte::sim::binance {
namespace {

constexpr std::string_view kKey = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
constexpr std::string_view kSecret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
constexpr std::string_view kPerpetualSecret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

struct Vector {
  std::string_view secret;
  std::string_view payload;
  std::string_view signature;
};

const Vector kHmacVectors[] = {
    {kSecret,
     "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
     "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"},
    {kSecret,
     "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&"
     "price=0.1&recvWindow=5000&timestamp=1499827319559",
     "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"},
    {kSecret,
     "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
     "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"},
    {kSecret, "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&timestamp=1747385641636",
     "681110a6057ad58657af22f5640fab9dd17418834cdfccdc81be8b0f7b2cde3e"},
    {kPerpetualSecret,
     "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943",
     "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"},
    {kPerpetualSecret,
     "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=9000&recvWindow=5000&timestamp=1591702613943",
     "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4"},
};

TEST(BinanceSignature, hmac_vectors_of_the_sheets) {
  for (const Vector& vector : kHmacVectors) {
    EXPECT_TRUE(hmac_matches(vector.secret, vector.payload, vector.signature)) << vector.payload;
    std::string upper(vector.signature);
    for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c);
    EXPECT_TRUE(hmac_matches(vector.secret, vector.payload, upper));
    EXPECT_FALSE(hmac_matches(vector.secret, std::string(vector.payload) + "0", vector.signature));
  }
}

TEST(BinanceSignature, ed25519_vectors_of_the_sheet) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow="
       "5000",
       "XtZirsmmi0noRzUfkqktvkVfxpkq/WtbLg2UOL3QGYdUBZVlqOBEMuEVw8zioY93N54NcKj9UuAXQEa9zgTDBg=="},
      {"apiKey=4yNzx3yWC5bS6YTwEkSRaC0nRmSQIIStAUOh1b6kqaBrTLIhjCpI5lJH8q8R8WNO&price=52000.00&quantity=0.01000000&"
       "recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT",
       "Ws+5m/CMnpkko0uBFxGTZ2+fjqqBXsUjRiaz173fPhXTkhoDBYNZ6wcYNeWItdrGn1pvG7vkwx2fhmJdAZ3KDQ=="},
      {"apiKey=4yNzx3yWC5bS6YTwEkSRaC0nRmSQIIStAUOh1b6kqaBrTLIhjCpI5lJH8q8R8WNO&timestamp=1649729878532",
       "NBJq5sX1RkU7ta3XDctruMgnrhyBcouMvvPIxxQSCUbVWxhp3ai6W7a0Iip/3nOwmJxkVIv6n20cekYCOa5qAg=="},
  };
  for (const auto& [payload, signature] : vectors) {
    EXPECT_TRUE(ed25519_matches(kTestPublicKey, payload, signature)) << payload;
    EXPECT_FALSE(ed25519_matches(kTestPublicKey, std::string(payload) + "0", signature));
    EXPECT_EQ(ed25519_of(payload), signature);
  }
  EXPECT_FALSE(ed25519_matches(kTestPublicKey, "a", "not base64"));
  EXPECT_FALSE(ed25519_matches("", "a", vectors[0].second));
}

TEST(BinanceSignature, frames_of_the_socket_are_signed_sorted_and_raw) {
  Parameters parameters;
  for (const auto& [name, value] : std::initializer_list<std::pair<std::string, std::string>>{
           {"symbol", "\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93\xEF\xBC\x94\xEF\xBC\x95\xEF\xBC\x96"},
           {"side", "BUY"},
           {"type", "LIMIT"},
           {"timeInForce", "GTC"},
           {"quantity", "1.00000000"},
           {"price", "0.10000000"},
           {"recvWindow", "5000"},
           {"timestamp", "1645423376532"},
           {"apiKey", std::string(kKey)},
           {"signature", "whatever"}}) {
    parameters.set(name, value);
  }
  EXPECT_TRUE(hmac_matches(kSecret, sorted_payload(parameters, false),
                           "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd"));
  EXPECT_NE(sorted_payload(parameters, true).find("symbol=%EF%BC%91"), std::string::npos);
}

TEST(BinanceSignature, the_signature_is_cut_out_wherever_it_stands) {
  EXPECT_EQ(without_signature("a=1&b=%20+2&signature=x%3D"), "a=1&b=%20+2");
  EXPECT_EQ(without_signature("signature=x&a=1"), "a=1");
  EXPECT_EQ(without_signature("a=1&signature=x&b=2"), "a=1&b=2");
  EXPECT_EQ(without_signature(""), "");
}

/// The published requests, sent to a venue that knows the published key at the published time.
class PublishedRequests : public BinanceHarness {
 protected:
  void SetUp() override {
    now_ = from_unix_ms(1'499'827'319'600);
    VenueOptions options = quiet();
    options.accounts.resize(1);
    options.accounts[0].api_key = kKey;
    options.accounts[0].api_secret = kSecret;
    options.accounts[0].balances = {{"BTC", 10}, {"LTC", 10}};
    Instrument instrument;
    instrument.symbol = "LTCBTC";
    instrument.base = "LTC";
    instrument.quote = "BTC";
    instrument.tick = Decimal::from_parts(1, 6);
    instrument.lot = Decimal::from_parts(1, 3);
    instrument.start_price = Decimal::from_parts(1, 1);
    instrument.min_notional = Decimal::from_parts(1, 4);
    options.instruments = {instrument};
    house_ = std::make_unique<BinanceSpotVenue>(options, now_);
  }
  const std::vector<venue::Header> headers_{{"x-mbx-apikey", std::string(kKey)}};
};

TEST_F(PublishedRequests, in_the_query_in_the_body_and_in_both) {
  const std::string all(kHmacVectors[0].payload);
  const std::string signature = "&signature=" + std::string(kHmacVectors[0].signature);
  EXPECT_EQ(request(venue::HttpMethod::post, "/api/v3/order?" + all + signature, "", headers_).status, 200);
  EXPECT_EQ(request(venue::HttpMethod::post, "/api/v3/order", all + signature, headers_).status, 200);
  const Reply mixed =
      request(venue::HttpMethod::post, "/api/v3/order?symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC",
              "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature=" +
                  std::string(kHmacVectors[2].signature),
              headers_);
  EXPECT_EQ(mixed.status, 200) << mixed.body;
  const Reply wrong =
      request(venue::HttpMethod::post, "/api/v3/order?" + all + "&newClientOrderId=a" + signature, "", headers_);
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.error(), "-1022 Signature for this request is not valid.");
  EXPECT_EQ(house_->exchange().open_orders(house_->account()).size(), 3U);
}

}  // namespace
}  // namespace calypte::sim::binance
