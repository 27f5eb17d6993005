// Nobody looks after the orders any more: what the venue's own switch does then, and that nothing keeps a cancel from
// leaving. Venue-neutral: what a venue offers stands in its table.
#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "engine/orphan_canceller.hpp"
#include "engine/throttle.hpp"
#include "support/venue_world.hpp"

namespace calypte::test {
namespace {

using venue::DeadManKind;

class DeadManSwitch : public testing::TestWithParam<std::string> {
 protected:
  static VenueWorld::Options armed(Duration after = 9s) {
    VenueWorld::Options options;
    options.engine.dead_man = after;
    return options;
  }
  [[nodiscard]] DeadManKind kind() const { return connector::make_venue(GetParam())->spec().dead_man.kind; }
  /// Time passes at the venue alone: the process is gone.
  static void venue_goes_on(VenueWorld& w, Time& now, Duration duration) {
    const Time end = now + duration;
    while (now < end) {
      now = std::min(end, std::max(now + 1ms, std::min(end, w.venue->next_wakeup())));
      w.venue->on_time(now);
      w.venue->actions().clear();
    }
  }
  static bool open_at_venue(VenueWorld& w, const ClientOrderId& id) {
    const auto* order = w.at_venue(id);
    return order != nullptr && !sim::is_closed(order->state);
  }
};
INSTANTIATE_TEST_SUITE_P(Venues, DeadManSwitch, testing::ValuesIn(simulated_venues()), venue_of_test);

TEST_P(DeadManSwitch, orders_of_a_dead_process_are_cancelled_by_the_venue_where_it_can) {
  VenueWorld w(GetParam(), armed());
  const auto id = w.open_buy();
  ASSERT_TRUE(open_at_venue(w, id));
  w.world->run_for(60s);
  EXPECT_TRUE(open_at_venue(w, id)) << "while we live nothing is cancelled, however often the time has passed";

  w.world->cut_streams("the process died");
  Time now = w.world->now();
  switch (kind()) {
    case DeadManKind::none:
      venue_goes_on(w, now, 60s);
      EXPECT_TRUE(open_at_venue(w, id)) << "this is what the guard is for";
      break;
    case DeadManKind::on_disconnect:
      venue_goes_on(w, now, 2s);
      EXPECT_FALSE(open_at_venue(w, id));
      break;
    case DeadManKind::countdown:
      venue_goes_on(w, now, 5s);
      EXPECT_TRUE(open_at_venue(w, id)) << "two thirds of the time are left at least";
      venue_goes_on(w, now, 5s);
      EXPECT_FALSE(open_at_venue(w, id));
      break;
  }
}

TEST_P(DeadManSwitch, what_the_venue_cancels_arrives_as_a_cancel) {
  if (kind() == DeadManKind::none) GTEST_SKIP() << "the venue has no switch";
  VenueWorld w(GetParam(), armed());
  const auto id = w.open_buy();
  // The link is cut in both directions, and heals when the switch has acted.
  w.world->network.refuse_connections = true;
  w.world->network.request_fault = [](std::string_view) { return sim::RequestFault::refuse; };
  w.world->cut_streams("no network");
  w.world->run_for(15s);
  EXPECT_FALSE(open_at_venue(w, id));
  EXPECT_FALSE(w.engine->ready());
  w.world->network.refuse_connections = false;
  w.world->network.request_fault = nullptr;
  w.make_ready();
  EXPECT_EQ(w.story(id), "BuyOrderCreated OrderCancelled");
}

TEST_P(DeadManSwitch, it_is_a_condition_of_readiness_where_it_is_wanted_and_possible) {
  const auto has = [](VenueWorld& w) {
    const auto conditions = w.engine->status().conditions;
    return std::any_of(conditions.begin(), conditions.end(), [](const auto& c) { return c.name == "dead_man_armed"; });
  };
  VenueWorld without(GetParam());
  EXPECT_FALSE(has(without)) << "off by default";
  EXPECT_EQ(without.requests_sent("dead-man"), 0U);
  VenueWorld w(GetParam(), armed());
  EXPECT_EQ(has(w), kind() != DeadManKind::none);
  EXPECT_EQ(w.requests_sent("dead-man") > 0, kind() != DeadManKind::none);
  EXPECT_EQ(w.engine->dead_man().armed(w.world->now()), kind() != DeadManKind::none);
}

TEST_P(DeadManSwitch, a_failure_to_arm_is_told_and_ends_the_readiness) {
  if (kind() != DeadManKind::countdown) GTEST_SKIP() << "there is nothing to arm again";
  VenueWorld w(GetParam(), armed());
  w.world->network.request_fault = [](std::string_view name) {
    return name == "private: arm dead-man switch" ? sim::RequestFault::refuse : sim::RequestFault::none;
  };
  w.world->run_for(12s);
  EXPECT_FALSE(w.engine->ready());
  const auto errors = w.all<ConnectorErrorEvent>();
  EXPECT_TRUE(std::any_of(errors.begin(), errors.end(), [](const auto& e) { return e.channel == "dead-man switch"; }));
  w.world->network.request_fault = nullptr;
  w.make_ready();
}

TEST_P(DeadManSwitch, a_stop_that_leaves_nothing_behind_takes_it_back) {
  if (kind() != DeadManKind::countdown) GTEST_SKIP() << "it ends with the connection";
  VenueWorld w(GetParam(), armed());
  const auto id = w.open_buy();
  w.engine->disarm_dead_man(w.world->now());
  w.world->run_for(1s);
  EXPECT_TRUE(w.engine->dead_man().armed(w.world->now())) << "an order is open: it stays armed";
  ASSERT_TRUE(w.cancel(id));
  w.world->run_for(2s);
  w.engine->disarm_dead_man(w.world->now());
  w.world->settle();
  ASSERT_TRUE(w.world->run_until([&] { return w.engine->dead_man().disarmed(); }, 5s));
  // Somebody else's order in the same symbol is not cancelled now.
  sim::OrderRequest request;
  request.account = w.venue->test_account();
  request.instrument = w.instrument();
  request.price = w.low_price();
  request.quantity = Decimal::from_parts(1, 2);
  const auto placed = w.venue->place(request, w.world->now());
  ASSERT_EQ(placed.refusal, sim::Refusal::none);
  Time now = w.world->now();
  venue_goes_on(w, now, 30s);
  EXPECT_FALSE(sim::is_closed(w.venue->exchange().order(placed.id)->state));
}

TEST_P(DeadManSwitch, a_length_out_of_range_is_denied) {
  const auto made = [&](Duration after) {
    engine::ExchangeEngineOptions options;
    options.trading_pairs = {TradingPair::from_assets("BTC", "USDT")};
    options.dead_man = after;
    return engine::make_engine(connector::make_venue(GetParam()),
                               {.api_key = Secret("key"), .api_secret = Secret("secret"), .passphrase = {}}, options,
                               null_log(), from_unix_ms(1'790'000'000'000))
        .status();
  };
  EXPECT_EQ(made(-1s).code(), StatusCode::denied);
  EXPECT_TRUE(made(10s).ok()) << made(10s).to_string();
  EXPECT_EQ(made(100ms).code() == StatusCode::denied, kind() == DeadManKind::countdown);
  EXPECT_EQ(made(48h).code() == StatusCode::denied, kind() == DeadManKind::countdown);
}

// --- Lanes: what orders and queries may use up, and what they may not. ---------------------------------------------

class Lanes : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Venues, Lanes, testing::ValuesIn(simulated_venues()), venue_of_test);

TEST_P(Lanes, a_cancel_leaves_at_once_whatever_else_has_used_up_the_limits) {
  const auto venue = connector::make_venue(GetParam());
  const auto& spec = venue->spec();
  for (const Decimal& share : {Decimal(1), Decimal::from_parts(5, 1)}) {
    const Time now = from_unix_ms(1'790'000'000'000);
    auto throttle = engine::Throttle::create(spec.limits, {.share = share});
    ASSERT_TRUE(throttle.ok()) << throttle.status().to_string();
    std::vector<std::string_view> of_cancels = {venue->limit_id(venue::CancelOrder{}),
                                                venue->limit_id(venue::CancelAllOrders{})};
    if (spec.orders.max_batch_cancel > 1) of_cancels.push_back(venue->limit_id(venue::CancelOrders{}));
    // Everything that is no cancel takes what it can get, as orders, as queries, again and again.
    std::size_t taken = 0;
    for (int round = 0; round < 2; ++round) {
      for (const auto& row : spec.limits) {
        if (std::find(of_cancels.begin(), of_cancels.end(), row.id) != of_cancels.end()) continue;
        for (const auto lane : {engine::Lane::order, engine::Lane::query, engine::Lane::bulk}) {
          while (throttle->try_acquire(row.id, lane, now)) ++taken;
        }
      }
    }
    EXPECT_GT(taken, 100U) << "the limits are really used up";
    for (const auto id : of_cancels) EXPECT_TRUE(throttle->try_acquire(id, engine::Lane::cancel, now)) << id;
  }
}

TEST_P(Lanes, queries_and_orders_cannot_use_the_last_share_of_a_limit_that_cancels_count_against) {
  const auto venue = connector::make_venue(GetParam());
  const auto& spec = venue->spec();
  const Time now = from_unix_ms(1'790'000'000'000);
  const std::string_view cancel = venue->limit_id(venue::CancelOrder{});
  std::vector<std::string_view> charged = {cancel};
  for (const auto& row : spec.limits) {
    if (row.id != cancel) continue;
    for (const auto& link : row.linked) charged.push_back(link.id);
  }
  for (const auto pool : charged) {
    auto throttle = engine::Throttle::create(spec.limits, {});
    ASSERT_TRUE(throttle.ok());
    std::uint32_t used = 0;
    while (throttle->try_acquire(pool, engine::Lane::order, now)) ++used;
    EXPECT_LT(used, throttle->limit(pool)) << pool;
    EXPECT_FALSE(throttle->try_acquire(pool, engine::Lane::query, now)) << pool;
    EXPECT_TRUE(throttle->try_acquire(pool, engine::Lane::cancel, now)) << pool;
  }
}

TEST_P(Lanes, a_cancel_overtakes_a_flood_of_orders_that_wait_for_the_limit) {
  VenueWorld w(GetParam());
  const auto first = w.open_buy();
  // More than any venue takes at once: most of them wait.
  for (int i = 0; i < 400; ++i) {
    w.engine->buy(w.pair, Decimal::from_parts(1, 3), OrderType::limit, w.low_price(), w.with_action({}));
  }
  w.world->settle();
  ASSERT_GT(w.engine->requests().throttle().waiting(), 0U) << "the flood must fill the limit";
  ASSERT_TRUE(w.cancel(first));
  w.world->run_for(100ms);
  ASSERT_GT(w.engine->requests().throttle().waiting(), 0U) << "the flood still waits";
  ASSERT_NE(w.at_venue(first), nullptr);
  EXPECT_TRUE(sim::is_closed(w.at_venue(first)->state));
}

// --- What the guard does when it must: by REST, and no further than the prefix. -----------------------------------

class Orphans : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Venues, Orphans, testing::ValuesIn(simulated_venues()), venue_of_test);

TEST_P(Orphans, exactly_the_orders_with_the_prefix_are_cancelled) {
  VenueWorld w(GetParam());
  const auto ours = w.open_buy();
  engine::ExchangeEngineOptions other = w.engine_options;
  other.client_order_id_prefix = "calB";  // looks like ours followed by a side
  auto theirs_ids = engine::ClientOrderIds::create("calB", 36, w.world->now(), 5);
  ASSERT_TRUE(theirs_ids.ok());
  std::vector<sim::OrderId> theirs;
  for (const std::string& name : {theirs_ids->next(TradeType::buy).value, std::string("web_123"), std::string("cal")}) {
    sim::OrderRequest request;
    request.account = w.venue->test_account();
    request.instrument = w.instrument();
    request.client_id = name;
    request.price = w.low_price();
    request.quantity = Decimal::from_parts(1, 2);
    const auto placed = w.venue->place(request, w.world->now());
    ASSERT_EQ(placed.refusal, sim::Refusal::none);
    theirs.push_back(placed.id);
  }
  w.world->cut_streams("the process died");
  const Time died = w.world->now();
  Time now = died;
  auto made =
      engine::OrphanCanceller::create(connector::make_venue(GetParam()), w.credentials(), "cal", null_log(), now);
  ASSERT_TRUE(made.ok()) << made.status().to_string();
  auto& canceller = **made;
  canceller.begin(died, now);
  venue::PaddedBuffer buffer;
  int lost = 0;
  for (int step = 0; step < 1'000 && !canceller.done(); ++step) {
    canceller.on_time(now);
    for (auto& action : std::exchange(canceller.actions(), {})) {
      auto& request = std::get<engine::SendRequest>(action);
      venue::ServerRequest sent{.method = request.request.method,
                                .target = w.venue->paths().rest + request.request.target,
                                .headers = request.request.headers,
                                .body = request.request.body};
      auto reply = w.venue->on_request(sent, now);
      w.venue->actions().clear();
      venue::RequestOutcome outcome;
      // The answer to the first cancel is lost: it is found out by the next list.
      if (request.name == "private: cancel order" && lost++ == 0) {
        outcome.kind = venue::RequestOutcome::Kind::unknown;
        outcome.error = "cut";
      } else {
        outcome.reply = {.http_status = reply.http_status, .headers = reply.headers, .body = buffer.assign(reply.body)};
      }
      canceller.on_outcome(request.id, outcome, now);
    }
    now = std::max(now + 1ms, std::min(canceller.next_wakeup(now), now + 100ms));
    w.venue->on_time(now);
    w.venue->actions().clear();
  }
  ASSERT_TRUE(canceller.done()) << canceller.trouble().to_string();
  EXPECT_GE(now - died, connector::make_venue(GetParam())->spec().orders.max_visibility_delay)
      << "an order on its way at the end has become visible before nothing is declared to be left";
  EXPECT_EQ(canceller.found(), 1U);
  EXPECT_EQ(canceller.foreign(), theirs.size());
  EXPECT_TRUE(sim::is_closed(w.at_venue(ours)->state));
  for (const auto id : theirs) EXPECT_FALSE(sim::is_closed(w.venue->exchange().order(id)->state));
}

TEST_P(Orphans, an_empty_prefix_and_missing_keys_are_refused) {
  const Time now = from_unix_ms(1'790'000'000'000);
  const auto make = [&](Credentials credentials, const std::string& prefix) {
    return engine::OrphanCanceller::create(connector::make_venue(GetParam()), std::move(credentials), prefix,
                                           null_log(), now)
        .status()
        .code();
  };
  EXPECT_EQ(make({.api_key = Secret("a"), .api_secret = Secret("b"), .passphrase = {}}, ""), StatusCode::denied);
  EXPECT_EQ(make({}, "cal"), StatusCode::denied);
}

}  // namespace
}  // namespace calypte::test
