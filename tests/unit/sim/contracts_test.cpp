#include "contracts_fixture.hpp"

namespace calypte::sim {
namespace {

using Cause = PositionChanged::Cause;

TEST(Positions, a_position_is_opened_enlarged_reduced_turned_and_closed) {
  Position held;
  EXPECT_EQ(apply_fill(held, 2, 100), Decimal(0));
  EXPECT_EQ(apply_fill(held, 1, 103), Decimal(0));
  EXPECT_EQ(held.entry_price(), Decimal(101));
  EXPECT_EQ(apply_fill(held, -1, 111), Decimal(10));
  EXPECT_EQ(held.cost, Decimal(202));
  EXPECT_EQ(held.unrealized_at(90), Decimal(-22));
  EXPECT_EQ(apply_fill(held, -5, 104), Decimal(6));
  EXPECT_EQ(held.amount, Decimal(-3));
  EXPECT_EQ(held.entry_price(), Decimal(104));
  EXPECT_EQ(apply_fill(held, 1, 100), Decimal(4));
  EXPECT_EQ(apply_fill(held, 2, 105), Decimal(-2));
  EXPECT_TRUE(held.cost.is_zero());
  EXPECT_EQ(held.realized, Decimal(18));
}

TEST(Positions, what_rounding_leaves_over_is_realised_with_the_last_lot) {
  Position held;
  apply_fill(held, "0.003"_dec, "100.1"_dec);
  apply_fill(held, "0.004"_dec, "100.4"_dec);
  // A seventh of 0.7019 is not a number of eight places.
  EXPECT_EQ(apply_fill(held, "-0.001"_dec, 101), "0.00072857"_dec);
  EXPECT_NE(held.cost, (divide("0.7019"_dec, 7, 8) * 6));
  const Decimal rest = apply_fill(held, "-0.006"_dec, 101);
  EXPECT_EQ("0.00072857"_dec + rest, "0.707"_dec - "0.7019"_dec);
  EXPECT_TRUE(held.cost.is_zero());
}

TEST(Margin, brackets_are_continuous_and_allow_less_leverage_the_bigger_they_are) {
  const ContractTerms terms;
  for (std::size_t i = 0; i + 1 < terms.brackets.size(); ++i) {
    const Decimal cap = terms.brackets[i].notional_cap;
    EXPECT_LT(maintenance_margin(terms, cap + 1) - maintenance_margin(terms, cap), Decimal(1)) << cap.to_string();
    EXPECT_GT(terms.brackets[i].max_leverage, terms.brackets[i + 1].max_leverage);
  }
  EXPECT_EQ(maintenance_margin(terms, 50'000), Decimal(200));
  EXPECT_EQ(max_notional_at(terms, 125), Decimal(50'000));
  EXPECT_EQ(max_notional_at(terms, 20), Decimal(100'000'000));
  EXPECT_EQ(max_notional_at(terms, 126), Decimal(0));
  EXPECT_EQ(initial_margin(100, 3), "33.33333334"_dec);
}

TEST_F(ContractsTest, a_fill_settles_into_positions_and_not_into_base_and_quote) {
  alice = open(1000, {"0.0002"_dec, "0.0004"_dec});
  trade(alice, Side::buy, 100, 2);
  EXPECT_EQ(held(alice).amount, Decimal(2));
  EXPECT_EQ(held(bob).amount, Decimal(-2));
  EXPECT_EQ(wallet(alice), "999.92"_dec);
  expect_conserved();
  trade(alice, Side::sell, 110, 2);
  EXPECT_EQ(wallet(alice), "1019.832"_dec);
  EXPECT_EQ(wallet(bob), Decimal(999'980));
  expect_conserved();
  ASSERT_EQ(exchange.fills(alice).size(), 2U);
  EXPECT_EQ(exchange.fills(alice)[1].realized, Decimal(20));
  EXPECT_EQ(exchange.fills(alice)[1].fee, "0.088"_dec);
  const auto& ledger = exchange.accounts().ledger(alice);
  ASSERT_EQ(ledger.size(), 4U);
  EXPECT_EQ(ledger[2].kind, LedgerEntry::Kind::realized);
  EXPECT_EQ(ledger[2].total_change, Decimal(20));
  EXPECT_TRUE(exchange.accounts().balance(alice, "BTC").total.is_zero());
}

TEST_F(ContractsTest, position_events_carry_the_state_right_after_the_fill) {
  trade(alice, Side::buy, 100, 2);
  exchange.events().clear();
  trade(alice, Side::sell, 110, 1);
  const auto changes = events_of<PositionChanged>();
  ASSERT_EQ(changes.size(), 2U);  // Bob's and Alice's.
  EXPECT_EQ(changes[1].account, alice);
  EXPECT_EQ(changes[1].cause, Cause::fill);
  EXPECT_EQ(changes[1].position.amount, Decimal(1));
  EXPECT_EQ(changes[1].wallet, Decimal(1010));
  EXPECT_EQ(changes[1].position.realized, Decimal(10));
}

TEST_F(ContractsTest, orders_bind_margin_at_the_leverage_and_are_refused_beyond_it) {
  // 1000 at the default leverage of 20 carries 20000.
  EXPECT_EQ(refusal(order(alice, Side::buy, 100, "200.001"_dec)), Refusal::insufficient_margin);
  EXPECT_TRUE(exchange.orders(alice).empty());
  ASSERT_EQ(refusal(order(alice, Side::buy, 100, 150)), Refusal::none);
  EXPECT_EQ(exchange.margin(alice, "USDT").order_margin, Decimal(750));
  EXPECT_EQ(exchange.margin(alice, "USDT").available, Decimal(250));
  // The other side needs no more, because only one of the two can grow the position.
  EXPECT_EQ(refusal(order(alice, Side::sell, 101, 140)), Refusal::none);
  EXPECT_EQ(exchange.margin(alice, "USDT").available, Decimal(250));
  EXPECT_EQ(refusal(order(alice, Side::buy, 99, 60)), Refusal::insufficient_margin);
  EXPECT_EQ(exchange.set_leverage(alice, 0, 10), Refusal::insufficient_margin);
  EXPECT_EQ(exchange.contract_settings(alice, 0).leverage, 20U);
  ASSERT_EQ(exchange.set_leverage(alice, 0, 40), Refusal::none);
  EXPECT_EQ(refusal(order(alice, Side::buy, 99, 60)), Refusal::none);
}

TEST_F(ContractsTest, unrealised_profit_and_loss_change_what_is_available) {
  trade(alice, Side::buy, 100, 10);
  exchange.pin_mark_price(0, Decimal(90), now);
  const MarginSummary sum = exchange.margin(alice, "USDT");
  EXPECT_EQ(sum.unrealized, Decimal(-100));
  EXPECT_EQ(sum.position_margin, Decimal(45));
  EXPECT_EQ(sum.available, Decimal(855));
  EXPECT_EQ(sum.maintenance, "3.6"_dec);
}

TEST_F(ContractsTest, leverage_is_refused_out_of_range_and_for_positions_that_are_too_big) {
  EXPECT_EQ(exchange.set_leverage(alice, 0, 0), Refusal::invalid_leverage);
  EXPECT_EQ(exchange.set_leverage(alice, 0, 126), Refusal::invalid_leverage);
  EXPECT_EQ(exchange.set_leverage(bob, 0, 125), Refusal::none);
  EXPECT_EQ(refusal(order(bob, Side::buy, 100, "500.001"_dec)), Refusal::max_position);
  ASSERT_EQ(refusal(order(bob, Side::buy, 100, 500)), Refusal::none);
  ASSERT_EQ(exchange.set_leverage(bob, 0, 100), Refusal::none);
  ASSERT_EQ(refusal(order(bob, Side::buy, 100, 1)), Refusal::none);
  EXPECT_EQ(exchange.set_leverage(bob, 0, 125), Refusal::max_position);
  const auto changes = events_of<SettingChanged>();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[1].settings.leverage, 100U);
}

TEST_F(ContractsTest, settings_do_not_change_under_open_orders_or_positions) {
  EXPECT_EQ(exchange.set_hedge_mode(alice, false), Refusal::no_change);
  const auto resting = place(order(alice, Side::buy, 99, 1));
  EXPECT_EQ(exchange.set_hedge_mode(alice, true), Refusal::open_orders_exist);
  EXPECT_EQ(exchange.set_margin_type(alice, 0, MarginType::isolated), Refusal::open_orders_exist);
  exchange.cancel(resting.id, now);
  trade(alice, Side::buy, 100, 1);
  EXPECT_EQ(exchange.set_hedge_mode(alice, true), Refusal::positions_exist);
  EXPECT_EQ(exchange.set_margin_type(alice, 0, MarginType::isolated), Refusal::positions_exist);
  EXPECT_FALSE(exchange.hedge_mode(alice));
  trade(alice, Side::sell, 100, 1);
  EXPECT_EQ(exchange.set_hedge_mode(alice, true), Refusal::none);
  EXPECT_EQ(exchange.set_margin_type(alice, 0, MarginType::isolated), Refusal::none);
  EXPECT_EQ(exchange.set_margin_type(alice, 0, MarginType::isolated), Refusal::no_change);
}

TEST_F(ContractsTest, sides_must_be_those_of_the_position_mode) {
  EXPECT_EQ(refusal(order(alice, Side::buy, 100, 1, PositionSide::long_side)), Refusal::position_side_mismatch);
  ASSERT_EQ(exchange.set_hedge_mode(alice, true), Refusal::none);
  EXPECT_EQ(refusal(order(alice, Side::buy, 100, 1)), Refusal::position_side_mismatch);
  trade(alice, Side::buy, 100, 2, PositionSide::long_side);
  trade(alice, Side::sell, 100, 1, PositionSide::short_side);
  EXPECT_EQ(held(alice, PositionSide::long_side).amount, Decimal(2));
  EXPECT_EQ(held(alice, PositionSide::short_side).amount, Decimal(-1));
  EXPECT_EQ(refusal(order(alice, Side::buy, 100, 2, PositionSide::short_side)), Refusal::reduce_only_rejected);
  trade(alice, Side::sell, 105, 2, PositionSide::long_side);
  EXPECT_EQ(held(alice, PositionSide::long_side).realized, Decimal(10));
  EXPECT_EQ(refusal(order(alice, Side::sell, 105, 1, PositionSide::long_side)), Refusal::reduce_only_rejected);
  expect_conserved();
}

TEST_F(ContractsTest, reduce_only_orders_bind_nothing_and_never_turn_the_position) {
  OrderRequest reduce = order(alice, Side::sell, 101, 1);
  reduce.reduce_only = true;
  EXPECT_EQ(refusal(reduce), Refusal::reduce_only_rejected);
  trade(alice, Side::buy, 100, 1);
  const Decimal available = exchange.margin(alice, "USDT").available;
  const auto first = place(reduce);
  const auto second = place(reduce);
  ASSERT_EQ(second.refusal, Refusal::none);
  EXPECT_EQ(exchange.margin(alice, "USDT").available, available);
  reduce.quantity = 2;
  EXPECT_EQ(refusal(reduce), Refusal::reduce_only_rejected);
  // One sweep reaches an ordinary order of half the position and both reduce-only ones.
  ASSERT_EQ(refusal(order(alice, Side::sell, "100.5"_dec, "0.5"_dec)), Refusal::none);
  ASSERT_EQ(refusal(order(bob, Side::buy, 101, 3)), Refusal::none);
  EXPECT_EQ(held(alice).amount, Decimal(0));
  EXPECT_EQ(exchange.order(first.id)->filled, "0.5"_dec);
  EXPECT_EQ(exchange.order(first.id)->close_reason, CloseReason::reduce_only);
  EXPECT_EQ(exchange.order(second.id)->filled, Decimal(0));
  EXPECT_EQ(exchange.order(second.id)->close_reason, CloseReason::reduce_only);
  EXPECT_EQ(exchange.order(second.id)->state, OrderState::cancelled);
}

TEST_F(ContractsTest, resting_reduce_only_orders_end_with_the_position) {
  trade(alice, Side::buy, 100, 1);
  OrderRequest reduce = order(alice, Side::sell, 105, 1);
  reduce.reduce_only = true;
  const auto resting = place(reduce);
  trade(alice, Side::sell, 100, 1);
  EXPECT_EQ(exchange.order(resting.id)->close_reason, CloseReason::reduce_only);
  EXPECT_FALSE(exchange.book(0).rests(resting.id));
}

TEST_F(ContractsTest, a_fill_or_kill_order_is_not_promised_what_reduce_only_makers_cannot_give) {
  trade(alice, Side::buy, 100, 1);
  OrderRequest reduce = order(alice, Side::sell, 101, 1);
  reduce.reduce_only = true;
  place(reduce);
  place(reduce);
  OrderRequest kill = order(bob, Side::buy, 101, 2);
  kill.time_in_force = TimeInForce::fill_or_kill;
  const auto killed = place(kill);
  EXPECT_EQ(exchange.order(killed.id)->close_reason, CloseReason::killed);
  EXPECT_EQ(held(alice).amount, Decimal(1));
}

TEST_F(ContractsTest, isolated_positions_set_margin_aside) {
  ASSERT_EQ(exchange.set_margin_type(alice, 0, MarginType::isolated), Refusal::none);
  trade(alice, Side::buy, 100, 10);
  EXPECT_EQ(held(alice).isolated_wallet, Decimal(50));
  EXPECT_EQ(exchange.margin(alice, "USDT").cross_wallet, Decimal(950));
  EXPECT_EQ(exchange.margin(alice, "USDT").available, Decimal(950));
  EXPECT_EQ(exchange.set_leverage(alice, 0, 10), Refusal::leverage_reduction);
  trade(alice, Side::sell, 101, 4);
  EXPECT_EQ(held(alice).isolated_wallet, Decimal(30));
  EXPECT_EQ(exchange.margin(alice, "USDT").cross_wallet, Decimal(974));
  trade(alice, Side::sell, 101, 8);
  EXPECT_EQ(held(alice).isolated_wallet, "10.1"_dec);
  EXPECT_EQ(held(alice).amount, Decimal(-2));
}

// --- Prices and funding --------------------------------------------------------------------------------------------

TEST_F(ContractsTest, funding_is_paid_at_its_exact_time_once_rounded_and_sums_to_nothing) {
  exchange.on_time(now);
  trade(alice, Side::buy, 100, "1.234"_dec);
  exchange.fix_funding_rate(0, "0.00012345"_dec);
  exchange.pin_mark_price(0, "100.12345678"_dec, now);
  const Time due = exchange.prices(0)->next_funding();
  EXPECT_EQ(due.time_since_epoch() % std::chrono::hours{8}, Duration{0});
  exchange.on_time(due - Duration{1});
  EXPECT_TRUE(exchange.funding_payments(alice).empty());
  exchange.events().clear();
  exchange.on_time(due + std::chrono::hours{1});
  ASSERT_EQ(exchange.funding_payments(alice).size(), 1U);
  const FundingPayment paid = exchange.funding_payments(alice)[0];
  EXPECT_EQ(paid.time, due);
  EXPECT_EQ(paid.payment, "-0.01525254"_dec);  // 1.234 * 100.12345678 * 0.00012345 = 0.015252537...
  EXPECT_EQ(wallet(alice), Decimal(1000) + paid.payment);
  ASSERT_EQ(exchange.funding_payments(bob).size(), 1U);
  EXPECT_EQ(exchange.funding_payments(bob)[0].payment, -paid.payment);
  EXPECT_NE(exchange.funding_payments(bob)[0].id, paid.id);
  EXPECT_EQ(events_of<FundingPaid>().size(), 2U);
  EXPECT_EQ(exchange.prices(0)->next_funding(), due + std::chrono::hours{8});
  expect_conserved();
  exchange.on_time(due + std::chrono::hours{17});  // However late it is called: two more.
  EXPECT_EQ(exchange.funding_payments(alice).size(), 3U);
  EXPECT_EQ(exchange.funding_history(0).size(), 3U);
}

TEST_F(ContractsTest, the_rounding_of_funding_goes_to_its_own_account) {
  exchange.on_time(now);
  const AccountId carol = open(1000);
  trade(alice, Side::buy, 100, "0.333"_dec);
  trade(carol, Side::buy, 100, "0.333"_dec);
  exchange.fix_funding_rate(0, "0.00000001"_dec);
  exchange.pin_mark_price(0, Decimal(100), now);
  exchange.settle_funding(0, now);
  // 0.333 and 0.666 millionths: both round to one place more or less than they are.
  EXPECT_EQ(exchange.funding_payments(alice)[0].payment, "-0.00000033"_dec);
  EXPECT_EQ(exchange.funding_payments(bob)[0].payment, "0.00000067"_dec);
  EXPECT_EQ(wallet(exchange.rounding_account()), "-0.00000001"_dec);
  expect_conserved();
}

TEST_F(ContractsTest, the_mark_follows_the_index_smoothly_and_the_rate_follows_the_premium) {
  exchange.on_time(now);
  exchange.set_fair_price(0, 100);
  place(order(bob, Side::buy, 101, 1));
  place(order(bob, Side::sell, 103, 1));
  exchange.on_time(now + std::chrono::seconds{1});
  EXPECT_EQ(exchange.prices(0)->index(), Decimal(100));
  EXPECT_EQ(exchange.prices(0)->mark(), "100.25"_dec);
  exchange.on_time(now + std::chrono::seconds{100});
  EXPECT_GT(exchange.prices(0)->mark(), "101.9"_dec);
  EXPECT_LT(exchange.prices(0)->mark(), Decimal(102));
  // A premium of nearly two per cent less the clamp of five basis points, capped.
  EXPECT_GT(exchange.prices(0)->rate(), "0.017"_dec);
  EXPECT_LE(exchange.prices(0)->rate(), "0.02"_dec);
  exchange.set_fair_price(0, 102);
  exchange.on_time(exchange.prices(0)->next_funding());
  exchange.on_time(now + std::chrono::minutes{10});
  EXPECT_EQ(exchange.prices(0)->rate(), "0.0001"_dec);  // No premium any more: the interest alone.
  exchange.set_funding_interval(0, std::chrono::hours{1}, now);
  EXPECT_EQ(exchange.prices(0)->rate(), "0.0000125"_dec);
}

// --- Liquidation -----------------------------------------------------------------------------------------------------

TEST_F(ContractsTest, a_margin_call_comes_before_the_liquidation_and_only_once) {
  trade(alice, Side::buy, 100, 150);
  const AccountId maker = open(1'000'000);
  // Maintenance is 0.4 %: at 93.8 the balance is 70 and 56.28 must be kept.
  ASSERT_EQ(refusal(order(maker, Side::buy, "93.5"_dec, 200)), Refusal::none);
  exchange.events().clear();
  exchange.pin_mark_price(0, "93.8"_dec, now);
  ASSERT_EQ(events_of<MarginCall>().size(), 1U);
  EXPECT_EQ(events_of<MarginCall>()[0].maintenance, "56.28"_dec);
  exchange.pin_mark_price(0, "93.75"_dec, now);
  EXPECT_EQ(events_of<MarginCall>().size(), 1U);
  EXPECT_EQ(held(alice).amount, Decimal(150));
  const Decimal price = exchange.liquidation_price(alice, {0, PositionSide::net}).value();
  exchange.pin_mark_price(0, price + "0.001"_dec, now);
  EXPECT_EQ(held(alice).amount, Decimal(150));
  exchange.pin_mark_price(0, price - "0.001"_dec, now);
  EXPECT_EQ(held(alice).amount, Decimal(0));
  const FillRecord& fill = exchange.fills(alice).back();
  EXPECT_EQ(fill.origin, OrderOrigin::liquidation);
  EXPECT_EQ(fill.client_id, "autoclose-" + std::to_string(to_unix_ms(now)));
  EXPECT_EQ(fill.price, "93.5"_dec);
  EXPECT_EQ(wallet(alice), Decimal(25));
  expect_conserved();
}

TEST_F(ContractsTest, what_the_book_does_not_take_goes_to_the_insurance_account_at_the_bankruptcy_price) {
  alice = open(1000, {"0.0002"_dec, "0.0004"_dec});
  trade(alice, Side::buy, 100, 150);
  const AccountId maker = open(1'000'000);
  place(order(maker, Side::buy, 94, 50));
  const auto resting = place(order(alice, Side::buy, 90, 1));
  const Decimal before = wallet(exchange.insurance_account());
  exchange.pin_mark_price(0, Decimal(93), now);
  EXPECT_EQ(held(alice).amount, Decimal(0));
  EXPECT_EQ(exchange.order(resting.id)->close_reason, CloseReason::liquidation);
  const auto& fills = exchange.fills(alice);
  ASSERT_EQ(fills.size(), 3U);
  EXPECT_EQ(fills[1].quantity, Decimal(50));
  EXPECT_EQ(fills[2].origin, OrderOrigin::deleveraging);
  EXPECT_EQ(fills[2].client_id, "adl_autoclose");
  EXPECT_EQ(fills[2].quantity, Decimal(100));
  EXPECT_EQ(held(exchange.insurance_account()).amount, Decimal(100));
  EXPECT_FALSE(wallet(alice).is_negative());
  EXPECT_LE(wallet(exchange.insurance_account()), before);
  EXPECT_EQ(exchange.order(exchange.orders(alice).back())->state, OrderState::filled);
  expect_conserved();
}

TEST_F(ContractsTest, the_insurance_fund_pays_what_a_wallet_cannot) {
  trade(alice, Side::buy, 100, 100);
  exchange.accounts().set_rates(alice, {"0.0002"_dec, "0.0004"_dec});
  const AccountId maker = open(1'000'000);
  ASSERT_EQ(refusal(order(maker, Side::buy, 90, 100)), Refusal::none);
  // The book takes all of it at the very price at which the wallet is empty, so the fee of 3.6 cannot be paid.
  exchange.pin_mark_price(0, Decimal(50), now);
  EXPECT_EQ(held(alice).amount, Decimal(0));
  EXPECT_EQ(exchange.fills(alice).back().fee, "3.6"_dec);
  EXPECT_EQ(wallet(alice), Decimal(0));
  EXPECT_EQ(exchange.accounts().ledger(alice).back().kind, LedgerEntry::Kind::insurance);
  EXPECT_EQ(wallet(exchange.insurance_account()), Decimal(1'000'000'000) - "3.6"_dec);
  EXPECT_EQ(events_of<PositionChanged>().back().cause, Cause::insurance);
  expect_conserved();
}

TEST_F(ContractsTest, an_isolated_position_loses_its_margin_and_no_more) {
  ASSERT_EQ(exchange.set_margin_type(alice, 0, MarginType::isolated), Refusal::none);
  trade(alice, Side::buy, 100, 100);
  exchange.pin_mark_price(0, Decimal(95), now);
  EXPECT_EQ(held(alice).amount, Decimal(0));
  EXPECT_EQ(wallet(alice), Decimal(500));
  expect_conserved();
}

TEST_F(ContractsTest, liquidation_by_hand) {
  trade(alice, Side::sell, 100, 3);
  EXPECT_FALSE(exchange.liquidate(alice, {0, PositionSide::long_side}, now));
  ASSERT_EQ(refusal(order(bob, Side::sell, 101, 10)), Refusal::none);
  EXPECT_TRUE(exchange.liquidate(alice, {0, PositionSide::net}, now));
  EXPECT_EQ(exchange.fills(alice).back().price, Decimal(101));
  EXPECT_EQ(exchange.fills(alice).back().side, Side::buy);
  EXPECT_EQ(wallet(alice), Decimal(997));
  EXPECT_TRUE(exchange.margin(alice, "USDT").position_margin.is_zero());
}

}  // namespace
}  // namespace calypte::sim
