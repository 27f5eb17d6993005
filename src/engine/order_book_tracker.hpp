// Keeps any number of order books exact: holds diffs back until a snapshot bridges them, applies each once and in
// order, notices gaps, crossed books, wrong checksums and silence, and says at any time truthfully whether a book is in
// sync.
//
// One implementation for every venue; the venue's scheme is the data of a `venue::BookSpec`. Pure: messages and time
// enter as arguments; what it needs from the venue (a subscription renewed, a snapshot) leaves as `BookRequest`s that
// the `OrderBookTrackerDataSource` carries out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/events.hpp"
#include "calypte/log.hpp"
#include "calypte/order_book.hpp"

#include "venue/records.hpp"
#include "venue/spec.hpp"

namespace calypte::engine {

/// What the tracker wants from the venue for one book.
struct BookRequest {
  enum class Kind : std::uint8_t { snapshot, resubscribe } kind = Kind::snapshot;
  TradingPair trading_pair;
  Symbol symbol;
};

/// Counters of one book, or the sum over all.
struct BookCounters {
  std::uint64_t snapshots = 0;         ///< applied
  std::uint64_t diffs = 0;             ///< applied
  std::uint64_t keep_alives = 0;       ///< applied, without levels
  std::uint64_t stale = 0;             ///< dropped: older than what is known, or repeated
  std::uint64_t held_back = 0;         ///< buffered before a snapshot
  std::uint64_t dropped_unsynced = 0;  ///< diffs that nothing could be done with
  std::uint64_t overflows = 0;         ///< the buffer was full and was started anew
  std::uint64_t breaks = 0;            ///< the chain was broken
  std::uint64_t bridges = 0;           ///< first diff on top of a REST snapshot
  std::uint64_t resyncs = 0;           ///< live again after having been stale
  std::uint64_t crossed = 0;           ///< messages after which the book was crossed
  std::uint64_t unrepresentable = 0;   ///< numbers that do not fit a book
  std::uint64_t checksum_ok = 0;
  std::uint64_t checksum_bad = 0;
  std::uint64_t trades = 0;
  std::uint64_t bbo_compared = 0;  ///< the venue's own best bid and offer at the same update id
  std::uint64_t bbo_agreed = 0;
  std::uint64_t refreshes = 0;       ///< periodic snapshots asked for
  std::uint64_t went_silent = 0;     ///< no message within the limit
  std::uint64_t deleted_absent = 0;  ///< deletes of levels that were not there: harmless
  std::uint64_t unknown_symbol = 0;  ///< messages of symbols that are not tracked; only in the sum
  BookCounters& operator+=(const BookCounters& other) noexcept;
};

struct OrderBookTrackerOptions {
  std::size_t max_held_back = 10'000;                   ///< diffs a book; more start the buffer anew
  Duration retry_min = std::chrono::milliseconds{500};  ///< back-off of snapshots and resubscriptions
  Duration retry_max = std::chrono::seconds{30};
  Duration snapshot_limit = std::chrono::seconds{10};  ///< how long a requested snapshot may take
  std::uint64_t seed = 1;                              ///< jitter of the back-off
};

class OrderBookTracker {
 public:
  OrderBookTracker(venue::BookSpec spec, OrderBookTrackerOptions options = {}, LogSink& log = null_log());
  ~OrderBookTracker();

  /// False if the pair or the symbol is tracked already. A pair that was removed gets its old `OrderBook` object back.
  bool add_trading_pair(const TradingPair& pair, const Symbol& symbol, Time now);
  bool remove_trading_pair(const TradingPair& pair, Time now);
  [[nodiscard]] std::vector<TradingPair> trading_pairs() const;

  /// Null if the pair is not tracked.
  [[nodiscard]] const OrderBook* order_book(const TradingPair& pair) const;
  [[nodiscard]] const OrderBook* order_book_by_symbol(std::string_view symbol) const;
  /// Every tracked book had a first valid picture. Does not go back to false.
  [[nodiscard]] bool initialized() const noexcept;
  /// Every tracked book is live.
  [[nodiscard]] bool all_live() const noexcept;

  // --- Inputs ---

  /// The subscription of this symbol was sent, on a fresh connection or renewed: it waits for data, and nothing that
  /// came earlier counts.
  void on_subscribed(std::string_view symbol, Time now);
  /// The connection that carries this symbol is gone: not in sync from this moment.
  void on_stream_down(std::string_view symbol, std::string_view reason, Time now);
  void on_snapshot(const venue::DepthSnapshot& snapshot, const venue::Records& records, Time now);
  void on_diff(const venue::DepthDiff& diff, const venue::Records& records, Time now);
  /// Emits a `TradeEvent`, unless it is a backfill.
  void on_trade(const venue::PublicTrade& trade, Time now);
  /// Compared with the book as soon as that has the same update id; a live book that disagrees is not trusted any more.
  void on_best_bid_ask(const venue::BestBidAsk& bbo, Time now);
  /// A message for this symbol could not be read: its book cannot be trusted any more. Empty symbol: every book.
  void on_unreadable(std::string_view symbol, std::string_view reason, Time now);
  void on_snapshot_failed(std::string_view symbol, const Status& status, Time now);
  void on_subscription_failed(std::string_view symbol, const Status& status, Time now);
  void on_time(Time now);
  void excuse(Duration lost, Time now);  ///< engine/excuse.hpp
  /// Not later than the earliest deadline of any book.
  [[nodiscard]] Time next_wakeup() const;

  // --- Outputs, drained by the engine ---

  [[nodiscard]] std::vector<BookRequest>& requests() noexcept { return requests_; }
  /// `OrderBookStateEvent` and `TradeEvent`.
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }
  /// Live books whose levels changed since the last `clear()`, each once.
  [[nodiscard]] std::vector<const OrderBook*>& changed() noexcept { return changed_; }

  [[nodiscard]] BookCounters counters() const;  ///< of all books, removed ones included
  /// Since the pair was added; zeros if it is not tracked.
  [[nodiscard]] BookCounters counters(const TradingPair& pair) const;
  /// Why the book is, or is not, in sync: for a person.
  [[nodiscard]] std::string explain(const TradingPair& pair) const;

 private:
  struct State;
  venue::BookSpec spec_;
  OrderBookTrackerOptions options_;
  LogSink& log_;
  std::vector<BookRequest> requests_;
  std::vector<Event> events_;
  std::vector<const OrderBook*> changed_;
  std::unique_ptr<State> state_;
};

}  // namespace calypte::engine
