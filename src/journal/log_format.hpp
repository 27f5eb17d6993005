// How the journal's log lies on disk: segments of a fixed size, each a header and then records one after the other.
//
// A record becomes visible by the store of its size, which is the last thing written of it, so a process that dies at
// any instant leaves whole records only. What a power failure may leave is found by the hash. All numbers are
// little-endian, as the machines are that this runs on (checked at compile time).
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace calypte::journal {

static_assert(std::endian::native == std::endian::little, "the log is written in the machine's own byte order");

inline constexpr std::array<char, 8> kMagic = {'C', 'A', 'L', 'Y', 'L', 'O', 'G', '1'};
inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kAlignment = 8;

struct SegmentHeader {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kFormatVersion;
  std::uint32_t reserved = 0;
  std::uint64_t hash = 0;  ///< of the fields above
};
static_assert(sizeof(SegmentHeader) == 24);

struct RecordHeader {
  std::uint32_t size = 0;  ///< of the payload plus one, so that an empty record is seen as well; 0: nothing follows
  std::uint32_t kind = 0;
  std::uint64_t sequence = 0;
  std::uint64_t hash = 0;  ///< of kind, sequence and payload
};
static_assert(sizeof(RecordHeader) == 24);

[[nodiscard]] constexpr std::size_t padded(std::size_t size) noexcept {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}
[[nodiscard]] std::uint64_t hash_of(const SegmentHeader& header) noexcept;
[[nodiscard]] std::uint64_t hash_of(std::uint32_t kind, std::uint64_t sequence, std::string_view payload) noexcept;

}  // namespace calypte::journal
