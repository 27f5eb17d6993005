#include "engine/order_transitions.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace calypte::engine {
namespace {

// Rows: the state we hold. Columns: the state that is reported, in the order of the enumeration:
//   pending_create, open, pending_cancel, canceled, partially_filled, filled,
//   failed, pending_approval, approved, created, completed, expired.
//   = repeated   > taken   ? taken if newer   - stale   ! conflict
// "open" after "partially filled" is stale whatever its time: an execution is not undone. The four states of a
// protocol's approval do not mix with those of an order at a book.
constexpr std::array<std::string_view, kOrderStateCount> kTable{
    "=>>>>>>>>>>>",  // pending_create
    "-=>>>>>!!!!>",  // open
    "-?=>?>>!!!!>",  // pending_cancel
    "---=-!!-!-!!",  // canceled
    "-->>=>>!!!!>",  // partially_filled
    "---!-=!-!-!!",  // filled
    "---!-!=-!-!!",  // failed
    "->>>>>>=>>>>",  // pending_approval
    "---!-!!-=-!!",  // approved
    "->>>>>>-!=>>",  // created
    "---!-!!-!-=!",  // completed
    "---!-!!-!-!=",  // expired
};

constexpr Verdict read(char code) noexcept {
  switch (code) {
    case '=':
      return Verdict::repeated;
    case '>':
      return Verdict::taken;
    case '?':
      return Verdict::if_newer;
    case '-':
      return Verdict::stale;
    default:
      return Verdict::conflict;
  }
}

constexpr bool leads_out(std::string_view row) noexcept {
  for (const char code : row) {
    if (code == '>' || code == '?') return true;
  }
  return false;
}

}  // namespace

Verdict verdict(OrderState state, OrderState reported) noexcept {
  return read(kTable[static_cast<std::size_t>(state)][static_cast<std::size_t>(reported)]);
}

bool is_terminal(OrderState state) noexcept { return !leads_out(kTable[static_cast<std::size_t>(state)]); }

}  // namespace calypte::engine
