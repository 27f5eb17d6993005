#include "calypte/fees.hpp"

#include <gtest/gtest.h>

#include "unit/core/print.hpp"

namespace calypte {
namespace {

using Kind = TradeFee::Kind;
const TradingPair kFeePair = "COINALPHA-HBOT"_pair;
const std::vector<TokenAmount> kFlat = {{"HBOT", "0.5"_dec}};

/// Counts how often it is asked.
struct Rates {
  std::optional<Decimal> answer;
  int asked = 0;
  std::string last;
  RateSource source() {
    return [this](std::string_view base, std::string_view quote) {
      ++asked;
      last = std::string(base) + "-" + std::string(quote);
      return answer;
    };
  }
};

void expect_contents(const TradeFee& fee) {
  EXPECT_EQ(fee.percent, 1);
  EXPECT_EQ(fee.percent_token, "HBOT");
  EXPECT_EQ(fee.flat_fees, kFlat);
}

TEST(Fees, TF_01_spot_buy_is_added_to_cost) {
  const TradeFeeSchema schema{.percent_fee_token = "HBOT",
                              .maker_percent_fee = 1,
                              .taker_percent_fee = 1,
                              .buy_percent_fee_deducted_from_returns = false,
                              .maker_fixed_fees = {},
                              .taker_fixed_fees = {}};
  const TradeFee fee = new_spot_fee(schema, TradeType::buy, 1, "HBOT", kFlat);
  EXPECT_EQ(fee.kind, Kind::added_to_cost);
  expect_contents(fee);
}

TEST(Fees, TF_01_a_fee_token_keeps_a_buy_added_to_cost) {
  TradeFeeSchema schema;
  schema.percent_fee_token = "HBOT";
  schema.buy_percent_fee_deducted_from_returns = true;
  EXPECT_EQ(new_spot_fee(schema, TradeType::buy, 1).kind, Kind::added_to_cost);
  EXPECT_EQ(schema.validate().code(), StatusCode::malformed);
}

TEST(Fees, TF_02_spot_buy_is_deducted_if_the_schema_says_so) {
  TradeFeeSchema schema;
  schema.buy_percent_fee_deducted_from_returns = true;
  const TradeFee fee = new_spot_fee(schema, TradeType::buy, 1, "HBOT", kFlat);
  EXPECT_EQ(fee.kind, Kind::deducted_from_returns);
  expect_contents(fee);
  EXPECT_TRUE(schema.validate().ok());
}

TEST(Fees, TF_03_spot_sell_is_always_deducted) {
  TradeFeeSchema schema;
  const TradeFee fee = new_spot_fee(schema, TradeType::sell, 1, "HBOT", kFlat);
  EXPECT_EQ(fee.kind, Kind::deducted_from_returns);
  expect_contents(fee);
  schema.percent_fee_token = "HBOT";
  EXPECT_EQ(new_spot_fee(schema, TradeType::sell, 1).kind, Kind::deducted_from_returns);
}

TEST(Fees, TF_04_opening_a_position_is_added_to_cost) {
  TradeFeeSchema schema;
  const TradeFee fee = new_perpetual_fee(schema, PositionAction::open, 1, "HBOT", kFlat);
  EXPECT_EQ(fee.kind, Kind::added_to_cost);
  expect_contents(fee);
  schema.percent_fee_token = "HBOT";
  EXPECT_EQ(new_perpetual_fee(schema, PositionAction::open, 1).kind, Kind::added_to_cost);
}

TEST(Fees, TF_05_closing_with_a_fee_token_is_added_to_cost) {
  TradeFeeSchema schema;
  schema.percent_fee_token = "HBOT";
  const TradeFee fee = new_perpetual_fee(schema, PositionAction::close, 1, "HBOT", kFlat);
  EXPECT_EQ(fee.kind, Kind::added_to_cost);
  expect_contents(fee);
}

TEST(Fees, TF_06_closing_without_a_fee_token_is_deducted) {
  const TradeFee fee = new_perpetual_fee({}, PositionAction::close, 1, "HBOT", kFlat);
  EXPECT_EQ(fee.kind, Kind::deducted_from_returns);
  expect_contents(fee);
}

void expect_no_look_up(Kind kind) {
  Rates rates;
  const TradeFee fee{.kind = kind, .percent = 0, .percent_token = "CAT", .flat_fees = {}};
  const auto amount = fee.fee_amount_in_token(kFeePair, 1000, 1, "BNB", rates.source());
  ASSERT_TRUE(amount.ok());
  EXPECT_EQ(*amount, 0);
  EXPECT_EQ(rates.asked, 0);
}
TEST(Fees, TF_11_added_zero_percent_needs_no_rate) { expect_no_look_up(Kind::added_to_cost); }
TEST(Fees, TF_12_deducted_zero_percent_needs_no_rate) { expect_no_look_up(Kind::deducted_from_returns); }

TEST(Fees, TF_13_rate_comes_from_the_source) {
  Rates rates{.answer = "10.5"_dec, .asked = 0, .last = {}};
  const auto rate = exchange_rate(rates.source(), "COINALPHA", "HBOT");
  ASSERT_TRUE(rate.ok());
  EXPECT_EQ(*rate, "10.5"_dec);
  EXPECT_EQ(rates.asked, 1);
  EXPECT_EQ(rates.last, "COINALPHA-HBOT");
}

// The reference falls back to a process-wide oracle. Here there is none: what is not handed in is not known.
TEST(Fees, TF_14_without_a_source_there_is_no_rate) {
  const auto rate = exchange_rate({}, "COINALPHA", "HBOT");
  ASSERT_FALSE(rate.ok());
  EXPECT_NE(rate.status().message().find("COINALPHA"), std::string::npos);
}

TEST(Fees, TF_15_a_rate_that_is_not_known_is_a_failure) {
  Rates rates;
  const auto rate = exchange_rate(rates.source(), "COINALPHA", "HBOT");
  ASSERT_FALSE(rate.ok());
  EXPECT_NE(rate.status().message().find("COINALPHA"), std::string::npos);
  EXPECT_NE(rate.status().message().find("HBOT"), std::string::npos);
  const TradeFee fee{.kind = Kind::added_to_cost, .percent = 0, .percent_token = {}, .flat_fees = {{"CAT", 1}}};
  EXPECT_FALSE(fee.fee_amount_in_token(kFeePair, 10, 2, "HBOT", rates.source()).ok());
}

TEST(Fees, percent_part_in_quote_base_and_third_token) {
  Rates rates{.answer = 4, .asked = 0, .last = {}};
  const TradeFee fee{.kind = Kind::added_to_cost, .percent = "0.001"_dec, .percent_token = "BNB", .flat_fees = {}};
  EXPECT_EQ(*fee.fee_amount_in_token(kFeePair, 30, 2, "HBOT", rates.source()), "0.06"_dec);
  EXPECT_EQ(*fee.fee_amount_in_token(kFeePair, 30, 2, "COINALPHA", rates.source()), "0.002"_dec);
  EXPECT_EQ(rates.asked, 0);
  EXPECT_EQ(*fee.fee_amount_in_token(kFeePair, 30, 2, "BNB", rates.source()), "0.24"_dec);
  EXPECT_EQ(rates.last, "HBOT-BNB");
}

TEST(Fees, flat_parts_use_the_price_of_the_trade_then_a_rate) {
  Rates rates{.answer = 4, .asked = 0, .last = {}};
  const TradeFee fee{.kind = Kind::added_to_cost,
                     .percent = 0,
                     .percent_token = {},
                     .flat_fees = {{"HBOT", 1}, {"COINALPHA", "0.1"_dec}, {"HBOT", "-0.25"_dec}}};
  EXPECT_EQ(*fee.fee_amount_in_token(kFeePair, 30, 2, "HBOT", rates.source()), "3.75"_dec);
  EXPECT_EQ(*fee.fee_amount_in_token(kFeePair, 30, 2, "COINALPHA", rates.source()), "0.125"_dec);
  EXPECT_EQ(rates.asked, 0);
  const TradeFee third{
      .kind = Kind::added_to_cost, .percent = 0, .percent_token = {}, .flat_fees = {{"BNB", "0.5"_dec}}};
  EXPECT_EQ(*third.fee_amount_in_token(kFeePair, 30, 2, "HBOT", rates.source()), 2);
  EXPECT_EQ(rates.last, "BNB-HBOT");
}

TEST(Fees, wrapped_tokens_are_worth_what_they_wrap) {
  const TradeFee fee{.kind = Kind::added_to_cost, .percent = 0, .percent_token = {}, .flat_fees = {{"WETH", 2}}};
  EXPECT_EQ(*fee.fee_amount_in_token("BTC-USDT"_pair, 30, 2, "ETH"), 2);
  EXPECT_EQ(*fee.fee_amount_in_token("ETH-USDT"_pair, 30, 2, "USDT"), 60);
  EXPECT_FALSE(fee.fee_amount_in_token("BTC-USDT"_pair, 30, 2, "WBTC").ok());
}

TEST(Fees, a_fee_that_no_number_can_hold_is_a_failure) {
  const TradeFee fee{.kind = Kind::added_to_cost, .percent = "0.1"_dec, .percent_token = {}, .flat_fees = {}};
  EXPECT_EQ(fee.fee_amount_in_token(kFeePair, "1e25"_dec, "1e25"_dec, "HBOT").status().code(), StatusCode::malformed);
}

}  // namespace
}  // namespace calypte
