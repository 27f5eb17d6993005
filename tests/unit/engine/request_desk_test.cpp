#include "engine/request_desk.hpp"

#include <gtest/gtest.h>

#include "scripted_venue.hpp"

namespace calypte::engine {
namespace {

using namespace stream_test;
using Kind = venue::RequestOutcome::Kind;

venue::NewOrder new_order(std::string_view id) {
  return {.client_order_id = ClientOrderId(id), .symbol = {}, .amount = 1};
}
venue::CancelOrder cancel(std::string_view id) { return {{.client_order_id = ClientOrderId(id), .symbol = {}}}; }

constexpr venue::LinkedLimit kPoolLink[] = {{.id = "pool"}};
/// Orders and cancels share a pool, queries have a limit of their own: one a second.
std::vector<venue::RateLimit> tight() {
  return {{.id = "pool", .limit = 1, .interval = 1s, .linked = {}},
          {.id = "order", .limit = 1, .interval = 1s, .linked = kPoolLink},
          {.id = "cancel", .limit = 1, .interval = 1s, .linked = kPoolLink},
          {.id = "query", .limit = 1, .interval = 1s, .linked = {}}};
}
const Throttle::Options kExact{.safety_margin = 0, .cancel_reserve = 0};

struct RequestWorld : DeskWorld {
  explicit RequestWorld(std::vector<venue::RateLimit> rows = {}, Throttle::Options options = kExact)
      : DeskWorld(std::move(rows), options) {}

  RequestDesk::Ticket submit(venue::Request request, Lane lane = Lane::order, Duration limit = 10s) {
    const std::string name = ScriptedVenue::describe(request);
    return desk.submit(std::move(request), lane, limit, [this, name](const Reply& reply) {
      EXPECT_EQ(ScriptedVenue::describe(reply.asked), name);
      told.push_back(name + ": " + std::string(to_string(reply.status.code())));
      last_status = reply.status;
      last_sent = reply.sent;
      last_received = reply.received;
      last_records = reply.records.items().size();
    });
  }
  /// What was reported since the last look.
  List heard() { return std::exchange(told, {}); }

  List told;
  Status last_status;
  Time last_sent;
  Time last_received;
  std::size_t last_records = 0;
};

TEST(RequestDesk, nothing_leaves_without_a_token) {
  RequestWorld w(tight());
  w.submit(new_order("A"));
  w.submit(new_order("B"));
  EXPECT_TRUE(w.actions.empty()) << "not inside submit";
  EXPECT_TRUE(w.venue.asked.empty());
  EXPECT_EQ(w.done(), (List{"ask new A"}));
  EXPECT_EQ(w.desk.next_wakeup(w.now), w.now + 1s + 1ns);
  w.now += 1s;
  EXPECT_EQ(w.done(), List{});
  EXPECT_EQ(w.venue.asked.size(), 1U) << "what waits is not encoded yet";
  w.now += 1ns;
  EXPECT_EQ(w.done(), (List{"ask new B"}));
  EXPECT_EQ(w.desk.in_flight(), 2U);
}

TEST(RequestDesk, a_request_is_stamped_when_it_leaves) {
  RequestWorld w(tight());
  w.submit(new_order("A"));
  w.submit(new_order("B"));
  (void)w.done();
  w.clock.add_sample(w.now + 5s, w.now, w.now);  // the venue's clock is found to be 5 s ahead while B waits
  w.now += 2s;
  (void)w.done();
  ASSERT_EQ(w.venue.stamps.size(), 2U);
  EXPECT_EQ(w.venue.stamps[0].time, at(0));
  EXPECT_EQ(w.venue.stamps[1].time, at(7000));
  EXPECT_LT(w.venue.stamps[0].nonce, w.venue.stamps[1].nonce);
  EXPECT_EQ(w.venue.stamps[1].credentials, &w.credentials);
  EXPECT_LT(w.venue.stamps[1].nonce, w.desk.next_nonce());
}

TEST(RequestDesk, without_keys_nothing_is_stamped_with_keys) {
  RequestWorld w;
  w.credentials = Credentials{};
  w.submit(venue::QueryDepth{Symbol("A")});
  (void)w.done();
  ASSERT_EQ(w.venue.stamps.size(), 1U);
  EXPECT_EQ(w.venue.stamps[0].credentials, nullptr);
}

TEST(RequestDesk, a_reply_is_judged_by_the_venue_and_its_records_are_handed_on) {
  RequestWorld w;
  w.submit(venue::QueryBalances{});
  (void)w.done();
  w.now += 30ms;
  w.reply("balance BTC 5 4\nbalances-complete");
  EXPECT_EQ(w.heard(), (List{"balances: ok"}));
  EXPECT_EQ(w.last_records, 2U);
  EXPECT_EQ(w.last_sent, at(0));
  EXPECT_EQ(w.last_received, at(30));
  EXPECT_TRUE(w.desk.reachable());
  EXPECT_EQ(w.desk.in_flight(), 0U);
}

TEST(RequestDesk, each_kind_of_outcome_has_its_status) {
  struct Case {
    Kind kind;
    std::string_view text;
    StatusCode code;
    bool reachable;
  };
  for (const Case& c : {Case{Kind::not_sent, "no route", StatusCode::not_sent, false},
                        Case{Kind::unknown, "cut", StatusCode::outcome_unknown, false},
                        Case{Kind::replied, "error rejected", StatusCode::rejected, true},
                        Case{Kind::replied, "error order_not_found", StatusCode::order_not_found, true},
                        Case{Kind::replied, "error rate_limited", StatusCode::rate_limited, true},
                        Case{Kind::replied, "error unauthenticated", StatusCode::unauthenticated, true},
                        Case{Kind::replied, "error unavailable", StatusCode::unavailable, false},
                        Case{Kind::replied, "error outcome_unknown", StatusCode::outcome_unknown, false},
                        Case{Kind::replied, "<html>", StatusCode::malformed, false}}) {
    RequestWorld w;
    w.submit(venue::QueryBalances{});
    (void)w.done();
    w.reply("");
    ASSERT_EQ(w.heard(), (List{"balances: ok"}));
    w.submit(new_order("A"));
    (void)w.done();
    w.outcome(c.kind, c.text);
    EXPECT_EQ(w.last_status.code(), c.code) << c.text;
    EXPECT_EQ(w.told.size(), 1U) << c.text;
    EXPECT_EQ(w.desk.reachable(), c.reachable) << c.text;
    EXPECT_TRUE(w.desk.ever_answered());
    EXPECT_EQ(w.done(), List{}) << c.text << ": nothing is sent twice";
  }
}

TEST(RequestDesk, what_was_not_sent_says_why) {
  RequestWorld w;
  EXPECT_FALSE(w.desk.ever_answered());
  w.submit(new_order("A"));
  (void)w.done();
  w.outcome(Kind::not_sent, "no route");
  EXPECT_EQ(w.last_status.reason(), FailureReason::connection);
  EXPECT_EQ(w.last_status.message(), "no route");
  EXPECT_TRUE(w.last_status.certainly_without_effect());
  EXPECT_FALSE(w.desk.ever_answered());
}

TEST(RequestDesk, too_many_requests_blocks_the_pool_until_the_venue_allows_more) {
  auto rows = tight();
  for (auto& row : rows) row.limit = 100;
  RequestWorld w(rows);
  w.submit(new_order("A"));
  (void)w.done();
  w.reply("error rate_limited " + std::to_string(to_unix_ms(at(5000))));
  EXPECT_EQ(w.heard(), (List{"new A: rate limited"}));
  w.submit(new_order("B"));
  w.submit(cancel("C"), Lane::cancel);
  w.submit(venue::QueryBalances{}, Lane::query);
  EXPECT_EQ(w.done(), (List{"ask balances"})) << "another pool goes on";
  EXPECT_EQ(w.desk.next_wakeup(w.now), at(5000));
  w.now = at(4999);
  EXPECT_EQ(w.done(), List{});
  w.now = at(5000);
  EXPECT_EQ(w.done(), (List{"ask cancel C", "ask new B"}));
}

TEST(RequestDesk, too_many_requests_without_a_time_blocks_for_a_second) {
  for (const std::string_view text : {"error rate_limited", "error rate_limited 1600000000000"}) {
    auto rows = tight();
    for (auto& row : rows) row.limit = 100;
    RequestWorld w(rows);
    w.submit(new_order("A"));
    (void)w.done();
    w.reply(text);
    w.submit(new_order("B"));
    w.now = at(999);
    EXPECT_EQ(w.done(), List{}) << text;
    w.now = at(1000);
    EXPECT_EQ(w.done(), (List{"ask new B"})) << text;
  }
}

// An order may be repeated here, and only here: the venue's refusal of the time stamp is definite, so the first request
// had no effect (`certainly_without_effect`).
TEST(RequestDesk, a_refused_time_stamp_is_corrected_and_sent_once_more) {
  ASSERT_TRUE(Status(StatusCode::clock_skew, "").certainly_without_effect());
  RequestWorld w;
  const auto ticket = w.submit(new_order("A"));
  EXPECT_EQ(w.done(), (List{"ask new A"}));
  const auto first = w.outstanding.front().first;
  w.reply("error clock_skew\ntime " + std::to_string(to_unix_ms(at(60'000))));
  EXPECT_EQ(w.heard(), List{}) << "whoever asked hears of the second attempt only";
  EXPECT_TRUE(w.desk.was_sent(ticket));
  w.now += 1ms;
  EXPECT_EQ(w.done(), (List{"ask new A"}));
  ASSERT_EQ(w.venue.stamps.size(), 2U);
  EXPECT_EQ(w.venue.stamps[1].time, at(60'001));
  EXPECT_LT(w.venue.stamps[0].nonce, w.venue.stamps[1].nonce);
  w.outcome_of(first, Kind::replied, "order A E1 open 0");  // nothing of the first attempt counts now
  EXPECT_EQ(w.heard(), List{});
  w.now += 1ms;
  w.reply("order A E1 open 0");
  EXPECT_EQ(w.heard(), (List{"new A: ok"}));
  EXPECT_EQ(w.last_sent, at(1)) << "the time of the attempt that was answered";
  EXPECT_EQ(w.desk.in_flight(), 0U);
}

TEST(RequestDesk, a_time_stamp_that_is_refused_twice_is_not_sent_a_third_time) {
  RequestWorld w;
  w.submit(new_order("A"));
  (void)w.done();
  w.reply("error clock_skew");
  EXPECT_EQ(w.done(), (List{"ask new A"}));
  w.reply("error clock_skew");
  EXPECT_EQ(w.heard(), (List{"new A: clock skew"}));
  EXPECT_EQ(w.done(), List{});
  EXPECT_EQ(w.desk.in_flight(), 0U);
}

TEST(RequestDesk, no_other_failure_is_ever_repeated_after_a_clock_retry) {
  RequestWorld w;
  w.submit(new_order("A"));
  (void)w.done();
  w.reply("error clock_skew");
  EXPECT_EQ(w.done(), (List{"ask new A"}));
  w.outcome(Kind::unknown, "cut");
  EXPECT_EQ(w.heard(), (List{"new A: outcome unknown"}));
  EXPECT_EQ(w.done(), List{});
}

TEST(RequestDesk, a_clock_retry_needs_a_token_like_everything_else) {
  RequestWorld w(tight());
  w.submit(new_order("A"));
  (void)w.done();
  w.reply("error clock_skew");
  EXPECT_EQ(w.done(), List{});
  w.now += 1s + 1ns;
  EXPECT_EQ(w.done(), (List{"ask new A"}));
}

TEST(RequestDesk, what_has_not_left_can_be_taken_back) {
  RequestWorld w(tight());
  const auto a = w.submit(new_order("A"));
  const auto b = w.submit(new_order("B"));
  const auto c = w.submit(new_order("C"));
  (void)w.done();
  EXPECT_TRUE(w.desk.was_sent(a));
  EXPECT_FALSE(w.desk.was_sent(b));
  EXPECT_FALSE(w.desk.abandon(a)) << "it is under way";
  EXPECT_TRUE(w.desk.abandon(b));
  EXPECT_FALSE(w.desk.abandon(b));
  EXPECT_FALSE(w.desk.abandon(999));
  w.now += 1s + 1ns;
  EXPECT_EQ(w.done(), (List{"ask new C"})) << "the place in the queue is free";
  EXPECT_TRUE(w.desk.was_sent(c));
  EXPECT_EQ(w.heard(), List{});
  w.reply("order A E1 open 0");
  EXPECT_EQ(w.heard(), (List{"new A: ok"}));
}

TEST(RequestDesk, what_is_not_answered_in_time_is_given_up_and_its_late_answer_ignored) {
  RequestWorld w;
  w.submit(new_order("A"), Lane::order, 3s);
  (void)w.done();
  const auto id = w.outstanding.front().first;
  EXPECT_EQ(w.desk.next_wakeup(w.now), w.now + 5s) << "the transport reports first, two seconds later we do";
  w.now += 5s - 1ns;
  EXPECT_EQ(w.done(), List{});
  EXPECT_EQ(w.heard(), List{});
  w.now += 1ns;
  EXPECT_EQ(w.done(), List{});
  EXPECT_EQ(w.heard(), (List{"new A: outcome unknown"}));
  w.outcome_of(id, Kind::replied, "order A E1 open 0");
  EXPECT_EQ(w.heard(), List{});
  EXPECT_EQ(w.desk.next_wakeup(w.now), kNever);
}

TEST(RequestDesk, an_answer_to_nothing_is_ignored) {
  RequestWorld w(tight());
  w.submit(new_order("A"));
  const auto waiting = w.submit(new_order("B"));
  (void)w.done();
  w.outcome_of(999, Kind::replied, "");
  w.outcome_of(waiting, Kind::replied, "");  // an id of something that has not left
  EXPECT_EQ(w.heard(), List{});
  EXPECT_EQ(w.desk.in_flight(), 2U);
}

TEST(RequestDesk, what_the_venue_cannot_encode_is_told_and_never_sent) {
  RequestWorld w;
  w.venue.unsupported = {"balances"};
  w.submit(venue::QueryBalances{});
  EXPECT_EQ(w.heard(), List{}) << "not inside submit";
  EXPECT_EQ(w.done(), List{});
  EXPECT_EQ(w.heard(), (List{"balances: unsupported"}));
  EXPECT_EQ(w.desk.in_flight(), 0U);
}

TEST(RequestDesk, a_full_queue_refuses_and_tells_it_on_the_next_turn) {
  RequestWorld w(tight(), {.safety_margin = 0, .cancel_reserve = 0, .max_waiting = 1});
  w.submit(new_order("A"));
  w.submit(new_order("B"));
  w.submit(cancel("C"), Lane::cancel);
  EXPECT_EQ(w.heard(), List{}) << "not inside submit";
  EXPECT_EQ(w.desk.next_wakeup(w.now), w.now);
  EXPECT_EQ(w.done(), (List{"ask cancel C"})) << "a flood of orders keeps no cancel out";
  EXPECT_EQ(w.heard(), (List{"new B: denied"}));
  EXPECT_EQ(w.last_status.reason(), FailureReason::queue_full);
}

TEST(RequestDesk, what_was_refused_can_still_be_taken_back) {
  RequestWorld w(tight(), {.safety_margin = 0, .cancel_reserve = 0, .max_waiting = 1});
  w.submit(new_order("A"));
  const auto b = w.submit(new_order("B"));
  EXPECT_TRUE(w.desk.abandon(b));
  (void)w.done();
  EXPECT_EQ(w.heard(), List{});
}

TEST(RequestDesk, the_end_fails_everything_and_says_what_had_left) {
  RequestWorld w(tight(), {.safety_margin = 0, .cancel_reserve = 0, .max_waiting = 1});
  w.submit(new_order("A"));
  (void)w.done();
  const auto id = w.outstanding.front().first;
  w.submit(new_order("B"));
  w.submit(new_order("C"));  // refused, and not told yet
  w.desk.fail_all("stopped", w.now);
  EXPECT_EQ(w.heard(), (List{"new A: outcome unknown", "new B: not sent", "new C: not sent"}));
  EXPECT_EQ(w.last_status.reason(), FailureReason::stopped);
  EXPECT_EQ(w.desk.in_flight(), 0U);
  w.now += 10s;
  EXPECT_EQ(w.done(), List{});
  w.outcome_of(id, Kind::replied, "order A E1 open 0");
  EXPECT_EQ(w.heard(), List{});
}

TEST(RequestDesk, the_end_comes_to_an_end_even_if_failures_lead_to_new_requests) {
  RequestWorld w;
  int calls = 0;
  std::function<void(const Reply&)> again = [&](const Reply&) {
    if (++calls < 1000) w.desk.submit(venue::QueryBalances{}, Lane::query, 1s, again);
  };
  w.desk.submit(venue::QueryBalances{}, Lane::query, 1s, again);
  w.desk.fail_all("stopped", w.now);
  EXPECT_EQ(calls, 1);
}

TEST(RequestDesk, an_answer_may_lead_to_the_next_request) {
  RequestWorld w;
  List heard;
  w.desk.submit(venue::QueryOpenOrders{}, Lane::query, 1s, [&](const Reply& first) {
    w.desk.submit(venue::QueryBalances{}, Lane::query, 1s,
                  [&](const Reply& second) { heard.push_back(second.status.to_string()); });
    heard.push_back(first.status.to_string());
    EXPECT_EQ(first.records.items().size(), 1U) << "submitting does not disturb the records of the answer";
  });
  EXPECT_EQ(w.done(), (List{"ask open-orders"}));
  w.reply("open-orders-complete");
  EXPECT_EQ(heard, (List{"ok"}));
  EXPECT_EQ(w.done(), (List{"ask balances"}));
  w.reply("balances-complete");
  EXPECT_EQ(heard, (List{"ok", "ok"}));
}

TEST(RequestDesk, the_time_of_a_reply_sets_the_clock) {
  RequestWorld w;
  w.submit(venue::QueryServerTime{});
  (void)w.done();
  w.now += 200ms;
  w.reply("time " + std::to_string(to_unix_ms(at(1100))));
  EXPECT_EQ(w.clock.offset(), 1s) << "read in the middle of the 200 ms that the way took";
}

TEST(RequestDesk, what_the_venue_says_of_used_limits_counts_also_beside_a_failure) {
  RequestWorld w(tight());
  w.submit(venue::QueryBalances{}, Lane::query);
  (void)w.done();
  w.reply("used pool 1\nused query 1\nerror rejected");
  EXPECT_EQ(w.heard(), (List{"balances: rejected"}));
  EXPECT_EQ(w.desk.throttle().used("query", w.now), 1U) << "it was counted already";
  w.submit(new_order("A"));
  EXPECT_EQ(w.done(), List{}) << "another program has used up the pool";
  w.now += 1s + 1ns;
  EXPECT_EQ(w.done(), (List{"ask new A"}));
}

TEST(RequestDesk, an_answer_that_lay_unread_while_we_slept_is_an_answer_in_time) {
  RequestWorld w;
  w.submit(new_order("A"), Lane::order, 3s);
  (void)w.done();
  w.now += 15s;
  w.desk.excuse(15s, w.now);
  (void)w.done();
  EXPECT_EQ(w.heard(), List{}) << "nothing is given up because of our own absence";
  w.reply("order A E1 open 0");
  EXPECT_EQ(w.heard(), (List{"new A: ok"}));
}

TEST(RequestDesk, what_is_not_answered_after_a_pause_either_is_given_up) {
  RequestWorld w;
  w.submit(new_order("A"), Lane::order, 3s);
  (void)w.done();
  w.now += 15s;
  w.desk.excuse(15s, w.now);
  w.now += 5s;
  (void)w.done();
  EXPECT_EQ(w.heard(), (List{"new A: outcome unknown"}));
}

}  // namespace
}  // namespace calypte::engine
