// Orders and cancels that leave as frames: the stream and the desk together.
#include "engine/order_entry_stream.hpp"

#include <gtest/gtest.h>

#include "scripted_venue.hpp"

namespace calypte::engine {
namespace {

using namespace stream_test;
using Kind = venue::RequestOutcome::Kind;

struct OrderWorld : DeskWorld {
  explicit OrderWorld(bool login = false, std::vector<venue::RateLimit> rows = {})
      : DeskWorld(std::move(rows), {.safety_margin = 0, .cancel_reserve = 0}),
        stream((venue.table.streams.order_stream_login = login, venue), desk, clock, core::Random(1), actions, log) {
    venue.takes_frames = true;
    desk.set_frame_route(&stream);
  }

  RequestDesk::Ticket submit(venue::Request request, Lane lane = Lane::order, Duration limit = 10s) {
    const std::string name = ScriptedVenue::describe(request);
    return desk.submit(std::move(request), lane, limit, [this, name](const Reply& reply) {
      told.push_back(name + ": " + std::string(to_string(reply.status.code())));
      last_status = reply.status;
      last_sent = reply.sent;
      last_records = reply.records.items().size();
    });
  }
  RequestDesk::Ticket order(std::string_view id) {
    return submit(venue::NewOrder{.client_order_id = ClientOrderId(id), .symbol = {}, .amount = 1});
  }
  RequestDesk::Ticket cancel(std::string_view id) {
    return submit(venue::CancelOrder{{.client_order_id = ClientOrderId(id), .symbol = {}}}, Lane::cancel);
  }
  void frame(std::string_view text) {
    const venue::PaddedBuffer buffer(text);
    stream.on_frame(buffer.bytes(), now);
  }
  void up() {
    stream.start(now);
    stream.on_stream_up(now);
    ASSERT_TRUE(stream.session().is_up());
    (void)done();
  }
  List heard() { return std::exchange(told, {}); }
  /// The ids of the frames that left last.
  [[nodiscard]] std::string answer_to(std::size_t nth, std::string_view text = {}) const {
    return "answer " + std::to_string(venue.frame_stamps.at(nth).nonce) + (text.empty() ? "" : "\n") +
           std::string(text);
  }

  OrderEntryStream stream;
  List told;
  Status last_status;
  Time last_sent;
  std::size_t last_records = 0;
};

TEST(OrderEntryStream, orders_and_cancels_leave_as_frames_while_it_is_up_and_queries_never_do) {
  OrderWorld w;
  w.order("A");
  EXPECT_EQ(w.done(), (List{"ask new A"})) << "by REST before it is up";
  w.up();
  w.order("B");
  w.cancel("C");
  w.submit(venue::QueryBalances{}, Lane::query);
  EXPECT_EQ(w.done(), (List{"#2 cancel C", "#3 new B", "ask balances"}));
  w.frame(w.answer_to(1, "order B E1 open 0"));
  EXPECT_EQ(w.heard(), (List{"new B: ok"}));
  EXPECT_EQ(w.last_records, 1U);
  EXPECT_TRUE(w.stream.records().empty()) << "it was for whoever asked";
  w.frame(w.answer_to(0, "error order_not_found"));
  EXPECT_EQ(w.heard(), (List{"cancel C: order not found"}));
  w.stream.on_stream_down("cut", w.now);
  w.order("D");
  EXPECT_EQ(w.done(), (List{"ask new D"}));
}

TEST(OrderEntryStream, it_logs_in_first_where_the_venue_wants_that) {
  OrderWorld w(true);
  w.stream.start(w.now);
  EXPECT_EQ(w.done(), (List{"open orders"}));
  w.stream.on_stream_up(w.now);
  EXPECT_EQ(w.done(), (List{"login 1 signed"}));
  w.order("A");
  EXPECT_EQ(w.done(), (List{"ask new A"})) << "not logged in yet";
  w.frame("login 1 refused");
  ASSERT_EQ(w.stream.events().size(), 1U);
  EXPECT_EQ(std::get<ConnectorErrorEvent>(w.stream.events()[0]).channel, "orders: login");
  EXPECT_EQ(w.done(), (List{"close orders"}));
  w.now += 500ms;
  w.stream.on_time(w.now);
  w.stream.on_stream_up(w.now);
  (void)w.done();
  w.frame("login 1 ok");
  w.order("B");
  const auto sent = w.done();
  EXPECT_EQ(sent.back(), "#" + std::to_string(w.venue.frame_stamps.back().nonce) + " new B");
}

TEST(OrderEntryStream, a_stream_that_goes_down_leaves_what_it_carried_unknown_and_nothing_is_sent_again) {
  for (const std::string_view how : {"down", "stop", "silence", "expired"}) {
    OrderWorld w;
    w.up();
    w.order("A");
    w.submit(venue::QueryBalances{}, Lane::query);
    ASSERT_EQ(w.done(), (List{"#1 new A", "ask balances"}));
    if (how == "down") w.stream.on_stream_down("cut", w.now);
    if (how == "stop") w.stream.stop(w.now);
    if (how == "expired") w.frame("expired");
    if (how == "silence") {
      w.now += 9s;
      w.venue.table.streams.idle_limit = 9s;
      w.stream.on_time(w.now);
    }
    EXPECT_EQ(w.heard(), (List{"new A: outcome unknown"})) << how;
    w.stream.start(w.now);
    w.now += 1s;
    w.stream.on_time(w.now);
    w.stream.on_stream_up(w.now);
    for (const auto& line : w.done()) EXPECT_EQ(line.find("new A"), std::string::npos) << how << ": " << line;
    w.frame(w.answer_to(0, "order A E1 open 0"));
    EXPECT_EQ(w.heard(), List{}) << how << ": too late for whoever asked";
    ASSERT_EQ(w.stream.records().items().size(), 1U) << how << ": but what it says is so";
    w.reply("");
    EXPECT_EQ(w.heard(), (List{"balances: ok"})) << how << ": REST does not care";
  }
}

TEST(OrderEntryStream, a_frame_that_the_driver_could_not_hand_over_was_not_sent) {
  OrderWorld w;
  w.up();
  const auto ticket = w.order("A");
  ASSERT_EQ(w.done(), (List{"#1 new A"}));
  w.outcome_of(ticket, Kind::not_sent, "the stream is not open");
  EXPECT_EQ(w.heard(), (List{"new A: not sent"}));
  w.frame(w.answer_to(0));
  EXPECT_EQ(w.heard(), List{});
}

TEST(OrderEntryStream, the_action_names_the_request) {
  OrderWorld w;
  w.up();
  const auto ticket = w.order("A");
  w.desk.on_time(w.now);
  ASSERT_EQ(w.actions.size(), 1U);
  const auto& sent = std::get<SendFrame>(w.actions[0]);
  EXPECT_EQ(sent.request, ticket);
  EXPECT_EQ(sent.name, "private: new order");
  EXPECT_EQ(sent.stream, (venue::StreamId{venue::StreamKind::orders, 0}));
}

TEST(OrderEntryStream, an_answer_that_does_not_come_is_given_up_after_the_limit) {
  OrderWorld w;
  w.up();
  w.submit(venue::NewOrder{.client_order_id = ClientOrderId("A"), .symbol = {}, .amount = 1}, Lane::order, 3s);
  (void)w.done();
  EXPECT_EQ(w.desk.next_wakeup(w.now), w.now + 3s);
  w.now += 3s - 1ns;
  (void)w.done();
  EXPECT_EQ(w.heard(), List{});
  w.now += 1ns;
  EXPECT_EQ(w.done(), List{});
  EXPECT_EQ(w.heard(), (List{"new A: outcome unknown"}));
  EXPECT_TRUE(w.stream.session().is_up());
  w.frame(w.answer_to(0, "order A E1 open 0"));
  EXPECT_EQ(w.heard(), List{});
  EXPECT_EQ(w.stream.records().items().size(), 1U);
}

TEST(OrderEntryStream, each_answer_finds_its_own_request) {
  OrderWorld w;
  w.up();
  w.order("A");
  w.order("B");
  (void)w.done();
  w.frame(w.answer_to(1, "error rejected"));
  EXPECT_EQ(w.heard(), (List{"new B: rejected"}));
  w.frame(w.answer_to(1, "error rejected"));
  EXPECT_EQ(w.heard(), List{}) << "an answer counts once";
  w.frame("answer 999\norder X E9 open 0");
  EXPECT_EQ(w.heard(), List{});
  w.now += 5ms;
  w.frame(w.answer_to(0, "order A E1 open 0"));
  EXPECT_EQ(w.heard(), (List{"new A: ok"}));
  EXPECT_EQ(w.last_sent, at(0));
}

TEST(OrderEntryStream, unreadable_frames_are_told_and_an_unreadable_answer_is_no_verdict) {
  OrderWorld w;
  w.up();
  w.order("A");
  (void)w.done();
  w.frame("gibberish");
  EXPECT_EQ(w.stream.counters().unreadable, 1U);
  ASSERT_EQ(w.stream.events().size(), 1U);
  EXPECT_EQ(std::get<ConnectorErrorEvent>(w.stream.events()[0]).channel, "orders: gibberish");
  EXPECT_EQ(w.heard(), List{});
  w.frame(w.answer_to(0, "gibberish"));
  EXPECT_EQ(w.heard(), (List{"new A: malformed"}));
  EXPECT_FALSE(w.last_status.certainly_without_effect());
}

TEST(OrderEntryStream, heartbeats_and_notices_are_dealt_with) {
  OrderWorld w;
  w.up();
  w.frame("beat 7");
  EXPECT_EQ(w.done(), (List{"answer 7"}));
  w.frame("notice words");
  ASSERT_EQ(w.stream.events().size(), 1U);
  EXPECT_EQ(std::get<ConnectorErrorEvent>(w.stream.events()[0]).channel, "orders: error");
  w.frame("time " + std::to_string(to_unix_ms(w.now + 2s)));
  EXPECT_EQ(w.clock.offset(), 2s);
}

TEST(OrderEntryStream, a_refused_time_stamp_is_corrected_and_sent_once_more_by_whatever_way_there_is) {
  OrderWorld w;
  w.up();
  w.order("A");
  (void)w.done();
  w.frame(w.answer_to(0, "error clock_skew"));
  EXPECT_EQ(w.heard(), List{});
  EXPECT_EQ(w.done(), (List{"#2 new A"}));
  w.frame(w.answer_to(0, "order A E1 open 0"));
  EXPECT_EQ(w.heard(), List{}) << "nothing of the first attempt counts";
  w.frame(w.answer_to(1, "error clock_skew"));
  EXPECT_EQ(w.heard(), (List{"new A: clock skew"}));
  EXPECT_EQ(w.done(), List{});
}

TEST(OrderEntryStream, too_many_requests_block_the_limit_for_both_ways) {
  OrderWorld w(false, {{.id = "order", .limit = 100, .interval = 1s, .linked = {}}});
  w.up();
  w.order("A");
  (void)w.done();
  w.frame(w.answer_to(0, "error rate_limited " + std::to_string(to_unix_ms(at(5000)))));
  EXPECT_EQ(w.heard(), (List{"new A: rate limited"}));
  w.order("B");
  EXPECT_EQ(w.done(), List{});
  w.stream.on_stream_down("cut", w.now);
  w.now = at(5000);
  EXPECT_EQ(w.done(), (List{"ask new B"}));
}

TEST(OrderEntryStream, frames_beyond_the_pace_of_the_stream_go_by_rest_and_none_waits) {
  OrderWorld w;
  w.venue.table.streams.max_frames_per_second = 2;
  w.up();
  for (const auto id : {"A", "B", "C"}) w.order(id);
  EXPECT_EQ(w.done(), (List{"#1 new A", "#2 new B", "ask new C"}));
  w.now += 1s;
  w.order("D");
  const auto sent = w.done();
  EXPECT_EQ(sent, (List{"#" + std::to_string(w.venue.frame_stamps.back().nonce) + " new D"}));
}

TEST(OrderEntryStream, what_the_venue_takes_by_rest_only_goes_there) {
  OrderWorld w;
  w.venue.unsupported = {"#cancel"};
  w.up();
  w.order("A");
  w.cancel("B");
  EXPECT_EQ(w.done(), (List{"ask cancel B", "#3 new A"}));
  w.desk.set_frame_route(nullptr);
  w.order("C");
  EXPECT_EQ(w.done(), (List{"ask new C"}));
}

TEST(OrderEntryStream, what_the_venue_says_of_used_limits_counts_in_answers_and_alone) {
  OrderWorld w(false, {{.id = "order", .limit = 10, .interval = 1s, .linked = {}}});
  w.up();
  w.order("A");
  (void)w.done();
  EXPECT_EQ(w.desk.throttle().used("order", w.now), 1U);
  w.frame(w.answer_to(0, "used order 7"));
  EXPECT_EQ(w.desk.throttle().used("order", w.now), 7U);
  w.frame("used order 9");
  EXPECT_EQ(w.desk.throttle().used("order", w.now), 9U);
  w.frame("used order 3\nused nobody 5");
  EXPECT_EQ(w.desk.throttle().used("order", w.now), 9U);
}

}  // namespace
}  // namespace calypte::engine
