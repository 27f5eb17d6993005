// The states of an order and what a report does to them: one table, the only place that decides it.
//
// Two guards stand beside the table because they compare times:
//   - `if_newer`: an order that awaits its cancellation is live again only if a report carries a venue time later than
//     the accepted cancel; without one it may have been on its way already;
//   - a report "pending cancel" that carries an older venue time than a live report that is known is stale.
#pragma once

#include <cstdint>
#include <string>

#include "calypte/types.hpp"

namespace calypte::engine {

enum class Verdict : std::uint8_t {
  repeated,  ///< says what is known
  taken,     ///< the reported state is the next state
  if_newer,  ///< taken if the venue time of the report is later than everything known, otherwise stale
  stale,     ///< older knowledge than ours; ignored
  conflict,  ///< contradicts an ending, or another kind of order; ignored and recorded
};

inline constexpr int kOrderStateCount = 12;

[[nodiscard]] Verdict verdict(OrderState state, OrderState reported) noexcept;
/// It ended: no report leads out of this state.
[[nodiscard]] bool is_terminal(OrderState state) noexcept;

/// docs/order-lifecycle.md, drawn from the table.
[[nodiscard]] std::string order_lifecycle_markdown();

}  // namespace calypte::engine
