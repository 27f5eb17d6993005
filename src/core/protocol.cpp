#include "calypte/protocol.hpp"

namespace calypte {

Result<Decimal> Protocol::get_quote_price(const TradingPair& pair, bool is_buy, const Decimal& amount) const {
  const auto quoted = quote(pair, is_buy ? TradeType::buy : TradeType::sell, amount);
  if (!quoted.ok()) return quoted.status();
  return quoted->price;
}

}  // namespace calypte
