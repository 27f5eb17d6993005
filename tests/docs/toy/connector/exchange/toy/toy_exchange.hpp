// The class of the tutorial's venue.
#pragma once

#include "connector/exchange/toy/toy_auth.hpp"
#include "venue/json.hpp"
#include "venue/venue.hpp"

namespace calypte::connector::toy {

class ToyExchange : public venue::Venue {
 public:
  ToyExchange() = default;
  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override;
  [[nodiscard]] std::string_view limit_id(const venue::Request& request) const noexcept override;
  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp& stamp) override;
  Status decode_reply(const venue::Request& asked, const venue::WireReply& reply, venue::Records& out) override;
  void subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                 venue::Frames& out) override;
  Status decode_frame(venue::StreamKind stream, venue::Bytes frame, venue::Records& out) override;
  [[nodiscard]] venue::Auth* auth() noexcept override { return &auth_; }

 private:
  ToyAuth auth_;
  venue::json::Document document_;
};

// One element of a frame or a reply each. False if it cannot be understood.
[[nodiscard]] bool add_book(venue::json::Value book, venue::Records& out);
[[nodiscard]] bool add_trade(venue::json::Value trade, venue::Records& out);
[[nodiscard]] bool add_order(venue::json::Value order, venue::Records& out);
[[nodiscard]] bool add_fill(venue::json::Value fill, venue::Records& out);
[[nodiscard]] bool add_balance(venue::json::Value balance, venue::Records& out);
/// The requests that name no order; `unsupported` for what the venue lacks.
[[nodiscard]] Result<venue::WireRequest> query_request(const venue::Request& request);
/// A reply that was judged to be good. False if it cannot be understood.
[[nodiscard]] bool add_reply(const venue::Request& asked, venue::json::Value root, venue::Records& out);

}  // namespace calypte::connector::toy
