// The engine of protocols against a node that loses answers, forgets transactions, falls behind and goes away. What a
// real chain does is in tests/chain.
#include "engine/protocol/protocol_engine.hpp"

#include <deque>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <map>
#include <memory>
#include <set>

#include "evm/hex.hpp"
#include "evm/quantity.hpp"
#include "support/event_sequence.hpp"
#include "unit/runtime/recording_log.hpp"

namespace calypte::engine {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

const TradingPair kWethUsdc = TradingPair::from_assets("WETH", "USDC");
constexpr std::uint64_t kChain = 5;

evm::Hash32 block_hash(std::uint64_t number) {
  evm::Hash32 hash;
  hash.bytes[0] = 0xb1;
  for (unsigned i = 0; i < 8; ++i) hash.bytes[31 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return hash;
}

/// One pool that always trades at 2000.
class FixedPrice final : public evm::ProtocolVenue {
 public:
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
    call.data = {1};
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
                                const evm::rpc::Receipt&) const override {
    return evm::SwapFill{.base_amount = 1, .quote_amount = 2000};
  }
  Status explain_revert(evm::ByteView) const override {
    return {StatusCode::rejected, FailureReason::slippage, "Too little received"};
  }
  int loads = 0;

 private:
  bool loaded_ = false;
  evm::Token weth_{"WETH", evm::Address{{1}}, 18};
  evm::Token usdc_{"USDC", evm::Address{{2}}, 6};
};

/// What the node knows, and how it misbehaves.
struct Node {
  std::uint64_t head = 10;
  std::uint64_t chain_id = kChain;
  std::uint64_t mined_nonce = 3;
  std::map<evm::Hash32, std::uint64_t> mined;   // block of a transaction
  std::map<evm::Hash32, evm::ByteString> pool;  // raw
  std::vector<evm::Hash32> submissions;         // everything that ever arrived
  bool down = false;
  bool lose_send_answers = false;  // the transaction arrives, the answer does not
  bool lose_sends = false;         // not even that, and nobody knows
  bool reverts = false;            // what is mined fails
  std::uint64_t gas_used = 100'000;
  std::string replay_error;  // of eth_call; empty: it succeeds
  std::string refuse_sends;  // an error of the node

  /// Puts everything that waits into the next block.
  void mine() {
    ++head;
    for (const auto& [hash, raw] : pool) {
      mined[hash] = head;
      ++mined_nonce;
    }
    pool.clear();
  }
  std::string answer(std::string_view method, venue::json::Value params);
};

std::string Node::answer(std::string_view method, venue::json::Value params) {
  const auto text = [](const std::string& s) { return "\"" + s + "\""; };
  const auto number = [&](std::uint64_t n) { return text(evm::to_quantity(n)); };
  if (method == "eth_chainId") return number(chain_id);
  if (method == "eth_gasPrice" || method == "eth_maxPriorityFeePerGas") return number(1'000'000'000);
  if (method == "eth_getBalance") return text("0xde0b6b3a7640000");
  if (method == "eth_getTransactionCount") {
    return number(params[1].string() == "pending" ? mined_nonce + pool.size() : mined_nonce);
  }
  if (method == "eth_call") return text("0x" + std::string(40, '0') + std::string(24, 'f'));
  if (method == "eth_estimateGas") return number(100'000);
  if (method == "eth_getLogs") return "[]";
  if (method == "eth_getBlockByNumber") {
    const auto asked = evm::parse_quantity_64(params[0].string());
    const std::uint64_t n = asked.value_or(head);
    return fmt::format(
        R"({{"number":{},"hash":"{}","parentHash":"{}","timestamp":{},"gasLimit":"0x1c9c380","gasUsed":"0x0","baseFeePerGas":"0x3b9aca00"}})",
        number(n), block_hash(n).to_string(), block_hash(n - 1).to_string(), number(1'700'000'000 + n * 12));
  }
  if (method == "eth_getTransactionReceipt") {
    const auto found = mined.find(evm::Hash32::parse(params[0].string()).value());
    if (found == mined.end()) return "null";
    return fmt::format(
        R"({{"transactionHash":"{}","blockHash":"{}","blockNumber":{},"transactionIndex":"0x0","from":"{}","to":"{}","status":"{}","gasUsed":{},"effectiveGasPrice":"0x3b9aca00","logs":[]}})",
        found->first.to_string(), block_hash(found->second).to_string(), number(found->second), evm::Address{}.to_hex(),
        evm::Address{}.to_hex(), reverts ? "0x0" : "0x1", number(gas_used));
  }
  if (method == "eth_sendRawTransaction") {
    const auto raw = evm::from_hex(params[0].string()).value();
    const auto hash = evm::decode_transaction(raw)->hash;
    submissions.push_back(hash);
    if (!mined.contains(hash)) pool[hash] = raw;
    return text(hash.to_string());
  }
  ADD_FAILURE() << "not asked for here: " << method;
  return "null";
}

struct ProtocolWorld {
  ProtocolWorld() {
    ProtocolConfig config;
    config.chain_id = kChain;
    config.rpc_url = "http://localhost:1";
    config.credentials.api_secret = Secret(std::string(63, '0') + "1");
    config.trading_pairs = {kWethUsdc};
    config.poll_every = 1s;
    auto made = ProtocolEngine::create(std::make_unique<FixedPrice>(), std::move(config), {}, log, now);
    engine = std::move(*made);
    engine->start(now);
    pump();
  }
  void carry_out(const SendRequest& request) {
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
        if (sends && !node.refuse_sends.empty()) {
          return R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":-32000,"message":")" + node.refuse_sends +
                 "\"}}";
        }
        return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" +
               node.answer(call.find("method").string(), call.find("params")) + "}";
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
      engine->settle();
      Actions actions = std::exchange(engine->actions(), {});
      for (auto& event : std::exchange(engine->events(), {})) events.push_back(std::move(event));
      if (actions.empty()) return;
      for (const auto& action : actions) carry_out(std::get<SendRequest>(action));
    }
    ADD_FAILURE() << "it never rests";
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
  std::string stop_at;  // the engine is stopped when it asks this
  std::unique_ptr<ProtocolEngine> engine;
  std::vector<Event> events;
  venue::PaddedBuffer reply;
};

constexpr std::string_view kWhole = "BuyOrderCreatedEvent OrderFilledEvent BuyOrderCompletedEvent";

TEST(ProtocolEngine, a_swap_from_the_call_to_the_fill) {
  ProtocolWorld w;
  ASSERT_TRUE(w.engine->ready());
  const auto id = w.buy();
  EXPECT_EQ(w.story(id), "BuyOrderCreatedEvent");
  w.mine(2);
  EXPECT_EQ(w.story(id), kWhole);
  EXPECT_THAT(test_support::check_event_sequence(w.events), IsEmpty());
  EXPECT_EQ(w.engine->block_number(), 12U);
}

TEST(ProtocolEngine, more_orders_at_once_than_its_limit_are_denied_until_some_have_ended) {
  ProtocolWorld w;
  for (std::size_t i = 0; i < ProtocolEngineOptions{}.order_limit; ++i)
    EXPECT_EQ(w.story(w.buy()), "BuyOrderCreatedEvent");
  const auto refused = w.buy();
  EXPECT_EQ(w.story(refused), "MarketOrderFailureEvent");
  EXPECT_EQ(w.heard<MarketOrderFailureEvent>().back().reason, FailureReason::queue_full);
  w.mine(2);
  EXPECT_EQ(w.story(w.buy()), "BuyOrderCreatedEvent");
}

TEST(ProtocolEngine, H_40_a_lost_answer_sends_the_same_bytes_again_and_nothing_else) {
  ProtocolWorld w;
  w.node.lose_send_answers = true;
  const auto id = w.buy();
  EXPECT_EQ(w.story(id), "OrderOutcomeUnknownEvent");
  w.pass(1min);
  EXPECT_GT(w.node.submissions.size(), 3U);
  EXPECT_EQ(w.different_submissions().size(), 1U);
  w.mine(2);
  EXPECT_EQ(w.story(id),
            "OrderOutcomeUnknownEvent OrderOutcomeResolvedEvent BuyOrderCreatedEvent OrderFilledEvent "
            "BuyOrderCompletedEvent");
  EXPECT_THAT(test_support::check_event_sequence(w.events), IsEmpty());
}

TEST(ProtocolEngine, N32_a_transaction_that_the_node_forgot_is_given_to_it_again) {
  ProtocolWorld w;
  const auto id = w.buy();
  w.node.pool.clear();
  w.pass(5s);
  EXPECT_EQ(w.story(id), "BuyOrderCreatedEvent");
  w.pass(10s);
  EXPECT_EQ(w.node.pool.size(), 1U);
  EXPECT_EQ(w.different_submissions().size(), 1U);
  w.mine(2);
  EXPECT_EQ(w.story(id), kWhole);
}

TEST(ProtocolEngine, a_submission_that_never_arrived_is_repeated_until_its_deadline) {
  ProtocolWorld w;
  w.node.lose_sends = true;
  const auto id = w.buy();
  for (int i = 0; i < 20; ++i) w.mine();
  EXPECT_EQ(w.story(id), "OrderOutcomeUnknownEvent OrderOutcomeResolvedEvent OrderExpiredEvent");
  EXPECT_THAT(w.node.submissions, IsEmpty());
  EXPECT_THAT(test_support::check_event_sequence(w.events), IsEmpty());
}

TEST(ProtocolEngine, a_refusal_that_is_certain_ends_the_order_and_frees_its_nonce) {
  ProtocolWorld w;
  w.node.refuse_sends = "insufficient funds for gas * price + value";
  const auto refused = w.buy();
  EXPECT_EQ(w.story(refused), "MarketOrderFailureEvent");
  w.node.refuse_sends.clear();
  const auto id = w.buy();
  EXPECT_EQ(w.engine->intents().find(id)->nonce(), 3U);
  w.mine(2);
  EXPECT_EQ(w.story(id), kWhole);
}

TEST(ProtocolEngine, a_later_refusal_of_the_same_bytes_leaves_open_what_a_lost_answer_left_open) {
  ProtocolWorld w;
  w.node.lose_send_answers = true;
  const auto id = w.buy();
  ASSERT_EQ(w.story(id), "OrderOutcomeUnknownEvent");
  w.node.lose_send_answers = false;
  w.node.refuse_sends = "insufficient funds for gas * price + value";
  w.pass(25s);
  EXPECT_EQ(w.story(id), "OrderOutcomeUnknownEvent") << "the first submission may be mined";
  w.mine(2);
  EXPECT_EQ(w.heard<OrderFilledEvent>().size(), 1U);
  EXPECT_TRUE(w.heard<MarketOrderFailureEvent>().empty());
}

TEST(ProtocolEngine, a_refusal_that_is_not_certain_ends_nothing) {
  ProtocolWorld w;
  w.node.refuse_sends = "something odd";
  const auto id = w.buy();
  EXPECT_EQ(w.story(id), "OrderOutcomeUnknownEvent");
  w.node.refuse_sends.clear();
  w.pass(15s);
  w.mine(2);
  EXPECT_EQ(w.heard<OrderFilledEvent>().size(), 1U);
  EXPECT_EQ(w.different_submissions().size(), 1U);
}

TEST(ProtocolEngine, a_failure_on_the_chain_has_its_reason_and_its_fee) {
  const auto failure = [](std::uint64_t gas_used, const std::string& replay_error) {
    ProtocolWorld w;
    w.node.reverts = true;
    w.node.gas_used = gas_used;
    w.node.replay_error = replay_error;
    const auto id = w.buy();
    w.mine(2);
    EXPECT_EQ(w.story(id), "BuyOrderCreatedEvent NetworkFeeEvent MarketOrderFailureEvent");
    const auto fees = w.heard<NetworkFeeEvent>();
    EXPECT_EQ(fees.size(), 1U);
    // Gas used, at one gwei.
    if (!fees.empty()) {
      EXPECT_EQ(fees[0].amount, Decimal(gas_used) * Decimal::from_parts(1, 9));
    }
    const auto failures = w.heard<MarketOrderFailureEvent>();
    return failures.empty() ? FailureReason::none : failures.back().reason;
  };
  EXPECT_EQ(failure(90'000, "0x08c379a0"), FailureReason::slippage) << "as the protocol reads it";
  EXPECT_EQ(failure(125'000, ""), FailureReason::out_of_gas) << "all of the limit, and it works with more";
  EXPECT_EQ(failure(90'000, ""), FailureReason::reverted) << "it cannot be found out afterwards";
}

TEST(ProtocolEngine, a_stop_before_the_reason_of_a_failure_is_known_leaves_no_order_behind) {
  ProtocolWorld w;
  w.node.reverts = true;
  w.stop_at = "replay";
  const auto id = w.buy();
  w.mine(2);
  ASSERT_EQ(w.story(id), "BuyOrderCreatedEvent NetworkFeeEvent");
  w.stop_at.clear();
  w.engine->start(w.now);
  w.pump();
  w.pass(5s);
  EXPECT_EQ(w.story(id), "BuyOrderCreatedEvent NetworkFeeEvent MarketOrderFailureEvent") << "and the fee is told once";
}

TEST(ProtocolEngine, what_is_not_on_record_does_not_leave) {
  ProtocolWorld w;
  w.journal_broken = true;
  const auto id = w.buy();
  EXPECT_EQ(w.story(id), "MarketOrderFailureEvent");
  EXPECT_THAT(w.node.submissions, IsEmpty());
  w.engine->set_durable(false, "disk full");
  const auto denied = w.buy();
  EXPECT_EQ(w.heard<MarketOrderFailureEvent>().back().order_id, denied);
  EXPECT_EQ(w.heard<MarketOrderFailureEvent>().back().reason, FailureReason::not_durable);
}

TEST(ProtocolEngine, a_node_that_is_gone_makes_books_stale_and_ends_no_order) {
  ProtocolWorld w;
  const auto id = w.buy();
  w.node.down = true;
  w.pass(10s);
  EXPECT_TRUE(w.engine->order_book(kWethUsdc)->is_live());
  w.pass(1min);
  EXPECT_EQ(w.engine->order_book(kWethUsdc)->live(), nullptr);
  EXPECT_FALSE(w.engine->ready());
  EXPECT_EQ(w.engine->quote(kWethUsdc, TradeType::buy, 1).status().reason(), FailureReason::not_ready);
  EXPECT_EQ(w.story(id), "BuyOrderCreatedEvent");
  w.node.down = false;
  w.pass(1min);
  EXPECT_TRUE(w.engine->order_book(kWethUsdc)->is_live());
  w.mine(2);
  EXPECT_EQ(w.story(id), kWhole);
}

TEST(ProtocolEngine, a_node_that_is_behind_another_changes_nothing) {
  ProtocolWorld w;
  w.mine(3);
  const auto head = w.engine->block_number();
  w.node.head -= 2;
  w.pass(2s);
  EXPECT_EQ(w.engine->block_number(), head);
  w.node.head += 3;
  w.pass(2s);
  EXPECT_EQ(w.engine->block_number(), head + 1);
}

TEST(ProtocolEngine, a_gap_of_blocks_is_read_and_a_long_one_loads_anew) {
  ProtocolWorld w;
  w.node.head += 20;
  w.pass(2s);
  EXPECT_EQ(w.engine->block_number(), 30U);
  EXPECT_EQ(w.engine->chain().contains(15, block_hash(15)), true) << "read one by one";
  w.node.head += 200;
  w.pass(2s);
  EXPECT_EQ(w.engine->block_number(), 230U);
  EXPECT_EQ(w.engine->chain().contains(215, block_hash(215)), std::nullopt);
}

TEST(ProtocolEngine, another_chain_behind_the_same_address_signs_nothing) {
  ProtocolWorld w;
  w.node.chain_id = 6;
  const auto id = w.buy();
  EXPECT_EQ(w.story(id), "MarketOrderFailureEvent");
  EXPECT_EQ(w.heard<MarketOrderFailureEvent>().back().reason, FailureReason::wrong_chain);
  EXPECT_THAT(w.node.submissions, IsEmpty());
  w.pass(5s);
  EXPECT_FALSE(w.engine->ready());
}

TEST(ProtocolEngine, cancel_before_anything_is_signed_and_cancel_all) {
  ProtocolWorld w;
  const auto early = w.engine->buy(kWethUsdc, 1, OrderType::market, std::nullopt, {});
  EXPECT_TRUE(w.engine->cancel(early).ok());
  w.pump();
  EXPECT_EQ(w.story(early), "OrderCancelledEvent");
  EXPECT_THAT(w.node.submissions, IsEmpty());
  w.buy();
  w.buy();
  std::optional<std::vector<CancellationResult>> results;
  w.engine->cancel_all(5min, [&](std::vector<CancellationResult> r) { results = std::move(r); });
  w.pump();
  EXPECT_FALSE(results);
  // A real node keeps one transaction a nonce: the dearer ones.
  for (const auto& [id, intent] : w.engine->intents().all()) {
    if (intent.attempts.size() == 2) w.node.pool.erase(intent.attempts.front().signed_transaction.hash);
  }
  w.mine(2);
  ASSERT_TRUE(results);
  EXPECT_EQ(results->size(), 2U);
  for (const auto& result : *results) EXPECT_EQ(result.outcome, CancellationOutcome::succeeded);
}

TEST(ProtocolEngine, H_18_its_tracking_states_are_taken_over_by_the_next_one) {
  ProtocolWorld first;
  const auto id = first.buy();
  const auto states = first.engine->tracking_states();
  ProtocolWorld next;
  ASSERT_TRUE(next.engine->restore_tracking_states(states).ok());
  next.node.mined = {{first.node.submissions.front(), 11}};
  next.node.mined_nonce = 4;
  next.mine(3);
  EXPECT_EQ(next.heard<OrderFilledEvent>().size(), 1U);
  EXPECT_THAT(next.story(id), HasSubstr("BuyOrderCompletedEvent"));
  EXPECT_THAT(next.node.submissions, IsEmpty());
}

TEST(ProtocolEngine, the_key_is_in_no_log_event_or_explanation) {
  ProtocolWorld w;
  const std::string key = std::string(63, '0') + "1";
  w.node.lose_send_answers = true;
  const auto id = w.buy();
  w.pass(20s);
  for (const auto& line : w.log.lines()) EXPECT_EQ(line.message.find(key), std::string::npos);
  for (const auto& event : w.events) EXPECT_EQ(describe(event).find(key), std::string::npos);
  EXPECT_EQ(w.engine->explain(id).find(key), std::string::npos);
}

}  // namespace
}  // namespace calypte::engine
