// What a connector has done, from its history, for a person or a spreadsheet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "calypte/time.hpp"

namespace calypte::cli {

struct HistoryOptions {
  std::string where;  ///< the folder of a journal, a SQLite file, or a "postgresql://" connection string
  std::string table = "orders";
  std::string since = {};
  std::uint32_t limit = 100;
  bool csv = false;
};
/// Prints the newest rows, oldest first. 0; 2 if there is no history there or the options cannot be read.
int run_history(const HistoryOptions& options);

/// "2026-11-30", "2026-11-30T12:34:56" (UTC), or "90m", "12h", "7d" before `now`.
[[nodiscard]] std::optional<Time> parse_since(std::string_view text, Time now);
/// "2026-11-30 12:34:56.123456789", UTC
[[nodiscard]] std::string utc_text(Time time);
/// As RFC 4180 has it: in quotation marks if it has to be.
[[nodiscard]] std::string csv_field(std::string_view value);

}  // namespace calypte::cli
