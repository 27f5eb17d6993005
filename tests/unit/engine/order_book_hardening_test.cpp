// The tracker when things go wrong: gaps, cuts, bad pictures, silence, refusals, old sessions.
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "book_messages.hpp"

namespace calypte::engine::test {
namespace {

using enum OrderBookState;

/// Live at 100 with 100x1 | 101x1.
void make_live(TrackerFixture& f) {
  f.tracker.on_subscribed("BTCUSDT", f.now);
  if (!f.book().is_live()) f.pass(1s);
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  ASSERT_TRUE(f.book().is_live());
  f.requests();
  f.states();
}
Status failure(std::string text = "HTTP 503") { return {StatusCode::unavailable, std::move(text)}; }

// --- H-20, H-21: what a snapshot may be joined to ------------------------------------------------------------------

TEST(OrderBookHardening, H_20_only_diffs_after_the_snapshot_are_replayed_on_it) {
  auto spec = binance_perpetual();
  spec.snapshot_refresh = 10s;
  TrackerFixture f(spec);
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.pass(1s);
  f.snapshot(ids_last(3), {{"100", "1"}, {"90", "1"}}, {{"101", "1"}});
  f.requests();
  f.states();
  f.pass(10s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  EXPECT_EQ(f.counters().refreshes, 1U);
  f.diff({5, 5, 3}, {{"99", "5"}}, {});
  f.diff({8, 8, 5}, {{"99", "0"}, {"90", "8"}}, {});
  f.diff({11, 11, 8}, {{"98", "11"}}, {});
  f.diff({13, 13, 11}, {}, {{"102", "13"}});
  // The venue's picture at 10: 99 is gone, and it knows a level that we had lost without noticing.
  f.snapshot(ids_last(10), {{"100", "1"}, {"90", "8"}, {"80", "1"}}, {{"101", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "100x1 98x11 90x8 80x1 | 101x1 102x13");
  EXPECT_EQ(f.book().last_update_id(), 13U);
  EXPECT_EQ(f.book().snapshot_update_id(), 10U);
  EXPECT_TRUE(f.states().empty());  // it was live all the time
  f.diff({20, 21, 13}, {{"98", "0"}}, {});
  EXPECT_EQ(picture(*f.book().live()), "100x1 90x8 80x1 | 101x1 102x13");
}

TEST(OrderBookHardening, H_20_a_refresh_from_before_the_kept_diffs_changes_nothing) {
  auto spec = binance_spot();
  spec.snapshot_refresh = 10s;
  TrackerFixture f(spec);
  make_live(f);
  f.diff(ids_range(101, 110), {{"99", "1"}}, {});
  f.pass(10s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(105), {{"50", "1"}}, {{"51", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "100x1 99x1 | 101x1");
  EXPECT_EQ(f.book().last_update_id(), 110U);
  EXPECT_EQ(f.counters().stale, 1U);
}

TEST(OrderBookHardening, a_refresh_ahead_of_the_stream_is_taken_and_bridged) {
  auto spec = binance_spot();
  spec.snapshot_refresh = 10s;
  TrackerFixture f(spec);
  make_live(f);
  f.pass(10s);
  f.snapshot(ids_last(120), {{"100", "2"}}, {{"101", "2"}});
  EXPECT_EQ(f.book().last_update_id(), 120U);
  f.diff(ids_range(101, 119), {{"100", "9"}}, {});
  f.diff(ids_range(120, 125), {{"99", "1"}}, {});
  EXPECT_EQ(picture(*f.book().live()), "100x2 99x1 | 101x2");
}

TEST(OrderBookHardening, a_failed_or_crossed_refresh_does_not_touch_a_live_book) {
  auto spec = binance_spot();
  spec.snapshot_refresh = 10s;
  spec.stale_after = 600s;
  TrackerFixture f(spec);
  make_live(f);
  f.pass(10s);
  f.requests();
  f.tracker.on_snapshot_failed("BTCUSDT", failure(), f.now);
  EXPECT_TRUE(f.book().is_live());
  f.pass(29s);
  EXPECT_TRUE(f.requests().empty());
  f.pass(1s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(200), {{"102", "1"}}, {{"101", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "100x1 | 101x1");
  f.pass(30s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.pass(60s);  // no answer at all
  EXPECT_TRUE(f.book().is_live());
  EXPECT_FALSE(f.requests().empty());
  EXPECT_TRUE(f.states().empty());
}

TEST(OrderBookHardening, H_21_held_diffs_up_to_the_snapshot_are_dropped) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  for (std::uint64_t id = 90; id <= 110; ++id) {
    f.diff(ids_range(id, id), {{"99", std::to_string(id)}}, {{"200", id <= 100 ? std::to_string(id) : "0"}});
  }
  f.snapshot(ids_last(100), {{"98", "1"}}, {{"101", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "99x110 98x1 | 101x1");
  EXPECT_EQ(f.book().last_update_id(), 110U);
  const auto c = f.counters();
  EXPECT_EQ(c.stale, 11U);
  EXPECT_EQ(c.diffs, 10U);
  EXPECT_EQ(c.bridges, 1U);
}

TEST(OrderBookHardening, a_snapshot_that_is_too_old_is_asked_for_again_with_a_delay) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff(ids_range(105, 106), {{"99", "1"}}, {});
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_EQ(f.book().state(), buffering);
  EXPECT_TRUE(f.requests().empty());
  f.diff(ids_range(107, 108), {{"98", "1"}}, {});  // kept while waiting
  f.pass(1s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(104), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "100x1 99x1 98x1 | 101x1");
}

TEST(OrderBookHardening, a_hole_among_held_diffs_keeps_what_comes_after_it) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff(ids_range(101, 102), {{"99", "1"}}, {});
  f.diff(ids_range(105, 106), {{"98", "1"}}, {});
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_EQ(f.book().live(), nullptr);
  EXPECT_EQ(f.counters().breaks, 1U);
  EXPECT_EQ(f.book().last_known().bid_count(), 0U);  // nothing of the attempt is left
  f.requests();
  f.pass(1s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(104), {{"100", "1"}, {"99", "7"}}, {{"101", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "100x1 99x7 98x1 | 101x1");
}

TEST(OrderBookHardening, a_full_buffer_starts_anew) {
  TrackerFixture f(binance_spot(), {.max_held_back = 4});
  f.tracker.on_subscribed("BTCUSDT", f.now);
  for (std::uint64_t id = 101; id <= 105; ++id) f.diff(ids_range(id, id), {{std::to_string(id - 50), "1"}}, {});
  EXPECT_EQ(f.counters().overflows, 1U);
  f.snapshot(ids_last(102), {}, {{"101", "1"}});  // what would follow it was forgotten
  EXPECT_EQ(f.book().live(), nullptr);
  f.requests();
  f.pass(1s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(104), {{"50", "1"}}, {{"101", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "55x1 50x1 | 101x1");
}

// --- H-22: gaps ----------------------------------------------------------------------------------------------------

TEST(OrderBookHardening, H_22_gap_is_stale_at_once_and_repaired_by_one_snapshot_and_the_held_diffs) {
  TrackerFixture f(binance_perpetual());
  make_live(f);
  f.diff({103, 105, 102}, {{"100", "9"}}, {});
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_EQ(f.book().live(), nullptr);
  EXPECT_EQ(picture(f.book().last_known()), "100x1 | 101x1");  // the levels are untouched
  EXPECT_NE(f.book().state_reason().find("gap after 100"), std::string::npos) << f.book().state_reason();
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.diff({106, 108, 105}, {{"99", "1"}}, {});
  EXPECT_TRUE(f.requests().empty());  // one is enough
  f.snapshot(ids_last(104), {{"100", "2"}}, {{"101", "2"}});
  EXPECT_EQ(picture(*f.book().live()), "100x9 99x1 | 101x2");
  EXPECT_EQ(f.book().last_update_id(), 108U);
  EXPECT_EQ(f.states(), (States{stale, live}));
  EXPECT_EQ(f.counters().breaks, 1U);
  EXPECT_EQ(f.counters().resyncs, 1U);
}

TEST(OrderBookHardening, H_22_a_broken_stream_is_subscribed_anew_and_drops_everything_until_then) {
  TrackerFixture f(crypto_com());
  make_live(f);
  f.diff(ids_link(105, 110), {{"100", "9"}}, {});
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_EQ(f.requests(), List{"resubscribe BTCUSDT"});
  f.diff(ids_link(100, 105), {{"100", "9"}}, {});  // late, but now it is too late
  EXPECT_EQ(f.counters().dropped_unsynced, 1U);
  f.tracker.on_subscribed("BTCUSDT", f.now);
  EXPECT_EQ(f.book().state(), stale);  // still the better word for it
  f.diff(ids_link(100, 120), {{"100", "9"}}, {});
  f.snapshot(ids_last(200), {{"90", "1"}}, {{"91", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "90x1 | 91x1");
  EXPECT_EQ(f.states(), (States{stale, live}));
}

TEST(OrderBookHardening, repeated_breaks_are_repaired_more_and_more_rarely) {
  TrackerFixture f(crypto_com());
  make_live(f);
  std::vector<Duration> waits;
  std::uint64_t id = 100;
  for (int i = 0; i < 8; ++i) {
    f.diff(ids_link(id + 5, id + 6), {}, {});
    const Time broken = f.now;
    for (int k = 0; k < 100'000 && f.tracker.requests().empty(); ++k) f.pass(10ms);
    ASSERT_EQ(f.requests(), List{"resubscribe BTCUSDT"});
    waits.push_back(f.now - broken);
    f.tracker.on_subscribed("BTCUSDT", f.now);
    id += 100;
    f.snapshot(ids_last(id), {{"90", "1"}}, {{"91", "1"}});
  }
  EXPECT_EQ(waits[0], 0ms);
  EXPECT_GE(waits[1], 250ms);
  EXPECT_GE(waits[4], 2s);
  EXPECT_LE(waits[7], 30s);
  // A while of life, and the next break is repaired at once.
  for (int k = 0; k < 7; ++k) {
    f.pass(10s);
    f.diff(ids_link(id, id), {}, {});
  }
  f.diff(ids_link(id + 5, id + 6), {}, {});
  EXPECT_EQ(f.requests(), List{"resubscribe BTCUSDT"});
}

TEST(OrderBookHardening, ids_that_go_back_without_notice_are_found_out) {
  TrackerFixture f(binance_spot());
  make_live(f);
  f.diff(ids_range(90, 95), {{"99", "9"}}, {});  // one repetition is harmless
  EXPECT_TRUE(f.book().is_live());
  for (std::uint64_t id = 1; id < 60 && f.book().is_live(); ++id) f.diff(ids_range(id, id), {{"99", "9"}}, {});
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(60), {{"50", "1"}}, {{"51", "1"}});  // below what we had, and right
  EXPECT_EQ(picture(*f.book().live()), "50x1 | 51x1");
}

TEST(OrderBookHardening, no_picture_from_before_the_loss_comes_to_life) {
  TrackerFixture f(binance_spot());
  make_live(f);
  f.diff(ids_range(101, 150), {{"99", "1"}}, {});
  f.diff(ids_range(151, 151), {{"500", "1"}}, {});  // crossed
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(140), {{"50", "1"}}, {{"51", "1"}});  // a machine of the venue that lags behind
  EXPECT_EQ(f.book().state(), stale);
  f.pass(2s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(151), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_TRUE(f.book().is_live());
}

TEST(OrderBookHardening, after_a_silence_the_stream_has_to_answer_before_a_snapshot_counts) {
  TrackerFixture f(binance_spot());
  make_live(f);
  f.pass(31s);
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_EQ(f.requests(), List{"resubscribe BTCUSDT"});
  f.snapshot(ids_last(150), {{"100", "1"}}, {{"101", "1"}});  // nobody asked for it now
  EXPECT_EQ(f.book().state(), stale);
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.pass(3s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(151), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_TRUE(f.book().is_live());
}

// --- H-23, H-30: sessions --------------------------------------------------------------------------------------------

TEST(OrderBookHardening, H_23_a_cut_makes_every_book_unsynced_until_its_new_snapshot) {
  TrackerFixture f(crypto_com());
  f.add("ETH-USDT", "ETHUSDT");
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.tracker.on_subscribed("ETHUSDT", f.now);
  f.snapshot(ids_last(1), {{"100", "1"}, {"99", "1"}}, {{"101", "1"}});
  f.snapshot(ids_last(1), {{"10", "1"}}, {{"11", "1"}}, {}, "ETHUSDT");
  f.states();
  f.tracker.on_stream_down("BTCUSDT", "connection reset", f.now);
  f.tracker.on_stream_down("ETHUSDT", "connection reset", f.now);
  EXPECT_EQ(f.states(), (States{unsynced, unsynced}));
  EXPECT_EQ(f.book().state_reason(), "connection reset");
  f.diff(ids_link(1, 2), {{"98", "1"}}, {});
  f.snapshot(ids_last(5), {{"98", "1"}}, {{"101", "1"}});
  EXPECT_EQ(f.book().live(), nullptr);
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.tracker.on_subscribed("ETHUSDT", f.now);
  f.snapshot(ids_last(50), {{"70", "1"}}, {{"71", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "70x1 | 71x1");  // no old level survives
  EXPECT_EQ(f.book("ETH-USDT").state(), unsynced);
  EXPECT_TRUE(f.requests().empty());  // the session renews the subscriptions, not the books
}

TEST(OrderBookHardening, H_23_a_snapshot_that_was_asked_for_before_the_cut_is_not_used) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff(ids_range(101, 102), {}, {});
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.tracker.on_stream_down("BTCUSDT", "cut", f.now);
  f.now += 100ms;
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff(ids_range(151, 152), {{"99", "1"}}, {});
  EXPECT_TRUE(f.requests().empty());  // the old answer is still under way
  f.snapshot(ids_last(150), {{"50", "1"}}, {{"51", "1"}});
  EXPECT_EQ(f.book().live(), nullptr);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});  // and now the new one may leave
  f.snapshot(ids_last(151), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "100x1 99x1 | 101x1");
}

TEST(OrderBookHardening, H_23_an_old_answer_that_never_comes_is_not_awaited_for_ever) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff(ids_range(101, 102), {}, {});
  f.requests();
  f.tracker.on_stream_down("BTCUSDT", "cut", f.now);
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff(ids_range(151, 152), {{"99", "1"}}, {});
  f.pass(10s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.tracker.on_snapshot_failed("BTCUSDT", failure(), f.now);
  f.pass(5s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
}

TEST(OrderBookHardening, H_30_a_book_keeps_its_identity) {
  TrackerFixture f(crypto_com());
  make_live(f);
  const OrderBook* before = &f.book();
  f.tracker.on_stream_down("BTCUSDT", "stopped", f.now);
  f.tracker.on_subscribed("BTCUSDT", f.now);
  EXPECT_EQ(&f.book(), before);
  EXPECT_TRUE(f.tracker.remove_trading_pair("BTC-USDT"_pair, f.now));
  EXPECT_FALSE(before->is_live());
  f.snapshot(ids_last(300), {{"1", "1"}}, {{"2", "1"}});
  EXPECT_FALSE(before->is_live());
  f.add("BTC-USDT", "BTCUSDT");
  EXPECT_EQ(&f.book(), before);
  f.snapshot(ids_last(400), {{"1", "1"}}, {{"2", "1"}});  // of the old subscription
  EXPECT_FALSE(before->is_live());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.snapshot(ids_last(500), {{"3", "1"}}, {{"4", "1"}});
  EXPECT_EQ(picture(*before->live()), "3x1 | 4x1");
}

// --- H-24: one bad pair ----------------------------------------------------------------------------------------------

TEST(OrderBookHardening, H_24_one_bad_pair_does_not_delay_the_others) {
  TrackerFixture f(binance_spot());
  f.add("ETH-USDT", "ETHUSDT");
  f.add("SOL-USDT", "SOLUSDT");
  for (const auto* symbol : {"BTCUSDT", "ETHUSDT", "SOLUSDT"}) f.tracker.on_subscribed(symbol, f.now);
  f.pass(1s);
  EXPECT_EQ(f.requests().size(), 3U);
  f.snapshot(ids_last(1), {{"100", "1"}}, {{"101", "1"}});
  f.snapshot(ids_last(1), {{"10", "1"}}, {{"11", "1"}}, {}, "SOLUSDT");
  EXPECT_TRUE(f.book("BTC-USDT").is_live());
  EXPECT_TRUE(f.book("SOL-USDT").is_live());
  Duration longest{};
  for (int i = 0; i < 5; ++i) {
    f.tracker.on_snapshot_failed("ETHUSDT", failure(), f.now);
    const Time failed = f.now;
    EXPECT_TRUE(f.requests().empty()) << "never at once";
    for (int k = 0; k < 10'000 && f.tracker.requests().empty(); ++k) f.pass(10ms);
    EXPECT_EQ(f.requests(), List{"snapshot ETHUSDT"});
    longest = std::max(longest, f.now - failed);
  }
  EXPECT_GE(longest, 2s);
  EXPECT_FALSE(f.tracker.initialized());
  EXPECT_NE(f.book("ETH-USDT").state_reason().find("503"), std::string::npos);
  f.snapshot(ids_last(1), {{"5", "1"}}, {{"6", "1"}}, {}, "ETHUSDT");
  EXPECT_TRUE(f.tracker.initialized());
}

TEST(OrderBookHardening, the_venues_not_before_is_obeyed) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.pass(1s);
  f.requests();
  f.tracker.on_snapshot_failed("BTCUSDT", Status(StatusCode::rate_limited, "slow down").set_retry_at(f.now + 60s),
                               f.now);
  f.pass(59s);
  EXPECT_TRUE(f.requests().empty());
  f.pass(1s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
}

TEST(OrderBookHardening, a_snapshot_that_never_comes_is_asked_for_again) {
  TrackerFixture rest(binance_spot());
  rest.tracker.on_subscribed("BTCUSDT", rest.now);
  rest.pass(1s);
  rest.requests();
  rest.pass(11s);
  EXPECT_EQ(rest.requests(), List{"snapshot BTCUSDT"});
  TrackerFixture stream(crypto_com());
  stream.tracker.on_subscribed("BTCUSDT", stream.now);
  stream.pass(11s);
  EXPECT_EQ(stream.requests(), List{"resubscribe BTCUSDT"});
}

TEST(OrderBookHardening, a_refused_subscription_is_tried_again) {
  TrackerFixture f(crypto_com());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.tracker.on_subscription_failed("BTCUSDT", {StatusCode::rejected, "Unknown symbol"}, f.now);
  EXPECT_EQ(f.book().state(), unsynced);
  EXPECT_NE(f.book().state_reason().find("Unknown symbol"), std::string::npos);
  EXPECT_TRUE(f.requests().empty());
  f.pass(1s);
  EXPECT_EQ(f.requests(), List{"resubscribe BTCUSDT"});
  f.snapshot(ids_last(1), {{"100", "1"}}, {{"101", "1"}});  // not subscribed: whose is it?
  EXPECT_EQ(f.book().live(), nullptr);
}

// --- H-25, H-26 and other bad pictures -------------------------------------------------------------------------------

TEST(OrderBookHardening, H_26_a_crossed_rest_snapshot_is_rejected_and_asked_for_again) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff(ids_range(101, 102), {{"99", "1"}}, {});
  f.requests();
  f.snapshot(ids_last(100), {{"101", "1"}}, {{"101", "1"}});
  EXPECT_EQ(f.book().state(), buffering);
  EXPECT_TRUE(f.book().last_known().empty());
  EXPECT_EQ(f.counters().crossed, 1U);
  f.pass(1s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "100x1 99x1 | 101x1");  // what was held is still good
}

TEST(OrderBookHardening, H_26_a_crossed_snapshot_on_the_stream_is_rejected_and_subscribed_again) {
  TrackerFixture f(crypto_com());
  make_live(f);
  f.snapshot(ids_last(200), {{"102", "1"}}, {{"101", "1"}});
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_EQ(picture(f.book().last_known()), "100x1 | 101x1");
  EXPECT_EQ(f.requests(), List{"resubscribe BTCUSDT"});
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.snapshot(ids_last(201), {{"102", "1"}}, {{"101", "1"}});  // again: a growing delay, and no storm
  EXPECT_TRUE(f.requests().empty());
  f.snapshot(ids_last(202), {{"102", "1"}}, {{"101", "1"}});
  f.pass(2s);
  EXPECT_EQ(f.requests(), List{"resubscribe BTCUSDT"});
}

TEST(OrderBookHardening, a_stream_of_bad_whole_books_does_not_put_the_repair_off) {
  TrackerFixture f(hyperliquid());
  make_live(f);
  std::size_t asked = 0;
  for (int i = 0; i < 200; ++i) {
    f.snapshot({}, {{"102", "1"}}, {{"101", "1"}});
    f.pass(500ms);
    asked += f.requests().size();
  }
  EXPECT_GE(asked, 4U);
  EXPECT_LE(asked, 20U);
  f.snapshot({}, {{"100", "1"}}, {{"101", "1"}});
  EXPECT_TRUE(f.book().is_live());
}

TEST(OrderBookHardening, a_diff_that_crosses_the_book_makes_it_stale) {
  TrackerFixture f(binance_spot());
  make_live(f);
  f.diff(ids_range(101, 101), {{"101", "1"}}, {});
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_EQ(f.counters().crossed, 1U);
  EXPECT_NE(f.book().state_reason().find("crossed"), std::string::npos);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  // The message was part of the chain: a snapshot from before it, and the one that had not come, repair the book.
  f.diff(ids_range(102, 102), {}, {{"101", "0"}, {"102", "1"}});
  f.snapshot(ids_last(101), {{"101", "1"}}, {{"103", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "101x1 | 102x1 103x1");
}

TEST(OrderBookHardening, a_wrong_checksum_makes_the_book_stale) {
  TrackerFixture f(kraken());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  // zlib.crc32(b"12307600000000001229127100000001229010000029500000000"), made with Python
  const Texts bids{{"0.12291", "27.10000000"}, {"0.12290", "0.00100000"}, {"0.00029", "5.00000000"}};
  f.snapshot({}, bids, {{"0.12307", "600.00000000"}}, 986291648U);
  EXPECT_TRUE(f.book().is_live());
  EXPECT_EQ(f.counters().checksum_ok, 1U);
  f.diff({}, {{"0.12280", "1.00000000"}}, {}, 1U);
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_EQ(f.counters().checksum_bad, 1U);
  EXPECT_NE(f.book().state_reason().find("checksum"), std::string::npos);
  EXPECT_EQ(f.requests(), List{"resubscribe BTCUSDT"});
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.snapshot({}, bids, {{"0.12307", "600.00000000"}}, 986291647U);
  EXPECT_EQ(f.book().state(), stale);  // a picture has to prove itself, too
  f.snapshot({}, bids, {{"0.12307", "600.00000000"}}, 986291648U);
  EXPECT_TRUE(f.book().is_live());
}

TEST(OrderBookHardening, numbers_that_do_not_fit_leave_the_levels_alone) {
  TrackerFixture f(binance_spot());
  make_live(f);
  f.diff(ids_range(101, 101), {{"99", "1"}, {"98", "0.0000000000000000001"}}, {});
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_EQ(picture(f.book().last_known()), "100x1 | 101x1");
  EXPECT_EQ(f.counters().unrepresentable, 1U);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
}

TEST(OrderBookHardening, a_snapshot_without_an_id_cannot_be_joined_to_anything) {
  TrackerFixture rest(binance_spot());
  rest.tracker.on_subscribed("BTCUSDT", rest.now);
  rest.pass(1s);
  rest.snapshot({}, {{"100", "1"}}, {{"101", "1"}});
  EXPECT_EQ(rest.book().live(), nullptr);
  TrackerFixture stream(crypto_com());
  stream.tracker.on_subscribed("BTCUSDT", stream.now);
  stream.snapshot({}, {{"100", "1"}}, {{"101", "1"}});
  EXPECT_EQ(stream.book().live(), nullptr);
}

TEST(OrderBookHardening, an_unreadable_message_takes_the_trust_away) {
  TrackerFixture f(kraken());
  f.add("ETH-USDT", "ETHUSDT");
  make_live(f);
  f.tracker.on_unreadable("BTCUSDT", "no JSON", f.now);
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_EQ(f.requests(), List{"resubscribe BTCUSDT"});
  f.tracker.on_subscribed("ETHUSDT", f.now);
  f.snapshot({}, {{"10", "1"}}, {{"11", "1"}}, {}, "ETHUSDT");
  f.tracker.on_unreadable({}, "no JSON", f.now);
  EXPECT_EQ(f.book("ETH-USDT").state(), stale);
  EXPECT_EQ(f.requests(), List{"resubscribe ETHUSDT"});
}

TEST(OrderBookHardening, an_unreadable_message_makes_a_hole_in_what_is_held) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff(ids_range(101, 105), {{"99", "1"}}, {});
  f.tracker.on_unreadable("BTCUSDT", "no JSON", f.now);
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_EQ(f.book().live(), nullptr);
}

// --- Silence, best bid and offer -----------------------------------------------------------------------------------

TEST(OrderBookHardening, silence_makes_a_book_stale) {
  TrackerFixture f(crypto_com());
  make_live(f);
  f.pass(29s);
  f.diff(ids_link(100, 100), {}, {});  // a sign of life is enough
  f.pass(29s);
  EXPECT_TRUE(f.book().is_live());
  f.diff(ids_link(90, 95), {}, {});  // a repetition is none
  f.pass(1s);
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_NE(f.book().state_reason().find("silent"), std::string::npos);
  EXPECT_EQ(f.counters().went_silent, 1U);
  EXPECT_EQ(f.requests(), List{"resubscribe BTCUSDT"});
}

TEST(OrderBookHardening, a_pause_of_ours_is_no_silence_of_a_book) {
  TrackerFixture f(crypto_com());
  make_live(f);
  f.now += 70s;
  f.tracker.excuse(70s, f.now);
  f.pass(29s);
  EXPECT_TRUE(f.book().is_live());
  f.pass(1s);
  EXPECT_EQ(f.book().state(), stale) << "silent for as long as it may be, not counting the pause";
}

TEST(OrderBookHardening, a_best_bid_or_offer_that_disagrees_is_evidence_of_a_wrong_book) {
  TrackerFixture f(binance_spot());
  make_live(f);
  f.bbo(105, {{"100", "2"}}, {{"101", "1"}});
  EXPECT_TRUE(f.book().is_live());
  f.diff(ids_range(101, 105), {{"99", "1"}}, {});
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_NE(f.book().state_reason().find("best bid/offer disagrees at 105"), std::string::npos);
  EXPECT_EQ(f.counters().bbo_compared, 1U);
  EXPECT_EQ(f.counters().bbo_agreed, 0U);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  EXPECT_TRUE(f.tracker.changed().empty());
}

TEST(OrderBookHardening, the_same_seed_gives_the_same_delays) {
  std::vector<std::vector<Time>> runs;
  for (int run = 0; run < 2; ++run) {
    TrackerFixture f(binance_spot(), {.seed = 42});
    f.tracker.on_subscribed("BTCUSDT", f.now);
    auto& asked = runs.emplace_back();
    for (int i = 0; i < 6; ++i) {
      for (int k = 0; k < 10'000 && f.tracker.requests().empty(); ++k) f.pass(1ms);
      asked.push_back(f.now);
      f.requests();
      f.tracker.on_snapshot_failed("BTCUSDT", failure(), f.now);
    }
  }
  EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace calypte::engine::test
