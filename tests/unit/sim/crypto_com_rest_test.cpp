#include "unit/sim/crypto_com_harness.hpp"

namespace calypte::sim::crypto_com {
namespace {

using CryptoComRest = Harness;
using venue::HttpMethod;

TEST(CryptoComSignature, the_vectors_of_the_manual_are_accepted) {
  struct Row {
    std::string_view request;
    std::string_view sig;
  };
  const Row rows[] = {
      {R"({"id":11,"method":"public/auth","api_key":"token","nonce":1589594102779)",
       "9dcebf6eeec155f829227ee447dee73120e0aead42fab74d38ed5d8271793dc8"},
      {R"({"id":11,"method":"private/get-order-detail","api_key":"token","params":{"order_id":"53287421324"},)"
       R"("nonce":1587846358253)",
       "02ef0a52c9428e5d3dcc5dd24d534ca39ef73f35acd3f6945f139a2364ef67a9"},
      {R"({"id":14,"method":"private/create-order-list","api_key":"token","params":{"contingency_type":"LIST",)"
       R"("order_list":[{"instrument_name":"ONE_USDT","side":"BUY","type":"LIMIT","price":"0.24","quantity":"1.0"},)"
       R"({"instrument_name":"ONE_USDT","side":"BUY","type":"STOP_LIMIT","price":"0.27","quantity":"1.0",)"
       R"("trigger_price":"0.26"}]},"nonce":1587846358253)",
       "071efea6fb9f8a1d6fad96083a708801e2e13013e74065463b5634dd3c9d9ab3"},
      {R"({"id":1,"method":"private/create-order","api_key":"token","params":{"instrument_name":"BTCUSD-PERP",)"
       R"("side":"SELL","type":"LIMIT","price":"50000.5","quantity":"1",)"
       R"("client_oid":"c5f682ed-7108-4f1c-b755-972fcdca0f02","exec_inst":["POST_ONLY"],)"
       R"("time_in_force":"GOOD_TILL_CANCEL"},"nonce":1610905028000)",
       "0fb320f02bf8b52309913537b23e410e0f43af935b6722a07cf156c796fc2c74"},
      {R"({"id":"12","method":"private/user-balance","api_key":"token","params":{},"nonce":"1611022832613")",
       "fec2a944d0e49731b10e1c9832b1c6c81248782b02f65ba53893c6a1b5b0b52d"},
  };
  for (const Row& row : rows) {
    const std::string text = std::string(row.request) + R"(,"sig":")" + std::string(row.sig) + "\"}";
    const Parsed request(text);
    EXPECT_TRUE(signature_is_valid(request.root, "secretKey")) << text;
    EXPECT_FALSE(signature_is_valid(request.root, "secretkey")) << text;
  }
}

TEST_F(CryptoComRest, an_unknown_path_is_a_404_without_code) {
  const Reply reply = get("public/get-nope");
  EXPECT_EQ(reply.status, 404);
  const Parsed body(reply.body);
  EXPECT_FALSE(body["code"].exists());
  EXPECT_EQ(body["error"].string(), "Not Found");
  EXPECT_EQ(body["path"].string(), "/v1/public/get-nope");
}

TEST_F(CryptoComRest, instruments_have_numbers_and_strings_where_the_venue_has_them) {
  const Reply reply = get("public/get-instruments");
  EXPECT_EQ(reply.status, 200);
  const Parsed body(reply.body);
  EXPECT_EQ(body["id"].text(), "-1");
  EXPECT_EQ(body["code"].text(), "0");
  const Value data = body["result"].find("data");
  ASSERT_EQ(data.size(), 6U);
  EXPECT_EQ(data[0].find("symbol").string(), "BTC_USDT");
  EXPECT_EQ(data[0].find("quote_decimals").text(), "2");
  EXPECT_EQ(data[0].find("price_tick_size").string(), "0.01");
  EXPECT_EQ(data[2].find("qty_tick_size").string(), "1");
  EXPECT_EQ(data[4].find("inst_type").string(), "PERPETUAL_SWAP");
  EXPECT_EQ(data[5].find("tradable").boolean(), false);
}

TEST_F(CryptoComRest, the_book_has_levels_and_no_sequence) {
  other(Side::sell, 63000, "0.4"_dec);
  const Parsed body(get("public/get-book?instrument_name=BTC_USDT&depth=10").body);
  const Value book = body["result"].find("data")[0];
  EXPECT_EQ(book.find("asks").text(), R"([["63000.00","0.40000","1"]])");
  EXPECT_EQ(book.find("bids").size(), 0U);
  EXPECT_TRUE(book.find("t").is_number());
  EXPECT_FALSE(book.find("u").exists());
  const Reply bad = get("public/get-book?instrument_name=BTC_USDT&depth=0");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(Parsed(bad.body).code(), 40004);
  EXPECT_EQ(Parsed(get("public/get-book?instrument_name=NO_SUCH").body).code(), 40003);
}

TEST_F(CryptoComRest, trades_tickers_and_candles_come_from_what_traded) {
  const Parsed before(get("public/get-tickers?instrument_name=BTC_USDT").body);
  EXPECT_TRUE(before["result"].find("data")[0].find("a").is_null());
  other(Side::sell, 63000, "0.4"_dec);
  create(R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"63000","quantity":"0.1"})");
  const Parsed trades(get("public/get-trades?instrument_name=BTC_USDT&count=5").body);
  const Value trade = trades["result"].find("data")[0];
  EXPECT_EQ(trade.find("s").string(), "buy");
  EXPECT_EQ(trade.find("p").string(), "63000.00");
  EXPECT_EQ(trade.find("q").string(), "0.10000");
  EXPECT_TRUE(trade.find("d").is_string());
  EXPECT_TRUE(trade.find("tn").is_number());
  const Parsed ticker(get("public/get-tickers").body);
  EXPECT_EQ(ticker["result"].find("data").size(), 6U);
  EXPECT_EQ(ticker["result"].find("data")[0].find("a").string(), "63000.00");
  EXPECT_TRUE(ticker["result"].find("data")[0].find("b").is_null());
  const Parsed candles(get("public/get-candlestick?instrument_name=BTC_USDT&timeframe=1m").body);
  EXPECT_EQ(candles["result"].find("data")[0].find("v").string(), "0.10000");
}

TEST_F(CryptoComRest, key_nonce_and_signature_are_checked) {
  const std::string_view method = "private/user-balance";
  const auto code_of_body = [&](const std::string& body) {
    const Reply reply = request(HttpMethod::post, std::string(method), body);
    return std::pair(reply.status, static_cast<int>(Parsed(reply.body).code()));
  };
  EXPECT_EQ(code_of_body(signed_request(method, "{}")), std::pair(200, 0));
  EXPECT_EQ(code_of_body(signed_request(method, "{}", "wrong")), std::pair(401, 40101));
  EXPECT_EQ(code_of_body(signed_request(method, "{}", "secretKey", "nobody")), std::pair(401, 40101));
  std::string upper = signed_request(method, "{}");
  const std::size_t sig = upper.find("sig\":\"") + 6;
  for (std::size_t i = sig; i < sig + 64; ++i) upper[i] = static_cast<char>(std::toupper(upper[i]));
  EXPECT_EQ(code_of_body(upper), std::pair(200, 0));
  venue_->faults().clock_offset = 61s;
  EXPECT_EQ(code_of_body(signed_request(method, "{}")), std::pair(400, 40102));
  venue_->faults().clock_offset = -59s;
  EXPECT_EQ(code_of_body(signed_request(method, "{}")), std::pair(200, 0));
  EXPECT_EQ(get(std::string(method)).status, 405);
}

TEST_F(CryptoComRest, an_order_is_acknowledged_first_and_alive_later) {
  const Reply reply =
      post("private/create-order", R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000.5",)"
                                   R"("quantity":"0.01","client_oid":"mine-1"})");
  const Parsed body(reply.body);
  EXPECT_EQ(body["id"].text(), "7");
  EXPECT_EQ(body["result"].find("client_oid").string(), "mine-1");
  const std::string id(body["result"].find("order_id").string());
  EXPECT_EQ(id.size(), 19U);
  EXPECT_EQ(
      Parsed(post("private/get-order-detail", R"({"client_oid":"mine-1"})").body)["result"].find("status").string(),
      "PENDING");
  pass(2ms);
  const Parsed detail(post("private/get-order-detail", R"({"order_id":")" + id + "\"}").body);
  const Value order = detail["result"];
  EXPECT_EQ(order.find("status").string(), "ACTIVE");
  EXPECT_EQ(order.find("limit_price").string(), "62000.50");
  EXPECT_EQ(order.find("quantity").string(), "0.01000");
  EXPECT_EQ(order.find("cumulative_quantity").string(), "0.00000");
  EXPECT_EQ(order.find("avg_price").string(), "0.0");
  EXPECT_TRUE(order.find("create_time").is_number());
  EXPECT_EQ(order.find("create_time_ns").string().size(), 19U);
  const Parsed open(post("private/get-open-orders", "{}").body);
  EXPECT_EQ(open["result"].find("data").size(), 1U);

  const Parsed cancelled(post("private/cancel-order", R"({"client_oid":"mine-1"})").body);
  EXPECT_EQ(cancelled.code(), 0);
  EXPECT_EQ(cancelled["message"].string(), "NO_ERROR");
  pass(200ms);
  EXPECT_EQ(Parsed(post("private/get-open-orders", "{}").body)["result"].find("data").size(), 0U);
  const Parsed history(post("private/get-order-history", R"({"limit":10})").body);
  EXPECT_EQ(history["result"].find("data")[0].find("status").string(), "CANCELED");
  EXPECT_EQ(history["result"].find("data")[0].find("reason").string(), "0");
  const Reply again = post("private/cancel-order", R"({"client_oid":"mine-1"})");
  EXPECT_EQ(Parsed(again.body).code(), 316);
  EXPECT_EQ(Parsed(post("private/cancel-order", R"({"order_id":"12345"})").body).code(), 40401);
}

TEST_F(CryptoComRest, refusals_carry_the_code_and_status_of_the_sheet) {
  struct Row {
    std::string_view params;
    int code;
    int status;
  };
  const Row rows[] = {
      {R"({"instrument_name":"NO_SUCH","side":"BUY","type":"LIMIT","price":"1","quantity":"1"})", 209, 400},
      {R"({"instrument_name":"LUNA_USDT","side":"BUY","type":"LIMIT","price":"0.5","quantity":"10"})", 208, 400},
      {R"({"instrument_name":"BTCUSD-PERP","side":"BUY","type":"LIMIT","price":"62920","quantity":"1"})", 208, 400},
      {R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000.001","quantity":"1"})", 308, 400},
      {R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000","quantity":"0.000001"})", 213, 400},
      {R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000","quantity":"0.00001"})", 415, 400},
      {R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000","quantity":1})", 213, 400},
      {R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000","quantity":"100"})", 306, 500},
      {R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"90000","quantity":"0.1"})", 315, 400},
      {R"({"instrument_name":"BTC_USDT","side":"BUY","type":"STOP","price":"62000","quantity":"1"})", 218, 400},
      {R"({"instrument_name":"BTC_USDT","side":"LONG","type":"LIMIT","price":"62000","quantity":"1"})", 220, 400},
      {R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000","quantity":"0.1",)"
       R"("exec_inst":["POST_ONLY"],"time_in_force":"FILL_OR_KILL"})",
       43005, 400},
  };
  for (const Row& row : rows) {
    const Reply reply = post("private/create-order", row.params);
    EXPECT_EQ(Parsed(reply.body).code(), row.code) << row.params;
    EXPECT_EQ(reply.status, row.status) << row.params;
    pass(100ms);
  }
  const std::string_view named =
      R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000","quantity":"0.01","client_oid":"a"})";
  EXPECT_EQ(post("private/create-order", named).status, 200);
  const Reply twice = post("private/create-order", named);
  EXPECT_EQ(twice.status, 400);
  EXPECT_EQ(Parsed(twice.body).code(), 204);
}

TEST_F(CryptoComRest, orders_that_cannot_live_end_later_with_a_reason) {
  other(Side::sell, 63000, "0.1"_dec);
  const auto reason = [&](std::string_view extra) {
    const std::string id = create(R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"63000",)"
                                  R"("quantity":"0.2",)" +
                                  std::string(extra) + "}");
    const Parsed detail(post("private/get-order-detail", R"({"order_id":")" + id + "\"}").body);
    return std::string(detail["result"].find("status").string()) + " " +
           std::string(detail["result"].find("reason").string()) + " " +
           std::string(detail["result"].find("cumulative_quantity").string());
  };
  EXPECT_EQ(reason(R"("exec_inst":["POST_ONLY"])"), "CANCELED 43005 0.00000");
  EXPECT_EQ(reason(R"("time_in_force":"FILL_OR_KILL")"), "CANCELED 43003 0.00000");
  EXPECT_EQ(reason(R"("time_in_force":"IMMEDIATE_OR_CANCEL")"), "CANCELED 43004 0.10000");
  EXPECT_EQ(reason(R"("time_in_force":"GOOD_TILL_CANCEL")"), "ACTIVE 0 0.00000");
  pass(1s);
  const std::string own = create(R"({"instrument_name":"BTC_USDT","side":"SELL","type":"LIMIT","price":"63000",)"
                                 R"("quantity":"0.1","stp_scope":"M","stp_inst":"T"})");
  EXPECT_EQ(
      Parsed(post("private/get-order-detail", R"({"order_id":")" + own + "\"}").body)["result"].find("reason").string(),
      "43012");
}

TEST_F(CryptoComRest, fills_and_balances_tell_what_the_ledger_says) {
  other(Side::sell, 63000, "0.1"_dec);
  create(R"({"instrument_name":"BTC_USDT","side":"BUY","type":"MARKET","quantity":"0.05","client_oid":"m"})");
  const Parsed fills(post("private/get-trades", R"({"instrument_name":"BTC_USDT"})").body);
  ASSERT_EQ(fills["result"].find("data").size(), 1U);
  const Value fill = fills["result"].find("data")[0];
  EXPECT_EQ(fill.find("taker_side").string(), "TAKER");
  EXPECT_EQ(fill.find("fees").string(), "-0.00025");
  EXPECT_EQ(fill.find("fee_instrument_name").string(), "BTC");
  EXPECT_EQ(fill.find("traded_price").string(), "63000.00");
  EXPECT_EQ(fill.find("trade_id").string(), std::to_string(venue_->exchange().fills(venue_->account())[0].id));
  const Parsed balance(post("private/user-balance", "{}").body);
  for (const Value each : balance["result"].find("data")[0].find("position_balances").elements()) {
    const auto truth = venue_->exchange().accounts().balance(venue_->account(), each.find("instrument_name").string());
    EXPECT_EQ(each.find("quantity").decimal(), truth.total);
    EXPECT_EQ(each.find("reserved_qty").decimal(), truth.held);
  }
  const Parsed detail(post("private/get-order-detail", R"({"client_oid":"m"})").body);
  EXPECT_EQ(detail["result"].find("status").string(), "FILLED");
  EXPECT_EQ(detail["result"].find("avg_price").string(), "63000");
  EXPECT_EQ(detail["result"].find("cumulative_fee").string(), "0.00025");
  EXPECT_EQ(Parsed(post("private/get-trades", "{}").body).code(), 42901);
}

TEST_F(CryptoComRest, lists_amendments_and_cancel_all) {
  const Parsed list(
      post(
          "private/create-order-list",
          R"({"contingency_type":"LIST","order_list":[)"
          R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000","quantity":"0.01","client_oid":"a"},)"
          R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000.001","quantity":"0.01"},)"
          R"({"instrument_name":"ETH_USDT","side":"SELL","type":"LIMIT","price":"2800","quantity":"1"}]})")
          .body);
  ASSERT_EQ(list["result"].size(), 3U);
  EXPECT_EQ(list["result"][0].find("code").text(), "0");
  EXPECT_EQ(list["result"][1].find("code").text(), "308");
  EXPECT_EQ(list["result"][2].find("index").text(), "2");
  pass(10ms);
  const Parsed amended(post("private/amend-order",
                            R"({"orig_client_oid":"a","new_price":"61000","new_quantity":"0.02","client_oid":"b"})")
                           .body);
  EXPECT_EQ(amended.code(), 0);
  pass(10ms);
  const Parsed detail(post("private/get-order-detail", R"({"client_oid":"b"})").body);
  EXPECT_EQ(detail["result"].find("limit_price").string(), "61000.00");
  EXPECT_EQ(detail["result"].find("quantity").string(), "0.02000");
  EXPECT_EQ(venue_->exchange().accounts().balance(venue_->account(), "USDT").held, Decimal(1220));
  const Reply poor = post("private/amend-order", R"({"orig_client_oid":"b","new_price":"62000","new_quantity":"100"})");
  EXPECT_EQ(poor.status, 500);
  EXPECT_TRUE(Parsed(poor.body)["result"].find("order_id").is_string());
  EXPECT_EQ(Parsed(post("private/cancel-all-orders", R"({"instrument_name":"BTC_USDT"})").body).code(), 0);
  pass(10ms);
  EXPECT_EQ(venue_->exchange().open_orders(venue_->account()).size(), 1U);
  post("private/cancel-all-orders", "{}");
  pass(10ms);
  EXPECT_TRUE(venue_->exchange().open_orders(venue_->account()).empty());
}

TEST_F(CryptoComRest, fees_accounts_networks_risk_and_valuations_answer) {
  EXPECT_EQ(Parsed(post("private/get-fee-rate", "{}").body)["result"].find("effective_spot_taker_rate_bps").string(),
            "50");
  EXPECT_EQ(Parsed(post("private/get-instrument-fee-rate", R"({"instrument_name":"BTC_USDT"})").body)["result"]
                .find("effective_maker_rate_bps")
                .string(),
            "25");
  EXPECT_TRUE(Parsed(post("private/get-accounts", "{}").body)["result"].find("master_account").is_object());
  EXPECT_TRUE(
      Parsed(post("private/get-currency-networks", "{}").body)["result"].find("currency_map").find("CRO").is_object());
  EXPECT_EQ(Parsed(get("public/get-risk-parameters").body)["result"]
                .find("base_currency_config")[0]
                .find("min_order_notional_usd")
                .string(),
            "1.0");
  EXPECT_EQ(Parsed(get("public/get-valuations?instrument_name=BTCUSD-INDEX&valuation_type=index_price").body).code(),
            0);
  EXPECT_EQ(Parsed(get("public/get-valuations?valuation_type=index_price").body).code(), 40004);
}

TEST_F(CryptoComRest, requests_beyond_a_window_are_refused) {
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    const Reply reply = post("private/cancel-order", R"({"order_id":"1"})");
    if (reply.status == 429) {
      ++refused;
      EXPECT_EQ(Parsed(reply.body).code(), 42901);
    }
  }
  EXPECT_EQ(refused, 5);
  pass(100ms);
  EXPECT_EQ(post("private/cancel-order", R"({"order_id":"1"})").status, 200);
}

TEST_F(CryptoComRest, a_lost_reply_is_an_order_all_the_same) {
  const std::string_view params =
      R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000","quantity":"0.01"})";
  const auto with = [&](ReplyFault::Kind kind) {
    venue_->faults().replies = {{.method = "private/create-order", .kind = kind, .count = 1}};
    const Reply reply = post("private/create-order", params);
    pass(100ms);
    return reply;
  };
  const auto open = [&] { return venue_->exchange().open_orders(venue_->account()).size(); };
  EXPECT_TRUE(with(ReplyFault::Kind::cut_after_acting).cut);
  EXPECT_EQ(open(), 1U);
  EXPECT_TRUE(with(ReplyFault::Kind::cut_before_acting).cut);
  EXPECT_EQ(open(), 1U);
  const Reply gateway = with(ReplyFault::Kind::bad_gateway_after);
  EXPECT_EQ(gateway.status, 502);
  EXPECT_EQ(gateway.body.substr(0, 6), "<html>");
  EXPECT_EQ(open(), 2U);
  EXPECT_EQ(with(ReplyFault::Kind::timeout_after_acting).status, 408);
  EXPECT_EQ(open(), 3U);
  EXPECT_EQ(with(ReplyFault::Kind::internal_error_before).status, 500);
  EXPECT_EQ(open(), 3U);
  EXPECT_EQ(post("private/create-order", params).status, 200);
}

}  // namespace
}  // namespace calypte::sim::crypto_com
