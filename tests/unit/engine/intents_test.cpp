// What blocks and receipts say of a transaction, and what is never concluded.
#include "engine/protocol/intents.hpp"

#include <array>
#include <gmock/gmock.h>

#include "engine/protocol/network_fees.hpp"
#include "evm/signer.hpp"

namespace calypte::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Verdicts = Judgement::Kind;

evm::Hash32 hash_of(std::uint8_t chain, std::uint64_t number) {
  evm::Hash32 hash;
  hash.bytes[0] = chain;
  hash.bytes[31] = static_cast<std::uint8_t>(number);
  hash.bytes[30] = static_cast<std::uint8_t>(number >> 8U);
  return hash;
}

/// A chain that grows block by block, and the intents that are judged by it; fills after three blocks, watched for ten.
struct IntentWorld {
  IntentWorld() {
    std::array<std::uint8_t, 32> blinding{};
    auto made = evm::Signer::make(Secret(std::string(63, '0') + "1"), blinding);
    signer.emplace(std::move(*made));
    grow(100);
  }
  evm::rpc::BlockHeader block(std::uint64_t number) const {
    evm::rpc::BlockHeader header;
    header.number = number;
    header.hash = hash_of(branch, number);
    header.parent_hash = hash_of(branch, number - 1);
    header.timestamp = 1'000'000 + number * 12;
    return header;
  }
  void grow(std::uint64_t number) {
    if (chain.empty() || !chain.extends(block(number))) {
      chain.reset(block(number));
    } else {
      chain.append(block(number));
    }
  }
  evm::Hash32 sign(Intent& intent, bool is_cancel, std::uint64_t fee) const {
    evm::Transaction transaction;
    transaction.chain_id = 1;
    transaction.nonce = intent.action.nonce;
    transaction.gas_limit = 21'000;
    transaction.to = signer->address();
    transaction.max_fee_per_gas = fee;
    auto made = evm::sign_transaction(transaction, *signer);
    intent.attempts.push_back(
        {.is_cancel = is_cancel, .signed_transaction = std::move(*made), .accepted = true, .last_sent = {}});
    return intent.attempts.back().signed_transaction.hash;
  }
  Intent& swap(std::string_view id, std::uint64_t nonce, std::uint64_t deadline = 0) {
    Intent intent;
    intent.id = ClientOrderId(id);
    intent.phase = Intent::Phase::waiting;
    intent.trading_pair = TradingPair::from_assets("WETH", "USDC");
    intent.token = "USDC";
    intent.amount = Decimal(5);
    intent.budget = 77;
    intent.action.nonce = nonce;
    intent.deadline = deadline;
    Intent& added = intents.add(std::move(intent));
    sign(added, false, 100);
    added.action = added.attempts.front().signed_transaction.transaction;
    return added;
  }
  evm::rpc::Receipt receipt(const evm::Hash32& hash, std::uint64_t number, bool succeeded = true) const {
    evm::rpc::Receipt r;
    r.transaction_hash = hash;
    r.position = {.block_hash = hash_of(branch, number), .block_number = number, .transaction_index = 0};
    r.succeeded = succeeded;
    return r;
  }
  /// Everything that is not in `mined` is in no block.
  std::vector<Verdicts> judge(std::uint64_t nonce, const std::vector<evm::rpc::Receipt>& mined = {}) {
    ChainFacts facts{.chain = &chain, .nonce = nonce, .receipts = {}};
    for (const auto& hash : intents.hashes()) facts.receipts[hash] = std::nullopt;
    for (const auto& r : mined) facts.receipts[r.transaction_hash] = r;
    std::vector<Verdicts> told;
    last = intents.judge(facts);
    for (const auto& judgement : last) told.push_back(judgement.kind);
    return told;
  }

  std::optional<evm::Signer> signer;
  std::uint8_t branch = 1;
  ChainView chain;
  Intents intents{{.confirmations = 3, .watch_blocks = 10}};
  std::vector<Judgement> last;
};

TEST(Intents, a_receipt_counts_when_it_is_deep_enough_and_once) {
  IntentWorld w;
  const auto hash = w.swap("a", 7).attempts[0].signed_transaction.hash;
  EXPECT_THAT(w.judge(7), IsEmpty());
  const auto receipt = w.receipt(hash, 101);
  w.grow(101);
  EXPECT_THAT(w.judge(8, {receipt}), IsEmpty());
  w.grow(102);
  EXPECT_THAT(w.judge(8, {receipt}), IsEmpty());
  w.grow(103);
  EXPECT_THAT(w.judge(8, {receipt}), ElementsAre(Verdicts::confirmed));
  w.grow(104);
  EXPECT_THAT(w.judge(8, {receipt}), IsEmpty());
}

TEST(Intents, N32_not_seen_is_never_gone_while_the_nonce_is_unspent) {
  IntentWorld w;
  w.swap("a", 7);
  for (std::uint64_t number = 101; number < 400; ++number) {
    w.grow(number);
    ASSERT_THAT(w.judge(7), IsEmpty()) << number;
  }
}

TEST(Intents, a_spent_nonce_ends_it_only_when_that_is_deep_enough_and_seen_twice) {
  IntentWorld w;
  w.swap("a", 7);
  w.grow(101);
  EXPECT_THAT(w.judge(8), IsEmpty());
  w.grow(102);
  EXPECT_THAT(w.judge(7), IsEmpty()) << "the chain took it back: it counts anew";
  w.grow(103);
  EXPECT_THAT(w.judge(8), IsEmpty());
  w.grow(104);
  EXPECT_THAT(w.judge(8), IsEmpty());
  w.grow(105);
  EXPECT_THAT(w.judge(8), ElementsAre(Verdicts::replaced));
}

TEST(Intents, a_deadline_counts_by_the_clock_of_the_chain) {
  IntentWorld w;
  w.swap("a", 7, w.block(101).timestamp);
  w.grow(101);
  EXPECT_THAT(w.judge(7), IsEmpty()) << "the last block that may hold it";
  w.grow(102);
  EXPECT_THAT(w.judge(7), IsEmpty());
  w.grow(103);
  EXPECT_THAT(w.judge(7), IsEmpty());
  w.grow(104);
  EXPECT_THAT(w.judge(7), ElementsAre(Verdicts::expired));
  w.grow(200);
  EXPECT_THAT(w.judge(7), IsEmpty()) << "watched as long as its nonce can be spent";
}

TEST(Intents, a_fill_after_a_cancellation_that_had_won_is_told) {
  IntentWorld w;
  Intent& intent = w.swap("a", 7);
  const auto swap = intent.attempts[0].signed_transaction.hash;
  const auto cancel = w.sign(intent, true, 200);
  w.grow(101);
  w.grow(102);
  w.grow(103);
  EXPECT_THAT(w.judge(8, {w.receipt(cancel, 101)}), ElementsAre(Verdicts::confirmed));
  EXPECT_EQ(w.last[0].attempt, cancel);
  w.branch = 2;
  w.grow(103);
  EXPECT_THAT(w.judge(8, {w.receipt(swap, 101)}), ElementsAre(Verdicts::confirmed));
  EXPECT_EQ(w.last[0].attempt, swap);
}

TEST(Intents, a_fill_that_is_taken_back_and_returns) {
  IntentWorld w;
  const auto hash = w.swap("a", 7).attempts[0].signed_transaction.hash;
  for (std::uint64_t n = 101; n < 104; ++n) w.grow(n);
  ASSERT_THAT(w.judge(8, {w.receipt(hash, 101)}), ElementsAre(Verdicts::confirmed));
  w.branch = 2;
  w.grow(103);
  EXPECT_THAT(w.judge(7), ElementsAre(Verdicts::unmined, Verdicts::revoked));
  w.grow(104);
  EXPECT_THAT(w.judge(7), IsEmpty());
  w.grow(105);
  EXPECT_THAT(w.judge(8, {w.receipt(hash, 105)}), IsEmpty());
  w.grow(106);
  w.grow(107);
  EXPECT_THAT(w.judge(8, {w.receipt(hash, 105)}), ElementsAre(Verdicts::reinstated));
}

TEST(Intents, a_fill_whose_transaction_fails_in_another_block_is_taken_back_and_costs_its_fee) {
  IntentWorld w;
  const auto hash = w.swap("a", 7).attempts[0].signed_transaction.hash;
  for (std::uint64_t n = 101; n < 104; ++n) w.grow(n);
  ASSERT_THAT(w.judge(8, {w.receipt(hash, 101)}), ElementsAre(Verdicts::confirmed));
  w.branch = 2;
  w.grow(103);
  EXPECT_THAT(w.judge(8, {w.receipt(hash, 101, false)}), ElementsAre(Verdicts::revoked, Verdicts::charged));
  w.grow(104);
  EXPECT_THAT(w.judge(8, {w.receipt(hash, 101, false)}), IsEmpty()) << "told once";
  w.branch = 3;
  w.grow(104);
  EXPECT_THAT(w.judge(8, {w.receipt(hash, 101)}), ElementsAre(Verdicts::reinstated));
}

TEST(Intents, a_dearer_copy_that_fills_after_the_fill_was_taken_back_is_told) {
  IntentWorld w;
  Intent& intent = w.swap("a", 7);
  const auto first = intent.attempts[0].signed_transaction.hash;
  const auto dearer = w.sign(intent, false, 200);
  for (std::uint64_t n = 101; n < 104; ++n) w.grow(n);
  ASSERT_THAT(w.judge(8, {w.receipt(first, 101)}), ElementsAre(Verdicts::confirmed));
  w.branch = 2;
  w.grow(103);
  EXPECT_THAT(w.judge(8, {w.receipt(dearer, 101)}), ElementsAre(Verdicts::revoked, Verdicts::confirmed));
  EXPECT_EQ(w.last[1].attempt, dearer);
}

TEST(Intents, a_fill_that_another_attempt_replaced_is_taken_back) {
  IntentWorld w;
  Intent& intent = w.swap("a", 7);
  const auto swap = intent.attempts[0].signed_transaction.hash;
  const auto cancel = w.sign(intent, true, 200);
  for (std::uint64_t n = 101; n < 104; ++n) w.grow(n);
  ASSERT_THAT(w.judge(8, {w.receipt(swap, 101)}), ElementsAre(Verdicts::confirmed));
  w.branch = 2;
  w.grow(103);
  EXPECT_THAT(w.judge(8, {w.receipt(cancel, 101)}), ElementsAre(Verdicts::revoked, Verdicts::charged));
}

TEST(Intents, a_receipt_of_another_branch_or_of_a_block_to_come_says_nothing) {
  IntentWorld w;
  const auto hash = w.swap("a", 7).attempts[0].signed_transaction.hash;
  for (std::uint64_t n = 101; n < 110; ++n) w.grow(n);
  auto elsewhere = w.receipt(hash, 105);
  elsewhere.position.block_hash = hash_of(9, 105);
  EXPECT_THAT(w.judge(8, {elsewhere}), IsEmpty());
  EXPECT_THAT(w.judge(8, {w.receipt(hash, 111)}), IsEmpty());
  EXPECT_FALSE(w.intents.find(ClientOrderId("a"))->mined);
}

TEST(Intents, it_is_forgotten_after_the_watch) {
  IntentWorld w;
  const auto hash = w.swap("a", 7).attempts[0].signed_transaction.hash;
  for (std::uint64_t n = 101; n < 104; ++n) w.grow(n);
  ASSERT_THAT(w.judge(8, {w.receipt(hash, 101)}), ElementsAre(Verdicts::confirmed));
  w.grow(113);
  EXPECT_THAT(w.judge(8, {w.receipt(hash, 101)}), IsEmpty());
  w.grow(114);
  EXPECT_THAT(w.judge(8, {w.receipt(hash, 101)}), ElementsAre(Verdicts::forgotten));
  EXPECT_EQ(w.intents.find(ClientOrderId("a")), nullptr);
}

TEST(Intents, N31_nonces_go_on_behind_everything_that_was_signed) {
  IntentWorld w;
  EXPECT_EQ(w.intents.next_nonce(5), 5U);
  w.swap("a", 7);
  w.swap("b", 9);
  EXPECT_EQ(w.intents.next_nonce(5), 10U);
  EXPECT_EQ(w.intents.next_nonce(12), 12U);
}

TEST(Intents, H_18_the_stored_form_is_read_back) {
  IntentWorld w;
  Intent& intent = w.swap("a", 7, 123);
  const auto cancel = w.sign(intent, true, 200);
  intent.filled = cancel;
  intent.charged = cancel;
  intent.revoked = true;
  intent.ended_block = 99;
  intent.phase = Intent::Phase::ended;
  const auto back = intent_from_json(to_json(intent));
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  EXPECT_EQ(to_json(*back), to_json(intent));
  EXPECT_EQ(back->attempts.size(), 2U);
  EXPECT_TRUE(back->attempts[1].is_cancel);
  EXPECT_EQ(back->attempts[1].signed_transaction.hash, cancel);
  EXPECT_EQ(back->action, intent.attempts[0].signed_transaction.transaction);
  EXPECT_EQ(back->budget, 77);
  EXPECT_EQ(back->deadline, 123U);
  EXPECT_EQ(back->phase, Intent::Phase::ended);
  EXPECT_TRUE(back->revoked);
  for (const auto* bad : {"", "{}", "[]", R"({"id":"a","attempts":[{"raw":"0x00"}]})"}) {
    EXPECT_FALSE(intent_from_json(bad).ok()) << bad;
  }
}

TEST(NetworkFees, a_replacement_offers_an_eighth_more_and_never_less_than_the_market) {
  const GasMarket market{.base_fee = 100, .tip = 10, .gas_price = 0};
  EXPECT_EQ(market_offer(market).max_fee, 210);
  const auto more = replacement_offer({.max_fee = 1000, .tip = 80}, market);
  EXPECT_EQ(more.max_fee, 1126);
  EXPECT_EQ(more.tip, 91);
  EXPECT_EQ(replacement_offer({.max_fee = 8, .tip = 1}, market).max_fee, 210);
}

TEST(NetworkFees, a_budget_lowers_the_offer_down_to_what_a_block_asks_for) {
  const GasMarket market{.base_fee = 100, .tip = 10, .gas_price = 0};
  EXPECT_EQ(within_budget({.max_fee = 210, .tip = 10}, 10, 2100, market)->max_fee, 210);
  EXPECT_EQ(within_budget({.max_fee = 210, .tip = 10}, 10, 1500, market)->max_fee, 150);
  EXPECT_EQ(within_budget({.max_fee = 210, .tip = 10}, 10, 1099, market).status().reason(),
            FailureReason::network_fee_too_high);
  EXPECT_EQ(within_budget({.max_fee = 210, .tip = 10}, 10, 1500, market, 200).status().reason(),
            FailureReason::network_fee_too_high);
  EXPECT_EQ(within_budget({.max_fee = 1, .tip = 1}, 0, 1500, market).status().code(), StatusCode::denied);
}

}  // namespace
}  // namespace calypte::engine
