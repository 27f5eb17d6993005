// What a strategy can do with a protocol on a chain besides trading as on any exchange: quotes, approvals, network
// fees, and the life of a transaction.
//
// An order is one swap in one transaction. It fills in full or not at all: a limit order carries its price to the chain
// as the least that must be received (or the most that may be paid), a market order the quote and a slippage limit. The
// chain itself refuses to fill it worse, or after its deadline.
//
// The events are those of any order. `Created` is told when a node has taken the transaction, `Filled` when it is
// `confirmations` blocks deep, with the amounts that its receipt shows and the network fee as a flat fee. A transaction
// that reverts, that expires, or whose cancellation is mined has cost a network fee as well: `NetworkFeeEvent`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/connector.hpp"
#include "calypte/credentials.hpp"
#include "calypte/runtime.hpp"

namespace calypte {

/// What a swap would exchange in the state after `block_number`, pool fees included.
struct SwapQuote {
  TradingPair trading_pair;
  TradeType side = TradeType::buy;
  Decimal amount;        ///< base, exact: received by a buy, paid by a sell
  Decimal quote_amount;  ///< paid by a buy, received by a sell
  Decimal price;         ///< quote_amount / amount, rounded against us
  Decimal price_impact;  ///< how much worse than the price before the swap, as a fraction; pool fees included
  Decimal limit_amount;  ///< quote: the most that is paid, or the least that is received, within the slippage limit
  std::string route;     ///< "WETH > USDC (v3 0.05%)"
  std::uint64_t block_number = 0;
  std::string block_hash;
};

/// A token is named by its contract; the symbol is what a trading pair calls it.
struct ProtocolToken {
  std::string symbol;
  std::string address;
};

/// A contract of the protocol by its role: "v2_factory", "v3_factory", "router". Where the connector knows those of the
/// chain, only what differs has to be given.
struct ProtocolContract {
  std::string role;
  std::string address;
};

struct ProtocolConfig {
  std::string venue = "uniswap";
  /// The chain that is meant. If the node is on another one, nothing is ever signed.
  std::uint64_t chain_id = 0;
  /// A node: https://, or http:// on this machine. A path or key in it is kept from logs.
  std::string rpc_url;
  /// For news of blocks: wss://, or ws:// on this machine. Empty: the node is asked every `poll_every`.
  std::string stream_url = {};
  std::string ca_file = {};      ///< of the node's certificate; empty: the system's store
  Credentials credentials = {};  ///< `api_secret`: the private key, 64 hexadecimal digits; empty: no trading
  bool trading_required = true;
  std::vector<TradingPair> trading_pairs = {};
  std::vector<ProtocolToken> tokens = {};
  std::vector<ProtocolContract> contracts = {};
  Decimal slippage_limit = Decimal::from_parts(5, 3);  ///< of market orders, as a fraction: 0.005
  Duration time_limit = std::chrono::minutes{2};       ///< after which the chain refuses a swap
  std::uint32_t confirmations = 2;                     ///< a block that holds the transaction counts as one
  /// How many blocks an order is watched after its end, in case the chain reorganises.
  std::uint32_t watch_blocks = 64;
  /// The most that one transaction may cost, in the chain's coin; a dearer one is not signed.
  Decimal max_network_fee = Decimal::from_parts(5, 2);
  Duration poll_every = std::chrono::seconds{2};
  std::string client_order_id_prefix = "cal";
  bool cancel_on_stop = true;
  JournalConfig journal = {};
};

class Protocol : public virtual Exchange {
 public:
  [[nodiscard]] virtual std::uint64_t chain_id() const noexcept = 0;
  [[nodiscard]] virtual std::string_view native_asset() const noexcept = 0;  ///< "ETH": network fees are paid in it
  /// Of the account that trades; empty without a key.
  [[nodiscard]] virtual std::string_view account() const noexcept = 0;
  /// The newest block that quotes and books are true for; 0 before the first.
  [[nodiscard]] virtual std::uint64_t block_number() const noexcept = 0;

  /// The best route's quote for exactly `amount` of base. `denied` with `unknown_trading_pair`, `not_ready`,
  /// `invalid_amount`, or `no_liquidity` if no pool can exchange all of it.
  [[nodiscard]] virtual Result<SwapQuote> quote(const TradingPair& pair, TradeType side,
                                                const Decimal& amount) const = 0;
  /// The price of that quote.
  [[nodiscard]] Result<Decimal> get_quote_price(const TradingPair& pair, bool is_buy, const Decimal& amount) const;
  /// What the transaction of such an order would cost now, in the chain's coin: expected, and at most. It asks the
  /// node; the failure is the one that the order would have.
  struct NetworkFee {
    Decimal expected;
    Decimal at_most;
    std::uint64_t gas = 0;
  };
  using NetworkFeeDone = std::function<void(Result<NetworkFee>)>;
  virtual void estimate_network_fee(const TradingPair& pair, TradeType side, const Decimal& amount,
                                    NetworkFeeDone done) = 0;

  /// How much of a token the protocol may take from the account, as of `block_number`; empty if it is not known yet.
  [[nodiscard]] virtual std::optional<Decimal> allowance(std::string_view token) const = 0;
  /// Lets the protocol take exactly `amount` of the token, 0 to take the permission back. It is a transaction with an
  /// id of its own, whose outcome is a `TokenApprovalEvent`. Nothing is ever approved without being asked for.
  virtual ClientOrderId approve(std::string_view token, const Decimal& amount) = 0;
  /// The same without a limit: whoever controls the protocol's contract can take all of the token, now and later.
  virtual ClientOrderId approve_unlimited(std::string_view token) = 0;

  /// Offers more for a transaction that waits, under the same nonce: only one of the two can be mined. `denied` if it
  /// is not waiting, or if that would cost more than its limit.
  virtual Status speed_up(const ClientOrderId& id) = 0;
};

}  // namespace calypte
