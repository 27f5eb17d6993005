#include "engine/throttle.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "core/random.hpp"

namespace calypte::engine {
namespace {

using namespace std::chrono_literals;
using venue::LinkedLimit;
using venue::RateLimit;

constexpr Time kThrottleStart = from_unix_ms(1'700'000'000'000);
constexpr Time throttle_time(Duration d) { return kThrottleStart + d; }

/// Without margin and reserve, so that the numbers of a case stand as they are.
Throttle::Options plain(Decimal share = 1) {
  return {.share = share, .safety_margin = 0, .cancel_reserve = 0, .max_waiting = 1000};
}
Throttle make_throttle(std::span<const RateLimit> limits, Throttle::Options options) {
  auto throttle = Throttle::create(limits, options);
  EXPECT_TRUE(throttle.ok()) << throttle.status().to_string();
  return std::move(*throttle);
}
Throttle::Ticket wait(Throttle& throttle, std::string_view id, Lane lane) {
  const auto ticket = throttle.enqueue(id, lane);
  EXPECT_TRUE(ticket.ok());
  return *ticket;
}
using Tickets = std::vector<Throttle::Ticket>;

constexpr std::array<LinkedLimit, 1> kToPool{{{"pool", 1}}};
constexpr std::array<RateLimit, 2> kPoolAndPath{{{"pool", 1, 5s, 1, {}}, {"path", 10, 5s, 1, kToPool}}};

TEST(Throttle, TH_01_limits_are_unchanged_without_a_share) {
  const std::array<RateLimit, 5> limits{
      {{"a", 10, 1s, 1, {}}, {"b", 1, 5s, 1, {}}, {"c", 3, 1s, 1, {}}, {"d", 7, 1s, 1, {}}, {"e", 100, 60s, 5, {}}}};
  const Throttle throttle = make_throttle(limits, {});
  for (const RateLimit& row : limits) EXPECT_EQ(throttle.limit(row.id), row.limit);
  EXPECT_EQ(throttle.next_wakeup(kThrottleStart), kNever) << "nothing is polled";
}

TEST(Throttle, TH_02_a_share_is_rounded_down_and_never_below_one) {
  const std::array<RateLimit, 2> limits{{{"ten", 10, 5s, 1, {}}, {"one", 1, 5s, 1, {}}}};
  const Throttle throttle = make_throttle(limits, plain("0.55"_dec));
  EXPECT_EQ(throttle.limit("ten"), 5U);
  EXPECT_EQ(throttle.limit("one"), 1U);
}

TEST(Throttle, TH_03_related_limits) {
  const Throttle throttle = make_throttle(kPoolAndPath, plain());
  EXPECT_TRUE(throttle.related_limits("pool").empty());
  ASSERT_EQ(throttle.related_limits("path").size(), 1U);
  EXPECT_EQ(throttle.related_limits("path")[0].id, "pool");
  EXPECT_TRUE(throttle.related_limits("unknown").empty());
}

TEST(Throttle, TH_04_nothing_used_stays_nothing) {
  const Throttle throttle = make_throttle(kPoolAndPath, plain());
  EXPECT_EQ(throttle.used("pool", kThrottleStart), 0U);
  EXPECT_EQ(throttle.used("pool", throttle_time(24h)), 0U);
}

TEST(Throttle, TH_05_only_elapsed_uses_are_forgotten) {
  const std::array<RateLimit, 1> limits{{{"a", 10, 5s, 3, {}}}};
  Throttle throttle = make_throttle(limits, plain());
  EXPECT_TRUE(throttle.try_acquire("a", Lane::query, kThrottleStart));
  EXPECT_TRUE(throttle.try_acquire("a", Lane::query, throttle_time(4s)));
  EXPECT_EQ(throttle.used("a", throttle_time(4s)), 6U);
  EXPECT_EQ(throttle.used("a", throttle_time(6s)), 3U);
  EXPECT_EQ(throttle.used("a", throttle_time(10s)), 0U);
}

TEST(Throttle, TH_06_TH_07_TH_12_TH_13_one_limit_used_once) {
  const std::array<RateLimit, 1> limits{{{"a", 1, 5s, 1, {}}}};
  Throttle throttle = make_throttle(limits, plain());
  EXPECT_TRUE(throttle.within_capacity("a", kThrottleStart));
  EXPECT_TRUE(throttle.try_acquire("a", Lane::query, kThrottleStart));
  EXPECT_EQ(throttle.used("a", kThrottleStart), 1U);
  EXPECT_FALSE(throttle.within_capacity("a", kThrottleStart));
  EXPECT_FALSE(throttle.try_acquire("a", Lane::query, throttle_time(1s)));
  EXPECT_EQ(throttle.used("a", throttle_time(1s)), 1U) << "a refusal takes nothing";
  (void)wait(throttle, "a", Lane::query);
  EXPECT_TRUE(throttle.grant(throttle_time(1s)).empty());
  EXPECT_EQ(throttle.waiting(), 1U);
}

TEST(Throttle, TH_08_TH_09_an_exhausted_pool_holds_the_path_back) {
  Throttle throttle = make_throttle(kPoolAndPath, plain());
  EXPECT_TRUE(throttle.within_capacity("path", kThrottleStart));
  EXPECT_TRUE(throttle.try_acquire("pool", Lane::query, kThrottleStart));
  EXPECT_FALSE(throttle.within_capacity("path", kThrottleStart));
  EXPECT_FALSE(throttle.try_acquire("path", Lane::query, kThrottleStart));
  EXPECT_EQ(throttle.used("path", kThrottleStart), 0U) << "all or nothing";
  EXPECT_TRUE(throttle.try_acquire("path", Lane::query, throttle_time(5s + 1ns)));
  EXPECT_EQ(throttle.used("pool", throttle_time(5s + 1ns)), 1U);
  EXPECT_EQ(throttle.used("path", throttle_time(5s + 1ns)), 1U);
}

TEST(Throttle, TH_10_weights_against_a_pool) {
  constexpr std::array<LinkedLimit, 1> five{{{"pool", 5}}};
  constexpr std::array<LinkedLimit, 1> six{{{"pool", 6}}};
  const std::array<RateLimit, 4> limits{
      {{"pool", 10, 5s, 1, {}}, {"six", 100, 5s, 1, six}, {"five", 100, 5s, 1, five}, {"one", 100, 5s, 1, kToPool}}};
  for (const Throttle::Options& options : {plain(), Throttle::Options{}}) {
    Throttle throttle = make_throttle(limits, options);
    EXPECT_TRUE(throttle.try_acquire("six", Lane::query, kThrottleStart));
    EXPECT_FALSE(throttle.within_capacity("five", kThrottleStart));
    EXPECT_TRUE(throttle.within_capacity("one", kThrottleStart));
  }
}

TEST(Throttle, TH_11_TH_14_an_id_without_a_limit_is_free) {
  Throttle none = make_throttle({}, plain());
  Throttle some = make_throttle(kPoolAndPath, plain());
  for (Throttle* throttle : {&none, &some}) {
    EXPECT_TRUE(throttle->within_capacity("unknown", kThrottleStart));
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(throttle->try_acquire("unknown", Lane::bulk, kThrottleStart));
    EXPECT_EQ(throttle->used("unknown", kThrottleStart), 0U);
    EXPECT_EQ(throttle->limit("unknown"), 0U);
    const auto ticket = wait(*throttle, "unknown", Lane::bulk);
    EXPECT_EQ(throttle->next_wakeup(kThrottleStart), kThrottleStart);
    EXPECT_EQ(throttle->grant(kThrottleStart), Tickets{ticket});
    throttle->block("unknown", throttle_time(1h));
    EXPECT_TRUE(throttle->within_capacity("unknown", kThrottleStart));
  }
}

/// The numbers of the case hold without margin: a use counts up to and including the end of its window. With the margin
/// of 5 % the window of 200 ms ends at 210 ms, inclusive as well, so the next call goes a nanosecond later.
TEST(Throttle, TH_15_a_window_includes_its_end) {
  constexpr std::array<LinkedLimit, 1> to_short{{{"short", 1}}};
  const std::array<RateLimit, 2> limits{{{"long", 3, 1s, 1, to_short}, {"short", 2, 200ms, 1, {}}}};
  Throttle throttle = make_throttle(limits, plain());
  EXPECT_TRUE(throttle.try_acquire("long", Lane::query, kThrottleStart));
  EXPECT_TRUE(throttle.within_capacity("long", throttle_time(10ms)));
  EXPECT_TRUE(throttle.try_acquire("long", Lane::query, throttle_time(100ms)));
  EXPECT_FALSE(throttle.within_capacity("long", throttle_time(100ms)));
  EXPECT_FALSE(throttle.within_capacity("long", throttle_time(190ms)));
  EXPECT_FALSE(throttle.within_capacity("long", throttle_time(200ms)));
  EXPECT_TRUE(throttle.within_capacity("long", throttle_time(200ms + 1ns)));
  EXPECT_TRUE(throttle.within_capacity("long", throttle_time(210ms)));

  Throttle::Options margin = plain();
  margin.safety_margin = "0.05"_dec;
  Throttle wider = make_throttle(limits, margin);
  EXPECT_TRUE(wider.try_acquire("long", Lane::query, kThrottleStart));
  EXPECT_TRUE(wider.try_acquire("long", Lane::query, throttle_time(100ms)));
  EXPECT_FALSE(wider.within_capacity("long", throttle_time(210ms)));
  EXPECT_TRUE(wider.within_capacity("long", throttle_time(210ms + 1ns)));

  // A margin of a nanosecond and a half is rounded up.
  const std::array<RateLimit, 1> tiny{{{"a", 1, 30ns, 1, {}}}};
  Throttle rounded = make_throttle(tiny, margin);
  EXPECT_TRUE(rounded.try_acquire("a", Lane::query, kThrottleStart));
  EXPECT_FALSE(rounded.within_capacity("a", throttle_time(32ns)));
  EXPECT_TRUE(rounded.within_capacity("a", throttle_time(33ns)));
}

TEST(Throttle, a_call_never_passes_one_as_urgent_that_waits) {
  Throttle throttle = make_throttle(kPoolAndPath, plain());
  const auto first = wait(throttle, "path", Lane::query);
  EXPECT_FALSE(throttle.try_acquire("path", Lane::query, kThrottleStart)) << "there is room, but not for this one";
  EXPECT_FALSE(throttle.try_acquire("pool", Lane::query, kThrottleStart));
  EXPECT_FALSE(throttle.try_acquire("pool", Lane::bulk, kThrottleStart));
  EXPECT_TRUE(throttle.try_acquire("pool", Lane::order, kThrottleStart));
  EXPECT_EQ(throttle.grant(throttle_time(5s + 1ns)), Tickets{first});
}

TEST(Throttle, H_39_a_bad_registration_is_refused) {
  constexpr std::array<LinkedLimit, 1> to_nowhere{{{"nowhere", 1}}};
  constexpr std::array<LinkedLimit, 1> to_itself{{{"a", 1}}};
  constexpr std::array<LinkedLimit, 2> twice{{{"b", 1}, {"b", 2}}};
  constexpr std::array<LinkedLimit, 1> heavy{{{"b", 11}}};
  const RateLimit b{"b", 10, 1s, 1, {}};
  const std::vector<std::vector<RateLimit>> tables{
      {{"a", 1, 1s, 1, {}}, {"a", 2, 1s, 1, {}}},
      {{"a", 1, 1s, 1, to_nowhere}},
      {{"a", 1, 1s, 1, to_itself}},
      {{"a", 1, 1s, 1, twice}, b},
      {{"a", 1, 1s, 1, heavy}, b},
      {{"a", 3, 1s, 4, {}}},
      {{"a", 0, 1s, 1, {}}},
      {{"a", 1, 0s, 1, {}}},
      {{"a", 1, Duration::max(), 1, {}}},
  };
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const auto throttle = Throttle::create(tables[i], plain());
    ASSERT_FALSE(throttle.ok()) << "table " << i;
    EXPECT_EQ(throttle.status().code(), StatusCode::malformed);
    EXPECT_FALSE(throttle.status().message().empty());
  }
  // A weight of 4 fits into 5, but not into half of it.
  const std::vector<RateLimit> four{{"a", 5, 1s, 4, {}}};
  EXPECT_TRUE(Throttle::create(four, plain()).ok());
  EXPECT_FALSE(Throttle::create(four, plain("0.5"_dec)).ok());

  for (const Decimal& share : {Decimal{0}, Decimal{-1}, "1.01"_dec})
    EXPECT_FALSE(Throttle::create({}, plain(share)).ok());
  Throttle::Options options;
  options.safety_margin = "-0.1"_dec;
  EXPECT_FALSE(Throttle::create({}, options).ok());
  options = {};
  options.cancel_reserve = 1;
  EXPECT_FALSE(Throttle::create({}, options).ok());
}

TEST(Throttle, H_39_a_hundred_queued_calls_leave_in_order) {
  const std::array<RateLimit, 1> limits{{{"a", 5, 1s, 1, {}}}};
  Throttle throttle = make_throttle(limits, {});
  Tickets asked;
  for (int i = 0; i < 100; ++i) asked.push_back(wait(throttle, "a", Lane::order));
  Tickets got;
  Time now = kThrottleStart;
  int rounds = 0;
  while (throttle.waiting() > 0) {
    now = throttle.next_wakeup(now);
    const Tickets some = throttle.grant(now);
    EXPECT_EQ(some.size(), 5U);
    got.insert(got.end(), some.begin(), some.end());
    ASSERT_LE(++rounds, 20);
  }
  EXPECT_EQ(got, asked);
  EXPECT_EQ(now, throttle_time((1050ms + 1ns) * 19));
}

TEST(Throttle, H_39_calls_of_several_ids_on_one_pool_leave_in_order) {
  const std::array<RateLimit, 4> limits{
      {{"pool", 2, 1s, 1, {}}, {"a", 9, 1s, 1, kToPool}, {"b", 9, 1s, 1, kToPool}, {"c", 9, 1s, 1, kToPool}}};
  Throttle throttle = make_throttle(limits, plain());
  Tickets asked;
  for (const char* id : {"a", "a", "a", "b", "c", "a", "c", "b"}) asked.push_back(wait(throttle, id, Lane::query));
  Tickets got;
  for (Time now = kThrottleStart; throttle.waiting() > 0; now = throttle.next_wakeup(now)) {
    for (const auto ticket : throttle.grant(now)) got.push_back(ticket);
  }
  EXPECT_EQ(got, asked);
}

TEST(Throttle, H_39_a_cancel_goes_ahead_of_creates) {
  const std::array<RateLimit, 3> limits{
      {{"pool", 3, 1s, 1, {}}, {"new", 9, 1s, 1, kToPool}, {"cancel", 9, 1s, 1, kToPool}}};
  Throttle throttle = make_throttle(limits, plain());
  EXPECT_TRUE(throttle.try_acquire("new", Lane::order, kThrottleStart));
  EXPECT_TRUE(throttle.try_acquire("new", Lane::order, kThrottleStart));
  EXPECT_TRUE(throttle.try_acquire("new", Lane::order, throttle_time(500ms)));
  const auto bulk = wait(throttle, "new", Lane::bulk);
  const auto query = wait(throttle, "new", Lane::query);
  const auto order = wait(throttle, "new", Lane::order);
  const auto cancel = wait(throttle, "cancel", Lane::cancel);
  EXPECT_EQ(throttle.grant(throttle_time(1s + 1ns)), (Tickets{cancel, order}));
  EXPECT_EQ(throttle.grant(throttle_time(1500ms + 1ns)), Tickets{query});
  EXPECT_EQ(throttle.grant(throttle_time(2s + 2ns)), Tickets{bulk});
}

TEST(Throttle, the_reserve_is_for_cancels) {
  const std::array<RateLimit, 2> limits{{{"twenty", 29, 1s, 1, {}}, {"nine", 9, 1s, 1, {}}}};
  Throttle throttle = make_throttle(limits, {});
  for (int i = 0; i < 27; ++i) EXPECT_TRUE(throttle.try_acquire("twenty", Lane::order, kThrottleStart));
  EXPECT_FALSE(throttle.within_capacity("twenty", kThrottleStart, Lane::order));
  EXPECT_FALSE(throttle.try_acquire("twenty", Lane::order, kThrottleStart));
  EXPECT_TRUE(throttle.within_capacity("twenty", kThrottleStart, Lane::cancel));
  EXPECT_TRUE(throttle.try_acquire("twenty", Lane::cancel, kThrottleStart));
  EXPECT_TRUE(throttle.try_acquire("twenty", Lane::cancel, kThrottleStart));
  EXPECT_FALSE(throttle.try_acquire("twenty", Lane::cancel, kThrottleStart));
  for (int i = 0; i < 9; ++i)
    EXPECT_TRUE(throttle.try_acquire("nine", Lane::bulk, kThrottleStart)) << "no reserve below ten";
}

TEST(Throttle, the_reserve_never_shuts_a_heavy_call_out) {
  const std::array<RateLimit, 1> limits{{{"a", 10, 1s, 10, {}}}};
  Throttle throttle = make_throttle(limits, {});
  EXPECT_TRUE(throttle.try_acquire("a", Lane::bulk, kThrottleStart));
}

TEST(Throttle, H_39_nothing_of_a_blocked_pool_leaves_before_its_time) {
  const std::array<RateLimit, 4> limits{
      {{"pool", 100, 1s, 1, {}}, {"a", 9, 1s, 1, kToPool}, {"b", 9, 1s, 1, kToPool}, {"apart", 9, 1s, 1, {}}}};
  Throttle throttle = make_throttle(limits, {});
  const auto first = wait(throttle, "b", Lane::order);
  const auto cancel = wait(throttle, "a", Lane::cancel);
  const auto apart = wait(throttle, "apart", Lane::bulk);
  throttle.block("a", throttle_time(3s));
  throttle.block("a", throttle_time(1s));  // a shorter one does not shorten it
  EXPECT_FALSE(throttle.within_capacity("b", throttle_time(2s)));
  EXPECT_EQ(throttle.grant(throttle_time(2s)), Tickets{apart});
  EXPECT_EQ(throttle.next_wakeup(throttle_time(2s)), throttle_time(3s));
  EXPECT_TRUE(throttle.grant(throttle_time(3s - 1ns)).empty());
  EXPECT_EQ(throttle.grant(throttle_time(3s)), (Tickets{cancel, first}));
}

TEST(Throttle, next_wakeup_is_exact) {
  const std::array<RateLimit, 2> limits{{{"pool", 10, 1s, 1, {}}, {"a", 3, 300ms, 1, kToPool}}};
  Throttle throttle = make_throttle(limits, plain());
  EXPECT_TRUE(throttle.try_acquire("a", Lane::query, kThrottleStart));
  EXPECT_TRUE(throttle.try_acquire("a", Lane::query, throttle_time(50ms)));
  EXPECT_TRUE(throttle.try_acquire("a", Lane::query, throttle_time(60ms)));
  EXPECT_EQ(throttle.next_wakeup(throttle_time(60ms)), kNever);
  const auto ticket = wait(throttle, "a", Lane::query);
  EXPECT_EQ(throttle.next_wakeup(throttle_time(60ms)), throttle_time(300ms + 1ns));
  EXPECT_TRUE(throttle.grant(throttle_time(300ms)).empty());
  EXPECT_EQ(throttle.next_wakeup(throttle_time(400ms)), throttle_time(400ms)) << "now, if it is possible now";
  EXPECT_EQ(throttle.grant(throttle_time(300ms + 1ns)), Tickets{ticket});
  EXPECT_EQ(throttle.next_wakeup(throttle_time(300ms + 1ns)), kNever);
}

TEST(Throttle, a_call_that_waits_for_its_own_limit_delays_no_other) {
  const std::array<RateLimit, 3> limits{
      {{"pool", 3, 1s, 1, {}}, {"slow", 1, 1h, 1, kToPool}, {"fast", 9, 1s, 1, kToPool}}};
  Throttle throttle = make_throttle(limits, plain());
  EXPECT_TRUE(throttle.try_acquire("slow", Lane::order, kThrottleStart));
  const auto slow = wait(throttle, "slow", Lane::order);
  (void)wait(throttle, "slow", Lane::order);
  const Time later = throttle_time(2s);
  EXPECT_FALSE(throttle.try_acquire("fast", Lane::query, later)) << "something more urgent waits for the pool";
  const auto one = wait(throttle, "fast", Lane::query);
  const auto two = wait(throttle, "fast", Lane::query);
  const auto three = wait(throttle, "fast", Lane::query);
  // One unit of the pool is put aside for the slow one.
  EXPECT_EQ(throttle.grant(later), (Tickets{one, two}));
  EXPECT_EQ(throttle.next_wakeup(later), later + 1s + 1ns);
  EXPECT_EQ(throttle.grant(throttle_time(1h + 1ns)), (Tickets{slow, three}));
}

TEST(Throttle, a_heavy_call_is_not_starved_by_light_ones) {
  constexpr std::array<LinkedLimit, 1> heavy{{{"pool", 8}}};
  const std::array<RateLimit, 3> limits{
      {{"pool", 10, 1s, 1, {}}, {"heavy", 9, 1s, 1, heavy}, {"light", 99, 1s, 1, kToPool}}};
  Throttle throttle = make_throttle(limits, plain());
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(throttle.try_acquire("light", Lane::query, throttle_time(100ms * i)));
  const auto waiting = wait(throttle, "heavy", Lane::query);
  Time granted = kNever;
  for (int i = 10; i < 60 && granted == kNever; ++i) {
    (void)wait(throttle, "light", Lane::query);
    const Tickets got = throttle.grant(throttle_time(100ms * i + 1ns));
    if (std::ranges::find(got, waiting) != got.end()) granted = throttle_time(100ms * i + 1ns);
  }
  // Eight of the ten uses are over after 1.7 s, and nothing took their place.
  EXPECT_EQ(granted, throttle_time(1700ms + 1ns));
}

TEST(Throttle, abandon_frees_the_place) {
  const std::array<RateLimit, 1> limits{{{"a", 1, 1s, 1, {}}}};
  Throttle throttle = make_throttle(limits, plain());
  EXPECT_TRUE(throttle.try_acquire("a", Lane::query, kThrottleStart));
  const auto first = wait(throttle, "a", Lane::query);
  const auto second = wait(throttle, "a", Lane::query);
  EXPECT_TRUE(throttle.abandon(first));
  EXPECT_FALSE(throttle.abandon(first));
  EXPECT_FALSE(throttle.abandon(0));
  EXPECT_FALSE(throttle.abandon(second + 1));
  EXPECT_EQ(throttle.waiting(), 1U);
  EXPECT_EQ(throttle.grant(throttle_time(2s)), Tickets{second});
  EXPECT_FALSE(throttle.abandon(second)) << "granted already";
}

TEST(Throttle, a_full_lane_denies_and_leaves_the_others_open) {
  const std::array<RateLimit, 1> limits{{{"a", 1, 1s, 1, {}}}};
  Throttle::Options options;
  options.max_waiting = 2;
  Throttle throttle = make_throttle(limits, options);
  const auto first = wait(throttle, "a", Lane::query);
  (void)wait(throttle, "a", Lane::query);
  const auto denied = throttle.enqueue("a", Lane::query);
  ASSERT_FALSE(denied.ok());
  EXPECT_EQ(denied.status().code(), StatusCode::denied);
  EXPECT_EQ(denied.status().reason(), FailureReason::queue_full);
  EXPECT_TRUE(throttle.enqueue("a", Lane::cancel).ok());
  EXPECT_TRUE(throttle.abandon(first));
  EXPECT_TRUE(throttle.enqueue("a", Lane::query).ok());
}

/// Random arrivals of every kind against a model that only counts: the window of every limit at every grant, the order
/// within each id and lane, that each wake-up gives something and no earlier moment would have, and that all is served.
TEST(Throttle, H_39_property_no_window_is_ever_exceeded_and_nothing_starves) {
  constexpr std::array<LinkedLimit, 2> two_pools{{{"weight", 7}, {"raw", 1}}};
  constexpr std::array<LinkedLimit, 2> heavy{{{"weight", 40}, {"raw", 1}}};
  constexpr std::array<LinkedLimit, 2> light{{{"weight", 1}, {"raw", 1}}};
  const std::array<RateLimit, 6> limits{{{"weight", 50, 1s, 1, {}},
                                         {"raw", 12, 700ms, 1, {}},
                                         {"new", 4, 100ms, 1, light},
                                         {"cancel", 6, 100ms, 2, light},
                                         {"book", 3, 900ms, 1, heavy},
                                         {"fills", 20, 2s, 3, two_pools}}};
  constexpr std::array<std::string_view, 5> ids{"new", "cancel", "book", "fills", "free"};
  struct Asked {
    std::size_t id;
    Lane lane;
  };
  struct Used {
    Time at;
    std::uint32_t weight;
    Lane lane;
  };

  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    core::Random random(seed);
    Throttle throttle = make_throttle(limits, {});
    std::vector<Asked> asked(1);  // by ticket
    std::array<std::vector<Used>, limits.size()> uses;
    std::array<std::array<Throttle::Ticket, kLanes>, ids.size()> last{};
    std::size_t granted = 0;
    std::size_t arrived = 0;
    std::size_t abandoned = 0;
    Time blocked_until = Time::min();
    Time now = kThrottleStart;

    const auto count_use = [&](std::size_t row, std::uint32_t weight, Lane lane) {
      const Duration window = limits[row].interval + limits[row].interval / 20;
      std::uint64_t sum = weight;
      for (const Used& use : uses[row]) sum += now - use.at <= window ? use.weight : 0;
      const std::uint32_t reserve = row == 0 ? 5 : row == 1 ? 1 : row == 5 ? 2 : 0;
      ASSERT_LE(sum, limits[row].limit - (lane == Lane::cancel ? 0 : reserve)) << limits[row].id;
      uses[row].push_back({now, weight, lane});
    };
    const auto count_call = [&](std::size_t id, Lane lane) {
      if (id == 4) return;
      ASSERT_GE(now, blocked_until);
      count_use(id + 2, limits[id + 2].weight, lane);
      for (const LinkedLimit& link : limits[id + 2].linked) count_use(link.id == "weight" ? 0 : 1, link.weight, lane);
    };
    const auto take_all = [&](const Tickets& tickets) {
      Lane most = Lane::cancel;
      for (const auto ticket : tickets) {
        const Asked& call = asked.at(ticket);
        ASSERT_GE(call.lane, most) << "more urgent lanes first";
        most = call.lane;
        auto& before = last[call.id][static_cast<std::size_t>(call.lane)];
        ASSERT_GT(ticket, before) << "first in, first out";
        before = ticket;
        count_call(call.id, call.lane);
        ++granted;
      }
    };

    for (int step = 0; step < 600; ++step) {
      now += Duration{static_cast<Duration::rep>(random.below(60'000'000))};
      const std::size_t id = random.below(ids.size());
      const auto lane = static_cast<Lane>(random.below(kLanes));
      if (random.chance(1, 4)) {
        if (throttle.try_acquire(ids[id], lane, now)) count_call(id, lane);
      } else {
        const auto ticket = wait(throttle, ids[id], lane);
        ASSERT_EQ(ticket, asked.size());
        asked.push_back({id, lane});
        ++arrived;
        if (random.chance(1, 20) && throttle.abandon(1 + random.below(ticket))) ++abandoned;
      }
      if (random.chance(1, 100)) {
        blocked_until = std::max(blocked_until, now + 500ms);
        throttle.block("raw", blocked_until);
        throttle.block("weight", blocked_until);
      }
      take_all(throttle.grant(now));
      if (HasFatalFailure()) return;
    }
    // Nothing arrives any more: every wake-up gives something, a nanosecond earlier gives nothing, and all are served.
    while (throttle.waiting() > 0) {
      const Time next = throttle.next_wakeup(now);
      ASSERT_NE(next, kNever);
      ASSERT_GE(next, now);
      ASSERT_TRUE(next == now || throttle.grant(next - 1ns).empty());
      now = next;
      const Tickets got = throttle.grant(now);
      ASSERT_FALSE(got.empty());
      take_all(got);
      if (HasFatalFailure()) return;
    }
    EXPECT_EQ(granted + abandoned, arrived);
    EXPECT_GT(granted, 300U);
  }
}

/// Bulk calls keep flowing while urgent ones leave room, and a heavy one among them gets its turn in bounded time.
TEST(Throttle, a_steady_stream_in_one_lane_serves_everybody_in_bounded_time) {
  const std::array<RateLimit, 3> limits{{{"pool", 10, 1s, 1, {}}, {"a", 10, 1s, 1, kToPool}, {"b", 3, 1s, 1, kToPool}}};
  Throttle throttle = make_throttle(limits, plain());
  core::Random random(1);
  std::vector<Time> since(1);
  Duration worst{0};
  Time now = kThrottleStart;
  for (int i = 0; i < 5000; ++i) {
    now += 125ms;  // eight a second, of which b gets a quarter: below each limit
    (void)wait(throttle, random.chance(1, 4) ? "b" : "a", Lane::bulk);
    since.push_back(now);
    for (const auto ticket : throttle.grant(now)) worst = std::max(worst, now - since[ticket]);
  }
  EXPECT_LT(worst, 10s);
  EXPECT_LT(throttle.waiting(), 40U);
}

TEST(Throttle, what_the_venue_counts_more_than_we_do_counts_as_used_now) {
  const std::array<RateLimit, 1> limits{{{"a", 10, 5s, 2, {}}}};
  Throttle throttle = make_throttle(limits, plain());
  ASSERT_TRUE(throttle.try_acquire("a", Lane::query, throttle_time(0s)));
  throttle.note_used("a", 2, throttle_time(1s));
  EXPECT_EQ(throttle.used("a", throttle_time(1s)), 2U) << "that is what we count ourselves";
  throttle.note_used("a", 9, throttle_time(1s));
  EXPECT_EQ(throttle.used("a", throttle_time(1s)), 9U);
  EXPECT_FALSE(throttle.try_acquire("a", Lane::query, throttle_time(1s)));
  throttle.note_used("a", 0, throttle_time(1s));
  EXPECT_EQ(throttle.used("a", throttle_time(1s)), 9U) << "what we count is never lowered";
  EXPECT_EQ(throttle.used("a", throttle_time(5s + 1ns)), 7U) << "ours is over, the rest counts from when it was told";
  EXPECT_EQ(throttle.used("a", throttle_time(6s + 1ns)), 0U);
}

TEST(Throttle, more_used_than_the_limit_blocks_until_it_is_over) {
  const std::array<RateLimit, 2> limits{{{"pool", 10, 5s, 1, {}}, {"path", 10, 5s, 1, kToPool}}};
  Throttle throttle = make_throttle(limits, plain("0.5"_dec));
  throttle.note_used("pool", 25, throttle_time(0s));
  const auto ticket = wait(throttle, "path", Lane::order);
  EXPECT_TRUE(throttle.grant(throttle_time(0s)).empty());
  EXPECT_EQ(throttle.next_wakeup(throttle_time(0s)), throttle_time(5s + 1ns));
  EXPECT_EQ(throttle.grant(throttle_time(5s + 1ns)), Tickets{ticket});
}

TEST(Throttle, used_units_of_an_unknown_limit_are_ignored) {
  Throttle throttle = make_throttle(kPoolAndPath, plain());
  throttle.note_used("unknown", 1000, throttle_time(0s));
  throttle.note_used("", 1000, throttle_time(0s));
  EXPECT_EQ(throttle.used("pool", throttle_time(0s)), 0U);
  EXPECT_TRUE(throttle.try_acquire("unknown", Lane::query, throttle_time(0s)));
}

}  // namespace
}  // namespace calypte::engine
