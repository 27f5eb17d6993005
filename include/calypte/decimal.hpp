// Exact decimal numbers: a signed 128-bit coefficient and a scale, value = coefficient / 10^scale.
//
// All money, prices and amounts are `Decimal`. Nothing is ever rounded unless the caller names a rounding mode.
// A result that does not fit (more than 38 significant digits) throws `DecimalOverflow` from the operators and gives
// an empty optional from the `checked_*` functions; it never wraps and never loses a digit. There is no NaN and no
// infinity: "no price" is an empty `std::optional<Decimal>`.
//
// Equality and ordering are by value: 1.0 == 1.00. `to_string` keeps the scale ("1.00"), `normalized` drops zeros.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

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
 public:
  // A builtin of both supported compilers on every supported machine; `__extension__` keeps -Wpedantic quiet.
  __extension__ using Int128 = __int128;

  /// The largest scale, 10^-38.
  static constexpr int kMaxScale = 38;

  constexpr Decimal() noexcept = default;
  /// Implicit from integers, so that `amount * 2` and `price > 0` read well; never from floating point.
  constexpr Decimal(int value) noexcept : coefficient_(value) {}            // NOLINT(google-explicit-constructor)
  constexpr Decimal(long value) noexcept : coefficient_(value) {}           // NOLINT(google-explicit-constructor)
  constexpr Decimal(long long value) noexcept : coefficient_(value) {}      // NOLINT(google-explicit-constructor)
  constexpr Decimal(unsigned value) noexcept : coefficient_(value) {}       // NOLINT(google-explicit-constructor)
  constexpr Decimal(unsigned long value) noexcept : coefficient_(value) {}  // NOLINT(google-explicit-constructor)
  Decimal(double) = delete;
  Decimal(float) = delete;

  /// coefficient / 10^scale, scale in [0, kMaxScale].
  [[nodiscard]] static constexpr Decimal from_parts(Int128 coefficient, int scale) noexcept {
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

  /// The largest multiple of `step` that is not greater (floor, ceiling, ...) by the named mode. `step` must be
  /// positive.
  [[nodiscard]] Decimal round_to_multiple(const Decimal& step, Rounding rounding) const;
  /// True if this is an exact multiple of `step` (step positive).
  [[nodiscard]] bool is_multiple_of(const Decimal& step) const;
  /// Number of significant decimal digits of the value; 0 has none.
  [[nodiscard]] int significant_digits() const noexcept;

  Decimal operator-() const;
  Decimal& operator+=(const Decimal& b) { return *this = *this + b; }
  Decimal& operator-=(const Decimal& b) { return *this = *this - b; }
  Decimal& operator*=(const Decimal& b) { return *this = *this * b; }
  friend Decimal operator+(const Decimal& a, const Decimal& b);
  friend Decimal operator-(const Decimal& a, const Decimal& b);
  friend Decimal operator*(const Decimal& a, const Decimal& b);
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) noexcept;
  friend bool operator==(const Decimal& a, const Decimal& b) noexcept { return (a <=> b) == 0; }

 private:
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
