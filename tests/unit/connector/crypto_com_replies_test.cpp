#include <gtest/gtest.h>
#include <map>

#include "connector/exchange/crypto_com/crypto_com_constants.hpp"
#include "connector/exchange/crypto_com/crypto_com_exchange.hpp"
#include "support/records.hpp"
#include "support/test_data.hpp"

namespace calypte::connector::crypto_com {
namespace {

using namespace venue;
using test::all;

class CryptoComReplies : public ::testing::Test {
 protected:
  Status decode(const Request& asked, int http_status, std::string_view body, std::vector<Header> headers = {}) {
    records_.clear();
    return exchange_.decode_reply(asked, {http_status, std::move(headers), buffer_.assign(body)}, records_);
  }
  /// The data array of an ordinary reply.
  Status decode_data(const Request& asked, std::string_view data) {
    return decode(asked, 200, R"({"id":1,"method":"m","code":0,"result":{"data":)" + std::string(data) + "}}");
  }
  CryptoComExchange exchange_;
  PaddedBuffer buffer_;
  Records records_;
};

TEST_F(CryptoComReplies, every_row_of_the_errors_for_orders_and_for_queries) {
  json::Document document;
  PaddedBuffer buffer(test::read_test_data("venues/crypto_com/errors.json"));
  const auto rows = document.parse(buffer.bytes());
  ASSERT_TRUE(rows.ok());
  ASSERT_GT((*rows).size(), 30U);
  for (const json::Value row : (*rows).elements()) {
    SCOPED_TRACE(row.text());
    const std::string body = R"({"id":1,"method":"m","code":)" + std::string(row.find("code").is_string() ? "\"" : "") +
                             std::string(row.find("code").text()) + (row.find("code").is_string() ? "\"" : "") +
                             R"(,"message":"SAID_SO","result":{"order_id":"5","client_oid":"a","data":[]}})";
    const int http = static_cast<int>(*row.find("http").integer());
    for (const Request& asked : {Request(NewOrder{}), Request(CancelOrder{}), Request(CancelAllOrders{})}) {
      const Status status = decode(asked, http, body);
      EXPECT_EQ(to_string(status.code()), row.find("order").string()) << request_name(asked);
      if (row.find("reason").is_null()) continue;
      EXPECT_EQ(to_string(status.reason()), row.find("reason").string());
      EXPECT_EQ(status.message(), "SAID_SO");
      EXPECT_EQ(status.venue_code(), row.find("code").scalar());
      EXPECT_TRUE(records_.empty());
    }
    EXPECT_EQ(to_string(decode(QueryOpenOrders{}, http, body).code()), row.find("query").string());
  }
}

TEST_F(CryptoComReplies, the_table_of_errors_has_no_code_twice) {
  for (const ErrorRow& row : kErrors) EXPECT_EQ(find_error(row.code), &row) << row.code;
}

TEST_F(CryptoComReplies, a_request_that_an_error_repeats_stays_out_of_the_status) {
  const Status status = decode(NewOrder{}, 400,
                               R"({"id":1,"method":"m","code":40003,"message":"Invalid request",)"
                               R"("original":"{\"api_key\":\"token\",\"sig\":\"abc\"}"})");
  EXPECT_EQ(status.to_string(), "rejected (40003) [rejected_by_venue]: Invalid request");
}

TEST_F(CryptoComReplies, pages_of_gateways_and_unreadable_bodies) {
  const auto codes = [this](int http, std::string_view body) {
    return std::pair(decode(NewOrder{}, http, body).code(), decode(QueryBalances{}, http, body).code());
  };
  using enum StatusCode;
  EXPECT_EQ(codes(502, "<html>Bad Gateway</html>"), std::pair(outcome_unknown, unavailable));
  EXPECT_EQ(codes(200, "<html>Please wait</html>"), std::pair(outcome_unknown, unavailable));
  EXPECT_EQ(codes(503, ""), std::pair(outcome_unknown, unavailable));
  EXPECT_EQ(codes(500, R"({"error":"oops"})"), std::pair(outcome_unknown, unavailable));
  EXPECT_EQ(codes(404, R"({"timestamp":"t","status":404,"error":"Not Found","path":"/v1/public/get-nope"})"),
            std::pair(outcome_unknown, unavailable));
  EXPECT_EQ(codes(429, "<html>slow down</html>"), std::pair(rate_limited, rate_limited));
  EXPECT_EQ(codes(200, R"({"code":0,"result":)"), std::pair(malformed, malformed));
  EXPECT_EQ(codes(200, "{}"), std::pair(malformed, malformed));
  EXPECT_EQ(codes(200, R"({"code":0})"), std::pair(malformed, malformed));
}

TEST_F(CryptoComReplies, the_date_header_is_a_sample_of_the_clock_whatever_the_reply) {
  const std::vector<Header> headers{{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}};
  EXPECT_EQ(decode(QueryServerTime{}, 400, R"({"code":40004})", headers).code(), StatusCode::ok);
  ASSERT_EQ(records_.items().size(), 1U);
  EXPECT_EQ(all<ServerTime>(records_)[0].time, from_unix_ms(784111777000));
  EXPECT_EQ(all<ServerTime>(records_)[0].resolution, 1s);
  EXPECT_EQ(decode(NewOrder{}, 400, R"({"code":40102})", headers).code(), StatusCode::clock_skew);
  EXPECT_EQ(all<ServerTime>(records_).size(), 1U);
  EXPECT_EQ(decode(QueryServerTime{}, 200, R"({"code":0,"result":{"data":[]}})").code(), StatusCode::malformed);
}

TEST_F(CryptoComReplies, an_accepted_order) {
  ASSERT_TRUE(decode(NewOrder{}, 200,
                     R"({"id":1,"method":"private/create-order","code":0,)"
                     R"("result":{"client_oid":"c5f682ed-7108-4f1c-b755-972fcdca0f02","order_id":"18342311"}})")
                  .ok());
  const auto reports = all<OrderReport>(records_);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].update.client_order_id, ClientOrderId("c5f682ed-7108-4f1c-b755-972fcdca0f02"));
  EXPECT_EQ(reports[0].update.exchange_order_id, ExchangeOrderId("18342311"));
  EXPECT_EQ(reports[0].update.new_state, OrderState::open);
  EXPECT_FALSE(reports[0].update.executed_amount_base);
}

TEST_F(CryptoComReplies, a_cancel_is_accepted_and_not_yet_done) {
  ASSERT_TRUE(decode(CancelOrder{}, 200,
                     R"({"id":"1","method":"private/cancel-order","code":"0","message":"NO_ERROR",)"
                     R"("result":{"client_oid":"c","order_id":"18342311"}})")
                  .ok());
  EXPECT_TRUE(records_.empty());
  EXPECT_TRUE(decode(CancelAllOrders{}, 200, R"({"id":1,"method":"private/cancel-all-orders","code":0})").ok());
  EXPECT_FALSE(exchange_.spec().orders.cancel_is_final);
}

constexpr std::string_view kOrder =
    R"({"account_id":"52e7","order_id":"6142909896902261394","client_oid":"cal-7","order_type":"LIMIT",)"
    R"("time_in_force":"GOOD_TILL_CANCEL","side":"SELL","exec_inst":["POST_ONLY"],"quantity":"0.0100",)"
    R"("limit_price":"50000.0","order_value":"500.000000","avg_price":"0.0","cumulative_quantity":"0.0040",)"
    R"("cumulative_value":"200.000000","cumulative_fee":"0.000000","status":"ACTIVE","instrument_name":"BTC_USD",)"
    R"("fee_instrument_name":"USD","create_time":1613575617173,"create_time_ns":"1613575617173123456",)"
    R"("update_time":1613575617200})";

/// `kOrder` with one member replaced.
std::string order_with(std::string_view from, std::string_view to) {
  std::string text(kOrder);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST_F(CryptoComReplies, an_order_field_by_field) {
  ASSERT_TRUE(decode(QueryOrder{}, 200, R"({"id":1,"code":0,"result":)" + std::string(kOrder) + "}").ok());
  const auto reports = all<OrderReport>(records_);
  ASSERT_EQ(reports.size(), 1U);
  const OrderReport& report = reports[0];
  EXPECT_EQ(report.update.client_order_id, ClientOrderId("cal-7"));
  EXPECT_EQ(report.update.exchange_order_id, ExchangeOrderId("6142909896902261394"));
  EXPECT_EQ(report.update.new_state, OrderState::partially_filled);
  EXPECT_EQ(report.update.executed_amount_base, "0.004"_dec);
  EXPECT_EQ(report.update.executed_amount_quote, "200"_dec);
  EXPECT_EQ(report.update.venue_time, from_unix_ms(1613575617200));
  EXPECT_EQ(report.update.reason, FailureReason::none);
  EXPECT_EQ(report.symbol, Symbol("BTC_USD"));
  EXPECT_EQ(report.trade_type, TradeType::sell);
  EXPECT_EQ(report.order_type, OrderType::limit_maker);
  EXPECT_EQ(report.amount, "0.01"_dec);
  EXPECT_EQ(report.price, "50000"_dec);
}

TEST_F(CryptoComReplies, states_and_their_reasons) {
  struct Case {
    std::string_view status;
    OrderState state;
    FailureReason reason;
  };
  using enum OrderState;
  for (const Case& c : {Case{R"("PENDING")", partially_filled, FailureReason::none},
                        Case{R"("FILLED","reason":"43012")", filled, FailureReason::none},
                        Case{R"("CANCELED")", canceled, FailureReason::none},
                        Case{R"("CANCELED","reason":"0")", canceled, FailureReason::none},
                        Case{R"("CANCELED","reason":"43012")", canceled, FailureReason::self_trade},
                        Case{R"("CANCELED","reason":43005)", canceled, FailureReason::would_take},
                        Case{R"("CANCELED","reason":43004)", canceled, FailureReason::not_filled},
                        Case{R"("REJECTED","reason":"306")", failed, FailureReason::insufficient_balance},
                        Case{R"("REJECTED","reason":"999")", failed, FailureReason::rejected_by_venue},
                        Case{R"("REJECTED")", failed, FailureReason::rejected_by_venue},
                        Case{R"("EXPIRED")", expired, FailureReason::none}}) {
    const std::string order = order_with(R"("ACTIVE")", c.status);
    ASSERT_TRUE(decode(QueryOrder{}, 200, R"({"code":0,"result":)" + order + "}").ok()) << c.status;
    EXPECT_EQ(all<OrderReport>(records_)[0].update.new_state, c.state) << c.status;
    EXPECT_EQ(all<OrderReport>(records_)[0].update.reason, c.reason) << c.status;
  }
  const std::string untouched = order_with(R"("0.0040")", R"("0.0000")");
  ASSERT_TRUE(decode(QueryOrder{}, 200, R"({"code":0,"result":)" + untouched + "}").ok());
  EXPECT_EQ(all<OrderReport>(records_)[0].update.new_state, open);
}

TEST_F(CryptoComReplies, numbers_as_json_numbers_mean_the_same) {
  std::string order = order_with(R"("0.0040")", "0.0040");
  order.replace(order.find(R"("6142909896902261394")"), 21, "6142909896902261394");
  order.replace(order.find("1613575617200"), 13, R"("1613575617200")");
  ASSERT_TRUE(decode(QueryOrder{}, 200, R"({"code":"0","result":)" + order + "}").ok());
  const OrderReport report = all<OrderReport>(records_)[0];
  EXPECT_EQ(report.update.exchange_order_id, ExchangeOrderId("6142909896902261394"));
  EXPECT_EQ(report.update.executed_amount_base, "0.004"_dec);
  EXPECT_EQ(report.update.venue_time, from_unix_ms(1613575617200));
}

TEST_F(CryptoComReplies, a_list_with_an_order_that_is_not_understood_is_no_list) {
  const std::string good(kOrder);
  const std::string strange = order_with(R"("ACTIVE")", R"("SLEEPING")");
  EXPECT_EQ(decode_data(QueryOpenOrders{}, "[" + good + "," + strange + "]").code(), StatusCode::malformed);
  EXPECT_TRUE(records_.empty());
  EXPECT_EQ(decode_data(QueryOpenOrders{}, "[" + order_with(R"("0.0040")", R"("some")") + "]").code(),
            StatusCode::malformed);
}

TEST_F(CryptoComReplies, open_orders_are_complete_for_what_was_asked) {
  ASSERT_TRUE(decode_data(QueryOpenOrders{}, "[" + std::string(kOrder) + "]").ok());
  ASSERT_EQ(records_.items().size(), 2U);
  EXPECT_EQ(all<OpenOrdersComplete>(records_)[0].symbol, Symbol());
  ASSERT_TRUE(decode_data(QueryOpenOrders{Symbol("BTC_USD")}, "[]").ok());
  ASSERT_EQ(records_.items().size(), 1U);
  EXPECT_EQ(all<OpenOrdersComplete>(records_)[0].symbol, Symbol("BTC_USD"));
}

std::string fill(std::string_view id, std::string_view ns, std::string_view more = "") {
  return R"({"account_id":"52e7","event_date":"2021-02-17","journal_type":"TRADING","traded_quantity":"0.0500",)"
         R"("traded_price":"51278.5","fees":"-1.025570","order_id":"19708564","trade_match_id":"76423",)"
         R"("client_oid":"7665b001","taker_side":"MAKER","side":"BUY","instrument_name":"BTC_USD",)"
         R"("fee_instrument_name":"USD","create_time":1613570791060,"trade_id":")" +
         std::string(id) + R"(","create_time_ns":")" + std::string(ns) + "\"" + std::string(more) + "}";
}

TEST_F(CryptoComReplies, a_fill_field_by_field) {
  ASSERT_TRUE(decode_data(QueryFills{}, "[" + fill("38554669", "1613570791060827635") + "]").ok());
  const auto fills = all<Fill>(records_);
  ASSERT_EQ(fills.size(), 1U);
  const TradeUpdate& trade = fills[0].trade;
  EXPECT_EQ(trade.trade_id, TradeId("38554669"));
  EXPECT_EQ(trade.client_order_id, ClientOrderId("7665b001"));
  EXPECT_EQ(trade.exchange_order_id, ExchangeOrderId("19708564"));
  EXPECT_EQ(trade.fill_time, from_unix_ns(1613570791060827635));
  EXPECT_EQ(trade.fill_price, "51278.5"_dec);
  EXPECT_EQ(trade.fill_base_amount, "0.05"_dec);
  EXPECT_EQ(trade.fill_quote_amount, "2563.925"_dec);
  EXPECT_FALSE(trade.is_taker);
  EXPECT_EQ(trade.fee.kind, TradeFee::Kind::added_to_cost);
  EXPECT_TRUE(trade.fee.percent.is_zero());
  EXPECT_EQ(trade.fee.flat_fees, (std::vector<TokenAmount>{{"USD", "1.02557"_dec}}));
  EXPECT_EQ(fills[0].symbol, Symbol("BTC_USD"));
  EXPECT_EQ(fills[0].trade_type, TradeType::buy);
  EXPECT_FALSE(all<FillsPage>(records_)[0].more);
}

TEST_F(CryptoComReplies, a_positive_fee_is_a_rebate_and_a_sell_pays_from_its_returns) {
  std::string item = fill("1", "1613570791060827635");
  item.replace(item.find("-1.025570"), 9, "0.25");
  item.replace(item.find("\"BUY\""), 5, "\"SELL\"");
  item.replace(item.find("\"MAKER\""), 7, "\"TAKER\"");
  ASSERT_TRUE(decode_data(QueryFills{}, "[" + item + "]").ok());
  const TradeUpdate trade = all<Fill>(records_)[0].trade;
  EXPECT_EQ(trade.fee.flat_fees, (std::vector<TokenAmount>{{"USD", "-0.25"_dec}}));
  EXPECT_EQ(trade.fee.kind, TradeFee::Kind::deducted_from_returns);
  EXPECT_TRUE(trade.is_taker);
}

TEST_F(CryptoComReplies, other_entries_of_the_journal_are_no_fills) {
  std::string item = fill("1", "1613570791060827635");
  item.replace(item.find("\"TRADING\""), 9, "\"LIQUIDATION_FEE\"");
  ASSERT_TRUE(decode_data(QueryFills{}, "[" + item + "]").ok());
  EXPECT_TRUE(all<Fill>(records_).empty());
}

TEST_F(CryptoComReplies, a_full_page_of_fills_asks_for_the_rest) {
  const Time base = from_unix_ns(1613570791000000000);
  const auto page = [&](bool newest_first, bool same_time) {
    std::string data = "[";
    for (int i = 0; i < 100; ++i) {
      const std::int64_t at = to_unix_ns(base) + (same_time ? 0 : newest_first ? 99 - i : i);
      data += (i == 0 ? "" : ",") + fill(std::to_string(i), std::to_string(at));
    }
    const QueryFills asked{{}, {}, base - 10s, base + 10s};
    EXPECT_TRUE(decode_data(asked, data + "]").ok());
    EXPECT_EQ(all<Fill>(records_).size(), 100U);
    return all<FillsPage>(records_).at(0);
  };
  const FillsPage older = page(true, false);
  EXPECT_TRUE(older.more);
  EXPECT_EQ(older.next_end, base + Duration{1});
  EXPECT_FALSE(older.next_start);
  const FillsPage newer = page(false, false);
  EXPECT_TRUE(newer.more);
  EXPECT_EQ(newer.next_start, base + Duration{99});
  EXPECT_FALSE(newer.next_end);
  EXPECT_EQ(page(true, true).next_end, base + Duration{1});
}

TEST_F(CryptoComReplies, balances) {
  ASSERT_TRUE(
      decode_data(QueryBalances{},
                  R"([{"total_available_balance":"19.00","instrument_name":"USD","position_balances":[)"
                  R"({"quantity":"30","reserved_qty":"4.5","collateral_eligible":true,"instrument_name":"CRO"},)"
                  R"({"quantity":"18.18176564","reserved_qty":"0","collateral_eligible":"true",)"
                  R"("instrument_name":"USD"},{"quantity":"1","instrument_name":"ETH"}]}])")
          .ok());
  const auto balances = all<BalanceReport>(records_);
  ASSERT_EQ(balances.size(), 3U);
  EXPECT_EQ(balances[0].asset, "CRO");
  EXPECT_EQ(balances[0].total, "30"_dec);
  EXPECT_EQ(balances[0].available, "25.5"_dec);
  EXPECT_EQ(balances[1].available, "18.18176564"_dec);
  EXPECT_EQ(balances[2].available, "1"_dec);
  EXPECT_EQ(all<BalancesComplete>(records_).size(), 1U);
  EXPECT_EQ(decode_data(QueryBalances{}, "[]").code(), StatusCode::malformed);
}

TEST_F(CryptoComReplies, instruments_are_the_spot_ones_and_one_bad_entry_spoils_no_other) {
  ASSERT_TRUE(
      decode_data(
          QueryInstruments{},
          R"([{"symbol":"1INCHUSD-PERP","inst_type":"PERPETUAL_SWAP","base_ccy":"1INCH","quote_ccy":"USD",)"
          R"("price_tick_size":"0.00001","qty_tick_size":"1","tradable":true,"product_type":"DIGITAL_CURRENCIES"},)"
          R"({"symbol":"1INCH_USD","inst_type":"CCY_PAIR","display_name":"1INCH/USD","base_ccy":"1INCH",)"
          R"("quote_ccy":"USD","quote_decimals":5,"quantity_decimals":1,"price_tick_size":"0.00001",)"
          R"("qty_tick_size":"0.1","tradable":true,"expiry_timestamp_ms":0,"product_type":"DIGITAL_CURRENCIES"},)"
          R"({"symbol":"NVDA_USD","inst_type":"CCY_PAIR","base_ccy":"NVDA","quote_ccy":"USD",)"
          R"("price_tick_size":"0.01","qty_tick_size":"1","tradable":true,"product_type":"EQUITY"},)"
          R"({"symbol":"BAD_USD","inst_type":"CCY_PAIR","base_ccy":"BAD","quote_ccy":"USD",)"
          R"("price_tick_size":"0","qty_tick_size":"1","tradable":true},)"
          R"({"symbol":"WORSE_USD","inst_type":"CCY_PAIR","base_ccy":"","quote_ccy":"USD",)"
          R"("price_tick_size":"1","qty_tick_size":"1","tradable":true},)"
          R"({"symbol":"OLD_USD","inst_type":"CCY_PAIR","base_ccy":"OLD","quote_ccy":"USD",)"
          R"("price_tick_size":0.5,"qty_tick_size":1e-3,"tradable":false}])")
          .ok());
  const auto instruments = all<Instrument>(records_);
  ASSERT_EQ(instruments.size(), 2U);
  EXPECT_EQ(instruments[0].symbol, Symbol("1INCH_USD"));
  EXPECT_EQ(instruments[0].rule.trading_pair, "1INCH-USD"_pair);
  EXPECT_EQ(instruments[0].rule.min_price_increment, "0.00001"_dec);
  EXPECT_EQ(instruments[0].rule.min_base_amount_increment, "0.1"_dec);
  EXPECT_EQ(instruments[0].rule.min_order_size, "0.1"_dec);
  EXPECT_TRUE(instruments[0].rule.tradable);
  EXPECT_EQ(instruments[1].symbol, Symbol("OLD_USD"));
  EXPECT_EQ(instruments[1].rule.min_base_amount_increment, "0.001"_dec);
  EXPECT_FALSE(instruments[1].rule.tradable);
  const auto bad = all<BadInstrument>(records_);
  ASSERT_EQ(bad.size(), 2U);
  EXPECT_EQ(bad[0].symbol, "BAD_USD");
  EXPECT_EQ(bad[1].symbol, "WORSE_USD");
  EXPECT_FALSE(bad[1].error.empty());
}

TEST_F(CryptoComReplies, a_book_without_sequence) {
  ASSERT_TRUE(decode(QueryDepth{Symbol("BTC_USD")}, 200,
                     R"({"code":0,"method":"public/get-book","result":{"depth":10,"data":[{"bids":[["50113.5","0.4",)"
                     R"("1"],["50113.0","0.051800","1"]],"asks":[["50126.0","0.4","1"]],"t":1790113400301}],)"
                     R"("instrument_name":"BTC_USD"}})")
                  .ok());
  const auto books = all<DepthSnapshot>(records_);
  ASSERT_EQ(books.size(), 1U);
  EXPECT_EQ(books[0].symbol, "BTC_USD");
  EXPECT_FALSE(books[0].ids.last);
  EXPECT_EQ(books[0].depth, 10U);
  EXPECT_EQ(books[0].venue_time, from_unix_ms(1790113400301));
  ASSERT_EQ(records_.bids(books[0].levels).size(), 2U);
  EXPECT_EQ(records_.bids(books[0].levels)[1].amount, (WireNumber{51800, 6}));
  ASSERT_EQ(records_.asks(books[0].levels).size(), 1U);
  EXPECT_EQ(records_.asks(books[0].levels)[0].price, (WireNumber{501260, 1}));
}

TEST_F(CryptoComReplies, last_prices_leave_out_what_never_traded) {
  ASSERT_TRUE(decode_data(QueryTickers{},
                          R"([{"i":"WALUSD-PERP","h":"0.02470","a":"0.02169","b":"0.02161","k":"0.02163","t":1},)"
                          R"({"i":"NEW_USD","h":"0","a":null,"b":null,"k":null,"t":1}])")
                  .ok());
  const auto prices = all<LastPrice>(records_);
  ASSERT_EQ(prices.size(), 1U);
  EXPECT_EQ(prices[0].symbol, Symbol("WALUSD-PERP"));
  EXPECT_EQ(prices[0].price, "0.02169"_dec);
}

TEST_F(CryptoComReplies, fees_are_fractions) {
  ASSERT_TRUE(decode(QueryFees{}, 200,
                     R"({"id":1,"code":0,"result":{"spot_tier":"3","effective_spot_maker_rate_bps":"6.5",)"
                     R"("effective_spot_taker_rate_bps":"6.9","effective_deriv_maker_rate_bps":"1.1",)"
                     R"("effective_deriv_taker_rate_bps":"3"}})")
                  .ok());
  const auto fees = all<FeeReport>(records_);
  ASSERT_EQ(fees.size(), 1U);
  EXPECT_TRUE(fees[0].symbol.empty());
  EXPECT_EQ(fees[0].maker_percent, "0.00065"_dec);
  EXPECT_EQ(fees[0].taker_percent, "0.00069"_dec);
}

class CryptoComAnswers : public CryptoComReplies {
 protected:
  class Asked final : public AskedRequests {
   public:
    [[nodiscard]] const Request* find(std::uint64_t id) const override {
      const auto found = requests.find(id);
      return found == requests.end() ? nullptr : &found->second;
    }
    std::map<std::uint64_t, Request> requests{{1, NewOrder{}}, {2, CancelOrder{}}};
  };
  Result<std::optional<Answer>> answer(std::string_view frame) {
    records_.clear();
    return exchange_.decode_answer(buffer_.assign(frame), asked_, records_);
  }
  Asked asked_;
};

TEST_F(CryptoComAnswers, name_their_request_and_are_judged_like_replies) {
  const auto placed = answer(
      R"({"id":1,"method":"private/create-order","code":0,"result":{"client_oid":"cal-1","order_id":"18342311"}})");
  ASSERT_TRUE(placed.ok() && *placed);
  EXPECT_EQ((*placed)->id, 1U);
  EXPECT_TRUE((*placed)->status.ok());
  const auto reports = all<OrderReport>(records_);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].update.client_order_id, ClientOrderId("cal-1"));
  EXPECT_EQ(reports[0].update.exchange_order_id, ExchangeOrderId("18342311"));
  EXPECT_EQ(reports[0].update.new_state, OrderState::open);

  const auto cancelled = answer(R"({"id":2,"method":"private/cancel-order","code":0,"message":"NO_ERROR",)"
                                R"("result":{"client_oid":"cal-1","order_id":"18342311"}})");
  ASSERT_TRUE(cancelled.ok() && *cancelled);
  EXPECT_EQ((*cancelled)->id, 2U);
  EXPECT_TRUE((*cancelled)->status.ok());
  EXPECT_TRUE(records_.empty()) << "taken, not done";

  struct Case {
    int id;
    std::string_view method;
    int code;
    StatusCode status;
  };
  for (const Case& c : {Case{1, "private/create-order", 306, StatusCode::rejected},
                        Case{1, "private/create-order", 42901, StatusCode::rate_limited},
                        Case{1, "private/create-order", 40101, StatusCode::unauthenticated},
                        Case{1, "private/create-order", 50001, StatusCode::outcome_unknown},
                        Case{1, "private/create-order", 204, StatusCode::outcome_unknown},
                        Case{2, "private/cancel-order", 40401, StatusCode::order_not_found}}) {
    const auto refused = answer(R"({"id":)" + std::to_string(c.id) + R"(,"method":")" + std::string(c.method) +
                                R"(","code":)" + std::to_string(c.code) + R"(,"message":"SAID_SO"})");
    ASSERT_TRUE(refused.ok() && *refused) << c.code;
    EXPECT_EQ((*refused)->status.code(), c.status) << c.code;
    EXPECT_EQ((*refused)->status.message(), "SAID_SO");
    EXPECT_TRUE(records_.empty()) << c.code;
  }
}

TEST_F(CryptoComAnswers, without_the_order_id_are_no_verdict) {
  const auto placed = answer(R"({"id":1,"method":"private/create-order","code":0,"result":{}})");
  ASSERT_TRUE(placed.ok() && *placed);
  EXPECT_EQ((*placed)->status.code(), StatusCode::malformed);
  const auto codeless = answer(R"({"id":1,"method":"private/create-order"})");
  ASSERT_TRUE(codeless.ok() && *codeless);
  EXPECT_FALSE((*codeless)->status.ok());
  EXPECT_FALSE((*codeless)->status.certainly_without_effect());
}

TEST_F(CryptoComAnswers, to_nobody_tell_of_an_accepted_order_and_of_nothing_else) {
  for (const std::string_view frame :
       {R"({"id":9,"method":"private/create-order","code":0,"result":{"client_oid":"cal-9","order_id":"5"}})",
        R"({"id":2,"method":"private/create-order","code":0,"result":{"client_oid":"cal-9","order_id":"5"}})"}) {
    const auto late = answer(frame);
    ASSERT_TRUE(late.ok());
    EXPECT_FALSE(*late) << "the id belongs to another request, or to none";
    ASSERT_EQ(all<OrderReport>(records_).size(), 1U);
    EXPECT_EQ(all<OrderReport>(records_)[0].update.client_order_id, ClientOrderId("cal-9"));
  }
  const auto refused = answer(R"({"id":9,"method":"private/create-order","code":306,"message":"x"})");
  ASSERT_TRUE(refused.ok());
  EXPECT_FALSE(*refused);
  EXPECT_TRUE(records_.empty());
}

TEST_F(CryptoComAnswers, log_ins_heartbeats_and_rubbish_pass_by) {
  auto login = answer(R"({"id":11,"method":"public/auth","code":0})");
  ASSERT_TRUE(login.ok());
  EXPECT_FALSE(*login);
  EXPECT_EQ(all<LoginResult>(records_).size(), 1U);
  const auto beat = answer(R"({"id":1587523073344,"method":"public/heartbeat","code":0})");
  ASSERT_TRUE(beat.ok());
  ASSERT_EQ(all<HeartbeatRequest>(records_).size(), 1U);
  EXPECT_EQ(all<HeartbeatRequest>(records_)[0].reply, R"({"id":1587523073344,"method":"public/respond-heartbeat"})");
  EXPECT_FALSE(answer("{").ok());
  EXPECT_FALSE(answer(R"({"id":1})").ok());
  EXPECT_TRUE(records_.empty());
}

}  // namespace
}  // namespace calypte::connector::crypto_com
