#include <gtest/gtest.h>

#include "engine/order_book_tracker_data_source.hpp"
#include "scripted_venue.hpp"

namespace calypte::engine {
namespace {

using namespace stream_test;
using Pairs = std::vector<TradingPair>;

const TradingPair kBtc = "BTC-USDT"_pair;
const TradingPair kEth = "ETH-USDT"_pair;
const TradingPair kSol = "SOL-USDT"_pair;

venue::BookSpec by_rest() {
  return {.continuity = venue::Continuity::prev_link,
          .bootstrap = venue::Bootstrap::rest_snapshot,
          .bridge = venue::BridgeRule::covering,
          .resync = venue::Resync::refetch_snapshot};
}

struct BookWorld : DeskWorld {
  explicit BookWorld(venue::BookSpec book = {.continuity = venue::Continuity::prev_link})
      : tracker(book), source(venue, tracker, desk, clock, core::Random(1), actions, log) {
    venue.table.book = book;
  }

  bool add(const TradingPair& pair) { return source.add_trading_pair(pair, Symbol(pair.base()), now); }
  bool remove(const TradingPair& pair) { return source.remove_trading_pair(pair, now); }
  void up(std::uint16_t index = 0) { source.on_stream_up({venue::StreamKind::market, index}, now); }
  void down(std::uint16_t index = 0) { source.on_stream_down({venue::StreamKind::market, index}, "cut", now); }
  void frame(std::string_view text, std::uint16_t index = 0) {
    const venue::PaddedBuffer buffer(text);
    source.on_frame({venue::StreamKind::market, index}, buffer.bytes(), now);
  }
  void pass(Duration duration) {
    now += duration;
    source.on_time(now);
  }
  void start_with(std::initializer_list<TradingPair> pairs) {
    for (const auto& pair : pairs) EXPECT_TRUE(add(pair));
    source.start(now);
    up();
    (void)done();
  }
  [[nodiscard]] bool live(const TradingPair& pair) const {
    const auto* book = tracker.order_book(pair);
    return book != nullptr && book->is_live();
  }

  OrderBookTracker tracker;
  OrderBookTrackerDataSource source;
};

TEST(BookDataSource, DS_01_knows_the_pairs_that_it_was_given) {
  BookWorld w;
  EXPECT_EQ(w.source.trading_pairs(), Pairs{});
  w.add(kBtc);
  w.add(kEth);
  EXPECT_EQ(w.source.trading_pairs(), (Pairs{kBtc, kEth}));
}

TEST(BookDataSource, DS_02_and_DS_03_adds_a_pair_once) {
  BookWorld w;
  w.add(kBtc);
  w.add(kEth);
  EXPECT_TRUE(w.add(kSol));
  EXPECT_EQ(w.source.trading_pairs(), (Pairs{kBtc, kEth, kSol}));
  EXPECT_FALSE(w.add(kEth));
  EXPECT_EQ(w.source.trading_pairs(), (Pairs{kBtc, kEth, kSol}));
}

TEST(BookDataSource, DS_04_and_DS_05_removes_what_it_has) {
  BookWorld w;
  w.add(kBtc);
  w.add(kEth);
  EXPECT_FALSE(w.remove(kSol));
  EXPECT_EQ(w.source.trading_pairs(), (Pairs{kBtc, kEth}));
  EXPECT_TRUE(w.remove(kBtc));
  EXPECT_EQ(w.source.trading_pairs(), Pairs{kEth});
}

TEST(BookDataSource, DS_06_adds_and_removes_in_any_sequence) {
  BookWorld w;
  w.add(kBtc);
  w.add(kEth);
  EXPECT_TRUE(w.add(kSol));
  EXPECT_TRUE(w.remove(kSol));
  EXPECT_TRUE(w.remove(kBtc));
  EXPECT_EQ(w.source.trading_pairs(), Pairs{kEth});
  EXPECT_EQ(w.tracker.trading_pairs(), Pairs{kEth});
}

TEST(BookDataSource, DS_07_has_no_stream_before_it_is_started) {
  BookWorld w;
  EXPECT_EQ(w.source.last_recv_time(), Time{});
  w.add(kBtc);
  w.pass(60s);
  EXPECT_EQ(w.done(), List{});
  EXPECT_EQ(w.source.last_recv_time(), Time{});
  w.source.start(w.now);
  w.source.start(w.now);
  EXPECT_EQ(w.done(), (List{"open market"}));
  EXPECT_EQ(w.source.last_recv_time(), Time{}) << "it is not up yet";
  w.up();
  EXPECT_EQ(w.source.last_recv_time(), w.now);
}

// There is no factory to set: the tracker makes every book, of the one kind there is. What a strategy relies on is that
// a pair's book is always the same object.
TEST(BookDataSource, DS_08_and_DS_09_a_pair_has_one_book_for_ever) {
  BookWorld w;
  w.start_with({kBtc, kEth});
  const auto* book = w.tracker.order_book(kBtc);
  ASSERT_NE(book, nullptr);
  EXPECT_EQ(book->trading_pair(), kBtc);
  EXPECT_NE(w.tracker.order_book(kEth), book);
  w.remove(kBtc);
  EXPECT_EQ(w.tracker.order_book(kBtc), nullptr);
  w.add(kBtc);
  EXPECT_EQ(w.tracker.order_book(kBtc), book);
  w.source.stop(w.now);
  w.source.start(w.now);
  EXPECT_EQ(w.tracker.order_book(kBtc), book);
}

TEST(BookDataSource, OT_27_a_pair_added_while_running_is_subscribed_once_and_comes_to_life) {
  BookWorld w;
  w.start_with({kBtc});
  EXPECT_TRUE(w.add(kEth));
  EXPECT_EQ(w.done(), (List{"+3 depth.ETH", "+4 trades.ETH"}));
  EXPECT_EQ(w.source.trading_pairs(), (Pairs{kBtc, kEth}));
  EXPECT_EQ(w.tracker.trading_pairs(), (Pairs{kBtc, kEth}));
  EXPECT_FALSE(w.live(kEth));
  w.frame("snapshot ETH 5 bid 100:1 ask 101:2");
  EXPECT_TRUE(w.live(kEth));
  EXPECT_FALSE(w.live(kBtc));
  w.frame("diff ETH 6 after 5 bid 100:3 ask");
  EXPECT_EQ(w.tracker.order_book(kEth)->live()->best_bid()->amount, 3);
  w.pass(5s);
  EXPECT_EQ(w.done(), List{});
}

TEST(BookDataSource, OT_28_a_pair_that_is_followed_is_not_subscribed_again) {
  BookWorld w;
  w.start_with({kBtc});
  EXPECT_FALSE(w.add(kBtc));
  EXPECT_EQ(w.done(), List{});
}

TEST(BookDataSource, OT_28_a_symbol_that_is_followed_for_another_pair_is_refused_whole) {
  BookWorld w;
  w.start_with({kBtc});
  EXPECT_FALSE(w.source.add_trading_pair(kEth, Symbol("BTC"), w.now));
  EXPECT_EQ(w.source.trading_pairs(), Pairs{kBtc});
  EXPECT_FALSE(w.remove(kEth));
  EXPECT_EQ(w.done(), List{}) << "the subscription of the first pair stays";
}

// The answer comes later, so the addition itself succeeds; the refusal is an event, the book is not live, and the
// subscription is asked for again.
TEST(BookDataSource, OT_29_a_refused_subscription_is_told_and_repeated) {
  BookWorld w;
  w.start_with({kBtc});
  w.frame("refused 1 depth.BTC");
  ASSERT_EQ(w.source.events().size(), 1U);
  const auto& event = std::get<ConnectorErrorEvent>(w.source.events()[0]);
  EXPECT_EQ(event.channel, "market: BTC");
  EXPECT_EQ(event.status.message(), "no such channel");
  EXPECT_FALSE(w.live(kBtc));
  w.frame("trade BTC T1 100:1");
  for (int i = 0; i < 31; ++i) {
    w.pass(1s);
    w.frame("");  // keeps the connection alive
  }
  EXPECT_EQ(w.done(), (List{"ping market", "+3 depth.BTC"}));
  w.frame("snapshot BTC 5 bid 100:1 ask 101:2");
  EXPECT_TRUE(w.live(kBtc));
}

TEST(BookDataSource, OT_30_a_pair_added_before_the_stream_is_up_is_subscribed_when_it_is) {
  BookWorld w;
  w.source.start(w.now);
  EXPECT_TRUE(w.add(kBtc));
  EXPECT_EQ(w.done(), (List{"open market"}));
  w.up();
  EXPECT_EQ(w.done(), (List{"+1 depth.BTC", "+2 trades.BTC"}));
}

TEST(BookDataSource, OT_31_a_snapshot_that_fails_is_asked_for_again_and_leaves_no_half_book) {
  BookWorld w(by_rest());
  w.start_with({kBtc});
  w.pass(5s);
  EXPECT_EQ(w.done(), List{}) << "a snapshot is worth nothing before the stream has answered";
  w.frame("subscribed 1");
  w.frame("diff BTC 6 after 5 bid 100:3 ask");
  EXPECT_EQ(w.done(), (List{"ask depth BTC"}));
  w.reply("error unavailable");
  EXPECT_FALSE(w.live(kBtc));
  EXPECT_TRUE(w.tracker.order_book(kBtc)->last_known().empty());
  w.pass(500ms);
  EXPECT_EQ(w.done(), (List{"ask depth BTC"}));
  w.reply("snapshot BTC 5 bid 100:1 ask 101:2");
  EXPECT_TRUE(w.live(kBtc));
  EXPECT_EQ(w.tracker.order_book(kBtc)->live()->best_bid()->amount, 3) << "the diff that was held back is in it";
}

TEST(BookDataSource, OT_32_a_stop_while_subscribing_ends_it_and_a_start_resumes) {
  BookWorld w;
  w.add(kBtc);
  w.source.start(w.now);
  w.up();
  EXPECT_EQ(w.done(), (List{"open market", "+1 depth.BTC", "+2 trades.BTC"}));
  w.source.stop(w.now);
  EXPECT_EQ(w.done(), (List{"close market"}));
  w.frame("subscribed 1\nsnapshot BTC 5 bid 100:1 ask 101:2");  // was on its way
  EXPECT_FALSE(w.live(kBtc)) << "nobody would notice when it gets old";
  w.pass(600s);
  EXPECT_EQ(w.done(), List{});
  EXPECT_EQ(w.source.trading_pairs(), Pairs{kBtc});
  w.source.start(w.now);
  w.up();
  EXPECT_EQ(w.done(), (List{"open market", "+3 depth.BTC", "+4 trades.BTC"}));
}

TEST(BookDataSource, OT_33_a_removed_pair_is_left_and_forgotten) {
  BookWorld w;
  w.start_with({kBtc, kEth});
  w.frame("snapshot BTC 5 bid 100:1 ask 101:2\nsnapshot ETH 5 bid 100:1 ask 101:2");
  EXPECT_TRUE(w.remove(kBtc));
  EXPECT_EQ(w.done(), (List{"-3 depth.BTC", "-4 trades.BTC"}));
  EXPECT_EQ(w.source.trading_pairs(), Pairs{kEth});
  EXPECT_EQ(w.tracker.order_book(kBtc), nullptr);
  EXPECT_EQ(w.tracker.counters(kBtc).snapshots, 0U);
  EXPECT_TRUE(w.live(kEth));
  w.tracker.events().clear();
  w.tracker.changed().clear();
  w.frame("diff BTC 6 after 5 bid 100:3 ask\ntrade BTC T1 100:1");  // was on its way
  EXPECT_TRUE(w.tracker.events().empty());
  EXPECT_TRUE(w.tracker.changed().empty());
}

TEST(BookDataSource, OT_34_a_pair_that_is_not_followed_is_not_left) {
  BookWorld w;
  w.start_with({kBtc});
  EXPECT_FALSE(w.remove(kEth));
  EXPECT_EQ(w.done(), List{});
}

TEST(BookDataSource, OT_35_a_refused_leave_changes_nothing_about_the_removal) {
  BookWorld w;
  w.start_with({kBtc});
  EXPECT_TRUE(w.remove(kBtc));
  (void)w.done();
  w.frame("refused 3 depth.BTC");
  EXPECT_EQ(w.source.trading_pairs(), Pairs{});
  EXPECT_EQ(w.tracker.order_book(kBtc), nullptr);
  w.pass(40s);
  EXPECT_EQ(w.done(), (List{"ping market"}));
}

TEST(BookDataSource, OT_36_a_removal_without_a_connection_outlives_the_next_connect) {
  BookWorld w;
  w.start_with({kBtc, kEth});
  w.down();
  EXPECT_TRUE(w.remove(kBtc));
  EXPECT_EQ(w.done(), List{});
  w.pass(500ms);
  w.up();
  EXPECT_EQ(w.done(), (List{"open market", "+3 depth.ETH", "+4 trades.ETH"}));
}

// Nothing can be raised. What can still go wrong is an answer that comes for a pair that is gone.
TEST(BookDataSource, OT_37_a_snapshot_of_a_removed_pair_is_dropped) {
  BookWorld w(by_rest());
  w.start_with({kBtc});
  w.frame("subscribed 1");
  w.frame("diff BTC 6 after 5 bid 100:3 ask");
  EXPECT_EQ(w.done(), (List{"ask depth BTC"}));
  EXPECT_TRUE(w.remove(kBtc));
  (void)w.done();
  w.reply("snapshot BTC 5 bid 100:1 ask 101:2");
  EXPECT_EQ(w.tracker.order_book(kBtc), nullptr);
  w.add(kBtc);
  EXPECT_FALSE(w.live(kBtc));
  EXPECT_TRUE(w.tracker.order_book(kBtc)->last_known().empty());
}

TEST(BookDataSource, a_broken_book_renews_its_own_subscription_only) {
  BookWorld w;
  w.start_with({kBtc, kEth});
  w.frame("subscribed 1\nsnapshot BTC 5 bid 100:1 ask 101:2\nsnapshot ETH 5 bid 100:1 ask 101:2");
  w.frame("diff BTC 9 after 8 bid 100:3 ask");
  EXPECT_FALSE(w.live(kBtc));
  EXPECT_TRUE(w.live(kEth));
  for (int i = 0; i < 10 && w.actions.empty(); ++i) w.pass(100ms);
  const List leave = w.done();
  ASSERT_EQ(leave.size(), 1U);
  EXPECT_EQ(leave[0], "-3 depth.BTC");
  w.frame("snapshot ETH 6 bid 100:1 ask 101:2");
  w.frame("subscribed 3");
  EXPECT_EQ(w.done(), (List{"+4 depth.BTC"}));
  w.frame("snapshot BTC 9 bid 100:1 ask 101:2");
  EXPECT_TRUE(w.live(kBtc));
}

TEST(BookDataSource, pairs_are_spread_over_connections_that_fail_alone) {
  BookWorld w;
  w.venue.table.streams.max_channels_per_connection = 3;  // one pair each: two channels a pair
  w.add(kBtc);
  w.source.start(w.now);
  w.add(kEth);
  EXPECT_EQ(w.done(), (List{"open market", "open market#1"}));
  w.up(0);
  EXPECT_EQ(w.source.last_recv_time(), Time{}) << "one connection is still down";
  w.up(1);
  EXPECT_EQ(w.done(), (List{"+1 depth.BTC", "+2 trades.BTC", "+1 depth.ETH", "+2 trades.ETH"}));
  w.frame("snapshot BTC 5 bid 100:1 ask 101:2", 0);
  w.pass(1s);
  w.frame("snapshot ETH 5 bid 100:1 ask 101:2", 1);
  EXPECT_EQ(w.source.last_recv_time(), w.now - 1s) << "the oldest of both";
  w.down(1);
  EXPECT_TRUE(w.live(kBtc));
  EXPECT_FALSE(w.live(kEth));
  EXPECT_EQ(w.tracker.order_book(kEth)->state_reason(), "cut");
  // A removed pair makes room for another.
  w.remove(kBtc);
  (void)w.done();
  w.add(kSol);
  EXPECT_EQ(w.done(), (List{"+5 depth.SOL", "+6 trades.SOL"}));
}

TEST(BookDataSource, streams_that_are_not_its_own_are_ignored) {
  BookWorld w;
  w.start_with({kBtc});
  w.up(7);
  w.down(7);
  w.source.on_stream_alive({venue::StreamKind::user, 0}, w.now);
  w.source.on_stream_down({venue::StreamKind::user, 0}, "cut", w.now);
  w.frame("snapshot BTC 5 bid 100:1 ask 101:2", 7);
  EXPECT_FALSE(w.live(kBtc));
  EXPECT_EQ(w.source.counters().frames, 0U);
  EXPECT_EQ(w.source.last_recv_time(), w.now);
}

TEST(BookDataSource, an_unreadable_message_is_counted_and_told) {
  BookWorld w;
  w.start_with({kBtc});
  w.frame("snapshot BTC 5 bid 100:1 ask 101:2");
  w.frame("gibberish");
  EXPECT_EQ(w.source.counters().frames, 2U);
  EXPECT_EQ(w.source.counters().unreadable, 1U);
  ASSERT_EQ(w.source.events().size(), 1U);
  EXPECT_EQ(std::get<ConnectorErrorEvent>(w.source.events()[0]).channel, "market: gibberish");
  EXPECT_TRUE(w.live(kBtc)) << "the chain will show whether anything was lost";
}

TEST(BookDataSource, an_unreadable_message_costs_trust_where_no_chain_shows_the_loss) {
  BookWorld w({.continuity = venue::Continuity::unsequenced});
  w.start_with({kBtc});
  w.frame("snapshot BTC 5 bid 100:1 ask 101:2");
  ASSERT_TRUE(w.live(kBtc));
  w.frame("gibberish");
  EXPECT_FALSE(w.live(kBtc));
}

TEST(BookDataSource, heartbeats_are_answered_and_notices_told_and_times_taken) {
  BookWorld w;
  w.start_with({kBtc});
  w.frame("beat 42\nnotice maintenance\ntime " + std::to_string(to_unix_ms(w.now + 3s)));
  EXPECT_EQ(w.done(), (List{"answer 42"}));
  ASSERT_EQ(w.source.events().size(), 1U);
  EXPECT_EQ(std::get<ConnectorErrorEvent>(w.source.events()[0]).channel, "market: error");
  EXPECT_EQ(w.clock.offset(), 3s);
}

// --- Trades and funding on a route of their own ----------------------------------------------------------------------

struct TradesWorld : DeskWorld {
  explicit TradesWorld(ConnectorKind kind = ConnectorKind::exchange, std::uint32_t room = 200)
      : tracker(venue::BookSpec{.continuity = venue::Continuity::unsequenced}),
        source((venue.table.streams.own_trade_stream = true, venue.table.kind = kind,
                venue.table.book.continuity = venue::Continuity::unsequenced,
                venue.table.streams.max_channels_per_connection = room, venue),
               tracker, desk, clock, core::Random(1), actions, log) {}

  void add(const TradingPair& pair) { EXPECT_TRUE(source.add_trading_pair(pair, Symbol(pair.base()), now)); }
  bool frame(venue::StreamId stream, std::string_view text) {
    const venue::PaddedBuffer buffer(text);
    return source.on_frame(stream, buffer.bytes(), now);
  }
  [[nodiscard]] bool live(const TradingPair& pair) const { return tracker.order_book(pair)->is_live(); }

  static constexpr venue::StreamId kBooks{venue::StreamKind::market, 0};
  static constexpr venue::StreamId kTrades{venue::StreamKind::trades, 0};
  OrderBookTracker tracker;
  OrderBookTrackerDataSource source;
};

TEST(BookDataSource, trades_with_a_route_of_their_own_are_asked_for_there) {
  TradesWorld w;
  w.add(kBtc);
  w.source.start(w.now);
  EXPECT_EQ(w.done(), (List{"open market", "open trades"}));
  w.source.on_stream_up(TradesWorld::kBooks, w.now);
  EXPECT_EQ(w.done(), (List{"+1 depth.BTC"}));
  w.source.on_stream_up(TradesWorld::kTrades, w.now);
  EXPECT_EQ(w.done(), (List{"+1 trades.BTC"})) << "no funding on a spot exchange";
  w.frame(TradesWorld::kTrades, "trade BTC T1 100:2");
  EXPECT_EQ(w.tracker.order_book(kBtc)->last_trade_price(), Decimal(100));
  w.source.remove_trading_pair(kBtc, w.now);
  EXPECT_EQ(w.done(), (List{"-2 depth.BTC", "-2 trades.BTC"}));
  w.source.stop(w.now);
  EXPECT_EQ(w.done(), (List{"close market", "close trades"}));
}

TEST(BookDataSource, funding_of_a_derivative_goes_to_whoever_wants_it) {
  TradesWorld w(ConnectorKind::derivative);
  w.venue.table.streams.subscribe_limit = 5s;
  List heard;
  w.source.set_funding_sink([&](const venue::FundingReport& report, Time now) {
    EXPECT_EQ(now, w.now);
    heard.push_back(std::string(report.symbol) + " " + report.mark_price->to_string());
  });
  w.add(kBtc);
  w.source.start(w.now);
  w.source.on_stream_up(TradesWorld::kTrades, w.now);
  EXPECT_EQ(w.done(), (List{"open market", "open trades", "+1 trades.BTC", "+2 funding.BTC"}));
  EXPECT_TRUE(w.frame(TradesWorld::kTrades, "funding BTC 101")) << "there is something to settle";
  EXPECT_EQ(heard, (List{"BTC 101"}));
  EXPECT_FALSE(w.frame(TradesWorld::kTrades, "trade BTC T1 100:2")) << "nothing to settle";
  // What has been heard of needs no further asking.
  w.now += 5s;
  w.source.on_time(w.now);
  EXPECT_EQ(w.done(), List{});
}

TEST(BookDataSource, a_derivative_without_that_route_has_funding_beside_its_books) {
  struct OneRoute : DeskWorld {
    OneRoute()
        : tracker(venue::BookSpec{}),
          source((venue.table.kind = ConnectorKind::derivative, venue), tracker, desk, clock, core::Random(1), actions,
                 log) {}
    OrderBookTracker tracker;
    OrderBookTrackerDataSource source;
  } w;
  ASSERT_TRUE(w.source.add_trading_pair(kBtc, Symbol("BTC"), w.now));
  w.source.start(w.now);
  w.source.on_stream_up({venue::StreamKind::market, 0}, w.now);
  EXPECT_EQ(w.done(), (List{"open market", "+1 depth.BTC", "+2 trades.BTC", "+3 funding.BTC"}));
}

TEST(BookDataSource, trouble_with_the_trades_is_none_of_the_books) {
  TradesWorld w;
  w.add(kBtc);
  w.source.start(w.now);
  w.source.on_stream_up(TradesWorld::kBooks, w.now);
  w.source.on_stream_up(TradesWorld::kTrades, w.now);
  w.frame(TradesWorld::kBooks, "snapshot BTC 5 bid 100:1 ask 101:2");
  ASSERT_TRUE(w.live(kBtc));
  w.frame(TradesWorld::kTrades, "gibberish");
  EXPECT_TRUE(w.live(kBtc)) << "it was no message of a book";
  ASSERT_EQ(w.source.events().size(), 1U);
  EXPECT_EQ(std::get<ConnectorErrorEvent>(w.source.events()[0]).channel, "trades: gibberish");
  w.source.on_stream_down(TradesWorld::kTrades, "cut", w.now);
  EXPECT_TRUE(w.live(kBtc));
  EXPECT_EQ(w.source.last_recv_time(), w.now);
  (void)w.done();
  w.now += 1s;
  w.source.on_time(w.now);
  EXPECT_EQ(w.done(), (List{"open trades"})) << "and it comes back";
  w.source.on_stream_up(TradesWorld::kTrades, w.now);
  EXPECT_EQ(w.done(), (List{"+2 trades.BTC"}));
  w.frame(TradesWorld::kBooks, "gibberish");
  EXPECT_FALSE(w.live(kBtc));
}

TEST(BookDataSource, both_routes_are_spread_over_as_many_connections_as_they_need) {
  TradesWorld w(ConnectorKind::derivative, 2);
  for (const auto& pair : {kBtc, kEth, kSol}) w.add(pair);
  w.source.start(w.now);
  EXPECT_EQ(w.done(), (List{"open market", "open market#1", "open trades", "open trades#1", "open trades#2"}));
  w.source.on_stream_up({venue::StreamKind::market, 1}, w.now);
  EXPECT_EQ(w.done(), (List{"+1 depth.SOL"}));
  w.source.on_stream_up({venue::StreamKind::trades, 1}, w.now);
  EXPECT_EQ(w.done(), (List{"+1 trades.ETH", "+2 funding.ETH"}));
}

}  // namespace
}  // namespace calypte::engine
