#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "connector/derivative/binance_perpetual/binance_perpetual_constants.hpp"
#include "connector/derivative/binance_perpetual/binance_perpetual_derivative.hpp"
#include "support/records.hpp"
#include "support/test_data.hpp"

namespace calypte::connector::binance_perpetual {
namespace {

using namespace venue;
using test::all;

class BinancePerpetualReplies : public ::testing::Test {
 protected:
  Status decode(const Request& asked, std::string_view body, int http_status = 200, std::vector<Header> headers = {}) {
    records_.clear();
    return derivative_.decode_reply(asked, {http_status, std::move(headers), buffer_.assign(body)}, records_);
  }
  /// Each of the texts with `from` replaced by `to` must be refused whole.
  void expect_malformed(const Request& asked, std::string_view body,
                        std::vector<std::pair<std::string_view, std::string_view>> changes) {
    ASSERT_TRUE(decode(asked, body).ok());
    for (const auto& [from, to] : changes) {
      std::string text(body);
      const auto at = text.find(from);
      ASSERT_NE(at, std::string::npos) << from;
      text.replace(at, from.size(), to);
      EXPECT_EQ(decode(asked, text).code(), StatusCode::malformed) << text;
      EXPECT_TRUE(records_.empty()) << text;
    }
  }
  static NewOrder order(std::string_view id) {
    NewOrder order;
    order.client_order_id = ClientOrderId(id);
    order.symbol = Symbol("BTCUSDT");
    return order;
  }
  static OrderRef ref(std::string_view id) { return {ClientOrderId(id), std::nullopt, Symbol("BTCUSDT")}; }

  BinancePerpetualDerivative derivative_;
  PaddedBuffer buffer_;
  Records records_;
};

// --- Refusals ------------------------------------------------------------------------------------------------------

TEST_F(BinancePerpetualReplies, every_row_of_the_errors_for_orders_and_for_queries) {
  json::Document document;
  PaddedBuffer buffer(test::read_test_data("venues/binance_perpetual/errors.json"));
  const auto rows = document.parse(buffer.bytes());
  ASSERT_TRUE(rows.ok());
  ASSERT_GT((*rows).size(), 40U);
  for (const json::Value row : (*rows).elements()) {
    SCOPED_TRACE(row.text());
    const std::string body = R"({"code":)" + std::string(row.find("code").text()) + R"(,"msg":")" +
                             std::string(row.find("msg").text()) + "\"}";
    const int http = static_cast<int>(*row.find("http").integer());
    for (const Request& asked : {Request(order("a")), Request(CancelOrder{}), Request(NewOrders{{order("a")}}),
                                 Request(SetLeverage{Symbol("BTCUSDT"), 200})}) {
      const Status status = decode(asked, body, http);
      EXPECT_EQ(to_string(status.code()), row.find("order").string()) << request_name(asked);
      EXPECT_EQ(to_string(status.reason()), row.find("reason").string()) << request_name(asked);
      EXPECT_EQ(status.message(), row.find("msg").string());
      EXPECT_EQ(status.venue_code(), row.find("code").scalar());
      EXPECT_TRUE(records_.empty());
    }
    EXPECT_EQ(to_string(decode(QueryPositions{}, body, http).code()), row.find("query").string());
  }
}

TEST_F(BinancePerpetualReplies, pages_of_gateways_and_unreadable_bodies) {
  const auto codes = [this](int http, std::string_view body) {
    return std::pair(decode(order("a"), body, http).code(), decode(QueryBalances{}, body, http).code());
  };
  using enum StatusCode;
  EXPECT_EQ(codes(502, "<html>Bad Gateway</html>"), std::pair(outcome_unknown, unavailable));
  EXPECT_EQ(codes(503, ""), std::pair(outcome_unknown, unavailable));
  EXPECT_EQ(codes(200, "<html>Please wait</html>"), std::pair(malformed, malformed));
  EXPECT_EQ(codes(200, "{}"), std::pair(malformed, malformed));
  EXPECT_EQ(codes(200, "[7]"), std::pair(malformed, malformed));
  EXPECT_TRUE(records_.empty());
}

TEST_F(BinancePerpetualReplies, a_ban_says_until_when) {
  const Status status = decode(
      order("a"), R"({"code":-1003,"msg":"Way too many requests; IP(1.2.3.4) banned until 1659146400000."})", 418);
  EXPECT_EQ(status.retry_at(), from_unix_ms(1659146400000));
}

TEST_F(BinancePerpetualReplies, how_much_of_the_limits_is_used) {
  ASSERT_TRUE(decode(QueryBalances{}, "[]", 200,
                     {{"X-MBX-USED-WEIGHT-1M", "37"}, {"x-mbx-order-count-10s", "4"}, {"X-MBX-ORDER-COUNT-1M", "9"}})
                  .ok());
  std::map<std::string_view, std::uint32_t> used;
  for (const UsedWeight& weight : all<UsedWeight>(records_)) used[weight.limit_id] = weight.used;
  EXPECT_EQ(used, (std::map<std::string_view, std::uint32_t>{{"weight", 37}, {"orders_10s", 4}, {"orders_1m", 9}}));
  // Replies to orders were seen to say that nothing was counted.
  ASSERT_TRUE(decode(QueryBalances{}, "[]", 200, {{"x-mbx-used-weight-1m", "-1"}}).ok());
  EXPECT_TRUE(all<UsedWeight>(records_).empty());
}

// --- Orders --------------------------------------------------------------------------------------------------------

constexpr std::string_view kPlaced =
    R"({"clientOrderId":"testOrder","cumQty":"0","executedQty":"0","orderId":8389765739703625592,"origQty":"10",)"
    R"("price":"9000","reduceOnly":false,"side":"SELL","positionSide":"SHORT","status":"NEW","stopPrice":"0",)"
    R"("closePosition":false,"symbol":"BTCUSDT","timeInForce":"GTC","type":"LIMIT","origType":"LIMIT",)"
    R"("updateTime":1566818724722,"workingType":"CONTRACT_PRICE","priceProtect":false,"priceMatch":"NONE",)"
    R"("selfTradePreventionMode":"NONE","goodTillDate":0})";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string changed(text);
  const std::size_t at = changed.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? changed : changed.replace(at, from.size(), to);
}

TEST_F(BinancePerpetualReplies, an_acknowledgement_says_no_more_than_that_the_order_was_accepted) {
  ASSERT_TRUE(decode(order("testOrder"), kPlaced).ok());
  const auto reports = all<OrderReport>(records_);
  ASSERT_EQ(reports.size(), 1U);
  const OrderReport& report = reports[0];
  EXPECT_EQ(report.update.client_order_id, ClientOrderId("testOrder"));
  EXPECT_EQ(report.update.exchange_order_id, ExchangeOrderId("8389765739703625592"));
  EXPECT_EQ(report.update.new_state, OrderState::open);
  // It may have been filled by then, which the stream may have told already.
  EXPECT_FALSE(report.update.executed_amount_base);
  EXPECT_FALSE(report.update.venue_time);
}

TEST_F(BinancePerpetualReplies, the_result_of_an_order_that_does_not_rest) {
  std::string body = replaced(kPlaced, R"("executedQty":"0")", R"("executedQty":"4","cumQuote":"36000.00")");
  body = replaced(body, R"("status":"NEW")", R"("status":"EXPIRED")");
  ASSERT_TRUE(decode(order("testOrder"), body).ok());
  const auto reports = all<OrderReport>(records_);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].update.new_state, OrderState::expired);
  EXPECT_EQ(reports[0].update.executed_amount_base, "4"_dec);
  EXPECT_EQ(reports[0].update.executed_amount_quote, "36000"_dec);
  EXPECT_EQ(reports[0].update.venue_time, from_unix_ms(1566818724722));
  EXPECT_TRUE(all<Fill>(records_).empty());  // no reply holds fills here

  body = replaced(kPlaced, R"("executedQty":"0")", R"("executedQty":"10")");
  ASSERT_TRUE(decode(order("testOrder"), replaced(body, R"("status":"NEW")", R"("status":"FILLED")")).ok());
  EXPECT_EQ(all<OrderReport>(records_).at(0).update.new_state, OrderState::filled);
  EXPECT_FALSE(all<OrderReport>(records_).at(0).update.executed_amount_quote);  // no longer in these replies
}

TEST_F(BinancePerpetualReplies, malformed_orders) {
  expect_malformed(order("testOrder"), kPlaced,
                   {{R"("testOrder")", R"("anotherOrder")"},
                    {R"("orderId":8389765739703625592)", R"("orderId":null)"},
                    {R"("status":"NEW")", R"("status":"STRANGE")"},
                    {R"("executedQty":"0")", R"("executedQty":"many")"},
                    {R"("executedQty":"0")", R"("executedQty":"-1")"}});
}

TEST_F(BinancePerpetualReplies, a_cancelled_order_keeps_what_was_executed) {
  std::string body = replaced(kPlaced, R"("status":"NEW")", R"("status":"CANCELED")");
  body = replaced(body, R"("executedQty":"0")", R"("executedQty":"3.5")");
  ASSERT_TRUE(derivative_.spec().orders.cancel_is_final);
  ASSERT_TRUE(decode(CancelOrder{ref("testOrder")}, body).ok());
  const auto reports = all<OrderReport>(records_);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].update.new_state, OrderState::canceled);
  EXPECT_EQ(reports[0].update.client_order_id, ClientOrderId("testOrder"));
  EXPECT_EQ(reports[0].update.executed_amount_base, "3.5"_dec);
  EXPECT_EQ(reports[0].update.venue_time, from_unix_ms(1566818724722));
}

TEST_F(BinancePerpetualReplies, all_orders_of_a_symbol_were_cancelled) {
  EXPECT_TRUE(decode(CancelAllOrders{Symbol("BTCUSDT")},
                     R"({"code":200,"msg":"The operation of cancel all open order is done."})")
                  .ok());
  EXPECT_TRUE(records_.empty());
}

TEST_F(BinancePerpetualReplies, an_order_field_by_field) {
  constexpr std::string_view kOrder =
      R"({"avgPrice":"7100.00000","clientOrderId":"abc","cumQuote":"710.00","executedQty":"0.10","orderId":1917641,)"
      R"("origQty":"0.40","origType":"LIMIT","price":"7100.5","reduceOnly":false,"side":"BUY","positionSide":"SHORT",)"
      R"("status":"PARTIALLY_FILLED","stopPrice":"0","closePosition":false,"symbol":"BTCUSDT","time":1579276756075,)"
      R"("timeInForce":"GTX","type":"LIMIT","updateTime":1579276756090,"workingType":"CONTRACT_PRICE",)"
      R"("priceProtect":false,"priceMatch":"NONE","selfTradePreventionMode":"NONE","goodTillDate":0})";
  ASSERT_TRUE(decode(QueryOrder{ref("abc")}, kOrder).ok());
  const auto reports = all<OrderReport>(records_);
  ASSERT_EQ(reports.size(), 1U);
  const OrderReport& report = reports[0];
  EXPECT_EQ(report.update.client_order_id, ClientOrderId("abc"));
  EXPECT_EQ(report.update.exchange_order_id, ExchangeOrderId("1917641"));
  EXPECT_EQ(report.update.new_state, OrderState::partially_filled);
  EXPECT_EQ(report.update.executed_amount_base, "0.1"_dec);
  EXPECT_EQ(report.update.executed_amount_quote, "710"_dec);
  EXPECT_EQ(report.update.venue_time, from_unix_ms(1579276756090));
  EXPECT_EQ(report.symbol, Symbol("BTCUSDT"));
  EXPECT_EQ(report.trade_type, TradeType::buy);
  EXPECT_EQ(report.order_type, OrderType::limit_maker);
  EXPECT_EQ(report.amount, "0.4"_dec);
  EXPECT_EQ(report.price, "7100.5"_dec);

  const std::string list = "[" + std::string(kOrder) + "," + std::string(kOrder) + "]";
  ASSERT_TRUE(decode(QueryOpenOrders{}, list).ok());
  EXPECT_EQ(all<OrderReport>(records_).size(), 2U);
  ASSERT_EQ(all<OpenOrdersComplete>(records_).size(), 1U);
  EXPECT_TRUE(all<OpenOrdersComplete>(records_)[0].symbol.empty());
  ASSERT_TRUE(decode(QueryOpenOrders{Symbol("BTCUSDT")}, "[]").ok());
  EXPECT_EQ(all<OpenOrdersComplete>(records_).at(0).symbol, Symbol("BTCUSDT"));
  expect_malformed(QueryOpenOrders{}, list, {{R"("status":"PARTIALLY_FILLED")", R"("status":7)"}});
  EXPECT_EQ(decode(QueryOpenOrders{}, "{}").code(), StatusCode::malformed);
}

TEST_F(BinancePerpetualReplies, states_of_orders) {
  const std::vector<std::pair<std::string_view, OrderState>> states = {{"NEW", OrderState::open},
                                                                       {"PARTIALLY_FILLED", OrderState::open},
                                                                       {"FILLED", OrderState::filled},
                                                                       {"CANCELED", OrderState::canceled},
                                                                       {"REJECTED", OrderState::failed},
                                                                       {"EXPIRED", OrderState::expired},
                                                                       {"EXPIRED_IN_MATCH", OrderState::expired}};
  for (const auto& [word, state] : states) {
    const std::string body = replaced(kPlaced, R"("status":"NEW")", R"("status":")" + std::string(word) + "\"");
    ASSERT_TRUE(decode(QueryOrder{ref("testOrder")}, body).ok()) << word;
    EXPECT_EQ(all<OrderReport>(records_).at(0).update.new_state, state) << word;
  }
  EXPECT_EQ(all<OrderReport>(records_).at(0).update.reason, FailureReason::self_trade);
}

// --- Batches -------------------------------------------------------------------------------------------------------

TEST_F(BinancePerpetualReplies, each_order_of_a_batch_has_an_outcome_of_its_own) {
  const std::string body = "[" + std::string(kPlaced) +
                           R"(,{"code":-2022,"msg":"ReduceOnly Order is rejected."},)"
                           R"({"code":-1007,"msg":"Timeout waiting for response from backend server."},)" +
                           replaced(kPlaced, "testOrder", "fourth") + "]";
  const NewOrders asked{{order("testOrder"), order("second"), order("third"), order("fourth")}};
  ASSERT_TRUE(decode(asked, body).ok());
  const auto reports = all<OrderReport>(records_);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].update.client_order_id, ClientOrderId("testOrder"));
  EXPECT_FALSE(reports[0].update.venue_time);
  EXPECT_EQ(reports[1].update.client_order_id, ClientOrderId("fourth"));
  const auto outcomes = all<OrderOutcome>(records_);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].client_order_id, ClientOrderId("second"));
  EXPECT_EQ(outcomes[0].status.code(), StatusCode::rejected);
  EXPECT_EQ(outcomes[0].status.reason(), FailureReason::reduce_only);
  EXPECT_EQ(outcomes[0].status.venue_code(), "-2022");
  EXPECT_EQ(outcomes[1].client_order_id, ClientOrderId("third"));
  EXPECT_EQ(outcomes[1].status.code(), StatusCode::outcome_unknown);  // HTTP 200 or not
  // Fewer or other parts than were asked for: nobody knows which is whose.
  EXPECT_EQ(decode(NewOrders{{order("testOrder")}}, body).code(), StatusCode::malformed);
  EXPECT_TRUE(records_.empty());
  expect_malformed(asked, body, {{"testOrder", "fourth"}, {"-2022", "200"}, {R"("code":-2022,)", ""}});
}

TEST_F(BinancePerpetualReplies, each_cancel_of_a_batch_has_an_outcome_of_its_own) {
  const std::string cancelled = replaced(with(kPlaced, R"("status":"NEW")", R"("status":"CANCELED")"),
                                         R"("executedQty":"0")", R"("executedQty":"2")");
  const std::string body = R"([{"code":-2011,"msg":"Unknown order sent."},)" + cancelled + "]";
  const CancelOrders asked{{ref("first"), ref("testOrder")}};
  ASSERT_TRUE(decode(asked, body).ok());
  const auto outcomes = all<OrderOutcome>(records_);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].client_order_id, ClientOrderId("first"));
  EXPECT_EQ(outcomes[0].status.code(), StatusCode::order_not_found);
  const auto reports = all<OrderReport>(records_);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].update.client_order_id, ClientOrderId("testOrder"));
  EXPECT_EQ(reports[0].update.new_state, OrderState::canceled);
  EXPECT_EQ(reports[0].update.executed_amount_base, "2"_dec);
  EXPECT_EQ(decode(CancelOrders{{ref("first")}}, body).code(), StatusCode::malformed);
}

// --- Fills ---------------------------------------------------------------------------------------------------------

constexpr std::string_view kFill =
    R"({"buyer":false,"commission":"0.07819010","commissionAsset":"USDT","id":698759,"maker":false,"orderId":25851813,)"
    R"("price":"7819.01","qty":"0.002","quoteQty":"15.63802","realizedPnl":"-0.91539999","side":"SELL",)"
    R"("positionSide":"SHORT","symbol":"BTCUSDT","time":1569514978020})";

TEST_F(BinancePerpetualReplies, a_fill_field_by_field) {
  const QueryFills asked{Symbol("BTCUSDT"), {}, from_unix_ms(1569514970000), from_unix_ms(1569514990000)};
  const std::string body = "[" + std::string(kFill) + "]";
  ASSERT_TRUE(decode(asked, body).ok());
  const auto fills = all<Fill>(records_);
  ASSERT_EQ(fills.size(), 1U);
  const Fill& fill = fills[0];
  EXPECT_EQ(fill.trade.trade_id, TradeId("698759"));
  EXPECT_FALSE(fill.trade.client_order_id);
  EXPECT_EQ(fill.trade.exchange_order_id, ExchangeOrderId("25851813"));
  EXPECT_EQ(fill.trade.fill_time, from_unix_ms(1569514978020));
  EXPECT_EQ(fill.trade.fill_price, "7819.01"_dec);
  EXPECT_EQ(fill.trade.fill_base_amount, "0.002"_dec);
  EXPECT_EQ(fill.trade.fill_quote_amount, "15.63802"_dec);
  EXPECT_EQ(fill.trade.fee.flat_fees, (std::vector<TokenAmount>{{"USDT", "0.07819010"_dec}}));
  EXPECT_TRUE(fill.trade.is_taker);
  EXPECT_EQ(fill.trade.realized_profit, "-0.91539999"_dec);
  EXPECT_EQ(fill.symbol, Symbol("BTCUSDT"));
  EXPECT_EQ(fill.trade_type, TradeType::sell);
  EXPECT_EQ(fill.position_side, PositionSide::short_side);
  ASSERT_EQ(all<FillsPage>(records_).size(), 1U);
  EXPECT_FALSE(all<FillsPage>(records_)[0].more);
  expect_malformed(asked, body,
                   {{R"("id":698759)", R"("id":0)"},
                    {R"("orderId":25851813)", R"("orderId":null)"},
                    {R"("price":"7819.01")", R"("price":"")"},
                    {R"("time":1569514978020)", R"("time":0)"},
                    {R"("positionSide":"SHORT")", R"("positionSide":"UP")"},
                    {R"("realizedPnl":"-0.91539999")", R"("realizedPnl":"x")"},
                    {R"("commissionAsset":"USDT")", R"("commissionAsset":"")"}});
}

TEST_F(BinancePerpetualReplies, a_full_page_of_fills_is_continued_from_its_last_moment) {
  const QueryFills asked{Symbol("BTCUSDT"), {}, from_unix_ms(1000), from_unix_ms(9000)};
  const auto page_of = [&](auto time_of) {
    std::string body = "[";
    for (int i = 0; i < 1000; ++i) {
      std::string fill = replaced(kFill, "1569514978020", std::to_string(time_of(i)));
      body += replaced(fill, "698759", std::to_string(i + 1)) + (i == 999 ? "]" : ",");
    }
    EXPECT_TRUE(decode(asked, body).ok());
    EXPECT_EQ(all<Fill>(records_).size(), 1000U);
    return all<FillsPage>(records_).at(0);
  };
  FillsPage page = page_of([](int i) { return 2000 + i / 2; });
  EXPECT_TRUE(page.more);
  EXPECT_EQ(page.next_start, from_unix_ms(2499));  // the other of that moment may stand on the next page
  page = page_of([](int) { return 1000; });
  EXPECT_TRUE(page.more);
  EXPECT_EQ(page.next_start, from_unix_ms(1001));  // never the same range again
}

// --- The account ---------------------------------------------------------------------------------------------------

TEST_F(BinancePerpetualReplies, balances) {
  constexpr std::string_view kBalances =
      R"([{"accountAlias":"SgsR","asset":"USDT","balance":"122607.35137903","crossWalletBalance":"23.72469206",)"
      R"("crossUnPnl":"0.00000000","availableBalance":"23.72469206","maxWithdrawAmount":"23.72469206",)"
      R"("marginAvailable":true,"updateTime":1617939110373}])";
  ASSERT_TRUE(decode(QueryBalances{}, kBalances).ok());
  const auto balances = all<BalanceReport>(records_);
  ASSERT_EQ(balances.size(), 1U);
  EXPECT_EQ(balances[0].asset, "USDT");
  EXPECT_EQ(balances[0].total, "122607.35137903"_dec);
  EXPECT_EQ(balances[0].available, "23.72469206"_dec);
  EXPECT_EQ(all<BalancesComplete>(records_).size(), 1U);
  expect_malformed(QueryBalances{}, kBalances,
                   {{R"("asset":"USDT")", R"("asset":"")"},
                    {R"("balance":"122607.35137903")", R"("balance":null)"},
                    {R"("availableBalance":"23.72469206")", R"("availableBalance":"?")"}});
  EXPECT_EQ(decode(QueryBalances{}, "{}").code(), StatusCode::malformed);
}

constexpr std::string_view kPosition =
    R"({"symbol":"ADAUSDT","positionSide":"BOTH","positionAmt":"30","entryPrice":"0.385","breakEvenPrice":"0.385077",)"
    R"("markPrice":"0.41047590","unRealizedProfit":"0.76427700","liquidationPrice":"0","isolatedMargin":"0",)"
    R"("notional":"12.31427700","marginAsset":"USDT","isolatedWallet":"0","initialMargin":"0.61571385",)"
    R"("maintMargin":"0.08004280","positionInitialMargin":"0.61571385","openOrderInitialMargin":"0","adl":2,)"
    R"("bidNotional":"0","askNotional":"0","updateTime":1720736417660})";

TEST_F(BinancePerpetualReplies, positions) {
  std::string hedged = replaced(kPosition, R"("BOTH","positionAmt":"30")", R"("SHORT","positionAmt":"-12.5")");
  hedged = replaced(hedged, R"("liquidationPrice":"0")", R"("liquidationPrice":"0.91")");
  const std::string body = "[" + std::string(kPosition) + "," + hedged + "]";
  ASSERT_TRUE(decode(QueryPositions{}, body).ok());
  const auto positions = all<PositionReport>(records_);
  ASSERT_EQ(positions.size(), 2U);
  EXPECT_EQ(positions[0].symbol, Symbol("ADAUSDT"));
  EXPECT_EQ(positions[0].side, PositionSide::net);
  EXPECT_EQ(positions[0].amount, "30"_dec);
  EXPECT_EQ(positions[0].entry_price, "0.385"_dec);
  EXPECT_EQ(positions[0].unrealized_profit, "0.764277"_dec);
  EXPECT_FALSE(positions[0].liquidation_price);  // 0: there is none
  EXPECT_FALSE(positions[0].margin_type);        // no longer told here
  EXPECT_EQ(positions[0].venue_time, from_unix_ms(1720736417660));
  EXPECT_EQ(positions[1].side, PositionSide::short_side);
  EXPECT_EQ(positions[1].amount, "-12.5"_dec);
  EXPECT_EQ(positions[1].liquidation_price, "0.91"_dec);
  EXPECT_EQ(all<PositionsComplete>(records_).size(), 1U);
  expect_malformed(QueryPositions{}, body,
                   {{R"("symbol":"ADAUSDT")", R"("symbol":"")"},
                    {R"("positionSide":"BOTH")", R"("positionSide":"NET")"},
                    {R"("positionAmt":"30")", R"("positionAmt":null)"},
                    {R"("entryPrice":"0.385")", R"("entryPrice":"x")"}});
  ASSERT_TRUE(decode(QueryPositions{}, "[]").ok());
  EXPECT_EQ(all<PositionsComplete>(records_).size(), 1U);
  EXPECT_EQ(decode(QueryPositions{}, "{}").code(), StatusCode::malformed);
}

TEST_F(BinancePerpetualReplies, the_position_mode) {
  ASSERT_TRUE(decode(QueryPositionMode{}, R"({"dualSidePosition":true})").ok());
  EXPECT_EQ(all<PositionModeReport>(records_).at(0).mode, PositionMode::hedge);
  ASSERT_TRUE(decode(QueryPositionMode{}, R"({"dualSidePosition":false})").ok());
  EXPECT_EQ(all<PositionModeReport>(records_).at(0).mode, PositionMode::one_way);
  EXPECT_EQ(decode(QueryPositionMode{}, R"({"dualSidePosition":"maybe"})").code(), StatusCode::malformed);

  ASSERT_TRUE(decode(SetPositionMode{PositionMode::hedge}, R"({"code":200,"msg":"success"})").ok());
  EXPECT_EQ(all<PositionModeReport>(records_).at(0).mode, PositionMode::hedge);
  // It was so before.
  ASSERT_TRUE(
      decode(SetPositionMode{PositionMode::one_way}, R"({"code":-4059,"msg":"No need to change position side."})", 400)
          .ok());
  ASSERT_EQ(all<PositionModeReport>(records_).size(), 1U);
  EXPECT_EQ(all<PositionModeReport>(records_)[0].mode, PositionMode::one_way);
}

TEST_F(BinancePerpetualReplies, fees_are_those_of_the_symbol) {
  constexpr std::string_view kRates =
      R"({"symbol":"BTCUSDT","makerCommissionRate":"0.000200","takerCommissionRate":"0.000400",)"
      R"("rpiCommissionRate":"0.000050"})";
  ASSERT_TRUE(decode(QueryFees{Symbol("BTCUSDT")}, kRates).ok());
  ASSERT_EQ(all<FeeReport>(records_).size(), 1U);
  EXPECT_EQ(all<FeeReport>(records_)[0].symbol, Symbol("BTCUSDT"));
  EXPECT_EQ(all<FeeReport>(records_)[0].maker_percent, "0.0002"_dec);
  EXPECT_EQ(all<FeeReport>(records_)[0].taker_percent, "0.0004"_dec);
  expect_malformed(QueryFees{Symbol("BTCUSDT")}, kRates,
                   {{R"("symbol":"BTCUSDT",)", ""},
                    {R"("makerCommissionRate":"0.000200",)", ""},
                    {R"("takerCommissionRate":"0.000400")", R"("takerCommissionRate":"much")"}});
}

TEST_F(BinancePerpetualReplies, leverage_and_margin_type) {
  constexpr std::string_view kConfig =
      R"([{"symbol":"BTCUSDT","marginType":"CROSSED","isAutoAddMargin":false,"leverage":21,)"
      R"("maxNotionalValue":"1000000"}])";
  ASSERT_TRUE(decode(QueryLeverage{Symbol("BTCUSDT")}, kConfig).ok());
  ASSERT_EQ(all<LeverageReport>(records_).size(), 1U);
  EXPECT_EQ(all<LeverageReport>(records_)[0].symbol, Symbol("BTCUSDT"));
  EXPECT_EQ(all<LeverageReport>(records_)[0].leverage, 21U);
  EXPECT_EQ(all<LeverageReport>(records_)[0].margin_type, MarginType::cross);
  expect_malformed(QueryLeverage{Symbol("BTCUSDT")}, kConfig,
                   {{R"("leverage":21)", R"("leverage":0)"},
                    {R"("leverage":21)", R"("leverage":99999999999)"},
                    {R"("marginType":"CROSSED")", R"("marginType":"PORTFOLIO")"},
                    {R"("symbol":"BTCUSDT",)", ""}});

  ASSERT_TRUE(
      decode(SetLeverage{Symbol("BTCUSDT"), 21}, R"({"leverage":21,"maxNotionalValue":"1000000","symbol":"BTCUSDT"})")
          .ok());
  EXPECT_EQ(all<LeverageReport>(records_).at(0).leverage, 21U);
  EXPECT_FALSE(all<LeverageReport>(records_).at(0).margin_type);

  for (const auto& [body, http] : {std::pair(R"({"code":200,"msg":"success"})", 200),
                                   std::pair(R"({"code":-4046,"msg":"No need to change margin type."})", 400)}) {
    ASSERT_TRUE(decode(SetMarginType{Symbol("BTCUSDT"), MarginType::isolated}, body, http).ok()) << body;
    ASSERT_EQ(all<LeverageReport>(records_).size(), 1U) << body;
    EXPECT_EQ(all<LeverageReport>(records_)[0].margin_type, MarginType::isolated);
    EXPECT_FALSE(all<LeverageReport>(records_)[0].leverage);
  }
}

// --- Funding -------------------------------------------------------------------------------------------------------

TEST_F(BinancePerpetualReplies, the_funding_of_a_contract) {
  constexpr std::string_view kIndex =
      R"({"symbol":"BTCUSDT","markPrice":"11793.63104562","indexPrice":"11781.80495970",)"
      R"("estimatedSettlePrice":"11781.16138815","lastFundingRate":"-0.00038246","interestRate":"0.00010000",)"
      R"("nextFundingTime":1597392000000,"time":1597370495002})";
  ASSERT_TRUE(decode(QueryFunding{Symbol("BTCUSDT")}, kIndex).ok());
  const auto reports = all<FundingReport>(records_);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].symbol, "BTCUSDT");
  EXPECT_EQ(reports[0].mark_price, "11793.63104562"_dec);
  EXPECT_EQ(reports[0].index_price, "11781.80495970"_dec);
  EXPECT_EQ(reports[0].rate, "-0.00038246"_dec);
  EXPECT_EQ(reports[0].next_funding_time, from_unix_ms(1597392000000));
  EXPECT_EQ(reports[0].venue_time, from_unix_ms(1597370495002));
  expect_malformed(QueryFunding{Symbol("BTCUSDT")}, kIndex,
                   {{R"("markPrice":"11793.63104562")", R"("markPrice":"")"},
                    {R"("lastFundingRate":"-0.00038246")", R"("lastFundingRate":"x")"},
                    {R"("symbol":"BTCUSDT",)", ""}});
}

std::string payment(std::int64_t id, std::int64_t time_ms, std::string_view symbol = "BTCUSDT",
                    std::string_view income = "-0.37500000") {
  return R"({"symbol":")" + std::string(symbol) + R"(","incomeType":"FUNDING_FEE","income":")" + std::string(income) +
         R"(","asset":"USDT","info":"FUNDING_FEE","time":)" + std::to_string(time_ms) + R"(,"tranId":)" +
         std::to_string(id) + R"(,"tradeId":""})";
}

TEST_F(BinancePerpetualReplies, funding_payments_oldest_first) {
  const QueryFundingPayments asked{{}, from_unix_ms(1570600000000), from_unix_ms(1570700000000)};
  const std::string newest_first =
      "[" + payment(9689322393, 1570636800000, "ETHUSDT", "0.5") + "," + payment(9689322392, 1570608000000) + "]";
  const std::string oldest_first =
      "[" + payment(9689322392, 1570608000000) + "," + payment(9689322393, 1570636800000, "ETHUSDT", "0.5") + "]";
  for (const std::string& body : {newest_first, oldest_first}) {
    ASSERT_TRUE(decode(asked, body).ok());
    const auto payments = all<FundingPayment>(records_);
    ASSERT_EQ(payments.size(), 2U);
    EXPECT_EQ(payments[0].symbol, Symbol("BTCUSDT"));
    EXPECT_EQ(payments[0].id, "9689322392");
    EXPECT_EQ(payments[0].amount, "-0.375"_dec);  // paid
    EXPECT_EQ(payments[0].asset, "USDT");
    EXPECT_FALSE(payments[0].rate);
    EXPECT_EQ(payments[0].venue_time, from_unix_ms(1570608000000));
    EXPECT_EQ(payments[1].symbol, Symbol("ETHUSDT"));
    EXPECT_EQ(payments[1].amount, "0.5"_dec);
    ASSERT_EQ(all<FundingPaymentsPage>(records_).size(), 1U);
    EXPECT_FALSE(all<FundingPaymentsPage>(records_)[0].more);
  }
  expect_malformed(asked, oldest_first,
                   {{R"("incomeType":"FUNDING_FEE")", R"("incomeType":"COMMISSION")"},
                    {R"("symbol":"BTCUSDT")", R"("symbol":"")"},
                    {R"("income":"-0.37500000")", R"("income":"")"},
                    {R"("asset":"USDT")", R"("asset":"")"},
                    {R"("tranId":9689322392,)", ""},
                    {R"("time":1570608000000)", R"("time":0)"}});
  EXPECT_EQ(decode(asked, "{}").code(), StatusCode::malformed);
}

TEST_F(BinancePerpetualReplies, a_full_page_of_payments_is_continued_from_its_last_moment) {
  const QueryFundingPayments asked{{}, from_unix_ms(1000), from_unix_ms(9'000'000)};
  const auto page_of = [](std::size_t count, auto time_of) {
    std::string body = "[";
    for (std::size_t i = 0; i < count; ++i) {
      body += payment(static_cast<std::int64_t>(i) + 1, time_of(i)) + (i + 1 == count ? "]" : ",");
    }
    return body;
  };
  const auto slow = [](std::size_t i) { return 2000 + static_cast<std::int64_t>(i / 300); };
  ASSERT_TRUE(decode(asked, page_of(1000, slow)).ok());
  EXPECT_EQ(all<FundingPayment>(records_).size(), 1000U);
  EXPECT_TRUE(all<FundingPaymentsPage>(records_).at(0).more);
  // Many contracts pay at one moment, and the page may end among them.
  EXPECT_EQ(all<FundingPaymentsPage>(records_).at(0).next_start, from_unix_ms(2003));
  ASSERT_TRUE(decode(asked, page_of(999, slow)).ok());
  EXPECT_FALSE(all<FundingPaymentsPage>(records_).at(0).more);
  // One moment fills the page: never the same range again.
  ASSERT_TRUE(decode(asked, page_of(1000, [](std::size_t) { return 1000; })).ok());
  EXPECT_EQ(all<FundingPaymentsPage>(records_).at(0).next_start, from_unix_ms(1001));
  // From a full page with the newest first the older ones could never be reached.
  EXPECT_EQ(decode(asked, page_of(1000, [](std::size_t i) { return 5000 - static_cast<std::int64_t>(i); })).code(),
            StatusCode::malformed);
  EXPECT_TRUE(records_.empty());
}

// --- The key of the private stream ---------------------------------------------------------------------------------

TEST_F(BinancePerpetualReplies, a_key_for_the_private_stream) {
  ASSERT_TRUE(decode(OpenUserStream{}, R"({"listenKey":"pqia91ma19a5s61cv6a81va65sdf19v8a65a1"})").ok());
  ASSERT_EQ(all<UserStreamKey>(records_).size(), 1U);
  EXPECT_EQ(all<UserStreamKey>(records_)[0].key, "pqia91ma19a5s61cv6a81va65sdf19v8a65a1");
  EXPECT_EQ(all<UserStreamKey>(records_)[0].target, "/pqia91ma19a5s61cv6a81va65sdf19v8a65a1");
  ASSERT_TRUE(decode(OpenUserStream{}, R"({"listenKey":"a/b?c"})").ok());
  EXPECT_EQ(all<UserStreamKey>(records_).at(0).target, "/a%2Fb%3Fc");
  EXPECT_EQ(decode(OpenUserStream{}, R"({"listenKey":""})").code(), StatusCode::malformed);
  EXPECT_EQ(decode(OpenUserStream{}, "{}").code(), StatusCode::malformed);
}

TEST_F(BinancePerpetualReplies, a_renewed_key) {
  EXPECT_TRUE(decode(RenewUserStream{"ours"}, "{}").ok());
  EXPECT_TRUE(records_.empty());
  // It names the key that lives on. Another one than ours means that somebody closed ours.
  ASSERT_TRUE(decode(RenewUserStream{"ours"}, R"({"listenKey":"theirs"})").ok());
  ASSERT_EQ(all<UserStreamKey>(records_).size(), 1U);
  EXPECT_EQ(all<UserStreamKey>(records_)[0].key, "theirs");
  EXPECT_EQ(decode(RenewUserStream{"ours"}, R"({"listenKey":""})").code(), StatusCode::malformed);
  EXPECT_EQ(decode(RenewUserStream{"ours"}, "[]").code(), StatusCode::malformed);
  const Status gone = decode(RenewUserStream{"ours"}, R"({"code":-1125,"msg":"This listenKey does not exist."})", 400);
  EXPECT_EQ(gone.code(), StatusCode::rejected);
  EXPECT_EQ(gone.venue_code(), "-1125");
}

// --- Instruments ---------------------------------------------------------------------------------------------------

std::string instruments(std::string_view changes_from = {}, std::string_view changes_to = {}) {
  constexpr std::string_view kList =
      R"({"exchangeFilters":[],"serverTime":1565613908500,"symbols":[{"symbol":"BLZUSDT","pair":"BLZUSDT",)"
      R"("contractType":"PERPETUAL","deliveryDate":4133404800000,"status":"TRADING","baseAsset":"BLZ",)"
      R"("quoteAsset":"USDT","marginAsset":"USDT","pricePrecision":5,"quantityPrecision":3,)"
      R"("filters":[{"filterType":"PRICE_FILTER","maxPrice":"300","minPrice":"0.0001","tickSize":"0.0001"},)"
      R"({"filterType":"LOT_SIZE","maxQty":"10000000","minQty":"2","stepSize":"1"},)"
      R"({"filterType":"MARKET_LOT_SIZE","maxQty":"590119","minQty":"1","stepSize":"1"},)"
      R"({"filterType":"MAX_NUM_ORDERS","limit":200},{"filterType":"MIN_NOTIONAL","notional":"5.0"},)"
      R"({"filterType":"PERCENT_PRICE","multiplierUp":"1.1500","multiplierDown":"0.8500","multiplierDecimal":"4"}],)"
      R"("orderTypes":["LIMIT","MARKET"],"timeInForce":["GTC","IOC","FOK","GTX"]}]})";
  return changes_from.empty() ? std::string(kList) : replaced(kList, changes_from, changes_to);
}

TEST_F(BinancePerpetualReplies, the_rule_of_a_contract) {
  ASSERT_TRUE(decode(QueryInstruments{}, instruments()).ok());
  const auto list = all<Instrument>(records_);
  ASSERT_EQ(list.size(), 1U);
  const TradingRule& rule = list[0].rule;
  EXPECT_EQ(list[0].symbol, Symbol("BLZUSDT"));
  EXPECT_EQ(rule.trading_pair, "BLZ-USDT"_pair);
  EXPECT_EQ(rule.min_price_increment, "0.0001"_dec);  // the precisions beside it say something else
  EXPECT_EQ(rule.min_base_amount_increment, "1"_dec);
  EXPECT_EQ(rule.min_order_size, "2"_dec);
  EXPECT_EQ(rule.max_order_size, "10000000"_dec);
  EXPECT_EQ(rule.min_notional_size, "5"_dec);
  EXPECT_EQ(rule.max_price, "300"_dec);
  EXPECT_EQ(rule.buy_order_collateral_token, "USDT");
  EXPECT_EQ(rule.sell_order_collateral_token, "USDT");
  EXPECT_TRUE(rule.tradable);
  ASSERT_TRUE(decode(QueryInstruments{}, instruments(R"("marginAsset":"USDT")", R"("marginAsset":"BNFCR")")).ok());
  EXPECT_EQ(all<Instrument>(records_).at(0).rule.buy_order_collateral_token, "BNFCR");
}

TEST_F(BinancePerpetualReplies, contracts_that_are_not_traded_or_not_ours) {
  for (const char* status : {"PENDING_TRADING", "PRE_SETTLE", "SETTLING", "CLOSE", "DELIVERED"}) {
    ASSERT_TRUE(decode(QueryInstruments{}, instruments(R"("TRADING")", "\"" + std::string(status) + "\"")).ok());
    EXPECT_FALSE(all<Instrument>(records_).at(0).rule.tradable) << status;
  }
  for (const char* type : {"CURRENT_QUARTER", "TRADIFI_PERPETUAL", "PERPETUAL_DELIVERING"}) {
    ASSERT_TRUE(decode(QueryInstruments{}, instruments(R"("PERPETUAL")", "\"" + std::string(type) + "\"")).ok());
    EXPECT_TRUE(records_.empty()) << type;
  }
  ASSERT_TRUE(decode(QueryInstruments{}, instruments(R"("stepSize":"1")", R"("stepSize":"0")")).ok());
  EXPECT_EQ(all<BadInstrument>(records_).size(), 1U);
  EXPECT_TRUE(all<Instrument>(records_).empty());
}

TEST_F(BinancePerpetualReplies, a_book_is_told_under_the_symbol_that_was_asked_for) {
  {
    const Request asked = QueryDepth{Symbol("BTCUSDT")};
    ASSERT_TRUE(decode(asked, R"({"lastUpdateId":1027024,"E":1589436922972,"T":1589436922959,)"
                              R"("bids":[["4.00000000","431.00000000"]],"asks":[["4.00000200","12.00000000"]]})")
                    .ok());
  }
  const auto books = all<DepthSnapshot>(records_);
  ASSERT_EQ(books.size(), 1U);
  EXPECT_EQ(books[0].symbol, "BTCUSDT");  // the request is gone by now
  EXPECT_EQ(books[0].ids.last, 1027024U);
}

// --- Answers on the order entry stream -----------------------------------------------------------------------------

class Asked final : public AskedRequests {
 public:
  explicit Asked(std::map<std::uint64_t, Request> requests) : requests_(std::move(requests)) {}
  [[nodiscard]] const Request* find(std::uint64_t id) const override {
    const auto it = requests_.find(id);
    return it == requests_.end() ? nullptr : &it->second;
  }

 private:
  std::map<std::uint64_t, Request> requests_;
};

class BinancePerpetualAnswers : public BinancePerpetualReplies {
 protected:
  Result<std::optional<Answer>> answer(std::string_view frame) {
    records_.clear();
    return derivative_.decode_answer(buffer_.assign(frame), asked_, records_);
  }
  Asked asked_{{{77, order("testOrder")}, {78, CancelOrder{ref("testOrder")}}}};
};

TEST_F(BinancePerpetualAnswers, an_accepted_order_and_the_limits_it_used) {
  const auto read = answer(
      R"({"id":77,"status":200,"result":)" + std::string(kPlaced) +
      R"(,"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400,"count":5},)"
      R"({"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300,"count":1},)"
      R"({"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":1200,"count":0}]})");
  ASSERT_TRUE(read.ok());
  ASSERT_TRUE((*read).has_value());
  EXPECT_EQ((**read).id, 77U);
  EXPECT_TRUE((**read).status.ok());
  const auto reports = all<OrderReport>(records_);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].update.new_state, OrderState::open);
  EXPECT_FALSE(reports[0].update.venue_time);
  const auto used = all<UsedWeight>(records_);
  ASSERT_EQ(used.size(), 3U);
  EXPECT_EQ(used[0].limit_id, "weight");
  EXPECT_EQ(used[0].used, 5U);
}

TEST_F(BinancePerpetualAnswers, refusals_are_judged_as_those_of_rest) {
  auto read = answer(R"({"id":77,"status":400,"error":{"code":-2019,"msg":"Margin is insufficient."}})");
  ASSERT_TRUE(read.ok() && (*read).has_value());
  EXPECT_EQ((**read).status.code(), StatusCode::rejected);
  EXPECT_EQ((**read).status.reason(), FailureReason::insufficient_balance);
  read = answer(R"({"id":78,"status":400,"error":{"code":-2011,"msg":"Unknown order sent."}})");
  ASSERT_TRUE(read.ok() && (*read).has_value());
  EXPECT_EQ((**read).status.code(), StatusCode::order_not_found);
  read = answer(R"({"id":77,"status":408,"error":{"code":-1007,"msg":"Timeout"}})");
  ASSERT_TRUE(read.ok() && (*read).has_value());
  EXPECT_EQ((**read).status.code(), StatusCode::outcome_unknown);
  read = answer(R"({"id":77,"status":200,"result":{}})");
  ASSERT_TRUE(read.ok() && (*read).has_value());
  EXPECT_EQ((**read).status.code(), StatusCode::malformed);
  EXPECT_TRUE(records_.empty());
}

TEST_F(BinancePerpetualAnswers, an_answer_to_nothing_that_waits) {
  const auto read = answer(R"({"id":99,"status":200,"result":)" + std::string(kPlaced) + "}");
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE((*read).has_value());
  EXPECT_EQ(answer("nonsense").status().code(), StatusCode::malformed);
  EXPECT_EQ(answer("[]").status().code(), StatusCode::malformed);
}

}  // namespace
}  // namespace calypte::connector::binance_perpetual
