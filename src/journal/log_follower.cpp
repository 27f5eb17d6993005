#include "journal/log_follower.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace calypte::journal {
namespace {

/// The number of the first record of a segment; nothing if it holds none.
Result<std::optional<std::uint64_t>> first_record_of(const SegmentFile& file) {
  SegmentReader segment;
  if (Status status = segment.open(file.path); !status.ok()) return status;
  LogRecord record;
  if (segment.next(record) != SegmentReader::Found::record) return std::optional<std::uint64_t>();
  return std::optional(record.sequence);
}

}  // namespace

void LogFollower::seek(std::uint64_t first) {
  segment_.close();
  records_.clear();
  first_ = first;
  expected_ = 0;
}

/// The last segment that begins at or before `first_`; else the oldest.
Status LogFollower::open_first() {
  const auto files = segments_of(folder_);
  if (!files) return files.status();
  if (files->empty()) return {};
  const SegmentFile* best = &files->front();
  for (auto file = files->rbegin(); file != files->rend(); ++file) {
    const auto begins = first_record_of(*file);
    if (!begins) return begins.status();
    if (!*begins || **begins > first_) continue;
    best = &*file;
    break;
  }
  if (Status status = segment_.open(best->path); !status.ok()) return status;
  segment_number_ = best->number;
  return {};
}

/// Moves to the next segment that holds a record. Segments that stay empty lie between those of two runs.
Result<LogFollower::Move> LogFollower::next_segment() {
  const auto files = segments_of(folder_);
  if (!files) return files.status();
  for (const SegmentFile& file : *files) {
    if (file.number <= segment_number_) continue;
    const auto begins = first_record_of(file);
    if (!begins) return begins.status();
    if (!*begins) continue;
    if (expected_ != 0 && **begins > expected_) return Move::look_again;
    if (Status status = segment_.open(file.path); !status.ok()) return status;
    segment_number_ = file.number;
    return Move::done;
  }
  return Move::none;
}

Result<std::span<const LogRecord>> LogFollower::read(std::size_t limit) {
  records_.clear();
  if (!segment_.is_open()) {
    if (Status status = open_first(); !status.ok()) return status;
    if (!segment_.is_open()) return std::span<const LogRecord>();
  }
  bool looked_again = false;
  while (records_.size() < limit) {
    LogRecord record;
    auto found = segment_.next(record);
    if (found == SegmentReader::Found::bad && segment_.good_record_behind(expected_)) {
      // It may have been in the middle of being written when it was looked at, and others after it meanwhile.
      found = segment_.next(record);
      if (found == SegmentReader::Found::bad) {
        if (!records_.empty()) break;  // they are right; the next call finds the same again
        return segment_.damaged(fmt::format("record {}", expected_));
      }
    }
    if (found == SegmentReader::Found::record) {
      if (expected_ != 0 && record.sequence != expected_) {
        return segment_.damaged(fmt::format("record {} stands where {} should", record.sequence, expected_));
      }
      expected_ = record.sequence + 1;
      if (record.sequence >= first_) records_.push_back(record);
      continue;
    }
    // The records found so far are views into this segment, so they are handed out before it is left.
    if (!records_.empty()) break;
    const auto move = next_segment();
    if (!move) return move.status();
    if (*move == Move::none) break;
    if (*move == Move::done) continue;
    // A later segment goes on behind what is expected: the writer put more into this one after we had looked. That can
    // be seen now, since what came after it can be.
    if (looked_again) return segment_.damaged(fmt::format("record {} is missing", expected_));
    looked_again = true;
  }
  return std::span<const LogRecord>(records_);
}

}  // namespace calypte::journal
