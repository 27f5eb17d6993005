#include <gtest/gtest.h>

#include "connector/exchange/binance/binance_exchange.hpp"
#include "support/records.hpp"

namespace calypte::connector::binance {
namespace {

using namespace venue;
using test::all;

class BinanceReplies : public ::testing::Test {
 protected:
  Status decode(const Request& asked, std::string_view body, int http_status = 200, std::vector<Header> headers = {}) {
    records_.clear();
    return exchange_.decode_reply(asked, {http_status, std::move(headers), buffer_.assign(body)}, records_);
  }
  /// A reply that must be understood and gives one report.
  OrderReport report(const Request& asked, std::string_view body) {
    const Status status = decode(asked, body);
    EXPECT_TRUE(status.ok()) << status.to_string();
    const auto reports = all<OrderReport>(records_);
    EXPECT_EQ(reports.size(), 1U);
    return reports.empty() ? OrderReport() : reports[0];
  }
  /// `body` with each of the texts replaced must not be understood, and leaves nothing behind.
  void refuses(const Request& asked, const std::string& body,
               const std::vector<std::pair<std::string, std::string>>& changes) {
    ASSERT_TRUE(decode(asked, body).ok());
    for (const auto& [from, to] : changes) {
      const auto at = body.find(from);
      ASSERT_NE(at, std::string::npos) << from;
      std::string changed = body;
      changed.replace(at, from.size(), to);
      EXPECT_EQ(decode(asked, changed).code(), StatusCode::malformed) << changed;
      EXPECT_TRUE(records_.empty()) << changed;
    }
  }
  static OrderRef name(const char* venue_id = nullptr) {
    OrderRef ref{ClientOrderId("myOrder1"), std::nullopt, Symbol("LTCBTC")};
    if (venue_id != nullptr) ref.exchange_order_id = ExchangeOrderId(venue_id);
    return ref;
  }
  static NewOrder order() {
    NewOrder order;
    order.client_order_id = ClientOrderId("6gCrw2kRUAF9CvJDGP16IP");
    order.symbol = Symbol("BTCUSDT");
    return order;
  }

  BinanceExchange exchange_;
  PaddedBuffer buffer_;
  Records records_;
};

const std::string kFull =
    R"({"symbol":"BTCUSDT","orderId":28,"orderListId":-1,"clientOrderId":"6gCrw2kRUAF9CvJDGP16IP",)"
    R"("transactTime":1507725176595,"price":"0.00000000","origQty":"10.00000000","executedQty":"10.00000000",)"
    R"("origQuoteOrderQty":"0.000000","cummulativeQuoteQty":"23999.00000000","status":"FILLED","timeInForce":"GTC",)"
    R"("type":"MARKET","side":"SELL","workingTime":1507725176595,"selfTradePreventionMode":"NONE","fills":[)"
    R"({"price":"4000.00000000","qty":"1.00000000","commission":"4.00000000","commissionAsset":"USDT","tradeId":56},)"
    R"({"price":"3999.00000000","qty":"5.00000000","commission":"0.00000000","commissionAsset":"BNB","tradeId":57}]})";

TEST_F(BinanceReplies, a_new_order_with_its_fills_before_its_state) {
  const OrderReport told = report(order(), kFull);
  EXPECT_EQ(told.update.client_order_id, ClientOrderId("6gCrw2kRUAF9CvJDGP16IP"));
  EXPECT_EQ(told.update.exchange_order_id, ExchangeOrderId("28"));
  EXPECT_EQ(told.update.new_state, OrderState::filled);
  EXPECT_EQ(told.update.executed_amount_base, 10);
  EXPECT_EQ(told.update.executed_amount_quote, 23999);
  EXPECT_EQ(told.update.venue_time, from_unix_ms(1507725176595));
  EXPECT_EQ(told.symbol, Symbol("BTCUSDT"));
  EXPECT_EQ(told.order_type, OrderType::market);
  EXPECT_EQ(told.trade_type, TradeType::sell);
  EXPECT_EQ(told.amount, 10);
  EXPECT_EQ(told.price, std::nullopt);

  const auto fills = all<Fill>(records_);
  ASSERT_EQ(fills.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<OrderReport>(records_.items().back())) << "the state comes last";
  EXPECT_EQ(fills[0].trade.trade_id, TradeId("56"));
  EXPECT_EQ(fills[0].trade.client_order_id, ClientOrderId("6gCrw2kRUAF9CvJDGP16IP"));
  EXPECT_EQ(fills[0].trade.exchange_order_id, ExchangeOrderId("28"));
  EXPECT_EQ(fills[0].trade.fill_price, 4000);
  EXPECT_EQ(fills[0].trade.fill_base_amount, 1);
  EXPECT_EQ(fills[0].trade.fill_quote_amount, 4000);
  EXPECT_EQ(fills[0].trade.fill_time, from_unix_ms(1507725176595));
  EXPECT_TRUE(fills[0].trade.is_taker);
  EXPECT_EQ(fills[0].trade_type, TradeType::sell);
  EXPECT_EQ(fills[0].symbol, Symbol("BTCUSDT"));
  ASSERT_EQ(fills[0].trade.fee.flat_fees.size(), 1U);
  EXPECT_EQ(fills[0].trade.fee.flat_fees[0], (TokenAmount{"USDT", 4}));
  EXPECT_EQ(fills[1].trade.fill_quote_amount, 19995);
  EXPECT_TRUE(fills[1].trade.fee.flat_fees.empty());
}

TEST_F(BinanceReplies, the_short_answer_to_a_new_order_says_that_the_venue_has_it) {
  const OrderReport told = report(order(), R"({"symbol":"BTCUSDT","orderId":28,"orderListId":-1,)"
                                           R"("clientOrderId":"6gCrw2kRUAF9CvJDGP16IP","transactTime":1507725176595})");
  EXPECT_EQ(told.update.new_state, OrderState::open);
  EXPECT_EQ(told.update.exchange_order_id, ExchangeOrderId("28"));
  EXPECT_EQ(told.update.executed_amount_base, std::nullopt);
  EXPECT_EQ(decode(order(), R"({"symbol":"BTCUSDT"})").code(), StatusCode::malformed);
  EXPECT_EQ(decode(order(), "[]").code(), StatusCode::malformed);
}

TEST_F(BinanceReplies, what_cannot_be_read_in_an_order_is_not_guessed) {
  refuses(order(), kFull,
          {{R"("orderId":28)", R"("orderId":"")"},
           {R"("status":"FILLED")", R"("status":"HALF")"},
           {R"("executedQty":"10.00000000")", R"("executedQty":"ten")"},
           {R"("executedQty":"10.00000000")", R"("executedQty":"-1")"},
           {R"("origQty":"10.00000000")", R"("origQty":{})"},
           {R"("tradeId":56)", R"("tradeId":-1)"},
           {R"("tradeId":57)", R"("tradeId":"x")"},
           {R"("qty":"5.00000000")", R"("qty":"0")"},
           {R"("price":"3999.00000000")", R"("price":null)"},
           {R"("commission":"4.00000000")", R"("commission":"much")"},
           {R"("commissionAsset":"USDT")", R"("commissionAsset":"")"},
           {R"("side":"SELL")", R"("side":"HOLD")"},
           {R"("transactTime":1507725176595)", R"("transactTime":"now")"},
           {R"("fills":[)", R"("fills":{"a":[)"}});
}

TEST_F(BinanceReplies, why_an_order_ended_early) {
  const auto ended = [&](const std::string& status, const std::string& reason) {
    return report(order(), R"({"symbol":"BTCUSDT","orderId":28,"clientOrderId":"6gCrw2kRUAF9CvJDGP16IP",)"
                           R"("transactTime":1,"price":"1","origQty":"2","executedQty":"0","status":")" +
                               status + R"(","timeInForce":"IOC","type":"LIMIT","side":"BUY",)" +
                               R"("expiryReason":")" + reason + R"(","fills":[]})")
        .update;
  };
  OrderUpdate update = ended("EXPIRED", "UNFILLED_IOC_QUANTITY_EXPIRED");
  EXPECT_EQ(update.new_state, OrderState::expired);
  EXPECT_EQ(update.reason, FailureReason::not_filled);
  EXPECT_EQ(update.message, "UNFILLED_IOC_QUANTITY_EXPIRED");
  EXPECT_EQ(ended("EXPIRED", "UNFILLED_FOK_ORDER_EXPIRED").reason, FailureReason::not_filled);
  EXPECT_EQ(ended("EXPIRED", "EXECUTION_RULE_PRICE_RANGE_EXCEEDED").reason, FailureReason::invalid_price);
  EXPECT_EQ(ended("EXPIRED_IN_MATCH", "NONE").reason, FailureReason::self_trade);
  EXPECT_EQ(ended("EXPIRED_IN_MATCH", "NONE").new_state, OrderState::expired);
  EXPECT_EQ(ended("REJECTED", "NONE").new_state, OrderState::failed);
  EXPECT_EQ(ended("REJECTED", "NONE").reason, FailureReason::rejected_by_venue);
  EXPECT_EQ(ended("CANCELED", "SOMETHING_NEW").reason, FailureReason::none);
  EXPECT_EQ(ended("CANCELED", "SOMETHING_NEW").message, "SOMETHING_NEW");
  EXPECT_EQ(ended("NEW", "SOMETHING_NEW").message, "");
  EXPECT_EQ(ended("PENDING_NEW", "").new_state, OrderState::open);
}

const std::string kCancelled =
    R"({"symbol":"LTCBTC","origClientOrderId":"myOrder1","orderId":4,"orderListId":-1,)"
    R"("clientOrderId":"cancelMyOrder1","transactTime":1684804350068,"price":"2.00000000","origQty":"1.00000000",)"
    R"("executedQty":"0.30000000","origQuoteOrderQty":"0.000000","cummulativeQuoteQty":"0.60000000",)"
    R"("status":"CANCELED","timeInForce":"GTC","type":"LIMIT_MAKER","side":"BUY","selfTradePreventionMode":"NONE"})";

TEST_F(BinanceReplies, a_cancel_tells_what_was_executed_under_our_id) {
  const OrderReport told = report(CancelOrder{name("4")}, kCancelled);
  EXPECT_EQ(told.update.client_order_id, ClientOrderId("myOrder1"));
  EXPECT_EQ(told.update.exchange_order_id, ExchangeOrderId("4"));
  EXPECT_EQ(told.update.new_state, OrderState::canceled);
  EXPECT_EQ(told.update.executed_amount_base, "0.3"_dec);
  EXPECT_EQ(told.update.executed_amount_quote, "0.6"_dec);
  EXPECT_EQ(told.update.venue_time, from_unix_ms(1684804350068));
  EXPECT_EQ(told.order_type, OrderType::limit_maker);
  EXPECT_EQ(told.price, 2);
  EXPECT_EQ(report(CancelOrder{name()}, kCancelled).update.new_state, OrderState::canceled);
  // Another order than the one that was asked for.
  EXPECT_EQ(decode(CancelOrder{name("5")}, kCancelled).code(), StatusCode::malformed);
  EXPECT_TRUE(records_.empty());
  // A cancel is no new order: without a status nothing is known.
  EXPECT_EQ(decode(CancelOrder{name("4")}, R"({"symbol":"LTCBTC","orderId":4})").code(), StatusCode::malformed);
}

TEST_F(BinanceReplies, a_cancel_of_all_tells_each_also_those_of_lists) {
  const std::string list = R"({"orderListId":1929,"contingencyType":"OCO","orderReports":[)" + kCancelled + "]}";
  ASSERT_TRUE(decode(CancelAllOrders{Symbol("LTCBTC")}, "[" + kCancelled + "," + list + "]").ok());
  ASSERT_EQ(all<OrderReport>(records_).size(), 2U);
  EXPECT_EQ(all<OrderReport>(records_)[1].update.client_order_id, ClientOrderId("myOrder1"));
  EXPECT_TRUE(decode(CancelAllOrders{Symbol("LTCBTC")}, R"({"code":-2011,"msg":"Unknown order sent."})", 400).ok());
  EXPECT_TRUE(records_.empty());
  EXPECT_EQ(decode(CancelAllOrders{Symbol("LTCBTC")}, "{}").code(), StatusCode::malformed);
}

const std::string kQueried =
    R"({"symbol":"LTCBTC","orderId":1,"orderListId":-1,"clientOrderId":"myOrder1","price":"0.1","origQty":"1.0",)"
    R"("executedQty":"0.0","cummulativeQuoteQty":"0.0","status":"NEW","timeInForce":"GTC","type":"LIMIT",)"
    R"("side":"BUY","stopPrice":"0.0","icebergQty":"0.0","time":1499827319558,"updateTime":1499827319559,)"
    R"("isWorking":true,"workingTime":1499827319559,"origQuoteOrderQty":"0.000000",)"
    R"("selfTradePreventionMode":"NONE"})";

TEST_F(BinanceReplies, a_query) {
  const OrderReport told = report(QueryOrder{name("1")}, kQueried);
  EXPECT_EQ(told.update.client_order_id, ClientOrderId("myOrder1"));
  EXPECT_EQ(told.update.new_state, OrderState::open);
  EXPECT_EQ(told.update.venue_time, from_unix_ms(1499827319559));
  EXPECT_EQ(told.update.executed_amount_base, 0);
  EXPECT_EQ(told.order_type, OrderType::limit);
  EXPECT_EQ(told.price, "0.1"_dec);
  EXPECT_EQ(decode(QueryOrder{name("2")}, kQueried).code(), StatusCode::malformed);
}

TEST_F(BinanceReplies, a_query_after_a_cancel_names_the_cancel_and_is_still_our_order) {
  std::string body = kQueried;
  body.replace(body.find("myOrder1"), 8, "cancelMyOrder1");
  EXPECT_EQ(report(QueryOrder{name("1")}, body).update.client_order_id, ClientOrderId("myOrder1"));
}

TEST_F(BinanceReplies, an_old_order_with_an_unknown_value) {
  std::string body = kQueried;
  const std::string value = R"("cummulativeQuoteQty":"0.0")";
  body.replace(body.find(value), value.size(), R"("cummulativeQuoteQty":"-1.0")");
  EXPECT_EQ(report(QueryOrder{name("1")}, body).update.executed_amount_quote, std::nullopt);
}

TEST_F(BinanceReplies, open_orders_are_complete) {
  std::string partly = kQueried;
  partly.replace(partly.find(R"("executedQty":"0.0")"), 19, R"("executedQty":"0.5")");
  partly.replace(partly.find(R"("NEW")"), 5, R"("PARTIALLY_FILLED")");
  ASSERT_TRUE(decode(QueryOpenOrders{}, "[" + kQueried + "," + partly + "]").ok());
  const auto reports = all<OrderReport>(records_);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].update.new_state, OrderState::open);
  EXPECT_EQ(reports[1].update.new_state, OrderState::partially_filled);
  ASSERT_EQ(all<OpenOrdersComplete>(records_).size(), 1U);
  EXPECT_TRUE(all<OpenOrdersComplete>(records_)[0].symbol.empty());
  ASSERT_TRUE(decode(QueryOpenOrders{Symbol("LTCBTC")}, "[]").ok());
  EXPECT_EQ(all<OpenOrdersComplete>(records_)[0].symbol, Symbol("LTCBTC"));
  EXPECT_EQ(decode(QueryOpenOrders{}, "{}").code(), StatusCode::malformed);
  EXPECT_EQ(decode(QueryOpenOrders{}, "[" + kQueried + ",{}]").code(), StatusCode::malformed);
  EXPECT_TRUE(records_.empty());
}

const std::string kAccountTrade =
    R"({"symbol":"BNBBTC","id":28457,"orderId":100234,"orderListId":-1,"price":"4.00000100","qty":"12.00000000",)"
    R"("quoteQty":"48.000012","commission":"10.10000000","commissionAsset":"BNB","time":1499865549590,)"
    R"("isBuyer":true,"isMaker":false,"isBestMatch":true})";

QueryFills fills_query() {
  return {.symbol = Symbol("BNBBTC"), .start = from_unix_ms(1499865549000), .end = from_unix_ms(1499865560000)};
}

TEST_F(BinanceReplies, fills) {
  ASSERT_TRUE(decode(fills_query(), "[" + kAccountTrade + "]").ok());
  const auto fills = all<Fill>(records_);
  ASSERT_EQ(fills.size(), 1U);
  EXPECT_EQ(fills[0].trade.trade_id, TradeId("28457"));
  EXPECT_EQ(fills[0].trade.exchange_order_id, ExchangeOrderId("100234"));
  EXPECT_EQ(fills[0].trade.client_order_id, std::nullopt);
  EXPECT_EQ(fills[0].trade.fill_price, "4.000001"_dec);
  EXPECT_EQ(fills[0].trade.fill_base_amount, 12);
  EXPECT_EQ(fills[0].trade.fill_quote_amount, "48.000012"_dec);
  EXPECT_EQ(fills[0].trade.fill_time, from_unix_ms(1499865549590));
  EXPECT_TRUE(fills[0].trade.is_taker);
  EXPECT_EQ(fills[0].trade_type, TradeType::buy);
  EXPECT_EQ(fills[0].trade.fee.flat_fees.at(0), (TokenAmount{"BNB", "10.1"_dec}));
  ASSERT_EQ(all<FillsPage>(records_).size(), 1U);
  EXPECT_FALSE(all<FillsPage>(records_)[0].more);

  QueryFills of_order = fills_query();
  of_order.order = OrderRef{ClientOrderId("mine"), ExchangeOrderId("100234"), Symbol("BNBBTC")};
  ASSERT_TRUE(decode(of_order, "[" + kAccountTrade + "]").ok());
  EXPECT_EQ(all<Fill>(records_)[0].trade.client_order_id, ClientOrderId("mine"));

  ASSERT_TRUE(decode(fills_query(), "[]").ok());
  EXPECT_EQ(records_.items().size(), 1U);
  EXPECT_EQ(decode(fills_query(), "{}").code(), StatusCode::malformed);
  refuses(fills_query(), "[" + kAccountTrade + "]",
          {{R"("id":28457)", R"("id":null)"},
           {R"("orderId":100234)", R"("orderId":"")"},
           {R"("price":"4.00000100")", R"("price":"-4")"},
           {R"("qty":"12.00000000")", R"("qty":"")"},
           {R"("time":1499865549590)", R"("time":0)"},
           {R"("isBuyer":true)", R"("isBuyer":"yes")"},
           {R"("isMaker":false)", R"("maker":false)"},
           {R"("commissionAsset":"BNB")", R"("asset":"BNB")"}});
}

std::string page_of(std::size_t count, std::int64_t first_ms, std::int64_t step_ms) {
  std::string body = "[";
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t ms = first_ms + static_cast<std::int64_t>(i) * step_ms;
    body += (i == 0 ? "" : ",") + std::string(R"({"symbol":"BNBBTC","id":)") + std::to_string(i + 1) +
            R"(,"orderId":7,"price":"4","qty":"1","commission":"0","commissionAsset":"BNB","time":)" +
            std::to_string(ms) + R"(,"isBuyer":false,"isMaker":true})";
  }
  return body + "]";
}

TEST_F(BinanceReplies, a_full_page_of_fills_goes_on_at_its_edge) {
  const QueryFills query = fills_query();
  ASSERT_TRUE(decode(query, page_of(1000, 1499865549000, 2)).ok());
  FillsPage page = all<FillsPage>(records_).at(0);
  EXPECT_TRUE(page.more);
  // The edge again: more trades may have its millisecond.
  EXPECT_EQ(page.next_start, from_unix_ms(1499865549000 + 999 * 2));
  EXPECT_EQ(page.next_end, std::nullopt);
  EXPECT_FALSE(all<Fill>(records_)[0].trade.is_taker);

  // All in the first millisecond: the same range must not be asked again.
  ASSERT_TRUE(decode(query, page_of(1000, 1499865549000, 0)).ok());
  EXPECT_EQ(all<FillsPage>(records_).at(0).next_start, from_unix_ms(1499865549001));

  ASSERT_TRUE(decode(query, page_of(999, 1499865549000, 2)).ok());
  EXPECT_FALSE(all<FillsPage>(records_).at(0).more);
}

TEST_F(BinanceReplies, more_than_a_day_of_fills_goes_on_the_next_day) {
  QueryFills query = fills_query();
  query.end = query.start + std::chrono::hours{30};
  ASSERT_TRUE(decode(query, "[" + kAccountTrade + "]").ok());
  EXPECT_TRUE(all<FillsPage>(records_).at(0).more);
  EXPECT_EQ(all<FillsPage>(records_).at(0).next_start, query.start + std::chrono::hours{24});
}

TEST_F(BinanceReplies, the_account) {
  const std::string body =
      R"({"makerCommission":15,"takerCommission":15,"commissionRates":{"maker":"0.00150000","taker":"0.00250000",)"
      R"("buyer":"0.00000000","seller":"0.00000000"},"canTrade":true,"updateTime":123456789,"accountType":"SPOT",)"
      R"("balances":[{"asset":"BTC","free":"4723846.89208129","locked":"0.10791871"},)"
      R"({"asset":"LTC","free":"0.5","locked":"0"}],"permissions":["SPOT"],"uid":354937868})";
  ASSERT_TRUE(decode(QueryBalances{}, body).ok());
  const auto balances = all<BalanceReport>(records_);
  ASSERT_EQ(balances.size(), 2U);
  EXPECT_EQ(balances[0].asset, "BTC");
  EXPECT_EQ(balances[0].available, "4723846.89208129"_dec);
  EXPECT_EQ(balances[0].total, 4723847);
  EXPECT_EQ(balances[1].total, "0.5"_dec);
  EXPECT_EQ(all<BalancesComplete>(records_).size(), 1U);
  refuses(QueryBalances{}, body,
          {{R"("asset":"BTC")", R"("asset":"")"},
           {R"("free":"0.5")", R"("free":"-")"},
           {R"("locked":"0")", R"("held":"0")"},
           {R"("balances":[)", R"("balance":[)"}});

  ASSERT_TRUE(decode(QueryFees{}, body).ok());
  const auto fees = all<FeeReport>(records_);
  ASSERT_EQ(fees.size(), 1U);
  EXPECT_TRUE(fees[0].symbol.empty());
  EXPECT_EQ(fees[0].maker_percent, "0.0015"_dec);
  EXPECT_EQ(fees[0].taker_percent, "0.0025"_dec);
  EXPECT_EQ(decode(QueryFees{}, R"({"commissionRates":{"maker":"0.1"}})").code(), StatusCode::malformed);
}

TEST_F(BinanceReplies, headers_tell_how_much_is_used_also_with_a_refusal) {
  const std::vector<Header> headers = {{"x-mbx-used-weight", "9"},
                                       {"x-mbx-used-weight-1m", "321"},
                                       {"x-mbx-order-count-10s", "12"},
                                       {"X-MBX-ORDER-COUNT-1D", "4043"},
                                       {"X-MBX-ORDER-COUNT-1M", "5"}};
  ASSERT_FALSE(decode(order(), R"({"code":-2010,"msg":"Market is closed."})", 400, headers).ok());
  const auto used = all<UsedWeight>(records_);
  ASSERT_EQ(used.size(), 3U) << "no row for orders a minute on this market";
  EXPECT_EQ(used[0].limit_id, "weight");
  EXPECT_EQ(used[0].used, 321U);
  EXPECT_EQ(used[1].limit_id, "orders_10s");
  EXPECT_EQ(used[1].used, 12U);
  EXPECT_EQ(used[2].limit_id, "orders_1d");
  EXPECT_EQ(used[2].used, 4043U);
  for (const char* nothing : {"-1", "", "x", "12x", "99999999999"}) {
    ASSERT_TRUE(decode(QueryOpenOrders{}, "[]", 200, {{"x-mbx-used-weight-1m", nothing}}).ok());
    EXPECT_TRUE(all<UsedWeight>(records_).empty()) << nothing;
  }
}

}  // namespace
}  // namespace calypte::connector::binance
