#include "calypte/budget_checker.hpp"

#include <gtest/gtest.h>

#include "unit/core/fake_exchange.hpp"
#include "unit/core/print.hpp"

namespace calypte {

inline void PrintTo(const TokenAmount& a, std::ostream* out) { *out << a.amount.to_string() << " " << a.token; }

namespace {

using test::FakeDerivative;
using test::FakeExchange;
using Entry = std::optional<TokenAmount>;
using Setting = AccountSetting<std::uint32_t>;

const TradingPair kPair = "COINALPHA-HBOT"_pair;

Entry base(const Decimal& amount) { return TokenAmount{"COINALPHA", amount}; }
Entry quote(const Decimal& amount) { return TokenAmount{"HBOT", amount}; }
Entry third(const Decimal& amount) { return TokenAmount{"FEE", amount}; }

template <typename Exchange>
struct Fixture {
  Exchange exchange;
  BudgetChecker checker{exchange};

  Fixture() {
    TradingRule& rule = exchange.rules[kPair];
    rule.trading_pair = kPair;
    rule.min_price_increment = "0.01"_dec;
    rule.min_base_amount_increment = "0.01"_dec;
  }
  void hold(std::string_view asset, const Decimal& amount) { hold(asset, amount, amount); }
  void hold(std::string_view asset, const Decimal& total, const Decimal& available) {
    Balance& balance = exchange.held[std::string(asset)];
    balance.total = total;
    balance.available = available;
  }
  void pay_in_third_token() {
    exchange.fees.percent_fee_token = "FEE";
    exchange.prices[{"HBOT-FEE"_pair, PriceType::best_ask}] = 2;
  }
  [[nodiscard]] static OrderCandidate order(TradeType side, const Decimal& amount, const Decimal& price = 2) {
    return {.trading_pair = kPair, .side = side, .amount = amount, .price = price};
  }
};

void expect_nothing_bound(const OrderCandidate& zero) {
  EXPECT_EQ(zero.amount, 0);
  EXPECT_EQ(zero.order_collateral, std::nullopt);
  EXPECT_EQ(zero.percent_fee_collateral, std::nullopt);
  EXPECT_EQ(zero.percent_fee_value, std::nullopt);
  EXPECT_TRUE(zero.fixed_fee_collaterals.empty());
  EXPECT_EQ(zero.potential_returns, std::nullopt);
  EXPECT_TRUE(zero.resized);
  EXPECT_FALSE(zero.status.ok());
}

struct SpotBudgetChecker : Fixture<FakeExchange>, ::testing::Test {};
struct PerpetualBudgetChecker : Fixture<FakeDerivative>, ::testing::Test {
  void set_leverage(std::uint32_t leverage) {
    exchange.confirmed_leverage = {.state = Setting::State::confirmed, .value = leverage};
  }
};

TEST_F(SpotBudgetChecker, BC_01_buy_order) {
  exchange.fees.maker_percent_fee = "0.01"_dec;
  exchange.fees.taker_percent_fee = "0.02"_dec;
  const auto got = checker.populate_collateral(order(TradeType::buy, 10));
  EXPECT_TRUE(got.status.ok()) << got.status.to_string();
  EXPECT_EQ(got.order_collateral, quote(20));
  EXPECT_EQ(got.percent_fee_collateral, quote("0.2"_dec));
  EXPECT_EQ(got.percent_fee_value, quote("0.2"_dec));
  EXPECT_TRUE(got.fixed_fee_collaterals.empty());
  EXPECT_EQ(got.potential_returns, base(10));
  EXPECT_FALSE(got.resized);
}

TEST_F(SpotBudgetChecker, BC_02_taker_buy_order) {
  exchange.fees.maker_percent_fee = "0.01"_dec;
  exchange.fees.taker_percent_fee = "0.02"_dec;
  OrderCandidate taker = order(TradeType::buy, 10);
  taker.is_maker = false;
  const auto got = checker.populate_collateral(taker);
  EXPECT_EQ(got.order_collateral, quote(20));
  EXPECT_EQ(got.percent_fee_collateral, quote("0.4"_dec));
  EXPECT_EQ(got.percent_fee_value, quote("0.4"_dec));
  EXPECT_EQ(got.potential_returns, base(10));
}

TEST_F(SpotBudgetChecker, BC_03_percent_fee_from_the_returns_of_a_buy) {
  exchange.fees.maker_percent_fee = "0.01"_dec;
  exchange.fees.buy_percent_fee_deducted_from_returns = true;
  const auto got = checker.populate_collateral(order(TradeType::buy, 10));
  EXPECT_EQ(got.order_collateral, quote(20));
  EXPECT_EQ(got.percent_fee_collateral, std::nullopt);
  EXPECT_EQ(got.percent_fee_value, base("0.1"_dec));
  EXPECT_EQ(got.potential_returns, base("9.9"_dec));
}

TEST_F(SpotBudgetChecker, BC_04_sell_order) {
  exchange.fees.maker_percent_fee = "0.01"_dec;
  const auto got = checker.populate_collateral(order(TradeType::sell, 10));
  EXPECT_EQ(got.order_collateral, base(10));
  EXPECT_EQ(got.percent_fee_collateral, std::nullopt);
  EXPECT_EQ(got.percent_fee_value, quote("0.2"_dec));
  EXPECT_EQ(got.potential_returns, quote("19.8"_dec));
}

TEST_F(SpotBudgetChecker, BC_05_percent_fee_in_a_third_token) {
  exchange.fees.maker_percent_fee = "0.01"_dec;
  pay_in_third_token();
  const auto got = checker.populate_collateral(order(TradeType::buy, 10));
  EXPECT_EQ(got.order_collateral, quote(20));
  EXPECT_EQ(got.percent_fee_collateral, third("0.4"_dec));
  EXPECT_EQ(got.percent_fee_value, third("0.4"_dec));
  EXPECT_EQ(got.potential_returns, base(10));
}

TEST_F(SpotBudgetChecker, BC_06_fixed_fee_in_the_quote) {
  exchange.fees.maker_fixed_fees = {{"HBOT", 1}};
  const auto got = checker.populate_collateral(order(TradeType::buy, 10));
  EXPECT_EQ(got.order_collateral, quote(20));
  EXPECT_EQ(got.percent_fee_collateral, std::nullopt);
  EXPECT_EQ(got.percent_fee_value, std::nullopt);
  EXPECT_EQ(got.fixed_fee_collaterals, (std::vector<TokenAmount>{{"HBOT", 1}}));
  EXPECT_EQ(got.potential_returns, base(10));
}

TEST_F(SpotBudgetChecker, BC_07_sufficient_funds) {
  hold("HBOT", 100);
  exchange.fees.maker_percent_fee = "0.01"_dec;
  const auto got = checker.adjust_candidate(order(TradeType::buy, 10));
  EXPECT_TRUE(got.status.ok());
  EXPECT_EQ(got, checker.populate_collateral(order(TradeType::buy, 10)));
  EXPECT_EQ(got.amount, 10);
  EXPECT_FALSE(got.resized);
}

TEST_F(SpotBudgetChecker, BC_07_exactly_sufficient_funds) {
  hold("HBOT", "20.2"_dec);
  exchange.fees.maker_percent_fee = "0.01"_dec;
  EXPECT_EQ(checker.adjust_candidate(order(TradeType::buy, 10)).amount, 10);
  hold("HBOT", "20.19"_dec);
  EXPECT_EQ(checker.adjust_candidate(order(TradeType::buy, 10)).amount, 0);
}

TEST_F(SpotBudgetChecker, BC_08_insufficient_funds_all_or_none) {
  hold("HBOT", 10);
  const auto got = checker.adjust_candidate(order(TradeType::buy, 10), true);
  expect_nothing_bound(got);
  EXPECT_EQ(got.status.reason(), FailureReason::insufficient_balance);
  EXPECT_EQ(got.status.message(), "20 HBOT needed, 10 available");
}

TEST_F(SpotBudgetChecker, BC_09_buy_adjusted_in_part) {
  hold("HBOT", 10);
  exchange.fees.maker_percent_fee = "0.01"_dec;
  const auto got = checker.adjust_candidate(order(TradeType::buy, 10), false);
  EXPECT_TRUE(got.status.ok());
  EXPECT_EQ(got.amount, "4.95"_dec);
  EXPECT_EQ(got.order_collateral, quote("9.9"_dec));
  EXPECT_EQ(got.percent_fee_collateral, quote("0.099"_dec));
  EXPECT_EQ(got.percent_fee_value, quote("0.099"_dec));
  EXPECT_EQ(got.potential_returns, base("4.95"_dec));
  EXPECT_TRUE(got.resized);
}

TEST_F(SpotBudgetChecker, BC_10_sell_adjusted_in_part) {
  hold("COINALPHA", 5);
  exchange.fees.maker_percent_fee = "0.01"_dec;
  const auto got = checker.adjust_candidate(order(TradeType::sell, 10), false);
  EXPECT_EQ(got.amount, 5);
  EXPECT_EQ(got.order_collateral, base(5));
  EXPECT_EQ(got.percent_fee_collateral, std::nullopt);
  EXPECT_EQ(got.percent_fee_value, quote("0.1"_dec));
  EXPECT_EQ(got.potential_returns, quote("9.9"_dec));
  EXPECT_TRUE(got.resized);
}

TEST_F(SpotBudgetChecker, BC_11_fixed_fee_in_the_collateral_token) {
  hold("HBOT", 11);
  exchange.fees.maker_fixed_fees = {{"HBOT", 1}};
  const auto got = checker.adjust_candidate(order(TradeType::buy, 10), false);
  EXPECT_EQ(got.amount, 5);
  EXPECT_EQ(got.order_collateral, quote(10));
  EXPECT_EQ(got.percent_fee_collateral, std::nullopt);
  EXPECT_EQ(got.fixed_fee_collaterals, (std::vector<TokenAmount>{{"HBOT", 1}}));
  EXPECT_EQ(got.potential_returns, base(5));
}

TEST_F(SpotBudgetChecker, BC_12_fixed_fee_in_a_third_token_that_is_short) {
  hold("HBOT", 100);
  hold("FEE", 10);
  exchange.fees.maker_fixed_fees = {{"FEE", 11}};
  const auto got = checker.adjust_candidate(order(TradeType::buy, 10), false);
  expect_nothing_bound(got);
  EXPECT_EQ(got.status.reason(), FailureReason::insufficient_balance);
  EXPECT_EQ(got.status.message(), "11 FEE needed, 10 available");
}

TEST_F(SpotBudgetChecker, BC_13_fixed_and_percent_fee) {
  hold("HBOT", 12);
  exchange.fees.maker_percent_fee = "0.1"_dec;
  exchange.fees.maker_fixed_fees = {{"HBOT", 1}};
  const auto got = checker.adjust_candidate(order(TradeType::buy, 10), false);
  EXPECT_EQ(got.amount, 5);
  EXPECT_EQ(got.order_collateral, quote(10));
  EXPECT_EQ(got.percent_fee_collateral, quote(1));
  EXPECT_EQ(got.percent_fee_value, quote(1));
  EXPECT_EQ(got.fixed_fee_collaterals, (std::vector<TokenAmount>{{"HBOT", 1}}));
  EXPECT_EQ(got.potential_returns, base(5));
}

TEST_F(SpotBudgetChecker, BC_14_fixed_and_percent_fee_in_a_third_token) {
  hold("HBOT", 20);
  hold("FEE", "1.2"_dec);
  exchange.fees.maker_percent_fee = "0.01"_dec;
  exchange.fees.maker_fixed_fees = {{"FEE", 1}};
  pay_in_third_token();
  const auto got = checker.adjust_candidate(order(TradeType::buy, 10), false);
  EXPECT_EQ(got.amount, 5);
  EXPECT_EQ(got.order_collateral, quote(10));
  EXPECT_EQ(got.percent_fee_collateral, third("0.2"_dec));
  EXPECT_EQ(got.percent_fee_value, third("0.2"_dec));
  EXPECT_EQ(got.fixed_fee_collaterals, (std::vector<TokenAmount>{{"FEE", 1}}));
  EXPECT_EQ(got.potential_returns, base(5));
}

TEST_F(SpotBudgetChecker, BC_15_what_is_locked_is_not_available) {
  hold("COINALPHA", 10);
  EXPECT_EQ(checker.adjust_candidate_and_lock(order(TradeType::sell, 7), false).amount, 7);
  EXPECT_EQ(checker.adjust_candidate_and_lock(order(TradeType::sell, 5), false).amount, 3);
  EXPECT_EQ(checker.adjust_candidate_and_lock(order(TradeType::sell, 5), false).amount, 0);
}

TEST_F(SpotBudgetChecker, BC_16_reset_locked_collateral) {
  hold("COINALPHA", 10);
  EXPECT_EQ(checker.adjust_candidate_and_lock(order(TradeType::sell, 7), false).amount, 7);
  checker.reset_locked_collateral();
  EXPECT_EQ(checker.adjust_candidate(order(TradeType::sell, 5), false).amount, 5);
}

TEST_F(SpotBudgetChecker, BC_17_a_list_shares_the_balance) {
  hold("COINALPHA", 10);
  const std::vector<OrderCandidate> list = {order(TradeType::sell, 7), order(TradeType::sell, 5),
                                            order(TradeType::sell, 5)};
  const auto got = checker.adjust_candidates(list, false);
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[0].amount, 7);
  EXPECT_EQ(got[1].amount, 3);
  EXPECT_EQ(got[2].amount, 0);
}

TEST_F(SpotBudgetChecker, BC_18_a_list_leaves_no_locks_and_minds_no_earlier_ones) {
  hold("COINALPHA", 10);
  EXPECT_EQ(checker.adjust_candidate_and_lock(order(TradeType::sell, 6), false).amount, 6);
  const std::vector<OrderCandidate> list = {order(TradeType::sell, 7)};
  EXPECT_EQ(checker.adjust_candidates(list, false).at(0).amount, 7);
  EXPECT_EQ(checker.adjust_candidate(order(TradeType::sell, 5), false).amount, 5);
}

// ---- beyond the list

TEST_F(SpotBudgetChecker, a_rest_below_the_minimum_size_is_nothing_and_says_so) {
  hold("HBOT", 10);
  exchange.rules[kPair].min_order_size = 6;
  const auto got = checker.adjust_candidate(order(TradeType::buy, 10), false);
  expect_nothing_bound(got);
  EXPECT_EQ(got.status.reason(), FailureReason::below_min_order_size);
  exchange.rules[kPair].min_order_size = 5;
  EXPECT_EQ(checker.adjust_candidate(order(TradeType::buy, 10), false).amount, 5);
}

TEST_F(SpotBudgetChecker, a_rest_below_the_minimum_notional_is_nothing_and_says_so) {
  hold("HBOT", 10);
  exchange.rules[kPair].min_notional_size = "10.01"_dec;
  const auto got = checker.adjust_candidate(order(TradeType::buy, 10), false);
  expect_nothing_bound(got);
  EXPECT_EQ(got.status.reason(), FailureReason::below_min_notional);
}

TEST_F(SpotBudgetChecker, the_notional_of_a_rest_is_judged_at_the_price_that_will_be_sent) {
  hold("HBOT", "10.039"_dec);
  exchange.rules[kPair].min_notional_size = "10.04"_dec;  // 5.01 at 2 is 10.02, at 2.009 it would be 10.065
  expect_nothing_bound(checker.adjust_candidate(order(TradeType::buy, 10, "2.009"_dec), false));
}

TEST_F(SpotBudgetChecker, a_rest_below_one_increment_is_nothing) {
  hold("HBOT", "0.019"_dec);
  expect_nothing_bound(checker.adjust_candidate(order(TradeType::buy, 10), false));
}

TEST_F(SpotBudgetChecker, a_missing_rate_is_told_and_not_guessed) {
  hold("HBOT", 100);
  hold("FEE", 100);
  exchange.fees.percent_fee_token = "FEE";
  exchange.fees.maker_percent_fee = "0.01"_dec;
  const auto got = checker.adjust_candidate(order(TradeType::buy, 10), false);
  expect_nothing_bound(got);
  EXPECT_EQ(got.status.code(), StatusCode::unavailable);
  EXPECT_NE(got.status.message().find("HBOT"), std::string::npos) << got.status.message();
  EXPECT_NE(got.status.message().find("FEE"), std::string::npos) << got.status.message();
}

TEST_F(SpotBudgetChecker, a_rate_may_be_noted_the_other_way_round_or_from_the_base) {
  exchange.fees.percent_fee_token = "FEE";
  exchange.fees.maker_percent_fee = "0.01"_dec;
  exchange.prices[{"FEE-COINALPHA"_pair, PriceType::best_bid}] = "0.25"_dec;
  EXPECT_EQ(checker.populate_collateral(order(TradeType::buy, 10)).percent_fee_collateral, third("0.4"_dec));
  exchange.prices[{"FEE-HBOT"_pair, PriceType::best_ask}] = 1000;  // the other side of the market is not asked
  exchange.prices[{"FEE-HBOT"_pair, PriceType::best_bid}] = "0.5"_dec;
  EXPECT_EQ(checker.populate_collateral(order(TradeType::buy, 10, 4)).percent_fee_collateral, third("0.8"_dec));
}

TEST_F(SpotBudgetChecker, a_fee_in_the_base_needs_no_market) {
  exchange.fees.percent_fee_token = "COINALPHA";
  exchange.fees.maker_percent_fee = "0.01"_dec;
  EXPECT_EQ(checker.populate_collateral(order(TradeType::buy, 10)).percent_fee_collateral, base("0.1"_dec));
}

TEST_F(SpotBudgetChecker, a_copy_shares_nothing_with_its_original) {
  hold("HBOT", 11);
  exchange.fees.maker_fixed_fees = {{"HBOT", 1}};
  const OrderCandidate whole = checker.populate_collateral(order(TradeType::buy, 10));
  OrderCandidate copy = whole;
  copy.fixed_fee_collaterals.front().amount = 7;
  EXPECT_EQ(whole.fixed_fee_collaterals.front().amount, 1);
  const OrderCandidate again = checker.adjust_candidate(whole, false);
  EXPECT_EQ(again.amount, 5);
  EXPECT_EQ(whole.amount, 10);
  EXPECT_EQ(again.fixed_fee_collaterals.size(), 1U);  // not added to those that were there
  EXPECT_FALSE(checker.adjust_candidate(again, false).resized);
}

TEST_F(SpotBudgetChecker, total_balances_disregard_what_is_bound) {
  hold("COINALPHA", 10, 4);
  OrderCandidate sell = order(TradeType::sell, 8);
  EXPECT_EQ(checker.adjust_candidate(sell, false).amount, 4);
  sell.from_total_balances = true;
  EXPECT_EQ(checker.adjust_candidate_and_lock(sell, false).amount, 8);
  EXPECT_EQ(checker.adjust_candidate(sell, false).amount, 2);  // but not the locks
}

TEST_F(SpotBudgetChecker, fixed_fees_of_one_token_are_one_entry_and_a_rebate_pays_for_nothing) {
  exchange.fees.maker_percent_fee = "-0.01"_dec;
  exchange.fees.maker_fixed_fees = {{"FEE", 1}, {"HBOT", -3}, {"FEE", 2}};
  const auto got = checker.populate_collateral(order(TradeType::buy, 10));
  EXPECT_EQ(got.fixed_fee_collaterals, (std::vector<TokenAmount>{{"FEE", 3}}));
  EXPECT_EQ(got.percent_fee_collateral, std::nullopt);
  EXPECT_EQ(got.percent_fee_value, quote("-0.2"_dec));
  hold("FEE", 3);
  hold("HBOT", "19.9"_dec);
  EXPECT_EQ(checker.adjust_candidate(order(TradeType::buy, 10), true).amount, 0);
}

TEST_F(SpotBudgetChecker, an_exact_share_is_not_rounded_away) {
  hold("HBOT", 1);  // a third of what is needed: 1 of 3
  EXPECT_EQ(checker.adjust_candidate(order(TradeType::buy, 3, 1), false).amount, 1);
}

TEST_F(SpotBudgetChecker, the_price_is_fitted_as_it_will_be_sent) {
  EXPECT_EQ(checker.populate_collateral(order(TradeType::buy, 10, "2.009"_dec)).order_collateral, quote(20));
  EXPECT_EQ(checker.populate_collateral(order(TradeType::sell, 10, "2.001"_dec)).potential_returns, quote("20.1"_dec));
  OrderCandidate market = order(TradeType::buy, 10, "2.009"_dec);
  market.type = OrderType::market;
  EXPECT_EQ(checker.populate_collateral(market).order_collateral, quote("20.09"_dec));
}

TEST_F(SpotBudgetChecker, what_makes_no_order_is_denied_each_with_its_reason) {
  const auto reason = [this](const OrderCandidate& candidate) {
    const auto got = checker.adjust_candidate(candidate, false);
    EXPECT_EQ(got.amount, 0);
    return got.status.reason();
  };
  EXPECT_EQ(reason(order(TradeType::buy, 0)), FailureReason::invalid_amount);
  EXPECT_EQ(reason(order(TradeType::buy, -1)), FailureReason::invalid_amount);
  EXPECT_EQ(reason(order(TradeType::buy, 1, 0)), FailureReason::invalid_price);
  OrderCandidate wrong = order(TradeType::buy, 1);
  wrong.position_close = true;
  EXPECT_EQ(reason(wrong), FailureReason::invalid_position_action);
  wrong.position_close = false;
  wrong.leverage = 2;
  EXPECT_EQ(reason(wrong), FailureReason::invalid_leverage);
  wrong.leverage.reset();
  wrong.trading_pair = "NO-RULE"_pair;
  EXPECT_EQ(reason(wrong), FailureReason::unknown_trading_pair);
  const Decimal huge = Decimal::from_parts(Decimal::kCoefficientLimit - 1, 0);
  EXPECT_EQ(reason(order(TradeType::buy, huge)), FailureReason::invalid_amount);
}

TEST_F(SpotBudgetChecker, sums_that_do_not_fit_are_a_failure_and_lock_nothing) {
  const Decimal huge = Decimal::from_parts(Decimal::kCoefficientLimit - 1, 0);
  hold("COINALPHA", huge);
  exchange.rules[kPair].min_base_amount_increment = 1;
  exchange.fees.maker_fixed_fees = {{"COINALPHA", "0.5"_dec}};
  const auto got = checker.adjust_candidate_and_lock(
      order(TradeType::sell, Decimal::from_parts(Decimal::kCoefficientLimit / 10 - 1, 0)), false);
  EXPECT_TRUE(got.status.ok()) << got.status.to_string();
  expect_nothing_bound(checker.adjust_candidate_and_lock(order(TradeType::sell, 1), false));
  checker.reset_locked_collateral();
  EXPECT_EQ(checker.adjust_candidate(order(TradeType::sell, huge, "0.01"_dec), false).amount, 0);
}

TEST_F(PerpetualBudgetChecker, PB_01_buy_order) {
  exchange.fees.maker_percent_fee = "0.01"_dec;
  const auto got = checker.populate_collateral(order(TradeType::buy, 10));
  EXPECT_TRUE(got.status.ok()) << got.status.to_string();
  EXPECT_EQ(got.order_collateral, quote(20));
  EXPECT_EQ(got.percent_fee_collateral, quote("0.2"_dec));
  EXPECT_EQ(got.percent_fee_value, quote("0.2"_dec));
  EXPECT_TRUE(got.fixed_fee_collaterals.empty());
  EXPECT_EQ(got.potential_returns, std::nullopt);
}

TEST_F(PerpetualBudgetChecker, PB_02_taker_buy_order) {
  exchange.fees.taker_percent_fee = "0.02"_dec;
  OrderCandidate taker = order(TradeType::buy, 10);
  taker.is_maker = false;
  const auto got = checker.populate_collateral(taker);
  EXPECT_EQ(got.order_collateral, quote(20));
  EXPECT_EQ(got.percent_fee_collateral, quote("0.4"_dec));
  EXPECT_EQ(got.percent_fee_value, quote("0.4"_dec));
}

TEST_F(PerpetualBudgetChecker, PB_03_buy_order_with_leverage) {
  exchange.fees.maker_percent_fee = "0.01"_dec;
  set_leverage(2);
  const auto got = checker.populate_collateral(order(TradeType::buy, 10));
  EXPECT_EQ(got.order_collateral, quote(10));
  EXPECT_EQ(got.percent_fee_collateral, quote("0.2"_dec));
  EXPECT_EQ(got.percent_fee_value, quote("0.2"_dec));
  EXPECT_EQ(got.potential_returns, std::nullopt);
}

TEST_F(PerpetualBudgetChecker, PB_04_sell_order) {
  exchange.fees.maker_percent_fee = "0.01"_dec;
  const auto got = checker.populate_collateral(order(TradeType::sell, 10));
  EXPECT_EQ(got.order_collateral, quote(20));
  EXPECT_EQ(got.percent_fee_collateral, quote("0.2"_dec));
  EXPECT_EQ(got.percent_fee_value, quote("0.2"_dec));
  EXPECT_EQ(got.potential_returns, std::nullopt);
}

TEST_F(PerpetualBudgetChecker, PB_05_sell_order_with_leverage) {
  exchange.fees.maker_percent_fee = "0.01"_dec;
  set_leverage(2);
  const auto got = checker.populate_collateral(order(TradeType::sell, 10));
  EXPECT_EQ(got.order_collateral, quote(10));
  EXPECT_EQ(got.percent_fee_collateral, quote("0.2"_dec));
  EXPECT_EQ(got.percent_fee_value, quote("0.2"_dec));
  EXPECT_EQ(got.potential_returns, std::nullopt);
}

TEST_F(PerpetualBudgetChecker, PB_06_percent_fee_in_a_third_token) {
  exchange.fees.maker_percent_fee = "0.01"_dec;
  pay_in_third_token();
  set_leverage(2);
  const auto got = checker.populate_collateral(order(TradeType::buy, 10));
  EXPECT_EQ(got.order_collateral, quote(10));
  EXPECT_EQ(got.percent_fee_collateral, third("0.4"_dec));
  EXPECT_EQ(got.percent_fee_value, third("0.4"_dec));
  EXPECT_EQ(got.potential_returns, std::nullopt);
}

TEST_F(PerpetualBudgetChecker, PB_07_closing_order) {
  exchange.fees.maker_percent_fee = "0.01"_dec;
  set_leverage(2);
  OrderCandidate close = order(TradeType::sell, 10);
  close.position_close = true;
  for (const auto& got : {checker.populate_collateral(close), checker.adjust_candidate(close)}) {
    EXPECT_TRUE(got.status.ok()) << got.status.to_string();  // though nothing is held
    EXPECT_EQ(got.amount, 10);
    EXPECT_EQ(got.order_collateral, std::nullopt);
    EXPECT_EQ(got.percent_fee_collateral, std::nullopt);
    EXPECT_EQ(got.percent_fee_value, std::nullopt);
    EXPECT_TRUE(got.fixed_fee_collaterals.empty());
    EXPECT_EQ(got.potential_returns, quote("19.8"_dec));
  }
}

TEST_F(PerpetualBudgetChecker, PB_07_closing_order_with_a_fee_token) {
  exchange.fees.maker_percent_fee = "0.01"_dec;
  pay_in_third_token();
  OrderCandidate close = order(TradeType::buy, 10);
  close.position_close = true;
  const auto got = checker.populate_collateral(close);
  EXPECT_EQ(got.order_collateral, std::nullopt);
  EXPECT_EQ(got.percent_fee_collateral, third("0.4"_dec));
  EXPECT_EQ(got.potential_returns, quote(20));
}

TEST_F(PerpetualBudgetChecker, PB_08_sufficient_funds) {
  hold("HBOT", 100);
  exchange.fees.maker_percent_fee = "0.01"_dec;
  const auto got = checker.adjust_candidate(order(TradeType::buy, 10));
  EXPECT_TRUE(got.status.ok());
  EXPECT_EQ(got, checker.populate_collateral(order(TradeType::buy, 10)));
  EXPECT_EQ(got.amount, 10);
  EXPECT_FALSE(got.resized);
}

void expect_half(const OrderCandidate& got) {
  EXPECT_EQ(got.amount, "4.95"_dec);
  EXPECT_EQ(got.order_collateral, quote("9.9"_dec));
  EXPECT_EQ(got.percent_fee_collateral, quote("0.099"_dec));
  EXPECT_EQ(got.percent_fee_value, quote("0.099"_dec));
  EXPECT_EQ(got.potential_returns, std::nullopt);
  EXPECT_TRUE(got.resized);
}

TEST_F(PerpetualBudgetChecker, PB_09_buy_adjusted_in_part) {
  hold("HBOT", 10);
  exchange.fees.maker_percent_fee = "0.01"_dec;
  expect_half(checker.adjust_candidate(order(TradeType::buy, 10), false));
}

TEST_F(PerpetualBudgetChecker, PB_10_sell_adjusted_in_part) {
  hold("HBOT", 10);
  exchange.fees.maker_percent_fee = "0.01"_dec;
  expect_half(checker.adjust_candidate(order(TradeType::sell, 10), false));
}

// ---- beyond the list

TEST_F(PerpetualBudgetChecker, leverage_that_is_not_confirmed_is_not_guessed) {
  hold("HBOT", 100);
  for (const Setting& setting : {Setting{}, Setting{.state = Setting::State::changing, .value = 5}}) {
    exchange.confirmed_leverage = setting;
    const auto got = checker.adjust_candidate(order(TradeType::buy, 10), false);
    expect_nothing_bound(got);
    EXPECT_EQ(got.status.reason(), FailureReason::not_ready);
    OrderCandidate close = order(TradeType::sell, 10);
    close.position_close = true;
    EXPECT_TRUE(checker.adjust_candidate(close).status.ok());
  }
}

TEST_F(PerpetualBudgetChecker, a_leverage_may_be_supposed) {
  OrderCandidate candidate = order(TradeType::buy, 10);
  candidate.leverage = 3;
  const auto bound = checker.populate_collateral(candidate).order_collateral;
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->amount, "6.666666666666666667"_dec);  // never less than what it takes
  candidate.leverage = 0;
  EXPECT_EQ(checker.populate_collateral(candidate).status.reason(), FailureReason::invalid_leverage);
}

TEST_F(PerpetualBudgetChecker, leverage_stretches_the_margin_but_not_the_fee) {
  hold("HBOT", "10.2"_dec);
  exchange.fees.maker_percent_fee = "0.01"_dec;
  set_leverage(2);
  EXPECT_EQ(checker.adjust_candidate(order(TradeType::sell, 10)).amount, 10);
  const auto got = checker.adjust_candidate(order(TradeType::sell, 20), false);
  EXPECT_EQ(got.amount, 10);
  EXPECT_EQ(got.order_collateral, quote(10));
  EXPECT_EQ(got.percent_fee_collateral, quote("0.2"_dec));
}

TEST_F(PerpetualBudgetChecker, an_inverse_contract_binds_its_base) {
  exchange.collateral_token = "COINALPHA";
  exchange.fees.maker_percent_fee = "0.01"_dec;
  set_leverage(5);
  const auto got = checker.populate_collateral(order(TradeType::sell, 10));
  EXPECT_EQ(got.order_collateral, base(2));
  EXPECT_EQ(got.percent_fee_collateral, base("0.1"_dec));
}

}  // namespace
}  // namespace calypte
