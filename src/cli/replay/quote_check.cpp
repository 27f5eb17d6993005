#include "cli/replay/quote_check.hpp"

namespace calypte::cli {

namespace {

bool agrees(const std::optional<venue::DepthLevel>& theirs, const std::optional<OrderBookRow>& ours) {
  if (!theirs) return true;
  if (theirs->amount.mantissa == 0) return !ours;
  return ours && to_decimal(theirs->price) == ours->price && to_decimal(theirs->amount) == ours->amount;
}

}  // namespace

void QuoteCheck::on_quote(const venue::BestBidAsk& quote) {
  if (!quote.update_id) return;
  auto& quotes = symbols_[std::string(quote.symbol)].quotes;
  if (quotes.size() >= kMaxQuotes) quotes.pop_front();
  quotes.push_back({*quote.update_id, quote.bid, quote.ask});
}

void QuoteCheck::on_applied(std::string_view symbol, const venue::SequenceIds& ids, const OrderBook& book) {
  if (!ids.first || !ids.last) return;
  Symbol& state = symbols_[std::string(symbol)];
  settle(state);
  const BookLevels& levels = book.last_known();
  state.applied = Applied{*ids.first, *ids.last, levels.best_bid(), levels.best_ask()};
}

void QuoteCheck::finish() {
  for (auto& [name, symbol] : symbols_) settle(symbol);
}

void QuoteCheck::settle(Symbol& symbol) {
  if (!symbol.applied) return;
  const Applied applied = *symbol.applied;
  symbol.applied.reset();
  std::optional<Quote> last;
  for (const Quote& quote : symbol.quotes) {
    if (quote.id >= applied.first && quote.id <= applied.last && (!last || quote.id >= last->id)) last = quote;
  }
  std::erase_if(symbol.quotes, [&](const Quote& quote) { return quote.id <= applied.last; });
  if (!last) return;
  ++counts_.compared;
  if (agrees(last->bid, applied.bid) && agrees(last->ask, applied.ask)) ++counts_.agreed;
}

}  // namespace calypte::cli
