// Snapshots: of the stream, by REST with the held diffs joined to them, and as a refresh of a live book.
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/book_checksum.hpp"
#include "engine/book_levels_editor.hpp"
#include "engine/book_sequence.hpp"
#include "engine/book_sync.hpp"
#include "engine/order_book_editor.hpp"

namespace calypte::engine {

using venue::Bootstrap;

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

}  // namespace calypte::engine
