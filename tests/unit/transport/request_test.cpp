// Requests: every way in which one can end, and what is known about it then.
#include <string>

#include "unit/transport/raw_tls_server.hpp"
#include "unit/transport/support.hpp"

namespace calypte::transport::testing {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kOkReply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class Requests : public Loopback {
 public:
  void start_raw(RawScript script, ClientOptions options = {}) {
    raw = std::make_unique<RawTlsServer>(loop, good_certificates(), std::move(script));
    start_client(raw->port(), options);
  }
  std::unique_ptr<RawTlsServer> raw;
};

TEST_F(Requests, carries_method_target_headers_and_body_both_ways) {
  start_both();
  wire.answer = [](const venue::ServerRequest& request) {
    return venue::ServerReply{.http_status = 418, .headers = {{"X-Limit", "7"}}, .body = "<" + request.body + ">"};
  };
  client->send_request(1,
                       {.method = venue::HttpMethod::post,
                        .target = "/order?a=b%20c",
                        .headers = {{"X-Key", "k 1"}, {"Content-Type", "application/json"}},
                        .body = "{\"q\":1}"},
                       seconds{20});
  ASSERT_TRUE(run_until([&] { return events.outcomes.contains(1); }));
  const auto& ended = events.outcomes[1];
  EXPECT_EQ(ended.kind, Outcome::replied);
  EXPECT_EQ(ended.status, 418);
  EXPECT_EQ(ended.body, "<{\"q\":1}>");
  EXPECT_EQ(ended.headers.at("X-Limit"), "7");
  EXPECT_EQ(ended.headers.at("Content-Type"), "application/json");
  EXPECT_TRUE(ended.headers.at("Date").ends_with(" GMT"));
  ASSERT_EQ(wire.requests.size(), 1U);
  EXPECT_EQ(wire.requests[0].method, venue::HttpMethod::post);
  EXPECT_EQ(wire.requests[0].target, "/base/order?a=b%20c");
  EXPECT_EQ(wire.requests[0].body, "{\"q\":1}");
  std::map<std::string, std::string> headers;
  for (const auto& header : wire.requests[0].headers) headers[header.name] = header.value;
  EXPECT_EQ(headers.at("X-Key"), "k 1");
  EXPECT_EQ(headers.at("Host"), "localhost:" + std::to_string(server->port()));
}

TEST_F(Requests, every_method_arrives_as_itself) {
  start_both();
  using venue::HttpMethod;
  for (const auto method : {HttpMethod::get, HttpMethod::post, HttpMethod::put, HttpMethod::del}) {
    const auto id = next_request++;
    client->send_request(id, {.method = method, .target = "/m", .headers = {}, .body = {}}, seconds{20});
    ASSERT_TRUE(run_until([&] { return events.outcomes.contains(id); }));
    EXPECT_EQ(events.outcomes[id].kind, Outcome::replied) << events.outcomes[id].error;
    EXPECT_EQ(wire.requests.back().method, method);
  }
}

TEST_F(Requests, a_connection_is_kept_and_used_again) {
  start_raw({.answer = kOkReply});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(get("/x").body, "ok");
  EXPECT_EQ(raw->connections(), 1);
}

TEST_F(Requests, many_in_flight_each_get_their_own_reply) {
  start_both({.max_http_connections = 4});
  for (venue::RequestId id = 1; id <= 200; ++id) {
    client->send_request(
        id, {.method = venue::HttpMethod::post, .target = "/x", .headers = {}, .body = "body " + std::to_string(id)},
        seconds{20});
  }
  EXPECT_TRUE(events.outcomes.empty());
  ASSERT_TRUE(run_until([&] { return events.outcomes.size() == 200; }));
  for (const auto& [id, ended] : events.outcomes) EXPECT_EQ(ended.body, "body " + std::to_string(id)) << ended.error;
}

TEST_F(Requests, never_more_connections_than_allowed) {
  start_raw({.answer = kOkReply}, {.max_http_connections = 3});
  for (venue::RequestId id = 1; id <= 30; ++id) {
    client->send_request(id, {.method = venue::HttpMethod::get, .target = "/x", .headers = {}, .body = {}},
                         seconds{20});
  }
  ASSERT_TRUE(run_until([&] { return events.outcomes.size() == 30; }));
  EXPECT_EQ(raw->connections(), 3);
}

TEST_F(Requests, a_big_reply_arrives_whole_and_one_over_the_limit_is_unknown) {
  start_both({.max_reply_bytes = 1'000'000});
  wire.answer = [](const venue::ServerRequest& request) {
    return venue::ServerReply{.http_status = 200,
                              .headers = {},
                              .body = std::string(request.target == "/base/fits" ? 1'000'000 : 1'000'001, 'x')};
  };
  EXPECT_EQ(get("/fits").body, std::string(1'000'000, 'x'));
  const auto ended = get("/too-big");
  EXPECT_EQ(ended.kind, Outcome::unknown);
  EXPECT_NE(ended.error.find("read: "), std::string::npos) << ended.error;
  EXPECT_EQ(get("/fits").kind, Outcome::replied);
}

TEST_F(Requests, refused_connection_is_not_sent) {
  start_client(closed_port());
  const auto ended = get("/x");
  EXPECT_EQ(ended.kind, Outcome::not_sent);
  EXPECT_NE(ended.error.find("connect: "), std::string::npos) << ended.error;
  EXPECT_NE(ended.error.find("localhost:"), std::string::npos) << ended.error;
}

TEST_F(Requests, every_waiting_request_learns_of_a_refused_connection) {
  start_client(closed_port(), {.max_http_connections = 2});
  for (venue::RequestId id = 1; id <= 10; ++id) {
    client->send_request(id, {.method = venue::HttpMethod::get, .target = "/x", .headers = {}, .body = {}},
                         seconds{20});
  }
  ASSERT_TRUE(run_until([&] { return events.outcomes.size() == 10; }));
  for (const auto& [id, ended] : events.outcomes) EXPECT_EQ(ended.kind, Outcome::not_sent) << id;
}

TEST_F(Requests, cut_before_the_reply_is_unknown) {
  start_raw({.answers = 0});
  const auto ended = get("/x");
  EXPECT_EQ(ended.kind, Outcome::unknown);
  EXPECT_NE(raw->received().find("GET /base/x HTTP/1.1\r\n"), std::string::npos);
  EXPECT_EQ(raw->connections(), 1) << "nothing is sent a second time";
  run_quietly();
  EXPECT_EQ(raw->connections(), 1) << "nothing is sent a second time";
}

TEST_F(Requests, polite_end_before_the_reply_is_unknown) {
  start_raw({.answers = 0, .polite_close = true});
  EXPECT_EQ(get("/x").kind, Outcome::unknown);
}

TEST_F(Requests, half_a_reply_is_unknown) {
  for (const bool polite : {false, true}) {
    start_raw({.answers = 1, .answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", .polite_close = polite});
    EXPECT_EQ(get("/x").kind, Outcome::unknown);
    start_raw({.answers = 1, .answer = "HTTP/1.1 200 OK\r\nConte", .polite_close = polite});
    EXPECT_EQ(get("/x").kind, Outcome::unknown);
  }
}

TEST_F(Requests, reply_without_a_length_counts_only_if_tls_says_that_it_ended) {
  start_raw({.answers = 1, .answer = "HTTP/1.1 200 OK\r\n\r\nto the end", .polite_close = true});
  EXPECT_EQ(get("/x").body, "to the end");
  start_raw({.answers = 1, .answer = "HTTP/1.1 200 OK\r\n\r\nto the end"});
  EXPECT_EQ(get("/x").kind, Outcome::unknown);
}

TEST_F(Requests, unreadable_reply_is_unknown) {
  start_raw({.answers = 1, .answer = "SSH-2.0-OpenSSH\r\n\r\n"});
  EXPECT_EQ(get("/x").kind, Outcome::unknown);
}

TEST_F(Requests, interim_answer_is_not_the_reply) {
  start_raw({.answer = std::string("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n") + kOkReply});
  EXPECT_EQ(get("/x").status, 200);
}

TEST_F(Requests, chunked_reply_is_put_together) {
  start_raw({.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"});
  EXPECT_EQ(get("/x").body, "abcde");
  EXPECT_EQ(get("/x").body, "abcde");
}

TEST_F(Requests, time_out_after_writing_is_unknown_and_before_it_not_sent) {
  start_raw({.answers = 0, .close_at_end = false}, {.max_http_connections = 1});
  client->send_request(1, {.method = venue::HttpMethod::get, .target = "/a", .headers = {}, .body = {}},
                       milliseconds{400});
  client->send_request(2, {.method = venue::HttpMethod::get, .target = "/b", .headers = {}, .body = {}},
                       milliseconds{300});
  ASSERT_TRUE(run_until([&] { return events.outcomes.size() == 2; }));
  EXPECT_EQ(events.outcomes[1].kind, Outcome::unknown);
  EXPECT_EQ(events.outcomes[2].kind, Outcome::not_sent);
  run_quietly();
  EXPECT_EQ(raw->received().find("/base/b"), std::string::npos);
}

TEST_F(Requests, time_out_while_connecting_is_not_sent) {
  start_raw({.handshake = false});
  const auto ended = get("/x", milliseconds{40});
  EXPECT_EQ(ended.kind, Outcome::not_sent);
}

TEST_F(Requests, connect_limit_is_not_sent_and_names_the_phase) {
  start_raw({.handshake = false}, {.connect_limit = milliseconds{40}});
  const auto ended = get("/x");
  EXPECT_EQ(ended.kind, Outcome::not_sent);
  EXPECT_NE(ended.error.find("tls: no answer within the limit"), std::string::npos) << ended.error;
}

TEST_F(Requests, kept_connection_that_the_server_closed_is_replaced) {
  start_raw({.answer = kOkReply});
  EXPECT_EQ(get("/1").kind, Outcome::replied);
  raw->cut_all();
  // Without a turn of the loop in between: the client has not been told, it has to look.
  EXPECT_EQ(get("/2").kind, Outcome::replied);
  EXPECT_EQ(raw->connections(), 2);
  raw->cut_all();
  run_quietly();
  EXPECT_EQ(get("/3").kind, Outcome::replied);
  EXPECT_EQ(raw->connections(), 3);
}

TEST_F(Requests, bytes_that_nobody_asked_for_end_a_kept_connection) {
  start_raw({.answer = std::string(kOkReply) + kOkReply});
  EXPECT_EQ(get("/1").kind, Outcome::replied);
  run_quietly();
  EXPECT_EQ(get("/2").kind, Outcome::replied);
  EXPECT_EQ(raw->connections(), 2);
}

TEST_F(Requests, server_that_closes_after_each_reply_gets_a_new_connection) {
  start_raw({.answers = 1, .answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"});
  EXPECT_EQ(get("/1").kind, Outcome::replied);
  EXPECT_EQ(get("/2").kind, Outcome::replied);
  EXPECT_EQ(raw->connections(), 2);
}

TEST_F(Requests, idle_connection_is_closed) {
  start_raw({.answer = kOkReply}, {.http_idle_close = milliseconds{30}});
  EXPECT_EQ(get("/1").kind, Outcome::replied);
  EXPECT_TRUE(run_until([&] { return raw->closed_by_peer() == 1; }));
}

TEST_F(Requests, what_is_no_http_is_not_sent) {
  start_raw({.answer = kOkReply});
  const std::vector<venue::WireRequest> bad = {
      {.target = "/a b", .headers = {}, .body = {}},
      {.target = "/a\r\nX: y", .headers = {}, .body = {}},
      {.target = "/a", .headers = {{"X", "a\r\nY: b"}}, .body = {}},
      {.target = "/a", .headers = {{"X: y", "a"}}, .body = {}},
      {.target = "/a", .headers = {{"", "a"}}, .body = {}},
      {.target = "/a", .headers = {{"Host", "other.example"}}, .body = {}},
      {.target = "/a", .headers = {{"content-length", "1"}}, .body = {}},
      {.target = "/a", .headers = {{"Transfer-Encoding", "chunked"}}, .body = {}},
  };
  for (const auto& request : bad) {
    const auto id = next_request++;
    client->send_request(id, request, seconds{20});
    EXPECT_FALSE(events.outcomes.contains(id));
    ASSERT_TRUE(run_until([&] { return events.outcomes.contains(id); }));
    EXPECT_EQ(events.outcomes[id].kind, Outcome::not_sent);
  }
  EXPECT_EQ(raw->connections(), 0);
}

TEST_F(Requests, shut_down_tells_what_is_known_about_each) {
  start_raw({.answers = 0, .close_at_end = false}, {.max_http_connections = 1});
  client->send_request(1, {.method = venue::HttpMethod::get, .target = "/a", .headers = {}, .body = {}}, seconds{20});
  ASSERT_TRUE(run_until([&] { return !raw->received().empty(); }));
  client->send_request(2, {.method = venue::HttpMethod::get, .target = "/b", .headers = {}, .body = {}}, seconds{20});
  client->shut_down();
  client->send_request(3, {.method = venue::HttpMethod::get, .target = "/c", .headers = {}, .body = {}}, seconds{20});
  EXPECT_TRUE(events.outcomes.empty());
  ASSERT_TRUE(run_until([&] { return events.outcomes.size() == 3; }));
  EXPECT_EQ(events.outcomes[1].kind, Outcome::unknown);
  EXPECT_EQ(events.outcomes[2].kind, Outcome::not_sent);
  EXPECT_EQ(events.outcomes[3].kind, Outcome::not_sent);
}

TEST_F(Requests, queue_is_bounded) {
  start_raw({.handshake = false});
  for (venue::RequestId id = 1; id <= 10'001; ++id) {
    client->send_request(id, {.method = venue::HttpMethod::get, .target = "/", .headers = {}, .body = {}}, seconds{20});
  }
  ASSERT_TRUE(run_until([&] { return !events.outcomes.empty(); }));
  ASSERT_EQ(events.outcomes.size(), 1U);
  EXPECT_EQ(events.outcomes[10'001].kind, Outcome::not_sent);
}

TEST_F(Requests, a_request_may_be_sent_from_an_outcome) {
  start_both({.max_http_connections = 1});
  events.then = [&] {
    if (events.outcomes.size() < 5) {
      client->send_request(events.outcomes.size() + 1,
                           {.method = venue::HttpMethod::get, .target = "/n", .headers = {}, .body = {}}, seconds{20});
    }
  };
  client->send_request(1, {.method = venue::HttpMethod::get, .target = "/n", .headers = {}, .body = {}}, seconds{20});
  ASSERT_TRUE(run_until([&] { return events.outcomes.size() == 5; }));
  for (const auto& [id, ended] : events.outcomes) EXPECT_EQ(ended.body, "/base/n") << id << ended.error;
}

TEST_F(Requests, client_may_be_destroyed_from_an_outcome) {
  start_both({.max_http_connections = 2});
  for (venue::RequestId id = 1; id <= 6; ++id) {
    client->send_request(id, {.method = venue::HttpMethod::get, .target = "/", .headers = {}, .body = {}}, seconds{20});
  }
  events.then = [&] { client.reset(); };
  ASSERT_TRUE(run_until([&] { return !client; }));
  run_quietly();
  EXPECT_EQ(events.outcomes.size(), 1U);
}

}  // namespace

}  // namespace calypte::transport::testing
