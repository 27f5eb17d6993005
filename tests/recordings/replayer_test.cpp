// How a replay treats its recording: when an answer is handed over, when a book is subscribed to, what the clock does.
#include "cli/replay/replayer.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "cli/replay/report.hpp"
#include "connector/registry.hpp"
#include "venue/json.hpp"

namespace calypte::cli {
namespace {

using Kind = RecordedEvent::Kind;

/// A recording of one spot book of Binance, line by line.
class Replays : public ::testing::Test {
 protected:
  void diff(int at_ms, int first, int last, std::string_view bid = "10.0") {
    frame(at_ms, R"({"stream":"xyusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"XYUSDT","U":)" +
                     std::to_string(first) + R"(,"u":)" + std::to_string(last) + R"(,"b":[[")" + std::string(bid) +
                     R"(","1"]],"a":[]}})");
  }
  void ticker(int at_ms, int id, std::string_view bid) {
    frame(at_ms, R"({"stream":"xyusdt@bookTicker","data":{"u":)" + std::to_string(id) + R"(,"s":"XYUSDT","b":")" +
                     std::string(bid) + R"(","B":"1","a":"20.0","A":"1"}})");
  }
  void book(int at_ms, int id) {
    recording_.events.push_back(
        {Kind::reply, from_unix_ms(at_ms), "rest", venue::QueryDepth{Symbol("XYUSDT")},
         R"({"lastUpdateId":)" + std::to_string(id) + R"(,"bids":[["9.0","1"]],"asks":[["20.0","1"]]})"});
  }
  void connected(int at_ms) {
    recording_.events.push_back({Kind::connected, from_unix_ms(at_ms), "ws", std::nullopt, {}});
  }
  void frame(int at_ms, std::string text) {
    recording_.events.push_back({Kind::frame, from_unix_ms(at_ms), "ws", std::nullopt, std::move(text)});
  }
  ReplayResult run() {
    recording_.name = "test";
    recording_.venue = "binance";
    const auto venue = connector::make_venue(recording_.venue);
    return replay(recording_, *venue);
  }
  Recording recording_;
};

TEST_F(Replays, join_the_answer_that_the_recording_brings) {
  diff(1000, 5, 6);
  book(1200, 6);
  diff(1300, 7, 8);
  const auto result = run();
  EXPECT_TRUE(result.faults.empty());
  EXPECT_EQ(result.books_live, 1U);
  EXPECT_EQ(result.books.bridges, 1U);
  EXPECT_EQ(result.books.stale, 1U);
  EXPECT_EQ(result.books.diffs, 1U);
}

TEST_F(Replays, keep_an_answer_until_it_is_asked_for) {
  book(900, 6);  // before the first message of the stream, after which the tracker asks
  diff(1000, 7, 8);
  diff(1100, 9, 9);
  const auto result = run();
  EXPECT_TRUE(result.faults.empty());
  EXPECT_EQ(result.books_live, 1U);
  EXPECT_EQ(result.books.diffs, 2U);
  EXPECT_EQ(result.unasked_books, 0U);
}

TEST_F(Replays, recover_from_a_break_by_the_next_answer) {
  diff(1000, 5, 6);
  book(1200, 6);
  diff(1300, 7, 8);
  diff(1400, 11, 12);  // 9 and 10 are missing
  book(1900, 12);
  diff(2000, 13, 13);
  const auto result = run();
  EXPECT_EQ(result.books.breaks, 1U);
  EXPECT_EQ(result.books.resyncs, 1U);
  EXPECT_EQ(result.books_live, 1U);
  ASSERT_EQ(result.faults.size(), 1U);
  EXPECT_EQ(result.faults[0], "1 breaks of a chain");
}

TEST_F(Replays, stay_out_of_sync_without_an_answer) {
  diff(1000, 5, 6);
  diff(1300, 7, 8);
  const auto result = run();
  EXPECT_EQ(result.books_live, 0U);
  ASSERT_EQ(result.faults.size(), 1U);
  EXPECT_NE(result.faults[0].find("XY-USDT is not live at the end"), std::string::npos) << result.faults[0];
}

TEST_F(Replays, count_answers_that_nobody_needs) {
  diff(1000, 5, 6);
  book(1200, 6);
  book(1250, 6);
  diff(1300, 7, 8);
  const auto result = run();
  EXPECT_TRUE(result.faults.empty());
  EXPECT_EQ(result.unasked_books, 1U);
}

TEST_F(Replays, subscribe_anew_when_a_connection_comes_again) {
  connected(900);
  diff(1000, 5, 6);
  book(1200, 6);
  diff(1300, 7, 8);
  connected(2000);
  diff(2100, 30, 31);  // no break: what was missed was missed with the connection down
  book(2200, 31);
  diff(2300, 32, 33);
  const auto result = run();
  EXPECT_TRUE(result.faults.empty());
  EXPECT_EQ(result.books.bridges, 2U);
  EXPECT_EQ(result.books.breaks, 0U);
  EXPECT_EQ(result.books_live, 1U);
}

TEST_F(Replays, let_the_deadlines_of_the_books_fall_due) {
  diff(1000, 5, 6);
  book(1200, 6);
  diff(1300, 7, 8);
  diff(1300 + 6 * 60'000, 9, 9);  // the limit of this venue is five minutes
  const auto result = run();
  EXPECT_EQ(result.books.went_silent, 1U);
  EXPECT_EQ(result.books_live, 0U);
}

TEST_F(Replays, compare_the_last_best_price_within_the_ids_of_a_message) {
  diff(1000, 5, 6);
  book(1200, 6);
  ticker(1210, 7, "9.5");
  ticker(1220, 8, "10.0");
  diff(1300, 7, 9, "10.0");
  ticker(1310, 11, "11.0");  // told before the message that covers it
  diff(1400, 10, 12, "12.0");
  ticker(1500, 12, "12.0");  // and another one after it
  const auto result = run();
  EXPECT_EQ(result.quotes.compared, 2U);
  EXPECT_EQ(result.quotes.agreed, 2U);
  EXPECT_EQ(result.books.bbo_compared, 1U);
  EXPECT_TRUE(result.faults.empty());
}

TEST_F(Replays, notice_a_best_price_that_disagrees_within_the_ids_of_a_message) {
  diff(1000, 5, 6);
  book(1200, 6);
  ticker(1220, 8, "10.5");
  diff(1300, 7, 9, "10.0");
  const auto result = run();
  EXPECT_EQ(result.quotes.compared, 1U);
  EXPECT_EQ(result.quotes.agreed, 0U);
  EXPECT_FALSE(result.faults.empty());
}

TEST_F(Replays, count_what_comes_twice_and_what_is_of_no_interest) {
  diff(1000, 5, 6);
  diff(1001, 5, 6);
  frame(1002, R"({"stream":"xyusdt@kline_1m","data":{"e":"kline"}})");
  book(1200, 6);
  diff(1300, 7, 8);
  const auto result = run();
  EXPECT_EQ(result.frames, 4U);
  EXPECT_EQ(result.without_records, 1U);
  EXPECT_EQ(result.channels.at("depth@100ms").messages, 3U);
  EXPECT_EQ(result.channels.at("depth@100ms").repeated, 1U);
}

TEST_F(Replays, are_reported_for_people_and_for_programs) {
  diff(1000, 5, 6);
  book(1200, 6);
  diff(1300, 7, 8);
  diff(1400, 11, 12);
  const std::vector<ReplayResult> results{run()};
  EXPECT_NE(report_row(results[0]).find("FAULT: 1 breaks of a chain"), std::string::npos);
  EXPECT_EQ(report_end(results), "1 recordings, 1 replayed, 1 with faults\n");
  venue::json::Document document;
  venue::PaddedBuffer buffer(report_json(results));
  const auto root = document.parse(buffer.bytes());
  ASSERT_TRUE(root.ok()) << root.status().to_string();
  const auto row = (*root).find("recordings")[0];
  EXPECT_EQ(row.find("verdict").string(), "FAULT");
  EXPECT_EQ(row.find("breaks").integer(), 1);
  EXPECT_EQ(row.find("channels").find("depth@100ms").find("messages").integer(), 3);
  EXPECT_EQ((*root).find("faults").integer(), 2);  // the break, and a book that is not live at the end
}

TEST(RecordedUrls, say_what_was_asked_for) {
  const auto depth = request_of_url("https://x/api/v3/depth?limit=5&symbol=ABC");
  ASSERT_TRUE(depth && std::holds_alternative<venue::QueryDepth>(*depth));
  EXPECT_EQ(std::get<venue::QueryDepth>(*depth).symbol.value, "ABC");
  const auto books = request_of_url("https://x/api/v5/market/books?instId=A-B&sz=5");
  ASSERT_TRUE(books && std::holds_alternative<venue::QueryDepth>(*books));
  EXPECT_EQ(std::get<venue::QueryDepth>(*books).symbol.value, "A-B");
  const auto list = request_of_url("https://x/0/public/AssetPairs");
  EXPECT_TRUE(list && std::holds_alternative<venue::QueryInstruments>(*list));
  EXPECT_FALSE(request_of_url("https://x/api/v3/klines?symbol=depth"));
}

}  // namespace
}  // namespace calypte::cli
