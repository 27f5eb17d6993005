// Appends records so that they survive the death of the process at any instant after `append` has returned.
//
// The segment in use is preallocated and mapped, so an append is a copy into memory that the kernel owns: no system
// call, no page fault, no lock. A second thread prepares the next segment ahead of time and carries what was written to
// the disk in groups, against power failures. One thread appends; the others' work is inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "calypte/result.hpp"
#include "calypte/time.hpp"

namespace calypte::journal {

struct LogOptions {
  std::size_t segment_size = std::size_t{8} << 20U;     ///< bytes; also the largest record, less its headers
  Duration sync_every = std::chrono::milliseconds{20};  ///< how much a power failure may cost; 0: only `sync`
};

class LogWriter {
 public:
  /// Opens the log in `folder`, which is made if it is missing, behind the last whole record. Fails clearly if another
  /// process has it open, if it cannot be written, or if there is no space for a segment.
  static Result<std::unique_ptr<LogWriter>> open(const std::filesystem::path& folder, LogOptions options);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  /// Appends one record and returns its sequence number, counting from 1 without gaps over all restarts. A failure
  /// (no space for the next segment, a record larger than a segment) has written nothing, and so will every later
  /// append until the cause is gone.
  Result<std::uint64_t> append(std::uint32_t kind, std::string_view payload);
  /// Records before this one are of no concern any more: the second thread removes the segments that hold nothing else.
  void release(std::uint64_t before);
  /// Returns when everything appended so far is on the disk.
  Status sync();

  /// The last record that was appended, and the last one that is known to be on the disk.
  [[nodiscard]] std::uint64_t last_sequence() const noexcept;
  [[nodiscard]] std::uint64_t synced_sequence() const noexcept;
  /// What the second thread ran into; ok while there was nothing. Appends go on as long as there is a segment.
  [[nodiscard]] Status health() const;

 private:
  struct Impl;
  explicit LogWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace calypte::journal
