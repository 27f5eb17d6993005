#include "engine/book_sequence.hpp"

#include <fmt/format.h>

namespace calypte::engine {

using venue::BridgeRule;
using venue::Continuity;

namespace {

constexpr SequenceVerdict accept(bool empty) noexcept {
  return empty ? SequenceVerdict::keep_alive : SequenceVerdict::accept;
}

}  // namespace

SequenceVerdict judge_chain(const venue::BookSpec& spec, std::uint64_t last_applied, const venue::SequenceIds& ids,
                            bool empty) noexcept {
  // 1. No ids, no rule: a checksum or the next snapshot has to find out.
  if (spec.continuity == Continuity::unsequenced) return accept(empty);
  // 2. A venue that has ids sends them always; a message without is not understood.
  if (!ids.last) return SequenceVerdict::gap;
  const std::uint64_t last = *ids.last;

  switch (spec.continuity) {
    case Continuity::range: {
      // 3. Everything up to L is known. (Binance spot, KuCoin, Gate, MEXC, Bybit)
      if (last <= last_applied) return SequenceVerdict::stale;
      // 4. first == L + 1 exactly. Some clients also take a message that overlaps L; a venue that keeps its own rule
      //    never sends one, so it is taken as a sign of trouble. A plain counter has first == last.
      return ids.first.value_or(last) == last_applied + 1 ? accept(empty) : SequenceVerdict::gap;
    }
    case Continuity::prev_link: {
      if (!ids.prev) return SequenceVerdict::gap;
      const std::uint64_t prev = *ids.prev;
      if (prev == last_applied) {
        // 5. prev == L, and nothing else, makes a link; ids may jump. last == prev is a sign of life: it moves nothing.
        //    (Binance USD-M, Crypto.com, OKX, Deribit, HTX)
        if (last >= prev) return accept(empty);
        // 6. prev == L with a smaller last: the venue begins its ids anew (OKX, maintenance).
        return spec.allow_decreasing_reset ? SequenceVerdict::reset : SequenceVerdict::gap;
      }
      // 7. Where ids never go down, an older last is a repetition. Where they may, it can as well be what follows a
      //    reset that was lost, so that only equality counts.
      return last <= last_applied && !spec.allow_decreasing_reset ? SequenceVerdict::stale : SequenceVerdict::gap;
    }
    case Continuity::increasing:
      // 8. The steps are not known: order can be checked, a gap cannot be seen.
      return last > last_applied ? accept(empty) : SequenceVerdict::stale;
    case Continuity::unsequenced:
      break;
  }
  return SequenceVerdict::gap;
}

SequenceVerdict judge_bridge(const venue::BookSpec& spec, std::uint64_t snapshot_id, const venue::SequenceIds& ids,
                             bool empty) noexcept {
  // 1. Without ids every message since the subscription is applied: amounts are absolute, so those that the snapshot
  //    already holds are overwritten by the later ones that it holds, too.
  if (spec.continuity == Continuity::unsequenced) return accept(empty);
  if (!ids.last) return SequenceVerdict::gap;
  const std::uint64_t last = *ids.last;
  if (spec.continuity == Continuity::increasing) return last > snapshot_id ? accept(empty) : SequenceVerdict::stale;
  // A message covers everything after `prev`, or from `first` where the venue names no previous id.
  const std::uint64_t first = ids.first.value_or(ids.prev ? *ids.prev + 1 : last);

  switch (spec.bridge) {
    case BridgeRule::next:
      // 2. Drop last <= S; then first <= S + 1 <= last. (Binance spot, KuCoin, Gate, MEXC)
      if (last <= snapshot_id) return SequenceVerdict::stale;
      return first <= snapshot_id + 1 ? accept(empty) : SequenceVerdict::gap;
    case BridgeRule::covering:
      // 3. Drop last < S; then first <= S <= last. The ids belong to the whole exchange and jump, so S may also lie
      //    between two messages of this symbol: prev <= S < first covers it as well. (Binance USD-M)
      if (last < snapshot_id) return SequenceVerdict::stale;
      return first <= snapshot_id || (ids.prev && *ids.prev <= snapshot_id) ? accept(empty) : SequenceVerdict::gap;
  }
  return SequenceVerdict::gap;
}

std::string describe(const venue::SequenceIds& ids) {
  std::string text;
  const auto add = [&text](std::string_view name, const std::optional<std::uint64_t>& id) {
    if (id) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, *id);
  };
  add("first", ids.first);
  add("last", ids.last);
  add("previous", ids.prev);
  return text.empty() ? "no ids" : text;
}

}  // namespace calypte::engine
