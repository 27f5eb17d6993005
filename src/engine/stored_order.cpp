#include "engine/stored_order.hpp"

#include <array>
#include <utility>

#include "venue/json.hpp"
#include "venue/json_writer.hpp"

namespace calypte::engine {
namespace {

constexpr std::array<std::pair<OrderMarks::Place, std::string_view>, 4> kPlaces = {{
    {OrderMarks::Place::active, "active"},
    {OrderMarks::Place::cached, "cached"},
    {OrderMarks::Place::lost, "lost"},
    {OrderMarks::Place::departed, "departed"},
}};
constexpr std::array<std::pair<std::string_view, bool OrderMarks::*>, 5> kMarks = {{
    {"created_told", &OrderMarks::created_told},
    {"ended_told", &OrderMarks::ended_told},
    {"outcome_unknown", &OrderMarks::outcome_unknown},
    {"end_is_inference", &OrderMarks::end_is_inference},
    {"incomplete", &OrderMarks::incomplete},
}};

Status bad(std::string_view member) {
  return {StatusCode::malformed, "stored order: member \"" + std::string(member) + "\" is missing or unreadable"};
}

}  // namespace

std::string stored_order_json(const InFlightOrder& order, const OrderMarks& marks, std::span<const TradeId> fills) {
  std::string text;
  venue::json::Writer out(text);
  out.begin_object();
  out.field("place", kPlaces[static_cast<std::size_t>(marks.place)].second);
  for (const auto& [name, mark] : kMarks) out.key(name).boolean(marks.*mark);
  out.key("order").raw(order.to_json(fills));
  out.end_object();
  return text;
}

Result<StoredOrder> StoredOrder::from_json(std::string_view json) {
  const venue::PaddedBuffer buffer(json);
  venue::json::Document document;
  auto root = document.parse(buffer.bytes());
  if (!root) return root.status();
  if (!root->find("order").is_object()) return bad("order");
  auto order = InFlightOrder::from_json(root->find("order").text());
  if (!order) return order.status();
  StoredOrder stored{.order = std::move(*order), .marks = {}};
  bool known = false;
  for (const auto& [place, name] : kPlaces) {
    if (root->find("place").string() != name) continue;
    stored.marks.place = place;
    known = true;
  }
  if (!known) return bad("place");
  for (const auto& [name, mark] : kMarks) {
    const auto value = root->find(name).boolean();
    if (!value) return bad(name);
    stored.marks.*mark = *value;
  }
  return stored;
}

}  // namespace calypte::engine
