// Streams: what they carry, every way in which they end, and that nothing is told afterwards.
#include <string>

#include "unit/transport/raw_tls_server.hpp"
#include "unit/transport/support.hpp"

namespace calypte::transport::testing {

namespace {

using std::chrono::milliseconds;

class Streams : public Loopback {
 public:
  ConnectionId connection() const { return wire.connected.back().first; }
  void server_does(venue::ServerAction action) {
    wire.out.push_back(std::move(action));
    server->flush();
  }
  bool is_down_with(const std::string& words) {
    if (!run_until([&] { return !events.downs.empty(); })) return false;
    EXPECT_NE(events.downs[0].second.find(words), std::string::npos) << events.downs[0].second;
    EXPECT_EQ(events.downs[0].second.find("/market"), std::string::npos) << "a path may hold a key";
    run_quietly();
    return events.downs.size() == 1;
  }
};

TEST_F(Streams, frames_arrive_whole_and_in_order) {
  start_both();
  ASSERT_TRUE(open());
  EXPECT_EQ(wire.connected.at(0).second, "/market?x=1");
  for (int i = 0; i < 100; ++i)
    client->send_frame(kMarket, "frame " + std::to_string(i) + std::string(static_cast<std::size_t>(i) * 10, '.'));
  ASSERT_TRUE(run_until([&] { return events.frames.size() == 100; }));
  for (int i = 0; i < 100; ++i) {
    const auto at = static_cast<std::size_t>(i);
    EXPECT_EQ(events.frames[at].first, kMarket);
    EXPECT_EQ(events.frames[at].second, "frame " + std::to_string(i) + std::string(at * 10, '.'));
  }
}

TEST_F(Streams, each_kind_has_its_own_address_and_index_its_own_connection) {
  start_both();
  const StreamId second{StreamKind::market, 1};
  ASSERT_TRUE(open(kUser));
  ASSERT_TRUE(open(kMarket));
  ASSERT_TRUE(open(second));
  EXPECT_EQ(wire.connected.at(0).second, "/user");
  EXPECT_EQ(wire.connected.at(1).second, "/market?x=1");
  EXPECT_EQ(wire.connected.at(2).second, "/market?x=1");
  client->send_frame(second, "two");
  ASSERT_TRUE(run_until([&] { return events.frames.size() == 1; }));
  EXPECT_EQ(events.frames[0], (std::pair<StreamId, std::string>(second, "two")));
}

TEST_F(Streams, every_kind_has_an_address_of_its_own_or_none) {
  start_both();
  ASSERT_TRUE(open({StreamKind::trades, 0}));
  EXPECT_EQ(wire.connected.at(0).second, "/trades");
  EXPECT_FALSE(open({StreamKind::orders, 0}));
  ASSERT_EQ(events.downs.size(), 1U);
  EXPECT_NE(events.downs[0].second.find("no endpoint is configured"), std::string::npos) << events.downs[0].second;
  EXPECT_EQ(wire.connected.size(), 1U) << "nothing else is tried instead";
}

TEST_F(Streams, a_target_is_appended_and_a_bad_one_reaches_nobody) {
  start_both();
  client->open_stream(kUser, "/the-key");
  ASSERT_TRUE(run_until([&] { return events.ups.size() == 1; }));
  EXPECT_EQ(wire.connected.at(0).second, "/user/the-key");
  client->open_stream(kUser, "/the-key\r\nX: y");
  ASSERT_TRUE(is_down_with("may not"));
  EXPECT_EQ(events.downs[0].second.find("key"), std::string::npos) << "a target may hold a key";
  EXPECT_EQ(wire.connected.size(), 1U);
}

TEST_F(Streams, a_frame_for_a_stream_that_is_not_open_is_given_back) {
  start_both();
  EXPECT_FALSE(client->send_frame(kMarket, "to nobody"));
  ASSERT_TRUE(open());
  EXPECT_TRUE(client->send_frame(kMarket, "to somebody"));
  ASSERT_TRUE(run_until([&] { return events.frames.size() == 1; }));
  EXPECT_EQ(wire.texts, std::vector<std::string>{"to somebody"});
  client->close_stream(kMarket);
  EXPECT_FALSE(client->send_frame(kMarket, "to nobody"));
}

TEST_F(Streams, frames_sent_before_it_is_up_follow) {
  start_both();
  client->open_stream(kMarket);
  client->send_frame(kMarket, "early");
  EXPECT_TRUE(events.ups.empty());
  ASSERT_TRUE(run_until([&] { return events.frames.size() == 1; }));
  EXPECT_EQ(events.frames[0].second, "early");
}

TEST_F(Streams, big_and_empty_frames_pass) {
  start_both();
  ASSERT_TRUE(open());
  const std::string big(1'000'000, 'b');
  client->send_frame(kMarket, big);
  client->send_frame(kMarket, "");
  client->send_frame(kMarket, "after");
  ASSERT_TRUE(run_until([&] { return events.frames.size() == 3; }));
  EXPECT_EQ(events.frames[0].second, big);
  EXPECT_EQ(events.frames[1].second, "");
  EXPECT_EQ(events.frames[2].second, "after");
}

TEST_F(Streams, frame_over_the_limit_ends_it) {
  start_both({.max_frame_bytes = 1000});
  ASSERT_TRUE(open());
  server_does(venue::SendText{connection(), std::string(1000, 'x')});
  ASSERT_TRUE(run_until([&] { return events.frames.size() == 1; }));
  server_does(venue::SendText{connection(), std::string(1001, 'x')});
  EXPECT_TRUE(is_down_with("read: "));
  EXPECT_EQ(events.frames.size(), 1U);
}

TEST_F(Streams, close_by_the_server_tells_its_code) {
  start_both();
  ASSERT_TRUE(open());
  server_does(venue::SendText{connection(), "last"});
  server_does(venue::CloseConnection{connection(), 1013});
  EXPECT_TRUE(is_down_with("localhost:" + std::to_string(server->port()) + ": read: closed by server with code 1013"));
  EXPECT_EQ(events.frames.size(), 1U);
  EXPECT_EQ(wire.disconnected.size(), 1U);
}

TEST_F(Streams, close_is_told_at_once_though_the_server_keeps_the_socket_open) {
  // A close frame of code 1013 (0x03f5) with a reason of two bytes, one of them a control character.
  const std::string close_frame("\x88\x04\x03\xf5!\x07", 6);
  RawTlsServer raw(loop, good_certificates(),
                   {.answers = 1, .answer = close_frame, .web_socket = true, .close_at_end = false});
  start_client(raw.port());
  Time up = kNever;
  Time down;
  events.then = [&] {
    if (events.downs.empty()) {
      up = loop.now();
    } else {
      down = loop.now();
    }
  };
  ASSERT_TRUE(open());
  ASSERT_TRUE(run_until([&] { return !events.downs.empty(); }));
  EXPECT_LT(down - up, milliseconds{900}) << "told only when the socket was given up";
  EXPECT_TRUE(is_down_with("closed by server with code 1013 (!?)"));
  EXPECT_TRUE(run_until([&] { return raw.closed_by_peer() == 1; })) << "the socket must not be kept for ever";
}

TEST_F(Streams, cut_is_told) {
  RawTlsServer raw(loop, good_certificates(), {.answers = 1, .web_socket = true, .close_at_end = false});
  start_client(raw.port());
  ASSERT_TRUE(open());
  raw.cut_all();
  EXPECT_TRUE(is_down_with("read: "));
}

TEST_F(Streams, binary_frame_is_delivered_like_text) {
  const std::string frame("\x82\x03\x01\x02\x00", 5);
  RawTlsServer raw(loop, good_certificates(),
                   {.answers = 1, .answer = frame, .web_socket = true, .close_at_end = false});
  start_client(raw.port());
  ASSERT_TRUE(open());
  ASSERT_TRUE(run_until([&] { return events.frames.size() == 1; }));
  EXPECT_EQ(events.frames[0].second, std::string("\x01\x02\x00", 3));
}

TEST_F(Streams, ping_of_the_server_is_a_sign_of_life) {
  start_both();
  ASSERT_TRUE(open());
  EXPECT_EQ(events.alive, 0);
  server_does(venue::SendPing{connection()});
  EXPECT_TRUE(run_until([&] { return events.alive == 1; }));
}

TEST_F(Streams, pong_is_a_sign_of_life) {
  start_both();
  ASSERT_TRUE(open());
  client->send_ping(kMarket);
  EXPECT_EQ(events.alive, 0);
  EXPECT_TRUE(run_until([&] { return events.alive == 1; }));
  client->send_ping(kMarket);
  EXPECT_TRUE(run_until([&] { return events.alive == 2; }));
}

TEST_F(Streams, refused_upgrade_tells_the_status) {
  start_both();
  wire.accept = [](ConnectionId) { return false; };
  EXPECT_FALSE(open());
  EXPECT_TRUE(is_down_with("handshake: HTTP status 404"));
  EXPECT_TRUE(wire.disconnected.empty()) << "it was never connected";
}

TEST_F(Streams, answer_that_is_no_upgrade_is_told) {
  RawTlsServer raw(loop, good_certificates(), {.answer = "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"});
  start_client(raw.port());
  EXPECT_FALSE(open());
  EXPECT_TRUE(is_down_with("handshake: HTTP status 429"));
}

TEST_F(Streams, refused_connection_is_told) {
  start_client(closed_port());
  EXPECT_FALSE(open());
  EXPECT_TRUE(is_down_with("connect: "));
}

TEST_F(Streams, connect_limit_counts_for_tls_and_for_the_handshake) {
  {
    RawTlsServer raw(loop, good_certificates(), {.handshake = false});
    start_client(raw.port(), {.connect_limit = milliseconds{40}});
    EXPECT_FALSE(open());
    EXPECT_TRUE(is_down_with("tls: no answer within the limit"));
  }
  events.downs.clear();
  RawTlsServer raw(loop, good_certificates(), {.answers = 0, .close_at_end = false});
  start_client(raw.port(), {.connect_limit = milliseconds{400}});
  EXPECT_FALSE(open());
  EXPECT_TRUE(is_down_with("handshake: no answer within the limit"));
}

TEST_F(Streams, closed_stream_is_told_nothing_and_sends_what_it_had) {
  start_both();
  ASSERT_TRUE(open());
  client->send_frame(kMarket, "one");
  client->send_frame(kMarket, "two");
  client->close_stream(kMarket);
  client->send_frame(kMarket, "three");
  ASSERT_TRUE(run_until([&] { return wire.disconnected.size() == 1; }));
  EXPECT_EQ(wire.texts, (std::vector<std::string>{"one", "two"}));
  run_quietly();
  EXPECT_TRUE(events.frames.empty());
  EXPECT_TRUE(events.downs.empty());
}

TEST_F(Streams, closing_while_it_connects_is_told_nothing) {
  start_both();
  client->open_stream(kMarket);
  client->close_stream(kMarket);
  run_quietly();
  EXPECT_TRUE(events.ups.empty());
  EXPECT_TRUE(events.downs.empty());
}

TEST_F(Streams, only_the_latest_opening_of_a_stream_speaks) {
  start_both();
  ASSERT_TRUE(open());
  const auto first = connection();
  server_does(venue::SendText{first, "old"});
  client->close_stream(kMarket);
  ASSERT_TRUE(open());
  ASSERT_NE(connection(), first);
  server_does(venue::SendText{first, "old"});
  server_does(venue::SendText{connection(), "new"});
  ASSERT_TRUE(run_until([&] { return !events.frames.empty(); }));
  run_quietly();
  ASSERT_EQ(events.frames.size(), 1U);
  EXPECT_EQ(events.frames[0].second, "new");
}

TEST_F(Streams, too_long_a_send_queue_ends_it_but_not_from_inside_the_call) {
  start_both({.max_send_queue = 10});
  ASSERT_TRUE(open());
  for (int i = 0; i < 11; ++i) client->send_frame(kMarket, "x");
  EXPECT_TRUE(events.downs.empty());
  EXPECT_TRUE(is_down_with("write: too many frames"));
}

TEST_F(Streams, a_peer_that_takes_nothing_ends_it) {
  RawTlsServer raw(loop, good_certificates(), {.answers = 1, .web_socket = true, .reads_on = false});
  start_client(raw.port(), {.write_limit = milliseconds{300}});
  ASSERT_TRUE(open());
  // More than the buffers of both sides' sockets can hold.
  for (int i = 0; i < 64; ++i) client->send_frame(kMarket, std::string(1U << 20U, 'x'));
  EXPECT_TRUE(is_down_with("write: the other side takes nothing"));
}

TEST_F(Streams, a_peer_that_is_slow_to_take_is_waited_for) {
  start_both({.write_limit = milliseconds{200}});
  wire.echo = false;
  ASSERT_TRUE(open());
  const Time end = loop.now() + milliseconds{900};
  while (loop.now() < end) {
    client->send_frame(kMarket, std::string(1000, 'x'));
    run_quietly(milliseconds{10});
  }
  EXPECT_TRUE(events.downs.empty());
  EXPECT_GT(wire.texts.size(), 20U);
}

TEST_F(Streams, stream_without_an_endpoint_goes_down) {
  auto created = Client::create(loop, Endpoints{}, events);
  ASSERT_TRUE(created.ok());
  client = std::move(created).value();
  EXPECT_FALSE(open(kUser));
  EXPECT_EQ(events.downs.size(), 1U);
  client->open_stream(kUser);
  client->close_stream(kUser);
  run_quietly();
  EXPECT_EQ(events.downs.size(), 1U);
  EXPECT_EQ(get("/x").kind, Outcome::not_sent);
}

TEST_F(Streams, reopening_from_the_down_callback_works) {
  start_both();
  ASSERT_TRUE(open());
  events.then = [&] {
    if (events.downs.size() == 1 && events.ups.size() == 1) client->open_stream(kMarket);
  };
  server_does(venue::CloseConnection{connection(), 1001});
  ASSERT_TRUE(run_until([&] { return events.ups.size() == 2; }));
  client->send_frame(kMarket, "again");
  EXPECT_TRUE(run_until([&] { return !events.frames.empty(); }));
}

TEST_F(Streams, client_may_be_destroyed_from_any_callback) {
  for (int at = 1; at <= 4; ++at) {
    events.ups.clear();
    start_server();
    start_client(server->port());
    int calls = 0;
    events.then = [&] {
      if (++calls == at) client.reset();
    };
    client->open_stream(kMarket);
    ASSERT_TRUE(run_until([&] { return calls >= 1; }));
    if (client) {
      server_does(venue::SendPing{connection()});
      ASSERT_TRUE(run_until([&] { return calls >= 2; }));
    }
    if (client) {
      server_does(venue::SendText{connection(), "x"});
      ASSERT_TRUE(run_until([&] { return calls >= 3; }));
    }
    if (client) server_does(venue::CloseConnection{connection(), 1000});
    ASSERT_TRUE(run_until([&] { return !client; })) << at;
    run_quietly(milliseconds{10});
    EXPECT_EQ(calls, at) << "nothing is told after the destruction";
  }
}

TEST_F(Streams, client_may_be_destroyed_after_any_number_of_turns) {
  start_server();
  for (int turns = 0; turns < 15; ++turns) {
    start_client(server->port());
    client->open_stream(kMarket);
    client->open_stream(kUser);
    client->send_frame(kMarket, std::string(100'000, 'x'));
    client->send_ping(kMarket);
    client->send_request(1, {.method = venue::HttpMethod::get, .target = "/", .headers = {}, .body = {}},
                         std::chrono::seconds{1});
    for (int i = 0; i < turns; ++i) loop.run_for(milliseconds{1});
    if (turns % 3 == 1) client->close_stream(kMarket);
    if (turns % 3 == 2) client->shut_down();
    client.reset();
    events.outcomes.clear();
    const auto told = events.ups.size() + events.downs.size() + events.frames.size();
    for (int i = 0; i < 5; ++i) loop.run_for(milliseconds{1});
    EXPECT_EQ(events.ups.size() + events.downs.size() + events.frames.size(), told);
    EXPECT_TRUE(events.outcomes.empty());
  }
}

TEST_F(Streams, everything_works_while_spinning) {
  start_both();
  client->open_stream(kMarket);
  events.then = [&] {
    if (events.ups.size() == 1 && events.frames.size() < 10) client->send_frame(kMarket, "spin");
    if (events.frames.size() == 10) loop.stop();
  };
  Loop::Timer limit(loop);
  limit.arm(loop.now() + std::chrono::seconds{20}, [&] { loop.stop(); });
  loop.run(true);
  EXPECT_EQ(events.frames.size(), 10U);
}

}  // namespace

// Outside of the fixture, so that the loop goes first to its end with everything still under way.
TEST(StreamsAtTheEnd, client_and_server_may_go_while_everything_is_under_way) {
  for (int turns = 0; turns < 12; ++turns) {
    Recorder events;
    WireDouble wire;
    Loop loop;
    auto server = Server::create(loop, wire, good_certificates());
    ASSERT_TRUE(server.ok());
    const std::string place = "localhost:" + std::to_string((*server)->port());
    auto client = Client::create(loop,
                                 {.environment = Environment::local,
                                  .rest_url = "https://" + place,
                                  .market_stream_url = "wss://" + place + "/m",
                                  .user_stream_url = {},
                                  .ca_file = good_certificates().ca_file},
                                 events);
    ASSERT_TRUE(client.ok());
    (*client)->open_stream(kMarket);
    (*client)->send_request(1, {.method = venue::HttpMethod::get, .target = "/", .headers = {}, .body = {}},
                            std::chrono::seconds{1});
    for (int i = 0; i < turns; ++i) loop.run_for(milliseconds{1});
    if (turns % 2 == 0) (*client)->shut_down();
  }
}

}  // namespace calypte::transport::testing
