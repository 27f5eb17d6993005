// The only writer of `BookLevels`.
//
// Prices and amounts come as the venue wrote them (`venue::WireNumber`) and are kept as counts of 10^-scale. A number
// with more significant places than the book has raises the scale of the whole side of numbers, which is rare and
// happens once; trailing zeros never do. A message is applied in full or not at all: if one of its numbers fits no
// 64-bit count, the book stays as it was and the function says so.
//
// Touches no clock and allocates only when a side grows beyond what it ever held. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "calypte/order_book.hpp"

#include "venue/records.hpp"

namespace calypte::engine {

/// What a message did to the levels.
struct LevelChanges {
  bool fits = true;                  ///< false: a number is not representable and nothing was changed
  std::uint32_t touched = 0;         ///< levels set or deleted
  std::uint32_t deleted_absent = 0;  ///< deletes of levels that are not there
};

}  // namespace calypte::engine

namespace calypte {

// In this namespace because `BookLevels` names it as its friend.
class BookLevelsEditor {
 public:
  using Depth = std::span<const venue::DepthLevel>;

  /// Replaces everything. Levels with an amount of zero are ignored, of equal prices the last one counts, and any order
  /// of the levels is accepted.
  static engine::LevelChanges replace(BookLevels& book, Depth bids, Depth asks, std::uint64_t update_id);
  /// Sets or, for an amount of zero, deletes each level in the order given.
  static engine::LevelChanges apply(BookLevels& book, Depth bids, Depth asks, std::uint64_t update_id);
  /// Drops what lies beyond the best `depth` levels of each side; 0 keeps all.
  static void truncate(BookLevels& book, std::size_t depth) noexcept;
  /// Forgets the levels and keeps the memory.
  static void clear(BookLevels& book) noexcept;
  static void swap(BookLevels& a, BookLevels& b) noexcept;

  // For venues that say that their book may be crossed and that the reader has to trim it; none of the present ones
  // does, and a crossed book of theirs is resynchronised instead. Both repeat until best bid < best ask and return how
  // many levels were removed.

  /// Of the crossed pair the older update id goes, the bid if they are equal.
  static std::size_t uncross_by_update_id(BookLevels& book) noexcept;
  /// Of the crossed pair the smaller price times amount goes, the bid if they are equal.
  static std::size_t uncross_by_notional(BookLevels& book) noexcept;

 private:
  static bool make_room(BookLevels& book, Depth bids, Depth asks);
};

}  // namespace calypte
