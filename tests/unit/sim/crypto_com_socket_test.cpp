#include <algorithm>
#include <map>

#include "unit/sim/crypto_com_harness.hpp"

namespace calypte::sim::crypto_com {
namespace {

using CryptoComSocket = Harness;

constexpr std::string_view kBook =
    R"({"id":1,"method":"subscribe","params":{"channels":["book.BTC_USDT.10"],)"
    R"("book_subscription_type":"SNAPSHOT_AND_UPDATE","book_update_frequency":10},"nonce":1})";

/// A client's book, kept only by what the channel says.
struct ClientBook {
  std::map<std::string, std::string> bids;
  std::map<std::string, std::string> asks;
  std::int64_t last = -1;
  int gaps = 0;
  int snapshots = 0;
  int deltas = 0;

  void apply(const std::string& text) {
    const Parsed frame(text);
    const Value result = frame["result"];
    const Value data = result.find("data")[0];
    const bool snapshot = result.find("channel").string() == "book";
    if (snapshot) {
      bids.clear();
      asks.clear();
      ++snapshots;
    } else {
      ++deltas;
      if (data.find("pu").integer() != last) ++gaps;
    }
    const Value levels = snapshot ? data : data.find("update");
    for (const std::string side : {"bids", "asks"}) {
      for (const Value level : levels.find(side).elements()) {
        auto& book = side == "bids" ? bids : asks;
        if (level[1].string() == "0") {
          EXPECT_EQ(book.erase(std::string(level[0].string())), 1U) << "deletes a level that was never sent";
        } else {
          book[std::string(level[0].string())] = std::string(level[1].string());
        }
      }
    }
    last = data.find("u").integer().value_or(-1);
  }
  [[nodiscard]] static std::map<std::string, std::string> truth(const CryptoComVenue& venue, Side side) {
    std::vector<EngineLevel> levels;
    venue.exchange().book(0).levels(side, 10, levels);
    std::map<std::string, std::string> map;
    for (const EngineLevel& level : levels) {
      map[from_units(level.price, "0.01"_dec).to_string()] = from_units(level.quantity, "0.00001"_dec).to_string();
    }
    return map;
  }
};

TEST_F(CryptoComSocket, a_book_channel_acks_then_snapshots_then_chains) {
  VenueOptions options = quiet();
  options.flow = true;
  options.flow_options.orders_per_second = 100;
  restart(options);
  const auto id = connect("market");
  send(id, kBook);
  auto texts = take();
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0], R"({"id":1,"method":"subscribe","code":0,"channel":"book.BTC_USDT.10"})");
  pass(990ms);
  EXPECT_TRUE(take().empty());
  ClientBook book;
  pass(20s);
  for (const std::string& text : take()) book.apply(text);
  EXPECT_EQ(book.snapshots, 1);
  EXPECT_GT(book.deltas, 100);
  EXPECT_EQ(book.gaps, 0);
  venue_->flow("BTC_USDT")->pause();
  pass(20ms);
  for (const std::string& text : take()) book.apply(text);
  EXPECT_EQ(book.bids, ClientBook::truth(*venue_, Side::buy));
  EXPECT_EQ(book.asks, ClientBook::truth(*venue_, Side::sell));
  EXPECT_EQ(book.bids.size(), 10U);
  // Without changes there is a sign of life every five seconds, with u == pu.
  pass(5s);
  texts = take();
  ASSERT_EQ(texts.size(), 1U);
  const Parsed idle(texts[0]);
  const Value data = idle["result"].find("data")[0];
  EXPECT_EQ(data.find("u").text(), data.find("pu").text());
  EXPECT_EQ(data.find("update").find("bids").size(), 0U);
}

TEST_F(CryptoComSocket, a_dropped_delta_breaks_the_chain_and_a_duplicate_repeats_it) {
  VenueOptions options = quiet();
  options.flow = true;
  restart(options);
  venue_->faults().drop_deltas = {5};
  venue_->faults().duplicate_deltas = {9};
  const auto id = connect("market");
  send(id, kBook);
  pass(5s);
  std::int64_t last = -1;
  int breaks = 0;
  int repeats = 0;
  for (const std::string& text : take()) {
    const Parsed frame(text);
    const Value data = frame["result"].find("data")[0];
    if (!data.exists()) continue;
    if (frame["result"].find("channel").string() == "book.update") {
      if (data.find("u").integer() == last) ++repeats;
      if (data.find("u").integer() != last && data.find("pu").integer() != last) ++breaks;
    }
    last = data.find("u").integer().value_or(-1);
  }
  EXPECT_EQ(breaks, 1);
  EXPECT_EQ(repeats, 1);
}

TEST_F(CryptoComSocket, without_the_parameter_the_whole_book_comes_every_half_second) {
  other(Side::sell, 63000, 1);
  const auto id = connect("market");
  // The spelling that one client library uses is ignored unless it is switched on.
  send(
      id,
      R"({"method":"subscribe","params":{"channels":["book.BTC_USDT.50"],"bookSubscriptionType":"SNAPSHOT_AND_UPDATE"}})");
  EXPECT_EQ(Parsed(take()[0])["id"].text(), "-1");
  pass(2s);
  const auto books = take("book");
  EXPECT_EQ(books.size(), 3U);
  VenueOptions options = quiet();
  options.quirks.camel_case_book_params = true;
  restart(options);
  const auto camel = connect("market");
  send(
      camel,
      R"({"method":"subscribe","params":{"channels":["book.BTC_USDT.50"],"bookSubscriptionType":"SNAPSHOT_AND_UPDATE"}})");
  pass(3s);
  EXPECT_EQ(take("book").size(), 1U);
}

TEST_F(CryptoComSocket, subscriptions_that_make_no_sense_are_refused_one_by_one) {
  const auto id = connect("market");
  send(
      id,
      R"({"id":11,"method":"subscribe","params":{"channels":["book.NOPEUSD-PERP.50","book.BTC_USDT.7","nope.X","user.order","ticker.BTC_USDT"]}})");
  const auto texts = take();
  ASSERT_EQ(texts.size(), 5U);
  EXPECT_EQ(
      texts[0],
      R"({"id":11,"method":"subscribe","code":40003,"channel":"book.NOPEUSD-PERP.50","message":"Unknown symbol"})");
  EXPECT_EQ(Parsed(texts[1])["message"].string(), "Invalid depth");
  EXPECT_EQ(Parsed(texts[2])["message"].string(), "Unrecognized channel");
  EXPECT_EQ(Parsed(texts[3])["message"].string(), "Unrecognized channel");
  const Parsed ticker(texts[4]);  // No bare acknowledgement: the first data carries the id.
  EXPECT_EQ(ticker["id"].text(), "11");
  EXPECT_EQ(ticker["result"].find("channel").string(), "ticker");
  EXPECT_TRUE(ticker["result"].find("data")[0].find("b").is_null());
  send(id, R"({"id":12,"method":"unsubscribe","params":{"channels":["book.NEVER.10"]}})");
  EXPECT_EQ(Parsed(take()[0]).code(), 0);
  send(id, R"({"id":13,"method":"public/nonsense"})");
  EXPECT_EQ(Parsed(take()[0])["message"].string(), "No such method");
  send(id, "not json");
  EXPECT_TRUE(take().empty());
}

TEST_F(CryptoComSocket, the_401st_channel_is_refused) {
  VenueOptions options = quiet();
  options.rate_limits.channels_per_connection = 2;
  restart(options);
  const auto id = connect("market");
  send(id,
       R"({"id":9,"method":"subscribe","params":{"channels":["trade.BTC_USDT","trade.ETH_USDT","trade.CRO_USDT"]}})");
  EXPECT_EQ(take().back(), R"({"id":9,"method":"subscribe","code":40107,"message":"Maximum subscriptions exceeded"})");
}

TEST_F(CryptoComSocket, trades_begin_with_a_backfill_newest_first) {
  other(Side::sell, 63000, 1);
  const std::string_view buy =
      R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"63000","quantity":"0.1"})";
  create(buy);
  create(buy);
  const auto id = connect("market");
  send(id, R"({"id":3,"method":"subscribe","params":{"channels":["trade.BTC_USDT"]}})");
  auto texts = take();
  ASSERT_EQ(texts.size(), 1U);
  const Parsed backfill(texts[0]);
  EXPECT_EQ(backfill["id"].text(), "3");
  const Value data = backfill["result"].find("data");
  ASSERT_EQ(data.size(), 2U);
  EXPECT_GT(data[0].find("d").unsigned_integer(), data[1].find("d").unsigned_integer());
  EXPECT_EQ(data[0].find("s").string(), "BUY");
  create(buy);
  texts = take("trade");
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(Parsed(texts[0])["id"].text(), "-1");
}

TEST_F(CryptoComSocket, an_unanswering_client_is_closed_at_the_third_heartbeat) {
  connect("market");
  pass(88s);
  EXPECT_TRUE(closes_.empty());
  EXPECT_GE(pings_, 17);
  pass(2s);
  ASSERT_EQ(closes_.size(), 1U);
  EXPECT_EQ(closes_[0].code, 1000);
  EXPECT_EQ(venue_->connection_count(), 0U);
}

TEST_F(CryptoComSocket, an_answering_client_stays) {
  const auto id = connect("market");
  for (int i = 0; i < 10; ++i) {
    frames_.clear();
    pass(30s);
    ASSERT_EQ(frames_.size(), 1U);
    const Parsed beat(frames_[0].second);
    EXPECT_EQ(beat["method"].string(), "public/heartbeat");
    send(id, R"({"id":)" + std::string(beat["id"].text()) + R"(,"method":"public/respond-heartbeat"})");
  }
  EXPECT_TRUE(closes_.empty());
}

TEST_F(CryptoComSocket, the_first_second_grants_only_its_remainder) {
  now_ = from_unix_ms(1'790'000'010'900);
  const venue::ConnectionId id = 77;
  ASSERT_TRUE(venue_->on_connect(id, "/exchange/v1/market", now_));
  for (int i = 0; i < 11; ++i) send(id, R"({"id":1,"method":"unsubscribe","params":{"channels":["x"]}})");
  EXPECT_EQ(Parsed(take().back()).code(), 42901);
  pass(200ms);
  for (int i = 0; i < 100; ++i) send(id, R"({"id":1,"method":"unsubscribe","params":{"channels":["x"]}})");
  for (const std::string& text : take()) EXPECT_EQ(Parsed(text).code(), 0);
  send(id, R"({"id":1,"method":"unsubscribe","params":{"channels":["x"]}})");
  EXPECT_EQ(Parsed(take().back()).code(), 42901);
}

TEST_F(CryptoComSocket, the_user_socket_wants_a_login) {
  const auto id = connect("user");
  send(id, R"({"id":1,"method":"subscribe","params":{"channels":["user.order"]}})");
  EXPECT_EQ(Parsed(take()[0]).code(), 40101);
  send(id, R"({"id":2,"method":"private/create-order","params":{}})");
  EXPECT_EQ(Parsed(take()[0]).code(), 40101);
  send(id, signed_request("public/auth", "", "wrong"));
  EXPECT_EQ(Parsed(take()[0]).code(), 40101);
  venue_->faults().reject_auths = 1;
  send(id, signed_request("public/auth", ""));
  EXPECT_EQ(Parsed(take()[0]).code(), 40101);
  send(id, signed_request("public/auth", ""));
  EXPECT_EQ(take()[0], R"({"id":7,"method":"public/auth","code":0})");
  EXPECT_FALSE(venue_->on_connect(99, "/exchange/v1/nowhere", now_));
}

TEST_F(CryptoComSocket, user_channels_tell_orders_fills_and_balances) {
  create(
      R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000","quantity":"0.3","client_oid":"a"})");
  const auto id = logged_in();
  send(
      id,
      R"({"id":2,"method":"subscribe","params":{"channels":["user.order","user.trade","user.balance","user.positions"]}})");
  auto texts = take();
  ASSERT_EQ(texts.size(), 4U);
  const Parsed snapshot(texts[0]);
  EXPECT_EQ(snapshot["id"].text(), "2");
  EXPECT_EQ(snapshot["result"].find("data")[0].find("client_oid").string(), "a");
  EXPECT_EQ(texts[1], R"({"id":2,"method":"subscribe","code":0,"channel":"user.trade"})");
  EXPECT_EQ(Parsed(texts[2])["result"].find("channel").string(), "user.balance");

  other(Side::sell, 62000, "0.1"_dec);
  pass(5ms);
  texts = take();
  ASSERT_EQ(texts.size(), 2U);
  const Parsed fill(texts[0]);
  EXPECT_EQ(fill["result"].find("channel").string(), "user.trade");
  EXPECT_EQ(fill["result"].find("data")[0].find("taker_side").string(), "MAKER");
  EXPECT_EQ(fill["result"].find("data")[0].find("fees").string(), "-0.00025");
  const Parsed order(texts[1]);
  EXPECT_EQ(order["result"].find("data")[0].find("status").string(), "ACTIVE");
  EXPECT_EQ(order["result"].find("data")[0].find("cumulative_quantity").string(), "0.10000");
  EXPECT_TRUE(order["result"].find("data")[0].find("transaction_time").is_number());
  pass(300ms);
  const auto balances = take("user.balance");
  ASSERT_EQ(balances.size(), 1U);
  other(Side::sell, 62000, "0.2"_dec);
  venue_->faults().duplicate_fill_pushes = 1;
  pass(5ms);
  texts = take();
  ASSERT_EQ(texts.size(), 3U);
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_EQ(Parsed(texts[2])["result"].find("data")[0].find("status").string(), "FILLED");
}

TEST_F(CryptoComSocket, conflated_order_pushes_show_only_the_last_state) {
  VenueOptions options = quiet();
  options.quirks.conflate_order_pushes = true;
  options.timing.order_push = 20ms;
  restart(options);
  const auto id = logged_in();
  send(id, R"({"id":2,"method":"subscribe","params":{"channels":["user.order.BTC_USDT"]}})");
  take();
  create(R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000","quantity":"0.3"})");
  other(Side::sell, 62000, "0.1"_dec);
  other(Side::sell, 62000, "0.2"_dec);
  pass(100ms);
  const auto texts = take("user.order");
  ASSERT_EQ(texts.size(), 1U);
  const Parsed order(texts[0]);
  EXPECT_EQ(order["result"].find("subscription").string(), "user.order.BTC_USDT");
  EXPECT_EQ(order["result"].find("data")[0].find("status").string(), "FILLED");
}

TEST_F(CryptoComSocket, orders_go_over_the_socket_and_may_end_with_it) {
  const auto id = logged_in();
  send(id, R"({"id":3,"method":"private/set-cancel-on-disconnect","params":{"scope":"CONNECTION"}})");
  EXPECT_EQ(Parsed(take()[0]).code(), 0);
  send(
      id,
      R"({"id":4,"method":"private/create-order","params":{"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000","quantity":"0.01","client_oid":"s"},"nonce":5})");
  const Parsed created(take()[0]);
  EXPECT_EQ(created["id"].text(), "4");
  EXPECT_EQ(created["result"].find("client_oid").string(), "s");
  create(
      R"({"instrument_name":"BTC_USDT","side":"BUY","type":"LIMIT","price":"62000","quantity":"0.01","client_oid":"r"})");
  EXPECT_EQ(venue_->exchange().open_orders(venue_->account()).size(), 2U);
  venue_->on_disconnect(id, now_);
  pass(10ms);
  // Only the connection's own order ends with it.
  const auto open = venue_->exchange().open_orders(venue_->account());
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(venue_->exchange().order(open[0])->request.client_id, "r");
}

TEST_F(CryptoComSocket, faults_mute_channels_data_and_close_sockets) {
  const auto id = connect("market");
  venue_->faults().muted_channels = {"ticker.BTC_USDT"};
  send(id, R"({"id":1,"method":"subscribe","params":{"channels":["ticker.BTC_USDT","ticker.ETH_USDT"]}})");
  EXPECT_EQ(take().size(), 1U);
  venue_->faults().mute_data = true;
  frames_.clear();
  pass(31s);
  ASSERT_EQ(frames_.size(), 1U);
  EXPECT_NE(frames_[0].second.find("public/heartbeat"), std::string::npos);
  venue_->close_all_sockets(1013, now_);
  drain();
  ASSERT_EQ(closes_.size(), 1U);
  EXPECT_EQ(closes_[0].code, 1013);
  venue_->faults().refuse_connections = true;
  EXPECT_FALSE(venue_->on_connect(50, "/exchange/v1/market", now_));
}

TEST_F(CryptoComSocket, one_seed_is_one_run_to_the_byte) {
  const auto run = [&](std::uint64_t seed) {
    now_ = kStart;
    frames_.clear();
    VenueOptions options = quiet();
    options.seed = seed;
    options.flow = true;
    restart(options);
    const auto id = connect("market");
    send(id, kBook);
    send(
        id,
        R"({"id":2,"method":"subscribe","params":{"channels":["trade.BTC_USDT","ticker.ETH_USDT","candlestick.1m.CRO_USDT"]}})");
    pass(10s);
    std::string all;
    for (const auto& [connection, text] : frames_) all += text + "\n";
    return all;
  };
  const std::string first = run(5);
  EXPECT_GT(first.size(), 10000U);
  EXPECT_EQ(first, run(5));
  EXPECT_NE(first, run(6));
}

}  // namespace
}  // namespace calypte::sim::crypto_com
