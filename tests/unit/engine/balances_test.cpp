#include "engine/balances.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <initializer_list>

namespace calypte::engine {
namespace {

using venue::BalanceReport;

constexpr Time at_ms(int ms) { return from_unix_ms(1'700'000'000'000 + ms); }

BalanceReport report(std::string asset, std::optional<Decimal> total, std::optional<Decimal> available,
                     std::optional<Time> venue_time = std::nullopt) {
  return {std::move(asset), total, available, venue_time};
}
void rest(Balances& balances, std::initializer_list<BalanceReport> reports, Time asked, Time received) {
  balances.apply_rest(std::vector(reports), asked, received);
}
Decimal total(const Balances& balances, std::string_view asset) {
  const Balance* balance = balances.find(asset);
  return balance != nullptr ? balance->total : Decimal{-1};
}
std::vector<BalanceEvent> take_events(Balances& balances) {
  std::vector<BalanceEvent> result;
  for (const Event& event : balances.events()) result.push_back(std::get<BalanceEvent>(event));
  balances.events().clear();
  return result;
}

TEST(Balances, H_32_an_older_answer_never_overwrites_a_newer_push) {
  Balances balances;
  balances.apply_stream(report("BTC", Decimal{2}, Decimal{1}, at_ms(10)), at_ms(12));
  // Asked for after the push came, yet the venue says that it is a picture of before.
  rest(balances, {report("BTC", Decimal{9}, Decimal{9}, at_ms(9))}, at_ms(13), at_ms(20));
  EXPECT_EQ(balances.find("BTC")->total, 2);
  EXPECT_EQ(balances.find("BTC")->available, 1);
  EXPECT_EQ(balances.find("BTC")->venue_time, at_ms(10));
  rest(balances, {report("BTC", Decimal{3}, Decimal{3}, at_ms(11))}, at_ms(30), at_ms(31));
  EXPECT_EQ(total(balances, "BTC"), 3);
}

TEST(Balances, H_32_an_older_push_never_overwrites_a_newer_one) {
  Balances balances;
  balances.apply_stream(report("BTC", Decimal{2}, Decimal{2}, at_ms(10)), at_ms(12));
  balances.apply_stream(report("BTC", Decimal{1}, Decimal{1}, at_ms(9)), at_ms(13));
  EXPECT_EQ(total(balances, "BTC"), 2);
  balances.apply_stream(report("BTC", Decimal{4}, Decimal{4}, at_ms(10)), at_ms(14));
  EXPECT_EQ(total(balances, "BTC"), 4) << "of two pushes of one venue time the later one counts";
}

TEST(Balances, H_32_a_push_between_asking_and_answering_wins) {
  Balances balances;
  balances.apply_stream(report("BTC", Decimal{1}, Decimal{1}), at_ms(0));
  balances.apply_stream(report("ETH", Decimal{1}, Decimal{1}), at_ms(0));
  balances.apply_stream(report("SOL", Decimal{1}, Decimal{1}), at_ms(0));
  // Asked at 10; meanwhile BTC, and DOGE of which the answer knows nothing yet, are pushed.
  balances.apply_stream(report("BTC", Decimal{7}, Decimal{7}), at_ms(11));
  balances.apply_stream(report("DOGE", Decimal{5}, Decimal{5}), at_ms(11));
  rest(balances, {report("BTC", Decimal{1}, Decimal{1}), report("ETH", Decimal{2}, Decimal{2})}, at_ms(10), at_ms(20));
  EXPECT_EQ(total(balances, "BTC"), 7);
  EXPECT_EQ(total(balances, "DOGE"), 5);
  EXPECT_EQ(total(balances, "ETH"), 2);
  EXPECT_EQ(balances.find("SOL"), nullptr);
  // The next answer was asked for after the push.
  rest(balances, {report("BTC", Decimal{6}, Decimal{6})}, at_ms(30), at_ms(31));
  EXPECT_EQ(total(balances, "BTC"), 6);
  EXPECT_EQ(balances.find("DOGE"), nullptr);
}

TEST(Balances, H_32_a_push_in_the_moment_of_asking_stays) {
  Balances balances;
  balances.apply_stream(report("BTC", Decimal{7}, Decimal{7}), at_ms(10));
  balances.apply_stream(report("ETH", Decimal{7}, Decimal{7}), at_ms(10));
  rest(balances, {report("BTC", Decimal{1}, Decimal{1})}, at_ms(10), at_ms(20));
  EXPECT_EQ(total(balances, "BTC"), 7);
  EXPECT_EQ(total(balances, "ETH"), 7);
}

TEST(Balances, venue_times_are_never_compared_with_ours) {
  Balances balances;
  // The venue's clock is far ahead; only the push carries its time.
  balances.apply_stream(report("BTC", Decimal{1}, Decimal{1}, at_ms(1'000'000)), at_ms(1));
  rest(balances, {report("BTC", Decimal{2}, Decimal{2})}, at_ms(10), at_ms(20));
  EXPECT_EQ(total(balances, "BTC"), 2);
}

TEST(Balances, answers_that_overtake_each_other_count_in_the_order_of_asking) {
  Balances balances;
  rest(balances, {report("BTC", Decimal{2}, Decimal{2})}, at_ms(10), at_ms(20));
  rest(balances, {report("BTC", Decimal{1}, Decimal{1}), report("ETH", Decimal{1}, Decimal{1})}, at_ms(5), at_ms(25));
  EXPECT_EQ(total(balances, "BTC"), 2);
  EXPECT_EQ(balances.find("ETH"), nullptr);
}

TEST(Balances, an_asset_absent_from_the_answer_is_removed_once) {
  Balances balances;
  EXPECT_FALSE(balances.initialized());
  rest(balances, {report("BTC", Decimal{2}, Decimal{1}), report("ETH", Decimal{1}, Decimal{1})}, at_ms(0), at_ms(1));
  EXPECT_TRUE(balances.initialized());
  (void)take_events(balances);
  for (int i = 1; i < 3; ++i) {
    rest(balances, {report("BTC", Decimal{2}, Decimal{1})}, at_ms(10 * i), at_ms(10 * i + 1));
    EXPECT_EQ(balances.find("ETH"), nullptr);
  }
  ASSERT_EQ(balances.all().size(), 1U);
  EXPECT_EQ(balances.all().front().first, "BTC");
  const auto events = take_events(balances);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].asset, "ETH");
  EXPECT_EQ(events[0].total, 0);
  EXPECT_EQ(events[0].available, 0);
  EXPECT_EQ(events[0].timestamp, at_ms(11));
}

TEST(Balances, a_removed_asset_comes_back_by_a_newer_push_only) {
  Balances balances;
  balances.apply_stream(report("ETH", Decimal{2}, Decimal{2}, at_ms(10)), at_ms(11));
  rest(balances, {}, at_ms(20), at_ms(21));
  balances.apply_stream(report("ETH", Decimal{9}, Decimal{9}, at_ms(9)), at_ms(22));
  EXPECT_EQ(balances.find("ETH"), nullptr) << "an old push that came late";
  balances.apply_stream(report("ETH", Decimal{3}, Decimal{3}, at_ms(23)), at_ms(24));
  EXPECT_EQ(total(balances, "ETH"), 3);
}

TEST(Balances, an_event_comes_only_with_a_change_of_value) {
  Balances balances;
  rest(balances, {report("BTC", Decimal{2}, Decimal{1}), report("DUST", Decimal{0}, Decimal{0})}, at_ms(0), at_ms(1));
  auto events = take_events(balances);
  ASSERT_EQ(events.size(), 1U) << "an unknown asset is zero, so a told zero is no change";
  EXPECT_EQ(events[0].asset, "BTC");
  EXPECT_EQ(events[0].total, 2);
  EXPECT_EQ(events[0].available, 1);
  EXPECT_NE(balances.find("DUST"), nullptr);

  rest(balances, {report("BTC", "2.00"_dec, Decimal{1}), report("DUST", Decimal{0}, Decimal{0})}, at_ms(2), at_ms(3));
  balances.apply_stream(report("BTC", Decimal{2}, Decimal{1}, at_ms(4)), at_ms(4));
  EXPECT_TRUE(take_events(balances).empty());
  EXPECT_EQ(balances.find("BTC")->update_time, at_ms(4)) << "confirmed, though unchanged";

  balances.apply_stream(report("BTC", std::nullopt, Decimal{2}, at_ms(5)), at_ms(6));
  events = take_events(balances);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].timestamp, at_ms(6));
  EXPECT_EQ(events[0].venue_time, at_ms(5));
  EXPECT_EQ(events[0].total, 2);
  EXPECT_EQ(events[0].available, 2);
}

TEST(Balances, a_push_of_the_total_does_not_age_the_available) {
  Balances balances;
  rest(balances, {report("BTC", Decimal{5}, Decimal{5})}, at_ms(0), at_ms(1));
  balances.apply_stream(report("BTC", Decimal{4}, std::nullopt), at_ms(11));
  rest(balances, {report("BTC", Decimal{5}, Decimal{3})}, at_ms(10), at_ms(20));
  EXPECT_EQ(balances.find("BTC")->total, 4);
  EXPECT_EQ(balances.find("BTC")->available, 3);
}

TEST(Balances, a_push_of_the_available_does_not_age_the_total) {
  Balances balances;
  rest(balances, {report("BTC", Decimal{5}, Decimal{5})}, at_ms(0), at_ms(1));
  balances.apply_stream(report("BTC", std::nullopt, Decimal{4}), at_ms(11));
  rest(balances, {report("BTC", Decimal{6}, Decimal{6})}, at_ms(10), at_ms(20));
  EXPECT_EQ(balances.find("BTC")->total, 6);
  EXPECT_EQ(balances.find("BTC")->available, 4);
}

TEST(Balances, removing_an_empty_asset_is_no_change) {
  Balances balances;
  rest(balances, {report("DUST", Decimal{0}, Decimal{0})}, at_ms(0), at_ms(1));
  rest(balances, {}, at_ms(10), at_ms(11));
  EXPECT_EQ(balances.find("DUST"), nullptr);
  EXPECT_TRUE(take_events(balances).empty());
}

TEST(Balances, all_is_sorted_by_asset) {
  Balances balances;
  rest(balances, {report("ETH", Decimal{1}, Decimal{1}), report("BTC", Decimal{1}, Decimal{1})}, at_ms(0), at_ms(1));
  const auto all = balances.all();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].first, "BTC");
  EXPECT_EQ(all[1].first, "ETH");
}

TEST(Balances, a_venue_that_names_ever_new_assets_cannot_fill_the_memory) {
  Balances balances;
  const auto name = [](std::size_t i) { return "A" + std::to_string(i); };
  for (std::size_t i = 0; i < Balances::kMaxAssets; ++i) {
    balances.apply_stream(report(name(i), Decimal{1}, Decimal{1}), at_ms(1));
  }
  EXPECT_EQ(take_events(balances).size(), Balances::kMaxAssets);
  balances.apply_stream(report("new", Decimal{1}, Decimal{1}), at_ms(2));
  balances.apply_stream(report("newer", Decimal{1}, Decimal{1}), at_ms(2));
  EXPECT_EQ(balances.find("new"), nullptr);
  ASSERT_EQ(balances.events().size(), 1U) << "told once";
  EXPECT_EQ(std::get<ConnectorErrorEvent>(balances.events()[0]).channel, "balances");
  balances.events().clear();
  balances.apply_stream(report(name(7), Decimal{2}, Decimal{1}), at_ms(3));
  EXPECT_EQ(total(balances, name(7)), 2) << "what is known goes on";
  // The venue lists one asset only: the others are gone and make room.
  rest(balances, {report(name(7), Decimal{2}, Decimal{1})}, at_ms(4), at_ms(5));
  balances.apply_stream(report("new", Decimal{3}, Decimal{3}), at_ms(6));
  EXPECT_EQ(total(balances, "new"), 3);
  EXPECT_EQ(balances.all().size(), 2U);
}

}  // namespace
}  // namespace calypte::engine
