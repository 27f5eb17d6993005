// The history in one SQLite file, embedded.
#pragma once

#include <filesystem>
#include <memory>

#include "journal/sql_database.hpp"

namespace calypte::journal {

/// Opened with the first `begin`, and anew after an error of the file. Write-ahead logging, so that people read while
/// it is written; others' locks are waited for, five seconds at most.
[[nodiscard]] std::unique_ptr<SqlDatabase> sqlite_database(std::filesystem::path file, DatabaseUse use);

}  // namespace calypte::journal
