// Tracks every order from before its request leaves until long after its end, and decides which events a strategy
// hears.
//
// All sources (request replies, the user stream, polling, reconciliation) enter here as `OrderUpdate` and
// `TradeUpdate`; whichever comes first wins and the others change nothing. Pure: time enters as an argument, events
// leave through a sink.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "calypte/events.hpp"
#include "calypte/in_flight_order.hpp"
#include "calypte/log.hpp"

namespace calypte::engine {

class Recovery;
class RoundWriter;

struct OrderTrackerOptions {
  std::size_t cache_size = 1000;                        ///< ended orders that are remembered; the oldest go first
  Duration cache_life = std::chrono::hours{24};         ///< and for how long; late fills are attributed that long
  std::uint32_t not_found_limit = 3;                    ///< consecutive definite answers before an order counts as lost
  Duration not_found_span = std::chrono::seconds{10};   ///< and they must span at least this much time
  Duration completion_limit = std::chrono::seconds{5};  ///< how long Completed waits for missing fills in all; they are
                                                        ///< asked for at once and again at half of it
  Duration unmatched_fill_limit = std::chrono::seconds{30};  ///< how long a fill may wait for its order to be known;
                                                             ///< longer while an order of its pair and side has no id
                                                             ///< of the venue yet, for it may be that one's
  std::size_t unmatched_fill_count = 1000;  ///< at most so many wait; the oldest is reported as unmatched
  std::size_t order_limit = 10000;          ///< active and lost orders together; one more is denied
};

/// Something that the tracker cannot know by itself and asks the engine to find out.
struct OrderQuestion {
  enum class Kind : std::uint8_t { state, fills } kind = Kind::state;
  ClientOrderId client_order_id;
};

class OrderTracker {
 public:
  using Events = std::vector<Event>;

  explicit OrderTracker(OrderTrackerOptions options = {}, LogSink& log = null_log());
  OrderTracker(const OrderTracker&) = delete;
  OrderTracker& operator=(const OrderTracker&) = delete;
  ~OrderTracker();

  /// `denied` if the id is known already or there are too many orders. The order is active from now on. Fills that
  /// waited for it are attributed by the next call that brings a time.
  Status start_tracking_order(InFlightOrder order);
  /// Moves an active order to the cache, without an event.
  void stop_tracking_order(const ClientOrderId& id, Time now);

  // --- Facts. Each appends the events that follow from it to `events()`, in the order of events.hpp. ---

  void process_order_update(const OrderUpdate& update, Time now);
  void process_trade_update(const TradeUpdate& trade, TradeType side, Time now);
  /// This fill belongs to no order: one that waits for its order is not told of as unmatched.
  void forget_waiting_fill(const TradingPair& pair, TradeType side, const TradeId& id);
  /// The venue answered definitely that it does not know the order. Anything else is not a reason to call this. More
  /// than `not_found_limit` such answers in a row, spread over `not_found_span`, end the order: as never arrived if it
  /// was never acknowledged, as lost otherwise. One more such answer removes a lost order, without an event.
  void process_order_not_found(const ClientOrderId& id, Time now);
  /// The request that placed it was refused for certain (`status.certainly_without_effect()`). An order that is known
  /// to live is not ended by it: its state is asked for.
  void process_order_refused(const ClientOrderId& id, const Status& status, Time now);
  /// The request that placed it may or may not have taken effect.
  void process_outcome_unknown(const ClientOrderId& id, std::string evidence, Time now);
  /// The venue accepted a cancel request; the end itself is still to be reported.
  void process_cancel_accepted(const ClientOrderId& id, Time now);
  void process_cancel_failed(const ClientOrderId& id, const Status& status, Time now);
  /// Deadlines: waiting completions, waiting fills, awaited venue ids, cache life.
  void on_time(Time now);
  [[nodiscard]] Time next_wakeup() const;

  // --- Outputs, drained by the engine. ---

  /// In the order in which they happened. Whoever drains them clears them.
  [[nodiscard]] Events& events() noexcept { return events_; }
  [[nodiscard]] std::vector<OrderQuestion>& questions() noexcept { return questions_; }

  // --- Reads. Pointers stay valid until the next call that is not const. ---

  /// Active, cached or lost.
  [[nodiscard]] const InFlightOrder* fetch_order(const ClientOrderId& id) const;
  [[nodiscard]] const InFlightOrder* fetch_order(const ExchangeOrderId& id) const;
  [[nodiscard]] const InFlightOrder* fetch_tracked_order(const ClientOrderId& id) const;  ///< active only
  [[nodiscard]] const InFlightOrder* fetch_cached_order(const ClientOrderId& id) const;
  [[nodiscard]] const InFlightOrder* fetch_lost_order(const ClientOrderId& id) const;
  [[nodiscard]] std::vector<const InFlightOrder*> active_orders() const;  ///< oldest first
  [[nodiscard]] std::vector<const InFlightOrder*> cached_orders() const;
  [[nodiscard]] std::vector<const InFlightOrder*> lost_orders() const;
  [[nodiscard]] std::vector<const InFlightOrder*> all_fillable_orders() const;   ///< active, cached and lost
  [[nodiscard]] std::vector<const InFlightOrder*> all_updatable_orders() const;  ///< active and lost
  [[nodiscard]] bool outcome_is_unknown(const ClientOrderId& id) const;
  /// The venue showed that it has, or had, the order; false for an unknown id.
  [[nodiscard]] bool is_acknowledged(const ClientOrderId& id) const;
  [[nodiscard]] std::uint32_t not_found_count(const ClientOrderId& id) const;
  /// Every piece of evidence about an order in the order in which it came; bounded per order.
  [[nodiscard]] std::vector<std::string> evidence(const ClientOrderId& id) const;

  /// The venue's time of the oldest fill that waits for its order to be known; `kNever`: none does.
  [[nodiscard]] Time oldest_waiting_fill() const;

  void set_not_found_limit(std::uint32_t limit) noexcept { options_.not_found_limit = limit; }
  [[nodiscard]] std::uint32_t not_found_limit() const noexcept { return options_.not_found_limit; }

  /// `InFlightOrder::to_json` of each active and lost order.
  [[nodiscard]] std::vector<std::string> tracking_states() const;
  /// Open orders become active, failed ones lost, ended ones are dropped (their fills stay known as fills). An order
  /// that was not acknowledged when it was stored has an unknown outcome, told by an event. The state of every active
  /// one is asked for. One bad text does not stop the others; the status names the bad ones.
  Status restore_tracking_states(std::span<const std::string> states, Time now);

  // --- For the journal. ---

  /// From now on changes are kept until `write_changes` takes them.
  void keep_changes();
  /// Appends one entry for each order that has changed.
  void write_changes(RoundWriter& round);
  /// Everything that a restart needs, entry by entry into the round that `next` gives.
  void write_all(const std::function<RoundWriter&()>& next) const;
  /// Takes over what a journal knows, before anything is tracked. Ended orders are remembered, so that late fills are
  /// still theirs; the state of every active and lost one is asked for. Tells no event, except that the outcome of an
  /// order is unknown where nobody has been told so.
  void restore(const Recovery& recovery, Time now);

  /// An operator decided that a lost order is of no concern any more. False if it is not lost.
  bool forget_lost_order(const ClientOrderId& id);

  class State;  ///< the inside, in order_tracker_state.hpp

 private:
  OrderTrackerOptions options_;
  Events events_;
  std::vector<OrderQuestion> questions_;
  std::unique_ptr<State> state_;
};

/// One execution of the account: the pair, the side and the venue's trade id. The side is part of it because an order
/// that trades with another one of ours has the same trade id.
[[nodiscard]] std::string fill_key(const TradingPair& pair, TradeType side, const TradeId& id);

}  // namespace calypte::engine
