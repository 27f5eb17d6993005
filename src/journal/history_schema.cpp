#include "journal/history_schema.hpp"

#include <array>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace calypte::journal {
namespace {

// Times are nanoseconds since 1970; states, sides and kinds are the words of the public headers; flags are 0 or 1.
// A column that a version added stands last, where ALTER TABLE puts it, so that old and new databases are alike.
constexpr std::array<std::string_view, 12> kNewest = {
    // One row. What a newer version wrote is left alone.
    "CREATE TABLE schema_version (version $int NOT NULL)",
    "CREATE TABLE connectors (id $id, venue TEXT NOT NULL, prefix TEXT NOT NULL, environment TEXT NOT NULL, "
    "UNIQUE (venue, prefix, environment))",
    // How far each journal has been copied, changed together with what was copied.
    "CREATE TABLE journals (id $id, connector_id $int NOT NULL REFERENCES connectors (id), name TEXT NOT NULL UNIQUE, "
    "last_sequence $int NOT NULL, last_hash TEXT NOT NULL)",
    "CREATE TABLE orders (connector_id $int NOT NULL REFERENCES connectors (id), client_order_id TEXT NOT NULL, "
    "exchange_order_id TEXT, exchange_order_ids TEXT NOT NULL, trading_pair TEXT NOT NULL, trade_type TEXT NOT NULL, "
    "order_type TEXT NOT NULL, time_in_force TEXT NOT NULL, price $dec, amount $dec NOT NULL, leverage $dec NOT NULL, "
    "position TEXT NOT NULL, creation_time $int NOT NULL, state TEXT NOT NULL, place TEXT NOT NULL, "
    "executed_base $dec NOT NULL, executed_quote $dec NOT NULL, end_reason TEXT NOT NULL, end_message TEXT NOT NULL, "
    "last_update_time $int NOT NULL, PRIMARY KEY (connector_id, client_order_id))",
    "CREATE INDEX orders_by_time ON orders (creation_time)",
    // One row for each event about an order, in order.
    "CREATE TABLE order_status (journal_id $int NOT NULL REFERENCES journals (id), number $int NOT NULL, "
    "connector_id $int NOT NULL, client_order_id TEXT NOT NULL, status TEXT NOT NULL, detail TEXT NOT NULL, "
    "time $int NOT NULL, PRIMARY KEY (journal_id, number))",
    "CREATE INDEX order_status_by_order ON order_status (connector_id, client_order_id, time)",
    // Venues number trades by pair, and both sides of a trade with oneself bear the same number.
    "CREATE TABLE trade_fills (connector_id $int NOT NULL REFERENCES connectors (id), trading_pair TEXT NOT NULL, "
    "trade_type TEXT NOT NULL, trade_id TEXT NOT NULL, source TEXT NOT NULL, client_order_id TEXT, "
    "exchange_order_id TEXT, order_type TEXT, price $dec NOT NULL, amount $dec NOT NULL, quote_amount $dec, "
    "fee_json TEXT, fee_amount $dec, fee_token TEXT, leverage $dec, position TEXT, taker $int, late $int NOT NULL, "
    "overfill $int NOT NULL, time $int NOT NULL, receive_time $int NOT NULL, fee_in_quote $dec, realized_profit $dec, "
    "PRIMARY KEY (connector_id, trading_pair, trade_type, trade_id))",
    "CREATE INDEX trade_fills_by_time ON trade_fills (time)",
    // Two pairs that are paid at the same time are two payments; the same payment told twice is one.
    "CREATE TABLE funding_payments (connector_id $int NOT NULL REFERENCES connectors (id), trading_pair TEXT NOT NULL, "
    "payment_id TEXT NOT NULL, time $int NOT NULL, amount $dec NOT NULL, asset TEXT NOT NULL, rate $dec, "
    "receive_time $int NOT NULL, PRIMARY KEY (connector_id, trading_pair, payment_id, time))",
    // Every event that was told, as it was told.
    "CREATE TABLE events (journal_id $int NOT NULL REFERENCES journals (id), number $int NOT NULL, "
    "connector_id $int NOT NULL, name TEXT NOT NULL, client_order_id TEXT, trading_pair TEXT, time $int NOT NULL, "
    "json TEXT NOT NULL, PRIMARY KEY (journal_id, number))",
    "CREATE INDEX events_by_time ON events (time)",
};

/// Version 1 did not keep what a fill realized, nor its fee in one asset.
constexpr std::array<std::string_view, 2> kFrom1To2 = {
    "ALTER TABLE trade_fills ADD COLUMN fee_in_quote $dec",
    "ALTER TABLE trade_fills ADD COLUMN realized_profit $dec",
};

/// What leads from version i + 1 to version i + 2.
constexpr std::array<std::span<const std::string_view>, kSchemaVersion - 1> kMigrations = {kFrom1To2};

std::string in_dialect(std::string_view statement, const SqlDialect& dialect) {
  std::string text(statement);
  for (const auto& [word, meaning] : {std::pair<std::string_view, std::string_view>{"$id", dialect.id},
                                      {"$int", dialect.integer},
                                      {"$dec", dialect.decimal}}) {
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + meaning.size())) {
      text.replace(at, word.size(), meaning);
    }
  }
  return text;
}

Status run_all(SqlDatabase& database, std::span<const std::string_view> statements) {
  for (const std::string_view statement : statements) {
    if (Status status = database.run(in_dialect(statement, database.dialect()), {}, {}); !status.ok()) return status;
  }
  return {};
}

/// 0: there are no tables.
Result<std::int64_t> version_of(SqlDatabase& database) {
  const auto known = database.has_table("schema_version");
  if (!known) return known.status();
  std::int64_t version = 0;
  if (!*known) return version;
  std::string text;
  const Status status = database.run("SELECT max(version) FROM schema_version", {}, [&text](SqlRow row) {
    if (row[0]) text = *row[0];
  });
  if (!status.ok()) return status;
  for (const char c : text) {
    if (c < '0' || c > '9' || version > 1'000'000) return Status(StatusCode::malformed, "history: no version");
    version = version * 10 + (c - '0');
  }
  if (version == 0) return Status(StatusCode::malformed, "history: its table of versions cannot be read");
  return version;
}

Status other_version(std::int64_t version) {
  return {StatusCode::unsupported,
          fmt::format("history: the database is of version {}, this program knows {}; {}", version, kSchemaVersion,
                      version > kSchemaVersion ? "use the newer program that wrote it"
                                               : "it is brought up to date when a connector next writes to it")};
}

Status make_in_transaction(SqlDatabase& database) {
  if (Status status = database.lock(); !status.ok()) return status;
  const auto version = version_of(database);
  if (!version) return version.status();
  if (*version == kSchemaVersion) return {};
  if (*version > kSchemaVersion) return other_version(*version);
  if (*version == 0) {
    if (Status status = run_all(database, kNewest); !status.ok()) return status;
  }
  for (std::int64_t from = *version; from > 0 && from < kSchemaVersion; ++from) {
    const auto& migration = kMigrations[static_cast<std::size_t>(from - 1)];
    if (Status status = run_all(database, migration); !status.ok()) return status;
  }
  if (Status status = database.run("DELETE FROM schema_version", {}, {}); !status.ok()) return status;
  const std::array<SqlValue, 1> values = {std::to_string(kSchemaVersion)};
  return database.run("INSERT INTO schema_version (version) VALUES ($1)", values, {});
}

}  // namespace

Status make_schema(SqlDatabase& database) {
  if (Status status = database.begin(); !status.ok()) return status;
  if (Status status = make_in_transaction(database); !status.ok()) {
    database.rollback();
    return status;
  }
  return database.commit();
}

Status check_schema(SqlDatabase& database) {
  const auto version = version_of(database);
  if (!version) return version.status();
  if (*version == 0) return {StatusCode::unavailable, "history: nothing has been written to this database yet"};
  return *version == kSchemaVersion ? Status() : other_version(*version);
}

}  // namespace calypte::journal
