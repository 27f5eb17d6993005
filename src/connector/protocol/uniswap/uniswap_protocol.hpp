// Uniswap V2 and V3 as a protocol. README.md tells what is supported and what is not.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "calypte/protocol.hpp"

#include "connector/protocol/uniswap/uniswap_book.hpp"
#include "connector/protocol/uniswap/uniswap_config.hpp"
#include "connector/protocol/uniswap/uniswap_loader.hpp"
#include "connector/protocol/uniswap/uniswap_pools.hpp"
#include "evm/protocol_venue.hpp"

namespace calypte::connector::uniswap {

/// `denied` with what is wrong in the configuration.
[[nodiscard]] Result<std::unique_ptr<evm::ProtocolVenue>> make_uniswap(const ProtocolConfig& config);

/// Tokens and trading rules stay readable while everything is loaded anew: they do not change. What is said of pools is
/// `not_ready` then.
class UniswapProtocol final : public evm::ProtocolVenue {
 public:
  explicit UniswapProtocol(UniswapSetup setup);

  [[nodiscard]] std::string_view name() const noexcept override;

  std::vector<evm::ReadCall> begin_load() override;
  Result<std::vector<evm::ReadCall>> continue_load(std::span<const evm::ReadResult> answers) override;
  [[nodiscard]] bool loaded() const noexcept override { return loaded_; }
  /// The pools, and the factories: a new pool of our tokens is a reason to load anew.
  [[nodiscard]] std::vector<Address> log_sources() const override;
  Status apply_logs(std::span<const evm::rpc::Log> logs) override;

  [[nodiscard]] const evm::Token* token(std::string_view symbol) const override;
  [[nodiscard]] const TradingRule* trading_rule(const TradingPair& pair) const override;
  [[nodiscard]] Address spender() const override { return setup_.router; }
  [[nodiscard]] Result<SwapQuote> quote(const TradingPair& pair, TradeType side, const Decimal& amount,
                                        const Decimal& slippage) const override;
  [[nodiscard]] Result<evm::SwapCall> swap(const evm::SwapOrder& order) const override;
  void book(const TradingPair& pair, std::vector<evm::BookLevel>& bids,
            std::vector<evm::BookLevel>& asks) const override;
  [[nodiscard]] Decimal pool_fee(const TradingPair& pair) const override;

  [[nodiscard]] Result<evm::SwapFill> fill_of(const TradingPair& pair, TradeType side, const Address& account,
                                              const evm::rpc::Receipt& receipt) const override;
  [[nodiscard]] Status explain_revert(evm::ByteView data) const override;

  /// For tests that look at the state behind the quotes.
  [[nodiscard]] const UniswapPools& pools() const noexcept { return pools_; }

 private:
  struct Pair {
    ConfiguredPair configured;
    TradingRule rule;
    PairScale scale;
    bool scale_known = false;  ///< there has been a price to choose it by
    std::vector<PoolRef> pools;
  };
  /// A quote in the integers of the contracts.
  struct Priced {
    const Pair* pair = nullptr;
    BestRoute best;
    Uint256 base;
    Uint256 quote;
  };

  [[nodiscard]] const Pair* find_pair(const TradingPair& trading_pair) const;
  [[nodiscard]] Result<const Pair*> ready_pair(const TradingPair& trading_pair) const;
  [[nodiscard]] Market market_of(const Pair& pair) const;
  [[nodiscard]] Result<Priced> price(const TradingPair& pair, TradeType side, const Decimal& amount) const;
  [[nodiscard]] Result<SwapQuote> describe(const Priced& priced, TradeType side, const Decimal& amount,
                                           const Uint256& limit) const;
  [[nodiscard]] static Status not_reached(const Priced& priced, const evm::SwapOrder& order);
  [[nodiscard]] std::string describe_route(const Route& route) const;
  [[nodiscard]] std::string symbol_of(const Address& token) const;
  [[nodiscard]] Status take_tokens(const std::vector<int>& decimals);
  void take_pools(UniswapPools pools);
  void choose_scale(Pair& pair);
  [[nodiscard]] Status apply_log(const evm::rpc::Log& log);

  const UniswapSetup setup_;
  std::vector<evm::Token> tokens_;  // places of setup_.tokens; empty until loaded once
  std::vector<Pair> pairs_;
  std::set<std::pair<Address, Address>> combinations_;  // between which a new pool would be of use
  std::unique_ptr<UniswapLoader> loader_;
  UniswapPools pools_;
  bool loaded_ = false;
};

}  // namespace calypte::connector::uniswap
