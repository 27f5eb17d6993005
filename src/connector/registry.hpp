// The venues that there are: one row each.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "calypte/connector.hpp"
#include "calypte/protocol.hpp"

#include "evm/protocol_venue.hpp"
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

/// A protocol is made for a configuration, which names its contracts and tokens.
struct ProtocolRow {
  std::string_view name;
  Result<std::unique_ptr<evm::ProtocolVenue>> (*make)(const ProtocolConfig& config);
};
[[nodiscard]] std::span<const ProtocolRow> protocols() noexcept;
/// `denied` if there is no protocol of this name, or the configuration makes no sense for it.
[[nodiscard]] Result<std::unique_ptr<evm::ProtocolVenue>> make_protocol(const ProtocolConfig& config);

}  // namespace calypte::connector
