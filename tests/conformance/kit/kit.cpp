#include "kit/kit.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "kit/case_name.hpp"
#include "kit/table.hpp"

namespace calypte::conformance {

namespace {

struct Options {
  std::string venue;
  std::vector<std::string> cases;
  bool list = false;
  std::uint64_t seed = 0;
  std::string json;
  std::string recording;
};

constexpr std::string_view kRecorded = "Recorded";  // the suite of the cases over a recording

std::vector<TestName> all_tests(std::span<const std::string> venues) {
  std::vector<TestName> tests;
  const auto& unit = *testing::UnitTest::GetInstance();
  for (int i = 0; i < unit.total_test_suite_count(); ++i) {
    const auto& suite = *unit.GetTestSuite(i);
    for (int k = 0; k < suite.total_test_count(); ++k) {
      auto test = test_name(suite.name(), suite.GetTestInfo(k)->name(), venues);
      if (test) tests.push_back(std::move(*test));
    }
  }
  return tests;
}

bool wanted(const TestName& test, const Options& options) {
  if (options.recording.empty() == (test.suite == kRecorded)) return false;
  return options.cases.empty() ||
         std::ranges::any_of(options.cases, [&](const auto& word) { return is_meant(test.name, test.test, word); });
}

/// What other venues have and this one has not: once each, under the name of one that has it.
std::vector<TestName> missing(const std::vector<TestName>& tests, const Options& options) {
  std::set<std::pair<std::string, std::string>> present;
  for (const auto& test : tests) {
    if (test.venue == options.venue) present.emplace(test.suite, test.test);
  }
  std::vector<TestName> found;
  for (const auto& test : tests) {
    if (!wanted(test, options) || !present.emplace(test.suite, test.test).second) continue;
    found.push_back(test);
    found.back().variant.clear();
  }
  return found;
}

int list(const std::vector<TestName>& chosen) {
  for (const auto& test : chosen) {
    fmt::print("{:<14} {}{}\n", ids_text(test.name), test.name.title,
               test.variant.empty() ? "" : " (" + test.variant + ")");
  }
  return chosen.empty() ? 2 : 0;
}

std::string joined(std::span<const std::string> words) { return fmt::format("{}", fmt::join(words, ", ")); }

int run_table(const Options& options, const Suite& suite) {
  if (std::ranges::find(suite.venues, options.venue) == suite.venues.end() && options.recording.empty()) {
    fmt::print(stderr, "calypte conformance: there is no simulated venue {}; there are: {}\n", options.venue,
               joined(suite.venues));
    return 2;
  }
  auto venues = suite.venues;
  if (!options.recording.empty()) {
    venues = {options.venue};
    const auto why = suite.register_recorded ? suite.register_recorded(options.recording, options.venue)
                                             : "this program knows no recordings";
    if (!why.empty()) {
      fmt::print(stderr, "calypte conformance: {}\n", why);
      return 2;
    }
  }
  const auto tests = all_tests(venues);
  std::vector<TestName> chosen;
  std::string filter;
  for (const auto& test : tests) {
    if (test.venue != options.venue || !wanted(test, options)) continue;
    filter += (filter.empty() ? "" : ":") + test.full;
    chosen.push_back(test);
  }
  if (options.list) return list(chosen);
  const auto absent = missing(tests, options);
  if (chosen.empty() && absent.empty()) {
    fmt::print(stderr, "calypte conformance: no case is called {}\n", joined(options.cases));
    return 2;
  }
  auto table_owner = std::make_unique<Table>(venues);
  Table& table = *table_owner;
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(table_owner.release());  // owned by GoogleTest from now on
  table.print_head();
  int code = 0;
  if (!chosen.empty()) {
    testing::GTEST_FLAG(filter) = filter;
    code = RUN_ALL_TESTS();
  }
  for (const auto& test : absent) table.add_not_applicable(test, "needs " + suite.needs(test.suite));
  table.print_end();
  if (!options.json.empty()) {
    std::ofstream file(options.json, std::ios::trunc);
    file << table.json(options.venue, options.seed);
    file.close();
    if (!file) {
      fmt::print(stderr, "calypte conformance: {} cannot be written\n", options.json);
      return 2;
    }
  }
  return code != 0 || table.count(Outcome::failed) > 0 ? 1 : 0;
}

}  // namespace

int run(int argc, char** argv, const Suite& suite) {
  testing::InitGoogleTest(&argc, argv);
  if (argc == 1) return RUN_ALL_TESTS();

  Options options;
  options.seed = suite.seed;
  CLI::App app{"Runs the venue-neutral conformance cases against a connector and its simulated venue."};
  app.name("calypte conformance");
  app.add_option("venue", options.venue, "A connector by its name: " + joined(suite.venues))->required();
  app.add_option("--case", options.cases, "Only these: an id (H-06), a group (EX), or part of a test's name");
  app.add_flag("--list", options.list, "Only say which cases there are");
  app.add_option("--seed", options.seed, "Seed of prices, background trading and jitter");
  app.add_option("--json", options.json, "Also write the table to this file");
  app.add_option("--recording", options.recording, "Run the book cases on a recording of the real venue instead");
  CLI11_PARSE(app, argc, argv);
  suite.set_seed(options.seed);
  return run_table(options, suite);
}

}  // namespace calypte::conformance
