// Compares books with the best prices that the venue itself tells, wherever the ids allow it.
//
// The tracker compares where both end with the same id. A venue that tells its best prices at every change allows more:
// what it told last within the ids that a message covers is what the book must hold after that message. That can be
// judged only when nothing more can come for those ids, which is why it belongs to replays.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "calypte/order_book.hpp"

#include "venue/records.hpp"

namespace calypte::cli {

class QuoteCheck {
 public:
  struct Counts {
    std::uint64_t compared = 0;
    std::uint64_t agreed = 0;
  };

  void on_quote(const venue::BestBidAsk& quote);
  /// The message with these ids was applied and led to this book.
  void on_applied(std::string_view symbol, const venue::SequenceIds& ids, const OrderBook& book);
  /// Nothing more comes.
  void finish();
  [[nodiscard]] Counts counts() const noexcept { return counts_; }

 private:
  /// More quotes than this between two messages of a book are not kept: the oldest go.
  static constexpr std::size_t kMaxQuotes = 10'000;
  struct Applied {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<OrderBookRow> bid;
    std::optional<OrderBookRow> ask;
  };
  struct Quote {
    std::uint64_t id = 0;
    std::optional<venue::DepthLevel> bid;
    std::optional<venue::DepthLevel> ask;
  };
  struct Symbol {
    std::deque<Quote> quotes;
    std::optional<Applied> applied;
  };
  void settle(Symbol& symbol);

  std::map<std::string, Symbol, std::less<>> symbols_;
  Counts counts_;
};

}  // namespace calypte::cli
