#include "runtime/password_source.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <poll.h>
#include <sodium.h>
#include <system_error>
#include <termios.h>
#include <unistd.h>
#include <utility>

#include "calypte/key_store.hpp"

#include "runtime/denied.hpp"
#include "runtime/locked_bytes.hpp"

namespace calypte::runtime {

namespace {

constexpr const char* kPasswordVariable = "CALYPTE_KEYS_PASSWORD";

Status failed(std::string_view what, int error) {
  return denied(fmt::format("{}: {}", what, std::error_code(error, std::generic_category()).message()));
}

/// Collects what is read, byte by byte, in memory that does not move.
class Typed {
 public:
  static Result<Typed> create() {
    auto bytes = LockedBytes::create(kMaxTypedBytes);
    if (!bytes.ok()) return bytes.status();
    return Typed(std::move(*bytes));
  }
  [[nodiscard]] bool append(char c) {
    if (size_ == bytes_.size()) return false;
    bytes_.data()[size_++] = static_cast<unsigned char>(c);
    return true;
  }
  [[nodiscard]] std::string_view text() const { return bytes_.text(size_); }
  [[nodiscard]] std::string_view last_line() const {
    const auto end = text().rfind('\n');
    return end == std::string_view::npos ? text() : text().substr(end + 1);
  }
  /// Without line ends at its end.
  [[nodiscard]] Secret secret() const {
    std::string_view whole = text();
    while (whole.ends_with('\n') || whole.ends_with('\r')) whole.remove_suffix(1);
    return to_secret(whole);
  }

 private:
  explicit Typed(LockedBytes bytes) : bytes_(std::move(bytes)) {}
  LockedBytes bytes_;
  std::size_t size_ = 0;
};

Status too_long() { return denied(fmt::format("that has more than {} bytes", kMaxTypedBytes)); }

Result<Secret> read_secret(int descriptor, bool whole) {
  auto typed = Typed::create();
  if (!typed.ok()) return typed.status();
  for (;;) {
    char c = 0;
    const ssize_t got = ::read(descriptor, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(fmt::format("cannot read descriptor {}", descriptor), errno);
    if (got == 0 || (c == '\n' && !whole)) return typed->secret();
    if (!typed->append(c)) return too_long();
  }
}

// --- Signals while echo is off --------------------------------------------------------------------------------------

// A handler can reach nothing else.
volatile std::sig_atomic_t caught_signal = 0;
void catch_signal(int signal) { caught_signal = signal; }

constexpr std::array kCaughtSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};

/// While this lives, the signals that would end or stop the process are noted instead, and delivered only inside of
/// `wait_readable`: there is no moment in which one could be missed.
class SignalGuard {
 public:
  SignalGuard() {
    sigset_t blocked;
    sigemptyset(&blocked);
    for (const int signal : kCaughtSignals) sigaddset(&blocked, signal);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &mask_before_);
    mask_waiting_ = mask_before_;
    struct sigaction note{};
    note.sa_handler = catch_signal;
    sigemptyset(&note.sa_mask);
    for (std::size_t i = 0; i < kCaughtSignals.size(); ++i) {
      ::sigaction(kCaughtSignals[i], nullptr, &before_[i]);
      // What the process ignores, as `nohup` lets it, stays ignored.
      if (before_[i].sa_handler == SIG_IGN) continue;
      ::sigaction(kCaughtSignals[i], &note, nullptr);
      sigdelset(&mask_waiting_, kCaughtSignals[i]);
    }
    caught_signal = 0;
  }
  ~SignalGuard() {
    for (std::size_t i = 0; i < kCaughtSignals.size(); ++i) ::sigaction(kCaughtSignals[i], &before_[i], nullptr);
    ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

  /// False if a signal came.
  [[nodiscard]] bool wait_readable(int descriptor) const {
    for (;;) {
      pollfd waited{descriptor, POLLIN, 0};
      const int ready = ::ppoll(&waited, 1, nullptr, &mask_waiting_);
      if (caught_signal != 0) return false;
      if (ready > 0 || (ready < 0 && errno != EINTR)) return true;  // an error shows in the read that follows
    }
  }

 private:
  sigset_t mask_before_{};
  sigset_t mask_waiting_{};
  std::array<struct sigaction, kCaughtSignals.size()> before_{};
};

/// Restores the terminal as it found it.
class EchoOff {
 public:
  explicit EchoOff(int descriptor) : descriptor_(descriptor) {
    if (::tcgetattr(descriptor, &before_) != 0) {
      error_ = errno;
      return;
    }
    termios hidden = before_;
    // The end of a line is not shown either: it is written by us, once, whichever way the question ends.
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
    hidden.c_lflag |= static_cast<tcflag_t>(ICANON | ISIG);
    // What was typed before the question was not meant as its answer.
    if (::tcsetattr(descriptor, TCSAFLUSH, &hidden) != 0) error_ = errno;
  }
  ~EchoOff() {
    if (error_ == 0) ::tcsetattr(descriptor_, TCSADRAIN, &before_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  [[nodiscard]] int error() const { return error_; }

 private:
  int descriptor_;
  int error_ = 0;
  termios before_{};
};

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // a question that cannot be shown shows itself when the answer cannot be read
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// The answer; nothing if a signal came instead.
Result<std::optional<Secret>> ask_once(int descriptor, std::string_view prompt, bool pem, const SignalGuard& signals) {
  auto typed = Typed::create();
  if (!typed.ok()) return typed.status();
  const EchoOff hidden(descriptor);
  if (hidden.error() != 0) return failed("cannot hide what is typed on the terminal", hidden.error());
  write_all(descriptor, prompt);
  const auto ended = [&] { write_all(descriptor, "\n"); };
  for (;;) {
    if (!signals.wait_readable(descriptor)) return ended(), std::optional<Secret>{};
    char c = 0;
    const ssize_t got = ::read(descriptor, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("cannot read the terminal", errno);
    const bool line_ended = got == 0 || c == '\n';
    const bool goes_on =
        pem && typed->text().starts_with("-----BEGIN ") && !typed->last_line().starts_with("-----END ");
    if (got == 0 || (line_ended && !goes_on)) {
      ended();
      if (got == 0 && typed->text().empty()) return denied("the terminal was closed instead of an answer");
      return std::optional<Secret>(typed->secret());
    }
    if (!typed->append(c)) return ended(), too_long();
  }
}

Result<Secret> ask_hidden_until_answered(int descriptor, std::string_view prompt, bool pem) {
  for (;;) {
    int signal = 0;
    {
      const SignalGuard signals;
      auto answer = ask_once(descriptor, prompt, pem, signals);
      if (!answer.ok()) return answer.status();
      if (*answer) return std::move(**answer);
      signal = caught_signal;
    }
    // Now it does what it would have done; the terminal is as it was. If we live on, we were stopped and continued.
    ::kill(::getpid(), signal);
  }
}

}  // namespace

Result<Secret> read_secret_line(int descriptor) { return read_secret(descriptor, false); }
Result<Secret> read_secret_rest(int descriptor) { return read_secret(descriptor, true); }

Secret take_from_environment(const char* name) {
  char* const value = std::getenv(name);
  if (value == nullptr) return {};
  const std::string_view text(value);
  Secret taken = to_secret(text);
  // In place: this memory is what the system shows as the environment of a process.
  sodium_memzero(value, text.size());
  ::unsetenv(name);
  return taken;
}

Result<Terminal> Terminal::open() {
  const int descriptor = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return denied("there is no terminal to ask on");
  return Terminal(descriptor);
}

Terminal::Terminal(Terminal&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
Terminal::~Terminal() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<Secret> Terminal::ask_hidden(std::string_view prompt) {
  return ask_hidden_until_answered(descriptor_, prompt, false);
}
Result<Secret> Terminal::ask_hidden_text(std::string_view prompt) {
  return ask_hidden_until_answered(descriptor_, prompt, true);
}
Result<std::string> Terminal::ask(std::string_view prompt) {
  write_all(descriptor_, prompt);
  const auto line = read_secret_line(descriptor_);
  if (!line.ok()) return line.status();
  return std::string(line->reveal());
}

}  // namespace calypte::runtime

namespace calypte {

Result<Secret> read_key_password(const KeyPasswordOptions& options) {
  Secret from_environment = runtime::take_from_environment(runtime::kPasswordVariable);
  const auto usable = [](Result<Secret> password) -> Result<Secret> {
    if (password.ok() && password->empty()) return Status(StatusCode::denied, "the password is empty");
    return password;
  };
  if (options.descriptor) return usable(runtime::read_secret_line(*options.descriptor));
  if (!from_environment.empty()) return from_environment;
  auto terminal = runtime::Terminal::open();
  if (!terminal.ok()) {
    return Status(StatusCode::denied, fmt::format("no password: give it by a descriptor or in {}, or run on a terminal",
                                                  runtime::kPasswordVariable));
  }
  auto password =
      usable(terminal->ask_hidden(options.twice ? "New password of the key store: " : "Password of the key store: "));
  if (!password.ok() || !options.twice) return password;
  const auto again = terminal->ask_hidden("The same again: ");
  if (!again.ok()) return again.status();
  if (again->reveal() != password->reveal()) return Status(StatusCode::denied, "the two passwords differ");
  return password;
}

}  // namespace calypte
