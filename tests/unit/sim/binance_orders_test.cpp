// Orders of the simulated Binance spot over REST: what is taken, what is refused and in which words, and the ledger.
#include "binance_harness.hpp"

namespace calypte::sim::binance {
namespace {

class BinanceOrders : public SpotHarness {
 protected:
  void expect_conserved() const {
    const Accounts& accounts = house_->exchange().accounts();
    for (const std::string_view asset : {"BTC", "ETH", "BNB", "USDT", "USDC"}) {
      EXPECT_EQ(accounts.sum_of(asset), accounts.deposited(asset)) << asset;
    }
  }
  [[nodiscard]] Balance balance(std::string_view asset, std::size_t account = 0) const {
    return house_->exchange().accounts().balance(house_->account(account), asset);
  }
};

TEST_F(BinanceOrders, a_limit_order_rests_and_is_reported_whole) {
  const Reply reply = limit("BUY", "60000.10", "0.5", {{"newClientOrderId", "my-1"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  const std::string id = reply.text("orderId");
  const std::string now = now_ms();
  EXPECT_EQ(reply.body, R"({"symbol":"BTCUSDT","orderId":)" + id +
                            R"(,"orderListId":-1,"clientOrderId":"my-1","transactTime":)" + now +
                            R"(,"price":"60000.10000000","origQty":"0.50000000","executedQty":"0.00000000",)"
                            R"("origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"0.00000000","status":"NEW",)"
                            R"("timeInForce":"GTC","type":"LIMIT","side":"BUY","workingTime":)" +
                            now + R"(,"selfTradePreventionMode":"NONE","fills":[]})");
  EXPECT_LT(std::stoll(id), 1LL << 53);
  EXPECT_EQ(read("/api/v3/order", {{"symbol", "BTCUSDT"}, {"orderId", id}}).body,
            read("/api/v3/order", {{"symbol", "BTCUSDT"}, {"origClientOrderId", "my-1"}}).body);
  const Reply open = read("/api/v3/openOrders", {{"symbol", "BTCUSDT"}});
  EXPECT_EQ(Parsed(open.body).root[0].find("clientOrderId").string(), "my-1");
  EXPECT_EQ(Parsed(read("/api/v3/openOrders", {{"symbol", "ETHUSDT"}}).body).root.size(), 0U);
  EXPECT_EQ(Parsed(read("/api/v3/openOrders", {}).body).root.size(), 1U);
  EXPECT_EQ(read("/api/v3/order", {{"symbol", "BTCUSDT"}, {"orderId", id}}, 1).error(), "-2013 Order does not exist.");
  EXPECT_EQ(read("/api/v3/order", {{"symbol", "ETHUSDT"}, {"orderId", id}}).code(), -2013);
  EXPECT_EQ(balance("USDT").held, Decimal::from_parts(3000005, 2));
}

TEST_F(BinanceOrders, how_much_is_answered_can_be_chosen) {
  EXPECT_EQ(Parsed(limit("BUY", "60000", "0.1", {{"newOrderRespType", "ACK"}}).body).root.size(), 5U);
  const Parsed result(limit("BUY", "60000", "0.1", {{"newOrderRespType", "RESULT"}}).body);
  EXPECT_EQ(result["status"].string(), "NEW");
  EXPECT_FALSE(result["fills"].exists());
  EXPECT_TRUE(Parsed(limit("BUY", "60000", "0.1").body)["fills"].is_array());
  const Pairs maker{{"side", "SELL"}, {"type", "LIMIT_MAKER"}, {"price", "61000"}, {"quantity", "1"}};
  EXPECT_FALSE(Parsed(order(maker).body)["status"].exists());
}

TEST_F(BinanceOrders, fills_take_their_fee_from_what_is_received) {
  limit("SELL", "61000", "0.2", {}, 1);
  limit("SELL", "61001", "0.2", {}, 1);
  const Reply reply = limit("BUY", "61001", "0.3");
  const Parsed bought(reply.body);
  EXPECT_EQ(bought["status"].string(), "FILLED");
  EXPECT_EQ(bought["cummulativeQuoteQty"].string(), "18300.10000000");
  ASSERT_EQ(bought["fills"].size(), 2U);
  EXPECT_EQ(
      bought["fills"][0].text(),
      R"({"price":"61000.00000000","qty":"0.20000000","commission":"0.00020000","commissionAsset":"BTC","tradeId":1})");
  EXPECT_EQ(balance("BTC").total, Decimal::parse("10.2997").value());
  EXPECT_EQ(balance("USDT", 1).total, Decimal::parse("518281.7999").value());
  expect_conserved();

  const Reply trades = read("/api/v3/myTrades", {{"symbol", "BTCUSDT"}}, 1);
  const Parsed list(trades.body);
  ASSERT_EQ(list.root.size(), 2U);
  EXPECT_EQ(list.root[1].find("id").integer(), 2);
  EXPECT_EQ(list.root[1].find("commission").string(), "6.10010000");
  EXPECT_EQ(list.root[1].find("commissionAsset").string(), "USDT");
  EXPECT_EQ(list.root[1].find("isMaker").boolean(), true);
  EXPECT_EQ(list.root[1].find("isBuyer").boolean(), false);
}

TEST_F(BinanceOrders, market_orders_by_quantity_and_by_value) {
  limit("SELL", "61000", "0.2", {}, 1);
  limit("SELL", "61100", "1", {}, 1);
  limit("BUY", "60000", "1", {}, 1);
  const Parsed by_quantity(order({{"side", "BUY"}, {"type", "MARKET"}, {"quantity", "0.1"}}).body);
  EXPECT_EQ(by_quantity["status"].string(), "FILLED");
  EXPECT_EQ(by_quantity["price"].string(), "0.00000000");
  // 0.1 at 61000 costs 6100; 122 more buy 0.00199 at 61100, the rest buys no whole lot.
  const Parsed by_value(order({{"side", "BUY"}, {"type", "MARKET"}, {"quoteOrderQty", "6222"}}).body);
  EXPECT_EQ(by_value["status"].string(), "FILLED");
  EXPECT_EQ(by_value["origQty"].string(), "0.10199000");
  EXPECT_EQ(by_value["executedQty"].string(), "0.10199000");
  EXPECT_EQ(by_value["origQuoteOrderQty"].string(), "6222.00000000");
  const Parsed sold(order({{"side", "SELL"}, {"type", "MARKET"}, {"quoteOrderQty", "600.5"}}).body);
  EXPECT_EQ(sold["status"].string(), "FILLED");
  EXPECT_EQ(sold["executedQty"].string(), "0.01000000");
  expect_conserved();
}

TEST_F(BinanceOrders, what_cannot_fill_expires_and_says_why) {
  limit("SELL", "61000", "0.2", {}, 1);
  const Parsed ioc(limit("BUY", "61000", "0.5", {{"timeInForce", "IOC"}}).body);
  EXPECT_EQ(ioc["status"].string(), "EXPIRED");
  EXPECT_EQ(ioc["executedQty"].string(), "0.20000000");
  EXPECT_EQ(ioc["expiryReason"].string(), "UNFILLED_IOC_QUANTITY_EXPIRED");
  limit("SELL", "61000", "0.2", {}, 1);
  const Parsed fok(limit("BUY", "61000", "0.5", {{"timeInForce", "FOK"}}).body);
  EXPECT_EQ(fok["status"].string(), "EXPIRED");
  EXPECT_EQ(fok["executedQty"].string(), "0.00000000");
  EXPECT_EQ(fok["expiryReason"].string(), "UNFILLED_FOK_ORDER_EXPIRED");
  const Parsed market(order({{"side", "SELL"}, {"type", "MARKET"}, {"quantity", "0.5"}}).body);
  EXPECT_EQ(market["status"].string(), "EXPIRED");
  EXPECT_EQ(market["expiryReason"].string(), "INSUFFICIENT_LIQUIDITY");
  EXPECT_TRUE(balance("BTC").held.is_zero());
  expect_conserved();
}

TEST_F(BinanceOrders, self_trades_are_prevented_as_the_taker_wants) {
  const std::string maker = limit("SELL", "61000", "0.2").text("orderId");
  const Parsed taker(limit("BUY", "61000", "0.2", {{"selfTradePreventionMode", "EXPIRE_TAKER"}}).body);
  EXPECT_EQ(taker["status"].string(), "EXPIRED_IN_MATCH");
  EXPECT_EQ(taker["selfTradePreventionMode"].string(), "EXPIRE_TAKER");
  EXPECT_EQ(limit("BUY", "61000", "0.2", {{"selfTradePreventionMode", "EXPIRE_MAKER"}}).text("status"), "NEW");
  EXPECT_EQ(read("/api/v3/order", {{"symbol", "BTCUSDT"}, {"orderId", maker}}).text("status"), "EXPIRED_IN_MATCH");
  EXPECT_EQ(limit("BUY", "61000", "0.2", {{"selfTradePreventionMode", "DECREMENT"}}).code(), -1130);
}

TEST_F(BinanceOrders, refusals_in_the_words_of_the_venue) {
  limit("SELL", "61000", "0.2", {}, 1);
  const auto words = [&](Pairs more) { return limit("BUY", "60000", "0.1", std::move(more)).error(); };
  EXPECT_EQ(words({{"price", "60000.001"}}), "-1013 Filter failure: PRICE_FILTER");
  EXPECT_EQ(words({{"price", "0.00"}}), "-1013 Filter failure: PRICE_FILTER");
  EXPECT_EQ(words({{"price", "400000"}}), "-1013 Filter failure: PERCENT_PRICE_BY_SIDE");
  EXPECT_EQ(words({{"price", "10000"}}), "-1013 Filter failure: PERCENT_PRICE_BY_SIDE");
  EXPECT_EQ(words({{"quantity", "0.000005"}}), "-1013 Filter failure: LOT_SIZE");
  EXPECT_EQ(words({{"quantity", "0.100001"}}), "-1013 Filter failure: LOT_SIZE");
  EXPECT_EQ(words({{"quantity", "100001"}}), "-1013 Filter failure: LOT_SIZE");
  EXPECT_EQ(words({{"quantity", "0.00001"}}), "-1013 Filter failure: NOTIONAL");
  EXPECT_EQ(words({{"quantity", "0.123456789"}}), "-1111 Parameter 'quantity' has too much precision.");
  EXPECT_EQ(
      words({{"quantity", "1e-1"}}),
      "-1100 Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.");
  EXPECT_EQ(words({{"quantity", "9"}, {"price", "61000"}}),
            "-2010 Account has insufficient balance for requested action.");
  EXPECT_EQ(words({{"newClientOrderId", "a b"}}).substr(0, 6), "-1100 ");
  EXPECT_EQ(words({{"newClientOrderId", std::string(37, 'a')}}).substr(0, 6), "-1100 ");
  EXPECT_EQ(words({{"side", "UP"}}), "-1117 Invalid side.");
  EXPECT_EQ(words({{"timeInForce", "GTX"}}), "-1115 Invalid timeInForce.");
  EXPECT_EQ(words({{"type", "STOP_LOSS"}}), "-1116 Invalid orderType.");
  EXPECT_EQ(words({{"stopPrice", "1"}}), "-1106 Parameter 'stopPrice' sent when not required.");
  EXPECT_EQ(words({{"type", "MARKET"}}), "-1106 Parameter 'timeInForce' sent when not required.");
  EXPECT_EQ(words({{"type", "LIMIT_MAKER"}}), "-1106 Parameter 'timeInForce' sent when not required.");
  EXPECT_EQ(order({{"side", "BUY"}, {"type", "LIMIT"}, {"quantity", "1"}, {"price", "1"}}).error(),
            "-1102 Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.");
  EXPECT_EQ(order({{"side", "BUY"}, {"type", "MARKET"}}).error(),
            "-1102 Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!");
  EXPECT_EQ(order({{"side", "BUY"}, {"type", "LIMIT_MAKER"}, {"quantity", "0.1"}, {"price", "61000"}}).error(),
            "-2010 Order would immediately match and take.");
  EXPECT_EQ(signed_request(venue::HttpMethod::post, "/api/v3/order",
                           {{"symbol", "LUNAUSDT"}, {"side", "BUY"}, {"type", "MARKET"}, {"quantity", "100"}})
                .error(),
            "-2010 Market is closed.");
  // None of this has left a trace.
  EXPECT_EQ(read("/api/v3/allOrders", {{"symbol", "BTCUSDT"}}).body, "[]");
  EXPECT_TRUE(balance("USDT").held.is_zero());
}

TEST_F(BinanceOrders, a_test_order_is_checked_and_not_placed) {
  const auto test = [&](std::string price) {
    return signed_request(venue::HttpMethod::post, "/api/v3/order/test",
                          {{"symbol", "BTCUSDT"},
                           {"side", "BUY"},
                           {"type", "LIMIT"},
                           {"timeInForce", "GTC"},
                           {"quantity", "0.1"},
                           {"price", std::move(price)}});
  };
  EXPECT_EQ(test("60000").body, "{}");
  EXPECT_EQ(test("60000.001").code(), -1013);
  EXPECT_TRUE(house_->exchange().orders(house_->account()).empty());
}

TEST_F(BinanceOrders, two_hundred_open_orders_are_enough) {
  HouseRules rules;
  rules.orders = {{"SECOND", 10, 1000}, {"DAY", 1, 200000}};
  restart(quiet(), rules);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(limit("BUY", "60000", "0.001").status, 200);
  EXPECT_EQ(limit("BUY", "60000", "0.001").error(), "-1013 Filter failure: MAX_NUM_ORDERS");
}

TEST_F(BinanceOrders, client_ids_are_unique_among_open_orders_only) {
  const Pairs same{{"newClientOrderId", "a"}};
  const std::string first = limit("BUY", "60000", "0.1", same).text("orderId");
  EXPECT_EQ(limit("BUY", "60000", "0.1", same).error(), "-2010 Duplicate order sent.");
  EXPECT_EQ(limit("BUY", "59000", "0.1", same, 1).status, 200);  // Another account's business.
  EXPECT_EQ(cancel({{"orderId", first}}).status, 200);
  const std::string second = limit("BUY", "60000", "0.1", same).text("orderId");
  EXPECT_EQ(read("/api/v3/order", {{"symbol", "BTCUSDT"}, {"origClientOrderId", "a"}}).text("orderId"), second);
  limit("SELL", "60000", "0.1", {}, 1);
  EXPECT_EQ(limit("BUY", "60000", "0.1", same).status, 200);  // The second one has filled.
}

TEST_F(BinanceOrders, a_cancel_brings_its_own_id_under_which_the_order_is_found_from_then_on) {
  const std::string id = limit("BUY", "60000", "0.1", {{"newClientOrderId", "mine"}}).text("orderId");
  const Reply reply = cancel({{"origClientOrderId", "mine"}, {"newClientOrderId", "the-cancel"}});
  EXPECT_EQ(reply.text("origClientOrderId"), "mine");
  EXPECT_EQ(reply.text("clientOrderId"), "the-cancel");
  EXPECT_EQ(reply.text("status"), "CANCELED");
  EXPECT_EQ(reply.text("orderId"), id);
  EXPECT_EQ(read("/api/v3/order", {{"symbol", "BTCUSDT"}, {"origClientOrderId", "mine"}}).code(), -2013);
  EXPECT_EQ(read("/api/v3/order", {{"symbol", "BTCUSDT"}, {"origClientOrderId", "the-cancel"}}).text("orderId"), id);
  EXPECT_EQ(read("/api/v3/order", {{"symbol", "BTCUSDT"}, {"orderId", id}}).text("clientOrderId"), "the-cancel");
  EXPECT_EQ(cancel({{"orderId", id}}).error(), "-2011 Unknown order sent.");
  EXPECT_EQ(cancel({{"orderId", "1"}}).code(), -2011);
  EXPECT_EQ(cancel({}).error(), "-1102 Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
  EXPECT_TRUE(balance("USDT").held.is_zero());

  VenueOptions options = quiet();
  options.quirks.rekey_on_cancel = false;
  restart(options);
  limit("BUY", "60000", "0.1", {{"newClientOrderId", "mine"}});
  EXPECT_EQ(cancel({{"origClientOrderId", "mine"}}).status, 200);
  EXPECT_EQ(read("/api/v3/order", {{"symbol", "BTCUSDT"}, {"origClientOrderId", "mine"}}).text("status"), "CANCELED");
}

TEST_F(BinanceOrders, cancels_can_be_restricted) {
  const std::string id = limit("BUY", "60000", "0.2").text("orderId");
  EXPECT_EQ(cancel({{"orderId", id}, {"cancelRestrictions", "ONLY_PARTIALLY_FILLED"}}).error(),
            "-2011 Order was not canceled due to cancel restrictions.");
  limit("SELL", "60000", "0.1", {}, 1);
  EXPECT_EQ(cancel({{"orderId", id}, {"cancelRestrictions", "ONLY_NEW"}}).code(), -2011);
  const Reply reply = cancel({{"orderId", id}, {"cancelRestrictions", "ONLY_PARTIALLY_FILLED"}});
  EXPECT_EQ(reply.text("executedQty"), "0.10000000");
  expect_conserved();
}

TEST_F(BinanceOrders, all_orders_of_a_symbol_are_cancelled_at_once) {
  const auto cancel_all = [&](std::string symbol) {
    return signed_request(venue::HttpMethod::del, "/api/v3/openOrders", {{"symbol", std::move(symbol)}});
  };
  limit("BUY", "60000", "0.1", {{"newClientOrderId", "a"}});
  limit("BUY", "60001", "0.1", {{"newClientOrderId", "b"}});
  EXPECT_EQ(cancel_all("ETHUSDT").error(), "-2011 Unknown order sent.");
  const Parsed list(cancel_all("BTCUSDT").body);
  ASSERT_EQ(list.root.size(), 2U);
  EXPECT_EQ(list.root[0].find("origClientOrderId").string(), "a");
  EXPECT_EQ(list.root[1].find("status").string(), "CANCELED");
  EXPECT_EQ(cancel_all("BTCUSDT").status, 400);
}

TEST_F(BinanceOrders, histories_are_read_by_id_by_time_and_newest_first_come) {
  std::vector<std::string> ids;
  std::vector<std::string> times;
  for (int i = 0; i < 3; ++i) {
    limit("SELL", "61000", "0.1", {}, 1);
    times.push_back(now_ms());
    ids.push_back(limit("BUY", "61000", "0.1").text("orderId"));
    pass(1s);
  }
  const auto trades = [&](Pairs more) {
    more.insert(more.begin(), {"symbol", "BTCUSDT"});
    const Reply reply = read("/api/v3/myTrades", std::move(more));
    if (reply.status != 200) return reply.error();
    std::string list;
    const Parsed parsed(reply.body);
    for (const Value trade : parsed.root.elements()) list += trade.find("id").text();
    return list;
  };
  EXPECT_EQ(trades({}), "123");
  EXPECT_EQ(trades({{"limit", "2"}}), "23");
  EXPECT_EQ(trades({{"orderId", ids[1]}}), "2");
  EXPECT_EQ(trades({{"fromId", "2"}}), "23");
  EXPECT_EQ(trades({{"fromId", "1"}, {"limit", "2"}}), "12");
  EXPECT_EQ(trades({{"orderId", ids[1]}, {"fromId", "3"}}), "");
  EXPECT_EQ(trades({{"startTime", times[1]}}), "23");
  EXPECT_EQ(trades({{"startTime", times[1]}, {"limit", "1"}}), "2");
  EXPECT_EQ(trades({{"endTime", times[1]}}), "12");
  EXPECT_EQ(trades({{"startTime", times[1]}, {"endTime", times[1]}}), "2");
  EXPECT_EQ(trades({{"startTime", "0"}, {"endTime", times[1]}}),
            "-1127 More than 24 hours between startTime and endTime.");
  EXPECT_EQ(trades({{"fromId", "1"}, {"startTime", times[1]}}), "-1128 Combination of optional parameters invalid.");
  const Parsed orders(read("/api/v3/allOrders", {{"symbol", "BTCUSDT"}, {"orderId", ids[1]}}).body);
  ASSERT_EQ(orders.root.size(), 2U);
  EXPECT_EQ(orders.root[0].find("orderId").text(), ids[1]);
  EXPECT_EQ(
      Parsed(read("/api/v3/allOrders", {{"symbol", "BTCUSDT"}, {"limit", "1"}}).body).root[0].find("orderId").text(),
      ids[2]);
  // What the wire calls a trade is what the oracle calls it.
  const auto& fills = house_->exchange().fills(house_->account());
  EXPECT_EQ(house_->wire_trade_id(fills[2].id), "3");
}

TEST_F(BinanceOrders, account_and_commission) {
  limit("BUY", "60000", "0.5");
  const Parsed account(read("/api/v3/account", {}).body);
  EXPECT_EQ(account["makerCommission"].integer(), 10);
  EXPECT_EQ(account["commissionRates"].find("taker").string(), "0.00100000");
  EXPECT_EQ(account["balances"].size(), 5U);
  for (const Value each : account["balances"].elements()) {
    if (each.find("asset").string() != "USDT") continue;
    EXPECT_EQ(each.find("free").string(), "470000.00000000");
    EXPECT_EQ(each.find("locked").string(), "30000.00000000");
  }
  const Parsed commission(read("/api/v3/account/commission", {{"symbol", "BTCUSDT"}}).body);
  EXPECT_EQ(commission["standardCommission"].find("maker").string(), "0.00100000");
  EXPECT_EQ(read("/sapi/v1/asset/tradeFee", {{"symbol", "BTCUSDT"}}).body,
            R"([{"symbol":"BTCUSDT","makerCommission":"0.001","takerCommission":"0.001"}])");
}

}  // namespace
}  // namespace calypte::sim::binance
