// OKX, spot: market data of the v5 API. One thread; no memory between calls but scratch. The folder's README.md has the
// quirks.
#pragma once

#include <string>

#include "venue/json.hpp"
#include "venue/venue.hpp"

namespace calypte::connector::okx {

class OkxExchange : public venue::Venue {
 public:
  OkxExchange() = default;

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

/// The same messages as they were until the venue began to number them: books are proved by their checksums alone.
/// For recordings. Today a message without its number is a broken chain, so this is not a tolerance of `OkxExchange`.
class OkxUnnumberedReplay : public OkxExchange {
 public:
  OkxUnnumberedReplay() = default;
  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override;
};

/// The data of a channel. Unknown channels append nothing. False if it cannot be understood. In
/// okx_order_book_data_source.cpp.
[[nodiscard]] bool add_market_data(venue::json::Value root, venue::Records& out);
/// The reply to a request for a book. `symbol` must live as long as the records.
[[nodiscard]] bool add_depth_reply(venue::json::Value data, std::string_view symbol, venue::Records& out);

}  // namespace calypte::connector::okx
