// How `calypte history` reads and writes times and fields, and what it shows of a history.
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include "cli/command_history.hpp"
#include "journal/history_store.hpp"
#include "support/history_records.hpp"

namespace calypte::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using journal::history_test::Records;

TEST(HistoryCommand, since_is_a_date_a_time_or_how_long_ago) {
  const Time now = from_unix_ns(1'700'000'000'123'456'789);
  EXPECT_EQ(parse_since("1970-01-02", now), from_unix_ms(86'400'000));
  EXPECT_EQ(parse_since("2023-11-14T22:13:20", now), from_unix_ms(1'700'000'000'000));
  EXPECT_EQ(parse_since("90m", now), now - 90min);
  EXPECT_EQ(parse_since("12h", now), now - 12h);
  EXPECT_EQ(parse_since("7d", now), now - 168h);
  for (const char* bad : {"", "d", "7", "7w", "-7d", "2023-02-30", "2023-11-14 22:13:20", "2023-11-14T24:00:00",
                          "2023-11-14T22:13", "2500-01-01", "1969-12-31", "999999999d", "+7d"}) {
    EXPECT_EQ(parse_since(bad, now), std::nullopt) << bad;
  }
}

TEST(HistoryCommand, times_are_utc_with_every_digit) {
  EXPECT_EQ(utc_text(from_unix_ns(1'700'000'000'123'456'789)), "2023-11-14 22:13:20.123456789");
  EXPECT_EQ(utc_text(from_unix_ns(0)), "1970-01-01 00:00:00.000000000");
  EXPECT_EQ(utc_text(from_unix_ns(-1)), "1969-12-31 23:59:59.999999999");
}

TEST(HistoryCommand, fields_are_quoted_where_they_have_to_be) {
  EXPECT_EQ(csv_field("plain text"), "plain text");
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"a\""), "\"say \"\"a\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
}

class HistoryProgram : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("calypte-history-command-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write() {
    auto database = journal::open_database((folder_ / "history.db").string(), journal::DatabaseUse::writing);
    ASSERT_TRUE(database.ok());
    journal::HistoryStore store(std::move(*database), null_log());
    ASSERT_TRUE(store.attach(journal::history_test::kWho, "j1").ok());
    Records records;
    const auto order = journal::history_test::make_order("cal1");
    auto fill = journal::history_test::filled(order, "T\x1b[2J,1", "100.50"_dec, 1);
    records.round(&order, {fill});
    ASSERT_TRUE(store.apply(records.all()).ok());
  }
  std::string shown(const HistoryOptions& options, int expected) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    EXPECT_EQ(run_history(options), expected);
    std::fflush(stdout);
    errors_ = testing::internal::GetCapturedStderr();
    return testing::internal::GetCapturedStdout();
  }
  fs::path folder_;
  std::string errors_;
};

TEST_F(HistoryProgram, a_folder_without_a_history_is_said_to_have_none) {
  EXPECT_EQ(shown({.where = folder_.string()}, 2), "");
  EXPECT_NE(errors_.find("history.db"), std::string::npos) << errors_;
  EXPECT_FALSE(fs::exists(folder_ / "history.db"));
}

TEST_F(HistoryProgram, rows_are_columns_or_csv) {
  write();
  const std::string plain = shown({.where = folder_.string(), .table = "fills"}, 0);
  EXPECT_TRUE(plain.starts_with("time ")) << plain;
  EXPECT_NE(plain.find("cal1   T [2J,1  BTC-USDT  BUY   100.50"), std::string::npos) << plain;
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  const std::string csv = shown({.where = (folder_ / "history.db").string(), .table = "fills", .csv = true}, 0);
  EXPECT_EQ(
      csv,
      "time,venue,order,trade,pair,side,price,amount,quote,fee,fee_token,fee_in_quote,taker,late,source,realized\r\n"
      "2023-11-14 22:13:20.000000004,crypto_com,cal1,\"T\x1b[2J,1\",BTC-USDT,BUY,100.50,1,100.50,0.010,USDT,0.010,"
      "0,0,order,\r\n");
  EXPECT_EQ(shown({.where = folder_.string(), .table = "orders", .since = "2023-11-15", .csv = true}, 0).find("cal1"),
            std::string::npos);
}

TEST_F(HistoryProgram, wrong_options_are_named) {
  write();
  shown({.where = folder_.string(), .table = "trades"}, 2);
  EXPECT_NE(errors_.find("orders, fills, funding and events"), std::string::npos);
  shown({.where = folder_.string(), .since = "yesterday"}, 2);
  EXPECT_NE(errors_.find("--since"), std::string::npos);
}

}  // namespace
}  // namespace calypte::cli
