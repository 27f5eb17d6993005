// Reads the records of one segment, one after the other, while somebody may be writing to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "calypte/result.hpp"

#include "journal/log_reader.hpp"

namespace calypte::journal {

class SegmentReader {
 public:
  enum class Found : std::uint8_t {
    record,
    end,  ///< nothing yet; ask again if somebody writes
    bad,  ///< part of a record, or damage
  };

  SegmentReader() = default;
  ~SegmentReader() { close(); }
  SegmentReader(const SegmentReader&) = delete;
  SegmentReader& operator=(const SegmentReader&) = delete;

  /// Maps the file and checks its header. `malformed` if it is none of ours, or of a version that is not known.
  Status open(const std::filesystem::path& path);
  void close() noexcept;
  [[nodiscard]] bool is_open() const noexcept { return memory_ != nullptr; }
  /// The next record, and moves behind it; its payload is valid until `close`. Does not move otherwise.
  Found next(LogRecord& out);
  /// Is there a whole record with a later sequence anywhere behind here? Then what is bad is no torn tail.
  [[nodiscard]] bool good_record_behind(std::uint64_t expected) const;
  [[nodiscard]] Status damaged(std::string_view what) const;

 private:
  [[nodiscard]] std::string_view bytes() const noexcept { return {static_cast<const char*>(memory_), size_}; }
  std::filesystem::path path_;
  void* memory_ = nullptr;
  std::size_t size_ = 0;
  std::size_t at_ = 0;
};

}  // namespace calypte::journal
