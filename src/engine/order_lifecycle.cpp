// Draws docs/order-lifecycle.md.
#include <cctype>
#include <fmt/format.h>
#include <iterator>
#include <string>

#include "engine/order_transitions.hpp"

namespace calypte::engine {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string name(int state) { return lower(to_string(static_cast<OrderState>(state))); }

std::string_view mark(Verdict v) {
  switch (v) {
    case Verdict::repeated:
      return "=";
    case Verdict::taken:
      return "yes";
    case Verdict::if_newer:
      return "newer";
    case Verdict::stale:
      return "-";
    case Verdict::conflict:
      return "!";
  }
  return "?";
}

}  // namespace

std::string order_lifecycle_markdown() {
  std::string page =
      "# Order lifecycle\n\n"
      "Drawn from the table in `src/engine/order_transitions.cpp` by the unit tests of the engine; do not edit. To "
      "draw\n"
      "it again: `CALYPTE_UPDATE_DOCS=1 unit_engine --gtest_filter='OrderTransitions.*'`.\n\n"
      "```mermaid\nstateDiagram-v2\n  [*] --> pending_create\n";
  auto out = std::back_inserter(page);
  for (int from = 0; from < kOrderStateCount; ++from) {
    for (int to = 0; to < kOrderStateCount; ++to) {
      const Verdict v = verdict(static_cast<OrderState>(from), static_cast<OrderState>(to));
      if (v == Verdict::taken) fmt::format_to(out, "  {} --> {}\n", name(from), name(to));
      if (v == Verdict::if_newer) fmt::format_to(out, "  {} --> {}: newer than the cancel\n", name(from), name(to));
    }
    if (is_terminal(static_cast<OrderState>(from))) fmt::format_to(out, "  {} --> [*]\n", name(from));
  }
  page +=
      "```\n\nA line for the state that we hold, a column for the state that is reported. `yes`: taken; `newer`: taken "
      "if\n"
      "its venue time is later than the accepted cancel; `=`: repeated; `-`: stale, ignored; `!`: contradiction, "
      "ignored\n"
      "and recorded as evidence.\n\n| |";
  for (int to = 0; to < kOrderStateCount; ++to) fmt::format_to(out, " {} |", name(to));
  page += "\n|---|";
  for (int to = 0; to < kOrderStateCount; ++to) page += "---|";
  page += '\n';
  for (int from = 0; from < kOrderStateCount; ++from) {
    fmt::format_to(out, "| **{}** |", name(from));
    for (int to = 0; to < kOrderStateCount; ++to) {
      fmt::format_to(out, " {} |", mark(verdict(static_cast<OrderState>(from), static_cast<OrderState>(to))));
    }
    page += '\n';
  }
  page +=
      "\nA report `filled` waits, with the state unchanged, until the known fills add up to what the venue executed; "
      "a\n"
      "fill alone makes an order `partially_filled` and never ends it. An order that the venue definitely and "
      "repeatedly\n"
      "does not know becomes `failed`.\n";
  return page;
}

}  // namespace calypte::engine
