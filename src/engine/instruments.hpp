// The venue's tradable instruments: our pair and its symbol for each other, and the trading rule.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/trading_rule.hpp"
#include "calypte/types.hpp"

#include "venue/records.hpp"

namespace calypte::engine {

class Instruments {
 public:
  struct Entry {
    Symbol symbol;
    TradingRule rule;
  };

  /// Replaces the whole list at once; nobody ever sees half of it. An entry whose rule makes no sense is left out and
  /// named in the result. Entries that stay keep their address.
  std::vector<std::string> replace(std::vector<venue::Instrument> instruments);

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] const Entry* find(const TradingPair& pair) const;
  /// Null if the symbol is not known.
  [[nodiscard]] const TradingPair* pair_of(std::string_view symbol) const;
  [[nodiscard]] std::vector<TradingPair> tradable_pairs() const;

 private:
  std::map<TradingPair, Entry> entries_;
  std::map<std::string, TradingPair, std::less<>> by_symbol_;
};

}  // namespace calypte::engine
