#include "connector/exchange/crypto_com/crypto_com_auth.hpp"

#include <algorithm>

#include "connector/exchange/crypto_com/crypto_com_constants.hpp"
#include "venue/json_writer.hpp"

namespace calypte::connector::crypto_com {

using venue::json::Kind;
using venue::json::Member;
using venue::json::Value;

namespace {

/// Below this the venue's own samples disagree about how a value is written.
constexpr int kMaxDepth = 3;

bool append_value(Value value, int depth, std::string& out) {
  switch (value.kind()) {
    case Kind::object: {
      if (depth == kMaxDepth) return false;
      std::vector<Member> members;
      for (const Member member : value.members()) members.push_back(member);
      std::ranges::sort(members, {}, &Member::key);
      for (const Member& member : members) {
        out += member.key;
        if (!append_value(member.value, depth + 1, out)) return false;
      }
      return true;
    }
    case Kind::array:
      for (const Value element : value.elements()) {
        if (!append_value(element, depth, out)) return false;
      }
      return true;
    case Kind::string:
      out += value.string();
      return true;
    case Kind::missing:
      return true;
    case Kind::null:
    case Kind::boolean:
    case Kind::number:
      out += value.text();
      return true;
  }
  return false;
}

}  // namespace

bool append_parameters(Value parameters, std::string& out) { return append_value(parameters, 0, out); }

Status CryptoComAuth::sign_body(std::string& body, const venue::Stamp& stamp) {
  if (stamp.credentials == nullptr || stamp.credentials->empty()) {
    return {StatusCode::denied, FailureReason::authentication, "the request needs credentials"};
  }
  const auto root = document_.parse(buffer_.assign(body));
  if (!root || !(*root).is_object()) return {StatusCode::denied, "the request to sign is no JSON object"};
  const std::string_view key = stamp.credentials->api_key.reveal();
  const std::string nonce = std::to_string(to_unix_ms(stamp.time));
  payload_.assign((*root).find("method").string());
  payload_.append((*root).find("id").scalar()).append(key);
  if (!append_parameters((*root).find("params"), payload_)) {
    return {StatusCode::denied, "the request nests deeper than can be signed"};
  }
  payload_ += nonce;
  const auto digest = mac_.sign(stamp.credentials->api_secret, payload_);
  if (!digest) return {StatusCode::denied, FailureReason::authentication, "the request could not be signed"};
  body.back() = ',';  // instead of the closing brace
  venue::json::Writer writer(body);
  writer.field("api_key", key).key("nonce").raw(nonce).field("sig", venue::to_hex(*digest)).end_object();
  return {};
}

Status CryptoComAuth::sign(venue::WireRequest& request, const venue::Stamp& stamp) {
  return sign_body(request.body, stamp);
}

Result<std::string> CryptoComAuth::login_frame(std::uint64_t id, const venue::Stamp& stamp) {
  std::string frame;
  venue::json::Writer writer(frame);
  writer.begin_object().key("id").integer(id).field("method", kAuth).end_object();
  if (Status status = sign_body(frame, stamp); !status.ok()) return status;
  return frame;
}

}  // namespace calypte::connector::crypto_com
