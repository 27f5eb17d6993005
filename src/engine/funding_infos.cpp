#include "engine/funding_infos.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <variant>

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr Duration kFundingRequestLimit = 10s;
/// The stream names the next funding time soon after the last one; if it does not, it is asked for.
constexpr Duration kStreamLimit = 15s;

}  // namespace

void FundingInfos::start(Time now) {
  running_ = true;
  for (auto& [pair, entry] : entries_) entry.inquiry.ask(now);
}

void FundingInfos::follow(const TradingPair& pair, const Symbol& symbol, Time now) {
  const auto [it, added] = entries_.try_emplace(pair);
  if (!added) return;
  it->second.symbol = symbol;
  it->second.inquiry.ask(now);
  by_symbol_.insert_or_assign(symbol.value, pair);
}

void FundingInfos::drop(const TradingPair& pair) {
  const auto it = entries_.find(pair);
  if (it == entries_.end()) return;
  by_symbol_.erase(it->second.symbol.value);
  entries_.erase(it);
}

void FundingInfos::on_report(const venue::FundingReport& report, Time now) {
  const auto pair = by_symbol_.find(report.symbol);
  if (pair != by_symbol_.end()) apply(pair->second, entries_.at(pair->second), report, now, now);
}

void FundingInfos::apply(const TradingPair& pair, Entry& entry, const venue::FundingReport& report, Time local,
                         Time now) {
  const bool comparable = report.venue_time && entry.venue_time && *report.venue_time != *entry.venue_time;
  const bool older = comparable ? *report.venue_time < *entry.venue_time : local < entry.local;
  const auto take = [older](auto& place, const auto& value) {
    if (value && (!older || !place)) place = value;
  };
  // The time that is replaced has come, even if the timer was not quicker.
  note_funding_time(pair, entry, now);
  take(entry.index_price, report.index_price);
  take(entry.mark_price, report.mark_price);
  take(entry.rate, report.rate);
  take(entry.next_funding_time, report.next_funding_time);
  if (!older) {
    entry.local = local;
    if (report.venue_time) entry.venue_time = report.venue_time;
  }
  if (!entry.index_price || !entry.mark_price || !entry.rate || !entry.next_funding_time) return;
  FundingInfo info{.trading_pair = pair,
                   .index_price = *entry.index_price,
                   .mark_price = *entry.mark_price,
                   .rate = *entry.rate,
                   .next_funding_time = *entry.next_funding_time,
                   .update_time = entry.info ? entry.info->update_time : now};
  const bool changed = info != entry.info;
  info.update_time = now;
  entry.info = info;
  if (!changed) return;
  events_.emplace_back(FundingInfoEvent{.timestamp = now,
                                        .trading_pair = pair,
                                        .index_price = info.index_price,
                                        .mark_price = info.mark_price,
                                        .rate = info.rate,
                                        .next_funding_time = info.next_funding_time});
}

void FundingInfos::note_funding_time(const TradingPair& pair, Entry& entry, Time now) {
  if (!entry.next_funding_time || *entry.next_funding_time > clock_.venue_time(now)) return;
  if (entry.come && *entry.come >= *entry.next_funding_time) return;
  // One that was over before it was first heard of is the business of whoever reads the past.
  entry.come = entry.next_funding_time;
  come_.emplace_back(pair, *entry.next_funding_time);
}

void FundingInfos::ask(const TradingPair& pair, Entry& entry) {
  entry.inquiry.sent();
  desk_.submit(venue::QueryFunding{entry.symbol}, Lane::query, kFundingRequestLimit, [this, pair](const Reply& reply) {
    const auto it = entries_.find(pair);
    if (it == entries_.end()) return;
    auto& asked = it->second;
    for (const auto& record : reply.records.items()) {
      const auto* report = std::get_if<venue::FundingReport>(&record);
      if (report != nullptr && report->symbol == asked.symbol.value) {
        apply(pair, asked, *report, reply.sent, reply.received);
      }
    }
    if (reply.status.code() == StatusCode::unsupported) return asked.inquiry.give_up();
    if (!reply.status.ok()) {
      log_.log(LogLevel::warning, "funding",
               fmt::format("the funding of {} could not be read: {}", pair.to_string(), reply.status.to_string()));
    }
    const bool known = asked.info && asked.info->next_funding_time > clock_.venue_time(reply.received);
    asked.inquiry.answered(reply.status.ok() && known, reply.received);
  });
}

void FundingInfos::on_time(Time now) {
  if (!running_) return;
  for (auto& [pair, entry] : entries_) {
    note_funding_time(pair, entry, now);
    const bool stale = entry.next_funding_time && *entry.next_funding_time + kStreamLimit <= clock_.venue_time(now);
    if (stale && entry.inquiry.is_idle()) entry.inquiry.ask(now);
    if (entry.inquiry.is_due(now)) ask(pair, entry);
  }
}

Time FundingInfos::next_wakeup() const {
  if (!running_) return kNever;
  Time next = kNever;
  for (const auto& [pair, entry] : entries_) {
    next = std::min(next, entry.inquiry.next_wakeup());
    if (!entry.next_funding_time) continue;
    const bool told = entry.come && *entry.come >= *entry.next_funding_time;
    if (!told) {
      next = std::min(next, *entry.next_funding_time - clock_.offset());
    } else if (entry.inquiry.is_idle()) {
      next = std::min(next, *entry.next_funding_time + kStreamLimit - clock_.offset());
    }
  }
  return next;
}

const std::optional<FundingInfo>* FundingInfos::find(const TradingPair& pair) const {
  const auto it = entries_.find(pair);
  return it == entries_.end() ? nullptr : &it->second.info;
}

std::vector<TradingPair> FundingInfos::missing() const {
  std::vector<TradingPair> pairs;
  for (const auto& [pair, entry] : entries_) {
    if (!entry.info) pairs.push_back(pair);
  }
  return pairs;
}

}  // namespace calypte::engine
