// The pen of the order book tracker: writes everything of an `OrderBook` but its levels, which are the business of
// `BookLevelsEditor`. Nobody else includes this.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "calypte/order_book.hpp"

namespace calypte {

// In this namespace because `OrderBook` names it as its friend.
class OrderBookEditor {
 public:
  explicit OrderBookEditor(OrderBook& book) noexcept : book_(book) {}

  [[nodiscard]] BookLevels& levels() noexcept { return book_.levels_; }

  void set_state(OrderBookState state, std::string reason, Time now) {
    if (book_.state_ != state) book_.state_since_ = now;
    book_.state_ = state;
    book_.state_reason_ = std::move(reason);
  }
  /// The levels are those after the message with this id.
  void set_updated(std::uint64_t update_id, Time now, std::optional<Time> venue_time) noexcept {
    book_.last_update_id_ = update_id;
    book_.last_update_time_ = now;
    if (venue_time) book_.venue_time_ = venue_time;
  }
  void set_snapshot_update_id(std::uint64_t update_id) noexcept { book_.snapshot_update_id_ = update_id; }
  void set_last_trade(const Decimal& price, Time venue_time) noexcept {
    book_.last_trade_price_ = price;
    book_.last_trade_time_ = venue_time;
  }

 private:
  OrderBook& book_;
};

}  // namespace calypte
