// Does a book message follow the one before? The venue's rule as pure functions of ids; no book, no clock, no memory.
//
// L is the last update id that is in the book, S the id of the snapshot that the book was built from. `empty` says that
// the message brings no levels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "venue/records.hpp"
#include "venue/spec.hpp"

namespace calypte::engine {

enum class SequenceVerdict : std::uint8_t {
  accept,      ///< apply; L becomes the message's last id
  keep_alive,  ///< the same, and there are no levels
  reset,       ///< the same, although the ids begin anew below L: announced by the venue
  stale,       ///< already in the book: drop
  gap,         ///< something is missing, or the ids make no sense: the book cannot be trusted
};

/// The steady rule, for a message on top of a message or of a snapshot that came on the same stream.
[[nodiscard]] SequenceVerdict judge_chain(const venue::BookSpec& spec, std::uint64_t last_applied,
                                          const venue::SequenceIds& ids, bool empty) noexcept;
/// The bridge rule, for the first message on top of a snapshot that came another way (REST). A gap here means that the
/// snapshot is older than the message can tell of.
[[nodiscard]] SequenceVerdict judge_bridge(const venue::BookSpec& spec, std::uint64_t snapshot_id,
                                           const venue::SequenceIds& ids, bool empty) noexcept;

/// True if messages of the venue carry ids at all.
[[nodiscard]] constexpr bool has_ids(const venue::BookSpec& spec) noexcept {
  return spec.continuity != venue::Continuity::unsequenced;
}

/// "first 12, last 15, previous 10" with what there is.
[[nodiscard]] std::string describe(const venue::SequenceIds& ids);

}  // namespace calypte::engine
