// A sign of life of one connector for a second process: FOLDER/heartbeat, mapped by both. The connector's thread stores
// into it, without a system call; the guard reads (runtime/guard.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "calypte/result.hpp"
#include "calypte/time.hpp"

namespace calypte::runtime {

/// Whose life it is: a guard refuses to act for another connector than it was told.
struct HeartbeatOwner {
  std::string venue;        ///< at most 31 characters, as the next
  std::string environment;  ///< "live"
  std::string prefix;       ///< of client order ids; at most 63 characters
};

class Heartbeat {
 public:
  /// Makes or takes over the file; the connector counts as running from the first `beat` on. `every`: how often `beat`
  /// will be called. Only the process that holds the journal's lock may do this.
  static Result<std::unique_ptr<Heartbeat>> open(const std::filesystem::path& folder, const HeartbeatOwner& owner,
                                                 Duration every);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  /// `link_good`: when the link to the venue was last known to be good.
  void beat(Time now, Time link_good) noexcept;
  /// The connector stops and leaves nothing behind that anybody has to cancel; the next `beat` takes it back.
  void stopped_cleanly() noexcept;

 private:
  struct Page;
  explicit Heartbeat(Page* page) noexcept : page_(page) {}
  Page* page_;
  friend std::optional<struct LastBeat> read_heartbeat(const std::filesystem::path& folder);
};

/// What stands in the file. Times are the writer's.
struct LastBeat {
  HeartbeatOwner owner;
  Duration every{};
  std::uint64_t count = 0;
  Time at{};
  Time link_good{};
  bool stopped_cleanly = false;
};
/// Empty if there is no such file, if it cannot be understood, or if there was no beat yet.
[[nodiscard]] std::optional<LastBeat> read_heartbeat(const std::filesystem::path& folder);
/// Does a living process hold FOLDER/lock? A folder or file that is missing is held by nobody; `denied` if it cannot be
/// told.
[[nodiscard]] Result<bool> journal_is_in_use(const std::filesystem::path& folder);

}  // namespace calypte::runtime
