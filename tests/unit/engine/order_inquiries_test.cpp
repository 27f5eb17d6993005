#include "engine/order_inquiries.hpp"

#include <gtest/gtest.h>

#include "scripted_venue.hpp"

namespace calypte::engine {
namespace {

using namespace stream_test;
using Question = OrderQuestion::Kind;

struct InquiryWorld : AccountWorld {
  InquiryWorld()
      : inquiries(venue.table, desk, clock, orders, instruments, [this](const Reply& reply) {
          for (const auto& record : reply.records.items()) {
            if (const auto* report = std::get_if<venue::OrderReport>(&record)) {
              orders.process_order_update(report->update, reply.received);
            }
          }
        }) {}

  void ask(std::string_view id, Question kind = Question::state) { inquiries.ask(kind, ClientOrderId(id), now); }
  List run() {
    inquiries.on_time(now);
    return done();
  }
  /// How long it waits before it asks again.
  Duration pause() { return inquiries.next_wakeup() - now; }

  OrderInquiries inquiries;
};

TEST(OrderInquiries, ask_again_with_a_growing_pause_until_there_is_a_positive_answer) {
  InquiryWorld w;
  w.track("A", "E1");
  w.ask("A");
  EXPECT_EQ(w.run(), (List{"ask order A"}));
  for (const Duration expected : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 10'000ms, 10'000ms}) {
    EXPECT_EQ(w.inquiries.next_wakeup(), kNever) << "an answer is awaited";
    EXPECT_EQ(w.run(), List{});
    w.reply("error unavailable");
    EXPECT_EQ(w.pause(), expected);
    w.now += expected - 1ns;
    EXPECT_EQ(w.run(), List{});
    w.now += 1ns;
    EXPECT_EQ(w.run(), (List{"ask order A"}));
  }
  w.reply("order A E1 open 0");
  EXPECT_EQ(w.inquiries.size(), 0U);
  EXPECT_EQ(w.inquiries.next_wakeup(), kNever);
}

TEST(OrderInquiries, an_accepted_cancel_that_never_takes_effect_is_told_after_a_while) {
  InquiryWorld w;
  w.track("A", "E1");
  const ClientOrderId id("A");
  w.orders.process_cancel_accepted(id, w.now);
  w.ask("A");
  for (int answers = 0; answers < 4; ++answers) {
    EXPECT_EQ(w.run(), (List{"ask order A"}));
    w.reply("order A E1 open 0");
    EXPECT_EQ(w.order("A").state(), OrderState::pending_cancel) << "it may still take effect";
    w.now = w.inquiries.next_wakeup();
  }
  EXPECT_EQ(w.run(), (List{"ask order A"}));
  w.reply("order A E1 open 0");
  EXPECT_EQ(w.order("A").state(), OrderState::open);
  EXPECT_EQ(w.inquiries.size(), 0U);
}

TEST(OrderInquiries, no_failure_is_taken_for_an_answer) {
  for (const std::string_view text : {"error rejected", "error rate_limited", "error unauthenticated",
                                      "error outcome_unknown", "error unsupported", "error clock_skew", "<html>"}) {
    InquiryWorld w;
    w.track("A", "E1");
    w.ask("A");
    (void)w.run();
    w.reply(text);
    if (!w.run().empty()) w.reply(text);  // the clock's second attempt
    EXPECT_EQ(w.inquiries.size(), 1U) << text;
    EXPECT_EQ(w.orders.not_found_count(ClientOrderId("A")), 0U) << text;
    EXPECT_TRUE(w.order("A").is_open()) << text;
  }
}

TEST(OrderInquiries, not_found_is_counted_and_asked_again_until_the_order_is_given_up) {
  InquiryWorld w;
  w.track("A", "E1");
  w.ask("A");
  std::uint32_t answers = 0;
  while (w.inquiries.size() > 0 && answers < 20) {
    ASSERT_EQ(w.run(), (List{"ask order A"}));
    w.reply("error order_not_found");
    ++answers;
    if (w.order("A").is_open()) {
      EXPECT_EQ(w.orders.not_found_count(ClientOrderId("A")), answers);
      w.now = w.inquiries.next_wakeup();
    } else {
      break;
    }
  }
  EXPECT_EQ(answers, 6U) << "after 0.5, 1, 2, 4 and 8 s: more than three, over at least ten seconds";
  EXPECT_NE(w.orders.fetch_lost_order(ClientOrderId("A")), nullptr);
  // A lost order is still asked about, until it is settled.
  EXPECT_EQ(w.inquiries.size(), 1U);
  w.now = w.inquiries.next_wakeup();
  EXPECT_EQ(w.run(), (List{"ask order A"}));
  w.reply("error order_not_found");
  EXPECT_EQ(w.inquiries.size(), 0U);
}

TEST(OrderInquiries, an_unknown_outcome_stays_open_until_it_is_resolved) {
  InquiryWorld w;
  w.track("A");
  w.orders.process_outcome_unknown(ClientOrderId("A"), "time-out", w.now);
  w.ask("A");
  (void)w.run();
  w.reply("");  // ok, and says nothing
  EXPECT_EQ(w.inquiries.size(), 1U);
  w.now += 500ms;
  EXPECT_EQ(w.run(), (List{"ask order A"}));
  w.reply("order A E1 open 0");
  EXPECT_FALSE(w.orders.outcome_is_unknown(ClientOrderId("A")));
  EXPECT_EQ(w.inquiries.size(), 0U);
}

TEST(OrderInquiries, the_state_of_an_ended_order_is_not_asked_and_its_fills_are) {
  InquiryWorld w;
  w.track("A", "E1");
  w.ask("A");
  w.ask("A", Question::fills);
  w.report("A", "E1", OrderState::canceled);
  EXPECT_EQ(w.run(), (List{"ask fills COINHBOT"}));
  EXPECT_EQ(w.inquiries.size(), 1U);
  w.reply("");
  EXPECT_EQ(w.inquiries.size(), 0U);
}

TEST(OrderInquiries, an_order_that_ends_while_it_is_asked_about_is_not_asked_again) {
  InquiryWorld w;
  w.track("A", "E1");
  w.ask("A");
  (void)w.run();
  w.report("A", "E1", OrderState::canceled);
  w.reply("error unavailable");
  EXPECT_EQ(w.inquiries.size(), 0U);
}

TEST(OrderInquiries, an_order_that_nobody_knows_is_not_asked) {
  InquiryWorld w;
  w.ask("X");
  EXPECT_EQ(w.run(), List{});
  EXPECT_EQ(w.inquiries.size(), 0U);
}

TEST(OrderInquiries, asking_again_only_moves_a_waiting_inquiry_forward) {
  InquiryWorld w;
  w.track("A", "E1");
  w.inquiries.ask(Question::state, ClientOrderId("A"), w.now + 5s);
  EXPECT_EQ(w.run(), List{});
  w.inquiries.ask(Question::state, ClientOrderId("A"), w.now + 9s);
  EXPECT_EQ(w.pause(), 5s);
  w.inquiries.ask(Question::state, ClientOrderId("A"), w.now + 1s);
  EXPECT_EQ(w.pause(), 1s);
  w.now += 1s;
  EXPECT_EQ(w.run(), (List{"ask order A"}));
  w.ask("A");  // an answer is on its way
  EXPECT_EQ(w.run(), List{});
  EXPECT_EQ(w.inquiries.size(), 1U);
}

TEST(OrderInquiries, without_a_name_that_the_venue_knows_the_sweeps_have_to_tell) {
  InquiryWorld w;
  w.venue.table.orders.query_by_client_order_id = false;
  w.track("A");
  w.track("B", "E2");
  w.ask("A");
  w.ask("B");
  EXPECT_EQ(w.run(), (List{"ask order B"}));
  EXPECT_EQ(w.inquiries.size(), 1U);
  EXPECT_EQ(std::get<venue::QueryOrder>(w.venue.asked.back()).order.exchange_order_id, ExchangeOrderId("E2"));
}

TEST(OrderInquiries, fills_are_asked_for_around_the_life_of_the_order) {
  InquiryWorld w;
  w.track("A", "E1");
  w.now += 10s;
  w.ask("A", Question::fills);
  EXPECT_EQ(w.run(), (List{"ask fills COINHBOT"}));
  const auto by_symbol = std::get<venue::QueryFills>(w.venue.asked.back());
  EXPECT_EQ(by_symbol.start, at(0) - 60s);
  EXPECT_EQ(by_symbol.end, w.now + 60s);
  w.reply("");
  w.venue.table.orders.fills_by_order = true;
  w.venue.table.orders.fills_history = 30s;
  w.now += 90s;
  w.ask("A", Question::fills);
  EXPECT_EQ(w.run(), (List{"ask fills A"}));
  EXPECT_EQ(std::get<venue::QueryFills>(w.venue.asked.back()).start, w.now - 30s) << "not further than can be listed";
}

TEST(OrderInquiries, wait_for_the_instruments) {
  InquiryWorld w;
  (void)w.instruments.replace({});
  w.track("A", "E1");
  w.ask("A");
  EXPECT_EQ(w.run(), List{});
  EXPECT_EQ(w.inquiries.size(), 1U);
  EXPECT_EQ(w.pause(), 500ms);
}

TEST(OrderInquiries, what_an_answer_brings_counts_also_if_nobody_waits_for_it_any_more) {
  InquiryWorld w;
  w.track("A", "E1");
  w.ask("A");
  (void)w.run();
  w.inquiries.clear();
  EXPECT_EQ(w.inquiries.next_wakeup(), kNever);
  w.reply("order A E1 canceled 0");
  EXPECT_TRUE(w.order("A").is_cancelled());
  EXPECT_EQ(w.inquiries.size(), 0U);
}

}  // namespace
}  // namespace calypte::engine
