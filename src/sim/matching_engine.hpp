// A price-time priority limit order book for one instrument, in whole ticks and lots.
//
// Pure and deterministic: no clock, no randomness, no dependence on hash order. One thread. Every call appends what
// happened, in the order in which it happened, to the list that the caller hands over. Order ids are the caller's and
// must be unique for the life of the engine; prices and quantities must be positive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

namespace calypte::sim {

using OrderId = std::uint64_t;
using AccountId = std::uint32_t;

enum class Side : std::uint8_t { buy, sell };
[[nodiscard]] constexpr Side opposite(Side side) noexcept { return side == Side::buy ? Side::sell : Side::buy; }

enum class TimeInForce : std::uint8_t { good_till_cancel, immediate_or_cancel, fill_or_kill };

/// What happens when an order would trade with a resting order of the same account.
enum class SelfTradePrevention : std::uint8_t { none, cancel_maker, cancel_taker, cancel_both };

struct EngineOrder {
  OrderId id = 0;
  AccountId account = 0;
  Side side = Side::buy;
  std::int64_t price = 0;     ///< ticks; for a market order the worst price of its band
  std::int64_t quantity = 0;  ///< lots
  TimeInForce time_in_force = TimeInForce::good_till_cancel;
  bool post_only = false;
  bool reduce_only = false;  ///< trades at most what the owner's position allows at that moment, then ends
  SelfTradePrevention self_trade = SelfTradePrevention::none;
  /// If set, buys at most this much of ticks times lots; what cannot buy one more lot ends the order.
  std::optional<std::int64_t> budget;
};

enum class CloseReason : std::uint8_t {
  filled,
  cancelled,     ///< asked for
  not_filled,    ///< the remainder of an immediate-or-cancel order
  killed,        ///< a fill-or-kill order that could not fill whole
  would_take,    ///< a post-only order that would have taken
  self_trade,    ///< by self-trade prevention
  budget_spent,  ///< a market order by notional has bought what its budget allows
  refused,       ///< never reached the book; used above the engine
  reduce_only,   ///< there is nothing left that a reduce-only order could reduce
  liquidation,   ///< the venue is taking the account's positions over
};

/// The order takes its place at the end of its level's queue.
struct Rested {
  OrderId order = 0;
  std::int64_t remaining = 0;
};
struct Execution {
  OrderId maker = 0;
  OrderId taker = 0;
  AccountId maker_account = 0;
  AccountId taker_account = 0;
  Side taker_side = Side::buy;
  std::int64_t price = 0;
  std::int64_t quantity = 0;
  std::int64_t maker_remaining = 0;
  std::int64_t taker_remaining = 0;
};
struct Amended {
  OrderId order = 0;
  std::int64_t price = 0;
  std::int64_t remaining = 0;
};
/// The order has left. A fill that completes an order is followed by its `Closed`, the maker's before the taker's.
struct Closed {
  OrderId order = 0;
  std::int64_t remaining = 0;
  CloseReason reason = CloseReason::cancelled;
};
using EngineEvent = std::variant<Rested, Execution, Amended, Closed>;

struct EngineLevel {
  std::int64_t price = 0;
  std::int64_t quantity = 0;
  std::uint32_t orders = 0;
  friend bool operator==(const EngineLevel&, const EngineLevel&) = default;
};

class MatchingEngine {
 public:
  using Events = std::vector<EngineEvent>;
  /// How many lots a reduce-only order may trade now. The events are those of the call under way, whose executions the
  /// owner's books do not contain yet. Without one, reduce-only orders are as others.
  using ReduceLimit = std::function<std::int64_t(const EngineOrder&, const Events&)>;

  void submit(const EngineOrder& order, Events& out, const ReduceLimit& limit = {});
  /// False if the order does not rest here.
  bool cancel(OrderId id, Events& out, CloseReason reason = CloseReason::cancelled);
  /// Changes price and remaining quantity. Only a reduction at the same price keeps the place in the queue; anything
  /// else takes the order out and enters it anew, where it may trade. False if the order does not rest here.
  bool amend(OrderId id, std::int64_t price, std::int64_t remaining, Events& out, const ReduceLimit& limit = {});

  /// Whether a post-only order would be refused, and whether a fill-or-kill order would fill.
  [[nodiscard]] bool would_take(Side side, std::int64_t price) const noexcept;
  [[nodiscard]] bool can_fill_whole(const EngineOrder& order, const ReduceLimit& limit = {}) const;

  [[nodiscard]] std::optional<std::int64_t> best(Side side) const noexcept;
  /// At most `depth` levels, best first, replacing what `out` held.
  void levels(Side side, std::size_t depth, std::vector<EngineLevel>& out) const;
  [[nodiscard]] std::size_t level_count(Side side) const noexcept { return book(side).size(); }
  [[nodiscard]] std::size_t order_count() const noexcept { return where_.size(); }
  [[nodiscard]] bool rests(OrderId id) const { return where_.find(id) != where_.end(); }
  /// Grows with every change of the book.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

 private:
  struct Resting {
    EngineOrder order;
    std::int64_t remaining = 0;
  };
  struct Level {
    std::list<Resting> queue;
    std::int64_t quantity = 0;
  };
  /// Both sides are sorted best first: the key of a bid is its negated price.
  using Book = std::map<std::int64_t, Level>;
  struct Place {
    Side side;
    std::int64_t key;
    std::list<Resting>::iterator resting;
  };

  [[nodiscard]] static constexpr std::int64_t key_of(Side side, std::int64_t price) noexcept {
    return side == Side::buy ? -price : price;
  }
  [[nodiscard]] Book& book(Side side) noexcept { return side == Side::buy ? bids_ : asks_; }
  [[nodiscard]] const Book& book(Side side) const noexcept { return side == Side::buy ? bids_ : asks_; }
  /// Trades against the other side; what is left over of the quantity, and why matching stopped.
  std::int64_t match(const EngineOrder& order, std::optional<CloseReason>& ended, Events& out,
                     const ReduceLimit& limit);
  void rest(const EngineOrder& order, std::int64_t remaining);
  /// Takes a resting order out; its place is no longer valid.
  void remove(const Place& place);

  Book bids_;
  Book asks_;
  std::unordered_map<OrderId, Place> where_;  ///< looked up only, never walked
  std::uint64_t version_ = 0;
};

}  // namespace calypte::sim
