#include <gtest/gtest.h>

#include "connector/exchange/crypto_com/crypto_com_exchange.hpp"
#include "connector/exchange/crypto_com/crypto_com_v2_replay.hpp"
#include "connector/registry.hpp"
#include "support/records.hpp"

namespace calypte::connector::crypto_com {
namespace {

using namespace venue;
using test::all;

class CryptoComFrames : public ::testing::Test {
 protected:
  Status decode(std::string_view frame, StreamKind stream = StreamKind::market) {
    records_.clear();
    return exchange_.decode_frame(stream, buffer_.assign(frame), records_);
  }
  /// A push of a channel; `id` as the venue puts it, -1 unless it is the first.
  Status push(std::string_view channel, std::string_view data, int id = -1) {
    return decode(R"({"id":)" + std::to_string(id) + R"(,"method":"subscribe","code":0,"result":{"instrument_name":)" +
                  R"("BTC_USD","subscription":")" + std::string(channel) + R"(.BTC_USD","channel":")" +
                  std::string(channel) + R"(","depth":50,"data":)" + std::string(data) + "}}");
  }
  CryptoComExchange exchange_;
  PaddedBuffer buffer_;
  Records records_;
};

TEST_F(CryptoComFrames, a_heartbeat_wants_its_id_back_and_tells_the_time) {
  ASSERT_TRUE(decode(R"({"id":1790114291578,"method":"public/heartbeat","code":0})").ok());
  ASSERT_EQ(records_.items().size(), 2U);
  EXPECT_EQ(all<HeartbeatRequest>(records_)[0].reply, R"({"id":1790114291578,"method":"public/respond-heartbeat"})");
  EXPECT_EQ(all<ServerTime>(records_)[0].time, from_unix_ms(1790114291578));
  ASSERT_TRUE(decode(R"({"id":"1790114291578","method":"public/heartbeat"})").ok());
  EXPECT_EQ(all<HeartbeatRequest>(records_)[0].reply, R"({"id":"1790114291578","method":"public/respond-heartbeat"})");
  EXPECT_EQ(decode(R"({"method":"public/heartbeat","code":0})").code(), StatusCode::malformed);
}

TEST_F(CryptoComFrames, a_snapshot_of_a_book) {
  ASSERT_TRUE(push("book",
                   R"([{"asks":[["2749.62","0.2008","2"],["2749.79","0.0001","1"]],"bids":[["2749.61","0.0786","2"]],)"
                   R"("t":1790114273395,"tt":1790114273346,"u":375554806244928,"cs":-1183713967}])")
                  .ok());
  EXPECT_EQ(records_.channel(), "book");
  const auto books = all<DepthSnapshot>(records_);
  ASSERT_EQ(books.size(), 1U);
  EXPECT_EQ(books[0].symbol, "BTC_USD");
  EXPECT_EQ(books[0].ids.last, 375554806244928U);
  EXPECT_FALSE(books[0].ids.prev);
  EXPECT_FALSE(books[0].checksum);
  EXPECT_EQ(books[0].depth, 50U);
  EXPECT_EQ(books[0].venue_time, from_unix_ms(1790114273395));
  ASSERT_EQ(records_.bids(books[0].levels).size(), 1U);
  EXPECT_EQ(records_.bids(books[0].levels)[0].price, (WireNumber{274961, 2}));
  EXPECT_EQ(records_.bids(books[0].levels)[0].amount, (WireNumber{786, 4}));
  ASSERT_EQ(records_.asks(books[0].levels).size(), 2U);
  EXPECT_EQ(records_.asks(books[0].levels)[1].price, (WireNumber{274979, 2}));
}

TEST_F(CryptoComFrames, an_update_of_a_book_and_its_deletions) {
  ASSERT_TRUE(push("book.update",
                   R"([{"update":{"asks":[["2750.20","0","0"],["2753.11","0.2616","1"]],"bids":[["2748.12","0","0"]]},)"
                   R"("t":1790114273659,"tt":1790114273655,"u":375554807336512,"pu":375554807297984,"cs":1522984915}])")
                  .ok());
  const auto updates = all<DepthDiff>(records_);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].ids.prev, 375554807297984U);
  EXPECT_EQ(updates[0].ids.last, 375554807336512U);
  EXPECT_EQ(updates[0].venue_time, from_unix_ms(1790114273659));
  ASSERT_EQ(records_.asks(updates[0].levels).size(), 2U);
  EXPECT_EQ(records_.asks(updates[0].levels)[0].amount, (WireNumber{0, 0}));
  ASSERT_EQ(records_.bids(updates[0].levels).size(), 1U);
  EXPECT_EQ(records_.bids(updates[0].levels)[0].price, (WireNumber{274812, 2}));
}

TEST_F(CryptoComFrames, an_idle_book_sends_an_update_without_levels) {
  ASSERT_TRUE(
      push("book.update", R"([{"update":{"asks":[],"bids":[]},"t":1,"u":369501268112000,"pu":369501268112000}])").ok());
  const auto updates = all<DepthDiff>(records_);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].ids.prev, updates[0].ids.last);
  EXPECT_EQ(updates[0].levels.bid_count + updates[0].levels.ask_count, 0U);
}

TEST_F(CryptoComFrames, a_book_message_that_is_not_understood_appends_nothing) {
  for (
      const std::string_view data :
      {R"([{"update":{"asks":[],"bids":[]},"t":1,"u":5}])", R"([{"update":{"asks":[],"bids":[]},"t":1,"pu":5}])",
       R"([{"asks":[],"bids":[],"u":5,"pu":4}])", R"([{"update":{"asks":[["x","1"]],"bids":[]},"u":5,"pu":4}])",
       R"([{"update":{"asks":[["1","1"]],"bids":[["1"]]},"u":5,"pu":4}])",
       R"([{"update":{"asks":[["1","-1"]],"bids":[]},"u":5,"pu":4}])",
       R"([{"update":{"asks":{"1":"1"},"bids":[]},"u":5,"pu":4}])", R"({"update":{}})",
       R"([{"update":{"asks":[["1","1"]]},"u":5,"pu":4},{"update":{"asks":[["99999999999999999999","1"]]},"u":6,"pu":5}])"}) {
    EXPECT_EQ(push("book.update", data).code(), StatusCode::malformed) << data;
    EXPECT_TRUE(records_.empty()) << data;
    EXPECT_TRUE(records_.levels().empty()) << data;
    EXPECT_EQ(records_.channel(), "book.update");
  }
}

TEST_F(CryptoComFrames, what_was_there_before_stays_when_a_frame_is_not_understood) {
  ASSERT_TRUE(push("book", R"([{"asks":[["2","1"]],"bids":[["1","1"]],"u":5}])").ok());
  const std::string bad =
      R"({"id":-1,"method":"subscribe","code":0,"result":{"instrument_name":"A","channel":"book","data":[{"bids":[["1","1"]]}]}})";
  EXPECT_FALSE(exchange_.decode_frame(StreamKind::market, PaddedBuffer(bad).bytes(), records_).ok());
  EXPECT_EQ(records_.items().size(), 1U);
  EXPECT_EQ(records_.levels().size(), 2U);
}

constexpr std::string_view kTrades =
    R"([{"d":"1786916827322664687","t":1786916827322,"p":"62935.27","q":"0.00432","s":"BUY","i":"BTC_USD","m":"46"},)"
    R"({"d":"1786916827322664686","t":1786916827300,"p":"62935.2","q":"1","s":"sell","i":"BTC_USD","m":"46"}])";

TEST_F(CryptoComFrames, trades_come_out_oldest_first_with_the_side_of_the_taker) {
  ASSERT_TRUE(push("trade", kTrades).ok());
  const auto trades = all<PublicTrade>(records_);
  ASSERT_EQ(trades.size(), 2U);
  EXPECT_EQ(records_.items().size(), 2U);
  EXPECT_EQ(trades[0].trade_id, "1786916827322664686");
  EXPECT_EQ(trades[0].taker_side, TradeType::sell);
  EXPECT_EQ(trades[1].trade_id, "1786916827322664687");
  EXPECT_EQ(trades[1].taker_side, TradeType::buy);
  EXPECT_EQ(trades[1].price, (WireNumber{6293527, 2}));
  EXPECT_EQ(trades[1].amount, (WireNumber{432, 5}));
  EXPECT_EQ(trades[1].symbol, "BTC_USD");
  EXPECT_EQ(trades[1].venue_time, from_unix_ms(1786916827322));
  EXPECT_FALSE(trades[0].backfill);
}

TEST_F(CryptoComFrames, the_push_that_answers_a_subscription_is_history) {
  ASSERT_TRUE(push("trade", kTrades, 7).ok());
  ASSERT_EQ(records_.items().size(), 3U);
  EXPECT_EQ(all<SubscriptionResult>(records_)[0].id, 7U);
  EXPECT_EQ(all<SubscriptionResult>(records_)[0].channel, "trade.BTC_USD");
  EXPECT_TRUE(all<PublicTrade>(records_)[0].backfill);
  EXPECT_TRUE(all<PublicTrade>(records_)[1].backfill);
}

TEST_F(CryptoComFrames, tickers_with_nulls) {
  ASSERT_TRUE(push("ticker", R"([{"i":"BTC_USD","h":"3","l":"1","a":"51174.50","c":"0.03","b":"51170.0","bs":"0.1000",)"
                             R"("k":"51180.0","ks":"0.2000","v":"8","oi":null,"t":1613580710768}])")
                  .ok());
  const auto tickers = all<BestBidAsk>(records_);
  ASSERT_EQ(tickers.size(), 1U);
  EXPECT_EQ(tickers[0].bid->price, (WireNumber{511700, 1}));
  EXPECT_EQ(tickers[0].ask->amount, (WireNumber{2000, 4}));
  EXPECT_EQ(tickers[0].last_price, (WireNumber{5117450, 2}));
  EXPECT_EQ(tickers[0].venue_time, from_unix_ms(1613580710768));
  ASSERT_TRUE(push("ticker", R"([{"i":"BTC_USD","a":null,"b":null,"bs":null,"k":null,"ks":null,"t":1}])").ok());
  EXPECT_FALSE(all<BestBidAsk>(records_)[0].bid);
  EXPECT_FALSE(all<BestBidAsk>(records_)[0].ask);
  EXPECT_FALSE(all<BestBidAsk>(records_)[0].last_price);
}

TEST_F(CryptoComFrames, acknowledgements_and_refusals_of_subscriptions) {
  ASSERT_TRUE(decode(R"({"id":1,"method":"subscribe","code":0,"channel":"book.ETH_USD.50"})").ok());
  ASSERT_EQ(records_.items().size(), 1U);
  EXPECT_EQ(all<SubscriptionResult>(records_)[0].channel, "book.ETH_USD.50");
  EXPECT_TRUE(all<SubscriptionResult>(records_)[0].status.ok());
  ASSERT_TRUE(
      decode(R"({"id":"11","method":"subscribe","code":"40003","channel":"book.NOPE.50","message":"Unknown symbol"})")
          .ok());
  const auto refused = all<SubscriptionResult>(records_);
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].id, 11U);
  EXPECT_EQ(refused[0].channel, "book.NOPE.50");
  EXPECT_EQ(refused[0].status.code(), StatusCode::rejected);
  EXPECT_EQ(refused[0].status.message(), "Unknown symbol");
  ASSERT_TRUE(decode(R"({"id":3,"method":"unsubscribe","code":0})").ok());
  EXPECT_EQ(all<SubscriptionResult>(records_)[0].id, 3U);
}

TEST_F(CryptoComFrames, one_channel_too_many_settles_no_request) {
  ASSERT_TRUE(decode(R"({"id":9,"method":"subscribe","code":40107,"message":"Maximum subscriptions exceeded"})").ok());
  EXPECT_TRUE(all<SubscriptionResult>(records_).empty());
  ASSERT_EQ(all<VenueNotice>(records_).size(), 1U);
  EXPECT_EQ(all<VenueNotice>(records_)[0].status.venue_code(), "40107");
}

TEST_F(CryptoComFrames, errors_that_belong_to_nothing_are_notices) {
  ASSERT_TRUE(decode(R"({"id":-1,"method":"ERROR","code":40001,"message":"Bad request"})").ok());
  ASSERT_EQ(all<VenueNotice>(records_).size(), 1U);
  EXPECT_EQ(all<VenueNotice>(records_)[0].status.message(), "Bad request");
}

TEST_F(CryptoComFrames, messages_of_no_interest_append_nothing_and_rubbish_is_malformed) {
  EXPECT_TRUE(push("mark", R"([{"v":"86176.3","t":1790114562000}])").ok());
  EXPECT_TRUE(records_.empty());
  EXPECT_TRUE(push("candlestick", R"([{"o":"1"}])").ok());
  EXPECT_TRUE(records_.empty());
  for (const std::string_view frame : {"", "[]", "{}", "pong", R"({"id":1})", R"({"id":1,"method":"subscribe"})"}) {
    EXPECT_EQ(decode(frame).code(), StatusCode::malformed) << frame;
    EXPECT_TRUE(records_.empty());
  }
}

TEST_F(CryptoComFrames, logging_in) {
  ASSERT_TRUE(decode(R"({"id":11,"method":"public/auth","code":0})", StreamKind::user).ok());
  EXPECT_EQ(all<LoginResult>(records_)[0].id, 11U);
  EXPECT_TRUE(all<LoginResult>(records_)[0].status.ok());
  ASSERT_TRUE(
      decode(R"({"id":12,"method":"public/auth","code":40101,"message":"Authentication failure"})", StreamKind::user)
          .ok());
  EXPECT_EQ(all<LoginResult>(records_)[0].id, 12U);
  EXPECT_EQ(all<LoginResult>(records_)[0].status.code(), StatusCode::unauthenticated);
  ASSERT_TRUE(decode(R"({"id":13,"method":"public/auth","code":40102})", StreamKind::user).ok());
  EXPECT_EQ(all<LoginResult>(records_)[0].status.code(), StatusCode::clock_skew);
}

TEST_F(CryptoComFrames, orders_of_ours) {
  constexpr std::string_view kOrder =
      R"([{"order_id":"19848525","client_oid":"1613571154900","order_type":"LIMIT","side":"BUY","exec_inst":[],)"
      R"("quantity":"0.0100","limit_price":"50000.0","cumulative_quantity":"0.0000","cumulative_value":"0.000000",)"
      R"("status":"ACTIVE","instrument_name":"BTC_USD","update_time":1613575617173}])";
  ASSERT_TRUE(push("user.order", kOrder).ok());
  ASSERT_EQ(records_.items().size(), 1U);
  const OrderReport report = all<OrderReport>(records_)[0];
  EXPECT_EQ(report.update.exchange_order_id, ExchangeOrderId("19848525"));
  EXPECT_EQ(report.update.new_state, OrderState::open);
  EXPECT_EQ(report.order_type, OrderType::limit);
  EXPECT_EQ(report.symbol, Symbol("BTC_USD"));
  // The first push answers the subscription with the orders that are open.
  ASSERT_TRUE(push("user.order", kOrder, 2).ok());
  EXPECT_EQ(all<SubscriptionResult>(records_)[0].id, 2U);
  EXPECT_EQ(all<OrderReport>(records_).size(), 1U);
  EXPECT_EQ(push("user.order", R"([{"order_id":"1","status":"ODD"}])").code(), StatusCode::malformed);
  EXPECT_TRUE(records_.empty());
}

TEST_F(CryptoComFrames, fills_of_ours) {
  ASSERT_TRUE(push("user.trade",
                   R"([{"journal_type":"TRADING","traded_quantity":"0.0500","traded_price":"51278.5",)"
                   R"("fees":"-1.025570","fee_credits":"-0.500000","order_id":"19708564","trade_id":"38554669",)"
                   R"("client_oid":"6ac2421d","taker_side":"TAKER","side":"BUY","instrument_name":"BTC_USD",)"
                   R"("fee_instrument_name":"BTC","create_time":1613570791060,)"
                   R"("create_time_ns":"1613570791060123456"}])")
                  .ok());
  ASSERT_EQ(records_.items().size(), 1U);
  const Fill fill = all<Fill>(records_)[0];
  EXPECT_EQ(fill.trade.trade_id, TradeId("38554669"));
  EXPECT_EQ(fill.trade.fill_time, from_unix_ns(1613570791060123456));
  EXPECT_TRUE(fill.trade.is_taker);
  // The credits are in the fees already.
  EXPECT_EQ(fill.trade.fee.flat_fees, (std::vector<TokenAmount>{{"BTC", "1.02557"_dec}}));
}

TEST_F(CryptoComFrames, balances_are_pushed_without_a_claim_to_be_complete) {
  ASSERT_TRUE(push("user.balance",
                   R"([{"total_available_balance":"19","position_balances":[{"quantity":"30","reserved_qty":"1",)"
                   R"("instrument_name":"CRO"}]}])")
                  .ok());
  ASSERT_EQ(records_.items().size(), 1U);
  EXPECT_EQ(all<BalanceReport>(records_)[0].available, "29"_dec);
}

TEST(CryptoComV2Replay, reads_whole_books_with_numbers_and_their_time_as_id) {
  CryptoComV2Replay v2;
  Records records;
  PaddedBuffer buffer(
      R"({"code":0,"method":"subscribe","result":{"instrument_name":"HNT_USDT","subscription":"book.HNT_USDT.150",)"
      R"("channel":"book","depth":150,"data":[{"bids":[[45.334,0.386,1],[45.320,1.259,1]],"asks":[[45.4,1,1]],)"
      R"("t":1637709518355}]}})");
  ASSERT_TRUE(v2.decode_frame(StreamKind::market, buffer.bytes(), records).ok());
  const auto books = all<DepthSnapshot>(records);
  ASSERT_EQ(books.size(), 1U);
  EXPECT_EQ(books[0].ids.last, 1637709518355U);
  EXPECT_EQ(books[0].depth, 150U);
  EXPECT_EQ(records.bids(books[0].levels)[1].price, (WireNumber{45320, 3}));
  records.clear();
  buffer.assign(R"({"id":1637709519420,"method":"public/heartbeat"})");
  EXPECT_TRUE(v2.decode_frame(StreamKind::market, buffer.bytes(), records).ok());
  EXPECT_TRUE(records.empty());
  EXPECT_EQ(v2.encode(QueryInstruments{}, {}).status().code(), StatusCode::unsupported);
}

TEST(CryptoComV2Replay, reads_its_instruments) {
  CryptoComV2Replay v2;
  Records records;
  PaddedBuffer buffer(R"({"code":0,"result":{"instruments":[{"instrument_name":"RSR_USDT","quote_currency":"USDT",)"
                      R"("base_currency":"RSR","price_decimals":5,"quantity_decimals":1}]}})");
  ASSERT_TRUE(v2.decode_reply(QueryInstruments{}, {200, {}, buffer.bytes()}, records).ok());
  const auto instruments = all<Instrument>(records);
  ASSERT_EQ(instruments.size(), 1U);
  EXPECT_EQ(instruments[0].rule.trading_pair, "RSR-USDT"_pair);
  EXPECT_EQ(instruments[0].rule.min_price_increment, "0.00001"_dec);
}

TEST(Registry, knows_its_rows_by_name) {
  for (const VenueRow& row : venues()) {
    const auto venue = make_venue(row.name);
    ASSERT_NE(venue, nullptr) << row.name;
    EXPECT_EQ(venue->spec().name, row.name);
    EXPECT_EQ(venue->spec().kind, row.kind);
  }
  EXPECT_EQ(make_venue("nowhere"), nullptr);
}

}  // namespace
}  // namespace calypte::connector::crypto_com
