#include "journal/log_writer.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <fmt/format.h>
#include <mutex>
#include <sys/file.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "journal/log_format.hpp"
#include "journal/log_reader.hpp"
#include "journal/segment.hpp"

namespace calypte::journal {

using namespace std::chrono_literals;

namespace {

/// Of the first record of a segment; 0 if there is none, or it cannot be read.
std::uint64_t first_sequence(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  RecordHeader header;
  const bool whole = ::pread(file, &header, sizeof(header), sizeof(SegmentHeader)) == sizeof(header);
  ::close(file);
  return whole && header.size > 0 ? header.sequence : 0;
}

}  // namespace

struct LogWriter::Impl {
  std::filesystem::path folder;
  LogOptions options;
  int lock_file = -1;

  // The appending thread's own.
  std::shared_ptr<Segment> current;
  std::uint64_t last = 0;

  // Shared; `wanted` and `next` change rarely, so their lock is almost never contended.
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::shared_ptr<Segment>> unsynced;  // oldest first, the current one last
  std::unique_ptr<Segment> next;
  bool next_wanted = false;
  std::uint64_t release_before = 0;
  Status trouble;
  bool stopping = false;
  std::atomic<std::uint64_t> published{0};
  std::atomic<std::uint64_t> synced{0};
  std::mutex make_mutex;  // one segment is made at a time; with it goes
  std::uint64_t next_number = 1;
  std::mutex sync_mutex;  // one sync at a time, so that `synced` never claims what another one has not done yet
  std::thread worker;

  ~Impl() {
    if (worker.joinable()) {
      {
        const std::scoped_lock lock(mutex);
        stopping = true;
      }
      wake.notify_all();
      worker.join();
    }
    if (lock_file >= 0) ::close(lock_file);
  }

  Status sync_now() {
    const std::scoped_lock one(sync_mutex);
    const std::uint64_t upto = published.load(std::memory_order_acquire);
    if (upto == synced.load(std::memory_order_relaxed)) return {};
    std::vector<std::shared_ptr<Segment>> segments;
    {
      const std::scoped_lock lock(mutex);
      segments = unsynced;
    }
    for (const auto& segment : segments) {
      if (Status status = segment->sync(); !status.ok()) return status;
    }
    {
      const std::scoped_lock lock(mutex);
      // All but the one in use are complete and now on the disk.
      while (unsynced.size() > 1 && unsynced.front() != segments.back()) unsynced.erase(unsynced.begin());
    }
    synced.store(upto, std::memory_order_release);
    return {};
  }

  /// Sees to it that there is a next segment. Either thread; numbers are given in the order of use because a segment
  /// that was made is always the next one to be used.
  Status prepare() {
    const std::scoped_lock one(make_mutex);
    {
      const std::scoped_lock lock(mutex);
      if (next) return {};
    }
    auto made = Segment::create(folder, next_number, options.segment_size);
    if (!made.ok()) return made.status();
    ++next_number;
    const std::scoped_lock lock(mutex);
    next = std::move(*made);
    return {};
  }

  /// The next segment becomes the one in use.
  Status advance() {
    if (Status status = prepare(); !status.ok()) return status;
    const std::scoped_lock lock(mutex);
    current = std::move(next);
    unsynced.push_back(current);
    return {};
  }

  /// A segment may go if a later one begins with a record that is not before `before`, or with that one.
  Status remove_before(std::uint64_t before) const {
    const auto files = segments_of(folder);
    if (!files.ok()) return files.status();
    std::uint64_t later = 0;  // the first record of the nearest later segment that has one
    Status status;
    for (auto file = files->rbegin(); file != files->rend(); ++file) {
      const std::uint64_t first = first_sequence(file->path);
      if (later > 0 && later <= before) {
        std::error_code error;
        std::filesystem::remove(file->path, error);
        if (error) status = system_failure("cannot remove", file->path, error.value());
      }
      if (first > 0) later = first;
    }
    return status.ok() ? sync_folder(folder) : status;
  }

  void work() {
    std::unique_lock lock(mutex);
    const auto something_to_do = [this] { return stopping || (next_wanted && !next) || release_before > 0; };
    while (!stopping) {
      if (options.sync_every > 0ns) {
        wake.wait_for(lock, options.sync_every, something_to_do);
      } else {
        wake.wait(lock, something_to_do);
      }
      const bool make = next_wanted && !next;
      next_wanted = false;
      const std::uint64_t release = std::exchange(release_before, 0);
      lock.unlock();
      Status status;
      if (release > 0) status = remove_before(release);
      if (make) {
        if (Status made = prepare(); !made.ok()) status = std::move(made);
      }
      if (options.sync_every > 0ns) {
        if (Status synced_status = sync_now(); !synced_status.ok()) status = std::move(synced_status);
      }
      lock.lock();
      trouble = std::move(status);
    }
  }
};

LogWriter::LogWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogWriter::~LogWriter() {
  // What was appended shall not depend on the machine staying up once the log is closed; a failure is nobody's to tell.
  if (impl_) (void)impl_->sync_now();
}

Result<std::unique_ptr<LogWriter>> LogWriter::open(const std::filesystem::path& folder, LogOptions options) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return system_failure("cannot make", folder, error.value());
  auto impl = std::make_unique<Impl>();
  impl->folder = folder;
  impl->options = options;
  const auto lock_path = folder / "lock";
  impl->lock_file = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (impl->lock_file < 0) return system_failure("cannot make", lock_path, errno);
  // Two writers would number their records alike. The lock goes with the process, however it ends.
  if (::flock(impl->lock_file, LOCK_EX | LOCK_NB) != 0) {
    return Status(StatusCode::denied, "journal: another process uses " + folder.string());
  }
  const auto files = segments_of(folder);
  if (!files.ok()) return files.status();
  auto end = read_log(folder, 1, [](const LogRecord&) {});
  if (!end.ok()) return end.status();
  impl->last = end->last_sequence;
  impl->published = impl->last;
  impl->synced = impl->last;
  if (!files->empty()) impl->next_number = files->back().number + 1;
  // Always a segment of its own: what a torn tail left behind the last record stays where it is and is never read.
  if (Status status = impl->advance(); !status.ok()) return status;
  impl->worker = std::thread([raw = impl.get()] { raw->work(); });
  return std::unique_ptr<LogWriter>(new LogWriter(std::move(impl)));
}

Result<std::uint64_t> LogWriter::append(std::uint32_t kind, std::string_view payload) {
  Impl& log = *impl_;
  if (!log.current->fits(payload.size())) {
    if (payload.size() + sizeof(SegmentHeader) + sizeof(RecordHeader) + kAlignment > log.options.segment_size) {
      return Status(StatusCode::denied, "journal: a record is larger than a segment");
    }
    if (Status status = log.advance(); !status.ok()) return status;
  }
  const bool half_before = log.current->used() * 2 > log.current->size();
  log.current->append(kind, ++log.last, payload);
  log.published.store(log.last, std::memory_order_release);
  if (!half_before && log.current->used() * 2 > log.current->size()) {
    const std::scoped_lock lock(log.mutex);
    log.next_wanted = true;
    log.wake.notify_one();
  }
  return log.last;
}

void LogWriter::release(std::uint64_t before) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->release_before = std::max(impl_->release_before, before);
  impl_->wake.notify_one();
}

Status LogWriter::sync() { return impl_->sync_now(); }
std::uint64_t LogWriter::last_sequence() const noexcept { return impl_->published.load(std::memory_order_acquire); }
std::uint64_t LogWriter::synced_sequence() const noexcept { return impl_->synced.load(std::memory_order_acquire); }
Status LogWriter::health() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->trouble;
}

}  // namespace calypte::journal
