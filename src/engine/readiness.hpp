// The named conditions of readiness, and since when each of them holds or does not.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calypte/connector.hpp"
#include "calypte/events.hpp"

namespace calypte::engine {

class Readiness {
 public:
  /// Adds a condition to `status`, with the time since which it is as it is.
  void add(ConnectorStatus& status, std::string_view name, bool initialized, bool live, std::string detail) const;
  /// Remembers what has changed; appends a `ReadyEvent` if readiness as a whole did.
  void update(const ConnectorStatus& status, bool running, Time now, std::vector<Event>& events);

 private:
  std::map<std::string, std::pair<bool, Time>, std::less<>> live_since_;  // by condition
  bool ready_ = false;
};

}  // namespace calypte::engine
