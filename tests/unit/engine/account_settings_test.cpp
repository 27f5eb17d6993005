// Position mode, leverage and margin type, through the engine that holds them.
#include "perpetual_world.hpp"

namespace calypte::engine::perpetual_test {
namespace {

using State = AccountSetting<PositionMode>::State;
const Status kRefused(StatusCode::rejected, FailureReason::position_mode, "open orders exist", "-4067");

TEST(AccountSettings, PT_04_the_mode_is_what_the_venue_says) {
  World w;
  EXPECT_EQ(w.engine->position_mode().state, State::unknown);
  EXPECT_EQ(w.engine->position_mode().value, std::nullopt) << "never guessed";
  w.account.mode = PositionMode::hedge;
  w.start();
  EXPECT_TRUE(w.engine->position_mode().is(PositionMode::hedge));
  EXPECT_TRUE(w.told<PositionModeChangedEvent>().empty()) << "what was read at the start is no change";
}

TEST(AccountSettings, PT_05_leverage_belongs_to_a_pair) {
  World w({kBtc, kEth});
  w.account.leverage = {{"BTCUSDT", 2}, {"ETHUSDT", 3}};
  EXPECT_EQ(w.engine->leverage(kBtc).value, std::nullopt);
  w.start();
  EXPECT_TRUE(w.engine->leverage(kBtc).is(2));
  EXPECT_TRUE(w.engine->leverage(kEth).is(3));
  EXPECT_TRUE(w.engine->margin_type(kEth).is(MarginType::cross));
}

TEST(AccountSettings, PP_08_the_supported_modes_are_the_venues) {
  World w;
  const auto modes = w.engine->supported_position_modes();
  EXPECT_EQ(std::vector(modes.begin(), modes.end()), std::vector(kModes.begin(), kModes.end()));
}

TEST(AccountSettings, PP_09_a_refused_mode_stays_what_it_was) {
  World w;
  w.start();
  w.account.failing["private: set position mode"] = kRefused;
  EXPECT_TRUE(w.engine->set_position_mode(PositionMode::hedge).ok());
  w.run();
  EXPECT_TRUE(w.log.has(LogLevel::error, {"HEDGE", "open orders exist", "-4067"}));
  const auto told = w.told<PositionModeChangedEvent>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].mode, PositionMode::hedge);
  EXPECT_EQ(told[0].status, kRefused);
  EXPECT_TRUE(w.engine->position_mode().is(PositionMode::one_way));
}

TEST(AccountSettings, PP_10_a_mode_is_switched_and_back) {
  World w;
  w.start();
  for (const auto mode : {PositionMode::hedge, PositionMode::one_way}) {
    EXPECT_TRUE(w.engine->set_position_mode(mode).ok());
    EXPECT_EQ(w.engine->position_mode().state, State::changing);
    w.run();
    EXPECT_TRUE(w.engine->position_mode().is(mode));
    EXPECT_EQ(w.account.mode, mode);
    EXPECT_TRUE(w.log.has(LogLevel::info, {"position mode", to_string(mode)}));
    EXPECT_TRUE(w.told<PositionModeChangedEvent>().back().status.ok());
  }
  EXPECT_EQ(w.told<PositionModeChangedEvent>().size(), 2U);
}

TEST(AccountSettings, a_mode_that_is_set_already_is_told_and_not_sent) {
  World w;
  w.start();
  EXPECT_TRUE(w.engine->set_position_mode(PositionMode::one_way).ok());
  EXPECT_TRUE(w.told<PositionModeChangedEvent>().empty()) << "not from inside the call";
  w.run();
  EXPECT_EQ(w.told<PositionModeChangedEvent>().size(), 1U);
  EXPECT_EQ(w.account.count("private: set position mode"), 0U);
}

TEST(AccountSettings, PP_11_refused_leverage_is_told_and_stays_what_it_was) {
  World w;
  w.start();
  const Status refused(StatusCode::rejected, FailureReason::invalid_leverage, "too much for this size", "-4161");
  w.account.failing["private: set leverage"] = refused;
  EXPECT_TRUE(w.engine->set_leverage(kBtc, 2).ok());
  w.run();
  EXPECT_TRUE(w.log.has(LogLevel::error, {"BTC-USDT", "leverage 2", "too much for this size"}));
  const auto told = w.told<LeverageChangedEvent>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].status, refused);
  EXPECT_TRUE(w.engine->leverage(kBtc).is(20));
}

TEST(AccountSettings, PP_12_leverage_is_set) {
  World w;
  w.start();
  EXPECT_TRUE(w.engine->set_leverage(kBtc, 2).ok());
  w.run();
  EXPECT_TRUE(w.log.has(LogLevel::info, {"leverage", "BTC-USDT", "2"}));
  EXPECT_TRUE(w.engine->leverage(kBtc).is(2));
  EXPECT_EQ(w.account.leverage.at("BTCUSDT"), 2U);
  ASSERT_EQ(w.told<LeverageChangedEvent>().size(), 1U);
  EXPECT_TRUE(w.told<LeverageChangedEvent>()[0].status.ok());
}

TEST(AccountSettings, the_margin_type_is_set) {
  World w;
  w.start();
  EXPECT_TRUE(w.engine->set_margin_type(kBtc, MarginType::isolated).ok());
  w.run();
  EXPECT_TRUE(w.engine->margin_type(kBtc).is(MarginType::isolated));
  ASSERT_EQ(w.told<MarginTypeChangedEvent>().size(), 1U);
}

TEST(AccountSettings, leverage_out_of_range_and_unknown_contracts_are_denied) {
  World w;
  EXPECT_EQ(w.engine->set_leverage(kBtc, 2).reason(), FailureReason::stopped);
  w.start();
  EXPECT_EQ(w.engine->set_leverage(kBtc, 0).reason(), FailureReason::invalid_leverage);
  EXPECT_EQ(w.engine->set_leverage(kBtc, 126).reason(), FailureReason::invalid_leverage);
  EXPECT_EQ(w.engine->set_leverage("XYZ-USDT"_pair, 2).reason(), FailureReason::unknown_trading_pair);
  w.run();
  EXPECT_EQ(w.account.count("private: set leverage"), 0U);
}

TEST(AccountSettings, one_change_of_a_setting_at_a_time) {
  World w;
  w.start();
  w.hold = [](auto name) { return name == "private: set leverage"; };
  EXPECT_TRUE(w.engine->set_leverage(kBtc, 2).ok());
  w.run();
  EXPECT_EQ(w.engine->set_leverage(kBtc, 3).code(), StatusCode::denied);
  EXPECT_TRUE(w.engine->status().ready()) << "the strategy's own change is no reason to be unready";
  w.release();
  EXPECT_TRUE(w.engine->leverage(kBtc).is(2));
  EXPECT_EQ(w.told<LeverageChangedEvent>().size(), 1U);
}

TEST(AccountSettings, an_unknown_outcome_is_told_and_asked_for_until_it_is_known) {
  World w;
  w.start();
  w.hold = [](auto name) { return name == "private: set leverage"; };
  EXPECT_TRUE(w.engine->set_leverage(kBtc, 2).ok());
  w.run();
  w.account.failing["private: query leverage"] = Status(StatusCode::unavailable, "busy");
  w.release(venue::RequestOutcome::Kind::unknown);
  ASSERT_EQ(w.told<LeverageChangedEvent>().size(), 1U);
  EXPECT_EQ(w.told<LeverageChangedEvent>()[0].status.code(), StatusCode::outcome_unknown);
  EXPECT_EQ(w.engine->leverage(kBtc).state, AccountSetting<std::uint32_t>::State::unknown);
  EXPECT_FALSE(w.engine->status().ready());
  w.order(TradeType::buy, PositionAction::open);
  EXPECT_EQ(w.told<MarketOrderFailureEvent>().back().reason, FailureReason::not_ready);

  w.account.leverage["BTCUSDT"] = 2;  // it took effect
  w.account.failing.clear();
  w.pass(5s);
  EXPECT_TRUE(w.engine->leverage(kBtc).is(2));
  ASSERT_EQ(w.told<LeverageChangedEvent>().size(), 2U);
  EXPECT_TRUE(w.told<LeverageChangedEvent>()[1].status.ok());
  EXPECT_TRUE(w.engine->status().ready());
}

TEST(AccountSettings, that_a_lost_change_took_no_effect_is_believed_only_after_a_while) {
  World w;
  w.start();
  w.hold = [](auto name) { return name == "private: set position mode"; };
  EXPECT_TRUE(w.engine->set_position_mode(PositionMode::hedge).ok());
  w.run();
  w.release(venue::RequestOutcome::Kind::unknown);
  w.pass(5s);
  EXPECT_EQ(w.engine->position_mode().state, State::unknown) << "it may still be on its way";
  w.pass(20s);
  EXPECT_TRUE(w.engine->position_mode().is(PositionMode::one_way));
  ASSERT_EQ(w.told<PositionModeChangedEvent>().size(), 2U);
  EXPECT_EQ(w.told<PositionModeChangedEvent>()[1].mode, PositionMode::one_way);
}

TEST(AccountSettings, somebody_elses_change_is_told) {
  World w;
  w.start();
  w.user(venue::LeverageReport{Symbol("BTCUSDT"), 7, std::nullopt});
  EXPECT_TRUE(w.engine->leverage(kBtc).is(7));
  ASSERT_EQ(w.told<LeverageChangedEvent>().size(), 1U);
  w.user(venue::LeverageReport{Symbol("BTCUSDT"), 7, std::nullopt});
  EXPECT_EQ(w.told<LeverageChangedEvent>().size(), 1U);
  w.user(venue::PositionModeReport{PositionMode::hedge});
  EXPECT_TRUE(w.engine->position_mode().is(PositionMode::hedge));
  EXPECT_EQ(w.told<PositionModeChangedEvent>().size(), 1U);
}

TEST(AccountSettings, a_change_that_the_stream_confirms_before_its_answer_is_told_once) {
  World w;
  w.start();
  w.hold = [](auto name) { return name == "private: set leverage"; };
  EXPECT_TRUE(w.engine->set_leverage(kBtc, 2).ok());
  w.run();
  w.user(venue::LeverageReport{Symbol("BTCUSDT"), 2, std::nullopt});
  EXPECT_TRUE(w.engine->leverage(kBtc).is(2));
  w.release();
  EXPECT_EQ(w.told<LeverageChangedEvent>().size(), 1U);
}

TEST(AccountSettings, what_was_changed_while_the_stream_was_down_is_read_and_told) {
  World w;
  w.start();
  w.account.mode = PositionMode::hedge;
  w.account.leverage["BTCUSDT"] = 3;
  w.cut();
  w.pass(10s);
  EXPECT_TRUE(w.engine->position_mode().is(PositionMode::hedge));
  EXPECT_TRUE(w.engine->leverage(kBtc).is(3));
  EXPECT_EQ(w.told<PositionModeChangedEvent>().size(), 1U);
  EXPECT_EQ(w.told<LeverageChangedEvent>().size(), 1U);
}

TEST(AccountSettings, an_answer_that_was_asked_for_before_the_newest_news_is_not_used) {
  World w;
  w.start();
  w.hold = [](auto name) { return name == "private: query leverage"; };
  w.cut();
  while (w.held.empty()) w.pass(1s);
  w.user(venue::LeverageReport{Symbol("BTCUSDT"), 9, std::nullopt});
  w.pass(10ms);
  w.release();  // still says 20
  EXPECT_TRUE(w.engine->leverage(kBtc).is(9));
}

}  // namespace
}  // namespace calypte::engine::perpetual_test
