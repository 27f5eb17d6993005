// The process of tools/chain/chain.mjs, a chain of one's own for the demo and for tests (docs/test-chain.md). It ends
// when its input does: with this object or with the program, however that ends.
#pragma once

#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

#include "calypte/result.hpp"

namespace calypte::cli {

struct ChainProcessOptions {
  std::string tools;                        ///< the folder with chain.mjs
  std::string node = "node";                ///< Node.js: a path, or a name that is looked for in PATH
  std::vector<std::string> arguments = {};  ///< of chain.mjs
};

class ChainProcess {
 public:
  /// Returns when the chain is ready, after seconds where it has to be made first. `denied` in the words of what went
  /// wrong: no Node.js, no packages, no start in time.
  static Result<std::unique_ptr<ChainProcess>> start(const ChainProcessOptions& options);
  ~ChainProcess();
  ChainProcess(const ChainProcess&) = delete;
  ChainProcess& operator=(const ChainProcess&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return process_; }
  /// The line of JSON with which it says that it is ready.
  [[nodiscard]] const std::string& ready_line() const noexcept { return ready_line_; }

 private:
  ChainProcess() = default;
  Status read_ready_line();
  void end() noexcept;

  pid_t process_ = 0;
  int input_ = -1;   ///< its standard input, ours to close
  int output_ = -1;  ///< its standard output and error
  std::string ready_line_;
};

/// Runs tools/npm-packages, which lies beside the folder `tools`, for the packages that chain.mjs needs: at once where
/// they are there, else after a download. `denied` with the command to run by hand if that fails.
[[nodiscard]] Status provide_chain_packages(const std::string& tools);

}  // namespace calypte::cli
