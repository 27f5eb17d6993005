// Funding rates and funding payments, through the engine that holds them.
#include <set>

#include "perpetual_world.hpp"

namespace calypte::engine::perpetual_test {
namespace {

std::vector<std::string> ids(const World& w) {
  std::vector<std::string> result;
  for (const auto& event : w.told<FundingPaymentCompletedEvent>()) result.push_back(event.payment_id);
  return result;
}
using Ids = std::vector<std::string>;

TEST(FundingInfo, PT_07_and_PP_13_the_first_answer_makes_it_known) {
  World w;
  EXPECT_EQ(w.engine->funding_info(kBtc), std::nullopt);
  w.start();
  const auto info = w.engine->funding_info(kBtc);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->index_price, Decimal(101));
  EXPECT_EQ(info->mark_price, Decimal(102));
  EXPECT_EQ(info->rate, Decimal::from_parts(1, 4));
  EXPECT_EQ(info->next_funding_time, at(8h));
  EXPECT_EQ(w.engine->funding_info(kEth), std::nullopt) << "not followed";
  EXPECT_EQ(w.told<FundingInfoEvent>().size(), 1U);
}

TEST(FundingInfo, PT_06_is_known_without_trading) {
  World w({kBtc}, false);
  w.start();
  EXPECT_TRUE(w.engine->funding_info(kBtc));
  EXPECT_EQ(w.account.count("private: query funding payments"), 0U);
  EXPECT_EQ(w.account.count("private: query leverage"), 0U);
}

TEST(FundingInfo, PT_09_and_PP_14_an_update_changes_what_it_names) {
  World w;
  w.start();
  venue::FundingReport report;
  report.symbol = "BTCUSDT";
  report.index_price = 105;
  w.market(report);
  EXPECT_EQ(w.engine->funding_info(kBtc)->index_price, Decimal(105));
  EXPECT_EQ(w.engine->funding_info(kBtc)->mark_price, Decimal(102));
  EXPECT_EQ(w.told<FundingInfoEvent>().size(), 2U);
  w.market(report);
  EXPECT_EQ(w.told<FundingInfoEvent>().size(), 2U) << "nothing changed";
  report.symbol = "XYZUSDT";
  w.market(report);
  EXPECT_EQ(w.told<FundingInfoEvent>().size(), 2U) << "not followed";
}

TEST(FundingInfo, an_older_report_only_fills_in_what_is_not_known) {
  World w;
  w.account.failing["public: query funding"] = Status(StatusCode::unavailable, "busy");
  w.start();
  venue::FundingReport report;
  report.symbol = "BTCUSDT";
  report.mark_price = 105;
  report.venue_time = at(2s);
  w.market(report);
  EXPECT_EQ(w.engine->funding_info(kBtc), std::nullopt);
  report.index_price = 99;
  report.rate = 0;
  report.next_funding_time = at(8h);
  report.mark_price = 1;
  report.venue_time = at(1s);
  w.market(report);
  ASSERT_TRUE(w.engine->funding_info(kBtc));
  EXPECT_EQ(w.engine->funding_info(kBtc)->mark_price, Decimal(105));
  EXPECT_EQ(w.engine->funding_info(kBtc)->index_price, Decimal(99));
}

TEST(FundingInfo, PT_08_a_failed_read_is_logged_and_repeated) {
  World w;
  w.account.failing["public: query funding"] = Status(StatusCode::unavailable, "busy");
  w.start();
  EXPECT_TRUE(w.log.has(LogLevel::warning, {"funding of BTC-USDT", "busy"}));
  EXPECT_EQ(w.engine->funding_info(kBtc), std::nullopt);
  w.account.failing.clear();
  w.pass(5s);
  EXPECT_TRUE(w.engine->funding_info(kBtc));
}

TEST(FundingInfo, is_asked_for_again_when_the_stream_does_not_name_the_next_funding_time) {
  World w;
  w.start();
  w.account.next_funding = at(16h);
  w.pass(8h + 10s);
  EXPECT_EQ(w.engine->funding_info(kBtc)->next_funding_time, at(8h));
  w.pass(10s);
  EXPECT_EQ(w.engine->funding_info(kBtc)->next_funding_time, at(16h));
  EXPECT_EQ(w.account.count("public: query funding"), 2U);
}

TEST(FundingInfo, a_venue_that_names_no_future_funding_time_is_not_asked_without_end) {
  World w;
  w.account.next_funding = at(-1h);
  w.start();
  w.pass(10min);
  EXPECT_LT(w.account.count("public: query funding"), 30U);
  EXPECT_GT(w.account.count("public: query funding"), 10U);
}

TEST(FundingPayments, PP_15_the_baseline_is_silent_and_each_payment_is_told_once) {
  World w;
  w.account.payments = {World::payment("old", at(-30min))};
  w.start();
  EXPECT_EQ(ids(w), Ids{});
  w.account.positions = {World::position(1)};
  w.user(World::position(1));
  w.pass(8h - 1s);
  EXPECT_EQ(ids(w), Ids{});
  w.account.payments.push_back(World::payment("P1", at(8h), Decimal::from_parts(-37, 2)));
  w.account.next_funding = at(16h);
  w.pass(5s);
  const auto told = w.told<FundingPaymentCompletedEvent>();
  ASSERT_EQ(told.size(), 1U) << "a few seconds after the funding time";
  EXPECT_EQ(told[0].payment_id, "P1");
  EXPECT_EQ(told[0].trading_pair, kBtc);
  EXPECT_EQ(told[0].amount, Decimal::from_parts(-37, 2));
  EXPECT_EQ(told[0].rate, Decimal::from_parts(1, 4));
  EXPECT_EQ(told[0].venue_time, at(8h));
  w.pass(3h);
  EXPECT_EQ(ids(w), Ids{"P1"});
}

TEST(FundingPayments, a_payment_that_is_listed_late_is_asked_for_with_growing_pauses) {
  World w;
  w.start();
  w.account.positions = {World::position(1)};
  w.user(World::position(1));
  w.pass(8h - 1s);
  w.account.next_funding = at(16h);
  const auto before = w.account.count("private: query funding payments");
  w.pass(50s);
  const auto asked = w.account.count("private: query funding payments") - before;
  EXPECT_GE(asked, 4U);
  EXPECT_LE(asked, 7U);
  w.account.payments.push_back(World::payment("P1", at(8h)));
  w.pass(1min);
  EXPECT_EQ(ids(w), Ids{"P1"});
  const auto found = w.account.count("private: query funding payments");
  w.pass(1min);
  EXPECT_LE(w.account.count("private: query funding payments") - found, 1U) << "nothing is awaited any more";
}

TEST(FundingPayments, without_a_position_none_is_awaited) {
  World w;
  w.start();
  w.pass(8h - 1s);
  w.account.next_funding = at(16h);
  const auto before = w.account.count("private: query funding payments");
  w.pass(30s);
  EXPECT_EQ(w.account.count("private: query funding payments") - before, 1U);
}

TEST(FundingPayments, a_hint_of_the_stream_leads_to_a_question) {
  World w;
  w.start();
  w.pass(1min);
  w.account.payments.push_back(World::payment("P1", at(1min)));
  w.user(venue::FundingBooked{});
  w.pass(1s);
  EXPECT_EQ(ids(w), Ids{"P1"});
}

TEST(FundingPayments, a_payment_without_any_sign_is_found_by_the_regular_pass) {
  World w;
  w.start();
  w.account.payments.push_back(World::payment("P1", at(1min)));
  w.pass(11min);
  EXPECT_EQ(ids(w), Ids{"P1"});
}

TEST(FundingPayments, one_that_the_stream_tells_in_full_is_told_once) {
  World w;
  w.start();
  w.pass(1min);
  w.account.payments.push_back(World::payment("P1", at(1min)));
  w.user(w.account.payments.back());
  EXPECT_EQ(ids(w), Ids{"P1"});
  w.pass(30min);
  EXPECT_EQ(ids(w), Ids{"P1"});
}

TEST(FundingPayments, those_of_pairs_that_are_not_followed_are_told_too) {
  World w;
  w.start();
  auto payment = World::payment("P1", at(1min));
  payment.symbol = Symbol("ETHUSDT");
  auto foreign = World::payment("P2", at(1min));
  foreign.symbol = Symbol("GONE");
  w.account.payments = {payment, foreign};
  w.pass(11min);
  const auto told = w.told<FundingPaymentCompletedEvent>();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].trading_pair, kEth);
  EXPECT_TRUE(told[1].trading_pair.empty()) << "money moved all the same";
}

TEST(FundingPayments, reads_every_page) {
  World w;
  w.account.payments_a_page = 3;
  w.start();
  for (int i = 0; i < 20; ++i) {
    w.account.payments.push_back(World::payment("P" + std::to_string(i), at(1min) + i * 1s));
  }
  w.pass(11min);
  const auto told = ids(w);
  EXPECT_EQ(told.size(), 20U);
  EXPECT_EQ(std::set(told.begin(), told.end()).size(), 20U);
}

TEST(FundingPayments, a_failed_baseline_swallows_nothing_that_was_paid_after_the_start) {
  World w;
  w.account.payments = {World::payment("old", at(-1min))};
  w.account.failing["private: query funding payments"] = Status(StatusCode::unavailable, "busy");
  w.start();
  w.pass(1min);
  EXPECT_TRUE(w.engine->tracking_states().empty()) << "nothing is known yet";
  w.account.payments.push_back(World::payment("P1", at(30s)));
  w.account.failing.clear();
  w.pass(2min);
  EXPECT_EQ(ids(w), Ids{"P1"});
}

TEST(FundingPayments, a_restart_tells_those_of_the_downtime_once_and_none_twice) {
  std::vector<std::string> states;
  {
    World w;
    w.start();
    w.account.payments = {World::payment("P1", at(1min))};
    w.pass(11min);
    EXPECT_EQ(ids(w), Ids{"P1"});
    states = w.engine->tracking_states();
    ASSERT_EQ(states.size(), 1U);
  }
  World w({kBtc}, true, at(24h * 20));
  w.account.payments = {World::payment("P1", at(1min)), World::payment("P2", at(24h)),
                        World::payment("P3", at(24h * 19)), World::payment("P4", at(24h * 20) - 1min)};
  EXPECT_TRUE(w.engine->restore_tracking_states(states).ok());
  w.start();
  EXPECT_EQ(ids(w), (Ids{"P2", "P3", "P4"})) << "also what lies further back than one question reaches";
  w.pass(1h);
  EXPECT_EQ(ids(w).size(), 3U);

  World again({kBtc}, true, w.now);
  again.account.payments = w.account.payments;
  EXPECT_TRUE(again.engine->restore_tracking_states(w.engine->tracking_states()).ok());
  again.start();
  again.pass(1h);
  EXPECT_EQ(ids(again), Ids{});
}

TEST(FundingPayments, a_state_that_is_restored_after_the_start_still_makes_the_downtime_news) {
  std::vector<std::string> states;
  {
    World w;
    w.start();
    states = w.engine->tracking_states();
  }
  World w({kBtc}, true, at(2h));
  w.account.payments = {World::payment("P1", at(90min))};
  w.start();
  EXPECT_EQ(ids(w), Ids{});
  EXPECT_TRUE(w.engine->restore_tracking_states(states).ok());
  w.run();
  w.pass(1s);
  EXPECT_EQ(ids(w), Ids{"P1"});
}

TEST(FundingPayments, a_stored_state_that_cannot_be_read_changes_nothing) {
  World w;
  const std::vector<std::string> bad{R"({"funding_payments":{"known_until":"soon"}})"};
  EXPECT_EQ(w.engine->restore_tracking_states(bad).code(), StatusCode::malformed);
  w.start();
  EXPECT_EQ(w.engine->tracking_states().size(), 1U);
}

TEST(FundingPayments, a_stop_and_a_start_tell_what_came_in_between) {
  World w;
  w.start();
  w.engine->stop(w.now);
  w.run();
  w.account.payments = {World::payment("P1", at(8h))};
  w.now = at(9h);
  w.engine->start(w.now);
  w.run();
  w.pass(1s);
  EXPECT_EQ(ids(w), Ids{"P1"});
}

}  // namespace
}  // namespace calypte::engine::perpetual_test
