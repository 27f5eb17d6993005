// A client of the simulated Crypto.com for its tests: signs, sends, lets virtual time pass and collects what comes.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/dialects/crypto_com/crypto_com_venue.hpp"
#include "sim/dialects/crypto_com/signature.hpp"
#include "venue/crypto.hpp"

namespace calypte::sim::crypto_com {

using venue::json::Value;

/// A parsed text that keeps what its values point into.
struct Parsed {
  explicit Parsed(std::string_view text)
      : buffer(std::make_unique<venue::PaddedBuffer>(text)), document(std::make_unique<venue::json::Document>()) {
    auto result = document->parse(buffer->bytes());
    EXPECT_TRUE(result.ok()) << text;
    if (result) root = *result;
  }
  [[nodiscard]] Value operator[](std::string_view key) const { return root.find(key); }
  [[nodiscard]] std::int64_t code() const { return root.find("code").integer().value_or(-999); }
  std::unique_ptr<venue::PaddedBuffer> buffer;
  std::unique_ptr<venue::json::Document> document;
  Value root;
};

struct Reply {
  int status;
  std::string body;
  bool cut;
};

class Harness : public testing::Test {
 protected:
  static constexpr Time kStart = from_unix_ms(1'790'000'000'500);

  [[nodiscard]] static VenueOptions quiet() {
    VenueOptions options;
    options.flow = false;
    options.accounts[0].api_key = "token";
    options.accounts[0].api_secret = "secretKey";
    AccountOptions other;
    other.api_key = "other";
    other.api_secret = "otherSecret";
    options.accounts.push_back(other);
    return options;
  }
  void restart(VenueOptions options) {
    venue_ = std::make_unique<CryptoComVenue>(std::move(options), now_);
    connections_ = 0;
  }
  void SetUp() override { restart(quiet()); }

  /// Runs the venue through virtual time, event by event.
  void pass(Duration duration) {
    const Time until = now_ + duration;
    while (venue_->next_wakeup() <= until) {
      now_ = std::max(now_, venue_->next_wakeup());
      venue_->on_time(now_);
      drain();
    }
    now_ = until;
    venue_->on_time(now_);
    drain();
  }
  void drain() {
    for (const venue::ServerAction& action : venue_->actions()) {
      if (const auto* text = std::get_if<venue::SendText>(&action)) frames_.push_back({text->connection, text->text});
      if (const auto* closed = std::get_if<venue::CloseConnection>(&action)) closes_.push_back(*closed);
      if (std::holds_alternative<venue::SendPing>(action)) ++pings_;
    }
    venue_->actions().clear();
  }

  /// `params` is a JSON object, or empty for none.
  [[nodiscard]] std::string signed_request(std::string_view method, std::string_view params,
                                           std::string_view secret = "secretKey", std::string_view key = "token") {
    const std::string nonce = std::to_string(to_unix_ms(now_));
    std::string body = R"({"id":7,"method":")" + std::string(method) + R"(","api_key":")" + std::string(key) + "\"";
    if (!params.empty()) body += ",\"params\":" + std::string(params);
    body += ",\"nonce\":" + nonce;
    const Parsed unsigned_body(body + "}");
    venue::HmacSha256 hmac;
    const auto digest = hmac.sign(Secret(std::string(secret)), signature_payload(unsigned_body.root));
    return body + R"(,"sig":")" + venue::to_hex(*digest) + "\"}";
  }
  Reply request(venue::HttpMethod method, std::string target, std::string body = {}) {
    venue::ServerRequest request;
    request.method = method;
    request.target = "/exchange/v1/" + std::move(target);
    request.body = std::move(body);
    const venue::ServerReply reply = venue_->on_request(request, now_);
    drain();
    return {reply.http_status, reply.body, reply.cut_connection};
  }
  Reply get(std::string target) { return request(venue::HttpMethod::get, std::move(target)); }
  Reply post(std::string_view method, std::string_view params) {
    return request(venue::HttpMethod::post, std::string(method), signed_request(method, params));
  }
  /// Creates an order of the test account and returns its id; lets it reach the book.
  std::string create(std::string_view params) {
    const Reply reply = post("private/create-order", params);
    EXPECT_EQ(reply.status, 200) << reply.body;
    pass(10ms);
    return std::string(Parsed(reply.body)["result"].find("order_id").string());
  }
  /// An order of the other account, past the wire.
  void other(Side side, Decimal price, Decimal quantity) {
    OrderRequest order;
    order.account = venue_->account(1);
    order.instrument = 0;
    order.side = side;
    order.price = price;
    order.quantity = quantity;
    EXPECT_EQ(venue_->place(order, now_).refusal, Refusal::none);
    drain();
  }

  venue::ConnectionId connect(std::string_view path) {
    const venue::ConnectionId id = ++connections_;
    EXPECT_TRUE(venue_->on_connect(id, "/exchange/v1/" + std::string(path), now_));
    pass(1s);
    return id;
  }
  void send(venue::ConnectionId id, std::string_view text) {
    const venue::PaddedBuffer buffer(text);
    venue_->on_text(id, buffer.bytes(), now_);
    drain();
  }
  venue::ConnectionId logged_in() {
    const venue::ConnectionId id = connect("user");
    send(id, signed_request("public/auth", ""));
    EXPECT_EQ(Parsed(take().back()).code(), 0);
    return id;
  }
  /// The texts that came since the last call, heartbeats aside.
  std::vector<std::string> take() {
    std::vector<std::string> texts;
    for (auto& [connection, text] : frames_) {
      if (text.find("public/heartbeat") == std::string::npos) texts.push_back(std::move(text));
    }
    frames_.clear();
    return texts;
  }
  /// Those of one channel.
  std::vector<std::string> take(std::string_view channel) {
    std::vector<std::string> texts;
    for (std::string& text : take()) {
      if (Parsed(text)["result"].find("channel").string() == channel) texts.push_back(std::move(text));
    }
    return texts;
  }

  Time now_ = kStart;
  std::unique_ptr<CryptoComVenue> venue_;
  venue::ConnectionId connections_ = 0;
  std::vector<std::pair<venue::ConnectionId, std::string>> frames_;
  std::vector<venue::CloseConnection> closes_;
  int pings_ = 0;
};

}  // namespace calypte::sim::crypto_com
