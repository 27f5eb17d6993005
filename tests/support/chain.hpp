// A real chain with Uniswap's published contracts for the length of a test: tools/chain/chain.mjs and the anvil that it
// starts, both ended with this object or with the program, however that ends. docs/test-chain.md says what is on it.
//
// Everything here blocks and is meant for staging and looking behind the scenes, not for what is tested. What fails
// throws `std::runtime_error` (`ChainError` where the chain itself refuses), because a test cannot go on then.
// Addresses are lower case with 0x in front. Not for several threads at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "cli/chain_process.hpp"
#include "evm/uint256.hpp"
#include "support/local_http.hpp"

namespace calypte::test {

struct ChainOptions {
  std::uint64_t chain_id = 31337;
  bool mining = true;                      ///< a block for each transaction; false: only `mine` makes blocks
  std::chrono::seconds block_time{0};      ///< not zero: a block every so often, and none for a transaction
  std::uint64_t base_fee = 1'000'000'000;  ///< wei for each gas, of the newest block at the start
};

struct ChainAccount {
  std::string address;
  std::string private_key;  ///< published by anvil, worth nothing
};

struct ChainToken {
  std::string symbol;
  int decimals = 0;
  std::string address;
};

struct ChainPool {
  std::string name;  ///< such as weth_usdc_500, weth_usdc_v2: base, quote, fee
  std::string kind;  ///< "v2" or "v3"
  std::string base;  ///< symbols
  std::string quote;
  std::string token0;  ///< in the order of the addresses
  std::string token1;
  std::uint32_t fee = 0;  ///< in millionths
  int tick_spacing = 0;   ///< 0 for v2
  std::string address;
};

/// The chain answered a request with an error.
class ChainError : public std::runtime_error {
 public:
  ChainError(std::int64_t code, std::string message, std::string data)
      : std::runtime_error(message), code_(code), data_(std::move(data)) {}
  [[nodiscard]] std::int64_t code() const noexcept { return code_; }
  /// What a reverted call returned, as hex text; empty if it returned nothing.
  [[nodiscard]] const std::string& data() const noexcept { return data_; }

 private:
  std::int64_t code_;
  std::string data_;
};

/// How a transaction is sent.
struct ChainSend {
  evm::Uint256 value = 0;  ///< wei that go along
  std::uint64_t gas = 5'000'000;
  std::optional<evm::Uint256> max_fee = {};  ///< wei for each gas; without them anvil chooses
  std::optional<evm::Uint256> tip = {};
  std::optional<std::uint64_t> nonce = {};  ///< the account's next one otherwise
};

/// What the chain says about a mined transaction.
struct ChainReceipt {
  bool succeeded = false;
  std::uint64_t block_number = 0;
  std::string block_hash;
  evm::Uint256 gas_used;
  evm::Uint256 gas_price;  ///< really paid, wei for each gas
  std::size_t logs = 0;
  std::string json;  ///< the whole of it
};

class Chain {
 public:
  explicit Chain(const ChainOptions& options = {});
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  /// One chain for all tests of a program, with the options' defaults, started at the first call. Tests that change it
  /// derive from `ChainTest`.
  static Chain& shared();

  [[nodiscard]] const std::string& rpc_url() const noexcept { return rpc_url_; }        ///< http://127.0.0.1:PORT
  [[nodiscard]] const std::string& stream_url() const noexcept { return stream_url_; }  ///< ws://127.0.0.1:PORT
  [[nodiscard]] std::uint64_t chain_id() const noexcept { return chain_id_; }
  [[nodiscard]] pid_t anvil() const noexcept { return anvil_; }            ///< its process
  [[nodiscard]] pid_t program() const noexcept { return process_->id(); }  ///< the process of chain.mjs

  /// By name; a name that is not there is a mistake of the test and throws.
  /// weth v2_factory v2_router v3_factory swap_router swap_router_02 position_manager quoter tick_lens
  [[nodiscard]] const std::string& contract(std::string_view name) const;
  [[nodiscard]] const ChainToken& token(std::string_view symbol) const;
  [[nodiscard]] const ChainPool& pool(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, ChainToken, std::less<>>& tokens() const noexcept { return tokens_; }
  [[nodiscard]] const std::map<std::string, ChainPool, std::less<>>& pools() const noexcept { return pools_; }
  /// 0 to 9; each owns coins and every token, has sent nothing and approved nothing.
  [[nodiscard]] const ChainAccount& account(std::size_t index) const;
  /// Deployed everything, owns the liquidity, may mint the tokens and decide how they behave.
  [[nodiscard]] const ChainAccount& deployer() const noexcept { return deployer_; }

  /// JSON-RPC: `parameters` is a JSON array; the answer is the text of `result`.
  std::string request(std::string_view method, std::string_view parameters = "[]");
  /// The same where the result is a string, without its quotes, or null, which gives an empty text.
  std::string request_text(std::string_view method, std::string_view parameters = "[]");

  // --- Looking ---
  std::uint64_t block_number();
  std::uint64_t block_timestamp(std::string_view block = "latest");  ///< in seconds
  evm::Uint256 base_fee(std::string_view block = "latest");          ///< wei for each gas
  evm::Uint256 coins(std::string_view owner);                        ///< in wei
  evm::Uint256 balance(std::string_view symbol, std::string_view owner);
  evm::Uint256 allowance(std::string_view symbol, std::string_view owner, std::string_view spender);
  /// Mined transactions of the account; with `pending` those too that wait.
  std::uint64_t nonce(std::string_view owner, bool pending = false);
  /// eth_call; `ChainError` if it reverts.
  std::string call(std::string_view to, std::string_view data, std::string_view from = {});
  std::optional<ChainReceipt> receipt(std::string_view hash);
  /// Waits for the receipt, which can come shortly after the answer even where each transaction is mined at once.
  ChainReceipt wait_for_receipt(std::string_view hash, std::chrono::milliseconds limit = std::chrono::seconds(10));

  /// The signed bytes of a transaction that is waiting or mined, for `reorganise`.
  std::string raw_transaction(std::string_view hash);

  // --- Doing ---
  /// From one of the accounts or the deployer (anvil signs). What reverts is sent too.
  std::string send(std::string_view from, std::string_view to, std::string_view data, const ChainSend& how = {});
  /// `send`, mined, received. Works with mining on or off.
  ChainReceipt execute(std::string_view from, std::string_view to, std::string_view data, const ChainSend& how = {});
  /// Somebody else trades: sells `amount` of one token of the pool into it, whatever the price, and approves before as
  /// needed. Throws if that reverts.
  ChainReceipt trade(std::string_view pool, std::string_view sold, const evm::Uint256& amount, std::string_view trader);
  void approve(std::string_view symbol, std::string_view owner, std::string_view spender, const evm::Uint256& amount);
  /// How a token behaves from now on: proper, refuse, tax, step, mute, pause (docs/test-chain.md).
  void set_manner(std::string_view symbol, std::string_view manner);

  // --- Staging ---
  void mine(std::uint64_t blocks = 1);
  void set_mining(bool each_transaction);
  void set_block_time(std::chrono::seconds every);  ///< zero ends it
  void set_next_timestamp(std::uint64_t seconds);
  void set_next_base_fee(const evm::Uint256& wei);
  /// Takes a waiting transaction out of the pool; false if it is not there.
  bool drop(std::string_view hash);
  void drop_all();
  /// Replaces the newest `depth` blocks by as many others. Each of `transactions` is a raw signed transaction and the
  /// new block that it goes into, counted from 0.
  struct Replay {
    std::string raw;
    std::uint64_t block = 0;
  };
  void reorganise(std::uint64_t depth, const std::vector<Replay>& transactions = {});
  [[nodiscard]] std::string snapshot();
  /// A snapshot can be taken back once. Waiting transactions are dropped, mining is as the options have it, and the
  /// chain's clock is the machine's again.
  void revert(const std::string& snapshot);

 private:
  void read_description();

  ChainOptions options_;
  std::unique_ptr<cli::ChainProcess> process_;
  std::unique_ptr<LocalHttp> http_;
  std::string rpc_url_;
  std::string stream_url_;
  std::uint64_t chain_id_ = 0;
  pid_t anvil_ = 0;
  bool mines_each_ = true;
  std::map<std::string, std::string, std::less<>> contracts_;
  std::map<std::string, ChainToken, std::less<>> tokens_;
  std::map<std::string, ChainPool, std::less<>> pools_;
  std::vector<ChainAccount> accounts_;
  ChainAccount deployer_;
  std::map<std::string, evm::Uint256, std::less<>> next_base_fees_;  ///< of the snapshots
};

/// Each test finds the shared chain as it was at its start.
class ChainTest : public testing::Test {
 protected:
  void SetUp() override { before_ = chain().snapshot(); }
  void TearDown() override { chain().revert(before_); }
  [[nodiscard]] static Chain& chain() { return Chain::shared(); }

 private:
  std::string before_;
};

/// Call data for staging, where all arguments are single words: a selector such as "0xa9059cbb", then addresses or
/// numbers. The connector has an encoder of its own, which is not used here.
class ChainWord {
 public:
  ChainWord(const evm::Uint256& value);                               // NOLINT: an argument is written as what it is
  ChainWord(std::uint64_t value) : ChainWord(evm::Uint256(value)) {}  // NOLINT
  ChainWord(int value) : ChainWord(evm::Uint256(value)) {}            // NOLINT
  ChainWord(std::string_view address);                                // NOLINT
  ChainWord(const std::string& address) : ChainWord(std::string_view(address)) {}  // NOLINT
  [[nodiscard]] const std::string& hex() const noexcept { return hex_; }

 private:
  std::string hex_;
};
[[nodiscard]] std::string chain_call(std::string_view selector, std::initializer_list<ChainWord> arguments);
/// The word of returned data at `index`; throws if there are fewer.
[[nodiscard]] evm::Uint256 chain_word(std::string_view returned, std::size_t index = 0);

}  // namespace calypte::test
