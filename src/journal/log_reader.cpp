#include "journal/log_reader.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "journal/segment.hpp"
#include "journal/segment_reader.hpp"

namespace calypte::journal {
namespace {

constexpr std::string_view kSuffix = ".log";
constexpr std::size_t kDigits = 20;

}  // namespace

std::string segment_name(std::uint64_t number) { return fmt::format("{:0{}}{}", number, kDigits, kSuffix); }

Result<std::vector<SegmentFile>> segments_of(const std::filesystem::path& folder) {
  std::vector<SegmentFile> found;
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(folder, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) continue;
    std::uint64_t number = 0;
    const auto read = std::from_chars(name.data(), name.data() + kDigits, number);
    if (read.ec == std::errc{} && read.ptr == name.data() + kDigits) found.push_back({number, it->path()});
  }
  if (error) return system_failure("cannot list", folder, error.value());
  std::ranges::sort(found, {}, &SegmentFile::number);
  return found;
}

Result<LogEnd> read_log(const std::filesystem::path& folder, std::uint64_t first,
                        const std::function<void(const LogRecord&)>& visit) {
  const auto files = segments_of(folder);
  if (!files.ok()) return files.status();
  LogEnd end;
  std::uint64_t expected = 0;  // not known before the first record was seen
  for (const auto& file : *files) {
    SegmentReader segment;
    if (Status status = segment.open(file.path); !status.ok()) return status;
    end.torn_tail = false;
    for (;;) {
      LogRecord record;
      auto found = segment.next(record);
      if (found == SegmentReader::Found::bad && segment.good_record_behind(expected)) {
        // It may have been in the middle of being written when it was looked at, and others after it meanwhile.
        found = segment.next(record);
        if (found == SegmentReader::Found::bad) return segment.damaged(fmt::format("record {}", expected));
      }
      if (found == SegmentReader::Found::end) break;
      if (found == SegmentReader::Found::bad) {
        end.torn_tail = true;
        break;
      }
      if (expected == 0) expected = record.sequence;
      if (record.sequence != expected) {
        return segment.damaged(fmt::format("record {} stands where {} should", record.sequence, expected));
      }
      end.last_sequence = expected++;
      if (record.sequence >= first) visit(record);
    }
  }
  return end;
}

}  // namespace calypte::journal
