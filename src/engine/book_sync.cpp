#include "engine/book_sync.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/book_checksum.hpp"
#include "engine/book_levels_editor.hpp"
#include "engine/book_sequence.hpp"
#include "engine/order_book_editor.hpp"

namespace calypte::engine {

using venue::Bootstrap;
using Kind = BookRequest::Kind;

namespace {

/// A snapshot that is older than the first diff is worth nothing, so the first diff is awaited, but not longer than
/// this.
constexpr Duration kFirstDiffWait = std::chrono::seconds{1};
/// A repeated message is harmless; that many in a row mean that the venue's ids went back without notice.
constexpr std::uint32_t kMaxRepeats = 32;

std::string_view to_text(BookRequest::Kind kind) noexcept {
  return kind == Kind::snapshot ? "snapshot" : "new subscription";
}

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

BookSync::BookSync(const TradingPair& pair, BookContext& context, core::Random random)
    : context_(context),
      book_(pair),
      backoff_({.first = context.options.retry_min, .max = context.options.retry_max}, random),
      held_(context.options.max_held_back) {}

// --- Life ----------------------------------------------------------------------------------------------------------

void BookSync::start(const Symbol& symbol, Time now) {
  symbol_ = symbol;
  counters_ = {};
  tracked_ = true;
  pictured_ = false;
  ++context_.without_picture;
  backoff_.reset();
  OrderBookEditor(book_).set_state(OrderBookState::unsynced, "not subscribed yet", now);
}

void BookSync::stop(Time now) {
  on_stream_down("no longer followed", now);
  tracked_ = false;
  if (!pictured_) --context_.without_picture;
}

void BookSync::new_epoch(Time now) {
  if (phase_ == Phase::live) backoff_.on_lived(live_since_, now);
  phase_ = Phase::idle;
  held_.clear();
  bbos_.fill({});
  last_ = 0;
  floor_ = 0;
  bridged_ = true;
  repeats_ = 0;
  need_.reset();
  ask_at_ = answer_by_ = silent_at_ = refresh_at_ = kNever;
  at_first_diff_ = refreshing_ = false;
  if (now < rest_until_) rest_is_old_ = true;
}

void BookSync::on_subscribed(Time now) {
  new_epoch(now);
  session_ = true;
  if (by_rest()) {
    phase_ = Phase::holding;
    if (book_.state() != OrderBookState::stale) {
      set_state(OrderBookState::buffering, "subscribed, waiting for a snapshot to join the diffs to", now);
    }
    need(Kind::snapshot, now + kFirstDiffWait, now);
    at_first_diff_ = true;
  } else {
    phase_ = Phase::awaiting;
    if (book_.state() != OrderBookState::stale) {
      set_state(OrderBookState::unsynced, "subscribed, waiting for the first snapshot of the stream", now);
    }
    need_ = Kind::resubscribe;
    answer_by_ = now + context_.options.snapshot_limit;
  }
}

void BookSync::on_subscription_failed(const Status& status, Time now) {
  new_epoch(now);
  session_ = true;
  set_state(OrderBookState::unsynced, fmt::format("subscription failed: {}", status.to_string()), now);
  need(Kind::resubscribe, std::max(now + backoff_.next(), status.retry_at().value_or(now)), now);
}

void BookSync::on_stream_down(std::string_view reason, Time now) {
  set_state(OrderBookState::unsynced, std::string(reason), now);
  new_epoch(now);
  session_ = false;
}

// --- Snapshots -----------------------------------------------------------------------------------------------------

bool BookSync::by_rest() const noexcept { return context_.spec.bootstrap == Bootstrap::rest_snapshot; }

std::uint64_t BookSync::id_of(const venue::SequenceIds& ids, Time now) const noexcept {
  if (has_ids(context_.spec)) return ids.last.value_or(0);
  return std::max(last_, static_cast<std::uint64_t>(to_unix_ns(now)));
}

void BookSync::on_snapshot(const venue::DepthSnapshot& snapshot, const venue::Records& records, Time now) {
  if (by_rest()) {
    on_rest_snapshot(snapshot, records, now);
  } else if (phase_ == Phase::idle) {
    ++counters_.dropped_unsynced;
  } else {
    on_stream_snapshot(snapshot, records, now);
  }
}

/// Builds the snapshot's book in the scratch.
BookSync::Fault BookSync::build(const venue::DepthSnapshot& snapshot, const venue::Records& records, std::uint64_t id) {
  BookLevels& levels = context_.scratch;
  const auto changes =
      BookLevelsEditor::replace(levels, records.bids(snapshot.levels), records.asks(snapshot.levels), id);
  if (!changes.fits) {
    ++counters_.unrepresentable;
    return Fault::does_not_fit;
  }
  BookLevelsEditor::truncate(levels, context_.spec.truncate_depth);
  return check(levels, snapshot.checksum);
}

BookSync::Fault BookSync::apply(BookLevels& levels, const DiffView& diff, std::uint64_t id, std::uint32_t& touched) {
  if (!diff.empty()) {
    const auto changes = BookLevelsEditor::apply(levels, diff.bids, diff.asks, id);
    if (!changes.fits) {
      ++counters_.unrepresentable;
      return Fault::does_not_fit;
    }
    touched = changes.touched;
    counters_.deleted_absent += changes.deleted_absent;
    BookLevelsEditor::truncate(levels, context_.spec.truncate_depth);
  }
  return check(levels, diff.checksum);
}

BookSync::Fault BookSync::check(const BookLevels& levels, std::optional<std::uint32_t> checksum) {
  const auto kind = context_.spec.checksum;
  if (kind != venue::ChecksumKind::none && checksum && !means_absent(kind, *checksum)) {
    if (book_checksum(kind, levels) != *checksum) {
      ++counters_.checksum_bad;
      return Fault::checksum;
    }
    ++counters_.checksum_ok;
  }
  if (levels.crossed()) {
    ++counters_.crossed;
    return Fault::crossed;
  }
  return Fault::none;
}

/// The scratch is good: it becomes the book.
void BookSync::take_scratch(std::uint64_t snapshot_id, std::uint64_t id, std::optional<Time> venue_time, Time now) {
  OrderBookEditor editor(book_);
  BookLevelsEditor::swap(editor.levels(), context_.scratch);
  editor.set_snapshot_update_id(snapshot_id);
  editor.set_updated(id, now, venue_time);
  ++counters_.snapshots;
  last_ = id;
}

namespace {

std::string_view to_text(auto fault) noexcept {
  using Fault = decltype(fault);
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

}  // namespace

void BookSync::on_stream_snapshot(const venue::DepthSnapshot& snapshot, const venue::Records& records, Time now) {
  if (has_ids(context_.spec) && !snapshot.ids.last) {
    ++counters_.breaks;
    return lose_sync("a snapshot without an update id", now);
  }
  const std::uint64_t id = id_of(snapshot.ids, now);
  if (context_.spec.bootstrap == Bootstrap::every_message && phase_ == Phase::live) {
    // Whole books replace each other; what is older than the one we have is no news.
    const bool older = has_ids(context_.spec)
                           ? id < last_
                           : snapshot.venue_time && book_.venue_time() && *snapshot.venue_time < *book_.venue_time();
    if (older) return on_repeat(id, now);
  }
  const Fault fault = build(snapshot, records, id);
  if (fault != Fault::none) return lose_sync(fmt::format("snapshot {} {}", id, to_text(fault)), now);
  take_scratch(id, id, snapshot.venue_time, now);
  bridged_ = true;
  go_live(fmt::format("snapshot {}", id), now);
}

/// A REST answer came. True if it was asked for in this epoch. What waited for the line to be free may go now.
bool BookSync::take_answer(Time now) noexcept {
  const bool asked = now < rest_until_ && !rest_is_old_;
  if (need_ && ask_at_ == rest_until_) ask_at_ = asked ? kNever : now;
  rest_until_ = Time::min();
  rest_is_old_ = false;
  return asked;
}

void BookSync::on_rest_snapshot(const venue::DepthSnapshot& snapshot, const venue::Records& records, Time now) {
  const bool asked = take_answer(now);
  if (!asked) {
    // Nobody waits for it any more, or it was asked for before the subscription. Now the next one may leave.
    ++counters_.stale;
  } else if (refreshing_) {
    refresh(snapshot, records, now);
  } else if (phase_ == Phase::holding) {
    bridge(snapshot, records, now);
  }
  if (need_ && ask_at_ <= now) ask(*need_, now);
}

void BookSync::bridge(const venue::DepthSnapshot& snapshot, const venue::Records& records, Time now) {
  if (has_ids(context_.spec) && !snapshot.ids.last) return fail_attempt("a snapshot without an update id", now, now);
  const std::uint64_t snapshot_id = id_of(snapshot.ids, now);
  if (snapshot_id < floor_) {
    ++counters_.stale;
    return fail_attempt(fmt::format("snapshot {} is older than the book was, {}", snapshot_id, floor_), now, now);
  }
  Fault fault = build(snapshot, records, snapshot_id);
  if (fault != Fault::none) {
    return fail_attempt(fmt::format("snapshot {} {}", snapshot_id, to_text(fault)), now, now);
  }
  BookCounters replayed;
  std::uint64_t last = snapshot_id;
  bool bridged = false;
  std::optional<Time> venue_time = snapshot.venue_time;
  for (std::size_t i = 0; i < held_.size(); ++i) {
    const DiffView diff = held_[i];
    const auto verdict = bridged ? judge_chain(context_.spec, last, diff.ids, diff.empty())
                                 : judge_bridge(context_.spec, snapshot_id, diff.ids, diff.empty());
    if (verdict == SequenceVerdict::stale) {
      ++replayed.stale;
      continue;
    }
    if (verdict == SequenceVerdict::gap) {
      // Either the snapshot is too old for what is held, or something is missing among it. What comes from here on may
      // follow a later snapshot.
      if (bridged) ++counters_.breaks;
      auto reason =
          fmt::format("{} {}: next held diff has {}", bridged ? "held diffs have a gap after" : "too old: snapshot",
                      last, describe(diff.ids));
      held_.drop_front(i);
      return fail_attempt(std::move(reason), now, now);
    }
    last = has_ids(context_.spec) ? *diff.ids.last : snapshot_id;
    std::uint32_t touched = 0;
    fault = apply(context_.scratch, diff, last, touched);
    if (fault != Fault::none) {
      auto reason = fmt::format("held diff {} {}", last, to_text(fault));
      held_.drop_front(i + 1);
      return fail_attempt(std::move(reason), now, now);
    }
    if (!bridged) ++replayed.bridges;
    ++(verdict == SequenceVerdict::keep_alive ? replayed.keep_alives : replayed.diffs);
    bridged = true;
    if (diff.venue_time) venue_time = diff.venue_time;
  }
  if (last < floor_) {
    return fail_attempt(fmt::format("snapshot and held diffs end at {}, before the book did, {}", last, floor_), now,
                        now);
  }
  held_.clear();
  take_scratch(snapshot_id, last, venue_time, now);
  bridged_ = bridged;
  counters_ += replayed;
  go_live(fmt::format("snapshot {} and {} held diffs", snapshot_id, replayed.diffs + replayed.keep_alives), now);
}

/// A fresh picture of a live book. It is taken if the diffs applied since lead from it to where the book is; whatever
/// is wrong with it, the live book has done nothing to be doubted for.
void BookSync::refresh(const venue::DepthSnapshot& snapshot, const venue::Records& records, Time now) {
  const Time retry = now + context_.options.retry_max;
  if (has_ids(context_.spec) && !snapshot.ids.last) return end_refresh(retry);
  const std::uint64_t snapshot_id = id_of(snapshot.ids, now);
  if (build(snapshot, records, snapshot_id) != Fault::none) return end_refresh(retry);
  std::uint64_t last = snapshot_id;
  bool bridged = false;
  for (std::size_t i = 0; i < held_.size(); ++i) {
    const DiffView diff = held_[i];
    const auto verdict = bridged ? judge_chain(context_.spec, last, diff.ids, diff.empty())
                                 : judge_bridge(context_.spec, snapshot_id, diff.ids, diff.empty());
    if (verdict == SequenceVerdict::stale) continue;
    if (verdict == SequenceVerdict::gap) break;
    last = has_ids(context_.spec) ? *diff.ids.last : last_;
    std::uint32_t touched = 0;
    if (apply(context_.scratch, diff, last, touched) != Fault::none) return end_refresh(retry);
    bridged = true;
  }
  if (last < last_) {  // older than the diffs that were kept: it can tell nothing about the present
    ++counters_.stale;
    return end_refresh(retry);
  }
  take_scratch(snapshot_id, last, snapshot.venue_time, now);
  bridged_ = bridged;
  end_refresh(now + context_.spec.snapshot_refresh);
  mark_changed();
  compare_waiting_bbo(now);
}

void BookSync::end_refresh(Time next) noexcept {
  refreshing_ = false;
  held_.clear();
  answer_by_ = kNever;
  refresh_at_ = next;
}

void BookSync::on_snapshot_failed(const Status& status, Time now) {
  const bool asked = take_answer(now);
  const Time not_before = status.retry_at().value_or(now);
  if (asked && refreshing_) {
    end_refresh(std::max(now + context_.options.retry_max, not_before));
  } else if (asked && phase_ == Phase::holding) {
    fail_attempt(fmt::format("snapshot failed: {}", status.to_string()), not_before, now);
  } else if (need_ && ask_at_ <= now) {
    ask(*need_, now);
  }
}

// --- Diffs ---------------------------------------------------------------------------------------------------------

void BookSync::on_diff(const DiffView& diff, Time now) {
  if (context_.spec.bootstrap == Bootstrap::every_message) {  // no such thing there
    ++counters_.dropped_unsynced;
    return;
  }
  switch (phase_) {
    case Phase::live:
      return on_live_diff(diff, now);
    case Phase::holding:
      hold(diff);
      if (at_first_diff_) ask(Kind::snapshot, now);
      return;
    case Phase::idle:
    case Phase::awaiting:
      ++counters_.dropped_unsynced;
      return;
  }
}

void BookSync::hold(const DiffView& diff) {
  ++counters_.held_back;
  if (held_.push(diff)) return;
  // Older than anything that a snapshot could still join to: begin anew with this one.
  ++counters_.overflows;
  forget_held();
  if (!held_.push(diff)) ++counters_.dropped_unsynced;
}

/// No snapshot from before what is forgotten here may come to life any more.
void BookSync::forget_held() {
  if (!held_.empty()) floor_ = std::max(floor_, held_[held_.size() - 1].ids.last.value_or(0));
  held_.clear();
}

void BookSync::on_live_diff(const DiffView& diff, Time now) {
  const auto verdict = bridged_ ? judge_chain(context_.spec, last_, diff.ids, diff.empty())
                                : judge_bridge(context_.spec, last_, diff.ids, diff.empty());
  if (verdict == SequenceVerdict::stale) return on_repeat(*diff.ids.last, now);
  if (verdict == SequenceVerdict::gap) {
    ++counters_.breaks;
    lose_sync(fmt::format("gap after {}: {}", last_, describe(diff.ids)), now);
    if (phase_ == Phase::holding) hold(diff);
    return;
  }
  OrderBookEditor editor(book_);
  const std::uint64_t id = id_of(diff.ids, now);
  std::uint32_t touched = 0;
  const Fault fault = apply(editor.levels(), diff, id, touched);
  if (fault != Fault::none) {
    lose_sync(fmt::format("message {} {}", id, to_text(fault)), now);
    // The message itself followed the chain, so that a snapshot can be joined to it.
    if (phase_ == Phase::holding && fault != Fault::does_not_fit) hold(diff);
    return;
  }
  if (!bridged_) ++counters_.bridges;
  ++(verdict == SequenceVerdict::keep_alive ? counters_.keep_alives : counters_.diffs);
  bridged_ = true;
  repeats_ = 0;
  last_ = id;
  editor.set_updated(id, now, diff.venue_time);
  if (context_.spec.stale_after > Duration::zero()) silent_at_ = now + context_.spec.stale_after;
  if (refreshing_ && !held_.push(diff)) {
    ++counters_.overflows;
    end_refresh(now + context_.options.retry_max);
  }
  if (touched != 0) mark_changed();
  compare_waiting_bbo(now);
}

void BookSync::on_repeat(std::uint64_t id, Time now) {
  ++counters_.stale;
  if (++repeats_ < kMaxRepeats) return;
  ++counters_.breaks;
  lose_sync(
      fmt::format("ids went back: {} messages in a row are older than {}, the last one is {}", repeats_, last_, id),
      now);
  floor_ = 0;
}

void BookSync::mark_changed() {
  auto& changed = context_.changed;
  if (std::find(changed.begin(), changed.end(), &book_) == changed.end()) changed.push_back(&book_);
}

void BookSync::on_unreadable(std::string_view reason, Time now) {
  switch (phase_) {
    case Phase::idle:
      return;
    case Phase::live:
      return lose_sync(fmt::format("unreadable message: {}", reason), now);
    case Phase::holding:
      forget_held();  // there may be a hole now; the snapshot has to follow it
      return;
    case Phase::awaiting:
      // It may have been the snapshot.
      if (ask_at_ == kNever) fail_attempt(fmt::format("unreadable message: {}", reason), now, now);
      return;
  }
}

// --- Trades, best bid and offer ------------------------------------------------------------------------------------

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

// --- State ---------------------------------------------------------------------------------------------------------

void BookSync::set_state(OrderBookState state, std::string reason, Time now) {
  const OrderBookState before = book_.state();
  OrderBookEditor(book_).set_state(state, std::move(reason), now);
  if (state == before) return;
  if (before == OrderBookState::live) {
    --context_.live;
    std::erase(context_.changed, &book_);
  }
  if (state == OrderBookState::live) ++context_.live;
  context_.events.emplace_back(OrderBookStateEvent{
      .timestamp = now, .trading_pair = book_.trading_pair(), .state = state, .reason = book_.state_reason()});
  const auto level = state == OrderBookState::stale ? LogLevel::warning : LogLevel::info;
  if (context_.log.enabled(level)) {
    context_.log.log(
        level, "order_book",
        fmt::format("{} {}: {}", book_.trading_pair().to_string(), to_string(state), book_.state_reason()));
  }
}

void BookSync::go_live(std::string reason, Time now) {
  if (!pictured_) {
    pictured_ = true;
    --context_.without_picture;
  }
  need_.reset();
  ask_at_ = answer_by_ = kNever;
  at_first_diff_ = false;
  repeats_ = 0;
  if (context_.spec.stale_after > Duration::zero()) silent_at_ = now + context_.spec.stale_after;
  if (phase_ != Phase::live) {
    phase_ = Phase::live;
    live_since_ = now;
    if (by_rest() && context_.spec.snapshot_refresh > Duration::zero()) {
      refresh_at_ = now + context_.spec.snapshot_refresh;
    }
    if (book_.state() == OrderBookState::stale) ++counters_.resyncs;
    set_state(OrderBookState::live, std::move(reason), now);
  }
  mark_changed();
  compare_waiting_bbo(now);
}

void BookSync::lose_sync(std::string reason, Time now) {
  if (phase_ != Phase::live) return fail_attempt(std::move(reason), now, now);
  set_state(OrderBookState::stale, std::move(reason), now);
  backoff_.on_lived(live_since_, now);
  floor_ = last_;
  held_.clear();
  bbos_.fill({});
  refreshing_ = false;
  repeats_ = 0;
  silent_at_ = refresh_at_ = kNever;
  const bool refetch = by_rest() && context_.spec.resync == venue::Resync::refetch_snapshot;
  phase_ = refetch ? Phase::holding : Phase::awaiting;
  // The first time at once; a book that is lost again and again asks more and more rarely.
  const bool first = backoff_.attempt() == 0;
  const Duration delay = backoff_.next();
  need(refetch ? Kind::snapshot : Kind::resubscribe, first ? now : now + delay, now);
}

/// An attempt to get in sync failed; the book is in no better and no worse a state than before.
void BookSync::fail_attempt(std::string reason, Time not_before, Time now) {
  set_state(book_.state(), std::move(reason), now);
  // Another bad picture before the next attempt must not put that off.
  if (need_ && ask_at_ != kNever) return;
  const auto kind = need_.value_or(by_rest() ? Kind::snapshot : Kind::resubscribe);
  need(kind, std::max(now + backoff_.next(), not_before), now);
}

void BookSync::need(BookRequest::Kind kind, Time at, Time now) {
  need_ = kind;
  ask_at_ = at;
  answer_by_ = kNever;
  if (ask_at_ <= now) ask(kind, now);
}

void BookSync::ask(BookRequest::Kind kind, Time now) {
  at_first_diff_ = false;
  if (kind == Kind::snapshot) {
    if (now < rest_until_) {
      // An answer that is worth nothing is still to come. Asking now would leave no way to tell the two apart.
      if (need_) ask_at_ = rest_until_;
      return;
    }
    rest_until_ = now + context_.options.snapshot_limit;
    rest_is_old_ = false;
  }
  ask_at_ = kNever;
  answer_by_ = now + context_.options.snapshot_limit;
  context_.requests.push_back({kind, book_.trading_pair(), symbol_});
}

void BookSync::on_time(Time now) {
  if (now >= answer_by_) {
    answer_by_ = kNever;
    if (refreshing_) {
      end_refresh(now + context_.options.retry_max);
    } else if (need_) {
      fail_attempt(fmt::format("no {} within its limit", to_text(*need_)), now, now);
    }
  }
  if (need_ && now >= ask_at_) ask(*need_, now);
  if (phase_ != Phase::live) return;
  if (now >= silent_at_) {
    ++counters_.went_silent;
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(context_.spec.stale_after);
    return lose_sync(fmt::format("silent: no message for {} ms", limit.count()), now);
  }
  if (now >= refresh_at_) {
    ++counters_.refreshes;
    refresh_at_ = kNever;
    refreshing_ = true;
    held_.clear();
    ask(Kind::snapshot, now);
    if (answer_by_ == kNever) end_refresh(rest_until_);  // an old answer is still to come
  }
}

Time BookSync::next_wakeup() const noexcept { return std::min({ask_at_, answer_by_, silent_at_, refresh_at_}); }

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
