#include "venue/records.hpp"

#include <algorithm>
#include <limits>

namespace calypte::venue {

bool parse_wire_number(std::string_view text, WireNumber& out) noexcept {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr int kMaxExponent = 100;  // far beyond what fits, far below an overflow of the sums below
  const char* at = text.data();
  const char* const end = at + text.size();
  std::uint64_t mantissa = 0;
  const auto digits = [&]() -> std::ptrdiff_t {
    const char* const begin = at;
    for (; at != end; ++at) {
      const auto digit = static_cast<unsigned char>(*at - '0');
      if (digit > 9) break;
      if (mantissa > kMax / 10) return -1;
      mantissa = mantissa * 10 + digit;
      if (mantissa > kMax) return -1;
    }
    return at - begin;
  };
  const std::ptrdiff_t whole = digits();
  std::ptrdiff_t fraction = 0;
  if (whole >= 0 && at != end && *at == '.') {
    ++at;
    fraction = digits();
  }
  if (whole < 0 || fraction < 0 || whole + fraction == 0) return false;
  int scale = static_cast<int>(std::min<std::ptrdiff_t>(fraction, kMaxExponent));
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    const bool negative = at != end && *at == '-';
    if (at != end && (*at == '-' || *at == '+')) ++at;
    if (at == end) return false;
    int exponent = 0;
    for (; at != end && static_cast<unsigned char>(*at - '0') <= 9; ++at) {
      exponent = std::min(kMaxExponent, exponent * 10 + (*at - '0'));
    }
    scale += negative ? exponent : -exponent;
  }
  if (at != end) return false;
  if (mantissa == 0) scale = std::max(scale, 0);
  for (; scale < 0; ++scale) {
    if (mantissa > kMax / 10) return false;
    mantissa *= 10;
  }
  if (scale > Decimal::kMaxScale) return false;
  out.mantissa = static_cast<std::int64_t>(mantissa);
  out.decimals = static_cast<std::uint8_t>(scale);
  return true;
}

void Records::set_channel(std::string_view channel) noexcept {
  channel_size_ = std::min(channel.size(), channel_.size() - 1);
  std::copy_n(channel.begin(), channel_size_, channel_.begin());
  channel_[channel_size_] = '\0';
}

}  // namespace calypte::venue
