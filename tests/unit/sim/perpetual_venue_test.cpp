// The simulated Binance perpetual market: orders, positions, settings, and what is told of them.
#include "perpetual_harness.hpp"

namespace calypte::sim::binance {
namespace {

using venue::HttpMethod;

class Perpetual : public PerpetualHarness {};
using Names = std::vector<std::string>;

TEST_F(Perpetual, exchange_info_lists_contracts_and_filters) {
  const Parsed info(get("/fapi/v1/exchangeInfo").body);
  ASSERT_EQ(info["symbols"].size(), 6U);
  const Value btc = info["symbols"][0];
  EXPECT_EQ(btc.find("contractType").string(), "PERPETUAL");
  EXPECT_EQ(btc.find("marginAsset").string(), "USDT");
  EXPECT_EQ(btc.find("filters")[0].find("tickSize").string(), "0.1");
  EXPECT_EQ(btc.find("filters")[4].find("notional").string(), "5");
  EXPECT_EQ(info["symbols"][5].find("status").string(), "SETTLING");
  EXPECT_EQ(get("/fapi/v1/depth?symbol=BTCUSDT&limit=7").code(), -4021);
}

TEST_F(Perpetual, an_acknowledgement_says_new_though_the_order_has_filled) {
  ASSERT_EQ(limit("SELL", "63000", "1", {}, 1).status, 200);
  const Reply placed = market("BUY", "0.5", {{"newClientOrderId", "mine"}});
  EXPECT_EQ(placed.text("status"), "NEW");
  EXPECT_EQ(placed.text("executedQty"), "0.000");
  EXPECT_FALSE(Parsed(placed.body)["avgPrice"].exists());
  EXPECT_EQ(market("BUY", "0.25", {{"newOrderRespType", "RESULT"}}).text("status"), "FILLED");
  const Reply known = read("/fapi/v1/order", {{"symbol", "BTCUSDT"}, {"origClientOrderId", "mine"}});
  EXPECT_EQ(known.text("status"), "FILLED");
  EXPECT_EQ(known.text("avgPrice"), "63000.00000000");
  EXPECT_EQ(known.text("cumQuote"), "31500");
  const Parsed trades(read("/fapi/v1/userTrades", {{"symbol", "BTCUSDT"}}).body);
  ASSERT_EQ(trades.root.size(), 2U);
  EXPECT_EQ(trades.root[0].find("commission").string(), "15.75000000");
  EXPECT_EQ(trades.root[0].find("positionSide").string(), "BOTH");
}

TEST_F(Perpetual, orders_are_refused_in_the_words_of_the_venue) {
  EXPECT_EQ(limit("BUY", "60000.123", "1").error(), "-1111 Precision is over the maximum defined for this asset.");
  EXPECT_EQ(limit("BUY", "60000.12", "1").error(), "-4014 Price not increased by tick size.");
  EXPECT_EQ(limit("BUY", "60000", "0.0001").code(), -1111);
  EXPECT_EQ(limit("BUY", "60000", "0").code(), -4003);
  EXPECT_EQ(limit("BUY", "99000", "1").code(), -4016);
  EXPECT_EQ(limit("SELL", "10000", "1").code(), -4024);
  EXPECT_EQ(limit("BUY", "4000", "0.001").code(), -4164);
  EXPECT_EQ(limit("BUY", "60000", "900").error(), "-2019 Margin is insufficient.");
  EXPECT_EQ(limit("BUY", "60000", "1", {{"symbol", "LUNAUSDT"}}).code(), -4141);
  EXPECT_EQ(limit("BUY", "60000", "1", {{"symbol", "NOPE"}}).code(), -1121);
  EXPECT_EQ(limit("BUY", "60000", "1", {{"positionSide", "LONG"}}).error(),
            "-4061 Order's position side does not match user's setting.");
  EXPECT_EQ(limit("SELL", "60000", "1", {{"reduceOnly", "true"}}).error(), "-2022 ReduceOnly Order is rejected.");
  EXPECT_EQ(limit("BUY", "60000", "1", {{"type", "STOP"}}).code(), -4120);
  EXPECT_EQ(limit("BUY", "60000", "1", {{"timeInForce", "FOK"}}).code(), -5021);
  ASSERT_EQ(limit("SELL", "63000", "1").status, 200);
  EXPECT_EQ(limit("BUY", "63000", "1", {{"timeInForce", "GTX"}}).code(), -5022);
  ASSERT_EQ(limit("BUY", "60000", "1", {{"newClientOrderId", "a"}}).status, 200);
  EXPECT_EQ(limit("BUY", "60000", "1", {{"newClientOrderId", "a"}}).code(), -4116);
  EXPECT_EQ(cancel({{"origClientOrderId", "none"}}).error(), "-2011 Unknown order sent.");
  EXPECT_EQ(read("/fapi/v1/order", {{"symbol", "BTCUSDT"}, {"orderId", "1"}}).error(), "-2013 Order does not exist.");
  EXPECT_EQ(house_->exchange().orders(house_->account()).size(), 2U);  // Whatever was refused left nothing.
}

TEST_F(Perpetual, cancels_keep_the_client_id_and_all_at_once_says_so) {
  ASSERT_EQ(limit("BUY", "60000", "1", {{"newClientOrderId", "a"}}).status, 200);
  const Reply cancelled = cancel({{"origClientOrderId", "a"}});
  EXPECT_EQ(cancelled.text("status"), "CANCELED");
  EXPECT_EQ(cancelled.text("clientOrderId"), "a");
  EXPECT_EQ(cancel({{"origClientOrderId", "a"}}).code(), -2011);
  ASSERT_EQ(limit("BUY", "60000", "1").status, 200);
  const Reply all = signed_request(HttpMethod::del, "/fapi/v1/allOpenOrders", {{"symbol", "BTCUSDT"}});
  EXPECT_EQ(all.body, R"({"code":200,"msg":"The operation of cancel all open order is done."})");
  EXPECT_EQ(read("/fapi/v1/openOrders").body, "[]");
}

TEST_F(Perpetual, batches_answer_each_order_by_itself) {
  const std::string orders =
      R"([{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","price":"60000","quantity":"1","newClientOrderId":"a"},)"
      R"({"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"1","reduceOnly":"true"}])";
  const Reply placed = post("/fapi/v1/batchOrders", {{"batchOrders", orders}});
  ASSERT_EQ(placed.status, 200);
  const Parsed list(placed.body);
  ASSERT_EQ(list.root.size(), 2U);
  EXPECT_EQ(list.root[0].find("status").string(), "NEW");
  EXPECT_EQ(list.root[1].find("code").integer(), -2022);
  const Parsed cancelled(signed_request(HttpMethod::del, "/fapi/v1/batchOrders",
                                        {{"symbol", "BTCUSDT"}, {"origClientOrderIdList", R"(["a","b"])"}})
                             .body);
  EXPECT_EQ(cancelled.root[0].find("status").string(), "CANCELED");
  EXPECT_EQ(cancelled.root[1].find("code").integer(), -2011);
  for (const char* name : {"origclientorderidlist", "orderidlist"}) {
    const Parsed small(
        signed_request(HttpMethod::del, "/fapi/v1/batchOrders", {{"symbol", "BTCUSDT"}, {name, "[\"7\"]"}}).body);
    EXPECT_EQ(small.root[0].find("code").integer(), -2011) << name;
  }
}

TEST_F(Perpetual, a_modified_order_is_told_as_an_amendment) {
  const auto ear = listener();
  ASSERT_EQ(limit("BUY", "60000", "1", {{"newClientOrderId", "a"}}).status, 200);
  take(ear);
  Pairs change{
      {"symbol", "BTCUSDT"}, {"origClientOrderId", "a"}, {"side", "BUY"}, {"price", "60001"}, {"quantity", "2"}};
  EXPECT_EQ(signed_request(HttpMethod::put, "/fapi/v1/order", change).text("price"), "60001.0");
  const auto texts = take(ear);
  ASSERT_EQ(texts.size(), 1U);
  const Parsed event(texts[0]);
  EXPECT_EQ(event["o"].find("x").string(), "AMENDMENT");
  EXPECT_EQ(event["o"].find("q").string(), "2.000");
  EXPECT_EQ(signed_request(HttpMethod::put, "/fapi/v1/order", change).code(), -5027);
}

TEST_F(Perpetual, a_fill_is_told_three_times_with_the_account_before_the_order) {
  const auto ear = listener();
  ASSERT_EQ(limit("SELL", "63000", "1", {}, 1).status, 200);
  ASSERT_EQ(market("BUY", "0.4").status, 200);
  auto texts = take(ear);
  EXPECT_EQ(names(texts), (Names{"ORDER_TRADE_UPDATE", "TRADE_LITE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"}));
  const Parsed fresh(texts[0]);
  EXPECT_EQ(fresh["o"].find("x").string(), "NEW");
  EXPECT_EQ(fresh["o"].find("z").string(), "0.000");
  const Parsed account(texts[2]);
  EXPECT_EQ(account["a"].find("m").string(), "ORDER");
  EXPECT_EQ(account["a"].find("B")[0].find("wb").string(), "499987.40000000");
  EXPECT_EQ(account["a"].find("P")[0].find("pa").string(), "0.400");
  EXPECT_EQ(account["a"].find("P")[0].find("ep").string(), "63000");
  const Parsed fill(texts[3]);
  EXPECT_EQ(fill["o"].find("x").string(), "TRADE");
  EXPECT_EQ(fill["o"].find("X").string(), "FILLED");
  EXPECT_EQ(fill["o"].find("n").string(), "12.60000000");
  EXPECT_EQ(fill["o"].find("t").integer(), Parsed(texts[1])["t"].integer());

  PerpetualQuirks other;
  other.account_update_first = false;
  other.trade_lite = false;
  restart(quiet(), other);
  const auto second = listener();
  ASSERT_EQ(limit("SELL", "63000", "1", {}, 1).status, 200);
  ASSERT_EQ(market("BUY", "0.4").status, 200);
  EXPECT_EQ(names(take(second)), (Names{"ORDER_TRADE_UPDATE", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"}));
}

TEST_F(Perpetual, realised_profit_stands_in_the_fill_the_trade_and_the_income) {
  const auto ear = listener();
  ASSERT_EQ(limit("SELL", "63000", "1", {}, 1).status, 200);
  ASSERT_EQ(limit("BUY", "62000", "1", {}, 1).status, 200);
  ASSERT_EQ(market("BUY", "0.5").status, 200);
  take(ear);
  ASSERT_EQ(market("SELL", "0.5", {{"reduceOnly", "true"}}).status, 200);
  const auto texts = take(ear);
  EXPECT_EQ(Parsed(texts.back())["o"].find("rp").string(), "-500");
  EXPECT_EQ(Parsed(texts.back())["o"].find("R").boolean(), true);
  const Parsed income(read("/fapi/v1/income", {{"incomeType", "REALIZED_PNL"}}).body);
  ASSERT_EQ(income.root.size(), 1U);
  EXPECT_EQ(income.root[0].find("income").string(), "-500.00000000");
  EXPECT_EQ(income.root[0].find("symbol").string(), "BTCUSDT");
  EXPECT_EQ(Parsed(read("/fapi/v1/income", {{"incomeType", "COMMISSION"}}).body).root.size(), 2U);
  EXPECT_EQ(read("/fapi/v3/positionRisk").body, "[]");
}

TEST_F(Perpetual, positions_and_balances_by_query) {
  ASSERT_EQ(limit("SELL", "63000", "1", {}, 1).status, 200);
  ASSERT_EQ(market("BUY", "0.5").status, 200);
  by_hand([&](Exchange& exchange) { exchange.pin_mark_price(0, Decimal(64000), now_); });
  const Parsed positions(read("/fapi/v3/positionRisk").body);
  ASSERT_EQ(positions.root.size(), 1U);
  const Value one = positions.root[0];
  EXPECT_EQ(one.find("positionAmt").string(), "0.500");
  EXPECT_EQ(one.find("unRealizedProfit").string(), "500.00000000");
  EXPECT_EQ(one.find("initialMargin").string(), "1600");
  EXPECT_EQ(Parsed(read("/fapi/v2/positionRisk").body).root.size(), 6U);
  const Parsed balance(read("/fapi/v3/balance").body);
  ASSERT_EQ(balance.root.size(), 2U);
  const Value usdt = balance.root[1];
  EXPECT_EQ(usdt.find("asset").string(), "USDT");
  EXPECT_EQ(usdt.find("balance").string(), "499984.25000000");
  EXPECT_EQ(usdt.find("availableBalance").string(), "498884.25000000");
  EXPECT_EQ(Parsed(read("/fapi/v3/account").body)["totalUnrealizedProfit"].string(), "500.00000000");
}

TEST_F(Perpetual, settings_are_refused_in_two_distinct_ways_and_confirmed) {
  EXPECT_EQ(read("/fapi/v1/positionSide/dual").body, R"({"dualSidePosition":false})");
  EXPECT_EQ(post("/fapi/v1/positionSide/dual", {{"dualSidePosition", "false"}}).code(), -4059);
  ASSERT_EQ(limit("BUY", "60000", "1", {{"newClientOrderId", "a"}}).status, 200);
  EXPECT_EQ(post("/fapi/v1/positionSide/dual", {{"dualSidePosition", "true"}}).code(), -4067);
  EXPECT_EQ(post("/fapi/v1/marginType", {{"symbol", "BTCUSDT"}, {"marginType", "ISOLATED"}}).code(), -4047);
  ASSERT_EQ(cancel({{"origClientOrderId", "a"}}).status, 200);
  ASSERT_EQ(limit("SELL", "63000", "1", {}, 1).status, 200);
  ASSERT_EQ(market("BUY", "1").status, 200);
  EXPECT_EQ(post("/fapi/v1/positionSide/dual", {{"dualSidePosition", "true"}}).code(), -4068);
  EXPECT_EQ(post("/fapi/v1/marginType", {{"symbol", "BTCUSDT"}, {"marginType", "ISOLATED"}}).code(), -4048);
  EXPECT_EQ(post("/fapi/v1/leverage", {{"symbol", "BTCUSDT"}, {"leverage", "126"}}).error(),
            "-4028 Leverage 126 is not valid");
  const auto ear = listener();
  const Reply changed = post("/fapi/v1/leverage", {{"symbol", "BTCUSDT"}, {"leverage", "50"}});
  EXPECT_EQ(changed.body, R"({"leverage":50,"maxNotionalValue":"12000000","symbol":"BTCUSDT"})");
  EXPECT_EQ(names(take(ear)), Names{"ACCOUNT_CONFIG_UPDATE"});
  const Parsed config(read("/fapi/v1/symbolConfig", {{"symbol", "BTCUSDT"}}).body);
  EXPECT_EQ(config.root[0].find("leverage").integer(), 50);
  EXPECT_EQ(config.root[0].find("marginType").string(), "CROSSED");
}

TEST_F(Perpetual, hedge_mode_wants_sides_and_no_reduce_only) {
  ASSERT_EQ(post("/fapi/v1/positionSide/dual", {{"dualSidePosition", "true"}}).body, R"({"code":200,"msg":"success"})");
  ASSERT_EQ(limit("SELL", "63000", "1", {}, 1).status, 200);
  EXPECT_EQ(market("BUY", "0.1").code(), -4061);
  EXPECT_EQ(market("BUY", "0.1", {{"positionSide", "LONG"}, {"reduceOnly", "true"}}).code(), -1106);
  ASSERT_EQ(market("BUY", "0.1", {{"positionSide", "LONG"}}).status, 200);
  EXPECT_EQ(market("SELL", "0.2", {{"positionSide", "LONG"}}).code(), -2022);
  const Parsed positions(read("/fapi/v3/positionRisk").body);
  ASSERT_EQ(positions.root.size(), 1U);
  EXPECT_EQ(positions.root[0].find("positionSide").string(), "LONG");
}

// --- Listen keys and funding -----------------------------------------------------------------------------------------

TEST_F(Perpetual, a_listen_key_lives_an_hour_from_its_last_renewal_and_says_when_it_ends) {
  EXPECT_EQ(listen_key(HttpMethod::put).error(), "-1125 This listenKey does not exist.");
  const std::string key = listen_key(HttpMethod::post).text("listenKey");
  EXPECT_EQ(key.size(), 64U);
  EXPECT_EQ(listen_key(HttpMethod::post).text("listenKey"), key);
  const auto ear = connect("/private/ws?listenKey=" + key);
  pass(50min);
  EXPECT_EQ(listen_key(HttpMethod::put).text("listenKey"), key);
  pass(50min);
  ASSERT_EQ(limit("BUY", "60000", "1").status, 200);
  EXPECT_EQ(names(take(ear)), Names{"ORDER_TRADE_UPDATE"});
  pass(10min);
  const auto texts = take(ear);
  ASSERT_EQ(names(texts), Names{"listenKeyExpired"});
  EXPECT_EQ(Parsed(texts[0])["listenKey"].string(), key);
  ASSERT_EQ(limit("BUY", "60000", "1").status, 200);
  EXPECT_TRUE(take(ear).empty());
  EXPECT_TRUE(closes_.empty());
  EXPECT_NE(listen_key(HttpMethod::post).text("listenKey"), key);
  house_->expire_user_streams(now_);
  EXPECT_EQ(listen_key(HttpMethod::put).code(), -1125);
}

TEST_F(Perpetual, the_private_route_knows_four_ways_to_name_a_key_and_a_filter) {
  const std::string key = listen_key(HttpMethod::post).text("listenKey");
  const auto by_path = connect("/private/ws/" + key);
  const auto filtered = connect("/private/ws?listenKey=" + key + "&events=ACCOUNT_UPDATE");
  const auto combined = connect("/private/stream?streams=");
  EXPECT_EQ(ask(combined, R"({"method":"SUBSCRIBE","params":[")" + key + R"("],"id":"0f"})"),
            R"({"result":null,"id":"0f"})");
  const auto elsewhere = connect("/ws");
  EXPECT_EQ(ask(elsewhere, R"({"method":"SUBSCRIBE","params":[")" + key + R"("],"id":1})"),
            R"({"result":null,"id":1})");
  ASSERT_EQ(limit("BUY", "60000", "1").status, 200);
  EXPECT_EQ(take(by_path).size(), 1U);
  EXPECT_TRUE(take(filtered).empty());
  EXPECT_TRUE(take(elsewhere).empty());
  const auto texts = take(combined);
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(Parsed(texts[0])["stream"].string(), key);
  EXPECT_EQ(Parsed(texts[0])["data"].find("e").string(), "ORDER_TRADE_UPDATE");
}

TEST_F(Perpetual, funding_is_paid_told_and_listed_once) {
  ASSERT_EQ(limit("SELL", "63000", "1", {}, 1).status, 200);
  ASSERT_EQ(market("BUY", "0.5").status, 200);
  const auto ear = listener();
  by_hand([&](Exchange& exchange) {
    exchange.pin_mark_price(0, Decimal(63000), now_);
    exchange.fix_funding_rate(0, Decimal::from_parts(1, 4));
  });
  EXPECT_EQ(Parsed(get("/fapi/v1/premiumIndex?symbol=BTCUSDT").body)["lastFundingRate"].string(), "0.00010000");
  by_hand([&](Exchange& exchange) { exchange.settle_funding(0, now_); });
  const auto texts = take(ear);
  ASSERT_EQ(names(texts), Names{"ACCOUNT_UPDATE"});
  const Parsed event(texts[0]);
  EXPECT_EQ(event["a"].find("m").string(), "FUNDING_FEE");
  EXPECT_EQ(event["a"].find("S").string(), "BTCUSDT");
  EXPECT_EQ(event["a"].find("B")[0].find("bc").string(), "-3.15");
  EXPECT_EQ(event["a"].find("P").size(), 0U);
  const Parsed income(read("/fapi/v1/income", {{"incomeType", "FUNDING_FEE"}}).body);
  ASSERT_EQ(income.root.size(), 1U);
  EXPECT_EQ(income.root[0].find("income").string(), "-3.15000000");
  EXPECT_EQ(income.root[0].find("tranId").unsigned_integer(),
            house_->exchange().funding_payments(house_->account())[0].id);
  EXPECT_EQ(Parsed(get("/fapi/v1/fundingRate?symbol=BTCUSDT").body).root.size(), 1U);
}

TEST_F(Perpetual, funding_comes_by_itself_at_whole_intervals) {
  ASSERT_EQ(limit("SELL", "63000", "1", {}, 1).status, 200);
  ASSERT_EQ(market("BUY", "0.5").status, 200);
  by_hand([&](Exchange& exchange) { exchange.set_funding_interval(0, 1h, now_); });
  const Time due = house_->exchange().prices(0)->next_funding();
  pass(due - now_ + 1s);
  ASSERT_EQ(house_->exchange().funding_payments(house_->account()).size(), 1U);
  EXPECT_EQ(house_->exchange().funding_payments(house_->account())[0].time, due);
}

TEST_F(Perpetual, a_liquidation_is_told_with_its_origin) {
  ASSERT_EQ(limit("SELL", "63000", "1", {}, 1).status, 200);
  ASSERT_EQ(limit("BUY", "62000", "0.2", {}, 1).status, 200);
  ASSERT_EQ(market("BUY", "0.5").status, 200);
  const auto ear = listener();
  by_hand([&](Exchange& exchange) { exchange.liquidate(house_->account(), {0, PositionSide::net}, now_); });
  const auto texts = take(ear);
  EXPECT_EQ(names(texts).front(), "MARGIN_CALL");
  std::string ids;
  for (const std::string& text : texts) {
    const Parsed event(text);
    if (event["o"].find("x").string() != "CALCULATED") continue;
    ids += std::string(event["o"].find("c").string()) + " " + std::string(event["o"].find("l").string()) + ";";
  }
  EXPECT_EQ(ids, "autoclose-" + now_ms() + " 0.200;adl_autoclose 0.300;");
}

// --- Streams and the WebSocket API -----------------------------------------------------------------------------------

TEST_F(Perpetual, streams_of_another_route_are_acknowledged_and_stay_silent) {
  const auto market_route = connect("/market/stream");
  const auto public_route = connect("/stream");
  const std::string both = R"({"method":"SUBSCRIBE","params":["btcusdt@bookTicker","btcusdt@markPrice@1s"],"id":1})";
  EXPECT_EQ(ask(market_route, both), R"({"result":null,"id":1})");
  EXPECT_EQ(ask(public_route, both), R"({"result":null,"id":1})");
  ASSERT_EQ(limit("BUY", "60000", "1").status, 200);
  pass(1s);
  const auto marks = take(market_route);
  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(Parsed(marks[0])["stream"].string(), "btcusdt@markPrice@1s");
  EXPECT_EQ(Parsed(marks[0])["data"].find("e").string(), "markPriceUpdate");
  const auto tops = take(public_route);
  ASSERT_EQ(tops.size(), 1U);
  EXPECT_EQ(Parsed(tops[0])["data"].find("b").string(), "60000.0");
}

TEST_F(Perpetual, depth_events_chain_by_the_id_before_though_ids_have_gaps) {
  restart(lively());
  const auto id = connect("/public/ws/btcusdt@depth@100ms");
  pass(3s);
  const auto texts = take(id);
  ASSERT_GT(texts.size(), 10U);
  std::int64_t last = 0;
  bool gap = false;
  for (const std::string& text : texts) {
    const Parsed event(text);
    const std::int64_t before = event["pu"].integer().value_or(-1);
    if (last != 0) {
      ASSERT_EQ(before, last);
      gap = gap || event["U"].integer() != last + 1;
    }
    last = event["u"].integer().value_or(0);
    ASSERT_LE(event["U"].integer().value_or(0), last);
  }
  EXPECT_TRUE(gap);
  EXPECT_EQ(Parsed(get("/fapi/v1/depth?symbol=BTCUSDT&limit=5").body)["bids"].size(), 5U);
}

TEST_F(Perpetual, the_socket_api_places_and_cancels_orders_and_starts_listening) {
  const auto id = connect("/ws-fapi/v1");
  const Parsed placed(ask(id, api_frame("order.place", {{"symbol", "BTCUSDT"},
                                                        {"side", "BUY"},
                                                        {"type", "LIMIT"},
                                                        {"timeInForce", "GTC"},
                                                        {"price", "60000"},
                                                        {"quantity", "1"},
                                                        {"newClientOrderId", "a"}})));
  EXPECT_EQ(placed["status"].integer(), 200);
  EXPECT_EQ(placed["result"].find("status").string(), "NEW");
  EXPECT_EQ(placed["rateLimits"].size(), 3U);
  const Parsed status(ask(id, api_frame("order.status", {{"symbol", "BTCUSDT"}, {"origClientOrderId", "a"}})));
  EXPECT_EQ(status["result"].find("clientOrderId").string(), "a");
  const Parsed cancelled(ask(id, api_frame("order.cancel", {{"symbol", "BTCUSDT"}, {"origClientOrderId", "a"}})));
  EXPECT_EQ(cancelled["result"].find("status").string(), "CANCELED");
  const Parsed balance(ask(id, api_frame("v2/account.balance", {})));
  EXPECT_EQ(balance["result"].size(), 2U);
  const Parsed started(
      ask(id, R"({"id":1,"method":"userDataStream.start","params":{"apiKey":")" + house_->api_key() + R"("}})"));
  EXPECT_EQ(started["result"].find("listenKey").string(), listen_key(HttpMethod::put).text("listenKey"));
}

TEST_F(Perpetual, a_countdown_cancels_unless_it_is_renewed) {
  ASSERT_EQ(limit("BUY", "60000", "1").status, 200);
  ASSERT_EQ(post("/fapi/v1/countdownCancelAll", {{"symbol", "BTCUSDT"}, {"countdownTime", "1000"}}).status, 200);
  pass(500ms);
  ASSERT_EQ(post("/fapi/v1/countdownCancelAll", {{"symbol", "BTCUSDT"}, {"countdownTime", "1000"}}).status, 200);
  pass(900ms);
  EXPECT_NE(read("/fapi/v1/openOrders").body, "[]");
  pass(200ms);
  EXPECT_EQ(read("/fapi/v1/openOrders").body, "[]");
}

}  // namespace
}  // namespace calypte::sim::binance
