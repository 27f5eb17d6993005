#include "journal/sqlite_database.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <sqlite3.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "journal/segment.hpp"

namespace calypte::journal {
namespace {

constexpr int kBusyTimeoutMs = 5000;

// Decimals are texts: the numbers of SQLite are 64 bits, whole or floating.
constexpr SqlDialect kSqliteDialect = {.id = "INTEGER PRIMARY KEY", .integer = "INTEGER", .decimal = "TEXT"};

struct Finalize {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;
struct Close {
  void operator()(sqlite3* connection) const noexcept { sqlite3_close_v2(connection); }
};

class SqliteDatabase final : public SqlDatabase {
 public:
  SqliteDatabase(std::filesystem::path file, DatabaseUse use) : file_(std::move(file)), use_(use) {}
  ~SqliteDatabase() override { close(); }
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  [[nodiscard]] const SqlDialect& dialect() const noexcept override { return kSqliteDialect; }

  Status begin() override {
    rollback();
    if (broken_) close();
    if (!connection_) {
      if (Status status = open(); !status.ok()) {
        close();
        return status;
      }
    }
    // A transaction that begins with reading may find, when it comes to write, that another one was quicker.
    return execute(use_ == DatabaseUse::writing ? "BEGIN IMMEDIATE" : "BEGIN");
  }

  Status commit() override {
    if (!connection_) return failure("cannot write");
    Status status = execute("COMMIT");
    if (!status.ok()) rollback();
    return status;
  }

  void rollback() noexcept override {
    if (connection_ && sqlite3_get_autocommit(connection_.get()) == 0) {
      sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
  }

  Status run(std::string_view sql, std::span<const SqlValue> values, const SqlVisitor& visit) override {
    auto known = statements_.find(sql);
    if (known == statements_.end()) {
      sqlite3_stmt* made = nullptr;
      const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &made, nullptr);
      if (code != SQLITE_OK) return failure("cannot prepare a statement for");
      known = statements_.emplace(std::string(sql), Statement(made)).first;
    }
    sqlite3_stmt* const statement = known->second.get();
    Status status = bind(statement, values);
    while (status.ok()) {
      const int code = sqlite3_step(statement);
      if (code == SQLITE_DONE) break;
      if (code != SQLITE_ROW) {
        status = failure(use_ == DatabaseUse::writing ? "cannot write" : "cannot read");
      } else if (visit) {
        visit(row_of(statement));
      }
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status;
  }

  Status lock() override { return {}; }  // BEGIN IMMEDIATE has done it

  Result<bool> has_table(std::string_view name) override {
    bool found = false;
    const std::vector<SqlValue> values = {std::string(name)};
    if (Status status = run("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1", values,
                            [&found](SqlRow) { found = true; });
        !status.ok()) {
      return status;
    }
    return found;
  }

 private:
  Status open() {
    if (use_ == DatabaseUse::writing) {
      // What somebody trades is nobody else's business; SQLite gives its other files the same permissions.
      const int file = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      if (file < 0) return system_failure("cannot open the history", file_, errno);
      ::close(file);
    }
    const int flags = use_ == DatabaseUse::writing ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    sqlite3* made = nullptr;
    const int code = sqlite3_open_v2(file_.c_str(), &made, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    connection_.reset(made);
    if (code != SQLITE_OK) return failure("cannot open");
    sqlite3_extended_result_codes(made, 1);
    sqlite3_busy_timeout(made, kBusyTimeoutMs);
    // With the log ahead, what a power failure takes from the end is whole transactions, and they are fed again.
    return use_ == DatabaseUse::writing ? execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL") : Status();
  }

  void close() noexcept {
    statements_.clear();
    connection_.reset();
    broken_ = false;
  }

  Status execute(const char* sql) {
    if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
    return failure(use_ == DatabaseUse::writing ? "cannot write" : "cannot read");
  }

  Status bind(sqlite3_stmt* statement, std::span<const SqlValue> values) {
    int at = 1;
    for (const SqlValue& value : values) {
      const int code =
          value ? sqlite3_bind_text(statement, at, value->data(), static_cast<int>(value->size()), SQLITE_TRANSIENT)
                : sqlite3_bind_null(statement, at);
      if (code != SQLITE_OK) return failure("cannot bind a value for");
      ++at;
    }
    return {};
  }

  SqlRow row_of(sqlite3_stmt* statement) {
    const int columns = sqlite3_column_count(statement);
    row_.assign(static_cast<std::size_t>(columns), std::nullopt);
    for (int i = 0; i < columns; ++i) {
      const unsigned char* text = sqlite3_column_text(statement, i);
      if (text == nullptr) continue;
      row_[static_cast<std::size_t>(i)].emplace(reinterpret_cast<const char*>(text),
                                                static_cast<std::size_t>(sqlite3_column_bytes(statement, i)));
    }
    return row_;
  }

  Status failure(std::string_view what) {
    const int code = connection_ ? sqlite3_errcode(connection_.get()) : SQLITE_NOMEM;
    const char* words = connection_ ? sqlite3_errmsg(connection_.get()) : "out of memory";
    // Whatever is wrong with the file may be repaired by putting another one in its place, so it is opened again.
    if (code != SQLITE_BUSY) broken_ = true;
    return {StatusCode::unavailable, fmt::format("history: {} {}: {}", what, file_.string(), words)};
  }

  std::filesystem::path file_;
  DatabaseUse use_;
  std::unique_ptr<sqlite3, Close> connection_;
  std::map<std::string, Statement, std::less<>> statements_;  // of the connection
  std::vector<SqlValue> row_;
  bool broken_ = false;
};

}  // namespace

std::unique_ptr<SqlDatabase> sqlite_database(std::filesystem::path file, DatabaseUse use) {
  return std::make_unique<SqliteDatabase>(std::move(file), use);
}

}  // namespace calypte::journal
