// Whom the client trusts: whatever is wrong with a certificate, no byte of a request may reach the server.
#include <cstdio>
#include <sys/stat.h>

#include "unit/transport/support.hpp"

namespace calypte::transport::testing {

namespace {

using std::chrono::hours;

class Tls : public Loopback {
 public:
  /// Starts both sides anew; the server shows `options`' certificate.
  void start_with(TestCertificates::Options options, const std::string& host = "localhost") {
    const auto made = TestCertificates::create(temporary_path("other_ca.pem"), std::move(options));
    ASSERT_TRUE(made.ok()) << made.status().to_string();
    client.reset();
    start_server(*made);
    start_client(server->port(), {}, made->ca_file, host);
    std::remove(made->ca_file.c_str());
  }
  /// Neither a request nor a stream gets through, for a reason that holds `words`.
  void expect_refused(const std::string& words) {
    events.downs.clear();
    const auto ended = get("/secret");
    EXPECT_EQ(ended.kind, Outcome::not_sent);
    EXPECT_NE(ended.error.find("tls: "), std::string::npos) << ended.error;
    EXPECT_NE(ended.error.find(words), std::string::npos) << ended.error;
    EXPECT_FALSE(open());
    ASSERT_EQ(events.downs.size(), 1U);
    EXPECT_NE(events.downs[0].second.find(words), std::string::npos) << events.downs[0].second;
    run_quietly();
    EXPECT_TRUE(wire.requests.empty()) << "the server saw a request";
    EXPECT_TRUE(wire.connected.empty()) << "the server saw a request";
  }
  void expect_trusted() {
    EXPECT_EQ(get("/x").kind, Outcome::replied) << events.outcomes.rbegin()->second.error;
    EXPECT_TRUE(open());
  }
};

TEST_F(Tls, right_certificate_is_trusted_by_each_of_its_names) {
  for (const char* const host : {"localhost", "127.0.0.1"}) {
    start_with({}, host);
    expect_trusted();
  }
}

TEST_F(Tls, server_is_reached_by_ipv6_where_there_is_one) {
  start_with({}, "[::1]");
  const auto ended = get("/x");
  if (ended.error.find("connect: ") != std::string::npos) GTEST_SKIP() << "no IPv6 here: " << ended.error;
  EXPECT_EQ(ended.kind, Outcome::replied) << ended.error;
}

TEST_F(Tls, certificate_for_another_host_is_refused) {
  start_with({.host_name = "venue.example.com"});
  expect_refused("hostname mismatch");
  start_with({.host_name = "127.0.0.2"}, "127.0.0.1");
  expect_refused("IP address mismatch");
  start_with({.host_name = "127.0.0.1"});
  expect_refused("hostname mismatch");
}

TEST_F(Tls, expired_certificate_is_refused) {
  start_with({.valid_for = hours{1}, .valid_from_offset = -hours{2}});
  expect_refused("certificate has expired");
}

TEST_F(Tls, certificate_of_the_future_is_refused) {
  start_with({.valid_for = hours{2}, .valid_from_offset = hours{1}});
  expect_refused("certificate is not yet valid");
}

TEST_F(Tls, unknown_authority_is_refused) {
  const auto other = TestCertificates::create(temporary_path("unknown_ca.pem"));
  ASSERT_TRUE(other.ok());
  std::remove(other->ca_file.c_str());
  start_server(*other);
  start_client(server->port());
  expect_refused("certificate verify failed");
}

TEST_F(Tls, without_an_authority_file_only_the_systems_are_trusted) {
  start_server();
  start_client(server->port(), {}, "");
  expect_refused("certificate verify failed");
}

TEST_F(Tls, long_lived_certificate_is_not_outlived_by_its_authority) {
  start_with({.valid_for = hours{24 * 365}});
  expect_trusted();
}

TEST_F(Tls, only_the_authority_is_written_to_disk) {
  const std::string path = temporary_path("written_ca.pem");
  const auto made = TestCertificates::create(path);
  ASSERT_TRUE(made.ok());
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0644U);
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  ASSERT_NE(file, nullptr);
  std::string text(10'000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  std::remove(path.c_str());
  EXPECT_NE(text.find("BEGIN CERTIFICATE"), std::string::npos);
  EXPECT_EQ(text.find("PRIVATE KEY"), std::string::npos);
  EXPECT_NE(made->private_key_pem.find("PRIVATE KEY"), std::string::npos);
}

TEST_F(Tls, authority_that_cannot_be_written_is_told) {
  EXPECT_EQ(TestCertificates::create(temporary_path("no_such_folder/ca.pem")).status().code(), StatusCode::denied);
}

}  // namespace

}  // namespace calypte::transport::testing
