#include "transport/loop.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace calypte::transport::testing {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Loop, time_is_wall_clock_time_and_advances) {
  const Loop loop;
  const auto wall = std::chrono::system_clock::now();
  const Time first = loop.now();
  EXPECT_LT(std::chrono::abs(wall - first), seconds{1});
  Time last = first;
  while (last - first < milliseconds{2}) {
    const Time next = loop.now();
    ASSERT_GE(next, last);
    last = next;
  }
}

TEST(Loop, timers_fire_in_order_of_time_and_not_before_it) {
  Loop loop;
  Loop::Timer a(loop);
  Loop::Timer b(loop);
  Loop::Timer past(loop);
  std::vector<std::pair<char, Time>> fired;
  const Time start = loop.now();
  a.arm(start + milliseconds{20}, [&] {
    fired.emplace_back('a', loop.now());
    loop.stop();
  });
  b.arm(start + milliseconds{10}, [&] { fired.emplace_back('b', loop.now()); });
  past.arm(start - seconds{100}, [&] { fired.emplace_back('p', loop.now()); });
  loop.run();
  ASSERT_EQ(fired.size(), 3U);
  EXPECT_EQ(fired[0].first, 'p');
  EXPECT_EQ(fired[1].first, 'b');
  EXPECT_GE(fired[1].second, start + milliseconds{10});
  EXPECT_EQ(fired[2].first, 'a');
  EXPECT_GE(fired[2].second, start + milliseconds{20});
}

TEST(Loop, arming_again_replaces_and_disarming_cancels) {
  Loop loop;
  Loop::Timer timer(loop);
  Loop::Timer end(loop);
  std::vector<int> fired;
  const Time start = loop.now();
  timer.arm(start + milliseconds{5}, [&] { fired.push_back(1); });
  timer.arm(start + milliseconds{8}, [&] { fired.push_back(2); });
  timer.arm(start + milliseconds{8}, [&] { fired.push_back(3); });
  end.arm(start + milliseconds{20}, [&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(fired, std::vector<int>{3});

  fired.clear();
  timer.arm(loop.now() + milliseconds{2}, [&] { fired.push_back(4); });
  timer.arm(kNever, [&] { fired.push_back(5); });
  end.arm(loop.now() + milliseconds{10}, [&] { loop.stop(); });
  loop.run();
  EXPECT_TRUE(fired.empty());
}

TEST(Loop, timer_that_is_due_already_can_still_be_cancelled) {
  Loop loop;
  auto victim = std::make_unique<Loop::Timer>(loop);
  Loop::Timer other(loop);
  Loop::Timer killer(loop);
  bool fired = false;
  const Time when = loop.now() + milliseconds{2};
  killer.arm(when, [&] {
    victim.reset();
    other.disarm();
  });
  victim->arm(when, [&] { fired = true; });
  other.arm(when, [&] { fired = true; });
  std::this_thread::sleep_for(milliseconds{5});
  loop.run_for(milliseconds{20});
  loop.run_for(milliseconds{5});
  EXPECT_FALSE(fired);
}

TEST(Loop, timer_may_arm_or_destroy_itself_when_it_fires) {
  Loop loop;
  auto timer = std::make_unique<Loop::Timer>(loop);
  int fired = 0;
  timer->arm(loop.now(), [&] {
    ++fired;
    timer->arm(loop.now(), [&] {
      ++fired;
      timer.reset();
      loop.stop();
    });
  });
  loop.run();
  EXPECT_EQ(fired, 2);
}

TEST(Loop, posting_works_from_any_thread_and_spinning_or_not) {
  for (const bool spin : {false, true}) {
    Loop loop;
    int calls = 0;
    std::thread thread([&] {
      for (int i = 0; i < 100; ++i) loop.post([&] { ++calls; });
      loop.post([&] { loop.stop(); });
    });
    loop.run(spin);
    thread.join();
    EXPECT_EQ(calls, 100);
  }
}

TEST(Loop, stopping_before_running_is_not_lost_and_counts_once) {
  Loop loop;
  loop.stop();
  loop.run();
  bool ran = false;
  loop.post([&] {
    ran = true;
    loop.stop();
  });
  loop.run();
  EXPECT_TRUE(ran);
}

TEST(Loop, run_for_returns_when_nothing_comes) {
  Loop loop;
  const Time start = loop.now();
  loop.run_for(milliseconds{10});
  EXPECT_GE(loop.now() - start, milliseconds{10});
  EXPECT_LT(loop.now() - start, seconds{1});
}

TEST(Loop, termination_signals_are_told_each_time) {
  Loop loop;
  int calls = 0;
  loop.on_termination_signal([&] {
    if (++calls == 2) loop.stop();
  });
  loop.post([] { std::raise(SIGTERM); });
  loop.post([] { std::raise(SIGINT); });
  Loop::Timer limit(loop);
  limit.arm(loop.now() + seconds{2}, [&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(calls, 2);
}

TEST(Loop, counts_the_time_in_which_it_served_nobody) {
  Loop loop;
  Loop::Timer first(loop);
  Loop::Timer end(loop);
  Duration idle{};
  const Time start = loop.now();
  EXPECT_EQ(loop.lost_time(start + seconds{9}), Duration::zero()) << "nothing runs, so nothing is lost";
  first.arm(start + milliseconds{600}, [&] {
    idle = loop.lost_time(loop.now());
    std::this_thread::sleep_for(milliseconds{700});
    end.arm(loop.now() + milliseconds{1}, [&] { loop.stop(); });
  });
  loop.run();
  // A machine that is busy with other things may hold us up on its own; what we held is counted in any case.
  const Duration lost = loop.lost_time(loop.now()) - idle;
  EXPECT_GE(lost, milliseconds{700});
  EXPECT_LT(lost, seconds{30});
  const Duration then = loop.lost_time(loop.now() + seconds{9});
  EXPECT_EQ(then, loop.lost_time(loop.now())) << "between two runs nothing is lost";
}

}  // namespace

}  // namespace calypte::transport::testing
