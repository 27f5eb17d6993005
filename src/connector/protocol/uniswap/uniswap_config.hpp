// What the configuration says, checked as far as that goes without asking the chain.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "calypte/protocol.hpp"
#include "calypte/result.hpp"

#include "evm/address.hpp"

namespace calypte::connector::uniswap {

struct ConfiguredToken {
  std::string symbol;
  evm::Address address;
};
/// Places in `UniswapSetup::tokens`.
struct ConfiguredPair {
  TradingPair trading_pair;
  std::size_t base = 0;
  std::size_t quote = 0;
};

struct UniswapSetup {
  std::optional<evm::Address> v2_factory;  ///< empty: V2 is not used
  std::optional<evm::Address> v3_factory;  ///< empty: V3 is not used
  evm::Address router;
  std::optional<evm::Address> wrapped;  ///< what the router must say; empty: not known
  /// The tokens of the pairs and those that are only on the way between them, in the order of the configuration.
  std::vector<ConfiguredToken> tokens;
  std::vector<ConfiguredPair> pairs;
};

/// Every failure is `denied` and says which part of the configuration it is about. A contract of the role that is not
/// given is that of the chain's known deployment. The zero address for a factory: that version is not used.
[[nodiscard]] Result<UniswapSetup> read_setup(const ProtocolConfig& config);

}  // namespace calypte::connector::uniswap
