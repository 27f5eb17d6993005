// Keys, and the one type that may hold them.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace calypte {

/// A text that must not be seen: it has no stream operator and no formatter, so that a log line of it does not compile
/// (tests/must_not_compile), and its memory is overwritten before it is released. Not copied by accident: `clone()`.
class Secret {
 public:
  Secret() = default;
  /// Takes the text over and overwrites what the argument leaves behind.
  explicit Secret(std::string text) noexcept;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  [[nodiscard]] Secret clone() const { return Secret(text_); }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  /// The only way to the text: for signing and for the wire, never for a message to a person.
  [[nodiscard]] std::string_view reveal() const noexcept { return text_; }

 private:
  std::string text_;
};

struct Credentials {
  Secret api_key;
  Secret api_secret;
  Secret passphrase;  ///< for the venues that have one

  [[nodiscard]] bool empty() const noexcept { return api_key.empty(); }
  [[nodiscard]] Credentials clone() const { return {api_key.clone(), api_secret.clone(), passphrase.clone()}; }
};

}  // namespace calypte
