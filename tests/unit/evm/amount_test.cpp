#include "evm/amount.hpp"

#include "core/random.hpp"
#include "support.hpp"

namespace calypte::evm {
namespace {

TEST(Amount, units_become_the_exact_decimal) {
  EXPECT_EQ(to_decimal(Uint256(1'500'000), 6)->to_string(), "1.500000");
  EXPECT_EQ(to_decimal(power_of_ten(18), 18)->to_string(), "1.000000000000000000");
  EXPECT_EQ(to_decimal(1, 18).value(), "1e-18"_dec);
  EXPECT_EQ(to_decimal(7, 0).value(), "7"_dec);
  EXPECT_EQ(to_decimal(0, 6)->to_string(), "0.000000");
  EXPECT_EQ(to_decimal(0, 200).value(), "0"_dec);
}

TEST(Amount, thirty_eight_digits_are_the_most) {
  EXPECT_EQ(to_decimal(power_of_ten(38) - 1, 18).value(), "99999999999999999999.999999999999999999"_dec);
  EXPECT_EQ(to_decimal(power_of_ten(38) + 1, 18).status().code(), StatusCode::unsupported);
  EXPECT_EQ(to_decimal(largest(), 18).status().code(), StatusCode::unsupported);
  EXPECT_EQ(to_decimal(power_of_ten(38), 0).status().code(), StatusCode::unsupported);
}

TEST(Amount, zeros_at_the_end_do_not_count) {
  EXPECT_EQ(to_decimal(power_of_ten(50), 18).value(), "1e32"_dec);
  EXPECT_EQ(to_decimal(power_of_ten(20), 50).value(), "1e-30"_dec);
  EXPECT_EQ(to_decimal(1, 39).status().code(), StatusCode::unsupported);
  EXPECT_EQ(to_decimal(10, 39).value(), "1e-38"_dec);
}

TEST(Amount, decimals_that_no_token_can_have_are_malformed) {
  EXPECT_EQ(to_decimal(1, -1).status().code(), StatusCode::malformed);
  EXPECT_EQ(to_decimal(1, 256).status().code(), StatusCode::malformed);
  EXPECT_EQ(to_units("1"_dec, -1).status().code(), StatusCode::malformed);
  EXPECT_EQ(to_units("1"_dec, 256).status().code(), StatusCode::malformed);
}

TEST(Amount, an_amount_becomes_the_exact_units) {
  EXPECT_EQ(to_units("1.5"_dec, 6).value(), 1'500'000);
  EXPECT_EQ(to_units("1.50000000"_dec, 6).value(), 1'500'000);  // the zeros are no places
  EXPECT_EQ(to_units("0"_dec, 6).value(), 0);
  EXPECT_EQ(to_units("1e-18"_dec, 18).value(), 1);
  EXPECT_EQ(to_units("123456789012345678901234567890"_dec, 18).value(),
            Uint256("123456789012345678901234567890000000000000000000"));
}

TEST(Amount, nothing_is_rounded) {
  const auto refused = to_units("0.0000001"_dec, 6);
  EXPECT_EQ(refused.status().code(), StatusCode::denied);
  EXPECT_EQ(refused.status().reason(), FailureReason::invalid_amount);
  EXPECT_EQ(to_units("0.5"_dec, 0).status().reason(), FailureReason::invalid_amount);
  EXPECT_EQ(to_units("-1"_dec, 6).status().reason(), FailureReason::invalid_amount);
}

TEST(Amount, an_amount_beyond_256_bits_is_refused) {
  EXPECT_TRUE(to_units("1"_dec, 77).ok());
  EXPECT_EQ(to_units("1"_dec, 78).status().reason(), FailureReason::invalid_amount);
  EXPECT_EQ(to_units("99999999999999999999999999999999999999"_dec, 40).status().reason(),
            FailureReason::invalid_amount);
  EXPECT_EQ(to_units("1"_dec, 255).status().reason(), FailureReason::invalid_amount);
}

TEST(Amount, there_and_back_is_the_same) {
  core::Random random(7);
  for (int i = 0; i < 2000; ++i) {
    Uint256 units = random.next();
    if (random.chance(1, 2)) units = units << 60U | random.next() >> 5U;
    const int decimals = static_cast<int>(random.below(25));
    const auto amount = to_decimal(units, decimals);
    ASSERT_TRUE(amount.ok()) << units;
    EXPECT_EQ(to_units(*amount, decimals).value(), units);
  }
}

}  // namespace
}  // namespace calypte::evm
