// The venue's own dead-man switch, kept armed: countdowns by symbol, and connections.
#include "engine/dead_man.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/order_entry_stream.hpp"
#include "scripted_venue.hpp"

namespace calypte::engine {
namespace {

using namespace stream_test;
using Kind = venue::RequestOutcome::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

struct Countdowns : DeskWorld {
  explicit Countdowns(Duration after = 30s, venue::DeadManKind kind = venue::DeadManKind::countdown)
      : DeskWorld({{.id = "order", .limit = 2, .interval = 60s, .weight = 1, .linked = {}},
                   {.id = "query", .limit = 60, .interval = 60s, .weight = 1, .linked = {}}}),
        dead_man((venue.table.dead_man = {.kind = kind, .shortest = 3s, .longest = 60s}, venue), after, desk,
                 [this](const Symbol& symbol) { return open.contains(symbol.value); }, log) {
    dead_man.start(now);
  }
  /// What leaves when the time has come.
  List round() {
    dead_man.on_time(connection, now);
    List left = done();
    dead_man.on_time(connection, now);
    for (auto& more : done()) left.push_back(std::move(more));
    return left;
  }
  List round_at(std::int64_t ms) {
    now = at(ms);
    return round();
  }
  void follow(std::string_view symbol) { dead_man.follow(Symbol(symbol), now); }
  List told() {
    List texts;
    for (const auto& event : std::exchange(dead_man.events(), {})) {
      const auto& error = std::get<ConnectorErrorEvent>(event);
      EXPECT_EQ(error.channel, "dead-man switch");
      texts.push_back(error.status.message());
    }
    return texts;
  }
  std::set<std::string> open;
  std::uint64_t connection = 0;
  DeadMan dead_man;
};

TEST(DeadMan, a_followed_symbol_is_armed_and_again_at_a_third_of_the_time) {
  Countdowns world;
  EXPECT_FALSE(world.dead_man.armed(world.now));
  world.follow("A");
  EXPECT_THAT(world.round(), ElementsAre("ask arm A 30000"));
  EXPECT_FALSE(world.dead_man.armed(world.now)) << "the venue has not said so yet";
  world.now = at(40);
  world.reply("");
  EXPECT_TRUE(world.dead_man.armed(world.now));
  EXPECT_EQ(world.dead_man.next_wakeup(), at(10'000));
  EXPECT_THAT(world.round_at(9'999), IsEmpty());
  EXPECT_THAT(world.round_at(10'000), ElementsAre("ask arm A 30000"));
  EXPECT_THAT(world.told(), IsEmpty());
}

TEST(DeadMan, the_countdown_is_counted_from_when_the_request_left) {
  Countdowns world;
  world.follow("A");
  (void)world.round();
  world.now = at(5'000);
  world.reply("");
  EXPECT_TRUE(world.dead_man.armed(at(29'999)));
  EXPECT_FALSE(world.dead_man.armed(at(30'000))) << "the venue may have had the request at once";
}

TEST(DeadMan, a_failure_is_told_once_and_tried_again_until_it_works) {
  Countdowns world;
  world.follow("A");
  (void)world.round();
  world.outcome(Kind::unknown, "cut");
  EXPECT_THAT(world.told(), ElementsAre(testing::HasSubstr("A: not armed")));
  EXPECT_FALSE(world.dead_man.armed(world.now));
  EXPECT_THAT(world.round_at(2'400), IsEmpty());
  EXPECT_THAT(world.round_at(2'500), ElementsAre("ask arm A 30000"));
  world.outcome(Kind::unknown, "cut");
  EXPECT_THAT(world.told(), IsEmpty()) << "it is known already";
  EXPECT_THAT(world.round_at(5'000), ElementsAre("ask arm A 30000"));
  world.reply("");
  EXPECT_TRUE(world.dead_man.armed(world.now));
  (void)world.round_at(15'000);
  world.outcome(Kind::unknown, "cut");
  EXPECT_THAT(world.told(), testing::SizeIs(1)) << "a new failure";
  EXPECT_TRUE(world.dead_man.armed(world.now)) << "the old countdown still runs";
}

TEST(DeadMan, a_countdown_that_ran_out_is_told_and_ends_the_readiness) {
  Countdowns world;
  world.follow("A");
  (void)world.round();
  world.reply("");
  (void)world.round_at(10'000);
  world.now = at(29'000);
  EXPECT_EQ(world.dead_man.next_wakeup(), at(30'000)) << "although an answer is awaited";
  EXPECT_THAT(world.told(), IsEmpty());
  (void)world.round_at(30'000);
  EXPECT_THAT(world.told(), testing::Contains(testing::HasSubstr("the venue cancels the orders")));
  EXPECT_FALSE(world.dead_man.armed(world.now));
  EXPECT_TRUE(world.dead_man.was_armed());
}

TEST(DeadMan, a_flood_of_orders_does_not_hold_it_up) {
  Countdowns world;
  for (int i = 0; i < 10; ++i) world.desk.submit(venue::NewOrder{}, Lane::order, 10s, [](const Reply&) {});
  world.follow("A");
  EXPECT_EQ(world.round().at(0), "ask arm A 30000");
}

TEST(DeadMan, a_symbol_followed_no_more_is_disarmed_once_nothing_is_open_in_it) {
  Countdowns world;
  world.follow("A");
  (void)world.round();
  world.reply("");
  world.open = {"A"};
  world.dead_man.drop(Symbol("A"), world.now);
  EXPECT_THAT(world.round_at(100), ElementsAre("ask arm A 30000")) << "its orders are still ours to protect";
  world.reply("");
  world.open.clear();
  EXPECT_THAT(world.round_at(10'100), ElementsAre("ask arm A 0"));
  world.reply("");
  EXPECT_THAT(world.round_at(60'000), IsEmpty());
  EXPECT_EQ(world.dead_man.next_wakeup(), kNever);
  EXPECT_THAT(world.told(), IsEmpty());
}

TEST(DeadMan, disarming_follows_the_request_that_is_under_way) {
  Countdowns world;
  world.follow("A");
  world.follow("B");
  EXPECT_THAT(world.round(), ElementsAre("ask arm A 30000", "ask arm B 30000"));
  world.reply("");
  world.dead_man.disarm(world.now);
  EXPECT_THAT(world.round(), ElementsAre("ask arm A 0")) << "an overtaken request would arm B behind its disarming";
  EXPECT_FALSE(world.dead_man.disarmed());
  world.reply("");  // B is armed
  EXPECT_THAT(world.round(), ElementsAre("ask arm B 0"));
  world.reply("");  // A is disarmed
  EXPECT_FALSE(world.dead_man.disarmed());
  world.outcome(Kind::unknown, "cut");  // one attempt each
  EXPECT_TRUE(world.dead_man.disarmed());
  EXPECT_THAT(world.round_at(60'000), IsEmpty());
  EXPECT_EQ(world.dead_man.next_wakeup(), kNever);
}

TEST(DeadMan, a_restart_arms_anew_and_old_answers_count_for_nothing) {
  Countdowns world;
  world.follow("A");
  (void)world.round();
  world.dead_man.stop();
  world.reply("");
  EXPECT_FALSE(world.dead_man.armed(world.now));
  EXPECT_THAT(world.round_at(1'000), IsEmpty());
  world.dead_man.start(world.now);
  EXPECT_THAT(world.round(), ElementsAre("ask arm A 30000"));
  world.reply("");
  EXPECT_TRUE(world.dead_man.armed(world.now));
}

TEST(DeadMan, off_and_without_means_nothing_is_asked) {
  Countdowns off(Duration::zero());
  off.follow("A");
  EXPECT_THAT(off.round(), IsEmpty());
  EXPECT_FALSE(off.dead_man.on());
  EXPECT_FALSE(off.log.has("guard"));
  Countdowns none(30s, venue::DeadManKind::none);
  none.follow("A");
  EXPECT_THAT(none.round(), IsEmpty());
  EXPECT_FALSE(none.dead_man.on());
  EXPECT_TRUE(none.log.has("calypte guard")) << "who wanted a switch hears that there is none";
}

struct Connection : Countdowns {
  Connection()
      : Countdowns(30s, venue::DeadManKind::on_disconnect), stream(venue, desk, clock, core::Random(1), actions, log) {
    venue.takes_frames = true;
    desk.set_frame_route(&stream);
  }
  List up() {
    stream.start(now);
    stream.on_stream_up(now);
    connection = stream.session().connects();
    (void)drain(actions);
    return round();
  }
  void answer(std::string_view text) {
    const venue::PaddedBuffer frame("answer " + std::to_string(venue.frame_stamps.back().nonce) + std::string(text));
    stream.on_frame(frame.bytes(), now);
  }
  OrderEntryStream stream;
};

TEST(DeadMan, a_connection_is_armed_before_the_first_order_on_it) {
  Connection world;
  EXPECT_THAT(world.round(), IsEmpty()) << "there is no connection yet";
  world.desk.submit(venue::NewOrder{.client_order_id = ClientOrderId("X"), .symbol = {}, .amount = 1}, Lane::order, 10s,
                    [](const Reply&) {});
  EXPECT_THAT(world.up(), ElementsAre("#1 arm", "#2 new X"));
}

TEST(DeadMan, each_connection_is_armed_once_and_a_lost_one_is_not_armed) {
  Connection world;
  EXPECT_THAT(world.up(), ElementsAre("#1 arm"));
  EXPECT_FALSE(world.dead_man.armed(world.now));
  world.answer("");
  EXPECT_TRUE(world.dead_man.armed(world.now));
  EXPECT_THAT(world.round_at(3'600'000), IsEmpty()) << "it holds as long as the connection";
  world.connection = 0;
  (void)world.round();
  EXPECT_FALSE(world.dead_man.armed(world.now));
  world.connection = 2;
  EXPECT_THAT(world.round(), ElementsAre("#2 arm"));
  EXPECT_FALSE(world.dead_man.armed(world.now));
}

TEST(DeadMan, a_refused_connection_is_told_and_asked_again) {
  Connection world;
  (void)world.up();
  world.answer("\nerror rejected");
  EXPECT_THAT(world.told(), ElementsAre(testing::HasSubstr("the connection for orders is not armed")));
  EXPECT_THAT(world.round_at(999), IsEmpty());
  EXPECT_THAT(world.round_at(1'000), ElementsAre("#2 arm"));
  world.answer("");
  EXPECT_TRUE(world.dead_man.armed(world.now));
}

TEST(DeadMan, orders_that_leave_by_rest_are_told_of_once_until_a_connection_is_armed_again) {
  Connection world;
  const auto place = [&] {
    world.desk.submit(venue::NewOrder{}, Lane::order, 10s, [](const Reply&) {});
    return world.round();
  };
  EXPECT_THAT(place(), ElementsAre("ask new "));
  EXPECT_THAT(world.told(), ElementsAre(testing::HasSubstr("left by REST")));
  (void)place();
  EXPECT_THAT(world.told(), IsEmpty());
  (void)world.up();
  world.answer("");
  world.desk.set_frame_route(nullptr);
  world.now = at(130'000);
  (void)place();
  EXPECT_THAT(world.told(), ElementsAre(testing::HasSubstr("left by REST")));
}

Status check(venue::DeadManKind kind, Duration after, std::size_t symbols, bool frames = true, Decimal share = 1) {
  static constexpr std::array kLinks = {venue::LinkedLimit{"pool", 10}};
  static constexpr std::array kRows = {
      venue::RateLimit{.id = "pool", .limit = 2400, .interval = 60s, .linked = {}},
      venue::RateLimit{.id = "query", .limit = 100'000, .interval = 60s, .linked = kLinks}};
  ScriptedVenue venue;
  venue.table.limits = kRows;
  venue.table.dead_man = {.kind = kind, .shortest = 3s, .longest = 3600s};
  return DeadMan::check(venue, after, symbols, share, frames);
}

TEST(DeadMan, what_cannot_be_had_is_denied_with_what_would_do) {
  using enum venue::DeadManKind;
  EXPECT_TRUE(check(countdown, 0s, 1).ok());
  EXPECT_TRUE(check(countdown, 3s, 1).ok());
  EXPECT_EQ(check(countdown, 2999ms, 1).code(), StatusCode::denied);
  EXPECT_NE(check(countdown, 2999ms, 1).message().find("3 s and 3600 s"), std::string::npos);
  EXPECT_EQ(check(countdown, 3601s, 1).code(), StatusCode::denied);
  EXPECT_EQ(check(countdown, -1s, 1).code(), StatusCode::denied);
  EXPECT_EQ(check(none, -1s, 1).code(), StatusCode::denied);
  EXPECT_TRUE(check(none, 5s, 1).ok()) << "then it is a matter of the guard";
  EXPECT_TRUE(check(on_disconnect, 5s, 1).ok());
  EXPECT_EQ(check(on_disconnect, 5s, 1, false).code(), StatusCode::denied);
}

TEST(DeadMan, arming_takes_half_of_a_limit_at_most) {
  using enum venue::DeadManKind;
  // 20 symbols, 10 units each, three times in 30 s: 1,200 a minute.
  EXPECT_TRUE(check(countdown, 30s, 20).ok());
  const Status more = check(countdown, 30s, 21);
  EXPECT_EQ(more.code(), StatusCode::denied);
  EXPECT_NE(more.message().find("31.5 s"), std::string::npos) << more.message();
  EXPECT_TRUE(check(countdown, 31'500ms, 21).ok());
  EXPECT_EQ(check(countdown, 30s, 20, true, Decimal::from_parts(5, 1)).code(), StatusCode::denied);
}

}  // namespace
}  // namespace calypte::engine
