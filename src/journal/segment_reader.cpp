#include "journal/segment_reader.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
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

SegmentReader::Found read_record(std::string_view bytes, std::size_t& at, LogRecord& out) {
  using Found = SegmentReader::Found;
  RecordHeader header;
  if (bytes.size() - at < sizeof header) return Found::end;
  std::memcpy(&header, bytes.data() + at, sizeof header);
  if (header.size == 0) {
    const auto* rest = reinterpret_cast<const char*>(&header);
    return std::all_of(rest, rest + sizeof header, [](char c) { return c == 0; }) ? Found::end : Found::bad;
  }
  const std::size_t size = header.size - 1;
  if (size > bytes.size() - at - sizeof header) return Found::bad;
  // The size is written last; behind this fence lies all that was written before it. What was copied too early is
  // read again.
  std::atomic_thread_fence(std::memory_order_acquire);
  std::memcpy(&header, bytes.data() + at, sizeof header);
  out.sequence = header.sequence;
  out.kind = header.kind;
  out.hash = header.hash;
  out.payload = bytes.substr(at + sizeof header, size);
  if (header.hash != hash_of(header.kind, header.sequence, out.payload)) return Found::bad;
  // A file that was cut may end inside of the padding.
  at = std::min(bytes.size(), at + sizeof header + padded(size));
  return Found::record;
}

}  // namespace

void SegmentReader::close() noexcept {
  if (memory_ != nullptr) ::munmap(memory_, size_);
  memory_ = nullptr;
  size_ = 0;
}

Status SegmentReader::open(const std::filesystem::path& path) {
  close();
  path_ = path;
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
  if (!status.ok()) return status;
  SegmentHeader header;
  if (size_ < sizeof header) return damaged("it is too short");
  std::memcpy(&header, memory_, sizeof header);
  if (header.magic != kMagic || header.hash != hash_of(header)) return damaged("its header cannot be read");
  if (header.version != kFormatVersion) return damaged(fmt::format("version {} is not known here", header.version));
  at_ = sizeof header;
  return {};
}

SegmentReader::Found SegmentReader::next(LogRecord& out) { return read_record(bytes(), at_, out); }

bool SegmentReader::good_record_behind(std::uint64_t expected) const {
  for (std::size_t at = at_ + kAlignment; at < size_; at += kAlignment) {
    std::size_t end = at;
    LogRecord record;
    if (read_record(bytes(), end, record) == Found::record && record.sequence > expected &&
        record.sequence - expected < size_) {
      return true;
    }
  }
  return false;
}

Status SegmentReader::damaged(std::string_view what) const {
  return {StatusCode::malformed, fmt::format("journal: {} is damaged: {}", path_.string(), what)};
}

}  // namespace calypte::journal
