// What the tests of the transport share: a venue's wire, the client's events, a loop that runs until something is so.
#pragma once

#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "transport/client.hpp"
#include "transport/loop.hpp"
#include "transport/server.hpp"
#include "venue/server_wire.hpp"

namespace calypte::transport::testing {

using venue::ConnectionId;
using venue::RequestOutcome;
using venue::StreamId;
using venue::StreamKind;
using Outcome = RequestOutcome::Kind;

inline constexpr StreamId kMarket{StreamKind::market, 0};
inline constexpr StreamId kUser{StreamKind::user, 0};

/// Remembers what it was asked; answers with the request's body, or its target if there is none, and echoes texts.
class WireDouble : public venue::WireServer {
 public:
  venue::ServerReply on_request(const venue::ServerRequest& request, Time) override {
    requests.push_back(request);
    if (answer) return answer(request);
    return {.http_status = 200, .headers = {}, .body = request.body.empty() ? request.target : request.body};
  }
  bool on_connect(ConnectionId id, const std::string& target, Time) override {
    connected.emplace_back(id, target);
    return !accept || accept(id);
  }
  void on_text(ConnectionId id, venue::Bytes text, Time) override {
    texts.emplace_back(text.view());
    for (std::size_t i = 0; i < venue::kPadding; ++i) EXPECT_EQ(text.data()[text.size() + i], '\0');
    if (echo) out.push_back(venue::SendText{id, std::string(text.view())});
  }
  void on_disconnect(ConnectionId id, Time) override { disconnected.push_back(id); }
  void on_time(Time now) override {
    times.push_back(now);
    wakeup = kNever;
  }
  [[nodiscard]] Time next_wakeup() const override { return wakeup; }
  [[nodiscard]] std::vector<venue::ServerAction>& actions() override { return out; }

  std::function<venue::ServerReply(const venue::ServerRequest&)> answer;
  std::function<bool(ConnectionId)> accept;
  bool echo = true;
  std::vector<venue::ServerRequest> requests;
  std::vector<std::pair<ConnectionId, std::string>> connected;
  std::vector<ConnectionId> disconnected;
  std::vector<std::string> texts;
  std::vector<Time> times;
  Time wakeup = kNever;
  std::vector<venue::ServerAction> out;
};

/// Remembers everything, checks the padding, and calls a hook after each event.
class Recorder : public ClientEvents {
 public:
  struct Ended {
    Outcome kind = Outcome::replied;
    int status = 0;
    std::string body;
    std::string error;
    std::map<std::string, std::string> headers;
  };
  void on_stream_up(StreamId id, Time) override {
    ups.push_back(id);
    if (then) then();
  }
  void on_stream_down(StreamId id, const std::string& reason, Time) override {
    downs.emplace_back(id, reason);
    if (then) then();
  }
  void on_frame(StreamId id, venue::Bytes frame, Time received) override {
    for (std::size_t i = 0; i < venue::kPadding; ++i) EXPECT_EQ(frame.data()[frame.size() + i], '\0');
    EXPECT_GE(received, last_received);
    last_received = received;
    frames.emplace_back(id, frame.view());
    if (then) then();
  }
  void on_stream_alive(StreamId, Time) override {
    ++alive;
    if (then) then();
  }
  void on_outcome(venue::RequestId id, const RequestOutcome& outcome, Time) override {
    EXPECT_FALSE(outcomes.contains(id)) << "a second outcome for request " << id;
    Ended& ended = outcomes[id];
    ended = {outcome.kind, outcome.reply.http_status, std::string(outcome.reply.body.view()), outcome.error, {}};
    for (const auto& header : outcome.reply.headers) ended.headers[header.name] = header.value;
    for (std::size_t i = 0; i < venue::kPadding; ++i) {
      if (outcome.kind == Outcome::replied) {
        EXPECT_EQ(outcome.reply.body.data()[ended.body.size() + i], '\0');
      }
    }
    if (then) then();
  }

  std::vector<StreamId> ups;
  std::vector<std::pair<StreamId, std::string>> downs;
  std::vector<std::pair<StreamId, std::string>> frames;
  std::map<venue::RequestId, Ended> outcomes;
  int alive = 0;
  Time last_received{};
  std::function<void()> then;
};

/// Certificates for localhost, made once a run.
const TestCertificates& good_certificates();
/// A path below the tests' temporary folder that no other run uses.
std::string temporary_path(const std::string& name);

class Loopback : public ::testing::Test {
 public:
  /// Runs the loop until `is_so`, at most for `limit`; false if that never came. The limits are wide,
  /// for slow machines and sanitizers: only a failure waits for them.
  bool run_until(const std::function<bool()>& is_so, Duration limit = std::chrono::seconds{20});
  /// Runs the loop for a while in which nothing is expected.
  void run_quietly(Duration duration = std::chrono::milliseconds{50});

  void start_server(const TestCertificates& certificates = good_certificates(), ServerOptions options = {});
  /// A client for a server on this port of localhost; certificates are verified against `ca_file`.
  void start_client(std::uint16_t port, ClientOptions options = {},
                    const std::string& ca_file = good_certificates().ca_file, const std::string& host = "localhost");
  void start_both(ClientOptions options = {}) {
    start_server();
    start_client(server->port(), options);
  }
  /// Sends GET `target` and runs until its outcome, which it returns.
  Recorder::Ended get(const std::string& target, Duration limit = std::chrono::seconds{20});
  /// Opens the stream and runs until it is up or down; true if it is up.
  bool open(StreamId id = kMarket);

  Loop loop;
  WireDouble wire;
  Recorder events;
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;
  venue::RequestId next_request = 1;
};

}  // namespace calypte::transport::testing
