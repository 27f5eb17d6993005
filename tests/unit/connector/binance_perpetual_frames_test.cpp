#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "connector/derivative/binance_perpetual/binance_perpetual_derivative.hpp"
#include "support/records.hpp"

namespace calypte::connector::binance_perpetual {
namespace {

using namespace venue;
using test::all;

std::string with(std::string_view text, std::string_view from, std::string_view to) {
  std::string changed(text);
  const std::size_t at = changed.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? changed : changed.replace(at, from.size(), to);
}

class BinancePerpetualFrames : public ::testing::Test {
 protected:
  Status decode(std::string_view text, StreamKind kind = StreamKind::user) {
    records_.clear();
    return derivative_.decode_frame(kind, buffer_.assign(text), records_);
  }
  void expect_malformed(std::string_view text, std::vector<std::pair<std::string_view, std::string_view>> changes,
                        StreamKind kind = StreamKind::user) {
    ASSERT_TRUE(decode(text, kind).ok());
    for (const auto& [from, to] : changes) {
      const std::string changed = with(text, from, to);
      EXPECT_EQ(decode(changed, kind).code(), StatusCode::malformed) << changed;
      EXPECT_TRUE(records_.empty()) << changed;
    }
  }
  void expect_nothing(std::string_view text, StreamKind kind = StreamKind::user) {
    EXPECT_TRUE(decode(text, kind).ok()) << text;
    EXPECT_TRUE(records_.empty()) << text;
  }
  BinancePerpetualDerivative derivative_;
  PaddedBuffer buffer_;
  Records records_;
};

// --- Orders --------------------------------------------------------------------------------------------------------

/// As a socket of 2026 sent it.
constexpr std::string_view kNew =
    R"({"e":"ORDER_TRADE_UPDATE","T":1779367929401,"E":1779367929402,"o":{"s":"SOLUSDT","c":"bot-e05","S":"BUY",)"
    R"("o":"LIMIT","f":"GTC","q":"21.26","p":"85.67","ap":"0","sp":"0","x":"NEW","X":"NEW","i":215456450616,"l":"0",)"
    R"("z":"0","L":"0","n":"0","N":"USDT","T":1779367929401,"t":0,"b":"2520.672","a":"0","m":false,"R":true,)"
    R"("wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"SHORT","cp":false,"rp":"0","pP":false,"si":0,"ss":0,)"
    R"("V":"EXPIRE_MAKER","pm":"NONE","gtd":0,"er":"0"}})";

constexpr std::string_view kTrade =
    R"({"e":"ORDER_TRADE_UPDATE","T":1568879465651,"E":1568879465652,"o":{"s":"BTCUSDT","c":"TEST","S":"BUY",)"
    R"("o":"LIMIT","f":"GTC","q":"0.002","p":"7100.50","ap":"7100.50","sp":"0","x":"TRADE","X":"PARTIALLY_FILLED",)"
    R"("i":8886774,"l":"0.001","z":"0.001","L":"7100.50","N":"USDT","n":"0.01000000","T":1568879465651,"t":12345678,)"
    R"("b":"0","a":"0","m":true,"R":false,"wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"LONG","cp":false,"AP":"0",)"
    R"("cr":"0","pP":false,"si":0,"ss":0,"rp":"12.34","V":"EXPIRE_TAKER"}})";

TEST_F(BinancePerpetualFrames, a_new_order_field_by_field) {
  ASSERT_TRUE(decode(kNew).ok());
  ASSERT_EQ(records_.items().size(), 1U);
  const OrderReport report = all<OrderReport>(records_).at(0);
  EXPECT_EQ(report.update.client_order_id, ClientOrderId("bot-e05"));
  EXPECT_EQ(report.update.exchange_order_id, ExchangeOrderId("215456450616"));
  EXPECT_EQ(report.update.new_state, OrderState::open);
  EXPECT_EQ(report.update.executed_amount_base, "0"_dec);
  EXPECT_EQ(report.update.venue_time, from_unix_ms(1779367929401));
  EXPECT_EQ(report.symbol, Symbol("SOLUSDT"));
  EXPECT_EQ(report.trade_type, TradeType::buy);
  EXPECT_EQ(report.order_type, OrderType::limit);
  EXPECT_EQ(report.amount, "21.26"_dec);
  EXPECT_EQ(report.price, "85.67"_dec);
  EXPECT_EQ(records_.channel(), "ORDER_TRADE_UPDATE");
  ASSERT_TRUE(decode(with(kNew, R"("f":"GTC")", R"("f":"GTX")")).ok());
  EXPECT_EQ(all<OrderReport>(records_).at(0).order_type, OrderType::limit_maker);
}

TEST_F(BinancePerpetualFrames, a_fill_stands_before_the_report_that_it_leads_to) {
  ASSERT_TRUE(decode(kTrade).ok());
  ASSERT_EQ(records_.items().size(), 2U);
  const auto* fill = std::get_if<Fill>(&records_.items()[0]);
  const auto* report = std::get_if<OrderReport>(&records_.items()[1]);
  ASSERT_NE(fill, nullptr);
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(fill->trade.trade_id, TradeId("12345678"));
  EXPECT_EQ(fill->trade.client_order_id, ClientOrderId("TEST"));
  EXPECT_EQ(fill->trade.exchange_order_id, ExchangeOrderId("8886774"));
  EXPECT_EQ(fill->trade.fill_time, from_unix_ms(1568879465651));
  EXPECT_EQ(fill->trade.fill_price, "7100.5"_dec);
  EXPECT_EQ(fill->trade.fill_base_amount, "0.001"_dec);
  EXPECT_EQ(fill->trade.fill_quote_amount, "7.1005"_dec);
  EXPECT_EQ(fill->trade.fee.flat_fees, (std::vector<TokenAmount>{{"USDT", "0.01"_dec}}));
  EXPECT_FALSE(fill->trade.is_taker);
  EXPECT_EQ(fill->trade.realized_profit, "12.34"_dec);
  EXPECT_EQ(fill->symbol, Symbol("BTCUSDT"));
  EXPECT_EQ(fill->trade_type, TradeType::buy);
  EXPECT_EQ(fill->position_side, PositionSide::long_side);
  EXPECT_EQ(fill->origin, FillOrigin::order);
  EXPECT_EQ(report->update.new_state, OrderState::partially_filled);
  EXPECT_EQ(report->update.executed_amount_base, "0.001"_dec);
}

TEST_F(BinancePerpetualFrames, fills_with_a_rebate_and_without_a_fee) {
  ASSERT_TRUE(decode(with(kTrade, R"("n":"0.01000000")", R"("n":"-0.005")")).ok());
  EXPECT_EQ(all<Fill>(records_).at(0).trade.fee.flat_fees, (std::vector<TokenAmount>{{"USDT", "-0.005"_dec}}));
  ASSERT_TRUE(decode(with(kTrade, R"("N":"USDT","n":"0.01000000",)", "")).ok());
  EXPECT_TRUE(all<Fill>(records_).at(0).trade.fee.flat_fees.empty());
}

TEST_F(BinancePerpetualFrames, malformed_orders) {
  expect_malformed(kTrade, {{R"("t":12345678)", R"("t":0)"},
                            {R"("l":"0.001")", R"("l":"0")"},
                            {R"("l":"0.001")", R"("l":"x")"},
                            {R"("L":"7100.50",)", ""},
                            {R"("m":true,)", ""},
                            {R"("ps":"LONG")", R"("ps":"UP")"},
                            {R"("S":"BUY",)", ""},
                            {R"("i":8886774,)", ""},
                            {R"("x":"TRADE",)", ""},
                            {R"("X":"PARTIALLY_FILLED")", R"("X":"STRANGE")"},
                            {R"("T":1568879465651,"t")", R"("T":0,"t")"},
                            {R"("N":"USDT",)", ""},
                            {R"("rp":"12.34")", R"("rp":"x")"},
                            {R"("o":{)", R"("oo":{)"}});
}

TEST_F(BinancePerpetualFrames, what_happened_decides_not_the_state) {
  // A cancel of an order that was filled in part is no fill.
  std::string text = with(kTrade, R"("x":"TRADE","X":"PARTIALLY_FILLED")", R"("x":"CANCELED","X":"CANCELED")");
  ASSERT_TRUE(decode(text).ok());
  EXPECT_TRUE(all<Fill>(records_).empty());
  EXPECT_EQ(all<OrderReport>(records_).at(0).update.new_state, OrderState::canceled);
  EXPECT_EQ(all<OrderReport>(records_).at(0).update.executed_amount_base, "0.001"_dec);

  text = with(kTrade, R"("x":"TRADE","X":"PARTIALLY_FILLED")", R"("x":"AMENDMENT","X":"PARTIALLY_FILLED")");
  ASSERT_TRUE(decode(with(text, R"("p":"7100.50")", R"("p":"7000","M":5)")).ok());
  EXPECT_TRUE(all<Fill>(records_).empty());
  EXPECT_EQ(all<OrderReport>(records_).at(0).update.new_state, OrderState::partially_filled);
  EXPECT_EQ(all<OrderReport>(records_).at(0).price, "7000"_dec);

  text = with(kTrade, R"("x":"TRADE","X":"PARTIALLY_FILLED")", R"("x":"TRADE_PREVENTION","X":"EXPIRED_IN_MATCH")");
  ASSERT_TRUE(decode(text).ok());
  EXPECT_TRUE(all<Fill>(records_).empty());
  EXPECT_EQ(all<OrderReport>(records_).at(0).update.new_state, OrderState::expired);
  EXPECT_EQ(all<OrderReport>(records_).at(0).update.reason, FailureReason::self_trade);
}

TEST_F(BinancePerpetualFrames, why_an_order_expired) {
  const std::vector<std::pair<int, FailureReason>> rows = {
      {0, FailureReason::none},        {1, FailureReason::self_trade},
      {2, FailureReason::not_filled},  {3, FailureReason::self_trade},
      {4, FailureReason::reduce_only}, {5, FailureReason::account_restricted},
      {9, FailureReason::not_filled},  {7, FailureReason::instrument_not_tradable}};
  for (const auto& [number, reason] : rows) {
    std::string text = with(kNew, R"("x":"NEW","X":"NEW")", R"("x":"EXPIRED","X":"EXPIRED")");
    text = with(text, R"("er":"0")", R"("er":")" + std::to_string(number) + "\"");
    ASSERT_TRUE(decode(text).ok());
    EXPECT_EQ(all<OrderReport>(records_).at(0).update.new_state, OrderState::expired);
    EXPECT_EQ(all<OrderReport>(records_).at(0).update.reason, reason) << number;
  }
}

TEST_F(BinancePerpetualFrames, what_nobody_ordered) {
  struct Row {
    std::string_view id, execution, state;
    FillOrigin origin;
    bool report;
  };
  const std::vector<Row> rows = {
      {"autoclose-1234567890", "CALCULATED", "FILLED", FillOrigin::liquidation, true},
      {"autoclose-insurance-5678", "CALCULATED", "NEW_INSURANCE", FillOrigin::liquidation, false},
      {"adl_autoclose_12345", "CALCULATED", "NEW_ADL", FillOrigin::deleveraging, false},
      {"adl_autoclose", "CALCULATED", "FILLED", FillOrigin::deleveraging, true},
      {"settlement_autoclose-9999", "TRADE", "FILLED", FillOrigin::settlement, true},
      {"delivery_autoclose-12345", "TRADE", "FILLED", FillOrigin::settlement, true},
      {"anything", "CALCULATED", "FILLED", FillOrigin::liquidation, true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.id) + " " + std::string(row.state));
    std::string text = with(kTrade, R"("c":"TEST")", R"("c":")" + std::string(row.id) + "\"");
    text = with(text, R"("x":"TRADE","X":"PARTIALLY_FILLED")",
                R"("x":")" + std::string(row.execution) + R"(","X":")" + std::string(row.state) + "\"");
    ASSERT_TRUE(decode(text).ok());
    ASSERT_EQ(all<Fill>(records_).size(), 1U);
    EXPECT_EQ(all<Fill>(records_)[0].origin, row.origin);
    EXPECT_EQ(all<Fill>(records_)[0].trade.realized_profit, "12.34"_dec);
    // The words of old times for such executions are no states of an order.
    EXPECT_EQ(all<OrderReport>(records_).size(), row.report ? 1U : 0U);
  }
}

TEST_F(BinancePerpetualFrames, a_liquidation_that_has_not_executed_yet_is_no_fill) {
  std::string text = with(kTrade, R"("c":"TEST")", R"("c":"autoclose-pending-0000")");
  text = with(text, R"("x":"TRADE","X":"PARTIALLY_FILLED")", R"("x":"CALCULATED","X":"NEW")");
  text = with(text, R"("l":"0.001","z":"0.001","L":"7100.50")", R"("l":"0","z":"0","L":"0")");
  ASSERT_TRUE(decode(with(text, R"("t":12345678)", R"("t":0)")).ok());
  EXPECT_TRUE(all<Fill>(records_).empty());
  EXPECT_EQ(all<OrderReport>(records_).at(0).update.new_state, OrderState::open);
}

TEST_F(BinancePerpetualFrames, ids_beyond_what_a_double_can_hold) {
  ASSERT_TRUE(decode(with(kTrade, R"("i":8886774)", R"("i":8389765739703625592)")).ok());
  EXPECT_EQ(all<OrderReport>(records_).at(0).update.exchange_order_id, ExchangeOrderId("8389765739703625592"));
}

TEST_F(BinancePerpetualFrames, a_wrapper_names_the_key_which_stays_out_of_the_name_of_the_channel) {
  ASSERT_TRUE(decode(R"({"stream":"secretKey","data":)" + std::string(kTrade) + "}").ok());
  EXPECT_EQ(all<Fill>(records_).size(), 1U);
  EXPECT_EQ(records_.channel(), "ORDER_TRADE_UPDATE");
  ASSERT_TRUE(decode(R"({"stream":"secretKey","data":{"e":"TRADE_LITE"}})").ok());
  EXPECT_EQ(records_.channel(), "TRADE_LITE");
  EXPECT_EQ(decode(R"({"stream":"secretKey","data":{}})").message().find("secretKey"), std::string::npos);
  EXPECT_EQ(records_.channel().find("secretKey"), std::string::npos);
}

TEST_F(BinancePerpetualFrames, a_fill_is_not_told_a_second_time_by_its_short_form) {
  expect_nothing(
      R"({"e":"TRADE_LITE","E":1727683915920,"T":1727683915920,"s":"ETHUSDT","q":"0.037","p":"2631.90","m":false,)"
      R"("c":"O-20240930","S":"BUY","L":"2631.90","l":"0.037","t":4467432841,"i":8389765739703625592})");
}

// --- The account ---------------------------------------------------------------------------------------------------

constexpr std::string_view kAccount =
    R"({"e":"ACCOUNT_UPDATE","E":1564745798939,"T":1564745798938,"a":{"m":"ORDER","B":[{"a":"USDT",)"
    R"("wb":"122624.12345678","cw":"100.12345678","bc":"50.12345678"}],"P":[{"s":"BTCUSDT","pa":"0","ep":"0.00000",)"
    R"("bep":"0","cr":"200","up":"0","mt":"isolated","iw":"0.00000000","ps":"BOTH"},{"s":"BTCUSDT","pa":"-20",)"
    R"("ep":"6563.66500","bep":"6563.6","cr":"0","up":"-2850.21200","mt":"cross","iw":"13200.70726908",)"
    R"("ps":"SHORT"}]}})";

TEST_F(BinancePerpetualFrames, balances_and_positions_after_a_change) {
  ASSERT_TRUE(decode(kAccount).ok());
  const auto balances = all<BalanceReport>(records_);
  ASSERT_EQ(balances.size(), 1U);
  EXPECT_EQ(balances[0].asset, "USDT");
  EXPECT_EQ(balances[0].total, "122624.12345678"_dec);
  EXPECT_FALSE(balances[0].available);  // what the cross wallet holds is not what is free
  EXPECT_EQ(balances[0].venue_time, from_unix_ms(1564745798938));
  const auto positions = all<PositionReport>(records_);
  ASSERT_EQ(positions.size(), 2U);
  EXPECT_EQ(positions[0].symbol, Symbol("BTCUSDT"));
  EXPECT_EQ(positions[0].side, PositionSide::net);
  EXPECT_TRUE(positions[0].amount.is_zero());
  EXPECT_EQ(positions[0].margin_type, MarginType::isolated);
  EXPECT_EQ(positions[1].side, PositionSide::short_side);
  EXPECT_EQ(positions[1].amount, "-20"_dec);
  EXPECT_EQ(positions[1].entry_price, "6563.665"_dec);
  EXPECT_EQ(positions[1].unrealized_profit, "-2850.212"_dec);
  EXPECT_FALSE(positions[1].liquidation_price);
  EXPECT_EQ(positions[1].margin_type, MarginType::cross);
  EXPECT_EQ(positions[1].venue_time, from_unix_ms(1564745798938));
  EXPECT_EQ(records_.items().size(), 3U);
  expect_malformed(kAccount, {{R"("wb":"122624.12345678")", R"("wb":"")"},
                              {R"("a":"USDT")", R"("a":"")"},
                              {R"("pa":"-20")", R"("pa":null)"},
                              {R"("ps":"SHORT")", R"("ps":"DOWN")"},
                              {R"("mt":"cross")", R"("mt":"portfolio")"},
                              {R"("T":1564745798938)", R"("T":0)"},
                              {R"("a":{)", R"("aa":{)"}});
}

TEST_F(BinancePerpetualFrames, a_booked_funding_is_told_and_has_to_be_asked_for) {
  ASSERT_TRUE(decode(R"({"e":"ACCOUNT_UPDATE","E":2,"T":1,"a":{"m":"FUNDING_FEE","S":"BTCUSDT",)"
                     R"("B":[{"a":"BNFCR","wb":"5","cw":"5","bc":"0"}]}})")
                  .ok());
  EXPECT_EQ(all<FundingBooked>(records_).size(), 1U);
  EXPECT_EQ(all<BalanceReport>(records_).at(0).asset, "BNFCR");
  ASSERT_TRUE(decode(kAccount).ok());
  EXPECT_TRUE(all<FundingBooked>(records_).empty());
}

TEST_F(BinancePerpetualFrames, settings_that_were_changed_elsewhere) {
  constexpr std::string_view kConfig =
      R"({"e":"ACCOUNT_CONFIG_UPDATE","E":1611646737479,"T":1611646737476,"ac":{"s":"BTCUSDT","l":25}})";
  ASSERT_TRUE(decode(kConfig).ok());
  ASSERT_EQ(all<LeverageReport>(records_).size(), 1U);
  EXPECT_EQ(all<LeverageReport>(records_)[0].symbol, Symbol("BTCUSDT"));
  EXPECT_EQ(all<LeverageReport>(records_)[0].leverage, 25U);
  EXPECT_FALSE(all<LeverageReport>(records_)[0].margin_type);
  expect_malformed(kConfig, {{R"("l":25)", R"("l":0)"}, {R"("s":"BTCUSDT",)", ""}, {R"("ac":{)", R"("zz":{)"}});
  expect_nothing(R"({"e":"ACCOUNT_CONFIG_UPDATE","E":1611646737479,"T":1611646737476,"ai":{"j":true}})");

  ASSERT_TRUE(decode(with(kAccount, R"("m":"ORDER")", R"("m":"MARGIN_TYPE_CHANGE")")).ok());
  const auto changes = all<LeverageReport>(records_);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].margin_type, MarginType::isolated);
  EXPECT_FALSE(changes[0].leverage);
}

TEST_F(BinancePerpetualFrames, a_margin_call) {
  constexpr std::string_view kCall =
      R"({"e":"MARGIN_CALL","E":1587727187525,"cw":"3.16812045","p":[{"s":"ETHUSDT","ps":"SHORT","pa":"-1.327",)"
      R"("mt":"CROSSED","iw":"0","mp":"187.17127","up":"-1.166074","mm":"1.614445"}]})";
  ASSERT_TRUE(decode(kCall).ok());
  const auto calls = all<MarginCall>(records_);
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].symbol, Symbol("ETHUSDT"));
  EXPECT_EQ(calls[0].side, PositionSide::short_side);
  EXPECT_EQ(calls[0].amount, "-1.327"_dec);
  EXPECT_EQ(calls[0].mark_price, "187.17127"_dec);
  EXPECT_EQ(calls[0].maintenance_margin, "1.614445"_dec);
  expect_malformed(
      kCall, {{R"("pa":"-1.327")", R"("pa":"")"}, {R"("mm":"1.614445")", R"("mm":"x")"}, {R"("p":[)", R"("q":[)"}});
}

TEST_F(BinancePerpetualFrames, the_end_of_the_key) {
  for (const char* text : {R"({"e":"listenKeyExpired","E":1736996475556,"listenKey":"WsCMN0a4KHUPTQuX6IUnqEZfB1"})",
                           R"({"stream":"WsCMN0a4","data":{"e":"listenKeyExpired","E":1736996475556}})"}) {
    ASSERT_TRUE(decode(text).ok());
    EXPECT_EQ(all<UserStreamExpired>(records_).size(), 1U) << text;
  }
}

TEST_F(BinancePerpetualFrames, events_of_no_interest) {
  for (const char* event :
       {"ALGO_UPDATE", "STRATEGY_UPDATE", "GRID_UPDATE", "CONDITIONAL_ORDER_TRIGGER_REJECT", "SOMETHING_NEW"}) {
    expect_nothing(R"({"e":")" + std::string(event) + R"(","E":1,"T":1,"o":{"X":"CANCELED"}})");
  }
}

TEST_F(BinancePerpetualFrames, what_is_no_event) {
  for (const char* text : {"", "{", "[]", "7", "{}", R"({"data":7})", R"({"e":7})"}) {
    EXPECT_EQ(decode(text).code(), StatusCode::malformed) << text;
    EXPECT_TRUE(records_.empty()) << text;
  }
}

// --- Market data ---------------------------------------------------------------------------------------------------

constexpr std::string_view kMark =
    R"({"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15000000","ap":"11794.20000000",)"
    R"("i":"11784.62659091","P":"11784.25641265","r":"0.00038167","T":1562306400000})";

TEST_F(BinancePerpetualFrames, a_mark_price) {
  for (const std::string& text :
       {std::string(kMark), R"({"stream":"btcusdt@markPrice@1s","data":)" + std::string(kMark) + "}"}) {
    ASSERT_TRUE(decode(text, StreamKind::trades).ok());
    const auto reports = all<FundingReport>(records_);
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].symbol, "BTCUSDT");
    EXPECT_EQ(reports[0].mark_price, "11794.15"_dec);
    EXPECT_EQ(reports[0].index_price, "11784.62659091"_dec);
    EXPECT_EQ(reports[0].rate, "0.00038167"_dec);
    EXPECT_EQ(reports[0].next_funding_time, from_unix_ms(1562306400000));
    EXPECT_EQ(reports[0].venue_time, from_unix_ms(1562305380000));
  }
  expect_malformed(kMark,
                   {{R"("p":"11794.15000000")", R"("p":"")"},
                    {R"("s":"BTCUSDT",)", ""},
                    {R"("r":"0.00038167")", R"("r":"x")"},
                    {R"("i":"11784.62659091")", R"("i":"x")"}},
                   StreamKind::trades);
}

TEST_F(BinancePerpetualFrames, mark_prices_of_all_contracts_without_those_of_the_other_market) {
  const std::string coin = with(with(kMark, "BTCUSDT", "BTCUSD_PERP"), R"("r":)", R"("st":2,"ps":"BTCUSD","r":)");
  const std::string dated =
      with(with(kMark, "BTCUSDT", "BTCUSDT_260626"), R"("r":"0.00038167","T":1562306400000)", R"("st":1,"r":"","T":0)");
  const std::string own = with(kMark, R"("r":)", R"("st":1,"r":)");
  const std::string list = "[" + coin + "," + own + "," + dated + "]";
  for (const std::string& text : {list, R"({"stream":"!markPrice@arr@1s","data":)" + list + "}"}) {
    ASSERT_TRUE(decode(text, StreamKind::trades).ok());
    const auto reports = all<FundingReport>(records_);
    ASSERT_EQ(reports.size(), 2U);
    EXPECT_EQ(reports[0].symbol, "BTCUSDT");
    EXPECT_EQ(reports[0].rate, "0.00038167"_dec);
    EXPECT_EQ(reports[1].symbol, "BTCUSDT_260626");
    EXPECT_FALSE(reports[1].rate);
    EXPECT_FALSE(reports[1].next_funding_time);
  }
  expect_nothing(coin, StreamKind::trades);
  EXPECT_EQ(decode("[" + own + ",7]", StreamKind::trades).code(), StatusCode::malformed);
  EXPECT_TRUE(records_.empty());
}

TEST_F(BinancePerpetualFrames, trades_of_the_route_for_trades) {
  ASSERT_TRUE(decode(R"({"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":123456789,"s":"BTCUSDT","a":5933014,)"
                     R"("p":"0.001","q":"100","nq":"90","f":100,"l":105,"T":123456785,"m":true,"st":1}})",
                     StreamKind::trades)
                  .ok());
  const auto trades = all<PublicTrade>(records_);
  ASSERT_EQ(trades.size(), 1U);
  EXPECT_EQ(trades[0].trade_id, "5933014");
  EXPECT_EQ(trades[0].taker_side, TradeType::sell);
  expect_nothing(
      R"({"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"0.014",)"
      R"("p":"9910","ap":"9910","X":"FILLED","l":"0.014","z":"0.014","T":1568014460893}})",
      StreamKind::trades);
}

}  // namespace
}  // namespace calypte::connector::binance_perpetual
