// The whole connector as a user has it: runtime, sockets, TLS, and a simulated venue on another thread.
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "calypte/calypte.hpp"

#include "cli/demo_strategy.hpp"
#include "cli/hosted_venue.hpp"
#include "cli/reconciliation.hpp"
#include "support/event_sequence.hpp"
#include "unit/runtime/recording_log.hpp"

namespace calypte::test {
namespace {

using namespace std::chrono_literals;

/// Hears everything, acts through functions, and stops the runtime after a limit whatever happens.
class Ears final : public Strategy {
 public:
  Ears(Runtime& runtime, Duration limit) : runtime_(runtime), deadline_(runtime.now() + limit) {}
  void on_ready(Exchange& exchange) override {
    ++readies;
    if (ready) ready(exchange);
  }
  void on_event(Exchange& exchange, const Event& e) override {
    events.push_back(e);
    if (event) event(exchange, e);
  }
  void on_order_book(Exchange&, const OrderBook& book) override {
    ++books;
    EXPECT_TRUE(book.is_live());
    EXPECT_FALSE(book.live()->crossed());
  }
  void on_tick(Exchange& exchange, Time now) override {
    if (tick) tick(exchange);
    if (now >= deadline_ && !timed_out) {
      timed_out = true;
      runtime_.stop();
    }
  }
  [[nodiscard]] std::string story(const ClientOrderId& id) const {
    std::string text;
    for (const auto& e : events) {
      std::visit(
          [&](const auto& x) {
            if constexpr (requires { x.order_id; }) {
              if (x.order_id == id) text.append(text.empty() ? "" : " ").append(event_name(e));
            }
          },
          e);
    }
    return text;
  }

  std::function<void(Exchange&)> ready;
  std::function<void(Exchange&)> tick;
  std::function<void(Exchange&, const Event&)> event;
  std::vector<Event> events;
  int readies = 0;
  int books = 0;
  bool timed_out = false;

 private:
  Runtime& runtime_;
  Time deadline_;
};

class Loopback : public testing::Test {
 protected:
  void SetUp() override {
    auto hosted = cli::HostedVenue::create({.name = "crypto_com", .venue = {.seed = 11}}, null_log());
    ASSERT_TRUE(hosted.ok()) << hosted.status().to_string();
    venue = std::move(*hosted);
    venue->start();
  }
  [[nodiscard]] ConnectorConfig config() const {
    return {.venue = "crypto_com",
            .environment = Environment::local,
            .trading_pairs = {pair},
            .credentials = venue->credentials(),
            .local = venue->addresses()};
  }
  TradingPair pair = TradingPair::from_assets("BTC", "USDT");
  std::unique_ptr<cli::HostedVenue> venue;
};

TEST_F(Loopback, an_order_from_the_socket_to_the_strategy_and_back) {
  Runtime runtime({.tick = 50ms});
  auto exchange = runtime.add_exchange(config());
  ASSERT_TRUE(exchange.ok()) << exchange.status().to_string();
  Ears ears(runtime, 20s);
  ClientOrderId id;
  ears.ready = [&](Exchange& x) {
    const auto bid = x.price(pair, PriceType::best_bid);
    ASSERT_TRUE(bid);
    id = x.buy(pair, "0.01"_dec, OrderType::limit_maker, *bid * "0.99"_dec);
    EXPECT_NE(x.order(id), nullptr) << "tracked at once";
  };
  ears.event = [&](Exchange& x, const Event& e) {
    if (std::holds_alternative<BuyOrderCreatedEvent>(e)) {
      EXPECT_TRUE(x.cancel(id).ok());
    }
    if (std::holds_alternative<OrderCancelledEvent>(e)) runtime.stop();
  };
  EXPECT_TRUE(runtime.run(ears).ok());
  EXPECT_FALSE(ears.timed_out);
  EXPECT_EQ(ears.story(id), "BuyOrderCreatedEvent OrderCancelledEvent");
  EXPECT_GT(ears.books, 0);
  venue->stop();
  const auto& truth = venue->venue();
  const auto at_venue = truth.exchange().find_client_id(truth.test_account(), id.value);
  ASSERT_TRUE(at_venue);
  EXPECT_EQ(truth.exchange().order(*at_venue)->state, sim::OrderState::cancelled);
}

TEST_F(Loopback, quoting_ends_reconciled_with_the_ledger_and_tells_no_secret) {
  const auto log = std::make_shared<RecordingLog>();
  Runtime runtime({.tick = 50ms, .log = log});
  auto exchange = runtime.add_exchange(config());
  ASSERT_TRUE(exchange.ok());
  cli::DemoStrategy strategy({.pair = pair, .requote_every = 300ms, .quote_for = 4s}, runtime, [&] { runtime.stop(); });
  std::vector<std::string> told;
  strategy.on_line = [&](const cli::LogLine& line) { told.push_back(line.text); };
  EXPECT_TRUE(runtime.run(strategy).ok());
  venue->stop();
  const auto result = cli::reconcile(strategy.orders(), (*exchange)->balances(), venue->venue());
  EXPECT_THAT(result.differences, testing::IsEmpty());
  EXPECT_GE(result.orders, 2U);
  EXPECT_GT(result.balances, 0U);

  const auto credentials = venue->credentials();
  EXPECT_FALSE(log->lines().empty());
  expect_no_secret(*log, credentials);
  // A signature is 64 hexadecimal digits, and nothing else that we write is.
  const std::regex signature("[0-9a-fA-F]{64}");
  for (const auto& line : log->lines()) EXPECT_FALSE(std::regex_search(line.message, signature)) << line.message;
  for (const auto& line : told) {
    expect_no_secret(line, credentials);
    EXPECT_FALSE(std::regex_search(line, signature)) << line;
  }
}

TEST_F(Loopback, reconciliation_notices_a_difference) {
  Runtime runtime({.tick = 50ms});
  auto exchange = runtime.add_exchange(config());
  ASSERT_TRUE(exchange.ok());
  cli::DemoStrategy strategy({.pair = pair, .quote_for = 1s}, runtime, [&] { runtime.stop(); });
  EXPECT_TRUE(runtime.run(strategy).ok());
  venue->stop();
  auto orders = strategy.orders();
  ASSERT_FALSE(orders.empty());
  orders.begin()->second.ending = "SellOrderCompletedEvent";
  auto balances = (*exchange)->balances();
  balances.front().second.total += 1;
  const auto result = cli::reconcile(orders, balances, venue->venue());
  EXPECT_GE(result.differences.size(), 2U);
  orders.erase(orders.begin());
  EXPECT_FALSE(cli::reconcile(orders, (*exchange)->balances(), venue->venue()).differences.empty());
}

TEST_F(Loopback, a_wrong_secret_is_told_and_never_becomes_ready) {
  auto wrong = config();
  wrong.credentials.api_secret = Secret("x7Qm2VbR9tYw4KzN6pLd");
  const auto credentials = wrong.credentials.clone();
  const auto log = std::make_shared<RecordingLog>();
  Runtime runtime({.tick = 50ms, .log = log});
  ASSERT_TRUE(runtime.add_exchange(std::move(wrong)).ok());
  Ears ears(runtime, 3s);
  EXPECT_TRUE(runtime.run(ears).ok());
  EXPECT_EQ(ears.readies, 0);
  bool refused = false;
  for (const auto& e : ears.events) {
    const auto* error = std::get_if<ConnectorErrorEvent>(&e);
    refused = refused || (error != nullptr && error->status.code() == StatusCode::unauthenticated);
  }
  EXPECT_TRUE(refused);
  expect_no_secret(*log, credentials);
}

TEST_F(Loopback, a_certificate_of_another_authority_is_refused) {
  auto other = cli::HostedVenue::create({.name = "crypto_com"}, null_log());
  ASSERT_TRUE(other.ok());
  auto mixed = config();
  mixed.local->ca_file = (*other)->addresses().ca_file;
  Runtime runtime({.tick = 50ms});
  auto exchange = runtime.add_exchange(std::move(mixed));
  ASSERT_TRUE(exchange.ok());
  Ears ears(runtime, 2s);
  EXPECT_TRUE(runtime.run(ears).ok());
  EXPECT_EQ(ears.readies, 0);
  EXPECT_TRUE((*exchange)->all_trading_pairs().empty());
}

TEST_F(Loopback, a_venue_that_dies_leaves_an_honest_picture) {
  Runtime runtime({.tick = 50ms, .stop_time_limit = 2s});
  auto exchange = runtime.add_exchange(config());
  ASSERT_TRUE(exchange.ok());
  Ears ears(runtime, 15s);
  ClientOrderId resting;
  ears.ready = [&](Exchange& x) {
    resting = x.buy(pair, "0.01"_dec, OrderType::limit, *x.price(pair, PriceType::best_bid) * "0.98"_dec);
  };
  Time died{};
  ears.event = [&](Exchange&, const Event& e) {
    if (std::holds_alternative<BuyOrderCreatedEvent>(e)) {
      died = runtime.now();
      venue.reset();
    }
  };
  ears.tick = [&](Exchange& x) {
    if (died == Time{} || runtime.now() - died < 2s) return;
    EXPECT_FALSE(x.ready());
    EXPECT_FALSE(x.order_book(pair)->is_live());
    EXPECT_TRUE(x.order(resting)->is_open()) << "no network trouble ends an order";
    died = Time{};  // once
    runtime.stop();
  };
  EXPECT_TRUE(runtime.run(ears).ok());
  EXPECT_FALSE(ears.timed_out);
  EXPECT_EQ(ears.story(resting).find("OrderCancelledEvent"), std::string::npos);
  EXPECT_THAT(test_support::check_event_sequence(ears.events), testing::IsEmpty());
}

TEST_F(Loopback, it_can_be_run_again) {
  Runtime runtime({.tick = 50ms});
  auto exchange = runtime.add_exchange(config());
  ASSERT_TRUE(exchange.ok());
  const OrderBook* book = nullptr;
  for (int round = 0; round < 2; ++round) {
    Ears ears(runtime, 15s);
    ears.ready = [&](Exchange& x) {
      if (book == nullptr) book = x.order_book(pair);
      EXPECT_EQ(x.order_book(pair), book);
      runtime.stop();
    };
    EXPECT_TRUE(runtime.run(ears).ok());
    EXPECT_EQ(ears.readies, 1);
    EXPECT_FALSE((*exchange)->order_book(pair)->is_live());
  }
}

TEST_F(Loopback, functions_posted_from_another_thread_run_on_the_runtimes_thread) {
  Runtime runtime({.tick = 50ms, .spin = true});
  auto exchange = runtime.add_exchange(config());
  ASSERT_TRUE(exchange.ok());
  Ears ears(runtime, 15s);
  std::thread::id runtime_thread;
  std::thread::id posted_thread;
  std::thread poster;
  ClientOrderId id;
  ears.ready = [&](Exchange& x) {
    runtime_thread = std::this_thread::get_id();
    poster = std::thread([&] {
      const Status posted = runtime.post([&] {
        posted_thread = std::this_thread::get_id();
        id = x.sell(pair, "0.01"_dec, OrderType::limit, *x.price(pair, PriceType::best_ask) * "1.02"_dec);
      });
      EXPECT_TRUE(posted.ok());
    });
  };
  ears.event = [&](Exchange&, const Event& e) {
    if (std::holds_alternative<SellOrderCreatedEvent>(e)) runtime.stop();
  };
  EXPECT_TRUE(runtime.run(ears).ok());
  poster.join();
  EXPECT_FALSE(ears.timed_out);
  EXPECT_EQ(posted_thread, runtime_thread);
  EXPECT_EQ(ears.story(id), "SellOrderCreatedEvent OrderCancelledEvent") << "cancelled on stop";
}

TEST_F(Loopback, more_posted_functions_than_may_wait_are_refused_and_none_that_was_taken_is_lost) {
  Runtime runtime({.tick = 50ms});
  ASSERT_TRUE(runtime.add_exchange(config()).ok());
  std::size_t ran = 0;
  bool in_order = true;
  for (std::size_t i = 0; i < Runtime::kMaxPosted; ++i) {
    ASSERT_TRUE(runtime.post([&, i] { in_order = in_order && ran++ == i; }).ok());
  }
  const Status refused = runtime.post([&] { in_order = false; });
  EXPECT_EQ(refused.code(), StatusCode::denied);
  EXPECT_EQ(refused.reason(), FailureReason::queue_full);
  Ears ears(runtime, 15s);
  ears.ready = [&](Exchange&) { EXPECT_TRUE(runtime.post([&] { runtime.stop(); }).ok()) << "there is room again"; };
  EXPECT_TRUE(runtime.run(ears).ok());
  EXPECT_FALSE(ears.timed_out);
  EXPECT_EQ(ran, Runtime::kMaxPosted);
  EXPECT_TRUE(in_order);
}

/// The same over each venue that has a simulated one: books, private stream and order entry over real sockets.
class EveryVenue : public testing::TestWithParam<std::string> {};

std::vector<std::string> every_venue() {
  std::vector<std::string> names;
  for (const auto name : sim::simulated_venue_names()) names.emplace_back(name);
  return names;
}

TEST_P(EveryVenue, rests_cancels_and_takes) {
  const auto pair = TradingPair::from_assets("BTC", "USDT");
  auto venue = cli::HostedVenue::create({.name = GetParam(), .venue = {.seed = 11}}, null_log());
  ASSERT_TRUE(venue.ok()) << venue.status().to_string();
  (*venue)->start();
  Runtime runtime({.tick = 50ms});
  auto exchange = runtime.add_exchange({.venue = GetParam(),
                                        .environment = Environment::local,
                                        .trading_pairs = {pair},
                                        .credentials = (*venue)->credentials(),
                                        .local = (*venue)->addresses()});
  ASSERT_TRUE(exchange.ok()) << exchange.status().to_string();
  OrderOptions options;
  if ((*exchange)->kind() == ConnectorKind::derivative) options.position = PositionAction::open;
  Ears ears(runtime, 25s);
  ClientOrderId resting;
  ClientOrderId taking;
  ears.ready = [&](Exchange& x) {
    const auto bid = x.price(pair, PriceType::best_bid);
    ASSERT_TRUE(bid);
    resting = x.buy(pair, "0.01"_dec, OrderType::limit_maker, *bid * "0.99"_dec, options);
  };
  ears.event = [&](Exchange& x, const Event& e) {
    const auto* created = std::get_if<BuyOrderCreatedEvent>(&e);
    if (created != nullptr && created->order_id == resting) {
      EXPECT_TRUE(x.cancel(resting).ok());
    }
    if (std::holds_alternative<OrderCancelledEvent>(e)) {
      taking = x.buy(pair, "0.02"_dec, OrderType::market, std::nullopt, options);
    }
    if (std::holds_alternative<BuyOrderCompletedEvent>(e)) runtime.stop();
  };
  ASSERT_TRUE(runtime.run(ears).ok());
  (*venue)->stop();
  EXPECT_FALSE(ears.timed_out);
  EXPECT_EQ(ears.story(resting), "BuyOrderCreatedEvent OrderCancelledEvent");
  EXPECT_THAT(ears.story(taking), testing::StartsWith("BuyOrderCreatedEvent OrderFilledEvent"));
  EXPECT_THAT(ears.story(taking), testing::EndsWith("BuyOrderCompletedEvent"));
  EXPECT_THAT(test_support::check_event_sequence(ears.events), testing::IsEmpty());
  for (const auto& e : ears.events) {
    EXPECT_FALSE(std::holds_alternative<ConnectorErrorEvent>(e)) << describe(e);
    EXPECT_FALSE(std::holds_alternative<OrderOutcomeUnknownEvent>(e)) << describe(e);
  }
  for (const auto& [asset, truth] :
       (*venue)->venue().exchange().accounts().balances((*venue)->venue().test_account())) {
    EXPECT_EQ((*exchange)->balance(asset), truth.total) << asset;
  }
}

INSTANTIATE_TEST_SUITE_P(Loopback, EveryVenue, testing::ValuesIn(every_venue()),
                         [](const auto& test) { return test.param; });

TEST(Configuration, what_makes_no_sense_is_denied_with_the_reason) {
  const auto pair = TradingPair::from_assets("BTC", "USDT");
  const auto refused = [&](const std::function<void(ConnectorConfig&)>& change) {
    ConnectorConfig config{
        .venue = "crypto_com",
        .environment = Environment::local,
        .trading_pairs = {pair},
        .credentials = {.api_key = Secret("key-of-an-account"), .api_secret = Secret("secret"), .passphrase = {}},
        .local = LocalVenue{.rest_url = "https://localhost:1/x",
                            .market_stream_url = "wss://localhost:1/m",
                            .user_stream_url = "wss://localhost:1/u",
                            .ca_file = "/etc/ssl/certs/ca-certificates.crt"}};
    change(config);
    Runtime runtime;
    auto exchange = runtime.add_exchange(std::move(config));
    if (!exchange.ok()) return exchange.status();
    Ears ears(runtime, 100ms);
    return runtime.run(ears);
  };
  EXPECT_EQ(refused([](auto& c) { c.venue = "nowhere"; }).code(), StatusCode::denied);
  EXPECT_EQ(refused([](auto& c) { c.trading_pairs.clear(); }).code(), StatusCode::denied);
  EXPECT_EQ(refused([](auto& c) { c.credentials = {}; }).code(), StatusCode::denied);
  EXPECT_EQ(refused([](auto& c) { c.local.reset(); }).code(), StatusCode::denied);
  EXPECT_EQ(refused([](auto& c) { c.local->ca_file.clear(); }).code(), StatusCode::denied);
  EXPECT_EQ(refused([](auto& c) { c.environment = Environment::live; }).code(), StatusCode::denied)
      << "a live connector takes no addresses from its configuration";
  EXPECT_EQ(refused([](auto& c) { c.environment = Environment::testnet; }).code(), StatusCode::denied);
  EXPECT_EQ(refused([](auto& c) { c.local->rest_url = "https://api.example.com/v1"; }).code(), StatusCode::denied)
      << "local reaches loopback only";
  EXPECT_EQ(refused([](auto& c) { c.local->rest_url = "http://localhost:1/x"; }).code(), StatusCode::denied);
  EXPECT_EQ(refused([](auto& c) { c.rate_limits_share = 0; }).code(), StatusCode::denied);
  EXPECT_EQ(refused([](auto& c) { c.client_order_id_prefix = "much-too-long-a-prefix-for-this-venue"; }).ok(), false);
}

}  // namespace
}  // namespace calypte::test
