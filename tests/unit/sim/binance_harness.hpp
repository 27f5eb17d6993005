// A client of the simulated Binance markets for their tests: signs, sends, lets virtual time pass, collects what comes.
#pragma once

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/dialects/binance/house.hpp"
#include "sim/dialects/binance/signature.hpp"
#include "sim/dialects/binance/spot_venue.hpp"
#include "venue/crypto.hpp"
#include "venue/query_string.hpp"

namespace calypte::sim::binance {

/// A parsed text that keeps what its values point into.
struct Parsed {
  explicit Parsed(std::string_view text)
      : buffer(std::make_unique<venue::PaddedBuffer>(text)), document(std::make_unique<venue::json::Document>()) {
    auto result = document->parse(buffer->bytes());
    EXPECT_TRUE(result.ok()) << text;
    if (result) root = *result;
  }
  [[nodiscard]] Value operator[](std::string_view key) const { return root.find(key); }
  std::unique_ptr<venue::PaddedBuffer> buffer;
  std::unique_ptr<venue::json::Document> document;
  Value root;
};

struct Reply {
  int status = 0;
  std::string body;
  bool cut = false;
  std::vector<venue::Header> headers;

  [[nodiscard]] std::int64_t code() const { return Parsed(body)["code"].integer().value_or(0); }
  [[nodiscard]] std::string message() const { return std::string(Parsed(body)["msg"].string()); }
  /// "-1121 Invalid symbol."
  [[nodiscard]] std::string error() const { return std::to_string(code()) + " " + message(); }
  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& each : headers) {
      if (each.name == name) return each.value;
    }
    return {};
  }
  [[nodiscard]] std::string text(std::string_view key) const { return std::string(Parsed(body)[key].scalar()); }
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The private half of the test key (RFC 8032, test 1).
inline constexpr std::string_view kTestPrivateKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

inline std::string hmac_of(std::string_view secret, std::string_view payload) {
  venue::HmacSha256 hmac;
  return venue::to_hex(*hmac.sign(Secret(std::string(secret)), payload));
}
inline std::string ed25519_of(std::string_view payload) {
  venue::Ed25519 key;
  return venue::to_base64(*key.sign(Secret(std::string(kTestPrivateKey)), payload));
}

class BinanceHarness : public testing::Test {
 protected:
  static constexpr Time kStart = from_unix_ms(1'790'000'000'500);

  [[nodiscard]] static VenueOptions quiet() {
    VenueOptions options;
    options.flow = false;
    return options;
  }
  /// With a book that trades by itself.
  [[nodiscard]] static VenueOptions lively(std::uint32_t orders_per_second = 50) {
    VenueOptions options;
    options.flow_options.orders_per_second = orders_per_second;
    return options;
  }

  void pass(Duration duration) {
    const Time until = now_ + duration;
    while (house_->next_wakeup() <= until) {
      now_ = std::max(now_, house_->next_wakeup());
      house_->on_time(now_);
      drain();
    }
    now_ = until;
    house_->on_time(now_);
    drain();
  }
  void drain() {
    for (const venue::ServerAction& action : house_->actions()) {
      if (const auto* text = std::get_if<venue::SendText>(&action)) frames_.emplace_back(text->connection, text->text);
      if (const auto* closed = std::get_if<venue::CloseConnection>(&action)) closes_.push_back(*closed);
      if (std::holds_alternative<venue::SendPing>(action)) ++pings_;
    }
    house_->actions().clear();
  }

  // --- REST --------------------------------------------------------------------------------------------------------
  Reply request(venue::HttpMethod method, std::string target, std::string body = {},
                std::vector<venue::Header> headers = {}) {
    venue::ServerRequest request;
    request.method = method;
    request.target = std::move(target);
    request.headers = std::move(headers);
    request.body = std::move(body);
    const venue::ServerReply reply = house_->on_request(request, now_);
    drain();
    return {reply.http_status, reply.body, reply.cut_connection, reply.headers};
  }
  Reply get(std::string target) { return request(venue::HttpMethod::get, std::move(target)); }
  [[nodiscard]] std::string now_ms() const { return std::to_string(to_unix_ms(now_)); }
  [[nodiscard]] static std::string encoded(const Pairs& pairs) {
    venue::QueryString query;
    for (const auto& [name, value] : pairs) query.add(name, value);
    return query.text();
  }
  /// Signed with HMAC by an account, all in the query.
  Reply signed_request(venue::HttpMethod method, const std::string& path, Pairs pairs, std::size_t account = 0) {
    pairs.emplace_back("timestamp", now_ms());
    std::string query = encoded(pairs);
    query += "&signature=" + hmac_of(house_->api_secret(account), query);
    return request(method, path + "?" + query, {}, {{"X-MBX-APIKEY", house_->api_key(account)}});
  }

  // --- Sockets -----------------------------------------------------------------------------------------------------
  venue::ConnectionId connect(const std::string& target) {
    const venue::ConnectionId id = ++connections_;
    EXPECT_TRUE(house_->on_connect(id, target, now_)) << target;
    drain();
    return id;
  }
  void send(venue::ConnectionId id, std::string_view text) {
    const venue::PaddedBuffer buffer(text);
    house_->on_text(id, buffer.bytes(), now_);
    drain();
  }
  /// The texts that came on a connection since the last call; those of other connections stay.
  std::vector<std::string> take(venue::ConnectionId id) {
    std::vector<std::string> texts;
    std::vector<std::pair<venue::ConnectionId, std::string>> others;
    for (auto& frame : frames_) {
      if (frame.first == id) {
        texts.push_back(std::move(frame.second));
      } else {
        others.push_back(std::move(frame));
      }
    }
    frames_ = std::move(others);
    return texts;
  }
  /// Sends and returns the one frame that answers.
  std::string ask(venue::ConnectionId id, std::string_view text) {
    take(id);
    send(id, text);
    const auto texts = take(id);
    EXPECT_EQ(texts.size(), 1U) << text;
    return texts.empty() ? "{}" : texts.back();
  }

  Time now_ = kStart;
  std::unique_ptr<BinanceHouse> house_;
  venue::ConnectionId connections_ = 0;
  std::vector<std::pair<venue::ConnectionId, std::string>> frames_;
  std::vector<venue::CloseConnection> closes_;
  int pings_ = 0;
};

class SpotHarness : public BinanceHarness {
 protected:
  void SetUp() override { restart(quiet()); }
  void restart(VenueOptions options, HouseRules rules = {}) {
    house_ = std::make_unique<BinanceSpotVenue>(std::move(options), std::move(rules), now_);
    frames_.clear();
  }
  Reply order(Pairs pairs, std::size_t account = 0) {
    pairs.insert(pairs.begin(), {"symbol", "BTCUSDT"});
    return signed_request(venue::HttpMethod::post, "/api/v3/order", std::move(pairs), account);
  }
  Reply limit(std::string side, std::string price, std::string quantity, Pairs more = {}, std::size_t account = 0) {
    Pairs pairs{{"side", std::move(side)},
                {"type", "LIMIT"},
                {"timeInForce", "GTC"},
                {"price", std::move(price)},
                {"quantity", std::move(quantity)}};
    for (auto& pair : more) {
      const auto same = std::find_if(pairs.begin(), pairs.end(), [&](const auto& p) { return p.first == pair.first; });
      if (same != pairs.end()) {
        same->second = pair.second;
      } else {
        pairs.push_back(std::move(pair));
      }
    }
    return order(std::move(pairs), account);
  }
  Reply read(const std::string& path, Pairs pairs, std::size_t account = 0) {
    return signed_request(venue::HttpMethod::get, path, std::move(pairs), account);
  }
  Reply cancel(Pairs pairs, std::size_t account = 0) {
    pairs.insert(pairs.begin(), {"symbol", "BTCUSDT"});
    return signed_request(venue::HttpMethod::del, "/api/v3/order", std::move(pairs), account);
  }

  /// A frame of the WebSocket API, signed with HMAC over the sorted parameters.
  [[nodiscard]] std::string api_frame(std::string_view id, std::string_view method,
                                      std::map<std::string, std::string> p, std::size_t account = 0) {
    p["apiKey"] = house_->api_key(account);
    p["timestamp"] = now_ms();
    std::string payload;
    for (const auto& [name, value] : p) payload += (payload.empty() ? "" : "&") + name + "=" + value;
    p["signature"] = hmac_of(house_->api_secret(account), payload);
    return raw_api_frame(id, method, p);
  }
  [[nodiscard]] static std::string raw_api_frame(std::string_view id, std::string_view method,
                                                 const std::map<std::string, std::string>& p) {
    std::string text;
    Writer out(text);
    out.begin_object().key("id").raw(id).field("method", method).key("params").begin_object();
    for (const auto& [name, value] : p) {
      if (name == "timestamp" || name == "subscriptionId") {
        out.key(name).raw(value);
      } else {
        out.field(name, value);
      }
    }
    out.end_object().end_object();
    return text;
  }
  /// A connection that hears the events of an account.
  venue::ConnectionId listener(std::size_t account = 0) {
    const auto id = connect("/ws-api/v3");
    const std::string answer = ask(id, api_frame("1", "userDataStream.subscribe.signature", {}, account));
    EXPECT_EQ(Parsed(answer)["status"].integer(), 200) << answer;
    return id;
  }
};

}  // namespace calypte::sim::binance
