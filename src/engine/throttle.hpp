// Client-side rate limiting: sliding windows with weights and linked pools, first in first out within a lane, lanes by
// urgency with a reserve for cancels, and obedience to the venue's "not before".
//
// Owned by one engine, used on its thread. The texts of the limits given to `create` must outlive the throttle; they
// are the venue's constant table. Times given to one throttle never decrease.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/result.hpp"
#include "calypte/time.hpp"

#include "venue/spec.hpp"

namespace calypte::engine {

/// The order of urgency. A waiting call gets its tokens before every call that is less urgent, or as urgent and came
/// later: what it needs is put aside for it. Such a call overtakes only where it takes nothing of that, as when the
/// one before it waits for the limit of its own end point and their common pool has room for both. Calls of one id in
/// one lane never overtake each other.
enum class Lane : std::uint8_t { cancel, order, query, bulk };
inline constexpr std::size_t kLanes = 4;

class Throttle {
 public:
  using Ticket = std::uint64_t;

  struct Options {
    Decimal share = 1;  ///< of each limit, in (0, 1], rounded down, never below 1
    /// Each window is longer by this fraction, because the venue counts arrivals and the way there varies.
    Decimal safety_margin = Decimal::from_parts(5, 2);
    /// This share of a limit, in [0, 1), rounded down, only cancels may use; less where another call would not fit.
    Decimal cancel_reserve = Decimal::from_parts(1, 1);
    std::size_t max_waiting = 10'000;  ///< in each lane, so that a flood of queries cannot keep a cancel out
  };

  /// `malformed` if an id stands twice, a link names no row, names its own row or stands twice, a limit or an interval
  /// is not positive, a weight exceeds its limit as reduced by the share (it could never be granted), or an option is
  /// out of its range.
  [[nodiscard]] static Result<Throttle> create(std::span<const venue::RateLimit> limits, Options options);

  /// Would a call of `id` be allowed now, if nothing waited? An id without a limit always is.
  [[nodiscard]] bool within_capacity(std::string_view id, Time now, Lane lane = Lane::query) const;
  /// The limits that a call of `id` counts against besides its own.
  [[nodiscard]] std::span<const venue::LinkedLimit> related_limits(std::string_view id) const;
  /// The limit in force, after the share; 0 for an id without a limit.
  [[nodiscard]] std::uint32_t limit(std::string_view id) const;
  /// Units used within the window of `id`. A use counts up to and including the end of its window.
  [[nodiscard]] std::uint32_t used(std::string_view id, Time now) const;

  /// Takes a token if there is one and nothing as urgent waits for a limit that `id` counts against: true. Otherwise
  /// false, and nothing is taken.
  [[nodiscard]] bool try_acquire(std::string_view id, Lane lane, Time now);
  /// Queues for a token, also for an id without a limit. `denied` with `queue_full` at the bound.
  [[nodiscard]] Result<Ticket> enqueue(std::string_view id, Lane lane);
  /// Gives up waiting. False if the ticket is not waiting.
  bool abandon(Ticket ticket);
  /// The tickets whose turn has come, each with its token taken, most urgent lane first, first in first out in a lane.
  [[nodiscard]] std::vector<Ticket> grant(Time now);
  [[nodiscard]] std::size_t waiting() const noexcept;

  /// The venue refused a call of `id` for its rate: nothing of that limit and its pools leaves before `until`, cancels
  /// included. An earlier block that lasts longer stays. Without effect for an id without a limit.
  void block(std::string_view id, Time until);
  /// The venue says that `used` units of the limit `id` are used up in its present window. What it counts more than we
  /// do, from a start before ours or another program with the same key, counts as used now; ours is never lowered,
  /// since the venue may not have counted what is still on its way. An id without a limit is ignored.
  void note_used(std::string_view id, std::uint32_t used, Time now);
  /// The first moment, not before `now`, at which `grant` gives something if nothing else happens; `kNever` if nothing
  /// waits.
  [[nodiscard]] Time next_wakeup(Time now) const;

 private:
  struct Use {
    Time at;
    std::uint32_t weight;
  };
  struct Window {
    std::uint32_t limit = 0;
    std::uint32_t reserve = 0;
    Duration length{0};
    std::deque<Use> uses;  // oldest first; those that are over are dropped when a token is taken
    std::uint64_t total = 0;
    Time blocked_until = Time::min();

    [[nodiscard]] std::uint64_t used(Time now) const;
    [[nodiscard]] std::uint64_t room(Lane lane) const { return lane == Lane::cancel ? limit : limit - reserve; }
    [[nodiscard]] Time free_at(std::uint64_t budget, Time now) const;
    void take(std::uint32_t weight, Time now);
  };
  struct Charge {
    std::size_t window;
    std::uint32_t weight;
  };
  /// A kind of call: what it costs, and who waits for it.
  struct Call {
    std::string_view id;
    std::span<const venue::LinkedLimit> linked;
    std::vector<Charge> charges;
    std::array<std::deque<Ticket>, kLanes> waiting;  // tickets grow, so the front is the oldest
  };
  using PutAside = std::vector<std::uint64_t>;  // units by window

  Throttle() = default;
  [[nodiscard]] std::size_t index_of(std::string_view id) const;
  [[nodiscard]] bool fits(const Call& call, Lane lane, Time now, const PutAside* aside) const;
  [[nodiscard]] bool somebody_waits(const Call& call, Lane lane) const;
  void take(const Call& call, Time now);
  template <typename Visit>
  void for_each_front(Visit visit) const;

  std::vector<Window> windows_;
  std::vector<Call> calls_;  // as `windows_`, and one more without charges for the ids that have no limit
  std::array<std::size_t, kLanes> count_{};
  std::size_t max_waiting_ = 0;
  Ticket next_ticket_ = 1;
};

}  // namespace calypte::engine
