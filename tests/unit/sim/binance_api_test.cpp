// The WebSocket API of the simulated Binance spot: requests in frames, sessions, and what an account is told.
#include "binance_harness.hpp"

namespace calypte::sim::binance {
namespace {

class BinanceApi : public SpotHarness {
 protected:
  /// What an account was told since the last time: "NEW NEW c= C= z=", one an event, balances as "balances USDT".
  std::vector<std::string> told(venue::ConnectionId id) {
    std::vector<std::string> list;
    for (const std::string& text : take(id)) {
      const Parsed frame(text);
      const Value event = frame["event"];
      if (event.find("e").string() == "outboundAccountPosition") {
        std::string assets = "balances";
        for (const Value each : event.find("B").elements()) assets += " " + std::string(each.find("a").string());
        list.push_back(assets);
      } else if (event.find("e").string() == "executionReport") {
        list.push_back(std::string(event.find("x").string()) + " " + std::string(event.find("X").string()) +
                       " z=" + event.find("z").decimal()->normalized().to_string());
      } else {
        list.push_back(text);
      }
    }
    return list;
  }
  std::map<std::string, std::string> limit_params(std::string side, std::string price, std::string quantity) {
    return {{"symbol", "BTCUSDT"},  {"side", std::move(side)},   {"type", "LIMIT"},
            {"timeInForce", "GTC"}, {"price", std::move(price)}, {"quantity", std::move(quantity)}};
  }
};

TEST_F(BinanceApi, public_methods_answer_with_the_limits) {
  const auto id = connect("/ws-api/v3");
  EXPECT_EQ(ask(id, R"({"id":"0123456789abcdef0123456789abcdef","method":"v3/ping"})"),
            R"({"id":"0123456789abcdef0123456789abcdef","status":200,"result":{},"rateLimits":[{"rateLimitType":)"
            R"("REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000,"count":3}]})");
  const auto quiet_one = connect("/ws-api/v3?returnRateLimits=false");
  EXPECT_EQ(ask(quiet_one, R"({"id":1,"method":"time"})"),
            R"({"id":1,"status":200,"result":{"serverTime":)" + now_ms() + "}}");
  EXPECT_EQ(ask(id, R"({"id":null,"method":"ping","params":{"returnRateLimits":false}})"),
            R"({"id":null,"status":200,"result":{}})");
  EXPECT_EQ(Parsed(ask(id, R"({"id":1,"method":"depth","params":{"symbol":"BTCUSDT","limit":5}})"))["result"]
                .find("lastUpdateId")
                .unsigned_integer(),
            house_->book_update_id(0));
  const std::string info = ask(id, R"({"id":1,"method":"exchangeInfo","params":{"symbols":["BTCUSDT","ETHUSDT"]}})");
  EXPECT_EQ(Parsed(info)["result"].find("symbols").size(), 2U);
  EXPECT_EQ(Parsed(ask(id, "{"))["error"].find("code").integer(), -1135);
  EXPECT_EQ(Parsed(ask(id, R"({"id":1,"method":"userDataStream.start"})"))["status"].integer(), 400);
  EXPECT_EQ(Parsed(ask(id, R"({"id":1.5,"method":"ping"})"))["status"].integer(), 400);
}

TEST_F(BinanceApi, orders_are_placed_asked_for_and_cancelled) {
  const auto id = connect("/ws-api/v3");
  auto params = limit_params("BUY", "60000", "0.1");
  params["newClientOrderId"] = "mine";
  const std::string placed_text = ask(id, api_frame("7", "order.place", params));
  const Parsed placed(placed_text);
  EXPECT_EQ(placed["status"].integer(), 200) << placed_text;
  EXPECT_EQ(placed["result"].find("status").string(), "NEW");
  ASSERT_EQ(placed["rateLimits"].size(), 3U);
  EXPECT_EQ(placed["rateLimits"][0].find("count").integer(), 1);
  const std::map<std::string, std::string> mine{{"symbol", "BTCUSDT"}, {"origClientOrderId", "mine"}};
  EXPECT_EQ(Parsed(ask(id, api_frame("8", "order.status", mine)))["result"].find("orderId").text(),
            placed["result"].find("orderId").text());
  EXPECT_EQ(Parsed(ask(id, api_frame("9", "openOrders.status", {})))["result"].size(), 1U);
  const Parsed cancelled(ask(id, api_frame("10", "order.cancel", mine)));
  EXPECT_EQ(cancelled["result"].find("origClientOrderId").string(), "mine");
  const Parsed gone(ask(id, api_frame("11", "order.cancel", mine)));
  EXPECT_EQ(gone["status"].integer(), 400);
  EXPECT_EQ(gone["error"].text(), R"({"code":-2011,"msg":"Unknown order sent."})");
  EXPECT_EQ(Parsed(ask(id, api_frame("12", "order.test", limit_params("BUY", "60000", "0.1"))))["result"].text(), "{}");
  EXPECT_EQ(
      Parsed(ask(id, api_frame("13", "openOrders.cancelAll", {{"symbol", "BTCUSDT"}})))["error"].find("code").integer(),
      -2011);
  EXPECT_TRUE(Parsed(ask(id, api_frame("14", "account.status", {})))["result"].find("balances").is_array());
  EXPECT_EQ(Parsed(ask(id, api_frame("15", "myTrades", {{"symbol", "BTCUSDT"}})))["result"].text(), "[]");
}

TEST_F(BinanceApi, every_request_is_checked_like_over_rest) {
  const auto id = connect("/ws-api/v3");
  std::string frame = api_frame("1", "account.status", {});
  const std::size_t at = frame.find("\"signature\":\"") + 13;
  frame[at] = frame[at] == 'a' ? 'b' : 'a';
  EXPECT_EQ(Parsed(ask(id, frame))["error"].find("code").integer(), -1022);
  EXPECT_EQ(Parsed(ask(id, R"({"id":1,"method":"account.status"})"))["error"].find("code").integer(), -2014);
  const std::string late = api_frame("1", "account.status", {});
  pass(5001ms);
  EXPECT_EQ(Parsed(ask(id, late))["error"].find("code").integer(), -1021);
}

TEST_F(BinanceApi, limits_are_shared_with_rest_and_say_when_to_come_again) {
  HouseRules rules;
  rules.weight.limit = 3;
  restart(quiet(), rules);
  const auto id = connect("/ws-api/v3");
  get("/api/v3/ping");
  const Parsed refused(ask(id, R"({"id":1,"method":"ping"})"));
  EXPECT_EQ(refused["status"].integer(), 429);
  EXPECT_EQ(refused["error"].find("code").integer(), -1003);
  const std::int64_t next_minute = (to_unix_ms(now_) / 60000 + 1) * 60000;
  EXPECT_EQ(refused["error"].find("data").find("retryAfter").integer(), next_minute);
  EXPECT_EQ(refused["rateLimits"][0].find("count").integer(), 3);
}

TEST_F(BinanceApi, a_session_is_for_ed25519_keys_only) {
  const auto id = connect("/ws-api/v3");
  EXPECT_EQ(Parsed(ask(id, api_frame("1", "session.logon", {})))["error"].find("code").integer(), -4056);
  EXPECT_EQ(Parsed(ask(id, R"({"id":1,"method":"userDataStream.subscribe"})"))["status"].integer(), 401);
  std::map<std::string, std::string> logon{{"apiKey", house_->ed25519_api_key()}, {"timestamp", now_ms()}};
  logon["signature"] = ed25519_of("apiKey=" + logon["apiKey"] + "&timestamp=" + now_ms());
  const Parsed state(ask(id, raw_api_frame("\"a\"", "session.logon", logon)));
  EXPECT_EQ(state["result"].text(), R"({"apiKey":")" + house_->ed25519_api_key() + R"(","authorizedSince":)" +
                                        now_ms() + R"(,"connectedSince":)" + now_ms() +
                                        R"(,"returnRateLimits":true,"serverTime":)" + now_ms() +
                                        R"(,"userDataStream":false})");
  // From here on neither key nor signature is needed, but a time still is.
  EXPECT_EQ(Parsed(ask(id, R"({"id":2,"method":"account.status"})"))["error"].find("code").integer(), -1102);
  auto params = limit_params("BUY", "60000", "0.1");
  params["timestamp"] = now_ms();
  EXPECT_EQ(Parsed(ask(id, raw_api_frame("3", "order.place", params)))["status"].integer(), 200);
  EXPECT_EQ(Parsed(ask(id, R"({"id":4,"method":"userDataStream.subscribe"})"))["result"].text(),
            R"({"subscriptionId":0})");
  EXPECT_EQ(Parsed(ask(id, R"({"id":4,"method":"session.status"})"))["result"].find("userDataStream").boolean(), true);
  const Parsed out(ask(id, R"({"id":5,"method":"session.logout"})"));
  EXPECT_TRUE(out["result"].find("apiKey").is_null());
  pass(1ms);
  EXPECT_EQ(take(id), std::vector<std::string>{R"({"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":)" +
                                               std::to_string(to_unix_ms(now_) - 1) + "}}"});
  EXPECT_EQ(Parsed(ask(id, raw_api_frame("6", "order.place", params)))["error"].find("code").integer(), -2014);
}

TEST_F(BinanceApi, subscriptions_to_an_account) {
  const auto id = listener();
  EXPECT_EQ(Parsed(ask(id, api_frame("2", "userDataStream.subscribe.signature", {})))["error"].find("code").integer(),
            -2035);
  EXPECT_EQ(Parsed(ask(id, api_frame("3", "userDataStream.subscribe.signature", {}, 1)))["result"].text(),
            R"({"subscriptionId":1})");
  EXPECT_EQ(Parsed(ask(id, R"({"id":4,"method":"session.subscriptions"})"))["result"].text(),
            R"([{"subscriptionId":0},{"subscriptionId":1}])");
  limit("BUY", "60000", "0.1", {}, 1);
  const auto texts = take(id);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(Parsed(texts[0])["subscriptionId"].integer(), 1);
  EXPECT_EQ(ask(id, raw_api_frame("5", "userDataStream.unsubscribe", {{"subscriptionId", "1"}})).substr(0, 34),
            R"({"id":5,"status":200,"result":{},")");
  pass(1ms);
  EXPECT_EQ(take(id).size(), 1U);
  limit("BUY", "60000", "0.1", {}, 1);
  EXPECT_TRUE(take(id).empty());
  EXPECT_EQ(Parsed(ask(id, raw_api_frame("6", "userDataStream.unsubscribe", {{"subscriptionId", "1"}})))["error"]
                .find("code")
                .integer(),
            -2036);
}

TEST_F(BinanceApi, an_order_is_told_as_it_lives) {
  const auto taker = listener();
  const auto maker = listener(1);
  limit("SELL", "61000", "0.2", {}, 1);
  limit("SELL", "61001", "0.2", {}, 1);
  take(maker);
  const std::string id = limit("BUY", "61001", "0.5").text("orderId");
  EXPECT_EQ(told(taker), (std::vector<std::string>{"NEW NEW z=0", "TRADE PARTIALLY_FILLED z=0.2",
                                                   "TRADE PARTIALLY_FILLED z=0.4", "balances BTC USDT"}));
  EXPECT_EQ(told(maker), (std::vector<std::string>{"TRADE FILLED z=0.2", "TRADE FILLED z=0.2", "balances BTC USDT"}));
  cancel({{"orderId", id}});
  EXPECT_EQ(told(taker), (std::vector<std::string>{"CANCELED CANCELED z=0.4", "balances BTC USDT"}));
  limit("SELL", "61001", "0.2", {}, 1);
  limit("BUY", "61001", "0.3", {{"timeInForce", "IOC"}});
  EXPECT_EQ(told(taker), (std::vector<std::string>{"NEW NEW z=0", "TRADE PARTIALLY_FILLED z=0.2",
                                                   "EXPIRED EXPIRED z=0.2", "balances BTC USDT"}));
  limit("BUY", "61001", "0.3", {{"timeInForce", "FOK"}});
  EXPECT_EQ(told(taker), (std::vector<std::string>{"NEW NEW z=0", "EXPIRED EXPIRED z=0", "balances BTC USDT"}));
  limit("BUY", "1", "1");
  EXPECT_TRUE(told(taker).empty());  // What the gate refuses is not told.
}

TEST_F(BinanceApi, a_purchase_by_value_ends_filled) {
  const auto id = listener();
  limit("SELL", "61000", "0.1", {}, 1);
  limit("SELL", "61001", "1", {}, 1);
  order({{"side", "BUY"}, {"type", "MARKET"}, {"quoteOrderQty", "10000"}});
  const auto texts = take(id);
  ASSERT_EQ(texts.size(), 4U);
  for (int i = 0; i < 3; ++i) {
    const Parsed frame(texts[static_cast<std::size_t>(i)]);
    EXPECT_EQ(frame["event"].find("q").string(), "0.16393000");
    EXPECT_EQ(frame["event"].find("Q").string(), "10000.00000000");
  }
  EXPECT_EQ(Parsed(texts[1])["event"].find("X").string(), "PARTIALLY_FILLED");
  EXPECT_EQ(Parsed(texts[2])["event"].find("X").string(), "FILLED");
}

TEST_F(BinanceApi, a_report_has_every_member) {
  const auto id = listener();
  limit("SELL", "61000", "0.2", {}, 1);
  const std::string order_id = limit("BUY", "61000", "0.3", {{"newClientOrderId", "mine"}}).text("orderId");
  const auto texts = take(id);
  const std::string now = now_ms();
  const Parsed first(texts[0]);
  const std::string head = R"({"e":"executionReport","E":)" + now +
                           R"(,"s":"BTCUSDT","c":"mine","S":"BUY","o":"LIMIT","f":"GTC","q":"0.30000000",)"
                           R"("p":"61000.00000000","P":"0.00000000","F":"0.00000000","g":-1,"C":"",)";
  const std::string execution(first["event"].find("I").text());
  EXPECT_EQ(first["event"].text(), head + R"("x":"NEW","X":"NEW","r":"NONE","i":)" + order_id +
                                       R"(,"l":"0.00000000","z":"0.00000000","L":"0.00000000","n":"0","N":null,"T":)" +
                                       now + R"(,"t":-1,"I":)" + execution + R"(,"w":true,"m":false,"M":false,"O":)" +
                                       now + R"(,"Z":"0.00000000","Y":"0.00000000","Q":"0.00000000","W":)" + now +
                                       R"(,"V":"NONE"})");
  const Parsed trade(texts[1]);
  const std::string next(trade["event"].find("I").text());
  EXPECT_GT(std::stoll(next), std::stoll(execution));
  EXPECT_EQ(trade["event"].text(),
            head + R"("x":"TRADE","X":"PARTIALLY_FILLED","r":"NONE","i":)" + order_id +
                R"(,"l":"0.20000000","z":"0.20000000","L":"61000.00000000","n":"0.00020000","N":"BTC","T":)" + now +
                R"(,"t":1,"I":)" + next + R"(,"w":true,"m":false,"M":true,"O":)" + now +
                R"(,"Z":"12200.00000000","Y":"12200.00000000","Q":"0.00000000","W":)" + now + R"(,"V":"NONE"})");
  const Parsed balances(texts[2]);
  EXPECT_EQ(balances["event"].text(), R"({"e":"outboundAccountPosition","E":)" + now + R"(,"u":)" + now +
                                          R"(,"B":[{"a":"BTC","f":"10.19980000","l":"0.00000000"},)"
                                          R"({"a":"USDT","f":"481700.00000000","l":"6100.00000000"}]})");
  cancel({{"orderId", order_id}, {"newClientOrderId", "the-cancel"}});
  const Parsed cancelled(take(id)[0]);
  EXPECT_EQ(cancelled["event"].find("c").string(), "the-cancel");
  EXPECT_EQ(cancelled["event"].find("C").string(), "mine");
  limit("BUY", "60000", "0.1", {{"timeInForce", "IOC"}});
  const auto expired = take(id);
  EXPECT_EQ(Parsed(expired[1])["event"].find("eR").string(), "UNFILLED_IOC_QUANTITY_EXPIRED");
}

TEST_F(BinanceApi, events_precede_the_answer_unless_they_are_delayed_lost_or_doubled) {
  auto id = listener();
  const auto place = [&] {
    send(id, api_frame("1", "order.place", limit_params("BUY", "60000", "0.1")));
    return take(id);
  };
  EXPECT_EQ(Parsed(place().back())["id"].integer(), 1);
  house_->faults().lose_user_events = 2;
  EXPECT_EQ(place().size(), 1U);
  house_->faults().duplicate_user_events = 1;
  EXPECT_EQ(place().size(), 4U);
  VenueOptions options = quiet();
  options.timing.user_push = 3ms;
  restart(options);
  id = listener();
  EXPECT_EQ(place().size(), 1U);
  pass(2ms);
  EXPECT_TRUE(take(id).empty());
  pass(1ms);
  const auto late = take(id);
  ASSERT_EQ(late.size(), 2U);
  EXPECT_EQ(Parsed(late[0])["event"].find("E").integer(), to_unix_ms(now_));
}

TEST_F(BinanceApi, a_lost_answer_ends_the_connection) {
  const auto id = connect("/ws-api/v3");
  house_->faults().replies = {{"order.place", ReplyFault::Kind::cut_after_acting, 1}};
  send(id, api_frame("1", "order.place", limit_params("BUY", "60000", "0.1")));
  EXPECT_TRUE(take(id).empty());
  ASSERT_EQ(closes_.size(), 1U);
  EXPECT_EQ(house_->exchange().open_orders(house_->account()).size(), 1U);
}

TEST_F(BinanceApi, one_seed_is_one_run) {
  std::vector<std::string> runs[2];
  for (auto& run : runs) {
    now_ = kStart;
    connections_ = 0;
    restart(lively());
    const auto market = connect("/stream?streams=btcusdt@depth@100ms/ethusdt@trade");
    const auto id = listener();
    pass(3s);
    order({{"side", "BUY"}, {"type", "MARKET"}, {"quantity", "0.5"}});
    pass(1s);
    run = take(market);
    for (std::string& text : take(id)) run.push_back(std::move(text));
  }
  ASSERT_GT(runs[0].size(), 30U);
  EXPECT_EQ(runs[0], runs[1]);
  const Accounts& accounts = house_->exchange().accounts();
  for (const std::string_view asset : {"BTC", "ETH", "USDT"}) {
    EXPECT_EQ(accounts.sum_of(asset), accounts.deposited(asset));
  }
}

}  // namespace
}  // namespace calypte::sim::binance
