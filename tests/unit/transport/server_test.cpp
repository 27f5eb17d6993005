// The server side on its own: time, dates, limits.
#include "transport/server_session.hpp"
#include "unit/transport/support.hpp"

namespace calypte::transport::testing {

namespace {

using std::chrono::milliseconds;

class Servers : public Loopback {};

TEST(HttpDate, has_the_fixed_form) {
  // The example of RFC 9110, section 5.6.7.
  EXPECT_EQ(http_date(from_unix_ms(784'111'777'999)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(from_unix_ms(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(from_unix_ms(1'709'164'800'000)), "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST_F(Servers, wire_is_woken_when_it_wants) {
  const Time when = loop.now() + milliseconds{20};
  wire.wakeup = when;
  start_server();
  ASSERT_TRUE(run_until([&] { return !wire.times.empty(); }));
  EXPECT_GE(wire.times[0], when);
  run_quietly();
  EXPECT_EQ(wire.times.size(), 1U);
  // A wake-up that a call by the owner brought about is seen by the flush after it.
  wire.wakeup = loop.now() + milliseconds{5};
  server->flush();
  EXPECT_TRUE(run_until([&] { return wire.times.size() == 2; }));
}

TEST_F(Servers, disconnect_of_a_client_is_told_once) {
  start_both();
  ASSERT_TRUE(open());
  client.reset();
  ASSERT_TRUE(run_until([&] { return !wire.disconnected.empty(); }));
  run_quietly();
  EXPECT_EQ(wire.disconnected, std::vector<ConnectionId>{wire.connected[0].first});
}

TEST_F(Servers, texts_sent_while_it_accepts_come_first_and_close_comes_last) {
  start_both();
  wire.accept = [&](ConnectionId id) {
    wire.out.push_back(venue::SendText{id, "welcome"});
    wire.out.push_back(venue::SendText{id, "and"});
    wire.out.push_back(venue::CloseConnection{id, 1012});
    wire.out.push_back(venue::SendText{id, "too late"});
    return true;
  };
  ASSERT_TRUE(open());
  ASSERT_TRUE(run_until([&] { return !events.downs.empty(); }));
  ASSERT_EQ(events.frames.size(), 2U);
  EXPECT_EQ(events.frames[0].second, "welcome");
  EXPECT_EQ(events.frames[1].second, "and");
  EXPECT_NE(events.downs[0].second.find("code 1012"), std::string::npos) << events.downs[0].second;
  EXPECT_TRUE(run_until([&] { return wire.disconnected.size() == 1; }));
}

TEST_F(Servers, reader_that_leaves_too_much_waiting_is_dropped) {
  start_both();
  wire.accept = [&](ConnectionId id) {
    for (int i = 0; i < 65; ++i) wire.out.push_back(venue::SendText{id, std::string(1U << 20U, 'x')});
    return true;
  };
  EXPECT_FALSE(open());
  EXPECT_TRUE(run_until([&] { return wire.disconnected.size() == 1; }));
}

TEST_F(Servers, frame_over_its_limit_ends_the_connection) {
  start_server(good_certificates(), {.max_frame_bytes = 1000});
  start_client(server->port());
  ASSERT_TRUE(open());
  client->send_frame(kMarket, std::string(1000, 'x'));
  client->send_frame(kMarket, std::string(1001, 'x'));
  ASSERT_TRUE(run_until([&] { return !events.downs.empty(); }));
  EXPECT_NE(events.downs[0].second.find("code 1009"), std::string::npos) << events.downs[0].second;
  EXPECT_EQ(wire.texts.size(), 1U);
}

TEST_F(Servers, actions_for_a_connection_that_is_gone_are_ignored) {
  start_both();
  wire.out.push_back(venue::SendText{77, "x"});
  wire.out.push_back(venue::SendPing{77});
  wire.out.push_back(venue::CloseConnection{77, 1000});
  server->flush();
  EXPECT_TRUE(wire.out.empty());
  EXPECT_EQ(get("/x").kind, Outcome::replied);
}

TEST_F(Servers, replies_header_may_replace_the_content_type) {
  start_both();
  wire.answer = [](const venue::ServerRequest&) {
    return venue::ServerReply{.http_status = 200, .headers = {{"content-type", "text/plain"}}, .body = "x"};
  };
  EXPECT_EQ(get("/x").headers.at("content-type"), "text/plain");
}

TEST_F(Servers, taken_port_is_told) {
  start_server();
  WireDouble second;
  const auto created = Server::create(loop, second, good_certificates(), {.port = server->port()});
  EXPECT_EQ(created.status().code(), StatusCode::denied);
}

TEST_F(Servers, certificate_that_is_none_is_told) {
  TestCertificates broken = good_certificates();
  broken.private_key_pem = "no key";
  EXPECT_EQ(Server::create(loop, wire, broken).status().code(), StatusCode::denied);
}

}  // namespace

}  // namespace calypte::transport::testing
