#include "calypte/connector.hpp"

#include <algorithm>

namespace calypte {

bool ConnectorStatus::ready() const noexcept {
  return std::all_of(conditions.begin(), conditions.end(),
                     [](const ReadinessCondition& c) { return c.initialized && c.live; });
}

}  // namespace calypte
