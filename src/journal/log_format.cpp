#include "journal/log_format.hpp"

#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace calypte::journal {

std::uint64_t hash_of(const SegmentHeader& header) noexcept {
  return XXH3_64bits(&header, offsetof(SegmentHeader, hash));
}

std::uint64_t hash_of(std::uint32_t kind, std::uint64_t sequence, std::string_view payload) noexcept {
  // The numbers go in as the seed, so that a record that was copied to another place is not taken for a good one.
  const std::uint64_t seed = sequence * 0x9E3779B97F4A7C15ULL ^ kind;
  return XXH3_64bits_withSeed(payload.data(), payload.size(), seed);
}

}  // namespace calypte::journal
