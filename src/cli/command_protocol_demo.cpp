// `calypte demo uniswap`: a chain on this machine with Uniswap's contracts, a connector that trades on it, and the
// chain's own word on what happened.
#include <cstdio>
#include <fmt/format.h>
#include <memory>

#include "cli/chain_node.hpp"
#include "cli/chain_process.hpp"
#include "cli/commands.hpp"
#include "cli/plain_text.hpp"
#include "cli/protocol_demo_strategy.hpp"
#include "cli/protocol_reconciliation.hpp"
#include "runtime/logging.hpp"
#include "venue/json.hpp"

namespace calypte::cli {

using namespace std::chrono_literals;

namespace {

/// A block every so many seconds: slow enough to see an order wait.
constexpr std::string_view kBlockSeconds = "1";
constexpr std::uint32_t kDemoConfirmations = 2;

class ProtocolDemoLog final : public LogSink {
 public:
  void log(LogLevel level, std::string_view component, std::string_view message) override {
    if (enabled(level)) fmt::print("{}: {}\n", component, message);
  }
  [[nodiscard]] bool enabled(LogLevel level) const noexcept override { return level >= LogLevel::warning; }
};

/// What chain.mjs says of itself, as far as the demo needs it.
struct ChainDescription {
  ProtocolConfig config;
  std::vector<ChainToken> tokens;
};

Result<ChainDescription> read_description(const std::string& line, const TradingPair& pair) {
  const venue::PaddedBuffer buffer(line);
  venue::json::Document document;
  const auto root = document.parse(buffer.bytes());
  if (!root.ok()) return root.status();
  const auto text = [](const venue::json::Value& object, std::string_view key) {
    return std::string(object.find(key).string());
  };
  ChainDescription chain;
  chain.config.chain_id = static_cast<std::uint64_t>(root->find("chain_id").integer().value_or(0));
  chain.config.rpc_url = text(*root, "rpc_url");
  chain.config.stream_url = text(*root, "stream_url");
  chain.config.trading_pairs = {pair};
  const auto contracts = root->find("contracts");
  chain.config.contracts = {{"v2_factory", text(contracts, "v2_factory")},
                            {"v3_factory", text(contracts, "v3_factory")},
                            {"router", text(contracts, "swap_router_02")}};
  for (const auto symbol : {pair.base(), pair.quote()}) {
    const auto token = root->find("tokens").find(symbol);
    const auto address = evm::Address::parse(token.find("address").string());
    if (!address.ok()) return Status(StatusCode::denied, fmt::format("the chain has no token {}", symbol));
    chain.config.tokens.push_back({std::string(symbol), text(token, "address")});
    chain.tokens.push_back(
        {std::string(symbol), *address, static_cast<int>(token.find("decimals").integer().value_or(0))});
  }
  // The second of the accounts that anvil publishes, key and all: worth nothing anywhere.
  std::size_t index = 0;
  for (const auto& account : root->find("accounts").elements()) {
    if (index++ == 1) chain.config.credentials.api_secret = Secret(text(account, "private_key"));
  }
  return chain;
}

void print(const ProtocolReconciliation& r, const HeardOnChain& heard, std::string_view coin) {
  fmt::print("\nReconciliation with the chain\n");
  for (const auto& row : r.rows) fmt::print("{}\n", row);
  fmt::print("\n{} fills, {} other transactions, {} balances compared\n", heard.fills.size(), heard.network_fees.size(),
             r.balances);
  for (const auto& [ending, count] : heard.endings) fmt::print("  {:<26} {}\n", ending, count);
  fmt::print("  network fees {} {}\n", r.network_fees.to_string(), coin);
  for (const auto& difference : r.differences) fmt::print("DIFFERS: {}\n", difference);
}

}  // namespace

int run_protocol_demo(const ProtocolDemoOptions& options) {
  const auto fail = [](const Status& why) {
    fmt::print(stderr, "calypte demo: {}\n", why.message());
    return 2;
  };
  const auto pair = TradingPair::from_assets("WETH", "USDC");
  if (Status there = provide_chain_packages(options.chain_tools); !there.ok()) return fail(there);
  const auto process =
      ChainProcess::start({.tools = options.chain_tools, .arguments = {"--block-time", std::string(kBlockSeconds)}});
  if (!process.ok()) return fail(process.status());
  auto chain = read_description((*process)->ready_line(), pair);
  if (!chain.ok()) return fail(chain.status());
  fmt::print("A chain with the contracts of Uniswap (chain id {}, a block every second) listens on {}\n",
             chain->config.chain_id, chain->config.rpc_url);

  const auto log = std::make_shared<ProtocolDemoLog>();
  const auto node = ChainNode::create(chain->config.rpc_url, *log);
  if (!node.ok()) return fail(node.status());
  chain->config.venue = options.protocol;
  chain->config.confirmations = kDemoConfirmations;
  chain->config.poll_every = 200ms;
  // The demo asks the chain from its own callbacks, which takes a moment.
  Runtime runtime({.tick = 100ms, .slow_callback_limit = 2s, .stop_on_signals = true, .log = log});
  const auto added = runtime.add_protocol(std::move(chain->config));
  if (!added.ok()) return fail(added.status());
  Protocol& protocol = **added;

  ProtocolAccounts accounts{
      .account = {}, .coin = std::string(protocol.native_asset()), .pair = pair, .tokens = chain->tokens, .before = {}};
  const auto account = evm::Address::parse(protocol.account());
  if (!account.ok()) return fail(account.status());
  accounts.account = *account;
  auto before = read_account(**node, accounts.account, accounts.coin, accounts.tokens);
  if (!before.ok()) return fail(before.status());
  accounts.before = std::move(*before);
  for (const auto& [symbol, balance] : accounts.before.balances) {
    fmt::print("{} holds {} {}\n", protocol.account(), balance.to_string(), symbol);
  }

  const auto make_blocks = [&node](bool make) {
    return (*node)
        ->ask({.method = "evm_setIntervalMining", .params = fmt::format("[{}]", make ? kBlockSeconds : "0")})
        .status();
  };
  ProtocolDemoStrategy strategy({.pair = pair,
                                 .make_blocks = make_blocks,
                                 .on_line =
                                     [](const LogLine& line) {
                                       fmt::print("{}\n", plain_line(line));
                                       std::fflush(stdout);
                                     },
                                 .finished = [&runtime] { runtime.stop(); }},
                                protocol);
  if (Status ran = runtime.run(strategy); !ran.ok()) return fail(ran);
  const auto result = reconcile(strategy.heard(), protocol.balances(), accounts, **node);
  print(result, strategy.heard(), accounts.coin);
  if (!strategy.done()) {
    fmt::print("NOT DONE: {}\n", strategy.trouble().empty() ? "it was interrupted" : strategy.trouble());
    for (const auto& condition : protocol.status().conditions) {
      if (!condition.initialized) fmt::print("  {}: {}\n", condition.name, condition.detail);
    }
  }
  const bool agrees = result.differences.empty() && strategy.done();
  fmt::print("{}\n", agrees ? "RECONCILED: everything agrees with the chain" : "NOT RECONCILED");
  return agrees ? 0 : 1;
}

}  // namespace calypte::cli
