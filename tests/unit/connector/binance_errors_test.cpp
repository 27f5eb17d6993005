#include "connector/house/binance/binance_errors.hpp"

#include <gtest/gtest.h>

#include "support/test_data.hpp"

namespace calypte::connector::binance {
namespace {

using namespace venue;

/// How an answer is judged: by REST, and as a frame with the same words.
class BinanceErrors : public ::testing::Test {
 protected:
  Status rest(Market market, const Request& asked, int http_status, std::string_view body,
              std::vector<Header> headers = {}) {
    const auto root = document_.parse(buffer_.assign(body));
    return judge_reply(market, asked, {http_status, std::move(headers), buffer_.bytes()}, root ? *root : json::Value());
  }
  Status frame(Market market, const Request& asked, std::string_view text) {
    const auto root = document_.parse(buffer_.assign(text));
    EXPECT_TRUE(root.ok()) << text;
    return judge_frame(market, asked, *root);
  }
  json::Document document_;
  PaddedBuffer buffer_;
};

TEST_F(BinanceErrors, every_row_for_orders_and_for_queries_by_both_ways) {
  json::Document document;
  PaddedBuffer buffer(test::read_test_data("venues/binance/errors.json"));
  const auto rows = document.parse(buffer.bytes());
  ASSERT_TRUE(rows.ok());
  ASSERT_GT((*rows).size(), 100U);
  for (const json::Value row : (*rows).elements()) {
    SCOPED_TRACE(row.text());
    const Market market = row.find("market").string() == "spot" ? Market::spot : Market::usd_m;
    const std::string error = R"({"code":)" + std::string(row.find("code").text()) + R"(,"msg":")" +
                              std::string(row.find("msg").text()) + R"("})";
    const std::string answer =
        R"({"id":1,"status":)" + std::string(row.find("http").text()) + R"(,"error":)" + error + "}";
    const int http = static_cast<int>(*row.find("http").integer());
    for (const Request& order : {Request(NewOrder{}), Request(CancelOrder{}), Request(NewOrders{})}) {
      for (const Status& status : {rest(market, order, http, error), frame(market, order, answer)}) {
        EXPECT_EQ(to_string(status.code()), row.find("order").string());
        EXPECT_EQ(to_string(status.reason()), row.find("reason").string());
        if (status.ok()) continue;
        EXPECT_EQ(status.venue_code(), row.find("code").text());
        EXPECT_EQ(status.message(), row.find("msg").string());
        // Only a refusal may end an order.
        const bool refused = row.find("order").string() != "outcome unknown" &&
                             row.find("order").string() != "order not found" &&
                             row.find("order").string() != "unavailable";
        EXPECT_EQ(status.certainly_without_effect(), refused);
      }
    }
    for (const Request& query : {Request(QueryOrder{}), Request(QueryFills{})}) {
      EXPECT_EQ(to_string(rest(market, query, http, error).code()), row.find("query").string());
      EXPECT_EQ(to_string(frame(market, query, answer).code()), row.find("query").string());
    }
  }
}

TEST_F(BinanceErrors, pages_of_gateways_leave_orders_in_doubt) {
  for (const int http : {301, 400, 404, 451, 500, 502, 503, 504}) {
    SCOPED_TRACE(http);
    EXPECT_EQ(rest(Market::spot, NewOrder{}, http, "<html>").code(), StatusCode::outcome_unknown);
    EXPECT_EQ(rest(Market::usd_m, CancelOrder{}, http, "<html>").code(), StatusCode::outcome_unknown);
    EXPECT_EQ(rest(Market::spot, QueryOrder{}, http, "<html>").code(), StatusCode::unavailable);
  }
  EXPECT_EQ(rest(Market::spot, NewOrder{}, 502, R"({"code":0,"msg":"fine"})").code(), StatusCode::outcome_unknown);
  EXPECT_EQ(rest(Market::spot, NewOrder{}, 200, "<html>").code(), StatusCode::malformed);
  EXPECT_EQ(rest(Market::spot, NewOrder{}, 200, "{}").code(), StatusCode::ok);
}

TEST_F(BinanceErrors, the_firewall_lets_nothing_through) {
  const Status status = rest(Market::spot, NewOrder{}, 403, "<html>");
  EXPECT_EQ(status.code(), StatusCode::rate_limited);
  EXPECT_TRUE(status.certainly_without_effect());
  // With a code it is the venue that speaks.
  EXPECT_EQ(rest(Market::spot, NewOrder{}, 403, R"({"code":-2015,"msg":"Invalid API-key"})").code(),
            StatusCode::unauthenticated);
}

TEST_F(BinanceErrors, say_when_to_come_back) {
  const std::string body = R"({"code":-1003,"msg":"Too much"})";
  const Header date{"date", "Sun, 06 Nov 1994 08:49:37 GMT"};
  EXPECT_EQ(rest(Market::spot, NewOrder{}, 429, body, {date, {"retry-after", "30"}}).retry_at(),
            from_unix_ms((784'111'777LL + 1 + 30) * 1000));
  EXPECT_EQ(rest(Market::spot, NewOrder{}, 429, "<html>", {date, {"Retry-After", "2"}}).retry_at(),
            from_unix_ms((784'111'777LL + 1 + 2) * 1000));
  EXPECT_EQ(rest(Market::spot, NewOrder{}, 429, body, {date, {"retry-after", "soon"}}).retry_at(), std::nullopt);
  EXPECT_EQ(rest(Market::spot, NewOrder{}, 429, body, {{"retry-after", "30"}}).retry_at(), std::nullopt);
  EXPECT_EQ(
      rest(Market::spot, NewOrder{}, 418, R"({"code":-1003,"msg":"IP banned until 1659146400000. Please"})").retry_at(),
      from_unix_ms(1659146400000));
  for (const char* text : {"IP banned until ", "IP banned until -5", "IP banned until 99999999999999999999"}) {
    const std::string said = R"({"code":-1003,"msg":")" + std::string(text) + R"("})";
    EXPECT_EQ(rest(Market::spot, NewOrder{}, 418, said).retry_at(), std::nullopt) << text;
  }
  EXPECT_EQ(frame(Market::spot, NewOrder{},
                  R"({"id":1,"status":418,"error":{"code":-1003,"msg":"banned","data":{"serverTime":1659142907531,)"
                  R"("retryAfter":1659146400000}}})")
                .retry_at(),
            from_unix_ms(1659146400000));
}

TEST_F(BinanceErrors, with_nothing_to_cancel_everything_is_cancelled) {
  const std::string body = R"({"code":-2011,"msg":"Unknown order sent."})";
  EXPECT_TRUE(rest(Market::spot, CancelAllOrders{Symbol("BTCUSDT")}, 400, body).ok());
  EXPECT_EQ(rest(Market::spot, CancelOrder{}, 400, body).code(), StatusCode::order_not_found);
}

TEST(BinanceEffects, are_known_of_every_request_that_changes_something) {
  for (const Request& request :
       {Request(NewOrder{}), Request(NewOrders{}), Request(CancelOrder{}), Request(CancelOrders{}),
        Request(CancelAllOrders{}), Request(SetPositionMode{}), Request(SetLeverage{}), Request(SetMarginType{})}) {
    EXPECT_TRUE(has_effect(request)) << request_name(request);
  }
  for (const Request& request :
       {Request(QueryOrder{}), Request(QueryOpenOrders{}), Request(QueryFills{}), Request(QueryBalances{}),
        Request(QueryDepth{}), Request(OpenUserStream{}), Request(RenewUserStream{})}) {
    EXPECT_FALSE(has_effect(request)) << request_name(request);
  }
}

}  // namespace
}  // namespace calypte::connector::binance
