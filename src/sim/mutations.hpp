// Connectors that have a bug, for the checks of the simulation itself.
#pragma once

#include <memory>

#include "sim/simulation.hpp"
#include "venue/venue.hpp"

namespace calypte::sim {

/// The venue as it is, or one that lies as the mutation wants it.
[[nodiscard]] std::unique_ptr<venue::Venue> mutated(std::unique_ptr<venue::Venue> venue, Mutation mutation);

}  // namespace calypte::sim
