#include "sim/mutations.hpp"

#include <string>
#include <utility>
#include <variant>

namespace calypte::sim {

namespace {

/// Passes everything on, but for what a mutation changes.
class LyingVenue final : public venue::Venue {
 public:
  LyingVenue(std::unique_ptr<venue::Venue> truth, Mutation mutation)
      : truth_(std::move(truth)), mutation_(mutation), spec_(truth_->spec()) {
    // The ids go up and nobody asks whether one is missing.
    if (mutation_ == Mutation::skip_gap_check) spec_.book.continuity = venue::Continuity::increasing;
  }

  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override { return spec_; }
  [[nodiscard]] std::string_view limit_id(const venue::Request& request) const noexcept override {
    return truth_->limit_id(request);
  }
  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp& stamp) override {
    return truth_->encode(request, stamp);
  }
  Status decode_reply(const venue::Request& asked, const venue::WireReply& reply, venue::Records& out) override {
    return change(truth_->decode_reply(asked, reply, out), out);
  }
  void subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                 venue::Frames& out) override {
    truth_->subscribe(subscriptions, on, id, out);
  }
  Status decode_frame(venue::StreamKind stream, venue::Bytes frame, venue::Records& out) override {
    return change(truth_->decode_frame(stream, frame, out), out);
  }
  Result<std::string> encode_frame(const venue::Request& request, const venue::Stamp& stamp) override {
    return truth_->encode_frame(request, stamp);
  }
  Result<std::optional<venue::Answer>> decode_answer(venue::Bytes frame, const venue::AskedRequests& asked,
                                                     venue::Records& out) override {
    return truth_->decode_answer(frame, asked, out);
  }
  [[nodiscard]] venue::Auth* auth() noexcept override { return truth_->auth(); }

 private:
  Status change(Status status, venue::Records& out) {
    if (mutation_ != Mutation::forget_trade_ids) return status;
    for (auto& record : out.items()) {
      // As if nobody had looked whether the id is known: each report is a new fill.
      if (auto* fill = std::get_if<venue::Fill>(&record)) {
        fill->trade.trade_id.value += "/" + std::to_string(++told_);
      }
    }
    return status;
  }

  std::unique_ptr<venue::Venue> truth_;
  Mutation mutation_;
  venue::VenueSpec spec_;
  std::uint64_t told_ = 0;
};

}  // namespace

std::unique_ptr<venue::Venue> mutated(std::unique_ptr<venue::Venue> venue, Mutation mutation) {
  if (mutation != Mutation::skip_gap_check && mutation != Mutation::forget_trade_ids) return venue;
  return std::make_unique<LyingVenue>(std::move(venue), mutation);
}

}  // namespace calypte::sim
