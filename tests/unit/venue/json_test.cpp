#include "venue/json.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>
#include <string>
#include <vector>

#include "core/random.hpp"

namespace calypte::venue::json {
namespace {

/// Parses and reports whether it was accepted.
bool accepts(std::string_view text) {
  Document document;
  PaddedBuffer buffer(text);
  const auto result = document.parse(buffer.bytes());
  if (!result.ok()) {
    EXPECT_EQ(result.status().code(), StatusCode::malformed);
    EXPECT_FALSE(result.status().message().empty());
  }
  return result.ok();
}

class JsonValue : public ::testing::Test {
 protected:
  Value parse(std::string_view text) {
    auto result = document_.parse(buffer_.assign(text));
    EXPECT_TRUE(result.ok()) << result.status().to_string();
    return result.ok() ? *result : Value();
  }
  Document document_;
  PaddedBuffer buffer_;
};

TEST_F(JsonValue, reads_members_in_any_order_and_again) {
  const Value root = parse(R"( {"a": 1, "b" :{"c":[10, "x", null ,true,false]} , "d":"end"} )");
  EXPECT_EQ(root.find("d").string(), "end");
  EXPECT_EQ(root.find("b").find("c")[1].string(), "x");
  EXPECT_EQ(root.find("a").text(), "1");
  EXPECT_EQ(root.find("d").string(), "end");
  const Value list = root.find("b").find("c");
  EXPECT_EQ(list.size(), 5U);
  EXPECT_EQ(list[0].integer(), 10);
  EXPECT_EQ(list[2].kind(), Kind::null);
  EXPECT_EQ(list[3].boolean(), true);
  EXPECT_EQ(list[4].boolean(), false);
  EXPECT_EQ(list.text(), R"([10, "x", null ,true,false])");
  EXPECT_EQ(root.size(), 3U);
  EXPECT_EQ(root.find("b").text(), R"({"c":[10, "x", null ,true,false]})");
}

TEST_F(JsonValue, a_chain_of_look_ups_over_missing_things_is_safe) {
  const Value root = parse(R"({"a":[1]})");
  const Value missing = root.find("x").find("y")[3].find("z");
  EXPECT_EQ(missing.kind(), Kind::missing);
  EXPECT_TRUE(missing.is_null());
  EXPECT_FALSE(missing.exists());
  EXPECT_EQ(missing.text(), "");
  EXPECT_EQ(missing.string(), "");
  EXPECT_EQ(missing.integer(), std::nullopt);
  EXPECT_EQ(missing.boolean(), std::nullopt);
  EXPECT_EQ(missing.size(), 0U);
  EXPECT_FALSE(root.find("a")[1].exists());
  EXPECT_FALSE(root.find("a").find("a").exists());
  EXPECT_FALSE(root[0].exists());
  EXPECT_FALSE(Value().find("a").exists());
}

TEST_F(JsonValue, the_first_of_two_equal_keys_counts) { EXPECT_EQ(parse(R"({"a":1,"a":2})").find("a").integer(), 1); }

TEST_F(JsonValue, iterates_elements_and_members_over_nested_containers) {
  const Value root = parse(R"({"a":[[1,[2]],{},[],"s"],"b\u0041":{"k":[]},"c":7})");
  std::vector<std::string> texts;
  for (const Value value : root.find("a").elements()) texts.emplace_back(value.text());
  EXPECT_EQ(texts, (std::vector<std::string>{"[1,[2]]", "{}", "[]", "s"}));
  std::vector<std::string> keys;
  for (const auto [key, value] : root.members()) keys.push_back(std::string(key) + "=" + std::string(value.text()));
  EXPECT_EQ(keys, (std::vector<std::string>{R"(a=[[1,[2]],{},[],"s"])", R"(bA={"k":[]})", "c=7"}));
  EXPECT_EQ(root.find("bA").size(), 1U);
}

TEST_F(JsonValue, numbers_keep_their_digits) {
  const Value root = parse(R"([1.50, -0.0, 1E-8, 123456789012345678901234567890, "42.10", "abc", 4e2])");
  EXPECT_EQ(root[0].text(), "1.50");
  EXPECT_EQ(root[1].text(), "-0.0");
  EXPECT_EQ(root[2].text(), "1E-8");
  EXPECT_EQ(root[3].text(), "123456789012345678901234567890");
  WireNumber n;
  ASSERT_TRUE(root[0].wire_number(n));
  EXPECT_EQ(n, (WireNumber{150, 2}));
  ASSERT_TRUE(root[4].wire_number(n));
  EXPECT_EQ(n, (WireNumber{4210, 2}));
  EXPECT_FALSE(root[3].wire_number(n));
  EXPECT_FALSE(root[5].wire_number(n));
  EXPECT_EQ(root[0].integer(), std::nullopt);
  EXPECT_EQ(root[3].integer(), std::nullopt);
  EXPECT_EQ(root[4].scalar(), "42.10");
}

TEST_F(JsonValue, integers_come_as_number_or_string) {
  const Value root = parse(R"(["9223372036854775807", -5, "18446744073709551615", "1x", "", 1.0, true])");
  EXPECT_EQ(root[0].integer(), 9223372036854775807LL);
  EXPECT_EQ(root[1].integer(), -5);
  EXPECT_EQ(root[1].unsigned_integer(), std::nullopt);
  EXPECT_EQ(root[2].integer(), std::nullopt);
  EXPECT_EQ(root[2].unsigned_integer(), 18446744073709551615ULL);
  EXPECT_EQ(root[3].integer(), std::nullopt);
  EXPECT_EQ(root[4].integer(), std::nullopt);
  EXPECT_EQ(root[5].integer(), std::nullopt);
  EXPECT_EQ(root[6].integer(), std::nullopt);
}

TEST_F(JsonValue, strings_lose_their_escapes_and_raw_texts_keep_them) {
  const Value root = parse(R"(["a\"b\\c\/d\b\f\n\r\t", "\u00e9\u20AC\ud83d\ude00", "plain", "\u0000x"])");
  EXPECT_EQ(root[0].string(), "a\"b\\c/d\b\f\n\r\t");
  EXPECT_EQ(root[0].text(), R"(a\"b\\c\/d\b\f\n\r\t)");
  EXPECT_EQ(root[1].string(), "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(root[2].string().data(), root[2].text().data());
  EXPECT_EQ(root[3].string(), std::string_view("\0x", 2));
}

TEST_F(JsonValue, a_document_is_used_again) {
  EXPECT_EQ(parse(R"({"long":"first text with \"escapes\" in it","n":[1,2,3]})").size(), 2U);
  EXPECT_FALSE(document_.parse(buffer_.assign("{")).ok());
  EXPECT_EQ(parse("[2]")[0].integer(), 2);
  const std::string big = "[" + std::string(20000, ' ') + "3]";
  EXPECT_EQ(parse(big)[0].integer(), 3);
}

TEST(Json, accepts_what_the_grammar_allows) {
  for (const std::string_view text :
       {"{}", "[]", "0", "-0", "1.5e+10", "\"\"", "null", "true", " [ ] ", "[1,2]", "{\"\":0}", "[[],[[]],{}]",
        "\t\n\r 1 \n", "1e999", "\"\\u0041\"", "\"\xC3\xA9\""}) {
    EXPECT_TRUE(accepts(text)) << text;
  }
}

TEST(Json, refuses_everything_else) {
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "}",
                                      "[",
                                      "]",
                                      "[1,]",
                                      "[,1]",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{,}",
                                      "{a:1}",
                                      "{1:2}",
                                      "[1 2]",
                                      "1 2",
                                      "[1]]",
                                      "[1}",
                                      "{\"a\":1]",
                                      "01",
                                      "-",
                                      "-01",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "1e",
                                      "1e+",
                                      "0x10",
                                      "tru",
                                      "truee",
                                      "nul",
                                      "True",
                                      "NaN",
                                      "Infinity",
                                      "\"abc",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u12g4\"",
                                      "\"\\ud800\"",
                                      "\"\\ud800\\u0041\"",
                                      "\"\\udc00\"",
                                      "\"a\"b",
                                      "\"\n\"",
                                      "[\"a\" \"b\"]",
                                      "[\"a\":1]",
                                      "{\"a\",1}",
                                      "[1:2]",
                                      "\xFF",
                                      "\"\xC3\"",
                                      "\xEF\xBB\xBF[]",
                                      "<html>",
                                      "[1]x",
                                      "{\"a\":1}{\"b\":2}",
                                      "'a'",
                                      "[1,,2]",
                                      "\"\\"}) {
    EXPECT_FALSE(accepts(text)) << text;
  }
  EXPECT_FALSE(accepts(std::string_view("[1]\0", 4)));
  EXPECT_FALSE(accepts(std::string_view("\0", 1)));
}

TEST(Json, depth_is_bounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(accepts(nested(kMaxDepth)));
  EXPECT_FALSE(accepts(nested(kMaxDepth + 1)));
  EXPECT_FALSE(accepts(std::string(100'000, '[')));
}

TEST(Json, the_number_of_values_is_bounded) {
  std::string text = "[0";
  for (std::size_t i = 2; i < kMaxNodes; ++i) text += ",0";
  EXPECT_TRUE(accepts(text + "]"));
  EXPECT_FALSE(accepts(text + ",0]"));
}

TEST(Json, every_cut_of_a_text_is_refused) {
  const std::string text = R"({"id":-1,"r":{"d":[{"p":["1.5","0"],"t":12}],"c":"b\u0041\n"},"ok":true})";
  ASSERT_TRUE(accepts(text));
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(accepts(text.substr(0, size))) << size;
}

TEST(Json, accepts_and_refuses_as_the_dom_does_over_mutated_texts) {
  const std::vector<std::string> seeds = {
      R"({"id":-1,"method":"subscribe","code":0,"result":{"data":[{"asks":[["2749.62","0.2","2"]],"t":17901,"u":3755}]}})",
      R"([true,false,null,-1.5e-3,0,"a\"\\\u00e9\ud83d\ude00",{"k":{}},[[]]])",
      R"( { "a" : [ 1 , 2.0 , "x y" ] , "b" : { } } )"};
  constexpr std::string_view kInteresting = "{}[],:\"\\ \n0123456789-+.eEutrfalsn\x01\x80\xC3\xFF/";
  core::Random random(20261121);
  Document document;
  simdjson::dom::parser dom;
  PaddedBuffer buffer;
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text = seeds[random.below(seeds.size())];
    const std::uint64_t changes = random.below(4);
    for (std::uint64_t i = 0; i < changes && !text.empty(); ++i) {
      const std::size_t place = random.below(text.size());
      const char c = kInteresting[random.below(kInteresting.size())];
      switch (random.below(4)) {
        case 0:
          text[place] = c;
          break;
        case 1:
          text.insert(place, 1, c);
          break;
        case 2:
          text.erase(place, 1 + random.below(3));
          break;
        default:
          std::swap(text[place], text[random.below(text.size())]);
          break;
      }
    }
    const auto ours = document.parse(buffer.assign(text));
    const auto theirs = dom.parse(buffer.bytes().data(), text.size(), false).error();
    if (theirs == simdjson::SUCCESS) {
      ++accepted;
      EXPECT_TRUE(ours.ok()) << text << "\n" << ours.status().to_string();
    } else {
      ++refused;
      // The DOM also refuses well-formed numbers that no double or 64-bit integer holds; we keep their digits.
      const bool number_too_big = theirs == simdjson::NUMBER_ERROR;
      EXPECT_TRUE(!ours.ok() || number_too_big) << text << "\n" << simdjson::error_message(theirs);
    }
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(accepted, 10'000);
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace calypte::venue::json
