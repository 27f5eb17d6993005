// THE CONTRACT of a protocol. What differs between protocols on a chain: which contracts are read, how their state
// becomes a quote, how a swap is called, and what a receipt shows. The engine does the rest: blocks, reorganisations,
// nonces, fees, signing, the life of a transaction.
//
// No socket, no clock, no thread. Unlike a `venue::Venue` it has a memory: the pools, true for the block at which they
// were loaded and the logs that were applied since.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/protocol.hpp"

#include "evm/address.hpp"
#include "evm/bytes.hpp"
#include "evm/json_rpc_types.hpp"
#include "evm/uint256.hpp"

namespace calypte::evm {

struct Token {
  std::string symbol;
  Address address;
  int decimals = 0;
};

/// A read of a contract at one block.
struct ReadCall {
  Address to;
  ByteString data;
};
/// Its answer. `rejected` if the contract reverted; any other failure ends the loading before the protocol hears of it.
struct ReadResult {
  Status status;
  ByteString data;
};

struct SwapOrder {
  TradingPair trading_pair;
  TradeType side = TradeType::buy;
  Decimal amount;                           ///< base, exact
  std::optional<Decimal> limit_price = {};  ///< the worst average price, pool fees included; empty: `slippage`
  Decimal slippage;                         ///< as a fraction of the quoted price
  std::uint64_t deadline = 0;               ///< Unix seconds of the chain's clock, enforced by the contract
  Address account;                          ///< pays and receives
};

/// How it is called. `quote.limit_amount` is what the contract enforces.
struct SwapCall {
  Address to;
  ByteString data;
  Address spender;  ///< who needs the allowance
  Token pays;
  Uint256 pays_at_most = 0;
  Token receives;
  Uint256 receives_at_least = 0;
  SwapQuote quote;  ///< block number and hash are the engine's to fill in
};

/// What a mined swap exchanged: from the logs of its receipt.
struct SwapFill {
  Decimal base_amount;
  Decimal quote_amount;
};

struct BookLevel {
  Decimal price;
  Decimal amount;  ///< base, of this level alone
};

class ProtocolVenue {
 public:
  virtual ~ProtocolVenue() = default;
  ProtocolVenue(const ProtocolVenue&) = delete;
  ProtocolVenue& operator=(const ProtocolVenue&) = delete;

  [[nodiscard]] virtual std::string_view name() const noexcept = 0;  ///< "uniswap"

  // --- State. The engine makes all reads of one loading at one block, named by its hash. ---

  /// Begins to load everything anew; the first calls. What was known about pools is void until `loaded`.
  virtual std::vector<ReadCall> begin_load() = 0;
  /// Answers to the calls given last, in their order; returns the next calls, none if all is loaded. A failure says
  /// what is wrong with the configuration (`denied`: a contract or token that is not what it is said to be) or with the
  /// answers (`malformed`).
  virtual Result<std::vector<ReadCall>> continue_load(std::span<const ReadResult> answers) = 0;
  [[nodiscard]] virtual bool loaded() const noexcept = 0;
  /// The contracts whose logs change the state.
  [[nodiscard]] virtual std::vector<Address> log_sources() const = 0;
  /// The logs of the next block, in order. A failure: the state is void, load it anew.
  virtual Status apply_logs(std::span<const rpc::Log> logs) = 0;

  // --- Reads of the loaded state; `denied` with `not_ready` before. ---

  /// Tokens of the followed pairs; null if it is not one of them or not loaded.
  [[nodiscard]] virtual const Token* token(std::string_view symbol) const = 0;
  [[nodiscard]] virtual const TradingRule* trading_rule(const TradingPair& pair) const = 0;
  /// Who needs the allowance for anything that this protocol does.
  [[nodiscard]] virtual Address spender() const = 0;
  [[nodiscard]] virtual Result<SwapQuote> quote(const TradingPair& pair, TradeType side, const Decimal& amount,
                                                const Decimal& slippage) const = 0;
  /// `denied` with the reason if there is no such swap: no liquidity, an amount that does not fit the token, a limit
  /// that the quote does not reach (`not_filled`).
  [[nodiscard]] virtual Result<SwapCall> swap(const SwapOrder& order) const = 0;
  /// The synthetic book, best first. Whoever trades through its first n levels gets at least what they promise.
  virtual void book(const TradingPair& pair, std::vector<BookLevel>& bids, std::vector<BookLevel>& asks) const = 0;
  /// The fee of the pool through which a small amount would go, as a fraction.
  [[nodiscard]] virtual Decimal pool_fee(const TradingPair& pair) const = 0;

  // --- After the fact; works without loaded pools, for tokens that were loaded once. ---

  /// Of a receipt that succeeded. `malformed` if its logs do not show an exchange of these tokens with this account.
  [[nodiscard]] virtual Result<SwapFill> fill_of(const TradingPair& pair, TradeType side, const Address& account,
                                                 const rpc::Receipt& receipt) const = 0;
  /// What the contracts' own revert texts mean ("Too little received" is `slippage`, "STF" an allowance or balance).
  [[nodiscard]] virtual Status explain_revert(ByteView data) const = 0;

 protected:
  ProtocolVenue() = default;
};

}  // namespace calypte::evm
