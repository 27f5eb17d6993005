// One preallocated, mapped file of the log, open for writing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "calypte/result.hpp"

namespace calypte::journal {

class Segment {
 public:
  /// Makes the file with all its blocks, so that writing into it cannot run out of space, and maps it. Nothing is left
  /// behind on a failure.
  static Result<std::unique_ptr<Segment>> create(const std::filesystem::path& folder, std::uint64_t number,
                                                 std::size_t size);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  [[nodiscard]] bool fits(std::size_t payload) const noexcept;
  /// Precondition: it fits.
  void append(std::uint32_t kind, std::uint64_t sequence, std::string_view payload) noexcept;
  Status sync() const;
  [[nodiscard]] std::size_t used() const noexcept { return used_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  Segment(int file, std::byte* memory, std::size_t size) noexcept : file_(file), memory_(memory), size_(size) {}
  int file_;
  std::byte* memory_;
  std::size_t size_;
  std::size_t used_ = 0;
};

/// Makes the names of new or removed files durable.
Status sync_folder(const std::filesystem::path& folder);
/// The words for `errno`, with what was tried.
[[nodiscard]] Status system_failure(std::string_view what, const std::filesystem::path& path, int error);

}  // namespace calypte::journal
