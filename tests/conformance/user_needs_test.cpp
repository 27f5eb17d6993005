// What users of such libraries lost money by, as cases over every venue that has a simulated one; docs/user-needs.md is
// the whole list. Orders and fills first, then the market, then the long run.
#include <gmock/gmock.h>

#include "core/random.hpp"
#include "support/venue_case.hpp"

namespace calypte::test {
namespace {

class UserNeeds : public VenueCase {
 protected:
  /// Six resting buys at one price, the first of which is first in line.
  std::vector<ClientOrderId> six_resting_orders() {
    std::vector<ClientOrderId> ids;
    const Decimal price = w().inside_bid();
    for (int i = 0; i < 6; ++i) ids.push_back(w().buy("0.01"_dec, OrderType::limit, price));
    w().world->run_for(2s);
    for (const auto& id : ids) EXPECT_EQ(w().story(id), "BuyOrderCreated");
    return ids;
  }
};

// --- N01: after a time-out nobody knows whether the order exists ---

enum class Fate : std::uint8_t { fills_at_once, rests, is_cancelled };
constexpr Fate kFates[] = {Fate::fills_at_once, Fate::rests, Fate::is_cancelled};

TEST_P(UserNeeds, N01_an_order_whose_answer_was_lost_has_one_outcome) {
  using sim::RequestFault;
  for (const auto kind : {RequestFault::lose_reply, RequestFault::gateway_error_after}) {
    for (const auto fate : kFates) {
      for (const bool silent : {false, true}) {
        SCOPED_TRACE(testing::Message() << static_cast<int>(kind) << " fate " << static_cast<int>(fate) << silent);
        with({});
        if (silent) w().silence_user_stream();
        fault("private: new order", kind, 1);
        const auto id =
            w().buy("0.01"_dec, OrderType::limit, fate == Fate::fills_at_once ? taking_price() : w().low_price());
        w().world->run_for(8ms);
        ASSERT_NE(w().at_venue(id), nullptr);
        if (fate == Fate::is_cancelled) cancel_by_hand(id);
        w().world->run_for(150s);
        EXPECT_EQ(orders_at_venue(), 1U) << "never sent twice";
        EXPECT_EQ(w().requests_sent("new order"), 1U);
        expect_orders_as_at_venue({id});
        EXPECT_EQ(w().engine->order(id)->is_done(), fate != Fate::rests);
        w().expect_balances_equal();
      }
    }
  }
}

TEST_P(UserNeeds, N01_an_order_that_never_arrived_has_one_outcome) {
  using sim::RequestFault;
  for (const auto kind : {RequestFault::lose_request, RequestFault::gateway_error, RequestFault::stall}) {
    with({});
    fault("private: new order", kind, 1);
    const auto id = w().buy("0.01"_dec, OrderType::limit, taking_price());
    w().world->run_for(150s);
    EXPECT_EQ(orders_at_venue(), 0U);
    EXPECT_EQ(w().requests_sent("new order"), 1U) << "never sent twice";
    EXPECT_EQ(w().story(id), "OrderOutcomeUnknown OrderOutcomeResolved MarketOrderFailure");
    expect_orders_as_at_venue({id});
    w().expect_balances_equal();
  }
}

TEST_P(UserNeeds, N01_an_order_that_was_taken_and_never_answered_has_one_outcome) {
  if (w().venue->paths().order_stream.empty()) GTEST_SKIP() << "needs a stream for orders";
  for (const auto fate : kFates) {
    with({});
    w().world->run_for(5s);  // the order stream is no condition of readiness
    ASSERT_TRUE(w().engine->order_entry().session().is_up());
    w().world->network.on_the_way = [](venue::StreamId stream, std::string text) {
      const bool heard = stream.kind == venue::StreamKind::market;
      return heard ? std::optional(std::move(text)) : std::nullopt;
    };
    const auto id =
        w().buy("0.01"_dec, OrderType::limit, fate == Fate::fills_at_once ? taking_price() : w().low_price());
    w().world->run_for(8ms);
    ASSERT_NE(w().at_venue(id), nullptr);
    if (fate == Fate::is_cancelled) cancel_by_hand(id);
    w().world->run_for(60s);
    EXPECT_EQ(w().count<MarketOrderFailureEvent>(id), 0U) << w().story(id);
    heal();
    w().world->run_for(150s);
    EXPECT_EQ(orders_at_venue(), 1U);
    expect_orders_as_at_venue({id});
    w().expect_balances_equal();
  }
}

// --- N02: orders are declared failed by counting errors ---

TEST_P(UserNeeds, N02_ten_minutes_without_a_network_lose_no_order) {
  const auto ids = six_resting_orders();
  cut_off();
  w().trade_against(ids[0], "0.01"_dec);
  w().trade_against(ids[1], "0.01"_dec);
  w().trade_against(ids[2], "0.004"_dec);
  cancel_by_hand(ids[3]);
  w().world->run_for(10min);
  for (const auto& id : ids) {
    EXPECT_EQ(w().story(id), "BuyOrderCreated") << "nothing was heard, so nothing is known";
    EXPECT_TRUE(w().engine->order(id)->is_open());
  }
  heal();
  w().make_ready();
  w().world->run_for(10s);
  expect_orders_as_at_venue(ids);
  EXPECT_EQ(w().story(ids[0]), "BuyOrderCreated OrderFilled BuyOrderCompleted");
  EXPECT_EQ(w().story(ids[2]), "BuyOrderCreated OrderFilled");
  EXPECT_EQ(w().story(ids[3]), "BuyOrderCreated OrderCancelled");
  EXPECT_EQ(w().engine->in_flight_orders().size(), 3U);
  w().expect_balances_equal();
}

TEST_P(UserNeeds, N02_no_schedule_of_transport_faults_ends_an_order) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    with({.seed = seed});
    const auto ids = six_resting_orders();
    core::Random random(seed);
    w().world->network.request_fault = [&random](std::string_view) {
      return static_cast<sim::RequestFault>(random.below(7));
    };
    for (int i = 0; i < 40; ++i) {
      w().world->network.refuse_connections = random.chance(1, 3);
      w().world->network.mute_streams = random.chance(1, 4);
      if (random.chance(1, 2)) w().world->cut_streams("cut");
      w().world->run_for(std::chrono::seconds(1 + random.below(90)));
    }
    for (const auto& id : ids) EXPECT_EQ(w().story(id), "BuyOrderCreated") << "seed " << seed;
    heal();
    w().make_ready();
    expect_orders_as_at_venue(ids);
  }
}

// --- N05, N06: fills counted twice, fills lost ---

TEST_P(UserNeeds, N05_H_51_fills_replayed_on_reconnect_count_once) {
  record_user_frames();
  const auto id = w().open_buy("0.01"_dec);
  w().trade_against(id, "0.003"_dec);
  w().trade_against(id, "0.004"_dec);
  w().world->run_for(2s);
  ASSERT_GT(recorded(), 1U);
  w().world->network.on_the_way = nullptr;
  w().world->cut_streams("cut");
  w().make_ready();
  say_again();
  w().engine->sweep_soon();
  w().world->run_for(10s);
  say_again();
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderFilled OrderFilled");
  expect_orders_as_at_venue({id});
  w().expect_balances_equal();
}

TEST_P(UserNeeds, N05_H_51_fills_told_again_after_a_restart_count_once) {
  record_user_frames();
  const auto id = w().open_buy("0.01"_dec);
  w().trade_against(id, "0.004"_dec);
  w().world->run_for(2s);
  ASSERT_EQ(w().count<OrderFilledEvent>(id), 1U);
  w().die_and_come_back(w().engine->tracking_states());
  say_again();
  w().engine->sweep_soon();
  w().world->run_for(130s);
  EXPECT_EQ(w().story(id), "") << "the strategy has heard of all that";
  EXPECT_EQ(w().engine->order(id)->executed_amount_base(), "0.004"_dec);
  w().trade_against(id, "0.006"_dec);
  w().world->run_for(5s);
  EXPECT_EQ(w().story(id), "OrderFilled BuyOrderCompleted");
  w().expect_balances_equal();
}

TEST_P(UserNeeds, H_52_equal_fills_are_two) {
  const auto id = w().open_buy("0.01"_dec);
  w().trade_against(id, "0.003"_dec);
  w().trade_against(id, "0.003"_dec);
  w().world->run_for(5s);
  const auto fills = w().all<OrderFilledEvent>(id);
  ASSERT_EQ(fills.size(), 2U);
  EXPECT_EQ(fills[0].venue_time, fills[1].venue_time) << "nothing but the id tells them apart";
  EXPECT_EQ(fills[0].price, fills[1].price);
  EXPECT_NE(fills[0].exchange_trade_id, fills[1].exchange_trade_id);
  expect_orders_as_at_venue({id});
}

TEST_P(UserNeeds, N06_fills_that_a_healthy_stream_swallows_are_found) {
  const auto ids = six_resting_orders();
  int fills = 0;
  int dropped = 0;
  w().world->network.on_the_way = [&](venue::StreamId stream, std::string text) -> std::optional<std::string> {
    const bool fill = stream.kind == venue::StreamKind::user && w().tells_of<venue::Fill>(stream, text);
    if (fill && ++fills % 3 == 0) {
      ++dropped;
      return std::nullopt;
    }
    return text;
  };
  for (const auto& id : ids) {
    for (int part = 0; part < 2; ++part) {
      w().trade_against(id, "0.005"_dec);
      w().world->run_for(3s);
    }
  }
  ASSERT_GE(dropped, 4);
  w().world->run_for(130s);
  expect_orders_as_at_venue(ids);
  for (const auto& id : ids) EXPECT_EQ(w().count<OrderFilledEvent>(id), 2U) << w().story(id);
  w().expect_balances_equal();
}

TEST_P(UserNeeds, N06_a_burst_of_fills_while_the_stream_is_down_is_told_fill_by_fill) {
  const auto id = w().open_buy("0.03"_dec);
  cut_off();
  for (int i = 0; i < 20; ++i) w().trade_against(id, "0.001"_dec);
  w().world->run_for(60s);
  heal();
  w().make_ready();
  w().world->run_for(5s);
  EXPECT_EQ(w().count<OrderFilledEvent>(id), 20U);
  expect_orders_as_at_venue({id});
  w().expect_balances_equal();
}

// --- N09, N15, N26, N49: the account ---

TEST_P(UserNeeds, N09_a_permission_to_listen_that_cannot_be_renewed_loses_no_fill) {
  if (connector()->spec().streams.user_stream != venue::UserStreamStyle::listen_key) {
    GTEST_SKIP() << "needs a key to listen with";
  }
  for (const auto kind : {sim::RequestFault::gateway_error, sim::RequestFault::stall, sim::RequestFault::refuse}) {
    with({});
    const auto id = w().open_buy("0.03"_dec);
    fault("private: renew user stream", kind);
    for (int i = 0; i < 12; ++i) {
      w().world->run_for(15min);
      w().trade_against(id, "0.001"_dec);
    }
    w().world->run_for(130s);
    EXPECT_GT(w().requests_sent("renew user stream"), 1U);
    EXPECT_EQ(w().count<OrderFilledEvent>(id), 12U);
    expect_orders_as_at_venue({id});
  }
}

TEST_P(UserNeeds, N15_a_cancel_of_what_the_venue_no_longer_has_ends_in_the_truth) {
  enum class Truth : std::uint8_t { filled, cancelled, never_arrived };
  for (const auto truth : {Truth::filled, Truth::cancelled, Truth::never_arrived}) {
    SCOPED_TRACE(static_cast<int>(truth));
    with({});
    ClientOrderId id;
    if (truth == Truth::never_arrived) {
      fault("private: new order", sim::RequestFault::stall, 1);
      id = w().buy("0.01"_dec, OrderType::limit, w().low_price());
    } else {
      id = w().open_buy("0.01"_dec);
    }
    w().silence_user_stream();
    if (truth == Truth::filled) w().trade_against(id, "0.01"_dec);
    if (truth == Truth::cancelled) cancel_by_hand(id);
    w().cancel(id);
    w().world->run_for(130s);
    expect_orders_as_at_venue({id});
    EXPECT_TRUE(w().engine->in_flight_orders().empty()) << w().story(id);
    EXPECT_LE(w().requests_sent("cancel order"), 2U) << "not for ever";
    w().expect_balances_equal();
  }
}

TEST_P(UserNeeds, N26_silent_balances_refuse_nothing_that_is_there_and_promise_nothing_twice) {
  w().world->network.on_the_way = [this](venue::StreamId stream, std::string text) -> std::optional<std::string> {
    const bool balance = stream.kind == venue::StreamKind::user && w().tells_of<venue::BalanceReport>(stream, text);
    return balance ? std::nullopt : std::optional(std::move(text));
  };
  const auto& rule = *w().engine->trading_rule(w().pair);
  const auto& token = w().pair.quote();
  const Decimal free = w().engine->available_balance(token);
  Decimal amount = rule.quantize_amount(divide(free * "0.95"_dec, w().low_price(), 8));
  if (rule.max_order_size) amount = std::min(amount, *rule.max_order_size);
  for (int i = 0; i < 30; ++i) {
    const auto id = w().buy(amount, OrderType::limit, w().low_price());
    w().world->run_for(2s);
    ASSERT_EQ(w().story(id), "BuyOrderCreated") << "round " << i;
    if (!w().derivative()) {
      const auto too_much = w().buy(amount, OrderType::limit, w().low_price());
      w().world->run_for(1s);
      EXPECT_EQ(w().story(too_much), "MarketOrderFailure") << "promised already";
      EXPECT_EQ(w().all<MarketOrderFailureEvent>(too_much).at(0).reason, FailureReason::insufficient_balance);
    }
    w().cancel(id);
    w().world->run_for(2s);
    ASSERT_EQ(w().story(id), "BuyOrderCreated OrderCancelled") << "round " << i;
  }
  EXPECT_EQ(w().engine->available_balance(token), free);
}

TEST_P(UserNeeds, N49_orders_of_others_on_the_account_are_left_alone) {
  const auto ours = w().open_buy("0.01"_dec);
  sim::OrderRequest request;
  request.account = w().venue->test_account();
  request.instrument = w().instrument();
  request.client_id = "by-somebody-else";
  request.side = sim::Side::buy;
  request.price = w().low_price();
  request.quantity = "0.02"_dec;
  const auto theirs = w().venue->place(request, w().world->now());
  ASSERT_EQ(theirs.refusal, sim::Refusal::none);
  w().world->flush_server();
  w().world->settle();
  w().engine->sweep_soon();
  w().world->run_for(10s);
  EXPECT_EQ(w().engine->in_flight_orders().size(), 1U);
  std::vector<CancellationResult> results;
  w().engine->cancel_all(10s, [&](auto r) { results = std::move(r); });
  w().world->settle();
  w().world->run_for(130s);
  EXPECT_EQ(results.size(), 1U);
  EXPECT_EQ(w().at_venue(ours)->state, sim::OrderState::cancelled);
  EXPECT_EQ(w().venue->exchange().order(theirs.id)->state, sim::OrderState::active);
  w().expect_balances_equal();
}

INSTANTIATE_TEST_SUITE_P(Venues, UserNeeds, testing::ValuesIn(simulated_venues()), venue_of_test);

}  // namespace
}  // namespace calypte::test
