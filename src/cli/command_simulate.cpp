#include "cli/command_simulate.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fmt/format.h>
#include <mutex>
#include <thread>
#include <vector>

#include "connector/registry.hpp"
#include "sim/simulated_venue.hpp"
#include "sim/simulation.hpp"

namespace calypte::cli {

namespace {

struct Totals {
  sim::FaultCounts faults{};
  std::uint64_t fault_total = 0;
  std::uint64_t runs = 0;
  std::uint64_t orders = 0;
  std::uint64_t orders_at_venue = 0;
  std::uint64_t fills = 0;
  std::uint64_t events = 0;
  std::uint64_t books = 0;
  std::uint64_t failed = 0;
  std::uint64_t violations = 0;
  Duration virtual_time{};
  Duration slowest_agreement{};
  std::uint64_t digest = 0;  // of a single run
};

double hours(Duration time) { return std::chrono::duration<double>(time).count() / 3600; }

class Simulations {
 public:
  explicit Simulations(const SimulateOptions& options) : options_(options) {
    for (const auto name : sim::simulated_venue_names()) {
      if (options.venue == "all" || options.venue == name) venues_.emplace_back(name);
    }
  }
  [[nodiscard]] bool has_venues() const noexcept { return !venues_.empty(); }

  void work() {
    for (;;) {
      const std::uint64_t task = next_++;
      const std::uint64_t seed = task / venues_.size();
      if (options_.seeds > 0 && seed >= options_.seeds) return;
      if (options_.seconds > 0 && elapsed() >= std::chrono::seconds{options_.seconds}) return;
      run(venues_[task % venues_.size()], options_.seed + seed);
    }
  }
  [[nodiscard]] std::chrono::duration<double> elapsed() const { return std::chrono::steady_clock::now() - began_; }
  [[nodiscard]] const Totals& totals() const noexcept { return totals_; }

 private:
  void run(const std::string& venue, std::uint64_t seed) {
    sim::SimulationOptions simulation;
    simulation.venue = venue;
    simulation.seed = seed;
    simulation.length = std::chrono::minutes{options_.virtual_minutes};
    simulation.deaths = !options_.no_deaths;
    simulation.make_venue = connector::make_venue;
    sim::SimulationResult result;
    try {
      result = sim::simulate(simulation);
    } catch (const std::exception& error) {
      result.error = error.what();
    }
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < sim::kFaultKinds; ++i) totals_.faults[i] += result.faults[i];
    totals_.fault_total += result.fault_total;
    ++totals_.runs;
    totals_.orders += result.orders;
    totals_.orders_at_venue += result.orders_at_venue;
    totals_.fills += result.fills;
    totals_.events += result.events;
    totals_.books += result.books_compared;
    totals_.virtual_time += result.virtual_time;
    totals_.slowest_agreement = std::max(totals_.slowest_agreement, result.agreed_after);
    totals_.digest = result.digest;
    if (result.ok()) return;
    ++totals_.failed;
    totals_.violations += result.violations.size() + (result.error.empty() ? 0 : 1);
    fmt::print("\n{} seed {}: {}\n", venue, seed, result.error.empty() ? "violated" : result.error);
    for (const auto& violation : result.violations) fmt::print("{}", sim::explain(violation));
    fmt::print("again by: calypte simulate {} --seed {} --virtual-minutes {}{}\n", venue, seed,
               options_.virtual_minutes, options_.no_deaths ? " --no-deaths" : "");
    std::fflush(stdout);
  }

  SimulateOptions options_;
  std::vector<std::string> venues_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::atomic<std::uint64_t> next_ = 0;
  std::mutex mutex_;
  Totals totals_;
};

void print(const Totals& totals, double seconds) {
  fmt::print("\nfaults injected\n");
  for (std::size_t i = 0; i < sim::kFaultKinds; ++i) {
    fmt::print("  {:<34}{:>12}\n", sim::to_string(static_cast<sim::Fault>(i)), totals.faults[i]);
  }
  fmt::print("  {:<34}{:>12}\n\n", "all", totals.fault_total);
  fmt::print("runs                {:>12}\n", totals.runs);
  fmt::print("virtual hours       {:>12.1f}\n", hours(totals.virtual_time));
  fmt::print("orders placed       {:>12}\n", totals.orders);
  fmt::print("orders at the venue {:>12}\n", totals.orders_at_venue);
  fmt::print("fills               {:>12}\n", totals.fills);
  fmt::print("events told         {:>12}\n", totals.events);
  fmt::print("books compared      {:>12}\n", totals.books);
  fmt::print("slowest agreement   {:>10.0f} s\n", std::chrono::duration<double>(totals.slowest_agreement).count());
  fmt::print("runs a minute       {:>12.1f}\n", static_cast<double>(totals.runs) / seconds * 60);
  if (totals.runs == 1) fmt::print("digest              {:016x}\n", totals.digest);
  fmt::print("violations          {:>12}  in {} runs\n", totals.violations, totals.failed);
}

void print_json(const Totals& totals, double seconds) {
  fmt::print(R"({{"runs":{},"virtual_hours":{:.3f},"orders":{},"fills":{},"events":{},"seconds":{:.3f},)", totals.runs,
             hours(totals.virtual_time), totals.orders_at_venue, totals.fills, totals.events, seconds);
  fmt::print(R"("violations":{},"failed_runs":{},"faults":{{)", totals.violations, totals.failed);
  for (std::size_t i = 0; i < sim::kFaultKinds; ++i) {
    fmt::print(R"({}"{}":{})", i == 0 ? "" : ",", sim::to_string(static_cast<sim::Fault>(i)), totals.faults[i]);
  }
  fmt::print("}},\"fault_total\":{}}}\n", totals.fault_total);
}

}  // namespace

int run_simulate(const SimulateOptions& options) {
  Simulations simulations(options);
  if (!simulations.has_venues()) {
    fmt::print(stderr, "there is no simulated venue of this name: {}\n", options.venue);
    return 2;
  }
  if (options.seeds == 0 && options.seconds == 0) {
    fmt::print(stderr, "say how many seeds or how many seconds\n");
    return 2;
  }
  // Each run is one thread's own world; they share nothing but the totals.
  std::vector<std::thread> threads;
  for (std::uint32_t i = 1; i < options.jobs; ++i) threads.emplace_back([&] { simulations.work(); });
  simulations.work();
  for (auto& thread : threads) thread.join();
  const double seconds = simulations.elapsed().count();
  options.json ? print_json(simulations.totals(), seconds) : print(simulations.totals(), seconds);
  return simulations.totals().failed > 0 ? 1 : 0;
}

}  // namespace calypte::cli
