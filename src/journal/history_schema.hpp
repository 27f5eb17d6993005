// The tables of the history and their versions.
#pragma once

#include <cstdint>

#include "journal/sql_database.hpp"

namespace calypte::journal {

inline constexpr std::int64_t kSchemaVersion = 2;

/// Makes the tables, or brings those of an older version to the newest, in one transaction. `unsupported` if a newer
/// version of the program has been here.
[[nodiscard]] Status make_schema(SqlDatabase& database);
/// For readers, who change nothing. Inside a transaction. `unsupported` if the tables are of another version,
/// `unavailable` if there are none.
[[nodiscard]] Status check_schema(SqlDatabase& database);

}  // namespace calypte::journal
