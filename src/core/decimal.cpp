#include "calypte/decimal.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

#include "core/wide.hpp"

namespace calypte {
namespace {

using core::pow10;
using core::U128;
using core::U256;
using Int128 = Decimal::Int128;

constexpr U128 kLimit = pow10(Decimal::kMaxScale);
static_assert(kLimit == static_cast<U128>(Decimal::kCoefficientLimit));

/// 10^18 is the largest power by which a 64-bit number may be multiplied, with another coefficient added, in 128 bits.
constexpr int kSmallLift = 18;

/// The same powers in 64 bits, so that lifting is one multiplication.
constexpr std::array<std::int64_t, kSmallLift + 1> kSmallPow10 = [] {
  std::array<std::int64_t, kSmallLift + 1> table{};
  for (int i = 0; i <= kSmallLift; ++i) table[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(pow10(i));
  return table;
}();
constexpr std::int64_t small_pow10(int exponent) noexcept { return kSmallPow10[static_cast<std::size_t>(exponent)]; }

constexpr U128 magnitude(Int128 v) noexcept { return v < 0 ? U128{0} - static_cast<U128>(v) : static_cast<U128>(v); }
constexpr bool is_small(Int128 v) noexcept { return v == static_cast<std::int64_t>(v); }
constexpr bool is_small(U128 v) noexcept { return core::high_word(v) == 0; }

/// Precondition: size < kLimit, scale in range.
constexpr Decimal make(bool negative, U128 size, int scale) noexcept {
  const auto coefficient = static_cast<Int128>(size);
  return Decimal::from_parts(negative ? -coefficient : coefficient, scale);
}

/// Drops as few trailing zeros as it takes to fit; empty if that is not possible without losing a digit.
std::optional<Decimal> fit(bool negative, U256 size, int scale) noexcept {
  if (size == U256{}) return Decimal::from_parts(0, std::min(scale, Decimal::kMaxScale));
  while (scale > Decimal::kMaxScale || size >= U256{0, kLimit}) {
    if (scale == 0) return std::nullopt;
    const core::Division tenth = core::divide(size, 10U);
    if (tenth.remainder != 0) return std::nullopt;
    size = tenth.quotient;
    --scale;
  }
  return make(negative, size.low, scale);
}

/// What division leaves behind, seen against half of the divisor.
enum class Tail : std::uint8_t { none, below_half, half, above_half };

constexpr Tail tail_of(U128 remainder, U128 divisor) noexcept {
  if (remainder == 0) return Tail::none;
  const U128 missing = divisor - remainder;
  if (remainder < missing) return Tail::below_half;
  return remainder == missing ? Tail::half : Tail::above_half;
}

/// True if the size of a truncated number has to grow by one unit.
constexpr bool grows(Rounding rounding, bool negative, bool odd, Tail tail) noexcept {
  if (tail == Tail::none) return false;
  switch (rounding) {
    case Rounding::toward_zero:
      return false;
    case Rounding::away_from_zero:
      return true;
    case Rounding::floor:
      return negative;
    case Rounding::ceiling:
      return !negative;
    case Rounding::half_even:
      return tail == Tail::above_half || (tail == Tail::half && odd);
  }
  return false;
}

constexpr bool is_odd(const U256& v) noexcept { return (core::low_word(v.low) & 1U) != 0; }

struct Quotient {
  U256 value;  ///< truncated
  Tail tail = Tail::none;
};

/// a * 10^exponent / b for b != 0 and an exponent in [-38, 76]; empty if it has more than 256 bits.
std::optional<Quotient> quotient(U128 a, int exponent, U128 b) noexcept {
  if (exponent < 0) {
    // floor(floor(a / b) / p) is floor(a / (b * p)), so that the product, which may be large, is not needed.
    const U128 p = pow10(-exponent);
    const U128 whole = a / b;
    const U128 rest = whole % p;
    Tail tail = tail_of(rest, p);
    if (a % b != 0) {
      if (tail == Tail::none) tail = Tail::below_half;
      if (tail == Tail::half) tail = Tail::above_half;
    }
    return Quotient{{0, whole / p}, tail};
  }
  const int first = std::min(exponent, Decimal::kMaxScale);
  core::Division d = core::divide(core::multiply(a, pow10(first)), b);
  if (exponent > first) {
    if (d.quotient.high != 0) return std::nullopt;
    const U128 p = pow10(exponent - first);
    const core::Division more = core::divide(core::multiply(d.remainder, p), b);
    d = {core::add(core::multiply(d.quotient.low, p), more.quotient), more.remainder};
  }
  return Quotient{d.quotient, tail_of(d.remainder, b)};
}

/// The sum at the larger of the two scales if 128 bits and 38 digits are plainly enough: the usual case.
bool add_small(const Decimal& a, Int128 b_coefficient, int b_scale, Decimal& sum) noexcept {
  const int lift = b_scale - a.scale();
  Int128 total = 0;
  if (lift >= 0) {
    if (!is_small(a.coefficient()) || lift > kSmallLift) return false;
    total = a.coefficient() * static_cast<Int128>(small_pow10(lift)) + b_coefficient;
  } else {
    if (!is_small(b_coefficient) || lift < -kSmallLift) return false;
    total = b_coefficient * static_cast<Int128>(small_pow10(-lift)) + a.coefficient();
  }
  if (magnitude(total) >= kLimit) return false;
  sum = Decimal::from_parts(total, lift >= 0 ? b_scale : a.scale());
  return true;
}

std::optional<Decimal> add_any(const Decimal& a, Int128 b_coefficient, int b_scale) noexcept {
  // `low` has the smaller scale and is lifted to the other's.
  const bool a_is_low = a.scale() < b_scale;
  const Int128 low = a_is_low ? a.coefficient() : b_coefficient;
  const Int128 high = a_is_low ? b_coefficient : a.coefficient();
  const int scale = a_is_low ? b_scale : a.scale();
  const U256 lifted = core::multiply(magnitude(low), pow10(scale - (a_is_low ? a.scale() : b_scale)));
  const U256 other{0, magnitude(high)};
  if ((low < 0) == (high < 0)) return fit(low < 0, core::add(lifted, other), scale);
  if (lifted >= other) return fit(low < 0, core::subtract(lifted, other), scale);
  return fit(high < 0, core::subtract(other, lifted), scale);
}

/// Removes at most `most` trailing decimal zeros; returns how many it removed. Precondition: size is not 0.
int strip_zeros(U128& size, int most) noexcept {
  int removed = 0;
  while (!is_small(size) && removed < most && size % 10U == 0) {
    size /= 10U;
    ++removed;
  }
  if (!is_small(size)) return removed;
  std::uint64_t small = core::low_word(size);
  while (removed + 4 <= most && small % 10'000U == 0) {
    small /= 10'000U;
    removed += 4;
  }
  while (removed < most && small % 10U == 0) {
    small /= 10U;
    ++removed;
  }
  size = small;
  return removed;
}

constexpr std::array<char, 200> kPairsOfDigits = [] {
  std::array<char, 200> table{};
  for (std::size_t i = 0; i < 100; ++i) {
    table[2 * i] = static_cast<char>('0' + i / 10);
    table[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return table;
}();

/// Writes the digits of `v` so that they end at `end`; returns where they begin. Zero has one digit.
char* write_digits(char* end, std::uint64_t v) noexcept {
  while (v >= 100) {
    end -= 2;
    std::memcpy(end, &kPairsOfDigits[2 * (v % 100)], 2);
    v /= 100;
  }
  if (v >= 10) {
    end -= 2;
    std::memcpy(end, &kPairsOfDigits[2 * v], 2);
    return end;
  }
  *--end = static_cast<char>('0' + v);
  return end;
}

Status not_a_decimal(const char* why) { return {StatusCode::malformed, std::string("not a decimal number: ") + why}; }

constexpr unsigned digit_of(char c) noexcept { return static_cast<unsigned char>(c) - unsigned{'0'}; }

/// Eight characters at once: the value if all are digits. Adds neighbours pairwise: ones to tens, pairs to hundreds,
/// fours to ten thousands.
bool eight_digits(const char* p, std::uint64_t& value) noexcept {
  if constexpr (std::endian::native != std::endian::little) return false;
  std::uint64_t v = 0;
  std::memcpy(&v, p, sizeof v);
  constexpr std::uint64_t kHighHalves = 0xF0F0F0F0F0F0F0F0ULL;
  constexpr std::uint64_t kZeros = 0x3030303030303030ULL;  // the characters '0'
  // '0' to '9' are 0x30 to 0x39: both they and they plus six have the high half 3.
  if ((v & kHighHalves) != kZeros || ((v + 0x0606060606060606ULL) & kHighHalves) != kZeros) return false;
  v -= kZeros;
  v = (v * 10 + (v >> 8U)) & 0x00FF00FF00FF00FFULL;
  v = (v * 100 + (v >> 16U)) & 0x0000FFFF0000FFFFULL;
  value = (v * 10'000 + (v >> 32U)) & 0xFFFFFFFFULL;
  return true;
}

/// Collects digits in 64 bits and moves them on in groups, since 128-bit multiplications are the slow part.
class DigitSum {
 public:
  /// Reads digits up to `end` or the first other character, which it returns. Null if they are more than 38
  /// significant ones.
  const char* read(const char* p, const char* end) noexcept {
    while (digits_ == 0 && p != end && *p == '0') ++p;
    for (std::uint64_t chunk = 0; end - p >= 8 && eight_digits(p, chunk); p += 8) {
      if (!add(chunk, 8)) return nullptr;
    }
    for (; p != end && digit_of(*p) <= 9; ++p) {
      if (!add(digit_of(*p), 1)) return nullptr;
    }
    return p;
  }
  [[nodiscard]] int digits() const noexcept { return digits_; }
  [[nodiscard]] U128 value() noexcept {
    flush();
    return sum_;
  }

 private:
  bool add(std::uint64_t chunk, int count) noexcept {
    digits_ += count;
    if (digits_ > Decimal::kMaxScale) return false;
    if (in_group_ + count > kSmallLift) flush();
    group_ = group_ * (count == 1 ? 10U : 100'000'000U) + chunk;
    in_group_ += count;
    return true;
  }
  void flush() noexcept {
    sum_ = sum_ * static_cast<std::uint64_t>(small_pow10(in_group_)) + group_;
    group_ = 0;
    in_group_ = 0;
  }
  U128 sum_ = 0;
  std::uint64_t group_ = 0;
  int in_group_ = 0;
  int digits_ = 0;
};

/// Any text that the grammar allows; `parse` has dealt with the short and plain ones.
Result<Decimal> parse_any(std::string_view text, bool negative) {
  DigitSum sum;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* const point = sum.read(begin, end);
  const char* p = point;
  std::int64_t scale = 0;
  if (p != nullptr && p != end && *p == '.') {
    p = sum.read(p + 1, end);
    if (p != nullptr) scale = p - point - 1;
  }
  if (p == nullptr) return not_a_decimal("more than 38 significant digits");
  if (point == begin && scale == 0) return not_a_decimal("no digit");
  auto i = static_cast<std::size_t>(p - begin);
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return not_a_decimal("unexpected character");
    ++i;
    const bool lower = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (i == text.size()) return not_a_decimal("no digit in the exponent");
    std::int64_t exponent = 0;
    for (; i < text.size(); ++i) {
      const unsigned digit = digit_of(text[i]);
      if (digit > 9) return not_a_decimal("unexpected character in the exponent");
      // The text of a number cannot be that long, so that a larger exponent changes nothing.
      exponent = std::min<std::int64_t>(exponent * 10 + digit, std::int64_t{1} << 40U);
    }
    scale += lower ? exponent : -exponent;
  }
  if (scale > Decimal::kMaxScale) return not_a_decimal("more than 38 places");
  U128 size = sum.value();
  if (scale < 0) {
    if (size != 0) {
      if (sum.digits() - scale > Decimal::kMaxScale) return not_a_decimal("more than 38 digits");
      size *= pow10(static_cast<int>(-scale));
    }
    scale = 0;
  }
  return make(negative, size, static_cast<int>(scale));
}

}  // namespace

Result<Decimal> Decimal::parse(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  // Up to 19 characters cannot overflow 64 bits.
  constexpr std::size_t kShort = 19;
  if (text.size() <= kShort && !text.empty()) {
    std::uint64_t size = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto read = [&size, end](const char* p) {
      for (std::uint64_t chunk = 0; end - p >= 8 && eight_digits(p, chunk); p += 8) size = size * 100'000'000U + chunk;
      for (; p != end && digit_of(*p) <= 9; ++p) size = size * 10U + digit_of(*p);
      return p;
    };
    const char* const point = read(begin);
    if (point == end) return make(negative, size, 0);
    if (*point == '.' && text.size() > 1 && read(point + 1) == end) {
      return make(negative, size, static_cast<int>(end - point - 1));
    }
  }
  return parse_any(text, negative);
}

std::size_t Decimal::write_to(char* out) const noexcept {
  // Ten more than 38 digits, because the groups of the long case are written in full.
  std::array<char, 48> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): only what is written is read
  char* const end = buffer.data() + buffer.size();
  char* begin = end;
  const U128 size = magnitude(coefficient_);
  if (is_small(size)) {
    begin = write_digits(end, core::low_word(size));
  } else {
    constexpr int kGroup = 19;
    const U128 group = pow10(kGroup);
    begin = write_digits(end, core::low_word(size % group));
    while (begin > end - kGroup) *--begin = '0';
    begin = write_digits(begin, core::low_word(size / group));
  }
  while (end - begin <= scale_) *--begin = '0';

  char* p = out;
  if (coefficient_ < 0) *p++ = '-';
  const auto whole = static_cast<std::size_t>(end - begin) - scale_;
  std::memcpy(p, begin, whole);
  p += whole;
  if (scale_ > 0) {
    *p++ = '.';
    std::memcpy(p, begin + whole, scale_);
    p += scale_;
  }
  return static_cast<std::size_t>(p - out);
}

std::string Decimal::to_string() const {
  std::array<char, kMaxTextSize>
      buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): only what is written is read
  return {buffer.data(), write_to(buffer.data())};
}

Decimal Decimal::normalized() const noexcept {
  if (coefficient_ == 0) return {};
  U128 size = magnitude(coefficient_);
  const int removed = strip_zeros(size, scale_);
  return make(coefficient_ < 0, size, scale_ - removed);
}

Decimal Decimal::rescaled(int scale, Rounding rounding) const {
  if (scale < 0 || scale > kMaxScale) throw DecimalOverflow("no such scale");
  if (scale == scale_) return *this;
  const auto q = quotient(magnitude(coefficient_), scale - scale_, 1U);
  const bool negative = coefficient_ < 0;
  const U256 size = core::add(q->value, {0, grows(rounding, negative, is_odd(q->value), q->tail) ? 1U : 0U});
  if (size >= U256{0, kLimit}) throw DecimalOverflow("decimal overflow in rescaled");
  return make(negative, size.low, scale);
}

Decimal Decimal::abs() const { return coefficient_ < 0 ? -*this : *this; }

double Decimal::to_double() const noexcept {
  // Up to 2^53 and 10^22 both are exact doubles, so that one division rounds once (Clinger 1990).
  constexpr int kExactPowers = 22;
  constexpr U128 kExact = U128{1} << 53U;
  if (magnitude(coefficient_) <= kExact && scale_ <= kExactPowers) {
    double power = 1;
    for (int i = 0; i < scale_; ++i) power *= 10;
    return static_cast<double>(coefficient_) / power;
  }
  std::array<char, kMaxTextSize>
      buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): only what is written is read
  double value = 0;
  std::from_chars(buffer.data(), buffer.data() + write_to(buffer.data()), value);
  return value;
}

std::optional<Decimal> Decimal::checked_add(const Decimal& a, const Decimal& b) noexcept {
  Decimal sum;
  if (add_small(a, b.coefficient_, b.scale_, sum)) return sum;
  return add_any(a, b.coefficient_, b.scale_);
}

std::optional<Decimal> Decimal::checked_sub(const Decimal& a, const Decimal& b) noexcept {
  Decimal difference;
  if (add_small(a, -b.coefficient_, b.scale_, difference)) return difference;
  return add_any(a, -b.coefficient_, b.scale_);
}

Decimal Decimal::add_unlike(const Decimal& a, Int128 b_coefficient, int b_scale) {
  Decimal sum;
  if (add_small(a, b_coefficient, b_scale, sum)) return sum;
  return or_overflow(add_any(a, b_coefficient, b_scale));
}

std::optional<Decimal> Decimal::checked_mul(const Decimal& a, const Decimal& b) noexcept {
  const int scale = a.scale_ + b.scale_;
  // 2^63 squared is below 10^38.
  if (is_small(a.coefficient_) && is_small(b.coefficient_) && scale <= kMaxScale) {
    return from_parts(a.coefficient_ * b.coefficient_, scale);
  }
  return fit((a.coefficient_ < 0) != (b.coefficient_ < 0),
             core::multiply(magnitude(a.coefficient_), magnitude(b.coefficient_)), scale);
}

std::optional<Decimal> Decimal::checked_div(const Decimal& a, const Decimal& b, int scale, Rounding rounding) noexcept {
  if (b.coefficient_ == 0 || scale < 0 || scale > kMaxScale) return std::nullopt;
  const auto q = quotient(magnitude(a.coefficient_), scale + b.scale_ - a.scale_, magnitude(b.coefficient_));
  if (!q) return std::nullopt;
  const bool negative = (a.coefficient_ < 0) != (b.coefficient_ < 0);
  const U256 size = core::add(q->value, {0, grows(rounding, negative, is_odd(q->value), q->tail) ? 1U : 0U});
  if (size >= U256{0, kLimit}) return std::nullopt;
  return make(negative, size.low, scale);
}

std::optional<Decimal> Decimal::checked_round_to_multiple(const Decimal& step, Rounding rounding) const noexcept {
  if (step.coefficient_ <= 0) return std::nullopt;
  const bool negative = coefficient_ < 0;
  const U128 size = magnitude(coefficient_);
  const U128 unit = magnitude(step.coefficient_);
  const int lift = step.scale_ - scale_;
  if (is_small(size) && is_small(unit) && lift >= -kSmallLift && lift <= kSmallLift) {
    const U128 dividend = lift > 0 ? size * pow10(lift) : size;
    const U128 divisor = lift < 0 ? unit * pow10(-lift) : unit;
    U128 count = dividend / divisor;
    const Tail tail = tail_of(dividend - count * divisor, divisor);
    if (grows(rounding, negative, (core::low_word(count) & 1U) != 0, tail)) ++count;
    const U128 multiple = count * unit;
    if (multiple < kLimit) return make(negative, multiple, step.scale_);
  }
  // The quotient may be too large for a Decimal although the multiple is none: so take away the remainder instead.
  const auto q = quotient(size, lift, unit);
  U128 remainder = 0;  // at the larger of the two scales, where it is smaller than one of the coefficients
  if (lift < 0) {
    remainder = (size / unit % pow10(-lift)) * unit + size % unit;
  } else {
    remainder = core::divide(core::multiply(size, pow10(lift)), unit).remainder;
  }
  std::optional<Decimal> multiple = checked_sub(*this, make(negative, remainder, std::max<int>(scale_, step.scale_)));
  if (multiple && grows(rounding, negative, is_odd(q->value), q->tail)) {
    multiple = negative ? checked_sub(*multiple, step) : checked_add(*multiple, step);
  }
  if (!multiple) return std::nullopt;
  const auto at_scale = quotient(magnitude(multiple->coefficient_), step.scale_ - multiple->scale_, 1U);
  if (at_scale->tail == Tail::none && at_scale->value < U256{0, kLimit}) {
    return make(negative, at_scale->value.low, step.scale_);
  }
  return multiple;
}

Decimal Decimal::round_to_multiple(const Decimal& step, Rounding rounding) const {
  if (!step.is_positive()) throw std::domain_error("a multiple needs a positive step");
  return or_overflow(checked_round_to_multiple(step, rounding));
}

bool Decimal::is_multiple_of(const Decimal& step) const {
  if (!step.is_positive()) return false;
  const U128 size = magnitude(coefficient_);
  const U128 unit = magnitude(step.coefficient_);
  const auto q = quotient(size, step.scale_ - scale_, unit);
  return q->tail == Tail::none;
}

int Decimal::significant_digits() const noexcept {
  U128 size = magnitude(coefficient_);
  if (size == 0) return 0;
  strip_zeros(size, std::numeric_limits<int>::max());
  return static_cast<int>(std::upper_bound(core::kPow10.begin(), core::kPow10.end(), size) - core::kPow10.begin());
}

Decimal Decimal::operator-() const { return from_parts(-coefficient_, scale_); }

std::strong_ordering Decimal::compare_unlike(const Decimal& a, const Decimal& b) noexcept {
  const int lift = b.scale_ - a.scale_;
  const auto order = [](auto x, auto y) {
    if (x == y) return std::strong_ordering::equal;
    return x < y ? std::strong_ordering::less : std::strong_ordering::greater;
  };
  if (lift >= 0 && lift <= kSmallLift && is_small(a.coefficient_)) {
    return order(a.coefficient_ * static_cast<Int128>(small_pow10(lift)), b.coefficient_);
  }
  if (lift < 0 && lift >= -kSmallLift && is_small(b.coefficient_)) {
    return order(a.coefficient_, b.coefficient_ * static_cast<Int128>(small_pow10(-lift)));
  }
  if ((a.coefficient_ < 0) != (b.coefficient_ < 0)) return order(a.coefficient_, b.coefficient_);
  const U256 a_size = core::multiply(magnitude(a.coefficient_), pow10(std::max(lift, 0)));
  const U256 b_size = core::multiply(magnitude(b.coefficient_), pow10(std::max(-lift, 0)));
  return a.coefficient_ < 0 ? order(b_size, a_size) : order(a_size, b_size);
}

Decimal Decimal::or_overflow(const std::optional<Decimal>& result) {
  if (!result) throw DecimalOverflow("decimal overflow: more than 38 digits");
  return *result;
}

Decimal divide(const Decimal& a, const Decimal& b, int scale, Rounding rounding) {
  if (b.is_zero()) throw std::domain_error("decimal division by zero");
  const auto result = Decimal::checked_div(a, b, scale, rounding);
  if (!result) throw DecimalOverflow("decimal overflow in divide");
  return *result;
}

}  // namespace calypte

std::size_t std::hash<calypte::Decimal>::operator()(const calypte::Decimal& d) const noexcept {
  const calypte::Decimal n = d.normalized();
  const auto coefficient = static_cast<calypte::core::U128>(n.coefficient());
  // The finaliser of SplitMix64, which spreads neighbouring prices over all bits.
  std::uint64_t z = calypte::core::low_word(coefficient) +
                    0x9E3779B97F4A7C15ULL * calypte::core::high_word(coefficient) +
                    (static_cast<std::uint64_t>(n.scale()) << 56U);
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return static_cast<std::size_t>(z ^ (z >> 31U));
}
