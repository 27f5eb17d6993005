#include "sim/order_flow.hpp"

#include <gtest/gtest.h>

namespace calypte::sim {
namespace {

constexpr Time kStart = from_unix_ms(1'790'000'000'000);

std::vector<Instrument> instruments() {
  Instrument instrument;
  instrument.symbol = "BTC_USDT";
  instrument.base = "BTC";
  instrument.quote = "USDT";
  instrument.tick = "0.01"_dec;
  instrument.lot = "0.00001"_dec;
  instrument.start_price = 60000;
  return {instrument};
}

struct Market {
  explicit Market(std::uint64_t seed, FlowOptions options = {})
      : exchange(instruments(), ExchangeLimits{}, 1), flow(exchange, 0, options, seed, kStart) {}
  Exchange exchange;
  OrderFlow flow;

  [[nodiscard]] std::string picture() const {
    std::string text;
    for (const Side side : {Side::buy, Side::sell}) {
      std::vector<EngineLevel> levels;
      exchange.book(0).levels(side, 1000, levels);
      for (const EngineLevel& level : levels) {
        text += std::to_string(level.price) + ":" + std::to_string(level.quantity) + " ";
      }
    }
    for (const PublicTrade& trade : exchange.tape(0).trades()) text += std::to_string(trade.id) + " ";
    return text;
  }
};

TEST(OrderFlow, the_same_seed_gives_the_same_market) {
  Market one(7);
  Market two(7);
  Market other(8);
  // In one piece or in many: only the time counts.
  one.flow.run(kStart + std::chrono::seconds{20});
  for (int i = 1; i <= 2000; ++i) two.flow.run(kStart + std::chrono::milliseconds{10 * i});
  other.flow.run(kStart + std::chrono::seconds{20});
  EXPECT_EQ(one.picture(), two.picture());
  EXPECT_NE(one.picture(), other.picture());
}

TEST(OrderFlow, the_book_stays_populated_and_never_crossed_at_the_named_rate) {
  FlowOptions options;
  options.orders_per_second = 100;
  Market market(3, options);
  std::size_t prints = 0;
  std::uint64_t moves = 0;
  std::int64_t last_bid = 0;
  for (int second = 1; second <= 120; ++second) {
    market.flow.run(kStart + std::chrono::seconds{second});
    const MatchingEngine& book = market.exchange.book(0);
    ASSERT_GE(book.level_count(Side::buy), options.min_levels);
    ASSERT_GE(book.level_count(Side::sell), options.min_levels);
    ASSERT_LT(*book.best(Side::buy), *book.best(Side::sell));
    EXPECT_LT(book.order_count(), 4 * options.target_orders);
    if (*book.best(Side::buy) != last_bid) ++moves;
    last_bid = *book.best(Side::buy);
    for (const ExchangeEvent& event : market.exchange.events())
      prints += std::holds_alternative<Printed>(event) ? 1U : 0U;
    market.exchange.events().clear();
  }
  EXPECT_GT(prints, 200U);
  EXPECT_GT(moves, 60U);
  // The fair price moves slowly.
  EXPECT_GT(market.flow.fair_price_ticks(), 5'700'000);
  EXPECT_LT(market.flow.fair_price_ticks(), 6'300'000);
  for (const std::string_view asset : {"BTC", "USDT"}) {
    EXPECT_EQ(market.exchange.accounts().sum_of(asset), market.exchange.accounts().deposited(asset));
  }
}

TEST(OrderFlow, pauses_resumes_and_steps) {
  Market market(3);
  market.flow.run(kStart);
  market.flow.pause();
  EXPECT_EQ(market.flow.next(), kNever);
  const std::uint64_t version = market.exchange.book(0).version();
  market.flow.run(kStart + std::chrono::seconds{10});
  EXPECT_EQ(market.exchange.book(0).version(), version);
  for (int i = 0; i < 20; ++i) market.flow.step(kStart + std::chrono::seconds{10});
  EXPECT_GT(market.exchange.book(0).version(), version);
  market.flow.resume(kStart + std::chrono::seconds{20});
  EXPECT_GT(market.flow.next(), kStart + std::chrono::seconds{20});
  EXPECT_LT(market.flow.next(), kStart + std::chrono::seconds{22});
}

}  // namespace
}  // namespace calypte::sim
