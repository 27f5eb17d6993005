#include "engine/order_evidence.hpp"

#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace calypte::engine {
namespace {

std::string_view word(Evidence::Kind kind) {
  switch (kind) {
    case Evidence::Kind::report:
      return "reported";
    case Evidence::Kind::fill:
      return "fill";
    case Evidence::Kind::not_found:
      return "not found";
    case Evidence::Kind::refused:
      return "refused";
    case Evidence::Kind::outcome_unknown:
      return "outcome unknown";
    case Evidence::Kind::cancel_failed:
      return "cancel failed";
    case Evidence::Kind::conflict:
      return "conflict";
    case Evidence::Kind::note:
      return "note";
  }
  return "?";
}

std::string line(const Evidence& piece) {
  // Milliseconds for people; the stored times are exact.
  std::string text =
      fmt::format("{}.{:03} {}", to_unix_ms(piece.time) / 1000, to_unix_ms(piece.time) % 1000, word(piece.kind));
  if (piece.kind == Evidence::Kind::report || piece.kind == Evidence::Kind::conflict) {
    text.append(" ").append(to_string(piece.reported));
  }
  if (piece.amount) {
    text += (piece.kind == Evidence::Kind::fill ? " of " : ", executed ") + piece.amount->to_string();
  }
  if (piece.venue_time) {
    const auto ms = to_unix_ms(*piece.venue_time);
    text += fmt::format(", venue time {}.{:03}", ms / 1000, ms % 1000);
  }
  if (!piece.text.empty()) text += ": " + piece.text;
  return text;
}

}  // namespace

void EvidenceList::add(Evidence piece) {
  if (first_.size() < kFirst) {
    first_.push_back(std::move(piece));
    return;
  }
  if (newest_.size() == kNewest) {
    newest_.pop_front();
    ++dropped_;
  }
  newest_.push_back(std::move(piece));
}

std::vector<std::string> EvidenceList::lines() const {
  std::vector<std::string> result;
  result.reserve(first_.size() + newest_.size() + 1);
  for (const Evidence& piece : first_) result.push_back(line(piece));
  if (dropped_ > 0) result.push_back(fmt::format("({} pieces are not kept)", dropped_));
  for (const Evidence& piece : newest_) result.push_back(line(piece));
  return result;
}

}  // namespace calypte::engine
