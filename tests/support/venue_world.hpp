// A connector with its simulated venue in virtual time, by the venue's name: what the venue-neutral cases run in.
#pragma once

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "calypte/calypte.hpp"

#include "connector/registry.hpp"
#include "engine/exchange_engine.hpp"
#include "engine/make_engine.hpp"
#include "sim/simulated_venue.hpp"
#include "sim/world.hpp"

namespace calypte::test {

using namespace std::chrono_literals;

/// The venues that a suite of venue-neutral cases runs over, and how its tests are named after them.
inline std::vector<std::string> simulated_venues() {
  std::vector<std::string> names;
  for (const auto name : sim::simulated_venue_names()) names.emplace_back(name);
  return names;
}
inline std::string venue_of_test(const testing::TestParamInfo<std::string>& test) { return test.param; }

/// What a world is seeded with unless a test says otherwise; `calypte conformance --seed` sets it.
inline std::uint64_t world_seed = 7;

class VenueWorld {
 public:
  struct Options {
    std::uint64_t seed = world_seed;
    std::uint32_t orders_per_second = 0;  ///< background flow; 0: a standing book that only the test changes
    Duration price_interval{0};           ///< of contracts; a long one makes long sessions cheap
    bool start = true;
    engine::ExchangeEngineOptions engine = {};
    LogSink* log = nullptr;  ///< must outlive the engine
  };

  explicit VenueWorld(const std::string& name = "crypto_com") : VenueWorld(name, Options{}) {}
  VenueWorld(const std::string& name, Options options) {
    const Time start = from_unix_ms(1'790'000'000'000);
    decoder_ = connector::make_venue(name);
    venue = sim::make_simulated_venue(name,
                                      {.seed = options.seed,
                                       .orders_per_second = options.orders_per_second,
                                       .price_interval = options.price_interval},
                                      start);
    if (options.engine.trading_pairs.empty()) options.engine.trading_pairs = {pair};
    options.engine.seed = options.seed;
    auto created = engine::make_engine(connector::make_venue(name), credentials(), options.engine,
                                       options.log != nullptr ? *options.log : null_log(), start);
    EXPECT_TRUE(created.ok()) << created.status().to_string();
    engine = std::move(*created);
    world = std::make_unique<sim::World>(*engine, *venue, venue->paths(), start);
    engine_options = options.engine;
    if (options.start) {
      world->start();
      make_ready();
    }
  }

  /// The process dies and another one takes over, with nothing but these texts of the tracked orders. What the old one
  /// had heard is forgotten: `events` begin anew.
  void die_and_come_back(const std::vector<std::string>& saved) {
    die_and_come_back_unready(saved);
    make_ready();
  }
  /// The same without waiting until it is ready, in a network that may be disturbed before the first request.
  void die_and_come_back_unready(const std::vector<std::string>& saved,
                                 const std::function<void(sim::Network&)>& disturb = nullptr) {
    world->cut_streams("the process died");
    const Time now = world->now() + 1s;
    world.reset();
    engine_options.seed += 1;
    engine_options.instance += 1;
    auto created = engine::make_engine(connector::make_venue(std::string(engine->name())), credentials(),
                                       engine_options, null_log(), now);
    ASSERT_TRUE(created.ok());
    engine = std::move(*created);
    world = std::make_unique<sim::World>(*engine, *venue, venue->paths(), now);
    EXPECT_TRUE(engine->restore_tracking_states(saved).ok());
    if (disturb) disturb(world->network);
    world->start();
  }

  [[nodiscard]] Credentials credentials() const {
    return {.api_key = Secret(venue->test_api_key()), .api_secret = Secret(venue->test_api_secret()), .passphrase = {}};
  }

  void make_ready() {
    ASSERT_TRUE(world->run_until([this] { return engine->ready(); }, 60s)) << status_text();
  }
  [[nodiscard]] std::string status_text() const {
    std::string text;
    for (const auto& c : engine->status().conditions) {
      text += c.name + (c.initialized ? " initialized" : " -") + (c.live ? " live " : " ") + c.detail + "\n";
    }
    return text;
  }

  // --- The market: the best prices of the standing book, and prices away from it. ---
  [[nodiscard]] const BookLevels& book() const { return *engine->order_book(pair)->live(); }
  [[nodiscard]] Decimal best_bid() const { return book().best_bid()->price; }
  [[nodiscard]] Decimal best_ask() const { return book().best_ask()->price; }
  /// One tick inside the spread: rests there alone, first in line.
  [[nodiscard]] Decimal inside_bid() const { return best_bid() + engine->trading_rule(pair)->min_price_increment; }
  [[nodiscard]] Decimal inside_ask() const { return best_ask() - engine->trading_rule(pair)->min_price_increment; }
  /// A price well below the market, on the tick, at which a buy rests.
  [[nodiscard]] Decimal low_price() const { return away(98); }
  [[nodiscard]] Decimal high_price() const { return away(102); }
  [[nodiscard]] Decimal away(int percent) const {
    const auto& rule = *engine->trading_rule(pair);
    return (best_bid() * Decimal::from_parts(percent, 2)).round_to_multiple(rule.min_price_increment, Rounding::floor);
  }

  /// A limit price for a buy that fits our rule and that the venue refuses: too far away, or too far across, whichever
  /// the kind of venue bands.
  [[nodiscard]] Decimal refused_price() const { return derivative() ? away(200) : away(10); }
  /// More than the account can pay for, and less than the venue's largest order.
  [[nodiscard]] Decimal unaffordable(TradeType side) const {
    const auto& rule = *engine->trading_rule(pair);
    Decimal amount = engine->balance(pair.base()) * 2;
    if (derivative() || side == TradeType::buy) {
      amount = divide(engine->balance(pair.quote()) * (derivative() ? 200 : 2), low_price(), 3);
    }
    return rule.quantize_amount(rule.max_order_size ? std::min(amount, *rule.max_order_size) : amount);
  }

  ClientOrderId buy(const Decimal& amount, OrderType type, std::optional<Decimal> price = std::nullopt,
                    OrderOptions options = {}) {
    auto id = engine->buy(pair, amount, type, price, with_action(options));
    world->settle();
    return id;
  }
  ClientOrderId sell(const Decimal& amount, OrderType type, std::optional<Decimal> price = std::nullopt,
                     OrderOptions options = {}) {
    auto id = engine->sell(pair, amount, type, price, with_action(options));
    world->settle();
    return id;
  }
  /// Where orders must say whether they open or close a position, those of the neutral cases open one.
  [[nodiscard]] OrderOptions with_action(OrderOptions options) const {
    if (derivative() && options.position == PositionAction::nil) options.position = PositionAction::open;
    return options;
  }
  /// A resting buy, the best bid, that the venue has and the connector knows to be open.
  ClientOrderId open_buy(const Decimal& amount = Decimal::from_parts(1, 2)) {
    const auto id = buy(amount, OrderType::limit, inside_bid());
    EXPECT_TRUE(world->run_until([&] { return count<BuyOrderCreatedEvent>(id) == 1; }, 10s));
    world->run_for(1s);
    return id;
  }
  /// The options of a connector that follows two pairs, and a resting buy in each.
  [[nodiscard]] static engine::ExchangeEngineOptions two_pairs() {
    engine::ExchangeEngineOptions options;
    options.trading_pairs = {TradingPair::from_assets("BTC", "USDT"), TradingPair::from_assets("ETH", "USDT")};
    return options;
  }
  std::vector<ClientOrderId> open_in_both_pairs() {
    std::vector<ClientOrderId> ids;
    for (const auto& each : engine->trading_pairs()) {
      const auto& rule = *engine->trading_rule(each);
      const Decimal price = (engine->price(each, PriceType::best_bid).value_or(0) * Decimal::from_parts(98, 2))
                                .round_to_multiple(rule.min_price_increment, Rounding::floor);
      ids.push_back(engine->buy(each, Decimal::from_parts(1, 1), OrderType::limit, price, with_action({})));
    }
    world->settle();
    world->run_for(2s);
    for (const auto& id : ids) EXPECT_EQ(count<BuyOrderCreatedEvent>(id), 1U) << story(id);
    return ids;
  }
  /// True if the connector took the wish to cancel.
  bool cancel(const ClientOrderId& id) {
    const bool taken = engine->cancel(id).ok();
    world->settle();
    return taken;
  }

  // --- The other side of the market ---
  /// Somebody else sells into our resting buy (or buys from our sell) at its price.
  void trade_against(const ClientOrderId& id, const Decimal& amount) {
    const auto* order = engine->order(id);
    ASSERT_NE(order, nullptr);
    sim::OrderRequest request;
    request.account = counterparty();
    request.instrument = instrument();
    request.side = order->trade_type() == TradeType::buy ? sim::Side::sell : sim::Side::buy;
    request.price = *order->price();
    request.quantity = amount;
    request.time_in_force = sim::TimeInForce::immediate_or_cancel;
    const auto accepted = venue->place(request, world->now());
    ASSERT_EQ(accepted.refusal, sim::Refusal::none);
    world->flush_server();
    world->settle();
  }
  /// The venue's own name of the pair.
  [[nodiscard]] std::string symbol() const {
    const auto wanted = derivative() ? sim::InstrumentKind::perpetual : sim::InstrumentKind::spot;
    for (const auto& instrument : venue->exchange().instruments()) {
      if (instrument.kind == wanted && instrument.base == pair.base() && instrument.quote == pair.quote()) {
        return instrument.symbol;
      }
    }
    return {};
  }
  [[nodiscard]] std::size_t instrument() const { return *venue->exchange().find_instrument(symbol()); }
  [[nodiscard]] bool derivative() const { return engine->kind() == ConnectorKind::derivative; }

  /// Whether a frame on its way to the connector tells of such a thing: for tests that drop some.
  template <typename Record>
  [[nodiscard]] bool tells_of(venue::StreamId stream, const std::string& text) {
    records_.clear();
    (void)decoder_->decode_frame(stream.kind, buffer_.assign(text), records_);
    return std::any_of(records_.items().begin(), records_.items().end(),
                       [](const auto& record) { return std::holds_alternative<Record>(record); });
  }
  /// Whatever the stream tells of fills is lost on the way.
  void drop_fills() {
    world->network.on_the_way = [this](venue::StreamId stream, std::string text) -> std::optional<std::string> {
      const bool fill = stream.kind == venue::StreamKind::user && tells_of<venue::Fill>(stream, text);
      return fill ? std::nullopt : std::optional(std::move(text));
    };
  }
  /// Nothing of the private stream arrives any more, yet the connection lives: only asking can tell.
  void silence_user_stream() {
    world->network.on_the_way = [this](venue::StreamId stream, std::string text) -> std::optional<std::string> {
      const bool data = stream.kind == venue::StreamKind::user && !tells_of<venue::HeartbeatRequest>(stream, text);
      return data ? std::nullopt : std::optional(std::move(text));
    };
  }

  /// Something that only the venue, or another client of the account, can do.
  void by_hand(const std::function<void(sim::Exchange&)>& act) {
    venue->by_hand(act, world->now());
    world->flush_server();
    world->settle();
  }
  [[nodiscard]] sim::ContractSettings settings_at_venue() const {
    return venue->exchange().contract_settings(venue->test_account(), instrument());
  }

  // --- What was heard ---
  template <typename E>
  [[nodiscard]] std::vector<E> all() const {
    std::vector<E> found;
    for (const auto& event : world->events()) {
      if (const auto* e = std::get_if<E>(&event)) found.push_back(*e);
    }
    return found;
  }
  template <typename E>
  [[nodiscard]] std::vector<E> all(const ClientOrderId& id) const {
    auto found = all<E>();
    std::erase_if(found, [&](const E& e) { return e.order_id != id; });
    return found;
  }
  template <typename E>
  [[nodiscard]] std::size_t count(const ClientOrderId& id) const {
    return all<E>(id).size();
  }
  /// The names of an order's events, in order: "BuyOrderCreated OrderFilled BuyOrderCompleted".
  [[nodiscard]] std::string story(const ClientOrderId& id) const {
    std::string text;
    for (const auto& event : world->events()) {
      const auto* of = order_of(event);
      if (of == nullptr || *of != id) continue;
      auto name = std::string(event_name(event));
      name.resize(name.size() - std::string_view("Event").size());
      text += (text.empty() ? "" : " ") + name;
    }
    return text;
  }

  /// How the venue itself sees one of our orders; null if it never had it.
  [[nodiscard]] const sim::OrderRecord* at_venue(const ClientOrderId& id) const {
    const auto found = venue->exchange().find_client_id(venue->test_account(), id.value);
    return found ? venue->exchange().order(*found) : nullptr;
  }
  [[nodiscard]] std::size_t requests_sent(std::string_view containing) const {
    return static_cast<std::size_t>(std::count_if(world->sent().begin(), world->sent().end(), [&](const auto& line) {
      return line.find(containing) != std::string::npos;
    }));
  }
  /// The book equals the venue's, level by level, as deep as the connector's goes.
  void expect_book_equal() const {
    const auto index = instrument();
    const auto& truth_of = venue->exchange().instruments()[index];
    const auto* levels = engine->order_book(pair)->live();
    ASSERT_NE(levels, nullptr);
    const auto compare = [&](sim::Side side, const std::vector<OrderBookRow>& ours) {
      std::vector<sim::EngineLevel> truth;
      venue->exchange().book(index).levels(side, ours.size(), truth);
      ASSERT_GE(ours.size(), 10U);
      ASSERT_EQ(truth.size(), ours.size());
      for (std::size_t i = 0; i < ours.size(); ++i) {
        EXPECT_EQ(ours[i].price, truth_of.tick * Decimal(truth[i].price)) << "level " << i;
        EXPECT_EQ(ours[i].amount, truth_of.lot * Decimal(truth[i].quantity)) << "level " << i;
      }
    };
    compare(sim::Side::buy, levels->bids());
    compare(sim::Side::sell, levels->asks());
  }
  /// Every balance equals the venue's. What a derivative account has left moves with the mark price between two looks,
  /// so only its totals are compared, and that no more is promised than there is.
  void expect_balances_equal() const {
    for (const auto& [asset, truth] : venue->exchange().accounts().balances(venue->test_account())) {
      EXPECT_EQ(engine->balance(asset), truth.total) << asset;
      if (derivative()) {
        EXPECT_LE(engine->available_balance(asset), engine->balance(asset)) << asset;
      } else {
        EXPECT_EQ(engine->available_balance(asset), truth.available()) << asset;
      }
    }
  }
  /// Every position equals the venue's, and there is no other.
  void expect_positions_equal() const {
    const auto& connector = dynamic_cast<const Derivative&>(*engine);
    std::size_t open = 0;
    for (const auto& [key, truth] : venue->exchange().positions(venue->test_account())) {
      if (!truth.is_open()) continue;
      ++open;
      const auto& listed = venue->exchange().instruments()[key.instrument];
      const auto side = key.side == sim::PositionSide::net         ? PositionSide::net
                        : key.side == sim::PositionSide::long_side ? PositionSide::long_side
                                                                   : PositionSide::short_side;
      const auto* ours = connector.position(TradingPair::from_assets(listed.base, listed.quote), side);
      ASSERT_NE(ours, nullptr) << listed.symbol;
      EXPECT_EQ(ours->amount, truth.amount) << listed.symbol;
      EXPECT_EQ(ours->entry_price, truth.entry_price()) << listed.symbol;
    }
    EXPECT_EQ(connector.positions().size(), open);
  }

  TradingPair pair = TradingPair::from_assets("BTC", "USDT");
  engine::ExchangeEngineOptions engine_options;
  std::unique_ptr<sim::SimulatedVenue> venue;
  std::unique_ptr<engine::ExchangeEngine> engine;
  std::unique_ptr<sim::World> world;

 private:
  [[nodiscard]] sim::AccountId counterparty() const { return venue->flow(symbol())->taker_account(); }

  std::unique_ptr<venue::Venue> decoder_;
  venue::PaddedBuffer buffer_;
  venue::Records records_;
};

}  // namespace calypte::test
