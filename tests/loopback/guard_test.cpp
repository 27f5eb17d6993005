// `calypte guard` over real sockets: a real process with open orders dies in several ways, and exactly its orders go.
#include "runtime/guard.hpp"

#include <array>
#include <csignal>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <tuple>
#include <unistd.h>
#include <vector>

#include "calypte/calypte.hpp"

#include "cli/hosted_venue.hpp"

namespace calypte::test {
namespace {

using namespace std::chrono_literals;

constexpr int kOrders = 3;

/// Places resting buys as soon as it can, and tells through a pipe when the venue has them all.
class Placer final : public Strategy {
 public:
  Placer(Runtime& runtime, int orders, bool stop, int pipe)
      : runtime_(runtime), orders_(orders), stop_(stop), pipe_(pipe) {}
  void on_ready(Exchange& exchange) override {
    const auto pair = exchange.trading_pairs().front();
    const auto bid = exchange.price(pair, PriceType::best_bid);
    OrderOptions options;
    if (exchange.kind() == ConnectorKind::derivative) options.position = PositionAction::open;
    for (int i = 0; bid && i < orders_; ++i) {
      exchange.buy(pair, Decimal::from_parts(1, 2), OrderType::limit, *bid * Decimal::from_parts(98 - i, 2), options);
    }
  }
  void on_event(Exchange&, const Event& event) override {
    if (!std::holds_alternative<BuyOrderCreatedEvent>(event) || ++created_ < orders_) return;
    (void)!::write(pipe_, "x", 1);
    if (stop_) runtime_.stop();
  }

 private:
  Runtime& runtime_;
  int orders_;
  bool stop_;
  int pipe_;
  int created_ = 0;
};

class GuardedProcess : public testing::Test {
 protected:
  ~GuardedProcess() override {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  /// The child is made before the venue gets its thread: a fork takes along one thread only.
  void begin(const std::string& name) {
    auto hosted = cli::HostedVenue::create({.name = name, .venue = {.seed = 5, .orders_per_second = 0}}, null_log());
    ASSERT_TRUE(hosted.ok()) << hosted.status().to_string();
    venue_ = std::move(*hosted);
    std::string pattern = (std::filesystem::temp_directory_path() / "calypte-guard-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    child_ = ::fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      trade(pipe[1]);
      ::_exit(0);
    }
    ::close(pipe[1]);
    venue_->start();
    char byte = 0;
    ASSERT_EQ(::read(pipe[0], &byte, 1), 1) << "another connector's order";
    ASSERT_EQ(::read(pipe[0], &byte, 1), 1) << "the orders of the one that is watched";
    ::close(pipe[0]);
  }
  /// In the child: an order that another connector leaves open, then the connector that is watched.
  void trade(int pipe) const {
    {
      ConnectorConfig other = config();
      other.client_order_id_prefix = "calB";
      other.cancel_on_stop = false;
      run(std::move(other), 1, true, pipe);
    }
    ConnectorConfig watched = config();
    watched.journal.folder = folder_.string();
    watched.journal.history = "none";
    run(std::move(watched), kOrders, false, pipe);
  }
  static void run(ConnectorConfig config, int orders, bool stop, int pipe) {
    Runtime runtime({.tick = 50ms});
    if (!runtime.add_exchange(std::move(config)).ok()) return;
    Placer placer(runtime, orders, stop, pipe);
    (void)runtime.run(placer);
  }
  [[nodiscard]] ConnectorConfig config() const {
    return {.venue = venue_->name(),
            .environment = Environment::local,
            .trading_pairs = {TradingPair::from_assets("BTC", "USDT")},
            .credentials = venue_->credentials(),
            .local = venue_->addresses()};
  }
  [[nodiscard]] runtime::GuardOptions guard_options() const {
    runtime::GuardOptions options;
    options.journal = folder_;
    options.venue = venue_->name();
    options.environment = Environment::local;
    options.local = venue_->addresses();
    options.credentials = venue_->credentials();
    options.after = 2s;
    return options;
  }
  /// Lets the guard watch for so long; what it ended with, if it did.
  std::optional<runtime::GuardEnd> watch(runtime::Guard& guard, transport::Loop& loop, Duration limit) {
    if (!started_) guard.start([this](runtime::GuardEnd end) { end_ = end; });
    started_ = true;
    const Time until = loop.now() + limit;
    while (!end_ && loop.now() < until) loop.run_for(50ms);
    return end_;
  }
  /// Client order ids of the account's orders that are open; the venue has to stand still.
  std::vector<std::string> open_orders() {
    venue_->stop();
    std::vector<std::string> ids;
    const auto& exchange = venue_->venue().exchange();
    for (const auto id : exchange.open_orders(venue_->venue().test_account())) {
      ids.push_back(exchange.order(id)->request.client_id);
    }
    return ids;
  }

  std::unique_ptr<cli::HostedVenue> venue_;
  std::filesystem::path folder_;
  pid_t child_ = -1;
  bool started_ = false;
  std::optional<runtime::GuardEnd> end_;
};

class Deaths : public GuardedProcess, public testing::WithParamInterface<std::tuple<std::string, int>> {};
INSTANTIATE_TEST_SUITE_P(Guard, Deaths,
                         testing::Values(std::tuple("crypto_com", SIGKILL), std::tuple("binance", SIGSTOP),
                                         std::tuple("binance_perpetual", SIGKILL)));

TEST_P(Deaths, exactly_the_orders_of_the_dead_connector_are_cancelled) {
  const auto& [name, signal] = GetParam();
  begin(name);
  ASSERT_FALSE(HasFatalFailure());
  transport::Loop loop;
  auto guard = runtime::Guard::create(loop, guard_options(), null_log());
  ASSERT_TRUE(guard.ok()) << guard.status().to_string();
  EXPECT_EQ(watch(**guard, loop, 4s), std::nullopt) << "it lives: nothing to do";

  ASSERT_EQ(::kill(child_, signal), 0);
  if (signal == SIGKILL) {
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }
  const auto end = watch(**guard, loop, 60s);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(*end, runtime::GuardEnd::cancelled);
  const auto left = open_orders();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_TRUE(left.front().starts_with("calBB")) << left.front();
}

TEST_F(GuardedProcess, while_it_lives_nothing_is_cancelled) {
  begin("crypto_com");
  ASSERT_FALSE(HasFatalFailure());
  transport::Loop loop;
  auto guard = runtime::Guard::create(loop, guard_options(), null_log());
  ASSERT_TRUE(guard.ok()) << guard.status().to_string();
  EXPECT_EQ(watch(**guard, loop, 5s), std::nullopt);
  (*guard)->stop();
  EXPECT_EQ(end_, runtime::GuardEnd::nothing_to_do);
  EXPECT_EQ(open_orders().size(), std::size_t{kOrders + 1});
}

TEST_F(GuardedProcess, a_journal_of_another_connector_is_refused) {
  begin("crypto_com");
  ASSERT_FALSE(HasFatalFailure());
  transport::Loop loop;
  auto options = guard_options();
  options.prefix = "calB";
  auto guard = runtime::Guard::create(loop, std::move(options), null_log());
  ASSERT_TRUE(guard.ok());
  EXPECT_EQ(watch(**guard, loop, 5s), runtime::GuardEnd::refused);
  EXPECT_EQ(open_orders().size(), std::size_t{kOrders + 1});
}

}  // namespace
}  // namespace calypte::test
