// Reads a log, whether or not somebody writes to it, from any record on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/result.hpp"

namespace calypte::journal {

/// A record; a view that is valid inside the visit.
struct LogRecord {
  std::uint64_t sequence = 0;
  std::uint32_t kind = 0;
  std::string_view payload;
  std::uint64_t hash = 0;  ///< of all of it: tells it from another record that had the same number
};

/// What a reading found.
struct LogEnd {
  std::uint64_t last_sequence = 0;  ///< of the last whole record; 0: none
  bool torn_tail = false;           ///< behind it lies part of a record that was being written when the power failed
};

/// Visits every whole record from `first` on, in order. `malformed` if the log is damaged otherwise than by a torn
/// tail: a bad record with good ones behind it, a gap in the sequence, an unknown version. What was visited until then
/// is right.
[[nodiscard]] Result<LogEnd> read_log(const std::filesystem::path& folder, std::uint64_t first,
                                      const std::function<void(const LogRecord&)>& visit);

/// The segments of a folder, oldest first. The last one may hold no record: it was prepared and not used yet.
struct SegmentFile {
  std::uint64_t number = 0;
  std::filesystem::path path;
};
[[nodiscard]] Result<std::vector<SegmentFile>> segments_of(const std::filesystem::path& folder);
[[nodiscard]] std::string segment_name(std::uint64_t number);

}  // namespace calypte::journal
