// The envelope of JSON-RPC 2.0: requests out, results, errors and notifications in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "calypte/result.hpp"

#include "evm/bytes.hpp"
#include "venue/json.hpp"

namespace calypte::evm::rpc {

/// A method and its parameters, which are a JSON array. evm/json_rpc_calls.hpp makes them.
struct Call {
  std::string_view method;  ///< a literal
  std::string params = "[]";
};

struct NumberedCall {
  std::uint64_t id = 0;
  Call call;
};

/// One request as text.
[[nodiscard]] std::string encode(std::uint64_t id, const Call& call);
/// Several in one text; the node answers each by its id, in any order. An empty batch is our bug.
[[nodiscard]] std::string encode_batch(std::span<const NumberedCall> calls);

struct Error {
  std::int64_t code = 0;
  std::string message;  ///< the node's own text, made printable and cut at 512 characters
  ByteString data;      ///< what a reverted call returned, if the node tells it; evm/revert_reason.hpp reads it

  /// Sent too much, says the node or the gateway before it. Their codes mean other things elsewhere: the text decides.
  [[nodiscard]] bool is_rate_limit() const;
  /// As a failure of a question, which changed nothing: `rate_limited` if the node says so, `unsupported` for an
  /// unknown method, `unavailable` for trouble inside the node, otherwise `rejected`. For eth_sendRawTransaction the
  /// certainty is evm/send_error.hpp's to say.
  [[nodiscard]] Status status() const;
};

/// One message of a node. Values are valid as long as the document they were read from.
struct Message {
  enum class Kind : std::uint8_t {
    result,
    error,         ///< `id` is empty if the node could not read our request
    notification,  ///< of a subscription
  };
  Kind kind = Kind::result;
  std::optional<std::uint64_t> id;  ///< of the request
  venue::json::Value result;        ///< of a result or a notification; may be null
  Error error;
  std::string subscription;  ///< the id that eth_subscribe gave
};

/// Reads one message, an element of a batch or a whole text. `malformed` if it is none of the three kinds.
[[nodiscard]] Result<Message> decode(venue::json::Value value);

}  // namespace calypte::evm::rpc
