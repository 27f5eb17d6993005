// The tracker on its ways without faults, for each way to a first picture; and the cases BM and OT of the conformance
// list that concern it. The faults are in order_book_hardening_test.cpp.
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "book_messages.hpp"

namespace calypte::engine::test {
namespace {

using enum OrderBookState;

venue::PublicTrade trade(std::string_view id, std::string_view price, Time time, std::string_view symbol = "BTCUSDT") {
  return {.symbol = symbol,
          .trade_id = id,
          .taker_side = TradeType::sell,
          .price = number(price),
          .amount = number("2"),
          .venue_time = time};
}

// --- REST snapshot -------------------------------------------------------------------------------------------------

TEST(OrderBookTracker, rest_snapshot_bridges_held_diffs_and_goes_on) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  EXPECT_EQ(f.book().state(), buffering);
  EXPECT_TRUE(f.requests().empty());  // a snapshot from before the first diff would be of no use
  f.diff(ids_range(95, 99), {{"100", "9"}}, {});
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.diff(ids_range(100, 102), {{"100", "2"}}, {{"102", "0"}});
  f.diff(ids_range(103, 103), {}, {{"103", "4"}});
  EXPECT_EQ(f.book().live(), nullptr);
  f.snapshot(ids_last(100), {{"100", "1"}, {"99", "1"}}, {{"101", "1"}, {"102", "1"}});

  EXPECT_EQ(f.states(), (States{buffering, live}));
  EXPECT_EQ(picture(*f.book().live()), "100x2 99x1 | 101x1 103x4");
  EXPECT_EQ(f.book().last_update_id(), 103U);
  EXPECT_EQ(f.book().snapshot_update_id(), 100U);
  f.diff(ids_range(104, 105), {{"99", "0"}}, {});
  EXPECT_EQ(picture(*f.book().live()), "100x2 | 101x1 103x4");
  const auto c = f.counters();
  EXPECT_EQ(c.held_back, 3U);
  EXPECT_EQ(c.stale, 1U);
  EXPECT_EQ(c.bridges, 1U);
  EXPECT_EQ(c.diffs, 3U);
  EXPECT_EQ(c.snapshots, 1U);
  EXPECT_TRUE(f.requests().empty());
}

TEST(OrderBookTracker, rest_snapshot_is_asked_for_even_if_no_diff_comes) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  EXPECT_LE(f.tracker.next_wakeup(), f.now + 1s);
  f.pass(1s);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_TRUE(f.book().is_live());
}

TEST(OrderBookTracker, when_all_held_diffs_are_dropped_the_bridge_rule_holds_for_the_next_one) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff(ids_range(95, 99), {}, {});
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_TRUE(f.book().is_live());
  EXPECT_EQ(f.book().last_update_id(), 100U);
  f.diff(ids_range(98, 104), {{"100", "3"}}, {});  // overlaps the snapshot: fine for a bridge, not for a link
  EXPECT_EQ(picture(*f.book().live()), "100x3 | 101x1");
  EXPECT_EQ(f.counters().bridges, 1U);
  f.diff(ids_range(104, 106), {{"100", "4"}}, {});
  EXPECT_EQ(f.book().state(), stale);
}

TEST(OrderBookTracker, the_first_live_diff_that_does_not_bridge_is_a_gap) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.pass(1s);
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  f.requests();
  f.diff(ids_range(103, 104), {{"100", "3"}}, {});
  EXPECT_EQ(f.book().state(), stale);
  EXPECT_EQ(f.requests(), List{"snapshot BTCUSDT"});
  f.snapshot(ids_last(103), {{"100", "2"}}, {{"101", "1"}});  // the diff that broke it was held and follows
  EXPECT_EQ(picture(*f.book().live()), "100x3 | 101x1");
}

TEST(OrderBookTracker, perpetual_ids_jump_and_link_by_the_previous_id) {
  TrackerFixture f(binance_perpetual());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff({85, 90, 80}, {}, {});
  f.diff({95, 110, 90}, {{"100", "5"}}, {});
  f.diff({150, 160, 110}, {{"99", "5"}}, {});
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "100x5 99x5 | 101x1");
  f.diff({161, 170, 159}, {{"99", "6"}}, {});  // first == L + 1 is not this venue's rule
  EXPECT_EQ(f.book().state(), stale);
}

// --- Snapshot on the stream ----------------------------------------------------------------------------------------

TEST(OrderBookTracker, stream_snapshot_drops_what_comes_before_and_links_what_comes_after) {
  TrackerFixture f(crypto_com());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  EXPECT_EQ(f.book().state(), unsynced);
  f.diff(ids_link(90, 95), {{"100", "9"}}, {});
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "100x1 | 101x1");
  f.diff(ids_link(100, 1000), {{"99", "1"}}, {});
  f.diff(ids_link(1000, 1000), {}, {});
  f.diff(ids_link(1000, 1010), {}, {{"101", "0"}});
  EXPECT_EQ(picture(*f.book().live()), "100x1 99x1 |");
  EXPECT_EQ(f.counters().dropped_unsynced, 1U);
  EXPECT_EQ(f.counters().keep_alives, 1U);
  EXPECT_EQ(f.counters().diffs, 2U);
  EXPECT_TRUE(f.requests().empty());
}

TEST(OrderBookTracker, a_snapshot_in_the_middle_of_the_stream_replaces) {
  TrackerFixture f(bybit());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  f.states();
  f.snapshot(ids_last(1), {{"50", "1"}}, {{"51", "1"}});  // the service was restarted and counts anew
  EXPECT_EQ(picture(*f.book().live()), "50x1 | 51x1");
  EXPECT_TRUE(f.states().empty());
  f.diff(ids_last(2), {{"49", "1"}}, {});
  EXPECT_EQ(picture(*f.book().live()), "50x1 49x1 | 51x1");
}

TEST(OrderBookTracker, an_announced_reset_of_the_ids_is_accepted) {
  TrackerFixture f(okx());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.snapshot(ids_last(10), {{"100", "1"}}, {{"101", "1"}}, 0U);
  f.diff(ids_link(10, 15), {}, {}, 0U);
  f.diff(ids_link(15, 3), {{"99", "1"}}, {}, 0U);
  f.diff(ids_link(3, 5), {{"98", "1"}}, {}, 0U);
  EXPECT_EQ(picture(*f.book().live()), "100x1 99x1 98x1 | 101x1");
  EXPECT_EQ(f.counters().checksum_ok + f.counters().checksum_bad, 0U);  // zero is no checksum
}

TEST(OrderBookTracker, unsequenced_book_counts_receipt_time_and_is_truncated) {
  TrackerFixture f(kraken(2));
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.snapshot({}, {{"100", "1"}, {"99", "1"}}, {{"101", "1"}, {"102", "1"}});
  EXPECT_EQ(f.book().last_update_id(), static_cast<std::uint64_t>(to_unix_ns(f.now)));
  f.now += 5ms;
  f.diff({}, {{"99.5", "1"}}, {{"102", "0"}, {"103", "7"}, {"104", "8"}});
  EXPECT_EQ(picture(*f.book().live()), "100x1 99.5x1 | 101x1 103x7");
  EXPECT_EQ(f.book().last_update_id(), static_cast<std::uint64_t>(to_unix_ns(f.now)));
}

TEST(OrderBookTracker, every_message_is_a_whole_book_and_older_ones_are_no_news) {
  TrackerFixture f(hyperliquid());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.venue_time = at(1000);
  f.snapshot({}, {{"100", "1"}}, {{"101", "1"}});
  f.venue_time = at(900);
  f.snapshot({}, {{"90", "1"}}, {{"91", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "100x1 | 101x1");
  EXPECT_EQ(f.counters().stale, 1U);
  f.venue_time = at(1000);
  f.snapshot({}, {{"102", "1"}}, {{"103", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "102x1 | 103x1");
  f.diff({}, {{"1", "1"}}, {});
  EXPECT_EQ(f.book().live()->bid_count(), 1U);
}

TEST(OrderBookTracker, increasing_ids_are_applied_in_order_only) {
  TrackerFixture f({.continuity = venue::Continuity::increasing});
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.snapshot(ids_last(10), {{"100", "1"}}, {{"101", "1"}});
  f.diff(ids_last(50), {{"99", "5"}}, {});
  f.diff(ids_last(40), {{"99", "4"}}, {});
  EXPECT_EQ(picture(*f.book().live()), "100x1 99x5 | 101x1");
  EXPECT_EQ(f.counters().stale, 1U);
}

// --- What the engine sees ------------------------------------------------------------------------------------------

TEST(OrderBookTracker, changed_books_are_told_once_and_only_while_live) {
  TrackerFixture f(crypto_com());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.snapshot(ids_last(1), {{"100", "1"}}, {{"101", "1"}});
  f.diff(ids_link(1, 2), {{"99", "1"}}, {});
  EXPECT_EQ(f.tracker.changed(), std::vector{&f.book()});
  f.tracker.changed().clear();
  f.diff(ids_link(2, 2), {}, {});  // a keep-alive changes nothing
  EXPECT_TRUE(f.tracker.changed().empty());
  f.diff(ids_link(2, 3), {{"98", "1"}}, {});
  f.diff(ids_link(9, 10), {{"97", "1"}}, {});  // a gap: nobody may be told that this book has changed
  EXPECT_TRUE(f.tracker.changed().empty());
}

TEST(OrderBookTracker, best_bid_and_offer_are_compared_when_the_ids_meet) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.pass(1s);
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  f.bbo(100, {{"100.0", "1.00"}}, {{"101", "1"}});
  EXPECT_EQ(f.counters().bbo_agreed, 1U);
  // The ticker runs ahead; 103 ends no depth message and is never compared.
  f.bbo(103, {{"77", "7"}}, {{"78", "8"}});
  f.bbo(105, {{"100.5", "3"}}, {{"101", "1"}});
  f.diff(ids_range(101, 105), {{"100.5", "3"}}, {});
  EXPECT_EQ(f.counters().bbo_compared, 2U);
  EXPECT_EQ(f.counters().bbo_agreed, 2U);
  f.bbo(104, {{"77", "7"}}, {{"78", "8"}});  // of the past
  EXPECT_EQ(f.counters().bbo_compared, 2U);
  EXPECT_TRUE(f.book().is_live());
}

TEST(OrderBookTracker, explain_tells_state_and_reason) {
  TrackerFixture f(binance_spot());
  EXPECT_NE(f.tracker.explain("BTC-USDT"_pair).find("not subscribed"), std::string::npos);
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff(ids_range(5, 6), {}, {});
  const auto text = f.tracker.explain("BTC-USDT"_pair);
  EXPECT_NE(text.find("1 diffs are held back"), std::string::npos) << text;
  EXPECT_NE(text.find("waits for a snapshot"), std::string::npos) << text;
  EXPECT_EQ(f.tracker.explain("ETH-USDT"_pair), "ETH-USDT: not followed");
}

TEST(OrderBookTracker, initialized_and_all_live) {
  TrackerFixture f(crypto_com());
  f.add("ETH-USDT", "ETHUSDT");
  EXPECT_FALSE(f.tracker.initialized());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.tracker.on_subscribed("ETHUSDT", f.now);
  f.snapshot(ids_last(1), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_FALSE(f.tracker.initialized());
  EXPECT_FALSE(f.tracker.all_live());
  f.snapshot(ids_last(1), {{"10", "1"}}, {{"11", "1"}}, {}, "ETHUSDT");
  EXPECT_TRUE(f.tracker.initialized());
  EXPECT_TRUE(f.tracker.all_live());
  f.tracker.on_stream_down("BTCUSDT", "cut", f.now);
  EXPECT_TRUE(f.tracker.initialized());  // does not flap
  EXPECT_FALSE(f.tracker.all_live());
}

// --- BM: what a message carries, at the place where it counts ------------------------------------------------------

TEST(OrderBookTracker, BM_01_BM_06_update_id_of_snapshot_and_diff_but_not_of_a_trade) {
  TrackerFixture f(bybit());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_EQ(f.book().last_update_id(), 100U);
  f.diff(ids_last(101), {{"99", "1"}}, {});
  EXPECT_EQ(f.book().last_update_id(), 101U);
  f.tracker.on_trade(trade("999", "100", f.now), f.now);
  EXPECT_EQ(f.book().last_update_id(), 101U);
}

TEST(OrderBookTracker, BM_02_first_update_id_falls_back_to_the_last) {
  TrackerFixture f(bybit());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  f.diff(ids_last(101), {{"99", "1"}}, {});        // no first id: 101 covers itself only
  f.diff(ids_range(102, 105), {{"98", "1"}}, {});  // an own first id
  EXPECT_EQ(f.book().last_update_id(), 105U);
  f.diff(ids_last(107), {}, {});
  EXPECT_EQ(f.book().state(), stale);
}

TEST(OrderBookTracker, BM_03_BM_07_trade_id_is_the_trades_own) {
  TrackerFixture f(bybit());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.tracker.events().clear();
  f.tracker.on_trade(trade("T-77", "100.5", at(3)), f.now);
  ASSERT_EQ(f.tracker.events().size(), 1U);
  const auto& event = std::get<TradeEvent>(f.tracker.events()[0]);
  EXPECT_EQ(event.trade_id, TradeId("T-77"));
  EXPECT_EQ(event.type, TradeType::sell);
  EXPECT_EQ(event.price, "100.5"_dec);
  EXPECT_EQ(event.amount, 2);
  EXPECT_EQ(event.venue_time, at(3));
  EXPECT_EQ(f.book().last_trade_price(), "100.5"_dec);
}

TEST(OrderBookTracker, BM_04_a_message_belongs_to_its_pair) {
  TrackerFixture f(bybit());
  f.add("ETH-USDT", "ETHUSDT");
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.tracker.on_subscribed("ETHUSDT", f.now);
  f.snapshot(ids_last(1), {{"10", "1"}}, {{"11", "1"}}, {}, "ETHUSDT");
  EXPECT_EQ(f.book("BTC-USDT").live(), nullptr);
  EXPECT_EQ(picture(*f.book("ETH-USDT").live()), "10x1 | 11x1");
  EXPECT_EQ(f.tracker.order_book_by_symbol("ETHUSDT"), &f.book("ETH-USDT"));
}

TEST(OrderBookTracker, BM_05_rows_carry_the_messages_update_id) {
  TrackerFixture f(bybit());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.snapshot(ids_last(100), {{"100", "1"}, {"99", "2"}}, {{"101", "3"}, {"102", "4"}});
  f.diff(ids_last(101), {{"99", "5"}}, {});
  EXPECT_EQ(f.book().live()->bids(), (std::vector<OrderBookRow>{{100, 1, 100}, {99, 5, 101}}));
  EXPECT_EQ(f.book().live()->asks(), (std::vector<OrderBookRow>{{101, 3, 100}, {102, 4, 100}}));
}

TEST(OrderBookTracker, BM_08_BM_09_messages_are_equal_and_ordered_by_update_id_not_by_time) {
  TrackerFixture f(bybit());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.venue_time = at(50);
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  f.diff(ids_last(101), {{"99", "1"}}, {});
  f.venue_time = at(60);  // later by the clock, yet the same message by its id
  f.diff(ids_last(101), {{"99", "7"}}, {});
  f.diff(ids_last(100), {{"99", "8"}}, {});
  f.venue_time = at(40);  // earlier by the clock, yet the next one by its id
  f.diff(ids_last(102), {{"98", "1"}}, {});
  EXPECT_EQ(picture(*f.book().live()), "100x1 99x1 98x1 | 101x1");
  EXPECT_EQ(f.counters().stale, 2U);
  // Trades have an order of their own: they neither wait for the book nor move it.
  f.tracker.on_trade(trade("1", "100", at(40)), f.now);
  f.diff(ids_last(103), {{"97", "1"}}, {});
  EXPECT_TRUE(f.book().is_live());
  EXPECT_EQ(f.counters().trades, 1U);
}

// --- OT ------------------------------------------------------------------------------------------------------------

TEST(OrderBookTracker, OT_10_OT_18_fresh_counters_are_zero) {
  TrackerFixture f(bybit());
  EXPECT_EQ(f.counters().diffs + f.counters().snapshots + f.counters().trades + f.counters().held_back, 0U);
  EXPECT_EQ(f.tracker.counters().diffs, 0U);
}

TEST(OrderBookTracker, OT_20_OT_21_OT_23_accepted_and_rejected_are_counted) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.pass(1s);
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  f.diff(ids_range(101, 150), {{"99", "1"}}, {});
  EXPECT_EQ(f.counters().snapshots, 1U);
  EXPECT_EQ(f.counters().diffs, 1U);
  f.diff(ids_range(91, 95), {{"99", "9"}}, {});
  EXPECT_EQ(f.counters().stale, 1U);
  EXPECT_EQ(f.tracker.counters().stale, 1U);
}

TEST(OrderBookTracker, OT_22_diffs_before_the_first_picture_are_held_back) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff(ids_range(101, 150), {{"99", "1"}}, {});
  EXPECT_EQ(f.counters().held_back, 1U);
  EXPECT_EQ(f.counters().diffs, 0U);
}

TEST(OrderBookTracker, OT_24_OT_25_trades_of_followed_pairs_only) {
  TrackerFixture f(bybit());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.tracker.events().clear();
  f.tracker.on_trade(trade("1", "100", at(1)), f.now);
  f.tracker.on_trade(trade("2", "100", at(1), "NOPE"), f.now);
  EXPECT_EQ(f.tracker.counters().trades, 1U);
  EXPECT_EQ(f.tracker.counters().unknown_symbol, 1U);
  EXPECT_EQ(f.tracker.events().size(), 1U);
}

TEST(OrderBookTracker, a_backfilled_trade_is_no_news_but_a_last_price) {
  TrackerFixture f(bybit());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.tracker.events().clear();
  auto old = trade("1", "90", at(1));
  old.backfill = true;
  f.tracker.on_trade(old, f.now);
  EXPECT_TRUE(f.tracker.events().empty());
  EXPECT_EQ(f.book().last_trade_price(), 90);
  f.tracker.on_trade(trade("2", "95", at(5)), f.now);
  f.tracker.on_trade(old, f.now);
  EXPECT_EQ(f.book().last_trade_price(), 95);
}

TEST(OrderBookTracker, OT_26_removing_a_pair_ends_its_counters_but_not_the_sum) {
  TrackerFixture f(bybit());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.snapshot(ids_last(1), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_TRUE(f.tracker.remove_trading_pair("BTC-USDT"_pair, f.now));
  EXPECT_EQ(f.counters().snapshots, 0U);
  EXPECT_EQ(f.tracker.counters().snapshots, 1U);
}

TEST(OrderBookTracker, OT_27_OT_28_adding_once) {
  TrackerFixture f(bybit());
  EXPECT_EQ(f.tracker.trading_pairs(), std::vector{"BTC-USDT"_pair});
  EXPECT_FALSE(f.tracker.add_trading_pair("BTC-USDT"_pair, Symbol("BTCUSDT"), f.now));
  EXPECT_FALSE(f.tracker.add_trading_pair("XBT-USDT"_pair, Symbol("BTCUSDT"), f.now));
  EXPECT_TRUE(f.tracker.add_trading_pair("ETH-USDT"_pair, Symbol("ETHUSDT"), f.now));
  EXPECT_EQ(f.tracker.trading_pairs().size(), 2U);
  ASSERT_NE(f.tracker.order_book("ETH-USDT"_pair), nullptr);
  EXPECT_EQ(f.tracker.order_book("ETH-USDT"_pair)->live(), nullptr);
}

TEST(OrderBookTracker, OT_33_OT_34_OT_38_removing_leaves_nothing_behind) {
  TrackerFixture f(binance_spot());
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.diff(ids_range(101, 150), {{"99", "1"}}, {});
  EXPECT_TRUE(f.tracker.remove_trading_pair("BTC-USDT"_pair, f.now));
  EXPECT_FALSE(f.tracker.remove_trading_pair("BTC-USDT"_pair, f.now));
  EXPECT_EQ(f.tracker.order_book("BTC-USDT"_pair), nullptr);
  EXPECT_EQ(f.tracker.order_book_by_symbol("BTCUSDT"), nullptr);
  EXPECT_TRUE(f.tracker.trading_pairs().empty());
  EXPECT_TRUE(f.requests().empty());
  f.pass(60s);
  EXPECT_TRUE(f.requests().empty());
  // Added again, the diff that was held then is not there any more.
  f.add("BTC-USDT", "BTCUSDT");
  f.tracker.on_subscribed("BTCUSDT", f.now);
  f.pass(1s);
  f.snapshot(ids_last(100), {{"100", "1"}}, {{"101", "1"}});
  EXPECT_EQ(picture(*f.book().live()), "100x1 | 101x1");
}

}  // namespace
}  // namespace calypte::engine::test
