#include "crash/crash_trader.hpp"

#include <cstdio>
#include <random>
#include <utility>

#include "crash/crash_record.hpp"
#include "engine/event_json.hpp"
#include "runtime/logging.hpp"

namespace calypte::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostOpen = 6;
constexpr Duration kFinishLimit = 60s;

class Trader final : public Strategy {
 public:
  Trader(Runtime& runtime, CrashRecord& record, std::uint64_t seen, bool finish)
      : runtime_(runtime), record_(record), seen_(seen), finish_(finish), began_(runtime.now()) {}

  std::optional<std::uint64_t> last_event_seen(const Exchange&) override { return seen_; }

  void on_event(Exchange& exchange, const Event& event) override {
    if (engine::is_journalled(event)) record_.event(exchange.event_number(), event);
  }

  void on_tick(Exchange& exchange, Time now) override {
    if (finish_) return finish(exchange, now);
    if (!exchange.ready()) return;
    for (const auto* order : exchange.in_flight_orders()) {
      if (chance(0.05)) (void)exchange.cancel(order->client_order_id());
    }
    if (exchange.in_flight_orders().size() < kMostOpen) place(exchange);
  }

  void on_stop(Exchange& exchange) override {
    if (finish_) record_.balances(exchange.balances());
  }
  [[nodiscard]] bool finished() const noexcept { return finished_; }

 private:
  bool chance(double p) { return std::uniform_real_distribution<>(0, 1)(random_) < p; }

  void place(Exchange& exchange) {
    const auto pair = exchange.trading_pairs().front();
    const auto bid = exchange.price(pair, PriceType::best_bid);
    const auto ask = exchange.price(pair, PriceType::best_ask);
    const auto* rule = exchange.trading_rule(pair);
    if (!bid || !ask || rule == nullptr) return;
    const bool buys = chance(0.5);
    const TradeType side = buys ? TradeType::buy : TradeType::sell;
    const Decimal& tick = rule->min_price_increment;
    // At the touch it fills soon, across at once, and further away it rests.
    const int kind = std::uniform_int_distribution<>(0, 2)(random_);
    Decimal price = kind == 0 ? (buys ? *bid : *ask) : kind == 1 ? (buys ? *ask : *bid) : *bid;
    if (kind == 2) price = buys ? *bid - tick * 500 : *ask + tick * 500;
    const Decimal amount = std::max(rule->min_base_amount_increment, "0.002"_dec);
    OrderOptions options;
    if (exchange.kind() == ConnectorKind::derivative) options.position = PositionAction::open;
    if (kind == 1 && chance(0.5)) options.time_in_force = TimeInForce::immediate_or_cancel;
    const auto id = buys ? exchange.buy(pair, amount, OrderType::limit, price, options)
                         : exchange.sell(pair, amount, OrderType::limit, price, options);
    // Before the callback returns nothing has left, so that what the venue may have is in the record.
    if (const auto* order = exchange.order(id)) record_.placed(id, side, *order->price(), order->amount());
  }

  void finish(Exchange& exchange, Time now) {
    if (finished_) return;
    if (now - began_ > kFinishLimit) {
      std::fprintf(stderr, "crash trader: %zu orders did not end\n", exchange.in_flight_orders().size());
      return runtime_.stop();
    }
    if (!exchange.ready()) return;
    for (const auto* order : exchange.in_flight_orders()) (void)exchange.cancel(order->client_order_id());
    if (!exchange.in_flight_orders().empty()) {
      quiet_since_ = now;
    } else if (now - std::max(quiet_since_, began_) > 1s) {
      finished_ = true;
      runtime_.stop();
    }
  }

  Runtime& runtime_;
  CrashRecord& record_;
  std::uint64_t seen_;
  bool finish_;
  Time began_;
  Time quiet_since_{};
  bool finished_ = false;
  std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace

int run_crash_trader(CrashTraderOptions options) {
  const std::string path = options.folder + "/record";
  const std::uint64_t seen = read_crash_story(path).last_event;
  CrashRecord record(path);
  auto log = runtime::make_log(LogLevel::info, options.folder + "/log");
  if (!log.ok()) return 2;
  Runtime runtime({.tick = 5ms, .stop_time_limit = 5s, .log = *log});
  auto exchange =
      runtime.add_exchange({.venue = options.venue,
                            .environment = Environment::local,
                            .trading_pairs = {TradingPair::from_assets("BTC", "USDT")},
                            .credentials = std::move(options.credentials),
                            .local = std::move(options.local),
                            .cancel_on_stop = false,
                            .journal = {.folder = options.folder + "/journal", .sync = JournalSync::grouped}});
  if (!exchange.ok()) {
    std::fprintf(stderr, "crash trader: %s\n", exchange.status().to_string().c_str());
    return 2;
  }
  Trader trader(runtime, record, seen, options.finish);
  const Status status = runtime.run(trader);
  if (!status.ok()) std::fprintf(stderr, "crash trader: %s\n", status.to_string().c_str());
  return status.ok() && (!options.finish || trader.finished()) ? 0 : 1;
}

}  // namespace calypte::test
