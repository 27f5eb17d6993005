#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "connector/derivative/binance_perpetual/binance_perpetual_constants.hpp"
#include "connector/derivative/binance_perpetual/binance_perpetual_derivative.hpp"
#include "venue/json.hpp"

namespace calypte::connector::binance_perpetual {
namespace {

using namespace venue;

/// Encodes, and cuts off what the signature adds, which has tests of its own.
class BinancePerpetualRequests : public ::testing::Test {
 protected:
  static constexpr std::string_view kTail = "recvWindow=5000&timestamp=1591702613943&signature=";

  std::string signed_call(const Request& request) {
    const auto wire = derivative_.encode(request, stamp_);
    if (!wire.ok()) return wire.status().to_string();
    const auto tail = (*wire).target.find(kTail);
    if (tail == std::string::npos) return "not signed: " + (*wire).target;
    if ((*wire).target.size() != tail + kTail.size() + 64) return "the signature is not last: " + (*wire).target;
    if (!has_key(*wire) || !(*wire).body.empty()) return "no key, or a body";
    return std::string(to_string((*wire).method)) + " " + (*wire).target.substr(0, tail - 1);
  }
  /// Of a request that is not signed.
  std::string call(const Request& request, bool key) {
    const auto wire = derivative_.encode(request, stamp_);
    if (!wire.ok()) return wire.status().to_string();
    if (has_key(*wire) != key) return key ? "no key" : "a key";
    return std::string(to_string((*wire).method)) + " " + (*wire).target;
  }
  static bool has_key(const WireRequest& wire) {
    return wire.headers.size() == 1 && wire.headers[0].name == "X-MBX-APIKEY" && wire.headers[0].value == "key";
  }
  Status refusal(const Request& request) { return derivative_.encode(request, stamp_).status(); }

  static NewOrder order() {
    NewOrder order;
    order.client_order_id = ClientOrderId("cal-1");
    order.symbol = Symbol("BTCUSDT");
    order.amount = "0.1500"_dec;
    order.price = "50000.50"_dec;
    return order;
  }
  static NewOrder order_of(OrderType type, TimeInForce time_in_force) {
    NewOrder request = order();
    request.type = type;
    request.time_in_force = time_in_force;
    if (type == OrderType::market) request.price.reset();
    return request;
  }

  Credentials credentials_{Secret("key"), Secret("secret"), {}};
  Stamp stamp_{from_unix_ms(1591702613943), 77, &credentials_};
  BinancePerpetualDerivative derivative_;
};

TEST_F(BinancePerpetualRequests, orders_of_every_kind) {
  EXPECT_EQ(signed_call(order()),
            "POST /fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.15&price=50000.5"
            "&newClientOrderId=cal-1&newOrderRespType=ACK&selfTradePreventionMode=EXPIRE_MAKER");
  EXPECT_EQ(signed_call(order_of(OrderType::limit_maker, TimeInForce::good_till_cancelled)),
            "POST /fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.15&price=50000.5"
            "&newClientOrderId=cal-1&newOrderRespType=ACK&selfTradePreventionMode=EXPIRE_MAKER");
  EXPECT_EQ(signed_call(order_of(OrderType::limit, TimeInForce::immediate_or_cancel)),
            "POST /fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.15&price=50000.5"
            "&newClientOrderId=cal-1&newOrderRespType=RESULT&selfTradePreventionMode=EXPIRE_MAKER");
  EXPECT_EQ(signed_call(order_of(OrderType::limit, TimeInForce::fill_or_kill)),
            "POST /fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=FOK&quantity=0.15&price=50000.5"
            "&newClientOrderId=cal-1&newOrderRespType=RESULT&selfTradePreventionMode=EXPIRE_MAKER");
  EXPECT_EQ(signed_call(order_of(OrderType::market, TimeInForce::good_till_cancelled)),
            "POST /fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.15"
            "&newClientOrderId=cal-1&newOrderRespType=RESULT&selfTradePreventionMode=EXPIRE_MAKER");
}

TEST_F(BinancePerpetualRequests, which_position_an_order_changes) {
  NewOrder request = order();
  request.reduce_only = true;
  EXPECT_NE(signed_call(request).find("&reduceOnly=true&"), std::string::npos);
  EXPECT_EQ(signed_call(request).find("positionSide"), std::string::npos);  // the venue's default is the only one
  // With two positions, reduceOnly is forbidden: the side says which one is reduced.
  request.position_side = PositionSide::short_side;
  EXPECT_EQ(refusal(request).code(), StatusCode::denied);
  EXPECT_EQ(refusal(request).reason(), FailureReason::invalid_position_action);
  request.reduce_only = false;
  EXPECT_NE(signed_call(request).find("&side=BUY&positionSide=SHORT&type=LIMIT&"), std::string::npos);
  EXPECT_EQ(signed_call(request).find("reduceOnly"), std::string::npos);
  request.position_side = PositionSide::long_side;
  EXPECT_NE(signed_call(request).find("&side=BUY&positionSide=LONG&type=LIMIT&"), std::string::npos);
}

TEST_F(BinancePerpetualRequests, the_signature_covers_the_query_and_stands_last) {
  const Credentials credentials{Secret("dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"),
                                Secret("2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"),
                                {}};
  const Stamp stamp{from_unix_ms(1591702613943), 1, &credentials};
  const auto wire = derivative_.encode(SetLeverage{Symbol("BTCUSDT"), 21}, stamp);
  ASSERT_TRUE(wire.ok());
  // openssl dgst -sha256 -hmac <secret> over everything between '?' and '&signature='.
  EXPECT_EQ((*wire).target,
            "/fapi/v1/leverage?symbol=BTCUSDT&leverage=21&recvWindow=5000&timestamp=1591702613943&signature="
            "a95877ac347e83cd7a57b9398b98523a574b7ce4aa552e5551a6fa3e02a24cfc");
}

TEST_F(BinancePerpetualRequests, symbols_need_not_be_ascii) {
  EXPECT_EQ(signed_call(QueryLeverage{Symbol("\xE6\xB5\x8B\xE8\xAF\x95USDT")}),
            "GET /fapi/v1/symbolConfig?symbol=%E6%B5%8B%E8%AF%95USDT");
}

TEST_F(BinancePerpetualRequests, what_the_venue_cannot_do_is_not_sent) {
  EXPECT_EQ(refusal(order_of(OrderType::amm_swap, TimeInForce::good_till_cancelled)).code(), StatusCode::unsupported);
  EXPECT_EQ(refusal(order_of(OrderType::limit_maker, TimeInForce::fill_or_kill)).code(), StatusCode::unsupported);
  NewOrder request = order();
  request.price.reset();
  EXPECT_EQ(refusal(request).code(), StatusCode::denied);
  request = order();
  request.client_order_id = ClientOrderId(std::string(37, 'x'));
  EXPECT_EQ(refusal(request).code(), StatusCode::denied);
  request.client_order_id = ClientOrderId("");
  EXPECT_EQ(refusal(request).code(), StatusCode::denied);
  EXPECT_EQ(derivative_.encode(order(), {}).status().code(), StatusCode::denied);
  EXPECT_EQ(refusal(CancelOrder{}).code(), StatusCode::denied);
  EXPECT_EQ(refusal(CancelAllOrders{}).code(), StatusCode::unsupported);
  EXPECT_EQ(refusal(QueryFills{}).code(), StatusCode::unsupported);
  EXPECT_EQ(refusal(QueryFees{}).code(), StatusCode::denied) << "the rates are those of one symbol";
}

TEST_F(BinancePerpetualRequests, orders_are_named_by_the_venues_id_where_it_is_known) {
  OrderRef ref{ClientOrderId("cal-1"), std::nullopt, Symbol("BTCUSDT")};
  EXPECT_EQ(signed_call(CancelOrder{ref}), "DELETE /fapi/v1/order?symbol=BTCUSDT&origClientOrderId=cal-1");
  EXPECT_EQ(signed_call(QueryOrder{ref}), "GET /fapi/v1/order?symbol=BTCUSDT&origClientOrderId=cal-1");
  ref.exchange_order_id = ExchangeOrderId("8389765739703625592");  // beyond what a double can hold
  EXPECT_EQ(signed_call(CancelOrder{ref}), "DELETE /fapi/v1/order?symbol=BTCUSDT&orderId=8389765739703625592");
  EXPECT_EQ(signed_call(QueryOrder{ref}), "GET /fapi/v1/order?symbol=BTCUSDT&orderId=8389765739703625592");
  EXPECT_EQ(signed_call(CancelAllOrders{Symbol("BTCUSDT")}), "DELETE /fapi/v1/allOpenOrders?symbol=BTCUSDT");
}

TEST_F(BinancePerpetualRequests, a_batch_of_orders) {
  NewOrder second = order_of(OrderType::market, TimeInForce::good_till_cancelled);
  second.client_order_id = ClientOrderId("cal-2");
  second.side = TradeType::sell;
  second.position_side = PositionSide::long_side;
  EXPECT_EQ(signed_call(NewOrders{{order(), second}}),
            "POST /fapi/v1/batchOrders?batchOrders=%5B%7B%22symbol%22%3A%22BTCUSDT%22%2C%22side%22%3A%22BUY%22%2C"
            "%22type%22%3A%22LIMIT%22%2C%22timeInForce%22%3A%22GTC%22%2C%22quantity%22%3A%220.15%22%2C%22price%22%3A"
            "%2250000.5%22%2C%22newClientOrderId%22%3A%22cal-1%22%2C%22newOrderRespType%22%3A%22ACK%22%2C"
            "%22selfTradePreventionMode%22%3A%22EXPIRE_MAKER%22%7D%2C%7B%22symbol%22%3A%22BTCUSDT%22%2C%22side%22%3A"
            "%22SELL%22%2C%22positionSide%22%3A%22LONG%22%2C%22type%22%3A%22MARKET%22%2C%22quantity%22%3A%220.15%22%2C"
            "%22newClientOrderId%22%3A%22cal-2%22%2C%22newOrderRespType%22%3A%22RESULT%22%2C"
            "%22selfTradePreventionMode%22%3A%22EXPIRE_MAKER%22%7D%5D");
  EXPECT_EQ(refusal(NewOrders{}).code(), StatusCode::denied);
  EXPECT_EQ(refusal(NewOrders{std::vector(6, order())}).code(), StatusCode::denied);
  EXPECT_TRUE(refusal(NewOrders{std::vector(5, order())}).ok());
  // One that cannot be sent keeps them all back.
  second.amount = 0;
  EXPECT_EQ(refusal(NewOrders{{order(), second}}).code(), StatusCode::denied);
}

TEST_F(BinancePerpetualRequests, a_batch_of_cancels_is_by_one_kind_of_id) {
  const Symbol symbol("BTCUSDT");
  const OrderRef both{ClientOrderId("a"), ExchangeOrderId("8389765739703625592"), symbol};
  const OrderRef ours{ClientOrderId("b"), std::nullopt, symbol};
  const OrderRef theirs{ClientOrderId(), ExchangeOrderId("2"), symbol};
  EXPECT_EQ(signed_call(CancelOrders{{both, theirs}}),
            "DELETE /fapi/v1/batchOrders?symbol=BTCUSDT&orderIdList=%5B8389765739703625592%2C2%5D");
  EXPECT_EQ(signed_call(CancelOrders{{both, ours}}),
            "DELETE /fapi/v1/batchOrders?symbol=BTCUSDT&origClientOrderIdList=%5B%22a%22%2C%22b%22%5D");
  EXPECT_EQ(refusal(CancelOrders{{ours, theirs}}).code(), StatusCode::denied);
  EXPECT_EQ(refusal(CancelOrders{}).code(), StatusCode::denied);
  EXPECT_EQ(refusal(CancelOrders{std::vector(11, ours)}).code(), StatusCode::denied);
  EXPECT_TRUE(refusal(CancelOrders{std::vector(10, ours)}).ok());
  EXPECT_EQ(refusal(CancelOrders{{ours, {ClientOrderId("c"), std::nullopt, Symbol("ETHUSDT")}}}).code(),
            StatusCode::denied);
  // What is no number must not reach the list, where it would be no JSON or another order.
  EXPECT_EQ(signed_call(CancelOrders{{{ClientOrderId("c"), ExchangeOrderId("1,2"), symbol}}}),
            "DELETE /fapi/v1/batchOrders?symbol=BTCUSDT&origClientOrderIdList=%5B%22c%22%5D");
}

TEST_F(BinancePerpetualRequests, lists_of_the_account) {
  EXPECT_EQ(signed_call(QueryOpenOrders{Symbol("BTCUSDT")}), "GET /fapi/v1/openOrders?symbol=BTCUSDT");
  EXPECT_EQ(signed_call(QueryOpenOrders{}), "GET /fapi/v1/openOrders");
  EXPECT_EQ(signed_call(QueryBalances{}), "GET /fapi/v3/balance");
  EXPECT_EQ(signed_call(QueryPositions{}), "GET /fapi/v3/positionRisk");
  const Time start = from_unix_ms(1591702000000) + Duration{7};
  EXPECT_EQ(signed_call(QueryFills{Symbol("BTCUSDT"), {}, start, start + 24h}),
            "GET /fapi/v1/userTrades?symbol=BTCUSDT&startTime=1591702000000&endTime=1591788400000&limit=1000");
  // The venue refuses a range of more than seven days.
  EXPECT_EQ(signed_call(QueryFills{Symbol("BTCUSDT"), {}, start, start + 24h * 8}),
            "GET /fapi/v1/userTrades?symbol=BTCUSDT&startTime=1591702000000&endTime=1592306800000&limit=1000");
  const OrderRef ref{ClientOrderId("cal-1"), ExchangeOrderId("25851813"), Symbol("BTCUSDT")};
  EXPECT_EQ(signed_call(QueryFills{Symbol("BTCUSDT"), ref, start, start + 24h}),
            "GET /fapi/v1/userTrades?symbol=BTCUSDT&orderId=25851813&limit=1000");
}

TEST_F(BinancePerpetualRequests, funding) {
  EXPECT_EQ(call(QueryFunding{Symbol("BTCUSDT")}, false), "GET /fapi/v1/premiumIndex?symbol=BTCUSDT");
  const Time start = from_unix_ms(1591702000000) + Duration{7};
  EXPECT_EQ(signed_call(QueryFundingPayments{{}, start, start + 1h}),
            "GET /fapi/v1/income?incomeType=FUNDING_FEE&startTime=1591702000000&endTime=1591705600001&limit=1000");
  EXPECT_EQ(signed_call(QueryFundingPayments{Symbol("BTCUSDT"), from_unix_ms(5), from_unix_ms(6)}),
            "GET /fapi/v1/income?symbol=BTCUSDT&incomeType=FUNDING_FEE&startTime=5&endTime=6&limit=1000");
}

TEST_F(BinancePerpetualRequests, settings) {
  EXPECT_EQ(signed_call(QueryPositionMode{}), "GET /fapi/v1/positionSide/dual");
  EXPECT_EQ(signed_call(SetPositionMode{PositionMode::hedge}), "POST /fapi/v1/positionSide/dual?dualSidePosition=true");
  EXPECT_EQ(signed_call(SetPositionMode{PositionMode::one_way}),
            "POST /fapi/v1/positionSide/dual?dualSidePosition=false");
  EXPECT_EQ(signed_call(QueryLeverage{Symbol("BTCUSDT")}), "GET /fapi/v1/symbolConfig?symbol=BTCUSDT");
  EXPECT_EQ(signed_call(SetLeverage{Symbol("BTCUSDT"), 21}), "POST /fapi/v1/leverage?symbol=BTCUSDT&leverage=21");
  EXPECT_EQ(signed_call(QueryFees{Symbol("BTCUSDT")}), "GET /fapi/v1/commissionRate?symbol=BTCUSDT");
  EXPECT_EQ(signed_call(SetMarginType{Symbol("BTCUSDT"), MarginType::isolated}),
            "POST /fapi/v1/marginType?symbol=BTCUSDT&marginType=ISOLATED");
  EXPECT_EQ(signed_call(SetMarginType{Symbol("BTCUSDT"), MarginType::cross}),
            "POST /fapi/v1/marginType?symbol=BTCUSDT&marginType=CROSSED");
}

TEST_F(BinancePerpetualRequests, keys_of_the_private_stream_need_a_key_and_no_signature) {
  EXPECT_EQ(call(OpenUserStream{}, true), "POST /fapi/v1/listenKey");
  EXPECT_EQ(call(RenewUserStream{"pqia91"}, true), "PUT /fapi/v1/listenKey");
  EXPECT_EQ(derivative_.encode(OpenUserStream{}, {}).status().code(), StatusCode::denied);
}

TEST_F(BinancePerpetualRequests, market_data_needs_no_key) {
  EXPECT_EQ(call(QueryInstruments{}, false), "GET /fapi/v1/exchangeInfo");
  EXPECT_EQ(call(QueryDepth{Symbol("BTCUSDT")}, false), "GET /fapi/v1/depth?symbol=BTCUSDT&limit=1000");
  EXPECT_EQ(call(QueryTickers{}, false), "GET /fapi/v1/ticker/price");
  EXPECT_EQ(call(QueryServerTime{}, false), "GET /fapi/v1/time");
}

// --- Order entry by frames -----------------------------------------------------------------------------------------

TEST_F(BinancePerpetualRequests, orders_and_cancels_go_by_frame) {
  const auto frame = derivative_.encode_frame(order(), stamp_);
  ASSERT_TRUE(frame.ok()) << frame.status().to_string();
  json::Document document;
  PaddedBuffer buffer(*frame);
  const auto root = document.parse(buffer.bytes());
  ASSERT_TRUE(root.ok());
  EXPECT_EQ((*root).find("id").unsigned_integer(), 77U);
  EXPECT_EQ((*root).find("method").string(), "order.place");
  const json::Value params = (*root).find("params");
  EXPECT_EQ(params.find("quantity").text(), "0.15");
  EXPECT_TRUE(params.find("quantity").is_string());
  EXPECT_TRUE(params.find("price").is_string());
  EXPECT_TRUE(params.find("timestamp").is_number());
  EXPECT_TRUE(params.find("recvWindow").is_number());
  EXPECT_EQ(params.find("apiKey").string(), "key");
  // openssl dgst -sha256 -hmac secret over the sorted parameters, apiKey among them.
  EXPECT_EQ(params.find("signature").string(), "fb20dd1e09af8f12ed6a00b7ae0823c10255b8056d23783cd0a9500ecb0d7095");

  const OrderRef ref{ClientOrderId("cal-1"), ExchangeOrderId("8389765739703625592"), Symbol("BTCUSDT")};
  const auto cancel = derivative_.encode_frame(CancelOrder{ref}, stamp_);
  ASSERT_TRUE(cancel.ok());
  EXPECT_EQ((*cancel).find(R"({"id":77,"method":"order.cancel","params":{"symbol":"BTCUSDT",)"
                           R"("orderId":8389765739703625592,)"),
            0U)
      << *cancel;
}

TEST_F(BinancePerpetualRequests, everything_else_goes_by_rest) {
  for (const Request& request :
       {Request(NewOrders{{order()}}), Request(CancelAllOrders{Symbol("BTCUSDT")}), Request(QueryOpenOrders{}),
        Request(QueryBalances{}), Request(QueryPositions{}), Request(QueryInstruments{}), Request(OpenUserStream{})}) {
    EXPECT_EQ(derivative_.encode_frame(request, stamp_).status().code(), StatusCode::unsupported)
        << request_name(request);
  }
  EXPECT_EQ(derivative_.encode_frame(order_of(OrderType::amm_swap, {}), stamp_).status().code(),
            StatusCode::unsupported);
  EXPECT_EQ(derivative_.encode_frame(order(), {}).status().code(), StatusCode::denied);
}

// --- The table -----------------------------------------------------------------------------------------------------

TEST_F(BinancePerpetualRequests, every_request_has_a_rate_limit_and_weighs_what_the_manual_says) {
  struct Row {
    Request request;
    std::uint32_t weight;
    std::uint32_t orders_10s = 0;
    std::uint32_t orders_1m = 0;
  };
  const std::vector<Row> rows = {
      {NewOrder{}, 0, 1, 1},  {NewOrders{}, 5, 5, 1}, {CancelOrder{}, 1},           {CancelOrders{}, 1},
      {CancelAllOrders{}, 1}, {QueryOrder{}, 1},      {QueryOpenOrders{}, 40},      {QueryOpenOrders{Symbol("X")}, 1},
      {QueryFills{}, 5},      {QueryBalances{}, 5},   {QueryInstruments{}, 1},      {QueryDepth{}, 20},
      {QueryTickers{}, 2},    {QueryServerTime{}, 1}, {OpenUserStream{}, 1},        {RenewUserStream{}, 1},
      {QueryPositions{}, 5},  {QueryFunding{}, 1},    {QueryFundingPayments{}, 30}, {QueryPositionMode{}, 30},
      {SetPositionMode{}, 1}, {QueryLeverage{}, 5},   {SetLeverage{}, 1},           {SetMarginType{}, 1},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(request_name(row.request));
    const RateLimit* found = nullptr;
    for (const RateLimit& limit : derivative_.spec().limits) {
      if (limit.id == derivative_.limit_id(row.request)) found = &limit;
    }
    ASSERT_NE(found, nullptr);
    std::map<std::string_view, std::uint32_t> charged;
    for (const LinkedLimit& link : found->linked) charged[link.id] = link.weight;
    EXPECT_EQ(charged["weight"], row.weight);
    EXPECT_EQ(charged["orders_10s"], row.orders_10s);
    EXPECT_EQ(charged["orders_1m"], row.orders_1m);
  }
}

TEST_F(BinancePerpetualRequests, no_limit_is_named_twice) {
  std::set<std::string_view> names;
  for (const RateLimit& limit : derivative_.spec().limits) EXPECT_TRUE(names.insert(limit.id).second) << limit.id;
}

TEST_F(BinancePerpetualRequests, the_table_says_what_the_market_can_do) {
  const VenueSpec& spec = derivative_.spec();
  EXPECT_FALSE(spec.market_data_only);
  EXPECT_EQ(spec.streams.user_stream, UserStreamStyle::listen_key);
  EXPECT_TRUE(spec.streams.own_trade_stream);
  EXPECT_FALSE(spec.streams.order_stream_login);
  EXPECT_LE(spec.streams.listen_key_renewal, 30min);
  EXPECT_LT(spec.orders.fills_history, 24h * 7);  // the venue refuses more between two times
  EXPECT_FALSE(spec.orders.balances_in_real_time);
  EXPECT_EQ(spec.positions.modes.size(), 2U);
  for (const EnvironmentSpec& environment : spec.environments) {
    if (environment.environment == Environment::local) continue;
    EXPECT_TRUE(environment.market_stream_url.ends_with("/public/stream")) << environment.market_stream_url;
    EXPECT_TRUE(environment.trade_stream_url.ends_with("/market/stream")) << environment.trade_stream_url;
    EXPECT_TRUE(environment.user_stream_url.ends_with("/private/ws")) << environment.user_stream_url;
    EXPECT_TRUE(environment.order_stream_url.ends_with("/ws-fapi/v1")) << environment.order_stream_url;
  }
}

TEST_F(BinancePerpetualRequests, streams_of_a_contract) {
  Frames frames;
  const Symbol symbol("BTCUSDT");
  derivative_.subscribe(std::vector<Subscription>{{Channel::trades, symbol}, {Channel::funding, symbol}}, true, 7,
                        frames);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0], R"({"method":"SUBSCRIBE","params":["btcusdt@aggTrade","btcusdt@markPrice@1s"],"id":7})");
  frames.clear();
  derivative_.subscribe(std::vector<Subscription>{{Channel::depth, symbol}, {Channel::ticker, symbol}}, false, 8,
                        frames);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0], R"({"method":"UNSUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker"],"id":8})");
  // The private stream sends everything unasked.
  frames.clear();
  derivative_.subscribe(std::vector<Subscription>{{Channel::user_orders, {}}, {Channel::user_balances, {}}}, true, 9,
                        frames);
  EXPECT_TRUE(frames.empty());
}

}  // namespace
}  // namespace calypte::connector::binance_perpetual
