// The whole connector over loopback TLS against the simulated venue, in one process and so on one clock:
//
//   socket to callback   from just before the venue's server writes a book message until the strategy's on_order_book
//   callback to socket   from the strategy's buy() in a callback until the venue's server has read the request
//
// Both include the kernel, TLS on both sides, and the wake-ups of the system; run it on a quiet machine. The
// percentiles are counters in microseconds.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "calypte/calypte.hpp"

#include "sim/simulated_venue.hpp"
#include "transport/loop.hpp"
#include "transport/server.hpp"

namespace calypte {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// A simulated venue that notes when it writes book messages and when orders arrive.
class TimedVenue final : public venue::WireServer {
 public:
  explicit TimedVenue(std::unique_ptr<sim::SimulatedVenue> venue) : inner(std::move(venue)) {}

  venue::ServerReply on_request(const venue::ServerRequest& request, Time now) override {
    if (request.target.find("create-order") != std::string::npos) {
      const std::lock_guard lock(mutex);
      orders.push_back(Clock::now());
    }
    return inner->on_request(request, now);
  }
  bool on_connect(venue::ConnectionId id, const std::string& target, Time now) override {
    return inner->on_connect(id, target, now);
  }
  void on_text(venue::ConnectionId id, venue::Bytes text, Time now) override { inner->on_text(id, text, now); }
  void on_disconnect(venue::ConnectionId id, Time now) override { inner->on_disconnect(id, now); }
  void on_time(Time now) override { inner->on_time(now); }
  [[nodiscard]] Time next_wakeup() const override { return inner->next_wakeup(); }
  [[nodiscard]] std::vector<venue::ServerAction>& actions() override {
    auto& actions = inner->actions();
    for (const auto& action : actions) {
      const auto* text = std::get_if<venue::SendText>(&action);
      if (text == nullptr || text->text.find("\"book.update\"") == std::string::npos) continue;
      const auto at = text->text.find("\"u\":");
      const std::lock_guard lock(mutex);
      written.emplace_back(std::stoull(text->text.substr(at + 4)), Clock::now());
    }
    return actions;
  }

  std::unique_ptr<sim::SimulatedVenue> inner;
  std::mutex mutex;
  std::deque<std::pair<std::uint64_t, Clock::time_point>> written;  // by the book's update id
  std::deque<Clock::time_point> orders;
};

class Measuring final : public Strategy {
 public:
  Measuring(Runtime& runtime, TimedVenue& venue, std::size_t wanted)
      : runtime_(runtime), venue_(venue), wanted_(wanted) {}

  void on_ready(Exchange&) override { ready_ = true; }
  void on_order_book(Exchange& exchange, const OrderBook& book) override {
    const auto now = Clock::now();
    if (!ready_) return;
    {
      const std::lock_guard lock(venue_.mutex);
      while (!venue_.written.empty() && venue_.written.front().first <= book.last_update_id()) {
        if (venue_.written.front().first == book.last_update_id()) {
          to_callback.push_back(now - venue_.written.front().second);
        }
        venue_.written.pop_front();
      }
    }
    if (to_callback.size() >= wanted_) return runtime_.stop();
    if (++seen_ % 10 != 0 || working_) return;
    const auto bid = book.live()->best_bid();
    if (!bid) return;
    working_ = true;
    bought_ = Clock::now();
    exchange.buy(book.trading_pair(), Decimal::from_parts(1, 3), OrderType::limit,
                 bid->price * Decimal::from_parts(98, 2));
  }
  void on_buy_order_created(Exchange& exchange, const BuyOrderCreatedEvent& event) override {
    const std::lock_guard lock(venue_.mutex);
    if (!venue_.orders.empty()) to_socket.push_back(venue_.orders.back() - bought_);
    (void)exchange.cancel(event.order_id);
  }
  void on_order_cancelled(Exchange&, const OrderCancelledEvent&) override { working_ = false; }

  std::vector<Clock::duration> to_callback;
  std::vector<Clock::duration> to_socket;

 private:
  Runtime& runtime_;
  TimedVenue& venue_;
  std::size_t wanted_;
  Clock::time_point bought_;
  std::size_t seen_ = 0;
  bool ready_ = false;
  bool working_ = false;
};

void report(benchmark::State& state, const std::string& name, std::vector<Clock::duration> samples) {
  if (samples.empty()) return;
  std::sort(samples.begin(), samples.end());
  const auto at = [&](std::size_t per_thousand) {
    const auto sample = samples[std::min(samples.size() - 1, samples.size() * per_thousand / 1000)];
    return std::chrono::duration<double, std::micro>(sample).count();
  };
  state.counters[name + "_p50"] = at(500);
  state.counters[name + "_p99"] = at(990);
  state.counters[name + "_p99.9"] = at(999);
  state.counters[name + "_n"] = static_cast<double>(samples.size());
}

void connector(benchmark::State& state) {
  const bool spin = state.range(0) != 0;
  for (auto _ : state) {
    transport::Loop loop;
    TimedVenue venue(sim::make_simulated_venue("crypto_com", {.seed = 5, .orders_per_second = 400}, loop.now()));
    const std::string ca_file = "calypte-bench-ca-" + std::to_string(::getpid()) + ".pem";
    auto certificates = transport::TestCertificates::create(ca_file);
    auto server = transport::Server::create(loop, venue, *certificates);
    const std::string host = "localhost:" + std::to_string((*server)->port());
    std::thread serving([&] { loop.run(spin); });

    Runtime runtime({.spin = spin});
    const auto paths = venue.inner->paths();
    auto exchange =
        runtime.add_exchange({.venue = "crypto_com",
                              .environment = Environment::local,
                              .trading_pairs = {TradingPair::from_assets("BTC", "USDT")},
                              .credentials = {.api_key = Secret(venue.inner->test_api_key()),
                                              .api_secret = Secret(venue.inner->test_api_secret()),
                                              .passphrase = {}},
                              .local = LocalVenue{.rest_url = "https://" + host + paths.rest,
                                                  .market_stream_url = "wss://" + host + paths.market_stream,
                                                  .user_stream_url = "wss://" + host + paths.user_stream,
                                                  .ca_file = ca_file}});
    Measuring strategy(runtime, venue, 2000);
    if (!exchange.ok() || !runtime.run(strategy).ok()) state.SkipWithError("the connector did not run");
    loop.stop();
    serving.join();
    ::unlink(ca_file.c_str());
    report(state, "socket_to_callback_us", strategy.to_callback);
    report(state, "callback_to_socket_us", strategy.to_socket);
  }
}
BENCHMARK(connector)->ArgName("spin")->Arg(0)->Arg(1)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

}  // namespace
}  // namespace calypte
