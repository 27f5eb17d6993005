// The result of a run as a table for people, printed while it runs, and as JSON for programs.
#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <vector>

#include "kit/case_name.hpp"

namespace calypte::conformance {

enum class Outcome : std::uint8_t { passed, failed, skipped, not_applicable };

struct Row {
  TestName test;
  Outcome outcome = Outcome::passed;
  std::string why;  ///< of a failure, a skipped case or one that does not apply
  std::int64_t ms = 0;
};

/// Hears GoogleTest and prints a line for each case that has ended; what failed stands below it.
class Table : public testing::EmptyTestEventListener {
 public:
  explicit Table(std::vector<std::string> venues) : venues_(std::move(venues)) {}

  void print_head() const;
  /// A case that this venue does not have.
  void add_not_applicable(TestName test, std::string why);
  /// The cases that other programs run, and the sums.
  void print_end() const;
  [[nodiscard]] std::size_t count(Outcome outcome) const;
  [[nodiscard]] std::span<const Row> rows() const noexcept { return rows_; }
  [[nodiscard]] std::string json(const std::string& venue, std::uint64_t seed) const;

 private:
  void OnTestEnd(const testing::TestInfo& info) override;

  std::vector<std::string> venues_;
  std::vector<Row> rows_;
};

/// "H-06 PP-15", or "-" for a case of no list.
[[nodiscard]] std::string ids_text(const CaseName& name);

}  // namespace calypte::conformance
