#include "engine/book_levels_editor.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

namespace calypte {

using engine::LevelChanges;
using venue::DepthLevel;
using venue::WireNumber;
using Level = BookLevels::Level;

namespace {

/// 10^18 is the largest power of ten in 64 bits, so no scale can be larger.
constexpr int kMaxScale = 18;
/// Most changes are near the touch: this many levels are probed from the best one before the rest is bisected.
constexpr std::ptrdiff_t kProbes = 8;

constexpr auto kPowers = [] {
  std::array<std::int64_t, kMaxScale + 1> powers{};
  std::int64_t power = 1;
  for (auto& p : powers) {
    p = power;
    if (power <= std::numeric_limits<std::int64_t>::max() / 10) power *= 10;
  }
  return powers;
}();

/// The number as a count of 10^-scale; false if it has more places than that or is too large.
bool to_count(WireNumber number, int scale, std::int64_t& count) noexcept {
  if (number.decimals <= scale) {
    return !__builtin_mul_overflow(number.mantissa, kPowers[static_cast<std::size_t>(scale - number.decimals)], &count);
  }
  if (number.mantissa == 0) {
    count = 0;
    return true;
  }
  const int surplus = number.decimals - scale;
  if (surplus > kMaxScale) return false;
  const std::int64_t power = kPowers[static_cast<std::size_t>(surplus)];
  count = number.mantissa / power;
  return count * power == number.mantissa;
}

/// The places that are needed to write the number without loss.
int significant_places(WireNumber number) noexcept {
  if (number.mantissa == 0) return 0;
  int places = number.decimals;
  while (places > 0 && number.mantissa % 10 == 0) {
    number.mantissa /= 10;
    --places;
  }
  return places;
}

/// How both scales have to be for a message.
struct Scales {
  int price = 0;
  int amount = 0;
  void raise_for(std::span<const DepthLevel> levels) noexcept {
    for (const auto& level : levels) {
      // A level to be deleted that is finer than the book cannot be in it and needs no room.
      if (level.amount.mantissa == 0) continue;
      if (level.price.decimals > price) price = std::max(price, significant_places(level.price));
      if (level.amount.decimals > amount) amount = std::max(amount, significant_places(level.amount));
    }
  }
  [[nodiscard]] bool possible() const noexcept { return price <= kMaxScale && amount <= kMaxScale; }
};

bool fits(std::span<const DepthLevel> levels, int price_scale, int amount_scale) noexcept {
  std::int64_t price = 0;
  std::int64_t amount = 0;
  return std::all_of(levels.begin(), levels.end(), [&](const DepthLevel& level) {
    if (level.price.mantissa < 0 || level.amount.mantissa < 0) return false;
    if (level.amount.mantissa == 0) return true;
    // A price of zero is no price.
    return level.price.mantissa != 0 && to_count(level.price, price_scale, price) &&
           to_count(level.amount, amount_scale, amount);
  });
}

bool can_rescale(const std::vector<Level>& levels, std::int64_t price_factor, std::int64_t amount_factor) noexcept {
  std::int64_t ignored = 0;
  return std::all_of(levels.begin(), levels.end(), [&](const Level& level) {
    return !__builtin_mul_overflow(level.price, price_factor, &ignored) &&
           !__builtin_mul_overflow(level.amount, amount_factor, &ignored);
  });
}

void rescale(std::vector<Level>& levels, std::int64_t price_factor, std::int64_t amount_factor) noexcept {
  for (auto& level : levels) {
    level.price *= price_factor;
    level.amount *= amount_factor;
  }
}

struct BidOrder {
  static bool worse(std::int64_t a, std::int64_t b) noexcept { return a < b; }
};
struct AskOrder {
  static bool worse(std::int64_t a, std::int64_t b) noexcept { return a > b; }
};

/// The first level, counted from the worst, that is not worse than `price`.
template <typename Order>
std::vector<Level>::iterator find_from_best(std::vector<Level>& side, std::int64_t price) noexcept {
  auto it = side.end();
  const auto stop = side.size() > static_cast<std::size_t>(kProbes) ? side.end() - kProbes : side.begin();
  while (it != stop) {
    if (Order::worse(std::prev(it)->price, price)) return it;
    --it;
  }
  return std::lower_bound(side.begin(), it, price,
                          [](const Level& level, std::int64_t p) { return Order::worse(level.price, p); });
}

Level make_level(const DepthLevel& level, int price_scale, int amount_scale, std::uint64_t update_id) noexcept {
  Level made{.price = 0,
             .amount = 0,
             .update_id = update_id,
             .price_decimals = level.price.decimals,
             .amount_decimals = level.amount.decimals};
  to_count(level.price, price_scale, made.price);
  to_count(level.amount, amount_scale, made.amount);
  return made;
}

template <typename Order>
void apply_side(std::vector<Level>& side, std::span<const DepthLevel> levels, int price_scale, int amount_scale,
                std::uint64_t update_id, LevelChanges& changes) {
  for (const auto& level : levels) {
    std::int64_t price = 0;
    if (level.amount.mantissa == 0) {
      if (to_count(level.price, price_scale, price)) {
        const auto it = find_from_best<Order>(side, price);
        if (it != side.end() && it->price == price) {
          side.erase(it);
          ++changes.touched;
          continue;
        }
      }
      ++changes.deleted_absent;
      continue;
    }
    const Level made = make_level(level, price_scale, amount_scale, update_id);
    const auto it = find_from_best<Order>(side, made.price);
    if (it != side.end() && it->price == made.price) {
      *it = made;
    } else {
      side.insert(it, made);
    }
    ++changes.touched;
  }
}

template <typename Order>
void replace_side(std::vector<Level>& side, std::span<const DepthLevel> levels, int price_scale, int amount_scale,
                  std::uint64_t update_id) {
  side.clear();
  side.reserve(levels.size());
  // Backwards, because venues list the best level first and we keep it last. The position stands in for the update id
  // until the order is settled: of equal prices the last one of the message comes first and is what `unique` keeps.
  for (std::size_t i = levels.size(); i-- > 0;) {
    if (levels[i].amount.mantissa == 0) continue;
    side.push_back(make_level(levels[i], price_scale, amount_scale, levels.size() - i));
  }
  const auto before = [](const Level& a, const Level& b) {
    return a.price != b.price ? Order::worse(a.price, b.price) : a.update_id < b.update_id;
  };
  if (!std::is_sorted(side.begin(), side.end(), before)) std::sort(side.begin(), side.end(), before);
  side.erase(std::unique(side.begin(), side.end(), [](const Level& a, const Level& b) { return a.price == b.price; }),
             side.end());
  for (auto& level : side) level.update_id = update_id;
}

void keep_best(std::vector<Level>& side, std::size_t depth) noexcept {
  if (side.size() > depth) side.erase(side.begin(), side.end() - static_cast<std::ptrdiff_t>(depth));
}

}  // namespace

bool BookLevelsEditor::make_room(BookLevels& book, Depth bids, Depth asks) {
  Scales scales{book.price_scale_, book.amount_scale_};
  scales.raise_for(bids);
  scales.raise_for(asks);
  if (!scales.possible() || !fits(bids, scales.price, scales.amount) || !fits(asks, scales.price, scales.amount)) {
    return false;
  }
  if (scales.price == book.price_scale_ && scales.amount == book.amount_scale_) return true;
  const std::int64_t price_factor = kPowers[static_cast<std::size_t>(scales.price - book.price_scale_)];
  const std::int64_t amount_factor = kPowers[static_cast<std::size_t>(scales.amount - book.amount_scale_)];
  if (!can_rescale(book.bids_, price_factor, amount_factor) || !can_rescale(book.asks_, price_factor, amount_factor)) {
    return false;
  }
  rescale(book.bids_, price_factor, amount_factor);
  rescale(book.asks_, price_factor, amount_factor);
  book.price_scale_ = static_cast<std::uint8_t>(scales.price);
  book.amount_scale_ = static_cast<std::uint8_t>(scales.amount);
  return true;
}

LevelChanges BookLevelsEditor::replace(BookLevels& book, Depth bids, Depth asks, std::uint64_t update_id) {
  Scales scales;
  scales.raise_for(bids);
  scales.raise_for(asks);
  if (!scales.possible() || !fits(bids, scales.price, scales.amount) || !fits(asks, scales.price, scales.amount)) {
    return {.fits = false};
  }
  book.price_scale_ = static_cast<std::uint8_t>(scales.price);
  book.amount_scale_ = static_cast<std::uint8_t>(scales.amount);
  replace_side<BidOrder>(book.bids_, bids, scales.price, scales.amount, update_id);
  replace_side<AskOrder>(book.asks_, asks, scales.price, scales.amount, update_id);
  return {.touched = static_cast<std::uint32_t>(book.bids_.size() + book.asks_.size())};
}

LevelChanges BookLevelsEditor::apply(BookLevels& book, Depth bids, Depth asks, std::uint64_t update_id) {
  if (!make_room(book, bids, asks)) return {.fits = false};
  LevelChanges changes;
  apply_side<BidOrder>(book.bids_, bids, book.price_scale_, book.amount_scale_, update_id, changes);
  apply_side<AskOrder>(book.asks_, asks, book.price_scale_, book.amount_scale_, update_id, changes);
  return changes;
}

void BookLevelsEditor::truncate(BookLevels& book, std::size_t depth) noexcept {
  if (depth == 0) return;
  keep_best(book.bids_, depth);
  keep_best(book.asks_, depth);
}

void BookLevelsEditor::clear(BookLevels& book) noexcept {
  book.bids_.clear();
  book.asks_.clear();
  book.price_scale_ = 0;
  book.amount_scale_ = 0;
}

void BookLevelsEditor::swap(BookLevels& a, BookLevels& b) noexcept { std::swap(a, b); }

std::size_t BookLevelsEditor::uncross_by_update_id(BookLevels& book) noexcept {
  std::size_t removed = 0;
  for (; book.crossed(); ++removed) {
    auto& older = book.bids_.back().update_id <= book.asks_.back().update_id ? book.bids_ : book.asks_;
    older.pop_back();
  }
  return removed;
}

std::size_t BookLevelsEditor::uncross_by_notional(BookLevels& book) noexcept {
  const auto notional = [](const Level& level) { return Decimal::Int128{level.price} * level.amount; };
  std::size_t removed = 0;
  for (; book.crossed(); ++removed) {
    auto& smaller = notional(book.bids_.back()) <= notional(book.asks_.back()) ? book.bids_ : book.asks_;
    smaller.pop_back();
  }
  return removed;
}

}  // namespace calypte
