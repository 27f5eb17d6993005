#include "unit/transport/support.hpp"

#include <chrono>
#include <cstdio>
#include <unistd.h>

namespace calypte::transport::testing {

std::string temporary_path(const std::string& name) {
  return ::testing::TempDir() + "calypte_transport_" + std::to_string(::getpid()) + "_" + name;
}

const TestCertificates& good_certificates() {
  struct Made {
    Made() {
      auto created = TestCertificates::create(temporary_path("ca.pem"));
      EXPECT_TRUE(created.ok()) << created.status().to_string();
      if (created.ok()) certificates = std::move(created).value();
    }
    ~Made() { std::remove(certificates.ca_file.c_str()); }
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;
    TestCertificates certificates;
  };
  static const Made made;
  return made.certificates;
}

bool Loopback::run_until(const std::function<bool()>& is_so, Duration limit) {
  const Time end = loop.now() + limit;
  while (!is_so()) {
    if (loop.now() >= end) return false;
    loop.run_for(std::chrono::milliseconds{20});
  }
  return true;
}

void Loopback::run_quietly(Duration duration) {
  run_until([] { return false; }, duration);
}

void Loopback::start_server(const TestCertificates& certificates, ServerOptions options) {
  auto created = Server::create(loop, wire, certificates, options);
  ASSERT_TRUE(created.ok()) << created.status().to_string();
  server = std::move(created).value();
  ASSERT_NE(server->port(), 0);
}

void Loopback::start_client(std::uint16_t port, ClientOptions options, const std::string& ca_file,
                            const std::string& host) {
  const std::string place = host + ":" + std::to_string(port);
  auto created = Client::create(loop,
                                {.environment = Environment::local,
                                 .rest_url = "https://" + place + "/base",
                                 .market_stream_url = "wss://" + place + "/market?x=1",
                                 .user_stream_url = "wss://" + place + "/user",
                                 .trade_stream_url = "wss://" + place + "/trades",
                                 .ca_file = ca_file},
                                events, options);
  ASSERT_TRUE(created.ok()) << created.status().to_string();
  client = std::move(created).value();
}

Recorder::Ended Loopback::get(const std::string& target, Duration limit) {
  const auto id = next_request++;
  client->send_request(id, {.method = venue::HttpMethod::get, .target = target, .headers = {}, .body = {}}, limit);
  EXPECT_FALSE(events.outcomes.contains(id)) << "told from inside the call";
  EXPECT_TRUE(run_until([&] { return events.outcomes.contains(id); }));
  return events.outcomes[id];
}

bool Loopback::open(StreamId id) {
  const auto ups = events.ups.size();
  const auto downs = events.downs.size();
  client->open_stream(id);
  EXPECT_TRUE(run_until([&] { return events.ups.size() > ups || events.downs.size() > downs; }));
  return events.ups.size() > ups;
}

}  // namespace calypte::transport::testing
