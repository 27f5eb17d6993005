// Counting requests in fixed windows of the venue's calendar, by name.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "calypte/time.hpp"

namespace calypte::sim::crypto_com {

class RateWindows {
 public:
  /// Counts one request; false if the window of `now` is used up already. One entry a name: as many as there are keys
  /// times methods.
  bool take(const std::string& name, std::uint32_t limit, Duration window, Time now) {
    Window& current = windows_[name];
    const std::int64_t index = now.time_since_epoch() / window;
    if (index != current.index) current = Window{index, 0};
    if (current.used >= limit) return false;
    ++current.used;
    return true;
  }

 private:
  struct Window {
    std::int64_t index = -1;
    std::uint32_t used = 0;
  };
  std::map<std::string, Window> windows_;
};

}  // namespace calypte::sim::crypto_com
