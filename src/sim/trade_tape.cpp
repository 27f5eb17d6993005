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
  into.trades += next.trades;
  into.taker_volume += next.taker_volume;
  into.taker_value += next.taker_value;
  into.last_trade = next.last_trade;
}

Candle candle_of(const PublicTrade& trade, Duration length) {
  const bool bought = trade.taker_side == Side::buy;
  Candle candle;
  candle.open_time = floor_to(trade.time, length);
  candle.open = candle.high = candle.low = candle.close = trade.price;
  candle.volume = trade.quantity;
  candle.value = trade.price * trade.quantity;
  candle.last_update = trade.time;
  candle.trades = 1;
  if (bought) candle.taker_volume = candle.volume;
  if (bought) candle.taker_value = candle.value;
  candle.first_trade = candle.last_trade = trade.id;
  return candle;
}

}  // namespace

void TradeTape::add(const PublicTrade& trade) {
  const Candle print = candle_of(trade, std::chrono::minutes{1});
  const Time minute = print.open_time;
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

std::vector<Candle> TradeTape::short_candles(Duration length, std::size_t count) const {
  std::vector<Candle> list;
  for (const PublicTrade& trade : trades_) {
    const Candle print = candle_of(trade, length);
    if (!list.empty() && list.back().open_time == print.open_time) {
      merge(list.back(), print);
    } else {
      list.push_back(print);
    }
  }
  if (list.size() > count) list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(count));
  return list;
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
    if (!figures.first) {
      figures.first = minute->open;
      figures.first_trade = minute->first_trade;
      figures.since = minute->open_time;
    }
    figures.trades += minute->trades;
    figures.last_trade = minute->last_trade;
    figures.volume += minute->volume;
    figures.value += minute->value;
  }
  return figures;
}

}  // namespace calypte::sim
