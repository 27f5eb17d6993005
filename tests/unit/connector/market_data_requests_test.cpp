// What the connectors of market data send, and what they make of replies and of frames that are no data. The data
// itself is proved by recordings (tests/recordings).
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "connector/exchange/kraken/kraken_utils.hpp"
#include "connector/registry.hpp"
#include "support/records.hpp"

namespace calypte::connector {
namespace {

using namespace venue;
using test::all;

class MarketData : public ::testing::TestWithParam<const char*> {
 protected:
  explicit MarketData(const char* name = nullptr) : venue_(make_venue(name != nullptr ? name : GetParam())) {}
  Status reply(const Request& asked, std::string_view body, int http_status = 200, std::vector<Header> headers = {}) {
    records_.clear();
    return venue_->decode_reply(asked, {http_status, std::move(headers), buffer_.assign(body)}, records_);
  }
  Status frame(std::string_view text) {
    records_.clear();
    return venue_->decode_frame(StreamKind::market, buffer_.assign(text), records_);
  }
  Frames subscribe(std::vector<Subscription> subscriptions, bool on = true) {
    Frames frames;
    venue_->subscribe(subscriptions, on, 7, frames);
    return frames;
  }
  std::string target(const Request& request) {
    const auto wire = venue_->encode(request, {});
    return wire.ok() ? wire->target : wire.status().to_string();
  }
  std::unique_ptr<Venue> venue_;
  PaddedBuffer buffer_;
  Records records_;
};

class Binance : public MarketData {
 protected:
  Binance() : MarketData("binance") {}
};
class BinancePerpetual : public MarketData {
 protected:
  BinancePerpetual() : MarketData("binance_perpetual") {}
};
class Kraken : public MarketData {
 protected:
  Kraken() : MarketData("kraken") {}
};
class Okx : public MarketData {
 protected:
  Okx() : MarketData("okx") {}
};

// --- All of them ---------------------------------------------------------------------------------------------------

TEST(MarketDataOnly, trades_nothing) {
  for (const char* name : {"kraken", "okx"}) {
    SCOPED_TRACE(name);
    const auto venue = make_venue(name);
    EXPECT_TRUE(venue->spec().market_data_only);
    EXPECT_EQ(venue->encode(NewOrder{}, {}).status().code(), StatusCode::unsupported);
    EXPECT_EQ(venue->encode(CancelOrder{}, {}).status().code(), StatusCode::unsupported);
    EXPECT_EQ(venue->encode(QueryBalances{}, {}).status().code(), StatusCode::unsupported);
  }
}

TEST_P(MarketData, has_a_rate_limit_for_every_request_that_it_encodes) {
  for (const Request& request : {Request(QueryInstruments{}), Request(QueryDepth{Symbol("X")}), Request(QueryTickers{}),
                                 Request(QueryServerTime{})}) {
    if (!venue_->encode(request, {}).ok()) continue;
    bool found = false;
    for (const auto& row : venue_->spec().limits) found = found || row.id == venue_->limit_id(request);
    EXPECT_TRUE(found) << request_name(request);
  }
}

TEST_P(MarketData, a_page_of_a_gateway_is_no_answer) {
  EXPECT_EQ(reply(QueryInstruments{}, "<html>bad gateway</html>", 502).code(), StatusCode::unavailable);
  EXPECT_EQ(reply(QueryInstruments{}, "<html>welcome</html>").code(), StatusCode::malformed);
  EXPECT_EQ(reply(QueryInstruments{}, "{}").code(), StatusCode::malformed);
  EXPECT_TRUE(records_.empty());
}

TEST_P(MarketData, what_is_no_message_is_malformed) {
  for (const char* text : {"", "{", "nonsense", "{}", "7"}) {
    EXPECT_EQ(frame(text).code(), StatusCode::malformed) << text;
    EXPECT_TRUE(records_.empty()) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Venues, MarketData, ::testing::Values("binance", "binance_perpetual", "kraken", "okx"),
                         [](const auto& row) { return std::string(row.param); });

// --- Binance -------------------------------------------------------------------------------------------------------

TEST_F(Binance, asks_and_subscribes) {
  EXPECT_EQ(target(QueryInstruments{}), "/api/v3/exchangeInfo");
  EXPECT_EQ(target(QueryDepth{Symbol("BTCUSDT")}), "/api/v3/depth?symbol=BTCUSDT&limit=1000");
  EXPECT_EQ(target(QueryTickers{}), "/api/v3/ticker/price");
  EXPECT_EQ(target(QueryServerTime{}), "/api/v3/time");
  const auto frames = subscribe({{Channel::depth, Symbol("BTCUSDT")}, {Channel::ticker, Symbol("ETHBTC")}});
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0], R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","ethbtc@bookTicker"],"id":7})");
  EXPECT_EQ(subscribe({{Channel::trades, Symbol("BTCUSDT")}}, false)[0],
            R"({"method":"UNSUBSCRIBE","params":["btcusdt@trade"],"id":7})");
}

TEST_F(Binance, splits_what_is_too_much_for_a_frame) {
  std::vector<Subscription> many;
  for (int i = 0; i < 101; ++i) many.push_back({Channel::depth, Symbol("S" + std::to_string(i))});
  const auto frames = subscribe(many);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[1], R"({"method":"SUBSCRIBE","params":["s100@depth@100ms"],"id":8})");
}

TEST_F(Binance, reads_answers_to_its_frames) {
  ASSERT_TRUE(frame(R"({"result":null,"id":7})").ok());
  ASSERT_EQ(all<SubscriptionResult>(records_).size(), 1U);
  EXPECT_EQ(all<SubscriptionResult>(records_)[0].id, 7U);
  EXPECT_TRUE(all<SubscriptionResult>(records_)[0].status.ok());
  ASSERT_TRUE(frame(R"({"code":2,"msg":"Invalid request: no","id":8})").ok());
  EXPECT_EQ(all<SubscriptionResult>(records_).at(0).status.code(), StatusCode::rejected);
  ASSERT_TRUE(frame(R"({"error":{"code":3,"msg":"Invalid JSON"},"id":9})").ok());
  EXPECT_EQ(all<SubscriptionResult>(records_).at(0).status.venue_code(), "3");
  ASSERT_TRUE(frame(R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}})").ok());
  EXPECT_EQ(all<VenueNotice>(records_).size(), 1U);
}

TEST_F(Binance, takes_the_best_few_levels_for_no_change_of_the_book) {
  constexpr std::string_view kData =
      R"("data":{"e":"depthUpdate","E":5,"s":"BTCUSDT","U":1,"u":2,"b":[["1.50","0"]],"a":[]}})";
  ASSERT_TRUE(frame(R"({"stream":"btcusdt@depth20@100ms",)" + std::string(kData)).ok());
  EXPECT_TRUE(records_.empty());
  ASSERT_TRUE(frame(R"({"stream":"btcusdt@depth",)" + std::string(kData)).ok());
  ASSERT_EQ(all<DepthDiff>(records_).size(), 1U);
  EXPECT_EQ(all<DepthDiff>(records_)[0].ids.first, 1U);
  EXPECT_EQ(records_.bids(all<DepthDiff>(records_)[0].levels)[0].price, (WireNumber{150, 2}));
}

TEST_F(Binance, judges_replies) {
  EXPECT_EQ(reply(QueryDepth{Symbol("X")}, R"({"code":-1121,"msg":"Invalid symbol."})", 400).code(),
            StatusCode::rejected);
  EXPECT_EQ(reply(QueryDepth{Symbol("X")}, R"({"code":-1021,"msg":"time"})", 400).code(), StatusCode::clock_skew);
  EXPECT_EQ(reply(QueryDepth{Symbol("X")}, "<html>", 403).code(), StatusCode::rate_limited);
  const Status limited = reply(QueryDepth{Symbol("X")}, R"({"code":-1003,"msg":"Too much"})", 429,
                               {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"retry-after", "30"}});
  EXPECT_EQ(limited.code(), StatusCode::rate_limited);
  // The date counts whole seconds, so the wait begins at its end.
  EXPECT_EQ(limited.retry_at(), from_unix_ms((784'111'777LL + 1 + 30) * 1000));
}

TEST_F(Binance, names_the_book_that_was_asked_for) {
  ASSERT_TRUE(reply(QueryDepth{Symbol("BTCUSDT")}, R"({"lastUpdateId":9,"bids":[["4.0","1"]],"asks":[]})").ok());
  const auto books = all<DepthSnapshot>(records_);
  ASSERT_EQ(books.size(), 1U);
  EXPECT_EQ(books[0].symbol, "BTCUSDT");
  EXPECT_EQ(books[0].ids.last, 9U);
  EXPECT_EQ(books[0].levels.bid_count, 1U);
  EXPECT_FALSE(reply(QueryDepth{Symbol("BTCUSDT")}, R"({"bids":[],"asks":[]})").ok());
}

TEST_F(Binance, reads_the_limits_of_a_symbol) {
  ASSERT_TRUE(
      reply(QueryInstruments{},
            R"({"symbols":[{"symbol":"ETHBTC","status":"TRADING","baseAsset":"ETH","quoteAsset":"BTC","filters":[)"
            R"({"filterType":"PRICE_FILTER","minPrice":"0.01","maxPrice":"0.00","tickSize":"0.01"},)"
            R"({"filterType":"LOT_SIZE","minQty":"0.10","maxQty":"9000","stepSize":"0.05"},)"
            R"({"filterType":"NOTIONAL","minNotional":"10.00","maxNotional":"900"}]},)"
            R"({"symbol":"BAD","status":"TRADING","baseAsset":"B","quoteAsset":"Q","filters":[]}]})")
          .ok());
  const auto instruments = all<Instrument>(records_);
  ASSERT_EQ(instruments.size(), 1U);
  const TradingRule& rule = instruments[0].rule;
  EXPECT_EQ(rule.trading_pair, "ETH-BTC"_pair);
  EXPECT_EQ(rule.min_price_increment, "0.01"_dec);
  EXPECT_EQ(rule.min_base_amount_increment, "0.05"_dec);
  EXPECT_EQ(rule.min_order_size, "0.1"_dec);
  EXPECT_EQ(rule.max_order_size, "9000"_dec);
  EXPECT_EQ(rule.min_notional_size, "10"_dec);
  EXPECT_EQ(rule.min_price, "0.01"_dec);
  EXPECT_EQ(rule.max_price, std::nullopt);  // 0 switches it off
  ASSERT_EQ(all<BadInstrument>(records_).size(), 1U);
  EXPECT_EQ(all<BadInstrument>(records_)[0].symbol, "BAD");
}

TEST_F(BinancePerpetual, offers_perpetuals_alone) {
  constexpr std::string_view kFilters =
      R"("filters":[{"filterType":"PRICE_FILTER","tickSize":"0.1"},{"filterType":"LOT_SIZE","minQty":"1","stepSize":"1"},)"
      R"({"filterType":"MIN_NOTIONAL","notional":"5.0"}]})";
  const std::string list =
      R"({"symbols":[{"symbol":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT",)" +
      std::string(kFilters) +
      R"(,{"symbol":"BTCUSDT_260626","contractType":"CURRENT_QUARTER","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT",)" +
      std::string(kFilters) + "]}";
  ASSERT_TRUE(reply(QueryInstruments{}, list).ok());
  ASSERT_EQ(records_.items().size(), 1U);
  EXPECT_EQ(all<Instrument>(records_).at(0).rule.min_notional_size, "5"_dec);
  EXPECT_EQ(target(QueryDepth{Symbol("BTCUSDT")}), "/fapi/v1/depth?symbol=BTCUSDT&limit=1000");
}

TEST_F(BinancePerpetual, takes_only_trades_of_the_market) {
  const auto trade = [](std::string_view kind) {
    return R"({"e":"trade","E":1,"T":1,"s":"BTCUSDT","t":5,"p":"3.5","q":"2","m":true,"X":")" + std::string(kind) +
           "\"}";
  };
  ASSERT_TRUE(frame(trade("INSURANCE_FUND")).ok());
  EXPECT_TRUE(records_.empty());
  ASSERT_TRUE(frame(trade("MARKET")).ok());
  ASSERT_EQ(all<PublicTrade>(records_).size(), 1U);
  EXPECT_EQ(all<PublicTrade>(records_)[0].taker_side, TradeType::sell);  // the buyer was there first
}

// --- Kraken --------------------------------------------------------------------------------------------------------

TEST_F(Kraken, asks_and_subscribes) {
  EXPECT_EQ(target(QueryInstruments{}), "/0/public/AssetPairs");
  EXPECT_EQ(venue_->encode(QueryDepth{Symbol("BTC/USD")}, {}).status().code(), StatusCode::unsupported);
  const auto frames = subscribe(
      {{Channel::depth, Symbol("BTC/USD")}, {Channel::trades, Symbol("BTC/USD")}, {Channel::depth, Symbol("ETH/USD")}});
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0], R"({"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD","ETH/USD"],"depth":25,)"
                       R"("snapshot":true},"req_id":7})");
  EXPECT_EQ(frames[1],
            R"({"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"],"snapshot":true},"req_id":8})");
}

TEST_F(Kraken, tells_the_answers_to_one_frame_apart) {
  ASSERT_TRUE(frame(R"({"method":"subscribe","result":{"channel":"book","depth":25,"snapshot":true,)"
                    R"("symbol":"BTC/USD"},"success":true,"req_id":7})")
                  .ok());
  ASSERT_EQ(all<SubscriptionResult>(records_).size(), 1U);
  EXPECT_EQ(all<SubscriptionResult>(records_)[0].channel, "book:BTC/USD");
  ASSERT_TRUE(frame(R"({"error":"Currency pair not supported X/Y","method":"subscribe","success":false,)"
                    R"("symbol":"X/Y","req_id":7})")
                  .ok());
  EXPECT_EQ(all<SubscriptionResult>(records_).at(0).channel, ":X/Y");
  EXPECT_EQ(all<SubscriptionResult>(records_).at(0).status.code(), StatusCode::rejected);
}

TEST_F(Kraken, does_not_take_a_book_without_its_proof) {
  constexpr std::string_view kBook =
      R"({"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":1.50,"qty":2.0}],"asks":[])";
  EXPECT_EQ(frame(std::string(kBook) + "}]}").code(), StatusCode::malformed);
  EXPECT_EQ(frame(std::string(kBook) + R"(,"checksum":4294967296}]})").code(), StatusCode::malformed);
  ASSERT_TRUE(
      frame(std::string(kBook) + R"(,"checksum":4294967295,"timestamp":"2024-10-03T02:46:57.050170Z"}]})").ok());
  const auto diff = all<DepthDiff>(records_).at(0);
  EXPECT_EQ(diff.checksum, 4294967295U);
  EXPECT_EQ(diff.venue_time, from_unix_us(1'727'923'617'050'170));
  EXPECT_EQ(records_.bids(diff.levels)[0].price, (WireNumber{150, 2}));
}

TEST_F(Kraken, hears_the_gateway_and_the_state_of_the_venue) {
  ASSERT_TRUE(frame("CloudFlare WebSocket proxy restarting").ok());
  EXPECT_EQ(all<VenueNotice>(records_).size(), 1U);
  ASSERT_TRUE(frame(R"({"channel":"status","type":"update","data":[{"system":"online"}]})").ok());
  EXPECT_TRUE(records_.empty());
  ASSERT_TRUE(frame(R"({"channel":"status","type":"update","data":[{"system":"maintenance"}]})").ok());
  EXPECT_EQ(all<VenueNotice>(records_).size(), 1U);
  ASSERT_TRUE(frame(R"({"channel":"heartbeat"})").ok());
  EXPECT_EQ(all<HeartbeatSeen>(records_).size(), 1U);
}

TEST_F(Kraken, judges_replies) {
  const auto code = [&](std::string_view error) {
    return reply(QueryInstruments{}, R"({"error":[")" + std::string(error) + R"("]})").code();
  };
  EXPECT_EQ(code("EAPI:Rate limit exceeded"), StatusCode::rate_limited);
  EXPECT_EQ(code("EService:Unavailable"), StatusCode::unavailable);
  EXPECT_EQ(code("EQuery:Unknown asset pair"), StatusCode::rejected);
}

TEST_F(Kraken, speaks_of_assets_as_the_rest_of_the_world_does) {
  ASSERT_TRUE(reply(QueryInstruments{},
                    R"({"error":[],"result":{"XXBTZUSD":{"wsname":"XBT/USD","pair_decimals":1,"lot_decimals":8,)"
                    R"("ordermin":"0.0001","costmin":"0.5","tick_size":"0.5","status":"online"},)"
                    R"("XDGUSD":{"wsname":"XDG/USD","pair_decimals":7,"lot_decimals":8,"status":"cancel_only"},)"
                    R"("XXBTZUSD.d":{"pair_decimals":1,"lot_decimals":8}}})")
                  .ok());
  const auto instruments = all<Instrument>(records_);
  ASSERT_EQ(instruments.size(), 2U);
  EXPECT_EQ(instruments[0].symbol.value, "BTC/USD");
  EXPECT_EQ(instruments[0].rule.trading_pair, "BTC-USD"_pair);
  EXPECT_EQ(instruments[0].rule.min_price_increment, "0.5"_dec);
  EXPECT_EQ(instruments[0].rule.min_notional_size, "0.5"_dec);
  EXPECT_EQ(instruments[1].symbol.value, "DOGE/USD");
  EXPECT_EQ(instruments[1].rule.min_price_increment, "0.0000001"_dec);
  EXPECT_FALSE(instruments[1].rule.tradable);
}

TEST(KrakenTimes, are_read_exactly_or_not_at_all) {
  EXPECT_EQ(kraken::parse_timestamp("1970-01-02T00:00:01Z"), from_unix_ms(86'401'000));
  EXPECT_EQ(kraken::parse_timestamp("1970-01-01T00:00:00.000000001Z"), from_unix_ns(1));
  for (const char* text : {"", "2024-10-03", "2024-13-03T00:00:00Z", "2024-10-03T25:00:00Z", "2024-10-03T00:00:00",
                           "2024-10-03T00:00:00.Z", "2024-10-03T00:00:00.1x2Z", "20x4-10-03T00:00:00Z"}) {
    EXPECT_EQ(kraken::parse_timestamp(text), std::nullopt) << text;
  }
  EXPECT_EQ(kraken::parse_seconds("1618678133.365913"), from_unix_us(1'618'678'133'365'913));
  EXPECT_EQ(kraken::parse_seconds("5"), from_unix_ms(5000));
  for (const char* text : {"", "x", "-1", "1.", "1.x", "99999999999"}) {
    EXPECT_EQ(kraken::parse_seconds(text), std::nullopt) << text;
  }
}

// --- OKX -----------------------------------------------------------------------------------------------------------

TEST_F(Okx, asks_and_subscribes) {
  EXPECT_EQ(target(QueryInstruments{}), "/api/v5/public/instruments?instType=SPOT");
  EXPECT_EQ(target(QueryDepth{Symbol("BTC-USDT")}), "/api/v5/market/books?instId=BTC-USDT&sz=400");
  EXPECT_EQ(target(QueryServerTime{}), "/api/v5/public/time");
  const auto frames = subscribe({{Channel::depth, Symbol("BTC-USDT")}, {Channel::trades, Symbol("ETH-USDT")}});
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0], R"({"id":"7","op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"},)"
                       R"({"channel":"trades","instId":"ETH-USDT"}]})");
}

TEST_F(Okx, reads_the_links_of_a_book) {
  ASSERT_TRUE(frame(R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"snapshot","data":[{"asks":[["8.5","1",)"
                    R"("0","1"]],"bids":[],"ts":"1597026383085","checksum":0,"prevSeqId":-1,"seqId":10}]})")
                  .ok());
  const auto snapshot = all<DepthSnapshot>(records_).at(0);
  EXPECT_EQ(snapshot.ids.last, 10U);
  EXPECT_EQ(snapshot.ids.prev, std::nullopt);
  ASSERT_TRUE(frame(R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[],"bids":[],)"
                    R"("ts":"1597026383085","checksum":-855196043,"prevSeqId":15,"seqId":3}]})")
                  .ok());
  const auto diff = all<DepthDiff>(records_).at(0);
  EXPECT_EQ(diff.ids.last, 3U);
  EXPECT_EQ(diff.ids.prev, 15U);
  EXPECT_EQ(diff.checksum, static_cast<std::uint32_t>(-855196043));
}

TEST_F(Okx, hears_pings_answers_and_notices) {
  ASSERT_TRUE(frame("pong").ok());
  EXPECT_EQ(all<HeartbeatSeen>(records_).size(), 1U);
  ASSERT_TRUE(frame("ping").ok());
  EXPECT_EQ(all<HeartbeatRequest>(records_).at(0).reply, "pong");
  ASSERT_TRUE(frame(R"({"id":"7","event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"}})").ok());
  EXPECT_EQ(all<SubscriptionResult>(records_).at(0).id, 7U);
  EXPECT_EQ(all<SubscriptionResult>(records_).at(0).channel, "books:BTC-USDT");
  ASSERT_TRUE(frame(R"({"id":"8","event":"error","code":"60018","msg":"doesn't exist"})").ok());
  EXPECT_EQ(all<SubscriptionResult>(records_).at(0).status.venue_code(), "60018");
  ASSERT_TRUE(frame(R"({"event":"error","code":"60012","msg":"?"})").ok());
  EXPECT_EQ(all<VenueNotice>(records_).at(0).status.code(), StatusCode::rejected);
  ASSERT_TRUE(frame(R"({"event":"notice","code":"64008","msg":"upgrade"})").ok());
  EXPECT_EQ(all<VenueNotice>(records_).at(0).status.code(), StatusCode::unavailable);
}

TEST_F(Okx, judges_replies) {
  const auto code = [&](std::string_view venue_code, int http_status) {
    return reply(QueryInstruments{}, R"({"code":")" + std::string(venue_code) + R"(","msg":"m","data":[]})",
                 http_status)
        .code();
  };
  EXPECT_EQ(code("0", 200), StatusCode::ok);
  EXPECT_EQ(code("50011", 429), StatusCode::rate_limited);
  EXPECT_EQ(code("50102", 401), StatusCode::clock_skew);
  EXPECT_EQ(code("50001", 503), StatusCode::unavailable);
  EXPECT_EQ(code("51001", 200), StatusCode::rejected);
}

}  // namespace
}  // namespace calypte::connector
