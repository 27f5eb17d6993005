// The engine of protocols against a node that loses answers, forgets transactions, falls behind and goes away. What a
// real chain does is in tests/chain.
#include <gmock/gmock.h>

#include "unit/engine/protocol_world.hpp"

namespace calypte::engine {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

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
