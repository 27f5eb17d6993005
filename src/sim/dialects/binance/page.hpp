// Which part of a list of orders or fills is asked for, and how the answer is cut to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/dialects/binance/answer.hpp"
#include "sim/dialects/binance/parameters.hpp"

namespace calypte::sim::binance {

/// What the markets have different.
struct PageRules {
  std::int64_t longest_ms = 0;               ///< between beginning and end
  std::string_view too_long;                 ///< the text of the refusal
  std::optional<std::int64_t> recent_until;  ///< a list without both ends reaches no farther back (or on) than that
};

/// From an id on, or within times; the newest or the oldest so many.
struct Page {
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> end;
  bool oldest_first = false;  ///< a beginning was named
  std::size_t limit = 0;

  [[nodiscard]] bool takes(std::uint64_t id, std::int64_t ms) const {
    return (!from || static_cast<std::int64_t>(id) >= *from) && (!start || ms >= *start) && (!end || ms <= *end);
  }
  /// Lists run from old to new: from where they are asked for, else up to the newest.
  [[nodiscard]] std::string list(std::vector<std::string> items) const;
};

/// Reads `from_name`, `startTime`, `endTime` and `limit`.
[[nodiscard]] std::variant<Page, Answer> read_page(const Parameters& parameters, std::string_view from_name,
                                                   const PageRules& rules);

}  // namespace calypte::sim::binance
