// Positions in contracts: how much of it an account has, what it cost, and the profit that was booked.
//
// The cost is exact and signed like the amount. A fill adds its signed value to it; what a reduction realises is moved
// between the cost and the owner's wallet, rounded to eight places, and the residue stays in the cost. So the sum of
// all costs grows by exactly what the wallets received, and closing a position completely realises what came in less
// what went out, to the last digit.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

#include "calypte/decimal.hpp"
#include "calypte/time.hpp"

namespace calypte::sim {

/// Money is booked with this many places.
inline constexpr int kMoneyPlaces = 8;

enum class PositionSide : std::uint8_t { net, long_side, short_side };

struct PositionKey {
  std::size_t instrument = 0;
  PositionSide side = PositionSide::net;
  friend auto operator<=>(const PositionKey&, const PositionKey&) = default;
};

struct Position {
  Decimal amount;           ///< base; negative: short
  Decimal cost;             ///< quote, signed as the amount; zero if the amount is
  Decimal realized;         ///< everything ever booked, before fees
  Decimal isolated_wallet;  ///< margin set aside for it, part of the owner's total; zero in cross margin
  Time updated{};

  [[nodiscard]] bool is_open() const noexcept { return !amount.is_zero(); }
  /// Zero if there is none.
  [[nodiscard]] Decimal entry_price() const;
  /// Signed.
  [[nodiscard]] Decimal value_at(const Decimal& price) const { return amount * price; }
  [[nodiscard]] Decimal unrealized_at(const Decimal& price) const { return value_at(price) - cost; }
};

/// Enters a fill of `quantity` (negative: sold) at `price`; returns what it realised, which the caller must book to the
/// wallet. The isolated wallet is the caller's too.
Decimal apply_fill(Position& position, const Decimal& quantity, const Decimal& price);

}  // namespace calypte::sim
