#include "journal/history_store.hpp"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "calypte/in_flight_order.hpp"

#include "engine/event_json.hpp"
#include "engine/stored_order.hpp"
#include "journal/history_rows.hpp"
#include "journal/history_schema.hpp"
#include "venue/json.hpp"

namespace calypte::journal {
namespace {

constexpr std::string_view kStoreComponent = "history";

std::uint64_t number_in(const SqlValue& value) {
  std::uint64_t number = 0;
  if (value) std::from_chars(value->data(), value->data() + value->size(), number);
  return number;
}

Status not_found(std::string_view what) {
  return {StatusCode::unavailable, fmt::format("history: the row of the {} is gone", what)};
}

/// Where the tracker had the order; what the reader of an order does not need to know is left to `Recovery`.
Result<std::pair<InFlightOrder, std::string>> read_order(std::string_view json) {
  auto stored = engine::StoredOrder::from_json(json);
  if (!stored) return stored.status();
  const venue::PaddedBuffer buffer(json);
  venue::json::Document document;
  const auto root = document.parse(buffer.bytes());
  if (!root) return root.status();
  return std::pair(std::move(stored->order), std::string(root->find("place").string()));
}

}  // namespace

Result<HistoryPosition> HistoryStore::attach(const engine::ConnectorIdentity& identity, std::string_view journal) {
  if (!schema_made_) {
    if (Status status = make_schema(*database_); !status.ok()) return status;
    schema_made_ = true;
  }
  if (Status status = database_->begin(); !status.ok()) return status;
  auto position = attach_in_transaction(identity, journal);
  if (!position) {
    database_->rollback();
    // The tables may be gone with the file or the database that held them.
    schema_made_ = false;
    return position;
  }
  if (Status status = database_->commit(); !status.ok()) return status;
  last_sequence_ = position->last_sequence;
  return position;
}

Result<HistoryPosition> HistoryStore::attach_in_transaction(const engine::ConnectorIdentity& identity,
                                                            std::string_view journal) {
  const Values whose = {identity.venue, identity.prefix, identity.environment};
  Status status = database_->run(
      "INSERT INTO connectors (venue, prefix, environment) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", whose, {});
  if (!status.ok()) return status;
  connector_id_.clear();
  status = database_->run("SELECT id FROM connectors WHERE venue = $1 AND prefix = $2 AND environment = $3", whose,
                          [this](SqlRow row) { connector_id_ = row[0].value_or(""); });
  if (!status.ok()) return status;
  if (connector_id_.empty()) return not_found("connector");

  const Values which = {connector_id_, std::string(journal)};
  status = database_->run(
      "INSERT INTO journals (connector_id, name, last_sequence, last_hash) VALUES ($1, $2, 0, '0') "
      "ON CONFLICT DO NOTHING",
      which, {});
  if (!status.ok()) return status;
  journal_id_.clear();
  HistoryPosition position;
  status = database_->run("SELECT id, last_sequence, last_hash FROM journals WHERE connector_id = $1 AND name = $2",
                          which, [&](SqlRow row) {
                            journal_id_ = row[0].value_or("");
                            position = {.last_sequence = number_in(row[1]), .last_hash = number_in(row[2])};
                          });
  if (!status.ok()) return status;
  if (journal_id_.empty()) {
    return Status(StatusCode::denied,
                  fmt::format("history: the journal {} belongs to another connector in this database", journal));
  }
  return position;
}

Status HistoryStore::rewind() {
  if (Status status = database_->begin(); !status.ok()) return status;
  Status status =
      database_->run("UPDATE journals SET last_sequence = 0, last_hash = '0' WHERE id = $1", Values{journal_id_}, {});
  if (!status.ok()) {
    database_->rollback();
    return status;
  }
  status = database_->commit();
  if (status.ok()) last_sequence_ = 0;
  return status;
}

Status HistoryStore::apply(std::span<const LogRecord> records) {
  if (records.empty()) return {};
  if (Status status = database_->begin(); !status.ok()) return status;
  Status status = apply_in_transaction(records);
  if (!status.ok()) {
    database_->rollback();
    return status;
  }
  status = database_->commit();
  if (status.ok()) last_sequence_ = std::max(last_sequence_, records.back().sequence);
  return status;
}

Status HistoryStore::apply_in_transaction(std::span<const LogRecord> records) {
  // An update that changes nothing locks the row: nobody else feeds this journal until the commit.
  SqlValue found;
  Status status = database_->run("UPDATE journals SET name = name WHERE id = $1 RETURNING last_sequence",
                                 Values{journal_id_}, [&found](SqlRow row) { found = row[0]; });
  if (!status.ok()) return status;
  if (!found) return not_found("journal");
  const std::uint64_t last = number_in(found);
  for (const LogRecord& record : records) {
    if (record.sequence <= last || record.kind != static_cast<std::uint32_t>(engine::RecordKind::round)) continue;
    status = apply_round(record);
    if (!status.ok()) return status;
  }
  if (records.back().sequence <= last) return {};
  return database_->run(
      "UPDATE journals SET last_sequence = $1, last_hash = $2 WHERE id = $3",
      Values{std::to_string(records.back().sequence), std::to_string(records.back().hash), journal_id_}, {});
}

Status HistoryStore::apply_round(const LogRecord& record) {
  Status failed;
  const Status readable = engine::read_round(record.payload, [&](const engine::EntryView& entry) {
    if (!failed.ok()) return;
    Status status;
    if (entry.kind == engine::EntryKind::order) status = apply_order(entry);
    if (entry.kind == engine::EntryKind::event) status = apply_event(entry);
    if (status.code() == StatusCode::malformed) {
      remark(record, status);
    } else {
      failed = std::move(status);
    }
  });
  if (!readable.ok()) remark(record, readable);
  return failed;
}

Status HistoryStore::apply_order(const engine::EntryView& entry) {
  const auto read = read_order(entry.text);
  if (!read) return {StatusCode::malformed, fmt::format("order {}: {}", entry.key, read.status().message())};
  const auto& [order, place] = *read;
  Status status = database_->run(order_statement(), order_row(connector_id_, order, place), {});
  for (const auto& [id, fill] : order.order_fills()) {
    if (!status.ok()) break;
    status = database_->run(remembered_fill_statement(), fill_row(connector_id_, order, fill), {});
  }
  return status;
}

Status HistoryStore::apply_event(const engine::EntryView& entry) {
  const auto event = engine::event_from_json(entry.key, entry.text);
  const EventSubject subject = event ? subject_of(*event) : EventSubject{};
  const std::string number = std::to_string(entry.number);
  Status status =
      database_->run(event_statement(),
                     Values{journal_id_, number, connector_id_, std::string(entry.key), subject.client_order_id,
                            subject.trading_pair, std::to_string(to_unix_ns(subject.time)), std::string(entry.text)},
                     {});
  if (!status.ok()) return status;
  if (!event) return {StatusCode::malformed, fmt::format("event {}: {}", entry.number, event.status().message())};
  if (subject.about_order) {
    constexpr std::string_view kSuffix = "Event";
    std::string name(entry.key);
    if (name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
    status = database_->run(order_status_statement(),
                            Values{journal_id_, number, connector_id_, subject.client_order_id, std::move(name),
                                   subject.detail, std::to_string(to_unix_ns(subject.time))},
                            {});
    if (!status.ok()) return status;
  }
  if (const auto* fill = std::get_if<OrderFilledEvent>(&*event)) {
    return database_->run(told_fill_statement(), fill_row(connector_id_, *fill), {});
  }
  if (const auto* liquidation = std::get_if<LiquidationEvent>(&*event)) {
    return database_->run(told_fill_statement(), fill_row(connector_id_, *liquidation), {});
  }
  if (const auto* unmatched = std::get_if<UnmatchedFillEvent>(&*event)) {
    return database_->run(unmatched_fill_statement(), fill_row(connector_id_, *unmatched), {});
  }
  if (const auto* funding = std::get_if<FundingPaymentCompletedEvent>(&*event)) {
    return database_->run(funding_statement(), funding_row(connector_id_, *funding), {});
  }
  return {};
}

void HistoryStore::remark(const LogRecord& record, const Status& status) {
  log_.log(LogLevel::error, kStoreComponent,
           fmt::format("record {} of the journal cannot be read: {}", record.sequence, status.message()));
}

}  // namespace calypte::journal
