// The inside of `OrderTracker`; included by its source files only.
//
// An entry is in exactly one place: active (the venue may act on it), cached (ended, remembered), lost (ended for the
// strategy, but the venue never said so) or departed (was lost, is settled; remembered only so that a late fill still
// finds it). Every change ends in `settle`, which emits what follows from it, in the order that events.hpp promises.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/journalled_keys.hpp"
#include "engine/order_evidence.hpp"
#include "engine/order_id_waiters.hpp"
#include "engine/order_tracker.hpp"
#include "engine/recovery.hpp"
#include "engine/stored_order.hpp"

namespace calypte::engine {

using Place = OrderMarks::Place;

struct TrackedOrder : OrderMarks {
  explicit TrackedOrder(InFlightOrder value) : order(std::move(value)) {}

  InFlightOrder order;
  std::uint64_t number = 0;        ///< counts orders in the order of their start
  std::uint64_t cache_number = 0;  ///< place in the cache, where it is in it
  Time cached_at{};
  std::uint32_t not_found = 0;
  Time first_not_found{};
  std::optional<OrderUpdate> completion;  ///< the report "filled" that waits for fills
  Time completion_deadline = kNever;
  Time ask_fills_at = kNever;
  Time ask_state_at = kNever;
  bool changed = false;                     ///< since the journal was last told
  std::vector<TradeId> new_fills;           ///< likewise, those that were counted
  Status refusal;                           ///< of the request that placed it, if that ended it
  std::deque<ExchangeOrderId> indexed_ids;  ///< what the index of venue ids holds for it
  EvidenceList evidence;
};

class OrderTracker::State {
 public:
  State(const OrderTrackerOptions& options, LogSink& log, Events& events, std::vector<OrderQuestion>& questions);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Sets the time for one public call. At its end it drops what the cache cannot hold and resumes the coroutines that
  /// the call woke; they may call the tracker again, or destroy it.
  class Call {
   public:
    Call(State& state, Time now);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    State& state_;
    Time now_;
    std::shared_ptr<detail::WaiterHub> hub_;
  };

  // order_tracker.cpp
  Status start(InFlightOrder order);
  void stop(const ClientOrderId& id, Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_wakeup() const;
  [[nodiscard]] TrackedOrder* find(const ClientOrderId& id) const;
  [[nodiscard]] TrackedOrder* find(const ExchangeOrderId& id, const TradingPair& pair) const;
  [[nodiscard]] std::vector<const InFlightOrder*> orders(std::initializer_list<Place> places) const;
  Status restore(std::span<const std::string> states, Time now);
  bool forget_lost(const ClientOrderId& id);

  // order_tracker_journal.cpp
  void keep_changes() noexcept;
  void write_changes(RoundWriter& round);
  void write_all(const std::function<RoundWriter&()>& next) const;
  void restore(const Recovery& recovery, Time now);

  // order_tracker_reports.cpp
  void report(const OrderUpdate& update, Time now);
  void not_found(const ClientOrderId& id, Time now);
  void refused(const ClientOrderId& id, const Status& status, Time now);
  void unknown(const ClientOrderId& id, std::string evidence, Time now);
  void cancel_failed(const ClientOrderId& id, const Status& status, Time now);

  // order_tracker_fills.cpp
  void fill(const TradeUpdate& trade, TradeType side, Time now);
  void forget_waiting_fill(const std::string& key);
  [[nodiscard]] Time oldest_waiting_fill() const;

 private:
  // order_tracker_journal.cpp
  void restore(const StoredOrder& stored, Time now);

  struct WaitingFill {
    TradeUpdate trade;
    TradeType side = TradeType::buy;
    Time due{};  // when it is given up, if it cannot be one of ours
    std::string key;
  };

  // order_tracker.cpp
  TrackedOrder& add(InFlightOrder order);
  void move_to_cache(TrackedOrder& entry, Place place, Time now);
  void move_to_lost(TrackedOrder& entry);
  void leave_place(TrackedOrder& entry);
  void note_change(TrackedOrder& entry);
  void erase(TrackedOrder& entry);
  void trim_cache(Time now);
  void index_ids(TrackedOrder& entry);
  void unindex(const ExchangeOrderId& id, const TrackedOrder& entry);
  void arm(TrackedOrder& entry, Time& due, Time when);
  void due(TrackedOrder& entry, Time now);
  void ask(OrderQuestion::Kind kind, const ClientOrderId& id);
  [[nodiscard]] TrackedOrder* find(const std::optional<ClientOrderId>& client_order_id,
                                   const std::optional<ExchangeOrderId>& exchange_order_id,
                                   const TradingPair& pair) const;
  void log(LogLevel level, std::string_view message) const;

  // order_tracker_reports.cpp
  void report_live(TrackedOrder& entry, const OrderUpdate& update, Time now);
  void report_after_end(TrackedOrder& entry, const OrderUpdate& update, Time now);
  void report_lost(TrackedOrder& entry, const OrderUpdate& update, Time now);
  void learn_id(TrackedOrder& entry, const std::optional<ExchangeOrderId>& id, Time now);
  void begin_completion(TrackedOrder& entry, const OrderUpdate& update, Time now);
  void complete_if_reached(TrackedOrder& entry, Time now);
  void complete(TrackedOrder& entry, const OrderUpdate& update, Time now);
  void end_as_absent(TrackedOrder& entry, Time now);
  void settle(TrackedOrder& entry, Time now, std::optional<Time> venue_time, OrderState before);
  void end(TrackedOrder& entry, Time now, std::optional<Time> venue_time);
  void ask_for_missing_fills(TrackedOrder& entry, Time now);

  // order_tracker_fills.cpp
  void count_fill(TrackedOrder& entry, const TradeUpdate& told, TradeType side, Time now);
  void hold_fill(const TradeUpdate& trade, TradeType side, Time now);
  void attribute_waiting_fills(Time now);
  void expire_waiting_fills(Time now);
  [[nodiscard]] bool may_be_ours(const WaitingFill& waiting) const;
  void give_up(const WaitingFill& waiting, Time now);

  const OrderTrackerOptions& options_;
  LogSink& log_;
  Events& events_;
  std::vector<OrderQuestion>& questions_;
  std::shared_ptr<detail::WaiterHub> hub_;

  std::unordered_map<ClientOrderId, std::unique_ptr<TrackedOrder>> entries_;  // never iterated: no meaning in its order
  std::unordered_map<std::uint64_t, TrackedOrder*> by_number_;
  std::unordered_multimap<ExchangeOrderId, TrackedOrder*> by_venue_id_;
  std::map<std::uint64_t, TrackedOrder*> active_;  ///< by number
  std::map<std::uint64_t, TrackedOrder*> lost_;    ///< by number
  std::map<std::uint64_t, TrackedOrder*> cached_;  ///< by cache number: oldest first; cached and departed
  std::uint64_t last_number_ = 0;
  std::uint64_t last_cache_number_ = 0;
  std::multimap<Time, std::uint64_t> timers_;  ///< when to look at which entry; it may have nothing to do by then

  std::deque<WaitingFill> waiting_fills_;  ///< oldest first
  std::unordered_set<std::string> waiting_keys_;
  bool attribution_is_due_ = false;  ///< an order was added while fills waited
  JournalledKeys counted_fills_;     ///< in the journal with their orders
  JournalledKeys unmatched_fills_;   ///< told once

  bool keeps_changes_ = false;
  std::vector<std::uint64_t> changed_;                              ///< numbers of entries
  std::vector<std::pair<ClientOrderId, std::string>> left_behind_;  ///< texts of changed entries that are gone
};

}  // namespace calypte::engine
