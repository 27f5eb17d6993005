// Binance USD-M perpetual futures: market data. One thread; no memory between calls but scratch. The folder's README.md
// has the quirks.
#pragma once

#include <string>

#include "venue/json.hpp"
#include "venue/venue.hpp"

namespace calypte::connector::binance_perpetual {

class BinancePerpetualDerivative : public venue::Venue {
 public:
  BinancePerpetualDerivative() = default;

  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override;
  [[nodiscard]] std::string_view limit_id(const venue::Request& request) const noexcept override;
  /// Market data only; the rest is `unsupported`.
  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp& stamp) override;
  Status decode_reply(const venue::Request& asked, const venue::WireReply& reply, venue::Records& out) override;
  void subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                 venue::Frames& out) override;
  Status decode_frame(venue::StreamKind stream, venue::Bytes frame, venue::Records& out) override;

 private:
  venue::json::Document document_;
  std::string symbol_;  // of the book in the records: the reply does not name it
};

}  // namespace calypte::connector::binance_perpetual
