// Addresses: what is accepted, and where the environment draws the line.
#include "transport/url.hpp"

#include <cstdio>

#include "unit/transport/support.hpp"

namespace calypte::transport::testing {

namespace {

Status client_status(Environment environment, const std::string& rest, const std::string& stream = {},
                     const std::string& ca_file = {}) {
  Loop loop;
  Recorder events;
  return Client::create(loop,
                        {.environment = environment,
                         .rest_url = rest,
                         .market_stream_url = stream,
                         .user_stream_url = {},
                         .ca_file = ca_file},
                        events)
      .status();
}

TEST(Url, takes_its_parts_apart) {
  const auto url = parse_url("https://API.Example.com/v1/x?y=z", "https");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "api.example.com");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->path, "/v1/x?y=z");
  EXPECT_EQ(url->host_header(), "api.example.com");
  EXPECT_EQ(url->place(), "api.example.com:443");
  const auto v6 = parse_url("WSS://[::1]:8443", "wss");
  ASSERT_TRUE(v6.ok());
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 8443);
  EXPECT_EQ(v6->path, "");
  EXPECT_EQ(v6->host_header(), "[::1]:8443");
}

TEST(Url, plain_schemes_have_their_own_port_and_only_loopback_hosts) {
  const auto url = parse_url("HTTP://localhost/v3/key", "http");
  ASSERT_TRUE(url.ok());
  EXPECT_TRUE(url->is_plain);
  EXPECT_EQ(url->port, 80);
  EXPECT_EQ(url->host_header(), "localhost");
  EXPECT_EQ(url->path, "/v3/key");
  EXPECT_EQ(parse_url("ws://127.0.0.1:443", "ws")->host_header(), "127.0.0.1:443");
  EXPECT_EQ(parse_url("ws://[::1]:8545", "ws")->host_header(), "[::1]:8545");
  EXPECT_EQ(parse_url("https://localhost:80", "https")->host_header(), "localhost:80");
  EXPECT_FALSE(parse_url("https://localhost", "https")->is_plain);
  EXPECT_FALSE(parse_url("https://localhost", "http").ok());
  EXPECT_FALSE(parse_url("http://a.example", "http").ok());
}

TEST(Url, a_target_goes_behind_the_path_and_nowhere_else) {
  const auto url = parse_url("wss://a.example/ws", "wss");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(append_target(*url, "/key")->path, "/ws/key");
  EXPECT_EQ(append_target(*url, "?listenKey=key")->path, "/ws?listenKey=key");
  EXPECT_EQ(append_target(*url, "")->path, "/ws");
  EXPECT_EQ(append_target(*url, "/key")->host, "a.example");
  const auto bare = parse_url("wss://a.example", "wss");
  EXPECT_EQ(append_target(*bare, "/key")->path, "/key");
  EXPECT_FALSE(append_target(*bare, "key.example").ok());
  for (const char* const bad : {"/a b", "/a\r\nHost: x", "/a#b", "/\x7f"})
    EXPECT_FALSE(append_target(*url, bad).ok()) << bad;
}

TEST(Url, refuses_what_is_not_plain) {
  for (const char* const bad : {"",
                                "https:/",
                                "https://",
                                "https:///x",
                                "http://a",
                                "wss://a",
                                "ftp://a",
                                "https://a:0",
                                "https://a:65536",
                                "https://a:",
                                "https://a:1x",
                                "https://user@a",
                                "https://user:pw@a",
                                "https://a#f",
                                "https://a/b#f",
                                "https://a?x",
                                "https://a b",
                                "https://a/b c",
                                "https://a/\r\nX: y",
                                "https://[::1",
                                "https://[::1]x",
                                "https://[zz]",
                                "https://[fe80::1%251]",
                                "https://a_b",
                                "https://a%20b",
                                " https://a",
                                "https://a\\b"}) {
    const auto url = parse_url(bad, "https");
    EXPECT_FALSE(url.ok()) << bad;
    EXPECT_EQ(url.status().code(), StatusCode::denied);
  }
}

TEST(Url, only_tls_is_spoken) {
  EXPECT_EQ(client_status(Environment::local, "http://localhost:1").code(), StatusCode::denied);
  EXPECT_EQ(client_status(Environment::local, {}, "ws://localhost:1/x").code(), StatusCode::denied);
  EXPECT_EQ(client_status(Environment::local, "wss://localhost:1").code(), StatusCode::denied);
  EXPECT_EQ(client_status(Environment::local, {}, "https://localhost:1/x").code(), StatusCode::denied);
  EXPECT_TRUE(client_status(Environment::local, "https://localhost:1", "wss://localhost:1/x").ok());
}

TEST(Url, local_stays_on_this_machine) {
  for (const char* const here :
       {"https://localhost:1", "https://LOCALHOST", "https://127.0.0.1", "https://127.9.8.7:5", "https://[::1]:5"}) {
    EXPECT_TRUE(client_status(Environment::local, here).ok()) << here;
  }
  for (const char* const elsewhere :
       {"https://api.example.com", "https://10.0.0.1", "https://0.0.0.0", "https://[::]", "https://128.0.0.1",
        "https://localhost.example.com", "https://127.0.0.1.example.com", "https://[::ffff:10.0.0.1]",
        "https://a.localhost", "https://127.1"}) {
    EXPECT_EQ(client_status(Environment::local, elsewhere).code(), StatusCode::denied) << elsewhere;
    std::string stream = elsewhere;
    stream.replace(0, 5, "wss");
    EXPECT_EQ(client_status(Environment::local, {}, stream).code(), StatusCode::denied) << stream;
  }
}

TEST(Url, live_and_testnet_never_stay_on_this_machine) {
  for (const auto environment : {Environment::live, Environment::testnet}) {
    EXPECT_TRUE(client_status(environment, "https://api.example.com", "wss://stream.example.com/x").ok());
    for (const char* const here : {"https://localhost:1", "https://localhost.", "https://x.localhost",
                                   "https://127.0.0.1", "https://127.9.8.7", "https://127.1", "https://2130706433",
                                   "https://[::1]", "https://[::ffff:127.0.0.1]", "https://0.0.0.0", "https://[::]"}) {
      EXPECT_EQ(client_status(environment, here).code(), StatusCode::denied) << here;
    }
  }
}

TEST(Url, a_refusal_repeats_no_part_that_may_be_secret) {
  for (const char* const text : {"https://user:secret@host/", "https://host/secret value", "wss://host/secret#"}) {
    EXPECT_EQ(client_status(Environment::live, text).message().find("secret"), std::string::npos) << text;
  }
}

TEST(Url, base_path_has_no_query) {
  EXPECT_EQ(client_status(Environment::live, "https://api.example.com/x?y=1").code(), StatusCode::denied);
}

TEST(Url, authority_file_must_be_one) {
  EXPECT_EQ(client_status(Environment::local, "https://localhost", {}, temporary_path("missing.pem")).code(),
            StatusCode::denied);
  const std::string path = temporary_path("garbage.pem");
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  std::fputs("no certificate", file);
  std::fclose(file);
  EXPECT_EQ(client_status(Environment::local, "https://localhost", {}, path).code(), StatusCode::denied);
  std::remove(path.c_str());
}

}  // namespace

}  // namespace calypte::transport::testing
