#include "connector/protocol/uniswap/uniswap_config.hpp"

#include <algorithm>
#include <string_view>

#include "connector/protocol/uniswap/uniswap_constants.hpp"

namespace calypte::connector::uniswap {
namespace {

Status refuse_setup(std::string text) { return {StatusCode::denied, std::move(text)}; }

const Deployment* find_deployment(std::uint64_t chain_id) {
  const auto* const found = std::find_if(kDeployments.begin(), kDeployments.end(),
                                         [&](const Deployment& d) { return d.chain_id == chain_id; });
  return found == kDeployments.end() ? nullptr : &*found;
}

Result<evm::Address> configured_address(const std::string& what, std::string_view text) {
  auto address = evm::Address::parse(text);
  if (!address) return refuse_setup(what + " has no valid address: " + address.status().message());
  return *address;
}

/// The contract of a role: as configured, else as known; empty if neither or if it is the zero address.
Result<std::optional<evm::Address>> contract_of(const ProtocolConfig& config, std::string_view role,
                                                std::string_view known) {
  std::string_view text = known;
  std::size_t given = 0;
  for (const ProtocolContract& contract : config.contracts) {
    if (contract.role != role) continue;
    text = contract.address;
    ++given;
  }
  if (given > 1) return refuse_setup("the contract " + std::string(role) + " is configured twice");
  if (given == 0 && text.empty()) return std::optional<evm::Address>{};
  auto address = configured_address("the contract " + std::string(role), text);
  if (!address) return address.status();
  if (address->is_zero()) return std::optional<evm::Address>{};
  return std::optional<evm::Address>(*address);
}

Status read_contracts(const ProtocolConfig& config, const Deployment* known, UniswapSetup& setup) {
  for (const ProtocolContract& contract : config.contracts) {
    if (contract.role != kV2FactoryRole && contract.role != kV3FactoryRole && contract.role != kRouterRole) {
      return refuse_setup("there is no contract with the role " + contract.role +
                          "; the roles are v2_factory, v3_factory and router");
    }
  }
  const Deployment nothing;
  const Deployment& at = known != nullptr ? *known : nothing;
  auto v2_factory = contract_of(config, kV2FactoryRole, at.v2_factory);
  if (!v2_factory) return v2_factory.status();
  auto v3_factory = contract_of(config, kV3FactoryRole, at.v3_factory);
  if (!v3_factory) return v3_factory.status();
  auto router = contract_of(config, kRouterRole, at.router);
  if (!router) return router.status();
  const std::string unknown = "no contracts are known of the chain " + std::to_string(config.chain_id);
  if (!router->has_value()) return refuse_setup(unknown + ": configure the router");
  if (!v2_factory->has_value() && !v3_factory->has_value()) {
    return refuse_setup(unknown + ": configure v3_factory, v2_factory, or both");
  }
  setup.v2_factory = *v2_factory;
  setup.v3_factory = *v3_factory;
  setup.router = **router;
  if (!at.wrapped.empty()) setup.wrapped = *evm::Address::parse(at.wrapped);
  return {};
}

Status read_tokens(const ProtocolConfig& config, const Deployment* known, UniswapSetup& setup) {
  for (const ProtocolToken& token : config.tokens) {
    // What a trading pair can name, so that a token that none ever could is noticed here.
    const auto notation = TradingPair::parse(token.symbol + "-X");
    if (!notation) return refuse_setup("a token has the symbol '" + token.symbol + "', which no trading pair can name");
    auto address = configured_address("the token " + token.symbol, token.address);
    if (!address) return address.status();
    if (address->is_zero()) return refuse_setup("the token " + token.symbol + " has the zero address");
    setup.tokens.push_back({token.symbol, *address});
  }
  if (known != nullptr && !known->wrapped_symbol.empty()) {
    const bool given = std::any_of(setup.tokens.begin(), setup.tokens.end(), [&](const ConfiguredToken& t) {
      return t.symbol == known->wrapped_symbol || t.address == *setup.wrapped;
    });
    if (!given) setup.tokens.push_back({std::string(known->wrapped_symbol), *setup.wrapped});
  }
  if (setup.tokens.size() > kMaxTokens) {
    return refuse_setup("more than " + std::to_string(kMaxTokens) + " tokens are configured");
  }
  for (std::size_t i = 0; i < setup.tokens.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const ConfiguredToken& a = setup.tokens[j];
      const ConfiguredToken& b = setup.tokens[i];
      if (a.symbol == b.symbol) return refuse_setup("the token " + a.symbol + " is configured twice");
      if (a.address == b.address) return refuse_setup("the tokens " + a.symbol + " and " + b.symbol + " are the same");
    }
  }
  return {};
}

Status read_pairs(const ProtocolConfig& config, UniswapSetup& setup) {
  if (config.trading_pairs.empty()) return refuse_setup("no trading pair is configured");
  if (config.trading_pairs.size() > kMaxPairs) {
    return refuse_setup("more than " + std::to_string(kMaxPairs) + " trading pairs are configured");
  }
  const auto place_of = [&](std::string_view symbol) {
    return static_cast<std::size_t>(std::find_if(setup.tokens.begin(), setup.tokens.end(),
                                                 [&](const ConfiguredToken& t) { return t.symbol == symbol; }) -
                                    setup.tokens.begin());
  };
  for (const TradingPair& pair : config.trading_pairs) {
    if (pair.empty()) return refuse_setup("an empty trading pair is configured");
    const ConfiguredPair configured{pair, place_of(pair.base()), place_of(pair.quote())};
    for (const auto& [symbol, place] :
         {std::pair{pair.base(), configured.base}, std::pair{pair.quote(), configured.quote}}) {
      if (place == setup.tokens.size()) {
        return refuse_setup("the token " + std::string(symbol) + " of " + pair.to_string() + " is not configured");
      }
    }
    if (configured.base == configured.quote) {
      return refuse_setup("the trading pair " + pair.to_string() + " has one token twice");
    }
    for (const ConfiguredPair& other : setup.pairs) {
      if (other.trading_pair == pair)
        return refuse_setup("the trading pair " + pair.to_string() + " is configured twice");
    }
    setup.pairs.push_back(configured);
  }
  return {};
}

}  // namespace

Result<UniswapSetup> read_setup(const ProtocolConfig& config) {
  const Deployment* const known = find_deployment(config.chain_id);
  UniswapSetup setup;
  if (Status s = read_contracts(config, known, setup); !s.ok()) return s;
  if (Status s = read_tokens(config, known, setup); !s.ok()) return s;
  if (Status s = read_pairs(config, setup); !s.ok()) return s;
  return setup;
}

}  // namespace calypte::connector::uniswap
