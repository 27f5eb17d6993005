// Log lines to stderr or into a file, in UTC, one line a message:
//
//   2026-01-31T12:00:00.123456Z warning crypto_com.order_book: gap after 17
//
// Control characters of a message, which may quote a venue, are written as \xNN, so that no text can forge a line.
// Safe to use from several threads. A line that cannot be written is lost: logging never stops trading.
#pragma once

#include <filesystem>
#include <memory>

#include "calypte/log.hpp"
#include "calypte/result.hpp"

namespace calypte::runtime {

/// Lines of `least` and above go to stderr.
[[nodiscard]] std::shared_ptr<LogSink> make_log(LogLevel least);
/// Lines of `least` and above are appended to `file`; warnings and errors are flushed at once. `denied` if it cannot be
/// opened; missing folders are created.
[[nodiscard]] Result<std::shared_ptr<LogSink>> make_log(LogLevel least, const std::filesystem::path& file);

}  // namespace calypte::runtime
