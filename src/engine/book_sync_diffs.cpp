// Diffs: held back, or applied to a live book.
#include <algorithm>
#include <fmt/format.h>

#include "engine/book_sequence.hpp"
#include "engine/book_sync.hpp"
#include "engine/order_book_editor.hpp"

namespace calypte::engine {

using venue::Bootstrap;
using RequestKind = BookRequest::Kind;

namespace {

/// A repeated message is harmless; that many in a row mean that the venue's ids went back without notice.
constexpr std::uint32_t kMaxRepeats = 32;

}  // namespace

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
      if (at_first_diff_) ask(RequestKind::snapshot, now);
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

}  // namespace calypte::engine
