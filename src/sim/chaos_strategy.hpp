// A strategy without sense: places, cancels and changes settings at random, and remembers what it did and heard.
//
// It stands for any strategy that keeps its own books. What it remembers outlives the process that ran it, as a
// database would, so that several processes after each other serve one strategy. Everything follows from the seed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "calypte/connector.hpp"
#include "calypte/derivative.hpp"

#include "core/random.hpp"

namespace calypte::sim {

class ChaosStrategy {
 public:
  ChaosStrategy(std::uint64_t seed, std::vector<TradingPair> pairs) : random_(seed), pairs_(std::move(pairs)) {}

  /// Does something, or nothing. `derivative` is the same connector, null if it is none. Returns an order that it
  /// concerned.
  std::optional<ClientOrderId> act(calypte::Exchange& exchange, Derivative* derivative);
  /// Answers an event now and then; to be called inside the callback.
  void react(calypte::Exchange& exchange, Derivative* derivative, const Event& event);
  /// The time of what follows.
  void set_time(Time now) noexcept { now_ = now; }

  /// Every id that a connector ever returned, with the time. An order without an event may never have left.
  [[nodiscard]] const std::map<ClientOrderId, Time>& placed() const noexcept { return placed_; }

 private:
  [[nodiscard]] std::optional<OrderIntent> any_order(calypte::Exchange& exchange, Derivative* derivative);
  [[nodiscard]] PositionAction position_action(Derivative& derivative, const TradingPair& pair, TradeType side,
                                               Decimal& amount);
  std::optional<ClientOrderId> place(calypte::Exchange& exchange, Derivative* derivative);
  std::optional<ClientOrderId> place_several(calypte::Exchange& exchange, Derivative* derivative);
  std::optional<ClientOrderId> cancel(calypte::Exchange& exchange, std::size_t count);

  core::Random random_;
  std::vector<TradingPair> pairs_;
  std::map<ClientOrderId, Time> placed_;
  Time now_{};
};

}  // namespace calypte::sim
