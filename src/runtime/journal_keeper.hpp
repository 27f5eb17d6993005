// The journal of one connector as its driver sees it: what a round has to leave on record before it acts, where the
// telling of events stands, and what a process before this one left to be taken over.
//
// Used on the loop's thread. While the log cannot be written (no space, a read-only folder) the engine denies new
// orders, cancels and queries go on, and what happens is kept in memory, up to a bound, until it can be written again.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "calypte/events.hpp"
#include "calypte/log.hpp"
#include "calypte/runtime.hpp"

#include "engine/engine.hpp"
#include "engine/journal_desk.hpp"
#include "journal/history_feeder.hpp"
#include "journal/log_writer.hpp"

namespace calypte::runtime {

class JournalKeeper {
 public:
  /// Opens or makes the journal, gives the engine what it knows, and writes all of it anew as a checkpoint. Fails if
  /// another process has it open, if it cannot be read or written, or if it is another connector's.
  static Result<std::unique_ptr<JournalKeeper>> open(const JournalConfig& config,
                                                     const engine::ConnectorIdentity& identity, engine::Engine& engine,
                                                     LogSink& log, Time now, journal::LogOptions log_options = {});
  ~JournalKeeper();
  JournalKeeper(const JournalKeeper&) = delete;
  JournalKeeper& operator=(const JournalKeeper&) = delete;

  /// What a strategy has not heard of what the process before this one had put on record. Once: empty afterwards.
  [[nodiscard]] std::vector<std::pair<std::uint64_t, Event>> take_events_to_tell(std::optional<std::uint64_t> seen);

  /// Before the actions of a round are carried out and its events told. False: what places orders may not leave.
  [[nodiscard]] bool write(std::span<const Event> events, bool places_orders);
  /// Of the event at this place of the last `write`; 0 if it is not journalled.
  [[nodiscard]] std::uint64_t number_of(std::size_t index) const { return desk_.number_of(index); }
  /// The callback of this event has returned. 0 is ignored.
  void told(std::uint64_t number);
  /// Between rounds, when every event was told: tries again what could not be written, and shortens the log.
  void tidy();

 private:
  JournalKeeper(JournalConfig config, engine::ConnectorIdentity identity, engine::Engine& engine, LogSink& log);
  Status append(engine::RecordKind kind, std::string_view payload);
  Status write_checkpoint(std::span<const std::pair<std::uint64_t, Event>> not_told);
  bool write_waiting();
  void keep(std::string_view record);
  void trouble(const Status& status);

  /// What waits to be written while the log cannot be; beyond it the oldest goes, and a checkpoint makes up for it.
  static constexpr std::size_t kWaitingBytes = std::size_t{64} << 20U;
  /// A checkpoint is written after so much: it bounds how long a restart reads and how large the folder grows.
  static constexpr std::size_t kCheckpointEvery = std::size_t{64} << 20U;

  JournalConfig config_;
  engine::ConnectorIdentity identity_;
  engine::Engine& engine_;
  LogSink& log_;
  engine::JournalDesk desk_;
  std::unique_ptr<journal::LogWriter> writer_;
  std::unique_ptr<journal::HistoryFeeder> history_;
  engine::Recovery recovered_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool waiting_lost_ = false;
  std::uint64_t told_ = 0;          // the last event whose callback has returned
  std::uint64_t told_written_ = 0;  // likewise, as the log knows it
  std::uint64_t since_checkpoint_ = 0;
  std::uint64_t checkpoint_sequence_ = 0;
};

}  // namespace calypte::runtime
