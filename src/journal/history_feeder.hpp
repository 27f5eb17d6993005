// Copies a journal into the history, on a thread of its own: nothing that trades waits for a database.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "calypte/log.hpp"
#include "calypte/result.hpp"
#include "calypte/time.hpp"

#include "engine/journal_record.hpp"
#include "journal/history_store.hpp"
#include "journal/log_follower.hpp"

namespace calypte::journal {

/// Where the history of a journal is, from the folder and `JournalConfig::history`; nothing for "none".
[[nodiscard]] std::optional<std::string> history_location(const std::filesystem::path& folder,
                                                          std::string_view history);

struct HistoryFeederOptions {
  std::filesystem::path folder;        ///< of the journal
  std::string where;                   ///< `history_location`
  engine::ConnectorIdentity identity;  ///< whose journal it is
  Duration poll = std::chrono::milliseconds{100};
  Duration first_retry = std::chrono::milliseconds{200};  ///< doubled with every failure up to `last_retry`
  Duration last_retry = std::chrono::seconds{10};
};

class HistoryFeeder {
 public:
  /// Fails only for a `where` that cannot be read. A database that cannot be reached now is tried again until it can:
  /// the journal keeps what it has not got. `log` is called from the feeder's thread, so it must bear that.
  static Result<std::unique_ptr<HistoryFeeder>> start(HistoryFeederOptions options, LogSink& log);
  /// Stops at once; what is not copied is copied after the next start.
  ~HistoryFeeder();
  HistoryFeeder(const HistoryFeeder&) = delete;
  HistoryFeeder& operator=(const HistoryFeeder&) = delete;

  /// Copies what the journal holds, unless that fails or takes longer than `limit`, and ends the thread. Beyond the
  /// limit it waits for one statement at most, which has a limit of its own of ten seconds. False if something is left.
  bool stop(Duration limit);

  /// What is wrong now; ok if nothing is.
  [[nodiscard]] Status health() const;
  /// Everything up to this record of the log is in the database: segments that hold nothing later are not needed here.
  [[nodiscard]] std::uint64_t stored_sequence() const noexcept { return stored_.load(std::memory_order_acquire); }

 private:
  HistoryFeeder(HistoryFeederOptions options, std::unique_ptr<SqlDatabase> database, LogSink& log);
  void work();
  /// One batch. True if there may be more at once.
  Result<bool> step();
  Status attach();
  Result<std::string> journal_name() const;
  void report(const Status& status);

  HistoryFeederOptions options_;
  LogSink& log_;

  // The thread's own.
  HistoryStore store_;
  LogFollower follower_;
  bool attached_ = false;

  std::atomic<std::uint64_t> stored_{0};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::optional<std::chrono::steady_clock::time_point> drain_until_;
  bool drained_ = false;
  Status health_;
  std::thread thread_;
};

}  // namespace calypte::journal
