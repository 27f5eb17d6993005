// What crosses the line between the engine and the transport: bytes, streams, requests and replies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calypte/result.hpp"
#include "calypte/time.hpp"

namespace calypte::venue {

/// How many bytes behind the end of a `Bytes` may be read (not written): what simdjson needs.
inline constexpr std::size_t kPadding = 64;

/// A view of received bytes with `kPadding` readable bytes behind its end. Only `PaddedBuffer` and the transport make
/// one, so a decoder can rely on the padding.
class Bytes {
 public:
  Bytes() = default;
  [[nodiscard]] std::string_view view() const noexcept { return {data_, size_}; }
  [[nodiscard]] const char* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Promises that `data + size + kPadding` is readable.
  [[nodiscard]] static Bytes promise_padded(const char* data, std::size_t size) noexcept { return Bytes(data, size); }

 private:
  Bytes(const char* data, std::size_t size) noexcept : data_(data), size_(size) {}
  const char* data_ = "";
  std::size_t size_ = 0;
};

/// Owns a padded copy of a text. Reuse one object: it keeps its memory.
class PaddedBuffer {
 public:
  PaddedBuffer() = default;
  explicit PaddedBuffer(std::string_view text) { assign(text); }
  Bytes assign(std::string_view text) {
    storage_.assign(text.begin(), text.end());
    storage_.resize(text.size() + kPadding, '\0');
    size_ = text.size();
    return bytes();
  }
  [[nodiscard]] Bytes bytes() const noexcept { return Bytes::promise_padded(storage_.data(), size_); }

 private:
  std::vector<char> storage_ = std::vector<char>(kPadding);
  std::size_t size_ = 0;
};

/// The purposes of a stream. The market streams may be spread over several connections each.
enum class StreamKind : std::uint8_t {
  market,  ///< books, and all market data where the venue has one route for it
  user,    ///< what happens to the account
  trades,  ///< trades and funding, where they have a route of their own
  orders,  ///< order entry: requests and their answers
};
struct StreamId {
  StreamKind kind = StreamKind::market;
  std::uint16_t index = 0;
  friend bool operator==(StreamId, StreamId) = default;
  friend auto operator<=>(StreamId, StreamId) = default;
};
[[nodiscard]] std::string to_string(StreamId id);  // "market", "market#1", "user", "trades", "orders"

enum class HttpMethod : std::uint8_t { get, post, put, del };
[[nodiscard]] std::string_view to_string(HttpMethod method) noexcept;

struct Header {
  std::string name;
  std::string value;
};

/// A complete HTTPS request for the venue's REST host of the chosen environment, signed where it has to be. Holds
/// credentials and signatures: it has no formatter and is never logged whole.
struct WireRequest {
  HttpMethod method = HttpMethod::get;
  std::string target;  ///< path and query, appended to the environment's REST base path
  std::vector<Header> headers;
  std::string body;
};

struct WireReply {
  int http_status = 0;
  std::vector<Header> headers;
  Bytes body;
};

/// How a request ended at the transport.
struct RequestOutcome {
  enum class Kind : std::uint8_t {
    replied,   ///< a complete reply of any status
    not_sent,  ///< certainly no byte left
    unknown,   ///< cut, timed out, or unreadable after the first byte had left
  };
  Kind kind = Kind::replied;
  WireReply reply;    ///< if replied
  std::string error;  ///< otherwise: what happened, for a person
};

using RequestId = std::uint64_t;

/// Text frames to be sent on one stream, in order.
using Frames = std::vector<std::string>;

}  // namespace calypte::venue
