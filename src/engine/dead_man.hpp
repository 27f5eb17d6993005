// Keeps the venue's own dead-man switch (`VenueSpec::dead_man`) armed while this process lives and reaches the venue,
// so that the venue cancels our orders when it does not. docs/dead-man-switch.md says what that covers and what not.
//
// Countdown: each followed symbol is armed with the wanted time, and again at a third of it, ahead of everything but
// cancels. A symbol that is followed no more is kept armed while orders of it are open, then disarmed.
// On disconnect: the connection by which orders go is armed as soon as it is up, before the first order on it. Orders
// that leave by REST are not covered; that is told once for each time that it happens while no connection is armed.
//
// What the venue cancels comes back as any cancel of its own. Failures are `ConnectorErrorEvent`s of the channel
// "dead-man switch" and are retried for ever. Owned by one engine, on its thread; deterministic.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/events.hpp"
#include "calypte/log.hpp"

#include "engine/request_desk.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

class DeadMan {
 public:
  using HasOpenOrders = std::function<bool(const Symbol&)>;

  /// Whether a switch of this length can be had. `denied`, with what would do: out of the venue's range, so short for
  /// so many symbols that arming them would take more than half of a rate limit, or of the kind that covers frames
  /// alone where orders go by REST. ok for 0 and for a venue without a switch: there it is a matter of `calypte guard`.
  [[nodiscard]] static Status check(const venue::Venue& venue, Duration after, std::size_t symbols,
                                    const Decimal& rate_limits_share, bool orders_by_frames);

  /// `after` 0: off. `has_open_orders` is asked about symbols that are followed no more.
  DeadMan(const venue::Venue& venue, Duration after, RequestDesk& desk, HasOpenOrders has_open_orders, LogSink& log);

  /// Is there a switch, and is it wanted? Everything else does nothing otherwise.
  [[nodiscard]] bool on() const noexcept { return after_ > Duration::zero() && kind_ != venue::DeadManKind::none; }

  void start(Time now);
  /// What is armed at the venue stays armed there.
  void stop();
  void follow(const Symbol& symbol, Time now);
  void drop(const Symbol& symbol, Time now);
  /// `connection` numbers the connection by which orders go as frames; 0 while there is none.
  void on_time(std::uint64_t connection, Time now);
  [[nodiscard]] Time next_wakeup() const;

  /// Before a stop that leaves no order behind: takes all countdowns back, each with one attempt, and arms nothing any
  /// more until the next start.
  void disarm(Time now);
  /// After `disarm`: has every attempt been answered?
  [[nodiscard]] bool disarmed() const;  // false before `on_time` has run

  /// Would the venue act if we were gone from now on, for every symbol that is followed?
  [[nodiscard]] bool armed(Time now) const;
  /// Was it so ever since the start?
  [[nodiscard]] bool was_armed() const noexcept { return was_armed_; }
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }

 private:
  struct Countdown {
    bool followed = true;
    bool asking = false;
    bool failing = false;
    bool perhaps_armed = false;      ///< it was asked for, and nothing took it back since
    bool taken_back = false;         ///< the last request was one to disarm, or there was nothing to disarm
    Time armed_until = Time::min();  ///< at the earliest: it runs from when the venue has the request
    Time due = Time::min();
  };

  void arm(const Symbol& symbol, Duration after);
  void on_armed(const Symbol& symbol, Duration after, const Reply& reply);
  void arm_connection();
  void note_run_out(Time now);
  void note_orders_by_rest(Time now);
  void report(Status status, Time now);
  [[nodiscard]] Duration request_limit() const;

  venue::DeadManKind kind_;
  std::string_view venue_name_;
  Duration after_;
  Duration longest_request_;
  RequestDesk& desk_;
  HasOpenOrders has_open_orders_;
  LogSink& log_;
  bool running_ = false;
  bool disarming_ = false;
  bool was_armed_ = false;
  std::uint64_t generation_ = 0;  // of the run: answers that belong to an older one are worth nothing
  std::map<Symbol, Countdown> countdowns_;
  std::uint64_t connection_ = 0;        // up now; 0: none
  std::uint64_t armed_connection_ = 0;  // the last one that the venue confirmed
  bool asking_ = false;
  bool failing_ = false;
  Time due_ = kNever;
  std::uint64_t orders_by_rest_seen_ = 0;
  bool uncovered_told_ = false;
  std::vector<Event> events_;
};

}  // namespace calypte::engine
