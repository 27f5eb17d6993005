// Reads a log as it grows: remembers where it stands, so that looking for more costs next to nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include "calypte/result.hpp"

#include "journal/log_reader.hpp"
#include "journal/segment_reader.hpp"

namespace calypte::journal {

class LogFollower {
 public:
  explicit LogFollower(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The next `read` begins with this record, or with the first behind it that the log still has.
  void seek(std::uint64_t first);
  /// The records that follow, at most this many; none if there is nothing new. They are valid until the next call.
  /// `malformed` if the log is damaged, as for `read_log`; `unavailable` if a file cannot be read now.
  Result<std::span<const LogRecord>> read(std::size_t limit);

 private:
  enum class Move : std::uint8_t { done, none, look_again };
  Status open_first();
  Result<Move> next_segment();

  std::filesystem::path folder_;
  SegmentReader segment_;
  std::uint64_t segment_number_ = 0;
  std::uint64_t first_ = 1;
  std::uint64_t expected_ = 0;  ///< 0: whatever the first segment begins with
  std::vector<LogRecord> records_;
};

}  // namespace calypte::journal
