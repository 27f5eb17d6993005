#include "kit/recorded.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "cli/replay/recording.hpp"
#include "cli/replay/replayer.hpp"
#include "connector/registry.hpp"

namespace calypte::conformance {

namespace {

using cli::ReplayResult;
using Judge = std::function<void(const ReplayResult&)>;
using Results = std::shared_ptr<const std::vector<ReplayResult>>;

class Recorded : public testing::Test {
 public:
  Recorded(Results results, Judge judge) : results_(std::move(results)), judge_(std::move(judge)) {}
  void TestBody() override {
    for (const auto& result : *results_) {
      SCOPED_TRACE(result.recording);
      judge_(result);
    }
  }

 private:
  Results results_;
  Judge judge_;
};

/// A recording may be of an older wire of the venue, which a row of its own in the register reads.
bool is_of(std::string_view recorded, const std::string& venue) {
  if (recorded == venue) return true;
  return std::ranges::any_of(connector::venues(), [&](const connector::VenueRow& row) {
    return row.name == recorded && row.replay_only && recorded.starts_with(venue + "_");
  });
}

void everything_is_decoded(const ReplayResult& result) {
  EXPECT_GT(result.frames + result.replies, 0U) << "there is nothing in it";
  EXPECT_EQ(result.undecoded, 0U) << fmt::format("{}", fmt::join(result.faults, "\n"));
}
/// What the tracker took for whole has an unbroken chain: what does not follow is counted as a break and ends a book.
void chains_are_whole(const ReplayResult& result) {
  EXPECT_EQ(result.books.breaks, 0U);
  EXPECT_EQ(result.books.overflows, 0U);
  EXPECT_EQ(result.books.dropped_unsynced, 0U);
  EXPECT_EQ(result.books_live, result.books_followed);
}
void never_crossed(const ReplayResult& result) {
  if (result.conversation) {
    EXPECT_GT(result.books.snapshots, 0U) << "no book was built";
  }
  EXPECT_EQ(result.books.crossed, 0U);
}
void numbers_fit(const ReplayResult& result) { EXPECT_EQ(result.books.unrepresentable, 0U); }
void venue_agrees(const ReplayResult& result) {
  EXPECT_EQ(result.books.checksum_bad, 0U);
  EXPECT_EQ(result.quotes.agreed, result.quotes.compared);
  EXPECT_EQ(result.books.bbo_agreed, result.books.bbo_compared);
}

void add(const std::string& name, const std::string& venue, const Results& results, Judge judge) {
  testing::RegisterTest("Venues/Recorded", (name + "/" + venue).c_str(), nullptr, nullptr, __FILE__, __LINE__,
                        [results, judge = std::move(judge)]() -> Recorded* { return new Recorded(results, judge); });
}

}  // namespace

std::string register_recorded(const std::string& recording, const std::string& venue) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path path(recording);
  const bool folder = fs::is_directory(path, error);
  if (!folder && !fs::is_regular_file(path, error)) return recording + " is neither a file nor a folder";
  auto results = std::make_shared<std::vector<ReplayResult>>();
  for (const auto& found : cli::find_recordings(folder ? path : fs::absolute(path).parent_path())) {
    if (!folder && found.path.filename() != path.filename()) continue;
    if (is_of(found.venue, venue)) results->push_back(cli::replay_file(found));
  }
  if (results->empty()) return recording + " holds no recording of " + venue;
  add("everything_is_decoded", venue, results, &everything_is_decoded);
  add("H_22_chains_are_whole_and_books_live_at_the_end", venue, results, &chains_are_whole);
  add("H_26_books_are_never_crossed", venue, results, &never_crossed);
  add("every_number_fits_a_book", venue, results, &numbers_fit);
  add("N53_checksums_and_best_prices_of_the_venue_agree", venue, results, &venue_agrees);
  return {};
}

}  // namespace calypte::conformance
