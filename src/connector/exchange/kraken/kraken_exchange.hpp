// Kraken, spot: market data of version 2 of the streams. One thread; no memory between calls but scratch. The folder's
// README.md has the quirks.
#pragma once

#include "venue/json.hpp"
#include "venue/venue.hpp"

namespace calypte::connector::kraken {

class KrakenExchange : public venue::Venue {
 public:
  KrakenExchange() = default;

  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override;
  [[nodiscard]] std::string_view limit_id(const venue::Request& request) const noexcept override;
  /// Instruments and the time; the rest is `unsupported`. REST books have no id by which to join them to the stream.
  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp& stamp) override;
  Status decode_reply(const venue::Request& asked, const venue::WireReply& reply, venue::Records& out) override;
  void subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                 venue::Frames& out) override;
  Status decode_frame(venue::StreamKind stream, venue::Bytes frame, venue::Records& out) override;

 private:
  venue::json::Document document_;
};

/// What a reply says of the query that it answers; failures come with HTTP 200 and a list of texts.
[[nodiscard]] Status judge_query(const venue::WireReply& reply, venue::json::Value root);

/// The data of a channel of version 2. Unknown channels append nothing. False if it cannot be understood. In
/// kraken_order_book_data_source.cpp.
[[nodiscard]] bool add_market_data(venue::json::Value root, venue::Records& out);

}  // namespace calypte::connector::kraken
