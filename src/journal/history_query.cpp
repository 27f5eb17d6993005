#include <array>
#include <fmt/format.h>
#include <span>
#include <string>

#include "journal/history_schema.hpp"
#include "journal/history_store.hpp"

namespace calypte::journal {
namespace {

// The names of the expressions are the heads of the columns. `seq` orders what happened at the same time.
struct Table {
  std::string_view rows;  ///< without the condition
  std::string_view time;
  std::span<const HistoryColumn> columns;
};

constexpr std::array kOrderColumns = {
    HistoryColumn{"time", true},    HistoryColumn{"venue"},          HistoryColumn{"order"},
    HistoryColumn{"venue_order"},   HistoryColumn{"pair"},           HistoryColumn{"side"},
    HistoryColumn{"type"},          HistoryColumn{"price"},          HistoryColumn{"amount"},
    HistoryColumn{"executed"},      HistoryColumn{"executed_quote"}, HistoryColumn{"state"},
    HistoryColumn{"updated", true}, HistoryColumn{"reason"},         HistoryColumn{"message"},
};
constexpr std::array kFillColumns = {
    HistoryColumn{"time", true}, HistoryColumn{"venue"}, HistoryColumn{"order"},     HistoryColumn{"trade"},
    HistoryColumn{"pair"},       HistoryColumn{"side"},  HistoryColumn{"price"},     HistoryColumn{"amount"},
    HistoryColumn{"quote"},      HistoryColumn{"fee"},   HistoryColumn{"fee_token"}, HistoryColumn{"fee_in_quote"},
    HistoryColumn{"taker"},      HistoryColumn{"late"},  HistoryColumn{"source"},    HistoryColumn{"realized"},
};
constexpr std::array kFundingColumns = {
    HistoryColumn{"time", true}, HistoryColumn{"venue"}, HistoryColumn{"pair"},    HistoryColumn{"amount"},
    HistoryColumn{"asset"},      HistoryColumn{"rate"},  HistoryColumn{"payment"},
};
constexpr std::array kEventColumns = {
    HistoryColumn{"time", true}, HistoryColumn{"venue"}, HistoryColumn{"number"}, HistoryColumn{"name"},
    HistoryColumn{"order"},      HistoryColumn{"pair"},  HistoryColumn{"json"},
};

// In the order of `HistoryTable`.
constexpr std::array<Table, 4> kTables = {{
    {"SELECT t.creation_time, c.venue, t.client_order_id, t.exchange_order_id, t.trading_pair, t.trade_type, "
     "t.order_type, t.price, t.amount, t.executed_base, t.executed_quote, t.state, t.last_update_time, t.end_reason, "
     "t.end_message FROM orders t JOIN connectors c ON c.id = t.connector_id",
     "t.creation_time, t.client_order_id", kOrderColumns},
    {"SELECT t.time, c.venue, t.client_order_id, t.trade_id, t.trading_pair, t.trade_type, t.price, t.amount, "
     "t.quote_amount, t.fee_amount, t.fee_token, t.fee_in_quote, t.taker, t.late, t.source, t.realized_profit "
     "FROM trade_fills t JOIN connectors c ON c.id = t.connector_id",
     "t.time, t.receive_time, t.trade_id", kFillColumns},
    {"SELECT t.time, c.venue, t.trading_pair, t.amount, t.asset, t.rate, t.payment_id "
     "FROM funding_payments t JOIN connectors c ON c.id = t.connector_id",
     "t.time, t.trading_pair, t.payment_id", kFundingColumns},
    {"SELECT t.time, c.venue, t.number, t.name, t.client_order_id, t.trading_pair, t.json "
     "FROM events t JOIN connectors c ON c.id = t.connector_id",
     "t.time, t.journal_id, t.number", kEventColumns},
}};

const Table& table_of(HistoryTable table) noexcept { return kTables[static_cast<std::size_t>(table)]; }

/// "t.a, t.b" as "t.a DESC, t.b DESC"
std::string descending(std::string_view columns) {
  std::string text;
  for (const char c : columns) {
    if (c == ',') text += " DESC";
    text += c;
  }
  return text + " DESC";
}

}  // namespace

std::span<const HistoryColumn> columns_of(HistoryTable table) noexcept { return table_of(table).columns; }

Status read_history(SqlDatabase& database, const HistoryQuery& query, const SqlVisitor& visit) {
  const Table& table = table_of(query.table);
  if (Status status = database.begin(); !status.ok()) return status;
  Status status = check_schema(database);
  if (status.ok()) {
    const std::string_view time = table.time.substr(0, table.time.find(','));
    const std::string sql =
        fmt::format("{} WHERE {} >= $1 ORDER BY {} LIMIT {}", table.rows, time, descending(table.time), query.limit);
    const std::array<SqlValue, 1> values = {std::to_string(query.since ? to_unix_ns(*query.since) : INT64_MIN)};
    // The newest are wanted, the oldest of them first.
    std::vector<std::vector<SqlValue>> rows;
    status = database.run(sql, values, [&rows](SqlRow row) { rows.emplace_back(row.begin(), row.end()); });
    for (auto row = rows.rbegin(); status.ok() && row != rows.rend(); ++row) visit(*row);
  }
  database.rollback();
  return status;
}

}  // namespace calypte::journal
