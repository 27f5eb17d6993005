#include "runtime/endpoints.hpp"

#include <array>
#include <gtest/gtest.h>

namespace calypte::runtime {
namespace {

constexpr std::array kEnvironments = {
    venue::EnvironmentSpec{Environment::live, "https://rest.example/api", "wss://market.example/m",
                           "wss://user.example/u", "wss://trades.example/t", "wss://orders.example/o"},
    venue::EnvironmentSpec{Environment::testnet, "https://test.example/api", "wss://test.example/m",
                           "wss://test.example/u"},
    venue::EnvironmentSpec{Environment::local, "", "", ""},
};

venue::VenueSpec spec(bool own_trade_stream = false) {
  venue::VenueSpec table;
  table.name = "scripted";
  table.environments = kEnvironments;
  table.streams.own_trade_stream = own_trade_stream;
  return table;
}

LocalVenue local_venue() {
  return {.rest_url = "https://localhost:1/r",
          .market_stream_url = "wss://localhost:1/m",
          .user_stream_url = "wss://localhost:1/u",
          .trade_stream_url = "wss://localhost:1/t",
          .order_stream_url = "wss://localhost:1/o",
          .ca_file = "ca.pem"};
}

ConnectorConfig config(Environment environment) {
  ConnectorConfig config;
  config.environment = environment;
  return config;
}

TEST(Endpoints, are_those_of_the_chosen_environment) {
  const auto live = endpoints(spec(), config(Environment::live));
  ASSERT_TRUE(live.ok());
  EXPECT_EQ(live->environment, Environment::live);
  EXPECT_EQ(live->rest_url, "https://rest.example/api");
  EXPECT_EQ(live->market_stream_url, "wss://market.example/m");
  EXPECT_EQ(live->user_stream_url, "wss://user.example/u");
  EXPECT_EQ(live->trade_stream_url, "wss://trades.example/t");
  EXPECT_EQ(live->order_stream_url, "wss://orders.example/o");
  EXPECT_TRUE(live->ca_file.empty());
  const auto testnet = endpoints(spec(), config(Environment::testnet));
  ASSERT_TRUE(testnet.ok());
  EXPECT_EQ(testnet->rest_url, "https://test.example/api");
  EXPECT_TRUE(testnet->order_stream_url.empty()) << "no address of another environment fills a gap";
}

TEST(Endpoints, of_a_local_venue_are_given) {
  auto wanted = config(Environment::local);
  EXPECT_EQ(endpoints(spec(), wanted).status().code(), StatusCode::denied);
  wanted.local = local_venue();
  const auto local = endpoints(spec(), wanted);
  ASSERT_TRUE(local.ok());
  EXPECT_EQ(local->rest_url, "https://localhost:1/r");
  EXPECT_EQ(local->market_stream_url, "wss://localhost:1/m");
  EXPECT_EQ(local->user_stream_url, "wss://localhost:1/u");
  EXPECT_EQ(local->trade_stream_url, "wss://localhost:1/t");
  EXPECT_EQ(local->order_stream_url, "wss://localhost:1/o");
  EXPECT_EQ(local->ca_file, "ca.pem");
  wanted.local->ca_file.clear();
  EXPECT_EQ(endpoints(spec(), wanted).status().code(), StatusCode::denied);
}

TEST(Endpoints, of_two_environments_are_never_mixed) {
  auto wanted = config(Environment::live);
  wanted.local = local_venue();
  EXPECT_EQ(endpoints(spec(), wanted).status().code(), StatusCode::denied);
}

TEST(Endpoints, a_route_of_its_own_for_trades_must_have_an_address) {
  EXPECT_TRUE(endpoints(spec(true), config(Environment::live)).ok());
  EXPECT_EQ(endpoints(spec(true), config(Environment::testnet)).status().code(), StatusCode::denied);
  auto wanted = config(Environment::local);
  wanted.local = local_venue();
  EXPECT_TRUE(endpoints(spec(true), wanted).ok());
  wanted.local->trade_stream_url.clear();
  EXPECT_EQ(endpoints(spec(true), wanted).status().code(), StatusCode::denied);
}

}  // namespace
}  // namespace calypte::runtime
