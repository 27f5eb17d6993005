#include "cli/chain_process.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace calypte::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kChainStartLimit = 120s;  // the first start of all compiles and deploys
constexpr auto kChainStopLimit = 5s;

struct SpawnActions {
  SpawnActions() { ::posix_spawn_file_actions_init(&actions); }
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  posix_spawn_file_actions_t actions{};
};

/// A process group of its own: an interrupt from the terminal is for us, and we end the chain when we are done with it.
struct SpawnAttributes {
  SpawnAttributes() {
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    ::posix_spawnattr_setpgroup(&attributes, 0);
  }
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  posix_spawnattr_t attributes{};
};

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

int milliseconds_until(std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

Status no_chain(std::string why) { return {StatusCode::denied, std::move(why)}; }

}  // namespace

Result<std::unique_ptr<ChainProcess>> ChainProcess::start(const ChainProcessOptions& options) {
  std::unique_ptr<ChainProcess> chain(new ChainProcess());
  // No other child inherits them: one that kept the writing end would keep the chain alive.
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0) return no_chain("no pipe for the chain");
  chain->input_ = input[1];
  if (::pipe2(output.data(), O_CLOEXEC) != 0) {
    ::close(input[0]);
    return no_chain("no pipe for the chain");
  }
  chain->output_ = output[0];

  std::vector<std::string> words = {options.node, options.tools + "/chain.mjs"};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  auto pointers = pointers_to(words);
  SpawnActions spawn;
  const SpawnAttributes group;
  ::posix_spawn_file_actions_adddup2(&spawn.actions, input[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&spawn.actions, output[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&spawn.actions, output[1], STDERR_FILENO);
  const int failure =
      ::posix_spawnp(&chain->process_, pointers[0], &spawn.actions, &group.attributes, pointers.data(), environ);
  ::close(input[0]);
  ::close(output[1]);
  if (failure != 0) {
    chain->process_ = 0;
    const char* const hint =
        failure == ENOENT ? "; the chain runs on Node.js 18 or later, which `tools/install` brings" : "";
    return no_chain(fmt::format("cannot start {}: {}{}", options.node, std::strerror(failure), hint));
  }
  if (Status ready = chain->read_ready_line(); !ready.ok()) return ready;
  return chain;
}

ChainProcess::~ChainProcess() { end(); }

Status ChainProcess::read_ready_line() {
  const auto until = std::chrono::steady_clock::now() + kChainStartLimit;
  std::string said;
  while (said.empty() || said.back() != '\n' || said.front() != '{') {
    pollfd waiting{.fd = output_, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, milliseconds_until(until));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return no_chain("the chain did not start in time: " + said);
    std::array<char, 4096> piece{};
    const auto size = ::read(output_, piece.data(), piece.size());
    if (size <= 0) return no_chain("the chain did not start: " + said);
    said.append(piece.data(), static_cast<std::size_t>(size));
  }
  ready_line_ = said;
  return {};
}

void ChainProcess::end() noexcept {
  if (input_ >= 0) ::close(input_);
  if (process_ != 0) {
    // It ends anvil and itself when its input ends. If it does not, the kernel ends anvil with it.
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, process_, 0));
    pollfd waiting{.fd = handle, .events = POLLIN, .revents = 0};
    const auto until = std::chrono::steady_clock::now() + kChainStopLimit;
    int ended = -1;
    while ((ended = ::poll(&waiting, 1, milliseconds_until(until))) < 0 && errno == EINTR) {
    }
    if (handle >= 0) ::close(handle);
    if (handle < 0 || ended <= 0) ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  if (output_ >= 0) ::close(output_);
  input_ = output_ = -1;
  process_ = 0;
}

Status provide_chain_packages(const std::string& tools) {
  const std::filesystem::path folder(tools);
  std::error_code error;
  if (!std::filesystem::exists(folder / "chain.mjs", error)) {
    return no_chain(
        fmt::format("there is no chain.mjs in '{}'; --chain-tools names tools/chain of the sources", tools));
  }
  const std::string packages = (folder / "../../build/chain").lexically_normal().string();
  std::vector<std::string> words = {(folder / "../npm-packages").lexically_normal().string(), tools, packages};
  auto pointers = pointers_to(words);
  SpawnActions spawn;  // its output is for stderr: what the demo prints stays its own
  ::posix_spawn_file_actions_adddup2(&spawn.actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t process = 0;
  int state = 0;
  const int failure = ::posix_spawnp(&process, pointers[0], &spawn.actions, nullptr, pointers.data(), environ);
  while (failure == 0 && ::waitpid(process, &state, 0) < 0 && errno == EINTR) {
  }
  if (failure == 0 && WIFEXITED(state) && WEXITSTATUS(state) == 0) return {};
  return no_chain(fmt::format(
      "the packages of the chain are missing and could not be fetched; Node.js 18 or later and npm are needed "
      "(`tools/install` brings them). By hand: {} {} {}",
      words[0], words[1], words[2]));
}

}  // namespace calypte::cli
