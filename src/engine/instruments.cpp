#include "engine/instruments.hpp"

#include <fmt/format.h>
#include <set>
#include <utility>

namespace calypte::engine {

std::vector<std::string> Instruments::replace(std::vector<venue::Instrument> instruments) {
  std::vector<std::string> problems;
  std::set<TradingPair> kept;
  by_symbol_.clear();
  for (auto& instrument : instruments) {
    const TradingPair pair = instrument.rule.trading_pair;
    if (const Status status = instrument.rule.validate(); !status.ok()) {
      problems.push_back(fmt::format("{}: {}", instrument.symbol.value, status.to_string()));
      continue;
    }
    if (by_symbol_.contains(instrument.symbol.value)) {
      // Two pairs behind one symbol would get each other's fills.
      problems.push_back(
          fmt::format("{}: the symbol stands a second time, for {}", instrument.symbol.value, pair.to_string()));
      continue;
    }
    if (!kept.insert(pair).second) {
      problems.push_back(fmt::format("{}: a second instrument for {}", instrument.symbol.value, pair.to_string()));
      continue;
    }
    by_symbol_.emplace(instrument.symbol.value, pair);
    entries_.insert_or_assign(pair, Entry{std::move(instrument.symbol), std::move(instrument.rule)});
  }
  std::erase_if(entries_, [&](const auto& item) { return !kept.contains(item.first); });
  return problems;
}

const Instruments::Entry* Instruments::find(const TradingPair& pair) const {
  const auto it = entries_.find(pair);
  return it == entries_.end() ? nullptr : &it->second;
}

const TradingPair* Instruments::pair_of(std::string_view symbol) const {
  const auto it = by_symbol_.find(symbol);
  return it == by_symbol_.end() ? nullptr : &it->second;
}

std::vector<TradingPair> Instruments::tradable_pairs() const {
  std::vector<TradingPair> pairs;
  for (const auto& [pair, entry] : entries_) {
    if (entry.rule.tradable) pairs.push_back(pair);
  }
  return pairs;
}

}  // namespace calypte::engine
