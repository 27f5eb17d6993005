// Whether a venue accepts keys: connects as a strategy would, and leaves as soon as the balances are there.
#pragma once

#include <cstddef>
#include <string>

#include "calypte/result.hpp"
#include "calypte/runtime.hpp"

namespace calypte::cli {

/// The number of assets that the account holds. Sends no order and no cancel.
/// `unauthenticated`: the venue refused the key, in its own words. `unavailable`: it was not ready within `limit`, with
/// what was missing and what went wrong last. `denied`: the configuration makes no sense.
[[nodiscard]] Result<std::size_t> check_keys(ConnectorConfig config, Duration limit);

/// The line that `calypte venue` prints, from a file.
[[nodiscard]] Result<LocalVenue> read_local_venue(const std::string& file);

}  // namespace calypte::cli
