#include "engine/balances.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace calypte::engine {

/// Is `age` older than `other`? Both venue times, if there are two and they differ, are from one clock and decide. If
/// not, a push stays against an answer asked for at the same moment: should the answer have been the newer one, the
/// next push says so, while nothing would repeat a push that was overwritten.
bool Balances::older(const Age& age, const Age& other) {
  if (!other.local) return false;
  if (age.venue && other.venue && *age.venue != *other.venue) return *age.venue < *other.venue;
  if (!age.pushed && other.pushed) return *age.local <= *other.local;
  return *age.local < *other.local;
}

Balances::Entry* Balances::entry_of(const std::string& asset, Time now) {
  const auto known = entries_.find(asset);
  if (known != entries_.end()) return &known->second;
  if (entries_.size() >= kMaxAssets) std::erase_if(entries_, [](const auto& item) { return !item.second.present; });
  if (entries_.size() < kMaxAssets) return &entries_[asset];
  if (!std::exchange(told_full_, true)) {
    events_.emplace_back(ConnectorErrorEvent{
        .timestamp = now,
        .channel = "balances",
        .status = Status(StatusCode::malformed, "the venue names too many assets; those after the first " +
                                                    std::to_string(kMaxAssets) + " are ignored")});
  }
  return nullptr;
}

void Balances::update(Entry& entry, const venue::BalanceReport& report, const Age& age, Time received) {
  const Balance before = entry.balance;
  bool taken = false;
  if (report.total && !older(age, entry.total)) {
    entry.balance.total = *report.total;
    entry.total = age;
    taken = true;
  }
  if (report.available && !older(age, entry.available)) {
    entry.balance.available = *report.available;
    entry.available = age;
    taken = true;
  }
  if (!taken) return;
  entry.present = true;
  entry.balance.venue_time = report.venue_time;
  entry.balance.update_time = received;
  if (entry.balance.total == before.total && entry.balance.available == before.available) return;
  events_.emplace_back(
      BalanceEvent{received, report.asset, entry.balance.total, entry.balance.available, report.venue_time});
}

void Balances::apply_stream(const venue::BalanceReport& report, Time received) {
  auto* entry = entry_of(report.asset, received);
  if (entry != nullptr) update(*entry, report, {received, report.venue_time, true}, received);
}

void Balances::apply_rest(std::span<const venue::BalanceReport> reports, Time asked, Time received) {
  if (last_asked_ && asked < *last_asked_) return;
  last_asked_ = asked;
  ++answers_;
  for (const venue::BalanceReport& report : reports) {
    auto* entry = entry_of(report.asset, received);
    if (entry == nullptr) continue;
    entry->answer = answers_;
    update(*entry, report, {asked, report.venue_time, false}, received);
  }
  for (auto& [asset, entry] : entries_) {
    if (!entry.present || entry.answer == answers_) continue;
    const auto pushed_since = [&](const Age& age) { return age.pushed && *age.local >= asked; };
    if (pushed_since(entry.total) || pushed_since(entry.available)) continue;
    // The ages are still those of what was there; only the venue's times of them count against a later push.
    entry.present = false;
    const bool changed = !entry.balance.total.is_zero() || !entry.balance.available.is_zero();
    entry.balance = {Decimal{}, Decimal{}, std::nullopt, received};
    if (changed) events_.emplace_back(BalanceEvent{received, asset, Decimal{}, Decimal{}, std::nullopt});
  }
}

const Balance* Balances::find(std::string_view asset) const {
  const auto at = entries_.find(asset);
  return at != entries_.end() && at->second.present ? &at->second.balance : nullptr;
}

std::vector<std::pair<std::string, Balance>> Balances::all() const {
  std::vector<std::pair<std::string, Balance>> result;
  for (const auto& [asset, entry] : entries_) {
    if (entry.present) result.emplace_back(asset, entry.balance);
  }
  return result;
}

}  // namespace calypte::engine
