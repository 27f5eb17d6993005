#include "kit/table.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

#include "kit/elsewhere.hpp"
#include "venue/json_writer.hpp"

namespace calypte::conformance {

namespace {

std::string_view word(Outcome outcome) {
  switch (outcome) {
    case Outcome::failed:
      return "FAILED";
    case Outcome::skipped:
      return "skipped";
    case Outcome::not_applicable:
      return "n/a";
    case Outcome::passed:
      break;
  }
  return "passed";
}

void print_line(std::string_view ids, std::string_view title, std::string_view result, std::string_view time) {
  fmt::print("{:<14} {:<88} {:<8} {:>8}\n", ids, title, result, time);
}

std::string title_of(const TestName& test) {
  return test.variant.empty() ? test.name.title : test.name.title + " (" + test.variant + ")";
}

void print_row(const Row& row) {
  const bool ran = row.outcome == Outcome::passed || row.outcome == Outcome::failed;
  print_line(ids_text(row.test.name), title_of(row.test), word(row.outcome), ran ? fmt::format("{} ms", row.ms) : "");
  std::string_view rest = row.why;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    fmt::print("{:<14}   {}\n", "", rest.substr(0, end));
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
  }
  std::fflush(stdout);
}

}  // namespace

std::string ids_text(const CaseName& name) {
  std::string text;
  for (const auto& id : name.ids) text += (text.empty() ? "" : " ") + id;
  return text.empty() ? "-" : text;
}

void Table::print_head() const { print_line("case", "title", "result", "time"); }

void Table::OnTestEnd(const testing::TestInfo& info) {
  auto test = test_name(info.test_suite_name(), info.name(), venues_);
  if (!test) return;
  const auto& result = *info.result();
  Row row{.test = std::move(*test), .outcome = Outcome::passed, .why = {}, .ms = result.elapsed_time()};
  if (result.Failed()) row.outcome = Outcome::failed;
  if (result.Skipped()) row.outcome = Outcome::skipped;
  for (int i = 0; i < result.total_part_count(); ++i) {
    const auto& part = result.GetTestPartResult(i);
    if (part.passed()) continue;
    if (!row.why.empty() && row.why.back() != '\n') row.why += '\n';
    if (part.failed() && part.file_name() != nullptr) {
      row.why += fmt::format("{}:{}: ", part.file_name(), part.line_number());
    }
    row.why += part.message();
  }
  if (row.outcome == Outcome::failed) {
    row.why += fmt::format("\nrun it alone: --gtest_filter={}", row.test.full);
  }
  print_row(row);
  rows_.push_back(std::move(row));
}

void Table::add_not_applicable(TestName test, std::string why) {
  rows_.push_back({.test = std::move(test), .outcome = Outcome::not_applicable, .why = std::move(why)});
  print_row(rows_.back());
}

void Table::print_end() const {
  fmt::print("\nrun by other programs:\n");
  for (const auto& each : cases_elsewhere()) {
    fmt::print("  {:<28} {:<58} {}\n", each.ids, each.title, each.why);
  }
  fmt::print("\n{} passed, {} failed, {} skipped, {} not applicable\n", count(Outcome::passed), count(Outcome::failed),
             count(Outcome::skipped), count(Outcome::not_applicable));
  std::fflush(stdout);
}

std::size_t Table::count(Outcome outcome) const {
  return static_cast<std::size_t>(std::ranges::count(rows_, outcome, &Row::outcome));
}

std::string Table::json(const std::string& venue, std::uint64_t seed) const {
  std::string out;
  venue::json::Writer json(out);
  json.begin_object().field("venue", venue).key("seed").integer(seed);
  json.key("cases").begin_array();
  for (const auto& row : rows_) {
    json.begin_object().key("ids").begin_array();
    for (const auto& id : row.test.name.ids) json.string(id);
    json.end_array();
    json.field("title", title_of(row.test)).field("suite", row.test.suite).field("test", row.test.full);
    json.field("result", row.outcome == Outcome::failed           ? "failed"
                         : row.outcome == Outcome::skipped        ? "skipped"
                         : row.outcome == Outcome::not_applicable ? "not applicable"
                                                                  : "passed");
    json.field("why", row.why).key("ms").integer(row.ms).end_object();
  }
  json.end_array();
  json.key("passed").integer(std::uint64_t{count(Outcome::passed)});
  json.key("failed").integer(std::uint64_t{count(Outcome::failed)});
  json.key("skipped").integer(std::uint64_t{count(Outcome::skipped)});
  json.key("not_applicable").integer(std::uint64_t{count(Outcome::not_applicable)});
  json.end_object();
  return out + "\n";
}

}  // namespace calypte::conformance
