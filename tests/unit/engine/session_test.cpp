#include "engine/session.hpp"

#include <gtest/gtest.h>

#include "scripted_venue.hpp"

namespace calypte::engine {
namespace {

using namespace stream_test;
using State = Session::State;

venue::StreamSpec plain_spec() {
  venue::StreamSpec spec;
  spec.max_frames_per_second = 3;
  return spec;
}
venue::StreamSpec slow_starting() {
  auto spec = plain_spec();
  spec.settle_after_connect = 1s;
  return spec;
}

struct SessionWorld {
  explicit SessionWorld(bool needs_login = false, venue::StreamSpec s = plain_spec())
      : spec(s),
        session({venue::StreamKind::market, 0}, spec, needs_login, Backoff({}, core::Random(1)), actions, log) {}

  List done() { return drain(actions); }
  /// "login", "up", "down", in order; drains.
  List signals() {
    List names;
    for (const auto signal : std::exchange(session.signals(), {})) {
      names.emplace_back(signal == Session::Signal::login_needed ? "login"
                         : signal == Session::Signal::up         ? "up"
                                                                 : "down");
    }
    return names;
  }
  void pass(Duration duration) {
    now += duration;
    session.on_time(now);
  }
  void bring_up() {
    session.start(now);
    session.on_up(now);
    ASSERT_EQ(session.state(), State::up);
    (void)done();
    (void)signals();
  }
  /// From a stopped session to a given state, the short way.
  void bring_to(State state) {
    if (state == State::stopped) return;
    session.start(now);
    if (state == State::waiting) session.on_down("refused", now);
    if (state >= State::settling) session.on_up(now);
    if (state >= State::logging_in) pass(spec.settle_after_connect);
    if (state == State::up) session.on_login({}, now);
    ASSERT_EQ(session.state(), state);
    (void)done();
    (void)signals();
  }

  Time now = at(0);
  venue::StreamSpec spec;
  Actions actions;
  LinesLog log;
  Session session;
};

TEST(Session, goes_through_a_whole_life_and_begins_anew) {
  SessionWorld w(true, slow_starting());
  EXPECT_EQ(w.session.state(), State::stopped);
  EXPECT_EQ(w.session.next_wakeup(), kNever);

  w.session.start(w.now);
  EXPECT_EQ(w.done(), (List{"open market"}));
  EXPECT_EQ(w.session.state(), State::connecting);
  w.session.start(w.now);  // a second time: nothing
  EXPECT_EQ(w.done(), List{});

  w.session.on_up(w.now);
  EXPECT_EQ(w.session.state(), State::settling);
  EXPECT_FALSE(w.session.send("too early", w.now));
  w.pass(1s - 1ns);
  EXPECT_EQ(w.session.state(), State::settling);
  EXPECT_EQ(w.signals(), List{});

  w.pass(1ns);
  EXPECT_EQ(w.session.state(), State::logging_in);
  EXPECT_EQ(w.signals(), (List{"login"}));
  EXPECT_TRUE(w.session.send("who I am", w.now));
  EXPECT_EQ(w.done(), (List{"who I am"}));
  EXPECT_FALSE(w.session.is_up());

  w.session.on_login({}, w.now);
  EXPECT_TRUE(w.session.is_up());
  EXPECT_EQ(w.signals(), (List{"up"}));
  EXPECT_EQ(w.session.connects(), 1U);

  w.session.on_down("cut", w.now);
  EXPECT_EQ(w.session.state(), State::waiting);
  EXPECT_EQ(w.signals(), (List{"down"}));
  EXPECT_EQ(w.session.down_reason(), "cut");
  EXPECT_EQ(w.done(), List{}) << "what is down already is not closed";
  EXPECT_TRUE(w.log.has("down: cut"));

  const Time again = w.session.next_wakeup();
  EXPECT_GE(again, w.now + 250ms);
  EXPECT_LE(again, w.now + 500ms);
  w.session.on_time(again - 1ns);
  EXPECT_EQ(w.done(), List{});
  w.session.on_time(again);
  EXPECT_EQ(w.done(), (List{"open market"}));
  EXPECT_EQ(w.session.state(), State::connecting);
}

TEST(Session, without_settling_and_login_is_up_at_once) {
  SessionWorld w;
  w.session.start(w.now);
  w.session.on_up(w.now);
  EXPECT_TRUE(w.session.is_up());
  EXPECT_EQ(w.signals(), (List{"up"}));
}

TEST(Session, settling_without_login_leads_to_up) {
  SessionWorld w(false, slow_starting());
  w.session.start(w.now);
  w.session.on_up(w.now);
  EXPECT_EQ(w.session.next_wakeup(), w.now + 1s);
  w.pass(1s);
  EXPECT_EQ(w.signals(), (List{"up"}));
}

TEST(Session, gives_up_a_connection_that_does_not_come) {
  SessionWorld w;
  w.session.start(w.now);
  (void)w.done();
  EXPECT_EQ(w.session.next_wakeup(), w.now + 10s);
  w.pass(10s - 1ns);
  EXPECT_EQ(w.session.state(), State::connecting);
  w.pass(1ns);
  EXPECT_EQ(w.session.state(), State::waiting);
  EXPECT_EQ(w.done(), (List{"close market"}));
  EXPECT_EQ(w.signals(), List{}) << "nothing that was up went down";
  w.session.on_up(w.now);  // it came after all: it is being closed
  EXPECT_EQ(w.session.state(), State::waiting);
  EXPECT_EQ(w.session.connects(), 0U);
}

TEST(Session, gives_up_a_login_that_is_not_answered) {
  SessionWorld w(true);
  w.bring_to(State::logging_in);
  w.session.on_alive(w.now + 9s);
  w.pass(10s - 1ns);
  EXPECT_EQ(w.session.state(), State::logging_in);
  w.pass(1ns);
  EXPECT_EQ(w.session.state(), State::waiting);
  EXPECT_EQ(w.done(), (List{"close market"}));
  EXPECT_EQ(w.session.down_reason(), "no answer to the login within the limit");
  w.session.on_login({}, w.now);  // late
  EXPECT_EQ(w.session.state(), State::waiting);
  EXPECT_EQ(w.signals(), List{});
}

TEST(Session, gives_up_a_login_that_is_refused) {
  SessionWorld w(true);
  w.bring_to(State::logging_in);
  w.session.on_login(Status(StatusCode::unauthenticated, "bad key"), w.now);
  EXPECT_EQ(w.session.state(), State::waiting);
  EXPECT_EQ(w.done(), (List{"close market"}));
  EXPECT_EQ(w.signals(), List{});
  EXPECT_NE(w.session.down_reason().find("bad key"), std::string::npos);
}

TEST(Session, takes_silence_for_death_in_every_connected_state) {
  for (const auto state : {State::settling, State::logging_in, State::up}) {
    auto spec = slow_starting();
    spec.idle_limit = 5s;
    spec.ping_every = 0s;
    spec.login_limit = 100s;
    if (state == State::settling) spec.settle_after_connect = 100s;
    SessionWorld w(true, spec);
    w.session.start(w.now);
    w.session.on_up(w.now);
    if (state != State::settling) w.pass(1s);
    if (state == State::up) w.session.on_login({}, w.now);
    ASSERT_EQ(w.session.state(), state);
    (void)w.done();
    (void)w.signals();

    w.session.on_alive(w.now);
    const Time last = w.now;
    EXPECT_EQ(w.session.next_wakeup(), last + 5s);
    w.pass(3s);
    w.session.on_alive(w.now);  // any sign of life counts
    w.pass(5s - 1ns);
    EXPECT_EQ(w.session.state(), state);
    w.pass(1ns);
    EXPECT_EQ(w.session.state(), State::waiting);
    EXPECT_EQ(w.session.down_reason(), "silent for 5 s");
    EXPECT_EQ(w.done(), (List{"close market"}));
    EXPECT_EQ(w.signals(), state == State::up ? List{"down"} : List{});
  }
}

TEST(Session, pings_as_often_as_the_venue_wants) {
  SessionWorld w;
  w.bring_up();
  EXPECT_EQ(w.session.next_wakeup(), w.now + 20s);
  w.pass(20s - 1ns);
  EXPECT_EQ(w.done(), List{});
  w.pass(1ns);
  EXPECT_EQ(w.done(), (List{"ping market"}));
  w.session.on_alive(w.now);
  w.pass(20s);
  EXPECT_EQ(w.done(), (List{"ping market"}));
  w.session.on_down("cut", w.now);
  EXPECT_EQ(w.session.next_wakeup() > w.now + 500ms, false);
  w.session.stop(w.now);
  w.pass(60s);
  EXPECT_EQ(w.done(), List{}) << "no connection, no ping";
}

TEST(Session, a_venue_without_pings_gets_none) {
  auto spec = plain_spec();
  spec.ping_every = 0s;
  SessionWorld w(false, spec);
  w.bring_up();
  w.pass(59s);
  EXPECT_EQ(w.done(), List{});
}

TEST(Session, paces_frames_and_keeps_their_order) {
  SessionWorld w;
  w.bring_up();
  for (const char* text : {"1", "2", "3", "4", "5", "6", "7"}) EXPECT_TRUE(w.session.send(text, w.now));
  EXPECT_EQ(w.done(), (List{"1", "2", "3"}));
  EXPECT_EQ(w.session.next_wakeup(), w.now + 1s);
  w.pass(1s - 1ns);
  EXPECT_EQ(w.done(), List{});
  w.pass(1ns);
  EXPECT_EQ(w.done(), (List{"4", "5", "6"}));
  EXPECT_TRUE(w.session.send("8", w.now));
  w.pass(1s);
  EXPECT_EQ(w.done(), (List{"7", "8"}));
}

TEST(Session, no_second_holds_more_frames_than_allowed_wherever_it_begins) {
  SessionWorld w;
  w.bring_up();
  w.pass(990ms);
  for (const char* text : {"1", "2", "3", "4", "5"}) EXPECT_TRUE(w.session.send(text, w.now));
  EXPECT_EQ(w.done(), (List{"1", "2", "3"}));
  w.pass(10ms);  // a second after the connection came up, but not after the frames
  EXPECT_EQ(w.done(), List{});
  EXPECT_EQ(w.session.next_wakeup(), w.now + 990ms);
  w.pass(990ms);
  EXPECT_EQ(w.done(), (List{"4", "5"}));
}

TEST(Session, an_answer_to_a_heartbeat_overtakes_and_is_counted) {
  SessionWorld w;
  w.bring_up();
  w.session.on_alive(w.now);
  for (const char* text : {"1", "2", "3", "4"}) EXPECT_TRUE(w.session.send(text, w.now));
  w.session.send_now("heartbeat");
  EXPECT_EQ(w.done(), (List{"1", "2", "3", "heartbeat"}));
  w.pass(1s);
  w.session.on_alive(w.now);
  EXPECT_EQ(w.done(), (List{"4"}));
  w.session.send_now("heartbeat");
  w.session.send_now("heartbeat");
  EXPECT_TRUE(w.session.send("5", w.now));
  EXPECT_EQ(w.done(), (List{"heartbeat", "heartbeat"})) << "three frames of this second are used up";
  w.session.on_down("cut", w.now);
  w.session.send_now("heartbeat");
  EXPECT_EQ(w.done(), List{}) << "there is no connection to answer on";
}

TEST(Session, bounds_its_queue) {
  SessionWorld w;
  w.bring_up();
  for (int i = 0; i < 3 + 10'000; ++i) ASSERT_TRUE(w.session.send("x", w.now)) << i;
  EXPECT_FALSE(w.session.send("one too many", w.now));
  EXPECT_EQ(w.done().size(), 3U);
  w.pass(1s);
  EXPECT_EQ(w.done().size(), 3U);
  EXPECT_TRUE(w.session.send("there is room again", w.now));
}

TEST(Session, frames_of_an_old_connection_do_not_leave_on_a_new_one) {
  SessionWorld w;
  w.bring_up();
  for (const char* text : {"1", "2", "3", "4"}) EXPECT_TRUE(w.session.send(text, w.now));
  (void)w.done();
  w.session.reconnect("because", w.now);
  EXPECT_EQ(w.done(), (List{"close market"}));
  EXPECT_EQ(w.signals(), (List{"down"}));
  EXPECT_FALSE(w.session.send("nowhere", w.now));
  w.pass(500ms);
  w.session.on_up(w.now);
  w.pass(2s);
  EXPECT_EQ(w.done(), (List{"open market"}));
  EXPECT_TRUE(w.session.is_up());
  EXPECT_EQ(w.session.connects(), 2U);
}

TEST(Session, its_back_off_grows_and_only_a_stable_life_resets_it) {
  SessionWorld w;
  w.session.start(w.now);
  Duration step = 500ms;
  for (int i = 0; i < 10; ++i) {
    w.session.on_down("refused", w.now);
    const Duration delay = w.session.next_wakeup() - w.now;
    EXPECT_GE(delay, step / 2) << i;
    EXPECT_LE(delay, step) << i;
    step = std::min<Duration>(step * 2, 30s);
    w.pass(delay);
    ASSERT_EQ(w.session.state(), State::connecting);
  }
  const auto live_for = [&w](Duration life) {
    w.session.on_up(w.now);
    w.now += life;
    w.session.on_down("cut", w.now);
    const Duration delay = w.session.next_wakeup() - w.now;
    w.pass(delay);
    return delay;
  };
  EXPECT_GE(live_for(59s), 15s) << "a connection that is cut again and again is hammered no faster";
  EXPECT_LE(live_for(60s), 500ms);
}

TEST(Session, stops_from_every_state_and_ignores_what_comes_late) {
  for (const auto state :
       {State::stopped, State::waiting, State::connecting, State::settling, State::logging_in, State::up}) {
    SessionWorld w(true, slow_starting());
    w.bring_to(state);
    w.session.stop(w.now);
    EXPECT_EQ(w.session.state(), State::stopped);
    const bool has_connection = state != State::stopped && state != State::waiting;
    EXPECT_EQ(w.done(), has_connection ? List{"close market"} : List{});
    EXPECT_EQ(w.signals(), state == State::up ? List{"down"} : List{});
    EXPECT_EQ(w.session.next_wakeup(), kNever);
    EXPECT_EQ(w.session.last_alive(), Time{});

    w.session.on_up(w.now);
    w.session.on_login({}, w.now);
    w.session.on_login(Status(StatusCode::unauthenticated, "late"), w.now);
    w.session.on_down("late", w.now);
    w.session.reconnect("late", w.now);
    w.session.send_now("late");
    EXPECT_FALSE(w.session.send("late", w.now));
    w.pass(600s);
    w.session.stop(w.now);  // once more
    EXPECT_EQ(w.session.state(), State::stopped);
    EXPECT_EQ(w.done(), List{});
    EXPECT_EQ(w.signals(), List{});

    w.session.start(w.now);
    EXPECT_EQ(w.done(), (List{"open market"})) << "it can be started again";
  }
}

TEST(Session, a_start_after_a_stop_does_not_wait_for_the_old_back_off) {
  SessionWorld w;
  w.session.start(w.now);
  for (int i = 0; i < 8; ++i) {
    w.session.on_down("refused", w.now);
    w.pass(30s);
  }
  w.session.stop(w.now);
  w.session.start(w.now);
  w.session.on_down("refused", w.now);
  EXPECT_LE(w.session.next_wakeup(), w.now + 500ms);
}

TEST(Session, US_03_and_US_04_its_last_sign_of_life_is_the_epoch_without_a_connection) {
  SessionWorld w;
  EXPECT_EQ(w.session.last_alive(), Time{});
  w.session.start(w.now);
  EXPECT_EQ(w.session.last_alive(), Time{});
  w.session.on_up(w.now);
  EXPECT_EQ(w.session.last_alive(), w.now);
  w.session.on_alive(w.now + 123ms);
  EXPECT_EQ(w.session.last_alive(), w.now + 123ms);
  w.session.on_down("cut", w.now + 124ms);
  EXPECT_EQ(w.session.last_alive(), Time{});
}

TEST(Session, a_time_in_which_we_did_not_listen_is_no_silence_of_the_venue) {
  auto spec = plain_spec();
  spec.idle_limit = 5s;
  spec.ping_every = 0s;
  SessionWorld w(false, spec);
  w.bring_up();
  w.now += 70s;  // something held the thread
  w.session.excuse(70s, w.now);
  w.session.on_time(w.now);
  EXPECT_TRUE(w.session.is_up());
  EXPECT_EQ(w.session.next_wakeup(), w.now + 5s) << "it has heard nothing for zero seconds, so to speak";
  w.pass(5s);
  EXPECT_EQ(w.session.state(), State::waiting) << "a venue that is really dead is still found to be so";
}

TEST(Session, after_a_pause_there_is_time_to_read_before_silence_is_judged) {
  auto spec = plain_spec();
  spec.idle_limit = 5s;
  spec.ping_every = 0s;
  SessionWorld w(false, spec);
  w.bring_up();
  w.pass(5s - 1ms);
  w.now += 300ms;
  w.session.excuse(300ms, w.now);
  w.pass(999ms);
  EXPECT_TRUE(w.session.is_up());
  w.session.on_alive(w.now);  // what had lain in the socket
  w.pass(5s - 1ns);
  EXPECT_TRUE(w.session.is_up());
  w.pass(1ns);
  EXPECT_FALSE(w.session.is_up()) << "the excuse is used up";
}

TEST(Session, a_pause_prolongs_a_connect_and_a_login_but_no_back_off) {
  for (const auto state : {State::connecting, State::logging_in, State::waiting}) {
    auto spec = plain_spec();
    spec.connect_limit = 10s;
    spec.login_limit = 10s;
    spec.idle_limit = 100s;
    SessionWorld w(true, spec);
    w.bring_to(state);
    const Time before = w.session.next_wakeup();
    w.now += 15s;
    w.session.excuse(15s, w.now);
    if (state == State::waiting) {
      EXPECT_EQ(w.session.next_wakeup(), before);
      continue;
    }
    w.session.on_time(w.now);
    EXPECT_EQ(w.session.state(), state);
    w.pass(10s);
    EXPECT_EQ(w.session.state(), State::waiting);
  }
}

}  // namespace
}  // namespace calypte::engine
