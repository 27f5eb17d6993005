// A slow and obvious big number, to judge Decimal by: schoolbook arithmetic on decimal digits.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "calypte/decimal.hpp"

namespace calypte::test {

/// value = digits / 10^places, digits most significant first and without leading zeros ("" is 0).
struct BigNumber {
  bool negative = false;
  std::string digits;
  int places = 0;

  /// From plain notation, e.g. of `Decimal::to_string`.
  static BigNumber from(std::string text) {
    BigNumber n;
    if (!text.empty() && text.front() == '-') {
      n.negative = true;
      text.erase(0, 1);
    }
    if (const auto point = text.find('.'); point != std::string::npos) {
      n.places = static_cast<int>(text.size() - point - 1);
      text.erase(point, 1);
    }
    n.digits = std::move(text);
    return n.trimmed();
  }
  static BigNumber from(const Decimal& d) { return from(d.to_string()); }

  /// The one form of a value: no leading zeros, no trailing zeros behind the point, zero is not negative.
  [[nodiscard]] BigNumber trimmed() const {
    BigNumber n = *this;
    while (n.places > 0 && !n.digits.empty() && n.digits.back() == '0') {
      n.digits.pop_back();
      --n.places;
    }
    n.digits.erase(0, std::min(n.digits.find_first_not_of('0'), n.digits.size()));
    if (n.digits.empty()) return {};
    return n;
  }
  /// What a Decimal can hold: 38 digits, 38 places.
  [[nodiscard]] bool fits() const {
    const BigNumber n = trimmed();
    return n.digits.size() <= 38 && n.places <= 38;
  }
  [[nodiscard]] BigNumber with_places(int more) const {
    BigNumber n = *this;
    if (!n.digits.empty()) n.digits.append(static_cast<std::size_t>(more - places), '0');
    n.places = more;
    return n;
  }

  static int compare_digits(const std::string& a, const std::string& b) {
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    const int order = a.compare(b);
    return order < 0 ? -1 : (order > 0 ? 1 : 0);
  }
  static std::string add_digits(const std::string& a, const std::string& b) {
    std::string sum;
    int carry = 0;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()) || carry != 0; ++i) {
      const int da = i < a.size() ? a[a.size() - 1 - i] - '0' : 0;
      const int db = i < b.size() ? b[b.size() - 1 - i] - '0' : 0;
      sum.push_back(static_cast<char>('0' + (da + db + carry) % 10));
      carry = (da + db + carry) / 10;
    }
    std::reverse(sum.begin(), sum.end());
    return sum;
  }
  /// a >= b
  static std::string subtract_digits(const std::string& a, const std::string& b) {
    std::string difference;
    int borrow = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const int da = a[a.size() - 1 - i] - '0' - borrow;
      const int db = i < b.size() ? b[b.size() - 1 - i] - '0' : 0;
      borrow = da < db ? 1 : 0;
      difference.push_back(static_cast<char>('0' + da + 10 * borrow - db));
    }
    std::reverse(difference.begin(), difference.end());
    difference.erase(0, std::min(difference.find_first_not_of('0'), difference.size()));
    return difference;
  }

  friend BigNumber operator+(const BigNumber& x, const BigNumber& y) {
    const int common = std::max(x.places, y.places);
    const BigNumber a = x.with_places(common);
    const BigNumber b = y.with_places(common);
    if (a.negative == b.negative) return BigNumber{a.negative, add_digits(a.digits, b.digits), common}.trimmed();
    if (compare_digits(a.digits, b.digits) >= 0) {
      return BigNumber{a.negative, subtract_digits(a.digits, b.digits), common}.trimmed();
    }
    return BigNumber{b.negative, subtract_digits(b.digits, a.digits), common}.trimmed();
  }
  BigNumber operator-() const { return BigNumber{!negative, digits, places}.trimmed(); }
  friend BigNumber operator*(const BigNumber& a, const BigNumber& b) {
    std::string product;
    for (const char c : a.digits) {
      if (!product.empty()) product.push_back('0');
      for (int i = 0; i < c - '0'; ++i) product = add_digits(product, b.digits);
    }
    return BigNumber{a.negative != b.negative, product, a.places + b.places}.trimmed();
  }
  /// -1, 0, 1
  [[nodiscard]] int sign() const {
    const BigNumber n = trimmed();
    return n.digits.empty() ? 0 : (n.negative ? -1 : 1);
  }
  friend int compare(const BigNumber& a, const BigNumber& b) { return (a + -b).sign(); }
  friend bool operator==(const BigNumber& a, const BigNumber& b) { return compare(a, b) == 0; }
};

}  // namespace calypte::test
