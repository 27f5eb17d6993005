// Requests: rates, keys, times and signatures, then the endpoint; and their dress over REST.
#include <algorithm>
#include <fmt/format.h>

#include "sim/dialects/binance/house.hpp"
#include "sim/dialects/binance/signature.hpp"

namespace calypte::sim::binance {
namespace {

constexpr std::string_view kBadGateway =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "</body>\r\n</html>\r\n";
constexpr std::string_view kNotFound =
    "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n"
    "</body>\r\n</html>\r\n";
/// Times from here on are microseconds.
constexpr std::int64_t kFirstMicroseconds = 100'000'000'000'000;

std::string_view header_of(const venue::ServerRequest& request, std::string_view name) {
  const auto same = [&](const venue::Header& header) {
    return std::equal(header.name.begin(), header.name.end(), name.begin(), name.end(), [](char a, char b) {
      const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
      return lower(a) == lower(b);
    });
  };
  const auto found = std::find_if(request.headers.begin(), request.headers.end(), same);
  return found == request.headers.end() ? std::string_view{} : std::string_view(found->value);
}

venue::ServerReply page(int status, std::string_view html) {
  venue::ServerReply reply;
  reply.http_status = status;
  reply.headers = {{"Content-Type", "text/html"}};
  reply.body = html;
  return reply;
}

std::string_view method_word(venue::HttpMethod method) {
  switch (method) {
    case venue::HttpMethod::get:
      return "GET";
    case venue::HttpMethod::post:
      return "POST";
    case venue::HttpMethod::put:
      return "PUT";
    case venue::HttpMethod::del:
      return "DELETE";
  }
  return {};
}

}  // namespace

std::function<std::uint32_t(const Parameters&)> BinanceHouse::costs(std::uint32_t one, std::uint32_t all) {
  return [one, all](const Parameters& parameters) { return parameters.has("symbol") ? one : all; };
}

void BinanceHouse::add_rest(venue::HttpMethod method, std::string_view path, Endpoint endpoint) {
  rest_.insert_or_assign(fmt::format("{} {}", method_word(method), path), std::move(endpoint));
}

void BinanceHouse::add_api(std::string_view method, Endpoint endpoint) {
  api_.insert_or_assign(std::string(method), std::move(endpoint));
}

void BinanceHouse::add(venue::HttpMethod http, std::string_view path, std::string_view api_method,
                       const Endpoint& endpoint) {
  add_rest(http, path, endpoint);
  add_api(api_method, endpoint);
}

std::optional<Answer> BinanceHouse::check_rates(Time now) {
  raw_requests_.add(1, now);
  if (!options_.limit_rates) return std::nullopt;
  const bool full = weight_.full(now) || raw_requests_.used(now) > raw_requests_.rule().limit;
  if (now >= banned_until_ && !full) {
    refusals_ = 0;
    return std::nullopt;
  }
  if (now >= banned_until_ && ++refusals_ > rules_.refusals_to_ban) {
    banned_until_ = now + rules_.ban * (1U << std::min(bans_++, 10U));
    refusals_ = 0;
  }
  Answer answer;
  if (now < banned_until_) {
    answer =
        failure(code::kTooManyRequests,
                fmt::format("Way too much request weight used; IP banned until {}. Please use WebSocket Streams for "
                            "live updates to avoid bans.",
                            venue_ms(banned_until_)),
                418);
    answer.retry_at = banned_until_;
  } else {
    answer =
        failure(code::kTooManyRequests,
                fmt::format("Too much request weight used; current limit is {} request weight per {} {}. Please use "
                            "WebSocket Streams for live updates to avoid polling the API.",
                            weight_.rule().limit, weight_.rule().interval_number, weight_.rule().interval),
                429);
    answer.retry_at = weight_.full(now) ? weight_.ends(now) : raw_requests_.ends(now);
  }
  std::string data;
  Writer(data)
      .begin_object()
      .key("serverTime")
      .integer(venue_ms(now))
      .key("retryAfter")
      .integer(venue_ms(answer.retry_at))
      .end_object();
  answer.data = std::move(data);
  return answer;
}

std::optional<BinanceHouse::Credential> BinanceHouse::find_key(std::string_view key) const {
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    if (key.empty()) break;
    if (accounts_[i].api_key == key) return Credential{i, false};
    if (accounts_[i].ed25519_api_key == key) return Credential{i, true};
  }
  return std::nullopt;
}

std::optional<Answer> BinanceHouse::check_time(const Parameters& parameters, Time now) const {
  if (!parameters.has("timestamp")) return mandatory("timestamp");
  const auto stamp = parameters.integer("timestamp");
  if (!stamp) return illegal("timestamp", "^[0-9]{1,20}$");
  Decimal window = 5000;
  if (parameters.has("recvWindow")) {
    const auto wanted = parameters.decimal("recvWindow");
    if (!wanted || wanted->scale() > 3) return illegal("recvWindow", "^\\d+(\\.\\d{1,3})?$");
    window = *wanted;
    if (window > 60000) return failure(code::kBadReceiveWindow, "recvWindow must be less than 60000.");
  }
  const Decimal sent = *stamp >= kFirstMicroseconds ? Decimal::from_parts(*stamp, 3) : Decimal(*stamp);
  const Decimal server = venue_ms(now);
  if (sent >= server + 1000) {
    return failure(code::kTimestamp, "Timestamp for this request was 1000ms ahead of the server's time.");
  }
  if (server - sent > window) {
    return failure(code::kTimestamp, "Timestamp for this request is outside of the recvWindow.");
  }
  return std::nullopt;
}

std::variant<std::size_t, Answer> BinanceHouse::authenticate(const Endpoint& endpoint, const Parameters& parameters,
                                                             const Proof& proof, Time now) const {
  if (endpoint.security == Security::none) return std::size_t{0};
  const bool by_session = proof.session && proof.key.empty();
  if (!by_session && proof.key.empty()) return failure(code::kBadKeyFormat, "API-key format invalid.", 401);
  const auto who = by_session ? std::optional(Credential{*proof.session, true}) : find_key(proof.key);
  if (!who) {
    return failure(code::kRejectedKey, "Invalid API-key, IP, or permissions for action.", 401);
  }
  if (endpoint.security == Security::key) return who->account;
  if (!by_session && proof.signature.empty()) return mandatory("signature");
  if (const auto refused = check_time(parameters, now)) return *refused;
  if (by_session) return who->account;
  const Account& account = accounts_[who->account];
  const bool right = std::any_of(proof.payloads.begin(), proof.payloads.end(), [&](const std::string& payload) {
    return who->ed25519 ? ed25519_matches(account.ed25519_public_key, payload, proof.signature)
                        : hmac_matches(account.api_secret, payload, proof.signature);
  });
  if (!right) return failure(code::kInvalidSignature, "Signature for this request is not valid.");
  return who->account;
}

std::optional<ReplyFault::Kind> BinanceHouse::take_fault(std::string_view request, const Endpoint& endpoint) {
  const auto fault = std::find_if(faults_.replies.begin(), faults_.replies.end(), [&](const ReplyFault& rule) {
    return rule.count > 0 &&
           (rule.request.empty() ? endpoint.security == Security::signature : rule.request == request);
  });
  if (fault == faults_.replies.end()) return std::nullopt;
  --fault->count;
  return fault->kind;
}

std::optional<Answer> BinanceHouse::check_order_count(std::size_t account, Time now) {
  if (!options_.limit_rates) return std::nullopt;
  for (RateWindow& window : accounts_[account].orders) {
    if (!window.full(now)) continue;
    Answer answer = failure(code::kTooManyOrders,
                            fmt::format("Too many new orders; current limit is {} orders per {} {}.",
                                        window.rule().limit, window.rule().interval_number, window.rule().interval),
                            429);
    answer.retry_at = window.ends(now);
    return answer;
  }
  return std::nullopt;
}

BinanceHouse::Outcome BinanceHouse::perform(std::string_view name, const Endpoint& endpoint,
                                            const Parameters& parameters, const Proof& proof, ConnectionId connection,
                                            Time now) {
  Outcome outcome;
  if (auto refused = check_rates(now)) {
    outcome.answer = std::move(*refused);
    return outcome;
  }
  const std::uint32_t weight = endpoint.weight ? endpoint.weight(parameters) : 1;
  auto who = authenticate(endpoint, parameters, proof, now);
  if (Answer* refused = std::get_if<Answer>(&who)) {
    outcome.answer = std::move(*refused);
    weight_.add(weight, now);
    return outcome;
  }
  const std::size_t account = std::get<std::size_t>(who);
  if (endpoint.security != Security::none) outcome.account = account;
  outcome.fault = take_fault(name, endpoint);
  using Kind = ReplyFault::Kind;
  const bool acts = !outcome.fault || outcome.fault == Kind::cut_after_acting ||
                    outcome.fault == Kind::bad_gateway_after || outcome.fault == Kind::timeout_after_acting;
  if (acts) {
    auto refused = endpoint.counts_as_order ? check_order_count(account, now) : std::nullopt;
    // Counted first: the order may fill, and give its place back, while it is carried out.
    if (endpoint.counts_as_order && !refused) {
      for (RateWindow& window : accounts_[account].orders) window.add(1, now);
    }
    outcome.answer = refused ? std::move(*refused) : endpoint.handler(Call{parameters, account, connection, now});
    if (endpoint.counts_as_order && !refused && !outcome.answer.ok()) give_order_count_back(account, now);
    // What the request has done is told before its answer, where nothing delays the user's events.
    collect(now);
  }
  if (outcome.fault == Kind::timeout_after_acting || outcome.fault == Kind::timeout_before_acting) {
    outcome.answer = failure(code::kTimeout,
                             "Timeout waiting for response from backend server. Send status unknown; execution status "
                             "unknown.",
                             503);
  } else if (outcome.fault == Kind::overloaded_before) {
    outcome.answer = failure(code::kOverloaded, "Server is currently overloaded with other requests.", 503);
  }
  if (!endpoint.free_if_successful || !outcome.answer.ok()) weight_.add(weight, now);
  return outcome;
}

void BinanceHouse::give_order_count_back(std::size_t account, Time now) {
  for (RateWindow& window : accounts_[account].orders) window.give_back(now);
}

venue::ServerReply BinanceHouse::on_request(const venue::ServerRequest& request, Time now) {
  advance(now);
  venue::ServerReply reply = answer_request(request, now);
  collect(now);
  return reply;
}

venue::ServerReply BinanceHouse::answer_request(const venue::ServerRequest& request, Time now) {
  std::string_view path = request.target;
  std::string_view query;
  if (const std::size_t mark = path.find('?'); mark != std::string_view::npos) {
    query = path.substr(mark + 1);
    path = path.substr(0, mark);
  }
  const std::string name = fmt::format("{} {}", method_word(request.method), path);
  const auto endpoint = rest_.find(name);
  if (endpoint == rest_.end()) return page(404, kNotFound);
  Parameters parameters;
  parameters.add_encoded(query);
  parameters.add_encoded(request.body);
  Proof proof;
  proof.key = header_of(request, "X-MBX-APIKEY");
  proof.signature = parameters.get("signature");
  // Query and body follow each other without anything in between.
  proof.payloads.push_back(without_signature(query) + without_signature(request.body));
  const Outcome outcome = perform(name, endpoint->second, parameters, proof, 0, now);
  using Kind = ReplyFault::Kind;
  if (outcome.fault == Kind::bad_gateway_after || outcome.fault == Kind::bad_gateway_before) {
    return page(502, kBadGateway);
  }
  const Answer& answer = outcome.answer;
  venue::ServerReply reply;
  reply.cut_connection = outcome.fault == Kind::cut_after_acting || outcome.fault == Kind::cut_before_acting;
  reply.http_status = answer.status;
  reply.body = answer.ok() ? answer.body : error_body(answer);
  const std::string used = std::to_string(weight_.used(now));
  reply.headers.push_back({"X-MBX-USED-WEIGHT", used});
  reply.headers.push_back({"X-MBX-USED-WEIGHT-" + weight_.rule().short_name(), used});
  if (endpoint->second.counts_as_order && answer.ok() && outcome.account) {
    for (RateWindow& window : accounts_[*outcome.account].orders) {
      reply.headers.push_back({"X-MBX-ORDER-COUNT-" + window.rule().short_name(), std::to_string(window.used(now))});
    }
  }
  if (answer.retry_at != Time{}) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(answer.retry_at - now).count();
    reply.headers.push_back({"Retry-After", std::to_string(seconds)});
  }
  return reply;
}

void BinanceHouse::write_rate_limits(Writer& out, std::optional<std::size_t> account, bool weights, bool orders,
                                     Time now) {
  const auto write = [&](std::string_view type, const RateRule& rule, std::optional<std::int64_t> count) {
    out.begin_object().field("rateLimitType", type).field("interval", rule.interval);
    out.key("intervalNum").integer(std::int64_t{rule.interval_number}).key("limit").integer(std::int64_t{rule.limit});
    if (count) out.key("count").integer(*count);
    out.end_object();
  };
  out.begin_array();
  if (orders && account) {
    for (RateWindow& window : accounts_[*account].orders) write("ORDERS", window.rule(), window.used(now));
  }
  if (weights) write("REQUEST_WEIGHT", weight_.rule(), weight_.used(now));
  out.end_array();
}

void BinanceHouse::write_rate_rules(Writer& out, bool raw_requests) const {
  const auto write = [&](std::string_view type, const RateRule& rule) {
    out.begin_object().field("rateLimitType", type).field("interval", rule.interval);
    out.key("intervalNum").integer(std::int64_t{rule.interval_number}).key("limit").integer(std::int64_t{rule.limit});
    out.end_object();
  };
  out.begin_array();
  write("REQUEST_WEIGHT", rules_.weight);
  for (const RateRule& rule : rules_.orders) write("ORDERS", rule);
  if (raw_requests) write("RAW_REQUESTS", rules_.raw_requests);
  out.end_array();
}

}  // namespace calypte::sim::binance
