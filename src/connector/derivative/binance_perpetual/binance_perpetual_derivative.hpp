// Binance USD-M perpetual futures. One thread; no memory between calls but scratch. The folder's README.md has the
// quirks.
#pragma once

#include "connector/house/binance/binance_auth.hpp"
#include "venue/json.hpp"
#include "venue/venue.hpp"

namespace calypte::connector::binance_perpetual {

class BinancePerpetualDerivative : public venue::Venue {
 public:
  BinancePerpetualDerivative() = default;

  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override;
  [[nodiscard]] std::string_view limit_id(const venue::Request& request) const noexcept override;
  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp& stamp) override;
  Status decode_reply(const venue::Request& asked, const venue::WireReply& reply, venue::Records& out) override;
  void subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                 venue::Frames& out) override;
  Status decode_frame(venue::StreamKind stream, venue::Bytes frame, venue::Records& out) override;
  /// Orders and cancels; the rest goes by REST.
  Result<std::string> encode_frame(const venue::Request& request, const venue::Stamp& stamp) override;
  Result<std::optional<venue::Answer>> decode_answer(venue::Bytes frame, const venue::AskedRequests& asked,
                                                     venue::Records& out) override;
  [[nodiscard]] venue::Auth* auth() noexcept override { return &auth_; }

 private:
  binance::BinanceAuth auth_;
  venue::json::Document document_;
  venue::Request asked_;  // for a book: the reply does not name its symbol, so the records view this one
};

/// Writes what a request is about. `denied` or `unsupported` for what must not be sent. In
/// binance_perpetual_requests.cpp.
[[nodiscard]] Status write_parameters(const venue::Request& request, binance::Parameters& out);
/// The records of a positive reply. False if it cannot be understood. In binance_perpetual_replies.cpp.
[[nodiscard]] bool add_reply(const venue::Request& asked, venue::json::Value root, venue::Records& out);
/// One event of the private stream; unknown ones append nothing. False if it cannot be understood. In
/// binance_perpetual_user_stream_data_source.cpp.
[[nodiscard]] bool add_user_event(venue::json::Value event, venue::Records& out);

}  // namespace calypte::connector::binance_perpetual
