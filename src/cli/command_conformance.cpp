#include "cli/command_conformance.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

namespace calypte::cli {

int run_conformance(const std::vector<std::string>& arguments) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    fmt::print(stderr, "calypte conformance: cannot tell where this program stands: {}\n", error.message());
    return 2;
  }
  auto program = (self.parent_path() / "calypte-conformance").string();
  if (!std::filesystem::exists(program, error)) {
    fmt::print(stderr,
               "calypte conformance: {} is not there. It is built with the tests: cmake --build BUILD --target "
               "conformance\n",
               program);
    return 2;
  }
  std::vector<std::string> words = arguments;
  if (words.empty()) words.emplace_back("--help");
  std::vector<char*> argv = {program.data()};
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  fmt::print(stderr, "calypte conformance: {} cannot be started: {}\n", program, std::strerror(errno));
  return 2;
}

}  // namespace calypte::cli
