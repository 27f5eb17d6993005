#include "calypte/derivative.hpp"

namespace calypte {

std::string position_key(const TradingPair& pair, PositionSide side, PositionMode mode) {
  std::string key = pair.to_string();
  if (mode == PositionMode::hedge) key += to_string(side);
  return key;
}

PositionSide position_side_of(PositionMode mode, TradeType side, PositionAction action) noexcept {
  if (mode == PositionMode::one_way) return PositionSide::net;
  const bool opens = action != PositionAction::close;
  return (side == TradeType::buy) == opens ? PositionSide::long_side : PositionSide::short_side;
}

}  // namespace calypte
