// The log of the journal: what was appended survives whatever happens to the process, and damage is never silent.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "journal/log_format.hpp"
#include "journal/log_reader.hpp"
#include "journal/log_writer.hpp"

namespace calypte::journal {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class JournalLog : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("calypte-journal-" + std::to_string(::getpid()) + "-" +
                                           testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<LogWriter> open(LogOptions options = {.segment_size = 4096, .sync_every = 1ms}) {
    auto writer = LogWriter::open(folder_, options);
    EXPECT_TRUE(writer.ok()) << writer.status().to_string();
    return writer.ok() ? std::move(*writer) : nullptr;
  }
  std::vector<std::string> read(std::uint64_t first = 1) {
    std::vector<std::string> payloads;
    std::uint64_t next = first;
    const auto end = read_log(folder_, first, [&](const LogRecord& record) {
      EXPECT_EQ(record.sequence, next++);
      payloads.emplace_back(record.payload);
    });
    EXPECT_TRUE(end.ok()) << end.status().to_string();
    if (end.ok()) end_ = *end;
    return payloads;
  }
  fs::path segment(std::size_t index) { return segments_of(folder_)->at(index).path; }
  static void flip(const fs::path& path, std::size_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(file.get() ^ 0x40);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }

  fs::path folder_;
  LogEnd end_;
};

TEST_F(JournalLog, what_is_appended_is_read_in_order_over_segments_and_restarts) {
  std::vector<std::string> expected;
  for (int restart = 0; restart < 3; ++restart) {
    auto writer = open();
    for (int i = 0; i < 200; ++i) {
      expected.push_back(std::string(static_cast<std::size_t>(i % 97), static_cast<char>('a' + i % 26)));
      const auto sequence = writer->append(static_cast<std::uint32_t>(i % 5), expected.back());
      ASSERT_TRUE(sequence.ok()) << sequence.status().to_string();
      EXPECT_EQ(*sequence, expected.size());
    }
  }
  EXPECT_EQ(read(), expected);
  EXPECT_EQ(end_.last_sequence, expected.size());
  EXPECT_FALSE(end_.torn_tail);
  EXPECT_GT(segments_of(folder_)->size(), 5U);
  const auto tail = read(401);
  EXPECT_EQ(tail, std::vector<std::string>(expected.begin() + 400, expected.end()));
  EXPECT_TRUE(read(10'000).empty());
}

TEST_F(JournalLog, a_reader_follows_a_writer) {
  auto writer = open();
  ASSERT_TRUE(writer->append(1, "one").ok());
  EXPECT_EQ(read().size(), 1U);
  ASSERT_TRUE(writer->append(1, "two").ok());
  EXPECT_EQ(read(2), std::vector<std::string>{"two"});
}

TEST_F(JournalLog, a_killed_process_loses_nothing_that_append_returned) {
  for (int round = 0; round < 20; ++round) {
    fs::remove_all(folder_);
    int told[2];
    ASSERT_EQ(::pipe(told), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto writer = LogWriter::open(folder_, {.segment_size = 4096, .sync_every = 1ms});
      if (!writer.ok()) ::_exit(1);
      for (std::uint64_t i = 1;; ++i) {
        const auto done = (*writer)->append(7, std::string(i % 200, 'x'));
        if (!done.ok() || ::write(told[1], &*done, sizeof *done) != sizeof *done) ::_exit(1);
      }
    }
    ::close(told[1]);
    std::uint64_t last = 0;
    std::uint64_t sequence = 0;
    for (int i = 0; i < 50 + round * 37 && ::read(told[0], &sequence, sizeof sequence) == sizeof sequence; ++i)
      last = sequence;
    ::kill(child, SIGKILL);
    while (::read(told[0], &sequence, sizeof sequence) == sizeof sequence) last = sequence;
    ::close(told[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto payloads = read();
    EXPECT_GE(payloads.size(), last);
    EXPECT_LE(payloads.size(), last + 1) << "at most the one that was under way is there besides";
    for (std::size_t i = 0; i < payloads.size(); ++i) ASSERT_EQ(payloads[i], std::string((i + 1) % 200, 'x'));
    // The next process goes on behind it.
    auto writer = open();
    EXPECT_EQ(*writer->append(1, "next"), payloads.size() + 1);
  }
}

TEST_F(JournalLog, a_torn_tail_is_left_behind) {
  for (const std::size_t cut : {1U, 10U, 23U, 24U, 30U}) {
    fs::remove_all(folder_);
    {
      ASSERT_TRUE(open()->append(1, "whole").ok());
    }
    // A record whose first bytes reached the disk when the power failed, and no more.
    const auto path = segment(0);
    const std::size_t at = sizeof(SegmentHeader) + sizeof(RecordHeader) + padded(5);
    const std::string bytes(cut, '\x5a');
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    EXPECT_EQ(read(), std::vector<std::string>{"whole"}) << cut;
    EXPECT_TRUE(end_.torn_tail) << cut;
    EXPECT_EQ(*open()->append(1, "after"), 2U);
    EXPECT_EQ(read(), (std::vector<std::string>{"whole", "after"})) << cut;
  }
}

// A copy of a segment may end with the last byte of a record, before its padding. The record fills the page, so that a
// look behind the end is one outside of the mapping.
TEST_F(JournalLog, a_segment_that_ends_inside_of_padding_ends_there) {
  const std::string payload(4096 - sizeof(SegmentHeader) - sizeof(RecordHeader) - 3, 'x');
  ASSERT_TRUE(open()->append(1, payload).ok());
  fs::resize_file(segment(0), 4093);
  while (segments_of(folder_)->size() > 1) fs::remove(segments_of(folder_)->back().path);
  EXPECT_EQ(read(), std::vector<std::string>{payload});
  EXPECT_FALSE(end_.torn_tail);
}

TEST_F(JournalLog, damage_in_the_middle_is_told) {
  {
    auto writer = open({.segment_size = 1 << 16, .sync_every = 0ns});
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(writer->append(1, "payload number " + std::to_string(i)).ok());
  }
  const auto path = segment(0);
  for (std::size_t at = sizeof(SegmentHeader); at < 1500; at += 7) {
    flip(path, at);
    std::size_t seen = 0;
    const auto end = read_log(folder_, 1, [&](const LogRecord& record) {
      EXPECT_EQ(record.payload, "payload number " + std::to_string(seen++));
    });
    // Padding is nobody's; everything else is noticed, and what came before the damage is right.
    if (end.ok()) {
      EXPECT_EQ(end->last_sequence, 50U) << at;
    } else {
      EXPECT_EQ(end.status().code(), StatusCode::malformed);
      EXPECT_LT(seen, 50U);
      EXPECT_FALSE(LogWriter::open(folder_, {}).ok()) << "nobody writes behind damage";
    }
    flip(path, at);
  }
  flip(path, 3);
  EXPECT_FALSE(read_log(folder_, 1, [](const LogRecord&) {}).ok());
}

TEST_F(JournalLog, a_missing_segment_is_a_gap) {
  {
    auto writer = open();
    for (int i = 0; i < 300; ++i) ASSERT_TRUE(writer->append(1, std::string(100, 'x')).ok());
  }
  fs::remove(segment(2));
  const auto end = read_log(folder_, 1, [](const LogRecord&) {});
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.status().code(), StatusCode::malformed);
}

TEST_F(JournalLog, one_writer_at_a_time) {
  auto first = open();
  const auto second = LogWriter::open(folder_, {});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), StatusCode::denied);
  first.reset();
  EXPECT_TRUE(LogWriter::open(folder_, {}).ok());
}

TEST_F(JournalLog, no_space_is_an_error_and_writes_nothing) {
  auto writer = open({.segment_size = 4096, .sync_every = 0ns});
  // The way to a full disk that a test may go: no file may grow.
  struct rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  struct sigaction ignore{};
  struct sigaction old{};
  ignore.sa_handler = SIG_IGN;
  ASSERT_EQ(::sigaction(SIGXFSZ, &ignore, &old), 0);
  const struct rlimit none{100, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  std::uint64_t written = 0;
  Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) {
    const auto done = writer->append(1, std::string(200, 'x'));
    status = done.status();
    if (done.ok()) written = *done;
  }
  EXPECT_EQ(status.code(), StatusCode::unavailable);
  EXPECT_NE(status.message().find("no space"), std::string::npos) << status.message();
  EXPECT_FALSE(writer->append(1, std::string(200, 'x')).ok());
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_EQ(::sigaction(SIGXFSZ, &old, nullptr), 0);
  EXPECT_EQ(read().size(), written);
  // There is space again.
  EXPECT_EQ(*writer->append(1, std::string(200, 'x')), written + 1);
}

TEST_F(JournalLog, a_folder_that_cannot_be_made_is_an_error) {
  std::ofstream(folder_.string()) << "a file stands here";
  const auto writer = LogWriter::open(folder_, {});
  ASSERT_FALSE(writer.ok());
  EXPECT_EQ(writer.status().code(), StatusCode::unavailable);
  EXPECT_NE(writer.status().message().find(folder_.string()), std::string::npos);
}

TEST_F(JournalLog, a_record_larger_than_a_segment_is_refused) {
  auto writer = open();
  EXPECT_EQ(writer->append(1, std::string(5000, 'x')).status().code(), StatusCode::denied);
  EXPECT_EQ(*writer->append(1, "small"), 1U);
}

TEST_F(JournalLog, groups_are_synced_by_themselves) {
  auto writer = open();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(writer->append(1, std::string(100, 'x')).ok());
  for (int i = 0; i < 2000 && writer->synced_sequence() < 100; ++i) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(writer->synced_sequence(), 100U);
  EXPECT_TRUE(writer->health().ok());
  ASSERT_TRUE(writer->append(1, "x").ok());
  ASSERT_TRUE(writer->sync().ok());
  EXPECT_EQ(writer->synced_sequence(), 101U);
}

}  // namespace
}  // namespace calypte::journal
