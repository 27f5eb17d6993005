#include "sim/funding.hpp"

#include <algorithm>

namespace calypte::sim {
namespace {

constexpr std::int64_t kSmoothing = 8;  ///< a sample moves the mark by an eighth of the way

Decimal to_money(const Decimal& value) { return value.rescaled(kMoneyPlaces, Rounding::half_even).normalized(); }

}  // namespace

Time next_multiple(Duration interval, Time now) noexcept {
  const auto since = now.time_since_epoch();
  return Time{since - since % interval + interval};
}

ContractPrices::ContractPrices(const ContractTerms& terms, const Decimal& start_price)
    : terms_(terms), index_(start_price), mark_(start_price) {}

void ContractPrices::begin(Time now) {
  next_sample_ = next_multiple(terms_.price_interval, now);
  next_funding_ = next_multiple(terms_.funding_interval, now);
}

void ContractPrices::sample(const std::optional<Decimal>& middle) {
  next_sample_ += terms_.price_interval;
  if (pinned_) {
    index_ = mark_ = *pinned_;
  } else {
    if (fair_) {
      index_ = to_money(*fair_);
    } else if (middle) {
      index_ = to_money(*middle);
    }
    const Decimal target = middle ? *middle - index_ : Decimal{};
    basis_ += divide(target - basis_, kSmoothing, kMoneyPlaces);
    mark_ = to_money(index_ + basis_);
  }
  if (!mark_.is_positive()) mark_ = index_;
  premiums_ += divide(mark_ - index_, index_, 12);
  ++samples_;
}

Decimal ContractPrices::rate() const {
  if (fixed_rate_) return *fixed_rate_;
  const Decimal premium = samples_ == 0 ? Decimal{} : divide(premiums_, Decimal(samples_), 12);
  const Decimal half = Decimal::from_parts(5, 4);
  const Decimal whole = premium + std::clamp(terms_.interest_rate - premium, -half, half);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(terms_.funding_interval).count();
  const Decimal rate = divide(whole * seconds, std::int64_t{8} * 3600, kMoneyPlaces);
  return std::clamp(rate, -terms_.funding_cap, terms_.funding_cap);
}

void ContractPrices::end_interval(Time now) {
  premiums_ = 0;
  samples_ = 0;
  next_funding_ = next_multiple(terms_.funding_interval, now);
}

void ContractPrices::pin(const std::optional<Decimal>& price) {
  pinned_ = price;
  if (price) index_ = mark_ = *price;
}

void ContractPrices::set_interval(Duration interval, Time now) {
  terms_.funding_interval = std::max<Duration>(interval, std::chrono::seconds{1});
  next_funding_ = next_multiple(terms_.funding_interval, now);
}

}  // namespace calypte::sim
