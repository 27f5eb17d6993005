// The hardening cases that concern the whole connector, against every venue that has a simulated one.
#include <gmock/gmock.h>
#include <set>

#include "support/event_sequence.hpp"
#include "support/venue_case.hpp"

namespace calypte::test {
namespace {

class Hardening : public VenueCase {};

TEST_P(Hardening, H_05_no_network_trouble_ends_an_order) {
  const auto resting = w().open_buy("0.01"_dec);
  w().world->network.refuse_connections = true;
  w().world->cut_streams("the cable was pulled");
  w().trade_against(resting, "0.004"_dec);
  w().world->run_for(10min);
  EXPECT_EQ(w().story(resting), "BuyOrderCreated");
  EXPECT_TRUE(w().engine->order(resting)->is_open());
  w().world->network.refuse_connections = false;
  w().make_ready();
  w().world->run_for(5s);
  EXPECT_EQ(w().story(resting), "BuyOrderCreated OrderFilled");
  EXPECT_EQ(w().engine->order(resting)->executed_amount_base(), "0.004"_dec);
  w().expect_balances_equal();
}

TEST_P(Hardening, H_06_a_accepted_but_the_answer_is_lost) {
  for (const auto kind :
       {sim::RequestFault::lose_reply, sim::RequestFault::gateway_error_after, sim::RequestFault::stall}) {
    with({});
    // The stream is silent too: only asking can tell.
    w().silence_user_stream();
    fault("private: new order", kind == sim::RequestFault::stall ? sim::RequestFault::lose_reply : kind, 1);
    const auto id = w().buy("0.01"_dec, OrderType::limit, w().low_price());
    w().world->run_for(30s);
    EXPECT_EQ(w().story(id), "OrderOutcomeUnknown OrderOutcomeResolved BuyOrderCreated");
    EXPECT_EQ(w().requests_sent("new order"), 1U) << "never sent twice";
    EXPECT_EQ(orders_at_venue(), 1U);
    ASSERT_TRUE(w().engine->order(id)->exchange_order_id());
    EXPECT_EQ(w().engine->order(id)->state(), OrderState::open);
  }
}

TEST_P(Hardening, H_06_b_it_never_arrived) {
  for (const auto kind :
       {sim::RequestFault::lose_request, sim::RequestFault::gateway_error, sim::RequestFault::stall}) {
    with({});
    fault("private: new order", kind, 1);
    const auto id = w().buy("0.01"_dec, OrderType::limit, w().low_price());
    w().world->run_for(8s);
    EXPECT_EQ(w().count<MarketOrderFailureEvent>(id), 0U) << "not before the venue had the time to show it";
    EXPECT_EQ(w().engine->in_flight_orders().size(), 1U) << "exposure is counted";
    w().world->run_for(120s);
    EXPECT_EQ(w().story(id), "OrderOutcomeUnknown OrderOutcomeResolved MarketOrderFailure");
    EXPECT_EQ(w().all<MarketOrderFailureEvent>(id)[0].reason, FailureReason::never_arrived);
    EXPECT_EQ(w().requests_sent("new order"), 1U);
    EXPECT_EQ(orders_at_venue(), 0U);
  }
}

TEST_P(Hardening, H_06_c_accepted_and_filled_before_anybody_could_look) {
  w().silence_user_stream();
  fault("private: new order", sim::RequestFault::lose_reply, 1);
  const auto id = w().buy("0.01"_dec, OrderType::limit, w().inside_bid());
  w().world->run_for(8ms);  // it is in the book; the first inquiry is on its way at the earliest
  w().trade_against(id, "0.01"_dec);
  w().world->run_for(150s);
  EXPECT_EQ(w().story(id), "OrderOutcomeUnknown OrderOutcomeResolved BuyOrderCreated OrderFilled BuyOrderCompleted");
  EXPECT_EQ(orders_at_venue(), 1U);
}

TEST_P(Hardening, H_06_d_certainly_not_sent_is_a_failure_at_once) {
  fault("private: new order", sim::RequestFault::refuse, 1);
  const auto id = w().buy("0.01"_dec, OrderType::limit, w().low_price());
  w().world->run_for(1s);
  EXPECT_EQ(w().story(id), "MarketOrderFailure");
  EXPECT_EQ(w().all<MarketOrderFailureEvent>(id)[0].code, StatusCode::not_sent);
}

TEST_P(Hardening, H_13_H_14_bad_input_is_refused_with_its_reason_and_nothing_leaves) {
  const auto& rule = *w().engine->trading_rule(w().pair);
  const Decimal price = w().low_price();
  struct Case {
    std::string what;
    FailureReason reason;
    ClientOrderId id;
  };
  std::vector<Case> cases;
  const auto add = [&](std::string what, FailureReason reason, ClientOrderId id) {
    cases.push_back({std::move(what), reason, std::move(id)});
  };
  const auto before = w().requests_sent("new order");
  add("unknown pair", FailureReason::unknown_trading_pair,
      w().engine->buy("NO-SUCH"_pair, 1, OrderType::limit, Decimal(1), {}));
  add("zero amount", FailureReason::invalid_amount, w().buy(0, OrderType::limit, price));
  add("negative amount", FailureReason::invalid_amount, w().buy(-1, OrderType::limit, price));
  add("below the minimum", FailureReason::below_min_order_size,
      w().buy(divide(rule.min_order_size, 2, 18), OrderType::limit, price));
  add("no price", FailureReason::invalid_price, w().buy(1, OrderType::limit));
  add("zero price", FailureReason::invalid_price, w().buy(1, OrderType::limit_maker, Decimal(0)));
  add("negative price", FailureReason::invalid_price, w().buy(1, OrderType::limit, Decimal(-5)));
  add("no funds to buy", FailureReason::insufficient_balance,
      w().buy(w().unaffordable(TradeType::buy), OrderType::limit, price));
  add("no funds to sell", FailureReason::insufficient_balance,
      w().sell(w().unaffordable(TradeType::sell), OrderType::limit, w().high_price()));
  add("not an order type of this venue", FailureReason::unsupported_order_type, w().buy(1, OrderType::amm_swap, price));
  add("post-only and immediate", FailureReason::unsupported_order_type,
      w().buy("0.01"_dec, OrderType::limit_maker, price, {.time_in_force = TimeInForce::immediate_or_cancel}));
  // Spot orders open no position; those of a derivative must say whether they do.
  const auto wrong = w().derivative() ? PositionAction::nil : PositionAction::open;
  add("a position on spot, or none on a derivative", FailureReason::invalid_position_action,
      w().engine->buy(w().pair, "0.01"_dec, OrderType::limit, price, {.position = wrong}));
  w().world->settle();
  w().world->run_for(10s);
  std::set<ClientOrderId> ids;
  for (const auto& c : cases) {
    EXPECT_EQ(w().story(c.id), "MarketOrderFailure") << c.what;
    const auto failures = w().all<MarketOrderFailureEvent>(c.id);
    ASSERT_EQ(failures.size(), 1U) << c.what;
    EXPECT_EQ(failures[0].code, StatusCode::denied) << c.what;
    EXPECT_EQ(failures[0].reason, c.reason) << c.what << ": " << failures[0].error_message;
    EXPECT_FALSE(failures[0].error_message.empty()) << c.what;
    EXPECT_EQ(w().engine->order(c.id), nullptr) << c.what;
    EXPECT_TRUE(ids.insert(c.id).second);
  }
  EXPECT_EQ(w().requests_sent("new order"), before);
  EXPECT_TRUE(w().engine->in_flight_orders().empty());
}

TEST_P(Hardening, H_13_market_order_without_a_book_to_judge_by) {
  w().world->network.on_the_way = [](venue::StreamId stream, std::string text) -> std::optional<std::string> {
    return stream.kind == venue::StreamKind::market ? std::nullopt : std::optional(text);
  };
  w().world->run_for(connector::make_venue(GetParam())->spec().book.stale_after + 60s);
  ASSERT_FALSE(w().engine->order_book(w().pair)->is_live());
  const auto id = w().buy("0.01"_dec, OrderType::market);
  w().world->run_for(1s);
  EXPECT_EQ(w().all<MarketOrderFailureEvent>(id).at(0).reason, FailureReason::no_liquidity);
  EXPECT_EQ(w().requests_sent("new order"), 0U);
}

TEST_P(Hardening, H_13_orders_before_ready_and_after_stop) {
  with({.start = false});
  const auto early = w().buy("0.01"_dec, OrderType::limit, Decimal(50'000));
  w().world->start();
  const auto not_ready = w().buy("0.01"_dec, OrderType::limit, Decimal(50'000));
  w().make_ready();
  w().world->stop();
  const auto late = w().buy("0.01"_dec, OrderType::limit, Decimal(50'000));
  EXPECT_EQ(w().all<MarketOrderFailureEvent>(early).at(0).reason, FailureReason::stopped);
  EXPECT_EQ(w().all<MarketOrderFailureEvent>(not_ready).at(0).reason, FailureReason::not_ready);
  EXPECT_EQ(w().all<MarketOrderFailureEvent>(late).at(0).reason, FailureReason::stopped);
}

TEST_P(Hardening, H_15_prices_never_round_towards_the_spread) {
  const auto tick = w().engine->trading_rule(w().pair)->min_price_increment;
  const Decimal odd_low = w().low_price() + tick * "0.9"_dec;
  const Decimal odd_high = w().high_price() + tick * "0.1"_dec;
  const auto buy = w().buy("0.01"_dec, OrderType::limit, odd_low);
  const auto sell = w().sell("0.01"_dec, OrderType::limit_maker, odd_high);
  EXPECT_EQ(*w().engine->order(buy)->price(), odd_low.round_to_multiple(tick, Rounding::floor));
  EXPECT_EQ(*w().engine->order(sell)->price(), odd_high.round_to_multiple(tick, Rounding::ceiling));
}

TEST_P(Hardening, H_16_cancel_all_with_a_cancel_that_hangs) {
  with({.engine = VenueWorld::two_pairs()});
  const auto orders = w().open_in_both_pairs();
  w().world->network.request_fault = [cancels = 0](std::string_view name) mutable {
    if (name == "private: query order") return sim::RequestFault::stall;
    return name == "private: cancel order" && ++cancels == 2 ? sim::RequestFault::stall : sim::RequestFault::none;
  };
  std::vector<CancellationResult> results;
  w().engine->cancel_all(5s, [&](auto r) { results = std::move(r); });
  w().world->settle();
  w().world->run_for(4s);
  EXPECT_TRUE(results.empty());
  w().world->run_for(2s);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].outcome, CancellationOutcome::succeeded);
  EXPECT_EQ(results[1].outcome, CancellationOutcome::unknown);
  EXPECT_THAT(orders, testing::UnorderedElementsAre(results[0].client_order_id, results[1].client_order_id));
}

TEST_P(Hardening, H_17_a_refused_cancel_is_told_and_the_truth_is_asked) {
  const auto id = w().open_buy("0.01"_dec);
  w().silence_user_stream();
  w().trade_against(id, "0.01"_dec);
  w().cancel(id);
  w().world->run_for(10s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderCancelFailed OrderFilled BuyOrderCompleted");
}

TEST_P(Hardening, H_22_a_lost_book_message_makes_the_book_stale_until_it_is_whole_again) {
  with({.orders_per_second = 40});
  int dropped = 0;
  w().world->network.on_the_way = [&](venue::StreamId stream, std::string text) -> std::optional<std::string> {
    const bool diff = stream.kind == venue::StreamKind::market && w().tells_of<venue::DepthDiff>(stream, text);
    if (diff && dropped == 0) {
      ++dropped;
      return std::nullopt;
    }
    return text;
  };
  w().world->run_for(20s);
  ASSERT_EQ(dropped, 1);
  const auto counters = w().engine->books().counters();
  EXPECT_EQ(counters.breaks, 1U);
  EXPECT_EQ(counters.resyncs, 1U);
  std::vector<OrderBookState> states;
  for (const auto& e : w().all<OrderBookStateEvent>()) states.push_back(e.state);
  EXPECT_NE(std::find(states.begin(), states.end(), OrderBookState::stale), states.end());
  EXPECT_EQ(states.back(), OrderBookState::live);
}

TEST_P(Hardening, H_23_after_a_reconnect_no_old_level_survives) {
  with({.orders_per_second = 40});
  w().world->run_for(5s);
  w().world->cut_streams("cut");
  EXPECT_FALSE(w().engine->order_book(w().pair)->is_live());
  EXPECT_EQ(w().engine->price(w().pair, PriceType::best_bid), std::nullopt);
  EXPECT_EQ(w().engine->books().order_book(w().pair)->live(), nullptr);
  w().make_ready();
  w().venue->flow(w().symbol())->pause();
  w().world->run_for(3s);
  w().expect_book_equal();
}

TEST_P(Hardening, H_18_a_process_that_dies_at_any_point_of_an_order_finds_it_again) {
  enum class Point { before_sending, on_its_way, acknowledged, filled_but_not_told };
  for (const auto point : {Point::before_sending, Point::on_its_way, Point::acknowledged, Point::filled_but_not_told}) {
    with({});
    const auto id = w().engine->buy(w().pair, "0.01"_dec, OrderType::limit, w().inside_bid(), w().with_action({}));
    if (point != Point::before_sending) w().world->settle();
    if (point == Point::on_its_way) w().world->run_for(6ms);  // it is at the venue, the answer is not here
    if (point >= Point::acknowledged) w().world->run_for(2s);
    auto saved = w().engine->tracking_states();
    const auto of_order = std::ranges::count_if(saved, [&](const auto& s) { return s.find(id.value) != s.npos; });
    ASSERT_EQ(of_order, 1) << "tracked from before the request leaves";
    if (point == Point::filled_but_not_told) {
      w().world->network.mute_streams = true;
      w().trade_against(id, "0.01"_dec);
    }
    w().die_and_come_back(saved);
    w().world->run_for(120s);
    std::set<ClientOrderId> created_before;
    if (point >= Point::acknowledged) created_before.insert(id);
    EXPECT_THAT(test_support::check_event_sequence(w().world->events(), created_before), testing::IsEmpty());
    ASSERT_NE(w().engine->order(id), nullptr);
    const auto* truth = w().at_venue(id);
    switch (point) {
      case Point::before_sending:
        EXPECT_EQ(truth, nullptr);
        EXPECT_EQ(w().count<MarketOrderFailureEvent>(id), 1U);
        break;
      case Point::on_its_way:
      case Point::acknowledged:
        ASSERT_NE(truth, nullptr);
        EXPECT_EQ(w().engine->order(id)->state(), OrderState::open);
        break;
      case Point::filled_but_not_told:
        EXPECT_EQ(w().count<OrderFilledEvent>(id), 1U);
        EXPECT_EQ(w().count<BuyOrderCompletedEvent>(id), 1U);
        break;
    }
    EXPECT_EQ(orders_at_venue(), point == Point::before_sending ? 0U : 1U) << "never sent again";
    w().expect_balances_equal();
  }
}

TEST_P(Hardening, H_29_an_answer_without_the_pair_is_asked_for_once) {
  int answers = 0;
  w().engine->last_traded_prices(std::vector{"NO-SUCH"_pair}, [&](const auto& prices) {
    ++answers;
    ASSERT_TRUE(prices.ok());
    EXPECT_TRUE(prices->empty());
  });
  w().world->run_for(10s);
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(w().requests_sent("query tickers"), 1U);
}

TEST_P(Hardening, unreadable_enormous_and_unknown_messages_never_make_a_wrong_book) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    with({.seed = seed, .orders_per_second = 40});
    core::Random random(seed);
    std::uint64_t damaged = 0;
    w().world->network.on_the_way = [&](venue::StreamId stream, std::string text) -> std::optional<std::string> {
      if (stream.kind != venue::StreamKind::market || !random.chance(1, 40)) return text;
      ++damaged;
      switch (random.below(6)) {
        case 0:
          return text.substr(0, random.below(text.size() + 1));
        case 1:
          text[random.below(text.size())] = static_cast<char>(random.below(256));
          return text;
        case 2:
          return std::string("{\"id\":-1,\"method\":\"surprise\",\"code\":0,\"news\":[1,2,3]}");
        case 3:
          return "{\"junk\":\"" + std::string(3'000'000, 'x') + "\"}";
        case 4:
          return std::string(100'000, '[');
        default:
          return std::string();
      }
    };
    w().world->run_for(60s);
    EXPECT_GT(damaged, 10U);
    const auto frames = w().engine->market_frames();
    EXPECT_GT(frames.unreadable, 0U);
    std::size_t told = 0;
    for (const auto& error : w().all<ConnectorErrorEvent>()) told += error.channel.starts_with("market") ? 1U : 0U;
    EXPECT_GE(told, frames.unreadable);
    w().world->network.on_the_way = nullptr;
    w().venue->flow(w().symbol())->pause();
    w().world->run_for(60s);
    w().expect_book_equal();
  }
}

TEST_P(Hardening, H_24_one_bad_pair_holds_nobody_up) {
  engine::ExchangeEngineOptions options;
  options.trading_pairs = {"BTC-USDT"_pair, "ETH-USDT"_pair, "NO-SUCH"_pair};
  with({.start = false, .engine = options});
  w().world->start();
  w().world->run_for(20s);
  EXPECT_TRUE(w().engine->order_book("BTC-USDT"_pair)->is_live());
  EXPECT_TRUE(w().engine->order_book("ETH-USDT"_pair)->is_live());
  EXPECT_FALSE(w().engine->ready());
  EXPECT_NE(w().status_text().find("NO-SUCH"), std::string::npos) << "readiness names the pair";
}

TEST_P(Hardening, H_30_a_restart_keeps_the_book_objects) {
  const auto* book = w().engine->order_book(w().pair);
  w().world->stop();
  EXPECT_FALSE(book->is_live());
  w().world->start();
  w().make_ready();
  EXPECT_EQ(w().engine->order_book(w().pair), book);
  EXPECT_TRUE(book->is_live());
}

TEST_P(Hardening, H_31_what_happened_while_the_private_stream_was_down) {
  const auto filled = w().open_buy("0.01"_dec);
  const auto cancelled = w().buy("0.01"_dec, OrderType::limit, w().low_price());
  w().world->run_for(2s);
  w().world->network.refuse_connections = true;
  w().world->cut_streams("cut");
  w().trade_against(filled, "0.01"_dec);
  w().world->run_for(30s);
  for (const auto& condition : w().engine->status().conditions) {
    EXPECT_TRUE(condition.initialized) << condition.name << " fell back to not initialized";
  }
  EXPECT_FALSE(w().engine->ready());
  w().world->network.refuse_connections = false;
  w().make_ready();
  EXPECT_EQ(w().story(filled), "BuyOrderCreated OrderFilled BuyOrderCompleted") << "known before it is called live";
  EXPECT_EQ(w().story(cancelled), "BuyOrderCreated");
  w().expect_balances_equal();
}

TEST_P(Hardening, H_37_a_half_open_stream_is_noticed) {
  const auto before = w().requests_sent("user open");
  w().world->network.mute_streams = true;
  w().world->run_for(120s);
  EXPECT_FALSE(w().engine->ready());
  w().world->network.mute_streams = false;
  w().make_ready();
  EXPECT_GT(w().requests_sent("user open"), before);
}

TEST_P(Hardening, a_permission_to_listen_that_ends_is_had_anew) {
  const auto id = w().open_buy("0.01"_dec);
  w().venue->expire_user_streams(w().world->now());
  w().world->flush_server();
  w().world->run_for(5s);
  w().make_ready();
  w().trade_against(id, "0.01"_dec);
  w().world->run_for(3s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderFilled BuyOrderCompleted") << "heard, not polled";
  w().expect_balances_equal();
}

TEST_P(Hardening, H_50_reconnects_back_off) {
  w().world->network.refuse_connections = true;
  w().world->cut_streams("cut");
  const auto before = w().requests_sent("market open");
  w().world->run_for(5min);
  const auto attempts = w().requests_sent("market open") - before;
  EXPECT_GE(attempts, 10U);
  EXPECT_LE(attempts, 40U);
}

TEST_P(Hardening, H_53_partial_fill_then_cancel) {
  const auto id = w().open_buy("0.01"_dec);
  w().trade_against(id, "0.004"_dec);
  w().cancel(id);
  w().world->run_for(5s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderFilled OrderCancelled");
  EXPECT_EQ(w().engine->order(id)->executed_amount_base(), "0.004"_dec);
  w().expect_balances_equal();
}

TEST_P(Hardening, fills_that_the_stream_swallowed_are_fetched_without_waiting_for_the_next_poll) {
  const auto id = w().open_buy("0.01"_dec);
  w().drop_fills();
  w().trade_against(id, "0.004"_dec);
  w().world->run_for(1s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated");
  // What is told of the second one shows that there was more.
  w().world->network.on_the_way = nullptr;
  w().trade_against(id, "0.002"_dec);
  w().world->run_for(5s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderFilled OrderFilled");
  EXPECT_EQ(w().engine->order(id)->executed_amount_base(), "0.006"_dec);
  // So does what a cancel is answered with.
  w().drop_fills();
  w().trade_against(id, "0.001"_dec);
  w().cancel(id);
  w().world->run_for(8s);
  EXPECT_EQ(w().count<OrderFilledEvent>(id), 3U) << w().story(id);
  EXPECT_EQ(w().count<OrderCancelledEvent>(id), 1U) << w().story(id);
  EXPECT_EQ(w().engine->order(id)->executed_amount_base(), "0.007"_dec);
  EXPECT_THAT(test_support::check_event_sequence(w().world->events()), testing::IsEmpty());
}

TEST_P(Hardening, H_54_post_only_that_would_cross) {
  const auto id = w().buy("0.001"_dec, OrderType::limit_maker, w().best_ask());
  w().world->run_for(5s);
  const auto story = w().story(id);
  const bool refused = story == "MarketOrderFailure";
  const bool accepted_first =
      story == "BuyOrderCreated OrderCancelled" || story == "BuyOrderCreated MarketOrderFailure";
  EXPECT_TRUE(refused || accepted_first) << story;
  const auto reason = w().count<OrderCancelledEvent>(id) == 1 ? w().all<OrderCancelledEvent>(id)[0].reason
                                                              : w().all<MarketOrderFailureEvent>(id).at(0).reason;
  EXPECT_EQ(reason, FailureReason::would_take);
}

TEST_P(Hardening, H_55_cancel_before_the_acknowledgement) {
  const auto id = w().buy("0.01"_dec, OrderType::limit, w().low_price());
  EXPECT_TRUE(w().cancel(id));
  w().world->run_for(5s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderCancelled");
  EXPECT_EQ(w().at_venue(id)->state, sim::OrderState::cancelled);
  // The same, but the order never gets there.
  fault("private: new order", sim::RequestFault::refuse, 1);
  const auto lost = w().buy("0.01"_dec, OrderType::limit, w().low_price());
  w().cancel(lost);
  w().world->run_for(5s);
  EXPECT_EQ(w().story(lost), "MarketOrderFailure");
}

TEST_P(Hardening, market_orders_sweep_and_settle) {
  const auto id = w().buy("0.05"_dec, OrderType::market);
  w().world->run_for(3s);
  EXPECT_EQ(w().count<BuyOrderCompletedEvent>(id), 1U) << w().story(id);
  EXPECT_GE(w().count<OrderFilledEvent>(id), 1U);
  Decimal sum;
  for (const auto& fill : w().all<OrderFilledEvent>(id)) {
    sum += fill.amount;
    EXPECT_TRUE(fill.is_taker);
  }
  EXPECT_EQ(sum, "0.05"_dec);
  w().expect_balances_equal();
}

TEST_P(Hardening, immediate_orders_end_by_themselves) {
  const auto killed =
      w().buy("0.01"_dec, OrderType::limit, w().low_price(), {.time_in_force = TimeInForce::fill_or_kill});
  const auto immediate =
      w().buy("0.01"_dec, OrderType::limit, w().low_price(), {.time_in_force = TimeInForce::immediate_or_cancel});
  w().world->run_for(5s);
  // Cancelled, expired or refused at once, in the venue's own words; in any case it has ended without a fill.
  for (const auto& id : {killed, immediate}) {
    EXPECT_THAT(w().story(id),
                testing::AnyOf("BuyOrderCreated OrderCancelled", "BuyOrderCreated OrderExpired", "MarketOrderFailure"));
    for (const auto& e : w().all<OrderCancelledEvent>(id)) EXPECT_EQ(e.reason, FailureReason::not_filled);
    for (const auto& e : w().all<MarketOrderFailureEvent>(id)) EXPECT_EQ(e.reason, FailureReason::not_filled);
  }
  EXPECT_TRUE(w().engine->in_flight_orders().empty());
}

#ifdef __OPTIMIZE__
constexpr std::uint64_t kStorms = 12;
#else
constexpr std::uint64_t kStorms = 2;  // without optimisation, and with sanitizers, one takes long
#endif

/// Everything at once for a while, then quiet: what the connector told equals the ledger, and every story is legal.
TEST_P(Hardening, a_storm_ends_with_the_ledger) {
  for (std::uint64_t seed = 1; seed <= kStorms; ++seed) {
    with({.seed = seed, .orders_per_second = 30});
    core::Random random(seed);
    auto& world = *w().world;
    world.network.request_fault = [&random](std::string_view) {
      switch (random.below(25)) {
        case 0:
          return sim::RequestFault::lose_reply;
        case 1:
          return sim::RequestFault::lose_request;
        case 2:
          return sim::RequestFault::gateway_error;
        case 3:
          return sim::RequestFault::gateway_error_after;
        default:
          return sim::RequestFault::none;
      }
    };
    world.network.on_the_way = [&random](venue::StreamId, std::string text) -> std::optional<std::string> {
      if (random.chance(1, 60)) return std::nullopt;
      return text;
    };
    std::vector<ClientOrderId> ids;
    for (int i = 0; i < 60; ++i) {
      world.run_for(Duration(std::chrono::milliseconds(random.below(2000))));
      if (random.chance(1, 25)) world.cut_streams("cut");
      const auto* levels = w().engine->order_book(w().pair)->live();
      if (levels == nullptr || !levels->best_bid() || !levels->best_ask()) continue;
      const bool buy = random.chance(1, 2);
      const auto type = random.chance(1, 4)   ? OrderType::market
                        : random.chance(1, 2) ? OrderType::limit
                                              : OrderType::limit_maker;
      const Decimal price = buy ? levels->best_bid()->price : levels->best_ask()->price;
      ids.push_back(buy ? w().buy("0.01"_dec, type, price) : w().sell("0.01"_dec, type, price));
      if (random.chance(1, 2)) w().cancel(ids[random.below(ids.size())]);
    }
    world.network.request_fault = nullptr;
    world.network.on_the_way = nullptr;
    w().make_ready();
    w().engine->cancel_all(30s, [](const auto&) {});
    w().world->settle();
    world.run_for(5min);
    EXPECT_TRUE(w().engine->in_flight_orders().empty()) << "seed " << seed;
    EXPECT_THAT(test_support::check_event_sequence(world.events()), testing::IsEmpty()) << "seed " << seed;
    for (const auto& id : ids) {
      const auto* truth = w().at_venue(id);
      Decimal told;
      for (const auto& fill : w().all<OrderFilledEvent>(id)) told += fill.amount;
      EXPECT_EQ(told, truth == nullptr ? Decimal() : truth->filled)
          << "seed " << seed << " " << id.value << " " << w().story(id);
      if (truth != nullptr && truth->state == sim::OrderState::filled) {
        EXPECT_TRUE(w().engine->order(id)->is_filled()) << "seed " << seed << " " << w().story(id);
      }
    }
    w().expect_balances_equal();
  }
}

INSTANTIATE_TEST_SUITE_P(Venues, Hardening, testing::ValuesIn(simulated_venues()), venue_of_test);

}  // namespace
}  // namespace calypte::test
