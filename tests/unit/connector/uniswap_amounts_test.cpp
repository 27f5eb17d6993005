#include "connector/protocol/uniswap/uniswap_amounts.hpp"

#include <gtest/gtest.h>

#include "uniswap_fake_chain.hpp"

namespace calypte::connector::uniswap {
namespace {

constexpr PairScale kWethUsdc{18, 6, 6};

TEST(UniswapAmounts, a_price_is_rounded_against_us) {
  // 10 USDC for 3 WETH.
  EXPECT_EQ(price_of(units("10", 6), units("3", 18), kWethUsdc, TradeType::buy)->to_string(), "3.333334");
  EXPECT_EQ(price_of(units("10", 6), units("3", 18), kWethUsdc, TradeType::sell)->to_string(), "3.333333");
  EXPECT_EQ(price_of(units("9", 6), units("3", 18), kWethUsdc, TradeType::buy)->to_string(), "3.000000");
  // A quote with more places than base and price together: 2.5 * 10^-18 for one unit without places.
  EXPECT_EQ(price_of(25, 10, {0, 18, 0}, TradeType::buy)->to_string(), "1");
  EXPECT_EQ(price_of(25, 10, {0, 18, 0}, TradeType::sell)->to_string(), "0");
}

TEST(UniswapAmounts, a_price_with_too_many_digits_is_none) {
  EXPECT_EQ(price_of(units("1", 14), 1, kWethUsdc, TradeType::buy)->to_string(),
            "1" + std::string(26, '0') + ".000000");
  EXPECT_FALSE(price_of(units("1", 20), 1, kWethUsdc, TradeType::buy).has_value());
  EXPECT_FALSE(price_of(~Uint256(0), 1, {30, 0, 30}, TradeType::sell).has_value());
}

TEST(UniswapAmounts, a_limit_price_becomes_an_amount_that_keeps_it) {
  const Decimal price = Decimal::from_parts(3333333, 6);
  EXPECT_EQ(quote_at_price(units("3", 18), price, kWethUsdc, TradeType::buy), Uint256(9999999));
  EXPECT_EQ(quote_at_price(units("3", 18), price, kWethUsdc, TradeType::sell), Uint256(9999999));
  // 1.5 units of 10^-18 at that price are five billionths of a unit of the quote.
  EXPECT_EQ(quote_at_price(1500, price, kWethUsdc, TradeType::buy), Uint256(0));
  EXPECT_EQ(quote_at_price(1500, price, kWethUsdc, TradeType::sell), Uint256(1));
  EXPECT_EQ(quote_at_price(7, 3, {0, 18, 0}, TradeType::buy), units("21", 18));
  EXPECT_FALSE(quote_at_price(~Uint256(0), 2, {0, 0, 0}, TradeType::buy).has_value());
}

TEST(UniswapAmounts, slippage_never_exceeds_its_fraction) {
  const Decimal half_percent = Decimal::from_parts(5, 3);
  EXPECT_EQ(*quote_after_slippage(1001, half_percent, TradeType::buy), Uint256(1006));  // 1006.005
  EXPECT_EQ(*quote_after_slippage(1001, half_percent, TradeType::sell), Uint256(996));  // 995.995
  EXPECT_EQ(*quote_after_slippage(1001, 0, TradeType::buy), Uint256(1001));
  EXPECT_EQ(*quote_after_slippage(1001, 0, TradeType::sell), Uint256(1001));
  EXPECT_EQ(*quote_after_slippage(1, half_percent, TradeType::sell), Uint256(1)) << "a limit of zero would be none";
  EXPECT_EQ(*quote_after_slippage(100, 2, TradeType::buy), Uint256(300));
  EXPECT_EQ(quote_after_slippage(100, 1, TradeType::sell).status().reason(), FailureReason::invalid_price);
  EXPECT_EQ(quote_after_slippage(100, -1, TradeType::buy).status().reason(), FailureReason::invalid_price);
  EXPECT_EQ(quote_after_slippage(~Uint256(0), half_percent, TradeType::buy).status().code(), StatusCode::denied);
}

TEST(UniswapAmounts, a_scale_gives_the_price_its_digits) {
  EXPECT_EQ(scale_for_digits(units("2500", 6), units("1", 18), 18, 6, 10, 20), 6);
  EXPECT_EQ(scale_for_digits(units("1", 6), units("1", 18), 18, 6, 10, 20), 9);
  EXPECT_EQ(scale_for_digits(units("5", 9), units("1", 18), 18, 18, 10, 20), 18);  // 5 * 10^-9
  EXPECT_EQ(scale_for_digits(1, units("1", 18), 18, 18, 10, 20), 20);
  EXPECT_EQ(scale_for_digits(units("1", 12), 1, 0, 0, 10, 20), 0);
}

}  // namespace
}  // namespace calypte::connector::uniswap
