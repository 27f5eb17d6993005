// Compares what a protocol's connector told its strategy with what the chain says: fills and network fees with the
// receipts, and both, summed up, with the balances before and after.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "calypte/calypte.hpp"

#include "cli/chain_node.hpp"
#include "cli/protocol_demo_strategy.hpp"
#include "evm/address.hpp"

namespace calypte::cli {

struct ChainToken {
  std::string symbol;
  evm::Address address;
  int decimals = 0;
};

/// An account by the chain's own word, at its newest block.
struct ChainAccountState {
  std::uint64_t transactions = 0;
  std::map<std::string, Decimal> balances;  ///< by symbol, the chain's coin included
};
[[nodiscard]] Result<ChainAccountState> read_account(ChainNode& node, const evm::Address& account,
                                                     const std::string& coin, const std::vector<ChainToken>& tokens);

struct ProtocolReconciliation {
  std::vector<std::string> rows;         ///< a line for each transaction, for a person
  std::vector<std::string> differences;  ///< each in one sentence; empty: everything agrees
  std::size_t balances = 0;
  Decimal network_fees;
};

struct ProtocolAccounts {
  evm::Address account;
  std::string coin;
  TradingPair pair;
  std::vector<ChainToken> tokens;  ///< those of the pair
  ChainAccountState before;
};
[[nodiscard]] ProtocolReconciliation reconcile(const HeardOnChain& heard,
                                               const std::vector<std::pair<std::string, Balance>>& balances,
                                               const ProtocolAccounts& accounts, ChainNode& node);

}  // namespace calypte::cli
