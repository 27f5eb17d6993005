#include "engine/journal_record.hpp"

#include <bit>
#include <cstring>
#include <utility>

#include "venue/json.hpp"
#include "venue/json_writer.hpp"

namespace calypte::engine {
namespace {

static_assert(std::endian::native == std::endian::little, "records are written in the machine's own byte order");

/// In front of every entry; key and text follow it without a gap.
struct EntryHeader {
  std::uint32_t kind = 0;
  std::uint32_t key_size = 0;
  std::uint64_t number = 0;
  std::uint64_t text_size = 0;
};
static_assert(sizeof(EntryHeader) == 24);

Status unreadable(std::string_view what) { return {StatusCode::malformed, "journal: " + std::string(what)}; }

}  // namespace

void RoundWriter::add(EntryKind kind, std::uint64_t number, std::string_view key, std::string_view text) {
  const EntryHeader header{.kind = static_cast<std::uint32_t>(kind),
                           .key_size = static_cast<std::uint32_t>(key.size()),
                           .number = number,
                           .text_size = text.size()};
  const std::size_t begin = bytes_.size();
  bytes_.resize(begin + sizeof(header));
  std::memcpy(bytes_.data() + begin, &header, sizeof(header));
  bytes_.append(key).append(text);
}

Status read_round(std::string_view record, const std::function<void(const EntryView&)>& visit) {
  while (!record.empty()) {
    EntryHeader header;
    if (record.size() < sizeof(header)) return unreadable("an entry is cut off");
    std::memcpy(&header, record.data(), sizeof(header));
    record.remove_prefix(sizeof(header));
    if (header.kind < static_cast<std::uint32_t>(EntryKind::order) ||
        header.kind > static_cast<std::uint32_t>(EntryKind::event)) {
      return unreadable("an entry of a kind that is not known");
    }
    if (header.key_size > record.size() || header.text_size > record.size() - header.key_size) {
      return unreadable("an entry is cut off");
    }
    visit({.kind = static_cast<EntryKind>(header.kind),
           .number = header.number,
           .key = record.substr(0, header.key_size),
           .text = record.substr(header.key_size, header.text_size)});
    record.remove_prefix(header.key_size + header.text_size);
  }
  return {};
}

std::string told_record(std::uint64_t number) {
  std::string bytes(sizeof(number), '\0');
  std::memcpy(bytes.data(), &number, sizeof(number));
  return bytes;
}

std::uint64_t read_told(std::string_view record) noexcept {
  std::uint64_t number = 0;
  if (record.size() == sizeof(number)) std::memcpy(&number, record.data(), sizeof(number));
  return number;
}

std::string to_json(const ConnectorIdentity& identity) {
  std::string text;
  venue::json::Writer out(text);
  out.begin_object();
  out.field("venue", identity.venue).field("prefix", identity.prefix).field("environment", identity.environment);
  out.end_object();
  return text;
}

Result<ConnectorIdentity> connector_identity_from_json(std::string_view json) {
  const venue::PaddedBuffer buffer(json);
  venue::json::Document document;
  auto root = document.parse(buffer.bytes());
  if (!root) return root.status();
  ConnectorIdentity identity;
  for (auto [name, place] : {std::pair{"venue", &identity.venue}, std::pair{"prefix", &identity.prefix},
                             std::pair{"environment", &identity.environment}}) {
    const auto value = root->find(name);
    if (!value.is_string()) return unreadable("it does not say whose it is");
    *place = std::string(value.string());
  }
  return identity;
}

}  // namespace calypte::engine
