#include "connector/protocol/uniswap/v3_ticks.hpp"

#include <algorithm>
#include <utility>

#include "connector/protocol/uniswap/v3_tick_math.hpp"

namespace calypte::connector::uniswap {
namespace {

// The factory refuses a spacing of 16384 and more.
constexpr int kMaxSpacing = 16383;
constexpr Int128 kMaxInt128 = static_cast<Int128>(kMaxUint128 >> 1U);

// Right for the smallest value, too.
Uint128 magnitude(Int128 value) {
  return value < 0 ? Uint128{0} - static_cast<Uint128>(value) : static_cast<Uint128>(value);
}

constexpr int floor_divide(int value, int divisor) {
  const int quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

/// net + amount, or net - amount; false if 128 bits do not suffice.
bool shift(Int128& net, Uint128 amount, bool up) {
  if (amount > static_cast<Uint128>(kMaxInt128)) return false;
  const auto change = static_cast<Int128>(amount);
  return up ? !__builtin_add_overflow(net, change, &net) : !__builtin_sub_overflow(net, change, &net);
}

}  // namespace

bool cross_tick(Uint128& liquidity, Int128 net, bool upwards) noexcept {
  const Uint128 amount = magnitude(net);
  if ((net >= 0) == upwards) {
    if (amount > kMaxUint128 - liquidity) return false;
    liquidity += amount;
  } else {
    if (amount > liquidity) return false;
    liquidity -= amount;
  }
  return true;
}

bool V3Ticks::possible(int tick) const noexcept { return tick >= kMinTick && tick <= kMaxTick && tick % spacing_ == 0; }

PoolError V3Ticks::assign(std::vector<V3Tick> ticks, int spacing) {
  if (spacing < 1 || spacing > kMaxSpacing) return PoolError::invalid_state;
  std::sort(ticks.begin(), ticks.end(), [](const V3Tick& a, const V3Tick& b) { return a.tick < b.tick; });
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const V3Tick& t = ticks[i];
    if (t.tick < kMinTick || t.tick > kMaxTick || t.tick % spacing != 0) return PoolError::invalid_state;
    if (i > 0 && ticks[i - 1].tick == t.tick) return PoolError::invalid_state;
    if (t.gross == 0 || magnitude(t.net) > t.gross) return PoolError::invalid_state;
  }
  ticks_ = std::move(ticks);
  spacing_ = spacing;
  return PoolError::none;
}

PoolError V3Ticks::add(int tick, Uint128 amount, bool upper) {
  if (!possible(tick)) return PoolError::invalid_state;
  if (amount == 0) return PoolError::none;
  const auto at = ticks_.begin() + static_cast<std::ptrdiff_t>(upper_bound(tick - 1));
  const bool exists = at != ticks_.end() && at->tick == tick;
  V3Tick changed = exists ? *at : V3Tick{.tick = tick};
  if (amount > kMaxUint128 - changed.gross || !shift(changed.net, amount, !upper)) return PoolError::contradiction;
  changed.gross += amount;
  if (exists) {
    *at = changed;
  } else {
    ticks_.insert(at, changed);
  }
  return PoolError::none;
}

PoolError V3Ticks::remove(int tick, Uint128 amount, bool upper) {
  if (!possible(tick)) return PoolError::invalid_state;
  if (amount == 0) return PoolError::none;
  const auto at = ticks_.begin() + static_cast<std::ptrdiff_t>(upper_bound(tick - 1));
  if (at == ticks_.end() || at->tick != tick) return PoolError::contradiction;
  V3Tick changed = *at;
  if (amount > changed.gross || !shift(changed.net, amount, upper)) return PoolError::contradiction;
  changed.gross -= amount;
  if (magnitude(changed.net) > changed.gross) return PoolError::contradiction;
  if (changed.gross == 0) {
    ticks_.erase(at);
  } else {
    *at = changed;
  }
  return PoolError::none;
}

std::size_t V3Ticks::upper_bound(int tick) const noexcept {
  const auto at =
      std::upper_bound(ticks_.begin(), ticks_.end(), tick, [](int value, const V3Tick& t) { return value < t.tick; });
  return static_cast<std::size_t>(at - ticks_.begin());
}

V3Ticks::Stop V3Ticks::next_within_word(int tick, bool lte) const noexcept {
  return next_within_word(tick, lte, upper_bound(tick));
}

V3Ticks::Stop V3Ticks::next_within_word(int tick, bool lte, std::size_t above) const noexcept {
  // The contract numbers ticks in multiples of the spacing, and a word holds 256 of those numbers.
  const int compressed = floor_divide(tick, spacing_);
  if (lte) {
    const int edge = floor_divide(compressed, 256) * 256 * spacing_;
    if (above > 0 && ticks_[above - 1].tick >= edge) return {ticks_[above - 1].tick, true, above - 1};
    return {edge, false, 0};
  }
  const int edge = (floor_divide(compressed + 1, 256) * 256 + 255) * spacing_;
  if (above < ticks_.size() && ticks_[above].tick <= edge) return {ticks_[above].tick, true, above};
  return {edge, false, 0};
}

}  // namespace calypte::connector::uniswap
