#include "runtime/private_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/denied.hpp"

namespace calypte::runtime {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) noexcept : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const noexcept { return value_; }
  [[nodiscard]] bool ok() const noexcept { return value_ >= 0; }

 private:
  int value_;
};

Status failed(std::string_view what, const std::string& path, int error) {
  return denied(fmt::format("{} {}: {}", what, path, std::error_code(error, std::generic_category()).message()));
}

struct Place {
  std::string path;
  std::string folder;
  std::string name;  ///< within the folder
};
Result<Place> place_of(const std::string& path) {
  if (path.find('\0') != std::string::npos) return denied("a file name holds no zero byte");
  const std::filesystem::path whole(path);
  Place place{path, whole.parent_path().string(), whole.filename().string()};
  if (place.name.empty() || place.name == "." || place.name == "..") {
    return denied(fmt::format("'{}' does not name a file", path));
  }
  if (place.folder.empty()) place.folder = ".";
  return place;
}

/// Looks at what is open, not at a name: nobody can exchange it in between.
Status check_private(int descriptor, const std::string& path, bool is_folder) {
  struct stat info{};
  if (::fstat(descriptor, &info) != 0) return failed("cannot look at", path, errno);
  if (!is_folder && !S_ISREG(info.st_mode)) return denied(fmt::format("{} is not a regular file", path));
  if (info.st_uid != ::geteuid()) {
    return denied(fmt::format("{} belongs to another user; it must belong to the one who runs this program", path));
  }
  if ((info.st_mode & 077U) != 0) {
    return denied(fmt::format("{} can be reached by other users (mode {:04o}); run: chmod {} '{}'", path,
                              info.st_mode & 07777U, is_folder ? "700" : "600", path));
  }
  return {};
}

Result<Descriptor> open_folder(const Place& place) {
  Descriptor folder(::open(place.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok()) return failed("cannot open the folder", place.folder, errno);
  if (const Status checked = check_private(folder.get(), place.folder, true); !checked.ok()) return checked;
  return folder;
}

Result<std::string> read_all(int descriptor, const Place& place, std::size_t max_bytes) {
  std::string content;
  std::string chunk(64U << 10U, '\0');
  for (;;) {
    const ssize_t got = ::read(descriptor, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("cannot read", place.path, errno);
    if (got == 0) return content;
    content.append(chunk, 0, static_cast<std::size_t>(got));
    if (content.size() > max_bytes) return denied(fmt::format("{} has more than {} bytes", place.path, max_bytes));
  }
}

/// Nothing if there is no such file.
Result<std::optional<std::string>> read_in(const Descriptor& folder, const Place& place, std::size_t max_bytes) {
  // Without O_NONBLOCK opening a named pipe would wait for a writer.
  const Descriptor file(
      ::openat(folder.get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.ok()) {
    if (errno == ENOENT) return std::optional<std::string>{};
    if (errno == ELOOP) return denied(fmt::format("{} is a symbolic link; name the file itself", place.path));
    return failed("cannot open", place.path, errno);
  }
  if (const Status checked = check_private(file.get(), place.path, false); !checked.ok()) return checked;
  auto content = read_all(file.get(), place, max_bytes);
  if (!content.ok()) return content.status();
  return std::optional<std::string>(std::move(*content));
}

Status write_new(const Descriptor& folder, const std::string& name, const Place& place, std::string_view content) {
  // What a process left behind that died here is of no use to anybody.
  ::unlinkat(folder.get(), name.c_str(), 0);
  const Descriptor file(
      ::openat(folder.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.ok()) return failed("cannot create a file beside", place.path, errno);
  // The umask may have taken away even the owner's rights.
  if (::fchmod(file.get(), 0600) != 0) return failed("cannot set the mode of a file beside", place.path, errno);
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("cannot write a file beside", place.path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) return failed("cannot synchronise a file beside", place.path, errno);
  return {};
}

Status make_folder(const Place& place) {
  std::error_code error;
  if (std::filesystem::is_directory(place.folder, error)) return {};
  const auto parent = std::filesystem::path(place.folder).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (::mkdir(place.folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return failed("cannot make the folder", place.folder, errno);
  }
  return {};
}

}  // namespace

bool file_exists(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}

Result<std::string> read_private_file(const std::string& path, std::size_t max_bytes) {
  const auto place = place_of(path);
  if (!place.ok()) return place.status();
  if (!file_exists(path)) return failed("cannot open", path, errno);
  const auto folder = open_folder(*place);
  if (!folder.ok()) return folder.status();
  auto content = read_in(*folder, *place, max_bytes);
  if (!content.ok()) return content.status();
  if (!*content) return failed("cannot open", path, ENOENT);
  return std::move(**content);
}

Status replace_private_file(const std::string& path, std::string_view content, std::size_t max_bytes,
                            const std::function<Status(std::optional<std::string_view> present)>& may_replace) {
  const auto place = place_of(path);
  if (!place.ok()) return place.status();
  if (const Status made = make_folder(*place); !made.ok()) return made;
  const auto folder = open_folder(*place);
  if (!folder.ok()) return folder.status();
  // The lock is on the folder, since the file is another one after each replacement; it ends with the descriptor.
  if (::flock(folder->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return denied(fmt::format("another process is writing {} now; try again", path));
    return failed("cannot lock the folder of", path, errno);
  }
  const auto present = read_in(*folder, *place, max_bytes);
  if (!present.ok()) return present.status();
  if (Status may = may_replace(*present ? std::optional<std::string_view>(**present) : std::nullopt); !may.ok()) {
    return may;
  }
  const std::string fresh = place->name + ".new";
  Status status = write_new(*folder, fresh, *place, content);
  if (status.ok() && ::renameat(folder->get(), fresh.c_str(), folder->get(), place->name.c_str()) != 0) {
    status = failed("cannot replace", path, errno);
  }
  if (!status.ok()) {
    ::unlinkat(folder->get(), fresh.c_str(), 0);
    return status;
  }
  if (::fsync(folder->get()) != 0) return failed("it is written, but cannot synchronise the folder of", path, errno);
  return {};
}

}  // namespace calypte::runtime
