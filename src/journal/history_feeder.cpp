#include "journal/history_feeder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <random>
#include <unistd.h>
#include <utility>

#include "journal/segment.hpp"

namespace calypte::journal {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kComponent = "history";
constexpr std::string_view kDefaultFile = "history.db";
constexpr std::string_view kNameFile = "journal.id";
constexpr std::size_t kNameSize = 32;
/// Records of one transaction: few enough for one to be quick, enough for its sync to cost little.
constexpr std::size_t kBatch = 512;

std::string random_name() {
  std::random_device device;
  std::string name;
  while (name.size() < kNameSize) name += fmt::format("{:08x}", device());
  return name;
}

}  // namespace

std::optional<std::string> history_location(const std::filesystem::path& folder, std::string_view history) {
  if (history == "none") return std::nullopt;
  if (history.empty()) return (folder / kDefaultFile).string();
  return std::string(history);
}

HistoryFeeder::HistoryFeeder(HistoryFeederOptions options, std::unique_ptr<SqlDatabase> database, LogSink& log)
    : options_(std::move(options)), log_(log), store_(std::move(database), log), follower_(options_.folder) {}

Result<std::unique_ptr<HistoryFeeder>> HistoryFeeder::start(HistoryFeederOptions options, LogSink& log) {
  auto database = open_database(options.where, DatabaseUse::writing);
  if (!database) return database.status();
  auto feeder = std::unique_ptr<HistoryFeeder>(new HistoryFeeder(std::move(options), std::move(*database), log));
  feeder->thread_ = std::thread([raw = feeder.get()] { raw->work(); });
  return feeder;
}

HistoryFeeder::~HistoryFeeder() { stop(Duration::zero()); }

bool HistoryFeeder::stop(Duration limit) {
  if (thread_.joinable()) {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
      drain_until_ = Clock::now() + limit;
    }
    wake_.notify_all();
    thread_.join();
  }
  const std::scoped_lock lock(mutex_);
  return drained_;
}

Status HistoryFeeder::health() const {
  const std::scoped_lock lock(mutex_);
  return health_;
}

void HistoryFeeder::work() {
  Duration retry = options_.first_retry;
  std::unique_lock lock(mutex_);
  while (!stopping_ || Clock::now() < *drain_until_) {
    const bool last_look = stopping_;  // what is appended after `stop` was called may be left
    lock.unlock();
    const auto more = step();
    report(more.status());
    lock.lock();
    if (more && *more) {
      retry = options_.first_retry;
      continue;
    }
    if (last_look) {
      drained_ = more.ok();
      return;
    }
    if (more) retry = options_.first_retry;
    wake_.wait_for(lock, more ? options_.poll : retry, [this] { return stopping_; });
    if (!more) retry = std::min(retry * 2, options_.last_retry);
  }
}

Result<bool> HistoryFeeder::step() {
  if (!attached_) {
    if (Status status = attach(); !status.ok()) return status;
    attached_ = true;
  }
  const auto records = follower_.read(kBatch);
  Status status = records.status();
  if (status.ok() && records->empty()) return false;
  if (status.ok()) status = store_.apply(*records);
  if (!status.ok()) {
    // Only the database knows what it has, and the reader is past it.
    attached_ = false;
    return status;
  }
  stored_.store(store_.last_sequence(), std::memory_order_release);
  return true;
}

/// Connects, and puts the reader behind what the database has: if the record that it had last is still the one in the
/// log. Else the log was cut by a power failure after more of it had been copied, and everything is applied anew.
Status HistoryFeeder::attach() {
  const auto name = journal_name();
  if (!name) return name.status();
  const auto position = store_.attach(options_.identity, *name);
  if (!position) return position.status();
  const std::uint64_t last = position->last_sequence;
  if (last > 0) {
    follower_.seek(last);
    const auto records = follower_.read(1);
    if (!records) return records.status();
    const bool same =
        !records->empty() && records->front().sequence == last && records->front().hash == position->last_hash;
    if (same) {
      stored_.store(last, std::memory_order_release);
      return {};
    }
    if (!records->empty() && records->front().sequence > last) {
      if (const std::uint64_t next = records->front().sequence; next > last + 1) {
        log_.log(
            LogLevel::error, kComponent,
            fmt::format("records {} to {} were removed from the journal before they were copied", last + 1, next - 1));
      }
      follower_.seek(last + 1);
      stored_.store(last, std::memory_order_release);
      return {};
    }
    log_.log(LogLevel::warning, kComponent,
             fmt::format("the journal does not hold record {} as it was copied; all of it is copied anew", last));
    if (Status status = store_.rewind(); !status.ok()) return status;
  }
  stored_.store(0, std::memory_order_release);
  follower_.seek(1);
  return {};
}

/// A random name in a file beside the log, made once. It tells journals in a shared database apart, and a journal from
/// another one that was in the same folder before.
Result<std::string> HistoryFeeder::journal_name() const {
  const auto path = options_.folder / kNameFile;
  const auto read = [&path] {
    std::string name;
    std::ifstream file(path);
    if (!file || !std::getline(file, name) || name.size() != kNameSize) name.clear();
    return name;
  };
  if (std::string name = read(); !name.empty()) return name;
  const std::string name = random_name();
  const auto unfinished = options_.folder / fmt::format("{}.{}", kNameFile, name);
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return system_failure("cannot make", unfinished, errno);
  const std::string line = name + "\n";
  const bool written =
      ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(file) == 0;
  // A link is made only if there is none: of two who do this at once, one is the first.
  const bool linked = written && ::link(unfinished.c_str(), path.c_str()) == 0;
  const int error = errno;
  ::close(file);
  ::unlink(unfinished.c_str());
  if (!written || (!linked && error != EEXIST)) return system_failure("cannot write", path, error);
  if (Status status = sync_folder(options_.folder); !status.ok()) return status;
  if (std::string first = read(); !first.empty()) return first;
  return Status(StatusCode::malformed, fmt::format("history: {} holds no name", path.string()));
}

/// Once when something is wrong, again when it is something else, and once when it is over.
void HistoryFeeder::report(const Status& status) {
  {
    const std::scoped_lock lock(mutex_);
    if (status == health_) return;
    health_ = status;
  }
  if (status.ok()) {
    log_.log(LogLevel::info, kComponent, "the history is written again");
  } else {
    log_.log(LogLevel::error, kComponent, fmt::format("{}; it is tried again", status.to_string()));
  }
}

}  // namespace calypte::journal
