// The lines of a text file, which may be compressed with gzip.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "calypte/result.hpp"

namespace calypte::cli {

class LineReader {
 public:
  explicit LineReader(const std::filesystem::path& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// False at the end, and where reading on fails: `status` tells the two apart.
  bool next(std::string& line);
  [[nodiscard]] const Status& status() const noexcept { return status_; }

 private:
  bool fill();

  struct Impl;
  std::unique_ptr<Impl> impl_;
  Status status_;
};

}  // namespace calypte::cli
