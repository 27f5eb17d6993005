// The prices of a perpetual contract that are no trades: index, mark and the funding rate.
//
// The index follows the background flow's fair price, or the middle of the book where nobody names one. The mark is the
// index plus a moving average of how far the middle of the book is from it, so that a single print does not move it.
// The funding rate is the mean premium of the interval plus the interest, clamped as the big venues do: premium +
// clamp(interest - premium, +-0.05 %), for eight hours, in proportion for other intervals, between cap and floor. Pure,
// exact and deterministic; all prices and rates have eight places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "calypte/decimal.hpp"
#include "calypte/time.hpp"

#include "sim/instrument.hpp"
#include "sim/matching_engine.hpp"
#include "sim/positions.hpp"

namespace calypte::sim {

class ContractPrices {
 public:
  ContractPrices(const ContractTerms& terms, const Decimal& start_price);

  /// Starts the clock of samples and of funding; nothing is due before.
  void begin(Time now);
  [[nodiscard]] Time next_sample() const noexcept { return next_sample_; }
  [[nodiscard]] Time next_funding() const noexcept { return next_funding_; }
  /// One sample at its time. `middle`: of the book, if it has both sides.
  void sample(const std::optional<Decimal>& middle);
  /// The interval has ended: starts the next one. The caller has settled at `rate` before.
  void end_interval(Time now);

  [[nodiscard]] const Decimal& mark() const noexcept { return mark_; }
  [[nodiscard]] const Decimal& index() const noexcept { return index_; }
  /// Of the interval under way, as far as it is known; what it ends with is what is paid.
  [[nodiscard]] Decimal rate() const;
  [[nodiscard]] Decimal interest_rate() const noexcept { return terms_.interest_rate; }
  [[nodiscard]] Duration interval() const noexcept { return terms_.funding_interval; }

  void set_fair(const Decimal& price) { fair_ = price; }
  /// Holds mark and index at a price until released by an empty one.
  void pin(const std::optional<Decimal>& price);
  /// Holds the rate until released.
  void fix_rate(const std::optional<Decimal>& rate) { fixed_rate_ = rate; }
  void set_interval(Duration interval, Time now);

 private:
  ContractTerms terms_;
  Decimal index_;
  Decimal mark_;
  Decimal basis_;
  Decimal premiums_;  ///< the sum over the interval
  std::int64_t samples_ = 0;
  std::optional<Decimal> fair_;
  std::optional<Decimal> pinned_;
  std::optional<Decimal> fixed_rate_;
  Time next_sample_ = kNever;
  Time next_funding_ = kNever;
};

/// The first whole multiple of `interval` since the Unix epoch after `now`.
[[nodiscard]] Time next_multiple(Duration interval, Time now) noexcept;

/// One account's payment for one position at one funding time.
struct FundingPayment {
  std::uint64_t id = 0;  ///< unique at the venue
  AccountId account = 0;
  PositionKey position;
  Decimal amount;   ///< the position's
  Decimal mark;     ///< at that time
  Decimal rate;     ///< of the interval
  Decimal payment;  ///< -amount * mark * rate, rounded once to eight places; negative: paid
  Time time{};
};

/// What was settled for a contract.
struct FundingSettlement {
  Time time{};
  Decimal rate;
  Decimal mark;
};

}  // namespace calypte::sim
