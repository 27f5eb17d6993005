// The venue-neutral cases of a derivative connector, PP-01 to PP-16 and the bad
// input of users, against every venue that has a simulated one. PP-01, PP-06
// and PP-07 beyond what is here are the cases of every exchange
// (exchange_test.cpp), which run over derivatives too.
#include <gmock/gmock.h>

#include "support/event_sequence.hpp"
#include "support/venue_world.hpp"

namespace calypte::test {
namespace {

std::vector<std::string> simulated_derivatives() {
  std::vector<std::string> names;
  for (const auto& name : simulated_venues()) {
    if (connector::make_venue(name)->spec().kind == ConnectorKind::derivative) names.push_back(name);
  }
  return names;
}

class DerivativeCases : public testing::TestWithParam<std::string> {
 protected:
  VenueWorld& w() {
    if (!world_) world_ = std::make_unique<VenueWorld>(GetParam());
    return *world_;
  }
  VenueWorld& with(VenueWorld::Options options) {
    world_ = std::make_unique<VenueWorld>(GetParam(), std::move(options));
    return *world_;
  }
  Derivative& d() { return dynamic_cast<Derivative&>(*w().engine); }

  void set_leverage(std::uint32_t leverage) {
    ASSERT_TRUE(d().set_leverage(w().pair, leverage).ok());
    w().world->settle();
    w().world->run_for(2s);
    ASSERT_TRUE(d().leverage(w().pair).is(leverage));
  }
  void set_mode(PositionMode mode) {
    ASSERT_TRUE(d().set_position_mode(mode).ok());
    w().world->settle();
    w().world->run_for(2s);
    ASSERT_TRUE(d().position_mode().is(mode));
  }
  /// A position, by an order that somebody else fills at once.
  void open(TradeType side, const Decimal& amount) {
    const auto id = side == TradeType::buy ? w().buy(amount, OrderType::limit, w().inside_bid())
                                           : w().sell(amount, OrderType::limit, w().inside_ask());
    w().world->run_for(1s);
    w().trade_against(id, amount);
    w().world->run_for(2s);
    ASSERT_TRUE(w().engine->order(id)->is_filled()) << w().story(id);
  }
  template <typename E>
  std::optional<E> last() {
    const auto found = w().all<E>();
    return found.empty() ? std::nullopt : std::optional(found.back());
  }

 private:
  std::unique_ptr<VenueWorld> world_;
};

constexpr OrderOptions kClose{.position = PositionAction::close};

TEST_P(DerivativeCases, PP_02_PP_03_an_order_carries_the_leverage_of_its_creation) {
  set_leverage(2);
  const auto buy = w().buy("0.01"_dec, OrderType::limit, w().low_price());
  w().world->run_for(2s);
  set_leverage(3);
  const auto sell = w().sell("0.01"_dec, OrderType::limit, w().high_price());
  w().world->run_for(2s);
  const auto bought = w().all<BuyOrderCreatedEvent>(buy).at(0);
  EXPECT_EQ(bought.leverage, 2);
  EXPECT_EQ(bought.position, PositionAction::open);
  const auto sold = w().all<SellOrderCreatedEvent>(sell).at(0);
  EXPECT_EQ(sold.leverage, 3);
  EXPECT_EQ(sold.position, PositionAction::open);
  EXPECT_FALSE(w().at_venue(buy)->request.reduce_only);
}

TEST_P(DerivativeCases, PP_04_PP_05_closing_reduces_and_never_turns) {
  struct Case {
    TradeType opens;
    std::uint32_t leverage;
  };
  for (const auto& c : {Case{TradeType::sell, 4}, Case{TradeType::buy, 5}}) {
    with({});
    set_leverage(c.leverage);
    open(c.opens, "0.01"_dec);
    const bool closes_by_buying = c.opens == TradeType::sell;
    const auto id = closes_by_buying ? w().buy("0.01"_dec, OrderType::limit, w().low_price(), kClose)
                                     : w().sell("0.01"_dec, OrderType::limit, w().high_price(), kClose);
    w().world->run_for(2s);
    ASSERT_NE(w().at_venue(id), nullptr) << w().story(id);
    EXPECT_TRUE(w().at_venue(id)->request.reduce_only);
    EXPECT_EQ(w().at_venue(id)->request.side, closes_by_buying ? sim::Side::buy : sim::Side::sell);
    const auto* order = w().engine->order(id);
    EXPECT_EQ(order->intent().leverage, Decimal(std::int64_t{c.leverage}));
    EXPECT_EQ(order->intent().position, PositionAction::close);
  }
}

TEST_P(DerivativeCases, hedge_mode_names_the_position_that_an_order_changes) {
  set_mode(PositionMode::hedge);
  open(TradeType::buy, "0.02"_dec);
  open(TradeType::sell, "0.03"_dec);
  ASSERT_NE(d().position(w().pair, PositionSide::long_side), nullptr);
  ASSERT_NE(d().position(w().pair, PositionSide::short_side), nullptr);
  EXPECT_EQ(d().position(w().pair, PositionSide::long_side)->amount, "0.02"_dec);
  EXPECT_EQ(d().position(w().pair, PositionSide::short_side)->amount, "-0.03"_dec);
  EXPECT_EQ(d().position(w().pair), nullptr);
  const auto close_long = w().sell("0.02"_dec, OrderType::market, std::nullopt, kClose);
  const auto close_short = w().buy("0.01"_dec, OrderType::market, std::nullopt, kClose);
  w().world->run_for(3s);
  EXPECT_EQ(w().count<SellOrderCompletedEvent>(close_long), 1U) << w().story(close_long);
  EXPECT_EQ(w().count<BuyOrderCompletedEvent>(close_short), 1U) << w().story(close_short);
  EXPECT_EQ(d().position(w().pair, PositionSide::long_side), nullptr);
  EXPECT_EQ(d().position(w().pair, PositionSide::short_side)->amount, "-0.02"_dec);
  w().expect_positions_equal();
  w().expect_balances_equal();
}

TEST_P(DerivativeCases, PP_06_a_fill_found_by_polling_knows_its_leverage_and_action) {
  set_leverage(2);
  const auto id = w().open_buy("0.01"_dec);
  w().silence_user_stream();
  w().trade_against(id, "0.01"_dec);
  w().world->run_for(130s);
  ASSERT_EQ(w().story(id), "BuyOrderCreated OrderFilled BuyOrderCompleted");
  const auto fill = w().all<OrderFilledEvent>(id).at(0);
  EXPECT_EQ(fill.leverage, 2);
  EXPECT_EQ(fill.position, PositionAction::open);
  EXPECT_EQ(fill.trade_fee.kind, TradeFee::Kind::added_to_cost) << "by the order's action, not by its side";
}

TEST_P(DerivativeCases, PP_07_a_full_fill_makes_one_position) {
  set_leverage(2);
  const auto id = w().sell("0.01"_dec, OrderType::limit, w().inside_ask());
  w().world->run_for(1s);
  w().trade_against(id, "0.01"_dec);
  w().world->run_for(2s);
  EXPECT_EQ(w().story(id), "SellOrderCreated OrderFilled SellOrderCompleted");
  const auto fill = w().all<OrderFilledEvent>(id).at(0);
  EXPECT_EQ(fill.leverage, 2);
  EXPECT_EQ(fill.position, PositionAction::open);
  const auto positions = d().positions();
  ASSERT_EQ(positions.size(), 1U);
  EXPECT_EQ(positions[0].trading_pair, w().pair);
  EXPECT_EQ(positions[0].side, PositionSide::net);
  EXPECT_EQ(positions[0].amount, "-0.01"_dec);
  EXPECT_EQ(positions[0].entry_price, fill.price);
  EXPECT_EQ(positions[0].leverage, 2);
  const auto told = last<PositionChangedEvent>();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->amount, "-0.01"_dec);
  w().expect_positions_equal();
}

TEST_P(DerivativeCases, PP_08_supported_position_modes) {
  const auto spec = connector::make_venue(GetParam());
  const auto modes = d().supported_position_modes();
  ASSERT_FALSE(modes.empty());
  EXPECT_TRUE(std::ranges::equal(modes, spec->spec().positions.modes));
}

TEST_P(DerivativeCases, PP_09_a_mode_that_cannot_change_with_open_orders) {
  const auto id = w().open_buy();
  ASSERT_TRUE(d().set_position_mode(PositionMode::hedge).ok()) << "the venue is the judge";
  w().world->settle();
  w().world->run_for(3s);
  const auto told = last<PositionModeChangedEvent>();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->mode, PositionMode::hedge);
  EXPECT_EQ(told->status.code(), StatusCode::rejected);
  EXPECT_EQ(told->status.reason(), FailureReason::position_mode);
  EXPECT_FALSE(told->status.venue_code().empty());
  EXPECT_FALSE(told->status.message().empty());
  EXPECT_TRUE(d().position_mode().is(PositionMode::one_way));
  EXPECT_FALSE(w().venue->exchange().hedge_mode(w().venue->test_account()));
  EXPECT_TRUE(w().engine->order(id)->is_open());
}

TEST_P(DerivativeCases, PP_10_the_mode_goes_there_and_back) {
  for (const auto mode : {PositionMode::hedge, PositionMode::one_way, PositionMode::one_way}) {
    const auto before = w().all<PositionModeChangedEvent>().size();
    set_mode(mode);
    ASSERT_EQ(w().all<PositionModeChangedEvent>().size(), before + 1) << "also where nothing had to be changed";
    EXPECT_TRUE(last<PositionModeChangedEvent>()->status.ok());
    EXPECT_EQ(w().venue->exchange().hedge_mode(w().venue->test_account()), mode == PositionMode::hedge);
  }
}

TEST_P(DerivativeCases, PP_09_an_unknown_outcome_of_a_change_is_found_out) {
  w().world->network.request_fault = [times = 1](std::string_view asked) mutable {
    return asked == "private: set position mode" && times-- > 0 ? sim::RequestFault::lose_reply
                                                                : sim::RequestFault::none;
  };
  ASSERT_TRUE(d().set_position_mode(PositionMode::hedge).ok());
  w().world->settle();
  w().world->run_for(60s);
  EXPECT_TRUE(d().position_mode().is(PositionMode::hedge)) << "the venue did it";
  const auto told = w().all<PositionModeChangedEvent>();
  ASSERT_GE(told.size(), 2U);
  EXPECT_EQ(told.front().status.code(), StatusCode::outcome_unknown);
  EXPECT_TRUE(told.back().status.ok());
  EXPECT_EQ(w().requests_sent("set position mode"), 1U) << "never sent twice";
}

TEST_P(DerivativeCases, PP_11_a_leverage_that_the_venue_refuses) {
  set_leverage(5);
  // More than any contract offers is refused here.
  const Status absurd = d().set_leverage(w().pair, 100'000);
  EXPECT_EQ(absurd.code(), StatusCode::denied);
  EXPECT_EQ(absurd.reason(), FailureReason::invalid_leverage);
  EXPECT_EQ(d().set_leverage(w().pair, 0).code(), StatusCode::denied);
  EXPECT_EQ(d().set_leverage("NO-SUCH"_pair, 2).reason(), FailureReason::unknown_trading_pair);
  // Too much for the size of the position is refused by the venue.
  const auto most = connector::make_venue(GetParam())->spec().positions.max_leverage;
  set_leverage(2);
  open(TradeType::buy, "3"_dec);
  ASSERT_TRUE(d().set_leverage(w().pair, most).ok());
  w().world->settle();
  w().world->run_for(3s);
  const auto told = last<LeverageChangedEvent>();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->leverage, most);
  EXPECT_EQ(told->status.code(), StatusCode::rejected);
  EXPECT_EQ(told->status.reason(), FailureReason::invalid_leverage) << told->status.to_string();
  EXPECT_FALSE(told->status.venue_code().empty());
  EXPECT_TRUE(d().leverage(w().pair).is(2));
  EXPECT_EQ(w().settings_at_venue().leverage, 2U);
}

TEST_P(DerivativeCases, PP_12_a_leverage_that_the_venue_takes) {
  set_leverage(7);
  EXPECT_EQ(w().settings_at_venue().leverage, 7U);
  const auto told = last<LeverageChangedEvent>();
  ASSERT_TRUE(told);
  EXPECT_TRUE(told->status.ok());
  EXPECT_EQ(told->leverage, 7U);
  EXPECT_EQ(told->trading_pair, w().pair);
}

TEST_P(DerivativeCases, the_margin_type_changes_only_without_a_position) {
  ASSERT_TRUE(d().set_margin_type(w().pair, MarginType::isolated).ok());
  w().world->settle();
  w().world->run_for(2s);
  EXPECT_TRUE(d().margin_type(w().pair).is(MarginType::isolated));
  EXPECT_EQ(w().settings_at_venue().margin, sim::MarginType::isolated);
  open(TradeType::buy, "0.01"_dec);
  ASSERT_TRUE(d().set_margin_type(w().pair, MarginType::cross).ok());
  w().world->settle();
  w().world->run_for(2s);
  const auto told = last<MarginTypeChangedEvent>();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->status.code(), StatusCode::rejected);
  EXPECT_FALSE(told->status.venue_code().empty());
  EXPECT_TRUE(d().margin_type(w().pair).is(MarginType::isolated));
}

TEST_P(DerivativeCases, PP_13_PP_14_funding_info_is_asked_for_and_then_streamed) {
  const auto first = d().funding_info(w().pair);
  ASSERT_TRUE(first) << "part of being ready";
  EXPECT_GT(first->mark_price, 0);
  EXPECT_GT(first->index_price, 0);
  EXPECT_GT(first->next_funding_time, w().world->now());
  w().by_hand([&](auto& x) { x.pin_mark_price(w().instrument(), first->mark_price * 2, w().world->now()); });
  w().world->run_for(10s);
  EXPECT_EQ(d().funding_info(w().pair)->mark_price, first->mark_price * 2);
  EXPECT_TRUE(std::ranges::any_of(w().all<FundingInfoEvent>(),
                                  [&](const auto& e) { return e.mark_price == first->mark_price * 2; }));
}

TEST_P(DerivativeCases, PP_15_H_36_every_funding_payment_is_told_once) {
  open(TradeType::buy, "0.02"_dec);
  w().by_hand([&](auto& x) {
    x.fix_funding_rate(w().instrument(), "0.0003"_dec);
    x.set_funding_interval(w().instrument(), 1h, w().world->now());
  });
  EXPECT_TRUE(w().all<FundingPaymentCompletedEvent>().empty());
  w().world->run_for(2h + 5min);
  const auto& truth = w().venue->exchange().funding_payments(w().venue->test_account());
  ASSERT_EQ(truth.size(), 2U);
  auto told = w().all<FundingPaymentCompletedEvent>();
  ASSERT_EQ(told.size(), 2U);
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].amount, truth[i].payment);
    EXPECT_LT(told[i].amount, 0) << "longs pay a positive rate";
    EXPECT_EQ(told[i].venue_time, truth[i].time);
    EXPECT_EQ(told[i].trading_pair, w().pair);
    EXPECT_LT(told[i].timestamp - told[i].venue_time, 2min) << "soon after it was booked";
  }
  // Two more while nobody listens: both are told, once, by whoever comes back.
  w().world->network.refuse_connections = true;
  w().world->cut_streams("cut");
  w().world->run_for(2h);
  w().world->network.refuse_connections = false;
  w().make_ready();
  w().world->run_for(1min);
  EXPECT_EQ(w().all<FundingPaymentCompletedEvent>().size(), 4U);
}

TEST_P(DerivativeCases, PP_15_H_35_a_restart_tells_what_was_missed_and_nothing_twice) {
  open(TradeType::buy, "0.02"_dec);
  w().by_hand([&](auto& x) {
    x.fix_funding_rate(w().instrument(), "0.0003"_dec);
    x.set_funding_interval(w().instrument(), 1h, w().world->now());
  });
  w().world->run_for(1h + 5min);
  ASSERT_EQ(w().all<FundingPaymentCompletedEvent>().size(), 1U);
  const auto saved = w().engine->tracking_states();
  w().world->network.mute_streams = true;  // the process is as good as dead
  w().world->network.refuse_connections = true;
  w().world->cut_streams("dying");
  w().world->run_for(1h);
  w().die_and_come_back(saved);
  w().world->run_for(2min);
  ASSERT_EQ(w().all<FundingPaymentCompletedEvent>().size(), 1U) << "the one of the time in between";
  EXPECT_EQ(w().all<FundingPaymentCompletedEvent>()[0].amount,
            w().venue->exchange().funding_payments(w().venue->test_account()).back().payment);
  // Without what was saved, the past is no news.
  w().die_and_come_back({});
  w().world->run_for(2min);
  EXPECT_TRUE(w().all<FundingPaymentCompletedEvent>().empty());
}

TEST_P(DerivativeCases, PP_16_collateral_tokens) {
  const auto& truth = w().venue->exchange().instruments()[w().instrument()];
  EXPECT_EQ(d().buy_collateral_token(w().pair), truth.quote);
  EXPECT_EQ(d().sell_collateral_token(w().pair), truth.quote);
}

// --- Bad input: a clear, typed error that carries the venue's code and text,
// and nothing has changed ---------------

TEST_P(DerivativeCases, closing_more_than_there_is) {
  open(TradeType::buy, "0.01"_dec);
  const auto nothing_to_close = w().buy("0.01"_dec, OrderType::limit, w().low_price(), kClose);
  w().world->run_for(3s);
  EXPECT_EQ(w().story(nothing_to_close), "MarketOrderFailure");
  const auto failure = w().all<MarketOrderFailureEvent>(nothing_to_close).at(0);
  EXPECT_EQ(failure.reason, FailureReason::reduce_only);
  EXPECT_EQ(failure.code, StatusCode::rejected);
  EXPECT_FALSE(failure.venue_code.empty());
  EXPECT_FALSE(failure.error_message.empty());
  const auto too_much = w().sell("0.05"_dec, OrderType::limit, w().high_price(), kClose);
  w().world->run_for(3s);
  const auto refusal = w().all<MarketOrderFailureEvent>(too_much);
  ASSERT_EQ(refusal.size(), 1U) << w().story(too_much);
  EXPECT_EQ(refusal[0].reason, FailureReason::reduce_only);
  EXPECT_FALSE(refusal[0].venue_code.empty());
  EXPECT_EQ(d().position(w().pair)->amount, "0.01"_dec);
  w().expect_positions_equal();
}

TEST_P(DerivativeCases, an_order_without_margin) {
  set_leverage(1);
  const Decimal price = w().low_price();
  const Decimal affordable = divide(w().engine->available_balance(d().buy_collateral_token(w().pair)), price, 3);
  const auto id = w().buy(affordable * 2, OrderType::limit, price);
  w().world->run_for(2s);
  EXPECT_EQ(w().story(id), "MarketOrderFailure");
  EXPECT_EQ(w().all<MarketOrderFailureEvent>(id).at(0).reason, FailureReason::insufficient_balance);
  // The same order is no trouble with leverage.
  set_leverage(10);
  const auto levered = w().buy(affordable * 2, OrderType::limit, price);
  w().world->run_for(2s);
  EXPECT_EQ(w().story(levered), "BuyOrderCreated");
}

TEST_P(DerivativeCases, a_contract_that_is_not_traded_any_more) {
  std::optional<TradingPair> delisted;
  for (const auto& instrument : w().venue->exchange().instruments()) {
    if (!instrument.tradable) delisted = TradingPair::from_assets(instrument.base, instrument.quote);
  }
  ASSERT_TRUE(delisted) << "the simulated venue must list one";
  const auto id = w().engine->buy(*delisted, 1, OrderType::limit, Decimal(1), {.position = PositionAction::open});
  w().world->settle();
  w().world->run_for(2s);
  const auto failure = w().all<MarketOrderFailureEvent>(id).at(0);
  EXPECT_EQ(failure.reason, FailureReason::instrument_not_tradable);
  EXPECT_FALSE(failure.error_message.empty());
  EXPECT_EQ(w().requests_sent("new order"), 0U);
}

TEST_P(DerivativeCases, a_contract_that_stops_trading_before_we_hear_of_it) {
  w().by_hand([&](auto& x) { x.set_tradable(w().instrument(), false); });
  const auto id = w().buy("0.01"_dec, OrderType::limit, w().low_price());
  w().world->run_for(2s);
  EXPECT_EQ(w().story(id), "MarketOrderFailure");
  const auto failure = w().all<MarketOrderFailureEvent>(id).at(0);
  EXPECT_EQ(failure.code, StatusCode::rejected);
  EXPECT_EQ(failure.reason, FailureReason::instrument_not_tradable);
  EXPECT_FALSE(failure.venue_code.empty());
  EXPECT_FALSE(failure.error_message.empty());
}

TEST_P(DerivativeCases, a_liquidation_is_told_as_such) {
  set_leverage(20);
  open(TradeType::buy, "0.05"_dec);
  w().by_hand([&](auto& x) {
    EXPECT_TRUE(x.liquidate(w().venue->test_account(), {w().instrument(), sim::PositionSide::net}, w().world->now()));
  });
  w().world->run_for(5s);
  const auto told = w().all<LiquidationEvent>();
  ASSERT_FALSE(told.empty());
  Decimal sum;
  for (const auto& e : told) sum += e.trade_type == TradeType::sell ? e.amount : -e.amount;
  EXPECT_EQ(sum, "0.05"_dec);
  EXPECT_EQ(d().position(w().pair), nullptr);
  EXPECT_TRUE(w().all<UnmatchedFillEvent>().empty()) << "nobody else's order: the venue's own";
  EXPECT_TRUE(w().all<PositionMismatchEvent>().empty());
  w().world->run_for(5min);
  EXPECT_EQ(w().all<LiquidationEvent>().size(), told.size()) << "once, whatever the number of sources";
  w().expect_positions_equal();
  w().expect_balances_equal();
}

TEST_P(DerivativeCases, somebody_else_changes_the_leverage) {
  set_leverage(5);
  w().by_hand(
      [&](auto& x) { EXPECT_EQ(x.set_leverage(w().venue->test_account(), w().instrument(), 9), sim::Refusal::none); });
  w().world->run_for(5s);
  EXPECT_TRUE(d().leverage(w().pair).is(9));
  EXPECT_EQ(last<LeverageChangedEvent>()->leverage, 9U);
}

#ifdef __OPTIMIZE__
constexpr auto kDays = 90;
#else
constexpr auto kDays = 9;  // without optimisation, and with sanitizers, ninety take too long
#endif

/// Funding every eight hours, trades in between, in one-way mode and in hedge
/// mode, reconnects now and then: at the end everything equals the venue's
/// ledger to the last digit.
TEST_P(DerivativeCases, ninety_days_end_with_the_ledger) {
  VenueWorld::Options options;
  options.price_interval = 5min;
  options.engine.user_stream.poll_with_stream = 30min;
  with(std::move(options));
  auto& world = *w().world;
  const auto account = w().venue->test_account();
  core::Random random(90);
  // The market stands still but for our trades: its background would cost most of the time.
  for (const auto& listed : w().venue->exchange().instruments()) {
    if (auto* flow = w().venue->flow(listed.symbol)) flow->pause();
  }
  const auto fill_up_the_book = [&] {
    w().venue->flow(w().symbol())->step(world.now());
    world.flush_server();
    world.run_for(1s);
  };
  bool hedge = false;
  const auto close_everything = [&] {
    for (const auto& position : d().positions()) {
      const auto amount = position.amount.abs();
      position.amount > 0 ? w().sell(amount, OrderType::market, std::nullopt, kClose)
                          : w().buy(amount, OrderType::market, std::nullopt, kClose);
    }
    world.run_for(5s);
    ASSERT_TRUE(d().positions().empty());
  };
  for (int day = 0; day < kDays; ++day) {
    for (int part = 0; part < 3; ++part) {
      fill_up_the_book();
      const auto amount = Decimal::from_parts(static_cast<std::int64_t>(1 + random.below(40)), 3);
      const auto side = random.chance(1, 2) ? TradeType::buy : TradeType::sell;
      // In hedge mode part of the orders close what is there.
      const auto held = d().position(
          w().pair, position_side_of(hedge ? PositionMode::hedge : PositionMode::one_way, side, PositionAction::close));
      OrderOptions how{.position = PositionAction::open};
      Decimal quantity = amount;
      if (hedge && held != nullptr && random.chance(2, 3)) {
        how = kClose;
        quantity = std::min(amount, held->amount.abs());
      }
      side == TradeType::buy ? w().buy(quantity, OrderType::market, std::nullopt, how)
                             : w().sell(quantity, OrderType::market, std::nullopt, how);
      if (random.chance(1, 20)) world.cut_streams("a reconnect");
      world.run_for(8h - 11s);
    }
    if (day % 15 == 14) {
      w().make_ready();
      close_everything();
      hedge = !hedge;
      set_mode(hedge ? PositionMode::hedge : PositionMode::one_way);
    }
  }
  w().make_ready();
  world.run_for(1h);
  EXPECT_THAT(test_support::check_event_sequence(world.events()), testing::IsEmpty());
  w().expect_positions_equal();
  w().expect_balances_equal();

  Decimal realized, fees, funding;
  std::set<TradeId> trades;
  for (const auto& fill : w().all<OrderFilledEvent>()) {
    ASSERT_TRUE(fill.realized_profit);
    realized += *fill.realized_profit;
    for (const auto& fee : fill.trade_fee.flat_fees) fees += fee.amount;
    EXPECT_TRUE(trades.insert(fill.exchange_trade_id).second);
  }
  std::set<std::string> payments;
  for (const auto& payment : w().all<FundingPaymentCompletedEvent>()) {
    funding += payment.amount;
    EXPECT_TRUE(payments.insert(payment.payment_id).second);
  }
  Decimal true_realized, true_fees, true_funding;
  for (const auto& fill : w().venue->exchange().fills(account)) {
    true_realized += fill.realized;
    true_fees += fill.fee;
  }
  const auto& true_payments = w().venue->exchange().funding_payments(account);
  for (const auto& payment : true_payments) true_funding += payment.payment;
  EXPECT_EQ(realized, true_realized);
  EXPECT_EQ(fees, true_fees);
  EXPECT_EQ(funding, true_funding);
  EXPECT_EQ(payments.size(), true_payments.size());
  EXPECT_GT(true_payments.size(), static_cast<std::size_t>(kDays) * 2) << "most intervals had a position";
  EXPECT_EQ(trades.size(), w().venue->exchange().fills(account).size());
  EXPECT_TRUE(w().all<PositionMismatchEvent>().empty());
}

INSTANTIATE_TEST_SUITE_P(Venues, DerivativeCases, testing::ValuesIn(simulated_derivatives()), venue_of_test);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DerivativeCases);

}  // namespace
}  // namespace calypte::test
