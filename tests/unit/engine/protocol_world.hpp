// The engine of protocols with a node of our own: what it knows, how it misbehaves, and one pool at a fixed price.
#pragma once

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/journal_desk.hpp"
#include "engine/protocol/protocol_engine.hpp"
#include "evm/hex.hpp"
#include "evm/quantity.hpp"
#include "support/event_sequence.hpp"
#include "unit/runtime/recording_log.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

inline const TradingPair kWethUsdc = TradingPair::from_assets("WETH", "USDC");
inline constexpr std::uint64_t kChain = 5;

/// `fork`: how often the chain has taken back its block of this number.
inline evm::Hash32 block_hash(std::uint64_t number, std::uint8_t fork = 0) {
  evm::Hash32 hash;
  hash.bytes[0] = 0xb1;
  hash.bytes[1] = fork;
  for (unsigned i = 0; i < 8; ++i) hash.bytes[31 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return hash;
}
inline std::uint64_t block_time(std::uint64_t number) { return 1'700'000'000 + number * 12; }

/// What a swap of `FixedPrice` carries.
struct SwapData {
  std::uint64_t amount = 0;  // base, whole units
  std::uint64_t deadline = 0;

  [[nodiscard]] evm::ByteString encode() const {
    evm::ByteString data;
    for (const std::uint64_t word : {amount, deadline}) {
      for (int shift = 56; shift >= 0; shift -= 8) data.push_back(static_cast<std::uint8_t>(word >> shift));
    }
    return data;
  }
  /// Empty: it is no swap, but takes a nonce back.
  static std::optional<SwapData> decode(const evm::ByteString& data) {
    if (data.size() != 16) return std::nullopt;
    SwapData swap;
    for (std::size_t i = 0; i < 8; ++i) swap.amount = swap.amount << 8 | data[i];
    for (std::size_t i = 8; i < 16; ++i) swap.deadline = swap.deadline << 8 | data[i];
    return swap;
  }
};

/// What the node knows, and how it misbehaves. It takes and mines as real ones do: one transaction a nonce, in their
/// order, the one that offers most; a replacement must offer a tenth more.
struct Node {
  std::uint64_t head = 10;
  std::uint64_t chain_id = kChain;
  std::uint64_t mined_nonce = 3;
  std::map<std::uint64_t, std::uint8_t> forks;
  std::map<evm::Hash32, std::uint64_t> mined;  // block of a transaction
  std::set<evm::Hash32> failed;                // of those
  std::map<evm::Hash32, evm::SignedTransaction> pool;
  std::map<evm::Hash32, evm::SignedTransaction> known;  // whatever it took
  std::vector<evm::Hash32> submissions;                 // everything that ever arrived
  bool down = false;
  bool lose_send_answers = false;  // the transaction arrives, the answer does not
  bool lose_sends = false;         // not even that, and nobody knows
  bool reverts = false;            // what is mined fails
  std::uint64_t lag = 0;           // blocks that it is behind the chain
  std::uint64_t gas_used = 100'000;
  std::string replay_error;  // of eth_call; empty: it succeeds
  std::string refuse_sends;  // an error of the node

  void mine();
  /// The newest `depth` blocks give way to one more, all of them empty yet; what was in them waits again.
  void reorganise(std::uint64_t depth);
  /// Another program with the same key has spent the next nonce.
  void spend_nonce();

  [[nodiscard]] evm::Hash32 hash_of(std::uint64_t number) const {
    const auto fork = forks.find(number);
    return block_hash(number, fork == forks.end() ? std::uint8_t{0} : fork->second);
  }
  /// The result or, if it begins with '!', an error.
  std::string answer(std::string_view method, venue::json::Value params);

 private:
  std::string take(const evm::SignedTransaction& transaction);
  [[nodiscard]] std::uint64_t nonce_at(std::uint64_t block) const {
    const auto later = std::ranges::count_if(mined, [block](const auto& entry) { return entry.second > block; });
    return mined_nonce - static_cast<std::uint64_t>(later);
  }
  void drop_spent() {
    std::erase_if(pool, [this](const auto& entry) { return entry.second.transaction.nonce < mined_nonce; });
  }
};

/// One pool that always trades at 2000.
class FixedPrice final : public evm::ProtocolVenue {
 public:
  explicit FixedPrice(const Node& node) : node_(node) {}
  std::string_view name() const noexcept override { return "fixed"; }
  std::vector<evm::ReadCall> begin_load() override {
    loaded_ = false;
    ++loads;
    return {evm::ReadCall{}};
  }
  Result<std::vector<evm::ReadCall>> continue_load(std::span<const evm::ReadResult>) override {
    loaded_ = true;
    return std::vector<evm::ReadCall>{};
  }
  bool loaded() const noexcept override { return loaded_; }
  std::vector<evm::Address> log_sources() const override { return {evm::Address{}}; }
  Status apply_logs(std::span<const evm::rpc::Log>) override { return {}; }
  const evm::Token* token(std::string_view symbol) const override {
    return symbol == "WETH" ? &weth_ : symbol == "USDC" ? &usdc_ : nullptr;
  }
  const TradingRule* trading_rule(const TradingPair&) const override { return nullptr; }
  evm::Address spender() const override { return {}; }
  Result<SwapQuote> quote(const TradingPair& pair, TradeType side, const Decimal& amount,
                          const Decimal&) const override {
    SwapQuote quote;
    quote.trading_pair = pair;
    quote.side = side;
    quote.amount = amount;
    quote.price = 2000;
    quote.quote_amount = amount * 2000;
    return quote;
  }
  Result<evm::SwapCall> swap(const evm::SwapOrder& order) const override {
    evm::SwapCall call;
    const auto amount = order.amount.rescaled(0, Rounding::floor);
    call.data = SwapData{static_cast<std::uint64_t>(amount.coefficient()), order.deadline}.encode();
    call.pays = order.side == TradeType::buy ? usdc_ : weth_;
    call.pays_at_most = 1000;
    return call;
  }
  void book(const TradingPair&, std::vector<evm::BookLevel>& bids, std::vector<evm::BookLevel>& asks) const override {
    bids.push_back({1999, 5});
    asks.push_back({2001, 5});
  }
  Decimal pool_fee(const TradingPair&) const override { return {}; }
  Result<evm::SwapFill> fill_of(const TradingPair&, TradeType, const evm::Address&,
                                const evm::rpc::Receipt& receipt) const override {
    const auto transaction = node_.known.find(receipt.transaction_hash);
    const auto swap =
        transaction == node_.known.end() ? std::nullopt : SwapData::decode(transaction->second.transaction.data);
    const Decimal amount = swap ? Decimal(swap->amount) : Decimal(1);
    return evm::SwapFill{.base_amount = amount, .quote_amount = amount * 2000};
  }
  Status explain_revert(evm::ByteView) const override {
    return {StatusCode::rejected, FailureReason::slippage, "Too little received"};
  }
  int loads = 0;

 private:
  const Node& node_;
  bool loaded_ = false;
  evm::Token weth_{"WETH", evm::Address{{1}}, 18};
  evm::Token usdc_{"USDC", evm::Address{{2}}, 6};
};

inline void Node::mine() {
  ++head;
  for (;;) {
    const evm::SignedTransaction* best = nullptr;
    for (const auto& [hash, waiting] : pool) {
      if (waiting.transaction.nonce != mined_nonce) continue;
      if (best == nullptr || waiting.transaction.fee_cap() > best->transaction.fee_cap()) best = &waiting;
    }
    if (best == nullptr) break;
    const auto swap = SwapData::decode(best->transaction.data);
    mined[best->hash] = head;
    failed.erase(best->hash);
    if (reverts || (swap && block_time(head) > swap->deadline)) failed.insert(best->hash);
    ++mined_nonce;
    drop_spent();
  }
}

inline void Node::reorganise(std::uint64_t depth) {
  for (std::uint64_t number = head - depth + 1; number <= head; ++number) ++forks[number];
  for (auto it = mined.begin(); it != mined.end();) {
    if (it->second <= head - depth) {
      ++it;
      continue;
    }
    if (const auto transaction = known.find(it->first); transaction != known.end()) pool.insert(*transaction);
    --mined_nonce;
    it = mined.erase(it);
  }
  ++head;
}

inline void Node::spend_nonce() {
  ++head;
  evm::Hash32 foreign;
  foreign.bytes[0] = 0xff;
  for (unsigned i = 0; i < 8; ++i) foreign.bytes[31 - i] = static_cast<std::uint8_t>(head >> (8 * i));
  foreign.bytes[1] = forks[head];
  mined[foreign] = head;
  ++mined_nonce;
  drop_spent();
}

inline std::string Node::take(const evm::SignedTransaction& transaction) {
  const auto& offered = transaction.transaction;
  submissions.push_back(transaction.hash);
  if (offered.nonce < mined_nonce) return "!nonce too low";
  if (pool.contains(transaction.hash)) return "!already known";
  const auto other =
      std::ranges::find_if(pool, [&](const auto& entry) { return entry.second.transaction.nonce == offered.nonce; });
  if (other != pool.end()) {
    const auto& there = other->second.transaction;
    const bool more = offered.fee_cap() * 10 >= there.fee_cap() * 11 &&
                      offered.max_priority_fee_per_gas * 10 >= there.max_priority_fee_per_gas * 11;
    if (!more) return "!replacement transaction underpriced";
    pool.erase(other);
  }
  pool[transaction.hash] = transaction;
  known[transaction.hash] = transaction;
  return {};
}

inline std::string Node::answer(std::string_view method, venue::json::Value params) {
  const auto text = [](const std::string& s) { return "\"" + s + "\""; };
  const auto number = [&](std::uint64_t n) { return text(evm::to_quantity(n)); };
  const std::uint64_t view = head - lag;
  if (method == "eth_chainId") return number(chain_id);
  if (method == "eth_gasPrice" || method == "eth_maxPriorityFeePerGas") return number(1'000'000'000);
  if (method == "eth_getBalance") return text("0xde0b6b3a7640000");
  if (method == "eth_getTransactionCount") {
    if (params[1].string() == "pending") return number(nonce_at(view) + pool.size());
    if (params[1].string() == "latest") return number(nonce_at(view));
    const auto asked = params[1].find("blockHash").string();
    for (std::uint64_t n = view; n + 20 > view; --n) {
      if (hash_of(n).to_string() == asked) return number(nonce_at(n));
    }
    return "!header not found";
  }
  if (method == "eth_call") return text("0x" + std::string(40, '0') + std::string(24, 'f'));
  if (method == "eth_estimateGas") return number(100'000);
  if (method == "eth_getLogs") return "[]";
  if (method == "eth_getBlockByNumber") {
    const std::uint64_t n = evm::parse_quantity_64(params[0].string()).value_or(view);
    if (n > view) return "null";
    return fmt::format(
        R"({{"number":{},"hash":"{}","parentHash":"{}","timestamp":{},"gasLimit":"0x1c9c380","gasUsed":"0x0","baseFeePerGas":"0x3b9aca00"}})",
        number(n), hash_of(n).to_string(), hash_of(n - 1).to_string(), number(block_time(n)));
  }
  if (method == "eth_getTransactionReceipt") {
    const auto found = mined.find(evm::Hash32::parse(params[0].string()).value());
    if (found == mined.end() || found->second > view) return "null";
    return fmt::format(
        R"({{"transactionHash":"{}","blockHash":"{}","blockNumber":{},"transactionIndex":"0x0","from":"{}","to":"{}","status":"{}","gasUsed":{},"effectiveGasPrice":"0x3b9aca00","logs":[]}})",
        found->first.to_string(), hash_of(found->second).to_string(), number(found->second), evm::Address{}.to_hex(),
        evm::Address{}.to_hex(), reverts || failed.contains(found->first) ? "0x0" : "0x1", number(gas_used));
  }
  if (method == "eth_sendRawTransaction") {
    const auto transaction = evm::decode_transaction(evm::from_hex(params[0].string()).value()).value();
    const std::string refused = take(transaction);
    return refused.empty() ? text(transaction.hash.to_string()) : refused;
  }
  ADD_FAILURE() << "not asked for here: " << method;
  return "null";
}

/// The engine, driven by the rounds of the runtime with a journal in memory, and the node.
struct ProtocolWorld {
  explicit ProtocolWorld(std::function<void(ProtocolConfig&)> configure = {}) : configure_(std::move(configure)) {
    boot();
    pump();
  }
  /// A process begins, with what the journal of those before it says.
  void boot() {
    ProtocolConfig config;
    config.chain_id = kChain;
    config.rpc_url = "http://localhost:1";
    config.credentials.api_secret = Secret(std::string(63, '0') + "1");
    config.trading_pairs = {kWethUsdc};
    config.poll_every = 1s;
    if (configure_) configure_(config);
    ProtocolEngineOptions options;
    options.instance = ++lives;
    auto made = ProtocolEngine::create(std::make_unique<FixedPrice>(node), std::move(config), options, log, now);
    engine = std::move(*made);
    desk_ = std::make_unique<JournalDesk>(*engine);
    if (lives > 1) {
      Recovery recovery;
      for (const auto& [kind, payload] : journal_) EXPECT_TRUE(recovery.apply(kind, payload).ok());
      desk_->recover(recovery, now);
      for (auto& [number, event] : recovery.events_to_tell(heard_)) hear(std::move(event), number);
    }
    journal_.emplace_back(RecordKind::connector, to_json(ConnectorIdentity{"fixed", "cal", "local"}));
    engine->start(now);
  }
  /// The strategy keeps a record of its own: it knows what it heard last.
  void hear(Event event, std::uint64_t number) {
    if (number != 0) {
      EXPECT_EQ(number, heard_ + 1) << "left out or told again: " << describe(event);
      heard_ = number;
      journal_.emplace_back(RecordKind::told, told_record(number));
    }
    events.push_back(std::move(event));
  }
  void carry_out(const SendRequest& request) {
    if (before_request) before_request();
    if (!stop_at.empty() && request.name == stop_at) return engine->stop(now);
    const bool sends = request.name == "send transaction";
    venue::RequestOutcome outcome;
    if (request.places_orders && journal_broken) {
      outcome = {.kind = venue::RequestOutcome::Kind::not_sent, .reply = {}, .error = "the journal cannot be written"};
    } else if (node.down || (sends && node.lose_sends)) {
      outcome = {.kind = venue::RequestOutcome::Kind::unknown, .reply = {}, .error = "time-out"};
    } else {
      const venue::PaddedBuffer body(request.request.body);
      venue::json::Document document;
      const auto root = document.parse(body.bytes());
      const auto one = [&](venue::json::Value call) {
        const std::string id(call.find("id").text());
        if (request.name == "replay" && !node.replay_error.empty()) {
          return R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":3,"message":"execution reverted","data":")" +
                 node.replay_error + "\"}}";
        }
        const auto error = [&](std::string_view what) {
          return fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{{"code":-32000,"message":"{}"}}}})", id, what);
        };
        if (sends && !node.refuse_sends.empty()) return error(node.refuse_sends);
        const std::string answer = node.answer(call.find("method").string(), call.find("params"));
        if (answer.starts_with('!')) return error(std::string_view(answer).substr(1));
        return fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{}}})", id, answer);
      };
      std::string text;
      if (root->is_array()) {
        for (const auto call : root->elements()) text += (text.empty() ? "[" : ",") + one(call);
        text += "]";
      } else {
        text = one(*root);
      }
      reply.assign(text);
      if (sends && node.lose_send_answers) {
        outcome = {.kind = venue::RequestOutcome::Kind::unknown, .reply = {}, .error = "cut"};
      } else {
        outcome = {.kind = venue::RequestOutcome::Kind::replied,
                   .reply = {.http_status = 200, .headers = {}, .body = reply.bytes()},
                   .error = {}};
      }
    }
    engine->on_outcome(request.id, outcome, now);
  }
  void pump() {
    for (int i = 0; i < 1000; ++i) {
      if (!round()) return;
    }
    ADD_FAILURE() << "it never rests";
  }
  /// False if there was nothing to do. The process may die between any two steps.
  bool round() {
    const auto struck = [this] {
      if (!dies || !dies()) return false;
      boot();
      return true;
    };
    engine->settle();
    Actions actions = std::exchange(engine->actions(), {});
    auto news = std::exchange(engine->events(), {});
    const std::string_view record = desk_->compose(news);
    if (actions.empty() && news.empty() && record.empty()) return false;
    if (struck()) return true;
    if (!record.empty()) journal_.emplace_back(RecordKind::round, record);
    if (struck()) return true;
    for (const auto& action : actions) {
      carry_out(std::get<SendRequest>(action));
      if (struck()) return true;
    }
    for (std::size_t i = 0; i < news.size(); ++i) {
      hear(std::move(news[i]), desk_->number_of(i));
      if (struck()) return true;
    }
    return true;
  }
  void pass(Duration d) {
    for (const Time until = now + d; now < until;) {
      now = std::min(until, std::max(now + 1ms, engine->next_wakeup()));
      engine->on_time(now);
      pump();
    }
  }
  void mine(int blocks = 1) {
    for (int i = 0; i < blocks; ++i) {
      node.mine();
      pass(2s);
    }
  }
  ClientOrderId buy() {
    auto id = engine->buy(kWethUsdc, 1, OrderType::market, std::nullopt, {});
    pump();
    return id;
  }
  template <typename E>
  std::vector<E> heard() const {
    std::vector<E> found;
    for (const auto& event : events) {
      if (const auto* e = std::get_if<E>(&event)) found.push_back(*e);
    }
    return found;
  }
  std::string story(const ClientOrderId& id) const {
    std::string text;
    for (const auto& event : events) {
      const auto* of = order_of(event);
      if (of != nullptr && *of == id) text.append(text.empty() ? "" : " ").append(event_name(event));
    }
    return text;
  }
  /// Every submission has this nonce, or there was none.
  std::set<evm::Hash32> different_submissions() const { return {node.submissions.begin(), node.submissions.end()}; }

  ::calypte::test::RecordingLog log;
  Time now = from_unix_ms(1'700'000'000'000);
  Node node;
  bool journal_broken = false;
  std::function<void()> before_request;
  std::function<bool()> dies;
  std::uint64_t lives = 0;
  std::string stop_at;  // the engine is stopped when it asks this
  std::unique_ptr<ProtocolEngine> engine;
  std::vector<Event> events;
  venue::PaddedBuffer reply;

 private:
  std::function<void(ProtocolConfig&)> configure_;
  std::unique_ptr<JournalDesk> desk_;
  std::vector<std::pair<RecordKind, std::string>> journal_;
  std::uint64_t heard_ = 0;
};

}  // namespace calypte::engine
