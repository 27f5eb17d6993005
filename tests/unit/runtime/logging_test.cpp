#include "runtime/logging.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <string>
#include <vector>

namespace calypte::runtime {
namespace {

class LogFile : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) / (std::string("calypte_log_") + info->name());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "deep" / "log.txt"; }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::ifstream in(file());
    std::vector<std::string> result;
    for (std::string line; std::getline(in, line);) result.push_back(line);
    return result;
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(LogFile, holds_the_lines_from_the_level_on) {
  {
    const auto log = make_log(LogLevel::info, file());
    ASSERT_TRUE(log.ok()) << log.status().to_string();
    EXPECT_FALSE((*log)->enabled(LogLevel::debug));
    EXPECT_TRUE((*log)->enabled(LogLevel::info));
    (*log)->log(LogLevel::debug, "a.b", "not this");
    (*log)->log(LogLevel::info, "a.b", "this {} %v");
    (*log)->log(LogLevel::error, "c", "and this");
  }
  const auto written = lines();
  ASSERT_EQ(written.size(), 2U);
  const std::string time = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z )";
  EXPECT_TRUE(std::regex_match(written[0], std::regex(time + R"(info a\.b: this \{\} %v)"))) << written[0];
  EXPECT_TRUE(std::regex_match(written[1], std::regex(time + "error c: and this"))) << written[1];
}

TEST_F(LogFile, a_warning_is_there_at_once) {
  const auto log = make_log(LogLevel::trace, file());
  (*log)->log(LogLevel::warning, "a", "now");
  EXPECT_EQ(lines().size(), 1U);
}

TEST_F(LogFile, a_message_cannot_forge_a_line) {
  const auto log = make_log(LogLevel::trace, file());
  (*log)->log(LogLevel::warning, "a", std::string_view("x\ny\r\x1b[2J\0\x7f", 10));
  const auto written = lines();
  ASSERT_EQ(written.size(), 1U);
  EXPECT_TRUE(written[0].ends_with(R"(a: x\x0ay\x0d\x1b[2J\x00\x7f)")) << written[0];
}

TEST_F(LogFile, is_appended_to) {
  for (int i = 0; i < 2; ++i) (*make_log(LogLevel::info, file()))->log(LogLevel::warning, "a", "line");
  EXPECT_EQ(lines().size(), 2U);
}

TEST(Log, a_file_that_cannot_be_opened_is_denied) {
  const auto log = make_log(LogLevel::info, std::filesystem::path("/proc/no/such/log.txt"));
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.status().code(), StatusCode::denied);
}

TEST(Log, stderr_gets_the_lines) {
  testing::internal::CaptureStderr();
  make_log(LogLevel::warning)->log(LogLevel::info, "a", "not this");
  make_log(LogLevel::warning)->log(LogLevel::warning, "a", "this");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("warning a: this\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("not"), std::string::npos) << text;
}

}  // namespace
}  // namespace calypte::runtime
