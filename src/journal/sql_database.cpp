#include "journal/sql_database.hpp"

#include "journal/postgresql_database.hpp"
#include "journal/sqlite_database.hpp"

namespace calypte::journal {

bool is_postgresql(std::string_view where) noexcept {
  return where.starts_with("postgresql://") || where.starts_with("postgres://");
}

Result<std::unique_ptr<SqlDatabase>> open_database(const std::string& where, DatabaseUse use) {
  if (is_postgresql(where)) return postgresql_database(where);
  return sqlite_database(where, use);
}

}  // namespace calypte::journal
