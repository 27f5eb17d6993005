#include "sim/matching_engine.hpp"

#include <algorithm>
#include <cassert>

namespace calypte::sim {

bool MatchingEngine::would_take(Side side, std::int64_t price) const noexcept {
  const std::optional<std::int64_t> touch = best(opposite(side));
  return touch && (side == Side::buy ? *touch <= price : *touch >= price);
}

void MatchingEngine::submit(const EngineOrder& order, Events& out, const ReduceLimit& limit) {
  assert(order.price > 0 && order.quantity > 0 && !rests(order.id));
  if (order.post_only && would_take(order.side, order.price)) {
    out.emplace_back(Closed{order.id, order.quantity, CloseReason::would_take});
    return;
  }
  if (order.time_in_force == TimeInForce::fill_or_kill && !can_fill_whole(order, limit)) {
    out.emplace_back(Closed{order.id, order.quantity, CloseReason::killed});
    return;
  }
  std::optional<CloseReason> ended;
  const std::int64_t remaining = match(order, ended, out, limit);
  if (remaining == 0) ended = CloseReason::filled;
  if (!ended && order.time_in_force != TimeInForce::good_till_cancel) ended = CloseReason::not_filled;
  if (ended) {
    out.emplace_back(Closed{order.id, remaining, *ended});
    return;
  }
  rest(order, remaining);
  out.emplace_back(Rested{order.id, remaining});
}

bool MatchingEngine::can_fill_whole(const EngineOrder& order, const ReduceLimit& limit) const {
  const std::int64_t worst = key_of(opposite(order.side), order.price);
  std::int64_t found = 0;
  Events rehearsed;  // What the limit has to know of the executions before.
  if (limit && order.reduce_only && limit(order, rehearsed) < order.quantity) return false;
  for (const auto& [key, level] : book(opposite(order.side))) {
    if (key > worst || found >= order.quantity) break;
    if (order.self_trade == SelfTradePrevention::none && !limit) {
      found += level.quantity;
      continue;
    }
    for (const Resting& maker : level.queue) {
      if (found >= order.quantity) break;
      if (maker.order.account == order.account && order.self_trade != SelfTradePrevention::none) {
        if (order.self_trade == SelfTradePrevention::cancel_maker) continue;
        return false;  // Matching would stop here, because the taker is cancelled.
      }
      std::int64_t quantity = std::min(maker.remaining, order.quantity - found);
      if (limit && maker.order.reduce_only) quantity = std::min(quantity, limit(maker.order, rehearsed));
      if (quantity <= 0) continue;
      found += quantity;
      if (limit) {
        rehearsed.emplace_back(Execution{maker.order.id, order.id, maker.order.account, order.account, order.side,
                                         maker.order.price, quantity, maker.remaining - quantity,
                                         order.quantity - found});
      }
    }
  }
  return found >= order.quantity;
}

std::int64_t MatchingEngine::match(const EngineOrder& order, std::optional<CloseReason>& ended, Events& out,
                                   const ReduceLimit& limit) {
  Book& others = book(opposite(order.side));
  const std::int64_t worst = key_of(opposite(order.side), order.price);
  std::int64_t remaining = order.quantity;
  std::int64_t budget = order.budget.value_or(0);
  while (remaining > 0 && !others.empty() && others.begin()->first <= worst) {
    const auto level = others.begin();
    const auto maker = level->second.queue.begin();
    const std::int64_t price = maker->order.price;
    if (maker->order.account == order.account && order.self_trade != SelfTradePrevention::none) {
      const SelfTradePrevention rule = order.self_trade;
      if (rule != SelfTradePrevention::cancel_taker) {
        out.emplace_back(Closed{maker->order.id, maker->remaining, CloseReason::self_trade});
        remove(where_.at(maker->order.id));
      }
      if (rule != SelfTradePrevention::cancel_maker) {
        ended = CloseReason::self_trade;
        return remaining;
      }
      continue;
    }
    std::int64_t quantity = std::min(remaining, maker->remaining);
    if (limit && maker->order.reduce_only) {
      const std::int64_t allowed = limit(maker->order, out);
      if (allowed <= 0) {
        out.emplace_back(Closed{maker->order.id, maker->remaining, CloseReason::reduce_only});
        remove(where_.at(maker->order.id));
        continue;
      }
      quantity = std::min(quantity, allowed);
    }
    if (limit && order.reduce_only) {
      const std::int64_t allowed = limit(order, out);
      if (allowed <= 0) {
        ended = CloseReason::reduce_only;
        return remaining;
      }
      quantity = std::min(quantity, allowed);
    }
    if (order.budget) {
      quantity = std::min(quantity, budget / price);
      if (quantity == 0) {
        ended = CloseReason::budget_spent;
        return remaining;
      }
      budget -= quantity * price;
    }
    remaining -= quantity;
    maker->remaining -= quantity;
    level->second.quantity -= quantity;
    ++version_;
    out.emplace_back(Execution{maker->order.id, order.id, maker->order.account, order.account, order.side, price,
                               quantity, maker->remaining, remaining});
    if (maker->remaining == 0) {
      out.emplace_back(Closed{maker->order.id, 0, CloseReason::filled});
      remove(where_.at(maker->order.id));
    }
  }
  return remaining;
}

void MatchingEngine::rest(const EngineOrder& order, std::int64_t remaining) {
  const std::int64_t key = key_of(order.side, order.price);
  Level& level = book(order.side)[key];
  level.queue.push_back(Resting{order, remaining});
  level.quantity += remaining;
  where_.emplace(order.id, Place{order.side, key, std::prev(level.queue.end())});
  ++version_;
}

void MatchingEngine::remove(const Place& place) {
  const Place copy = place;  // The place itself goes with the entry of the index.
  Book& side = book(copy.side);
  const auto level = side.find(copy.key);
  level->second.quantity -= copy.resting->remaining;
  where_.erase(copy.resting->order.id);
  level->second.queue.erase(copy.resting);
  if (level->second.queue.empty()) side.erase(level);
  ++version_;
}

bool MatchingEngine::cancel(OrderId id, Events& out, CloseReason reason) {
  const auto found = where_.find(id);
  if (found == where_.end()) return false;
  out.emplace_back(Closed{id, found->second.resting->remaining, reason});
  remove(found->second);
  return true;
}

bool MatchingEngine::amend(OrderId id, std::int64_t price, std::int64_t remaining, Events& out,
                           const ReduceLimit& limit) {
  assert(price > 0 && remaining > 0);
  const auto found = where_.find(id);
  if (found == where_.end()) return false;
  Resting& resting = *found->second.resting;
  out.emplace_back(Amended{id, price, remaining});
  if (price == resting.order.price && remaining <= resting.remaining) {
    book(found->second.side).at(found->second.key).quantity -= resting.remaining - remaining;
    resting.remaining = remaining;
    ++version_;
    return true;
  }
  EngineOrder anew = resting.order;
  anew.price = price;
  anew.quantity = remaining;
  remove(found->second);
  submit(anew, out, limit);
  return true;
}

std::optional<std::int64_t> MatchingEngine::best(Side side) const noexcept {
  const Book& levels = book(side);
  if (levels.empty()) return std::nullopt;
  return side == Side::buy ? -levels.begin()->first : levels.begin()->first;
}

void MatchingEngine::levels(Side side, std::size_t depth, std::vector<EngineLevel>& out) const {
  out.clear();
  for (const auto& [key, level] : book(side)) {
    if (out.size() == depth) break;
    out.push_back(
        EngineLevel{side == Side::buy ? -key : key, level.quantity, static_cast<std::uint32_t>(level.queue.size())});
  }
}

}  // namespace calypte::sim
