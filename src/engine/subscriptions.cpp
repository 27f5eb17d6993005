#include "engine/subscriptions.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/excuse.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr Duration kLeaveLimit = 3s;           // an unsubscription that is not answered is taken as done
constexpr Duration kRetryRefused = 30s;        // a refusal may be temporary: a maintenance, a listing
constexpr std::uint32_t kUnansweredLimit = 3;  // then the connection itself is doubted

/// Public trades of a quiet instrument bring no message and, at some venues, no bare acknowledgement; only channels
/// whose loss would make us lie are insisted on.
bool must_be_confirmed(venue::Channel channel) {
  return channel != venue::Channel::trades && channel != venue::Channel::ticker;
}

/// Does the venue's channel name speak of this symbol? It must stand there whole: BTC_USD is not named by
/// "book.BTC_USDT.50".
bool names_symbol(std::string_view channel, std::string_view symbol) {
  const auto part_of_word = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-' ||
           c == '/';
  };
  for (auto at = channel.find(symbol); at != std::string_view::npos; at = channel.find(symbol, at + 1)) {
    const auto end = at + symbol.size();
    if ((at == 0 || !part_of_word(channel[at - 1])) && (end == channel.size() || !part_of_word(channel[end])))
      return true;
  }
  return false;
}

}  // namespace

void Subscriptions::want(const venue::Subscription& subscription, Time now) {
  wanted_.try_emplace(subscription);
  ask_for_idle(now);
}

void Subscriptions::unwant(const venue::Subscription& subscription, Time now) {
  const auto it = wanted_.find(subscription);
  if (it == wanted_.end()) return;
  const bool known_to_venue = it->second.state == State::asked || it->second.state == State::confirmed;
  wanted_.erase(it);
  if (known_to_venue && session_.is_up()) send({subscription}, false, now);
}

void Subscriptions::renew(const venue::Subscription& subscription, Time now) {
  const auto it = wanted_.find(subscription);
  if (it == wanted_.end() || !session_.is_up()) return;
  if (it->second.state != State::asked && it->second.state != State::confirmed) return;
  send({subscription}, false, now);
  it->second.state = State::leaving;
  it->second.deadline = now + kLeaveLimit;
}

void Subscriptions::on_session_up(Time now) { ask_for_idle(now); }

void Subscriptions::on_session_down() {
  for (auto& [subscription, entry] : wanted_) entry = Entry{};
}

void Subscriptions::ask_for_idle(Time now) {
  if (!session_.is_up()) return;
  // One batch a channel: venues put a channel's parameters into the frame. The map is ordered by channel, then symbol.
  std::vector<venue::Subscription> batch;
  for (const auto& [subscription, entry] : wanted_) {
    if (entry.state != State::idle) continue;
    const bool full = batch.size() >= venue_.spec().streams.max_channels_per_frame;
    if (!batch.empty() && (full || batch.front().channel != subscription.channel)) {
      send(std::exchange(batch, {}), true, now);
    }
    batch.push_back(subscription);
  }
  if (!batch.empty()) send(std::move(batch), true, now);
}

void Subscriptions::send(std::vector<venue::Subscription> batch, bool on, Time now) {
  const std::uint64_t id = next_id_++;
  frames_.clear();
  venue_.subscribe(batch, on, id, frames_);
  const std::uint64_t frame_count = std::max<std::uint64_t>(frames_.size(), 1);
  next_id_ = id + frame_count;
  for (auto& frame : frames_) {
    if (!session_.send(std::move(frame), now)) {
      session_.reconnect("the queue of outgoing frames is full", now);
      return;
    }
  }
  // A venue that takes one subscription a frame answers each by its own id.
  const bool one_each = frame_count == batch.size();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& subscription = batch[i];
    const auto it = wanted_.find(subscription);
    if (it == wanted_.end()) continue;
    it->second.frame_id = one_each ? id + i : id;
    it->second.frame_count = one_each ? 1 : frame_count;
    if (!on) continue;
    if (frames_.empty()) {
      // The venue pushes it without being asked.
      it->second.state = State::confirmed;
      outcomes_.push_back({Outcome::Kind::asked, subscription, {}});
      outcomes_.push_back({Outcome::Kind::confirmed, subscription, {}});
      continue;
    }
    it->second.state = State::asked;
    it->second.deadline =
        must_be_confirmed(subscription.channel) ? now + venue_.spec().streams.subscribe_limit : kNever;
    outcomes_.push_back({Outcome::Kind::asked, subscription, {}});
  }
}

void Subscriptions::on_result(const venue::SubscriptionResult& result, Time now) {
  bool matched = false;
  for (auto& [subscription, entry] : wanted_) {
    if (result.id < entry.frame_id || result.id - entry.frame_id >= entry.frame_count) continue;
    // An answer that names a channel speaks of that one alone; one that names none speaks of the whole frame.
    if (!result.channel.empty() && !subscription.symbol.empty() &&
        !names_symbol(result.channel, subscription.symbol.value)) {
      continue;
    }
    if (entry.state == State::leaving) {
      // Whatever the answer to the unsubscription was, the way is free.
      entry = Entry{.unanswered = entry.unanswered};
      matched = true;
    } else if (entry.state == State::asked || entry.state == State::confirmed) {
      matched = true;
      if (result.status.ok()) {
        const bool first = entry.state == State::asked;
        entry.state = State::confirmed;
        entry.deadline = kNever;
        entry.unanswered = 0;
        if (first) outcomes_.push_back({Outcome::Kind::confirmed, subscription, {}});
      } else {
        entry.state = State::refused;
        entry.deadline = now + kRetryRefused;
        outcomes_.push_back({Outcome::Kind::refused, subscription, result.status});
      }
    }
  }
  if (!matched && !result.status.ok()) {
    log_.log(
        LogLevel::warning, to_string(session_.stream()),
        fmt::format("a refusal that belongs to no subscription: {} {}", result.channel, result.status.to_string()));
  }
  ask_for_idle(now);
}

void Subscriptions::on_data(venue::Channel channel, std::string_view symbol) {
  // On the path of every message: one pass over nothing if all is confirmed would still cost, so look the entry up only
  // while something is open.
  if (all_confirmed()) return;
  for (auto& [subscription, entry] : wanted_) {
    if (entry.state != State::asked || subscription.channel != channel || subscription.symbol.value != symbol) continue;
    entry.state = State::confirmed;
    entry.deadline = kNever;
    entry.unanswered = 0;
    outcomes_.push_back({Outcome::Kind::confirmed, subscription, {}});
  }
}

bool Subscriptions::all_confirmed() const noexcept {
  return std::all_of(wanted_.begin(), wanted_.end(), [](const auto& item) {
    return item.second.state == State::confirmed ||
           (item.second.state == State::asked && !must_be_confirmed(item.first.channel));
  });
}

void Subscriptions::on_time(Time now) {
  bool doubtful = false;
  for (auto& [subscription, entry] : wanted_) {
    if (now < entry.deadline) continue;
    if (entry.state == State::asked) {
      if (++entry.unanswered >= kUnansweredLimit) doubtful = true;
      log_.log(LogLevel::warning, to_string(session_.stream()),
               fmt::format("no answer to the subscription of {}", subscription.symbol.value));
    }
    entry.state = State::idle;
    entry.deadline = kNever;
  }
  if (doubtful) {
    session_.reconnect("subscriptions are not answered", now);
    return;
  }
  ask_for_idle(now);
}

void Subscriptions::excuse(Duration lost, Time now) {
  for (auto& [subscription, entry] : wanted_) {
    const bool waits = entry.state == State::asked || entry.state == State::leaving;
    if (waits) entry.deadline = excused(entry.deadline, lost, now);
  }
}

Time Subscriptions::next_wakeup() const {
  Time next = kNever;
  for (const auto& [subscription, entry] : wanted_) next = std::min(next, entry.deadline);
  return next;
}

}  // namespace calypte::engine
