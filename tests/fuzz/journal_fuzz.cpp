// Any bytes as what a journal holds: rounds, identities, events, orders, a whole history of records, and a segment of
// the log on disk. The first byte chooses which.
//
// What is read and written again is the same. A log that was cut or damaged gives the records before the damage, as
// they were written, and nothing else.
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>
#include <vector>

#include "engine/event_json.hpp"
#include "engine/recovery.hpp"
#include "engine/stored_order.hpp"
#include "fuzz/support.hpp"
#include "journal/log_format.hpp"
#include "journal/log_reader.hpp"

namespace {

using namespace calypte;
using fuzz::require;

void round(std::string_view record) {
  engine::RoundWriter writer;
  const Status status = engine::read_round(record, [&](const engine::EntryView& entry) {
    switch (entry.kind) {
      case engine::EntryKind::order:
        return writer.order(entry.key, entry.text);
      case engine::EntryKind::memo:
        return writer.memo(entry.key, entry.text);
      case engine::EntryKind::event:
        return writer.event(entry.number, entry.key, entry.text);
    }
  });
  if (!status.ok()) {
    require(status.code() == StatusCode::malformed);
    require(writer.bytes().size() < record.size());
    return;
  }
  // The number of an order or a memo has no meaning and is not kept.
  require(writer.bytes().size() == record.size());
  std::vector<std::string> once;
  std::vector<std::string> twice;
  const auto note = [](std::vector<std::string>& to) {
    return [&to](const engine::EntryView& e) {
      to.push_back(std::to_string(static_cast<int>(e.kind)) + std::string(e.key) + "|" + std::string(e.text));
    };
  };
  require(engine::read_round(record, note(once)).ok() && engine::read_round(writer.bytes(), note(twice)).ok());
  require(once == twice);
}

void identity(std::string_view json) {
  const auto identity = engine::connector_identity_from_json(json);
  if (!identity.ok()) return;
  const auto again = engine::connector_identity_from_json(engine::to_json(*identity));
  require(again.ok() && *again == *identity);
}

void told(fuzz::Input in) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8U | in.byte();
  require(engine::read_told(engine::told_record(number)) == number);
  (void)engine::read_told(in.rest());
}

void event(fuzz::Input in) {
  const std::string name(in.line());
  const auto event = engine::event_from_json(name, in.rest());
  if (!event.ok()) {
    require(event.status().code() == StatusCode::malformed);
    return;
  }
  require(event_name(*event) == name && engine::is_journalled(*event));
  const std::string once = engine::event_to_json(*event);
  const auto again = engine::event_from_json(name, once);
  require(again.ok() && again->index() == event->index() && engine::event_to_json(*again) == once);
  require(describe(*again) == describe(*event));
}

void stored_order(std::string_view json) {
  const auto stored = engine::StoredOrder::from_json(json);
  if (!stored.ok()) {
    require(stored.status().code() == StatusCode::malformed);
    return;
  }
  std::vector<TradeId> fills;
  for (const auto& [id, fill] : stored->order.order_fills()) fills.push_back(id);
  const std::string once = engine::stored_order_json(stored->order, stored->marks, fills);
  const auto again = engine::StoredOrder::from_json(once);
  require(again.ok() && again->order == stored->order);
  require(engine::stored_order_json(again->order, again->marks, fills) == once);
}

/// Each record: its kind, its size (two bytes), its payload.
void history(fuzz::Input in) {
  engine::Recovery recovery;
  std::uint64_t told = 0;
  std::uint64_t last = 0;
  while (!in.empty()) {
    const auto kind = static_cast<engine::RecordKind>(in.choice(7));
    const std::size_t size = in.byte() * std::size_t{256} + in.byte();
    const Status status = recovery.apply(kind, in.take(size));
    require(status.ok() || status.code() == StatusCode::malformed);
    // The marks never go back, whatever a checkpoint says.
    require(recovery.told() >= told && recovery.last_event() >= last);
    told = recovery.told();
    last = recovery.last_event();
  }
  std::uint64_t before = 0;
  for (const auto* order : recovery.orders()) {
    require(order->number > before);
    before = order->number;
  }
  before = told;
  for (const auto& [number, event] : recovery.events_to_tell(std::nullopt)) {
    require(number > before && number <= last);
    before = number;
  }
}

const std::filesystem::path& folder() {
  static const std::filesystem::path made = [] {
    auto path = std::filesystem::temp_directory_path() / ("calypte_fuzz_journal_" + std::to_string(::getpid()));
    std::filesystem::create_directories(path);
    std::atexit([] {
      std::error_code ignored;
      std::filesystem::remove_all(folder(), ignored);
    });
    return path;
  }();
  return made;
}

struct Read {
  std::vector<std::string> payloads;
  bool ok = false;
  journal::LogEnd end;
};
Read read_segment(std::string_view bytes) {
  std::ofstream(folder() / journal::segment_name(1), std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  Read read;
  std::uint64_t sequence = 0;
  const auto end = journal::read_log(folder(), 0, [&](const journal::LogRecord& record) {
    require(sequence == 0 || record.sequence == sequence + 1);
    sequence = record.sequence;
    read.payloads.emplace_back(record.payload);
  });
  read.ok = end.ok();
  if (end.ok()) read.end = *end;
  if (end.ok()) require(end->last_sequence == sequence);
  return read;
}

template <typename T>
void append(std::string& bytes, const T& header) {
  bytes.append(reinterpret_cast<const char*>(&header), sizeof header);
}

/// Good records, then one byte changed or the end cut off.
void damaged_log(fuzz::Input in) {
  std::string bytes;
  journal::SegmentHeader header;
  header.hash = journal::hash_of(header);
  append(bytes, header);
  const std::size_t what = in.choice(3);
  const std::size_t place = in.byte() * std::size_t{256} + in.byte();
  const std::uint8_t change = in.byte();
  std::vector<std::string> written;
  while (!in.empty() && written.size() < 20) {
    const std::string payload(in.line());
    journal::RecordHeader record;
    record.size = static_cast<std::uint32_t>(payload.size()) + 1;
    record.kind = 1;
    record.sequence = written.size() + 1;
    record.hash = journal::hash_of(record.kind, record.sequence, payload);
    append(bytes, record);
    bytes.append(payload).append(journal::padded(payload.size()) - payload.size(), '\0');
    written.push_back(payload);
  }
  const bool whole = what == 0;
  if (what == 1) bytes.resize(std::min(bytes.size(), place));
  if (what == 2) bytes[place % bytes.size()] = static_cast<char>(change);
  const Read read = read_segment(bytes);
  require(read.payloads.size() <= written.size());
  for (std::size_t i = 0; i < read.payloads.size(); ++i) require(read.payloads[i] == written[i]);
  if (whole) require(read.ok && !read.end.torn_tail && read.payloads.size() == written.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  switch (in.choice(8)) {
    case 0:
      round(in.rest());
      break;
    case 1:
      identity(in.rest());
      break;
    case 2:
      told(in);
      break;
    case 3:
      event(in);
      break;
    case 4:
      stored_order(in.rest());
      break;
    case 5:
      history(in);
      break;
    case 6:
      (void)read_segment(in.rest());
      break;
    default:
      damaged_log(in);
      break;
  }
  return 0;
}
