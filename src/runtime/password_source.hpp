// Where secrets come from when they are typed or handed over: the terminal, an open file descriptor, the environment.
// Never from the arguments of a program, which every user of the machine can read.
//
// All failures are `denied`. Nothing that was read is in a message. Waiting for a person has no time limit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "calypte/credentials.hpp"
#include "calypte/result.hpp"

namespace calypte::runtime {

inline constexpr std::size_t kMaxTypedBytes = 16U << 10U;  ///< more than this in one answer or file is refused

/// One line, without its end; reads nothing beyond it, so that several secrets can come from one descriptor.
[[nodiscard]] Result<Secret> read_secret_line(int descriptor);
/// Everything until the end, without line ends behind the last line.
[[nodiscard]] Result<Secret> read_secret_rest(int descriptor);
/// The variable's value, which is overwritten in place and removed; empty if there is none. No other thread may use the
/// environment meanwhile.
[[nodiscard]] Secret take_from_environment(const char* name);

/// A terminal on which a person is asked.
class Terminal {
 public:
  /// The controlling terminal of this process, wherever stdin and stdout go.
  static Result<Terminal> open();
  /// `descriptor` is a terminal, open for reading and writing, and is closed at the end.
  explicit Terminal(int descriptor) noexcept : descriptor_(descriptor) {}
  Terminal(Terminal&& other) noexcept;
  Terminal& operator=(Terminal&&) = delete;
  ~Terminal();

  /// A line that is not shown while it is typed. The terminal is restored before a signal that ends or stops the
  /// process takes effect; after a stop the question is asked again. Only one thread may be in here, and signals that
  /// come meanwhile should go to it.
  [[nodiscard]] Result<Secret> ask_hidden(std::string_view prompt);
  /// The same, but a PEM text ("-----BEGIN ...") is read until its last line.
  [[nodiscard]] Result<Secret> ask_hidden_text(std::string_view prompt);
  /// A line that is shown.
  [[nodiscard]] Result<std::string> ask(std::string_view prompt);

 private:
  int descriptor_;
};

}  // namespace calypte::runtime
