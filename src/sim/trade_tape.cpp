#include "sim/trade_tape.hpp"

#include <algorithm>

namespace calypte::sim {
namespace {

Time floor_to(Time time, Duration length) { return Time{time.time_since_epoch() / length * length}; }

void merge(Candle& into, const Candle& next) {
  into.high = std::max(into.high, next.high);
  into.low = std::min(into.low, next.low);
  into.close = next.close;
  into.volume += next.volume;
  into.value += next.value;
  into.last_update = next.last_update;
}

}  // namespace

void TradeTape::add(const PublicTrade& trade) {
  const Time minute = floor_to(trade.time, std::chrono::minutes{1});
  const Candle print{
      minute,    trade.price, trade.price, trade.price, trade.price, trade.quantity, trade.price * trade.quantity,
      trade.time};
  if (!minutes_.empty() && minutes_.back().open_time == minute) {
    merge(minutes_.back(), print);
  } else {
    minutes_.push_back(print);
    if (minutes_.size() > kMaxMinutes) minutes_.pop_front();
  }
  trades_.push_back(trade);
  if (trades_.size() > kMaxTrades) trades_.pop_front();
}

std::vector<Candle> TradeTape::candles(Duration length, std::size_t count) const {
  std::vector<Candle> newest_first;
  for (auto minute = minutes_.rbegin(); minute != minutes_.rend(); ++minute) {
    const Time open = floor_to(minute->open_time, length);
    if (!newest_first.empty() && newest_first.back().open_time == open) {
      Candle merged = *minute;
      merged.open_time = open;
      merge(merged, newest_first.back());
      newest_first.back() = merged;
      continue;
    }
    if (newest_first.size() == count) break;
    newest_first.push_back(*minute);
    newest_first.back().open_time = open;
  }
  std::reverse(newest_first.begin(), newest_first.end());
  return newest_first;
}

DayFigures TradeTape::day(Time now) const {
  DayFigures figures;
  if (!trades_.empty()) figures.last = trades_.back().price;
  const Time since = now - std::chrono::hours{24};
  const auto first = std::partition_point(minutes_.begin(), minutes_.end(),
                                          [&](const Candle& minute) { return minute.open_time < since; });
  for (auto minute = first; minute != minutes_.end(); ++minute) {
    figures.high = figures.high ? std::max(*figures.high, minute->high) : minute->high;
    figures.low = figures.low ? std::min(*figures.low, minute->low) : minute->low;
    if (!figures.first) figures.first = minute->open;
    figures.volume += minute->volume;
    figures.value += minute->value;
  }
  return figures;
}

}  // namespace calypte::sim
