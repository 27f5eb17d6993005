// Where tests find their data files, and the recordings that are not part of the repository.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>

namespace calypte::test {

/// The folder tests/ of the sources, which the library calypte_test_data knows: the names of files that a compiler puts
/// into a program do not say where they are when the compiler cache has taken the folder out of them.
std::filesystem::path tests_folder();

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A file below tests/, by its path there.
inline std::string read_test_data(const std::string& path) { return read_file(tests_folder() / path); }

/// A recording by its path below the folder that CALYPTE_RECORDINGS names, or beside the repository; empty if absent.
inline std::optional<std::filesystem::path> recording(const std::string& path) {
  const char* folder = std::getenv("CALYPTE_RECORDINGS");
  const auto root = folder != nullptr ? std::filesystem::path(folder)
                                      : tests_folder().parent_path().parent_path() / "shared" / "recordings";
  if (!std::filesystem::exists(root / path)) return std::nullopt;
  return root / path;
}

}  // namespace calypte::test
