// Properties of Decimal over seeded random values of every size, judged by an independent big number.
#include <array>
#include <gtest/gtest.h>

#include "calypte/decimal.hpp"

#include "core/random.hpp"
#include "core/wide.hpp"
#include "unit/core/big_number.hpp"
#include "unit/core/print.hpp"

namespace calypte {
namespace {

using test::BigNumber;

constexpr int kRuns = 3000;
constexpr std::array kRoundings = {Rounding::toward_zero, Rounding::away_from_zero, Rounding::floor, Rounding::ceiling,
                                   Rounding::half_even};

/// Every count of digits and every scale is equally likely; so are runs of zeros and nines, where carries happen.
Decimal random_decimal(core::Random& random) {
  const std::uint64_t digits = 1 + random.below(38);
  const std::uint64_t style = random.below(4);
  Decimal::Int128 coefficient = 0;
  for (std::uint64_t i = 0; i < digits; ++i) {
    std::uint64_t digit = random.below(10);
    if (style == 1 && i > 0) digit = random.chance(1, 8) ? digit : 0;
    if (style == 2) digit = random.chance(1, 8) ? digit : 9;
    coefficient = coefficient * 10 + static_cast<int>(digit);
  }
  if (random.chance(1, 2)) coefficient = -coefficient;
  return Decimal::from_parts(coefficient, static_cast<int>(random.below(39)));
}

/// The same value at another scale if it has one, so that equality is met as often as difference.
Decimal respelled(const Decimal& d, core::Random& random) {
  const Decimal n = d.normalized();
  const int most = std::min(38, n.scale() + 38 - static_cast<int>(BigNumber::from(n).digits.size()));
  if (most <= n.scale()) return n;
  return n.rescaled(n.scale() + static_cast<int>(random.below(static_cast<std::uint64_t>(most - n.scale()) + 1)),
                    Rounding::floor);
}

TEST(DecimalProperty, text_round_trip_keeps_value_and_scale) {
  core::Random random(1);
  for (int i = 0; i < kRuns; ++i) {
    const Decimal d = random_decimal(random);
    const auto back = Decimal::parse(d.to_string());
    ASSERT_TRUE(back.ok()) << d.to_string();
    ASSERT_EQ(back->coefficient(), d.coefficient()) << d.to_string();
    ASSERT_EQ(back->scale(), d.scale()) << d.to_string();
  }
}

TEST(DecimalProperty, text_is_the_coefficient_with_a_point) {
  core::Random random(2);
  for (int i = 0; i < kRuns; ++i) {
    const Decimal d = random_decimal(random);
    std::string digits;
    for (auto rest = d.is_negative() ? -d.coefficient() : d.coefficient(); rest != 0; rest /= 10) {
      digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    }
    const auto scale = static_cast<std::size_t>(d.scale());
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
    ASSERT_EQ(d.to_string(), (d.is_negative() ? "-" : "") + digits);
  }
}

TEST(DecimalProperty, sums_differences_and_products_are_exact_or_refused) {
  core::Random random(3);
  int refused = 0;
  int exact = 0;
  const auto check = [&](const std::optional<Decimal>& result, const BigNumber& expected, const std::string& what) {
    ASSERT_EQ(result.has_value(), expected.fits()) << what;
    if (!result) {
      ++refused;
      return;
    }
    ++exact;
    ASSERT_TRUE(BigNumber::from(*result) == expected) << what << " gave " << result->to_string();
  };
  for (int i = 0; i < kRuns; ++i) {
    const Decimal a = random_decimal(random);
    const Decimal b = random_decimal(random);
    const std::string both = a.to_string() + " and " + b.to_string();
    const BigNumber x = BigNumber::from(a);
    const BigNumber y = BigNumber::from(b);
    ASSERT_NO_FATAL_FAILURE(check(Decimal::checked_add(a, b), x + y, "sum of " + both));
    ASSERT_NO_FATAL_FAILURE(check(Decimal::checked_sub(a, b), x + -y, "difference of " + both));
    ASSERT_NO_FATAL_FAILURE(check(Decimal::checked_mul(a, b), x * y, "product of " + both));
  }
  EXPECT_GT(refused, kRuns / 10);
  EXPECT_GT(exact, kRuns / 10);
}

TEST(DecimalProperty, order_is_that_of_the_values) {
  core::Random random(4);
  for (int i = 0; i < kRuns; ++i) {
    const Decimal a = random_decimal(random);
    const Decimal b = random.chance(1, 3) ? respelled(a, random) : random_decimal(random);
    const int expected = compare(BigNumber::from(a), BigNumber::from(b));
    const std::string both = a.to_string() + " and " + b.to_string();
    ASSERT_EQ(a < b, expected < 0) << both;
    ASSERT_EQ(a > b, expected > 0) << both;
    ASSERT_EQ(a == b, expected == 0) << both;
    ASSERT_EQ(b < a, expected > 0) << both;
    if (expected == 0) {
      ASSERT_EQ(std::hash<Decimal>{}(a), std::hash<Decimal>{}(b)) << both;
    }
  }
}

/// |exact - result| as the rounding allows it, without a division: all is multiplied by the divisor.
void expect_rounded(const Decimal& a, const Decimal& b, int scale, Rounding rounding) {
  const auto result = Decimal::checked_div(a, b, scale, rounding);
  if (!result) return;
  ASSERT_EQ(result->scale(), scale);
  const BigNumber unit = BigNumber::from(Decimal::from_parts(1, scale));
  BigNumber divisor = BigNumber::from(b);
  BigNumber dividend = BigNumber::from(a);
  if (divisor.negative) {
    divisor = -divisor;
    dividend = -dividend;
  }
  const BigNumber error = dividend + -(BigNumber::from(*result) * divisor);  // exact - result, times the divisor
  BigNumber size = error;
  size.negative = false;
  const BigNumber one_unit = unit * divisor;
  const std::string what = a.to_string() + " / " + b.to_string() + " = " + result->to_string();
  ASSERT_LT(compare(size, one_unit), 0) << what;
  const int sign = error.sign();
  const int value_sign = dividend.sign();
  switch (rounding) {
    case Rounding::toward_zero:
      ASSERT_TRUE(sign == 0 || sign == value_sign) << what;
      break;
    case Rounding::away_from_zero:
      ASSERT_TRUE(sign == 0 || sign == -value_sign) << what;
      break;
    case Rounding::floor:
      ASSERT_GE(sign, 0) << what;
      break;
    case Rounding::ceiling:
      ASSERT_LE(sign, 0) << what;
      break;
    case Rounding::half_even: {
      const int half = compare(size + size, one_unit);
      ASSERT_LE(half, 0) << what;
      if (half == 0) {
        ASSERT_EQ(result->coefficient() % 2, 0) << what;
      }
      break;
    }
  }
}

TEST(DecimalProperty, quotients_are_rounded_as_named) {
  core::Random random(5);
  int done = 0;
  for (int i = 0; i < kRuns; ++i) {
    const Decimal a = random_decimal(random);
    const Decimal b = random_decimal(random);
    if (b.is_zero()) continue;
    const int scale = static_cast<int>(random.below(39));
    for (const Rounding rounding : kRoundings) ASSERT_NO_FATAL_FAILURE(expect_rounded(a, b, scale, rounding));
    if (Decimal::checked_div(a, b, scale, Rounding::toward_zero)) ++done;
  }
  EXPECT_GT(done, kRuns / 4);
}

TEST(DecimalProperty, a_quotient_is_refused_only_if_it_does_not_fit) {
  core::Random random(6);
  for (int i = 0; i < kRuns; ++i) {
    // With a known quotient: (q * b) / b at a scale that q has.
    const Decimal q = random_decimal(random);
    const Decimal b = random_decimal(random);
    const auto product = Decimal::checked_mul(q, b);
    if (!product || b.is_zero()) continue;
    const auto back = Decimal::checked_div(*product, b, q.scale(), Rounding::half_even);
    ASSERT_TRUE(back.has_value()) << q.to_string() << " * " << b.to_string();
    ASSERT_EQ(back->coefficient(), q.coefficient()) << q.to_string() << " * " << b.to_string();
  }
}

TEST(DecimalProperty, multiples_are_multiples_and_near) {
  core::Random random(7);
  for (int i = 0; i < kRuns; ++i) {
    const Decimal value = random_decimal(random);
    const Decimal step = random_decimal(random).abs();
    if (step.is_zero()) continue;
    const std::string what = value.to_string() + " by " + step.to_string();
    const auto low = value.checked_round_to_multiple(step, Rounding::floor);
    const auto high = value.checked_round_to_multiple(step, Rounding::ceiling);
    const auto near = value.checked_round_to_multiple(step, Rounding::half_even);
    const auto inner = value.checked_round_to_multiple(step, Rounding::toward_zero);
    if (inner) {
      ASSERT_TRUE(inner->is_multiple_of(step)) << what;
      ASSERT_LE(inner->abs(), value.abs()) << what;
    }
    if (!low || !high) continue;
    ASSERT_TRUE(low->is_multiple_of(step)) << what;
    ASSERT_TRUE(high->is_multiple_of(step)) << what;
    ASSERT_LE(*low, value) << what;
    ASSERT_GE(*high, value) << what;
    const BigNumber width = BigNumber::from(*high) + -BigNumber::from(*low);
    if (value.is_multiple_of(step)) {
      ASSERT_EQ(*low, value) << what;
      ASSERT_EQ(*high, value) << what;
    } else {
      ASSERT_TRUE(width == BigNumber::from(step)) << what;
    }
    ASSERT_TRUE(near.has_value()) << what;
    ASSERT_TRUE(*near == *low || *near == *high) << what;
    const BigNumber below = BigNumber::from(value) + -BigNumber::from(*low);
    const int half = compare(below + below, width);
    if (half != 0) {
      ASSERT_EQ(*near, half < 0 ? *low : *high) << what;
    }
  }
}

TEST(DecimalProperty, small_values_agree_with_plain_128_bit_arithmetic) {
  core::Random random(8);
  for (int i = 0; i < kRuns; ++i) {
    const auto a = static_cast<std::int64_t>(random.next()) >> random.below(60);
    const auto b = static_cast<std::int64_t>(random.next()) >> random.below(60);
    const Decimal x = Decimal::from_parts(a, 8);
    const Decimal y = Decimal::from_parts(b, 8);
    ASSERT_EQ((x + y).coefficient(), static_cast<Decimal::Int128>(a) + b);
    ASSERT_EQ((x - y).coefficient(), static_cast<Decimal::Int128>(a) - b);
    ASSERT_EQ((x * y).coefficient(), static_cast<Decimal::Int128>(a) * b);
    ASSERT_EQ((x * y).scale(), 16);
    ASSERT_EQ(x <=> y, a <=> b);
  }
}

TEST(Wide, division_undoes_multiplication) {
  core::Random random(9);
  for (int i = 0; i < 20'000; ++i) {
    const auto any = [&random] {
      return ((static_cast<core::U128>(random.next()) << 64U) | random.next()) >> random.below(128);
    };
    const core::U128 a = random.chance(1, 8) ? ~core::U128{0} : any();
    core::U128 b = random.chance(1, 8) ? ~core::U128{0} << random.below(100) : any();
    if (b == 0) b = 1;
    core::U128 rest = any() % b;
    if (random.chance(1, 4)) rest = b - 1;
    const core::U256 product = core::multiply(a, b);
    const core::Division d = core::divide(core::add(product, {0, rest}), b);
    ASSERT_TRUE(d.quotient == (core::U256{0, a}));
    ASSERT_TRUE(d.remainder == rest);
    ASSERT_TRUE(core::subtract(core::add(product, {0, rest}), {0, rest}) == product);
  }
}

}  // namespace
}  // namespace calypte
