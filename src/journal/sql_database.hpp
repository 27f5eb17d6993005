// A connection to a database, as far as the history needs one: statements inside transactions. What differs between
// the databases is behind it; the statements are the same for both.
//
// One thread at a time. Values are texts or nothing; the columns' types make numbers of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "calypte/result.hpp"

namespace calypte::journal {

using SqlValue = std::optional<std::string>;
using SqlRow = std::span<const SqlValue>;
using SqlVisitor = std::function<void(SqlRow)>;

/// The words that a table is described with.
struct SqlDialect {
  std::string_view id;       ///< a number that the database gives to each new row
  std::string_view integer;  ///< 64 bits
  std::string_view decimal;  ///< without loss of a digit or a trailing zero
};

class SqlDatabase {
 public:
  virtual ~SqlDatabase() = default;

  [[nodiscard]] virtual const SqlDialect& dialect() const noexcept = 0;
  /// Everything happens between `begin` and `commit`. A failure of any of them has undone it, except that after
  /// `outcome_unknown` of `commit` it has to be looked up. A connection that was lost is made anew by `begin`.
  virtual Status begin() = 0;
  virtual Status commit() = 0;
  /// Undoes what was done since `begin`; harmless without one.
  virtual void rollback() noexcept = 0;
  /// Runs one statement with `$1`, `$2`, ... in the order of `values`, each first used in this order; `visit`, if any,
  /// sees the rows. Statements are prepared once and kept, so their texts are few. The rows are valid inside the visit.
  virtual Status run(std::string_view sql, std::span<const SqlValue> values, const SqlVisitor& visit) = 0;
  /// Excludes every other connection until the end of the transaction, for changes of the tables.
  virtual Status lock() = 0;
  /// Whether there is a table of this name.
  virtual Result<bool> has_table(std::string_view name) = 0;
};

enum class DatabaseUse : std::uint8_t { writing, reading };

/// `where`: the path of a SQLite file, or a connection string that begins with "postgresql://" or "postgres://". Does
/// not connect yet; fails for a connection string that cannot be read. No message ever holds its password.
[[nodiscard]] Result<std::unique_ptr<SqlDatabase>> open_database(const std::string& where, DatabaseUse use);
[[nodiscard]] bool is_postgresql(std::string_view where) noexcept;

}  // namespace calypte::journal
