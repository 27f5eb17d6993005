// The process of tools/chain/chain.mjs, which ends when its input does: with this object or with the program.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace calypte::test {

class ChainProcess {
 public:
  /// Returns when the chain is ready. Throws `std::runtime_error` with the words of the process if that fails.
  explicit ChainProcess(const std::vector<std::string>& arguments);
  ~ChainProcess();
  ChainProcess(const ChainProcess&) = delete;
  ChainProcess& operator=(const ChainProcess&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return process_; }
  /// The line of JSON with which it says that it is ready.
  [[nodiscard]] const std::string& ready_line() const noexcept { return ready_line_; }

 private:
  void read_ready_line();
  void end() noexcept;

  pid_t process_ = 0;
  int input_ = -1;   ///< its standard input, ours to close
  int output_ = -1;  ///< its standard output and error
  std::string ready_line_;
};

}  // namespace calypte::test
