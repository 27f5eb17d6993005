// The REST side: paths, envelopes, authentication, rate limits and reply faults.
#include <algorithm>
#include <fmt/format.h>

#include "sim/dialects/crypto_com/crypto_com_venue.hpp"
#include "sim/dialects/crypto_com/signature.hpp"
#include "sim/dialects/http_date.hpp"

namespace calypte::sim::crypto_com {
namespace {

constexpr std::string_view kPrefix = "/exchange";
constexpr std::string_view kVersion = "/v1/";
constexpr std::string_view kBadGateway =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n";
constexpr std::int64_t kNonceWindowMs = 60'000;

std::string decode_percent(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string plain_text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      plain_text += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      plain_text += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain_text;
}

std::map<std::string, std::string, std::less<>> parse_query(std::string_view text) {
  std::map<std::string, std::string, std::less<>> query;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    query.emplace(decode_percent(pair.substr(0, equals)), decode_percent(pair.substr(equals + 1)));
  }
  return query;
}

/// What the venue's gateway says of a path or verb that it does not know: no code, no envelope.
venue::ServerReply spring_error(int status, std::string_view error, std::string_view path, Time now) {
  venue::ServerReply reply;
  reply.http_status = status;
  Writer out(reply.body);
  const std::int64_t ms = to_unix_ms(now) % 1000;
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(now) -
                                    std::chrono::floor<std::chrono::days>(now)};
  out.begin_object();
  out.field("timestamp", fmt::format("{}T{:02}:{:02}:{:02}.{:03}+00:00", date_of(now), clock.hours().count(),
                                     clock.minutes().count(), clock.seconds().count(), ms));
  out.key("status").integer(std::int64_t{status});
  // A path is shown as it came; bytes that no address has would make the answer unreadable.
  std::string shown(path);
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  out.field("error", error).field("path", shown);
  out.end_object();
  return reply;
}

venue::ServerReply enveloped(std::int64_t id, std::string_view method, int code, std::string_view message,
                             std::string_view result) {
  venue::ServerReply reply;
  reply.http_status = http_status_of(code);
  reply.body = envelope(id, method, code, message, result);
  return reply;
}

struct Limit {
  std::uint32_t count;
  Duration window;
};
Limit private_limit(std::string_view method) {
  if (method == "private/create-order" || method == "private/cancel-order" || method == "private/cancel-all-orders") {
    return {15, 100ms};
  }
  if (method == "private/get-order-detail") return {30, 100ms};
  if (method == "private/get-trades" || method == "private/get-order-history") return {1, 1s};
  return {3, 100ms};
}

}  // namespace

void begin_envelope(Writer& out, std::int64_t id, std::string_view method, int code) {
  out.begin_object();
  out.key("id").integer(id);
  out.field("method", method);
  out.key("code").integer(std::int64_t{code});
}

std::string envelope(std::int64_t id, std::string_view method, int code, std::string_view message,
                     std::string_view result) {
  std::string text;
  Writer out(text);
  begin_envelope(out, id, method, code);
  if (code != 0) {
    out.field("message", message.empty() ? message_of(code) : message);
  } else if (!message.empty()) {
    out.field("message", message);
  }
  if (!result.empty()) out.key("result").raw(result);
  out.end_object();
  return text;
}

std::int64_t id_of(venue::json::Value request) { return request.find("id").integer().value_or(-1); }

venue::ServerReply CryptoComVenue::on_request(const venue::ServerRequest& request, Time now) {
  advance(now);
  venue::ServerReply reply = answer_request(request, now);
  collect(now);
  // The only clock that the venue shows over REST.
  reply.headers.push_back({"Date", http_date(venue_time(now))});
  return reply;
}

venue::ServerReply CryptoComVenue::answer_request(const venue::ServerRequest& request, Time now) {
  std::string_view path = request.target;
  std::string_view query_text;
  if (const std::size_t mark = path.find('?'); mark != std::string_view::npos) {
    query_text = path.substr(mark + 1);
    path = path.substr(0, mark);
  }
  if (path.substr(0, kPrefix.size()) == kPrefix) path.remove_prefix(kPrefix.size());
  const std::string_view inner = path;  // What the venue's own server sees, and shows in its errors.
  if (path.substr(0, kVersion.size()) != kVersion) return spring_error(404, "Not Found", inner, venue_time(now));
  const std::string method(path.substr(kVersion.size()));
  if (is_private_method(method)) {
    if (request.method != venue::HttpMethod::post) {
      return spring_error(405, "Method Not Allowed", inner, venue_time(now));
    }
    return answer_private(method, request, now);
  }
  const Query query = parse_query(query_text);
  if (options_.rate_limits.rest && method.rfind("public/", 0) == 0 && !windows_.take(method, 100, 1s, now)) {
    return enveloped(-1, method, code::kTooManyRequests, {}, {});
  }
  const std::optional<Answer> answer = call_public(method, query, now);
  if (!answer) return spring_error(404, "Not Found", inner, venue_time(now));
  if (request.method != venue::HttpMethod::get) {
    return spring_error(405, "Method Not Allowed", inner, venue_time(now));
  }
  return enveloped(-1, method, answer->code, answer->message, answer->result);
}

std::variant<std::size_t, int> CryptoComVenue::authenticate(Value request, Time now) const {
  const std::string_view key = request.find("api_key").string();
  const auto account = std::find_if(accounts_.begin(), accounts_.end(),
                                    [&](const Account& each) { return !key.empty() && each.api_key == key; });
  if (account == accounts_.end()) return code::kUnauthorized;
  const auto nonce = request.find("nonce").integer();
  if (!nonce) return code::kInvalidNonce;
  const std::int64_t ms = venue_ms(now);
  if (*nonce < ms - kNonceWindowMs || *nonce > ms + kNonceWindowMs) return code::kInvalidNonce;
  if (!signature_is_valid(request, account->api_secret)) return code::kUnauthorized;
  return static_cast<std::size_t>(account - accounts_.begin());
}

venue::ServerReply CryptoComVenue::answer_private(const std::string& method, const venue::ServerRequest& request,
                                                  Time now) {
  venue::PaddedBuffer buffer(request.body);
  venue::json::Document document;
  const auto parsed = document.parse(buffer.bytes());
  if (!parsed || !parsed->is_object()) return enveloped(-1, "ERROR", code::kBadRequest, {}, {});
  const Value body = *parsed;
  const std::int64_t id = id_of(body);
  if (body.find("method").string() != method) return enveloped(id, method, code::kInvalidRequest, {}, {});
  const auto who = authenticate(body, now);
  if (const int* refused = std::get_if<int>(&who)) return enveloped(id, method, *refused, {}, {});
  const std::size_t account = std::get<std::size_t>(who);
  const Limit limit = private_limit(method);
  if (options_.rate_limits.rest &&
      !windows_.take(accounts_[account].api_key + " " + method, limit.count, limit.window, now)) {
    return enveloped(id, method, code::kTooManyRequests, {}, {});
  }

  using Kind = ReplyFault::Kind;
  const auto fault = std::find_if(faults_.replies.begin(), faults_.replies.end(), [&](const ReplyFault& rule) {
    return rule.count > 0 && (rule.method.empty() || rule.method == method);
  });
  std::optional<Kind> kind;
  if (fault != faults_.replies.end()) {
    --fault->count;
    kind = fault->kind;
  }
  const bool acts =
      kind != Kind::cut_before_acting && kind != Kind::bad_gateway_before && kind != Kind::internal_error_before;
  Answer answer;
  if (acts) {
    answer = call_private(method, body.find("params"), body.find("nonce").scalar(), account, 0, now);
  }
  venue::ServerReply reply = enveloped(id, method, answer.code, answer.message, answer.result);
  if (!kind) return reply;
  switch (*kind) {
    case Kind::cut_after_acting:
    case Kind::cut_before_acting:
      reply.cut_connection = true;
      break;
    case Kind::bad_gateway_after:
    case Kind::bad_gateway_before:
      reply.http_status = 502;
      reply.headers = {{"Content-Type", "text/html"}};
      reply.body = kBadGateway;
      break;
    case Kind::timeout_after_acting:
      return enveloped(id, method, code::kTimeout, {}, {});
    case Kind::internal_error_before:
      return enveloped(id, method, code::kInternal, {}, {});
  }
  return reply;
}

}  // namespace calypte::sim::crypto_com
