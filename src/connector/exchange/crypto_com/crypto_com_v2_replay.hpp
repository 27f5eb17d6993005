// The market data of the venue's retired v2 API, to replay recordings of it: whole books, numbers as JSON numbers, no
// sequence. Nothing can be asked of it any more.
#pragma once

#include "venue/json.hpp"
#include "venue/venue.hpp"

namespace calypte::connector::crypto_com {

class CryptoComV2Replay : public venue::Venue {
 public:
  CryptoComV2Replay() = default;

  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override;
  [[nodiscard]] std::string_view limit_id(const venue::Request& request) const noexcept override;
  /// Always `unsupported`.
  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp& stamp) override;
  /// Reads the list of instruments; nothing else.
  Status decode_reply(const venue::Request& asked, const venue::WireReply& reply, venue::Records& out) override;
  /// Appends nothing: a recording brings what was subscribed to then.
  void subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                 venue::Frames& out) override;
  /// A book's update id is its time in milliseconds. Trades carry no sign of being history, so none is marked.
  Status decode_frame(venue::StreamKind stream, venue::Bytes frame, venue::Records& out) override;

 private:
  venue::json::Document document_;
};

}  // namespace calypte::connector::crypto_com
