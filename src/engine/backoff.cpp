#include "engine/backoff.hpp"

#include <algorithm>

namespace calypte::engine {

Duration Backoff::next() {
  const Duration cap = std::max(options_.max, Duration{1});
  Duration step = std::clamp(options_.first, Duration{1}, cap);
  for (std::uint32_t i = 0; i < attempt_ && step < cap; ++i) step = step > cap / 2 ? cap : step * 2;
  if (attempt_ < UINT32_MAX) ++attempt_;

  // Half of the step is certain, so that a crowd of clients never comes back at once and none hammers the venue.
  const Duration least = step - step / 2;
  const auto spread = static_cast<std::uint64_t>((step - least).count());
  return least + Duration{static_cast<Duration::rep>(random_.below(spread + 1))};
}

void Backoff::on_lived(Time up, Time down) noexcept {
  if (down - up >= options_.stable_after) reset();
}

}  // namespace calypte::engine
