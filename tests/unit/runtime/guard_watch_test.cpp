// When a connector is dead to its guard, and the file by which it shows that it is not.
#include "runtime/guard_watch.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/heartbeat.hpp"

namespace calypte::runtime {
namespace {

using namespace std::chrono_literals;
using Verdict = GuardWatch::Verdict;

Time at(Duration d) { return from_unix_ms(1'790'000'000'000) + d; }

struct Watched {
  explicit Watched(Duration after = 10s) : watch(after) {
    beat.every = 1s;
    beat.count = 1;
    beat.at = at(0s);
    beat.link_good = at(0s);
  }
  Verdict look(Duration when) {
    return watch.look(std::optional(beat), [this] { return locked; }, at(when));
  }
  void live(Duration when) {
    ++beat.count;
    beat.at = at(when);
    beat.link_good = at(when);
  }
  LastBeat beat;
  bool locked = true;
  GuardWatch watch;
};

TEST(GuardWatch, what_beats_lives_and_what_is_silent_for_long_enough_is_dead) {
  Watched w;
  EXPECT_EQ(w.look(0s), Verdict::alive);
  w.live(5s);
  EXPECT_EQ(w.look(5s), Verdict::alive);
  w.locked = false;
  EXPECT_EQ(w.look(14'999ms), Verdict::alive) << "a free lock alone proves nothing yet";
  EXPECT_EQ(w.look(15s), Verdict::dead);
  EXPECT_EQ(w.watch.reason(), "the process is gone");
  EXPECT_EQ(w.watch.gone_since(), at(5s));
  w.live(16s);
  EXPECT_EQ(w.look(16s), Verdict::alive) << "it came back";
}

TEST(GuardWatch, a_loop_that_stands_still_is_dead_although_the_process_lives) {
  Watched w;
  EXPECT_EQ(w.look(0s), Verdict::alive);
  EXPECT_EQ(w.look(10s), Verdict::dead);
  EXPECT_NE(w.watch.reason().find("stood still"), std::string::npos);
}

TEST(GuardWatch, a_dead_link_is_a_death_by_the_clock_of_the_connector) {
  Watched w;
  EXPECT_EQ(w.look(0s), Verdict::alive);
  w.live(9s);
  w.beat.link_good = at(0s);
  EXPECT_EQ(w.look(9s), Verdict::alive);
  w.live(10s);
  w.beat.link_good = at(0s);
  EXPECT_EQ(w.look(10s), Verdict::dead);
  EXPECT_EQ(w.watch.gone_since(), at(10s)) << "it may have sent something just now";
}

TEST(GuardWatch, a_clean_stop_and_an_empty_folder_are_no_death) {
  Watched w;
  EXPECT_EQ(w.look(0s), Verdict::alive);
  w.beat.stopped_cleanly = true;
  w.locked = false;
  EXPECT_EQ(w.look(3600s), Verdict::stopped);
  GuardWatch fresh(10s);
  EXPECT_EQ(fresh.look(std::nullopt, [] { return false; }, at(3600s)), Verdict::absent);
}

TEST(GuardWatch, a_guard_that_starts_late_waits_as_long_as_any_other) {
  Watched w;
  w.locked = false;
  EXPECT_EQ(w.look(3600s), Verdict::alive);
  EXPECT_EQ(w.look(3609s), Verdict::alive);
  EXPECT_EQ(w.look(3610s), Verdict::dead);
}

TEST(GuardWatch, fewer_than_three_beats_missed_are_no_silence) {
  Watched w(2s);
  w.beat.every = 5s;
  EXPECT_EQ(w.look(0s), Verdict::alive);
  EXPECT_EQ(w.look(14s), Verdict::alive);
  EXPECT_EQ(w.look(15s), Verdict::dead);
}

class HeartbeatFile : public testing::Test {
 protected:
  HeartbeatFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "calypte-beat-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  ~HeartbeatFile() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
  HeartbeatOwner owner{.venue = "crypto_com", .environment = "live", .prefix = "cal"};
};

TEST_F(HeartbeatFile, tells_whose_it_is_and_how_it_goes) {
  EXPECT_FALSE(read_heartbeat(folder));
  auto heartbeat = Heartbeat::open(folder, owner, 1s);
  ASSERT_TRUE(heartbeat.ok()) << heartbeat.status().to_string();
  EXPECT_FALSE(read_heartbeat(folder)) << "it has not lived yet";
  (*heartbeat)->beat(at(2s), at(1s));
  const auto first = read_heartbeat(folder);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->owner.venue, "crypto_com");
  EXPECT_EQ(first->owner.environment, "live");
  EXPECT_EQ(first->owner.prefix, "cal");
  EXPECT_EQ(first->every, 1s);
  EXPECT_EQ(first->at, at(2s));
  EXPECT_EQ(first->link_good, at(1s));
  EXPECT_FALSE(first->stopped_cleanly);
  (*heartbeat)->stopped_cleanly();
  EXPECT_TRUE(read_heartbeat(folder)->stopped_cleanly);
  // The next process: what the last one said stands until it lives itself.
  heartbeat->reset();
  heartbeat = Heartbeat::open(folder, owner, 1s);
  EXPECT_TRUE(read_heartbeat(folder)->stopped_cleanly);
  (*heartbeat)->beat(at(3s), at(3s));
  EXPECT_FALSE(read_heartbeat(folder)->stopped_cleanly);
  EXPECT_GT(read_heartbeat(folder)->count, first->count);
}

TEST_F(HeartbeatFile, what_is_no_heartbeat_is_not_read_as_one) {
  std::ofstream(folder / "heartbeat") << "short";
  EXPECT_FALSE(read_heartbeat(folder));
  std::ofstream(folder / "heartbeat") << std::string(4096, 'x');
  EXPECT_FALSE(read_heartbeat(folder));
  owner.prefix = std::string(64, 'p');
  EXPECT_EQ(Heartbeat::open(folder, owner, 1s).status().code(), StatusCode::denied);
}

TEST_F(HeartbeatFile, the_lock_of_the_journal_tells_whether_a_process_lives) {
  EXPECT_FALSE(*journal_is_in_use(folder)) << "there is none yet";
  const int file = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(file, 0);
  EXPECT_FALSE(*journal_is_in_use(folder));
  ASSERT_EQ(::flock(file, LOCK_EX | LOCK_NB), 0);
  EXPECT_TRUE(*journal_is_in_use(folder));
  ::close(file);
  EXPECT_FALSE(*journal_is_in_use(folder));
}

}  // namespace
}  // namespace calypte::runtime
