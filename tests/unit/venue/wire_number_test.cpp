#include <gtest/gtest.h>

#include "core/random.hpp"
#include "venue/records.hpp"
#include "venue/requests.hpp"

namespace calypte::venue {
namespace {

struct Case {
  std::string_view text;
  std::int64_t mantissa;
  int decimals;
};

TEST(WireNumber, reads_plain_and_exponent_notation_and_keeps_zeros) {
  for (const Case& c :
       {Case{"0", 0, 0}, Case{"0.000", 0, 3}, Case{"1.50", 150, 2}, Case{"007", 7, 0}, Case{"62935.27", 6293527, 2},
        Case{"9223372036854775807", 9223372036854775807LL, 0}, Case{"0.00000001", 1, 8}, Case{"1e-8", 1, 8},
        Case{"1.5E+3", 1500, 0}, Case{"2.50e1", 250, 1}, Case{"1.", 1, 0}, Case{".5", 5, 1}, Case{"0e10", 0, 0},
        Case{"0e999999999999", 0, 0}, Case{"1e-38", 1, 38}, Case{"922337203685477580.7", 9223372036854775807LL, 1}}) {
    WireNumber n{-1, 99};
    ASSERT_TRUE(parse_wire_number(c.text, n)) << c.text;
    EXPECT_EQ(n.mantissa, c.mantissa) << c.text;
    EXPECT_EQ(n.decimals, c.decimals) << c.text;
  }
}

TEST(WireNumber, refuses_what_is_no_number_is_negative_or_does_not_fit) {
  for (const std::string_view text : {"",
                                      ".",
                                      "-1",
                                      "+1",
                                      "-0",
                                      "1e",
                                      "1e+",
                                      "1e-",
                                      "e5",
                                      ".e5",
                                      "abc",
                                      "1x",
                                      "1.2.3",
                                      " 1",
                                      "1 ",
                                      "0x1",
                                      "1,5",
                                      "9223372036854775808",
                                      "99999999999999999999",
                                      "922337203685477580.8",
                                      "1e19",
                                      "1e400",
                                      "1e-39",
                                      "1e-400",
                                      "1e99999999999999999999",
                                      "NaN",
                                      "Infinity"}) {
    WireNumber n{7, 3};
    EXPECT_FALSE(parse_wire_number(text, n)) << text;
    EXPECT_EQ(n, (WireNumber{7, 3})) << text;
  }
}

TEST(WireNumber, every_number_of_the_form_is_read_back) {
  core::Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t mantissa = random.next() >> (1 + random.below(60));
    const std::size_t decimals = random.below(19);
    std::string text = std::to_string(mantissa);
    if (decimals > 0) {
      if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
      text.insert(text.size() - decimals, 1, '.');
    }
    WireNumber n;
    ASSERT_TRUE(parse_wire_number(text, n)) << text;
    EXPECT_EQ(static_cast<std::uint64_t>(n.mantissa), mantissa) << text;
    EXPECT_EQ(n.decimals, decimals) << text;
  }
}

TEST(Records, channel_names_are_cut_at_31_characters) {
  Records records;
  EXPECT_EQ(records.channel(), "");
  records.set_channel("book.update");
  EXPECT_EQ(records.channel(), "book.update");
  records.set_channel("0123456789012345678901234567890123456789");
  EXPECT_EQ(records.channel(), "0123456789012345678901234567890");
  records.clear();
  EXPECT_EQ(records.channel(), "");
}

TEST(Records, what_was_appended_behind_a_mark_is_taken_back) {
  Records records;
  records.add(HeartbeatRequest{"first"});
  records.levels().push_back({{1, 0}, {2, 0}});
  const Records::Mark mark = records.mark();
  records.add(HeartbeatSeen{});
  records.levels().resize(5);
  records.restore(mark);
  ASSERT_EQ(records.items().size(), 1U);
  EXPECT_EQ(std::get<HeartbeatRequest>(records.items()[0]).reply, "first");
  EXPECT_EQ(records.levels().size(), 1U);
}

TEST(Wire, names) {
  EXPECT_EQ(to_string(StreamId{StreamKind::market, 0}), "market");
  EXPECT_EQ(to_string(StreamId{StreamKind::market, 1}), "market#1");
  EXPECT_EQ(to_string(StreamId{StreamKind::user, 0}), "user");
  EXPECT_EQ(to_string(HttpMethod::get), "GET");
  EXPECT_EQ(to_string(HttpMethod::del), "DELETE");
  EXPECT_EQ(request_name(Request(NewOrder{})), "private: new order");
  EXPECT_EQ(request_name(Request(QueryDepth{})), "public: query depth");
}

}  // namespace
}  // namespace calypte::venue
