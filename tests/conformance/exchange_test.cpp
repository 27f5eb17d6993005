// The venue-neutral cases of a spot exchange connector, EX-01 to EX-39, against every venue that has a simulated one.
#include <gmock/gmock.h>

#include "support/venue_case.hpp"

namespace calypte::test {
namespace {

class Exchange : public VenueCase {
 protected:
  VenueWorld& not_started() { return with({.start = false}); }
  /// The engine is told often enough that the venue does not know the order.
  ClientOrderId lost_order() {
    const auto id = w().open_buy();
    w().silence_user_stream();
    // Whoever asks gets no answer, so that nothing contradicts.
    w().world->network.request_fault = [](std::string_view) { return sim::RequestFault::stall; };
    auto& orders = w().engine->orders();
    for (int i = 0; i < 8 && orders.fetch_lost_order(id) == nullptr; ++i) {
      w().world->run_for(2s);
      orders.process_order_not_found(id, w().world->now());
    }
    w().engine->on_time(w().world->now());  // the tracker was told behind the engine's back
    w().world->settle();
    heal_requests();
    return id;
  }
};

TEST_P(Exchange, EX_01_supported_order_types) {
  const auto types = w().engine->supported_order_types();
  const auto spec = connector::make_venue(GetParam());
  ASSERT_FALSE(types.empty());
  EXPECT_TRUE(
      std::equal(types.begin(), types.end(), spec->spec().orders.types.begin(), spec->spec().orders.types.end()));
}

TEST_P(Exchange, EX_02_restore_only_registers_open_orders) {
  std::vector<std::string> states;
  for (const auto state : {OrderState::pending_create, OrderState::canceled, OrderState::filled, OrderState::failed}) {
    InFlightOrder order({.client_order_id = ClientOrderId("id" + std::to_string(states.size())),
                         .trading_pair = w().pair,
                         .amount = 1,
                         .price = Decimal(100),
                         .creation_time = w().world->now()},
                        state);
    states.push_back(order.to_json());
  }
  EXPECT_TRUE(w().engine->restore_tracking_states(states).ok());
  const auto orders = w().engine->in_flight_orders();
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(orders[0]->client_order_id(), ClientOrderId("id0"));
}

TEST_P(Exchange, EX_03_EX_04_all_trading_pairs_are_the_valid_ones) {
  std::vector<TradingPair> expected;
  bool saw_invalid = false;
  for (const auto& instrument : w().venue->exchange().instruments()) {
    const auto kind = w().derivative() ? sim::InstrumentKind::perpetual : sim::InstrumentKind::spot;
    const bool valid = instrument.tradable && instrument.kind == kind;
    saw_invalid = saw_invalid || !valid;
    if (valid) expected.push_back(TradingPair::from_assets(instrument.base, instrument.quote));
  }
  std::sort(expected.begin(), expected.end());
  EXPECT_TRUE(saw_invalid) << "the simulated venue must list something that is to be filtered";
  EXPECT_EQ(w().engine->all_trading_pairs(), expected);
}

TEST_P(Exchange, EX_05_a_failing_instrument_request_gives_no_pairs_and_is_repeated) {
  auto& world = *not_started().world;
  world.network.request_fault = [](std::string_view) { return sim::RequestFault::lose_request; };
  world.start();
  world.run_for(20s);
  EXPECT_TRUE(w().engine->all_trading_pairs().empty());
  EXPECT_GE(w().requests_sent("query instruments"), 3U);
  EXPECT_LE(w().requests_sent("query instruments"), 30U);
  heal_requests();
  w().make_ready();
  EXPECT_FALSE(w().engine->all_trading_pairs().empty());
}

TEST_P(Exchange, EX_06_last_traded_prices) {
  const auto id = w().open_buy();
  const Decimal price = *w().engine->order(id)->price();
  w().trade_against(id, "0.001"_dec);
  w().world->run_for(1s);
  std::vector<std::pair<TradingPair, Decimal>> prices;
  w().engine->last_traded_prices(std::vector{w().pair}, [&](auto result) {
    ASSERT_TRUE(result.ok());
    prices = *result;
  });
  w().world->run_for(5s);
  ASSERT_EQ(prices.size(), 1U);
  EXPECT_EQ(prices[0].first, w().pair);
  EXPECT_EQ(prices[0].second, price);
}

TEST_P(Exchange, EX_07_EX_08_network_check) {
  EXPECT_TRUE(w().engine->connected());
  w().world->network.request_fault = [](std::string_view) { return sim::RequestFault::gateway_error; };
  w().engine->sweep_soon();
  w().world->run_for(3s);
  EXPECT_FALSE(w().engine->connected());
  heal_requests();
  w().world->run_for(60s);
  EXPECT_TRUE(w().engine->connected());
}

TEST_P(Exchange, EX_09_stopping_ends_what_waits_for_an_answer) {
  w().world->network.request_fault = [](std::string_view) { return sim::RequestFault::stall; };
  int answers = 0;
  w().engine->last_traded_prices(std::vector{w().pair}, [&](const auto& result) {
    ++answers;
    EXPECT_FALSE(result.ok());
  });
  w().world->run_for(1s);
  EXPECT_EQ(answers, 0);
  w().world->stop();
  EXPECT_EQ(answers, 1);
}

TEST_P(Exchange, EX_10_initial_status) {
  const auto status = not_started().engine->status();
  std::vector<std::string> names;
  for (const auto& condition : status.conditions) {
    names.push_back(condition.name);
    EXPECT_FALSE(condition.initialized) << condition.name;
    EXPECT_FALSE(condition.live) << condition.name;
    EXPECT_FALSE(condition.detail.empty()) << condition.name;
  }
  const std::vector<std::string> of_every_kind = {"symbols_mapping_initialized", "order_books_initialized",
                                                  "account_balance", "trading_rule_initialized",
                                                  "user_stream_initialized"};
  ASSERT_GE(names.size(), of_every_kind.size());
  EXPECT_TRUE(std::equal(of_every_kind.begin(), of_every_kind.end(), names.begin()));
  EXPECT_EQ(names.size() > of_every_kind.size(), w().derivative()) << "PP-01: a derivative waits for its funding too";
  EXPECT_EQ(std::count(names.begin(), names.end(), "funding_info"), w().derivative() ? 1 : 0);
  EXPECT_FALSE(w().engine->ready());
}

TEST_P(Exchange, EX_11_trading_rules) {
  const auto index = w().venue->exchange().find_instrument(w().symbol());
  ASSERT_TRUE(index);
  const auto& truth = w().venue->exchange().instruments()[*index];
  const auto* rule = w().engine->trading_rule(w().pair);
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->trading_pair, w().pair);
  EXPECT_EQ(rule->min_price_increment, truth.tick);
  EXPECT_EQ(rule->min_base_amount_increment, truth.lot);
  EXPECT_EQ(rule->min_order_size, truth.lot);
  EXPECT_TRUE(rule->tradable);
  EXPECT_TRUE(rule->validate().ok());
}

TEST_P(Exchange, EX_12_an_empty_or_broken_list_of_instruments_keeps_what_is_known) {
  const auto before = w().engine->all_trading_pairs();
  w().world->network.reply_on_the_way = [](std::string_view name, venue::ServerReply& reply) {
    if (name == "public: query instruments") reply.body = reply.body.substr(0, reply.body.size() / 2);
  };
  w().world->run_for(31min);  // the regular refresh
  EXPECT_EQ(w().engine->all_trading_pairs(), before);
  bool told = false;
  for (const auto& error : w().all<ConnectorErrorEvent>()) told = told || error.channel == "instruments";
  EXPECT_TRUE(told);
}

TEST_P(Exchange, EX_13_create_buy_limit_order) {
  const Decimal price = w().low_price();
  const auto id = w().buy("0.01"_dec, OrderType::limit, price);
  ASSERT_NE(w().engine->order(id), nullptr);
  EXPECT_EQ(w().engine->order(id)->state(), OrderState::pending_create) << "tracked before its request leaves";
  w().world->run_for(2s);
  const auto created = w().all<BuyOrderCreatedEvent>(id);
  ASSERT_EQ(created.size(), 1U);
  EXPECT_EQ(created[0].trading_pair, w().pair);
  EXPECT_EQ(created[0].type, OrderType::limit);
  EXPECT_EQ(created[0].amount, "0.01"_dec);
  EXPECT_EQ(created[0].price, price);
  EXPECT_EQ(created[0].exchange_order_id, w().engine->order(id)->exchange_order_id());
  ASSERT_NE(w().at_venue(id), nullptr);
  EXPECT_EQ(w().at_venue(id)->request.price, price);
  EXPECT_EQ(w().at_venue(id)->request.quantity, "0.01"_dec);
  EXPECT_EQ(w().engine->in_flight_orders().size(), 1U);
}

TEST_P(Exchange, EX_14_create_sell_limit_order) {
  const auto id = w().sell("0.01"_dec, OrderType::limit, w().high_price());
  w().world->run_for(2s);
  ASSERT_EQ(w().count<SellOrderCreatedEvent>(id), 1U);
  ASSERT_NE(w().at_venue(id), nullptr);
  EXPECT_EQ(w().at_venue(id)->request.side, sim::Side::sell);
}

TEST_P(Exchange, EX_15_a_refusal_of_the_venue_is_one_failure) {
  const auto id = w().buy("0.01"_dec, OrderType::limit, w().refused_price());
  w().world->run_for(5s);
  EXPECT_EQ(w().story(id), "MarketOrderFailure");
  const auto failure = w().all<MarketOrderFailureEvent>(id).at(0);
  EXPECT_EQ(failure.code, StatusCode::rejected);
  EXPECT_FALSE(failure.venue_code.empty());
  EXPECT_TRUE(w().engine->in_flight_orders().empty());
}

TEST_P(Exchange, EX_16_an_undersized_order_never_reaches_the_venue) {
  const auto small = w().engine->trading_rule(w().pair)->min_order_size;
  const auto undersized = w().buy(divide(small, 2, 18), OrderType::limit, w().low_price());
  const auto refused = w().buy("0.01"_dec, OrderType::limit, w().refused_price());
  w().world->run_for(5s);
  const auto failures = w().all<MarketOrderFailureEvent>();
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_EQ(failures[0].order_id, undersized);
  EXPECT_EQ(failures[0].code, StatusCode::denied);
  EXPECT_EQ(failures[1].order_id, refused);
  EXPECT_EQ(w().requests_sent("new order"), 1U);
  EXPECT_TRUE(w().engine->in_flight_orders().empty());
}

TEST_P(Exchange, EX_17_cancel) {
  const auto id = w().open_buy();
  EXPECT_TRUE(w().cancel(id));
  w().world->run_for(2s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderCancelled");
  EXPECT_TRUE(w().engine->order(id)->is_cancelled());
  EXPECT_TRUE(w().engine->in_flight_orders().empty());
  EXPECT_EQ(w().at_venue(id)->state, sim::OrderState::cancelled);
}

TEST_P(Exchange, EX_18_a_cancel_that_fails_is_told_and_the_order_lives) {
  const auto id = w().open_buy();
  fault("private: cancel order", sim::RequestFault::refuse);
  w().cancel(id);
  w().world->run_for(5s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderCancelFailed");
  EXPECT_EQ(w().all<OrderCancelFailedEvent>(id)[0].status.code(), StatusCode::not_sent);
  EXPECT_TRUE(w().engine->order(id)->is_open());
}

TEST_P(Exchange, EX_19_cancels_of_what_the_venue_no_longer_has_are_told_and_end_nothing) {
  const auto id = w().open_buy();
  w().silence_user_stream();
  fault("private: query order", sim::RequestFault::stall);
  const auto before = w().engine->orders().not_found_count(id);
  // Somebody else cancels it, and nothing is heard of that; so the venue answers that there is no such order.
  w().by_hand([&](sim::Exchange& exchange) {
    const auto found = exchange.find_client_id(w().venue->test_account(), id.value);
    ASSERT_TRUE(found);
    EXPECT_EQ(exchange.cancel(*found, w().world->now()), sim::Refusal::none);
  });
  w().cancel(id);
  w().world->run_for(2s);
  EXPECT_FALSE(w().engine->order(id)->is_done());
  EXPECT_EQ(w().count<OrderCancelFailedEvent>(id), 1U);
  // It had the order: that it is not open any more may as well mean that it was filled. However often that is said, it
  // is no answer to the question what became of the order.
  for (int i = 0; i < 6; ++i) {
    w().cancel(id);
    w().world->run_for(3s);
  }
  EXPECT_FALSE(w().engine->order(id)->is_done());
  EXPECT_EQ(w().engine->orders().not_found_count(id), before);
  const auto updatable = w().engine->orders().all_updatable_orders();
  EXPECT_EQ(
      std::count_if(updatable.begin(), updatable.end(), [&](const auto* o) { return o->client_order_id() == id; }), 1);
}

TEST_P(Exchange, EX_20_cancel_all_reports_each) {
  // In two instruments, so that no venue cancels both in one request.
  with({.engine = w().two_pairs()});
  const auto orders = w().open_in_both_pairs();
  w().world->network.request_fault = [cancels = 0](std::string_view name) mutable {
    return name == "private: cancel order" && ++cancels == 2 ? sim::RequestFault::refuse : sim::RequestFault::none;
  };
  std::vector<CancellationResult> results;
  w().engine->cancel_all(10s, [&](auto r) { results = std::move(r); });
  w().world->settle();
  w().world->run_for(11s);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].outcome, CancellationOutcome::succeeded);
  EXPECT_EQ(results[1].outcome, CancellationOutcome::failed);
  EXPECT_THAT(orders, testing::UnorderedElementsAre(results[0].client_order_id, results[1].client_order_id));
  EXPECT_EQ(w().count<OrderCancelledEvent>(results[0].client_order_id), 1U);
  EXPECT_EQ(w().count<OrderCancelledEvent>(results[1].client_order_id), 0U);
}

TEST_P(Exchange, EX_21_balances) {
  w().expect_balances_equal();
  EXPECT_GT(w().engine->balance("USDT"), 0);
  EXPECT_EQ(w().engine->balance("NOSUCH"), 0);
  // A complete answer without an asset removes it: every asset but one vanishes from the next answer.
  venue::BalanceReport only{.asset = "USDT", .total = Decimal(5), .available = Decimal(4), .venue_time = std::nullopt};
  engine::Balances balances;
  balances.apply_rest(std::vector{only, venue::BalanceReport{"BTC", Decimal(1), Decimal(1), std::nullopt}},
                      w().world->now(), w().world->now());
  balances.apply_rest(std::vector{only}, w().world->now() + 1s, w().world->now() + 1s);
  EXPECT_EQ(balances.find("BTC"), nullptr);
  ASSERT_NE(balances.find("USDT"), nullptr);
  EXPECT_EQ(balances.find("USDT")->available, 4);
}

TEST_P(Exchange, EX_22_polling_finds_a_filled_order) {
  const auto id = w().open_buy("0.01"_dec);
  w().silence_user_stream();
  w().trade_against(id, "0.01"_dec);
  w().world->run_for(10s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated") << "the stream was to be silent";
  w().world->run_for(130s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderFilled BuyOrderCompleted");
  const auto& order = *w().engine->order(id);
  EXPECT_TRUE(order.is_done());
  EXPECT_TRUE(order.is_filled());
  EXPECT_EQ(w().all<BuyOrderCompletedEvent>(id)[0].quote_asset_amount, *order.price() * "0.01"_dec);
  EXPECT_TRUE(w().engine->in_flight_orders().empty());
  w().expect_balances_equal();
}

TEST_P(Exchange, EX_23_polling_finds_a_cancelled_order) {
  const auto id = w().open_buy();
  w().silence_user_stream();
  w().cancel(id);
  w().world->run_for(5s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderCancelled");
  EXPECT_TRUE(w().engine->in_flight_orders().empty());
}

TEST_P(Exchange, EX_24_polling_an_unchanged_order_changes_nothing) {
  const auto id = w().open_buy();
  w().silence_user_stream();
  const auto sweeps = w().engine->user_stream().sweeps();
  w().world->run_for(250s);
  EXPECT_GT(w().engine->user_stream().sweeps(), sweeps);
  EXPECT_EQ(w().story(id), "BuyOrderCreated");
  EXPECT_EQ(w().engine->order(id)->state(), OrderState::open);
}

TEST_P(Exchange, EX_25_H_05_a_failing_status_request_is_not_absence) {
  const auto id = w().open_buy();
  w().silence_user_stream();
  for (const auto fault : {sim::RequestFault::lose_request, sim::RequestFault::stall, sim::RequestFault::gateway_error,
                           sim::RequestFault::refuse}) {
    w().world->network.request_fault = [fault](std::string_view) { return fault; };
    w().engine->sweep_soon();
    w().world->run_for(150s);
    EXPECT_TRUE(w().engine->order(id)->is_open());
    EXPECT_EQ(w().engine->orders().not_found_count(id), 0U);
    EXPECT_FALSE(w().engine->connected());
  }
  heal_requests();
  w().world->run_for(60s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated");
  EXPECT_TRUE(w().engine->connected());
}

TEST_P(Exchange, EX_26_polling_finds_a_partial_fill) {
  const auto id = w().open_buy("0.01"_dec);
  w().silence_user_stream();
  w().trade_against(id, "0.004"_dec);
  w().world->run_for(130s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderFilled");
  EXPECT_EQ(w().engine->order(id)->state(), OrderState::partially_filled);
  const auto fill = w().all<OrderFilledEvent>(id)[0];
  EXPECT_EQ(fill.amount, "0.004"_dec);
  EXPECT_EQ(fill.price, *w().engine->order(id)->price());
  EXPECT_FALSE(fill.trade_fee.flat_fees.empty());
}

TEST_P(Exchange, EX_27_H_12_completed_waits_for_fills_that_cannot_be_had_and_then_says_so) {
  const auto id = w().open_buy("0.01"_dec);
  // What the stream says of fills is lost, asking for fills fails, and the order's own record says that it is filled:
  // that is asked for because of a cancel that comes too late.
  w().drop_fills();
  fault("private: query fills", sim::RequestFault::gateway_error);
  w().trade_against(id, "0.01"_dec);
  w().world->run_for(2s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated") << "not complete as long as its fills are not known";
  w().cancel(id);
  w().world->run_for(10s);
  const auto incomplete = w().story(id);
  EXPECT_THAT(incomplete, testing::StartsWith("BuyOrderCreated"));
  EXPECT_THAT(incomplete, testing::EndsWith("BuyOrderCompleted"));
  EXPECT_EQ(w().count<OrderFilledEvent>(id), 0U);
  EXPECT_TRUE(w().all<BuyOrderCompletedEvent>(id).at(0).incomplete);
  heal_requests();
  w().world->run_for(300s);
  EXPECT_EQ(w().story(id), incomplete + " OrderFilled");
  EXPECT_TRUE(w().all<OrderFilledEvent>(id)[0].late);
}

TEST_P(Exchange, EX_28_the_stream_alone_creates) {
  fault("private: new order", sim::RequestFault::lose_reply);
  const auto id = w().buy("0.01"_dec, OrderType::limit, w().low_price());
  w().world->run_for(3s);
  EXPECT_EQ(w().count<BuyOrderCreatedEvent>(id), 1U);
  EXPECT_EQ(w().engine->order(id)->state(), OrderState::open);
  EXPECT_TRUE(w().engine->order(id)->exchange_order_id());
}

TEST_P(Exchange, EX_29_the_stream_tells_of_a_cancel) {
  const auto id = w().open_buy();
  fault("private: cancel order", sim::RequestFault::lose_reply);
  w().cancel(id);
  w().world->run_for(3s);
  EXPECT_EQ(w().count<OrderCancelledEvent>(id), 1U);
  EXPECT_TRUE(w().engine->order(id)->is_cancelled());
}

TEST_P(Exchange, EX_30_the_stream_tells_of_a_full_fill) {
  const auto id = w().open_buy("0.01"_dec);
  w().trade_against(id, "0.01"_dec);
  w().world->run_for(2s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderFilled BuyOrderCompleted");
  const auto fill = w().all<OrderFilledEvent>(id)[0];
  const auto& truth = w().venue->exchange().fills(w().venue->test_account()).at(0);
  ASSERT_EQ(fill.trade_fee.flat_fees.size(), 1U);
  EXPECT_EQ(fill.trade_fee.flat_fees[0].amount, truth.fee);
  EXPECT_EQ(fill.trade_fee.flat_fees[0].token, truth.fee_asset);
  EXPECT_FALSE(fill.is_taker);
  EXPECT_EQ(w().all<BuyOrderCompletedEvent>(id)[0].quote_asset_amount, fill.price * fill.amount);
  w().world->run_for(1s);
  w().expect_balances_equal();
}

TEST_P(Exchange, EX_31_the_stream_tells_of_balances) {
  const auto id = w().open_buy("0.01"_dec);
  w().world->run_for(1s);
  EXPECT_GE(w().all<BalanceEvent>().size(), 1U);
  w().expect_balances_equal();
  const Decimal bound = w().engine->balance("USDT") - w().engine->available_balance("USDT");
  const Decimal notional = *w().engine->order(id)->price() * "0.01"_dec;
  if (w().derivative()) {
    EXPECT_GT(bound, 0) << "the margin of the order";
    EXPECT_LT(bound, notional);
  } else {
    EXPECT_EQ(bound, notional);
  }
}

TEST_P(Exchange, EX_32_stop_and_start_again) {
  const auto id = w().open_buy();
  w().world->stop();
  EXPECT_FALSE(w().engine->ready());
  w().world->run_for(10s);
  w().world->start();
  w().make_ready();
  EXPECT_EQ(w().story(id), "BuyOrderCreated");
  w().cancel(id);
  w().world->run_for(2s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderCancelled");
}

TEST_P(Exchange, EX_33_unreadable_private_messages_are_told_and_survived) {
  const auto id = w().open_buy("0.01"_dec);
  int damaged = 0;
  w().world->network.on_the_way = [&](venue::StreamId stream, std::string text) -> std::optional<std::string> {
    if (stream.kind == venue::StreamKind::user && damaged < 2) {
      ++damaged;
      return text.substr(0, text.size() / 2);
    }
    return text;
  };
  w().trade_against(id, "0.004"_dec);
  w().world->run_for(1s);
  const auto errors = w().all<ConnectorErrorEvent>();
  ASSERT_GE(errors.size(), 1U);
  EXPECT_EQ(errors[0].status.code(), StatusCode::malformed);
  EXPECT_EQ(errors[0].channel.substr(0, 5), "user:");
  w().trade_against(id, "0.006"_dec);
  w().world->run_for(200s);
  EXPECT_EQ(w().count<OrderFilledEvent>(id), 2U);
  EXPECT_EQ(w().count<BuyOrderCompletedEvent>(id), 1U);
}

TEST_P(Exchange, EX_34_a_lost_order_still_gets_its_fills) {
  const auto id = lost_order();
  ASSERT_EQ(w().story(id), "BuyOrderCreated MarketOrderFailure");
  EXPECT_EQ(w().all<MarketOrderFailureEvent>(id)[0].reason, FailureReason::lost);
  ASSERT_NE(w().engine->orders().fetch_lost_order(id), nullptr);
  w().trade_against(id, w().engine->order(id)->amount());
  w().world->run_for(250s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated MarketOrderFailure OrderFilled");
  EXPECT_TRUE(w().all<OrderFilledEvent>(id)[0].late);
  EXPECT_EQ(w().engine->orders().fetch_lost_order(id), nullptr) << "the venue's own word ends the search";
}

TEST_P(Exchange, EX_35_EX_38_a_lost_order_is_gone_when_the_venue_says_cancelled) {
  const auto id = lost_order();
  ASSERT_NE(w().engine->orders().fetch_lost_order(id), nullptr);
  EXPECT_TRUE(w().cancel(id)) << "exposure that may exist can be cancelled";
  w().world->run_for(10s);
  EXPECT_EQ(w().engine->orders().fetch_lost_order(id), nullptr);
  EXPECT_EQ(w().count<OrderCancelledEvent>(id), 0U);
  EXPECT_EQ(w().at_venue(id)->state, sim::OrderState::cancelled);
}

TEST_P(Exchange, EX_36_H_08_a_lost_order_stays_while_cancels_fail) {
  const auto id = lost_order();
  for (const auto fault :
       {sim::RequestFault::stall, sim::RequestFault::lose_request, sim::RequestFault::gateway_error}) {
    w().world->network.request_fault = [fault](std::string_view) { return fault; };
    w().cancel(id);
    w().world->run_for(60s);
    EXPECT_NE(w().engine->orders().fetch_lost_order(id), nullptr);
  }
  EXPECT_EQ(w().count<OrderCancelledEvent>(id), 0U);
}

TEST_P(Exchange, EX_37_a_lost_order_that_the_venue_does_not_know_is_settled) {
  const auto id = lost_order();
  ASSERT_NE(w().engine->orders().fetch_lost_order(id), nullptr);
  w().engine->orders().process_order_not_found(id, w().world->now());
  EXPECT_EQ(w().engine->orders().fetch_lost_order(id), nullptr);
  EXPECT_EQ(w().count<BuyOrderCompletedEvent>(id), 0U);
}

TEST_P(Exchange, an_operator_can_forget_a_lost_order) {
  const auto id = lost_order();
  EXPECT_TRUE(w().engine->orders().forget_lost_order(id));
  EXPECT_EQ(w().engine->orders().fetch_lost_order(id), nullptr);
  EXPECT_EQ(w().count<BuyOrderCompletedEvent>(id), 0U);
}

TEST_P(Exchange, EX_39_the_stream_ends_a_lost_order) {
  const auto id = lost_order();
  w().world->network.on_the_way = nullptr;
  w().trade_against(id, w().engine->order(id)->amount());
  w().world->run_for(5s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated MarketOrderFailure OrderFilled");
  EXPECT_TRUE(w().all<OrderFilledEvent>(id)[0].late);
  EXPECT_EQ(w().engine->orders().fetch_lost_order(id), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Venues, Exchange, testing::ValuesIn(simulated_venues()), venue_of_test);

}  // namespace
}  // namespace calypte::test
