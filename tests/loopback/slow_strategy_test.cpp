// Callbacks that block, over real sockets. The venue's patience and our own limits are shortened, so that three seconds
// do what a minute would do in production.
#include <algorithm>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "calypte/calypte.hpp"

#include "cli/hosted_venue.hpp"
#include "connector/registry.hpp"
#include "engine/make_engine.hpp"
#include "runtime/driver.hpp"
#include "runtime/endpoints.hpp"
#include "support/event_sequence.hpp"

namespace calypte::test {
namespace {

using namespace std::chrono_literals;

/// Crypto.com, by a connector whose own patience is short: an answer within a second, a sign of life within two.
class ImpatientVenue final : public venue::Venue {
 public:
  ImpatientVenue() : inner_(connector::make_venue("crypto_com")), spec_(inner_->spec()) {
    spec_.orders.request_limit = 1s;
    spec_.streams.idle_limit = 2s;
    spec_.streams.ping_every = 500ms;
    spec_.book.stale_after = 2500ms;
  }
  [[nodiscard]] const venue::VenueSpec& spec() const noexcept override { return spec_; }
  [[nodiscard]] std::string_view limit_id(const venue::Request& request) const noexcept override {
    return inner_->limit_id(request);
  }
  Result<venue::WireRequest> encode(const venue::Request& request, const venue::Stamp& stamp) override {
    return inner_->encode(request, stamp);
  }
  Status decode_reply(const venue::Request& asked, const venue::WireReply& reply, venue::Records& out) override {
    return inner_->decode_reply(asked, reply, out);
  }
  void subscribe(std::span<const venue::Subscription> subscriptions, bool on, std::uint64_t id,
                 venue::Frames& out) override {
    inner_->subscribe(subscriptions, on, id, out);
  }
  Status decode_frame(venue::StreamKind stream, venue::Bytes frame, venue::Records& out) override {
    return inner_->decode_frame(stream, frame, out);
  }
  Result<std::string> encode_frame(const venue::Request& request, const venue::Stamp& stamp) override {
    return inner_->encode_frame(request, stamp);
  }
  Result<std::optional<venue::Answer>> decode_answer(venue::Bytes frame, const venue::AskedRequests& asked,
                                                     venue::Records& out) override {
    return inner_->decode_answer(frame, asked, out);
  }
  [[nodiscard]] venue::Auth* auth() noexcept override { return inner_->auth(); }

 private:
  std::unique_ptr<venue::Venue> inner_;
  venue::VenueSpec spec_;
};

/// Blocks the thread in the callback that the test names.
class Sleeper final : public Strategy {
 public:
  void on_ready(Exchange& exchange) override { ready(exchange); }
  void on_event(Exchange& exchange, const Event& e) override {
    events.push_back(e);
    event(exchange, e);
  }
  void on_tick(Exchange& exchange, Time) override { tick(exchange); }

  std::function<void(Exchange&)> ready = [](Exchange&) {};
  std::function<void(Exchange&)> tick = [](Exchange&) {};
  std::function<void(Exchange&, const Event&)> event = [](Exchange&, const Event&) {};
  std::vector<Event> events;
};

bool is_of_an_order(const std::string& event) {
  return event.find("Order") != event.npos && event.find("Book") == event.npos;
}

class SlowStrategy : public testing::Test {
 protected:
  /// The venue closes a connection that left two of its heartbeats unanswered when the third is due. A callback is slow
  /// after `slow`: by default longer than what a busy machine takes from a callback that does nothing.
  void start(Duration heartbeat, Duration slow = 1s) {
    auto hosted =
        cli::HostedVenue::create({.name = "crypto_com", .venue = {.seed = 11, .heartbeat = heartbeat}}, null_log());
    ASSERT_TRUE(hosted.ok()) << hosted.status().to_string();
    venue = std::move(*hosted);
    venue->start();
    auto impatient = std::make_unique<ImpatientVenue>();
    ConnectorConfig config{.venue = "crypto_com", .environment = Environment::local, .local = venue->addresses()};
    auto hosts = runtime::endpoints(impatient->spec(), config);
    ASSERT_TRUE(hosts.ok()) << hosts.status().to_string();
    engine::ExchangeEngineOptions options;
    options.trading_pairs = {pair};
    auto engine =
        engine::make_engine(std::move(impatient), venue->credentials(), std::move(options), null_log(), loop.now());
    ASSERT_TRUE(engine.ok()) << engine.status().to_string();
    driver = std::make_unique<runtime::Driver>(loop, std::move(*engine), std::move(*hosts), true, slow, null_log());
  }

  /// Runs until the strategy asks for the end by `end`; false if the limit comes first.
  bool run(Duration limit) {
    bool in_time = true;
    transport::Loop::Timer guard(loop);
    guard.arm(loop.now() + limit, [&] {
      in_time = false;
      end();
    });
    EXPECT_TRUE(driver->start(strategy).ok());
    loop.run();
    venue->stop();
    return in_time;
  }
  void end() {
    if (std::exchange(ending, true)) return;
    driver->stop(5s, [this] { loop.stop(); });
  }
  /// As soon as the round at hand is over, so that its requests have left.
  void tick_next() {
    loop.post([this] { driver->tick(); });
  }
  ClientOrderId rest(Exchange& x) {
    return x.buy(pair, "0.01"_dec, OrderType::limit_maker, *x.price(pair, PriceType::best_bid) * "0.98"_dec);
  }
  [[nodiscard]] std::vector<std::string> channels_of_errors() const {
    std::vector<std::string> channels;
    for (const auto& e : strategy.events) {
      if (const auto* error = std::get_if<ConnectorErrorEvent>(&e)) channels.push_back(error->channel);
    }
    return channels;
  }
  /// Names of the events of orders, and "not ready" and "stale" where the connector lost faith in the venue.
  [[nodiscard]] std::vector<std::string> story() const {
    std::vector<std::string> names;
    for (const auto& e : strategy.events) {
      if (const auto* r = std::get_if<ReadyEvent>(&e)) {
        if (!r->ready) names.emplace_back("not ready");
      } else if (const auto* book = std::get_if<OrderBookStateEvent>(&e)) {
        if (book->state == OrderBookState::stale) names.emplace_back("stale");
      } else if (!std::holds_alternative<ConnectorErrorEvent>(e) && !std::holds_alternative<TradeEvent>(e)) {
        names.emplace_back(event_name(e));
      }
    }
    return names;
  }

  TradingPair pair = TradingPair::from_assets("BTC", "USDT");
  std::unique_ptr<cli::HostedVenue> venue;
  transport::Loop loop;
  std::unique_ptr<runtime::Driver> driver;
  Sleeper strategy;
  bool ending = false;
};

TEST_F(SlowStrategy, a_block_longer_than_every_limit_of_ours_loses_nothing_and_is_told) {
  start(2s);  // the venue waits for more than four seconds
  ClientOrderId id;
  strategy.ready = [&](Exchange& x) {
    id = rest(x);
    tick_next();
  };
  strategy.tick = [&](Exchange&) { std::this_thread::sleep_for(3s); };
  strategy.event = [&](Exchange& x, const Event& e) {
    if (std::holds_alternative<BuyOrderCreatedEvent>(e)) {
      // Long enough that a limit that was only put off to the end of the block would strike now.
      std::this_thread::sleep_for(10ms);
      EXPECT_TRUE(x.cancel(id).ok());
    }
    if (std::holds_alternative<OrderCancelledEvent>(e)) end();
  };
  EXPECT_TRUE(run(20s));
  auto names = story();
  std::erase_if(names, [](const std::string& name) { return !is_of_an_order(name); });
  EXPECT_THAT(names, testing::ElementsAre("BuyOrderCreatedEvent", "OrderCancelledEvent"));
  EXPECT_THAT(story(), testing::Not(testing::Contains("stale")));
  const auto ready_lost = std::count_if(strategy.events.begin(), strategy.events.end(), [](const Event& e) {
    const auto* r = std::get_if<ReadyEvent>(&e);
    return r != nullptr && !r->ready;
  });
  EXPECT_LE(ready_lost, 1) << "the one of the stop";
  EXPECT_THAT(channels_of_errors(), testing::ElementsAre("strategy"));
  EXPECT_EQ(driver->slow_callbacks(), 1U);
  const auto told = std::find_if(strategy.events.begin(), strategy.events.end(),
                                 [](const Event& e) { return std::holds_alternative<ConnectorErrorEvent>(e); });
  ASSERT_NE(told, strategy.events.end());
  EXPECT_THAT(std::get<ConnectorErrorEvent>(*told).status.message(),
              testing::MatchesRegex("on_tick took 3[0-9]+ ms.*"));
  EXPECT_THAT(test_support::check_event_sequence(strategy.events), testing::IsEmpty());
}

TEST_F(SlowStrategy, a_block_longer_than_the_venues_patience_costs_the_connection_and_no_order) {
  start(1s);  // closed by the venue while we sleep
  ClientOrderId id;
  bool slept = false;
  strategy.ready = [&](Exchange& x) {
    if (id.empty()) id = rest(x);
  };
  strategy.tick = [&](Exchange&) {
    std::this_thread::sleep_for(3500ms);
    slept = true;
  };
  strategy.event = [&](Exchange& x, const Event& e) {
    if (std::holds_alternative<BuyOrderCreatedEvent>(e)) tick_next();
    const auto* r = std::get_if<ReadyEvent>(&e);
    if (slept && r != nullptr && r->ready && !ending) {
      ASSERT_NE(x.order(id), nullptr);
      EXPECT_TRUE(x.order(id)->is_open());
      EXPECT_TRUE(x.cancel(id).ok());
    }
    if (std::holds_alternative<OrderCancelledEvent>(e)) end();
  };
  EXPECT_TRUE(run(25s));
  auto names = story();
  EXPECT_THAT(names, testing::Contains("not ready"));
  std::erase_if(names, [](const std::string& name) { return !is_of_an_order(name); });
  EXPECT_THAT(names, testing::ElementsAre("BuyOrderCreatedEvent", "OrderCancelledEvent"));
  EXPECT_THAT(channels_of_errors(), testing::Contains("strategy"));
  EXPECT_THAT(test_support::check_event_sequence(strategy.events), testing::IsEmpty());
  const auto& truth = venue->venue();
  const auto at_venue = truth.exchange().find_client_id(truth.test_account(), id.value);
  ASSERT_TRUE(at_venue);
  EXPECT_EQ(truth.exchange().order(*at_venue)->state, sim::OrderState::cancelled);
}

TEST_F(SlowStrategy, one_that_is_slow_at_everything_is_told_so_at_most_once_a_second) {
  start(30s, 50ms);
  std::vector<Time> told;
  strategy.ready = [&](Exchange&) { tick_next(); };
  // One tick after the other, so that there is always a slow callback, however fast or slow the machine.
  strategy.tick = [&](Exchange&) {
    std::this_thread::sleep_for(60ms);
    if (!ending) tick_next();
  };
  strategy.event = [&](Exchange&, const Event& e) {
    std::this_thread::sleep_for(60ms);
    const auto* error = std::get_if<ConnectorErrorEvent>(&e);
    if (error == nullptr || error->channel != "strategy") return;
    told.push_back(error->timestamp);
    if (told.size() == 3) end();
  };
  EXPECT_TRUE(run(30s));
  ASSERT_GE(told.size(), 3U);
  for (std::size_t i = 1; i < told.size(); ++i) EXPECT_GE(told[i] - told[i - 1], 1s);
  EXPECT_GT(driver->slow_callbacks(), told.size()) << "some were counted and not told";
}

TEST_F(SlowStrategy, a_pause_that_is_not_the_strategys_is_told_as_ours) {
  start(2s);
  strategy.ready = [&](Exchange&) { loop.post([] { std::this_thread::sleep_for(3s); }); };
  strategy.event = [&](Exchange&, const Event& e) {
    if (std::holds_alternative<ConnectorErrorEvent>(e)) end();
  };
  EXPECT_TRUE(run(20s));
  EXPECT_THAT(channels_of_errors(), testing::ElementsAre("runtime"));
  EXPECT_THAT(story(), testing::Not(testing::Contains("stale")));
}

}  // namespace
}  // namespace calypte::test
