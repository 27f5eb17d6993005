#include <gtest/gtest.h>

#include "connector/exchange/crypto_com/crypto_com_exchange.hpp"

namespace calypte::connector::crypto_com {
namespace {

using namespace venue;

/// Encodes, and cuts off what the signature adds, which has tests of its own.
class CryptoComRequests : public ::testing::Test {
 protected:
  std::string body(const Request& request) {
    const auto wire = exchange_.encode(request, stamp_);
    if (!wire.ok()) return wire.status().to_string();
    if ((*wire).method != HttpMethod::post) return "not posted";
    const std::string text = (*wire).body;
    const std::size_t end = text.find(R"(,"api_key":"token","nonce":1610905028000,"sig":")");
    return end == std::string::npos ? "not signed: " + text : (*wire).target + " " + text.substr(0, end) + "}";
  }
  std::string target(const Request& request) {
    const auto wire = exchange_.encode(request, {});
    if (!wire.ok()) return wire.status().to_string();
    if ((*wire).method != HttpMethod::get || !(*wire).body.empty()) return "not a plain GET";
    return (*wire).target;
  }
  static NewOrder order() {
    NewOrder order;
    order.client_order_id = ClientOrderId("cal-1");
    order.symbol = Symbol("BTC_USD");
    order.amount = "0.1500"_dec;
    order.price = "50000.50"_dec;
    return order;
  }

  Credentials credentials_{Secret("token"), Secret("secretKey"), {}};
  Stamp stamp_{from_unix_ms(1610905028000), 77, &credentials_};
  CryptoComExchange exchange_;
};

TEST_F(CryptoComRequests, a_limit_order) {
  EXPECT_EQ(body(order()),
            R"(/private/create-order {"id":77,"method":"private/create-order","params":{"instrument_name":"BTC_USD",)"
            R"("side":"BUY","type":"LIMIT","price":"50000.5","quantity":"0.15","client_oid":"cal-1",)"
            R"("time_in_force":"GOOD_TILL_CANCEL","spot_margin":"SPOT"}})");
}

TEST_F(CryptoComRequests, a_post_only_order) {
  NewOrder request = order();
  request.type = OrderType::limit_maker;
  request.side = TradeType::sell;
  EXPECT_EQ(body(request),
            R"(/private/create-order {"id":77,"method":"private/create-order","params":{"instrument_name":"BTC_USD",)"
            R"("side":"SELL","type":"LIMIT","price":"50000.5","quantity":"0.15","client_oid":"cal-1",)"
            R"("exec_inst":["POST_ONLY"],"time_in_force":"GOOD_TILL_CANCEL","spot_margin":"SPOT"}})");
}

TEST_F(CryptoComRequests, immediate_orders) {
  NewOrder request = order();
  request.time_in_force = TimeInForce::immediate_or_cancel;
  EXPECT_NE(body(request).find(R"("time_in_force":"IMMEDIATE_OR_CANCEL")"), std::string::npos);
  request.time_in_force = TimeInForce::fill_or_kill;
  EXPECT_NE(body(request).find(R"("time_in_force":"FILL_OR_KILL")"), std::string::npos);
}

TEST_F(CryptoComRequests, a_market_order_has_neither_price_nor_time_in_force) {
  NewOrder request = order();
  request.type = OrderType::market;
  EXPECT_EQ(body(request),
            R"(/private/create-order {"id":77,"method":"private/create-order","params":{"instrument_name":"BTC_USD",)"
            R"("side":"BUY","type":"MARKET","quantity":"0.15","client_oid":"cal-1","spot_margin":"SPOT"}})");
}

TEST_F(CryptoComRequests, the_signature_covers_the_order) {
  const auto wire = exchange_.encode(order(), stamp_);
  ASSERT_TRUE(wire.ok());
  ASSERT_EQ((*wire).headers.size(), 1U);
  EXPECT_EQ((*wire).headers[0].value, "application/json");
  NewOrder other = order();
  other.price = "50000.51"_dec;
  const auto second = exchange_.encode(other, stamp_);
  ASSERT_TRUE(second.ok());
  const auto signature = [](const std::string& text) { return text.substr(text.find("\"sig\"")); };
  EXPECT_NE(signature((*wire).body), signature((*second).body));
  // openssl dgst -sha256 -hmac secretKey over the text that the rule gives for this order.
  EXPECT_EQ(signature((*wire).body), "\"sig\":\"f4a107a0bd1e5066cbc1f9e40a66fef6310e70e866d4c3e9e9ffc1bbec30a0ac\"}");
}

TEST_F(CryptoComRequests, what_the_venue_cannot_do_is_not_sent) {
  const auto code = [this](const NewOrder& request) { return exchange_.encode(request, stamp_).status().code(); };
  NewOrder request = order();
  request.type = OrderType::amm_swap;
  EXPECT_EQ(code(request), StatusCode::unsupported);
  request = order();
  request.type = OrderType::limit_maker;
  request.time_in_force = TimeInForce::immediate_or_cancel;
  EXPECT_EQ(code(request), StatusCode::unsupported);
  request = order();
  request.price.reset();
  EXPECT_EQ(code(request), StatusCode::denied);
  request = order();
  request.client_order_id = ClientOrderId(std::string(37, 'x'));
  EXPECT_EQ(code(request), StatusCode::denied);
  request.client_order_id = ClientOrderId(std::string(36, 'x'));
  EXPECT_EQ(code(request), StatusCode::ok);
  request.client_order_id = ClientOrderId("");
  EXPECT_EQ(code(request), StatusCode::denied);
  EXPECT_EQ(exchange_.encode(order(), {}).status().code(), StatusCode::denied);
  EXPECT_EQ(exchange_.encode(CancelOrder{}, stamp_).status().code(), StatusCode::denied);
}

TEST_F(CryptoComRequests, orders_are_named_by_the_venues_id_where_it_is_known) {
  OrderRef ref{ClientOrderId("cal-1"), std::nullopt, Symbol("BTC_USD")};
  EXPECT_EQ(body(CancelOrder{ref}),
            R"(/private/cancel-order {"id":77,"method":"private/cancel-order","params":{"client_oid":"cal-1"}})");
  EXPECT_EQ(
      body(QueryOrder{ref}),
      R"(/private/get-order-detail {"id":77,"method":"private/get-order-detail","params":{"client_oid":"cal-1"}})");
  ref.exchange_order_id = ExchangeOrderId("18342311");
  EXPECT_EQ(body(CancelOrder{ref}),
            R"(/private/cancel-order {"id":77,"method":"private/cancel-order","params":{"order_id":"18342311"}})");
  EXPECT_EQ(
      body(QueryOrder{ref}),
      R"(/private/get-order-detail {"id":77,"method":"private/get-order-detail","params":{"order_id":"18342311"}})");
}

TEST_F(CryptoComRequests, the_other_private_requests) {
  EXPECT_EQ(body(CancelAllOrders{}),
            R"(/private/cancel-all-orders {"id":77,"method":"private/cancel-all-orders","params":{}})");
  EXPECT_EQ(body(CancelAllOrders{Symbol("BTC_USD")}),
            R"(/private/cancel-all-orders {"id":77,"method":"private/cancel-all-orders",)"
            R"("params":{"instrument_name":"BTC_USD"}})");
  EXPECT_EQ(body(QueryOpenOrders{}),
            R"(/private/get-open-orders {"id":77,"method":"private/get-open-orders","params":{}})");
  EXPECT_EQ(body(QueryOpenOrders{Symbol("BTC_USD")}),
            R"(/private/get-open-orders {"id":77,"method":"private/get-open-orders",)"
            R"("params":{"instrument_name":"BTC_USD"}})");
  EXPECT_EQ(
      body(QueryFills{Symbol("BTC_USD"), {}, from_unix_ms(1610905020000), from_unix_ns(1610905028000000001)}),
      R"(/private/get-trades {"id":77,"method":"private/get-trades","params":{"start_time":"1610905020000000000",)"
      R"("end_time":"1610905028000000001","limit":"100","instrument_name":"BTC_USD"}})");
  EXPECT_EQ(body(QueryBalances{}), R"(/private/user-balance {"id":77,"method":"private/user-balance","params":{}})");
  EXPECT_EQ(body(QueryFees{}), R"(/private/get-fee-rate {"id":77,"method":"private/get-fee-rate","params":{}})");
}

TEST_F(CryptoComRequests, the_public_requests) {
  EXPECT_EQ(target(QueryInstruments{}), "/public/get-instruments");
  EXPECT_EQ(target(QueryDepth{Symbol("BTC_USD")}), "/public/get-book?instrument_name=BTC_USD&depth=50");
  EXPECT_EQ(target(QueryTickers{}), "/public/get-tickers");
  EXPECT_EQ(target(QueryServerTime{}), "/public/get-tickers?instrument_name=BTC_USD");
}

TEST_F(CryptoComRequests, every_request_has_a_row_in_the_table_of_limits) {
  for (const Request& request :
       {Request(NewOrder{}), Request(CancelOrder{}), Request(CancelAllOrders{}), Request(QueryOrder{}),
        Request(QueryOpenOrders{}), Request(QueryFills{}), Request(QueryBalances{}), Request(QueryInstruments{}),
        Request(QueryDepth{}), Request(QueryTickers{}), Request(QueryServerTime{}), Request(QueryFees{})}) {
    const auto limits = exchange_.spec().limits;
    EXPECT_EQ(std::count_if(limits.begin(), limits.end(),
                            [&](const RateLimit& limit) { return limit.id == exchange_.limit_id(request); }),
              1)
        << request_name(request);
  }
}

TEST_F(CryptoComRequests, books_are_subscribed_to_in_frames_of_their_own) {
  Frames frames;
  const std::vector<Subscription> wanted{{Channel::depth, Symbol("BTC_USD")},
                                         {Channel::trades, Symbol("BTC_USD")},
                                         {Channel::depth, Symbol("ETH_USD")},
                                         {Channel::ticker, Symbol("BTC_USD")}};
  exchange_.subscribe(wanted, true, 5, frames);
  EXPECT_EQ(frames, (Frames{R"({"id":5,"method":"subscribe","params":{"channels":["book.BTC_USD.50",)"
                            R"("book.ETH_USD.50"],"book_subscription_type":"SNAPSHOT_AND_UPDATE",)"
                            R"("book_update_frequency":10}})",
                            R"({"id":6,"method":"subscribe","params":{"channels":["trade.BTC_USD",)"
                            R"("ticker.BTC_USD"]}})"}));
  frames.clear();
  exchange_.subscribe(std::span(wanted).first(2), false, 9, frames);
  EXPECT_EQ(frames, (Frames{R"({"id":9,"method":"unsubscribe","params":{"channels":["book.BTC_USD.50"]}})",
                            R"({"id":10,"method":"unsubscribe","params":{"channels":["trade.BTC_USD"]}})"}));
}

TEST_F(CryptoComRequests, private_channels) {
  Frames frames;
  exchange_.subscribe(
      std::vector<Subscription>{{Channel::user_orders, {}}, {Channel::user_fills, {}}, {Channel::user_balances, {}}},
      true, 2, frames);
  EXPECT_EQ(frames, (Frames{R"({"id":2,"method":"subscribe","params":{"channels":["user.order","user.trade",)"
                            R"("user.balance"]}})"}));
}

TEST_F(CryptoComRequests, a_frame_holds_so_many_channels_and_no_more) {
  std::vector<Subscription> wanted;
  for (int i = 0; i < 101; ++i) wanted.push_back({Channel::trades, Symbol("S" + std::to_string(i))});
  Frames frames;
  exchange_.subscribe(wanted, true, 1, frames);
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_NE(frames[0].find("\"trade.S49\"]"), std::string::npos);
  EXPECT_NE(frames[1].find("{\"channels\":[\"trade.S50\""), std::string::npos);
  EXPECT_EQ(frames[2], R"({"id":3,"method":"subscribe","params":{"channels":["trade.S100"]}})");
}

TEST_F(CryptoComRequests, orders_and_cancels_as_frames_carry_no_key_and_no_signature) {
  const auto placed = exchange_.encode_frame(order(), stamp_);
  ASSERT_TRUE(placed.ok());
  EXPECT_EQ(*placed, R"({"id":77,"method":"private/create-order","params":{"instrument_name":"BTC_USD",)"
                     R"("side":"BUY","type":"LIMIT","price":"50000.5","quantity":"0.15","client_oid":"cal-1",)"
                     R"("time_in_force":"GOOD_TILL_CANCEL","spot_margin":"SPOT"},"nonce":1610905028000})");
  const auto cancelled = exchange_.encode_frame(
      CancelOrder{
          {.client_order_id = ClientOrderId("cal-1"), .exchange_order_id = ExchangeOrderId("18342311"), .symbol = {}}},
      stamp_);
  ASSERT_TRUE(cancelled.ok());
  EXPECT_EQ(*cancelled,
            R"({"id":77,"method":"private/cancel-order","params":{"order_id":"18342311"},"nonce":1610905028000})");
  EXPECT_EQ(exchange_.encode_frame(QueryBalances{}, stamp_).status().code(), StatusCode::unsupported);
  EXPECT_EQ(exchange_.encode_frame(CancelAllOrders{}, stamp_).status().code(), StatusCode::unsupported);
  NewOrder priceless = order();
  priceless.price.reset();
  EXPECT_EQ(exchange_.encode_frame(priceless, stamp_).status().code(), StatusCode::denied);
}

}  // namespace
}  // namespace calypte::connector::crypto_com
