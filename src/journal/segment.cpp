#include "journal/segment.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

#include "journal/log_format.hpp"
#include "journal/log_reader.hpp"

namespace calypte::journal {

Status system_failure(std::string_view what, const std::filesystem::path& path, int error) {
  return {StatusCode::unavailable,
          fmt::format("journal: {} {}: {}", what, path.string(), std::generic_category().message(error))};
}

Status sync_folder(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return system_failure("cannot open", folder, errno);
  const int result = ::fsync(file);
  const int error = errno;
  ::close(file);
  return result == 0 ? Status() : system_failure("cannot sync", folder, error);
}

Result<std::unique_ptr<Segment>> Segment::create(const std::filesystem::path& folder, std::uint64_t number,
                                                 std::size_t size) {
  // Under another name until it is complete: a reader never sees half a header.
  const auto path = folder / segment_name(number);
  const auto unfinished = std::filesystem::path(path.string() + ".new");
  const int file = ::open(unfinished.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return system_failure("cannot make", unfinished, errno);
  const auto fail = [&](std::string_view what, int error) -> Result<std::unique_ptr<Segment>> {
    ::close(file);
    ::unlink(unfinished.c_str());
    return system_failure(what, unfinished, error);
  };
  // A file with holes would kill the process by a signal when the disk is full; this one has all its blocks.
  if (const int error = ::posix_fallocate(file, 0, static_cast<off_t>(size)); error != 0) {
    return fail("no space for", error);
  }
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
  if (memory == MAP_FAILED) return fail("cannot map", errno);
  SegmentHeader header;
  header.hash = hash_of(header);
  std::memcpy(memory, &header, sizeof header);
  if (::fsync(file) != 0 || ::rename(unfinished.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::munmap(memory, size);
    return fail("cannot finish", error);
  }
  auto segment = std::unique_ptr<Segment>(new Segment(file, static_cast<std::byte*>(memory), size));
  segment->used_ = sizeof header;
  if (Status status = sync_folder(folder); !status.ok()) return status;
  return segment;
}

Segment::~Segment() {
  ::munmap(memory_, size_);
  ::close(file_);
}

bool Segment::fits(std::size_t payload) const noexcept {
  const std::size_t room = size_ - used_;
  return payload < UINT32_MAX && payload <= room && sizeof(RecordHeader) + padded(payload) <= room;
}

void Segment::append(std::uint32_t kind, std::uint64_t sequence, std::string_view payload) noexcept {
  std::byte* const at = memory_ + used_;
  if (!payload.empty()) std::memcpy(at + sizeof(RecordHeader), payload.data(), payload.size());
  auto* const header = reinterpret_cast<RecordHeader*>(at);
  header->kind = kind;
  header->sequence = sequence;
  header->hash = hash_of(kind, sequence, payload);
  // Last: whoever sees the size sees all of the record.
  std::atomic_ref<std::uint32_t>(header->size)
      .store(static_cast<std::uint32_t>(payload.size()) + 1, std::memory_order_release);
  used_ += sizeof(RecordHeader) + padded(payload.size());
}

Status Segment::sync() const {
  return ::fdatasync(file_) == 0 ? Status()
                                 : Status(StatusCode::unavailable,
                                          "journal: cannot sync a segment: " + std::generic_category().message(errno));
}

}  // namespace calypte::journal
