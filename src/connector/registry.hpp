// The venues that there are: one row each.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "calypte/connector.hpp"

#include "venue/venue.hpp"

namespace calypte::connector {

struct VenueRow {
  std::string_view name;
  ConnectorKind kind;
  std::unique_ptr<venue::Venue> (*make)();
  /// It can only read recordings: the venue's present interface is another.
  bool replay_only = false;
};

/// Every venue, in the order in which they are listed to people.
[[nodiscard]] std::span<const VenueRow> venues() noexcept;
/// Null if there is no venue of this name.
[[nodiscard]] std::unique_ptr<venue::Venue> make_venue(std::string_view name);

}  // namespace calypte::connector
