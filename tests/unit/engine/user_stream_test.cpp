#include <gtest/gtest.h>

#include "engine/user_stream_tracker.hpp"
#include "engine/user_stream_tracker_data_source.hpp"
#include "scripted_venue.hpp"

namespace calypte::engine {
namespace {

using namespace stream_test;
using State = Session::State;

// --- The data source -------------------------------------------------------------------------------------------------
//
// US-02 (logger), US-05 (sleep) and US-06 (time) have no counterpart: the log is given, there is no sleep, and time is
// an argument. US-12 to US-15 speak of a key that a task refreshes: the session is the only state there is, so these
// are stops from its states.

struct SourceWorld : DeskWorld {
  SourceWorld() : DeskWorld(), source(venue, desk, clock, core::Random(1), actions, log) {
    venue.table.streams.max_channels_per_frame = 10;
  }

  void frame(std::string_view text) {
    const venue::PaddedBuffer buffer(text);
    source.on_frame(buffer.bytes(), now);
  }
  void pass(Duration duration) {
    now += duration;
    source.on_time(now);
  }
  void log_in() {
    source.start(now);
    source.on_stream_up(now);
    frame("login 1 ok");
    ASSERT_TRUE(source.session().is_up());
  }
  void subscribe() {
    log_in();
    (void)done();
    frame("subscribed 1\nsubscribed 2\nsubscribed 3");
    ASSERT_TRUE(source.subscribed());
  }
  [[nodiscard]] State state() const { return source.session().state(); }

  UserStreamTrackerDataSource source;
};

TEST(UserStreamDataSource, US_01_a_fresh_source_has_no_stream) {
  SourceWorld w;
  EXPECT_EQ(w.state(), State::stopped);
  EXPECT_FALSE(w.source.subscribed());
  EXPECT_TRUE(w.source.records().empty());
  EXPECT_EQ(w.source.next_wakeup(), kNever);
  w.pass(60s);
  EXPECT_EQ(w.done(), List{});
}

TEST(UserStreamDataSource, connects_logs_in_and_subscribes_to_every_private_channel) {
  SourceWorld w;
  w.source.start(w.now);
  EXPECT_EQ(w.done(), (List{"open user"}));
  w.source.on_stream_up(w.now);
  const List login = w.done();
  ASSERT_EQ(login.size(), 1U);
  EXPECT_EQ(login[0].find("login "), 0U);
  EXPECT_NE(login[0].find(" signed"), std::string::npos);
  EXPECT_FALSE(w.source.subscribed());
  w.frame("login 1 ok");
  EXPECT_EQ(w.done(), (List{"+1 user.orders", "+2 user.fills", "+3 user.balances"}));
  w.frame("subscribed 1\nsubscribed 2");
  EXPECT_FALSE(w.source.subscribed()) << "balances are missing";
  w.frame("subscribed 3");
  EXPECT_TRUE(w.source.subscribed());
}

TEST(UserStreamDataSource, a_venue_without_a_login_frame_is_subscribed_at_once) {
  struct World : DeskWorld {
    World()
        : source((venue.table.streams.user_stream = venue::UserStreamStyle::none, venue), desk, clock, core::Random(1),
                 actions, log) {}
    UserStreamTrackerDataSource source;
  } w;
  w.source.start(w.now);
  w.source.on_stream_up(w.now);
  EXPECT_TRUE(w.source.session().is_up());
}

TEST(UserStreamDataSource, a_login_that_cannot_be_made_or_is_refused_takes_the_connection_down) {
  SourceWorld no_signer;
  no_signer.venue.has_auth = false;
  no_signer.source.start(no_signer.now);
  no_signer.source.on_stream_up(no_signer.now);
  EXPECT_EQ(no_signer.state(), State::waiting);
  EXPECT_EQ(no_signer.done(), (List{"open user", "close user"}));

  SourceWorld no_key;
  no_key.venue.login_error = Status(StatusCode::unauthenticated, "no key");
  no_key.source.start(no_key.now);
  no_key.source.on_stream_up(no_key.now);
  EXPECT_EQ(no_key.state(), State::waiting);

  SourceWorld refused;
  refused.source.start(refused.now);
  refused.source.on_stream_up(refused.now);
  refused.frame("login 1 refused");
  EXPECT_EQ(refused.state(), State::waiting);
  ASSERT_EQ(refused.source.events().size(), 1U);
  EXPECT_EQ(std::get<ConnectorErrorEvent>(refused.source.events()[0]).channel, "user: login");
  refused.pass(500ms);
  EXPECT_EQ(refused.state(), State::connecting) << "and it is tried again";
}

TEST(UserStreamDataSource, US_03_the_last_receive_time_is_zero_without_a_stream) {
  SourceWorld w;
  EXPECT_EQ(w.source.last_recv_time(), Time{});
  w.source.start(w.now);
  EXPECT_EQ(w.source.last_recv_time(), Time{});
  w.source.on_stream_up(w.now);
  w.source.on_stream_down("cut", w.now);
  EXPECT_EQ(w.source.last_recv_time(), Time{});
}

TEST(UserStreamDataSource, US_04_and_UT_04_any_frame_and_any_pong_set_the_last_receive_time) {
  SourceWorld w;
  w.subscribe();
  w.now += 1s;
  w.frame("");
  EXPECT_EQ(w.source.last_recv_time(), w.now);
  w.now += 1s;
  w.frame("gibberish");
  EXPECT_EQ(w.source.last_recv_time(), w.now);
  w.now += 1s;
  w.source.on_stream_alive(w.now);
  EXPECT_EQ(w.source.last_recv_time(), w.now);
}

TEST(UserStreamDataSource, US_07_a_frame_of_no_interest_passes_nothing_on) {
  SourceWorld w;
  w.subscribe();
  w.frame("balance BTC 5 4");
  EXPECT_FALSE(w.source.records().empty());
  w.frame("");
  EXPECT_TRUE(w.source.records().empty()) << "also not what the frame before had left";
  EXPECT_TRUE(w.source.events().empty());
}

TEST(UserStreamDataSource, US_08_messages_are_passed_on_unchanged_and_in_order) {
  SourceWorld w;
  w.subscribe();
  w.frame("order OID1 EOID1 open 0\nfill T1 OID1 EOID1 4\nbalance BTC 5 4");
  const auto items = w.source.records().items();
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(std::get<venue::OrderReport>(items[0]).update.client_order_id, ClientOrderId("OID1"));
  EXPECT_EQ(std::get<venue::Fill>(items[1]).trade.trade_id, TradeId("T1"));
  EXPECT_EQ(std::get<venue::BalanceReport>(items[2]).available, Decimal(4));
}

TEST(UserStreamDataSource, an_unreadable_frame_is_counted_told_and_passes_nothing_on) {
  SourceWorld w;
  w.subscribe();
  const auto before = w.source.counters().frames;
  w.frame("balance BTC 5 4\ngibberish");
  EXPECT_TRUE(w.source.records().empty());
  EXPECT_EQ(w.source.counters().frames, before + 1);
  EXPECT_EQ(w.source.counters().unreadable, 1U);
  ASSERT_EQ(w.source.events().size(), 1U);
  EXPECT_EQ(std::get<ConnectorErrorEvent>(w.source.events()[0]).channel, "user: gibberish");
  EXPECT_TRUE(w.source.subscribed());
}

TEST(UserStreamDataSource, US_09_an_interruption_without_a_stream_is_nothing) {
  SourceWorld w;
  w.source.on_stream_down("cut", w.now);
  EXPECT_EQ(w.state(), State::stopped);
  EXPECT_EQ(w.done(), List{});
  EXPECT_EQ(w.source.next_wakeup(), kNever);
}

TEST(UserStreamDataSource, US_10_an_interruption_unsubscribes_and_comes_back_with_everything) {
  SourceWorld w;
  w.subscribe();
  w.source.on_stream_down("cut", w.now);
  EXPECT_FALSE(w.source.subscribed());
  w.source.on_stream_down("cut", w.now);  // told twice: one interruption
  EXPECT_EQ(w.done(), List{});
  w.pass(500ms);
  EXPECT_EQ(w.done(), (List{"open user"}));
  w.source.on_stream_up(w.now);
  (void)w.done();
  w.frame("login 2 ok");
  EXPECT_EQ(w.done(), (List{"+4 user.orders", "+5 user.fills", "+6 user.balances"}));
}

TEST(UserStreamDataSource, US_10_silence_disconnects_once) {
  SourceWorld w;
  w.subscribe();
  w.pass(60s);
  EXPECT_EQ(w.done(), (List{"close user"}));
  EXPECT_FALSE(w.source.subscribed());
}

TEST(UserStreamDataSource, US_11_pings) {
  SourceWorld w;
  w.subscribe();
  w.pass(20s);
  EXPECT_EQ(w.done(), (List{"ping user"}));
  w.frame("beat 7");
  EXPECT_EQ(w.done(), (List{"answer 7"}));
}

TEST(UserStreamDataSource, US_12_to_US_17_stops_in_every_state_and_forgets_what_it_was) {
  for (const auto state : {State::stopped, State::waiting, State::connecting, State::logging_in, State::up}) {
    SourceWorld w;
    if (state != State::stopped) w.source.start(w.now);
    if (state == State::waiting) w.source.on_stream_down("refused", w.now);
    if (state >= State::settling) w.source.on_stream_up(w.now);
    if (state == State::up) w.frame("login 1 ok\nsubscribed 1\nsubscribed 2\nsubscribed 3");
    ASSERT_EQ(w.state(), state);
    (void)w.done();
    w.source.stop(w.now);
    EXPECT_EQ(w.state(), State::stopped);
    const bool connected = state != State::stopped && state != State::waiting;
    EXPECT_EQ(w.done(), connected ? List{"close user"} : List{});
    EXPECT_FALSE(w.source.subscribed());
    EXPECT_EQ(w.source.last_recv_time(), Time{});
    EXPECT_EQ(w.source.next_wakeup(), kNever);
    w.source.stop(w.now);
    w.source.on_stream_up(w.now);  // late
    w.frame("login 1 ok");
    w.pass(600s);
    EXPECT_EQ(w.state(), State::stopped);
    EXPECT_EQ(w.done(), List{});

    w.source.start(w.now);
    w.source.on_stream_up(w.now);
    EXPECT_EQ(w.state(), State::logging_in) << "the old login is worth nothing";
  }
}

TEST(UserStreamDataSource, a_refused_channel_keeps_it_from_being_subscribed) {
  SourceWorld w;
  w.log_in();
  (void)w.done();
  w.frame("subscribed 1\nrefused 2\nsubscribed 3");
  EXPECT_FALSE(w.source.subscribed());
  ASSERT_EQ(w.source.events().size(), 1U);
  EXPECT_EQ(std::get<ConnectorErrorEvent>(w.source.events()[0]).channel, "user: subscription");
}

// --- The tracker -----------------------------------------------------------------------------------------------------
//
// UT-02 (logger), UT-03 (source) and UT-05 (queue) have no counterpart: the log is given, the engine holds the source,
// and records are handed over by a call. UT-04 stands above.

struct TrackerWorld : AccountWorld {
  explicit TrackerWorld(UserStreamOptions options = {})
      : tracker(venue.table, desk, clock, orders, balances, instruments, options, log) {}

  List run() {
    tracker.on_time(now);
    return done();
  }
  /// Answers the first steps, none to two, of a sweep that is asking for fills.
  void answer_steps(int count, std::string_view open_orders = "open-orders-complete") {
    if (count < 1) return;
    reply("");
    EXPECT_EQ(done(), (List{"ask open-orders"}));
    if (count < 2) return;
    reply(open_orders);
    EXPECT_EQ(done(), (List{"ask balances"}));
  }
  void finish_sweep() {
    answer_steps(2);
    reply("balances-complete");
  }
  /// Lets one step fail, 0 to 2, of a sweep that is asking for fills; the others are still made, but orders are not
  /// compared without their fills.
  void fail_step(int step) {
    answer_steps(step);
    reply("error unavailable");
    if (step < 2) {
      EXPECT_EQ(done(), (List{"ask balances"}));
      reply("balances-complete");
    }
    EXPECT_EQ(done(), List{});
  }
  void sweep() {
    ASSERT_EQ(run(), (List{"ask fills"}));
    finish_sweep();
  }
  void go_live() {
    tracker.start(now);
    tracker.set_subscribed(true, now);
    sweep();
    ASSERT_TRUE(tracker.live());
  }
  void frame(std::string_view text) {
    const venue::PaddedBuffer buffer(text);
    records.clear();
    ASSERT_TRUE(venue.decode_frame(venue::StreamKind::user, buffer.bytes(), records).ok());
    tracker.on_stream_records(records, now);
  }
  [[nodiscard]] venue::QueryFills fills_asked() const { return std::get<venue::QueryFills>(venue.asked.back()); }

  venue::Records records;
  Balances balances;
  UserStreamTracker tracker;
};

TEST(UserStreamTracker, UT_01_a_fresh_tracker_does_and_knows_nothing) {
  TrackerWorld w;
  EXPECT_FALSE(w.tracker.live());
  EXPECT_FALSE(w.tracker.initialized());
  EXPECT_EQ(w.tracker.next_wakeup(), kNever);
  w.now += 600s;
  EXPECT_EQ(w.run(), List{});
}

TEST(UserStreamTracker, UT_06_a_start_sweeps_fills_then_open_orders_then_balances) {
  TrackerWorld w;
  w.tracker.start(w.now);
  EXPECT_EQ(w.tracker.next_wakeup(), w.now);
  EXPECT_EQ(w.run(), (List{"ask fills"})) << "one step at a time";
  EXPECT_EQ(w.fills_asked().start, w.now - 60s);
  EXPECT_EQ(w.fills_asked().end, w.now + 60s);
  w.reply("");
  EXPECT_EQ(w.done(), (List{"ask open-orders"}));
  w.reply("open-orders-complete");
  EXPECT_EQ(w.done(), (List{"ask balances"}));
  EXPECT_EQ(w.tracker.sweeps(), 0U);
  w.reply("balance BTC 5 4\nbalances-complete");
  EXPECT_EQ(w.tracker.sweeps(), 1U);
  EXPECT_TRUE(w.balances.initialized());
  EXPECT_EQ(w.balances.find("BTC")->total, 5);
  EXPECT_EQ(w.done(), List{});
}

TEST(UserStreamTracker, UT_07_a_start_after_a_stop_sweeps_anew_from_what_is_known) {
  TrackerWorld w;
  w.go_live();
  w.tracker.stop();
  w.now += 300s;
  w.tracker.start(w.now);
  EXPECT_FALSE(w.tracker.live());
  EXPECT_TRUE(w.tracker.initialized());
  EXPECT_EQ(w.run(), (List{"ask fills"}));
  EXPECT_EQ(w.fills_asked().start, at(0) - 60s) << "what happened while it was stopped is asked for";
}

TEST(UserStreamTracker, UT_08_a_second_start_does_nothing) {
  TrackerWorld w;
  w.tracker.start(w.now);
  EXPECT_EQ(w.run(), (List{"ask fills"}));
  w.tracker.start(w.now);
  EXPECT_EQ(w.run(), List{});
  w.finish_sweep();
  w.tracker.start(w.now);
  EXPECT_EQ(w.run(), List{});
}

TEST(UserStreamTracker, UT_09_and_UT_10_a_stop_without_a_sweep_under_way_leaves_nothing_to_do) {
  TrackerWorld fresh;
  fresh.tracker.stop();
  EXPECT_EQ(fresh.tracker.next_wakeup(), kNever);

  TrackerWorld w;
  w.go_live();
  w.tracker.stop();
  EXPECT_FALSE(w.tracker.live());
  EXPECT_EQ(w.tracker.next_wakeup(), kNever);
  w.tracker.set_subscribed(true, w.now);  // late
  w.now += 600s;
  EXPECT_EQ(w.run(), List{});
}

TEST(UserStreamTracker, UT_11_a_stop_while_sweeping_ends_the_sweep_but_not_what_its_answers_say) {
  for (int step = 0; step < 3; ++step) {
    TrackerWorld w;
    w.track("A", "E1");
    w.tracker.start(w.now);
    w.tracker.set_subscribed(true, w.now);
    ASSERT_EQ(w.run(), (List{"ask fills"}));
    w.answer_steps(step, "order A E1 open 0\nopen-orders-complete");
    w.tracker.stop();
    w.reply("fill T1 A E1 4\nbalance BTC 5 4\nbalances-complete");
    if (step < 2) {
      EXPECT_EQ(w.order("A").executed_amount_base(), 4) << step;
    } else {
      ASSERT_NE(w.balances.find("BTC"), nullptr);
      EXPECT_EQ(w.balances.find("BTC")->total, 5);
    }
    EXPECT_EQ(w.done(), List{}) << "no next step";
    EXPECT_EQ(w.tracker.sweeps(), 0U);
    EXPECT_FALSE(w.tracker.live());
  }
}

TEST(UserStreamTracker, UT_11_an_answer_of_an_old_sweep_does_not_advance_the_new_one) {
  TrackerWorld w;
  w.tracker.start(w.now);
  ASSERT_EQ(w.run(), (List{"ask fills"}));
  w.tracker.stop();
  w.tracker.start(w.now);
  ASSERT_EQ(w.run(), (List{"ask fills"}));
  w.reply("");  // of the old one
  EXPECT_EQ(w.done(), List{});
  w.finish_sweep();
  EXPECT_EQ(w.tracker.sweeps(), 1U);
}

TEST(UserStreamTracker, UT_12_the_failures_of_a_stop_lead_to_nothing) {
  TrackerWorld w;
  w.tracker.start(w.now);
  ASSERT_EQ(w.run(), (List{"ask fills"}));
  w.tracker.stop();
  w.desk.fail_all("stopped", w.now);
  EXPECT_EQ(w.tracker.next_wakeup(), kNever);
  EXPECT_EQ(w.desk.in_flight(), 0U);
}

TEST(UserStreamTracker, the_first_sweep_reaches_back_to_the_oldest_order_that_was_restored) {
  TrackerWorld w;
  w.track("A", "E1");
  w.now += 3h;
  w.tracker.start(w.now);
  (void)w.run();
  EXPECT_EQ(w.fills_asked().start, at(0) - 60s);

  TrackerWorld old;
  old.track("A", "E1");
  old.now += 30h;
  old.tracker.start(old.now);
  (void)old.run();
  EXPECT_EQ(old.fills_asked().start, old.now - 24h) << "further back than the venue lists is not asked";
}

TEST(UserStreamTracker, reads_every_page_of_fills_before_it_goes_on) {
  TrackerWorld w;
  w.track("A", "E1");
  w.tracker.start(w.now);
  (void)w.run();
  w.reply("fill T1 A E1 4\nmore-fills " + std::to_string(to_unix_ms(at(-5000))) + " " +
          std::to_string(to_unix_ms(at(5000))));
  EXPECT_EQ(w.done(), (List{"ask fills"}));
  EXPECT_EQ(w.fills_asked().start, at(-5000));
  EXPECT_EQ(w.fills_asked().end, at(5000));
  w.reply("fill T1 A E1 4\nfill T2 A E1 2\nmore-fills " + std::to_string(to_unix_ms(at(-1000))));
  EXPECT_EQ(w.done(), (List{"ask fills"}));
  EXPECT_EQ(w.fills_asked().start, at(-1000));
  EXPECT_EQ(w.fills_asked().end, at(5000)) << "the other bound stays";
  w.reply("fill T3 A E1 1");
  EXPECT_EQ(w.done(), (List{"ask open-orders"}));
  EXPECT_EQ(w.order("A").executed_amount_base(), 7) << "and a fill on two pages counts once";
}

// Two pages a sweep, and many fills since the oldest order, three hours ago.
struct ManyFills : TrackerWorld {
  ManyFills() : TrackerWorld(two_pages()) {
    track("A", "E1");
    now += 3h;
    tracker.start(now);
  }
  static UserStreamOptions two_pages() {
    UserStreamOptions options;
    options.max_fill_pages = 2;
    return options;
  }
  /// A sweep that is told both times that there is more; gives where it began.
  Time sweep_with_more(const std::string& after_first, const std::string& after_second) {
    EXPECT_EQ(run(), (List{"ask fills"}));
    const Time began = fills_asked().start;
    reply("more-fills " + after_first);
    EXPECT_EQ(done(), (List{"ask fills"}));
    reply("more-fills " + after_second);
    EXPECT_EQ(done(), (List{"ask open-orders"}));
    reply("order A E1 open 0\nopen-orders-complete");
    (void)done();
    reply("balances-complete");
    now += 200s;
    return began;
  }
};
std::string ms(std::int64_t text) { return std::to_string(to_unix_ms(at(text))); }

TEST(UserStreamTracker, the_pages_that_one_sweep_leaves_are_read_by_the_next) {
  ManyFills w;
  EXPECT_EQ(w.sweep_with_more(ms(1000), ms(2000)), at(0) - 60s);
  EXPECT_TRUE(w.log.has("more than 2 pages"));
  EXPECT_EQ(w.sweep_with_more(ms(3000), ms(4000)), at(2000)) << "it goes on where the other one ended";
  EXPECT_EQ(w.run(), (List{"ask fills"}));
  EXPECT_EQ(w.fills_asked().start, at(4000));
  const Time began = w.now;
  w.reply("");  // the last page
  (void)w.done();
  w.reply("order A E1 open 0\nopen-orders-complete");
  (void)w.done();
  w.reply("balances-complete");
  w.now += 200s;
  (void)w.run();
  EXPECT_EQ(w.fills_asked().start, began - 60s);
}

TEST(UserStreamTracker, pages_that_go_back_in_time_leave_the_oldest_unread_and_are_not_taken_for_read) {
  ManyFills w;
  const std::string start = ms(-60'000) + " ";
  EXPECT_EQ(w.sweep_with_more(start + ms(9000), start + ms(8000)), at(0) - 60s);
  EXPECT_EQ(w.run(), (List{"ask fills"}));
  EXPECT_EQ(w.fills_asked().start, at(0) - 60s);
}

TEST(UserStreamTracker, a_failed_sweep_begins_anew_after_a_growing_pause) {
  TrackerWorld w;
  w.tracker.start(w.now);
  int step = 0;
  for (const Duration pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    ASSERT_EQ(w.run(), (List{"ask fills"}));
    w.fail_step(step % 3);  // whichever step fails
    ++step;
    EXPECT_EQ(w.tracker.next_wakeup(), w.now + pause);
    w.now += pause - 1ns;
    EXPECT_EQ(w.run(), List{});
    w.now += 1ns;
  }
  w.sweep();
  w.now += 5s;
  ASSERT_EQ(w.run(), (List{"ask fills"}));
  w.fail_step(0);
  EXPECT_EQ(w.tracker.next_wakeup(), w.now + 1s) << "a success resets the growth";
}

TEST(UserStreamTracker, a_sweep_that_failed_after_its_fills_does_not_lose_later_ones) {
  TrackerWorld w;
  w.go_live();
  w.now += 120s;
  ASSERT_EQ(w.run(), (List{"ask fills"}));
  w.fail_step(0);
  w.now += 600s;
  ASSERT_EQ(w.run(), (List{"ask fills"}));
  EXPECT_EQ(w.fills_asked().start, at(0) - 60s) << "from the last sweep that knew the fills";
}

TEST(UserStreamTracker, is_live_only_after_a_sweep_that_began_after_the_subscription) {
  TrackerWorld w;
  w.tracker.start(w.now);
  w.sweep();
  EXPECT_FALSE(w.tracker.live()) << "swept, but not subscribed";
  EXPECT_FALSE(w.tracker.initialized());
  w.now += 5s;
  ASSERT_EQ(w.run(), (List{"ask fills"}));
  w.tracker.set_subscribed(true, w.now);  // in the middle of it
  w.finish_sweep();
  EXPECT_FALSE(w.tracker.live()) << "a fill may have come after the sweep asked and before the stream told";
  EXPECT_EQ(w.tracker.next_wakeup(), w.now);
  w.sweep();
  EXPECT_TRUE(w.tracker.live());
  EXPECT_TRUE(w.tracker.initialized());
}

TEST(UserStreamTracker, a_subscription_that_was_lost_and_won_during_a_sweep_needs_another_sweep) {
  TrackerWorld w;
  w.go_live();
  w.now += 120s;
  ASSERT_EQ(w.run(), (List{"ask fills"}));
  w.tracker.set_subscribed(false, w.now);
  w.tracker.set_subscribed(true, w.now);
  w.finish_sweep();
  EXPECT_FALSE(w.tracker.live());
  w.sweep();
  EXPECT_TRUE(w.tracker.live());
}

TEST(UserStreamTracker, polls_slowly_with_a_live_stream_and_often_without) {
  TrackerWorld w;
  w.tracker.start(w.now);
  w.sweep();
  EXPECT_EQ(w.tracker.next_wakeup(), w.now + 5s);
  w.tracker.set_subscribed(true, w.now);
  EXPECT_EQ(w.tracker.next_wakeup(), w.now);
  w.sweep();
  EXPECT_EQ(w.tracker.next_wakeup(), w.now + 120s);
  w.now += 10s;
  w.tracker.set_subscribed(false, w.now);
  EXPECT_FALSE(w.tracker.live());
  EXPECT_TRUE(w.tracker.initialized());
  EXPECT_EQ(w.tracker.next_wakeup(), w.now + 5s);
}

TEST(UserStreamTracker, a_sweep_that_is_wanted_during_a_sweep_follows_it) {
  TrackerWorld w;
  w.go_live();
  w.tracker.sweep_soon(w.now);
  ASSERT_EQ(w.run(), (List{"ask fills"}));
  w.now += 1s;
  w.tracker.sweep_soon(w.now);
  EXPECT_EQ(w.run(), List{}) << "not two at once";
  w.finish_sweep();
  EXPECT_TRUE(w.tracker.live());
  w.sweep();
  EXPECT_EQ(w.run(), List{});
  EXPECT_EQ(w.tracker.next_wakeup(), w.now + 120s);
}

TEST(UserStreamTracker, an_order_that_is_missing_from_the_open_ones_is_asked_about) {
  TrackerWorld w;
  w.track("A", "E1");
  w.track("B", "E2");
  w.track("C", "E3");
  w.now += 10s;  // as long as the venue may take to show an order
  w.track("D", "E4");
  w.tracker.start(w.now);
  (void)w.run();
  w.reply("");
  (void)w.done();
  w.reply("order A E1 open 0\norder - E2 open 0\nopen-orders-complete");
  EXPECT_EQ(w.run(), (List{"ask balances", "ask order C"})) << "B is there by its other name, D may be on its way";
  EXPECT_TRUE(w.order("C").is_open()) << "being absent is no end";
  w.reply("balances-complete");
  w.reply("order C E3 canceled 0");
  EXPECT_TRUE(w.order("C").is_cancelled());
}

TEST(UserStreamTracker, a_list_of_open_orders_that_is_not_complete_says_nothing_about_absence) {
  TrackerWorld w;
  w.track("A", "E1");
  w.now += 60s;
  w.tracker.start(w.now);
  (void)w.run();
  w.reply("");
  (void)w.done();
  w.reply("");
  EXPECT_EQ(w.run(), (List{"ask balances"}));
}

TEST(UserStreamTracker, balances_that_are_not_complete_remove_nothing) {
  TrackerWorld w;
  w.tracker.start(w.now);
  ASSERT_EQ(w.run(), (List{"ask fills"}));
  w.reply("");
  (void)w.done();
  w.reply("open-orders-complete");
  (void)w.done();
  w.reply("balance BTC 5 4");
  EXPECT_FALSE(w.balances.initialized());
}

TEST(UserStreamTracker, the_stream_tells_of_orders_fills_and_balances) {
  TrackerWorld w;
  w.track("A");
  w.frame("order A E1 open 0\nfill T1 - E1 4\nbalance BTC 5 4");
  EXPECT_EQ(w.order("A").exchange_order_id(), ExchangeOrderId("E1"));
  EXPECT_EQ(w.order("A").executed_amount_base(), 4);
  EXPECT_EQ(w.order("A").order_fills().at(TradeId("T1")).trading_pair, "COINALPHA-HBOT"_pair);
  EXPECT_EQ(w.balances.find("BTC")->available, 4);
  w.frame("fill T1 A E1 4");
  EXPECT_EQ(w.order("A").executed_amount_base(), 4) << "once, whoever repeats it";
}

TEST(UserStreamTracker, fills_that_are_missing_are_asked_for) {
  TrackerWorld w;
  w.track("A", "E1");
  w.frame("order A E1 filled 10");
  EXPECT_FALSE(w.order("A").is_done());
  EXPECT_EQ(w.run(), (List{"ask fills COINHBOT"}));
  w.reply("fill T1 A E1 10");
  EXPECT_TRUE(w.order("A").is_filled());
}

}  // namespace
}  // namespace calypte::engine
