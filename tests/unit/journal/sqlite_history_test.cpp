// The history in SQLite: the cases for every store, and what only a file can go through.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "support/history_cases.hpp"

namespace calypte::journal::history_test {
namespace {

namespace fs = std::filesystem;

fs::path scratch() {
  static const fs::path kFolder = [] {
    // Removed when the program ends, not before: several tests of one program share it.
    struct Folder {
      fs::path path = fs::temp_directory_path() / ("calypte-history-" + std::to_string(::getpid()));
      ~Folder() { fs::remove_all(path); }
    };
    static const Folder kOwner;
    fs::remove_all(kOwner.path);
    fs::create_directories(kOwner.path);
    return kOwner.path;
  }();
  return kFolder;
}
std::string fresh_file() {
  static int count = 0;
  return (scratch() / ("history" + std::to_string(++count) + ".db")).string();
}

INSTANTIATE_TEST_SUITE_P(Stores, HistoryCases, testing::Values(Target{"sqlite", fresh_file}), name_of);
INSTANTIATE_TEST_SUITE_P(Stores, FeederCases, testing::Values(Target{"sqlite", fresh_file}), name_of);

class SqliteHistory : public FeederCases {};
INSTANTIATE_TEST_SUITE_P(Stores, SqliteHistory, testing::Values(Target{"sqlite", fresh_file}), name_of);

TEST_P(SqliteHistory, the_file_is_private_and_in_wal_mode) {
  append();
  EXPECT_TRUE(feed()->stop(10s));
  struct stat info{};
  ASSERT_EQ(::stat(where_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(one("PRAGMA journal_mode"), "wal");
}

TEST_P(SqliteHistory, people_read_while_it_is_written) {
  append();
  auto feeder = feed();
  ASSERT_TRUE(wait_for([&] { return feeder->stored_sequence() == 1; }));
  auto database = open_database(where_, DatabaseUse::reading);
  ASSERT_TRUE(database.ok());
  ASSERT_TRUE((*database)->begin().ok());
  ASSERT_TRUE((*database)->run("SELECT count(*) FROM events", {}, {}).ok());  // an open read transaction
  append();
  EXPECT_TRUE(wait_for([&] { return feeder->stored_sequence() == 2; })) << feeder->health().to_string();
}

TEST_P(SqliteHistory, a_reader_changes_nothing_and_says_what_is_missing) {
  auto database = open_database(where_, DatabaseUse::reading);
  ASSERT_TRUE(database.ok());
  const Status missing = read_history(**database, {}, [](SqlRow) {});
  EXPECT_FALSE(missing.ok());
  EXPECT_NE(missing.message().find(where_), std::string::npos) << missing.message();
  EXPECT_FALSE(fs::exists(where_));
  std::ofstream(where_) << "this is no database, although it is long enough to have been one";
  database = open_database(where_, DatabaseUse::reading);
  const Status other = read_history(**database, {}, [](SqlRow) {});
  EXPECT_NE(other.message().find("not a database"), std::string::npos) << other.message();
}

TEST_P(SqliteHistory, a_full_disk_is_reported_and_the_feeder_goes_on_when_there_is_space) {
  // SQLite says "full" for a limit of pages as it does for a disk.
  append();
  auto feeder = feed();
  ASSERT_TRUE(wait_for([&] { return feeder->stored_sequence() == 1; }));
  feeder->stop(10s);
  feeder.reset();
  // A table that refuses to grow: the trigger raises what a failing write raises.
  run("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");
  append();
  feeder = feed();
  ASSERT_TRUE(wait_for([&] { return !feeder->health().ok(); }));
  EXPECT_NE(feeder->health().message().find("disk is full"), std::string::npos) << feeder->health().message();
  run("DROP TRIGGER full");
  EXPECT_TRUE(wait_for([&] { return feeder->stored_sequence() == 2 && feeder->health().ok(); }));
  EXPECT_EQ(events(), "2|1|2");
}

TEST_P(SqliteHistory, a_folder_that_is_not_there_yet_is_waited_for) {
  // Stands for a disk that is not mounted and for a folder that cannot be written; root may write everywhere.
  const fs::path folder = scratch() / "later";
  where_ = (folder / "history.db").string();
  append();
  auto feeder = feed();
  ASSERT_TRUE(wait_for([&] { return !feeder->health().ok(); }));
  EXPECT_NE(feeder->health().message().find(where_), std::string::npos) << feeder->health().message();
  EXPECT_FALSE(feeder->stop(1s));
  feeder = feed();
  fs::create_directories(folder);
  EXPECT_TRUE(wait_for([&] { return feeder->stored_sequence() == 1; })) << feeder->health().to_string();
}

TEST_P(SqliteHistory, a_database_that_is_locked_by_somebody_is_waited_for) {
  append();
  {
    auto other = open_database(where_, DatabaseUse::writing);
    ASSERT_TRUE(other.ok());
    ASSERT_TRUE((*other)->begin().ok());
    auto feeder = feed();
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(feeder->stored_sequence(), 0U);
    (*other)->rollback();
    EXPECT_TRUE(wait_for([&] { return feeder->stored_sequence() == 1; })) << feeder->health().to_string();
  }
}

TEST(HistoryLocation, the_configuration_says_where_it_is) {
  EXPECT_EQ(history_location("/j", ""), "/j/history.db");
  EXPECT_EQ(history_location("/j", "none"), std::nullopt);
  EXPECT_EQ(history_location("/j", "/elsewhere/h.db"), "/elsewhere/h.db");
  EXPECT_EQ(history_location("/j", "postgresql://h/d"), "postgresql://h/d");
  EXPECT_TRUE(is_postgresql("postgres://h/d"));
  EXPECT_FALSE(is_postgresql("/postgresql://"));
}

}  // namespace
}  // namespace calypte::journal::history_test
