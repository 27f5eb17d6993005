#include "connector/house/binance/binance_auth.hpp"

#include <algorithm>

#include "venue/json_writer.hpp"
#include "venue/query_string.hpp"

namespace calypte::connector::binance {

namespace {

Status need_credentials(const venue::Stamp& stamp) {
  if (stamp.credentials != nullptr && !stamp.credentials->empty()) return {};
  return {StatusCode::denied, FailureReason::authentication, "the request needs credentials"};
}

}  // namespace

std::string Parameters::query() const {
  venue::QueryString query;
  for (const Parameter& parameter : list_) query.add(parameter.name, parameter.value);
  return query.text();
}

std::string Parameters::json() const {
  std::string text;
  venue::json::Writer writer(text);
  writer.begin_object();
  for (const Parameter& parameter : list_) {
    writer.key(parameter.name);
    if (parameter.integer) {
      writer.raw(parameter.value);
    } else {
      writer.string(parameter.value);
    }
  }
  writer.end_object();
  return text;
}

std::string Parameters::payload() const {
  std::vector<const Parameter*> sorted;
  sorted.reserve(list_.size());
  for (const Parameter& parameter : list_) sorted.push_back(&parameter);
  std::ranges::sort(sorted, {}, [](const Parameter* parameter) { return parameter->name; });
  std::string text;
  for (const Parameter* parameter : sorted) {
    if (!text.empty()) text += '&';
    text.append(parameter->name).append("=").append(parameter->value);
  }
  return text;
}

Result<std::string> BinanceAuth::signature(std::string_view payload, const Credentials& credentials) {
  if (credentials.api_secret.reveal().find("-----BEGIN") != std::string_view::npos) {
    const auto signature = ed25519_.sign(credentials.api_secret, payload);
    if (!signature.ok()) return signature.status();
    return venue::to_base64(*signature);
  }
  const auto digest = mac_.sign(credentials.api_secret, payload);
  if (digest) return venue::to_hex(*digest);
  return Status(StatusCode::denied, FailureReason::authentication, "the request could not be signed");
}

Status BinanceAuth::add_key(venue::WireRequest& request, const venue::Stamp& stamp) {
  if (Status status = need_credentials(stamp); !status.ok()) return status;
  request.headers.push_back({"X-MBX-APIKEY", std::string(stamp.credentials->api_key.reveal())});
  return {};
}

Status BinanceAuth::sign(venue::WireRequest& request, const venue::Stamp& stamp) {
  if (Status status = add_key(request, stamp); !status.ok()) return status;
  const std::string tail =
      Parameters().add_integer("recvWindow", kReceiveWindowMs).add_integer("timestamp", to_unix_ms(stamp.time)).query();
  std::string& end = request.body.empty() ? request.target : request.body;
  const auto query_begin = request.target.find('?');
  if (request.body.empty() && query_begin == std::string::npos) {
    end += '?';
  } else {
    end += '&';
  }
  end += tail;
  const auto query = request.target.find('?');
  std::string payload = query == std::string::npos ? std::string() : request.target.substr(query + 1);
  payload += request.body;
  auto proof = signature(payload, *stamp.credentials);
  if (!proof.ok()) return proof.status();
  end += "&signature=";
  venue::append_percent_encoded(end, *proof);
  return {};
}

Result<std::string> BinanceAuth::frame(std::uint64_t id, std::string_view method, Parameters parameters,
                                       const venue::Stamp& stamp) {
  if (Status status = need_credentials(stamp); !status.ok()) return status;
  parameters.add("apiKey", stamp.credentials->api_key.reveal()).add_integer("timestamp", to_unix_ms(stamp.time));
  const auto proof = signature(parameters.payload(), *stamp.credentials);
  if (!proof.ok()) return proof.status();
  parameters.add("signature", *proof);
  std::string text;
  venue::json::Writer writer(text);
  writer.begin_object().key("id").integer(id).field("method", method).key("params").raw(parameters.json()).end_object();
  return text;
}

Result<std::string> BinanceAuth::login_frame(std::uint64_t id, const venue::Stamp& stamp) {
  if (login_method_.empty()) return Status(StatusCode::unsupported, "this market has no login frame");
  return frame(id, login_method_, {}, stamp);
}

}  // namespace calypte::connector::binance
