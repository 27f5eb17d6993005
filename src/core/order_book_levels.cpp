// The reads of BookLevels. Levels are summed as Decimals, so that every answer is exact whatever the scales; a sum that
// no Decimal can hold ends the walk, and the answer says that it is incomplete.
#include <algorithm>

#include "calypte/order_book.hpp"

namespace calypte {
namespace {

/// Places of an average price.
constexpr int kVwapPlaces = 18;

using Level = BookLevels::Level;

/// One side of a book from its best level on, in the units of a strategy.
class Side {
 public:
  Side(std::span<const Level> levels, int price_scale, int amount_scale)
      : levels_(levels), price_scale_(price_scale), amount_scale_(amount_scale) {}
  /// The side that an asker consumes.
  static Side against(const BookLevels& book, bool is_buy) {
    return {is_buy ? book.raw_asks() : book.raw_bids(), book.price_scale(), book.amount_scale()};
  }

  [[nodiscard]] std::size_t size() const noexcept { return levels_.size(); }
  /// 0 is the best level, which is at the back.
  [[nodiscard]] OrderBookRow operator[](std::size_t depth) const noexcept {
    const Level& level = levels_[levels_.size() - 1 - depth];
    return {Decimal::from_parts(level.price, price_scale_), Decimal::from_parts(level.amount, amount_scale_),
            level.update_id};
  }
  [[nodiscard]] std::vector<OrderBookRow> rows(std::size_t depth) const {
    std::vector<OrderBookRow> rows;
    const std::size_t count = std::min(depth, size());
    rows.reserve(count);
    for (std::size_t i = 0; i < count; ++i) rows.push_back((*this)[i]);
    return rows;
  }

 private:
  std::span<const Level> levels_;
  int price_scale_;
  int amount_scale_;
};

std::optional<Decimal> base_of(const OrderBookRow& row) noexcept { return row.amount; }
std::optional<Decimal> quote_of(const OrderBookRow& row) noexcept {
  return Decimal::checked_mul(row.price, row.amount);
}
using Measure = std::optional<Decimal> (*)(const OrderBookRow&) noexcept;

bool add_to(Decimal& sum, const std::optional<Decimal>& part) noexcept {
  const auto total = part ? Decimal::checked_add(sum, *part) : std::nullopt;
  if (total) sum = *total;
  return total.has_value();
}

/// Walks until the measured sum reaches `wanted`.
OrderBookQueryResult price_for(const Side& side, const Decimal& wanted, Measure measure) {
  OrderBookQueryResult result;
  for (std::size_t i = 0; i < side.size(); ++i) {
    const OrderBookRow row = side[i];
    if (!add_to(result.volume, measure(row))) return result;
    if (result.volume >= wanted) return {row.price, wanted, true};
  }
  return result;
}

/// Walks as long as prices are no worse than `limit`.
OrderBookQueryResult volume_up_to(const Side& side, bool is_buy, const Decimal& limit, Measure measure) {
  OrderBookQueryResult result;
  for (std::size_t i = 0; i < side.size(); ++i) {
    const OrderBookRow row = side[i];
    if (is_buy ? row.price > limit : row.price < limit) {
      result.complete = true;
      return result;
    }
    if (!add_to(result.volume, measure(row))) return result;
    result.price = row.price;
  }
  // The whole side was counted. A last level at the very limit still answers the question in full.
  result.complete = result.price == limit;
  return result;
}

/// What taking an amount from a side comes to.
struct Taken {
  Decimal base;
  Decimal quote;
  std::optional<Decimal> last_price;
  bool complete = false;
};

Taken take(const Side& side, const Decimal& amount) {
  Taken taken;
  Decimal remaining = amount;
  for (std::size_t i = 0; i < side.size() && remaining.is_positive(); ++i) {
    OrderBookRow row = side[i];
    row.amount = std::min(row.amount, remaining);
    const auto rest = Decimal::checked_sub(remaining, row.amount);
    Taken next = taken;
    if (!rest || !add_to(next.base, row.amount) || !add_to(next.quote, quote_of(row))) return taken;
    next.last_price = row.price;
    taken = next;
    remaining = *rest;
  }
  taken.complete = remaining.is_zero();
  return taken;
}

std::vector<OrderBookRow> consume(const Side& side, const Decimal& amount) {
  std::vector<OrderBookRow> rows;
  Decimal remaining = amount;
  for (std::size_t i = 0; i < side.size() && remaining.is_positive(); ++i) {
    OrderBookRow row = side[i];
    row.amount = std::min(row.amount, remaining);
    const auto rest = Decimal::checked_sub(remaining, row.amount);
    if (!rest) return rows;
    remaining = *rest;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

bool BookLevels::crossed() const noexcept {
  return !bids_.empty() && !asks_.empty() && bids_.back().price >= asks_.back().price;
}

std::optional<OrderBookRow> BookLevels::best_bid() const noexcept {
  if (bids_.empty()) return std::nullopt;
  return Side(bids_, price_scale_, amount_scale_)[0];
}

std::optional<OrderBookRow> BookLevels::best_ask() const noexcept {
  if (asks_.empty()) return std::nullopt;
  return Side(asks_, price_scale_, amount_scale_)[0];
}

std::optional<Decimal> BookLevels::mid_price() const {
  if (bids_.empty() || asks_.empty()) return std::nullopt;
  const Decimal::Int128 sum = static_cast<Decimal::Int128>(bids_.back().price) + asks_.back().price;
  // Half of an odd sum has one place more; that is exact, too.
  if (sum % 2 == 0) return Decimal::from_parts(sum / 2, price_scale_);
  return Decimal::checked_mul(Decimal::from_parts(sum, price_scale_), Decimal::from_parts(5, 1));
}

std::vector<OrderBookRow> BookLevels::bids(std::size_t depth) const {
  return Side(bids_, price_scale_, amount_scale_).rows(depth);
}

std::vector<OrderBookRow> BookLevels::asks(std::size_t depth) const {
  return Side(asks_, price_scale_, amount_scale_).rows(depth);
}

OrderBookQueryResult BookLevels::price_for_volume(bool is_buy, const Decimal& volume) const {
  return price_for(Side::against(*this, is_buy), volume, base_of);
}

OrderBookQueryResult BookLevels::price_for_quote_volume(bool is_buy, const Decimal& quote_volume) const {
  return price_for(Side::against(*this, is_buy), quote_volume, quote_of);
}

OrderBookQueryResult BookLevels::vwap_for_volume(bool is_buy, const Decimal& volume) const {
  const Taken taken = take(Side::against(*this, is_buy), volume);
  OrderBookQueryResult result{.price = std::nullopt, .volume = taken.base, .complete = false};
  if (taken.complete) {
    result.price = Decimal::checked_div(taken.quote, taken.base, kVwapPlaces, Rounding::half_even);
    result.complete = result.price.has_value();
  }
  return result;
}

OrderBookQueryResult BookLevels::volume_for_price(bool is_buy, const Decimal& price) const {
  return volume_up_to(Side::against(*this, is_buy), is_buy, price, base_of);
}

OrderBookQueryResult BookLevels::quote_volume_for_price(bool is_buy, const Decimal& price) const {
  return volume_up_to(Side::against(*this, is_buy), is_buy, price, quote_of);
}

OrderBookQueryResult BookLevels::quote_volume_for_base_amount(bool is_buy, const Decimal& base_amount) const {
  const Taken taken = take(Side::against(*this, is_buy), base_amount);
  return {.price = taken.last_price, .volume = taken.quote, .complete = taken.complete};
}

std::vector<OrderBookRow> BookLevels::simulate_buy(const Decimal& amount) const {
  return consume(Side::against(*this, true), amount);
}

std::vector<OrderBookRow> BookLevels::simulate_sell(const Decimal& amount) const {
  return consume(Side::against(*this, false), amount);
}

}  // namespace calypte
