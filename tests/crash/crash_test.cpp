// Hosts a simulated venue, lets a process trade on it over real sockets, kills that process without warning at random
// instants, again and again, and holds what its strategies heard in all their lives against the venue's ledger.
//
//   crash_test [--venue NAME] [--rounds N] [--seed S]     exit code 0: nothing was lost and nothing was told twice
#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <random>
#include <set>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "cli/hosted_venue.hpp"
#include "cli/reconciliation.hpp"
#include "connector/registry.hpp"
#include "crash/crash_record.hpp"
#include "crash/crash_trader.hpp"

namespace calypte::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct Options {
  std::string venue = "crypto_com";
  int rounds = 12;
  std::uint64_t seed = 1;
  std::string trader_folder;  ///< not empty: this is the process that trades
  bool finish = false;
};

// --- Where the venue is, told by a file, so that the trader is a process that begins from nothing. ---

constexpr std::array kAddresses = {&LocalVenue::rest_url,         &LocalVenue::market_stream_url,
                                   &LocalVenue::user_stream_url,  &LocalVenue::trade_stream_url,
                                   &LocalVenue::order_stream_url, &LocalVenue::ca_file};

void write_addresses(const fs::path& path, const cli::HostedVenue& venue) {
  std::ofstream out(path);
  for (const auto address : kAddresses) out << venue.addresses().*address << '\n';
  out << venue.credentials().api_key.reveal() << '\n' << venue.credentials().api_secret.reveal() << '\n';
}

CrashTraderOptions read_addresses(const Options& options) {
  CrashTraderOptions trader;
  trader.folder = options.trader_folder;
  trader.venue = options.venue;
  trader.finish = options.finish;
  std::ifstream in(options.trader_folder + "/venue");
  for (const auto address : kAddresses) std::getline(in, trader.local.*address);
  std::string key;
  std::string secret;
  std::getline(in, key);
  std::getline(in, secret);
  trader.credentials = {.api_key = Secret(std::move(key)), .api_secret = Secret(std::move(secret)), .passphrase = {}};
  return trader;
}

/// When a trader is killed.
struct Life {
  bool until_it_trades = false;  ///< counted from when it writes its first line, else from its birth
  std::chrono::microseconds then{};
};

void let_live(const fs::path& record, const Life& life) {
  constexpr auto kLongest = 20s;
  const auto size = [&record] {
    std::error_code none;
    const auto bytes = fs::file_size(record, none);
    return none ? 0 : bytes;
  };
  const auto before = size();
  const auto born = std::chrono::steady_clock::now();
  while (life.until_it_trades && size() == before && std::chrono::steady_clock::now() - born < kLongest) {
    std::this_thread::sleep_for(1ms);
  }
  std::this_thread::sleep_for(life.then);
}

/// The exit code of a trader; -1 if it was killed, which happens after `life` unless it is to finish.
int run_trader(const Options& options, const fs::path& folder, bool finish, const Life& life) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing is left behind when this program is stopped
    const std::string where = folder.string();
    if (finish) {
      ::execl("/proc/self/exe", "crash_test", "--venue", options.venue.c_str(), "--trader", where.c_str(), "--finish",
              nullptr);
    } else {
      ::execl("/proc/self/exe", "crash_test", "--venue", options.venue.c_str(), "--trader", where.c_str(), nullptr);
    }
    ::_exit(127);
  }
  if (!finish) {
    let_live(folder / "record", life);
    ::kill(child, SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int run(const Options& options) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("calypte-crash-{}", ::getpid());
  fs::create_directories(folder);
  auto hosted = cli::HostedVenue::create(
      {.name = options.venue, .venue = {.seed = options.seed, .orders_per_second = 20}}, null_log());
  if (!hosted.ok()) {
    fmt::print(stderr, "{}\n", hosted.status().to_string());
    return 2;
  }
  auto& venue = **hosted;
  write_addresses(folder / "venue", venue);
  venue.start();

  std::mt19937_64 random(options.seed);
  int killed = 0;
  for (int round = 0; round < options.rounds; ++round) {
    // Some are killed while they take over what another one left, most while they trade.
    const Life life{.until_it_trades = std::uniform_int_distribution<int>(0, 3)(random) > 0,
                    .then = std::chrono::microseconds(std::uniform_int_distribution<int>(0, 500'000)(random))};
    const int code = run_trader(options, folder, false, life);
    if (code == -1) {
      ++killed;
    } else {
      fmt::print(stderr, "round {}: the trader ended by itself with code {}\n", round, code);
      return 1;
    }
    if (options.rounds >= 100 && (round + 1) % 100 == 0) {
      fmt::print("{} of {} rounds\n", round + 1, options.rounds);
      std::fflush(stdout);
    }
  }
  const int finished = run_trader(options, folder, true, {});
  venue.stop();

  auto story = read_crash_story((folder / "record").string());
  // One that was asked for in the callback in which the process died: it is in the record, and nowhere else.
  const auto& exchange = venue.venue().exchange();
  std::set<std::string> at_venue;
  for (const auto id : exchange.orders(venue.venue().test_account())) {
    at_venue.insert(exchange.order(id)->request.client_id);
  }
  const auto unsent = std::erase_if(story.orders, [&](const auto& item) {
    return item.second.created == 0 && item.second.endings == 0 && !at_venue.contains(item.first.value);
  });
  if (connector::make_venue(options.venue)->spec().kind == ConnectorKind::derivative) {
    // What margin leaves available moves with the market; the ledger knows totals.
    for (auto& [asset, balance] : story.balances) {
      balance.available = exchange.accounts().balance(venue.venue().test_account(), asset).available();
    }
  }
  auto result = cli::reconcile(story.orders, story.balances, venue.venue());
  result.differences.insert(result.differences.begin(), story.faults.begin(), story.faults.end());
  if (finished != 0)
    result.differences.insert(result.differences.begin(), fmt::format("the last process ended with code {}", finished));
  if (result.orders == 0 && options.rounds >= 5) result.differences.push_back("no order reached the venue");
  fmt::print(
      "{}: {} processes killed, {} events told, {} orders and {} fills compared with the ledger, {} orders that "
      "never left, {} differences\n",
      options.venue, killed, story.last_event, result.orders, result.fills, unsent, result.differences.size());
  for (const auto& difference : result.differences) fmt::print("  {}\n", difference);
  if (result.differences.empty()) {
    fs::remove_all(folder);
    return 0;
  }
  fmt::print("what they left is in {}\n", folder.string());
  return 1;
}

}  // namespace
}  // namespace calypte::test

int main(int argc, char** argv) {
  calypte::test::Options options;
  CLI::App app("kills a trading process again and again and compares what it heard with the venue's ledger");
  app.add_option("--venue", options.venue, "a simulated venue");
  app.add_option("--rounds", options.rounds, "processes that are killed")->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", options.seed, "of the venue and of the instants");
  app.add_option("--trader", options.trader_folder, "for its own use");
  app.add_flag("--finish", options.finish, "for its own use");
  CLI11_PARSE(app, argc, argv);
  if (!options.trader_folder.empty()) {
    return calypte::test::run_crash_trader(calypte::test::read_addresses(options));
  }
  return calypte::test::run(options);
}
