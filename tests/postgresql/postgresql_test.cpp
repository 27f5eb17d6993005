// The history in PostgreSQL: the cases for every store on a real server, and what only a server can go through.
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

#include "postgresql/postgresql_server.hpp"
#include "support/history_cases.hpp"

// Asked for by the leak sanitizer. libpqxx 6.4 drops the last result, two kilobytes, of each connection that is cut in
// the middle of a statement; the objects that we make are still watched.
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx"; }  // NOLINT(bugprone-reserved-identifier)

namespace calypte::journal::history_test {
namespace {

/// Started by the first case that needs it, ended with the program.
PostgresqlServer& server() {
  static PostgresqlServer kServer;
  return kServer;
}

void execute(const std::string& url, std::string_view sql) {
  auto database = open_database(url, DatabaseUse::writing);
  ASSERT_TRUE(database.ok()) << database.status().to_string();
  Status status = (*database)->begin();
  if (status.ok()) status = (*database)->run(sql, {}, {});
  if (status.ok()) status = (*database)->commit();
  EXPECT_TRUE(status.ok()) << sql << ": " << status.to_string();
}

std::string emptied() {
  execute(server().url(), "DROP SCHEMA calypte CASCADE");
  return server().url();
}

INSTANTIATE_TEST_SUITE_P(Stores, HistoryCases, testing::Values(Target{"postgresql", emptied}), name_of);
INSTANTIATE_TEST_SUITE_P(Stores, FeederCases, testing::Values(Target{"postgresql", emptied}), name_of);

class PostgresqlHistory : public FeederCases {};
INSTANTIATE_TEST_SUITE_P(Stores, PostgresqlHistory, testing::Values(Target{"postgresql", emptied}), name_of);

TEST_P(PostgresqlHistory, amounts_can_be_summed) {
  attach(*open());
  for (int i = 0; i < 2; ++i) append();
  EXPECT_TRUE(feed()->stop(10s));
  EXPECT_EQ(one("SELECT sum(amount * price) FROM orders"), "402.00");
}

TEST_P(PostgresqlHistory, a_cut_connection_loses_nothing_and_repeats_nothing) {
  append();
  auto feeder = feed();
  ASSERT_TRUE(wait_for([&] { return feeder->stored_sequence() == 1; })) << feeder->health().to_string();
  for (std::uint64_t round = 0; round < 20; ++round) {
    for (int i = 0; i < 10; ++i) append();
    run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
  }
  ASSERT_TRUE(wait_for([&] { return feeder->stored_sequence() == 201; })) << feeder->health().to_string();
  EXPECT_EQ(events(), "201|1|201");
  EXPECT_EQ(one("SELECT count(*) FROM order_status"), "201");
}

TEST_P(PostgresqlHistory, a_server_that_is_away_is_waited_for) {
  append();
  auto feeder = feed();
  ASSERT_TRUE(wait_for([&] { return feeder->stored_sequence() == 1; })) << feeder->health().to_string();
  server().stop();
  append();
  ASSERT_TRUE(wait_for([&] { return !feeder->health().ok(); }));
  EXPECT_EQ(feeder->stored_sequence(), 1U);
  server().start();
  ASSERT_TRUE(wait_for([&] { return feeder->stored_sequence() == 2; })) << feeder->health().to_string();
  EXPECT_EQ(events(), "2|1|2");
}

TEST_P(PostgresqlHistory, machines_that_begin_at_once_make_one_set_of_tables) {
  std::vector<std::thread> machines;
  std::vector<Status> results(8);
  for (std::size_t i = 0; i < results.size(); ++i) {
    machines.emplace_back([&, i] {
      auto store = open();
      results[i] = store
                       ->attach({.venue = "v" + std::to_string(i), .prefix = "cal", .environment = "local"},
                                "j" + std::to_string(i))
                       .status();
    });
  }
  for (std::thread& machine : machines) machine.join();
  for (const Status& result : results) EXPECT_TRUE(result.ok()) << result.to_string();
  EXPECT_EQ(one("SELECT count(*) FROM connectors"), "8");
  EXPECT_EQ(one("SELECT count(*) FROM schema_version"), "1");
}

TEST_P(PostgresqlHistory, a_database_of_another_encoding_is_refused) {
  attach(*open());
  auto database = open_database(where_, DatabaseUse::writing);
  // Not inside a transaction, so by the server's own means.
  const std::string command = std::string(POSTGRESQL_PROGRAMS) + "/createdb -h " + server().folder().string() +
                              " -U calypte -E LATIN1 -T template0 latin 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0);
  database = open_database(server().url("latin"), DatabaseUse::writing);
  ASSERT_TRUE(database.ok());
  const Status status = (*database)->begin();
  EXPECT_NE(status.message().find("UTF8"), std::string::npos) << status.to_string();
}

TEST(PostgresqlAddress, a_password_is_never_in_a_message) {
  for (const std::string url :
       {"postgresql://me:hunter2@/d?host=/nowhere/at/all", "postgresql://me@/d?host=/nowhere&password=hunter2",
        "postgresql://me:hunter2@127.0.0.1:1/d", "postgresql://me:hunter%32@127.0.0.1:1/d",
        "postgresql://me:hunter2@host:port/d", "postgresql://me:hunter2/x@h/d", "postgresql://me:hunter2%zz@h/d",
        "postgresql://me:hunter2@x@h/d", "postgresql://me:hunter2 @h/d", "postgresql://me:hunter2@h/d?what=ever",
        "postgresql://me:hunter2@[::1/d", "postgresql://me:hunter2?x@h/d", "postgresql://me:hunter2@h/d?hunter2"}) {
    auto database = open_database(url, DatabaseUse::writing);
    const Status status = database ? (*database)->begin() : database.status();
    EXPECT_FALSE(status.ok()) << url;
    EXPECT_EQ(status.to_string().find("hunter"), std::string::npos) << status.to_string();
  }
}

}  // namespace
}  // namespace calypte::journal::history_test
