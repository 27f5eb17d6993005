// What is true about the account: merges the private stream with REST so that nothing is reported twice or lost,
// whichever comes first, and knows whether the picture can be relied on.
//
// After every (re)connect, and on a slow timer, it sweeps: fills since the last trusted moment, open orders, balances,
// and positions where the account has them. Only then does it call itself live. While the stream is not live the same
// sweep runs every few seconds instead. One read that fails does not keep the others from being made and used, except
// that orders are not compared before the fills are known; the sweep as a whole has then failed and is repeated.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "calypte/events.hpp"
#include "calypte/log.hpp"

#include "engine/balances.hpp"
#include "engine/instruments.hpp"
#include "engine/order_inquiries.hpp"
#include "engine/order_tracker.hpp"
#include "engine/recovery.hpp"
#include "engine/request_desk.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

struct UserStreamOptions {
  Duration poll_with_stream = std::chrono::seconds{120};
  Duration poll_without_stream = std::chrono::seconds{5};
  Duration sweep_overlap = std::chrono::seconds{60};  ///< fills are asked for from this long before the last sweep
  std::uint32_t max_fill_pages = 100;                 ///< of one sweep
};

/// What an account has besides orders, fills and balances: a derivative's positions and settings. Called by the tracker
/// that it was given to, never from inside a call of `RequestDesk::submit`.
class AccountExtension {
 public:
  AccountExtension(const AccountExtension&) = delete;
  AccountExtension& operator=(const AccountExtension&) = delete;

  /// Sees every fill before the order tracker does, from whatever source and any number of times; `pair` is that of its
  /// symbol, null if nobody knows it. True if it belongs to no order and is dealt with.
  virtual bool take_fill(const venue::Fill& fill, const TradingPair* pair, Time now) = 0;
  /// The records of one frame of the private stream, after its orders, fills and balances were applied.
  virtual void on_stream_records(const venue::Records& records, Time now) = 0;
  /// The answer to the sweep's `QueryPositions`, also a failure.
  virtual void on_positions(const Reply& reply) = 0;
  /// A sweep has succeeded.
  virtual void on_swept(Time now) = 0;

 protected:
  AccountExtension() = default;
  ~AccountExtension() = default;
};

class UserStreamTracker {
 public:
  UserStreamTracker(const venue::VenueSpec& spec, RequestDesk& desk, const ClockSync& clock, OrderTracker& orders,
                    Balances& balances, const Instruments& instruments, UserStreamOptions options, LogSink& log);

  /// Before the start. Sweeps read positions from now on.
  void extend(AccountExtension& extension) noexcept { extension_ = &extension; }
  /// Where the venue lists fills by symbol only: those of these pairs are asked for, besides those of every order that
  /// is known. The set must outlive the tracker and may change.
  void follow(const std::set<TradingPair>& pairs) noexcept { pairs_ = &pairs; }
  void start(Time now);
  void stop();
  /// The stream carries every channel, or does not any more.
  void set_subscribed(bool subscribed, Time now);
  /// The records of one frame of the private stream.
  void on_stream_records(const venue::Records& records, Time now);
  /// The private records of a reply to one of our own requests.
  void apply_reply(const Reply& reply);
  /// The answer to a `QueryBalances` of the sweep or of anybody else.
  void apply_balances(const Reply& reply);
  /// Starts a sweep now, or as soon as the present one is done.
  void sweep_soon(Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_wakeup() const;

  /// Up to when the fills are known, for the journal, if that has changed; and back, before the start.
  void write_changes(RoundWriter& round);
  void write_all(RoundWriter& round) const;
  void restore(const Recovery& recovery);

  [[nodiscard]] OrderInquiries& inquiries() noexcept { return inquiries_; }
  /// A sweep has succeeded on top of a subscribed stream at least once.
  [[nodiscard]] bool initialized() const noexcept { return initialized_; }
  /// Subscribed, and swept since then.
  [[nodiscard]] bool live() const noexcept { return live_; }
  [[nodiscard]] std::uint64_t sweeps() const noexcept { return sweeps_; }

  /// `ExternalOrderEvent`; the owner takes and clears.
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }

 private:
  enum class Step : std::uint8_t { idle, fills, open_orders, balances, positions };

  /// Of one symbol, or of every symbol where it is empty; from and to by the venue's clock.
  struct FillsQuestion {
    Symbol symbol;
    Time start{};
    Time end{};
    std::uint32_t page = 1;
  };

  void begin_sweep(Time now);
  [[nodiscard]] std::set<Symbol> symbols_of_fills() const;
  void ask_next_fills();
  void ask_fills(const FillsQuestion& question);
  void ask_open_orders();
  void ask_balances();
  void ask_positions();
  void note_failure(const Reply& reply);
  void end_sweep(Time now);
  void sweep_failed(Time now);
  void sweep_done(Time now);
  void apply_orders_and_fills(const venue::Records& records, Time now);
  void find_missing_orders(const Reply& reply);
  void forward_questions(Time now);
  void tell_external_orders(const Reply& reply);

  const venue::VenueSpec& spec_;
  RequestDesk& desk_;
  const ClockSync& clock_;
  OrderTracker& orders_;
  Balances& balances_;
  const Instruments& instruments_;
  UserStreamOptions options_;
  LogSink& log_;
  OrderInquiries inquiries_;
  AccountExtension* extension_ = nullptr;
  const std::set<TradingPair>* pairs_ = nullptr;
  bool running_ = false;
  bool subscribed_ = false;
  bool live_ = false;
  bool initialized_ = false;
  Step step_ = Step::idle;
  std::uint64_t generation_ = 0;  // answers to a sweep that was given up are ignored by it
  std::uint64_t subscription_epoch_ = 0;
  std::uint64_t sweep_epoch_ = 0;  // the subscription that the present sweep began under
  Time sweep_began_{};
  Time fills_wanted_from_{};                  // of a symbol that was not asked for yet
  bool fills_known_changed_ = false;          // since the journal was told
  std::map<Symbol, Time> fills_known_until_;  // one entry, of the empty symbol, where that asks for all
  std::vector<FillsQuestion> fills_to_ask_;   // the rest of the present sweep
  Time next_sweep_ = kNever;
  bool step_failed_ = false;  // of the present sweep
  std::uint32_t failures_ = 0;
  std::uint64_t sweeps_ = 0;
  std::set<std::string> external_orders_;  // open at the venue at the last look and not ours; each was told once
  std::vector<Event> events_;
};

}  // namespace calypte::engine
