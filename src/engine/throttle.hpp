// Client-side rate limiting: sliding windows with weights and linked pools, first in first out within a lane, lanes by
// urgency with a reserve for cancels, and obedience to the venue's "not before".
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/result.hpp"
#include "calypte/time.hpp"

#include "venue/spec.hpp"

namespace calypte::engine {

/// The order of urgency. A lane is served only when no more urgent one of the same limit waits.
enum class Lane : std::uint8_t { cancel, order, query, bulk };

class Throttle {
 public:
  using Ticket = std::uint64_t;

  struct Options {
    Decimal share = 1;                                   ///< of each limit, rounded down, never below 1
    Decimal safety_margin = Decimal::from_parts(5, 2);   ///< each window is longer by this fraction
    Decimal cancel_reserve = Decimal::from_parts(1, 1);  ///< this share of a limit (rounded down) only cancels may use
    std::size_t max_waiting = 10'000;
  };

  /// `malformed` if an id stands twice, a link names no row, or a weight exceeds its limit.
  [[nodiscard]] static Result<Throttle> create(std::span<const venue::RateLimit> limits, Options options);

  /// Would a call of `id` be allowed now? An id without a limit always is.
  [[nodiscard]] bool within_capacity(std::string_view id, Time now, Lane lane = Lane::query) const;
  /// The limits that a call of `id` counts against besides its own.
  [[nodiscard]] std::span<const venue::LinkedLimit> related_limits(std::string_view id) const;
  /// The limit in force, after the share.
  [[nodiscard]] std::uint32_t limit(std::string_view id) const;
  /// Units used within the window of `id`.
  [[nodiscard]] std::uint32_t used(std::string_view id, Time now) const;

  /// Takes a token if there is one and nothing as urgent waits before it: true. Otherwise false, and nothing is taken.
  [[nodiscard]] bool try_acquire(std::string_view id, Lane lane, Time now);
  /// Queues for a token. `denied` with `queue_full` at the bound.
  [[nodiscard]] Result<Ticket> enqueue(std::string_view id, Lane lane);
  /// Gives up waiting. False if the ticket is not waiting.
  bool abandon(Ticket ticket);
  /// The tickets whose turn has come, each with its token taken, most urgent lane first, first in first out in a lane.
  [[nodiscard]] std::vector<Ticket> grant(Time now);
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

  /// The venue refused a call of `id` for its rate: nothing of that limit and its pools leaves before `until`.
  void block(std::string_view id, Time until);
  /// When `grant` may give something; `kNever` if nothing waits.
  [[nodiscard]] Time next_wakeup(Time now) const;

 private:
  struct Use {
    Time at;
    std::uint32_t weight;
  };
  struct Window {
    std::string_view id;
    std::uint32_t limit;
    std::uint32_t reserve;
    Duration interval;
    std::uint32_t weight;
    std::span<const venue::LinkedLimit> linked;
    std::deque<Use> uses;
    Time blocked_until{};
  };
  struct Waiter {
    Ticket ticket;
    std::string_view id;
    Lane lane;
  };

  Throttle() = default;

  std::vector<Window> windows_;
  std::deque<Waiter> waiting_;
  std::size_t max_waiting_ = 0;
  Ticket next_ticket_ = 1;
};

}  // namespace calypte::engine
