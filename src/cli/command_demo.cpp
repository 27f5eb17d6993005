#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <random>

#include "cli/commands.hpp"
#include "cli/demo_strategy.hpp"
#include "cli/demo_view.hpp"
#include "cli/hosted_venue.hpp"
#include "cli/plain_text.hpp"
#include "cli/reconciliation.hpp"
#include "runtime/logging.hpp"

namespace calypte::cli {

using namespace std::chrono_literals;

namespace {

/// Passes the connector's log lines into the demo's own log, so that they do not tear the view.
class DemoLog final : public LogSink {
 public:
  void log(LogLevel level, std::string_view component, std::string_view message) override {
    if (!enabled(level) || !on_line) return;
    on_line(fmt::format("{}: {}", component, message));
  }
  [[nodiscard]] bool enabled(LogLevel level) const noexcept override { return level >= LogLevel::warning; }
  std::function<void(std::string)> on_line;
};

/// Adds the drawing to the strategy's callbacks.
class ViewedStrategy final : public Strategy {
 public:
  ViewedStrategy(DemoStrategy& inner, DemoView* view, TradingPair pair, Duration length)
      : inner_(inner), view_(view), pair_(std::move(pair)), length_(length) {}
  void on_ready(Exchange& exchange) override { inner_.on_ready(exchange); }
  void on_order_book(Exchange& exchange, const OrderBook& book) override { inner_.on_order_book(exchange, book); }
  void on_event(Exchange& exchange, const Event& event) override { inner_.on_event(exchange, event); }
  void on_stop(Exchange& exchange) override { inner_.on_stop(exchange); }
  void on_tick(Exchange& exchange, Time now) override {
    inner_.on_tick(exchange, now);
    if (view_ == nullptr) return;
    const Duration passed = inner_.was_ready() ? now - inner_.quoting_since() : 0s;
    view_->draw(exchange, inner_, pair_, std::max<Duration>(length_ - passed, 0s));
  }

 private:
  DemoStrategy& inner_;
  DemoView* view_;
  TradingPair pair_;
  Duration length_;
};

void print(const Reconciliation& r, const DemoStrategy& strategy) {
  fmt::print("\nReconciliation with the venue's own ledger\n");
  fmt::print("{:<30} {:<4} {:>12} {:>11} {:>11}  {}\n", "order", "side", "price", "amount", "filled", "ending");
  for (const auto& row : r.rows) fmt::print("{}\n", row);
  fmt::print("\n{} orders, {} fills, {} balances compared\n", r.orders, r.fills, r.balances);
  for (const auto& [ending, count] : r.endings) fmt::print("  {:<26} {}\n", ending, count);
  fmt::print("  bought {}, sold {}\n", r.bought.to_string(), r.sold.to_string());
  for (const auto& [asset, fee] : r.fees) fmt::print("  fees   {} {}\n", fee.to_string(), asset);
  fmt::print("  latency                 p50       p99\n");
  fmt::print("  order to created  {}\n", percentiles(strategy.order_latency()));
  fmt::print("  socket to book    {}   ({} updates)\n", percentiles(strategy.book_latency()), strategy.book_updates());
  for (const auto& difference : r.differences) fmt::print("DIFFERS: {}\n", difference);
  fmt::print("{}\n", r.differences.empty() ? "RECONCILED: everything agrees" : "NOT RECONCILED");
}

}  // namespace

int run_demo(const DemoOptions& options) {
  const auto fail = [](const std::string& why) {
    fmt::print(stderr, "calypte demo: {}\n", why);
    return 2;
  };
  const auto pair = TradingPair::parse(options.pair);
  if (!pair.ok()) return fail(pair.status().message());
  const std::uint64_t seed = options.seed != 0 ? options.seed : std::random_device{}();

  auto hosted = HostedVenue::create({.name = options.venue, .venue = {.seed = seed}}, null_log());
  if (!hosted.ok()) return fail(hosted.status().message());
  auto& venue = **hosted;
  venue.start();
  fmt::print("A simulated {} (seed {}) listens on {}\n", options.venue, seed, venue.addresses().rest_url);

  const auto log = std::make_shared<DemoLog>();
  Runtime runtime({.tick = 100ms, .stop_on_signals = true, .log = log});
  auto exchange = runtime.add_exchange({.venue = options.venue,
                                        .environment = Environment::local,
                                        .trading_pairs = {*pair},
                                        .credentials = venue.credentials(),
                                        .local = venue.addresses()});
  if (!exchange.ok()) return fail(exchange.status().message());

  DemoStrategy strategy({.pair = *pair, .quote_for = std::chrono::seconds{options.seconds}}, runtime,
                        [&runtime] { runtime.stop(); });
  auto view = options.plain ? nullptr : DemoView::open();
  if (view == nullptr) {
    strategy.on_line = [](const LogLine& line) {
      fmt::print("{}\n", plain_line(line));
      std::fflush(stdout);
    };
  }
  log->on_line = [&](std::string line) {
    if (view == nullptr) fmt::print("{}\n", line);
  };
  ViewedStrategy viewed(strategy, view.get(), *pair, std::chrono::seconds{options.seconds});
  const Status ran = runtime.run(viewed);
  view.reset();
  venue.stop();
  if (!ran.ok()) return fail(ran.to_string());
  if (!strategy.was_ready()) {
    for (const auto& condition : (*exchange)->status().conditions) {
      if (!condition.initialized) fmt::print(stderr, "{}: {}\n", condition.name, condition.detail);
    }
    return fail("the connector never became ready");
  }
  const auto result = reconcile(strategy.orders(), (*exchange)->balances(), venue.venue());
  print(result, strategy);
  return result.differences.empty() ? 0 : 1;
}

}  // namespace calypte::cli
