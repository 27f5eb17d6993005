// The market data of version 1 of the streams, to replay recordings of it: arrays instead of objects, texts instead of
// numbers, the old names of assets, and books of a thousand levels.
#pragma once

#include "venue/json.hpp"
#include "venue/venue.hpp"

namespace calypte::connector::kraken {

class KrakenV1Replay : public venue::Venue {
 public:
  KrakenV1Replay() = default;

  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override;
  [[nodiscard]] std::string_view limit_id(const venue::Request& request) const noexcept override;
  /// Always `unsupported`.
  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp& stamp) override;
  /// Reads the list of instruments; nothing else.
  Status decode_reply(const venue::Request& asked, const venue::WireReply& reply, venue::Records& out) override;
  /// Appends nothing: a recording brings what was subscribed to then.
  void subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                 venue::Frames& out) override;
  /// Books of another depth than a thousand are `malformed`, since the tracker cuts every book of a venue alike.
  Status decode_frame(venue::StreamKind stream, venue::Bytes frame, venue::Records& out) override;

 private:
  venue::json::Document document_;
};

}  // namespace calypte::connector::kraken
