// Any bytes: the reader accepts what simdjson's DOM accepts, and every value that it gives can be read.
#include <cstdlib>
#include <simdjson.h>

#include "venue/json.hpp"
#include "venue/json_writer.hpp"

namespace {

using calypte::venue::json::Kind;
using calypte::venue::json::Value;

void require(bool condition) {
  if (!condition) std::abort();
}

/// Reads a value every way there is and writes it anew.
void read(Value value, calypte::venue::json::Writer& writer) {
  calypte::venue::WireNumber number;
  (void)value.integer();
  (void)value.unsigned_integer();
  (void)value.decimal();
  (void)value.wire_number(number);
  require(value.find("k").exists() <= value.is_object());
  switch (value.kind()) {
    case Kind::missing:
      std::abort();
    case Kind::null:
      writer.null();
      break;
    case Kind::boolean:
      writer.boolean(value.boolean().value());
      break;
    case Kind::number:
      writer.raw(value.text());
      break;
    case Kind::string:
      writer.string(value.string());
      break;
    case Kind::array:
      writer.begin_array();
      for (const Value element : value.elements()) read(element, writer);
      writer.end_array();
      break;
    case Kind::object:
      writer.begin_object();
      for (const auto [key, member] : value.members()) {
        require(value.find(key).exists());
        writer.key(key);
        read(member, writer);
      }
      writer.end_object();
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace calypte::venue;
  static json::Document document;
  static PaddedBuffer buffer;
  static simdjson::dom::parser dom;
  const Bytes text = buffer.assign({reinterpret_cast<const char*>(data), size});
  const auto theirs = dom.parse(text.data(), text.size(), false).error();
  const auto ours = document.parse(text);
  if (ours.ok()) {
    require(theirs == simdjson::SUCCESS || theirs == simdjson::NUMBER_ERROR);
    std::string once;
    json::Writer writer(once);
    read(*ours, writer);
    std::string twice;
    json::Writer again(twice);
    const auto back = document.parse(buffer.assign(once));
    require(back.ok());
    read(*back, again);
    require(once == twice);
  } else if (theirs == simdjson::SUCCESS) {
    // Only our bound on depth is stricter; a bracket a level is the least that reaches it.
    std::size_t brackets = 0;
    for (const char c : text.view()) brackets += c == '[' || c == '{' ? 1U : 0U;
    require(brackets > json::kMaxDepth);
  }
  return 0;
}
