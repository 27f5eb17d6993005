// The results of replays as a table for people and as JSON for programs.
#pragma once

#include <span>
#include <string>

#include "cli/replay/replayer.hpp"

namespace calypte::cli {

[[nodiscard]] std::string report_head();
/// A row of the table, with the messages by channel and the faults below it.
[[nodiscard]] std::string report_row(const ReplayResult& result);
[[nodiscard]] std::string report_end(std::span<const ReplayResult> results);
/// One object: {"recordings": [...], "faults": n}.
[[nodiscard]] std::string report_json(std::span<const ReplayResult> results);

}  // namespace calypte::cli
