#include "evm/json_rpc.hpp"

#include <array>
#include <cassert>

#include "evm/hex.hpp"
#include "evm/lower_case.hpp"
#include "evm/revert_reason.hpp"
#include "venue/json_writer.hpp"

namespace calypte::evm::rpc {
namespace {

using venue::json::Kind;
using venue::json::Value;
using venue::json::Writer;

/// A node's text goes into messages and logs.
constexpr std::size_t kMaxText = 512;

constexpr std::array<std::string_view, 7> kRateLimitTexts{
    "rate limit",    "too many requests",     "requests per second",
    "compute units", "request rate exceeded", "request count exceeded",
    "throughput"};
/// Of a node behind a gateway that has not got there yet, or that is still starting: ask again.
constexpr std::array<std::string_view, 6> kUnavailableTexts{"header not found", "missing trie node", "unknown block",
                                                            "block not found",  "sync is still in",  "node is syncing"};

template <std::size_t N>
bool contains_one_of(const std::string& text, const std::array<std::string_view, N>& parts) {
  for (const std::string_view part : parts) {
    if (text.find(part) != std::string::npos) return true;
  }
  return false;
}

void write(Writer& writer, std::uint64_t id, const Call& call) {
  writer.begin_object().field("jsonrpc", "2.0").key("id").integer(id);
  writer.field("method", call.method).key("params").raw(call.params).end_object();
}

Status malformed(const char* what) { return {StatusCode::malformed, std::string("JSON-RPC: ") + what}; }

/// Nodes put what a call returned right into "data", behind a word, or into an object.
ByteString revert_data(Value data) {
  if (data.is_object()) data = data.find("data");
  std::string_view text = data.string();
  if (text.starts_with("Reverted ")) text.remove_prefix(9);
  Result<ByteString> bytes = from_hex(text);
  return bytes ? std::move(bytes).value() : ByteString{};
}

Result<Message> decode_error(Value error, Message message) {
  const Value code = error.find("code");
  const auto number = code.is_number() ? code.integer() : std::nullopt;
  if (!number) return malformed("an error without a code");
  message.kind = Message::Kind::error;
  message.error.code = *number;
  message.error.message = printable(error.find("message").string(), kMaxText);
  message.error.data = revert_data(error.find("data"));
  return message;
}

}  // namespace

std::string encode(std::uint64_t id, const Call& call) {
  std::string out;
  Writer writer(out);
  write(writer, id, call);
  return out;
}

std::string encode_batch(std::span<const NumberedCall> calls) {
  assert(!calls.empty());
  std::string out;
  Writer writer(out);
  writer.begin_array();
  for (const NumberedCall& numbered : calls) write(writer, numbered.id, numbered.call);
  writer.end_array();
  return out;
}

bool Error::is_rate_limit() const {
  const std::string text = lower_case(message);
  return code == 429 || text == "limit exceeded" || contains_one_of(text, kRateLimitTexts);
}

Status Error::status() const {
  const std::string text = message.empty() ? "without a text" : message;
  const std::string number = std::to_string(code);
  if (is_rate_limit()) return {StatusCode::rate_limited, FailureReason::rate_limited, text, number};
  if (code == -32601) return {StatusCode::unsupported, FailureReason::rejected_by_venue, text, number};
  // Before the texts that follow: a contract chooses what it says when it reverts.
  const std::string lower = lower_case(message);
  if (code != 3 && !lower.starts_with("execution reverted") &&
      (code == -32603 || code == -32002 || contains_one_of(lower, kUnavailableTexts))) {
    return {StatusCode::unavailable, FailureReason::none, text, number};
  }
  return {StatusCode::rejected, FailureReason::rejected_by_venue, text, number};
}

Result<Message> decode(Value value) {
  if (!value.is_object()) return malformed("not an object");
  if (value.find("jsonrpc").string() != "2.0") return malformed("not version 2.0");
  Message message;
  if (const Value method = value.find("method"); method.exists()) {
    const Value params = value.find("params");
    const std::string_view subscription = params.find("subscription").string();
    if (method.string() != "eth_subscription" || subscription.empty() || subscription.size() > kMaxText ||
        !params.find("result").exists()) {
      return malformed("a message that is no notification of a subscription");
    }
    message.kind = Message::Kind::notification;
    message.subscription = subscription;
    message.result = params.find("result");
    return message;
  }
  const Value id = value.find("id");
  message.id = id.unsigned_integer();
  if (!message.id && !id.is_null()) return malformed("an id that we never gave");
  if (const Value error = value.find("error"); !error.is_null()) return decode_error(error, std::move(message));
  message.result = value.find("result");
  if (!message.result.exists() || !message.id) return malformed("neither a result nor an error");
  return message;
}

}  // namespace calypte::evm::rpc
