// Whatever the order in which the sources tell the same facts, and however often, the order ends up the same and the
// strategy hears a legal story.
#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <numeric>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "support/event_sequence.hpp"
#include "unit/engine/order_test_support.hpp"

namespace calypte::engine::order_test {
namespace {

using S = OrderState;

struct Fact {
  std::string name;
  std::function<void(OrderTracker&, Time)> tell;
};

Fact told(std::string name, OrderUpdate update) {
  return {std::move(name), [update](OrderTracker& tracker, Time now) { tracker.process_order_update(update, now); }};
}

Fact executed(std::string id, int amount, std::int64_t ms, std::optional<ClientOrderId> client_id) {
  const TradeUpdate t = trade(id, amount, ms, std::move(client_id));
  return {"fill " + id, [t](OrderTracker& tracker, Time now) { tracker.process_trade_update(t, TradeType::buy, now); }};
}

OrderUpdate with_amount(OrderUpdate update, int amount) {
  update.executed_amount_base = Decimal(amount);
  return update;
}

struct Family {
  std::vector<Fact> facts;
  S state = S::open;
  int executed = 0;
  std::string endings;  ///< the endings that may be told
};

Fact acknowledgement() {
  OrderUpdate ack = report(S::open, 0);
  ack.venue_time.reset();
  return told("acknowledgement", ack);
}

Family filled_family() {
  return {{acknowledgement(), executed("1", 400, 2, kId), executed("2", 600, 4, std::nullopt),
           told("stream OPEN", report(S::open, 1)), told("stream FILLED", with_amount(report(S::filled, 4), 1000)),
           told("REST PARTIALLY_FILLED", with_amount(report(S::partially_filled, 3), 400))},
          S::filled,
          1000,
          "Completed"};
}

Family cancelled_family() {
  return {{acknowledgement(), executed("1", 300, 2, std::nullopt), executed("2", 100, 3, kId),
           told("stream PENDING_CANCEL", report(S::pending_cancel, 4)),
           told("stream CANCELED", with_amount(report(S::canceled, 6), 400)),
           told("REST PARTIALLY_FILLED", with_amount(report(S::partially_filled, 3), 400))},
          S::canceled,
          400,
          "Cancelled"};
}

Family pending_cancel_family() {
  return {{acknowledgement(), executed("1", 300, 2, kId), told("stream OPEN", report(S::open, 1)),
           told("stream PENDING_CANCEL", report(S::pending_cancel, 5)),
           told("REST PARTIALLY_FILLED", with_amount(report(S::partially_filled, 3), 300))},
          S::pending_cancel,
          300,
          ""};
}

Family refused_cancel_family() {
  return {{acknowledgement(), executed("1", 300, 2, kId), told("stream OPEN", report(S::open, 1)),
           told("stream PENDING_CANCEL", report(S::pending_cancel, 5)), told("REST OPEN", report(S::open, 9))},
          S::partially_filled,
          300,
          ""};
}

Family expired_family() {
  return {{acknowledgement(), executed("1", 300, 2, kId), told("stream OPEN", report(S::open, 1)),
           told("stream EXPIRED", with_amount(report(S::expired, 7), 300))},
          S::expired,
          300,
          "Expired"};
}

void play_all(const Family& family, std::uint64_t seed, bool unknown_first) {
  core::Random random(seed);
  std::vector<std::size_t> order(family.facts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  int played = 0;
  do {
    // Each fact is told once in this order and, by chance, again at any later place.
    std::vector<std::size_t> script = order;
    for (const std::size_t fact : order) {
      if (!random.chance(1, 2)) continue;
      const auto behind = std::find(script.begin(), script.end(), fact) + 1;
      const auto room = static_cast<std::uint64_t>(script.end() - behind) + 1;
      script.insert(behind + static_cast<std::ptrdiff_t>(random.below(room)), fact);
    }
    OrderTracker tracker;
    ASSERT_TRUE(tracker.start_tracking_order(InFlightOrder(intent())).ok());
    std::string story;
    std::int64_t ms = 100;
    if (unknown_first) tracker.process_outcome_unknown(kId, "time-out", at(ms));
    for (const std::size_t fact : script) {
      story += family.facts[fact].name + ", ";
      family.facts[fact].tell(tracker, at(++ms));
    }
    SCOPED_TRACE(story + "heard: " + names(tracker.events()));
    ++played;

    const InFlightOrder* result = tracker.fetch_order(kId);
    ASSERT_NE(result, nullptr);
    ASSERT_EQ(result->state(), family.state) << to_string(result->state());
    ASSERT_EQ(result->executed_amount_base(), Decimal(family.executed));
    ASSERT_EQ(result->executed_amount_quote(), Decimal(family.executed) * "1.5"_dec);
    ASSERT_EQ(result->exchange_order_ids(), std::vector<ExchangeOrderId>{kVenueId});
    ASSERT_EQ(test_support::check_event_sequence(tracker.events()), std::vector<std::string>{});

    const std::string heard = names(tracker.events());
    int endings = 0;
    for (const std::string ending : {"Completed", "Cancelled", "Expired", "Failure"}) {
      if (heard.find(ending) == std::string::npos) continue;
      ++endings;
      ASSERT_EQ(ending, family.endings);
    }
    ASSERT_EQ(endings, family.endings.empty() ? 0 : 1);
    ASSERT_FALSE(tracker.outcome_is_unknown(kId));
    if (family.state == S::filled) {
      ASSERT_NE(heard.find("Filled Completed"), std::string::npos) << "complete, behind the last fill";
      ASSERT_EQ(heard.find('~'), std::string::npos);
      ASSERT_EQ(heard.find('?'), std::string::npos);
    }
    tracker.on_time(at(1'000'000));
    ASSERT_EQ(names(tracker.events()), heard) << "no deadline adds anything";
  } while (std::next_permutation(order.begin(), order.end()));
  int expected = 1;
  for (std::size_t i = 2; i <= family.facts.size(); ++i) expected *= static_cast<int>(i);
  EXPECT_EQ(played, expected);
}

class OrderPermutations : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(OrderPermutations, H_11_H_12_H_51_filled) { play_all(filled_family(), GetParam(), GetParam() % 2 == 1); }
TEST_P(OrderPermutations, H_53_cancelled) { play_all(cancelled_family(), GetParam(), GetParam() % 2 == 1); }
TEST_P(OrderPermutations, H_49_cancel_pending) { play_all(pending_cancel_family(), GetParam(), GetParam() % 2 == 1); }
TEST_P(OrderPermutations, H_49_cancel_refused) { play_all(refused_cancel_family(), GetParam(), GetParam() % 2 == 1); }
TEST_P(OrderPermutations, H_48_expired) { play_all(expired_family(), GetParam(), GetParam() % 2 == 1); }

INSTANTIATE_TEST_SUITE_P(Seeds, OrderPermutations, ::testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace calypte::engine::order_test
