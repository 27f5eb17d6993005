#include "connector/registry.hpp"

#include <gmock/gmock.h>

namespace calypte::connector {
namespace {

TEST(Registry, GB_12_every_row_makes_the_venue_of_its_name) {
  for (const auto& row : venues()) {
    const auto venue = make_venue(row.name);
    ASSERT_NE(venue, nullptr) << row.name;
    EXPECT_EQ(venue->spec().name, row.name);
    EXPECT_EQ(venue->spec().kind, row.kind);
  }
  EXPECT_EQ(make_venue("nowhere"), nullptr);
  EXPECT_EQ(make_venue("uniswap"), nullptr) << "a protocol is made for a configuration";
}

TEST(Registry, GB_12_a_protocol_is_a_row_and_its_configuration_is_looked_at) {
  ASSERT_FALSE(protocols().empty());
  for (const auto& row : protocols()) {
    ProtocolConfig config;
    config.venue = std::string(row.name);
    const auto made = make_protocol(config);
    EXPECT_EQ(made.status().code(), StatusCode::denied) << "no pairs, no tokens, no contracts";
  }
  ProtocolConfig config;
  config.venue = "nowhere";
  EXPECT_THAT(make_protocol(config).status().message(), testing::HasSubstr("nowhere"));
}

}  // namespace
}  // namespace calypte::connector
