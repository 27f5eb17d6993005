// What the tutorial's blocks do beyond the tests that it shows.
#include <gtest/gtest.h>

#include "connector/derivative/toy_perpetual/toy_positions.hpp"
#include "support/records.hpp"
#include "toy_row.hpp"

namespace calypte::connector {
namespace {

class ToyBlocks : public ::testing::Test {
 protected:
  Status frame(std::string_view text) {
    records_.clear();
    return venue_->decode_frame(venue::StreamKind::market, buffer_.assign(text), records_);
  }
  std::unique_ptr<venue::Venue> venue_ = kToyRow.make();
  venue::PaddedBuffer buffer_;
  venue::Records records_;
};

TEST_F(ToyBlocks, what_is_not_understood_leaves_nothing_behind) {
  for (const char* text :
       {R"({"type":"book","symbol":"btcusdt","whole":true,"last":9,"time":1,"bids":[["1","x"]]})",
        R"({"type":"order","id":"cal1","number":"7","state":"asleep","done":"0","time":1})", "[", ""}) {
    EXPECT_EQ(frame(text).code(), StatusCode::malformed) << text;
    EXPECT_TRUE(records_.empty()) << text;
  }
  EXPECT_TRUE(frame(R"({"type":"weather"})").ok());
}

TEST_F(ToyBlocks, a_short_position_is_negative) {
  venue::json::Document document;
  const auto item = document.parse(buffer_.assign(R"({"symbol":"btcusdt","side":"net","amount":"-2","entry":"99.5"})"));
  ASSERT_TRUE(item && toy_perpetual::add_position(*item, records_));
  EXPECT_EQ(test::all<venue::PositionReport>(records_).at(0).amount, -2);
}

}  // namespace
}  // namespace calypte::connector
