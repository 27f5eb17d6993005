#include <gtest/gtest.h>
#include <set>

#include "connector/exchange/binance/binance_exchange.hpp"

namespace calypte::connector::binance {
namespace {

using namespace venue;

/// Encodes, and cuts off what the signature adds, which has tests of its own.
class BinanceRequests : public ::testing::Test {
 protected:
  std::string rest(const Request& request) {
    const auto wire = exchange_.encode(request, stamp_);
    if (!wire.ok()) return wire.status().to_string();
    if (!wire->body.empty()) return "a body: " + wire->body;
    if (wire->headers.size() != 1 || wire->headers[0].value != "token") return "no key";
    const std::size_t end = wire->target.find("recvWindow=5000&timestamp=1610905028000&signature=");
    if (end == std::string::npos) return "not signed: " + wire->target;
    return std::string(to_string(wire->method)) + " " + wire->target.substr(0, end - 1);
  }
  std::string frame(const Request& request) {
    const auto text = exchange_.encode_frame(request, stamp_);
    if (!text.ok()) return text.status().to_string();
    const std::size_t end = text->find(R"(,"apiKey":"token","timestamp":1610905028000,"signature":")");
    return end == std::string::npos ? "not signed: " + *text : text->substr(0, end) + "}}";
  }
  static NewOrder order() {
    NewOrder order;
    order.client_order_id = ClientOrderId("cal-1");
    order.symbol = Symbol("BTCUSDT");
    order.amount = "0.1500"_dec;
    order.price = "50000.50"_dec;
    return order;
  }
  static OrderRef name(bool with_venue_id) {
    OrderRef ref{ClientOrderId("cal-1"), std::nullopt, Symbol("BTCUSDT")};
    if (with_venue_id) ref.exchange_order_id = ExchangeOrderId("8389765739703625592");
    return ref;
  }
  Status refusal(const NewOrder& order) {
    const Status by_frame = exchange_.encode_frame(order, stamp_).status();
    EXPECT_EQ(exchange_.encode(order, stamp_).status(), by_frame);
    return by_frame;
  }

  Credentials credentials_{Secret("token"), Secret("secretKey"), {}};
  Stamp stamp_{from_unix_ms(1610905028000), 77, &credentials_};
  BinanceExchange exchange_;
};

TEST_F(BinanceRequests, a_limit_order) {
  EXPECT_EQ(rest(order()),
            "POST /api/v3/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.15&price=50000.5"
            "&newClientOrderId=cal-1&newOrderRespType=FULL");
  NewOrder request = order();
  request.side = TradeType::sell;
  request.time_in_force = TimeInForce::immediate_or_cancel;
  request.price = "0.00000001"_dec;
  EXPECT_EQ(rest(request),
            "POST /api/v3/order?symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=IOC&quantity=0.15&price=0.00000001"
            "&newClientOrderId=cal-1&newOrderRespType=FULL");
  request.time_in_force = TimeInForce::fill_or_kill;
  EXPECT_NE(rest(request).find("&timeInForce=FOK&"), std::string::npos);
}

TEST_F(BinanceRequests, a_market_order_has_neither_price_nor_time) {
  NewOrder request = order();
  request.type = OrderType::market;
  EXPECT_EQ(rest(request),
            "POST /api/v3/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.15&newClientOrderId=cal-1"
            "&newOrderRespType=FULL");
}

TEST_F(BinanceRequests, a_post_only_order_has_a_type_of_its_own_and_no_time) {
  NewOrder request = order();
  request.type = OrderType::limit_maker;
  EXPECT_EQ(rest(request),
            "POST /api/v3/order?symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.15&price=50000.5"
            "&newClientOrderId=cal-1&newOrderRespType=FULL");
}

TEST_F(BinanceRequests, orders_that_cannot_be) {
  NewOrder request = order();
  request.type = OrderType::amm_swap;
  EXPECT_EQ(refusal(request).code(), StatusCode::unsupported);
  request = order();
  request.type = OrderType::limit_maker;
  request.time_in_force = TimeInForce::immediate_or_cancel;
  EXPECT_EQ(refusal(request).code(), StatusCode::unsupported);
  request = order();
  request.price.reset();
  EXPECT_EQ(refusal(request).reason(), FailureReason::invalid_price);
  request = order();
  request.amount = 0;
  EXPECT_EQ(refusal(request).reason(), FailureReason::invalid_amount);
  request = order();
  request.reduce_only = true;
  EXPECT_EQ(refusal(request).reason(), FailureReason::invalid_position_action);
  request = order();
  request.position_side = PositionSide::long_side;
  EXPECT_EQ(refusal(request).reason(), FailureReason::invalid_position_action);
  for (const std::string& id : {std::string(), std::string(37, 'a'), std::string("a b"), std::string("a&b=c")}) {
    request = order();
    request.client_order_id = ClientOrderId(id);
    EXPECT_EQ(refusal(request).code(), StatusCode::denied) << id;
  }
  request.client_order_id = ClientOrderId(std::string(36, 'a'));
  EXPECT_TRUE(exchange_.encode(request, stamp_).ok());
}

TEST_F(BinanceRequests, a_symbol_of_any_alphabet_is_encoded_before_it_is_signed) {
  NewOrder request = order();
  request.symbol = Symbol("\xEF\xBC\x91X");
  EXPECT_TRUE(rest(request).starts_with("POST /api/v3/order?symbol=%EF%BC%91X&side=BUY"));
  EXPECT_TRUE(
      frame(request).starts_with("{\"id\":77,\"method\":\"order.place\",\"params\":{\"symbol\":\"\xEF\xBC\x91X"));
}

TEST_F(BinanceRequests, cancels_and_queries_name_the_order_by_the_venues_id_if_they_can) {
  EXPECT_EQ(rest(CancelOrder{name(true)}), "DELETE /api/v3/order?symbol=BTCUSDT&orderId=8389765739703625592");
  EXPECT_EQ(rest(CancelOrder{name(false)}), "DELETE /api/v3/order?symbol=BTCUSDT&origClientOrderId=cal-1");
  EXPECT_EQ(rest(QueryOrder{name(true)}), "GET /api/v3/order?symbol=BTCUSDT&orderId=8389765739703625592");
  EXPECT_EQ(rest(QueryOrder{name(false)}), "GET /api/v3/order?symbol=BTCUSDT&origClientOrderId=cal-1");
  OrderRef odd = name(false);
  odd.exchange_order_id = ExchangeOrderId("x1");  // never the venue's
  EXPECT_EQ(rest(QueryOrder{odd}), "GET /api/v3/order?symbol=BTCUSDT&origClientOrderId=cal-1");
  EXPECT_EQ(exchange_.encode(CancelOrder{}, stamp_).status().code(), StatusCode::denied);
}

TEST_F(BinanceRequests, what_the_account_holds_and_did) {
  EXPECT_EQ(rest(CancelAllOrders{Symbol("BTCUSDT")}), "DELETE /api/v3/openOrders?symbol=BTCUSDT");
  EXPECT_EQ(exchange_.encode(CancelAllOrders{}, stamp_).status().code(), StatusCode::unsupported);
  EXPECT_EQ(rest(QueryOpenOrders{}), "GET /api/v3/openOrders");
  EXPECT_EQ(rest(QueryOpenOrders{Symbol("BTCUSDT")}), "GET /api/v3/openOrders?symbol=BTCUSDT");
  EXPECT_EQ(rest(QueryBalances{}), "GET /api/v3/account?omitZeroBalances=true");
  EXPECT_EQ(rest(QueryFees{}), "GET /api/v3/account?omitZeroBalances=true");
}

TEST_F(BinanceRequests, fills_of_a_symbol_span_a_day_at_most) {
  QueryFills query{.symbol = Symbol("BTCUSDT"), .start = from_unix_ms(1000), .end = from_unix_ms(5000)};
  EXPECT_EQ(rest(query), "GET /api/v3/myTrades?symbol=BTCUSDT&startTime=1000&endTime=5000&limit=1000");
  query.end = from_unix_ms(1000 + 86'400'001);
  EXPECT_EQ(rest(query), "GET /api/v3/myTrades?symbol=BTCUSDT&startTime=1000&endTime=86401000&limit=1000");
  query.order = name(true);
  EXPECT_EQ(rest(query), "GET /api/v3/myTrades?symbol=BTCUSDT&orderId=8389765739703625592&limit=1000");
  query.order = name(false);  // fills do not carry our id
  EXPECT_EQ(rest(query), "GET /api/v3/myTrades?symbol=BTCUSDT&startTime=1000&endTime=86401000&limit=1000");
  query.symbol.reset();
  EXPECT_TRUE(rest(query).starts_with("GET /api/v3/myTrades?symbol=BTCUSDT&"));
  query.order.reset();
  EXPECT_EQ(exchange_.encode(query, stamp_).status().code(), StatusCode::unsupported);
}

TEST_F(BinanceRequests, orders_and_cancels_go_by_frame_too) {
  EXPECT_EQ(frame(order()),
            R"({"id":77,"method":"order.place","params":{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT",)"
            R"("timeInForce":"GTC","quantity":"0.15","price":"50000.5","newClientOrderId":"cal-1",)"
            R"("newOrderRespType":"FULL","recvWindow":5000}})");
  EXPECT_EQ(frame(CancelOrder{name(true)}),
            R"({"id":77,"method":"order.cancel","params":{"symbol":"BTCUSDT","orderId":8389765739703625592,)"
            R"("recvWindow":5000}})");
  EXPECT_EQ(frame(CancelOrder{name(false)}),
            R"({"id":77,"method":"order.cancel","params":{"symbol":"BTCUSDT","origClientOrderId":"cal-1",)"
            R"("recvWindow":5000}})");
  for (const Request& request : {Request(QueryOrder{name(true)}), Request(CancelAllOrders{Symbol("X")}),
                                 Request(QueryBalances{}), Request(QueryDepth{Symbol("X")})}) {
    EXPECT_EQ(exchange_.encode_frame(request, stamp_).status().code(), StatusCode::unsupported);
  }
}

TEST_F(BinanceRequests, private_requests_need_credentials_and_public_ones_none) {
  EXPECT_EQ(exchange_.encode(order(), {}).status().code(), StatusCode::denied);
  EXPECT_EQ(exchange_.encode(QueryBalances{}, {}).status().code(), StatusCode::denied);
  EXPECT_EQ(exchange_.encode_frame(order(), {}).status().code(), StatusCode::denied);
  const auto time = exchange_.encode(QueryServerTime{}, {});
  ASSERT_TRUE(time.ok());
  EXPECT_TRUE(time->headers.empty());
  EXPECT_EQ(exchange_.encode(OpenUserStream{}, stamp_).status().code(), StatusCode::unsupported);
  EXPECT_EQ(exchange_.encode(QueryPositions{}, stamp_).status().code(), StatusCode::unsupported);
}

TEST_F(BinanceRequests, each_has_a_row_of_limits_and_rows_link_only_to_rows) {
  std::set<std::string_view> rows;
  for (const RateLimit& row : exchange_.spec().limits) EXPECT_TRUE(rows.insert(row.id).second) << row.id;
  for (const RateLimit& row : exchange_.spec().limits) {
    for (const LinkedLimit& link : row.linked) EXPECT_TRUE(rows.contains(link.id)) << link.id;
  }
  for (const char* pool : {"weight", "orders_10s", "orders_1d"}) EXPECT_TRUE(rows.contains(pool)) << pool;
  QueryFills of_order;
  of_order.order = name(true);
  for (const Request& request :
       {Request(order()), Request(CancelOrder{name(true)}), Request(CancelAllOrders{Symbol("X")}),
        Request(QueryOrder{name(true)}), Request(QueryOpenOrders{}), Request(QueryOpenOrders{Symbol("X")}),
        Request(QueryFills{}), Request(of_order), Request(QueryBalances{}), Request(QueryFees{})}) {
    EXPECT_TRUE(rows.contains(exchange_.limit_id(request))) << request_name(request);
  }
  EXPECT_NE(exchange_.limit_id(QueryOpenOrders{}), exchange_.limit_id(QueryOpenOrders{Symbol("X")}));
  EXPECT_NE(exchange_.limit_id(QueryFills{}), exchange_.limit_id(of_order));
}

TEST_F(BinanceRequests, the_private_stream_has_no_channels) {
  Frames frames;
  exchange_.subscribe(std::vector<Subscription>{{Channel::user_orders, {}}, {Channel::user_fills, {}}}, true, 1,
                      frames);
  exchange_.subscribe(std::vector<Subscription>{{Channel::user_balances, {}}}, false, 1, frames);
  EXPECT_TRUE(frames.empty());
  const auto& spec = exchange_.spec();
  EXPECT_EQ(spec.streams.user_stream, UserStreamStyle::login_frame);
  EXPECT_FALSE(spec.market_data_only);
  ASSERT_NE(exchange_.auth(), nullptr);
  EXPECT_TRUE(exchange_.auth()->login_frame(1, stamp_).ok());
}

}  // namespace
}  // namespace calypte::connector::binance
