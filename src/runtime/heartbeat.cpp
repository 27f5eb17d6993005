#include "runtime/heartbeat.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <type_traits>
#include <unistd.h>

namespace calypte::runtime {

namespace {

constexpr std::uint64_t kHeartbeatMagic = 0x31544145'42594c43;  // "CLYBEAT1" as bytes
constexpr std::uint64_t kCleanStop = 1;

Status system_failure(std::string_view what, const std::filesystem::path& path) {
  return {StatusCode::denied, fmt::format("heartbeat: {} {}: {}", what, path.string(), std::strerror(errno))};
}

template <std::size_t N>
bool put(std::array<char, N>& field, std::string_view text) {
  if (text.size() >= N) return false;
  field.fill('\0');
  std::copy(text.begin(), text.end(), field.begin());
  return true;
}
template <std::size_t N>
std::string get(const std::array<char, N>& field) {
  return std::string(field.begin(), std::find(field.begin(), field.end(), '\0'));
}

class HeartbeatFile {
 public:
  explicit HeartbeatFile(int fd) noexcept : fd_(fd) {}
  ~HeartbeatFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  HeartbeatFile(const HeartbeatFile&) = delete;
  HeartbeatFile& operator=(const HeartbeatFile&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

}  // namespace

/// The whole file. The words of the owner are written before `magic`, and then never while somebody may read them.
struct Heartbeat::Page {
  std::atomic<std::uint64_t> magic;
  std::int64_t every;
  std::array<char, 32> venue;
  std::array<char, 32> environment;
  std::array<char, 64> prefix;
  std::atomic<std::uint64_t> count;
  std::atomic<std::int64_t> at;
  std::atomic<std::int64_t> link_good;
  std::atomic<std::uint64_t> state;
};

Result<std::unique_ptr<Heartbeat>> Heartbeat::open(const std::filesystem::path& folder, const HeartbeatOwner& owner,
                                                   Duration every) {
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::is_standard_layout_v<Page>,
                "the page is shared with another process");
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const auto path = folder / "heartbeat";
  const HeartbeatFile file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return system_failure("cannot make", path);
  if (::ftruncate(file.get(), sizeof(Page)) != 0) return system_failure("cannot size", path);
  void* memory = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) return system_failure("cannot map", path);
  auto* page = static_cast<Page*>(memory);
  std::unique_ptr<Heartbeat> heartbeat(new Heartbeat(page));
  page->magic.store(0, std::memory_order_release);
  if (!put(page->venue, owner.venue) || !put(page->environment, owner.environment) ||
      !put(page->prefix, owner.prefix)) {
    return Status(StatusCode::denied, "heartbeat: the name of the venue or the prefix of client order ids is too long");
  }
  page->every = every.count();
  page->magic.store(kHeartbeatMagic, std::memory_order_release);
  return heartbeat;
}

Heartbeat::~Heartbeat() { ::munmap(page_, sizeof(Page)); }

void Heartbeat::beat(Time now, Time link_good) noexcept {
  page_->at.store(to_unix_ns(now), std::memory_order_relaxed);
  page_->link_good.store(to_unix_ns(link_good), std::memory_order_relaxed);
  page_->state.store(0, std::memory_order_relaxed);
  page_->count.fetch_add(1, std::memory_order_release);
}

void Heartbeat::stopped_cleanly() noexcept { page_->state.store(kCleanStop, std::memory_order_release); }

std::optional<LastBeat> read_heartbeat(const std::filesystem::path& folder) {
  using Page = Heartbeat::Page;
  const HeartbeatFile file(::open((folder / "heartbeat").c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return std::nullopt;
  struct stat about{};
  if (::fstat(file.get(), &about) != 0 || about.st_size < static_cast<off_t>(sizeof(Page))) return std::nullopt;
  void* memory = ::mmap(nullptr, sizeof(Page), PROT_READ, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) return std::nullopt;
  const auto* page = static_cast<const Page*>(memory);
  std::optional<LastBeat> beat;
  if (page->magic.load(std::memory_order_acquire) == kHeartbeatMagic &&
      page->count.load(std::memory_order_relaxed) > 0) {
    beat.emplace();
    beat->count = page->count.load(std::memory_order_acquire);
    beat->owner = {.venue = get(page->venue), .environment = get(page->environment), .prefix = get(page->prefix)};
    beat->every = Duration(page->every);
    beat->at = Time(Duration(page->at.load(std::memory_order_relaxed)));
    beat->link_good = Time(Duration(page->link_good.load(std::memory_order_relaxed)));
    beat->stopped_cleanly = page->state.load(std::memory_order_acquire) == kCleanStop;
  }
  ::munmap(memory, sizeof(Page));
  return beat;
}

Result<bool> journal_is_in_use(const std::filesystem::path& folder) {
  const auto path = folder / "lock";
  const HeartbeatFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return system_failure("cannot open", path);
  }
  // A shared lock, and at once given back: two guards do not disturb each other. A process that starts in this very
  // instant may find the folder in use, and says so.
  if (::flock(file.get(), LOCK_SH | LOCK_NB) == 0) return false;
  if (errno == EWOULDBLOCK) return true;
  return system_failure("cannot lock", path);
}

}  // namespace calypte::runtime
