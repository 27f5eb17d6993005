#include "venue/venue.hpp"

namespace calypte::venue {

Result<std::string> Venue::encode_frame(const Request&, const Stamp&) {
  return Status(StatusCode::unsupported, "this venue takes no orders by frames");
}

Result<std::optional<Answer>> Venue::decode_answer(Bytes, const AskedRequests&, Records&) {
  return Status(StatusCode::unsupported, "this venue takes no orders by frames");
}

}  // namespace calypte::venue
