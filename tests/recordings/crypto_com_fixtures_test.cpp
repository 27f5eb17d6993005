// Requests and replies of other people's clients, and captured frames, against the Crypto.com connector.
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <sstream>
#include <zlib.h>

#include "connector/exchange/crypto_com/crypto_com_exchange.hpp"
#include "connector/exchange/crypto_com/crypto_com_v2_replay.hpp"
#include "support/records.hpp"
#include "support/test_data.hpp"

namespace calypte::connector::crypto_com {
namespace {

using namespace venue;
using json::Value;
using test::all;

/// A JSON text with everything that must stay alive to read it.
struct Parsed {
  explicit Parsed(std::string_view text) : buffer(text) {
    auto result = document.parse(buffer.bytes());
    EXPECT_TRUE(result.ok()) << result.status().to_string() << " in " << text.substr(0, 200);
    if (result.ok()) root = *result;
  }
  json::Document document;
  PaddedBuffer buffer;
  Value root;
};

class CryptoComFixtures : public ::testing::Test {
 protected:
  Status decode(const Request& asked, std::string_view body) {
    records_.clear();
    return exchange_.decode_reply(asked, {200, {}, buffer_.assign(body)}, records_);
  }
  Status decode_frame(std::string_view frame) {
    records_.clear();
    return exchange_.decode_frame(StreamKind::market, buffer_.assign(frame), records_);
  }
  Credentials credentials_{Secret("token"), Secret("secretKey"), {}};
  Stamp stamp_{from_unix_ms(1610905028000), 77, &credentials_};
  CryptoComExchange exchange_;
  PaddedBuffer buffer_;
  Records records_;
};

/// Our request for what a fixture asks, in so far as we offer it.
std::optional<Request> request_like(Value fixture) {
  const std::string_view method = fixture.find("method").string();
  const Value params = fixture.find("output_body").find("params");
  const Symbol symbol(params.find("instrument_name").string());
  if (method == "createOrder") {
    NewOrder order;
    order.client_order_id = ClientOrderId("x");
    order.symbol = symbol;
    order.side = fixture.find("input")[2].string() == "buy" ? TradeType::buy : TradeType::sell;
    order.amount = fixture.find("input")[3].decimal().value();
    order.price = fixture.find("input")[4].decimal();
    const bool post_only = fixture.find("input")[5].find("postOnly").boolean().value_or(false);
    order.type = !order.price ? OrderType::market : post_only ? OrderType::limit_maker : OrderType::limit;
    return order;
  }
  if (method == "fetchOpenOrders") return QueryOpenOrders{symbol};
  if (method == "cancelAllOrders") return CancelAllOrders{symbol};
  if (method == "fetchTradingFees") return QueryFees{};
  if (method == "fetchMyTrades")
    return QueryFills{symbol, {}, from_unix_ms(1699457638000), from_unix_ms(1699457639000)};
  if (method == "fetchBalance") return QueryBalances{};
  if (method == "fetchOrderBook") return QueryDepth{Symbol("BTC_USDT")};
  return std::nullopt;
}

TEST_F(CryptoComFixtures, our_requests_are_those_of_another_client) {
  const auto file = test::recording("cryptocom/ccxt_static_request.json");
  if (!file) GTEST_SKIP() << "no recordings";
  const Parsed fixtures(test::read_file(*file));
  int compared = 0;
  for (const Value fixture : fixtures.root.find("fixtures").elements()) {
    const auto request = request_like(fixture);
    if (!request) continue;
    SCOPED_TRACE(fixture.find("description").string());
    const auto wire = exchange_.encode(*request, stamp_);
    ASSERT_TRUE(wire.ok()) << wire.status().to_string();
    const std::string ours = "https://api.crypto.com/exchange/v1" + (*wire).target;
    if ((*wire).method == HttpMethod::get) {
      EXPECT_TRUE(ours.starts_with(fixture.find("url").string())) << ours;
      ++compared;
      continue;
    }
    EXPECT_EQ(ours, fixture.find("url").string());
    const Parsed body((*wire).body);
    EXPECT_EQ(body.root.find("method").string(), fixture.find("output_body").find("method").string());
    for (const auto [key, value] : fixture.find("output_body").find("params").members()) {
      // Their own mark; a filter that the venue does not document; windows and page sizes, which are ours to choose.
      if (key == "broker_id" || key == "start_time" || key == "limit") continue;
      if (body.root.find("method").string() == "private/user-balance") continue;
      const Value our_value = body.root.find("params").find(key);
      if (value.is_array()) {
        ASSERT_EQ(our_value.size(), value.size()) << key;
        EXPECT_EQ(our_value[0].string(), value[0].string()) << key;
      } else {
        EXPECT_EQ(our_value.string(), value.string()) << key;
      }
    }
    ++compared;
  }
  EXPECT_EQ(compared, 9);
}

TEST_F(CryptoComFixtures, we_read_replies_as_another_client_does) {
  const auto file = test::recording("cryptocom/ccxt_static_response_trading.json");
  if (!file) GTEST_SKIP() << "no recordings";
  const Parsed fixtures(test::read_file(*file));
  std::map<std::string, int, std::less<>> seen;
  for (const Value fixture : fixtures.root.find("fixtures").elements()) {
    const std::string method(fixture.find("method").string());
    SCOPED_TRACE(method);
    const std::string_view body = fixture.find("httpResponse").text();
    const Value parsed = fixture.find("parsed");
    ++seen[method];
    if (method == "createOrder") {
      ASSERT_TRUE(decode(NewOrder{}, body).ok());
      const OrderUpdate update = all<OrderReport>(records_).at(0).update;
      EXPECT_EQ(update.exchange_order_id, ExchangeOrderId(parsed.find("id").string()));
      EXPECT_EQ(update.client_order_id, ClientOrderId(parsed.find("clientOrderId").string()));
    } else if (method == "cancelOrder") {
      EXPECT_TRUE(decode(CancelOrder{}, body).ok());
    } else if (method == "fetchOrder") {
      ASSERT_TRUE(decode(QueryOrder{}, body).ok());
      const OrderReport report = all<OrderReport>(records_).at(0);
      EXPECT_EQ(report.update.exchange_order_id, ExchangeOrderId(parsed.find("id").string()));
      EXPECT_EQ(report.update.new_state, OrderState::filled);
      EXPECT_EQ(parsed.find("status").string(), "closed");
      EXPECT_EQ(report.update.executed_amount_base, parsed.find("filled").decimal());
      EXPECT_EQ(report.update.executed_amount_quote, parsed.find("cost").decimal());
      EXPECT_EQ(report.amount, parsed.find("amount").decimal());
      EXPECT_EQ(report.order_type, OrderType::market);
      EXPECT_EQ(report.trade_type, TradeType::buy);
      EXPECT_EQ(to_unix_ms(report.update.venue_time.value()), parsed.find("lastTradeTimestamp").integer());
    } else if (method == "fetchMyTrades") {
      ASSERT_TRUE(decode(QueryFills{}, body).ok());
      const auto fills = all<Fill>(records_);
      ASSERT_EQ(fills.size(), parsed.size());
      const TradeUpdate trade = fills.at(0).trade;
      EXPECT_EQ(trade.trade_id, TradeId(parsed[0].find("id").string()));
      EXPECT_EQ(trade.exchange_order_id, ExchangeOrderId(parsed[0].find("order").string()));
      EXPECT_EQ(trade.fill_price, parsed[0].find("price").decimal());
      EXPECT_EQ(trade.fill_base_amount, parsed[0].find("amount").decimal());
      EXPECT_EQ(trade.fill_quote_amount, parsed[0].find("cost").decimal());
      EXPECT_EQ(trade.is_taker, parsed[0].find("takerOrMaker").string() == "taker");
      EXPECT_EQ(to_unix_ms(trade.fill_time), parsed[0].find("timestamp").integer());
      const Value fee = parsed[0].find("fee");
      EXPECT_EQ(trade.fee.flat_fees,
                (std::vector<TokenAmount>{{std::string(fee.find("currency").string()), *fee.find("cost").decimal()}}));
    } else if (method == "fetchBalance") {
      ASSERT_TRUE(decode(QueryBalances{}, body).ok());
      const auto balances = all<BalanceReport>(records_);
      ASSERT_EQ(balances.size(), 5U);
      EXPECT_EQ(balances[1].asset, "USDT");
      EXPECT_EQ(balances[1].total, "94.3411639875"_dec);
      EXPECT_EQ(balances[1].available, "83.3411639875"_dec);
    } else {
      --seen[method];
    }
  }
  for (const char* method : {"createOrder", "cancelOrder", "fetchOrder", "fetchMyTrades", "fetchBalance"}) {
    EXPECT_EQ(seen[method], 1) << method;
  }
}

TEST_F(CryptoComFixtures, captured_frames_are_read_and_ours_are_like_those_that_were_sent) {
  const auto file = test::recording("cryptocom/v1_wire_capture_20260922_frames.jsonl");
  if (!file) GTEST_SKIP() << "no recordings";
  std::istringstream lines(test::read_file(*file));
  std::string line;
  std::map<std::string, std::size_t> kinds;
  std::string heartbeat_reply;
  while (std::getline(lines, line)) {
    const Parsed entry(line);
    const std::string data(entry.root.find("data").string());
    const Parsed frame(data);
    if (entry.root.find("dir").string() == "send") {
      if (frame.root.find("method").string() == "public/respond-heartbeat") {
        EXPECT_EQ(Parsed(heartbeat_reply).root.find("id").text(), frame.root.find("id").text());
        ++kinds["heartbeat answered"];
        continue;
      }
      std::vector<Subscription> wanted;
      for (const Value channel : frame.root.find("params").find("channels").elements()) {
        const std::string_view name = channel.string();
        wanted.push_back({Channel::depth, Symbol(name.substr(5, name.size() - 8))});
      }
      Frames ours;
      exchange_.subscribe(wanted, true, 1, ours);
      ASSERT_EQ(ours.size(), 1U);
      const Parsed mine(ours[0]);
      for (const auto [key, value] : frame.root.find("params").members()) {
        ASSERT_EQ(mine.root.find("params").find(key).size(), value.size()) << key;
        std::size_t i = 0;
        for (const Value element : value.elements()) {
          EXPECT_EQ(mine.root.find("params").find(key)[i++].string(), element.string());
        }
        EXPECT_EQ(mine.root.find("params").find(key).scalar(), value.scalar()) << key;
      }
      ++kinds["subscription"];
      continue;
    }
    EXPECT_TRUE(decode_frame(data).ok()) << data;
    for (const auto& item : all<HeartbeatRequest>(records_)) heartbeat_reply = item.reply;
    kinds["snapshots"] += all<DepthSnapshot>(records_).size();
    kinds["updates"] += all<DepthDiff>(records_).size();
    kinds["answers"] += all<SubscriptionResult>(records_).size();
    kinds["notices"] += all<VenueNotice>(records_).size();
  }
  EXPECT_EQ(kinds, (std::map<std::string, std::size_t>{{"answers", 3},
                                                       {"heartbeat answered", 1},
                                                       {"notices", 1},
                                                       {"snapshots", 1},
                                                       {"subscription", 1},
                                                       {"updates", 2}}));
}

/// The JSON of such a file, which stands behind a few lines that say how it was asked for.
std::string reply_of(const std::filesystem::path& file) {
  const std::string text = test::read_file(file);
  return text.substr(text.find('{'));
}

TEST_F(CryptoComFixtures, replies_of_a_third_client) {
  const auto folder = test::recording("cryptocom/jkorf/Endpoints/ExchangeApi");
  if (!folder) GTEST_SKIP() << "no recordings";
  struct Case {
    std::string_view file;
    Request asked;
    std::size_t records;
  };
  const std::vector<Case> cases{{"Trading/PlaceOrder.txt", NewOrder{}, 1},
                                {"Trading/CancelOrder.txt", CancelOrder{}, 0},
                                {"Trading/CancelAllOrders.txt", CancelAllOrders{}, 0},
                                {"Trading/GetOrder.txt", QueryOrder{}, 1},
                                {"Trading/GetOpenOrders.txt", QueryOpenOrders{}, 2},
                                {"Trading/GetClosedOrders.txt", QueryOpenOrders{}, 3},
                                {"Trading/GetUserTrades.txt", QueryFills{}, 2},
                                {"Account/GetBalances.txt", QueryBalances{}, 5},
                                {"Account/GetFeeRate.txt", QueryFees{}, 1},
                                {"ExchangeData/GetOrderBook.txt", QueryDepth{}, 1},
                                {"ExchangeData/GetTickers.txt", QueryTickers{}, 1},
                                {"ExchangeData/GetSymbols.txt", QueryInstruments{}, 0}};
  for (const Case& c : cases) {
    const Status status = decode(c.asked, reply_of(*folder / c.file));
    EXPECT_TRUE(status.ok()) << c.file << ": " << status.to_string();
    EXPECT_EQ(records_.items().size(), c.records) << c.file;
  }
}

TEST_F(CryptoComFixtures, pushes_of_a_third_client) {
  const auto folder = test::recording("cryptocom/jkorf/Subscriptions/ExchangeApi");
  if (!folder) GTEST_SKIP() << "no recordings";
  const auto push_of = [&](const char* name) {
    const std::string text = test::read_file(*folder / name);
    return text.substr(text.find("\n{") + 1);
  };
  EXPECT_TRUE(decode_frame(push_of("BookSnapshot.txt")).ok());
  ASSERT_EQ(all<DepthSnapshot>(records_).size(), 1U);
  EXPECT_EQ(all<DepthSnapshot>(records_)[0].levels.bid_count, 50U);
  EXPECT_EQ(all<DepthSnapshot>(records_)[0].levels.ask_count, 50U);
  EXPECT_TRUE(decode_frame(push_of("Ticker.txt")).ok());
  EXPECT_EQ(all<BestBidAsk>(records_).size(), 1U);
  EXPECT_TRUE(decode_frame(push_of("Trades.txt")).ok());
  EXPECT_EQ(all<PublicTrade>(records_).size(), 1U);
  EXPECT_TRUE(decode_frame(push_of("Klines.txt")).ok());
  EXPECT_TRUE(records_.empty());
}

TEST(CryptoComV2Recording, every_frame_is_read_and_books_that_come_late_show_by_their_ids) {
  const auto file = test::recording("cryptocom/cryptofeed_v2api_20211123.jsonl.gz");
  if (!file) GTEST_SKIP() << "no recordings";
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> gz(gzopen(file->c_str(), "rb"), &gzclose);
  ASSERT_NE(gz, nullptr);
  std::vector<char> line(4'000'000);
  CryptoComV2Replay v2;
  Records records;
  PaddedBuffer buffer;
  std::map<std::string, std::uint64_t, std::less<>> newest;
  std::size_t books = 0;
  std::size_t late = 0;
  std::size_t trades = 0;
  std::size_t tickers = 0;
  std::size_t instruments = 0;
  while (gzgets(gz.get(), line.data(), static_cast<int>(line.size())) != nullptr) {
    const Parsed entry(line.data());
    const std::string_view kind = entry.root.find("t").string();
    const Bytes data = buffer.assign(entry.root.find("data").string());
    records.clear();
    if (kind == "http") {
      ASSERT_TRUE(v2.decode_reply(QueryInstruments{}, {200, {}, data}, records).ok());
      EXPECT_TRUE(all<BadInstrument>(records).empty());
      instruments += all<Instrument>(records).size();
    }
    if (kind != "recv") continue;
    ASSERT_TRUE(v2.decode_frame(StreamKind::market, data, records).ok()) << data.view().substr(0, 300);
    trades += all<PublicTrade>(records).size();
    tickers += all<BestBidAsk>(records).size();
    for (const DepthSnapshot& book : all<DepthSnapshot>(records)) {
      ++books;
      std::uint64_t& last = newest[std::string(book.symbol)];
      // The venue's servers sent some books after newer ones; the tracker drops them as stale.
      if (book.ids.last.value() <= last) ++late;
      last = std::max(last, book.ids.last.value());
      EXPECT_LE(book.levels.bid_count, 150U);
    }
  }
  EXPECT_EQ(books, 1525U);
  EXPECT_EQ(late, 154U);
  EXPECT_EQ(tickers, 1484U);
  EXPECT_GT(trades, 139U);
  EXPECT_EQ(newest.size(), 10U);
  EXPECT_GT(instruments, 100U);
}

}  // namespace
}  // namespace calypte::connector::crypto_com
