// THE CONTRACT. A venue is one constant table and five functions: bytes to records and requests to bytes.
//
// No socket, no clock, no thread, and no memory between calls but scratch: the engine may call the functions in any
// order, and the same input always gives the same output. An object is used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "venue/auth.hpp"
#include "venue/records.hpp"
#include "venue/requests.hpp"
#include "venue/spec.hpp"
#include "venue/wire.hpp"

namespace calypte::venue {

/// Looks up what was asked by the id of its frame; null if nothing waits under it.
class AskedRequests {
 public:
  [[nodiscard]] virtual const Request* find(std::uint64_t id) const = 0;

 protected:
  AskedRequests() = default;
  ~AskedRequests() = default;
  AskedRequests(const AskedRequests&) = default;
  AskedRequests& operator=(const AskedRequests&) = default;
};
/// Which request a frame answers, and how it was judged.
struct Answer {
  std::uint64_t id = 0;
  Status status;
};

class Venue {
 public:
  virtual ~Venue() = default;
  Venue(const Venue&) = delete;
  Venue& operator=(const Venue&) = delete;

  /// The table. Constant for the life of the object.
  [[nodiscard]] virtual const VenueSpec& spec() const noexcept = 0;

  /// The rate limit that a request falls under: the id of a row of `spec().limits`.
  [[nodiscard]] virtual std::string_view limit_id(const Request& request) const noexcept = 0;

  /// Builds and, if it needs that, signs a request. `unsupported` if the venue cannot do it; then nothing is sent.
  virtual Result<WireRequest> encode(const Request& request, const Stamp& stamp) = 0;

  /// Reads the reply to `asked`. The status judges the request: ok, the venue's definite refusal, not found, rate
  /// limited, unknown. An HTML page of a gateway is `outcome_unknown` for an order and `unavailable` for a query; a
  /// body that cannot be read is `malformed`. On ok the records of the reply are appended to `out`; some venues give
  /// records with a failure too.
  virtual Status decode_reply(const Request& asked, const WireReply& reply, Records& out) = 0;

  /// Appends the frames that subscribe (`on`) or unsubscribe. Ids `id`, `id + 1`, ... are free to be used in them.
  virtual void subscribe(std::span<const Subscription> subscriptions, bool on, std::uint64_t id, Frames& out) = 0;

  /// Reads one frame. A message of no interest appends nothing and is ok; one that cannot be understood is `malformed`
  /// and appends nothing; `out.channel()` names the channel if it got that far.
  virtual Status decode_frame(StreamKind stream, Bytes frame, Records& out) = 0;

  // --- Order entry by frames; a venue without it leaves these two alone. ---

  /// The frame that asks `request` on the order entry stream, signed if it needs that; the answer will carry
  /// `stamp.nonce` as its id. `unsupported`: this request goes by REST.
  virtual Result<std::string> encode_frame(const Request& request, const Stamp& stamp);
  /// Reads one frame of the order entry stream. An answer names its request by the id; what was asked is looked up
  /// with `asked`, the frame judged as by `decode_reply`, and its records appended. Nothing if the frame answers no
  /// request that is known (late answers, heartbeats: their records are appended all the same); `malformed` if it
  /// cannot be understood.
  virtual Result<std::optional<Answer>> decode_answer(Bytes frame, const AskedRequests& asked, Records& out);

  /// The signer; null for a venue without accounts.
  [[nodiscard]] virtual Auth* auth() noexcept { return nullptr; }

 protected:
  Venue() = default;
};

}  // namespace calypte::venue
