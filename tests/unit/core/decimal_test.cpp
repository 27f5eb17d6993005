#include "calypte/decimal.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <unordered_set>

#include "unit/core/print.hpp"

namespace calypte {
namespace {

const std::string k38Nines(38, '9');
const Decimal kMax = Decimal::from_parts(Decimal::kCoefficientLimit - 1, 0);
const Decimal kSmallest = Decimal::from_parts(1, Decimal::kMaxScale);

TEST(Decimal, parses_every_form_of_the_grammar) {
  struct Case {
    const char* text;
    const char* written;
  };
  for (const auto& [text, written] :
       {Case{"12", "12"},
        {"-0.50", "-0.50"},
        {"+1.", "1"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {"1e-8", "0.00000001"},
        {"2.5E+3", "2500"},
        {"2.50e1", "25.0"},
        {"100e-1", "10.0"},
        {"0", "0"},
        {"-0", "0"},
        {"-0.00", "0.00"},
        {"0e99999999999999999999", "0"},
        {"007", "7"},
        {"0000000000000000000000000000000000000000000000042", "42"},
        {"1.50", "1.50"},
        {"9223372036854775808", "9223372036854775808"},
        {"1e37", "10000000000000000000000000000000000000"},
        {"1e-38", "0.00000000000000000000000000000000000001"},
        {"9999999999999999999.5", "9999999999999999999.5"},
        {"1000000000000000000000000000000.00000001",  // 39 digits: see below
         nullptr},
        {"12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"}}) {
    const auto parsed = Decimal::parse(text);
    if (written == nullptr) {
      EXPECT_FALSE(parsed.ok()) << text;
    } else {
      ASSERT_TRUE(parsed.ok()) << text;
      EXPECT_EQ(parsed->to_string(), written) << text;
    }
  }
}

TEST(Decimal, refuses_everything_else) {
  for (const char* text : {"",
                           "-",
                           "+",
                           ".",
                           "-.",
                           "1..2",
                           "1.2.3",
                           "--1",
                           "+-1",
                           "-+1",
                           " 1",
                           "1 ",
                           "1,5",
                           "0x10",
                           "NaN",
                           "inf",
                           "-inf",
                           "1e",
                           "1e+",
                           "e5",
                           ".e5",
                           "1e5.0",
                           "1e5x",
                           "1e--5",
                           "1_000",
                           "1/2",
                           "1e38",
                           "1e-39",
                           "1e99999999999999999999999999",
                           "1e-99999999999999999999999999",
                           "\xd9\xa1"}) {
    const auto parsed = Decimal::parse(text);
    EXPECT_FALSE(parsed.ok()) << '"' << text << '"';
    EXPECT_EQ(parsed.status().code(), StatusCode::malformed) << text;
  }
  EXPECT_FALSE(Decimal::parse(std::string_view("1\0", 2)).ok());
}

TEST(Decimal, a_wrong_character_is_found_at_every_place) {
  // Digits are read eight at a time where possible: no neighbour of a digit may pass for one.
  for (const std::string& text : {std::string("123456789012345678"), std::string("1234567890123456789012345678"),
                                  std::string("12345678.12345678"), std::string("1.2345678901234567")}) {
    ASSERT_TRUE(Decimal::parse(text).ok());
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (int c = -128; c < 128; ++c) {
        std::string wrong = text;
        wrong[at] = static_cast<char>(c);
        const bool digit = wrong[at] >= '0' && wrong[at] <= '9';
        const bool point = wrong[at] == '.' && (text.find('.') == std::string::npos || text[at] == '.');
        const bool sign = at == 0 && (wrong[at] == '+' || wrong[at] == '-');
        const bool exponent = (wrong[at] == 'e' || wrong[at] == 'E') && at > 0;
        if (exponent) continue;
        ASSERT_EQ(Decimal::parse(wrong).ok(), digit || point || sign) << wrong;
      }
    }
  }
}

TEST(Decimal, has_38_significant_digits_and_38_places) {
  EXPECT_EQ(Decimal::parse(k38Nines)->to_string(), k38Nines);
  EXPECT_EQ(Decimal::parse("-" + k38Nines)->to_string(), "-" + k38Nines);
  EXPECT_EQ(Decimal::parse("0." + k38Nines)->to_string(), "0." + k38Nines);
  EXPECT_FALSE(Decimal::parse(k38Nines + "9").ok());
  EXPECT_FALSE(Decimal::parse("1" + std::string(38, '0')).ok());
  EXPECT_FALSE(Decimal::parse("0." + std::string(39, '0')).ok());
  EXPECT_FALSE(Decimal::parse("0." + std::string(38, '0') + "1").ok());
  EXPECT_EQ(*Decimal::parse(k38Nines), kMax);
  EXPECT_EQ(kSmallest.to_string().size(), 40U);
  EXPECT_EQ((-*Decimal::parse("0." + k38Nines)).to_string().size(), Decimal::kMaxTextSize);
}

TEST(Decimal, H_34_lossless_text) {
  for (const char* text : {"0.000000123456789012", "1000000000000000.000000000000000001"}) {
    const Decimal value = *Decimal::parse(text);
    EXPECT_EQ(value.to_string(), text);
    EXPECT_EQ(*Decimal::parse(value.to_string()), value);
  }
  EXPECT_EQ("1e15"_dec + "1e-18"_dec, "1000000000000000.000000000000000001"_dec);
  EXPECT_NE("1e15"_dec + "1e-18"_dec, "1e15"_dec);
}

TEST(Decimal, is_made_from_every_integer_type) {
  EXPECT_EQ(Decimal(static_cast<short>(-7)), -7);
  EXPECT_EQ(Decimal(std::numeric_limits<unsigned long long>::max()).to_string(), "18446744073709551615");
  EXPECT_EQ(Decimal(std::numeric_limits<long long>::min()).to_string(), "-9223372036854775808");
  EXPECT_EQ(Decimal(std::uint8_t{200}), 200);
  EXPECT_EQ(Decimal(std::size_t{5}) * 2U, 10L);
  EXPECT_FALSE((std::is_constructible_v<Decimal, double>));
  EXPECT_FALSE((std::is_constructible_v<Decimal, float>));
  EXPECT_FALSE((std::is_constructible_v<Decimal, bool>));
  EXPECT_FALSE((std::is_constructible_v<Decimal, char>));
}

TEST(Decimal, equality_and_hash_are_by_value) {
  EXPECT_EQ("1.0"_dec, "1.00"_dec);
  EXPECT_EQ("0"_dec, "0.000"_dec);
  EXPECT_EQ("-1e3"_dec, -1000);
  EXPECT_NE("1.0"_dec, "1.01"_dec);
  EXPECT_NE("1"_dec, "-1"_dec);
  const std::hash<Decimal> hash;
  EXPECT_EQ(hash("1.0"_dec), hash("1.00000000000000000000000000000"_dec));
  EXPECT_EQ(hash("-12000"_dec), hash("-12000.000"_dec));
  EXPECT_EQ(hash("0"_dec), hash("0.00"_dec));
  std::unordered_set<std::size_t> distinct;
  for (int i = -500; i < 500; ++i) distinct.insert(hash(Decimal::from_parts(i, 2)));
  EXPECT_EQ(distinct.size(), 1000U);
}

TEST(Decimal, orders_without_overflow) {
  EXPECT_LT(kSmallest, kMax);
  EXPECT_GT(kMax, kSmallest);
  EXPECT_LT(-kMax, kSmallest);
  EXPECT_LT(-kMax, -kSmallest);
  EXPECT_GT(-kSmallest, -kMax);
  EXPECT_LT(0, kSmallest);
  EXPECT_GT(0, -kSmallest);
  EXPECT_LT("0.99999999999999999999999999999999999999"_dec, 1);
  EXPECT_GT("99999999999999999999.1"_dec, "99999999999999999999.09"_dec);
  EXPECT_LT("-99999999999999999999.1"_dec, "-99999999999999999999.09"_dec);
  EXPECT_LT("9999999999999999999999"_dec, "99999999999999999999999.0000001"_dec);
}

TEST(Decimal, adds_with_the_larger_scale) {
  EXPECT_EQ(("1.10"_dec + "2.205"_dec).to_string(), "3.305");
  EXPECT_EQ(("1.10"_dec - "1.1"_dec).to_string(), "0.00");
  EXPECT_EQ(("0.1"_dec + "0.2"_dec), "0.3"_dec);
  EXPECT_EQ(("1"_dec - "0.00000001"_dec).to_string(), "0.99999999");
  EXPECT_EQ(("-5"_dec + "2.5"_dec).to_string(), "-2.5");
  Decimal sum = 1;
  sum += "0.5"_dec;
  sum -= 3;
  sum *= -2;
  EXPECT_EQ(sum, 3);
}

TEST(Decimal, addition_beyond_38_digits_is_an_error_and_never_rounds) {
  EXPECT_THROW((void)(kMax + 1), DecimalOverflow);
  EXPECT_THROW((void)(-kMax - 1), DecimalOverflow);
  EXPECT_THROW((void)(kMax + kMax), DecimalOverflow);
  EXPECT_THROW((void)(kMax + "0.1"_dec), DecimalOverflow);
  EXPECT_THROW((void)(1 + kSmallest), DecimalOverflow);
  EXPECT_EQ(Decimal::checked_add(kMax, kSmallest), std::nullopt);
  EXPECT_EQ(Decimal::checked_sub(-kMax, kMax), std::nullopt);
  EXPECT_EQ(kMax - 1 + 1, kMax);
  EXPECT_EQ(kMax - kMax, 0);
}

TEST(Decimal, gives_up_trailing_zeros_before_it_gives_up) {
  // 40 digits at scale 10, but the value needs only 31.
  EXPECT_EQ("1e30"_dec + "1.0000000000"_dec, "1000000000000000000000000000001"_dec);
  const Decimal one = Decimal::from_parts(Decimal::Int128{1'000'000'000'000'000'000} * 1'000'000, 24);
  EXPECT_EQ(one * one, 1);
  EXPECT_EQ(one * one * one * one, 1);
  EXPECT_EQ("5e-20"_dec * "2e-19"_dec, kSmallest);
  EXPECT_EQ("1e18"_dec * "1e19"_dec, "1e37"_dec);
  EXPECT_THROW((void)("1e19"_dec * "1e19"_dec), DecimalOverflow);
  EXPECT_THROW((void)("1e-20"_dec * "1e-19"_dec), DecimalOverflow);
  EXPECT_THROW((void)(kMax * kMax), DecimalOverflow);
  EXPECT_EQ(Decimal::checked_mul("1e-38"_dec, "1e-38"_dec), std::nullopt);
  EXPECT_EQ("0.00000000000000000000000000"_dec * "0.00000000000000000000"_dec, 0);
}

TEST(Decimal, multiplies_exactly) {
  EXPECT_EQ(("1.5"_dec * "-0.20"_dec).to_string(), "-0.300");
  EXPECT_EQ(("9223372036854775807"_dec * "9223372036854775807"_dec).to_string(),
            "85070591730234615847396907784232501249");
  EXPECT_EQ("12345678901234567890"_dec * "0.1"_dec, "1234567890123456789"_dec);
}

TEST(Decimal, divides_with_the_named_rounding) {
  struct Case {
    const char* a;
    const char* b;
    int scale;
    const char* toward_zero;
    const char* away_from_zero;
    const char* floor;
    const char* ceiling;
    const char* half_even;
  };
  for (const Case& c : {Case{"1", "3", 2, "0.33", "0.34", "0.33", "0.34", "0.33"},
                        {"-1", "3", 2, "-0.33", "-0.34", "-0.34", "-0.33", "-0.33"},
                        {"2", "-3", 2, "-0.66", "-0.67", "-0.67", "-0.66", "-0.67"},
                        {"5", "2", 0, "2", "3", "2", "3", "2"},
                        {"7", "2", 0, "3", "4", "3", "4", "4"},
                        {"-5", "2", 0, "-2", "-3", "-3", "-2", "-2"},
                        {"6", "2", 1, "3.0", "3.0", "3.0", "3.0", "3.0"},
                        {"1.2501", "1", 1, "1.2", "1.3", "1.2", "1.3", "1.3"},
                        {"1.2500", "1", 1, "1.2", "1.3", "1.2", "1.3", "1.2"},
                        {"2.500", "3", 0, "0", "1", "0", "1", "1"},
                        {"0", "3", 4, "0.0000", "0.0000", "0.0000", "0.0000", "0.0000"},
                        {"305", "3", 18, "101.666666666666666666", "101.666666666666666667", "101.666666666666666666",
                         "101.666666666666666667", "101.666666666666666667"}}) {
    const Decimal a = *Decimal::parse(c.a);
    const Decimal b = *Decimal::parse(c.b);
    EXPECT_EQ(divide(a, b, c.scale, Rounding::toward_zero).to_string(), c.toward_zero) << c.a << '/' << c.b;
    EXPECT_EQ(divide(a, b, c.scale, Rounding::away_from_zero).to_string(), c.away_from_zero) << c.a << '/' << c.b;
    EXPECT_EQ(divide(a, b, c.scale, Rounding::floor).to_string(), c.floor) << c.a << '/' << c.b;
    EXPECT_EQ(divide(a, b, c.scale, Rounding::ceiling).to_string(), c.ceiling) << c.a << '/' << c.b;
    EXPECT_EQ(divide(a, b, c.scale).to_string(), c.half_even) << c.a << '/' << c.b;
  }
}

TEST(Decimal, division_has_defined_errors) {
  EXPECT_THROW((void)divide(1, 0, 2), std::domain_error);
  EXPECT_THROW((void)divide(kMax, "0.1"_dec, 0), DecimalOverflow);
  EXPECT_THROW((void)divide(kMax, kSmallest, 38), DecimalOverflow);
  EXPECT_THROW((void)divide("1e37"_dec, "0.1"_dec, 0), DecimalOverflow);  // the limit itself
  EXPECT_EQ(Decimal::checked_div(1, "0.00"_dec, 2, Rounding::floor), std::nullopt);
  EXPECT_EQ(Decimal::checked_div(1, 3, 39, Rounding::floor), std::nullopt);
  EXPECT_EQ(Decimal::checked_div(1, 3, -1, Rounding::floor), std::nullopt);
  EXPECT_EQ(divide(kSmallest, kSmallest, 37), 1);
  EXPECT_EQ(divide(kMax, kMax, 37), 1);
  EXPECT_EQ(divide(1, "3e-37"_dec, 1, Rounding::floor).to_string(), "3333333333333333333333333333333333333.3");
  EXPECT_EQ(divide(kSmallest, kMax, 38, Rounding::ceiling), kSmallest);
  EXPECT_EQ(divide(kSmallest, kMax, 38, Rounding::half_even), 0);
}

TEST(Decimal, rescales) {
  EXPECT_EQ("1.5"_dec.rescaled(3, Rounding::floor).to_string(), "1.500");
  EXPECT_EQ("1.55"_dec.rescaled(1, Rounding::half_even).to_string(), "1.6");
  EXPECT_EQ("1.45"_dec.rescaled(1, Rounding::half_even).to_string(), "1.4");
  EXPECT_EQ("-1.41"_dec.rescaled(1, Rounding::floor).to_string(), "-1.5");
  EXPECT_EQ("-1.41"_dec.rescaled(0, Rounding::ceiling).to_string(), "-1");
  EXPECT_EQ("0.9"_dec.rescaled(0, Rounding::away_from_zero).to_string(), "1");
  EXPECT_EQ(kSmallest.rescaled(0, Rounding::ceiling), 1);
  EXPECT_THROW((void)kMax.rescaled(1, Rounding::floor), DecimalOverflow);
  EXPECT_THROW((void)"1e37"_dec.rescaled(1, Rounding::floor), DecimalOverflow);  // the limit itself
  EXPECT_THROW((void)"1"_dec.rescaled(39, Rounding::floor), DecimalOverflow);
  EXPECT_THROW((void)"1"_dec.rescaled(-1, Rounding::floor), DecimalOverflow);
  EXPECT_THROW((void)(kMax - 1 + "1"_dec).rescaled(38, Rounding::floor), DecimalOverflow);
}

TEST(Decimal, normalizes) {
  EXPECT_EQ("1.500"_dec.normalized().to_string(), "1.5");
  EXPECT_EQ("100.00"_dec.normalized().to_string(), "100");
  EXPECT_EQ("0.000"_dec.normalized().to_string(), "0");
  EXPECT_EQ("-7.0000000000"_dec.normalized().to_string(), "-7");
  EXPECT_EQ("1.0000000000000000000000000000000000000"_dec.normalized().to_string(), "1");
  EXPECT_EQ("123456789012345678901.0000100"_dec.normalized().to_string(), "123456789012345678901.00001");
}

TEST(Decimal, rounds_to_multiples) {
  struct Case {
    const char* value;
    const char* step;
    const char* floor;
    const char* ceiling;
    const char* toward_zero;
    const char* half_even;
  };
  for (const Case& c : {Case{"1.239", "0.01", "1.23", "1.24", "1.23", "1.24"},
                        {"-1.239", "0.01", "-1.24", "-1.23", "-1.23", "-1.24"},
                        {"1.23", "0.01", "1.23", "1.23", "1.23", "1.23"},
                        {"12", "0.01", "12.00", "12.00", "12.00", "12.00"},
                        {"1.3", "0.25", "1.25", "1.50", "1.25", "1.25"},
                        {"1.125", "0.25", "1.00", "1.25", "1.00", "1.00"},
                        {"1.375", "0.25", "1.25", "1.50", "1.25", "1.50"},
                        {"17", "5", "15", "20", "15", "15"},
                        {"0.004", "0.01", "0.00", "0.01", "0.00", "0.00"},
                        {"99999999999999999999.99", "0.5", "99999999999999999999.5", "100000000000000000000.0",
                         "99999999999999999999.5", "100000000000000000000.0"},
                        {"0.123456789012345678901234567890", "0.1", "0.1", "0.2", "0.1", "0.1"}}) {
    const Decimal value = *Decimal::parse(c.value);
    const Decimal step = *Decimal::parse(c.step);
    EXPECT_EQ(value.round_to_multiple(step, Rounding::floor).to_string(), c.floor) << c.value;
    EXPECT_EQ(value.round_to_multiple(step, Rounding::ceiling).to_string(), c.ceiling) << c.value;
    EXPECT_EQ(value.round_to_multiple(step, Rounding::toward_zero).to_string(), c.toward_zero) << c.value;
    EXPECT_EQ(value.round_to_multiple(step, Rounding::half_even).to_string(), c.half_even) << c.value;
    EXPECT_EQ(value.is_multiple_of(step), value.round_to_multiple(step, Rounding::floor) == value) << c.value;
  }
}

TEST(Decimal, multiples_at_the_edge) {
  EXPECT_THROW((void)"1"_dec.round_to_multiple(0, Rounding::floor), std::domain_error);
  EXPECT_THROW((void)"1"_dec.round_to_multiple(-1, Rounding::floor), std::domain_error);
  EXPECT_EQ("1"_dec.checked_round_to_multiple(0, Rounding::floor), std::nullopt);
  EXPECT_FALSE("1"_dec.is_multiple_of(0));
  EXPECT_FALSE("1"_dec.is_multiple_of(-1));
  // The multiple has no room for the step's scale: the value is what counts.
  EXPECT_EQ(kMax.round_to_multiple("0.001"_dec, Rounding::floor), kMax);
  EXPECT_EQ(kMax.round_to_multiple(10, Rounding::floor), kMax - 9);
  EXPECT_THROW((void)kMax.round_to_multiple(10, Rounding::ceiling), DecimalOverflow);
  EXPECT_EQ(kMax.checked_round_to_multiple(10, Rounding::away_from_zero), std::nullopt);
  EXPECT_EQ(kSmallest.round_to_multiple(kMax, Rounding::ceiling), kMax);
  EXPECT_EQ(kSmallest.round_to_multiple(kMax, Rounding::floor), 0);
  EXPECT_TRUE(kMax.is_multiple_of(kSmallest));
  EXPECT_FALSE(kSmallest.is_multiple_of(kMax));
  EXPECT_TRUE("0"_dec.is_multiple_of(kMax));
}

TEST(Decimal, counts_significant_digits) {
  EXPECT_EQ("0"_dec.significant_digits(), 0);
  EXPECT_EQ("0.000"_dec.significant_digits(), 0);
  EXPECT_EQ("1.50"_dec.significant_digits(), 2);
  EXPECT_EQ("1200"_dec.significant_digits(), 2);
  EXPECT_EQ("-0.000123"_dec.significant_digits(), 3);
  EXPECT_EQ("10.01"_dec.significant_digits(), 4);
  EXPECT_EQ(kMax.significant_digits(), 38);
  EXPECT_EQ(kSmallest.significant_digits(), 1);
}

TEST(Decimal, to_double_is_the_nearest) {
  EXPECT_EQ("0.1"_dec.to_double(), 0.1);
  EXPECT_EQ("-43250.12345678"_dec.to_double(), -43250.12345678);
  EXPECT_EQ("9007199254740993"_dec.to_double(), 9007199254740992.0);
  EXPECT_EQ("0.000000123456789012"_dec.to_double(), 0.000000123456789012);
  EXPECT_EQ("12345678901234567890.123456789"_dec.to_double(), 12345678901234567890.123456789);
  EXPECT_EQ(kSmallest.to_double(), 1e-38);
  EXPECT_EQ("0"_dec.to_double(), 0.0);
}

TEST(Decimal, abs_and_negation) {
  EXPECT_EQ("-1.5"_dec.abs().to_string(), "1.5");
  EXPECT_EQ("1.5"_dec.abs(), "1.5"_dec);
  EXPECT_EQ((-kMax).abs(), kMax);
  EXPECT_TRUE((-kMax).is_negative());
  EXPECT_TRUE("0.00"_dec.is_zero());
  EXPECT_FALSE("0"_dec.is_positive());
  EXPECT_FALSE("0"_dec.is_negative());
}

TEST(Decimal, literal_that_is_no_number_throws) { EXPECT_THROW((void)"1.2.3"_dec, std::invalid_argument); }

}  // namespace
}  // namespace calypte
