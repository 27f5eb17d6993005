#include "engine/book_checksum.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <span>
#include <zlib.h>

namespace calypte::engine {

namespace {

using Level = BookLevels::Level;

constexpr std::size_t kStrippedDepth = 10;
constexpr std::size_t kInterleavedDepth = 25;
/// 19 digits of a count, up to 36 places with the zeros that the venue appended, the point, a leading zero.
constexpr std::size_t kMaxNumber = 40;

/// Collects text on the stack.
template <std::size_t Size>
class Text {
 public:
  void put(char c) noexcept { text_[size_++] = c; }
  /// All digits of the venue's text without its point and without leading zeros: the digits of its mantissa.
  void put_digits(std::int64_t count, int scale, int decimals) noexcept {
    for (; scale > decimals; --scale) count /= 10;  // exact: the count has no more places than the venue's text
    size_ =
        static_cast<std::size_t>(std::to_chars(text_.data() + size_, text_.data() + Size, count).ptr - text_.data());
    for (; scale < decimals; ++scale) put('0');
  }
  /// The venue's text in plain notation.
  void put_number(std::int64_t count, int scale, int decimals) noexcept {
    const std::size_t start = size_;
    put_digits(count, scale, decimals);
    if (decimals == 0) return;
    const auto places = static_cast<std::size_t>(decimals);
    const std::size_t digits = size_ - start;
    if (digits <= places) {  // "5" with two places is "0.05": zeros up to one digit before the point
      const std::size_t zeros = places + 1 - digits;
      std::copy_backward(at(start), at(size_), at(size_ + zeros));
      std::fill(at(start), at(start + zeros), '0');
      size_ += zeros;
    }
    std::copy_backward(at(size_ - places), at(size_), at(size_ + 1));
    text_[size_ - places] = '.';
    ++size_;
  }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::uint32_t crc32() const noexcept {
    return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(text_.data()), size_));
  }

 private:
  char* at(std::size_t position) noexcept { return text_.data() + position; }
  std::array<char, Size> text_;
  std::size_t size_ = 0;
};

/// The venue's rule: the ten lowest asks from the best, then the ten highest bids from the best; of each price and
/// amount the digits without point and leading zeros; nothing in between.
std::uint32_t top10_stripped(const BookLevels& levels) noexcept {
  Text<2 * kStrippedDepth * 2 * kMaxNumber> text;
  for (const auto side : {levels.raw_asks(), levels.raw_bids()}) {
    const std::size_t depth = std::min(side.size(), kStrippedDepth);
    for (std::size_t i = 0; i < depth; ++i) {
      const Level& level = side[side.size() - 1 - i];
      text.put_digits(level.price, levels.price_scale(), level.price_decimals);
      text.put_digits(level.amount, levels.amount_scale(), level.amount_decimals);
    }
  }
  return text.crc32();
}

/// The venue's rule: best bid, best ask, second bid, second ask and so on for 25 levels, each "price:amount", all
/// joined by ':'; where one side has ended the other goes on alone.
std::uint32_t top25_interleaved(const BookLevels& levels) noexcept {
  Text<2 * kInterleavedDepth * 2 * (kMaxNumber + 1)> text;
  for (std::size_t i = 0; i < kInterleavedDepth; ++i) {
    for (const auto side : {levels.raw_bids(), levels.raw_asks()}) {
      if (i >= side.size()) continue;
      const Level& level = side[side.size() - 1 - i];
      if (!text.empty()) text.put(':');
      text.put_number(level.price, levels.price_scale(), level.price_decimals);
      text.put(':');
      text.put_number(level.amount, levels.amount_scale(), level.amount_decimals);
    }
  }
  return text.crc32();
}

}  // namespace

std::uint32_t book_checksum(venue::ChecksumKind kind, const BookLevels& levels) noexcept {
  switch (kind) {
    case venue::ChecksumKind::crc32_top10_stripped:
      return top10_stripped(levels);
    case venue::ChecksumKind::crc32_top25_interleaved:
      return top25_interleaved(levels);
    case venue::ChecksumKind::none:
      break;
  }
  assert(false && "a venue without a checksum has nothing to compare");
  return 0;
}

}  // namespace calypte::engine
