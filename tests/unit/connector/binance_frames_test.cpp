// The private stream of Binance spot, and order entry by frames.
#include <gtest/gtest.h>
#include <map>

#include "connector/exchange/binance/binance_exchange.hpp"
#include "support/records.hpp"

namespace calypte::connector::binance {
namespace {

using namespace venue;
using test::all;

class BinanceUserFrames : public ::testing::Test {
 protected:
  Status decode(std::string_view frame) {
    records_.clear();
    return exchange_.decode_frame(StreamKind::user, buffer_.assign(frame), records_);
  }
  Status event(const std::string& text) { return decode(R"({"subscriptionId":0,"event":)" + text + "}"); }
  /// The event with one text replaced must not be understood.
  void refuses(const std::string& text, const std::vector<std::pair<std::string, std::string>>& changes) {
    ASSERT_TRUE(event(text).ok());
    for (const auto& [from, to] : changes) {
      const auto at = text.find(from);
      ASSERT_NE(at, std::string::npos) << from;
      std::string changed = text;
      changed.replace(at, from.size(), to);
      EXPECT_EQ(event(changed).code(), StatusCode::malformed) << changed;
      EXPECT_TRUE(records_.empty()) << changed;
    }
  }
  static std::string with(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }
  BinanceExchange exchange_;
  PaddedBuffer buffer_;
  Records records_;
};

const std::string kNew =
    R"({"e":"executionReport","E":1499405658658,"s":"ETHBTC","c":"mUvoqJxFIILMdfAW5iGSOW","S":"BUY","o":"LIMIT",)"
    R"("f":"GTC","q":"1.00000000","p":"0.10264410","P":"0.00000000","F":"0.00000000","g":-1,"C":"","x":"NEW",)"
    R"("X":"NEW","r":"NONE","i":4293153,"l":"0.00000000","z":"0.00000000","L":"0.00000000","n":"0","N":null,)"
    R"("T":1499405658657,"t":-1,"I":8641984,"w":true,"m":false,"M":false,"O":1499405658657,"Z":"0.00000000",)"
    R"("Y":"0.00000000","Q":"0.00000000","W":1499405658657,"V":"NONE"})";
const std::string kTrade =
    R"({"e":"executionReport","E":1709654401000,"s":"ETHUSDT","c":"x-TD67BGP9-T0000000000000","S":"BUY","o":"LIMIT",)"
    R"("f":"GTC","q":"1.00000000","p":"2500.00000000","P":"0.00000000","x":"TRADE","X":"PARTIALLY_FILLED",)"
    R"("r":"NONE","i":12345678,"l":"0.50000000","z":"0.75000000","L":"2400.00000000","n":"0.00100000","N":"ETH",)"
    R"("T":1709654401001,"t":98765432,"w":false,"m":true,"O":1709654400000,"Z":"1805.00000000","C":""})";

TEST_F(BinanceUserFrames, the_answer_to_the_login) {
  ASSERT_TRUE(decode(R"({"id":11,"status":200,"result":{"subscriptionId":0},"rateLimits":[{"rateLimitType":)"
                     R"("REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000,"count":2}]})")
                  .ok());
  ASSERT_EQ(all<LoginResult>(records_).size(), 1U);
  EXPECT_EQ(all<LoginResult>(records_)[0].id, 11U);
  EXPECT_TRUE(all<LoginResult>(records_)[0].status.ok());
  ASSERT_EQ(all<UsedWeight>(records_).size(), 1U);
  EXPECT_EQ(all<UsedWeight>(records_)[0].used, 2U);

  ASSERT_TRUE(decode(R"({"id":12,"status":401,"error":{"code":-2015,"msg":"Invalid API-key"}})").ok());
  EXPECT_EQ(all<LoginResult>(records_).at(0).id, 12U);
  EXPECT_EQ(all<LoginResult>(records_)[0].status.code(), StatusCode::unauthenticated);
  ASSERT_TRUE(decode(R"({"id":12,"status":400,"error":{"code":-1021,"msg":"Timestamp"}})").ok());
  EXPECT_EQ(all<LoginResult>(records_).at(0).status.code(), StatusCode::clock_skew);
  ASSERT_TRUE(decode(R"({"id":12,"status":500,"error":{"code":-1000,"msg":"oh"}})").ok());
  EXPECT_EQ(all<LoginResult>(records_).at(0).status.code(), StatusCode::unavailable);
  EXPECT_EQ(decode(R"({"id":12,"status":200,"result":{}})").code(), StatusCode::malformed);
  EXPECT_TRUE(records_.empty());
}

TEST_F(BinanceUserFrames, a_revoked_key_ends_the_stream_that_stays_up) {
  ASSERT_TRUE(
      decode(R"({"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions"}})").ok());
  ASSERT_EQ(all<VenueNotice>(records_).size(), 1U);
  EXPECT_EQ(all<VenueNotice>(records_)[0].status.code(), StatusCode::unauthenticated);
  EXPECT_EQ(all<UserStreamExpired>(records_).size(), 1U);
  EXPECT_TRUE(all<LoginResult>(records_).empty());
  // Another error without id is no end.
  ASSERT_TRUE(decode(R"({"id":null,"status":400,"error":{"code":-1100,"msg":"Illegal characters"}})").ok());
  EXPECT_EQ(all<VenueNotice>(records_).size(), 1U);
  EXPECT_TRUE(all<UserStreamExpired>(records_).empty());
}

TEST_F(BinanceUserFrames, the_end_of_the_subscription_and_of_the_server) {
  ASSERT_TRUE(event(R"({"e":"eventStreamTerminated","E":1728973001334})").ok());
  EXPECT_EQ(all<UserStreamExpired>(records_).size(), 1U);
  ASSERT_TRUE(decode(R"({"event":{"e":"serverShutdown","E":1770123456789}})").ok());
  ASSERT_EQ(all<VenueNotice>(records_).size(), 1U);
  EXPECT_EQ(all<VenueNotice>(records_)[0].status.code(), StatusCode::unavailable);
}

TEST_F(BinanceUserFrames, an_order_is_new) {
  ASSERT_TRUE(event(kNew).ok());
  ASSERT_EQ(records_.items().size(), 1U);
  const OrderReport report = all<OrderReport>(records_).at(0);
  EXPECT_EQ(report.update.client_order_id, ClientOrderId("mUvoqJxFIILMdfAW5iGSOW"));
  EXPECT_EQ(report.update.exchange_order_id, ExchangeOrderId("4293153"));
  EXPECT_EQ(report.update.new_state, OrderState::open);
  EXPECT_EQ(report.update.venue_time, from_unix_ms(1499405658657));
  EXPECT_EQ(report.update.executed_amount_base, 0);
  EXPECT_EQ(report.symbol, Symbol("ETHBTC"));
  EXPECT_EQ(report.trade_type, TradeType::buy);
  EXPECT_EQ(report.order_type, OrderType::limit);
  EXPECT_EQ(report.amount, 1);
  EXPECT_EQ(report.price, "0.1026441"_dec);
  EXPECT_EQ(records_.channel(), "executionReport");
}

TEST_F(BinanceUserFrames, a_trade_is_a_fill_and_then_a_state) {
  ASSERT_TRUE(event(kTrade).ok());
  ASSERT_EQ(records_.items().size(), 2U);
  ASSERT_TRUE(std::holds_alternative<Fill>(records_.items()[0]));
  const Fill fill = std::get<Fill>(records_.items()[0]);
  EXPECT_EQ(fill.trade.trade_id, TradeId("98765432"));
  EXPECT_EQ(fill.trade.client_order_id, ClientOrderId("x-TD67BGP9-T0000000000000"));
  EXPECT_EQ(fill.trade.exchange_order_id, ExchangeOrderId("12345678"));
  EXPECT_EQ(fill.trade.fill_price, 2400);
  EXPECT_EQ(fill.trade.fill_base_amount, "0.5"_dec);
  EXPECT_EQ(fill.trade.fill_quote_amount, 1200);
  EXPECT_EQ(fill.trade.fill_time, from_unix_ms(1709654401001));
  EXPECT_FALSE(fill.trade.is_taker);
  EXPECT_EQ(fill.trade.fee.flat_fees.at(0), (TokenAmount{"ETH", "0.001"_dec}));
  EXPECT_EQ(fill.trade.realized_profit, std::nullopt);
  EXPECT_EQ(fill.trade_type, TradeType::buy);
  EXPECT_EQ(fill.symbol, Symbol("ETHUSDT"));
  EXPECT_EQ(fill.origin, FillOrigin::order);
  const OrderReport report = all<OrderReport>(records_).at(0);
  EXPECT_EQ(report.update.new_state, OrderState::partially_filled);
  EXPECT_EQ(report.update.executed_amount_base, "0.75"_dec);
  EXPECT_EQ(report.update.executed_amount_quote, 1805);

  ASSERT_TRUE(event(with(kTrade, "PARTIALLY_FILLED", "FILLED")).ok());
  EXPECT_EQ(all<OrderReport>(records_).at(0).update.new_state, OrderState::filled);
  ASSERT_TRUE(event(with(kTrade, R"("n":"0.00100000","N":"ETH")", R"("n":"0","N":null)")).ok());
  EXPECT_TRUE(all<Fill>(records_).at(0).trade.fee.flat_fees.empty());
}

TEST_F(BinanceUserFrames, only_a_trade_is_a_fill) {
  for (const char* execution : {"NEW", "CANCELED", "REPLACED", "REJECTED", "EXPIRED", "TRADE_PREVENTION", "FUTURE"}) {
    ASSERT_TRUE(event(with(kTrade, R"("x":"TRADE")", R"("x":")" + std::string(execution) + "\"")).ok()) << execution;
    EXPECT_TRUE(all<Fill>(records_).empty()) << execution;
    EXPECT_EQ(all<OrderReport>(records_).size(), 1U) << execution;
  }
}

TEST_F(BinanceUserFrames, the_report_of_a_cancel_carries_our_id_as_the_original_one) {
  std::string text = with(kTrade, R"("x":"TRADE","X":"PARTIALLY_FILLED")", R"("x":"CANCELED","X":"CANCELED")");
  text = with(text, R"("C":"")", R"("C":"cal-1")");
  ASSERT_TRUE(event(text).ok());
  ASSERT_EQ(records_.items().size(), 1U);
  const OrderReport report = all<OrderReport>(records_).at(0);
  EXPECT_EQ(report.update.client_order_id, ClientOrderId("cal-1"));
  EXPECT_EQ(report.update.new_state, OrderState::canceled);
  EXPECT_EQ(report.update.executed_amount_base, "0.75"_dec);
  EXPECT_EQ(report.update.reason, FailureReason::none);
}

TEST_F(BinanceUserFrames, why_an_order_ended) {
  const auto ended = [&](const char* state, const char* refusal, const char* expiry) {
    std::string text = with(kNew, R"("x":"NEW","X":"NEW","r":"NONE")",
                            R"("x":"EXPIRED","X":")" + std::string(state) + R"(","r":")" + refusal + "\"" +
                                (*expiry == '\0' ? "" : R"(,"eR":")" + std::string(expiry) + "\""));
    EXPECT_TRUE(event(text).ok()) << text;
    return all<OrderReport>(records_).at(0).update;
  };
  EXPECT_EQ(ended("REJECTED", "INSUFFICIENT_BALANCES", "").reason, FailureReason::insufficient_balance);
  EXPECT_EQ(ended("REJECTED", "WOULD_MATCH_IMMEDIATELY", "").reason, FailureReason::would_take);
  EXPECT_EQ(ended("REJECTED", "WOULD_MATCH_IMMEDIATELY", "").message, "WOULD_MATCH_IMMEDIATELY");
  EXPECT_EQ(ended("REJECTED", "OCO_BAD_PRICES", "").reason, FailureReason::rejected_by_venue);
  EXPECT_EQ(ended("REJECTED", "NONE", "").new_state, OrderState::failed);
  EXPECT_EQ(ended("EXPIRED", "NONE", "INSUFFICIENT_LIQUIDITY").reason, FailureReason::not_filled);
  EXPECT_EQ(ended("EXPIRED", "NONE", "OCO_TRIGGER").reason, FailureReason::none);
  EXPECT_EQ(ended("EXPIRED", "NONE", "OCO_TRIGGER").message, "OCO_TRIGGER");
  EXPECT_EQ(ended("EXPIRED", "NONE", "").message, "");
  EXPECT_EQ(ended("EXPIRED_IN_MATCH", "NONE", "").reason, FailureReason::self_trade);
  EXPECT_EQ(ended("EXPIRED_IN_MATCH", "NONE", "").new_state, OrderState::expired);
}

TEST_F(BinanceUserFrames, what_cannot_be_read_in_a_report_is_not_guessed) {
  refuses(kTrade, {{R"("i":12345678)", R"("i":"")"},
                   {R"("T":1709654401001)", R"("T":"soon")"},
                   {R"("x":"TRADE")", R"("y":"TRADE")"},
                   {R"("X":"PARTIALLY_FILLED")", R"("X":"HALF_FILLED")"},
                   {R"("S":"BUY")", R"("S":"HOLD")"},
                   {R"("t":98765432)", R"("t":-1)"},
                   {R"("l":"0.50000000")", R"("l":"0.00000000")"},
                   {R"("L":"2400.00000000")", R"("L":null)"},
                   {R"("m":true)", R"("m":1)"},
                   {R"("N":"ETH")", R"("N":null)"},
                   {R"("z":"0.75000000")", R"("z":"-0.75")"},
                   {R"("q":"1.00000000")", R"("q":"one")"},
                   {R"("Z":"1805.00000000")", R"("Z":"?")"}});
}

TEST_F(BinanceUserFrames, balances_that_changed) {
  const std::string text = R"({"e":"outboundAccountPosition","E":1564034571105,"u":1564034571073,"B":[)"
                           R"({"a":"ETH","f":"10000.000000","l":"0.500000"},{"a":"BTC","f":"0","l":"0"}]})";
  ASSERT_TRUE(event(text).ok());
  const auto balances = all<BalanceReport>(records_);
  ASSERT_EQ(balances.size(), 2U);
  EXPECT_EQ(balances[0].asset, "ETH");
  EXPECT_EQ(balances[0].available, 10000);
  EXPECT_EQ(balances[0].total, "10000.5"_dec);
  EXPECT_EQ(balances[0].venue_time, from_unix_ms(1564034571073));
  EXPECT_TRUE(balances[1].total->is_zero());
  EXPECT_TRUE(all<BalancesComplete>(records_).empty()) << "only what changed is told";
  refuses(text, {{R"("a":"ETH")", R"("a":"")"},
                 {R"("f":"0")", R"("f":"")"},
                 {R"("l":"0")", R"("x":"0")"},
                 {R"("B":[)", R"("A":[)"}});
}

TEST_F(BinanceUserFrames, of_no_interest) {
  for (const char* text :
       {R"({"e":"balanceUpdate","E":1573200697110,"a":"BTC","d":"100.00000000","T":1573200697068})",
        R"({"e":"externalLockUpdate","E":1581557507324,"a":"NEO","d":"10.00000000","T":1581557507268})",
        R"({"e":"listStatus","E":1564035303637,"s":"ETHBTC","g":2,"c":"OCO","l":"EXEC_STARTED","L":"EXECUTING",)"
        R"("r":"NONE","C":"F4QN4G8DlFATFlIUQ0cjdD","T":1564035303625,"O":[]})",
        R"({"e":"somethingOfNextYear","E":1})"}) {
    EXPECT_TRUE(event(text).ok()) << text;
    EXPECT_TRUE(records_.empty()) << text;
  }
}

TEST_F(BinanceUserFrames, no_message_at_all) {
  for (const char* text : {"", "{", "7", "{}", "[]", R"({"event":{}})", R"({"event":7})", R"({"id":1})"}) {
    EXPECT_EQ(decode(text).code(), StatusCode::malformed) << text;
    EXPECT_TRUE(records_.empty()) << text;
  }
}

// --- Order entry by frames -----------------------------------------------------------------------------------------

class BinanceOrderFrames : public ::testing::Test, private AskedRequests {
 protected:
  BinanceOrderFrames() {
    NewOrder order;
    order.client_order_id = ClientOrderId("cal-1");
    order.symbol = Symbol("BTCUSDT");
    asked_[5] = order;
    asked_[6] = CancelOrder{{ClientOrderId("cal-1"), ExchangeOrderId("12510053279"), Symbol("BTCUSDT")}};
  }
  Result<std::optional<Answer>> decode(std::string_view frame) {
    records_.clear();
    return exchange_.decode_answer(buffer_.assign(frame), *this, records_);
  }
  /// The verdict of a frame that must answer `id`.
  Status verdict(std::uint64_t id, std::string_view frame) {
    const auto answer = decode(frame);
    if (!answer.ok()) return answer.status();
    if (!answer->has_value()) return {StatusCode::malformed, "no answer"};
    EXPECT_EQ((*answer)->id, id);
    return (*answer)->status;
  }
  [[nodiscard]] const Request* find(std::uint64_t id) const override {
    const auto found = asked_.find(id);
    return found == asked_.end() ? nullptr : &found->second;
  }
  std::map<std::uint64_t, Request> asked_;
  BinanceExchange exchange_;
  PaddedBuffer buffer_;
  Records records_;
};

const std::string kLimits =
    R"("rateLimits":[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50,"count":12},)"
    R"({"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":160000,"count":4043},)"
    R"({"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000,"count":-1},)"
    R"({"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":300000,"count":9}])";
const std::string kPlaced =
    R"({"symbol":"BTCUSDT","orderId":12510053279,"orderListId":-1,"clientOrderId":"cal-1",)"
    R"("transactTime":1655716096505,"price":"0.10000000","origQty":"10.00000000","executedQty":"0.00000000",)"
    R"("origQuoteOrderQty":"0.000000","cummulativeQuoteQty":"0.00000000","status":"NEW","timeInForce":"GTC",)"
    R"("type":"LIMIT","side":"BUY","workingTime":1655716096505,"selfTradePreventionMode":"NONE"})";

TEST_F(BinanceOrderFrames, a_new_order_is_answered_as_by_rest) {
  ASSERT_TRUE(verdict(5, R"({"id":5,"status":200,"result":)" + kPlaced + "," + kLimits + "}").ok());
  const auto reports = all<OrderReport>(records_);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].update.client_order_id, ClientOrderId("cal-1"));
  EXPECT_EQ(reports[0].update.exchange_order_id, ExchangeOrderId("12510053279"));
  EXPECT_EQ(reports[0].update.new_state, OrderState::open);
  const auto used = all<UsedWeight>(records_);
  ASSERT_EQ(used.size(), 2U) << "a negative count is none, and raw requests have no row";
  EXPECT_EQ(used[0].limit_id, "orders_10s");
  EXPECT_EQ(used[0].used, 12U);
  EXPECT_EQ(used[1].limit_id, "orders_1d");
  EXPECT_EQ(used[1].used, 4043U);
  // Ids come back as they were sent, but a text would do as well.
  EXPECT_TRUE(verdict(5, R"({"id":"5","status":200,"result":)" + kPlaced + "}").ok());
}

TEST_F(BinanceOrderFrames, a_cancel) {
  std::string result = kPlaced;
  result.replace(result.find(R"("NEW")"), 5, R"("CANCELED")");
  result.replace(result.find(R"("clientOrderId":"cal-1")"), 23, R"("origClientOrderId":"cal-1","clientOrderId":"x")");
  ASSERT_TRUE(verdict(6, R"({"id":6,"status":200,"result":)" + result + "}").ok());
  EXPECT_EQ(all<OrderReport>(records_).at(0).update.new_state, OrderState::canceled);
  EXPECT_EQ(all<OrderReport>(records_)[0].update.client_order_id, ClientOrderId("cal-1"));
  EXPECT_EQ(verdict(6, R"({"id":6,"status":400,"error":{"code":-2011,"msg":"Unknown order sent."}})").code(),
            StatusCode::order_not_found);
}

TEST_F(BinanceOrderFrames, refusals_and_doubts) {
  EXPECT_EQ(
      verdict(5, R"({"id":5,"status":400,"error":{"code":-2010,"msg":"Order would immediately match and take."}})")
          .reason(),
      FailureReason::would_take);
  const Status duplicate = verdict(5, R"({"id":5,"status":400,"error":{"code":-2010,"msg":"Duplicate order sent."}})");
  EXPECT_EQ(duplicate.code(), StatusCode::outcome_unknown);
  EXPECT_EQ(duplicate.reason(), FailureReason::duplicate_client_order_id);
  EXPECT_EQ(verdict(5, R"({"id":5,"status":504,"error":{"code":-1007,"msg":"Timeout"}})").code(),
            StatusCode::outcome_unknown);
  const Status banned = verdict(5, R"({"id":5,"status":418,"error":{"code":-1003,"msg":"banned","data":)"
                                   R"({"serverTime":1659142907531,"retryAfter":1659146400000}},)" +
                                       kLimits + "}");
  EXPECT_EQ(banned.code(), StatusCode::rate_limited);
  EXPECT_EQ(banned.retry_at(), from_unix_ms(1659146400000));
  EXPECT_EQ(all<UsedWeight>(records_).size(), 2U);
}

TEST_F(BinanceOrderFrames, an_answer_that_cannot_be_read_still_names_its_request) {
  EXPECT_EQ(verdict(5, R"({"id":5,"status":200,"result":{"symbol":"BTCUSDT"}})").code(), StatusCode::malformed);
  EXPECT_TRUE(records_.empty());
  EXPECT_EQ(verdict(5, R"({"id":5,"status":200})").code(), StatusCode::malformed);
}

TEST_F(BinanceOrderFrames, frames_that_answer_nothing_that_is_known) {
  for (const std::string& frame : {R"({"id":99,"status":200,"result":)" + kPlaced + "," + kLimits + "}",
                                   R"({"id":"x","status":400,"error":{"code":-1000,"msg":"oh"},)" + kLimits + "}"}) {
    const auto answer = decode(frame);
    ASSERT_TRUE(answer.ok()) << frame;
    EXPECT_FALSE(answer->has_value()) << frame;
    EXPECT_EQ(all<UsedWeight>(records_).size(), 2U);
    EXPECT_TRUE(all<OrderReport>(records_).empty());
  }
  const auto revoked = decode(R"({"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key"}})");
  ASSERT_TRUE(revoked.ok());
  EXPECT_FALSE(revoked->has_value());
  EXPECT_EQ(all<VenueNotice>(records_).at(0).status.code(), StatusCode::unauthenticated);
  const auto shutdown = decode(R"({"event":{"e":"serverShutdown","E":1770123456789}})");
  ASSERT_TRUE(shutdown.ok());
  EXPECT_FALSE(shutdown->has_value());
  EXPECT_EQ(all<VenueNotice>(records_).size(), 1U);
  for (const char* text : {"", "{", "7", "[]", "{}", R"({"id":5})", R"({"id":5,"status":"fine"})"}) {
    EXPECT_EQ(decode(text).status().code(), StatusCode::malformed) << text;
    EXPECT_TRUE(records_.empty()) << text;
  }
}

}  // namespace
}  // namespace calypte::connector::binance
