// What is offered for a gas: from the market, bounded by what one transaction may cost.
//
// The most that is paid for a gas is twice the base fee of the newest block plus the tip: a base fee grows by at most
// an eighth a block (EIP-1559), so the offer stands for six blocks of the steepest rise. Only the block's own base fee
// and the tip are charged.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "calypte/result.hpp"

#include "evm/transaction.hpp"
#include "evm/uint256.hpp"

namespace calypte::engine {

/// Wei a gas.
struct GasMarket {
  std::optional<evm::Uint256> base_fee;  ///< of the newest block; empty: a chain without it, where `gas_price` counts
  evm::Uint256 tip = 0;
  evm::Uint256 gas_price = 0;
};

struct GasOffer {
  evm::Uint256 max_fee = 0;
  evm::Uint256 tip = 0;
};

[[nodiscard]] inline GasOffer market_offer(const GasMarket& market) {
  if (!market.base_fee) return {market.gas_price, market.gas_price};
  return {*market.base_fee * 2 + market.tip, market.tip};
}

/// The smallest offer by which every node in use replaces a transaction: an eighth more of both, rounded up (nodes ask
/// for a tenth), and never below the market.
[[nodiscard]] inline GasOffer replacement_offer(const GasOffer& before, const GasMarket& market) {
  const GasOffer now = market_offer(market);
  const auto more = [](const evm::Uint256& fee) { return evm::Uint256(fee + fee / 8 + 1); };
  GasOffer offer{std::max(now.max_fee, more(before.max_fee)), std::max(now.tip, more(before.tip))};
  offer.max_fee = std::max(offer.max_fee, offer.tip);
  return offer;
}

/// Lowers the offer to what `budget` (wei) pays for `gas`. `denied` if that is less than the present base fee asks for,
/// or, of a replacement, less than `at_least`.
[[nodiscard]] inline Result<GasOffer> within_budget(GasOffer offer, std::uint64_t gas, const evm::Uint256& budget,
                                                    const GasMarket& market, const evm::Uint256& at_least = 0) {
  const evm::Uint256 affordable = gas == 0 ? evm::Uint256(0) : evm::Uint256(budget / gas);
  if (offer.max_fee > affordable) offer.max_fee = affordable;
  const evm::Uint256 needed =
      std::max(at_least, market.base_fee ? evm::Uint256(*market.base_fee + market.tip) : market.gas_price);
  if (offer.max_fee < needed) {
    return Status(StatusCode::denied, FailureReason::network_fee_too_high,
                  "the network fee could exceed its limit at the present price of gas");
  }
  offer.tip = std::min(offer.tip, offer.max_fee);
  return offer;
}

/// Puts an offer into a transaction, in the form of the chain.
inline void set_offer(evm::Transaction& transaction, const GasOffer& offer, const GasMarket& market) {
  transaction.gas_price = 0;
  transaction.max_fee_per_gas = 0;
  transaction.max_priority_fee_per_gas = 0;
  if (market.base_fee) {
    transaction.type = evm::TransactionType::dynamic_fee;
    transaction.max_fee_per_gas = offer.max_fee;
    transaction.max_priority_fee_per_gas = offer.tip;
  } else {
    transaction.type = evm::TransactionType::legacy;
    transaction.gas_price = offer.max_fee;
  }
}

[[nodiscard]] inline GasOffer offer_of(const evm::Transaction& transaction) {
  if (transaction.type != evm::TransactionType::dynamic_fee) return {transaction.gas_price, transaction.gas_price};
  return {transaction.max_fee_per_gas, transaction.max_priority_fee_per_gas};
}

}  // namespace calypte::engine
