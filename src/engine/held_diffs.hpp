// Diffs that wait for a snapshot, copied out of the decoder's memory in the order in which they came.
//
// Bounded by count and by levels; at either bound `push` refuses and the owner decides. Keeps its memory when emptied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "calypte/time.hpp"

#include "venue/records.hpp"

namespace calypte::engine {

/// One message of changes, wherever its levels are kept.
struct DiffView {
  venue::SequenceIds ids;
  std::optional<std::uint32_t> checksum;
  std::optional<Time> venue_time;
  std::span<const venue::DepthLevel> bids;
  std::span<const venue::DepthLevel> asks;
  [[nodiscard]] bool empty() const noexcept { return bids.empty() && asks.empty(); }
};

class HeldDiffs {
 public:
  /// How many levels a message may bring on average before the bound on levels is met first.
  static constexpr std::size_t kLevelsPerDiff = 64;

  explicit HeldDiffs(std::size_t max_diffs) : max_diffs_(max_diffs) {}

  /// False if there is no room; nothing is kept then.
  bool push(const DiffView& diff) {
    const std::size_t levels = diff.bids.size() + diff.asks.size();
    if (diffs_.size() >= max_diffs_ || levels_.size() + levels > max_diffs_ * kLevelsPerDiff) return false;
    diffs_.push_back({diff.ids, diff.checksum, diff.venue_time, levels_.size(), diff.bids.size(), diff.asks.size()});
    levels_.insert(levels_.end(), diff.bids.begin(), diff.bids.end());
    levels_.insert(levels_.end(), diff.asks.begin(), diff.asks.end());
    return true;
  }
  [[nodiscard]] std::size_t size() const noexcept { return diffs_.size(); }
  [[nodiscard]] bool empty() const noexcept { return diffs_.empty(); }
  /// Oldest first. Valid until the next change.
  [[nodiscard]] DiffView operator[](std::size_t i) const noexcept {
    const Held& held = diffs_[i];
    const std::span levels(levels_);
    return {held.ids, held.checksum, held.venue_time, levels.subspan(held.begin, held.bid_count),
            levels.subspan(held.begin + held.bid_count, held.ask_count)};
  }
  /// Forgets the oldest `count`.
  void drop_front(std::size_t count) {
    if (count >= diffs_.size()) return clear();
    const std::size_t begin = diffs_[count].begin;
    levels_.erase(levels_.begin(), levels_.begin() + static_cast<std::ptrdiff_t>(begin));
    diffs_.erase(diffs_.begin(), diffs_.begin() + static_cast<std::ptrdiff_t>(count));
    for (auto& held : diffs_) held.begin -= begin;
  }
  void clear() noexcept {
    diffs_.clear();
    levels_.clear();
  }

 private:
  struct Held {
    venue::SequenceIds ids;
    std::optional<std::uint32_t> checksum;
    std::optional<Time> venue_time;
    std::size_t begin;
    std::size_t bid_count;
    std::size_t ask_count;
  };
  std::size_t max_diffs_;
  std::vector<Held> diffs_;
  std::vector<venue::DepthLevel> levels_;
};

}  // namespace calypte::engine
