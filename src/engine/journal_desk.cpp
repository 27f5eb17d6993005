#include "engine/journal_desk.hpp"

#include "engine/engine.hpp"
#include "engine/event_json.hpp"

namespace calypte::engine {
namespace {

/// Of the rounds of a checkpoint; well below what a record may hold.
constexpr std::size_t kBytesOfRound = std::size_t{256} << 10U;

}  // namespace

JournalDesk::JournalDesk(Engine& engine) : engine_(engine) { engine_.keep_changes(); }

void JournalDesk::recover(const Recovery& recovery, Time now) {
  last_event_ = recovery.last_event();
  engine_.restore(recovery, now);
}

std::string_view JournalDesk::compose(std::span<const Event> events) {
  round_.clear();
  engine_.write_changes(round_);
  numbers_.clear();
  for (const auto& event : events) {
    const bool journalled = is_journalled(event);
    numbers_.push_back(journalled ? ++last_event_ : 0);
    if (journalled) round_.event(last_event_, event_name(event), event_to_json(event));
  }
  return round_.bytes();
}

std::vector<std::string> JournalDesk::checkpoint(std::span<const std::pair<std::uint64_t, Event>> not_told) const {
  std::vector<std::string> rounds;
  RoundWriter round;
  engine_.write_all([&]() -> RoundWriter& {
    if (round.bytes().size() >= kBytesOfRound) {
      rounds.emplace_back(round.bytes());
      round.clear();
    }
    return round;
  });
  for (const auto& [number, event] : not_told) round.event(number, event_name(event), event_to_json(event));
  if (!round.empty()) rounds.emplace_back(round.bytes());
  return rounds;
}

}  // namespace calypte::engine
