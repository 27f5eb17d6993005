// Folds the records of a journal, oldest first, into what a restart needs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calypte/events.hpp"

#include "engine/journal_record.hpp"
#include "engine/stored_order.hpp"

namespace calypte::engine {

/// What a journal says, or one of its checkpoints.
struct RecoveredState {
  std::map<std::string, StoredOrder, std::less<>> orders;  ///< by client order id
  std::map<std::string, std::string, std::less<>> memos;   ///< by name
  std::map<std::uint64_t, Event> events;                   ///< by number; those since the checkpoint
  std::uint64_t last_event = 0;
  std::uint64_t told = 0;
  std::uint64_t next_place = 1;
};

class Recovery {
 public:
  /// `malformed` if a record cannot be read; it is left out then, and the others may go on.
  Status apply(RecordKind kind, std::string_view payload);

  /// Orders in the order in which they were first seen, each with all its fills.
  [[nodiscard]] std::vector<const StoredOrder*> orders() const;
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& memos() const noexcept { return state_.memos; }
  /// Events behind `seen`, or behind the journal's own mark if that is empty, with their numbers.
  [[nodiscard]] std::vector<std::pair<std::uint64_t, Event>> events_to_tell(std::optional<std::uint64_t> seen) const;
  /// The last event that was numbered, and the last whose callback has returned.
  [[nodiscard]] std::uint64_t last_event() const noexcept { return state_.last_event; }
  [[nodiscard]] std::uint64_t told() const noexcept { return state_.told; }
  [[nodiscard]] const std::optional<ConnectorIdentity>& identity() const noexcept { return identity_; }
  [[nodiscard]] bool empty() const noexcept { return !identity_.has_value(); }

 private:
  static Status apply_round(RecoveredState& state, std::string_view payload);

  RecoveredState state_;
  std::optional<RecoveredState> checkpoint_;  // one that has begun and not ended
  std::optional<ConnectorIdentity> identity_;
};

}  // namespace calypte::engine
