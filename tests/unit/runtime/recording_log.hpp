// A log that keeps everything, and the check that none of it gives a secret away.
#pragma once

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/credentials.hpp"
#include "calypte/log.hpp"

namespace calypte::test {

class RecordingLog final : public LogSink {
 public:
  struct Line {
    LogLevel level;
    std::string component;
    std::string message;
  };
  void log(LogLevel level, std::string_view component, std::string_view message) override {
    lines_.push_back({level, std::string(component), std::string(message)});
  }
  [[nodiscard]] bool enabled(LogLevel) const noexcept override { return true; }
  [[nodiscard]] const std::vector<Line>& lines() const noexcept { return lines_; }

 private:
  std::vector<Line> lines_;
};

/// The forms in which a secret can be recognised inside a text: each piece of eight characters of it, also in
/// hexadecimal, and in base 64 at each of the three positions in which it can begin.
[[nodiscard]] inline std::vector<std::string> traces_of(std::string_view secret) {
  constexpr std::size_t kPiece = 8;
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::string> traces;
  for (std::size_t i = 0; i + kPiece <= secret.size(); ++i) {
    traces.emplace_back(secret.substr(i, kPiece));
    std::string hex;
    for (const char c : secret.substr(i, kPiece)) {
      hex.push_back(kHex[static_cast<unsigned char>(c) >> 4U]);
      hex.push_back(kHex[static_cast<unsigned char>(c) & 0xFU]);
    }
    traces.push_back(hex);
    std::ranges::transform(hex, hex.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    traces.push_back(hex);
    // Six bytes that begin a group of three stand for themselves, whatever stands before and behind them.
    std::string base64;
    for (std::size_t group = i; group < i + 6; group += 3) {
      std::uint32_t bits = 0;
      for (const char c : secret.substr(group, 3)) bits = bits << 8U | static_cast<unsigned char>(c);
      for (const unsigned shift : {18U, 12U, 6U, 0U}) base64.push_back(kBase64[bits >> shift & 0x3FU]);
    }
    traces.push_back(base64);
  }
  return traces;
}

/// Fails if `text` holds a piece of one of the credentials. A secret of fewer than 16 characters fails as well: it
/// proves nothing. Does not print the secret.
inline void expect_no_secret(std::string_view text, const Credentials& credentials) {
  const auto check = [&](std::string_view name, const Secret& secret) {
    if (secret.empty()) return;
    EXPECT_GE(secret.reveal().size(), 16U) << "use a longer " << name << " in this test";
    for (const std::string& trace : traces_of(secret.reveal())) {
      const auto at = text.find(trace);
      if (at == std::string_view::npos) continue;
      ADD_FAILURE() << "the " << name << " shows at byte " << at << " of a text of " << text.size() << " bytes";
      return;
    }
  };
  check("API key", credentials.api_key);
  check("API secret", credentials.api_secret);
  check("passphrase", credentials.passphrase);
}

/// The same for every line of a log, which must have lines: an empty one proves nothing.
inline void expect_no_secret(const RecordingLog& log, const Credentials& credentials) {
  EXPECT_FALSE(log.lines().empty()) << "nothing was logged";
  for (const RecordingLog::Line& line : log.lines()) {
    SCOPED_TRACE("line " + std::to_string(&line - log.lines().data()));
    expect_no_secret(line.component, credentials);
    expect_no_secret(line.message, credentials);
  }
}

}  // namespace calypte::test
