#include "venue/json_writer.hpp"

#include <gtest/gtest.h>

#include "venue/json.hpp"

namespace calypte::venue::json {
namespace {

TEST(JsonWriter, sets_commas_between_members_and_elements) {
  std::string out;
  Writer w(out);
  w.begin_object().field("a", "x").key("b").begin_array().integer(std::int64_t{-1}).string("y").begin_object();
  w.end_object().begin_array().end_array().end_array().key("c").raw("1.50").key("d").boolean(true).key("e").null();
  w.key("f").integer(std::uint64_t{18446744073709551615ULL}).end_object();
  EXPECT_EQ(out, R"({"a":"x","b":[-1,"y",{},[]],"c":1.50,"d":true,"e":null,"f":18446744073709551615})");
}

TEST(JsonWriter, appends_behind_what_is_there) {
  std::string out = "prefix ";
  Writer(out).begin_array().string("a").end_array();
  EXPECT_EQ(out, R"(prefix ["a"])");
}

TEST(JsonWriter, texts_that_end_in_a_bracket_or_colon_are_separated_too) {
  std::string out;
  Writer(out).begin_array().string("{").string("[").string(":").string(",").end_array();
  EXPECT_EQ(out, R"(["{","[",":",","])");
}

TEST(JsonWriter, what_it_escapes_is_read_back) {
  std::string every;
  for (int c = 0; c < 128; ++c) every.push_back(static_cast<char>(c));
  every += "\xC3\xA9";
  std::string out;
  Writer(out).begin_object().field(every, every).end_object();
  Document document;
  PaddedBuffer buffer(out);
  const auto root = document.parse(buffer.bytes());
  ASSERT_TRUE(root.ok()) << root.status().to_string();
  EXPECT_EQ((*root).find(every).string(), every);
}

}  // namespace
}  // namespace calypte::venue::json
