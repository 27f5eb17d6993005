#include "engine/clock_sync.hpp"

#include <gtest/gtest.h>

namespace calypte::engine {
namespace {

using namespace std::chrono_literals;

constexpr Time kClockStart = from_unix_ms(1'700'000'000'000);

/// A sample with the given offset and a round trip of 20 ms.
void add(ClockSync& clock, Duration offset, Time at = kClockStart) {
  clock.add_sample(at + 10ms + offset, at, at + 20ms);
}

TEST(ClockSync, TS_01_without_samples_venue_time_is_ours) {
  const ClockSync clock;
  EXPECT_FALSE(clock.synchronized());
  EXPECT_EQ(clock.offset(), 0ns);
  EXPECT_EQ(clock.venue_time(kClockStart), kClockStart);
}

TEST(ClockSync, TS_02_one_sample_is_taken_at_the_middle_of_the_round_trip) {
  ClockSync clock;
  const Time server = kClockStart + 5h;
  clock.add_sample(server, from_unix_ms(10), from_unix_ms(30));
  EXPECT_TRUE(clock.synchronized());
  EXPECT_EQ(clock.venue_time(from_unix_ms(31)), server - 20ms + 31ms);
}

TEST(ClockSync, TS_03_three_samples_weigh_1_3_5) {
  ClockSync clock;
  add(clock, 90ns);
  add(clock, 10ns);
  add(clock, 20ns);
  // The median is 20, the average (90 + 30 + 100) / 9 = 24.44; the mean of both is 22.22.
  EXPECT_EQ(clock.offset(), 22ns);
}

TEST(ClockSync, five_samples_of_1_to_5_seconds_give_3_4_seconds_exactly) {
  ClockSync clock;
  for (int i = 1; i <= 5; ++i) add(clock, std::chrono::seconds{i});
  EXPECT_EQ(clock.offset(), 3400ms);
}

TEST(ClockSync, keeps_the_last_five) {
  ClockSync clock;
  add(clock, 1h);
  add(clock, -1h);
  for (int i = 1; i <= 5; ++i) add(clock, std::chrono::seconds{i});
  EXPECT_EQ(clock.offset(), 3400ms);
  add(clock, 6s);
  EXPECT_EQ(clock.offset(), 4400ms);
}

TEST(ClockSync, an_even_number_of_samples_has_the_mean_of_the_middle_two_as_median) {
  ClockSync clock;
  add(clock, 1000ns);
  add(clock, 3000ns);
  // The median is 2000, the average (1000 + 9000) / 4 = 2500.
  EXPECT_EQ(clock.offset(), 2250ns);
}

TEST(ClockSync, rounds_to_the_nearest_nanosecond_on_both_sides_of_zero) {
  for (const int sign : {1, -1}) {
    ClockSync clock;
    add(clock, Duration{sign * 1});
    add(clock, Duration{sign * 2});
    // The median is 1.5, the average 7 / 4 = 1.75; the mean is 1.625.
    EXPECT_EQ(clock.offset(), Duration{sign * 2});
    ClockSync small;
    add(small, 0ns);
    add(small, Duration{sign * 1});
    // 0.5 and 0.75: 0.625.
    EXPECT_EQ(small.offset(), Duration{sign * 1});
    ClockSync smaller;
    add(smaller, Duration{sign * 1});
    add(smaller, 0ns);
    // 0.5 and 0.25: 0.375.
    EXPECT_EQ(smaller.offset(), 0ns);
  }
}

TEST(ClockSync, is_exact_for_an_offset_of_decades) {
  ClockSync clock;
  const Duration decades{1'700'000'000'000'000'001};
  for (int i = 0; i < 5; ++i) clock.add_sample(Time{decades}, Time{}, Time{});
  EXPECT_EQ(clock.offset(), decades);
  ClockSync behind;
  for (int i = 0; i < 5; ++i) behind.add_sample(Time{}, Time{decades}, Time{decades});
  EXPECT_EQ(behind.offset(), -decades);
}

TEST(ClockSync, a_coarse_clock_is_taken_at_the_middle_of_its_unit) {
  ClockSync clock;
  clock.add_sample(from_unix_ms(5000), from_unix_ms(5400), from_unix_ms(5600), 1s);
  EXPECT_EQ(clock.offset(), 0ns);
}

TEST(ClockSync, a_sample_received_before_it_was_sent_is_ignored) {
  ClockSync clock;
  clock.add_sample(kClockStart + 1h, kClockStart + 1ns, kClockStart);
  EXPECT_FALSE(clock.synchronized());
}

TEST(ClockSync, clear_forgets) {
  ClockSync clock;
  add(clock, 1s);
  clock.clear();
  EXPECT_FALSE(clock.synchronized());
  EXPECT_EQ(clock.offset(), 0ns);
}

}  // namespace
}  // namespace calypte::engine
