// Reading a log as it grows.
#include "journal/log_follower.hpp"

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "journal/log_reader.hpp"
#include "journal/log_writer.hpp"

namespace calypte::journal {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Follower : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("calypte-follower-" + std::to_string(::getpid()) + "-" +
                                           testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    open();
  }
  void TearDown() override {
    writer_.reset();
    fs::remove_all(folder_);
  }
  void open() {
    writer_.reset();
    auto writer = LogWriter::open(folder_, {.segment_size = 4096, .sync_every = 0ns});
    ASSERT_TRUE(writer.ok()) << writer.status().to_string();
    writer_ = std::move(*writer);
  }
  void append(int count, std::size_t size = 500) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(writer_->append(1, std::string(size, 'x')).ok());
  }
  /// The numbers of the records of one reading.
  static std::vector<std::uint64_t> read(LogFollower& follower, std::size_t limit = 1000) {
    std::vector<std::uint64_t> numbers;
    const auto records = follower.read(limit);
    EXPECT_TRUE(records.ok()) << records.status().to_string();
    if (!records.ok()) return numbers;
    for (const LogRecord& record : *records) numbers.push_back(record.sequence);
    return numbers;
  }
  /// All that there is now.
  static std::vector<std::uint64_t> read_all(LogFollower& follower) {
    std::vector<std::uint64_t> numbers;
    for (auto some = read(follower); !some.empty(); some = read(follower)) {
      numbers.insert(numbers.end(), some.begin(), some.end());
    }
    return numbers;
  }
  static std::vector<std::uint64_t> range(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> numbers;
    for (; first <= last; ++first) numbers.push_back(first);
    return numbers;
  }
  fs::path folder_;
  std::unique_ptr<LogWriter> writer_;
};

TEST_F(Follower, it_finds_what_was_added_and_nothing_twice) {
  LogFollower follower(folder_);
  EXPECT_TRUE(read(follower).empty());
  append(3);
  EXPECT_EQ(read(follower, 2), range(1, 2));
  EXPECT_EQ(read(follower), range(3, 3));
  EXPECT_TRUE(read(follower).empty());
  append(20);
  EXPECT_EQ(read_all(follower), range(4, 23));
}

TEST_F(Follower, it_goes_over_segments_that_stayed_empty) {
  append(2);
  for (int i = 0; i < 3; ++i) open();
  append(2);
  LogFollower follower(folder_);
  EXPECT_EQ(read_all(follower), range(1, 4));
  open();
  append(1);
  EXPECT_EQ(read_all(follower), range(5, 5));
}

TEST_F(Follower, it_begins_where_it_is_told) {
  append(30);
  LogFollower follower(folder_);
  for (const std::uint64_t first : {17U, 1U, 30U, 8U}) {
    follower.seek(first);
    EXPECT_EQ(read_all(follower), range(first, 30));
  }
  follower.seek(31);
  EXPECT_TRUE(read_all(follower).empty());
  append(1);
  EXPECT_EQ(read_all(follower), range(31, 31));
  // Segments that were removed: it begins with what there is.
  const auto files = segments_of(folder_);
  ASSERT_TRUE(files.ok());
  fs::remove(files->front().path);
  follower.seek(1);
  const auto rest = read_all(follower);
  ASSERT_FALSE(rest.empty());
  EXPECT_GT(rest.front(), 1U);
  EXPECT_EQ(rest.back(), 31U);
}

TEST_F(Follower, what_stands_before_damage_is_read_and_the_damage_is_said) {
  append(5);
  const auto files = segments_of(folder_);
  ASSERT_TRUE(files.ok());
  {
    // Inside of the third record: 24 bytes of the segment's header, then 24 and 504 for each record.
    std::fstream file(files->front().path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(24 + 2 * 528 + 100);
    file.put('y');
  }
  LogFollower follower(folder_);
  EXPECT_EQ(read(follower), range(1, 2));
  EXPECT_EQ(follower.read(10).status().code(), StatusCode::malformed);
}

TEST_F(Follower, a_writer_at_full_speed_is_never_taken_for_damage) {
  constexpr std::uint64_t kRecords = 20'000;
  std::atomic<bool> failed{false};
  std::thread writing([&] {
    for (std::uint64_t i = 0; i < kRecords && !failed; ++i) {
      if (!writer_->append(1, std::string(i % 97, 'x')).ok()) failed = true;
    }
  });
  LogFollower follower(folder_);
  std::uint64_t next = 1;
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (next <= kRecords && !failed && std::chrono::steady_clock::now() < until) {
    const auto records = follower.read(64);
    if (!records.ok()) {
      ADD_FAILURE() << records.status().to_string();
      failed = true;
      break;
    }
    for (const LogRecord& record : *records) {
      if (record.sequence != next || record.payload.size() != (next - 1) % 97) failed = true;
      ++next;
    }
  }
  writing.join();
  EXPECT_FALSE(failed);
  EXPECT_EQ(next, kRecords + 1);
}

}  // namespace
}  // namespace calypte::journal
