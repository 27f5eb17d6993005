// Orders, positions and readiness of a derivative engine.
#include "engine/make_engine.hpp"
#include "perpetual_world.hpp"

namespace calypte::engine::perpetual_test {
namespace {

const ReadinessCondition& condition(const ConnectorStatus& status, std::string_view name) {
  for (const auto& c : status.conditions) {
    if (c.name == name) return c;
  }
  static const ReadinessCondition none;
  ADD_FAILURE() << "no condition " << name;
  return none;
}

FailureReason reason(const World& w) {
  const auto failures = w.told<MarketOrderFailureEvent>();
  return failures.empty() ? FailureReason::none : failures.back().reason;
}

TEST(DerivativeEngine, PP_01_a_fresh_connector_is_not_ready_and_funding_is_a_condition) {
  World w;
  const auto status = w.engine->status();
  EXPECT_EQ(status.conditions.size(), 8U);
  for (const auto& c : status.conditions) {
    EXPECT_FALSE(c.initialized) << c.name;
    EXPECT_FALSE(c.live) << c.name;
  }
  EXPECT_FALSE(condition(status, "funding_info").initialized);
  EXPECT_FALSE(status.ready());
  w.start();
  for (const auto& c : w.engine->status().conditions) EXPECT_TRUE(c.live) << c.name << ": " << c.detail;
  EXPECT_EQ(w.told<ReadyEvent>().size(), 1U);
}

TEST(DerivativeEngine, PP_01_each_new_condition_holds_readiness_back) {
  for (const auto& [request, name] :
       {std::pair("public: query funding", "funding_info"), std::pair("private: query position mode", "position_mode"),
        std::pair("private: query leverage", "leverage"),
        std::pair("private: query positions", "user_stream_initialized")}) {
    World w;
    w.account.failing[request] = Status(StatusCode::unavailable, "busy");
    w.start();
    EXPECT_FALSE(condition(w.engine->status(), name).live) << name;
    EXPECT_TRUE(w.told<ReadyEvent>().empty()) << name;
    w.account.failing.clear();
    w.pass(10s);
    EXPECT_TRUE(w.engine->status().ready()) << name;
  }
}

TEST(DerivativeEngine, PP_02_a_buy_opens_with_the_leverage_at_its_creation) {
  World w;
  w.account.leverage["BTCUSDT"] = 2;
  w.start();
  const auto id = w.order(TradeType::buy, PositionAction::open);
  ASSERT_EQ(w.told<BuyOrderCreatedEvent>().size(), 1U);
  EXPECT_EQ(w.told<BuyOrderCreatedEvent>()[0].leverage, Decimal(2));
  EXPECT_EQ(w.told<BuyOrderCreatedEvent>()[0].position, PositionAction::open);
  ASSERT_NE(w.account.last<venue::NewOrder>(), nullptr);
  EXPECT_EQ(w.account.last<venue::NewOrder>()->position_side, PositionSide::net);
  EXPECT_FALSE(w.account.last<venue::NewOrder>()->reduce_only);
  EXPECT_TRUE(w.engine->set_leverage(kBtc, 9).ok());
  w.run();
  EXPECT_EQ(w.engine->order(id)->intent().leverage, Decimal(2));
}

TEST(DerivativeEngine, PP_03_a_sell_opens) {
  World w;
  w.account.leverage["BTCUSDT"] = 3;
  w.start();
  w.order(TradeType::sell, PositionAction::open);
  ASSERT_EQ(w.told<SellOrderCreatedEvent>().size(), 1U);
  EXPECT_EQ(w.told<SellOrderCreatedEvent>()[0].leverage, Decimal(3));
  EXPECT_EQ(w.told<SellOrderCreatedEvent>()[0].position, PositionAction::open);
}

TEST(DerivativeEngine, PP_04_a_buy_that_closes_reduces_only) {
  World w;
  w.account.leverage["BTCUSDT"] = 4;
  w.start();
  w.order(TradeType::buy, PositionAction::close);
  ASSERT_EQ(w.told<BuyOrderCreatedEvent>().size(), 1U);
  EXPECT_EQ(w.told<BuyOrderCreatedEvent>()[0].leverage, Decimal(4));
  EXPECT_EQ(w.told<BuyOrderCreatedEvent>()[0].position, PositionAction::close);
  EXPECT_TRUE(w.account.last<venue::NewOrder>()->reduce_only);
}

TEST(DerivativeEngine, PP_05_a_sell_that_closes_in_hedge_mode_names_the_long_position) {
  World w;
  w.account.mode = PositionMode::hedge;
  w.account.leverage["BTCUSDT"] = 5;
  w.start();
  w.order(TradeType::sell, PositionAction::close);
  ASSERT_EQ(w.told<SellOrderCreatedEvent>().size(), 1U);
  EXPECT_EQ(w.told<SellOrderCreatedEvent>()[0].leverage, Decimal(5));
  EXPECT_EQ(w.account.last<venue::NewOrder>()->position_side, PositionSide::long_side);
  EXPECT_FALSE(w.account.last<venue::NewOrder>()->reduce_only) << "the side says it";
  w.order(TradeType::sell, PositionAction::open);
  EXPECT_EQ(w.account.last<venue::NewOrder>()->position_side, PositionSide::short_side);
  w.order(TradeType::buy, PositionAction::close);
  EXPECT_EQ(w.account.last<venue::NewOrder>()->position_side, PositionSide::short_side);
}

TEST(DerivativeEngine, an_order_without_an_action_is_denied) {
  World w;
  w.start();
  w.order(TradeType::buy, PositionAction::nil);
  EXPECT_EQ(reason(w), FailureReason::invalid_position_action);
  EXPECT_EQ(w.account.count("private: new order"), 0U);
}

TEST(DerivativeEngine, while_the_mode_is_being_changed_no_order_leaves) {
  World w;
  w.start();
  w.hold = [](auto name) { return name == "private: set position mode"; };
  EXPECT_TRUE(w.engine->set_position_mode(PositionMode::hedge).ok());
  w.order(TradeType::buy, PositionAction::close);
  EXPECT_EQ(reason(w), FailureReason::not_ready);
  EXPECT_EQ(w.account.count("private: new order"), 0U);
}

TEST(DerivativeEngine, closing_does_not_wait_for_the_leverage) {
  World w;
  w.start();
  w.hold = [](auto name) { return name == "private: set leverage"; };
  EXPECT_TRUE(w.engine->set_leverage(kBtc, 3).ok());
  w.order(TradeType::buy, PositionAction::open);
  EXPECT_EQ(reason(w), FailureReason::not_ready);
  w.order(TradeType::buy, PositionAction::close);
  EXPECT_EQ(w.account.count("private: new order"), 1U);
}

TEST(DerivativeEngine, a_refusal_carries_the_venues_code_and_text_and_changes_nothing) {
  World w;
  w.start();
  w.account.failing["private: new order"] =
      Status(StatusCode::rejected, FailureReason::reduce_only, "ReduceOnly Order is rejected.", "-2022");
  w.order(TradeType::sell, PositionAction::close, 5);
  const auto failures = w.told<MarketOrderFailureEvent>();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].reason, FailureReason::reduce_only);
  EXPECT_EQ(failures[0].venue_code, "-2022");
  EXPECT_NE(failures[0].error_message.find("ReduceOnly Order is rejected."), std::string::npos);
  EXPECT_TRUE(w.engine->positions().empty());
}

TEST(DerivativeEngine, an_order_that_does_not_fit_the_mode_makes_the_mode_be_read) {
  World w;
  w.start();
  w.account.mode = PositionMode::hedge;  // somebody else's doing
  w.account.failing["private: new order"] =
      Status(StatusCode::rejected, FailureReason::position_mode, "side does not match", "-4061");
  w.order(TradeType::buy, PositionAction::open);
  w.pass(1s);
  EXPECT_TRUE(w.engine->position_mode().is(PositionMode::hedge));
  EXPECT_EQ(w.told<PositionModeChangedEvent>().size(), 1U);
}

TEST(DerivativeEngine, PP_06_a_fill_carries_leverage_action_and_profit_and_the_kind_of_fee_of_its_action) {
  World w;
  w.account.leverage["BTCUSDT"] = 2;
  w.start();
  const auto open = w.order(TradeType::buy, PositionAction::open);
  const auto close = w.order(TradeType::sell, PositionAction::close);
  auto opened = w.fill("T1", TradeType::buy, 1, open);
  opened.trade.fee.kind = TradeFee::Kind::deducted_from_returns;  // a guess of the message
  w.user(opened);
  auto closed = w.fill("T2", TradeType::sell, 1, close);
  closed.trade.realized_profit = Decimal::from_parts(-125, 2);
  w.user(closed);
  const auto fills = w.told<OrderFilledEvent>();
  ASSERT_EQ(fills.size(), 2U);
  EXPECT_EQ(fills[0].leverage, Decimal(2));
  EXPECT_EQ(fills[0].position, PositionAction::open);
  EXPECT_EQ(fills[0].trade_fee.kind, TradeFee::Kind::added_to_cost);
  EXPECT_EQ(fills[0].realized_profit, std::nullopt);
  EXPECT_EQ(fills[1].position, PositionAction::close);
  EXPECT_EQ(fills[1].trade_fee.kind, TradeFee::Kind::deducted_from_returns);
  EXPECT_EQ(fills[1].realized_profit, Decimal::from_parts(-125, 2));
}

TEST(DerivativeEngine, PP_07_the_stream_tells_of_a_short_position) {
  World w;
  w.account.mode = PositionMode::hedge;
  w.account.leverage["BTCUSDT"] = 2;
  w.start();
  const auto id = w.order(TradeType::sell, PositionAction::open);
  w.user(w.fill("T1", TradeType::sell, 1, id));
  venue::OrderReport filled;
  filled.update.client_order_id = id;
  filled.update.new_state = OrderState::filled;
  filled.symbol = Symbol("BTCUSDT");
  w.user(filled);
  auto position = World::position(-1);
  position.side = PositionSide::short_side;
  position.unrealized_profit = 12;
  w.user(position);
  EXPECT_EQ(w.told<SellOrderCompletedEvent>().size(), 1U);
  const auto positions = w.engine->positions();
  ASSERT_EQ(positions.size(), 1U);
  EXPECT_EQ(positions[0].trading_pair, kBtc);
  EXPECT_EQ(positions[0].side, PositionSide::short_side);
  EXPECT_EQ(positions[0].unrealized_profit, Decimal(12));
  EXPECT_EQ(positions[0].entry_price, Decimal(100));
  EXPECT_EQ(positions[0].amount, Decimal(-1));
  EXPECT_EQ(positions[0].leverage, Decimal(2));
  ASSERT_EQ(w.told<PositionChangedEvent>().size(), 1U);
  EXPECT_EQ(w.told<PositionChangedEvent>()[0].leverage, Decimal(2));
}

TEST(DerivativeEngine, PP_16_collateral_is_the_rules_token_or_the_quote) {
  World w;
  w.start();
  EXPECT_EQ(w.engine->buy_collateral_token(kBtc), "USDT");
  EXPECT_EQ(w.engine->sell_collateral_token(kBtc), "USDT");
}

TEST(DerivativeEngine, positions_are_read_before_the_stream_counts_as_live) {
  World w;
  w.account.positions = {World::position(3)};
  w.hold = [](auto name) { return name == "private: query positions"; };
  w.start();
  EXPECT_FALSE(condition(w.engine->status(), "user_stream_initialized").live);
  w.hold = nullptr;
  w.release();
  EXPECT_TRUE(w.engine->status().ready());
  ASSERT_NE(w.engine->position(kBtc, PositionSide::net), nullptr);
  EXPECT_EQ(w.engine->position(kBtc, PositionSide::net)->amount, Decimal(3));
}

TEST(DerivativeEngine, one_failing_read_does_not_drop_what_the_others_say) {
  for (const auto* failing : {"private: query fills", "private: query open orders", "private: query balances"}) {
    World w;
    w.account.failing[failing] = Status(StatusCode::unavailable, "busy");
    w.account.positions = {World::position(3)};
    w.start();
    EXPECT_EQ(w.engine->positions().size(), 1U) << failing;
    EXPECT_FALSE(w.engine->status().ready()) << failing;
  }
  World w;
  w.account.failing["private: query positions"] = Status(StatusCode::unavailable, "busy");
  w.start();
  EXPECT_EQ(w.engine->balance("USDT"), Decimal(1000));
}

TEST(DerivativeEngine, a_position_that_somebody_else_traded_is_a_mismatch_after_two_sweeps) {
  World w;
  w.start();
  w.account.positions = {World::position(2)};
  w.engine->sweep_soon();
  w.pass(1s);
  EXPECT_TRUE(w.told<PositionMismatchEvent>().empty());
  w.engine->sweep_soon();
  w.pass(1s);
  ASSERT_EQ(w.told<PositionMismatchEvent>().size(), 1U);
  EXPECT_EQ(w.told<PositionMismatchEvent>()[0].amount_at_venue, Decimal(2));
}

TEST(DerivativeEngine, our_own_fills_make_no_mismatch) {
  World w;
  w.start();
  w.pass(10s);
  const auto id = w.order(TradeType::buy, PositionAction::open, 2);
  w.user(w.fill("T1", TradeType::buy, 2, id));
  w.user(World::position(2));
  w.account.positions = {World::position(2)};
  for (int i = 0; i < 3; ++i) {
    w.engine->sweep_soon();
    w.pass(10s);
  }
  EXPECT_TRUE(w.told<PositionMismatchEvent>().empty());
  EXPECT_EQ(w.engine->position_tracker().amount_by_fills(kBtc, PositionSide::net), Decimal(2));
}

TEST(DerivativeEngine, a_liquidation_is_told_once_and_counts_for_the_position) {
  World w;
  w.account.positions = {World::position(2)};
  w.start();
  w.pass(10s);
  auto fill = w.fill("T9", TradeType::sell, 2);
  fill.trade.realized_profit = -50;
  w.account.fills = {fill};  // the list does not say who asked for it
  fill.origin = venue::FillOrigin::liquidation;
  w.user(fill);
  w.user(fill);
  w.account.positions.clear();
  w.user(World::position(0));
  for (int i = 0; i < 3; ++i) {
    w.engine->sweep_soon();
    w.pass(1min);
  }
  const auto told = w.told<LiquidationEvent>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].kind, LiquidationEvent::Kind::liquidation);
  EXPECT_EQ(told[0].trading_pair, kBtc);
  EXPECT_EQ(told[0].amount, Decimal(2));
  EXPECT_EQ(told[0].realized_profit, Decimal(-50));
  EXPECT_TRUE(w.told<UnmatchedFillEvent>().empty());
  EXPECT_TRUE(w.told<PositionMismatchEvent>().empty());
}

TEST(DerivativeEngine, a_liquidation_that_a_sweep_saw_first_is_no_unmatched_fill) {
  World w;
  w.start();
  auto fill = w.fill("T9", TradeType::sell, 2);
  w.account.fills = {fill};
  w.engine->sweep_soon();
  w.pass(1s);
  fill.origin = venue::FillOrigin::deleveraging;
  w.user(fill);
  w.pass(1min);
  ASSERT_EQ(w.told<LiquidationEvent>().size(), 1U);
  EXPECT_EQ(w.told<LiquidationEvent>()[0].kind, LiquidationEvent::Kind::deleveraging);
  EXPECT_TRUE(w.told<UnmatchedFillEvent>().empty());
}

TEST(DerivativeEngine, a_margin_call_is_told) {
  World w;
  w.start();
  w.user(venue::MarginCall{Symbol("BTCUSDT"), PositionSide::net, 2, Decimal(90), Decimal(5)});
  ASSERT_EQ(w.told<MarginCallEvent>().size(), 1U);
  EXPECT_EQ(w.told<MarginCallEvent>()[0].trading_pair, kBtc);
  EXPECT_EQ(w.told<MarginCallEvent>()[0].mark_price, Decimal(90));
}

TEST(DerivativeEngine, opening_needs_margin_and_closing_none) {
  World w;
  w.account.available["USDT"] = 10;
  w.account.leverage["BTCUSDT"] = 10;
  w.start();
  w.order(TradeType::buy, PositionAction::open, 2, 51);
  EXPECT_EQ(reason(w), FailureReason::insufficient_balance) << "102 at 10 times needs 10.2";
  EXPECT_EQ(w.account.count("private: new order"), 0U);
  w.order(TradeType::sell, PositionAction::close, 2, 100);
  EXPECT_EQ(w.account.count("private: new order"), 1U);
}

TEST(DerivativeEngine, margin_that_fits_is_let_through_and_taken_off_until_the_venue_says) {
  World w;
  w.account.available["USDT"] = 10;
  w.account.leverage["BTCUSDT"] = 10;
  w.start();
  w.pass(5s);
  w.order(TradeType::buy, PositionAction::open, 1, 60);
  EXPECT_EQ(w.account.count("private: new order"), 1U);
  EXPECT_EQ(w.engine->available_balance("USDT"), Decimal(4));
  w.account.available["USDT"] = 3;
  w.pass(1s);
  EXPECT_EQ(w.engine->available_balance("USDT"), Decimal(3)) << "asked for soon after the order";
}

TEST(DerivativeEngine, balances_are_asked_for_at_most_every_two_seconds) {
  World w;
  w.start();
  w.pass(10s);
  const auto before = w.account.count("private: query balances");
  for (int i = 0; i < 100; ++i) {
    w.order(TradeType::buy, PositionAction::open, Decimal::from_parts(1, 3));
    w.pass(100ms);
  }
  const auto asked = w.account.count("private: query balances") - before;
  EXPECT_GE(asked, 4U);
  EXPECT_LE(asked, 7U);
}

TEST(DerivativeEngine, an_order_that_reduces_the_position_needs_no_margin) {
  World w;
  w.account.available["USDT"] = 0;
  w.account.leverage["BTCUSDT"] = 1;
  w.account.positions = {World::position(2)};
  w.start();
  w.pass(5s);
  w.order(TradeType::sell, PositionAction::open, 4, 100);
  EXPECT_EQ(w.account.count("private: new order"), 1U);
  w.order(TradeType::buy, PositionAction::open, 4, 100);
  EXPECT_EQ(w.account.count("private: new order"), 1U);
  EXPECT_EQ(reason(w), FailureReason::insufficient_balance);
}

TEST(DerivativeEngine, a_picture_of_the_balances_that_is_outdated_refuses_nothing) {
  World w;
  w.account.available["USDT"] = 0;
  w.start();
  w.pass(5s);
  w.hold = [](auto name) { return name == "private: query balances"; };
  w.user(World::position(-1));  // a position moved, margin may be free
  w.order(TradeType::buy, PositionAction::open);
  EXPECT_EQ(w.account.count("private: new order"), 1U) << "the venue judges";
}

TEST(MakeEngine, gives_the_engine_of_the_kind_and_create_refuses_the_other) {
  Account account;
  ExchangeEngineOptions options;
  options.trading_pairs = {kBtc};
  const auto credentials = [] { return Credentials{Secret("key"), Secret("secret"), Secret()}; };
  auto derivative = make_engine(std::make_unique<PerpetualVenue>(account), credentials(), options, null_log(), at(0s));
  ASSERT_TRUE(derivative.ok());
  EXPECT_NE(dynamic_cast<Derivative*>(derivative->get()), nullptr);
  const auto refused =
      ExchangeEngine::create(std::make_unique<PerpetualVenue>(account), credentials(), options, null_log(), at(0s));
  EXPECT_EQ(refused.status().code(), StatusCode::denied);

  const auto spot = [&account] {
    auto venue = std::make_unique<PerpetualVenue>(account);
    venue->table.kind = ConnectorKind::exchange;
    return venue;
  };
  auto exchange = make_engine(spot(), credentials(), options, null_log(), at(0s));
  ASSERT_TRUE(exchange.ok());
  EXPECT_EQ(dynamic_cast<Derivative*>(exchange->get()), nullptr);
  EXPECT_EQ(DerivativeEngine::create(spot(), credentials(), options, null_log(), at(0s)).status().code(),
            StatusCode::denied);
}

}  // namespace
}  // namespace calypte::engine::perpetual_test
