// Market streams of the simulated Binance spot: control frames, and data that fits together.
#include "binance_harness.hpp"

namespace calypte::sim::binance {
namespace {

class BinanceStreams : public SpotHarness {
 protected:
  [[nodiscard]] static std::string data_of(const std::string& frame) {
    const Parsed parsed(frame);
    return std::string(parsed["data"].text());
  }
};

TEST_F(BinanceStreams, subscriptions_are_made_listed_and_ended) {
  const auto id = connect("/ws");
  EXPECT_EQ(ask(id, R"({"method":"SUBSCRIBE","params":["btcusdt@trade","ethusdt@depth"],"id":1})"),
            R"({"result":null,"id":1})");
  EXPECT_EQ(ask(id, R"({"method":"LIST_SUBSCRIPTIONS","id":"0123456789abcdef0123456789abcdef"})"),
            R"({"result":["btcusdt@trade","ethusdt@depth"],"id":"0123456789abcdef0123456789abcdef"})");
  EXPECT_EQ(ask(id, R"({"method":"UNSUBSCRIBE","params":["btcusdt@trade"],"id":null})"),
            R"({"result":null,"id":null})");
  EXPECT_EQ(ask(id, R"({"method":"LIST_SUBSCRIPTIONS","id":-7})"), R"({"result":["ethusdt@depth"],"id":-7})");
}

TEST_F(BinanceStreams, what_does_not_exist_is_acknowledged_and_stays_silent) {
  restart(lively());
  const auto id = connect("/stream");
  EXPECT_EQ(ask(id, R"({"method":"SUBSCRIBE","params":["nope@trade","btcusdt@nope","btcusdt@depth@250ms"],"id":1})"),
            R"({"result":null,"id":1})");
  pass(5s);
  EXPECT_TRUE(take(id).empty());
}

TEST_F(BinanceStreams, bad_frames_are_answered_with_their_codes) {
  const auto id = connect("/ws");
  EXPECT_EQ(Parsed(ask(id, "what")).root.find("code").integer(), 3);
  EXPECT_EQ(Parsed(ask(id, R"({"method":"DANCE","id":1})")).root.find("code").integer(), 2);
  EXPECT_EQ(Parsed(ask(id, R"({"method":"SUBSCRIBE","params":[1],"id":1})")).root.find("code").integer(), 2);
  EXPECT_EQ(Parsed(ask(id, R"({"method":"GET_PROPERTY","params":["size"],"id":1})")).root.find("code").integer(), 0);
  EXPECT_EQ(Parsed(ask(id, R"({"method":"SET_PROPERTY","params":["combined",3],"id":9})")).root.find("id").integer(),
            9);
}

TEST_F(BinanceStreams, more_than_five_frames_a_second_end_the_connection) {
  const auto id = connect("/ws");
  for (int i = 0; i < 5; ++i) send(id, R"({"method":"LIST_SUBSCRIPTIONS","id":1})");
  EXPECT_TRUE(closes_.empty());
  pass(1s);
  for (int i = 0; i < 5; ++i) send(id, R"({"method":"LIST_SUBSCRIPTIONS","id":1})");
  EXPECT_TRUE(closes_.empty());
  send(id, R"({"method":"LIST_SUBSCRIPTIONS","id":1})");
  ASSERT_EQ(closes_.size(), 1U);
  EXPECT_EQ(closes_[0].code, 1008);
  EXPECT_EQ(house_->connection_count(), 0U);
}

TEST_F(BinanceStreams, targets_name_streams_and_whether_frames_are_wrapped) {
  const auto raw = connect("/ws/btcusdt@trade/btcusdt@aggTrade");
  const auto combined = connect("/stream?streams=btcusdt@trade");
  const auto bare = connect("/stream?streams=");
  EXPECT_EQ(ask(raw, R"({"method":"GET_PROPERTY","params":["combined"],"id":2})"), R"({"result":false,"id":2})");
  EXPECT_EQ(ask(bare, R"({"method":"GET_PROPERTY","params":["combined"],"id":2})"), R"({"result":true,"id":2})");
  limit("SELL", "61000", "0.2");
  limit("BUY", "61000", "0.2", {}, 1);
  const std::string trade = R"({"e":"trade","E":)" + now_ms() +
                            R"(,"s":"BTCUSDT","t":1,"p":"61000.00000000","q":"0.20000000","T":)" + now_ms() +
                            R"(,"m":false,"M":true})";
  const auto texts = take(raw);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(texts[1], trade);  // The feeds are told in the order of their names.
  EXPECT_EQ(texts[0], R"({"e":"aggTrade","E":)" + now_ms() +
                          R"(,"s":"BTCUSDT","a":1,"p":"61000.00000000","q":"0.20000000","f":1,"l":1,"T":)" + now_ms() +
                          R"(,"m":false,"M":true})");
  EXPECT_EQ(take(combined), std::vector<std::string>{R"({"stream":"btcusdt@trade","data":)" + trade + "}"});
  EXPECT_TRUE(take(bare).empty());
  ask(raw, R"({"method":"SET_PROPERTY","params":["combined",true],"id":5})");
  limit("SELL", "60900", "0.1");
  limit("BUY", "60900", "0.1", {}, 1);
  EXPECT_EQ(Parsed(take(raw)[1])["stream"].string(), "btcusdt@trade");
  for (const std::string target : {"/ws2", "/", "/ws-api/v2"}) {
    EXPECT_FALSE(house_->on_connect(99, target, now_));
  }
}

TEST_F(BinanceStreams, pings_come_every_twenty_seconds_and_a_day_is_the_longest_life) {
  connect("/ws");
  pass(61s);
  EXPECT_EQ(pings_, 3);
  pass(24h - 62s);
  EXPECT_TRUE(closes_.empty());
  pass(1s);
  EXPECT_EQ(closes_.size(), 1U);
}

TEST_F(BinanceStreams, a_shutdown_is_announced_in_the_form_of_each_connection) {
  const auto raw = connect("/ws");
  const auto combined = connect("/stream");
  const auto api = connect("/ws-api/v3");
  house_->announce_shutdown(now_);
  drain();
  const std::string event = R"({"e":"serverShutdown","E":)" + now_ms() + "}";
  EXPECT_EQ(take(raw), std::vector<std::string>{event});
  EXPECT_EQ(take(combined), std::vector<std::string>{R"({"stream":"!serverShutdown","data":)" + event + "}"});
  EXPECT_EQ(take(api), std::vector<std::string>{R"({"event":)" + event + "}"});
}

/// The sheet's synchronisation steps, by themselves.
struct Book {
  std::map<Decimal, Decimal> bids;
  std::map<Decimal, Decimal> asks;
  std::uint64_t id = 0;
  bool started = false;

  static void change(std::map<Decimal, Decimal>& side, Value level) {
    const Decimal price = *level[0].decimal();
    const Decimal quantity = *level[1].decimal();
    if (quantity.is_zero()) {
      side.erase(price);
    } else {
      side[price] = quantity;
    }
  }
  void load(Value snapshot) {
    id = *snapshot.find("lastUpdateId").unsigned_integer();
    for (const Value level : snapshot.find("bids").elements()) change(bids, level);
    for (const Value level : snapshot.find("asks").elements()) change(asks, level);
  }
  void apply(Value event) {
    const std::uint64_t first = *event.find("U").unsigned_integer();
    const std::uint64_t last = *event.find("u").unsigned_integer();
    if (last <= id) return;
    ASSERT_LE(first, id + 1) << "a gap";
    if (started) {
      ASSERT_EQ(first, id + 1);
    }
    started = true;
    for (const Value level : event.find("b").elements()) change(bids, level);
    for (const Value level : event.find("a").elements()) change(asks, level);
    id = last;
  }
  [[nodiscard]] std::vector<std::pair<Decimal, Decimal>> side(bool buys) const {
    if (!buys) return {asks.begin(), asks.end()};
    return {bids.rbegin(), bids.rend()};
  }
};

TEST_F(BinanceStreams, a_book_kept_by_the_steps_of_the_manual_equals_the_venues) {
  restart(lively(80));
  for (const auto& [stream, symbol, period] :
       {std::tuple<std::string, std::string, Duration>{"btcusdt@depth@100ms", "BTCUSDT", 100ms},
        {"ethusdt@depth", "ETHUSDT", 1s}}) {
    const auto id = connect("/ws/" + stream);
    pass(3s + 37ms);  // Somewhere within an interval.
    std::vector<std::string> events = take(id);
    ASSERT_GE(events.size(), 2U);
    Book book;
    const Parsed snapshot(get("/api/v3/depth?symbol=" + symbol + "&limit=5000").body);
    book.load(snapshot.root);
    const std::size_t instrument = symbol == "BTCUSDT" ? 0 : 1;
    const MatchingEngine& truth = house_->exchange().book(instrument);
    const Instrument& spec = house_->exchange().instruments()[instrument];
    ASSERT_GE(book.id, *Parsed(events.front())["U"].unsigned_integer());
    for (int round = 0; round < 20; ++round) {
      // To the very end of an interval, where the stream has told everything.
      pass(Time{(now_.time_since_epoch() / period + 1) * period} - now_);
      for (std::string& text : take(id)) events.push_back(std::move(text));
      for (const std::string& text : events) {
        const Parsed event(text);
        EXPECT_EQ(event["s"].string(), symbol);
        book.apply(event.root);
      }
      events.clear();
      EXPECT_EQ(book.id, house_->book_update_id(instrument));
      for (const Side side : {Side::buy, Side::sell}) {
        std::vector<EngineLevel> levels;
        truth.levels(side, truth.level_count(side), levels);
        const auto kept = book.side(side == Side::buy);
        ASSERT_EQ(kept.size(), levels.size());
        for (std::size_t i = 0; i < levels.size(); ++i) {
          EXPECT_EQ(kept[i].first, from_units(levels[i].price, spec.tick));
          EXPECT_EQ(kept[i].second, from_units(levels[i].quantity, spec.lot));
        }
      }
    }
  }
}

TEST_F(BinanceStreams, update_ids_of_snapshot_stream_and_best_prices_are_of_one_count) {
  limit("BUY", "60000", "1");
  const auto depth = connect("/ws/btcusdt@depth@100ms");
  const auto touch = connect("/ws/btcusdt@bookTicker");
  const std::uint64_t before = house_->book_update_id(0);
  limit("SELL", "61000", "1", {}, 1);
  const auto tickers = take(touch);
  ASSERT_EQ(tickers.size(), 1U);
  EXPECT_EQ(tickers[0], R"({"u":)" + std::to_string(before + 1) +
                            R"(,"s":"BTCUSDT","b":"60000.00000000","B":"1.00000000","a":"61000.00000000",)"
                            R"("A":"1.00000000"})");
  limit("SELL", "62000", "1", {}, 1);  // Not at the touch: no new best price, but a new update id.
  EXPECT_TRUE(take(touch).empty());
  pass(100ms);
  const auto events = take(depth);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0], R"({"e":"depthUpdate","E":)" + now_ms() + R"(,"s":"BTCUSDT","U":)" + std::to_string(before + 1) +
                           R"(,"u":)" + std::to_string(before + 2) +
                           R"(,"b":[],"a":[["61000.00000000","1.00000000"],["62000.00000000","1.00000000"]]})");
  EXPECT_EQ(Parsed(get("/api/v3/depth?symbol=BTCUSDT").body)["lastUpdateId"].unsigned_integer(), before + 2);
  pass(1s);
  EXPECT_TRUE(take(depth).empty());  // Nothing has changed, nothing is told.
  signed_request(venue::HttpMethod::del, "/api/v3/openOrders", {{"symbol", "BTCUSDT"}}, 1);
  pass(100ms);
  const Parsed removed(take(depth).at(0));
  EXPECT_EQ(removed["a"].text(), R"([["61000.00000000","0.00000000"],["62000.00000000","0.00000000"]])");
  EXPECT_EQ(removed["U"].unsigned_integer(), before + 3);
}

TEST_F(BinanceStreams, partial_books_are_whole_and_have_no_symbol) {
  for (int i = 0; i < 7; ++i) limit("BUY", std::to_string(60000 - i), "1");
  const auto id = connect("/ws/btcusdt@depth5@100ms");
  pass(100ms);
  const auto texts = take(id);
  ASSERT_EQ(texts.size(), 1U);
  const Parsed book(texts[0]);
  EXPECT_EQ(book.root.size(), 3U);
  EXPECT_EQ(book["bids"].size(), 5U);
  EXPECT_EQ(book["lastUpdateId"].unsigned_integer(), house_->book_update_id(0));
  pass(1s);
  EXPECT_TRUE(take(id).empty());
  cancel({{"orderId", limit("BUY", "60001", "1").text("orderId")}});
  pass(100ms);
  EXPECT_EQ(take(id).size(), 1U);
}

TEST_F(BinanceStreams, trade_numbers_have_no_gaps) {
  restart(lively(200));
  const auto id = connect("/ws/btcusdt@trade");
  const auto aggregated = connect("/ws/btcusdt@aggTrade");
  pass(20s);
  std::int64_t last = 0;
  const auto trades = take(id);
  ASSERT_GT(trades.size(), 20U);
  for (const std::string& text : trades) {
    const std::int64_t number = *Parsed(text)["t"].integer();
    if (last != 0) {
      EXPECT_EQ(number, last + 1);
    }
    last = number;
  }
  std::int64_t last_part = 0;
  const auto sums = take(aggregated);
  ASSERT_LT(sums.size(), trades.size());
  for (const std::string& text : sums) {
    const Parsed sum(text);
    if (last_part != 0) {
      EXPECT_EQ(sum["f"].integer(), last_part + 1);
    }
    last_part = *sum["l"].integer();
  }
}

TEST_F(BinanceStreams, klines_end_with_a_final_one) {
  now_ = from_unix_ms(1'790'000'050'000);
  const auto id = connect("/ws/btcusdt@kline_1m");
  pass(3s);
  EXPECT_TRUE(take(id).empty());
  limit("SELL", "61000", "1");
  limit("BUY", "61000", "0.1", {}, 1);
  pass(48s);
  int finals = 0;
  for (const std::string& text : take(id)) {
    const Parsed parsed(text);
    const Value kline = parsed["k"];
    if (kline.find("x").boolean() != true) continue;
    ++finals;
    EXPECT_EQ(kline.find("t").integer(), 1'790'000'040'000);
    EXPECT_EQ(kline.find("T").integer(), 1'790'000'099'999);
    EXPECT_EQ(kline.find("V").string(), "0.10000000");
    EXPECT_EQ(kline.find("n").integer(), 1);
  }
  EXPECT_EQ(finals, 1);
}

TEST_F(BinanceStreams, tickers_come_each_second) {
  limit("SELL", "61000", "1");
  limit("BUY", "61000", "0.1", {}, 1);
  const auto id = connect("/stream?streams=btcusdt@ticker/btcusdt@miniTicker/!miniTicker@arr");
  pass(1s);
  const auto texts = take(id);
  ASSERT_EQ(texts.size(), 3U);
  EXPECT_EQ(Parsed(texts[0])["data"][0].find("c").string(), "61000.00000000");
  EXPECT_EQ(Parsed(texts[1])["data"].find("e").string(), "24hrMiniTicker");
  EXPECT_EQ(Parsed(texts[2])["data"].find("a").string(), "61000.00000000");
}

TEST_F(BinanceStreams, depth_events_can_be_lost_and_doubled) {
  const auto id = connect("/ws/btcusdt@depth@100ms");
  house_->faults().drop_depth_events = {1};
  house_->faults().duplicate_depth_events = {2};
  limit("BUY", "60000", "1");
  pass(100ms);
  EXPECT_TRUE(take(id).empty());
  limit("BUY", "60001", "1");
  pass(100ms);
  EXPECT_EQ(take(id).size(), 2U);
  EXPECT_EQ(house_->depth_events_made(), 2U);
  house_->faults().muted_streams = {"btcusdt@depth@100ms"};
  limit("BUY", "60002", "1");
  pass(100ms);
  EXPECT_TRUE(take(id).empty());
}

}  // namespace
}  // namespace calypte::sim::binance
