// What a connector leaves on record, what the next process takes over, and what happens when nothing can be written.
#include "runtime/journal_keeper.hpp"

#include <csignal>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "connector/registry.hpp"
#include "engine/make_engine.hpp"
#include "journal/log_reader.hpp"

namespace calypte::runtime {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// One process: an engine that was never connected, and its journal.
struct Process {
  std::unique_ptr<engine::ExchangeEngine> engine;
  std::unique_ptr<JournalKeeper> keeper;
  Status status;
};

class Keeper : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("calypte-keeper-" + std::to_string(::getpid()) + "-" +
                                           testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Process begin(const std::string& prefix = "cal", std::size_t segment = std::size_t{1} << 16U) {
    Process process;
    engine::ExchangeEngineOptions options;
    options.trading_pairs = {pair};
    options.client_order_id_prefix = prefix;
    auto made = engine::make_engine(connector::make_venue("crypto_com"),
                                    {.api_key = Secret("k"), .api_secret = Secret("s"), .passphrase = {}}, options,
                                    null_log(), now);
    EXPECT_TRUE(made.ok());
    process.engine = std::move(*made);
    auto opened = JournalKeeper::open({.folder = folder_.string(), .history = "none"},
                                      {.venue = "crypto_com", .prefix = prefix, .environment = "local"},
                                      *process.engine, null_log(), now, {.segment_size = segment, .sync_every = 1ms});
    process.status = opened.status();
    if (opened.ok()) process.keeper = std::move(*opened);
    return process;
  }
  InFlightOrder order(const std::string& id) const {
    return InFlightOrder({.client_order_id = ClientOrderId(id),
                          .trading_pair = pair,
                          .amount = "1"_dec,
                          .price = "0.000000123456789012"_dec,
                          .creation_time = now});
  }
  static std::vector<Event> take(engine::OrderTracker& tracker) { return std::exchange(tracker.events(), {}); }
  TradeUpdate fill(const std::string& id, const std::string& trade, const std::string& amount) const {
    TradeUpdate update;
    update.trade_id = TradeId(trade);
    update.client_order_id = ClientOrderId(id);
    update.trading_pair = pair;
    update.fill_time = now;
    update.fill_price = "2"_dec;
    update.fill_base_amount = *Decimal::parse(amount);
    update.fill_quote_amount = "2"_dec * update.fill_base_amount;
    return update;
  }

  TradingPair pair = TradingPair::from_assets("BTC", "USDT");
  Time now = from_unix_ms(1'790'000'000'000);
  fs::path folder_;
};

TEST_F(Keeper, H_18_an_intent_is_known_to_the_next_process_and_its_outcome_is_unknown) {
  {
    auto first = begin();
    ASSERT_TRUE(first.status.ok()) << first.status.to_string();
    ASSERT_TRUE(first.engine->orders().start_tracking_order(order("a")).ok());
    EXPECT_TRUE(first.keeper->write({}, true));
  }
  auto second = begin();
  ASSERT_TRUE(second.status.ok()) << second.status.to_string();
  const auto* known = second.engine->order(ClientOrderId("a"));
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->state(), OrderState::pending_create);
  EXPECT_EQ(known->price(), "0.000000123456789012"_dec);
  EXPECT_TRUE(second.engine->orders().outcome_is_unknown(ClientOrderId("a")));
  const auto events = take(second.engine->orders());
  ASSERT_EQ(events.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<OrderOutcomeUnknownEvent>(events[0]));
  // That was put on record by nobody yet; a third process hears it again, then no more.
  EXPECT_TRUE(second.keeper->write(events, false));
  second.keeper.reset();
  auto third = begin();
  EXPECT_TRUE(take(third.engine->orders()).empty());
  EXPECT_EQ(third.keeper->take_events_to_tell(std::nullopt).size(), 1U);
}

TEST_F(Keeper, events_are_told_once_over_processes_by_the_mark_or_by_the_strategys_own_record) {
  {
    auto first = begin();
    auto& tracker = first.engine->orders();
    ASSERT_TRUE(tracker.start_tracking_order(order("a")).ok());
    tracker.process_trade_update(fill("a", "t1", "0.25"), TradeType::buy, now);
    tracker.process_trade_update(fill("a", "t2", "0.5"), TradeType::buy, now);
    const auto events = take(tracker);  // Created, Filled, Filled
    ASSERT_EQ(events.size(), 3U);
    EXPECT_TRUE(first.keeper->write(events, false));
    EXPECT_EQ(first.keeper->number_of(0), 1U);
    EXPECT_EQ(first.keeper->number_of(2), 3U);
    first.keeper->told(1);
  }
  {
    auto second = begin();
    const auto events = second.keeper->take_events_to_tell(std::nullopt);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].first, 2U);
    EXPECT_EQ(std::get<OrderFilledEvent>(events[0].second).exchange_trade_id, TradeId("t1"));
    EXPECT_TRUE(second.keeper->take_events_to_tell(std::nullopt).empty());
  }
  auto third = begin();
  const auto events = third.keeper->take_events_to_tell(2);  // the second process died before it had told any
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].first, 3U);
  // The fills are counted: the same ones again change nothing, a new one does.
  auto& tracker = third.engine->orders();
  tracker.process_trade_update(fill("a", "t1", "0.25"), TradeType::buy, now);
  EXPECT_TRUE(take(tracker).empty());
  EXPECT_EQ(tracker.fetch_order(ClientOrderId("a"))->executed_amount_base(), "0.75"_dec);
  tracker.process_trade_update(fill("a", "t3", "0.125"), TradeType::buy, now);
  const auto more = take(tracker);
  ASSERT_EQ(more.size(), 1U);
  EXPECT_TRUE(third.keeper->write(more, false));
  EXPECT_EQ(third.keeper->number_of(0), 4U) << "numbers go on";
}

TEST_F(Keeper, an_ended_order_is_remembered_so_that_a_late_fill_is_its_own) {
  {
    auto first = begin();
    auto& tracker = first.engine->orders();
    ASSERT_TRUE(tracker.start_tracking_order(order("a")).ok());
    OrderUpdate update;
    update.client_order_id = ClientOrderId("a");
    update.exchange_order_id = ExchangeOrderId("77");
    update.new_state = OrderState::canceled;
    tracker.process_order_update(update, now);
    EXPECT_TRUE(first.keeper->write(take(tracker), false));
  }
  auto second = begin();
  auto& tracker = second.engine->orders();
  ASSERT_NE(tracker.fetch_cached_order(ClientOrderId("a")), nullptr);
  auto late = fill("a", "t1", "0.25");
  late.client_order_id.reset();
  late.exchange_order_id = ExchangeOrderId("77");
  tracker.process_trade_update(late, TradeType::buy, now);
  const auto events = take(tracker);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_TRUE(std::get<OrderFilledEvent>(events[0]).late);
}

TEST_F(Keeper, a_journal_belongs_to_one_connector_and_one_process) {
  auto first = begin();
  EXPECT_EQ(begin().status.code(), StatusCode::denied) << "another process uses it";
  first.keeper.reset();
  const auto other = begin("other");
  EXPECT_EQ(other.status.code(), StatusCode::denied);
  EXPECT_NE(other.status.message().find("prefix 'cal'"), std::string::npos) << other.status.message();
  EXPECT_TRUE(begin().status.ok());
}

TEST_F(Keeper, a_damaged_journal_is_not_guessed_around) {
  {
    auto first = begin();
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(first.engine->orders().start_tracking_order(order("a" + std::to_string(i))).ok());
      EXPECT_TRUE(first.keeper->write({}, true));
    }
  }
  const auto path = journal::segments_of(folder_)->front().path;
  {
    auto* file = std::fopen(path.c_str(), "r+b");
    std::fseek(file, 4000, SEEK_SET);
    std::fputs("damage", file);
    std::fclose(file);
  }
  EXPECT_EQ(begin().status.code(), StatusCode::malformed);
}

/// In a process of its own: the limit on file sizes stands for a full disk.
int trade_on_a_full_disk(Process process, const TradingPair& pair, const std::function<InFlightOrder(int)>& order) {
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = 16;
  ::setrlimit(RLIMIT_FSIZE, &limit);
  auto& engine = *process.engine;
  int written = 0;
  for (; written < 1000; ++written) {
    if (!engine.orders().start_tracking_order(order(written)).ok()) return 10;
    if (!process.keeper->write({}, true)) break;
  }
  if (written == 0 || written == 1000) return 11;
  engine.settle();
  engine.events().clear();
  engine.start(from_unix_ms(1'790'000'000'000));
  (void)engine.buy(pair, "1"_dec, OrderType::limit, "1"_dec, {});
  bool denied = false;
  for (const auto& event : engine.events()) {
    const auto* failure = std::get_if<MarketOrderFailureEvent>(&event);
    denied = denied || (failure != nullptr && failure->reason == FailureReason::not_durable);
  }
  if (!denied) return 12;
  process.keeper->tidy();
  if (process.keeper->write({}, false)) return 13;  // still full
  limit.rlim_cur = before;
  ::setrlimit(RLIMIT_FSIZE, &limit);
  process.keeper->tidy();
  if (!process.keeper->write({}, false)) return 14;
  process.keeper.reset();
  return 0;
}

TEST_F(Keeper, on_a_full_disk_no_new_orders_and_nothing_is_lost) {
  EXPECT_EXIT(::_exit(trade_on_a_full_disk(begin("cal", 1U << 14U), pair,
                                           [this](int i) { return order("a" + std::to_string(i)); })),
              testing::ExitedWithCode(0), "");
  auto next = begin();
  ASSERT_TRUE(next.status.ok()) << next.status.to_string();
  const auto orders = next.engine->orders().active_orders();
  ASSERT_GT(orders.size(), 1U);
  for (std::size_t i = 0; i < orders.size(); ++i) {
    EXPECT_EQ(orders[i]->client_order_id().value, "a" + std::to_string(i)) << "the one that met the full disk too";
  }
}

TEST_F(Keeper, the_log_is_shortened_and_a_restart_knows_the_same) {
  {
    auto first = begin("cal", 1U << 14U);
    for (int i = 0; i < 300; ++i) {
      ASSERT_TRUE(first.engine->orders().start_tracking_order(order("a" + std::to_string(i))).ok());
      EXPECT_TRUE(first.keeper->write({}, true));
    }
  }
  const auto before = journal::segments_of(folder_)->size();
  auto second = begin("cal", std::size_t{1} << 20U);
  second.keeper->tidy();
  for (int i = 0; i < 500 && journal::segments_of(folder_)->size() >= before; ++i) ::usleep(10'000);
  EXPECT_LT(journal::segments_of(folder_)->size(), before);
  second.keeper.reset();
  auto third = begin("cal", std::size_t{1} << 20U);
  ASSERT_TRUE(third.status.ok()) << third.status.to_string();
  EXPECT_EQ(third.engine->orders().active_orders().size(), 300U);
}

}  // namespace
}  // namespace calypte::runtime
