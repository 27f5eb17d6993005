// Keeps one order book in sync with the venue: the state machine behind `OrderBookTracker`.
//
//   unsynced --subscribed--> buffering (REST) or unsynced (stream) --snapshot--> live <--> stale
//
// The work on a message is always in this order: continuity, apply, truncate, integrity. A message that breaks the
// chain therefore leaves the levels untouched. Losing sync marks the book stale first, then asks for what repairs it,
// at once the first time and with a growing delay afterwards, until the book has been live for a while.
//
// A subscription begins an epoch. Nothing of an earlier epoch is applied: its diffs are dropped because there is no
// subscription, and of its REST snapshots at most one can still be under way, which is awaited and thrown away before
// another one is asked for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/order_book.hpp"

#include "core/random.hpp"
#include "engine/backoff.hpp"
#include "engine/held_diffs.hpp"
#include "engine/order_book_tracker.hpp"
#include "venue/records.hpp"
#include "venue/spec.hpp"

namespace calypte::engine {

/// What the books of one tracker share. Outlives them.
struct BookContext {
  const venue::BookSpec& spec;
  const OrderBookTrackerOptions& options;
  LogSink& log;
  std::vector<BookRequest>& requests;
  std::vector<Event>& events;
  std::vector<const OrderBook*>& changed;
  BookLevels scratch;               ///< a snapshot is built here and swapped in only if it is good
  std::size_t live = 0;             ///< books that are live
  std::size_t without_picture = 0;  ///< tracked books that never had a valid picture
};

class BookSync {
 public:
  BookSync(const TradingPair& pair, BookContext& context, core::Random random);

  /// Begins or ends being tracked. The `OrderBook` and its address stay.
  void start(const Symbol& symbol, Time now);
  void stop(Time now);
  [[nodiscard]] bool tracked() const noexcept { return tracked_; }

  void on_subscribed(Time now);
  void on_subscription_failed(const Status& status, Time now);
  void on_stream_down(std::string_view reason, Time now);
  void on_snapshot(const venue::DepthSnapshot& snapshot, const venue::Records& records, Time now);
  void on_snapshot_failed(const Status& status, Time now);
  void on_diff(const DiffView& diff, Time now);
  void on_trade(const venue::PublicTrade& trade, Time now);
  void on_best_bid_ask(const venue::BestBidAsk& bbo, Time now);
  void on_unreadable(std::string_view reason, Time now);
  void on_time(Time now);
  void excuse(Duration lost, Time now);  ///< engine/excuse.hpp
  [[nodiscard]] Time next_wakeup() const noexcept;

  [[nodiscard]] const OrderBook& book() const noexcept { return book_; }
  [[nodiscard]] const Symbol& symbol() const noexcept { return symbol_; }
  [[nodiscard]] const BookCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::string explain() const;

 private:
  enum class Phase : std::uint8_t {
    idle,      ///< not subscribed: everything is dropped
    awaiting,  ///< the stream will bring a snapshot; diffs are dropped
    holding,   ///< a REST snapshot will come; diffs are held back
    live,
  };
  enum class Fault : std::uint8_t { none, does_not_fit, crossed, checksum };
  struct Bbo {
    std::uint64_t id = 0;  // 0: free
    std::optional<venue::DepthLevel> bid;
    std::optional<venue::DepthLevel> ask;
  };

  static std::string_view to_text(Fault fault) noexcept;
  static std::string_view to_text(BookRequest::Kind kind) noexcept;
  [[nodiscard]] bool by_rest() const noexcept;
  [[nodiscard]] std::uint64_t id_of(const venue::SequenceIds& ids, Time now) const noexcept;
  void set_state(OrderBookState state, std::string reason, Time now);
  void new_epoch(Time now);

  void on_stream_snapshot(const venue::DepthSnapshot& snapshot, const venue::Records& records, Time now);
  void on_rest_snapshot(const venue::DepthSnapshot& snapshot, const venue::Records& records, Time now);
  bool take_answer(Time now) noexcept;
  void bridge(const venue::DepthSnapshot& snapshot, const venue::Records& records, Time now);
  void refresh(const venue::DepthSnapshot& snapshot, const venue::Records& records, Time now);
  Fault build(const venue::DepthSnapshot& snapshot, const venue::Records& records, std::uint64_t id);
  Fault apply(BookLevels& levels, const DiffView& diff, std::uint64_t id, std::uint32_t& touched);
  Fault check(const BookLevels& levels, std::optional<std::uint32_t> checksum);
  void take_scratch(std::uint64_t snapshot_id, std::uint64_t id, std::optional<Time> venue_time, Time now);
  void go_live(std::string reason, Time now);

  void on_live_diff(const DiffView& diff, Time now);
  void hold(const DiffView& diff);
  void forget_held();
  void on_repeat(std::uint64_t id, Time now);
  void mark_changed();
  void compare_best(const Bbo& bbo, Time now);
  void compare_waiting_bbo(Time now);

  void lose_sync(std::string reason, Time now, bool doubt_stream = false);
  void fail_attempt(std::string reason, Time not_before, Time now);
  void need(BookRequest::Kind kind, Time at, Time now);
  void ask(BookRequest::Kind kind, Time now);
  void end_refresh(Time next) noexcept;

  BookContext& context_;
  OrderBook book_;
  Symbol symbol_;
  BookCounters counters_;
  Backoff backoff_;
  HeldDiffs held_;
  std::array<Bbo, 8> bbos_;
  std::size_t next_bbo_ = 0;

  bool tracked_ = false;
  bool session_ = false;   // the stream is up as far as we were told
  bool pictured_ = false;  // had a valid picture since it is tracked
  Phase phase_ = Phase::idle;

  // The chain.
  std::uint64_t last_ = 0;     // L
  bool bridged_ = true;        // false: L is a REST snapshot's id and the bridge rule holds for the next message
  std::uint64_t floor_ = 0;    // what the book held before it was lost in this epoch; no older picture is accepted
  std::uint32_t repeats_ = 0;  // stale messages in a row

  // What was asked for.
  std::optional<BookRequest::Kind> need_;
  Time ask_at_ = kNever;
  Time answer_by_ = kNever;
  bool at_first_diff_ = false;     // the snapshot is asked for as soon as a diff is held
  Time rest_until_ = Time::min();  // a REST answer may come until then
  bool rest_is_old_ = false;       // and it belongs to an earlier epoch

  Time live_since_{};
  Time silent_at_ = kNever;
  Time refresh_at_ = kNever;
  bool refreshing_ = false;  // a snapshot for a live book is under way; applied diffs are also held
};

}  // namespace calypte::engine
