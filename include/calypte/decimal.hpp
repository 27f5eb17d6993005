// Exact decimal numbers: a signed 128-bit coefficient and a scale, value = coefficient / 10^scale.
//
// All money, prices and amounts are `Decimal`. Nothing is ever rounded unless the caller names a rounding mode.
// A result that does not fit (more than 38 significant digits) throws `DecimalOverflow` from the operators and gives
// an empty optional from the `checked_*` functions; it never wraps and never loses a digit. There is no NaN and no
// infinity: "no price" is an empty `std::optional<Decimal>`.
//
// Equality and ordering are by value: 1.0 == 1.00. `to_string` keeps the scale ("1.00"), `normalized` drops zeros.
#pragma once

#include <cassert>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "calypte/result.hpp"

namespace calypte {

class DecimalOverflow : public std::overflow_error {
 public:
  using std::overflow_error::overflow_error;
};

enum class Rounding : std::uint8_t {
  toward_zero,
  away_from_zero,
  floor,    ///< towards negative infinity
  ceiling,  ///< towards positive infinity
  half_even,
};

class Decimal {
  template <typename T>
  static constexpr bool kIsNumber =
      std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char> && !std::is_same_v<T, wchar_t> &&
      !std::is_same_v<T, char8_t> && !std::is_same_v<T, char16_t> && !std::is_same_v<T, char32_t>;

 public:
  // A builtin of both supported compilers on every supported machine; `__extension__` keeps -Wpedantic quiet.
  __extension__ using Int128 = __int128;

  /// The largest scale, 10^-38.
  static constexpr int kMaxScale = 38;

  /// Every coefficient is smaller than this, 10^38: what can be computed can be written, and read again.
  static constexpr Int128 kCoefficientLimit = static_cast<Int128>(10'000'000'000'000'000'000ULL) *  //
                                              static_cast<Int128>(10'000'000'000'000'000'000ULL);
  /// The longest text: a sign, "0." and 38 places.
  static constexpr std::size_t kMaxTextSize = 41;

  constexpr Decimal() noexcept = default;
  /// Implicit from every integer type, so that `amount * 2` and `price > 0` read well; never from floating point, from
  /// a truth value or from a character.
  template <typename T>
    requires kIsNumber<T>
  constexpr Decimal(T value) noexcept : coefficient_(value) {}  // NOLINT(google-explicit-constructor)
  template <typename T>
    requires(std::is_arithmetic_v<T> && !kIsNumber<T>)
  Decimal(T) = delete;

  /// coefficient / 10^scale. Precondition: |coefficient| < kCoefficientLimit and scale in [0, kMaxScale].
  [[nodiscard]] static constexpr Decimal from_parts(Int128 coefficient, int scale) noexcept {
    assert(fits(coefficient) && scale >= 0 && scale <= kMaxScale);
    Decimal d;
    d.coefficient_ = coefficient;
    d.scale_ = static_cast<std::uint8_t>(scale);
    return d;
  }
  /// Reads "12", "-0.50", "+1.", ".5", "1e-8", "2.5E+3". Anything else, an empty text, or more than 38 significant
  /// digits or places, is `malformed`. White space is not accepted. The scale of the text is kept: "1.50" has scale 2.
  [[nodiscard]] static Result<Decimal> parse(std::string_view text);

  [[nodiscard]] constexpr Int128 coefficient() const noexcept { return coefficient_; }
  [[nodiscard]] constexpr int scale() const noexcept { return scale_; }
  [[nodiscard]] constexpr bool is_zero() const noexcept { return coefficient_ == 0; }
  [[nodiscard]] constexpr bool is_negative() const noexcept { return coefficient_ < 0; }
  [[nodiscard]] constexpr bool is_positive() const noexcept { return coefficient_ > 0; }

  /// Plain notation, never an exponent; keeps trailing zeros of the scale.
  [[nodiscard]] std::string to_string() const;
  /// The same text without a string: writes at most kMaxTextSize characters to `out`, no terminator; returns how many.
  std::size_t write_to(char* out) const noexcept;
  /// The same value with the smallest scale: 1.500 becomes 1.5, 100.00 becomes 100.
  [[nodiscard]] Decimal normalized() const noexcept;
  /// The same value at exactly this scale, rounded by the named mode if digits are dropped. Throws on overflow.
  [[nodiscard]] Decimal rescaled(int scale, Rounding rounding) const;
  [[nodiscard]] Decimal abs() const;
  /// For statistics and displays only; the nearest double.
  [[nodiscard]] double to_double() const noexcept;

  [[nodiscard]] static std::optional<Decimal> checked_add(const Decimal& a, const Decimal& b) noexcept;
  [[nodiscard]] static std::optional<Decimal> checked_sub(const Decimal& a, const Decimal& b) noexcept;
  [[nodiscard]] static std::optional<Decimal> checked_mul(const Decimal& a, const Decimal& b) noexcept;
  /// a / b at the given scale and rounding; empty if b is zero or the result does not fit.
  [[nodiscard]] static std::optional<Decimal> checked_div(const Decimal& a, const Decimal& b, int scale,
                                                          Rounding rounding) noexcept;

  /// The multiple of `step` next to this value in the direction of the named mode, with the scale of `step` where it
  /// fits. Throws `std::domain_error` if `step` is not positive, `DecimalOverflow` if the multiple does not fit.
  [[nodiscard]] Decimal round_to_multiple(const Decimal& step, Rounding rounding) const;
  /// The same without exceptions: empty where the other throws.
  [[nodiscard]] std::optional<Decimal> checked_round_to_multiple(const Decimal& step, Rounding rounding) const noexcept;
  /// True if this is an exact multiple of `step`; nothing is a multiple of a step that is not positive.
  [[nodiscard]] bool is_multiple_of(const Decimal& step) const;
  /// Number of significant decimal digits of the value: 1.50 has two, 1200 has two, 0 has none.
  [[nodiscard]] int significant_digits() const noexcept;

  Decimal operator-() const;
  Decimal& operator+=(const Decimal& b) { return *this = *this + b; }
  Decimal& operator-=(const Decimal& b) { return *this = *this - b; }
  Decimal& operator*=(const Decimal& b) { return *this = *this * b; }
  // Equal scales are the rule inside one market, so that case is inline; the others are a call.
  friend Decimal operator+(const Decimal& a, const Decimal& b) {
    Int128 sum = 0;
    if (a.scale_ == b.scale_ && !__builtin_add_overflow(a.coefficient_, b.coefficient_, &sum) && fits(sum)) {
      return from_parts(sum, a.scale_);
    }
    return add_unlike(a, b.coefficient_, b.scale_);
  }
  friend Decimal operator-(const Decimal& a, const Decimal& b) {
    Int128 difference = 0;
    if (a.scale_ == b.scale_ && !__builtin_sub_overflow(a.coefficient_, b.coefficient_, &difference) &&
        fits(difference)) {
      return from_parts(difference, a.scale_);
    }
    return add_unlike(a, -b.coefficient_, b.scale_);
  }
  friend Decimal operator*(const Decimal& a, const Decimal& b) { return or_overflow(checked_mul(a, b)); }
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) noexcept {
    if (a.scale_ != b.scale_) return compare_unlike(a, b);
    if (a.coefficient_ == b.coefficient_) return std::strong_ordering::equal;
    return a.coefficient_ < b.coefficient_ ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  friend bool operator==(const Decimal& a, const Decimal& b) noexcept {
    return a.scale_ == b.scale_ ? a.coefficient_ == b.coefficient_ : compare_unlike(a, b) == 0;
  }

 private:
  static constexpr bool fits(Int128 coefficient) noexcept {
    return coefficient < kCoefficientLimit && coefficient > -kCoefficientLimit;
  }
  static std::strong_ordering compare_unlike(const Decimal& a, const Decimal& b) noexcept;
  static Decimal add_unlike(const Decimal& a, Int128 b_coefficient, int b_scale);
  static Decimal or_overflow(const std::optional<Decimal>& result);

  Int128 coefficient_ = 0;
  std::uint8_t scale_ = 0;
};

/// a / b rounded to `scale` places; throws `DecimalOverflow` on overflow and `std::domain_error` if b is zero.
[[nodiscard]] Decimal divide(const Decimal& a, const Decimal& b, int scale, Rounding rounding = Rounding::half_even);

inline namespace literals {
/// "0.001"_dec: a literal that is not a number throws at start-up, in the first test that runs it.
[[nodiscard]] inline Decimal operator""_dec(const char* text, std::size_t size) {
  auto parsed = Decimal::parse({text, size});
  if (!parsed) throw std::invalid_argument("not a decimal literal: " + std::string(text, size));
  return *parsed;
}
}  // namespace literals

}  // namespace calypte

template <>
struct std::hash<calypte::Decimal> {
  std::size_t operator()(const calypte::Decimal& d) const noexcept;  // equal values hash equal, whatever their scales
};
