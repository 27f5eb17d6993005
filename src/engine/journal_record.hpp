// The records of a journal, as bytes: what a round of a connector left to be remembered, and where the telling of its
// events stands. Written by `JournalDesk`, read by `Recovery` and by the history store; how they lie on disk is the
// journal's business (journal/log_format.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "calypte/result.hpp"

namespace calypte::engine {

/// The kind of a record of the log. Numbers are part of the format.
enum class RecordKind : std::uint32_t {
  connector = 1,         ///< whose journal it is: the text of `ConnectorIdentity`; the first record of every run
  round = 2,             ///< entries that belong together: all of them happened, or none
  told = 3,              ///< the number of the last event whose callback has returned, as eight bytes
  checkpoint_begin = 4,  ///< the rounds up to the next `checkpoint_end` say again all that is to be known;
  checkpoint_end = 5,    ///< what came before them is of no concern to a restart any more
};

enum class EntryKind : std::uint8_t {
  order = 1,  ///< key: client order id; text: `OrderTracker::write_changes`; fills: those since the entry before
  memo = 2,   ///< key: its name; text: what a part of the engine wants to have back; replaces the one before
  event = 3,  ///< number: the event's; key: its name; text: `event_to_json`
};

/// One entry of a round; views into the record.
struct EntryView {
  EntryKind kind = EntryKind::order;
  std::uint64_t number = 0;
  std::string_view key;
  std::string_view text;
};

/// Collects the entries of a round. Keeps its memory from round to round.
class RoundWriter {
 public:
  void order(std::string_view client_order_id, std::string_view text) {
    add(EntryKind::order, 0, client_order_id, text);
  }
  void memo(std::string_view name, std::string_view text) { add(EntryKind::memo, 0, name, text); }
  void event(std::uint64_t number, std::string_view name, std::string_view text) {
    add(EntryKind::event, number, name, text);
  }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
  void clear() noexcept { bytes_.clear(); }

 private:
  void add(EntryKind kind, std::uint64_t number, std::string_view key, std::string_view text);
  std::string bytes_;
};

/// Visits the entries of a round in order. `malformed` if the bytes are not those of a round; what was visited until
/// then was whole.
[[nodiscard]] Status read_round(std::string_view record, const std::function<void(const EntryView&)>& visit);

/// The payload of `RecordKind::told`, and back; 0 if it is not one.
[[nodiscard]] std::string told_record(std::uint64_t number);
[[nodiscard]] std::uint64_t read_told(std::string_view record) noexcept;

/// The payload of `RecordKind::connector`: whose journal it is, as a JSON object.
struct ConnectorIdentity {
  std::string venue;   ///< "binance_perpetual"
  std::string prefix;  ///< of the client order ids
  std::string environment;
  friend bool operator==(const ConnectorIdentity&, const ConnectorIdentity&) = default;
};
[[nodiscard]] std::string to_json(const ConnectorIdentity& identity);
[[nodiscard]] Result<ConnectorIdentity> connector_identity_from_json(std::string_view json);

}  // namespace calypte::engine
