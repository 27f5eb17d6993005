// Secrets from descriptors, from the environment and from a terminal, which here is a pseudo terminal.
#include "runtime/password_source.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

#include "calypte/key_store.hpp"

namespace calypte::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;

class Pipe {
 public:
  explicit Pipe(std::string_view text) {
    EXPECT_EQ(::pipe(ends_.data()), 0);
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(ends_[1]);
  }
  ~Pipe() { ::close(ends_[0]); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] int end() const { return ends_[0]; }

 private:
  std::array<int, 2> ends_{};
};

TEST(SecretInput, several_lines_come_from_one_descriptor) {
  const Pipe pipe("password\nkey\r\n-----BEGIN X-----\nabc\n-----END X-----\n\n");
  EXPECT_EQ(read_secret_line(pipe.end())->reveal(), "password");
  EXPECT_EQ(read_secret_line(pipe.end())->reveal(), "key");
  EXPECT_EQ(read_secret_rest(pipe.end())->reveal(), "-----BEGIN X-----\nabc\n-----END X-----");
  EXPECT_EQ(read_secret_line(pipe.end())->reveal(), "");
}

TEST(SecretInput, an_endless_or_missing_input_is_refused) {
  const Pipe large(std::string(kMaxTypedBytes + 1, 'x'));
  EXPECT_THAT(read_secret_line(large.end()).status().message(), HasSubstr("more than"));
  const Status missing = read_secret_rest(9'999).status();
  EXPECT_EQ(missing.code(), StatusCode::denied);
  EXPECT_THAT(missing.message(), HasSubstr("9999"));
}

TEST(SecretInput, the_variable_is_overwritten_and_removed) {
  static char entry[] = "CALYPTE_KEYS_PASSWORD=from the environment";
  ASSERT_EQ(::putenv(entry), 0);  // the environment now refers to this very memory
  const auto password = read_key_password();
  ASSERT_TRUE(password.ok()) << password.status().to_string();
  EXPECT_EQ(password->reveal(), "from the environment");
  EXPECT_EQ(std::getenv("CALYPTE_KEYS_PASSWORD"), nullptr);
  EXPECT_STREQ(entry, "CALYPTE_KEYS_PASSWORD=");
  EXPECT_EQ(entry[sizeof entry - 2], '\0');
}

TEST(SecretInput, a_descriptor_comes_before_the_variable_which_goes_anyway) {
  const Pipe pipe("from the pipe\nmore");
  ::setenv("CALYPTE_KEYS_PASSWORD", "from the environment", 1);
  EXPECT_EQ(read_key_password({.descriptor = pipe.end()})->reveal(), "from the pipe");
  EXPECT_EQ(std::getenv("CALYPTE_KEYS_PASSWORD"), nullptr);
  const Pipe empty("\n");
  ::setenv("CALYPTE_KEYS_PASSWORD", "from the environment", 1);
  EXPECT_EQ(read_key_password({.descriptor = empty.end()}).status().message(), "the password is empty");
}

/// The far side of a terminal: what a person sees and types.
class Person {
 public:
  Person() {
    int near = -1;
    EXPECT_EQ(::openpty(&master_, &near, nullptr, nullptr, nullptr), 0);
    near_ = near;
  }
  ~Person() {
    ::close(near_);
    ::close(master_);
  }
  Person(const Person&) = delete;
  Person& operator=(const Person&) = delete;

  [[nodiscard]] Terminal terminal() const { return Terminal(::dup(near_)); }
  void type(std::string_view text) const {
    EXPECT_EQ(::write(master_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  /// Waits, with a limit, until this stands on the screen.
  void see(std::string_view text) {
    while (screen.find(text) == std::string::npos) {
      pollfd waited{master_, POLLIN, 0};
      ASSERT_EQ(::poll(&waited, 1, 10'000), 1) << "waiting for: " << text << "; seen: " << screen;
      std::array<char, 256> bytes{};
      const ssize_t got = ::read(master_, bytes.data(), bytes.size());
      ASSERT_GT(got, 0);
      screen.append(bytes.data(), static_cast<std::size_t>(got));
    }
  }
  [[nodiscard]] bool echoes() const {
    termios now{};
    EXPECT_EQ(::tcgetattr(near_, &now), 0);
    return (now.c_lflag & ECHO) != 0;
  }

  std::string screen;

 private:
  int master_ = -1;
  int near_ = -1;
};

TEST(SecretTerminal, shows_the_question_and_not_the_answer) {
  Person person;
  ASSERT_TRUE(person.echoes());
  std::thread typing([&] {
    person.see("Password: ");
    EXPECT_FALSE(person.echoes());
    person.type("s3cret words\n");
  });
  auto terminal = person.terminal();
  const auto answer = terminal.ask_hidden("Password: ");
  typing.join();
  ASSERT_TRUE(answer.ok()) << answer.status().to_string();
  EXPECT_EQ(answer->reveal(), "s3cret words");
  EXPECT_TRUE(person.echoes()) << "restored";
  person.see("\n");
  EXPECT_EQ(person.screen, "Password: \r\n");
}

TEST(SecretTerminal, a_private_key_is_read_to_its_last_line) {
  constexpr std::string_view kKeyText = "-----BEGIN PRIVATE KEY-----\nAAAA\nBBBB\n-----END PRIVATE KEY-----";
  Person person;
  const auto ask_while_typing = [&](std::string_view text) {
    std::thread typing([&] {
      person.screen.clear();
      person.see("Secret: ");
      person.type(text);
    });
    auto terminal = person.terminal();
    const auto answer = terminal.ask_hidden_text("Secret: ");
    typing.join();
    return answer.ok() ? std::string(answer->reveal()) : answer.status().to_string();
  };
  EXPECT_EQ(ask_while_typing(std::string(kKeyText) + "\n"), kKeyText);
  person.see("\n");
  EXPECT_EQ(ask_while_typing("one line\n"), "one line");
}

TEST(SecretTerminal, the_end_of_input_is_no_answer) {
  Person person;
  std::thread typing([&] {
    person.see("Password: ");
    person.type("\x04");
  });
  auto terminal = person.terminal();
  EXPECT_EQ(terminal.ask_hidden("Password: ").status().code(), StatusCode::denied);
  typing.join();
  EXPECT_TRUE(person.echoes());
}

TEST(SecretTerminal, a_signal_finds_the_terminal_restored) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    Person person;
    const pid_t child = ::fork();
    if (child == 0) {
      auto terminal = person.terminal();
      (void)terminal.ask_hidden("Password: ");
      ::_exit(7);
    }
    person.see("Password: ");
    EXPECT_FALSE(person.echoes());
    ASSERT_EQ(::kill(child, signal), 0);
    int ended = 0;
    ASSERT_EQ(::waitpid(child, &ended, 0), child);
    EXPECT_TRUE(WIFSIGNALED(ended)) << "the signal still does what it does";
    EXPECT_EQ(WTERMSIG(ended), signal);
    EXPECT_TRUE(person.echoes());
  }
}

TEST(SecretTerminal, after_a_stop_the_question_is_asked_again) {
  Person person;
  const pid_t child = ::fork();
  if (child == 0) {
    ::setpgid(0, 0);  // an orphaned group would ignore the stop; this one has its parent in the same session
    auto terminal = person.terminal();
    const auto answer = terminal.ask_hidden("Password: ");
    const bool right = answer.ok() && answer->reveal() == "typed later";
    ::_exit(right ? 0 : 7);
  }
  person.see("Password: ");
  ASSERT_EQ(::kill(child, SIGTSTP), 0);
  int state = 0;
  ASSERT_EQ(::waitpid(child, &state, WUNTRACED), child);
  ASSERT_TRUE(WIFSTOPPED(state));
  EXPECT_TRUE(person.echoes()) << "the shell's terminal while it is stopped";
  person.screen.clear();
  ASSERT_EQ(::kill(child, SIGCONT), 0);
  person.see("Password: ");
  EXPECT_FALSE(person.echoes());
  person.type("typed later\n");
  ASSERT_EQ(::waitpid(child, &state, 0), child);
  EXPECT_TRUE(WIFEXITED(state));
  EXPECT_EQ(WEXITSTATUS(state), 0);
  EXPECT_TRUE(person.echoes());
}

}  // namespace
}  // namespace calypte::runtime
