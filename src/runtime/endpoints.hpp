// From a configuration to the only hosts that may be reached.
#pragma once

#include "calypte/result.hpp"
#include "calypte/runtime.hpp"

#include "transport/client.hpp"
#include "venue/spec.hpp"

namespace calypte::runtime {

/// `denied` where the venue lacks the environment, where `local` has no addresses, or where addresses are given for an
/// environment that has its own: two environments cannot be mixed; also where the venue has a route of its own for
/// trades and its address is missing.
[[nodiscard]] Result<transport::Endpoints> endpoints(const venue::VenueSpec& spec, const ConnectorConfig& config);

}  // namespace calypte::runtime
