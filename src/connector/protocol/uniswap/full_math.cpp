#include "connector/protocol/uniswap/full_math.hpp"

#include "connector/protocol/uniswap/limbs.hpp"

namespace calypte::connector::uniswap {
namespace limbs {
namespace {

Division divide_by_limb(const Limbs<8>& dividend, std::uint64_t divisor) noexcept {
  Division result;
  std::uint64_t remainder = 0;
  for (std::size_t i = used(dividend); i-- > 0;) {
    const Uint128 part = (static_cast<Uint128>(remainder) << 64U) | dividend[i];
    result.quotient[i] = static_cast<std::uint64_t>(part / divisor);
    remainder = static_cast<std::uint64_t>(part % divisor);
  }
  result.exact = remainder == 0;
  return result;
}

}  // namespace

Division divide(const Limbs<8>& dividend, const Limbs<4>& divisor) noexcept {
  const std::size_t n = used(divisor);
  const std::size_t m = used(dividend);
  if (m < n) return {.quotient = {}, .exact = m == 0};
  if (n == 1) return divide_by_limb(dividend, divisor[0]);

  // Both are shifted so that the divisor's highest bit is set: an estimated digit is then at most two too large.
  const auto shift = static_cast<unsigned>(std::countl_zero(divisor[n - 1]));
  const auto shifted = [shift](std::uint64_t high, std::uint64_t low) {
    return shift == 0 ? high : (high << shift) | (low >> (64U - shift));
  };
  Limbs<4> v{};
  for (std::size_t i = n; i-- > 0;) v[i] = shifted(divisor[i], i > 0 ? divisor[i - 1] : 0);
  Limbs<9> u{};
  u[m] = shifted(0, dividend[m - 1]);
  for (std::size_t i = m; i-- > 0;) u[i] = shifted(dividend[i], i > 0 ? dividend[i - 1] : 0);

  Division result;
  for (std::size_t j = m - n + 1; j-- > 0;) {
    const Uint128 top = (static_cast<Uint128>(u[j + n]) << 64U) | u[j + n - 1];
    Uint128 digit = 0;
    Uint128 rest = 0;
    if (u[j + n] >= v[n - 1]) {
      // The true quotient of the top limbs does not fit one limb; the largest digit is the estimate.
      digit = ~std::uint64_t{0};
      rest = top - digit * v[n - 1];
    } else {
      digit = top / v[n - 1];
      rest = top % v[n - 1];
    }
    while ((rest >> 64U) == 0 && digit * v[n - 2] > ((rest << 64U) | u[j + n - 2])) {
      --digit;
      rest += v[n - 1];
    }
    // u[j..j+n] -= digit * v
    std::uint64_t borrow = 0;
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const Uint128 product = digit * v[i] + carry;
      carry = static_cast<std::uint64_t>(product >> 64U);
      const Uint128 difference = static_cast<Uint128>(u[i + j]) - static_cast<std::uint64_t>(product) - borrow;
      u[i + j] = static_cast<std::uint64_t>(difference);
      borrow = static_cast<std::uint64_t>(difference >> 64U) & 1U;
    }
    const Uint128 difference = static_cast<Uint128>(u[j + n]) - carry - borrow;
    u[j + n] = static_cast<std::uint64_t>(difference);
    if ((difference >> 64U) != 0) {
      // The estimate was one too large after all (about twice in 2^64 cases): add the divisor back.
      --digit;
      std::uint64_t over = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const Uint128 sum = static_cast<Uint128>(u[i + j]) + v[i] + over;
        u[i + j] = static_cast<std::uint64_t>(sum);
        over = static_cast<std::uint64_t>(sum >> 64U);
      }
      u[j + n] += over;
    }
    result.quotient[j] = static_cast<std::uint64_t>(digit);
  }
  for (std::size_t i = 0; i < n; ++i) result.exact = result.exact && u[i] == 0;
  return result;
}

}  // namespace limbs

namespace {

std::optional<Uint256> mul_div_rounded(const Uint256& a, const Uint256& b, const Uint256& divisor, bool up) noexcept {
  const limbs::Limbs<4> d = limbs::from(divisor);
  if (limbs::used(d) == 0) return std::nullopt;
  limbs::Division result = limbs::divide(limbs::multiply(limbs::from(a), limbs::from(b)), d);
  auto& q = result.quotient;
  if (up && !result.exact) {
    for (std::size_t i = 0; i < q.size() && ++q[i] == 0; ++i) {
    }
  }
  if (limbs::used(q) > 4) return std::nullopt;
  return limbs::to_uint256({q[0], q[1], q[2], q[3]});
}

}  // namespace

std::optional<Uint256> mul_div(const Uint256& a, const Uint256& b, const Uint256& divisor) noexcept {
  return mul_div_rounded(a, b, divisor, false);
}

std::optional<Uint256> mul_div_up(const Uint256& a, const Uint256& b, const Uint256& divisor) noexcept {
  return mul_div_rounded(a, b, divisor, true);
}

Uint256 div_up(const Uint256& a, const Uint256& divisor) noexcept {
  // Never overflows: with a divisor of one nothing remains, with any other the quotient is at most half.
  return *mul_div_up(a, Uint256(1), divisor);
}

}  // namespace calypte::connector::uniswap
