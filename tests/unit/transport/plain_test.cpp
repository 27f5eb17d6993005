// The user's own node: without TLS on this machine and nowhere else, with TLS anywhere.
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "transport/loop_impl.hpp"
#include "transport/server_session.hpp"
#include "transport/socket.hpp"
#include "unit/transport/raw_tls_server.hpp"
#include "unit/transport/support.hpp"

namespace calypte::transport::testing {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tcp = boost::asio::ip::tcp;

constexpr std::array kEnvironments = {Environment::live, Environment::testnet, Environment::local};

/// The server's sessions on bare TCP: answers with the request's body, or its target if there is none, and echoes
/// texts.
class PlainServer final : private SessionOwner {
 public:
  explicit PlainServer(Loop& loop)
      : loop_(loop), acceptor_(loop.impl().context, {boost::asio::ip::address_v4::loopback(), 0}) {
    accept();
  }
  ~PlainServer() override {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (auto& [id, session] : sessions_) session->drop();
  }
  PlainServer(const PlainServer&) = delete;
  PlainServer& operator=(const PlainServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] ServerSession& latest() { return *sessions_.rbegin()->second; }

  std::vector<venue::ServerRequest> requests;
  std::vector<std::string> upgrades;
  bool accepts_upgrades = true;

 private:
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      ++last_;
      sessions_.emplace(last_, ServerSession::start(loop_, Socket(std::move(socket)), last_, 1U << 20U, *this));
      accept();
    });
  }
  venue::ServerReply on_request(const venue::ServerRequest& request) override {
    requests.push_back(request);
    return {.http_status = 200, .headers = {}, .body = request.body.empty() ? request.target : request.body};
  }
  bool on_upgrade(ConnectionId, const std::string& target) override {
    upgrades.push_back(target);
    return accepts_upgrades;
  }
  void on_text(ConnectionId id, venue::Bytes text) override { sessions_.at(id)->send(std::string(text.view())); }
  void on_end(ConnectionId id, bool) override { sessions_.erase(id); }

  Loop& loop_;
  tcp::acceptor acceptor_;
  std::map<ConnectionId, std::shared_ptr<ServerSession>> sessions_;
  ConnectionId last_ = 0;
};

class Lines final : public LogSink {
 public:
  [[nodiscard]] bool enabled(LogLevel) const noexcept override { return true; }
  void log(LogLevel, std::string_view, std::string_view message) override { text.append(message).append("\n"); }
  std::string text;
};

Status node_status(Environment environment, const std::string& rest, const std::string& stream, bool own_node = true) {
  Loop loop;
  Recorder events;
  return Client::create(loop,
                        {.environment = environment,
                         .rest_url = rest,
                         .market_stream_url = stream,
                         .user_stream_url = {},
                         .ca_file = {},
                         .own_node = own_node},
                        events)
      .status();
}

class Plain : public Loopback {
 public:
  void start_node_client(const std::string& rest, const std::string& market, const std::string& user = {},
                         ClientOptions options = {}) {
    auto created = Client::create(loop,
                                  {.environment = Environment::live,
                                   .rest_url = rest,
                                   .market_stream_url = market,
                                   .user_stream_url = user,
                                   .ca_file = good_certificates().ca_file,
                                   .own_node = true},
                                  events, options, lines);
    ASSERT_TRUE(created.ok()) << created.status().to_string();
    client = std::move(created).value();
  }
  static std::string at(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }
  void start_node(ClientOptions options = {}) {
    start_node_client("http://" + at(node.port()), "ws://" + at(node.port()), {}, options);
  }
  void start_raw(RawScript script, ClientOptions options = {}) {
    script.plain = true;
    raw = std::make_unique<RawTlsServer>(loop, good_certificates(), std::move(script));
    start_node_client("http://" + at(raw->port()), "ws://" + at(raw->port()), {}, options);
  }
  bool is_down_with(const std::string& words) {
    if (!run_until([&] { return !events.downs.empty(); })) return false;
    EXPECT_NE(events.downs[0].second.find(words), std::string::npos) << events.downs[0].second;
    run_quietly();
    return events.downs.size() == 1;
  }

  PlainServer node{loop};
  std::unique_ptr<RawTlsServer> raw;
  Lines lines;
};

TEST_F(Plain, a_call_is_posted_to_the_root_and_answered) {
  start_node();
  const std::string call = R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]})";
  client->send_request(1,
                       {.method = venue::HttpMethod::post,
                        .target = "",
                        .headers = {{"Content-Type", "application/json"}},
                        .body = call},
                       seconds{20});
  ASSERT_TRUE(run_until([&] { return events.outcomes.contains(1); }));
  EXPECT_EQ(events.outcomes[1].kind, Outcome::replied) << events.outcomes[1].error;
  EXPECT_EQ(events.outcomes[1].status, 200);
  EXPECT_EQ(events.outcomes[1].body, call);
  ASSERT_EQ(node.requests.size(), 1U);
  EXPECT_EQ(node.requests[0].method, venue::HttpMethod::post);
  EXPECT_EQ(node.requests[0].target, "/");
  std::map<std::string, std::string> headers;
  for (const auto& header : node.requests[0].headers) headers[header.name] = header.value;
  EXPECT_EQ(headers.at("Host"), at(node.port()));
  EXPECT_EQ(headers.at("Content-Type"), "application/json");
}

TEST_F(Plain, a_connection_is_kept_and_replaced_once_the_node_closed_it) {
  start_raw({.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get("/").body, "ok");
  EXPECT_EQ(raw->connections(), 1);
  raw->cut_all();
  EXPECT_EQ(get("/").kind, Outcome::replied);
  EXPECT_EQ(raw->connections(), 2);
}

TEST_F(Plain, a_big_reply_arrives_whole) {
  const std::string body(5'000'000, 'x');
  start_raw({.answer = "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + body});
  EXPECT_EQ(get("/").body, body);
}

TEST_F(Plain, a_reply_that_is_cut_is_unknown) {
  for (const char* const answer :
       {"HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "HTTP/1.1 200 OK\r\n\r\nto the end"}) {
    start_raw({.answers = 1, .answer = answer});
    const auto ended = get("/");
    EXPECT_EQ(ended.kind, Outcome::unknown) << answer;
    EXPECT_NE(ended.error.find("read: "), std::string::npos) << ended.error;
    EXPECT_EQ(raw->connections(), 1) << "nothing is sent a second time";
  }
  start_raw({.answers = 0});
  EXPECT_EQ(get("/").kind, Outcome::unknown);
  EXPECT_NE(raw->received().find("GET / HTTP/1.1\r\n"), std::string::npos);
}

TEST_F(Plain, a_node_that_is_not_there_is_not_sent_and_down) {
  const auto nobody = at(closed_port());
  start_node_client("http://" + nobody, "ws://" + nobody);
  const auto ended = get("/");
  EXPECT_EQ(ended.kind, Outcome::not_sent);
  EXPECT_NE(ended.error.find(nobody + ": connect: "), std::string::npos) << ended.error;
  EXPECT_FALSE(open());
  EXPECT_TRUE(is_down_with(nobody + ": connect: "));
}

TEST_F(Plain, frames_pass_both_ways) {
  start_node();
  client->open_stream(kMarket);
  client->send_frame(kMarket, "early");
  const std::string big(900'000, 'b');
  for (const auto& text : {big, std::string(), std::string("after")}) client->send_frame(kMarket, text);
  ASSERT_TRUE(run_until([&] { return events.frames.size() == 4; }));
  EXPECT_EQ(node.upgrades, std::vector<std::string>{"/"});
  EXPECT_EQ(events.frames[0].second, "early");
  EXPECT_EQ(events.frames[1].second, big);
  EXPECT_EQ(events.frames[2].second, "");
  EXPECT_EQ(events.frames[3].second, "after");
  client->send_ping(kMarket);
  EXPECT_TRUE(run_until([&] { return events.alive == 1; }));
  node.latest().close(1012);
  EXPECT_TRUE(is_down_with(at(node.port()) + ": read: closed by server with code 1012"));
}

TEST_F(Plain, frames_of_a_closed_stream_leave_first) {
  start_node();
  ASSERT_TRUE(open());
  client->send_frame(kMarket, "last");
  client->close_stream(kMarket);
  run_quietly();
  EXPECT_TRUE(events.frames.empty());
  EXPECT_TRUE(events.downs.empty());
  ASSERT_TRUE(open());
  client->send_frame(kMarket, "anew");
  ASSERT_TRUE(run_until([&] { return events.frames.size() == 1; }));
  EXPECT_EQ(events.frames[0].second, "anew");
}

TEST_F(Plain, a_stream_that_is_cut_or_refused_is_told) {
  start_raw({.answers = 1, .web_socket = true, .close_at_end = false});
  ASSERT_TRUE(open());
  raw->cut_all();
  EXPECT_TRUE(is_down_with("read: "));
  events.downs.clear();
  node.accepts_upgrades = false;
  start_node();
  EXPECT_FALSE(open());
  EXPECT_TRUE(is_down_with("handshake: HTTP status 404"));
}

TEST_F(Plain, connect_limit_counts_for_the_handshake) {
  start_raw({.handshake = false}, {.connect_limit = milliseconds{60}});
  EXPECT_FALSE(open());
  EXPECT_TRUE(is_down_with("handshake: no answer within the limit"));
}

TEST_F(Plain, one_client_mixes_plain_and_tls) {
  start_server();
  const std::string secure = "localhost:" + std::to_string(server->port());
  start_node_client("https://" + secure + "/v3/key", "ws://localhost:" + std::to_string(node.port()) + "/m",
                    "wss://" + secure + "/u");
  EXPECT_EQ(get("").body, "/v3/key");
  EXPECT_TRUE(open(kMarket));
  EXPECT_TRUE(open(kUser));
  EXPECT_EQ(node.upgrades, std::vector<std::string>{"/m"});
  ASSERT_EQ(wire.connected.size(), 1U);
  EXPECT_EQ(wire.connected[0].second, "/u");
  start_node_client("http://" + at(node.port()), "wss://" + secure + "/m");
  EXPECT_EQ(get("/x").body, "/x");
  EXPECT_EQ(node.requests.size(), 1U);
  EXPECT_TRUE(open(kMarket));
  EXPECT_EQ(wire.connected.at(1).second, "/m");
}

// Neither does a URL with TLS fall back to a connection without it, nor is anything understood the other way round.
TEST_F(Plain, a_tls_address_of_a_plain_node_gets_nothing) {
  raw = std::make_unique<RawTlsServer>(loop, good_certificates(), RawScript{.plain = true, .close_at_end = false});
  start_node_client("https://" + at(raw->port()), "wss://" + at(raw->port()), {}, {.connect_limit = milliseconds{300}});
  const auto ended = get("/secret");
  EXPECT_EQ(ended.kind, Outcome::not_sent);
  EXPECT_NE(ended.error.find("tls: "), std::string::npos) << ended.error;
  EXPECT_FALSE(open());
  EXPECT_TRUE(is_down_with("tls: "));
  raw->cut_all();
  run_quietly();
  EXPECT_EQ(raw->received().find("HTTP"), std::string::npos);

  start_server();
  start_node_client("http://" + at(server->port()), "ws://" + at(server->port()));
  EXPECT_EQ(get("/x").kind, Outcome::unknown);
  EXPECT_FALSE(open());
  EXPECT_TRUE(wire.requests.empty());
  EXPECT_TRUE(wire.connected.empty());
}

TEST_F(Plain, an_own_node_is_verified_like_a_venue) {
  const auto other = TestCertificates::create(temporary_path("node_ca.pem"));
  ASSERT_TRUE(other.ok());
  std::remove(other->ca_file.c_str());
  start_server(*other);
  const std::string secure = "localhost:" + std::to_string(server->port());
  start_node_client("https://" + secure, "wss://" + secure);
  const auto ended = get("/secret");
  EXPECT_EQ(ended.kind, Outcome::not_sent);
  EXPECT_NE(ended.error.find("certificate verify failed"), std::string::npos) << ended.error;
  EXPECT_FALSE(open());
  EXPECT_TRUE(is_down_with("certificate verify failed"));
  EXPECT_TRUE(wire.requests.empty());
  EXPECT_TRUE(wire.connected.empty());
}

TEST_F(Plain, a_key_in_the_path_is_told_to_the_node_alone) {
  std::string told;
  const auto use = [&](const std::string& rest_place, const std::string& stream_place) {
    events.downs.clear();
    start_node_client(rest_place + "/v3/k3y", stream_place + "/ws/v3/k3y");
    const auto ended = get("");
    told += ended.error + "\n";
    if (!open()) told += events.downs.at(0).second + "\n";
    client->shut_down();
    run_quietly(milliseconds{10});
    return ended;
  };
  EXPECT_EQ(use("http://" + at(node.port()), "ws://" + at(node.port())).body, "/v3/k3y");
  EXPECT_EQ(node.upgrades, std::vector<std::string>{"/ws/v3/k3y"});
  node.accepts_upgrades = false;
  use("http://" + at(node.port()), "ws://" + at(node.port()));
  use("https://" + at(node.port()), "wss://" + at(node.port()));
  use("http://" + at(closed_port()), "ws://" + at(closed_port()));
  RawTlsServer cutting(loop, good_certificates(), {.plain = true, .answers = 0});
  use("http://" + at(cutting.port()), "ws://" + at(cutting.port()));
  EXPECT_NE(cutting.received().find("k3y"), std::string::npos);
  EXPECT_NE(told.find("handshake: HTTP status 404"), std::string::npos) << told;
  EXPECT_NE(lines.text.find(at(node.port())), std::string::npos) << lines.text;
  EXPECT_EQ(told.find("k3y"), std::string::npos) << told;
  EXPECT_EQ(lines.text.find("k3y"), std::string::npos) << lines.text;
  for (const char* const refused : {"http://node.example/k3y", "http://localhost/k3y#", "http://user:k3y@localhost/",
                                    "http://localhost/x?k3y", "ftp://localhost/k3y"}) {
    const auto status = node_status(Environment::live, refused, {});
    EXPECT_EQ(status.code(), StatusCode::denied) << refused;
    EXPECT_EQ(status.message().find("k3y"), std::string::npos) << status.message();
  }
}

TEST(PlainUrls, are_taken_for_this_machine) {
  for (const auto environment : kEnvironments) {
    for (const char* const host : {"localhost", "LOCALHOST:8545", "127.0.0.1:8545", "127.9.8.7", "[::1]:8545",
                                   "[0:0:0:0:0:0:0:1]", "127.0.0.1:8545/v3/key"}) {
      const auto status = node_status(environment, std::string("http://") + host, std::string("Ws://") + host);
      EXPECT_TRUE(status.ok()) << host << ": " << status.to_string();
    }
  }
}

TEST(PlainUrls, are_refused_for_every_other_host) {
  for (const auto environment : kEnvironments) {
    for (const char* const host : {"example.com",
                                   "HTTP.example.com:8545",
                                   "127.0.0.1.example.com",
                                   "localhost.example.com",
                                   "a.localhost",
                                   "localhost.",
                                   "[::ffff:8.8.8.8]",
                                   "[::ffff:127.0.0.1]",
                                   "[::]",
                                   "[fe80::1]",
                                   "[::2]",
                                   "0.0.0.0",
                                   "0",
                                   "10.0.0.1",
                                   "192.168.1.2:8545",
                                   "128.0.0.1",
                                   "127.1",
                                   "2130706433",
                                   "0x7f000001",
                                   "0177.0.0.1",
                                   "127.0.0.1.",
                                   "host.docker.internal"}) {
      for (const auto& [rest, stream, instead] :
           {std::array<std::string, 3>{std::string("http://") + host, "", "https://"},
            std::array<std::string, 3>{"", std::string("ws://") + host, "wss://"}}) {
        const auto status = node_status(environment, rest, stream);
        EXPECT_EQ(status.code(), StatusCode::denied) << rest << stream;
        EXPECT_NE(status.message().find("elsewhere it must be " + instead), std::string::npos) << status.message();
      }
    }
  }
}

TEST(PlainUrls, are_only_for_an_own_node) {
  for (const auto environment : kEnvironments) {
    EXPECT_EQ(node_status(environment, "http://127.0.0.1:1", {}, false).code(), StatusCode::denied);
    EXPECT_EQ(node_status(environment, {}, "ws://127.0.0.1:1", false).code(), StatusCode::denied);
  }
}

TEST(PlainUrls, go_where_their_scheme_belongs) {
  for (const auto& [rest, stream] : {std::pair{"ws://localhost:1", ""},
                                     {"", "http://localhost:1"},
                                     {"wss://localhost:1", ""},
                                     {"", "https://localhost:1"},
                                     {"ftps://localhost", ""},
                                     {"", "ft://localhost"},
                                     {"http:/localhost", ""},
                                     {"127.0.0.1:8545", ""}}) {
    EXPECT_EQ(node_status(Environment::local, rest, stream).code(), StatusCode::denied) << rest << stream;
  }
}

TEST(OwnNode, may_be_anywhere_with_tls) {
  for (const auto environment : kEnvironments) {
    for (const char* const host : {"node.example/v3/key", "10.0.0.1:8545", "localhost:8545", "127.0.0.1", "[::1]"}) {
      const auto status = node_status(environment, std::string("https://") + host, std::string("wss://") + host);
      EXPECT_TRUE(status.ok()) << host << ": " << status.to_string();
    }
  }
}

}  // namespace

}  // namespace calypte::transport::testing
