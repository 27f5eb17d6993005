// Life of a book and its states: subscribing, losing sync, asking for what repairs it.
#include "engine/book_sync.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/excuse.hpp"
#include "engine/order_book_editor.hpp"

namespace calypte::engine {

using RequestKind = BookRequest::Kind;

namespace {

/// A snapshot that is older than the first diff is worth nothing, so the first diff is awaited, but not longer than
/// this.
constexpr Duration kFirstDiffWait = std::chrono::seconds{1};

}  // namespace

BookSync::BookSync(const TradingPair& pair, BookContext& context, core::Random random)
    : context_(context),
      book_(pair),
      backoff_({.first = context.options.retry_min, .max = context.options.retry_max}, random),
      held_(context.options.max_held_back) {}

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
    need(RequestKind::snapshot, now + kFirstDiffWait, now);
    at_first_diff_ = true;
  } else {
    phase_ = Phase::awaiting;
    if (book_.state() != OrderBookState::stale) {
      set_state(OrderBookState::unsynced, "subscribed, waiting for the first snapshot of the stream", now);
    }
    need_ = RequestKind::resubscribe;
    answer_by_ = now + context_.options.snapshot_limit;
  }
}

void BookSync::on_subscription_failed(const Status& status, Time now) {
  new_epoch(now);
  session_ = true;
  set_state(OrderBookState::unsynced, fmt::format("subscription failed: {}", status.to_string()), now);
  need(RequestKind::resubscribe, std::max(now + backoff_.next(), status.retry_at().value_or(now)), now);
}

void BookSync::on_stream_down(std::string_view reason, Time now) {
  set_state(OrderBookState::unsynced, std::string(reason), now);
  new_epoch(now);
  session_ = false;
}

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

void BookSync::lose_sync(std::string reason, Time now, bool doubt_stream) {
  if (phase_ != Phase::live) return fail_attempt(std::move(reason), now, now);
  set_state(OrderBookState::stale, std::move(reason), now);
  backoff_.on_lived(live_since_, now);
  floor_ = last_;
  held_.clear();
  bbos_.fill({});
  refreshing_ = false;
  repeats_ = 0;
  silent_at_ = refresh_at_ = kNever;
  const bool refetch = by_rest() && context_.spec.resync == venue::Resync::refetch_snapshot && !doubt_stream;
  phase_ = refetch ? Phase::holding : Phase::awaiting;
  // The first time at once; a book that is lost again and again asks more and more rarely.
  const bool first = backoff_.attempt() == 0;
  const Duration delay = backoff_.next();
  need(refetch ? RequestKind::snapshot : RequestKind::resubscribe, first ? now : now + delay, now);
}

/// An attempt to get in sync failed; the book is in no better and no worse a state than before.
void BookSync::fail_attempt(std::string reason, Time not_before, Time now) {
  set_state(book_.state(), std::move(reason), now);
  // Another bad picture before the next attempt must not put that off.
  if (need_ && ask_at_ != kNever) return;
  const auto kind = need_.value_or(by_rest() ? RequestKind::snapshot : RequestKind::resubscribe);
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
  if (kind == RequestKind::snapshot) {
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
    // A snapshot would show the present and say nothing of the stream, which may be dead: it has to answer again.
    return lose_sync(fmt::format("silent: no message for {} ms", limit.count()), now, true);
  }
  if (now >= refresh_at_) {
    ++counters_.refreshes;
    refresh_at_ = kNever;
    refreshing_ = true;
    held_.clear();
    ask(RequestKind::snapshot, now);
    if (answer_by_ == kNever) end_refresh(rest_until_);  // an old answer is still to come
  }
}

void BookSync::excuse(Duration lost, Time now) {
  answer_by_ = excused(answer_by_, lost, now);
  silent_at_ = excused(silent_at_, lost, now);
  // An answer that could still come when the pause began may still come.
  if (rest_until_ > now - lost) rest_until_ = excused(rest_until_, lost, now);
}

Time BookSync::next_wakeup() const noexcept { return std::min({ask_at_, answer_by_, silent_at_, refresh_at_}); }

}  // namespace calypte::engine
