// REST of the simulated Binance spot: public data, who is let in, and how much.
#include "binance_harness.hpp"

namespace calypte::sim::binance {
namespace {

using venue::HttpMethod;

class BinanceRest : public SpotHarness {};

TEST_F(BinanceRest, ping_and_time) {
  EXPECT_EQ(get("/api/v3/ping").body, "{}");
  house_->faults().clock_offset = 250ms;
  EXPECT_EQ(get("/api/v3/time").body, "{\"serverTime\":" + std::to_string(to_unix_ms(now_) + 250) + "}");
}

TEST_F(BinanceRest, exchange_info_lists_symbols_filters_and_limits) {
  const Reply reply = get("/api/v3/exchangeInfo");
  const Parsed info(reply.body);
  EXPECT_EQ(info["timezone"].string(), "UTC");
  EXPECT_EQ(info["rateLimits"].size(), 4U);
  ASSERT_EQ(info["symbols"].size(), 5U);
  const Value btc = info["symbols"][0];
  EXPECT_EQ(btc.find("symbol").string(), "BTCUSDT");
  EXPECT_EQ(btc.find("status").string(), "TRADING");
  EXPECT_EQ(info["symbols"][4].find("status").string(), "BREAK");
  std::map<std::string, Value> filters;
  for (const Value filter : btc.find("filters").elements()) {
    filters[std::string(filter.find("filterType").string())] = filter;
  }
  EXPECT_EQ(filters["PRICE_FILTER"].find("tickSize").string(), "0.01000000");
  EXPECT_EQ(filters["LOT_SIZE"].find("stepSize").string(), "0.00001000");
  EXPECT_EQ(filters["MARKET_LOT_SIZE"].find("stepSize").string(), "0.00000000");
  EXPECT_EQ(filters["NOTIONAL"].find("minNotional").string(), "5.00000000");
  EXPECT_EQ(filters["NOTIONAL"].find("applyMinToMarket").boolean(), true);
  EXPECT_EQ(filters["MAX_NUM_ORDERS"].find("maxNumOrders").integer(), 200);

  EXPECT_EQ(Parsed(get("/api/v3/exchangeInfo?symbol=ETHUSDT").body)["symbols"].size(), 1U);
  EXPECT_EQ(Parsed(get("/api/v3/exchangeInfo?symbols=%5B%22ETHUSDT%22,%22BTCUSDC%22%5D").body)["symbols"].size(), 2U);
  EXPECT_EQ(Parsed(get("/api/v3/exchangeInfo?symbolStatus=TRADING").body)["symbols"].size(), 4U);
  const Reply unknown = get("/api/v3/exchangeInfo?symbol=NOPE");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.error(), "-1121 Invalid symbol.");
}

TEST_F(BinanceRest, depth_is_the_book_with_its_update_id) {
  ASSERT_EQ(limit("BUY", "60000.00", "0.5").status, 200);
  ASSERT_EQ(limit("BUY", "60000.00", "0.25").status, 200);
  ASSERT_EQ(limit("BUY", "59999.99", "1").status, 200);
  ASSERT_EQ(limit("SELL", "61000", "2").status, 200);
  const Parsed depth(get("/api/v3/depth?symbol=BTCUSDT").body);
  EXPECT_EQ(depth["lastUpdateId"].unsigned_integer(), house_->book_update_id(0));
  EXPECT_EQ(depth["bids"].text(), R"([["60000.00000000","0.75000000"],["59999.99000000","1.00000000"]])");
  EXPECT_EQ(depth["asks"].text(), R"([["61000.00000000","2.00000000"]])");
  EXPECT_EQ(Parsed(get("/api/v3/depth?symbol=BTCUSDT&limit=1").body)["bids"].size(), 1U);
  EXPECT_EQ(get("/api/v3/depth?symbol=BTCUSDT&limit=0").code(), -1130);
  EXPECT_EQ(get("/api/v3/depth").error(),
            "-1102 Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
}

TEST_F(BinanceRest, trades_number_on_from_one_and_carry_the_maker_side) {
  limit("SELL", "61000", "0.2");
  limit("SELL", "61000", "0.2", {}, 1);
  limit("BUY", "61000", "0.3", {}, 1);
  const Parsed trades(get("/api/v3/trades?symbol=BTCUSDT").body);
  ASSERT_EQ(trades.root.size(), 2U);
  EXPECT_EQ(trades.root[0].find("id").integer(), 1);
  EXPECT_EQ(trades.root[1].find("id").integer(), 2);
  EXPECT_EQ(trades.root[0].find("quoteQty").string(), "12200.00000000");
  EXPECT_EQ(trades.root[0].find("isBuyerMaker").boolean(), false);
  EXPECT_EQ(Parsed(get("/api/v3/historicalTrades?symbol=BTCUSDT&fromId=2").body).root.size(), 1U);
  // One taker order at one price is one aggregated trade.
  const Parsed aggregated(get("/api/v3/aggTrades?symbol=BTCUSDT").body);
  ASSERT_EQ(aggregated.root.size(), 1U);
  EXPECT_EQ(aggregated.root[0].find("q").string(), "0.30000000");
  EXPECT_EQ(aggregated.root[0].find("f").integer(), 1);
  EXPECT_EQ(aggregated.root[0].find("l").integer(), 2);
  EXPECT_EQ(get("/api/v3/aggTrades?symbol=BTCUSDT&fromId=1&startTime=1").code(), -1128);
}

TEST_F(BinanceRest, tickers_of_one_of_some_and_of_all) {
  limit("SELL", "61000", "0.2");
  limit("BUY", "61000", "0.1", {}, 1);
  EXPECT_EQ(get("/api/v3/ticker/price?symbol=BTCUSDT").body, R"({"symbol":"BTCUSDT","price":"61000.00000000"})");
  EXPECT_EQ(get("/api/v3/ticker/bookTicker?symbol=BTCUSDT").body,
            R"({"symbol":"BTCUSDT","bidPrice":"0.00000000","bidQty":"0.00000000","askPrice":"61000.00000000",)"
            R"("askQty":"0.10000000"})");
  EXPECT_EQ(Parsed(get("/api/v3/ticker/price").body).root.size(), 5U);
  EXPECT_EQ(Parsed(get("/api/v3/ticker/bookTicker?symbols=[%22BTCUSDT%22]").body).root.size(), 1U);
  const Parsed day(get("/api/v3/ticker/24hr?symbol=BTCUSDT").body);
  EXPECT_EQ(day["lastPrice"].string(), "61000.00000000");
  EXPECT_EQ(day["volume"].string(), "0.10000000");
  EXPECT_EQ(day["count"].integer(), 1);
  EXPECT_EQ(day["firstId"].integer(), 1);
}

TEST_F(BinanceRest, klines_have_no_holes_and_count_takers) {
  now_ = from_unix_ms(1'790'000'040'000);
  pass(1s);
  limit("SELL", "61000", "1");
  limit("BUY", "61000", "0.1", {}, 1);
  pass(3min);
  limit("BUY", "60990", "1", {}, 1);
  limit("SELL", "60990", "0.2");
  const Parsed klines(get("/api/v3/klines?symbol=BTCUSDT&interval=1m").body);
  ASSERT_EQ(klines.root.size(), 4U);
  const Value first = klines.root[0];
  EXPECT_EQ(first[0].integer(), 1'790'000'040'000);
  EXPECT_EQ(first[6].integer(), 1'790'000'099'999);
  EXPECT_EQ(first[5].string(), "0.10000000");
  EXPECT_EQ(first[8].integer(), 1);
  EXPECT_EQ(first[9].string(), "0.10000000");
  EXPECT_EQ(klines.root[1][5].string(), "0.00000000");
  EXPECT_EQ(klines.root[1][4].string(), "61000.00000000");
  EXPECT_EQ(klines.root[3][9].string(), "0.00000000");  // Its taker sold.
  EXPECT_EQ(klines.root[3][7].string(), "12198.00000000");
  EXPECT_EQ(Parsed(get("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=2").body).root.size(), 2U);
  EXPECT_EQ(Parsed(get("/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=1790000100000&limit=2").body)
                .root[0][0]
                .integer(),
            1'790'000'100'000);
  EXPECT_EQ(get("/api/v3/klines?symbol=BTCUSDT&interval=7m").error(), "-1120 Invalid interval.");
  EXPECT_EQ(Parsed(get("/api/v3/klines?symbol=BTCUSDT&interval=1s&limit=1").body).root[0][0].integer(),
            to_unix_ms(now_) / 1000 * 1000);
}

TEST_F(BinanceRest, a_long_silence_costs_no_more_candles_than_are_wanted) {
  limit("SELL", "61000", "1");
  limit("BUY", "61000", "0.1", {}, 1);
  pass(30 * 24h);
  const Parsed klines(get("/api/v3/klines?symbol=BTCUSDT&interval=1s&limit=3").body);
  ASSERT_EQ(klines.root.size(), 3U);
  EXPECT_EQ(klines.root[2][0].integer(), to_unix_ms(now_) / 1000 * 1000);
  EXPECT_EQ(klines.root[0][0].integer(), to_unix_ms(now_) / 1000 * 1000 - 2000);
  EXPECT_EQ(klines.root[0][4].string(), "61000.00000000");
}

TEST_F(BinanceRest, what_does_not_exist_is_not_found) {
  EXPECT_EQ(get("/api/v1/ping").status, 404);
  EXPECT_EQ(get("/sapi/v1/account/status").status, 404);
  for (const auto method : {HttpMethod::post, HttpMethod::put, HttpMethod::del}) {
    EXPECT_EQ(request(method, "/api/v3/userDataStream", "", {{"X-MBX-APIKEY", house_->api_key()}}).status, 404);
  }
  EXPECT_EQ(read("/sapi/v1/capital/config/getall", {}).body, "[]");
}

TEST_F(BinanceRest, keys_times_and_signatures_are_checked) {
  const auto account = [&](const std::string& query, std::vector<venue::Header> headers) {
    return request(HttpMethod::get, "/api/v3/account?" + query, "", std::move(headers));
  };
  const std::vector<venue::Header> key{{"X-MBX-APIKEY", house_->api_key()}};
  const auto signed_query = [&](const std::string& query) {
    return query + "&signature=" + hmac_of(house_->api_secret(), query);
  };
  EXPECT_EQ(account("timestamp=1", {}).error(), "-2014 API-key format invalid.");
  const Reply unknown_key = account(signed_query("timestamp=" + now_ms()), {{"X-MBX-APIKEY", "nobody"}});
  EXPECT_EQ(unknown_key.status, 401);
  EXPECT_EQ(unknown_key.error(), "-2015 Invalid API-key, IP, or permissions for action.");
  EXPECT_EQ(account("timestamp=" + now_ms(), key).error(),
            "-1102 Mandatory parameter 'signature' was not sent, was empty/null, or malformed.");
  EXPECT_EQ(account(signed_query("recvWindow=5000"), key).code(), -1102);
  const auto at = [&](std::int64_t offset, const std::string& more = {}) {
    return account(signed_query("timestamp=" + std::to_string(to_unix_ms(now_) + offset) + more), key);
  };
  EXPECT_EQ(at(0).status, 200);
  EXPECT_EQ(at(-5000).status, 200);
  EXPECT_EQ(at(-5001).error(), "-1021 Timestamp for this request is outside of the recvWindow.");
  EXPECT_EQ(at(-5001, "&recvWindow=6000").status, 200);
  EXPECT_EQ(at(0, "&recvWindow=60001").code(), -1131);
  EXPECT_EQ(at(999).status, 200);
  EXPECT_EQ(at(1000).error(), "-1021 Timestamp for this request was 1000ms ahead of the server's time.");
  EXPECT_EQ(account(signed_query("timestamp=" + now_ms() + "123"), key).status, 200);  // microseconds
  EXPECT_EQ(account(signed_query("timestamp=" + now_ms()) + "0", key).error(),
            "-1022 Signature for this request is not valid.");
  // The same account with its other key.
  std::string query = "timestamp=" + now_ms();
  std::string encoded;
  venue::append_percent_encoded(encoded, ed25519_of(query));
  const std::vector<venue::Header> other{{"X-MBX-APIKEY", house_->ed25519_api_key()}};
  EXPECT_EQ(account(query + "&signature=" + encoded, other).status, 200);
  EXPECT_EQ(account(signed_query(query), other).code(), -1022);
}

TEST_F(BinanceRest, weight_is_counted_refused_and_at_last_banned) {
  HouseRules rules;
  rules.weight.limit = 30;
  rules.refusals_to_ban = 2;
  restart(quiet(), rules);
  EXPECT_EQ(get("/api/v3/ping").header("X-MBX-USED-WEIGHT-1M"), "1");
  EXPECT_EQ(get("/api/v3/exchangeInfo").header("X-MBX-USED-WEIGHT-1M"), "21");
  EXPECT_EQ(get("/api/v3/depth?symbol=BTCUSDT&limit=500").header("X-MBX-USED-WEIGHT"), "46");
  const Reply refused = get("/api/v3/ping");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.code(), -1003);
  const auto left = std::chrono::ceil<std::chrono::seconds>(
      Time{(now_.time_since_epoch() / Duration{1min} + 1) * Duration{1min}} - now_);
  EXPECT_EQ(refused.header("Retry-After"), std::to_string(left.count()));
  EXPECT_EQ(get("/api/v3/ping").status, 429);
  const Reply banned = get("/api/v3/ping");
  EXPECT_EQ(banned.status, 418);
  EXPECT_EQ(banned.header("Retry-After"), "120");
  EXPECT_EQ(banned.message().rfind(
                "Way too much request weight used; IP banned until " + std::to_string(to_unix_ms(now_) + 120'000), 0),
            0U);
  pass(119s);
  EXPECT_EQ(get("/api/v3/ping").status, 418);
  pass(1s);
  EXPECT_EQ(get("/api/v3/ping").header("X-MBX-USED-WEIGHT-1M"), "1");
}

TEST_F(BinanceRest, orders_are_counted_by_account_until_they_fill) {
  HouseRules rules;
  rules.orders = {{"SECOND", 10, 2}, {"DAY", 1, 100}};
  restart(quiet(), rules);
  const Reply first = limit("BUY", "60000", "0.1");
  EXPECT_EQ(first.header("X-MBX-ORDER-COUNT-10S"), "1");
  EXPECT_EQ(first.header("X-MBX-ORDER-COUNT-1D"), "1");
  EXPECT_EQ(first.header("X-MBX-USED-WEIGHT-1M"), "0");  // Orders that succeed cost no weight.
  EXPECT_EQ(limit("BUY", "1", "0.1").header("X-MBX-ORDER-COUNT-10S"), "");
  EXPECT_EQ(house_->used_weight(now_), 1);
  EXPECT_EQ(limit("BUY", "60000", "0.1").header("X-MBX-ORDER-COUNT-10S"), "2");
  const Reply refused = limit("BUY", "60000", "0.1");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.error(), "-1015 Too many new orders; current limit is 2 orders per 10 SECOND.");
  EXPECT_EQ(limit("SELL", "60000", "0.1", {}, 1).header("X-MBX-ORDER-COUNT-10S"), "0");  // Filled at once.
  EXPECT_EQ(limit("BUY", "60000", "0.1").status, 200);                                   // The fill has made room.
  const Parsed counts(read("/api/v3/rateLimit/order", {}).body);
  EXPECT_EQ(counts.root[0].find("count").integer(), 2);
  EXPECT_EQ(counts.root[1].find("intervalNum").integer(), 1);
  pass(10s);
  EXPECT_EQ(limit("BUY", "60000", "0.1").status, 200);
}

TEST_F(BinanceRest, replies_can_be_lost_or_useless) {
  using Kind = ReplyFault::Kind;
  house_->faults().replies = {{"POST /api/v3/order", Kind::cut_after_acting, 1},
                              {"POST /api/v3/order", Kind::cut_before_acting, 1},
                              {"POST /api/v3/order", Kind::timeout_after_acting, 1},
                              {"POST /api/v3/order", Kind::overloaded_before, 1},
                              {"POST /api/v3/order", Kind::bad_gateway_after, 1}};
  const auto open = [&] { return house_->exchange().open_orders(house_->account()).size(); };
  EXPECT_TRUE(limit("BUY", "60000", "0.1").cut);
  EXPECT_EQ(open(), 1U);
  EXPECT_TRUE(limit("BUY", "60000", "0.1").cut);
  EXPECT_EQ(open(), 1U);
  const Reply timeout = limit("BUY", "60000", "0.1");
  EXPECT_EQ(timeout.status, 503);
  EXPECT_EQ(timeout.code(), -1007);
  EXPECT_EQ(open(), 2U);
  EXPECT_EQ(limit("BUY", "60000", "0.1").code(), -1008);
  EXPECT_EQ(open(), 2U);
  const Reply gateway = limit("BUY", "60000", "0.1");
  EXPECT_EQ(gateway.status, 502);
  EXPECT_EQ(gateway.header("Content-Type"), "text/html");
  EXPECT_EQ(open(), 3U);
  EXPECT_FALSE(limit("BUY", "60000", "0.1").cut);
}

}  // namespace
}  // namespace calypte::sim::binance
