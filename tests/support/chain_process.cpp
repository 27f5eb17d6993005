#include "support/chain_process.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace calypte::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kStartLimit = 120s;  // the first start of all compiles and deploys
constexpr auto kStopLimit = 5s;

struct SpawnActions {
  SpawnActions() { ::posix_spawn_file_actions_init(&actions); }
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  posix_spawn_file_actions_t actions{};
};

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  // No other child inherits them: one that kept the writing end would keep the chain alive.
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe for the chain");
  return ends;
}

int milliseconds_until(std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

}  // namespace

ChainProcess::ChainProcess(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {CALYPTE_NODE, CALYPTE_SOURCE_DIR "/tools/chain/chain.mjs"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  const auto input = make_pipe();
  const auto output = make_pipe();
  input_ = input[1];
  output_ = output[0];
  SpawnActions spawn;
  ::posix_spawn_file_actions_adddup2(&spawn.actions, input[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&spawn.actions, output[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&spawn.actions, output[1], STDERR_FILENO);
  const int failure = ::posix_spawn(&process_, pointers[0], &spawn.actions, nullptr, pointers.data(), environ);
  ::close(input[0]);
  ::close(output[1]);
  if (failure != 0) process_ = 0;
  try {
    if (failure != 0) throw std::runtime_error("cannot start " + words[0] + ": " + std::strerror(failure));
    read_ready_line();
  } catch (...) {
    end();
    throw;
  }
}

ChainProcess::~ChainProcess() { end(); }

void ChainProcess::read_ready_line() {
  const auto until = std::chrono::steady_clock::now() + kStartLimit;
  std::string said;
  while (said.empty() || said.back() != '\n' || said.front() != '{') {
    pollfd waiting{.fd = output_, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, milliseconds_until(until));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) throw std::runtime_error("the chain did not start in time: " + said);
    std::array<char, 4096> piece{};
    const auto size = ::read(output_, piece.data(), piece.size());
    if (size <= 0) throw std::runtime_error("the chain did not start: " + said);
    said.append(piece.data(), static_cast<std::size_t>(size));
  }
  ready_line_ = said;
}

void ChainProcess::end() noexcept {
  if (input_ >= 0) ::close(input_);
  if (process_ != 0) {
    // It ends anvil and itself when its input ends. If it does not, the kernel ends anvil with it.
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, process_, 0));
    pollfd waiting{.fd = handle, .events = POLLIN, .revents = 0};
    const auto until = std::chrono::steady_clock::now() + kStopLimit;
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

}  // namespace calypte::test
