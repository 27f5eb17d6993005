// What was heard about one order, kept small and turned into text only when somebody asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "calypte/decimal.hpp"
#include "calypte/time.hpp"
#include "calypte/types.hpp"

namespace calypte::engine {

struct Evidence {
  enum class Kind : std::uint8_t { report, fill, not_found, refused, outcome_unknown, cancel_failed, conflict, note };
  Kind kind = Kind::note;
  Time time{};
  OrderState reported = OrderState::pending_create;  ///< of a report or a conflict
  std::optional<Time> venue_time = std::nullopt;
  std::optional<Decimal> amount = std::nullopt;  ///< executed so far by a report, of the one execution by a fill
  std::string text{};                            ///< trade id, message
};

/// Keeps the first and the newest pieces; what falls out between them is counted.
class EvidenceList {
 public:
  static constexpr std::size_t kFirst = 8;
  static constexpr std::size_t kNewest = 56;

  void add(Evidence piece);
  /// One line a piece, oldest first; one line in between says how many were dropped.
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  std::vector<Evidence> first_;
  std::deque<Evidence> newest_;
  std::uint64_t dropped_ = 0;
};

}  // namespace calypte::engine
