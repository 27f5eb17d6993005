// The checksums by which venues let a reader prove the top of its book. Computed over the venue's own number text,
// which is rebuilt from the stored counts and the number of places that the venue had written.
#pragma once

#include <cstdint>

#include "calypte/order_book.hpp"

#include "venue/spec.hpp"

namespace calypte::engine {

/// The CRC-32 (IEEE) that the venue should have sent for these levels; signed ones as their two's complement. `kind`
/// must not be `none`.
[[nodiscard]] std::uint32_t book_checksum(venue::ChecksumKind kind, const BookLevels& levels) noexcept;

/// True if the kind of checksum takes this value for "no checksum".
[[nodiscard]] constexpr bool means_absent(venue::ChecksumKind kind, std::uint32_t value) noexcept {
  return kind == venue::ChecksumKind::crc32_top25_interleaved && value == 0;
}

}  // namespace calypte::engine
