#include "engine/subscriptions.hpp"

#include <gtest/gtest.h>

#include "scripted_venue.hpp"

namespace calypte::engine {
namespace {

using namespace stream_test;
using venue::Channel;
using venue::Subscription;

Subscription depth(std::string_view symbol) { return {Channel::depth, Symbol(symbol)}; }
Subscription trades(std::string_view symbol) { return {Channel::trades, Symbol(symbol)}; }

struct SubscriptionWorld {
  SubscriptionWorld()
      : session({venue::StreamKind::market, 0}, venue.table.streams, false, Backoff({}, core::Random(1)), actions, log),
        subscriptions(venue, session, log) {
    venue.table.streams.idle_limit = 1h;
    venue.table.streams.ping_every = 0s;
  }

  /// Plays the owner: hands signals on and gives what left for the world; drains.
  List done() {
    while (!session.signals().empty()) {
      for (const auto signal : std::exchange(session.signals(), {})) {
        if (signal == Session::Signal::up) subscriptions.on_session_up(now);
        if (signal == Session::Signal::down) subscriptions.on_session_down();
      }
    }
    return drain(actions);
  }
  void bring_up() {
    session.start(now);
    session.on_up(now);
    (void)drain(actions);
  }
  void pass(Duration duration) {
    now += duration;
    session.on_time(now);
    subscriptions.on_time(now);
  }
  void answer(std::uint64_t id, std::string channel = {}, Status status = {}) {
    subscriptions.on_result({id, std::move(channel), std::move(status)}, now);
  }
  void refuse(std::uint64_t id, std::string channel = {}) {
    answer(id, std::move(channel), Status(StatusCode::rejected, "no such channel"));
  }
  /// "asked depth.A", "confirmed depth.A", "refused depth.A"; drains.
  List outcomes() {
    List texts;
    for (const auto& outcome : std::exchange(subscriptions.outcomes(), {})) {
      using Told = Subscriptions::Outcome::Kind;
      texts.push_back((outcome.kind == Told::asked       ? "asked "
                       : outcome.kind == Told::confirmed ? "confirmed "
                                                         : "refused ") +
                      outcome.subscription.symbol.value);
    }
    return texts;
  }

  Time now = at(0);
  ScriptedVenue venue;
  Actions actions;
  LinesLog log;
  Session session;
  Subscriptions subscriptions;
};

TEST(Subscriptions, nothing_is_asked_before_the_session_is_up) {
  SubscriptionWorld w;
  w.subscriptions.want(depth("A"), w.now);
  w.session.start(w.now);
  EXPECT_EQ(w.done(), (List{"open market"}));
  w.session.on_up(w.now);
  EXPECT_EQ(w.done(), (List{"+1 depth.A"}));
  EXPECT_EQ(w.outcomes(), (List{"asked A"}));
  w.subscriptions.want(depth("A"), w.now);  // wanted already
  EXPECT_EQ(w.done(), List{});
  EXPECT_EQ(w.subscriptions.size(), 1U);
}

TEST(Subscriptions, frames_hold_one_channel_and_not_more_than_the_venue_allows) {
  SubscriptionWorld w;
  for (const char* symbol : {"A", "B", "C", "D", "E"}) w.subscriptions.want(depth(symbol), w.now);
  for (const char* symbol : {"A", "B", "C"}) w.subscriptions.want(trades(symbol), w.now);
  w.bring_up();
  EXPECT_EQ(w.done(),
            (List{"+1 depth.A depth.B", "+2 depth.C depth.D", "+3 depth.E", "+4 trades.A trades.B", "+5 trades.C"}));
}

TEST(Subscriptions, an_answer_without_a_channel_confirms_its_whole_frame_and_no_other) {
  SubscriptionWorld w;
  w.bring_up();
  (void)w.done();
  w.subscriptions.want(depth("A"), w.now);
  w.subscriptions.want(depth("B"), w.now);
  EXPECT_EQ(w.done(), (List{"+1 depth.A", "+2 depth.B"}));
  (void)w.outcomes();
  w.answer(2);
  EXPECT_EQ(w.outcomes(), (List{"confirmed B"}));
  EXPECT_FALSE(w.subscriptions.all_confirmed());
  w.answer(1);
  EXPECT_TRUE(w.subscriptions.all_confirmed());
  EXPECT_EQ(w.subscriptions.next_wakeup(), kNever);
  (void)w.outcomes();
  w.answer(1);  // once more
  w.answer(99);
  EXPECT_EQ(w.outcomes(), List{});
}

TEST(Subscriptions, an_answer_that_names_a_channel_confirms_that_one_alone) {
  SubscriptionWorld w;
  w.subscriptions.want(depth("BTC_USD"), w.now);
  w.subscriptions.want(depth("BTC_USDT"), w.now);
  w.bring_up();
  EXPECT_EQ(w.done(), (List{"+1 depth.BTC_USD depth.BTC_USDT"}));
  (void)w.outcomes();
  w.answer(1, "book.BTC_USDT.50");
  EXPECT_EQ(w.outcomes(), (List{"confirmed BTC_USDT"})) << "BTC_USD stands in it as a part of a word only";
  EXPECT_FALSE(w.subscriptions.all_confirmed());
  w.refuse(1, "book.BTC_USD.50");
  EXPECT_EQ(w.outcomes(), (List{"refused BTC_USD"}));
}

TEST(Subscriptions, a_name_must_stand_whole_on_both_sides) {
  for (const char* channel :
       {"book.XBTC_USD", "1BTC_USD", "BTC_USD-PERP", "BTC_USD/X", "book.btc_usd", "bookBTC_USD"}) {
    SubscriptionWorld w;
    w.subscriptions.want(depth("BTC_USD"), w.now);
    w.bring_up();
    (void)w.done();
    w.answer(1, channel);
    EXPECT_FALSE(w.subscriptions.all_confirmed()) << channel;
  }
  for (const char* channel : {"BTC_USD", "book.BTC_USD", "book.BTC_USD.50", "XBTC_USD BTC_USD", "book@BTC_USD@1s"}) {
    SubscriptionWorld w;
    w.subscriptions.want(depth("BTC_USD"), w.now);
    w.bring_up();
    (void)w.done();
    w.answer(1, channel);
    EXPECT_TRUE(w.subscriptions.all_confirmed()) << channel;
  }
}

TEST(Subscriptions, every_frame_of_a_batch_is_confirmed_by_its_own_id) {
  SubscriptionWorld w;
  w.venue.one_frame_each = true;
  w.subscriptions.want(depth("A"), w.now);
  w.subscriptions.want(depth("B"), w.now);
  w.bring_up();
  EXPECT_EQ(w.done(), (List{"+1 depth.A", "+2 depth.B"}));
  (void)w.outcomes();
  w.answer(1);
  EXPECT_EQ(w.outcomes(), (List{"confirmed A"}));
  w.refuse(2);
  EXPECT_EQ(w.outcomes(), (List{"refused B"}));
  w.subscriptions.want(depth("C"), w.now);
  EXPECT_EQ(w.done(), (List{"+3 depth.C"})) << "an id is never used twice";
}

TEST(Subscriptions, the_data_of_a_book_confirm_it) {
  SubscriptionWorld w;
  w.subscriptions.want(depth("A"), w.now);
  w.subscriptions.want(depth("B"), w.now);
  w.bring_up();
  (void)w.done();
  (void)w.outcomes();
  w.subscriptions.on_data(Channel::trades, "A");
  w.subscriptions.on_data(Channel::depth, "X");
  EXPECT_EQ(w.outcomes(), List{});
  w.subscriptions.on_data(Channel::depth, "A");
  EXPECT_EQ(w.outcomes(), (List{"confirmed A"}));
}

TEST(Subscriptions, the_trades_of_a_quiet_instrument_need_no_confirmation) {
  SubscriptionWorld w;
  w.subscriptions.want(trades("A"), w.now);
  w.bring_up();
  EXPECT_EQ(w.done(), (List{"+1 trades.A"}));
  EXPECT_TRUE(w.subscriptions.all_confirmed());
  EXPECT_EQ(w.subscriptions.next_wakeup(), kNever);
}

TEST(Subscriptions, what_is_refused_is_told_and_asked_for_again_later) {
  SubscriptionWorld w;
  w.subscriptions.want(depth("A"), w.now);
  w.bring_up();
  (void)w.done();
  (void)w.outcomes();
  w.refuse(1);
  ASSERT_EQ(w.subscriptions.outcomes().size(), 1U);
  EXPECT_EQ(w.subscriptions.outcomes()[0].status.message(), "no such channel");
  EXPECT_EQ(w.outcomes(), (List{"refused A"}));
  EXPECT_FALSE(w.subscriptions.all_confirmed());
  EXPECT_EQ(w.subscriptions.next_wakeup(), w.now + 30s);
  w.pass(30s - 1ns);
  EXPECT_EQ(w.done(), List{});
  w.pass(1ns);
  EXPECT_EQ(w.done(), (List{"+2 depth.A"}));
  w.answer(2);
  EXPECT_TRUE(w.subscriptions.all_confirmed());
  EXPECT_TRUE(w.session.is_up());
}

TEST(Subscriptions, a_refusal_that_belongs_to_nothing_is_logged) {
  SubscriptionWorld w;
  w.bring_up();
  w.refuse(99, "book.X");
  EXPECT_TRUE(w.log.has("book.X"));
}

TEST(Subscriptions, three_times_without_an_answer_and_the_connection_is_doubted) {
  SubscriptionWorld w;
  w.subscriptions.want(depth("A"), w.now);
  w.bring_up();
  EXPECT_EQ(w.done(), (List{"+1 depth.A"}));
  w.pass(10s - 1ns);
  EXPECT_EQ(w.done(), List{});
  w.pass(1ns);
  EXPECT_EQ(w.done(), (List{"+2 depth.A"}));
  w.pass(10s);
  EXPECT_EQ(w.done(), (List{"+3 depth.A"}));
  w.pass(10s);
  EXPECT_EQ(w.session.state(), Session::State::waiting);
  EXPECT_EQ(w.done(), (List{"close market"}));
  EXPECT_EQ(w.session.down_reason(), "subscriptions are not answered");
  w.pass(500ms);
  w.session.on_up(w.now);
  EXPECT_EQ(w.done(), (List{"open market", "+4 depth.A"}));
  w.answer(3);  // of the old connection
  EXPECT_FALSE(w.subscriptions.all_confirmed());
  w.answer(4);
  EXPECT_TRUE(w.subscriptions.all_confirmed());
}

TEST(Subscriptions, an_answer_in_time_clears_the_doubt) {
  SubscriptionWorld w;
  w.subscriptions.want(depth("A"), w.now);
  w.bring_up();
  for (int round = 0; round < 3; ++round) {
    (void)w.done();
    w.pass(10s);
    w.pass(10s);
    EXPECT_TRUE(w.session.is_up()) << round;
    w.subscriptions.on_data(Channel::depth, "A");
    w.subscriptions.renew(depth("A"), w.now);
    w.pass(3s);
  }
  EXPECT_TRUE(w.session.is_up());
}

TEST(Subscriptions, a_renewal_waits_for_the_answer_before_it_subscribes_again) {
  SubscriptionWorld w;
  w.subscriptions.want(depth("A"), w.now);
  w.bring_up();
  (void)w.done();
  w.answer(1);
  (void)w.outcomes();
  w.subscriptions.renew(depth("A"), w.now);
  EXPECT_EQ(w.done(), (List{"-2 depth.A"}));
  EXPECT_FALSE(w.subscriptions.all_confirmed());
  w.subscriptions.renew(depth("A"), w.now);  // on its way already
  w.answer(1);                               // not the answer to this
  EXPECT_EQ(w.done(), List{});
  w.answer(2);
  EXPECT_EQ(w.done(), (List{"+3 depth.A"}));
  EXPECT_EQ(w.outcomes(), (List{"asked A"}));
  w.answer(3);
  EXPECT_TRUE(w.subscriptions.all_confirmed());
}

TEST(Subscriptions, a_renewal_goes_on_after_a_refused_or_unanswered_leave) {
  SubscriptionWorld w;
  w.subscriptions.want(depth("A"), w.now);
  w.bring_up();
  (void)w.done();
  w.subscriptions.renew(depth("A"), w.now);
  EXPECT_EQ(w.done(), (List{"-2 depth.A"}));
  w.refuse(2);
  EXPECT_EQ(w.done(), (List{"+3 depth.A"}));
  w.subscriptions.renew(depth("A"), w.now);
  EXPECT_EQ(w.done(), (List{"-4 depth.A"}));
  EXPECT_EQ(w.subscriptions.next_wakeup(), w.now + 3s);
  w.pass(3s - 1ns);
  EXPECT_EQ(w.done(), List{});
  w.pass(1ns);
  EXPECT_EQ(w.done(), (List{"+5 depth.A"}));
  w.answer(4);  // the late answer to the leave confirms nothing
  EXPECT_FALSE(w.subscriptions.all_confirmed());
}

TEST(Subscriptions, a_renewal_needs_a_session_and_a_subscription) {
  SubscriptionWorld w;
  w.subscriptions.want(depth("A"), w.now);
  w.subscriptions.renew(depth("A"), w.now);
  w.bring_up();
  w.subscriptions.renew(depth("A"), w.now);  // not even asked for yet
  w.subscriptions.renew(depth("B"), w.now);
  EXPECT_EQ(w.done(), (List{"+1 depth.A"}));
}

TEST(Subscriptions, after_a_reconnect_the_wanted_set_is_asked_for_anew) {
  SubscriptionWorld w;
  for (const char* symbol : {"A", "B", "C"}) w.subscriptions.want(depth(symbol), w.now);
  w.bring_up();
  EXPECT_EQ(w.done(), (List{"+1 depth.A depth.B", "+2 depth.C"}));
  w.answer(1);
  w.refuse(2);
  w.subscriptions.unwant(depth("B"), w.now);
  EXPECT_EQ(w.done(), (List{"-3 depth.B"}));
  w.session.on_down("cut", w.now);
  EXPECT_EQ(w.done(), List{});
  EXPECT_FALSE(w.subscriptions.all_confirmed());
  EXPECT_EQ(w.subscriptions.next_wakeup(), kNever) << "no deadline without a connection";
  w.pass(500ms);
  w.session.on_up(w.now);
  EXPECT_EQ(w.done(), (List{"open market", "+4 depth.A depth.C"}));
}

TEST(Subscriptions, what_is_not_wanted_any_more_is_left) {
  SubscriptionWorld w;
  w.subscriptions.want(depth("A"), w.now);
  w.subscriptions.want(depth("B"), w.now);
  w.subscriptions.unwant(depth("B"), w.now);  // before it was asked for: never asked for
  w.bring_up();
  EXPECT_EQ(w.done(), (List{"+1 depth.A"}));
  w.subscriptions.unwant(depth("X"), w.now);
  EXPECT_EQ(w.done(), List{});
  w.subscriptions.unwant(depth("A"), w.now);
  EXPECT_EQ(w.done(), (List{"-2 depth.A"}));
  EXPECT_EQ(w.subscriptions.size(), 0U);
  w.answer(1);  // late
  w.answer(2);
  w.pass(60s);
  EXPECT_EQ(w.done(), List{});
  w.subscriptions.want(depth("A"), w.now);
  EXPECT_EQ(w.done(), (List{"+3 depth.A"}));
}

TEST(Subscriptions, what_is_unwanted_while_it_is_renewed_is_left_once) {
  SubscriptionWorld w;
  w.subscriptions.want(depth("A"), w.now);
  w.bring_up();
  (void)w.done();
  w.subscriptions.renew(depth("A"), w.now);
  w.subscriptions.unwant(depth("A"), w.now);
  EXPECT_EQ(w.done(), (List{"-2 depth.A"}));
  w.answer(2);
  w.pass(60s);
  EXPECT_EQ(w.done(), List{});
}

TEST(Subscriptions, a_full_queue_of_frames_costs_the_connection_and_no_subscription) {
  SubscriptionWorld w;
  w.bring_up();
  while (w.session.send("x", w.now)) {
  }
  w.subscriptions.want(depth("A"), w.now);
  EXPECT_EQ(w.session.state(), Session::State::waiting);
  EXPECT_EQ(w.outcomes(), List{}) << "it was not asked for";
  (void)w.done();
  w.pass(500ms);
  w.session.on_up(w.now);
  EXPECT_EQ(w.done(), (List{"open market", "+2 depth.A"}));
}

TEST(Subscriptions, an_answer_that_lay_unread_while_we_slept_is_waited_for) {
  SubscriptionWorld w;
  w.venue.table.streams.subscribe_limit = 10s;
  w.subscriptions.want(depth("A"), w.now);
  w.bring_up();
  (void)w.done();
  w.now += 60s;
  w.subscriptions.excuse(60s, w.now);
  w.subscriptions.on_time(w.now);
  EXPECT_EQ(w.done(), List{}) << "not asked for again";
  w.answer(1);
  (void)w.outcomes();
  EXPECT_TRUE(w.subscriptions.all_confirmed());
}

}  // namespace
}  // namespace calypte::engine
