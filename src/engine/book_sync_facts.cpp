// Trades and the venue's own best prices, and the account of it all for a person.
#include <fmt/format.h>
#include <utility>

#include "engine/book_sequence.hpp"
#include "engine/book_sync.hpp"
#include "engine/order_book_editor.hpp"

namespace calypte::engine {

namespace {

/// Is the venue's word for one side's best level the same as ours?
bool agrees(const std::optional<venue::DepthLevel>& theirs, const std::optional<OrderBookRow>& ours) {
  if (!theirs) return true;  // nothing was said about this side
  if (theirs->amount.mantissa == 0) return !ours;
  return ours && to_decimal(theirs->price) == ours->price && to_decimal(theirs->amount) == ours->amount;
}

std::string level_text(const std::optional<venue::DepthLevel>& level) {
  return level ? fmt::format("{} x {}", to_decimal(level->price).to_string(), to_decimal(level->amount).to_string())
               : "?";
}
std::string level_text(const std::optional<OrderBookRow>& row) {
  return row ? fmt::format("{} x {}", row->price.to_string(), row->amount.to_string()) : "none";
}

}  // namespace

void BookSync::on_trade(const venue::PublicTrade& trade, Time now) {
  if (!session_) {
    ++counters_.dropped_unsynced;
    return;
  }
  if (!book_.last_trade_price() || book_.last_trade_time() <= trade.venue_time) {
    OrderBookEditor(book_).set_last_trade(to_decimal(trade.price), trade.venue_time);
  }
  if (trade.backfill) return;
  ++counters_.trades;
  context_.events.emplace_back(TradeEvent{.timestamp = now,
                                          .trading_pair = book_.trading_pair(),
                                          .type = trade.taker_side,
                                          .price = to_decimal(trade.price),
                                          .amount = to_decimal(trade.amount),
                                          .trade_id = TradeId(trade.trade_id),
                                          .venue_time = trade.venue_time});
}

void BookSync::on_best_bid_ask(const venue::BestBidAsk& bbo, Time now) {
  if (!bbo.update_id || !has_ids(context_.spec) || phase_ == Phase::idle) return;
  const Bbo waiting{*bbo.update_id, bbo.bid, bbo.ask};
  if (phase_ == Phase::live && waiting.id == last_) return compare_best(waiting, now);
  if (phase_ == Phase::live && waiting.id < last_) return;
  bbos_[next_bbo_++ % bbos_.size()] = waiting;
}

void BookSync::compare_waiting_bbo(Time now) {
  for (auto& waiting : bbos_) {
    if (waiting.id == 0 || waiting.id > last_) continue;
    const Bbo bbo = std::exchange(waiting, {});
    if (bbo.id == last_) compare_best(bbo, now);
    if (phase_ != Phase::live) return;
  }
}

void BookSync::compare_best(const Bbo& bbo, Time now) {
  ++counters_.bbo_compared;
  const auto& levels = book_.last_known();
  const auto bid = levels.best_bid();
  const auto ask = levels.best_ask();
  if (agrees(bbo.bid, bid) && agrees(bbo.ask, ask)) {
    ++counters_.bbo_agreed;
    return;
  }
  lose_sync(fmt::format("best bid/offer disagrees at {}: the venue says {} / {}, the book {} / {}", bbo.id,
                        level_text(bbo.bid), level_text(bbo.ask), level_text(bid), level_text(ask)),
            now);
}

std::string_view BookSync::to_text(BookRequest::Kind kind) noexcept {
  return kind == BookRequest::Kind::snapshot ? "snapshot" : "new subscription";
}

std::string_view BookSync::to_text(Fault fault) noexcept {
  switch (fault) {
    case Fault::does_not_fit:
      return "holds a number that does not fit a book";
    case Fault::crossed:
      return "left the book crossed";
    case Fault::checksum:
      return "does not lead to the venue's checksum";
    case Fault::none:
      break;
  }
  return "is fine";
}

std::string BookSync::explain() const {
  const auto& levels = book_.last_known();
  auto text = fmt::format("{} ({}): {} since {} ms, {}\n", book_.trading_pair().to_string(), symbol_.value,
                          to_string(book_.state()), to_unix_ms(book_.state_since()), book_.state_reason());
  text += fmt::format("  last update id {}, snapshot id {}, last message at {} ms\n", book_.last_update_id(),
                      book_.snapshot_update_id(), to_unix_ms(book_.last_update_time()));
  text += fmt::format("  {} bids, {} asks, best {} / {}\n", levels.bid_count(), levels.ask_count(),
                      level_text(levels.best_bid()), level_text(levels.best_ask()));
  if (phase_ == Phase::idle && !need_) text += "  not subscribed: every message is dropped\n";
  if (phase_ == Phase::awaiting) text += "  diffs are dropped until the stream brings a snapshot\n";
  if (phase_ == Phase::holding) text += fmt::format("  {} diffs are held back for a snapshot\n", held_.size());
  if (refreshing_) text += "  a fresh snapshot is under way\n";
  if (need_ && ask_at_ != kNever) {
    text +=
        fmt::format("  asks for a {} at {} ms, attempt {}\n", to_text(*need_), to_unix_ms(ask_at_), backoff_.attempt());
  } else if (need_) {
    text += fmt::format("  waits for a {} until {} ms\n", to_text(*need_), to_unix_ms(answer_by_));
  }
  const auto& c = counters_;
  text += fmt::format("  applied: {} snapshots, {} diffs, {} keep-alives, {} bridges; held back {}; resyncs {}\n",
                      c.snapshots, c.diffs, c.keep_alives, c.bridges, c.held_back, c.resyncs);
  text += fmt::format("  dropped: {} stale, {} out of sync, {} overflows\n", c.stale, c.dropped_unsynced, c.overflows);
  text += fmt::format("  faults: {} breaks, {} crossed, {} unrepresentable, {} silent, checksums {} good {} bad\n",
                      c.breaks, c.crossed, c.unrepresentable, c.went_silent, c.checksum_ok, c.checksum_bad);
  text += fmt::format("  best bid/offer: {} compared, {} agreed; trades {}", c.bbo_compared, c.bbo_agreed, c.trades);
  return text;
}

}  // namespace calypte::engine
