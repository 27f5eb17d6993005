#include "support/chain.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <sstream>
#include <thread>

#include "venue/json.hpp"
#include "venue/wire.hpp"

namespace calypte::test {
namespace {

namespace json = venue::json;
using evm::Uint256;

constexpr std::array<std::string_view, 6> kManners = {"proper", "refuse", "tax", "step", "mute", "pause"};

std::string hex_text(const Uint256& number) {
  std::ostringstream text;
  text << "0x" << std::hex << number;
  return text.str();
}

Uint256 number(std::string_view digits) {
  if (!digits.starts_with("0x") || digits.size() < 3) {
    throw std::runtime_error("not a number: " + std::string(digits));
  }
  return Uint256(std::string(digits));
}

std::uint64_t small_number(std::string_view digits) { return number(digits).convert_to<std::uint64_t>(); }

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  out += text;
  out += '"';
  return out;
}

std::unique_ptr<cli::ChainProcess> start_process(const ChainOptions& options) {
  std::vector<std::string> words = {"--chain-id", std::to_string(options.chain_id), "--base-fee",
                                    std::to_string(options.base_fee)};
  if (!options.mining) words.emplace_back("--no-mining");
  if (options.block_time.count() > 0) {
    words.emplace_back("--block-time");
    words.push_back(std::to_string(options.block_time.count()));
  }
  auto process = cli::ChainProcess::start(
      {.tools = CALYPTE_SOURCE_DIR "/tools/chain", .node = CALYPTE_NODE, .arguments = std::move(words)});
  if (!process.ok()) throw std::runtime_error(process.status().message());
  return std::move(*process);
}

/// A text of the chain; its values are valid as long as it is.
class Json {
 public:
  explicit Json(std::string_view text) {
    auto value = document_.parse(buffer_.assign(text));
    if (!value.ok()) throw std::runtime_error("the chain wrote no JSON: " + std::string(text));
    root_ = *value;
  }
  [[nodiscard]] json::Value find(std::string_view key) const noexcept { return root_.find(key); }

 private:
  venue::PaddedBuffer buffer_;
  json::Document document_;
  json::Value root_;
};

template <typename Map>
const auto& found(const Map& map, std::string_view name, const char* what) {
  const auto at = map.find(name);
  if (at == map.end()) throw std::runtime_error("the chain has no " + std::string(what) + " " + std::string(name));
  return at->second;
}

}  // namespace

Chain::Chain(const ChainOptions& options)
    : options_(options),
      process_(start_process(options)),
      mines_each_(options.mining && options.block_time.count() == 0) {
  read_description();
}

Chain& Chain::shared() {
  static Chain chain;
  return chain;
}

void Chain::read_description() {
  const Json ready(process_->ready_line());
  const auto text = [](const auto& object, std::string_view key) { return std::string(object.find(key).string()); };
  const auto count = [](const auto& object, std::string_view key) { return object.find(key).integer().value_or(0); };
  rpc_url_ = text(ready, "rpc_url");
  stream_url_ = text(ready, "stream_url");
  chain_id_ = static_cast<std::uint64_t>(count(ready, "chain_id"));
  anvil_ = static_cast<pid_t>(count(ready, "process"));
  for (const auto& [name, address] : ready.find("contracts").members()) {
    contracts_.emplace(name, address.string());
  }
  for (const auto& [symbol, token] : ready.find("tokens").members()) {
    tokens_[std::string(symbol)] = {.symbol = std::string(symbol),
                                    .decimals = static_cast<int>(count(token, "decimals")),
                                    .address = text(token, "address")};
  }
  for (const auto& [name, pool] : ready.find("pools").members()) {
    pools_[std::string(name)] = {.name = std::string(name),
                                 .kind = text(pool, "kind"),
                                 .base = text(pool, "base"),
                                 .quote = text(pool, "quote"),
                                 .token0 = text(pool, "token0"),
                                 .token1 = text(pool, "token1"),
                                 .fee = static_cast<std::uint32_t>(count(pool, "fee")),
                                 .tick_spacing = static_cast<int>(count(pool, "tick_spacing")),
                                 .address = text(pool, "address")};
  }
  const auto account = [&text](const json::Value& value) {
    return ChainAccount{.address = text(value, "address"), .private_key = text(value, "private_key")};
  };
  for (const auto& value : ready.find("accounts").elements()) accounts_.push_back(account(value));
  deployer_ = account(ready.find("deployer"));
  const auto port = rpc_url_.rfind(':');
  if (port == std::string::npos || anvil_ <= 0) {
    throw std::runtime_error("the chain does not say where it is: " + process_->ready_line());
  }
  http_ = std::make_unique<LocalHttp>(static_cast<std::uint16_t>(std::stoul(rpc_url_.substr(port + 1))));
}

const std::string& Chain::contract(std::string_view name) const { return found(contracts_, name, "contract"); }
const ChainToken& Chain::token(std::string_view symbol) const { return found(tokens_, symbol, "token"); }
const ChainPool& Chain::pool(std::string_view name) const { return found(pools_, name, "pool"); }
const ChainAccount& Chain::account(std::size_t index) const { return accounts_.at(index); }

std::string Chain::request(std::string_view method, std::string_view parameters) {
  std::string body = R"({"jsonrpc":"2.0","id":1,"method":)" + in_quotes(method) + R"(,"params":)";
  body += parameters;
  body += '}';
  const std::string answer = http_->post(body);
  const Json value(answer);
  if (const auto error = value.find("error"); !error.is_null()) {
    throw ChainError(error.find("code").integer().value_or(0),
                     std::string(method) + ": " + std::string(error.find("message").string()),
                     std::string(error.find("data").string()));
  }
  return std::string(value.find("result").is_string() ? in_quotes(value.find("result").string())
                                                      : value.find("result").text());
}

std::string Chain::request_text(std::string_view method, std::string_view parameters) {
  const std::string result = request(method, parameters);
  if (result == "null") return {};
  if (result.size() < 2 || result.front() != '"') {
    throw std::runtime_error(std::string(method) + " did not answer with a text: " + result);
  }
  return result.substr(1, result.size() - 2);
}

// --- Looking ---

std::uint64_t Chain::block_number() { return small_number(request_text("eth_blockNumber")); }

std::uint64_t Chain::block_timestamp(std::string_view block) {
  const Json answer(request("eth_getBlockByNumber", "[" + in_quotes(block) + ",false]"));
  return small_number(answer.find("timestamp").string());
}

Uint256 Chain::base_fee(std::string_view block) {
  const Json answer(request("eth_getBlockByNumber", "[" + in_quotes(block) + ",false]"));
  return number(answer.find("baseFeePerGas").string());
}

Uint256 Chain::coins(std::string_view owner) {
  return number(request_text("eth_getBalance", "[" + in_quotes(owner) + R"(,"latest"])"));
}

Uint256 Chain::balance(std::string_view symbol, std::string_view owner) {
  return chain_word(call(token(symbol).address, chain_call("0x70a08231", {owner})));
}

Uint256 Chain::allowance(std::string_view symbol, std::string_view owner, std::string_view spender) {
  return chain_word(call(token(symbol).address, chain_call("0xdd62ed3e", {owner, spender})));
}

std::uint64_t Chain::nonce(std::string_view owner, bool pending) {
  const std::string parameters = "[" + in_quotes(owner) + "," + in_quotes(pending ? "pending" : "latest") + "]";
  return small_number(request_text("eth_getTransactionCount", parameters));
}

std::string Chain::call(std::string_view to, std::string_view data, std::string_view from) {
  std::string parameters = R"([{"to":)" + in_quotes(to) + R"(,"data":)" + in_quotes(data);
  if (!from.empty()) parameters += R"(,"from":)" + in_quotes(from);
  return request_text("eth_call", parameters + R"(},"latest"])");
}

std::optional<ChainReceipt> Chain::receipt(std::string_view hash) {
  std::string answer = request("eth_getTransactionReceipt", "[" + in_quotes(hash) + "]");
  if (answer == "null") return std::nullopt;
  const Json value(answer);
  ChainReceipt receipt{.succeeded = value.find("status").string() == "0x1",
                       .block_number = small_number(value.find("blockNumber").string()),
                       .block_hash = std::string(value.find("blockHash").string()),
                       .gas_used = number(value.find("gasUsed").string()),
                       .gas_price = number(value.find("effectiveGasPrice").string()),
                       .logs = value.find("logs").size(),
                       .json = {}};
  receipt.json = std::move(answer);
  return receipt;
}

ChainReceipt Chain::wait_for_receipt(std::string_view hash, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (auto mined = receipt(hash)) return *mined;
    if (std::chrono::steady_clock::now() > until) {
      throw std::runtime_error("no receipt in time of " + std::string(hash));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::string Chain::raw_transaction(std::string_view hash) {
  return request_text("eth_getRawTransactionByHash", "[" + in_quotes(hash) + "]");
}

// --- Doing ---

std::string Chain::send(std::string_view from, std::string_view to, std::string_view data, const ChainSend& how) {
  std::string fields;
  const auto add = [&fields](const char* name, std::string_view value) {
    fields += fields.empty() ? "" : ",";
    fields += in_quotes(name) + ":" + in_quotes(value);
  };
  add("from", from);
  add("to", to);
  add("data", data);
  add("value", hex_text(how.value));
  add("gas", hex_text(how.gas));
  if (how.max_fee) add("maxFeePerGas", hex_text(*how.max_fee));
  if (how.tip) add("maxPriorityFeePerGas", hex_text(*how.tip));
  if (how.nonce) add("nonce", hex_text(*how.nonce));
  return request_text("eth_sendTransaction", "[{" + fields + "}]");
}

ChainReceipt Chain::execute(std::string_view from, std::string_view to, std::string_view data, const ChainSend& how) {
  const std::string hash = send(from, to, data, how);
  if (!mines_each_) mine();
  return wait_for_receipt(hash);
}

ChainReceipt Chain::trade(std::string_view pool_name, std::string_view sold, const Uint256& amount,
                          std::string_view trader) {
  const ChainPool& where = pool(pool_name);
  if (sold != where.base && sold != where.quote) {
    throw std::runtime_error(std::string(sold) + " is not traded in " + where.name);
  }
  const std::string& in = token(sold).address;
  const std::string& out = token(sold == where.base ? where.quote : where.base).address;
  const bool v2 = where.kind == "v2";
  const std::string& router = contract(v2 ? "v2_router" : "swap_router_02");
  if (allowance(sold, trader, router) < amount) approve(sold, trader, router, amount);
  const std::uint64_t deadline = 4'000'000'000;
  const auto data = v2 ? chain_call("0x38ed1739", {amount, 0, 160, trader, deadline, 2, in, out})
                       : chain_call("0x04e45aaf", {in, out, Uint256(where.fee), trader, amount, 0, 0});
  auto receipt = execute(trader, router, data);
  if (!receipt.succeeded) throw std::runtime_error("the trade in " + where.name + " reverted");
  return receipt;
}

void Chain::approve(std::string_view symbol, std::string_view owner, std::string_view spender, const Uint256& amount) {
  if (!execute(owner, token(symbol).address, chain_call("0x095ea7b3", {spender, amount})).succeeded) {
    throw std::runtime_error("the approval reverted");
  }
}

void Chain::set_manner(std::string_view symbol, std::string_view manner) {
  const auto* const at = std::ranges::find(kManners, manner);
  if (at == kManners.end()) throw std::runtime_error("no token behaves like " + std::string(manner));
  const auto data = chain_call("0xa541e525", {static_cast<int>(at - kManners.begin())});
  if (!execute(deployer_.address, token(symbol).address, data).succeeded) {
    throw std::runtime_error(std::string(symbol) + " has no manners");
  }
}

// --- Staging ---

void Chain::mine(std::uint64_t blocks) { request("anvil_mine", "[" + in_quotes(hex_text(blocks)) + "]"); }

void Chain::set_mining(bool each_transaction) {
  request("evm_setAutomine", each_transaction ? "[true]" : "[false]");
  mines_each_ = each_transaction;
}

void Chain::set_block_time(std::chrono::seconds every) {
  request("evm_setIntervalMining", "[" + std::to_string(every.count()) + "]");
  mines_each_ = false;
}

void Chain::set_next_timestamp(std::uint64_t seconds) {
  request("evm_setNextBlockTimestamp", "[" + std::to_string(seconds) + "]");
}

void Chain::set_next_base_fee(const Uint256& wei) {
  request("anvil_setNextBlockBaseFeePerGas", "[" + in_quotes(hex_text(wei)) + "]");
}

bool Chain::drop(std::string_view hash) {
  return !request_text("anvil_dropTransaction", "[" + in_quotes(hash) + "]").empty();
}

void Chain::drop_all() { request("anvil_dropAllTransactions"); }

void Chain::reorganise(std::uint64_t depth, const std::vector<Replay>& transactions) {
  std::string list;
  for (const auto& [raw, block] : transactions) {
    if (!list.empty()) list += ',';
    list += "[" + in_quotes(raw) + "," + std::to_string(block) + "]";
  }
  request("anvil_reorg", "[" + std::to_string(depth) + ",[" + list + "]]");
}

std::string Chain::snapshot() {
  auto id = request_text("evm_snapshot");
  next_base_fees_[id] = base_fee("pending");
  return id;
}

void Chain::revert(const std::string& snapshot) {
  drop_all();
  if (request("evm_revert", "[" + in_quotes(snapshot) + "]") != "true") {
    throw std::runtime_error("there is no snapshot " + snapshot);
  }
  // What anvil forgets to take back: how it mines, its clock, and what the next block's gas costs.
  request("evm_setIntervalMining", "[0]");
  set_mining(options_.mining && options_.block_time.count() == 0);
  if (options_.block_time.count() > 0) set_block_time(options_.block_time);
  const auto now = static_cast<std::uint64_t>(std::time(nullptr));
  request("evm_setTime", "[" + std::to_string(std::max(now, block_timestamp())) + "]");
  set_next_base_fee(found(next_base_fees_, snapshot, "snapshot"));
  next_base_fees_.erase(snapshot);
}

// --- Words ---

ChainWord::ChainWord(const Uint256& value) {
  const std::string digits = hex_text(value).substr(2);
  hex_ = std::string(64 - digits.size(), '0') + digits;
}

ChainWord::ChainWord(std::string_view address) : ChainWord(number(address)) {}

std::string chain_call(std::string_view selector, std::initializer_list<ChainWord> arguments) {
  std::string data(selector);
  for (const auto& argument : arguments) data += argument.hex();
  return data;
}

Uint256 chain_word(std::string_view returned, std::size_t index) {
  if (!returned.starts_with("0x") || returned.size() < 2 + 64 * (index + 1)) {
    throw std::runtime_error("there is no word " + std::to_string(index) + " in " + std::string(returned));
  }
  return number("0x" + std::string(returned.substr(2 + 64 * index, 64)));
}

}  // namespace calypte::test
