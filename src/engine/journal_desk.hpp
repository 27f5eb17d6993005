// Between an engine and whoever drives it: what has to be on record before a round's actions are carried out and its
// events are told, and where the telling stands.
//
// The driver's round with a journal: `settle`; take actions and events; `compose` and append the record; if that failed
// it is kept to be appended later, and no action that places orders leaves; carry out the actions; tell each event and
// append `told_record(number)` when its callback has returned.
//
// An instant before the append nothing of the round has happened in the world; an instant after it everything needed to
// go on is on record. So a process may die anywhere in between.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calypte/events.hpp"

#include "engine/journal_record.hpp"
#include "engine/recovery.hpp"

namespace calypte::engine {

class Engine;

class JournalDesk {
 public:
  /// The engine must outlive it and must not have been started. It keeps track of its changes from now on.
  explicit JournalDesk(Engine& engine);

  /// Takes over what the journal knows, before the start.
  void recover(const Recovery& recovery, Time now);

  /// The entries of this round, with the events that are about to be told; empty if there is nothing to be remembered.
  /// Valid until the next call. Numbers of `events` follow by `number_of`.
  [[nodiscard]] std::string_view compose(std::span<const Event> events);
  /// Of the event at this place of the last `compose`; 0 if it is not journalled.
  [[nodiscard]] std::uint64_t number_of(std::size_t index) const { return numbers_[index]; }
  /// Everything that a restart needs, as the payloads of `round` records to be written between `checkpoint_begin` and
  /// `checkpoint_end`. Between rounds only, when every event was told but `not_told`.
  [[nodiscard]] std::vector<std::string> checkpoint(
      std::span<const std::pair<std::uint64_t, Event>> not_told = {}) const;

 private:
  Engine& engine_;
  RoundWriter round_;
  std::vector<std::uint64_t> numbers_;
  std::uint64_t last_event_ = 0;
};

}  // namespace calypte::engine
