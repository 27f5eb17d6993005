// What users of such libraries lost money by, continued: the market, the network, the venue's own changes, secrets.
#include <gmock/gmock.h>
#include <map>
#include <utility>

#include "core/random.hpp"
#include "support/skewed_server.hpp"
#include "support/venue_case.hpp"

namespace calypte::test {
namespace {

class Operation : public VenueCase {
 protected:
  /// Everything a session does, once: an order that is partly filled and cancelled, and one that takes.
  void trade_and_expect_the_truth() {
    const auto resting = w().open_buy("0.01"_dec);
    w().trade_against(resting, "0.004"_dec);
    w().world->run_for(2s);
    w().cancel(resting);
    const auto taking = w().buy("0.01"_dec, OrderType::limit, taking_price());
    w().world->run_for(5s);
    EXPECT_EQ(w().story(resting), "BuyOrderCreated OrderFilled OrderCancelled");
    EXPECT_TRUE(w().engine->order(taking)->is_filled()) << w().story(taking);
    expect_orders_as_at_venue({resting, taking});
    w().expect_balances_equal();
  }
};

TEST_P(Operation, N03_a_channel_that_falls_silent_is_noticed_and_heals_without_a_restart) {
  with({.orders_per_second = 20});
  w().world->run_for(5s);
  ASSERT_TRUE(w().engine->order_book(w().pair)->is_live());
  w().world->network.on_the_way = [this](venue::StreamId stream, std::string text) -> std::optional<std::string> {
    const bool book = stream.kind == venue::StreamKind::market && (w().tells_of<venue::DepthDiff>(stream, text) ||
                                                                   w().tells_of<venue::DepthSnapshot>(stream, text));
    return book ? std::nullopt : std::optional(std::move(text));
  };
  const auto limit = connector()->spec().book.stale_after + 5s;
  EXPECT_TRUE(w().world->run_until([this] { return !w().engine->order_book(w().pair)->is_live(); }, limit));
  EXPECT_FALSE(w().engine->ready());
  const auto told = w().all<OrderBookStateEvent>();
  ASSERT_FALSE(told.empty());
  EXPECT_NE(told.back().state, OrderBookState::live);
  w().world->run_for(5min);
  heal();
  w().make_ready();
  w().venue->flow(w().symbol())->pause();
  w().world->run_for(3s);
  w().expect_book_equal();
}

TEST_P(Operation, N07_dropped_doubled_and_swapped_book_messages_never_leave_a_wrong_book) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    with({.seed = seed, .orders_per_second = 40});
    core::Random random(seed);
    std::optional<std::pair<venue::StreamId, std::string>> held;
    std::vector<std::pair<venue::StreamId, std::string>> extra;
    std::size_t crossed = 0;
    std::size_t harmed = 0;
    w().world->on_order_book = [&](const OrderBook& book) {
      const auto* levels = book.live();
      if (levels != nullptr && levels->best_bid() && levels->best_ask()) {
        crossed += levels->best_bid()->price >= levels->best_ask()->price ? 1U : 0U;
      }
    };
    w().world->network.on_the_way = [&](venue::StreamId stream, std::string text) -> std::optional<std::string> {
      if (stream.kind != venue::StreamKind::market || !w().tells_of<venue::DepthDiff>(stream, text)) return text;
      if (held) {  // the later one first
        extra.push_back(*held);
        held.reset();
      }
      if (!random.chance(1, 30)) return text;
      ++harmed;
      switch (random.below(3)) {
        case 0:
          return std::nullopt;
        case 1:
          extra.emplace_back(stream, text);
          return text;
        default:
          held.emplace(stream, std::move(text));
          return std::nullopt;
      }
    };
    for (int i = 0; i < 600; ++i) {
      w().world->run_for(100ms);
      for (const auto& [stream, text] : std::exchange(extra, {})) hear(stream, text);
    }
    EXPECT_GT(harmed, 10U);
    EXPECT_EQ(crossed, 0U);
    EXPECT_GT(w().engine->books().counters().breaks, 0U);
    heal();
    w().make_ready();
    w().venue->flow(w().symbol())->pause();
    w().world->run_for(3s);
    w().expect_book_equal();
  }
}

TEST_P(Operation, N12_fifty_cuts_end_with_the_same_subscriptions) {
  with({.engine = VenueWorld::two_pairs()});
  const auto first = w().requests_sent("market> ");
  ASSERT_GT(first, 0U);
  for (int i = 0; i < 50; ++i) {
    w().world->cut_streams("cut");
    w().world->run_for(12s);
  }
  const auto opens = w().requests_sent("market open");
  EXPECT_LE(opens, 51U);
  // As much as the first connection said, for each; with answers to heartbeats on top.
  EXPECT_LE(w().requests_sent("market> "), opens * (first + 2));
  w().make_ready();
  for (const auto& pair : w().engine->trading_pairs()) EXPECT_TRUE(w().engine->order_book(pair)->is_live());
  trade_and_expect_the_truth();
}

TEST_P(Operation, N14_fields_and_words_that_are_new_change_nothing) {
  const auto with_news = [](std::string text) {
    const auto brace = text.find('{');
    if (brace == text.npos || text.find('}') == text.npos || text.substr(brace + 1).starts_with('}')) return text;
    return text.insert(brace + 1, R"("zz_new":{"a":[1,null,"x"],"b":{"c":-1.5e3}},)");
  };
  with({.start = false});
  w().world->network.on_the_way = [&](venue::StreamId, std::string text) {
    return std::optional(with_news(std::move(text)));
  };
  w().world->network.reply_on_the_way = [&](std::string_view, venue::ServerReply& reply) {
    reply.body = with_news(std::move(reply.body));
  };
  w().world->start();
  w().make_ready();
  trade_and_expect_the_truth();
  w().engine->sweep_soon();
  w().world->run_for(10s);
  EXPECT_EQ(w().engine->user_frames().unreadable, 0U);
  EXPECT_EQ(w().engine->market_frames().unreadable, 0U);
}

TEST_P(Operation, N14_an_endpoint_that_is_gone_is_told_and_ends_nothing) {
  const auto id = w().open_buy();
  w().world->network.reply_on_the_way = [](std::string_view name, venue::ServerReply& reply) {
    if (name != "private: query open orders" && name != "private: query order") return;
    reply.http_status = 410;
    reply.body = "<html>410 Gone</html>";
  };
  w().world->run_for(10min);
  EXPECT_EQ(w().story(id), "BuyOrderCreated");
  EXPECT_TRUE(w().engine->order(id)->is_open());
  heal();
  w().make_ready();
  w().cancel(id);
  w().world->run_for(5s);
  EXPECT_EQ(w().story(id), "BuyOrderCreated OrderCancelled");
}

TEST_P(Operation, N16_partitions_heal_without_a_restart) {
  core::Random random(16);
  const auto id = w().open_buy("0.05"_dec);
  for (int i = 0; i < 20; ++i) {
    const bool half_open = random.chance(1, 2);
    half_open ? static_cast<void>(w().world->network.mute_streams = true) : cut_off();
    w().trade_against(id, "0.001"_dec);
    w().world->run_for(std::chrono::seconds(30 + random.below(270)));
    heal();
    w().make_ready();
    w().world->run_for(std::chrono::seconds(random.below(60)));
  }
  w().world->run_for(130s);
  EXPECT_EQ(w().count<OrderFilledEvent>(id), 20U);
  expect_orders_as_at_venue({id});
  w().expect_balances_equal();
  w().expect_book_equal();
}

TEST_P(Operation, N18_a_delisting_leaves_its_orders_to_us_and_the_others_in_peace) {
  with({.engine = VenueWorld::two_pairs()});
  const auto ids = w().open_in_both_pairs();
  w().by_hand([&](sim::Exchange& exchange) { exchange.set_tradable(w().instrument(), false); });
  const auto refused = w().buy("0.01"_dec, OrderType::limit, w().low_price());
  w().world->run_for(5s);
  EXPECT_EQ(w().story(refused), "MarketOrderFailure");
  EXPECT_EQ(w().all<MarketOrderFailureEvent>(refused).at(0).reason, FailureReason::instrument_not_tradable);
  w().world->run_for(31min);  // the list of instruments is read again
  const auto sent = w().requests_sent("new order");
  const auto denied = w().buy("0.01"_dec, OrderType::limit, w().low_price());
  w().world->run_for(1s);
  EXPECT_EQ(w().all<MarketOrderFailureEvent>(denied).at(0).code, StatusCode::denied) << "known by now";
  EXPECT_EQ(w().requests_sent("new order"), sent);
  for (const auto& id : ids) EXPECT_TRUE(w().engine->order(id)->is_open()) << w().story(id);
  for (const auto& id : ids) w().cancel(id);
  w().world->run_for(5s);
  for (const auto& id : ids) EXPECT_EQ(w().story(id), "BuyOrderCreated OrderCancelled");
  // A restart afterwards: the pair that is left works.
  w().die_and_come_back_unready(w().engine->tracking_states());
  w().world->run_for(60s);
  EXPECT_TRUE(w().engine->order_book("ETH-USDT"_pair)->is_live());
}

TEST_P(Operation, N19_maintenance_concludes_nothing) {
  const auto resting = w().open_buy("0.02"_dec);
  w().trade_against(resting, "0.01"_dec);
  w().world->run_for(2s);
  // First pages that look like answers, while the venue may have acted; then a gateway before everything.
  w().world->network.reply_on_the_way = [](std::string_view, venue::ServerReply& reply) {
    reply.http_status = 503;
    reply.headers = {{"Content-Type", "text/html"}};
    reply.body = "<html><body>We are improving our systems</body></html>";
  };
  w().engine->sweep_soon();
  w().world->run_for(5min);
  fault_all(sim::RequestFault::gateway_error);
  cut_off();
  w().world->run_for(30min);
  EXPECT_FALSE(w().engine->connected());
  EXPECT_EQ(w().story(resting), "BuyOrderCreated OrderFilled");
  EXPECT_GT(w().engine->balance(w().pair.quote()), 0) << "no balance is taken for gone";
  EXPECT_TRUE(w().all<PositionMismatchEvent>().empty());
  heal();
  w().make_ready();
  w().world->run_for(10s);
  EXPECT_EQ(w().story(resting), "BuyOrderCreated OrderFilled");
  expect_orders_as_at_venue({resting});
  w().expect_balances_equal();
}

TEST_P(Operation, N20_what_is_told_is_what_was_sent_and_nothing_is_off_the_grid) {
  core::Random random(20);
  const Decimal low = w().low_price();
  for (int i = 0; i < 40; ++i) {
    const Decimal odd = Decimal::from_parts(static_cast<std::int64_t>(random.below(1'000'000'000'000)), 12);
    const auto id = w().buy("0.01"_dec + odd * "0.01"_dec, OrderType::limit, low - odd);
    w().world->run_for(1s);
    ASSERT_EQ(w().story(id), "BuyOrderCreated") << odd.to_string();
    const auto told = w().all<BuyOrderCreatedEvent>(id).at(0);
    const auto& truth = *w().at_venue(id);
    EXPECT_EQ(told.price, truth.request.price);
    EXPECT_EQ(told.amount, truth.request.quantity);
    EXPECT_EQ(w().engine->order(id)->price(), truth.request.price);
    EXPECT_LE(truth.request.price, low - odd) << "never more than was asked for";
    EXPECT_LE(truth.request.quantity, "0.01"_dec + odd * "0.01"_dec);
    w().cancel(id);
    w().world->run_for(1s);
  }
}

TEST_P(Operation, N22_a_clock_that_is_wrong_harms_nothing) {
  for (const Duration offset : {Duration(3s), Duration(-3s), Duration(40s), Duration(-40s)}) {
    SCOPED_TRACE(std::chrono::duration_cast<std::chrono::seconds>(offset).count());
    with({.start = false});
    SkewedServer server(*w().venue, offset);
    const Time start = w().world->now() + 60s;  // the venue's time must not go back
    w().world = std::make_unique<sim::World>(*w().engine, server, w().venue->paths(), start);
    w().world->start();
    w().make_ready();
    if (HasFatalFailure()) return;
    w().world->run_for(10s);
    const auto taking = w().buy("0.01"_dec, OrderType::limit, taking_price());
    const auto resting = w().buy("0.01"_dec, OrderType::limit, w().low_price());
    w().world->run_for(5s);
    server.set_offset(offset + 4s);  // and then somebody sets it
    w().world->run_for(5s);
    w().cancel(resting);
    w().world->run_for(30s);
    EXPECT_TRUE(w().engine->order(taking)->is_filled()) << w().story(taking);
    EXPECT_EQ(w().story(resting), "BuyOrderCreated OrderCancelled");
    expect_orders_as_at_venue({taking, resting});
    w().expect_balances_equal();
    w().world->stop();
    w().world.reset();  // before the server that it speaks to
  }
}

TEST_P(Operation, N30_a_refusal_says_why_in_the_words_of_the_venue) {
  const auto id = w().buy("0.01"_dec, OrderType::limit, w().refused_price());
  w().world->run_for(5s);
  const auto failure = w().all<MarketOrderFailureEvent>(id).at(0);
  EXPECT_EQ(failure.code, StatusCode::rejected);
  EXPECT_NE(failure.reason, FailureReason::none);
  EXPECT_FALSE(failure.venue_code.empty());
  EXPECT_FALSE(failure.error_message.empty());
}

class EveryLine : public LogSink {
 public:
  void log(LogLevel, std::string_view component, std::string_view message) override {
    text += std::string(component) + " " + std::string(message) + "\n";
  }
  [[nodiscard]] bool enabled(LogLevel) const noexcept override { return true; }
  std::string text;
};

TEST_P(Operation, N40_no_secret_in_any_log_line_event_or_explanation) {
  EveryLine log;
  with({.log = &log});
  const auto id = w().open_buy("0.01"_dec);
  w().trade_against(id, "0.004"_dec);
  for (const auto kind : {sim::RequestFault::gateway_error, sim::RequestFault::lose_reply, sim::RequestFault::stall,
                          sim::RequestFault::refuse}) {
    fault_all(kind);
    w().cancel(id);
    w().engine->sweep_soon();
    w().world->cut_streams("cut");
    w().world->run_for(60s);
  }
  // Somebody else's key: the venue refuses, and may say which key that was.
  heal();
  w().world->network.reply_on_the_way = [](std::string_view, venue::ServerReply& reply) {
    reply.http_status = 401;
    reply.body = R"({"code":40101,"message":"unauthorized"})";
  };
  w().engine->sweep_soon();
  w().world->run_for(60s);
  heal();
  w().make_ready();
  std::string said = log.text + w().engine->explain(id) + w().status_text();
  for (const auto& event : w().world->events()) said += describe(event) + "\n";
  for (const auto& state : w().engine->tracking_states()) said += state;
  ASSERT_GT(said.size(), 1000U);
  ASSERT_GT(w().venue->test_api_secret().size(), 8U);
  EXPECT_EQ(said.find(w().venue->test_api_secret()), said.npos);
  EXPECT_EQ(said.find(w().venue->test_api_key()), said.npos);
  w().world.reset();
  w().engine.reset();  // before the log that it writes to
}

TEST_P(Operation, N52_a_pair_that_is_dropped_is_heard_of_no_more_and_the_others_go_on) {
  auto options = VenueWorld::two_pairs();
  with({.orders_per_second = 20, .engine = options});
  std::map<TradingPair, std::size_t> heard;
  w().world->on_order_book = [&](const OrderBook& book) { ++heard[book.trading_pair()]; };
  w().world->run_for(5s);
  EXPECT_GT(heard["ETH-USDT"_pair], 0U);
  ASSERT_TRUE(w().engine->remove_trading_pair("ETH-USDT"_pair).ok());
  w().world->settle();
  heard.clear();
  w().world->run_for(20s);
  EXPECT_EQ(heard["ETH-USDT"_pair], 0U);
  EXPECT_GT(heard[w().pair], 0U);
  EXPECT_TRUE(w().engine->order_book(w().pair)->is_live());
  ASSERT_TRUE(w().engine->add_trading_pair("ETH-USDT"_pair).ok());
  w().world->settle();
  w().make_ready();
  w().world->run_for(5s);
  EXPECT_GT(heard["ETH-USDT"_pair], 0U);
}

INSTANTIATE_TEST_SUITE_P(Venues, Operation, testing::ValuesIn(simulated_venues()), venue_of_test);

}  // namespace
}  // namespace calypte::test
