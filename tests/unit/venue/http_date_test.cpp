#include "venue/http_date.hpp"

#include <gtest/gtest.h>

namespace calypte::venue {
namespace {

TEST(HttpDate, reads_the_fixed_form) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), from_unix_ms(784111777000));
  EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 23:59:60 GMT"), from_unix_ms(1709251200000));
  EXPECT_EQ(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), from_unix_ms(0));
}

TEST(HttpDate, refuses_other_forms_and_impossible_dates) {
  for (const std::string_view text :
       {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 31 Feb 2024 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 anF 1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:3x GMT", "Sun, 06 Nov 1994 08 49:37 GMT"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

TEST(HttpDate, a_reply_is_a_sample_of_the_clock) {
  WireReply reply;
  EXPECT_FALSE(server_time_of(reply));
  reply.headers = {{"Server", "x"}, {"dATE", "Sun, 06 Nov 1994 08:49:37 GMT"}};
  const auto time = server_time_of(reply);
  ASSERT_TRUE(time);
  EXPECT_EQ(time->time, from_unix_ms(784111777000));
  EXPECT_EQ(time->resolution, std::chrono::seconds{1});
  EXPECT_EQ(header(reply.headers, "server"), "x");
  EXPECT_EQ(header(reply.headers, "serve"), "");
}

}  // namespace
}  // namespace calypte::venue
