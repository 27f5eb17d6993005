// An order book as a strategy sees it.
//
// Levels are kept as 64-bit counts of 10^-scale, one scale for prices and one for amounts a book, in sorted vectors
// with the best level at the back; measured choice, see docs/performance.md. A strategy reads them as `Decimal`.
//
// A book that is not in sync cannot be read as if it were: `live()` is null then, and the old levels are to be had
// only by asking for `last_known()`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/events.hpp"
#include "calypte/time.hpp"
#include "calypte/types.hpp"

namespace calypte {

struct OrderBookRow {
  Decimal price;
  Decimal amount;
  std::uint64_t update_id = 0;
  friend bool operator==(const OrderBookRow&, const OrderBookRow&) = default;
};

/// The answer of a depth query. `complete` is false if the book is not deep enough; the fields then hold the part that
/// is there, and `price` is empty where no price can be given.
struct OrderBookQueryResult {
  std::optional<Decimal> price;
  Decimal volume;
  bool complete = false;
};

/// The levels of one book and every question about them. All `is_buy` flags are the asker's side: a buyer consumes
/// asks from the lowest, a seller bids from the highest.
class BookLevels {
 public:
  /// One level. The two counts of wire decimals let a checksum be computed over the very text that the venue sent.
  struct Level {
    std::int64_t price = 0;   ///< in 10^-price_scale
    std::int64_t amount = 0;  ///< in 10^-amount_scale, positive
    std::uint64_t update_id = 0;
    std::uint8_t price_decimals = 0;   ///< places after the point in the venue's text
    std::uint8_t amount_decimals = 0;  ///< places after the point in the venue's text
  };

  [[nodiscard]] int price_scale() const noexcept { return price_scale_; }
  [[nodiscard]] int amount_scale() const noexcept { return amount_scale_; }
  [[nodiscard]] bool empty() const noexcept { return bids_.empty() && asks_.empty(); }
  [[nodiscard]] std::size_t bid_count() const noexcept { return bids_.size(); }
  [[nodiscard]] std::size_t ask_count() const noexcept { return asks_.size(); }
  /// True if the best bid is not below the best ask.
  [[nodiscard]] bool crossed() const noexcept;

  [[nodiscard]] std::optional<OrderBookRow> best_bid() const noexcept;
  [[nodiscard]] std::optional<OrderBookRow> best_ask() const noexcept;
  [[nodiscard]] std::optional<Decimal> mid_price() const;
  /// At most `depth` rows, best first.
  [[nodiscard]] std::vector<OrderBookRow> bids(std::size_t depth = SIZE_MAX) const;
  [[nodiscard]] std::vector<OrderBookRow> asks(std::size_t depth = SIZE_MAX) const;

  /// The price of the level at which the cumulative amount reaches `volume` (base).
  [[nodiscard]] OrderBookQueryResult price_for_volume(bool is_buy, const Decimal& volume) const;
  /// The same for a cumulative quote volume.
  [[nodiscard]] OrderBookQueryResult price_for_quote_volume(bool is_buy, const Decimal& quote_volume) const;
  /// The average price of exactly `volume` (base), the last level taken in part; to 18 places.
  [[nodiscard]] OrderBookQueryResult vwap_for_volume(bool is_buy, const Decimal& volume) const;
  /// The base amount at prices no worse than `price`; `price` of the result is the last level counted. Incomplete if
  /// the whole side was counted and ends before `price`, since what lies beyond is not known.
  [[nodiscard]] OrderBookQueryResult volume_for_price(bool is_buy, const Decimal& price) const;
  /// The same in quote: the sum of price times amount.
  [[nodiscard]] OrderBookQueryResult quote_volume_for_price(bool is_buy, const Decimal& price) const;
  /// What `base_amount` costs or returns in quote, the last level in part; `volume` is the quote volume.
  [[nodiscard]] OrderBookQueryResult quote_volume_for_base_amount(bool is_buy, const Decimal& base_amount) const;
  /// The rows that a market order of `amount` would consume, the last one trimmed. Short if the book is short.
  [[nodiscard]] std::vector<OrderBookRow> simulate_buy(const Decimal& amount) const;
  [[nodiscard]] std::vector<OrderBookRow> simulate_sell(const Decimal& amount) const;

  /// Worst level first, best level at the back. Valid until the book changes.
  [[nodiscard]] std::span<const Level> raw_bids() const noexcept { return bids_; }
  [[nodiscard]] std::span<const Level> raw_asks() const noexcept { return asks_; }

 private:
  friend class BookLevelsEditor;  // engine/book_levels_editor.hpp: the only writer
  std::vector<Level> bids_;       // ascending price
  std::vector<Level> asks_;       // descending price
  std::uint8_t price_scale_ = 0;
  std::uint8_t amount_scale_ = 0;
};

/// One trading pair's book: its identity never changes, also not over a restart.
class OrderBook {
 public:
  explicit OrderBook(TradingPair trading_pair) : trading_pair_(std::move(trading_pair)) {}
  OrderBook(const OrderBook&) = delete;
  OrderBook& operator=(const OrderBook&) = delete;

  [[nodiscard]] const TradingPair& trading_pair() const noexcept { return trading_pair_; }
  [[nodiscard]] OrderBookState state() const noexcept { return state_; }
  [[nodiscard]] bool is_live() const noexcept { return state_ == OrderBookState::live; }
  /// Since when it has been in its state, and why.
  [[nodiscard]] Time state_since() const noexcept { return state_since_; }
  [[nodiscard]] const std::string& state_reason() const noexcept { return state_reason_; }

  /// The levels if they are in sync with the venue, else null. Valid until the next callback.
  [[nodiscard]] const BookLevels* live() const noexcept { return is_live() ? &levels_ : nullptr; }
  /// The last levels that we had, up to and including the message by which the book was found wrong, if it was. Not a
  /// price to trade on.
  [[nodiscard]] const BookLevels& last_known() const noexcept { return levels_; }

  [[nodiscard]] std::uint64_t last_update_id() const noexcept { return last_update_id_; }
  [[nodiscard]] std::uint64_t snapshot_update_id() const noexcept { return snapshot_update_id_; }
  [[nodiscard]] Time last_update_time() const noexcept { return last_update_time_; }     ///< ours
  [[nodiscard]] std::optional<Time> venue_time() const noexcept { return venue_time_; }  ///< of the last message
  [[nodiscard]] std::optional<Decimal> last_trade_price() const noexcept { return last_trade_price_; }
  [[nodiscard]] Time last_trade_time() const noexcept { return last_trade_time_; }  ///< the venue's

 private:
  friend class OrderBookEditor;  // engine/order_book_editor.hpp: the tracker's pen
  TradingPair trading_pair_;
  BookLevels levels_;
  OrderBookState state_ = OrderBookState::unsynced;
  Time state_since_{};
  std::string state_reason_ = "not started";
  std::uint64_t last_update_id_ = 0;
  std::uint64_t snapshot_update_id_ = 0;
  Time last_update_time_{};
  std::optional<Time> venue_time_;
  std::optional<Decimal> last_trade_price_;
  Time last_trade_time_{};
};

}  // namespace calypte
