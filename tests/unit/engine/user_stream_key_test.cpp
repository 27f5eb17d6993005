// A private stream that is opened with a key (`UserStreamStyle::listen_key`).
#include <gtest/gtest.h>

#include "engine/user_stream_tracker_data_source.hpp"
#include "scripted_venue.hpp"

namespace calypte::engine {
namespace {

using namespace stream_test;
using Kind = venue::RequestOutcome::Kind;
using State = Session::State;

/// The venue pushes everything that happens to the account without being asked, as soon as one is connected.
class PushingVenue : public venue::Venue {
 public:
  explicit PushingVenue(ScriptedVenue& inner) : inner_(inner) {}
  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override { return inner_.spec(); }
  [[nodiscard]] std::string_view limit_id(const venue::Request& request) const noexcept override {
    return inner_.limit_id(request);
  }
  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp& stamp) override {
    return inner_.encode(request, stamp);
  }
  Status decode_reply(const venue::Request& asked, const venue::WireReply& reply, venue::Records& out) override {
    return inner_.decode_reply(asked, reply, out);
  }
  void subscribe(std::span<const venue::Subscription>, bool, std::uint64_t, venue::Frames&) override {}
  Status decode_frame(venue::StreamKind stream, venue::Bytes frame, venue::Records& out) override {
    return inner_.decode_frame(stream, frame, out);
  }

 private:
  ScriptedVenue& inner_;
};

struct KeyWorld : DeskWorld {
  KeyWorld()
      : pushing((venue.table.streams.user_stream = venue::UserStreamStyle::listen_key, venue)),
        source(pushing, desk, clock, core::Random(1), actions, log) {
    venue.table.streams.idle_limit = 24h;
    venue.table.streams.ping_every = 0s;
  }

  void frame(std::string_view text) {
    const venue::PaddedBuffer buffer(text);
    source.on_frame(buffer.bytes(), now);
  }
  List pass(Duration duration) {
    now += duration;
    source.on_time(now);
    return done();
  }
  void go_up() {
    source.start(now);
    ASSERT_EQ(done(), (List{"ask open-key"}));
    reply("key K1 /K1");
    ASSERT_EQ(done(), (List{"open user /K1"}));
    source.on_stream_up(now);
    ASSERT_TRUE(source.subscribed());
  }
  [[nodiscard]] State state() const { return source.session().state(); }
  [[nodiscard]] List errors() {
    List lines;
    for (const auto& event : std::exchange(source.events(), {})) {
      const auto& error = std::get<ConnectorErrorEvent>(event);
      lines.push_back(error.channel + " " + std::string(to_string(error.status.code())));
    }
    return lines;
  }

  PushingVenue pushing;
  UserStreamTrackerDataSource source;
};

TEST(UserStreamKey, a_key_is_asked_for_before_the_stream_is_opened) {
  KeyWorld w;
  w.source.start(w.now);
  EXPECT_EQ(w.state(), State::stopped);
  EXPECT_EQ(w.done(), (List{"ask open-key"}));
  EXPECT_EQ(w.pass(9s), List{}) << "one request, however long it takes";
  w.reply("key K1 /ws/K1");
  EXPECT_EQ(w.done(), (List{"open user /ws/K1"}));
  EXPECT_FALSE(w.source.subscribed());
  w.source.on_stream_up(w.now);
  EXPECT_EQ(w.done(), List{}) << "no log-in, and nothing to subscribe to";
  EXPECT_TRUE(w.source.subscribed());
  EXPECT_EQ(w.errors(), List{});
}

TEST(UserStreamKey, a_key_that_is_not_given_is_told_and_asked_for_again_ever_more_slowly) {
  KeyWorld w;
  w.source.start(w.now);
  (void)w.done();
  w.reply("error unavailable");
  EXPECT_EQ(w.errors(), (List{"user: key unavailable"}));
  EXPECT_EQ(w.pass(249ms), List{});
  EXPECT_EQ(w.pass(251ms), (List{"ask open-key"}));
  w.outcome(Kind::unknown, "cut");
  EXPECT_EQ(w.errors(), (List{"user: key outcome unknown"}));
  EXPECT_EQ(w.pass(499ms), List{});
  EXPECT_EQ(w.pass(501ms), (List{"ask open-key"}));
  w.reply("");
  EXPECT_EQ(w.errors(), (List{"user: key malformed"})) << "an answer without a key";
  EXPECT_EQ(w.pass(999ms), List{});
  EXPECT_EQ(w.pass(1001ms), (List{"ask open-key"}));
  w.reply("key K1 /K1");
  EXPECT_EQ(w.done(), (List{"open user /K1"}));
}

TEST(UserStreamKey, a_key_is_renewed_in_time_and_the_stream_stays) {
  KeyWorld w;
  w.go_up();
  EXPECT_EQ(w.source.next_wakeup(), w.now + 30min);
  EXPECT_EQ(w.pass(30min - 1ns), List{});
  EXPECT_EQ(w.pass(1ns), (List{"ask renew-key K1"}));
  EXPECT_EQ(w.pass(9s), List{}) << "one request at a time";
  w.reply("");
  EXPECT_EQ(w.source.next_wakeup(), w.now + 30min);
  EXPECT_EQ(w.pass(30min), (List{"ask renew-key K1"}));
  w.reply("key K1 /K1");
  EXPECT_EQ(w.done(), List{});
  EXPECT_TRUE(w.source.subscribed());
}

TEST(UserStreamKey, a_renewal_that_is_refused_for_certain_brings_a_new_key_and_a_new_connection_at_once) {
  for (const std::string_view refusal :
       {"error rejected", "error unauthenticated", "error order_not_found", "key K9 /K9"}) {
    KeyWorld w;
    w.go_up();
    ASSERT_EQ(w.pass(30min), (List{"ask renew-key K1"}));
    w.reply(refusal);
    EXPECT_FALSE(w.source.subscribed()) << refusal;
    EXPECT_EQ(w.done(), (List{"close user", "ask open-key"})) << refusal;
    w.reply("key K2 /K2");
    EXPECT_EQ(w.done(), (List{"open user /K2"})) << refusal;
    w.source.on_stream_up(w.now);
    EXPECT_TRUE(w.source.subscribed()) << refusal;
    EXPECT_EQ(w.pass(30min), (List{"ask renew-key K2"})) << refusal;
  }
}

TEST(UserStreamKey, a_renewal_whose_outcome_is_unknown_is_tried_again_soon_while_the_stream_stays) {
  for (const auto& [kind, text] : std::vector<std::pair<Kind, std::string_view>>{{Kind::unknown, "cut"},
                                                                                 {Kind::not_sent, "no route"},
                                                                                 {Kind::replied, "error unavailable"},
                                                                                 {Kind::replied, "<html>"}}) {
    KeyWorld w;
    w.go_up();
    ASSERT_EQ(w.pass(30min), (List{"ask renew-key K1"}));
    w.outcome(kind, text);
    EXPECT_EQ(w.errors().size(), 1U) << text;
    EXPECT_TRUE(w.source.subscribed()) << text;
    EXPECT_EQ(w.pass(4999ms), List{}) << text;
    EXPECT_EQ(w.pass(1ms), (List{"ask renew-key K1"})) << text;
    w.reply("");
    EXPECT_EQ(w.source.next_wakeup(), w.now + 30min) << text;
  }
}

TEST(UserStreamKey, a_key_that_cannot_be_renewed_for_too_long_is_given_up) {
  KeyWorld w;
  w.go_up();
  w.now += 30min;
  List last;
  int attempts = 0;
  for (; w.source.subscribed() && attempts < 1000; ++attempts) {
    w.source.on_time(w.now);
    ASSERT_EQ(w.done(), (List{"ask renew-key K1"}));
    w.outcome(Kind::unknown, "cut");
    if (w.source.subscribed()) w.now = w.source.next_wakeup();
  }
  EXPECT_EQ(attempts, 361) << "every five seconds for half an hour";
  EXPECT_EQ(w.done(), (List{"close user", "ask open-key"}));
}

TEST(UserStreamKey, an_expired_key_is_replaced_at_once_but_not_again_and_again) {
  KeyWorld w;
  w.go_up();
  w.frame("expired");
  EXPECT_FALSE(w.source.subscribed());
  EXPECT_EQ(w.done(), (List{"close user", "ask open-key"}));
  w.reply("key K2 /K2");
  EXPECT_EQ(w.done(), (List{"open user /K2"}));
  w.source.on_stream_up(w.now);
  w.frame("expired");
  EXPECT_EQ(w.done(), (List{"close user"})) << "a venue that says so each time is not hammered";
  EXPECT_EQ(w.pass(1s), (List{"ask open-key"}));
  w.reply("key K3 /K3");
  (void)w.done();
  w.source.on_stream_up(w.now);
  w.now += 2min;
  w.frame("expired");
  EXPECT_EQ(w.done(), (List{"close user", "ask open-key"})) << "it had lived";
}

TEST(UserStreamKey, a_cut_stream_comes_back_with_its_key_and_a_failed_connect_with_another) {
  KeyWorld w;
  w.go_up();
  w.source.on_stream_down("cut", w.now);
  EXPECT_FALSE(w.source.subscribed());
  EXPECT_EQ(w.pass(500ms), (List{"open user /K1"}));
  w.source.on_stream_down("refused with HTTP 404", w.now);
  EXPECT_EQ(w.done(), (List{"ask open-key"})) << "whether the key or the network was the reason, nobody knows";
  w.reply("key K2 /K2");
  EXPECT_EQ(w.done(), (List{"open user /K2"}));
  EXPECT_EQ(w.pass(10s), (List{"close user"})) << "no connection within the limit";
  EXPECT_EQ(w.pass(1s), (List{"ask open-key"})) << "from now on it pauses";
}

TEST(UserStreamKey, while_a_renewal_is_under_way_no_new_key_is_asked_for) {
  KeyWorld w;
  w.go_up();
  ASSERT_EQ(w.pass(30min), (List{"ask renew-key K1"}));
  w.frame("expired");
  EXPECT_EQ(w.done(), (List{"close user"}));
  EXPECT_EQ(w.pass(5s), List{});
  w.reply("error rejected");
  EXPECT_EQ(w.done(), (List{"ask open-key"}));
  EXPECT_EQ(w.errors(), List{}) << "the answer was about a key that is gone";
}

TEST(UserStreamKey, a_stop_forgets_the_key_and_late_answers_change_nothing) {
  KeyWorld asking;
  asking.source.start(asking.now);
  (void)asking.done();
  asking.source.stop(asking.now);
  EXPECT_EQ(asking.source.next_wakeup(), kNever);
  asking.reply("key K1 /K1");
  EXPECT_EQ(asking.done(), List{});
  EXPECT_EQ(asking.state(), State::stopped);
  EXPECT_EQ(asking.pass(1h), List{});

  KeyWorld up;
  up.go_up();
  up.source.stop(up.now);
  EXPECT_EQ(up.done(), (List{"close user"}));
  EXPECT_EQ(up.pass(1h), List{});
  up.source.start(up.now);
  EXPECT_EQ(up.done(), (List{"ask open-key"})) << "the old key is worth nothing";
  up.source.stop(up.now);
  up.source.start(up.now);
  EXPECT_EQ(up.done(), List{}) << "the old request is still under way";
  up.reply("key K2 /K2");
  EXPECT_EQ(up.done(), (List{"ask open-key"}));
  up.reply("key K3 /K3");
  EXPECT_EQ(up.done(), (List{"open user /K3"}));
}

TEST(UserStreamKey, without_keys_an_expired_session_logs_in_again) {
  DeskWorld w;
  UserStreamTrackerDataSource source(w.venue, w.desk, w.clock, core::Random(1), w.actions, w.log);
  source.start(w.now);
  source.on_stream_up(w.now);
  const venue::PaddedBuffer login("login 1 ok");
  source.on_frame(login.bytes(), w.now);
  ASSERT_TRUE(source.session().is_up());
  (void)w.done();
  const venue::PaddedBuffer expired("expired");
  source.on_frame(expired.bytes(), w.now);
  EXPECT_EQ(source.session().state(), State::waiting);
  EXPECT_EQ(w.done(), (List{"close user"}));
  w.now += 500ms;
  source.on_time(w.now);
  EXPECT_EQ(w.done(), (List{"open user"}));
}

}  // namespace
}  // namespace calypte::engine
