#include "engine/throttle.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

namespace calypte::engine {
namespace {

Status bad(std::string_view id, std::string_view what) {
  return {StatusCode::malformed, "rate limit '" + std::string(id) + "': " + std::string(what)};
}

std::optional<std::int64_t> scaled(std::int64_t value, const Decimal& factor, Rounding rounding) {
  const auto product = Decimal::checked_mul(factor, value);
  if (!product) return std::nullopt;
  const Decimal whole = product->rescaled(0, rounding);
  if (whole > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return static_cast<std::int64_t>(whole.coefficient());
}

constexpr std::size_t to_index(Lane lane) { return static_cast<std::size_t>(lane); }

}  // namespace

Result<Throttle> Throttle::create(std::span<const venue::RateLimit> limits, Options options) {
  if (!options.share.is_positive() || options.share > 1) return bad("*", "the share is not in (0, 1]");
  if (options.safety_margin.is_negative()) return bad("*", "the safety margin is negative");
  if (options.cancel_reserve.is_negative() || options.cancel_reserve >= 1) {
    return bad("*", "the reserve for cancels is not in [0, 1)");
  }

  Throttle throttle;
  throttle.max_waiting_ = options.max_waiting;
  for (const venue::RateLimit& row : limits) {
    if (row.limit == 0) return bad(row.id, "the limit is zero");
    if (row.interval <= Duration{0}) return bad(row.id, "the interval is not positive");
    const auto same_id = [&](const Call& call) { return call.id == row.id; };
    if (std::ranges::any_of(throttle.calls_, same_id)) return bad(row.id, "stands twice");

    const auto reduced = scaled(row.limit, options.share, Rounding::floor);
    const auto margin = scaled(row.interval.count(), options.safety_margin, Rounding::ceiling);
    // Half of the range is far more than any limit needs and keeps every sum of a time and a window representable.
    if (!reduced || !margin || *margin > Duration::max().count() / 4 ||
        row.interval.count() > Duration::max().count() / 4) {
      return bad(row.id, "the interval is too long");
    }
    Window window;
    window.limit = static_cast<std::uint32_t>(std::max<std::int64_t>(1, *reduced));
    window.length = row.interval + Duration{*margin};
    throttle.windows_.push_back(std::move(window));
    throttle.calls_.push_back({row.id, row.linked, {}, {}});
  }
  throttle.calls_.emplace_back();

  std::vector<std::uint32_t> heaviest(limits.size(), 0);
  for (std::size_t i = 0; i < limits.size(); ++i) {
    auto& charges = throttle.calls_[i].charges;
    charges.push_back({i, limits[i].weight});
    for (const venue::LinkedLimit& link : limits[i].linked) {
      const std::size_t target = throttle.index_of(link.id);
      if (target == limits.size()) return bad(limits[i].id, "links to '" + std::string(link.id) + "', which is no row");
      const auto same = [&](const Charge& charge) { return charge.window == target; };
      if (std::ranges::any_of(charges, same)) {
        return bad(limits[i].id, "counts against '" + std::string(link.id) + "' twice");
      }
      charges.push_back({target, link.weight});
    }
    for (const Charge& charge : charges) {
      if (charge.weight > throttle.windows_[charge.window].limit) {
        return bad(limits[i].id, "a weight exceeds the limit of '" + std::string(limits[charge.window].id) + "'");
      }
      heaviest[charge.window] = std::max(heaviest[charge.window], charge.weight);
    }
  }
  for (std::size_t i = 0; i < limits.size(); ++i) {
    Window& window = throttle.windows_[i];
    const auto reserve = scaled(window.limit, options.cancel_reserve, Rounding::floor);
    // A reserve that leaves no room for the heaviest call would let it wait for ever.
    window.reserve = std::min(static_cast<std::uint32_t>(reserve.value_or(0)), window.limit - heaviest[i]);
  }
  return throttle;
}

std::uint64_t Throttle::Window::used(Time now) const {
  std::uint64_t units = total;
  for (const Use& use : uses) {
    if (now - use.at <= length) break;
    units -= use.weight;
  }
  return units;
}

/// The first moment from `now` on at which at most `budget` units are in use.
Time Throttle::Window::free_at(std::uint64_t budget, Time now) const {
  std::uint64_t units = total;
  Time at = now;
  for (const Use& use : uses) {
    if (units <= budget) break;
    units -= use.weight;
    // A use still counts at the very end of its window.
    at = std::max(at, use.at + length + Duration{1});
  }
  return std::max(at, blocked_until);
}

void Throttle::Window::take(std::uint32_t weight, Time now) {
  while (!uses.empty() && now - uses.front().at > length) {
    total -= uses.front().weight;
    uses.pop_front();
  }
  if (weight == 0) return;
  uses.push_back({now, weight});
  total += weight;
}

std::size_t Throttle::index_of(std::string_view id) const {
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    if (calls_[i].id == id) return i;
  }
  return windows_.size();
}

bool Throttle::fits(const Call& call, Lane lane, Time now, const PutAside* aside) const {
  return std::ranges::all_of(call.charges, [&](const Charge& charge) {
    const Window& window = windows_[charge.window];
    const std::uint64_t others = aside != nullptr ? (*aside)[charge.window] : 0;
    return now >= window.blocked_until && window.used(now) + others + charge.weight <= window.room(lane);
  });
}

bool Throttle::somebody_waits(const Call& call, Lane lane) const {
  const auto shares_a_limit = [&](const Call& other) {
    return std::ranges::any_of(other.charges, [&](const Charge& a) {
      return std::ranges::any_of(call.charges, [&](const Charge& b) { return a.window == b.window; });
    });
  };
  for (const Call& other : calls_) {
    for (std::size_t i = 0; i <= to_index(lane); ++i) {
      if (!other.waiting[i].empty() && shares_a_limit(other)) return true;
    }
  }
  return false;
}

void Throttle::take(const Call& call, Time now) {
  for (const Charge& charge : call.charges) windows_[charge.window].take(charge.weight, now);
}

bool Throttle::within_capacity(std::string_view id, Time now, Lane lane) const {
  return fits(calls_[index_of(id)], lane, now, nullptr);
}

std::span<const venue::LinkedLimit> Throttle::related_limits(std::string_view id) const {
  return calls_[index_of(id)].linked;
}

std::uint32_t Throttle::limit(std::string_view id) const {
  const std::size_t i = index_of(id);
  return i < windows_.size() ? windows_[i].limit : 0;
}

std::uint32_t Throttle::used(std::string_view id, Time now) const {
  const std::size_t i = index_of(id);
  return i < windows_.size() ? static_cast<std::uint32_t>(windows_[i].used(now)) : 0;
}

bool Throttle::try_acquire(std::string_view id, Lane lane, Time now) {
  const Call& call = calls_[index_of(id)];
  if (somebody_waits(call, lane) || !fits(call, lane, now, nullptr)) return false;
  take(call, now);
  return true;
}

Result<Throttle::Ticket> Throttle::enqueue(std::string_view id, Lane lane) {
  if (count_[to_index(lane)] >= max_waiting_) {
    return Status{StatusCode::denied, FailureReason::queue_full,
                  std::to_string(max_waiting_) + " requests wait for the rate limit already"};
  }
  const Ticket ticket = next_ticket_++;
  calls_[index_of(id)].waiting[to_index(lane)].push_back(ticket);
  ++count_[to_index(lane)];
  return ticket;
}

bool Throttle::abandon(Ticket ticket) {
  for (Call& call : calls_) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      auto& queue = call.waiting[lane];
      const auto at = std::ranges::lower_bound(queue, ticket);
      if (at == queue.end() || *at != ticket) continue;
      queue.erase(at);
      --count_[lane];
      return true;
    }
  }
  return false;
}

std::size_t Throttle::waiting() const noexcept {
  std::size_t sum = 0;
  for (const std::size_t n : count_) sum += n;
  return sum;
}

/// Visits the waiting calls in the order of their turn as `visit(call index, lane)`. True from `visit` says that the
/// front of this queue was taken, and the next one of it is a candidate now; false that it must wait, and then nothing
/// else of the same call is visited: it needs the same units and would have to wait as well.
template <typename Visit>
void Throttle::for_each_front(Visit visit) const {
  std::vector<bool> stalled(calls_.size(), false);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (count_[lane] == 0) continue;
    for (;;) {
      std::size_t next = calls_.size();
      for (std::size_t i = 0; i < calls_.size(); ++i) {
        if (stalled[i] || calls_[i].waiting[lane].empty()) continue;
        if (next == calls_.size() || calls_[i].waiting[lane].front() < calls_[next].waiting[lane].front()) next = i;
      }
      if (next == calls_.size()) break;
      if (!visit(next, static_cast<Lane>(lane))) stalled[next] = true;
    }
  }
}

std::vector<Throttle::Ticket> Throttle::grant(Time now) {
  std::vector<Ticket> granted;
  PutAside aside(windows_.size(), 0);
  for_each_front([&](std::size_t i, Lane lane) {
    Call& call = calls_[i];
    if (!fits(call, lane, now, &aside)) {
      for (const Charge& charge : call.charges) aside[charge.window] += charge.weight;
      return false;
    }
    take(call, now);
    auto& queue = call.waiting[to_index(lane)];
    granted.push_back(queue.front());
    queue.pop_front();
    --count_[to_index(lane)];
    return true;
  });
  return granted;
}

void Throttle::block(std::string_view id, Time until) {
  for (const Charge& charge : calls_[index_of(id)].charges) {
    Time& blocked = windows_[charge.window].blocked_until;
    blocked = std::max(blocked, until);
  }
}

void Throttle::note_used(std::string_view id, std::uint32_t used, Time now) {
  const std::size_t i = index_of(id);
  if (i >= windows_.size()) return;
  const std::uint64_t ours = windows_[i].used(now);
  if (used > ours) windows_[i].take(static_cast<std::uint32_t>(used - ours), now);
}

Time Throttle::next_wakeup(Time now) const {
  // Up to the moment sought every front waits, so each one sees what all before it have put aside.
  Time earliest = kNever;
  PutAside aside(windows_.size(), 0);
  for_each_front([&](std::size_t i, Lane lane) {
    Time turn = now;
    for (const Charge& charge : calls_[i].charges) {
      const Window& window = windows_[charge.window];
      const std::uint64_t needed = aside[charge.window] + charge.weight;
      const std::uint64_t room = window.room(lane);
      turn = needed > room ? kNever : std::max(turn, window.free_at(room - needed, now));
      if (turn == kNever) break;
    }
    earliest = std::min(earliest, turn);
    for (const Charge& charge : calls_[i].charges) aside[charge.window] += charge.weight;
    return false;
  });
  return earliest;
}

}  // namespace calypte::engine
