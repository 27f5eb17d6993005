// Crypto.com Exchange, spot. One thread; no memory between calls but scratch. The folder's README.md has the quirks.
#pragma once

#include <string>
#include <string_view>

#include "connector/exchange/crypto_com/crypto_com_auth.hpp"
#include "venue/json.hpp"
#include "venue/venue.hpp"

namespace calypte::connector::crypto_com {

class CryptoComExchange : public venue::Venue {
 public:
  CryptoComExchange() = default;

  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override;
  [[nodiscard]] std::string_view limit_id(const venue::Request& request) const noexcept override;
  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp& stamp) override;
  Status decode_reply(const venue::Request& asked, const venue::WireReply& reply, venue::Records& out) override;
  void subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                 venue::Frames& out) override;
  Status decode_frame(venue::StreamKind stream, venue::Bytes frame, venue::Records& out) override;
  /// The private socket takes orders too, once it is logged in; nothing but the log-in is signed there.
  Result<std::string> encode_frame(const venue::Request& request, const venue::Stamp& stamp) override;
  Result<std::optional<venue::Answer>> decode_answer(venue::Bytes frame, const venue::AskedRequests& asked,
                                                     venue::Records& out) override;
  [[nodiscard]] venue::Auth* auth() noexcept override { return &auth_; }

 private:
  Status decode_any_frame(venue::json::Value root, venue::Records& out);

  CryptoComAuth auth_;
  venue::json::Document document_;
};

/// The data of a public channel: books, trades, tickers. `first` if this is the first push of a subscription. Unknown
/// channels append nothing. False if it cannot be understood. In crypto_com_order_book_data_source.cpp.
[[nodiscard]] bool add_market_data(venue::json::Value result, bool first, venue::Records& out);
/// The data of a private channel, likewise. In crypto_com_user_stream_data_source.cpp.
[[nodiscard]] bool add_user_data(venue::json::Value result, venue::Records& out);
/// The reply to a request for a book. In crypto_com_order_book_data_source.cpp.
[[nodiscard]] bool add_depth_reply(venue::json::Value result, venue::Records& out);
/// The name of a channel in subscribe frames. In crypto_com_order_book_data_source.cpp.
[[nodiscard]] std::string channel_name(const venue::Subscription& subscription);

}  // namespace calypte::connector::crypto_com
