// What a driver sees of the deterministic core of any connector: inputs, then `settle`, then the outputs; and what it
// needs for a journal and for an orderly stop. The interface of the strategy is part of it, because the driver hands
// the engine to the strategy's callbacks.
//
// It knows no socket, no clock and no thread: the runtime drives it in production, a simulator in tests. The driver
// settles after each input; the strategy's commands inside a callback are settled by the same round.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "calypte/connector.hpp"

#include "engine/actions.hpp"
#include "engine/journal_record.hpp"
#include "engine/recovery.hpp"
#include "venue/wire.hpp"

namespace calypte::engine {

class Engine : public virtual Exchange {
 public:
  // --- Inputs. Time never goes back. ---

  virtual void start(Time now) = 0;
  /// Ends all connections; orders stay tracked. What was in flight is unknown afterwards and resolved by the next
  /// start.
  virtual void stop(Time now) = 0;
  virtual void on_stream_up(venue::StreamId stream, Time now) = 0;
  virtual void on_stream_down(venue::StreamId stream, std::string_view reason, Time now) = 0;
  virtual void on_stream_alive(venue::StreamId stream, Time now) = 0;
  virtual void on_frame(venue::StreamId stream, venue::Bytes frame, Time now) = 0;
  virtual void on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) = 0;
  virtual void on_time(Time now) = 0;
  /// For `lost` until now nothing that arrived was handed over, whatever the reason: waits for the venue become longer
  /// by it (engine/excuse.hpp). To be called before any other input after such a pause; with zero only the time is
  /// noted.
  virtual void excuse(Duration lost, Time now) = 0;
  /// Carries out what inputs and commands have left to do. The driver calls it after each input and after each round of
  /// callbacks, until both outputs are empty. False if there was nothing to do: then no deadline came nearer either,
  /// and `next_wakeup` need not be read again.
  virtual bool settle() = 0;

  // --- Outputs. The driver takes them by swapping. ---

  [[nodiscard]] Actions& actions() noexcept { return actions_; }
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }
  [[nodiscard]] virtual std::vector<const OrderBook*>& changed_books() noexcept = 0;
  [[nodiscard]] virtual Time next_wakeup() const = 0;

  // --- For the journal (engine/journal_desk.hpp). ---

  /// The number of the event that is told next; 0 outside of a callback and for one that is not journalled.
  void set_event_number(std::uint64_t number) noexcept { event_number_ = number; }
  [[nodiscard]] std::uint64_t event_number() const noexcept override { return event_number_; }
  /// Whether what happens can be written down. While it cannot, new orders are denied; `reason` says why.
  virtual void set_durable(bool durable, std::string_view reason) = 0;
  virtual void keep_changes() = 0;
  virtual void write_changes(RoundWriter& round) = 0;
  virtual void write_all(const std::function<RoundWriter&()>& next) const = 0;
  /// Before the start.
  virtual void restore(const Recovery& recovery, Time now) = 0;

  // --- For an orderly stop, and for who watches. ---

  /// Does news of the account arrive?
  [[nodiscard]] virtual bool account_live() const noexcept = 0;
  /// Compares orders, fills and balances with the venue now. False if there is no account to compare.
  virtual bool sweep_soon() = 0;
  /// Comparisons that were completed.
  [[nodiscard]] virtual std::uint64_t sweeps() const noexcept = 0;
  /// Before a stop: takes the venue's dead-man switch back if no order of ours is open; else it stays armed, and the
  /// venue cancels what was left when it runs out. False if there is none to be waited for.
  virtual bool disarm_dead_man(Time now) = 0;
  [[nodiscard]] virtual bool dead_man_disarmed() const = 0;
  /// When the link to the venue was last known to be good.
  [[nodiscard]] virtual Time last_contact() const = 0;

 protected:
  Actions actions_;
  std::vector<Event> events_;
  std::uint64_t event_number_ = 0;
};

}  // namespace calypte::engine
