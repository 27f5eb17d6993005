// The history in a PostgreSQL database, which connectors on several machines may share. Everything lies in the schema
// "calypte", which is made if it is missing.
#pragma once

#include <memory>
#include <string>

#include "journal/sql_database.hpp"

namespace calypte::journal {

/// `malformed` if the connection string cannot be read. Connects with the first `begin`, and anew after the connection
/// was lost; every wait has a limit of about ten seconds unless the connection string sets another.
[[nodiscard]] Result<std::unique_ptr<SqlDatabase>> postgresql_database(const std::string& url);

}  // namespace calypte::journal
