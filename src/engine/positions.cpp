#include "engine/positions.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "engine/order_tracker.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

/// The clocks of the venue's parts, and our estimate of them, agree this well. A fill that happened closer to the time
/// of a list than this may or may not be in it.
constexpr Duration kPositionClockMargin = 2s;

}  // namespace

bool Positions::older(const Age& age, const std::optional<Age>& other) {
  if (!other) return false;
  if (age.venue && other->venue && *age.venue != *other->venue) return *age.venue < *other->venue;
  if (!age.pushed && other->pushed) return age.local <= other->local;
  return age.local < other->local;
}

Positions::Entry* Positions::entry_of(const Key& key) {
  const auto it = entries_.find(key);
  if (it != entries_.end()) return &it->second;
  if (entries_.size() >= kMaxPositions) {
    if (!std::exchange(full_, true)) {
      log_.log(LogLevel::error, "positions",
               fmt::format("more than {} positions: the rest is not known", kMaxPositions));
    }
    return nullptr;
  }
  Entry& entry = entries_[key];
  entry.position.trading_pair = key.first;
  entry.position.side = key.second;
  if (const auto leverage = leverages_.find(key.first); leverage != leverages_.end()) {
    entry.position.leverage = leverage->second;
  }
  return &entry;
}

void Positions::update(const Key& key, Entry& entry, const venue::PositionReport& report, const Age& age,
                       Time received) {
  Position& position = entry.position;
  const Decimal amount_before = position.amount;
  const Decimal price_before = position.entry_price;
  if (older(age, entry.age)) {
    // A list names the time of the last trade, a push perhaps that of its message: where they agree on the position,
    // a list that was asked for later still knows the newer profit.
    const bool same = report.amount == position.amount && report.entry_price.value_or(price_before) == price_before;
    if (!same || age.pushed || age.local < entry.age->local) return;
  } else {
    entry.age = age;
    position.venue_time = report.venue_time;
  }
  position.amount = report.amount;
  if (report.amount.is_zero()) {
    position.entry_price = 0;
    position.unrealized_profit = 0;
    position.liquidation_price.reset();
  } else {
    if (report.entry_price) position.entry_price = *report.entry_price;
    if (report.unrealized_profit) position.unrealized_profit = *report.unrealized_profit;
    if (report.liquidation_price) position.liquidation_price = report.liquidation_price;
  }
  if (report.margin_type) position.margin_type = report.margin_type;
  position.update_time = received;
  if (position.amount != amount_before) ++sum_of(key).heard;
  if (position.amount != amount_before || position.entry_price != price_before) changed(key, position, received);
}

void Positions::changed(const Key& key, const Position& position, Time now) {
  events_.emplace_back(PositionChangedEvent{.timestamp = now,
                                            .trading_pair = key.first,
                                            .side = key.second,
                                            .amount = position.amount,
                                            .entry_price = position.entry_price,
                                            .unrealized_profit = position.unrealized_profit,
                                            .leverage = position.leverage,
                                            .venue_time = position.venue_time});
}

void Positions::apply_stream(const TradingPair& pair, const venue::PositionReport& report, Time received) {
  const Key key{pair, report.side};
  if (Entry* entry = entry_of(key)) update(key, *entry, report, {received, report.venue_time, true}, received);
}

void Positions::apply_rest(std::span<const Report> reports, bool complete, Time asked, Time received) {
  if (last_asked_ && asked < *last_asked_) return;
  last_asked_ = asked;
  ++answers_;
  for (const auto& [pair, report] : reports) {
    const Key key{pair, report.side};
    Entry* entry = entry_of(key);
    if (entry == nullptr) continue;
    entry->answer = answers_;
    update(key, *entry, report, {asked, report.venue_time, false}, received);
  }
  if (!complete) return;
  for (auto& [key, entry] : entries_) {
    if (entry.answer == answers_ || entry.position.amount.is_zero()) continue;
    if (entry.age && entry.age->pushed && entry.age->local >= asked) continue;
    // Its age stays that of what was there; only the venue's time of it counts against a later push.
    venue::PositionReport closed;
    closed.side = key.second;
    closed.venue_time = entry.age ? entry.age->venue : std::nullopt;
    update(key, entry, closed, {asked, closed.venue_time, false}, received);
  }
  compare({asked, received});
}

Positions::Sum& Positions::sum_of(const Key& key) {
  const auto [it, added] = sums_.try_emplace(key);
  if (added && first_list_) {
    // The first list did not hold it, so it was 0 then.
    it->second.known = true;
    it->second.base = *first_list_;
  }
  return it->second;
}

void Positions::add_fill(const TradingPair& pair, PositionSide side, TradeType trade, const TradeId& id,
                         const Decimal& amount, Time happened) {
  if (id.empty() || !counted_.insert(fill_key(pair, trade, id))) return;
  const Key key{pair, side};
  if (!sums_.contains(key) && sums_.size() >= kMaxPositions) return;
  Sum& sum = sum_of(key);
  ++sum.heard;
  if (!sum.known || happened < sum.base.asked - kPositionClockMargin) return;
  if (happened <= sum.base.received + kPositionClockMargin) {
    // Nobody can say whether the base holds it: the next list is the new base.
    sum.known = false;
    return;
  }
  const auto total = Decimal::checked_add(sum.amount, trade == TradeType::buy ? amount : -amount);
  if (total) {
    sum.amount = *total;
  } else {
    sum.known = false;
  }
}

void Positions::compare(const Window& window) {
  if (!first_list_) first_list_ = window;
  list_ = window;
  std::set<Key> keys;
  for (const auto& [key, sum] : sums_) keys.insert(key);
  for (const auto& [key, entry] : entries_) keys.insert(key);
  for (const Key& key : keys) {
    const auto it = entries_.find(key);
    const Decimal amount = it == entries_.end() ? Decimal() : it->second.position.amount;
    // What was pushed while the list was under way says more than the list; the next one is compared.
    if (it != entries_.end() && it->second.age && it->second.age->pushed && it->second.age->local >= window.asked) {
      continue;
    }
    const bool first_seen = !sums_.contains(key) && window.asked == first_list_->asked;
    Sum& sum = sum_of(key);
    const auto take = [&] {
      sum.amount = amount;
      sum.known = true;
      sum.base = window;
      sum.difference.reset();
    };
    if (!sum.known || first_seen || sum.amount == amount) {
      take();
      continue;
    }
    const auto difference = Decimal::checked_sub(amount, sum.amount);
    if (!difference) {
      take();
      continue;
    }
    if (sum.difference && sum.difference->first == *difference && sum.difference->second == sum.heard) {
      log_.log(LogLevel::warning, "positions",
               fmt::format("{}: the known fills add up to {}, the venue holds {}", key.first.to_string(),
                           sum.amount.to_string(), amount.to_string()));
      events_.emplace_back(PositionMismatchEvent{.timestamp = window.received,
                                                 .trading_pair = key.first,
                                                 .side = key.second,
                                                 .amount_by_fills = sum.amount,
                                                 .amount_at_venue = amount});
      take();
    } else {
      sum.difference.emplace(*difference, sum.heard);
    }
  }
}

void Positions::set_leverage(const TradingPair& pair, const Decimal& leverage) {
  const auto [it, added] = leverages_.try_emplace(pair, leverage);
  if (!added && it->second == leverage) return;
  it->second = leverage;
  for (auto& [key, entry] : entries_) {
    if (key.first == pair) entry.position.leverage = leverage;
  }
}

std::vector<Position> Positions::all() const {
  std::vector<Position> result;
  for (const auto& [key, entry] : entries_) {
    if (!entry.position.amount.is_zero()) result.push_back(entry.position);
  }
  return result;
}

const Position* Positions::find(const TradingPair& pair, PositionSide side) const {
  const auto it = entries_.find({pair, side});
  return it == entries_.end() || it->second.position.amount.is_zero() ? nullptr : &it->second.position;
}

bool Positions::holds(const TradingPair& pair) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& item) {
    return item.first.first == pair && !item.second.position.amount.is_zero();
  });
}

std::optional<Decimal> Positions::amount_by_fills(const TradingPair& pair, PositionSide side) const {
  const auto it = sums_.find({pair, side});
  if (it == sums_.end()) return first_list_ ? std::optional(Decimal()) : std::nullopt;
  return it->second.known ? std::optional(it->second.amount) : std::nullopt;
}

}  // namespace calypte::engine
