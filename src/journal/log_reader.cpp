#include "journal/log_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/log_format.hpp"
#include "journal/segment.hpp"

namespace calypte::journal {
namespace {

constexpr std::string_view kSuffix = ".log";
constexpr std::size_t kDigits = 20;

/// A file mapped for reading.
class Mapping {
 public:
  Mapping() = default;
  ~Mapping() {
    if (memory_ != nullptr) ::munmap(memory_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  Status open(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return system_failure("cannot open", path, errno);
    struct stat info{};
    Status status;
    if (::fstat(file, &info) != 0) {
      status = system_failure("cannot read", path, errno);
    } else if (info.st_size > 0) {
      void* memory = ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_SHARED, file, 0);
      if (memory == MAP_FAILED) {
        status = system_failure("cannot map", path, errno);
      } else {
        memory_ = memory;
        size_ = static_cast<std::size_t>(info.st_size);
      }
    }
    ::close(file);
    return status;
  }
  [[nodiscard]] std::string_view bytes() const noexcept { return {static_cast<const char*>(memory_), size_}; }

 private:
  void* memory_ = nullptr;
  std::size_t size_ = 0;
};

Status damaged(const std::filesystem::path& path, std::string_view what) {
  return {StatusCode::malformed, fmt::format("journal: {} is damaged: {}", path.string(), what)};
}

enum class Found : std::uint8_t { record, end, bad };

Found read_record(std::string_view bytes, std::size_t& at, LogRecord& out) {
  RecordHeader header;
  if (bytes.size() - at < sizeof header) return Found::end;
  std::memcpy(&header, bytes.data() + at, sizeof header);
  if (header.size == 0) {
    const auto* rest = reinterpret_cast<const char*>(&header);
    return std::all_of(rest, rest + sizeof header, [](char c) { return c == 0; }) ? Found::end : Found::bad;
  }
  const std::size_t size = header.size - 1;
  if (size > bytes.size() - at - sizeof header) return Found::bad;
  out.sequence = header.sequence;
  out.kind = header.kind;
  out.payload = bytes.substr(at + sizeof header, size);
  if (header.hash != hash_of(header.kind, header.sequence, out.payload)) return Found::bad;
  at += sizeof header + padded(size);
  return Found::record;
}

/// Is there a whole record with a later sequence anywhere behind `at`? Then what is bad is no torn tail.
bool good_record_behind(std::string_view bytes, std::size_t at, std::uint64_t expected) {
  for (at += kAlignment; at < bytes.size(); at += kAlignment) {
    std::size_t end = at;
    LogRecord record;
    if (read_record(bytes, end, record) == Found::record && record.sequence > expected &&
        record.sequence - expected < bytes.size()) {
      return true;
    }
  }
  return false;
}

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
    Mapping mapping;
    if (Status status = mapping.open(file.path); !status.ok()) return status;
    const std::string_view bytes = mapping.bytes();
    SegmentHeader header;
    if (bytes.size() < sizeof header) return damaged(file.path, "it is too short");
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.magic != kMagic || header.hash != hash_of(header)) {
      return damaged(file.path, "its header cannot be read");
    }
    if (header.version != kFormatVersion) {
      return damaged(file.path, fmt::format("version {} is not known here", header.version));
    }
    std::size_t at = sizeof header;
    end.torn_tail = false;
    for (;;) {
      LogRecord record;
      const Found found = read_record(bytes, at, record);
      if (found == Found::end) break;
      if (found == Found::bad) {
        if (good_record_behind(bytes, at, expected)) return damaged(file.path, fmt::format("record {}", expected));
        end.torn_tail = true;
        break;
      }
      if (expected == 0) expected = record.sequence;
      if (record.sequence != expected) {
        return damaged(file.path, fmt::format("record {} stands where {} should", record.sequence, expected));
      }
      end.last_sequence = expected++;
      if (record.sequence >= first) visit(record);
    }
  }
  return end;
}

}  // namespace calypte::journal
