// Background trading in one instrument: everybody else at a simulated venue.
//
// A slowly moving fair price; limit orders that arrive mostly near the touch, about as many cancels, small market
// orders and now and then a sweep through several levels; arrivals are clustered in bursts. The book is kept at
// `min_levels` a side at least. Everything follows from the seed, in integer arithmetic, so that it is the same on
// every platform.
//
// Two accounts of its own with ample balances, which are not recorded: one that mostly provides, one that takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "calypte/time.hpp"

#include "core/random.hpp"
#include "sim/exchange.hpp"

namespace calypte::sim {

struct FlowOptions {
  std::uint32_t orders_per_second = 50;   ///< mean of all actions; 0: only what keeps the book populated
  std::size_t min_levels = 60;            ///< a side
  std::size_t target_orders = 400;        ///< resting orders of the flow around which adds and cancels balance
  std::uint32_t fair_move_bps_x100 = 30;  ///< typical move of the fair price a second, in hundredths of a basis point
  std::uint32_t spread_bps_x100 = 40;     ///< typical distance of quotes from the fair price, same unit
  std::int64_t notional = 2000;           ///< typical size of an order, in quote
};

class OrderFlow {
 public:
  /// `exchange` must outlive the flow. The first orders are placed by the first `run` or `step`.
  OrderFlow(Exchange& exchange, std::size_t instrument, FlowOptions options, std::uint64_t seed, Time start);

  /// Carries out everything that is due up to `now`.
  void run(Time now);
  /// One action at `now`, also while paused.
  void step(Time now);
  /// When `run` has something to do; `kNever` while paused.
  [[nodiscard]] Time next() const noexcept { return paused_ ? kNever : next_; }
  /// Nothing is made up for after a pause: the flow goes on from the time of `resume`.
  void pause() noexcept { paused_ = true; }
  void resume(Time now);
  [[nodiscard]] bool paused() const noexcept { return paused_; }
  void set_rate(std::uint32_t orders_per_second, Time now);

  [[nodiscard]] std::int64_t fair_price_ticks() const noexcept { return fair_; }
  [[nodiscard]] AccountId maker_account() const noexcept { return maker_; }
  [[nodiscard]] AccountId taker_account() const noexcept { return taker_; }

 private:
  void populate(Time now);
  void act(Time now);
  void move_fair(Time now);
  void add(Side side, Time now);
  void add_at(Side side, std::int64_t ticks, Time now);
  void cancel_one(Time now);
  void take(Side side, std::uint64_t size_factor, Time now);
  void schedule(Time now);
  [[nodiscard]] std::int64_t lots_for(std::uint64_t size_factor);
  /// A positive random distance in ticks: small ones are likely, and the tail is long.
  [[nodiscard]] std::int64_t distance();
  /// `mean` times a sample of a piecewise-linear exponential of mean one.
  [[nodiscard]] std::int64_t exponential(std::int64_t mean);

  Exchange& exchange_;
  std::size_t instrument_;
  FlowOptions options_;
  core::Random random_;
  AccountId maker_ = 0;
  AccountId taker_ = 0;
  std::int64_t fair_ = 0;  ///< ticks
  std::int64_t anchor_ = 0;
  Time fair_moved_{};
  Time next_{};
  std::uint32_t burst_left_ = 0;
  bool paused_ = false;
  std::vector<OrderId> live_;  ///< ours that rested when placed; those that ended are dropped when met
};

}  // namespace calypte::sim
