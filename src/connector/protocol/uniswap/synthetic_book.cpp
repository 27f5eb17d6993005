#include "connector/protocol/uniswap/synthetic_book.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace calypte::connector::uniswap {
namespace {

constexpr int kMaxScale = Decimal::kMaxScale;

Uint512 power_of_ten(int exponent) {
  static const auto table = [] {
    std::array<Uint512, 2 * static_cast<std::size_t>(kMaxScale) + 1> powers;
    powers[0] = 1;
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
  }();
  return table[static_cast<std::size_t>(exponent)];
}

std::optional<Decimal> decimal(const Uint512& coefficient, int scale) {
  if (coefficient >= Uint512(static_cast<Uint128>(Decimal::kCoefficientLimit))) return std::nullopt;
  return Decimal::from_parts(static_cast<Decimal::Int128>(static_cast<Uint128>(coefficient)), scale);
}

/// A level in the making: how much quote the base amount costs or gives, and the price at the asked scale.
struct Piece {
  Uint256 base;
  Uint256 quote;
  Uint512 price;  // in 10^-price_scale
};

class Side {
 public:
  Side(bool asks, const BookShape& shape)
      : asks_(asks),
        // Below 10^76, so that a product with 256 bits stays below 2^509.
        numerator_(power_of_ten(shape.base_decimals + shape.price_scale)),
        denominator_(power_of_ten(shape.quote_decimals)) {}

  void add(const Uint256& base, const Uint256& quote) {
    Piece piece{base, quote, price(base, quote)};
    while (!pieces_.empty() && !better(pieces_.back().price, piece.price)) {
      piece.base += pieces_.back().base;
      piece.quote += pieces_.back().quote;
      piece.price = price(piece.base, piece.quote);
      pieces_.pop_back();
    }
    pieces_.push_back(std::move(piece));
  }

  [[nodiscard]] Outcome<std::vector<SyntheticLevel>> levels(const BookShape& shape) const {
    std::vector<SyntheticLevel> result;
    result.reserve(pieces_.size());
    for (const Piece& piece : pieces_) {
      if (piece.price == 0) break;  // the last one, as prices fall
      const auto price = decimal(piece.price, shape.price_scale);
      const auto amount = decimal(Uint512(piece.base), shape.base_decimals);
      if (!price || !amount) return PoolError::not_representable;
      result.push_back({*price, *amount});
    }
    return result;
  }

 private:
  [[nodiscard]] Uint512 price(const Uint256& base, const Uint256& quote) const {
    const Uint512 dividend = Uint512(quote) * numerator_;
    const Uint512 divisor = Uint512(base) * denominator_;
    return asks_ ? Uint512((dividend + (divisor - 1)) / divisor) : Uint512(dividend / divisor);
  }
  [[nodiscard]] bool better(const Uint512& a, const Uint512& b) const { return asks_ ? a < b : a > b; }

  bool asks_;
  Uint512 numerator_;
  Uint512 denominator_;
  std::vector<Piece> pieces_;  // best first, strictly ordered
};

/// Quotes the sizes one after the other; returns why it stopped early, or none.
PoolError sample(Side& side, bool asks, const Route& route, std::span<const Uint256> sizes, int max_ticks_crossed) {
  RouteCursor cursor;
  Uint256 base_before;
  Uint256 quote_before;
  for (const Uint256& size : sizes) {
    const auto q =
        quote_route(route, asks ? SwapKind::exact_out : SwapKind::exact_in, size, max_ticks_crossed, &cursor);
    // A sale so small that it gives nothing is part of the next one.
    if (!q && q.error() == PoolError::zero_output) continue;
    if (!q) return q.error();
    const Uint256& quote = asks ? q->amount_in : q->amount_out;
    // Rounding could turn around two sizes that are next to each other; the difference must not wrap.
    if (quote < quote_before) continue;
    side.add(size - base_before, quote - quote_before);
    base_before = size;
    quote_before = quote;
  }
  return PoolError::none;
}

}  // namespace

Outcome<SyntheticBook> sample_book(const Route& sell, std::span<const Uint256> sizes, const BookShape& shape) {
  const auto in_range = [](int decimals) { return decimals >= 0 && decimals <= kMaxScale; };
  if (!in_range(shape.base_decimals) || !in_range(shape.quote_decimals) || !in_range(shape.price_scale)) {
    return PoolError::invalid_state;
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0 || (i > 0 && sizes[i] <= sizes[i - 1])) return PoolError::invalid_state;
  }
  SyntheticBook book;
  Side asks(true, shape);
  Side bids(false, shape);
  book.asks_end = sample(asks, true, sell.reversed(), sizes, shape.max_ticks_crossed);
  book.bids_end = sample(bids, false, sell, sizes, shape.max_ticks_crossed);
  auto ask_levels = asks.levels(shape);
  if (!ask_levels) return ask_levels.error();
  auto bid_levels = bids.levels(shape);
  if (!bid_levels) return bid_levels.error();
  book.asks = std::move(*ask_levels);
  book.bids = std::move(*bid_levels);
  return book;
}

}  // namespace calypte::connector::uniswap
