#include "calypte/trading_rule.hpp"

#include <gtest/gtest.h>

#include "unit/core/print.hpp"

namespace calypte {
namespace {

TradingRule rule() {
  return {.trading_pair = "BTC-USDT"_pair,
          .min_order_size = "0.001"_dec,
          .max_order_size = 10,
          .min_price_increment = "0.01"_dec,
          .min_base_amount_increment = "0.0005"_dec,
          .min_quote_amount_increment = "0.01"_dec,
          .min_notional_size = 5,
          .max_notional_size = 100'000,
          .min_price = 1,
          .max_price = 50'000,
          .max_price_significant_digits = 5,
          .buy_order_collateral_token = {},
          .sell_order_collateral_token = {}};
}

FailureReason reason_of(const TradingRule& r, OrderType type, const Decimal& amount, std::optional<Decimal> price) {
  const Status status = r.check(type, amount, price);
  EXPECT_EQ(status.ok(), status.code() != StatusCode::denied);
  if (!status.ok()) {
    EXPECT_TRUE(status.certainly_without_effect());
    EXPECT_FALSE(status.message().empty());
  }
  return status.reason();
}

TEST(TradingRule, H_14_every_limit_has_its_own_reason) {
  const TradingRule r = rule();
  using enum OrderType;
  EXPECT_EQ(reason_of(r, limit, 1, 100), FailureReason::none);
  EXPECT_EQ(reason_of(r, limit, "0.0005"_dec, 20'000), FailureReason::below_min_order_size);
  EXPECT_EQ(reason_of(r, limit, "0.001"_dec, 20'000), FailureReason::none);
  EXPECT_EQ(reason_of(r, limit, "10.0005"_dec, 100), FailureReason::above_max_order_size);
  EXPECT_EQ(reason_of(r, limit, 10, 100), FailureReason::none);
  EXPECT_EQ(reason_of(r, limit, "0.001"_dec, "4999.9"_dec), FailureReason::below_min_notional);
  EXPECT_EQ(reason_of(r, limit, "0.001"_dec, 5000), FailureReason::none);
  EXPECT_EQ(reason_of(r, limit, 10, 10'001), FailureReason::above_max_notional);
  EXPECT_EQ(reason_of(r, limit, 10, 10'000), FailureReason::none);
  EXPECT_EQ(reason_of(r, limit, 1, "1000.01"_dec), FailureReason::too_many_significant_digits);
  EXPECT_EQ(reason_of(r, limit, 1, "1000.1"_dec), FailureReason::none);
  EXPECT_EQ(reason_of(r, limit, 10, "0.99"_dec), FailureReason::invalid_price);
  EXPECT_EQ(reason_of(r, limit, 10, 1), FailureReason::none);
  EXPECT_EQ(reason_of(r, limit, 1, 50'001), FailureReason::invalid_price);
  EXPECT_EQ(reason_of(r, limit, 1, 50'000), FailureReason::none);
  EXPECT_EQ(reason_of(r, limit, 1, "100.001"_dec), FailureReason::too_many_significant_digits);
  EXPECT_EQ(reason_of(r, limit, 10, "1.001"_dec), FailureReason::invalid_price);
  EXPECT_EQ(reason_of(r, limit, "1.0001"_dec, 100), FailureReason::invalid_amount);
  EXPECT_EQ(reason_of(r, limit, 0, 100), FailureReason::invalid_amount);
  EXPECT_EQ(reason_of(r, limit, -1, 100), FailureReason::invalid_amount);
  EXPECT_EQ(reason_of(r, limit, 1, 0), FailureReason::invalid_price);
  EXPECT_EQ(reason_of(r, limit, 1, -100), FailureReason::invalid_price);
  EXPECT_EQ(reason_of(r, limit, 1, std::nullopt), FailureReason::invalid_price);
  EXPECT_EQ(reason_of(r, limit_maker, 1, std::nullopt), FailureReason::invalid_price);
}

TEST(TradingRule, H_14_supported_types_and_tradable) {
  TradingRule r = rule();
  r.supports_market_orders = false;
  EXPECT_EQ(reason_of(r, OrderType::market, 1, 100), FailureReason::unsupported_order_type);
  EXPECT_EQ(reason_of(r, OrderType::limit, 1, 100), FailureReason::none);
  r = rule();
  r.supports_limit_orders = false;
  EXPECT_EQ(reason_of(r, OrderType::limit, 1, 100), FailureReason::unsupported_order_type);
  EXPECT_EQ(reason_of(r, OrderType::limit_maker, 1, 100), FailureReason::unsupported_order_type);
  EXPECT_EQ(reason_of(r, OrderType::market, 1, 100), FailureReason::none);
  r = rule();
  r.tradable = false;
  EXPECT_EQ(reason_of(r, OrderType::limit, 1, 100), FailureReason::instrument_not_tradable);
}

TEST(TradingRule, a_market_order_is_judged_by_its_notional_only) {
  const TradingRule r = rule();
  EXPECT_EQ(reason_of(r, OrderType::market, 1, std::nullopt), FailureReason::none);
  EXPECT_EQ(reason_of(r, OrderType::market, 1, "100.12345"_dec), FailureReason::none);
  EXPECT_EQ(reason_of(r, OrderType::market, "0.001"_dec, "4999.99"_dec), FailureReason::below_min_notional);
  EXPECT_EQ(reason_of(r, OrderType::market, 10, "10000.01"_dec), FailureReason::above_max_notional);
  EXPECT_EQ(reason_of(r, OrderType::market, "0.0005"_dec, std::nullopt), FailureReason::below_min_order_size);
  EXPECT_EQ(reason_of(r, OrderType::market, 1, 0), FailureReason::invalid_price);
}

TEST(TradingRule, a_notional_that_no_number_can_hold_is_too_large) {
  TradingRule r;
  r.min_price_increment = 1;
  r.min_base_amount_increment = 1;
  EXPECT_EQ(reason_of(r, OrderType::limit, "1e20"_dec, "1e20"_dec), FailureReason::above_max_notional);
  EXPECT_EQ(reason_of(r, OrderType::limit, "1e18"_dec, "1e18"_dec), FailureReason::none);
}

TEST(TradingRule, H_15_side_aware_rounding) {
  const TradingRule r = rule();
  EXPECT_EQ(r.quantize_price("1.239"_dec, TradeType::buy).to_string(), "1.23");
  EXPECT_EQ(r.quantize_price("1.239"_dec, TradeType::sell).to_string(), "1.24");
  EXPECT_EQ(r.quantize_price("1.231"_dec, TradeType::buy), "1.23"_dec);
  EXPECT_EQ(r.quantize_price("1.231"_dec, TradeType::sell), "1.24"_dec);
  EXPECT_EQ(r.quantize_price("1.23"_dec, TradeType::buy), "1.23"_dec);
  EXPECT_EQ(r.quantize_price("1.23"_dec, TradeType::sell), "1.23"_dec);
}

TEST(TradingRule, amounts_are_cut_and_never_raised) {
  const TradingRule r = rule();
  EXPECT_EQ(r.quantize_amount("1.2399"_dec).to_string(), "1.2395");
  EXPECT_EQ(r.quantize_amount("1.2395"_dec), "1.2395"_dec);
  EXPECT_EQ(r.quantize_amount("0.0009"_dec), "0.0005"_dec);
  EXPECT_EQ(r.quantize_amount("0.0001"_dec), 0);
}

TEST(TradingRule, a_rule_without_increments_fits_nothing_and_admits_nothing) {
  const TradingRule empty;
  EXPECT_EQ(empty.quantize_price("1.239"_dec, TradeType::sell), "1.239"_dec);
  EXPECT_EQ(empty.quantize_amount("1.239"_dec), "1.239"_dec);
  EXPECT_EQ(reason_of(empty, OrderType::limit, 1, 1), FailureReason::invalid_amount);
}

TEST(TradingRule, validates) {
  EXPECT_TRUE(rule().validate().ok());
  EXPECT_FALSE(TradingRule{}.validate().ok());
  const auto broken = [](auto change) {
    TradingRule r = rule();
    change(r);
    return r.validate().code() == StatusCode::malformed;
  };
  EXPECT_TRUE(broken([](TradingRule& r) { r.min_price_increment = 0; }));
  EXPECT_TRUE(broken([](TradingRule& r) { r.min_base_amount_increment = -1; }));
  EXPECT_TRUE(broken([](TradingRule& r) { r.min_quote_amount_increment = -1; }));
  EXPECT_TRUE(broken([](TradingRule& r) { r.min_order_size = 11; }));
  EXPECT_TRUE(broken([](TradingRule& r) { r.min_order_size = -1; }));
  EXPECT_TRUE(broken([](TradingRule& r) { r.min_notional_size = 100'001; }));
  EXPECT_TRUE(broken([](TradingRule& r) { r.min_notional_size = -1; }));
  EXPECT_TRUE(broken([](TradingRule& r) { r.min_price = 50'001; }));
  EXPECT_TRUE(broken([](TradingRule& r) { r.min_price = -1; }));
  EXPECT_TRUE(broken([](TradingRule& r) { r.max_price_significant_digits = 0; }));
  EXPECT_FALSE(broken([](TradingRule& r) { r.min_order_size = 10; }));
}

}  // namespace
}  // namespace calypte
