#include "sim/accounts.hpp"

#include <gtest/gtest.h>

#include "sim/exchange.hpp"

namespace calypte::sim {
namespace {

constexpr Time kNow = from_unix_ms(1'790'000'000'000);

Instrument pair() {
  Instrument instrument;
  instrument.symbol = "BTC_USDT";
  instrument.base = "BTC";
  instrument.quote = "USDT";
  instrument.tick = "0.01"_dec;
  instrument.lot = "0.001"_dec;
  instrument.start_price = 100;
  return instrument;
}

OrderRequest limit(AccountId account, Side side, Decimal price, Decimal quantity) {
  OrderRequest request;
  request.account = account;
  request.side = side;
  request.price = price;
  request.quantity = quantity;
  return request;
}

struct Fixture : testing::Test {
  Exchange exchange{{pair()}, ExchangeLimits{}, 1};
  AccountId maker = open({});
  AccountId taker = open({});

  AccountId open(FeePolicy policy) {
    const AccountId id = exchange.accounts().open("x", FeeRates{"0.001"_dec, "0.002"_dec}, std::move(policy));
    exchange.accounts().deposit(id, "BTC", 10, kNow);
    exchange.accounts().deposit(id, "USDT", 1000, kNow);
    return id;
  }
  [[nodiscard]] Balance of(AccountId id, std::string_view asset) const {
    return exchange.accounts().balance(id, asset);
  }
  void expect_conserved() const {
    for (const std::string_view asset : {"BTC", "USDT"}) {
      EXPECT_EQ(exchange.accounts().sum_of(asset), exchange.accounts().deposited(asset)) << asset;
    }
  }
};
using AccountsTest = Fixture;

TEST_F(AccountsTest, a_hold_binds_what_is_available_and_is_released_once) {
  Accounts& accounts = exchange.accounts();
  ASSERT_TRUE(accounts.hold(maker, 1, "USDT", 900, kNow).ok());
  const Status refused = accounts.hold(maker, 2, "USDT", 101, kNow);
  EXPECT_EQ(refused.reason(), FailureReason::insufficient_balance);
  EXPECT_EQ(of(maker, "USDT").available(), Decimal(100));
  EXPECT_TRUE(accounts.release(1, kNow).ok());
  EXPECT_EQ(of(maker, "USDT").held, Decimal(0));
  EXPECT_FALSE(accounts.release(1, kNow).ok());
  EXPECT_EQ(of(maker, "USDT").total, Decimal(1000));
}

TEST_F(AccountsTest, fees_are_charged_in_the_asset_received_by_maker_and_taker_rate) {
  exchange.place(limit(maker, Side::sell, 100, 2), kNow);
  EXPECT_EQ(of(maker, "BTC").held, Decimal(2));
  const auto bought = exchange.place(limit(taker, Side::buy, 101, 1), kNow);
  // The taker pays the maker's price; what its limit had bound beyond it is free again.
  EXPECT_EQ(of(taker, "USDT").total, Decimal(900));
  EXPECT_EQ(of(taker, "USDT").held, Decimal(0));
  EXPECT_EQ(of(taker, "BTC").total, "10.998"_dec);
  EXPECT_EQ(of(maker, "USDT").total, "1099.9"_dec);
  EXPECT_EQ(of(maker, "BTC").total, Decimal(9));
  EXPECT_EQ(of(maker, "BTC").held, Decimal(1));
  EXPECT_EQ(exchange.accounts().venue_fees().at("BTC"), "0.002"_dec);
  EXPECT_EQ(exchange.accounts().venue_fees().at("USDT"), "0.1"_dec);
  EXPECT_EQ(exchange.order(bought.id)->state, OrderState::filled);
  ASSERT_EQ(exchange.fills(taker).size(), 1U);
  EXPECT_FALSE(exchange.fills(taker)[0].maker);
  EXPECT_EQ(exchange.fills(taker)[0].fee_asset, "BTC");
  expect_conserved();
}

TEST_F(AccountsTest, a_fee_in_quote_is_bound_with_the_order) {
  const AccountId other = open({FeePolicy::Charge::quote, {}});
  exchange.place(limit(other, Side::buy, 100, 1), kNow);
  EXPECT_EQ(of(other, "USDT").held, "100.2"_dec);
  exchange.place(limit(maker, Side::sell, 100, 1), kNow);
  EXPECT_EQ(of(other, "USDT").total, "899.9"_dec);
  EXPECT_EQ(of(other, "USDT").held, Decimal(0));
  EXPECT_EQ(of(other, "BTC").total, Decimal(11));
  expect_conserved();
}

TEST_F(AccountsTest, an_order_without_funds_leaves_a_rejected_record_and_no_hold) {
  const auto accepted = exchange.accept(limit(taker, Side::buy, 100, 11), kNow);
  EXPECT_EQ(accepted.refusal, Refusal::insufficient_balance);
  ASSERT_NE(exchange.order(accepted.id), nullptr);
  EXPECT_EQ(exchange.order(accepted.id)->state, OrderState::rejected);
  EXPECT_EQ(of(taker, "USDT").held, Decimal(0));
  EXPECT_TRUE(exchange.open_orders(taker).empty());
}

TEST_F(AccountsTest, the_rules_of_an_instrument_are_checked_on_acceptance) {
  const auto refusal = [&](Decimal price, Decimal quantity) {
    return exchange.accept(limit(taker, Side::buy, price, quantity), kNow).refusal;
  };
  EXPECT_EQ(refusal("100.001"_dec, 1), Refusal::invalid_price);
  EXPECT_EQ(refusal(0, 1), Refusal::invalid_price);
  EXPECT_EQ(refusal(100, "0.0001"_dec), Refusal::invalid_quantity);
  EXPECT_EQ(refusal(100, 0), Refusal::invalid_quantity);
  EXPECT_EQ(refusal(100, "0.009"_dec), Refusal::below_min_notional);
  EXPECT_EQ(refusal(100, 1'000'000), Refusal::above_max_notional);
  OrderRequest named = limit(taker, Side::buy, 1, 1);
  named.client_id = "one";
  EXPECT_EQ(exchange.accept(named, kNow).refusal, Refusal::none);
  EXPECT_EQ(exchange.accept(named, kNow).refusal, Refusal::duplicate_client_id);
}

TEST_F(AccountsTest, an_order_cancelled_before_the_book_never_enters_it) {
  const auto accepted = exchange.accept(limit(taker, Side::buy, 90, 1), kNow);
  EXPECT_EQ(exchange.cancel(accepted.id, kNow), Refusal::none);
  exchange.enter(accepted.id, kNow);
  EXPECT_EQ(exchange.order(accepted.id)->state, OrderState::cancelled);
  EXPECT_EQ(exchange.book(0).order_count(), 0U);
  EXPECT_EQ(of(taker, "USDT").held, Decimal(0));
  EXPECT_EQ(exchange.cancel(accepted.id, kNow), Refusal::closed_order);
}

TEST_F(AccountsTest, an_amendment_binds_the_difference) {
  const auto accepted = exchange.place(limit(taker, Side::buy, 90, 2), kNow);
  EXPECT_EQ(exchange.accept_amendment(accepted.id, 95, 20, kNow), Refusal::insufficient_balance);
  ASSERT_EQ(exchange.accept_amendment(accepted.id, 95, 3, kNow), Refusal::none);
  exchange.enter_amendment(accepted.id, 95, 3, "", kNow);
  EXPECT_EQ(of(taker, "USDT").held, Decimal(285));
  exchange.place(limit(maker, Side::sell, 95, 1), kNow);
  ASSERT_EQ(exchange.accept_amendment(accepted.id, 80, 2, kNow), Refusal::none);
  exchange.enter_amendment(accepted.id, 80, 2, "", kNow);
  EXPECT_EQ(of(taker, "USDT").held, Decimal(80));
  EXPECT_EQ(exchange.accept_amendment(accepted.id, 80, 1, kNow), Refusal::invalid_quantity);
  expect_conserved();
}

TEST_F(AccountsTest, a_market_buy_by_notional_spends_no_more_than_that) {
  exchange.place(limit(maker, Side::sell, 100, 1), kNow);
  exchange.place(limit(maker, Side::sell, 101, 5), kNow);
  OrderRequest request = limit(taker, Side::buy, 0, 0);
  request.market = true;
  request.notional = 250;
  const auto accepted = exchange.place(request, kNow);
  const OrderRecord& order = *exchange.order(accepted.id);
  EXPECT_EQ(order.state, OrderState::filled);
  EXPECT_EQ(order.filled, "2.485"_dec);  // 1 at 100, then 150 / 101 in whole lots
  EXPECT_EQ(order.filled_value, "249.985"_dec);
  EXPECT_EQ(of(taker, "USDT").held, Decimal(0));
  expect_conserved();
}

TEST_F(AccountsTest, the_ledger_explains_every_balance) {
  core::Random random(5);
  std::vector<OrderId> ids;
  for (int i = 0; i < 1500; ++i) {
    const AccountId who = random.chance(1, 2) ? maker : taker;
    if (!ids.empty() && random.chance(1, 3)) {
      exchange.cancel(ids[random.below(ids.size())], kNow);
    } else {
      OrderRequest request = limit(who, random.chance(1, 2) ? Side::buy : Side::sell,
                                   Decimal::from_parts(9900 + static_cast<std::int64_t>(random.below(200)), 2),
                                   Decimal::from_parts(10 + static_cast<std::int64_t>(random.below(500)), 3));
      request.market = random.chance(1, 5);
      const auto accepted = exchange.place(request, kNow + std::chrono::seconds{i});
      if (accepted.id != 0) ids.push_back(accepted.id);
    }
  }
  EXPECT_GT(exchange.fills(taker).size(), 50U);
  expect_conserved();
  for (const AccountId who : {maker, taker}) {
    std::map<std::string, Balance> sums;
    for (const LedgerEntry& entry : exchange.accounts().ledger(who)) {
      sums[entry.asset].total += entry.total_change;
      sums[entry.asset].held += entry.held_change;
      EXPECT_EQ(entry.after.total, sums[entry.asset].total);
    }
    std::map<std::string, Decimal> bound;
    for (const OrderId id : exchange.open_orders(who)) {
      const OrderRecord& order = *exchange.order(id);
      const Decimal left = order.request.quantity - order.filled;
      if (order.request.side == Side::buy) bound["USDT"] += left * order.request.price;
      if (order.request.side == Side::sell) bound["BTC"] += left;
    }
    for (const std::string asset : {"BTC", "USDT"}) {
      EXPECT_EQ(of(who, asset).total, sums[asset].total);
      EXPECT_EQ(of(who, asset).held, sums[asset].held);
      EXPECT_EQ(of(who, asset).held, bound[asset]);
    }
    for (const OrderId id : exchange.orders(who)) {
      Decimal filled;
      for (const FillRecord& fill : exchange.fills(who)) {
        if (fill.order == id) filled += fill.quantity;
      }
      ASSERT_EQ(filled, exchange.order(id)->filled);
    }
  }
}

}  // namespace
}  // namespace calypte::sim
