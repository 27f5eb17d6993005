// The later hardening cases, H-36 to H-56, as far as they concern a connector with its venue. What concerns one part of
// the engine alone stands in tests/unit/engine under the same ids.
#include <gmock/gmock.h>
#include <set>

#include "support/venue_case.hpp"

namespace calypte::test {
namespace {

class AnnexH : public VenueCase {};

TEST_P(AnnexH, H_37_one_check_that_fails_changes_nothing) {
  for (const auto kind : {sim::RequestFault::lose_reply, sim::RequestFault::gateway_error, sim::RequestFault::stall}) {
    with({});
    const auto id = w().open_buy();
    const auto streams_opened = [&] { return w().requests_sent("market open") + w().requests_sent("user open"); };
    const auto opened = streams_opened();
    w().world->network.request_fault = [kind, left = 1](std::string_view) mutable {
      return left-- > 0 ? kind : sim::RequestFault::none;
    };
    w().engine->sweep_soon();
    w().world->run_for(60s);
    EXPECT_EQ(streams_opened(), opened) << "the streams went on";
    EXPECT_TRUE(w().engine->ready());
    EXPECT_TRUE(w().engine->connected());
    EXPECT_EQ(w().story(id), "BuyOrderCreated");
  }
}

TEST_P(AnnexH, H_38_after_a_stop_nothing_moves_and_a_second_start_works) {
  const auto resting = w().open_buy("0.01"_dec);
  fault("private: new order", sim::RequestFault::stall, 1);
  w().cancel(resting);
  const auto under_way = w().buy("0.01"_dec, OrderType::limit, w().low_price());
  w().world->run_for(2ms);  // both requests are on their way
  w().world->stop();
  const auto sent = w().world->sent().size();
  const auto told = w().world->events().size();
  EXPECT_EQ(w().engine->next_wakeup(), kNever) << "no timer is left";
  w().world->run_for(1h);
  EXPECT_EQ(w().world->sent().size(), sent);
  EXPECT_EQ(w().world->events().size(), told);
  ASSERT_NE(w().engine->order(under_way), nullptr) << "what was under way is remembered";
  EXPECT_FALSE(w().engine->order(under_way)->is_done());
  w().world->start();
  w().make_ready();
  w().world->run_for(150s);
  expect_orders_as_at_venue({resting, under_way});
  EXPECT_TRUE(w().engine->order(resting)->is_cancelled() || w().engine->order(resting)->is_open());
  EXPECT_EQ(w().requests_sent("new order"), 2U) << "nothing was sent again";
  w().expect_balances_equal();
}

TEST_P(AnnexH, H_39_a_cancel_goes_ahead_of_creates_that_wait) {
  const auto id = w().open_buy();
  std::vector<ClientOrderId> flood;
  const auto at_once = w().with_action({.time_in_force = TimeInForce::immediate_or_cancel});  // so that few rest
  for (int i = 0; i < 400; ++i) {
    flood.push_back(w().engine->buy(w().pair, "0.01"_dec, OrderType::limit, w().low_price(), at_once));
  }
  w().world->settle();
  ASSERT_TRUE(w().cancel(id));
  ASSERT_TRUE(w().world->run_until([&] { return w().count<OrderCancelledEvent>(id) == 1; }, 2s));
  std::size_t waiting = 0;
  for (const auto& each : flood) waiting += w().at_venue(each) == nullptr ? 1U : 0U;
  EXPECT_GT(waiting, 0U) << "the flood was to be longer than what may leave at once";
  w().world->run_for(180s);
  for (const auto& each : flood) {
    EXPECT_TRUE(w().engine->order(each)->is_done()) << w().story(each);
    for (const auto& failure : w().all<MarketOrderFailureEvent>(each)) {
      EXPECT_EQ(failure.reason, FailureReason::not_filled) << failure.error_message;
    }
  }
}

TEST_P(AnnexH, H_39_no_limit_of_the_venue_is_ever_exceeded) {
  std::size_t refused = 0;
  w().world->network.reply_on_the_way = [&](std::string_view, venue::ServerReply& reply) {
    refused += reply.http_status == 429 || reply.http_status == 418 ? 1U : 0U;
  };
  std::vector<ClientOrderId> ids;
  int answers = 0;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 40; ++i) {
      ids.push_back(w().engine->buy(w().pair, "0.001"_dec, OrderType::limit, w().low_price(), w().with_action({})));
      w().engine->last_traded_prices(std::vector{w().pair}, [&](const auto&) { ++answers; });
      w().engine->sweep_soon();
    }
    w().world->settle();
    w().world->run_for(3s);
    w().world->cut_streams("everybody comes back at once");
    w().world->run_for(7s);
    for (const auto& id : ids) w().cancel(id);
    w().world->run_for(5s);
  }
  w().world->run_for(120s);
  EXPECT_EQ(refused, 0U);
  EXPECT_EQ(answers, 160);
  for (const auto& id : ids) {
    EXPECT_EQ(w().count<MarketOrderFailureEvent>(id), 0U) << w().story(id);
    EXPECT_TRUE(w().engine->order(id)->is_cancelled()) << w().story(id);
  }
  expect_orders_as_at_venue(ids);
}

TEST_P(AnnexH, H_39_who_is_refused_for_the_rate_is_silent_for_a_second_at_least) {
  // How much longer, where the venue says so, is in the unit tests: each says it in its own way.
  ASSERT_TRUE(w().engine->ready());
  int times = 0;
  w().world->network.reply_on_the_way = [&](std::string_view name, venue::ServerReply& reply) {
    if (name != "private: query open orders" || times++ > 0) return;
    reply.http_status = 429;
    reply.body = R"({"code":-1003,"msg":"too many requests"})";
  };
  w().engine->sweep_soon();
  ASSERT_TRUE(w().world->run_until([&] { return times == 1; }, 10s));
  w().world->run_for(20ms);
  const auto sent = w().requests_sent("query open orders");
  for (int i = 0; i < 9; ++i) {
    w().engine->sweep_soon();
    w().world->run_for(100ms);
  }
  EXPECT_EQ(w().requests_sent("query open orders"), sent);
  w().world->run_for(60s);
  EXPECT_GT(w().requests_sent("query open orders"), sent);
  EXPECT_TRUE(w().engine->ready());
}

TEST_P(AnnexH, H_44_what_a_callback_commands_follows_after_it) {
  int depth = 0;
  int deepest = 0;
  std::optional<ClientOrderId> second;
  std::vector<ClientOrderId> heard;
  w().world->on_event = [&](const Event& event) {
    deepest = std::max(deepest, ++depth);
    if (const auto* created = std::get_if<BuyOrderCreatedEvent>(&event)) {
      heard.push_back(created->order_id);
      EXPECT_TRUE(w().engine->cancel(created->order_id).ok());
      if (!second) {
        second = w().engine->buy(w().pair, "0.01"_dec, OrderType::limit, w().low_price(), w().with_action({}));
        // A refusal is an event as well, and comes after this one has been heard by everybody.
        (void)w().engine->buy(w().pair, 0, OrderType::limit, w().low_price(), w().with_action({}));
      }
    }
    --depth;
  };
  const auto first = w().buy("0.01"_dec, OrderType::limit, w().low_price());
  w().world->run_for(10s);
  w().world->on_event = nullptr;
  EXPECT_EQ(deepest, 1) << "no callback inside of another";
  ASSERT_TRUE(second);
  EXPECT_THAT(heard, testing::ElementsAre(first, *second));
  EXPECT_EQ(w().story(first), "BuyOrderCreated OrderCancelled");
  EXPECT_EQ(w().story(*second), "BuyOrderCreated OrderCancelled");
  EXPECT_EQ(w().all<MarketOrderFailureEvent>().size(), 1U);
  EXPECT_THAT(breaches(), testing::IsEmpty());
}

TEST_P(AnnexH, H_45_every_fill_has_both_times) {
  const Time began = w().world->now();
  const auto resting = w().open_buy("0.01"_dec);
  w().trade_against(resting, "0.004"_dec);
  const auto taking = w().buy("0.01"_dec, OrderType::limit, taking_price());
  w().world->run_for(5s);
  const auto& truth = w().venue->exchange().fills(w().venue->test_account());
  const auto told = w().all<OrderFilledEvent>();
  ASSERT_GE(told.size(), 2U);
  ASSERT_EQ(told.size(), truth.size());
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(to_unix_ms(told[i].venue_time), to_unix_ms(truth[i].time));
    EXPECT_GT(told[i].timestamp, truth[i].time) << "it took the way here";
    EXPECT_LE(told[i].timestamp, w().world->now());
  }
  for (const auto& event : w().all<BuyOrderCreatedEvent>()) {
    EXPECT_GE(event.timestamp, began);
    EXPECT_GE(event.creation_timestamp, began);
    EXPECT_LE(event.creation_timestamp, event.timestamp);
  }
  EXPECT_TRUE(w().engine->order(taking)->is_filled());
}

TEST_P(AnnexH, H_46_ids_are_unique_over_restarts_and_fit_the_venue) {
  std::set<std::string> ids;
  const auto longest = connector()->spec().orders.max_client_order_id_length;
  const auto make = [&] {
    for (int i = 0; i < 2000; ++i) {
      const auto id = w().engine->buy(w().pair, 0, OrderType::limit, Decimal(1), {});
      EXPECT_TRUE(ids.insert(id.value).second) << id.value;
      EXPECT_LE(id.value.size(), longest);
      EXPECT_EQ(id.value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
                id.value.npos);
    }
    w().world->settle();
  };
  make();
  w().die_and_come_back({});
  make();
  EXPECT_EQ(ids.size(), 4000U);
  const auto id = w().open_buy();
  EXPECT_NE(w().at_venue(id), nullptr) << "and the venue takes them";
}

TEST_P(AnnexH, H_47_an_order_that_the_venue_knows_by_another_name_is_still_ours) {
  const auto id = w().open_buy("0.01"_dec);
  w().by_hand([&](sim::Exchange& exchange) {
    const auto found = exchange.find_client_id(w().venue->test_account(), id.value);
    ASSERT_TRUE(found);
    exchange.set_client_id(*found, "another-name");
  });
  w().trade_against(id, "0.004"_dec);
  w().world->run_for(5s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderFilled");
  w().silence_user_stream();
  w().trade_against(id, "0.006"_dec);
  w().world->run_for(150s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderFilled OrderFilled BuyOrderCompleted") << "by polling too";
  EXPECT_TRUE(w().all<UnmatchedFillEvent>().empty());
  w().expect_balances_equal();
}

TEST_P(AnnexH, H_48_what_is_left_of_an_immediate_order_ends_once_and_keeps_its_fills) {
  const auto asks = w().book().asks();
  ASSERT_FALSE(asks.empty());
  const Decimal amount = asks.front().amount + "0.05"_dec;
  const auto id =
      w().buy(amount, OrderType::limit, asks.front().price, {.time_in_force = TimeInForce::immediate_or_cancel});
  w().world->run_for(10s);
  const auto story = w().story(id);
  EXPECT_THAT(story, testing::StartsWith("BuyOrderCreated OrderFilled"));
  EXPECT_EQ(w().count<OrderExpiredEvent>(id) + w().count<OrderCancelledEvent>(id), 1U) << story;
  EXPECT_EQ(w().count<BuyOrderCompletedEvent>(id) + w().count<MarketOrderFailureEvent>(id), 0U) << story;
  EXPECT_EQ(w().engine->order(id)->executed_amount_base(), w().at_venue(id)->filled);
  EXPECT_GT(w().at_venue(id)->filled, 0);
  EXPECT_LT(w().at_venue(id)->filled, amount);
  EXPECT_THAT(breaches(), testing::IsEmpty());
  w().expect_balances_equal();
}

TEST_P(AnnexH, H_01_H_49_an_old_report_undoes_no_cancel) {
  record_user_frames();
  const auto id = w().open_buy("0.01"_dec);
  w().trade_against(id, "0.002"_dec);
  w().world->run_for(2s);
  w().world->network.on_the_way = nullptr;
  fault("private: cancel order", sim::RequestFault::stall, 1);
  w().cancel(id);
  const auto state = w().engine->order(id)->state();
  say_again();
  EXPECT_EQ(w().engine->order(id)->state(), state) << "the cancel is still on its way";
  heal();
  w().world->run_for(30s);
  w().cancel(id);
  w().world->run_for(5s);
  ASSERT_TRUE(w().engine->order(id)->is_cancelled()) << w().story(id);
  const auto story = w().story(id);
  say_again();
  w().world->run_for(130s);
  EXPECT_EQ(w().story(id), story);
  EXPECT_TRUE(w().engine->order(id)->is_cancelled());
  EXPECT_EQ(w().count<OrderCancelledEvent>(id), 1U);
}

TEST_P(AnnexH, H_53_a_fill_that_is_told_behind_the_cancel_is_told_once) {
  const auto id = w().open_buy("0.01"_dec);
  std::vector<std::pair<venue::StreamId, std::string>> held;
  w().world->network.on_the_way = [&](venue::StreamId stream, std::string text) -> std::optional<std::string> {
    if (stream.kind != venue::StreamKind::user || !w().tells_of<venue::Fill>(stream, text)) return text;
    held.emplace_back(stream, std::move(text));
    return std::nullopt;
  };
  w().trade_against(id, "0.004"_dec);
  w().cancel(id);
  ASSERT_TRUE(w().world->run_until([&] { return w().count<OrderCancelledEvent>(id) == 1; }, 30s)) << w().story(id);
  ASSERT_FALSE(held.empty());
  heal();
  for (const auto& [stream, text] : held) hear(stream, text);
  w().world->run_for(130s);
  EXPECT_EQ(w().count<OrderFilledEvent>(id), 1U) << w().story(id);
  EXPECT_EQ(w().count<OrderCancelledEvent>(id), 1U) << w().story(id);
  EXPECT_EQ(w().engine->order(id)->executed_amount_base(), "0.004"_dec);
  expect_orders_as_at_venue({id});
  w().expect_balances_equal();
}

TEST_P(AnnexH, H_56_what_fills_on_arrival_is_created_first) {
  const auto id = w().buy("0.01"_dec, OrderType::limit, taking_price());
  w().world->run_for(5s);
  EXPECT_THAT(w().story(id), testing::StartsWith("BuyOrderCreated OrderFilled"));
  EXPECT_THAT(w().story(id), testing::EndsWith("OrderFilled BuyOrderCompleted"));
  expect_orders_as_at_venue({id});
}

TEST_P(AnnexH, H_36_a_failed_first_read_of_payments_invents_no_past) {
  if (!w().derivative()) GTEST_SKIP() << "needs a derivative";
  const auto id = w().open_buy("0.02"_dec);
  w().trade_against(id, "0.02"_dec);
  w().world->run_for(2s);
  w().by_hand([&](auto& exchange) {
    exchange.fix_funding_rate(w().instrument(), "0.0003"_dec);
    exchange.set_funding_interval(w().instrument(), 1h, w().world->now());
  });
  w().world->run_for(2h + 1min);  // payments of the time before
  // Another process, which knows of nothing; its first reads fail.
  const auto before = w().venue->exchange().funding_payments(w().venue->test_account()).size();
  ASSERT_EQ(before, 2U);
  w().die_and_come_back_unready({}, [](sim::Network& network) {
    network.request_fault = [left = 3](std::string_view asked) mutable {
      return asked == "private: query funding payments" && left-- > 0 ? sim::RequestFault::gateway_error
                                                                      : sim::RequestFault::none;
    };
  });
  w().make_ready();
  w().world->run_for(3h + 5min);
  const auto& truth = w().venue->exchange().funding_payments(w().venue->test_account());
  const auto told = w().all<FundingPaymentCompletedEvent>();
  ASSERT_EQ(truth.size(), before + 3);
  ASSERT_EQ(told.size(), 3U);
  for (std::size_t i = 0; i < told.size(); ++i) EXPECT_EQ(told[i].venue_time, truth[before + i].time);
}

INSTANTIATE_TEST_SUITE_P(Venues, AnnexH, testing::ValuesIn(simulated_venues()), venue_of_test);

}  // namespace
}  // namespace calypte::test
