#include <gtest/gtest.h>
#include <string>

#include "unit/engine/order_test_support.hpp"

namespace calypte::engine::order_test {
namespace {

TradeFee fee(TradeFee::Kind kind) {
  return {.kind = kind, .percent = "0.50"_dec, .percent_token = "COINALPHA", .flat_fees = {{"HBOT", "-1.20"_dec}}};
}

TEST(OrderJson, TF_07_added_to_cost_is_written) {
  EXPECT_EQ(fee(TradeFee::Kind::added_to_cost).to_json(),
            R"({"fee_type":"AddedToCost","percent":"0.50","percent_token":"COINALPHA",)"
            R"("flat_fees":[{"token":"HBOT","amount":"-1.20"}]})");
}

TEST(OrderJson, TF_08_added_to_cost_is_read) {
  const TradeFee original = fee(TradeFee::Kind::added_to_cost);
  const auto read = TradeFee::from_json(original.to_json());
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(*read, original);
}

TEST(OrderJson, TF_09_deducted_from_returns_is_written) {
  EXPECT_EQ(fee(TradeFee::Kind::deducted_from_returns).to_json(),
            R"({"fee_type":"DeductedFromReturns","percent":"0.50","percent_token":"COINALPHA",)"
            R"("flat_fees":[{"token":"HBOT","amount":"-1.20"}]})");
}

TEST(OrderJson, TF_10_deducted_from_returns_is_read) {
  const TradeFee original = fee(TradeFee::Kind::deducted_from_returns);
  const auto read = TradeFee::from_json(original.to_json());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, original);
  EXPECT_FALSE(*read == fee(TradeFee::Kind::added_to_cost));
}

TEST(OrderJson, TF_16_token_amount_and_trade_update_are_written) {
  EXPECT_EQ((TokenAmount{"A\"B", "1.230"_dec}).to_json(), R"({"token":"A\"B","amount":"1.230"})");
  TradeUpdate t = trade("T1", "0.10"_dec, 2);
  t.is_taker = false;
  t.fill_quote_amount = "0.150"_dec;
  EXPECT_EQ(t.to_json(),
            R"({"trade_id":"T1","client_order_id":"OID1","exchange_order_id":"EOID1","trading_pair":"COINALPHA-HBOT",)"
            R"("fill_timestamp":1640001112002000000,"receive_timestamp":1640001112003000000,"fill_price":"1.5",)"
            R"("fill_base_amount":"0.10","fill_quote_amount":"0.150","fee":{"fee_type":"AddedToCost","percent":"0",)"
            R"("percent_token":"","flat_fees":[{"token":"HBOT","amount":"0.25"}]},"is_taker":false})");
}

TEST(OrderJson, a_realized_profit_is_kept_where_there_is_one) {
  TradeUpdate trade;
  trade.trade_id = TradeId("T1");
  trade.trading_pair = "BTC-USDT"_pair;
  trade.realized_profit = Decimal::from_parts(-1250, 3);
  const auto back = TradeUpdate::from_json(trade.to_json());
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  EXPECT_EQ(*back, trade);
  trade.realized_profit.reset();
  EXPECT_EQ(trade.to_json().find("realized_profit"), std::string::npos);
  EXPECT_EQ(*TradeUpdate::from_json(trade.to_json()), trade);
}

TEST(OrderJson, TF_17_token_amount_and_trade_update_are_read) {
  const TokenAmount amount{"USDC.E", "123456789012345678.000000000000000001"_dec};
  const auto read_amount = TokenAmount::from_json(amount.to_json());
  ASSERT_TRUE(read_amount.ok());
  EXPECT_EQ(*read_amount, amount);

  TradeUpdate t = trade("T\\1\n", "0.000000000000000001"_dec);
  t.is_taker = false;
  t.fill_time += Duration{1};
  t.fee = fee(TradeFee::Kind::deducted_from_returns);
  const auto read = TradeUpdate::from_json(t.to_json());
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(*read, t);

  TradeUpdate bare;
  bare.trade_id = TradeId("x");
  const auto read_bare = TradeUpdate::from_json(bare.to_json());
  ASSERT_TRUE(read_bare.ok()) << read_bare.status().to_string();
  EXPECT_EQ(*read_bare, bare);
}

TEST(OrderJson, unreadable_texts_name_the_member) {
  const auto status = [](std::string_view json) { return TokenAmount::from_json(json).status(); };
  EXPECT_EQ(status("").code(), StatusCode::malformed);
  EXPECT_EQ(status("[]").code(), StatusCode::malformed);
  EXPECT_NE(status(R"({"token":"A"})").message().find("amount"), std::string::npos);
  EXPECT_NE(status(R"({"token":"A","amount":"1,5"})").message().find("amount"), std::string::npos);
  EXPECT_FALSE(TradeFee::from_json(R"({"fee_type":"Free","percent":"0"})").ok());
  EXPECT_FALSE(InFlightOrder::from_json(R"({"client_order_id":"a"})").ok());
  const std::string good = open_order().to_json();
  std::string bad_state = good;
  bad_state.replace(bad_state.find(R"("last_state":"1")"), 16, R"("last_state":"12")");
  EXPECT_NE(InFlightOrder::from_json(bad_state).status().message().find("last_state"), std::string::npos);
}

InFlightOrder rich_order() {
  InFlightOrder::Intent i = intent("OID1", TradeType::sell);
  i.order_type = OrderType::limit_maker;
  i.time_in_force = TimeInForce::fill_or_kill;
  i.amount = "1000000000000000.000000000000000001"_dec;
  i.price = "0.000000123456789012"_dec;
  i.leverage = 20;
  i.position = PositionAction::close;
  InFlightOrder order(i);
  order.apply(report(OrderState::open, 1, ExchangeOrderId("first")));
  OrderUpdate amended = report(OrderState::partially_filled, 3, ExchangeOrderId("second"));
  amended.executed_amount_base = "600.5"_dec;
  order.apply(amended);
  TradeUpdate t = trade("T1", "500.25"_dec, 4, kId, ExchangeOrderId("first"));
  t.fee = fee(TradeFee::Kind::deducted_from_returns);
  t.is_taker = false;
  order.apply(t);
  return order;
}

TEST(OrderJson, IF_04_order_is_read_back_whole) {
  InFlightOrder order = rich_order();
  const auto read = InFlightOrder::from_json(order.to_json());
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(*read, order);
  EXPECT_EQ(read->order_fills(), order.order_fills());
  EXPECT_EQ(read->last_update_time(), order.last_update_time());
  EXPECT_EQ(read->exchange_order_ids().size(), 2U);
  EXPECT_TRUE(read->is_acknowledged());
  EXPECT_FALSE(read->is_completely_filled());
  EXPECT_TRUE(read->get_exchange_order_id().await_ready());

  OrderUpdate end = report(OrderState::canceled, 9, std::nullopt);
  end.reason = FailureReason::self_trade;
  end.message = "own \"order\"";
  ASSERT_TRUE(order.apply(end));
  const auto ended = InFlightOrder::from_json(order.to_json());
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(*ended, order);
  EXPECT_EQ(ended->end_reason(), FailureReason::self_trade);
  EXPECT_FALSE(*ended == *read);
}

TEST(OrderJson, IF_05_older_form_without_fills_and_update_time) {
  const auto read = InFlightOrder::from_json(
      R"({"client_order_id":"OID1","exchange_order_id":"EOID1","trading_pair":"COINALPHA-HBOT","order_type":"LIMIT",)"
      R"("trade_type":"BUY","price":"1.5","amount":"1000","executed_amount_base":"0","executed_amount_quote":"0",)"
      R"("last_state":"1","leverage":"1","position":"NIL","creation_timestamp":1640001112000000000})");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(*read, open_order());
  EXPECT_EQ(read->last_update_time(), read->creation_time());
  EXPECT_FALSE(read->is_completely_filled());
}

TEST(OrderJson, IF_06_completely_filled_is_known_after_reading) {
  InFlightOrder order = open_order();
  ASSERT_TRUE(order.apply(trade("T1", 1000)));
  const auto read = InFlightOrder::from_json(order.to_json());
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->is_completely_filled());
  EXPECT_TRUE(read->is_filled());
}

TEST(OrderJson, IF_07_names_and_forms_of_the_members) {
  InFlightOrder order = open_order();
  ASSERT_TRUE(order.apply(trade("T1", 10)));
  const std::string fill = order.order_fills().begin()->second.to_json();
  EXPECT_EQ(order.to_json(),
            R"({"client_order_id":"OID1","exchange_order_id":"EOID1","exchange_order_ids":["EOID1"],)"
            R"("trading_pair":"COINALPHA-HBOT","order_type":"LIMIT","trade_type":"BUY","time_in_force":"GTC",)"
            R"("price":"1.5","amount":"1000","executed_amount_base":"10","executed_amount_quote":"15.0",)"
            R"("venue_executed_amount_base":"0","last_state":"1","acknowledged":true,"end_reason":"none",)"
            R"("end_message":"","leverage":"1","position":"NIL","creation_timestamp":1640001112000000000,)"
            R"("last_update_timestamp":1640001112002000000,"last_venue_timestamp":null,"order_fills":{"T1":)" +
                fill + "}}");
}

TEST(OrderJson, H_19_order_without_price) {
  InFlightOrder::Intent i = intent();
  i.order_type = OrderType::market;
  i.price.reset();
  const InFlightOrder order(i);
  EXPECT_NE(order.to_json().find(R"("price":null)"), std::string::npos);
  const auto read = InFlightOrder::from_json(order.to_json());
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_FALSE(read->price());
  EXPECT_EQ(*read, order);
}

}  // namespace
}  // namespace calypte::engine::order_test
