#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "engine/balances.hpp"

namespace calypte::engine {
namespace {

const TradingPair kPair = "COIN-QUOTE"_pair;
const Time kSnapshot = from_unix_ms(1'640'000'000'000);
const Time kLater = from_unix_ms(1'640'000'000'001);

OrderHold hold(TradeType side, const Decimal& unfilled, std::optional<Decimal> price, const Decimal& fee = 0) {
  return {kPair, side, unfilled, price, fee};
}
OrderHold buy(const Decimal& unfilled, const Decimal& price) { return hold(TradeType::buy, unfilled, price); }
OrderHold sell(const Decimal& unfilled, const Decimal& price) { return hold(TradeType::sell, unfilled, price); }
FillEffect fill(TradeType side, const Decimal& amount, const Decimal& price, Time time = kLater,
                std::vector<TokenAmount> fees = {}) {
  return {kPair, side, amount, amount * price, std::move(fees), time};
}

struct Both {
  Decimal base;
  Decimal quote;
};
/// The estimates of both assets, registered 10 base and 10 000 quote, as differences; a deficit counts as negative.
Both change(const std::vector<OrderHold>& then, const std::vector<OrderHold>& now,
            const std::vector<FillEffect>& fills) {
  const auto of = [&](std::string_view asset, const Decimal& registered) {
    const auto estimate = estimate_available_balance(asset, registered, kSnapshot, then, now, fills);
    EXPECT_TRUE(estimate.ok());
    EXPECT_FALSE(estimate->available.is_negative());
    return estimate->available - estimate->deficit - registered;
  };
  return {of("COIN", 10), of("QUOTE", 10'000)};
}

TEST(AvailableEstimate, CB_01_in_flight_asset_balances) {
  const std::vector<OrderHold> orders{buy(1, 100), buy(2, 100), sell("1.5"_dec, 100)};
  const auto held = in_flight_asset_balances(orders);
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(held->size(), 2U);
  EXPECT_EQ(held->at("QUOTE"), 300);
  EXPECT_EQ(held->at("COIN"), "1.5"_dec);
}

TEST(AvailableEstimate, CB_02_nothing_open_and_nothing_filled) {
  const auto [base, quote] = change({}, {}, {});
  EXPECT_EQ(base, 0);
  EXPECT_EQ(quote, 0);
}

TEST(AvailableEstimate, CB_03_open_at_the_snapshot_and_gone_now) {
  const auto [base, quote] = change({buy(1, 900), sell("0.5"_dec, 1000)}, {}, {});
  EXPECT_EQ(base, "0.5"_dec);
  EXPECT_EQ(quote, 900);
}

TEST(AvailableEstimate, CB_04_opened_since) {
  const auto [base, quote] = change({}, {buy(1, 900), sell("0.5"_dec, 1000)}, {});
  EXPECT_EQ(base, "-0.5"_dec);
  EXPECT_EQ(quote, -900);
}

TEST(AvailableEstimate, CB_05_still_open) {
  const std::vector<OrderHold> orders{buy(1, 900), sell("0.5"_dec, 1000)};
  const auto [base, quote] = change(orders, orders, {});
  EXPECT_EQ(base, 0);
  EXPECT_EQ(quote, 0);
}

TEST(AvailableEstimate, CB_06_a_fill_since) {
  const auto [base, quote] = change({}, {}, {fill(TradeType::buy, 2, 1050)});
  EXPECT_EQ(base, 2);
  EXPECT_EQ(quote, -2100);
  const auto [sold, received] = change({}, {}, {fill(TradeType::sell, 2, 1050)});
  EXPECT_EQ(sold, -2);
  EXPECT_EQ(received, 2100);
}

TEST(AvailableEstimate, CB_07_a_fill_not_later_than_the_snapshot_is_part_of_it) {
  for (const Time time : {kSnapshot, kSnapshot - Duration{1}}) {
    const auto [base, quote] = change({}, {}, {fill(TradeType::buy, 2, 1050, time)});
    EXPECT_EQ(base, 0);
    EXPECT_EQ(quote, 0);
  }
  EXPECT_EQ(change({}, {}, {fill(TradeType::buy, 2, 1050, kSnapshot + Duration{1})}).base, 2);
}

TEST(AvailableEstimate, CB_08_partially_filled_at_the_snapshot_and_gone_now) {
  // Buy 1 at 900 with 0.5 filled, sell 0.5 with 0.1 filled: only the rest comes back.
  const auto [base, quote] = change({buy("0.5"_dec, 900), sell("0.4"_dec, 1000)}, {}, {});
  EXPECT_EQ(base, "0.4"_dec);
  EXPECT_EQ(quote, 450);
}

TEST(AvailableEstimate, CB_09_partially_filled_at_the_snapshot_and_unchanged) {
  const std::vector<OrderHold> orders{buy("0.5"_dec, 900), sell("0.4"_dec, 1000)};
  const auto [base, quote] = change(orders, orders, {});
  EXPECT_EQ(base, 0);
  EXPECT_EQ(quote, 0);
}

TEST(AvailableEstimate, CB_10_old_orders_gone_new_ones_partially_filled_and_a_foreign_fill) {
  // Now: buy 1 at 1000 with 0.7 filled at 1000, sell 0.7 with 0.2 filled at 950; and an unknown order bought 1 at 1000.
  const auto [base, quote] = change(
      {buy(1, 900), sell("0.5"_dec, 1000)}, {buy("0.3"_dec, 1000), sell("0.5"_dec, 950)},
      {fill(TradeType::buy, "0.7"_dec, 1000), fill(TradeType::sell, "0.2"_dec, 950), fill(TradeType::buy, 1, 1000)});
  EXPECT_EQ(base, "0.5"_dec - "0.5"_dec + "0.7"_dec - "0.2"_dec + 1);
  EXPECT_EQ(quote, 900 - 300 - 700 + 190 - 1000);
}

TEST(AvailableEstimate, the_worked_example_of_an_order_half_filled) {
  const std::vector<OrderHold> now{buy(5, 2)};
  const std::vector<FillEffect> fills{fill(TradeType::buy, 5, 2)};
  const auto quote = estimate_available_balance("QUOTE", 100, kSnapshot, {}, now, fills);
  const auto base = estimate_available_balance("COIN", 0, kSnapshot, {}, now, fills);
  EXPECT_EQ(quote->available, 80);
  EXPECT_EQ(base->available, 5);
}

TEST(AvailableEstimate, H_33_fees_count_in_whatever_token_they_are) {
  const std::vector<FillEffect> fills{
      fill(TradeType::buy, 1, 100, kLater, {{"COIN", "0.001"_dec}}),
      fill(TradeType::sell, 1, 110, kLater, {{"QUOTE", "0.11"_dec}}),
      fill(TradeType::buy, 1, 90, kLater, {{"FEES", "0.05"_dec}}),
      fill(TradeType::buy, 1, 90, kLater, {{"QUOTE", "-0.01"_dec}}),
  };
  const auto [base, quote] = change({}, {}, fills);
  EXPECT_EQ(base, "1.999"_dec);
  EXPECT_EQ(quote, "-170.1"_dec);
  EXPECT_EQ(estimate_available_balance("FEES", 1, kSnapshot, {}, {}, fills)->available, "0.95"_dec);
}

TEST(AvailableEstimate, H_33_a_fee_added_to_the_cost_is_held) {
  const std::vector<OrderHold> orders{hold(TradeType::buy, 2, Decimal{100}, "0.001"_dec),
                                      hold(TradeType::sell, 2, Decimal{100}, "0.001"_dec)};
  const auto held = in_flight_asset_balances(orders);
  EXPECT_EQ(held->at("QUOTE"), "200.2"_dec);
  EXPECT_EQ(held->at("COIN"), 2);
}

TEST(AvailableEstimate, H_33_a_market_order_does_not_poison_the_sum) {
  const auto [base, quote] =
      change({}, {hold(TradeType::buy, 1, std::nullopt), hold(TradeType::sell, 1, std::nullopt), buy(1, 900)}, {});
  EXPECT_EQ(base, -1);
  EXPECT_EQ(quote, -900);
  EXPECT_FALSE(in_flight_asset_balances(std::vector{hold(TradeType::buy, 1, std::nullopt)})->contains("QUOTE"));
}

TEST(AvailableEstimate, H_33_never_negative_but_flagged) {
  const std::vector<OrderHold> now{buy(1, 900)};
  const auto estimate = estimate_available_balance("QUOTE", 100, kSnapshot, {}, now, {});
  EXPECT_EQ(estimate->available, 0);
  EXPECT_EQ(estimate->deficit, 800);
}

TEST(AvailableEstimate, a_number_that_does_not_fit_is_an_error_and_no_exception) {
  const Decimal huge = "99999999999999999999999999999999999999"_dec;
  const std::vector<OrderHold> orders{buy(huge, huge)};
  const auto estimate = estimate_available_balance("QUOTE", 1, kSnapshot, orders, {}, {});
  ASSERT_FALSE(estimate.ok());
  EXPECT_EQ(estimate.status().code(), StatusCode::malformed);
  EXPECT_FALSE(in_flight_asset_balances(orders).ok());
  // Another asset is not touched by it.
  EXPECT_TRUE(estimate_available_balance("COIN", 1, kSnapshot, std::vector{sell(1, 1)}, {}, {}).ok());
}

/// An account whose venue knows the truth: each order holds what it may spend, each fill moves what it says. After
/// every step the estimate from one old snapshot must equal the venue's own available balance to the last digit.
TEST(AvailableEstimate, H_33_equals_a_simulated_account_after_every_step) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    core::Random random(seed);
    const auto draw = [&](std::uint64_t below, int scale) {
      return Decimal::from_parts(static_cast<Decimal::Int128>(random.below(below) + 1), scale);
    };
    Decimal free_base = 1'000'000;
    Decimal free_quote = 1'000'000'000;
    std::vector<OrderHold> open;
    std::vector<OrderHold> at_snapshot;
    std::vector<FillEffect> fills;
    Decimal registered_base;
    Decimal registered_quote;
    Time snapshot{};
    Time now = kSnapshot;
    for (int step = 0; step < 300; ++step) {
      now += Duration{1};
      const std::uint64_t what = open.empty() ? 0 : random.below(3);
      if (what == 0) {
        const OrderHold order{kPair, random.chance(1, 2) ? TradeType::buy : TradeType::sell, draw(10'000, 4),
                              draw(100'000, 2), random.chance(1, 2) ? "0.00075"_dec : Decimal{}};
        if (order.side == TradeType::buy) {
          free_quote -= order.unfilled * *order.price * (Decimal{1} + order.fee_percent);
        } else {
          free_base -= order.unfilled;
        }
        open.push_back(order);
      } else {
        const auto at = open.begin() + static_cast<std::ptrdiff_t>(random.below(open.size()));
        const bool is_buy = at->side == TradeType::buy;
        // A cancel releases the whole rest; a fill releases what it covers, then moves at its own, better price.
        const Decimal part = what == 1 ? at->unfilled : std::min(at->unfilled, draw(5'000, 4));
        if (is_buy) {
          free_quote += part * *at->price * (Decimal{1} + at->fee_percent);
        } else {
          free_base += part;
        }
        if (what == 2) {
          const Decimal price = is_buy ? *at->price * "0.9"_dec : *at->price * "1.1"_dec;
          const Decimal fee = part * price * "0.001"_dec;
          free_base += is_buy ? part : -part;
          free_quote += (is_buy ? -(part * price) : part * price) - fee;
          fills.push_back({kPair, at->side, part, part * price, {{"QUOTE", fee}}, now});
        }
        at->unfilled -= part;
        if (at->unfilled.is_zero()) open.erase(at);
      }
      if (step % 40 == 0) {
        registered_base = free_base;
        registered_quote = free_quote;
        at_snapshot = open;
        snapshot = now;
      }
      const auto base = estimate_available_balance("COIN", registered_base, snapshot, at_snapshot, open, fills);
      const auto quote = estimate_available_balance("QUOTE", registered_quote, snapshot, at_snapshot, open, fills);
      ASSERT_EQ(base->available - base->deficit, free_base) << "seed " << seed << " step " << step;
      ASSERT_EQ(quote->available - quote->deficit, free_quote) << "seed " << seed << " step " << step;
    }
  }
}

}  // namespace
}  // namespace calypte::engine
