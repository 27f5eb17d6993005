// Binance, spot. One thread; no memory between calls but scratch. The folder's README.md has the quirks; what it shares
// with the other markets of Binance is in connector/house/binance.
#pragma once

#include <string>

#include "connector/house/binance/binance_auth.hpp"
#include "venue/json.hpp"
#include "venue/venue.hpp"

namespace calypte::connector::binance {

class BinanceExchange : public venue::Venue {
 public:
  BinanceExchange();

  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override;
  [[nodiscard]] std::string_view limit_id(const venue::Request& request) const noexcept override;
  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp& stamp) override;
  Status decode_reply(const venue::Request& asked, const venue::WireReply& reply, venue::Records& out) override;
  /// The private stream has no channels: to log in is to subscribe to everything.
  void subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                 venue::Frames& out) override;
  Status decode_frame(venue::StreamKind stream, venue::Bytes frame, venue::Records& out) override;
  /// New orders and cancels.
  Result<std::string> encode_frame(const venue::Request& request, const venue::Stamp& stamp) override;
  Result<std::optional<venue::Answer>> decode_answer(venue::Bytes frame, const venue::AskedRequests& asked,
                                                     venue::Records& out) override;
  [[nodiscard]] venue::Auth* auth() noexcept override { return &auth_; }

 private:
  BinanceAuth auth_;
  venue::json::Document document_;
  venue::Request asked_;  // the records of a book refer to its symbol, which the reply does not repeat
};

/// One frame of the private stream. In binance_user_stream_data_source.cpp.
[[nodiscard]] Status decode_user_frame(venue::json::Value root, venue::Records& out);

}  // namespace calypte::connector::binance
