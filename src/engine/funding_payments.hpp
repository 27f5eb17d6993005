// Funding that was paid or received: each payment told exactly once, over restarts as well.
//
// The stream says at best that something was booked, so payments are read from the venue's list: right after each
// funding time and each hint of the stream, after sweeps, and now and then. The list may lag behind, so every pass
// reads an overlap again; what is known already is recognised by the venue's id of the payment.
//
// The first pass without a stored state is the baseline: what was paid before the start is no news. With one, what was
// paid while nobody was there is told.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calypte/events.hpp"
#include "calypte/log.hpp"

#include "engine/clock_sync.hpp"
#include "engine/instruments.hpp"
#include "engine/request_desk.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

/// Owned by one engine, used on its thread.
class FundingPayments {
 public:
  /// How far a pass reaches back behind what is known. A payment that the venue lists later than this after its time is
  /// missed.
  static constexpr Duration kOverlap = std::chrono::hours{1};
  /// Ids that are remembered. If the overlap holds more, it becomes shorter: nothing is told twice.
  static constexpr std::size_t kMaxIds = 20'000;

  FundingPayments(const venue::VenueSpec& spec, RequestDesk& desk, const ClockSync& clock,
                  const Instruments& instruments, LogSink& log);
  FundingPayments(const FundingPayments&) = delete;
  FundingPayments& operator=(const FundingPayments&) = delete;

  void start(Time now);
  void stop();
  /// A funding time of this contract has come. Where a position is held the payment is awaited: it is asked for again
  /// with a growing pause until it is seen, for ten minutes at most.
  void expect(const TradingPair& pair, Time funding_time, bool held, Time now);
  /// A payment that the stream tells in full.
  void on_payment(const venue::FundingPayment& payment, Time now) {
    if (began_) note(payment, now);
  }
  /// The stream says that something was booked: likewise, until a payment is seen, for two minutes at most.
  void on_booked(Time now);
  /// Something may have been missed.
  void ask(Time now);
  /// A sweep took place: asks if that was not done within the last minute.
  void on_swept(Time now);
  void on_time(Time now);
  [[nodiscard]] Time next_wakeup() const;

  /// The baseline is known.
  [[nodiscard]] bool initialized() const noexcept { return known_until_.has_value(); }
  /// What has to survive a restart, as a JSON text; empty before the baseline is known.
  [[nodiscard]] std::string state() const;
  /// Has it changed since this was asked last?
  [[nodiscard]] bool take_changed() noexcept { return std::exchange(changed_, false); }
  [[nodiscard]] static bool is_state(std::string_view json);
  /// Takes over a stored state; what has been told meanwhile is not told again. `malformed` changes nothing.
  Status restore(std::string_view json, Time now);

  /// `FundingPaymentCompletedEvent`; the owner takes and clears.
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }

 private:
  /// A payment that has to show up.
  struct Wait {
    std::optional<TradingPair> pair;  // empty: any
    Time since{};                     // by the venue's clock; earlier payments are others
    Time give_up{};
  };
  static constexpr std::size_t kMaxWaits = 1000;  // beyond it the oldest goes; the regular passes find the payment too

  void wait_for(Wait wait, Duration delay, Time now);
  void begin_pass(Time now);
  void read(Time start, Time end, std::uint32_t page);
  void note(const venue::FundingPayment& payment, Time now);
  void remember(const std::string& id, Time time, bool told);
  void forget_until(Time time);
  void end_pass(bool complete, Time known_until, Time now);

  const venue::VenueSpec& spec_;
  RequestDesk& desk_;
  const ClockSync& clock_;
  const Instruments& instruments_;
  LogSink& log_;
  bool running_ = false;
  bool reading_ = false;
  std::uint64_t generation_ = 0;  // answers to a pass that was given up are ignored
  Time pass_began_{};             // by the venue's clock
  Time due_ = kNever;
  Time last_pass_ = Time::min();
  std::uint32_t failures_ = 0;
  std::uint32_t attempts_ = 0;  // passes since the newest wait began
  std::vector<Wait> waits_;

  std::optional<Time> began_;        // the first start: what is older belongs to the baseline
  std::optional<Time> known_until_;  // by the venue's clock; empty: no pass has succeeded
  Time floor_ = Time::min();         // nothing up to here is told any more
  std::map<std::string, std::pair<Time, bool>, std::less<>> ids_;  // the payment's time, and whether it was told
  std::set<std::pair<Time, std::string>> by_time_;
  bool changed_ = false;
  std::vector<Event> events_;
};

}  // namespace calypte::engine
