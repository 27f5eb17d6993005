#include "runtime/journal_keeper.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "journal/log_reader.hpp"

namespace calypte::runtime {

using engine::RecordKind;

JournalKeeper::JournalKeeper(JournalConfig config, engine::ConnectorIdentity identity, engine::Engine& engine,
                             LogSink& log)
    : config_(std::move(config)), identity_(std::move(identity)), engine_(engine), log_(log), desk_(engine) {}

JournalKeeper::~JournalKeeper() {
  // What is waiting could not be written so far; this is its last chance. Failing that has been told.
  write_waiting();
  // The history reads the log to its end while the log is still there.
  history_.reset();
}

Result<std::unique_ptr<JournalKeeper>> JournalKeeper::open(const JournalConfig& config,
                                                           const engine::ConnectorIdentity& identity,
                                                           engine::Engine& engine, LogSink& log, Time now,
                                                           journal::LogOptions log_options) {
  std::unique_ptr<JournalKeeper> keeper(new JournalKeeper(config, identity, engine, log));
  // First the lock, then the reading: nobody writes meanwhile.
  auto writer = journal::LogWriter::open(config.folder, log_options);
  if (!writer.ok()) return writer.status();
  keeper->writer_ = std::move(*writer);
  Status unreadable;
  const auto end = journal::read_log(config.folder, 1, [&](const journal::LogRecord& record) {
    const Status status = keeper->recovered_.apply(static_cast<RecordKind>(record.kind), record.payload);
    if (!status.ok() && unreadable.ok()) unreadable = status;
  });
  if (!end.ok()) return end.status();
  // Going on without a part of what was remembered would be a guess.
  if (!unreadable.ok()) return unreadable;
  const auto& owner = keeper->recovered_.identity();
  if (owner && *owner != identity) {
    return Status(StatusCode::denied, fmt::format("the journal in {} is that of {} ({}) with the prefix '{}'",
                                                  config.folder, owner->venue, owner->environment, owner->prefix));
  }
  if (!owner) keeper->log_.log(LogLevel::info, "journal", "a new journal in " + config.folder);
  keeper->desk_.recover(keeper->recovered_, now);
  keeper->told_ = keeper->recovered_.told();
  keeper->told_written_ = keeper->told_;

  const auto not_told = keeper->recovered_.events_to_tell(std::nullopt);
  if (const Status status = keeper->write_checkpoint(not_told); !status.ok()) return status;
  if (const auto where = journal::history_location(config.folder, config.history)) {
    auto history = journal::HistoryFeeder::start({.folder = config.folder, .where = *where, .identity = identity}, log);
    if (!history.ok()) return history.status();
    keeper->history_ = std::move(*history);
  }
  return keeper;
}

std::vector<std::pair<std::uint64_t, Event>> JournalKeeper::take_events_to_tell(std::optional<std::uint64_t> seen) {
  if (seen && *seen < told_ && recovered_.events_to_tell(seen).size() < told_ - *seen) {
    log_.log(
        LogLevel::error, "journal",
        fmt::format("the strategy has seen events up to {} only; those up to {} are in the history, not in the log",
                    *seen, told_));
  }
  auto events = recovered_.events_to_tell(seen);
  recovered_ = {};
  return events;
}

Status JournalKeeper::append(RecordKind kind, std::string_view payload) {
  const auto sequence = writer_->append(static_cast<std::uint32_t>(kind), payload);
  if (!sequence.ok()) return sequence.status();
  since_checkpoint_ += payload.size();
  return {};
}

bool JournalKeeper::write(std::span<const Event> events, bool places_orders) {
  const std::string_view record = desk_.compose(events);
  if (!write_waiting()) {
    if (!record.empty()) keep(record);
    return false;
  }
  if (!record.empty()) {
    if (const Status status = append(RecordKind::round, record); !status.ok()) {
      keep(record);
      trouble(status);
      return false;
    }
  }
  if (!places_orders || config_.sync != JournalSync::before_send) return true;
  // Also in a round without a record: the order that leaves now may have waited for its turn since an earlier one. The
  // entries are there for a process that follows; what is not sure is whether a power failure would spare them.
  if (const Status status = writer_->sync(); !status.ok()) {
    trouble(status);
    return false;
  }
  engine_.set_durable(true, {});
  return true;
}

void JournalKeeper::keep(std::string_view record) {
  waiting_.emplace_back(record);
  waiting_bytes_ += record.size();
  while (waiting_bytes_ > kWaitingBytes && waiting_.size() > 1) {
    waiting_bytes_ -= waiting_.front().size();
    waiting_.pop_front();
    if (!std::exchange(waiting_lost_, true)) {
      log_.log(LogLevel::error, "journal", "too much waits to be written; the history will lack the oldest of it");
    }
  }
}

bool JournalKeeper::write_waiting() {
  if (waiting_.empty()) return true;
  while (!waiting_.empty()) {
    if (const Status status = append(RecordKind::round, waiting_.front()); !status.ok()) {
      trouble(status);
      return false;
    }
    waiting_bytes_ -= waiting_.front().size();
    waiting_.pop_front();
  }
  engine_.set_durable(true, {});
  return true;
}

void JournalKeeper::trouble(const Status& status) { engine_.set_durable(false, status.message()); }

void JournalKeeper::told(std::uint64_t number) {
  if (number == 0) return;
  told_ = number;
  // While the event itself is not on record, neither can be that it was told; `tidy` makes up for it.
  if (!waiting_.empty()) return;
  if (append(RecordKind::told, engine::told_record(told_)).ok()) told_written_ = told_;
}

void JournalKeeper::tidy() {
  if (!write_waiting()) return;
  if (told_written_ != told_ && append(RecordKind::told, engine::told_record(told_)).ok()) told_written_ = told_;
  const Status health = writer_->health();
  if (!health.ok()) {
    trouble(health);
  } else {
    engine_.set_durable(true, {});
  }
  if (since_checkpoint_ >= kCheckpointEvery || waiting_lost_) {
    if (const Status status = write_checkpoint({}); status.ok()) {
      waiting_lost_ = false;
    } else {
      trouble(status);
    }
  }
  if (checkpoint_sequence_ == 0) return;
  // The history may be behind; what it has not read stays.
  const std::uint64_t stored = history_ ? history_->stored_sequence() + 1 : checkpoint_sequence_;
  if (stored < checkpoint_sequence_) return;
  writer_->release(checkpoint_sequence_);
  checkpoint_sequence_ = 0;
}

Status JournalKeeper::write_checkpoint(std::span<const std::pair<std::uint64_t, Event>> not_told) {
  // Whose journal it is has to be known from what is left when everything before is gone.
  if (Status status = append(RecordKind::connector, to_json(identity_)); !status.ok()) return status;
  const std::uint64_t begin = writer_->last_sequence();
  if (Status status = append(RecordKind::checkpoint_begin, {}); !status.ok()) return status;
  for (const auto& round : desk_.checkpoint(not_told)) {
    if (Status status = append(RecordKind::round, round); !status.ok()) return status;
  }
  if (Status status = append(RecordKind::checkpoint_end, {}); !status.ok()) return status;
  // The marks of what was told belong to it.
  if (Status status = append(RecordKind::told, engine::told_record(told_)); !status.ok()) return status;
  since_checkpoint_ = 0;
  checkpoint_sequence_ = begin;
  return {};
}

}  // namespace calypte::runtime
