// The history of orders, fills, funding and events in a database, for people and their queries; docs/journal.md
// describes the tables. Nothing that trades reads it: after a restart the journal counts, not the history.
//
// It is fed with the records of a journal's log. A batch and the number of its last record go into the database in one
// transaction, so that every record is in it exactly once whatever dies between. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "calypte/log.hpp"
#include "calypte/result.hpp"
#include "calypte/time.hpp"

#include "engine/journal_record.hpp"
#include "journal/log_reader.hpp"
#include "journal/sql_database.hpp"

namespace calypte::journal {

/// How far a journal is in the database.
struct HistoryPosition {
  std::uint64_t last_sequence = 0;  ///< 0: nothing yet
  std::uint64_t last_hash = 0;      ///< `LogRecord::hash` of that record
};

class HistoryStore {
 public:
  /// Does not connect yet. `log` is told of what cannot be read, and must outlive the store.
  HistoryStore(std::unique_ptr<SqlDatabase> database, LogSink& log) : database_(std::move(database)), log_(log) {}

  /// Connects, makes or updates the tables, and says how far this journal is. `journal` is its name, unique among all
  /// journals that share the database; the rows of orders, fills and funding are kept by connector, so that they stay
  /// together when a connector gets a new journal. `unsupported`: a newer version of the program has been here.
  Result<HistoryPosition> attach(const engine::ConnectorIdentity& identity, std::string_view journal);
  /// Writes the records, all or none; those that are in the database already are left out. What cannot be read is
  /// logged and left out, except that an event is then kept as the text it is. After any failure `attach` says what
  /// is in the database. Precondition: attached.
  Status apply(std::span<const LogRecord> records);
  /// The journal is not the one that it was, or was cut: everything that it holds will be applied anew, and replaces
  /// what is there.
  Status rewind();
  /// The last record that is known to be in the database.
  [[nodiscard]] std::uint64_t last_sequence() const noexcept { return last_sequence_; }

 private:
  Result<HistoryPosition> attach_in_transaction(const engine::ConnectorIdentity& identity, std::string_view journal);
  Status apply_in_transaction(std::span<const LogRecord> records);
  Status apply_round(const LogRecord& record);
  Status apply_order(const engine::EntryView& entry);
  Status apply_event(const engine::EntryView& entry);
  void remark(const LogRecord& record, const Status& status);

  std::unique_ptr<SqlDatabase> database_;
  LogSink& log_;
  bool schema_made_ = false;
  std::string connector_id_;
  std::string journal_id_;
  std::uint64_t last_sequence_ = 0;
};

// --- For people ---

enum class HistoryTable : std::uint8_t { orders, fills, funding, events };

struct HistoryQuery {
  HistoryTable table = HistoryTable::orders;
  std::optional<Time> since = std::nullopt;
  std::uint32_t limit = 100;  ///< the newest so many, oldest first
};

/// The names of the columns of a table, and which of them are times.
struct HistoryColumn {
  std::string_view name;
  bool is_time = false;
};
[[nodiscard]] std::span<const HistoryColumn> columns_of(HistoryTable table) noexcept;
/// Visits rows of these columns, oldest first. Works while a connector writes.
[[nodiscard]] Status read_history(SqlDatabase& database, const HistoryQuery& query, const SqlVisitor& visit);

}  // namespace calypte::journal
